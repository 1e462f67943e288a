//! Which session an order goes to.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, PoisonError, RwLock},
};

use tokio::sync::mpsc;

use crate::{
    bus::{
        control::resolve,
        order::OrderCommand,
        request::{OrderReply, REQUEST_CAPACITY, Request},
    },
    observe::Board,
};

/// Orders whose session is remembered, so that a cancel goes where its order went.
const REMEMBERED_ORDERS: usize = 65_536;

/// The sessions that can take orders. Clones share one list.
#[derive(Clone)]
pub struct Router {
    board: Board,
    desks: Arc<RwLock<Vec<Desk>>>,
}

struct Desk {
    session: String,
    /// Acceptor sessions take only the orders that name them.
    is_initiator: bool,
    requests: mpsc::Sender<Request>,
}

/// Where recent orders went: an index into the list of desks by ClOrdID(11), oldest first.
#[derive(Default)]
struct Sent {
    places: HashMap<String, usize>,
    order: VecDeque<String>,
}

impl Sent {
    fn remember(&mut self, cl_ord_id: &str, place: usize) {
        if self.places.insert(cl_ord_id.to_owned(), place).is_none() {
            self.order.push_back(cl_ord_id.to_owned());
        }
        while self.order.len() > REMEMBERED_ORDERS {
            if let Some(oldest) = self.order.pop_front() {
                self.places.remove(&oldest);
            }
        }
    }
}

impl Router {
    /// No sessions yet; whether one is logged on is read from `board`.
    pub fn new(board: Board) -> Self {
        Router { board, desks: Arc::default() }
    }

    /// Adds a session; its orders arrive at the receiver.
    pub fn add(&self, session: &str, is_initiator: bool) -> mpsc::Receiver<Request> {
        let (requests, receiver) = mpsc::channel(REQUEST_CAPACITY);
        let desk = Desk { session: session.to_owned(), is_initiator, requests };
        self.desks.write().unwrap_or_else(PoisonError::into_inner).push(desk);
        receiver
    }

    /// Hands every request to its session until there are no more.
    pub async fn run(self, mut requests: mpsc::Receiver<Request>) {
        let mut sent = Sent::default();
        while let Some(request) = requests.recv().await {
            self.hand_on(request, &mut sent);
        }
    }

    fn hand_on(&self, request: Request, sent: &mut Sent) {
        let desks = self.desks.read().unwrap_or_else(PoisonError::into_inner);
        let place = match self.place(&request.command, &desks, sent) {
            Ok(place) => place,
            Err(text) => return reject(request, text),
        };
        let Some(desk) = desks.get(place) else { return };
        sent.remember(request.command.cl_ord_id(), place);
        // A session that is busy must not hold up the orders of the others.
        if let Err(error) = desk.requests.try_send(request) {
            let (request, why) = match error {
                mpsc::error::TrySendError::Full(request) => (request, "has too many orders waiting"),
                mpsc::error::TrySendError::Closed(request) => (request, "has ended"),
            };
            reject(request, format!("{} {why}; not sent", desk.session));
        }
    }

    /// The session that the command names; the one its order went to; else the first initiator that is logged
    /// on, or the first of all, which then says that there is no counterparty.
    fn place(&self, command: &OrderCommand, desks: &[Desk], sent: &Sent) -> Result<usize, String> {
        if let Some(name) = command.session() {
            let sessions = desks.iter().map(|desk| desk.session.as_str());
            let session = resolve(name, sessions).map_err(|error| format!("{error}; not sent"))?;
            return Ok(desks.iter().position(|desk| desk.session == session).unwrap_or_default());
        }
        if let OrderCommand::Cancel(cancel) = command
            && let Some(place) = sent.places.get(&cancel.orig_cl_ord_id)
        {
            return Ok(*place);
        }
        let initiators = || desks.iter().enumerate().filter(|(_, desk)| desk.is_initiator);
        let is_up = |desk: &Desk| self.board.session(&desk.session).is_some_and(|view| view.logged_on);
        let place = initiators().find(|(_, desk)| is_up(desk)).or_else(|| initiators().next());
        place.map(|(place, _)| place).ok_or_else(|| {
            "there is no initiator session; an order for an acceptor session must name it; not sent"
                .to_owned()
        })
    }
}

fn reject(request: Request, text: String) {
    // A client that no longer waits finds the outcome among the reports.
    let _ = request.reply.send(OrderReply::Rejected { text });
}

#[cfg(test)]
mod tests {
    use fix_core::{session::config::Role, time::UtcTimestamp};
    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        bus::parse::{OrderRules, parse_order},
        observe::SessionView,
    };

    struct Rig {
        board: Board,
        router: Router,
        sent: Sent,
        sessions: Vec<(&'static str, mpsc::Receiver<Request>)>,
    }

    impl Rig {
        fn new() -> Self {
            let board = Board::default();
            let router = Router::new(board.clone());
            let add = |id, is_initiator| (id, router.add(id, is_initiator));
            let sessions = vec![
                add("FIX.4.4:D->ACCEPTED", false),
                add("FIX.4.4:D->FIRST", true),
                add("FIX.4.4:D->SECOND", true),
            ];
            Rig { board, router, sent: Sent::default(), sessions }
        }

        fn log_on(&self, id: &str, logged_on: bool) {
            let view = SessionView::new(id, Role::Initiator, UtcTimestamp::from_unix(0, 0));
            self.board.put_session(SessionView { logged_on, ..view });
        }

        /// Where an order ends up, or what its sender is told.
        fn place(&mut self, more: &str) -> String {
            let json =
                format!(r#"{{"clOrdID":"A1","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"{more}}}"#);
            self.hand_on(&json)
        }

        fn hand_on(&mut self, json: &str) -> String {
            let now = UtcTimestamp::from_unix(0, 0);
            let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), now).unwrap();
            let (reply, mut answer) = oneshot::channel();
            self.router.hand_on(Request { command, reply }, &mut self.sent);
            for (id, requests) in &mut self.sessions {
                if requests.try_recv().is_ok() {
                    return (*id).to_owned();
                }
            }
            match answer.try_recv().unwrap() {
                OrderReply::Rejected { text } => text,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn orders_go_to_the_first_initiator_that_is_logged_on() {
        let mut rig = Rig::new();
        rig.log_on("FIX.4.4:D->ACCEPTED", true);
        assert_eq!(rig.place(""), "FIX.4.4:D->FIRST", "which answers SIM MODE");
        rig.log_on("FIX.4.4:D->SECOND", true);
        assert_eq!(rig.place(""), "FIX.4.4:D->SECOND");
        rig.log_on("FIX.4.4:D->FIRST", true);
        assert_eq!(rig.place(""), "FIX.4.4:D->FIRST");
    }

    #[test]
    fn a_named_session_gets_the_order_whoever_it_is() {
        let mut rig = Rig::new();
        assert_eq!(rig.place(r#","session":"SECOND""#), "FIX.4.4:D->SECOND");
        assert_eq!(rig.place(r#","session":"FIX.4.4:D->ACCEPTED""#), "FIX.4.4:D->ACCEPTED");
        assert!(rig.place(r#","session":"NOBODY""#).contains("no session \"NOBODY\""));
    }

    #[test]
    fn a_cancel_follows_its_order() {
        let mut rig = Rig::new();
        rig.log_on("FIX.4.4:D->FIRST", true);
        assert_eq!(rig.place(r#","session":"SECOND""#), "FIX.4.4:D->SECOND");
        let cancel = r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"2Y","side":"BUY"}"#;
        assert_eq!(rig.hand_on(cancel), "FIX.4.4:D->SECOND");
        let unknown = cancel.replace("A1", "A2");
        assert_eq!(rig.hand_on(&unknown), "FIX.4.4:D->FIRST");
    }

    #[test]
    fn a_busy_session_refuses_instead_of_holding_up_the_others() {
        let mut rig = Rig::new();
        rig.sessions.truncate(2);
        let text = rig.place(r#","session":"SECOND""#);
        assert!(text.contains("FIX.4.4:D->SECOND has ended; not sent"), "{text}");
    }
}
