//! Which session an order goes to.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{mpsc, oneshot};

use crate::{
    contract::{
        control::resolve,
        intake::{Placing, REQUEST_CAPACITY},
        order::OrderCommand,
        request::{OrderReply, Request, Task},
    },
    desk::{DeskCommand, DeskTask, Foreseen},
    observe::Board,
    orders::{Claimed, Orders},
};

/// The sessions that can take orders. Clones share one list.
#[derive(Clone)]
pub struct Router {
    board: Board,
    orders: Orders,
    destinations: Arc<RwLock<Vec<Destination>>>,
}

struct Destination {
    session: Arc<str>,
    /// Acceptor sessions take only the orders that name them.
    is_initiator: bool,
    commands: mpsc::Sender<DeskCommand>,
}

impl Router {
    /// No sessions yet; whether one is logged on is read from `board`, and where orders went from `orders`.
    pub fn new(board: Board, orders: Orders) -> Self {
        Router { board, orders, destinations: Arc::default() }
    }

    /// Adds a session; its tasks arrive at the receiver. The sender leads there too.
    pub fn add(
        &self,
        session: &str,
        is_initiator: bool,
    ) -> (mpsc::WeakSender<DeskCommand>, mpsc::Receiver<DeskCommand>) {
        let (commands, receiver) = mpsc::channel(REQUEST_CAPACITY);
        let weak = commands.downgrade();
        let destination = Destination { session: session.into(), is_initiator, commands };
        self.destinations.write().unwrap_or_else(PoisonError::into_inner).push(destination);
        (weak, receiver)
    }

    fn hand_on(&self, request: Request) {
        let Request { task, reply } = request;
        let destinations = self.destinations.read().unwrap_or_else(PoisonError::into_inner);
        let (destination, task) = match self.admit(task, &destinations) {
            Ok(admitted) => admitted,
            Err(refusal) => return answer(reply, refusal),
        };
        // A session that is busy must not hold up the orders of others; a batch from Redis, though, is settled as a
        // whole, and waits for the slowest of its sessions.
        if let Err(error) = destination.commands.try_send(DeskCommand::Request(task, reply)) {
            let (command, refusal) = match error {
                mpsc::error::TrySendError::Full(command) => {
                    let text = format!("{} has too many orders waiting; not sent", destination.session);
                    (command, OrderReply::Rejected { text })
                }
                mpsc::error::TrySendError::Closed(command) => (command, OrderReply::Stopped),
            };
            let DeskCommand::Request(task, reply) = command else { return };
            // Before the answer: whoever hears it may use the id again.
            drop(task);
            answer(reply, refusal);
        }
    }

    /// The session that a task is for. The ClOrdID of a command is claimed for it.
    fn admit<'d>(
        &self,
        task: Task,
        destinations: &'d [Destination],
    ) -> Result<(&'d Destination, DeskTask), OrderReply> {
        match task {
            Task::Send(command) => match self.claim(command, destinations)? {
                (destination, Ok(claimed)) => Ok((destination, DeskTask::Send(claimed))),
                (_, Err(command)) => {
                    let text = duplicate(&command, self.orders.is_on_its_way(command.cl_ord_id()));
                    tracing::warn!("{text}");
                    Err(OrderReply::Duplicate { text })
                }
            },
            Task::LeftOver(command) => match self.claim(command, destinations)? {
                (destination, Ok(claimed)) => Ok((destination, DeskTask::LeftOver(claimed))),
                // It is in a session's store, so it was accepted: its reports tell what became of it.
                (_, Err(_)) => Err(OrderReply::Noted),
            },
            Task::Preview(command) => {
                let rejected = |text| OrderReply::Rejected { text };
                let destination = self.destination_of(&command, destinations).map_err(rejected)?;
                let is_used = self.orders.session_of(command.cl_ord_id()).is_some();
                let next_out = self.board.session(&destination.session).map_or(1, |view| view.next_out);
                Ok((destination, DeskTask::Preview(command, Foreseen { is_used, next_out })))
            }
            Task::Resolve(resolution) => {
                let id = &resolution.cl_ord_id;
                let session = self.orders.session_of(id);
                match session.and_then(|session| destinations.iter().find(|one| one.session == session)) {
                    Some(destination) => Ok((destination, DeskTask::Resolve(resolution))),
                    None => {
                        let text = format!("no order {} is known here", id.escape_debug());
                        Err(OrderReply::Rejected { text })
                    }
                }
            }
        }
    }

    /// The session that a command is for, and the claim of its id there; the command itself if the id is in use.
    fn claim<'d>(
        &self,
        command: Arc<OrderCommand>,
        destinations: &'d [Destination],
    ) -> Result<(&'d Destination, Result<Claimed, Arc<OrderCommand>>), OrderReply> {
        let destination =
            self.destination_of(&command, destinations).map_err(|text| OrderReply::Rejected { text })?;
        Ok((destination, self.orders.claim(command, &destination.session)))
    }

    /// The session that the command names; the one its order went to; else the first initiator that is logged
    /// on, or the first of all, which then says that there is no counterparty.
    fn destination_of<'d>(
        &self,
        command: &OrderCommand,
        destinations: &'d [Destination],
    ) -> Result<&'d Destination, String> {
        let named = |session: &str| destinations.iter().find(|destination| &*destination.session == session);
        if let Some(name) = command.session() {
            let session = resolve(name, destinations.iter().map(|destination| &*destination.session));
            let session = session.map_err(|error| format!("{error}; not sent"))?;
            return named(session).ok_or_else(|| format!("{session} has ended; not sent"));
        }
        if let Some(original) = command.orig_cl_ord_id()
            && let Some(destination) = self.orders.session_of(original).and_then(|id| named(&id))
        {
            return Ok(destination);
        }
        let initiators = || destinations.iter().filter(|destination| destination.is_initiator);
        let is_up = |destination: &&Destination| self.board.is_session_logged_on(&destination.session);
        initiators().find(is_up).or_else(|| initiators().next()).ok_or_else(|| {
            "there is no initiator session; an order for an acceptor session must name it; not sent"
                .to_owned()
        })
    }
}

impl Placing for Router {
    fn place(&self, request: Request) {
        self.hand_on(request);
    }
}

/// `is_on_its_way`: whether anything is sent with that id is not known yet.
fn duplicate(command: &OrderCommand, is_on_its_way: bool) -> String {
    let (id, word) = (command.cl_ord_id().escape_debug(), command.word());
    let why = match is_on_its_way {
        true => format!("is on its way with another request: this {word} was not sent"),
        false => {
            format!("was used before: this {word} was not sent, and what was sent with that id is as it was")
        }
    };
    format!("ClOrdID(11) {id} {why}; give every request an id of its own")
}

/// A client that no longer waits finds the outcome among the reports.
fn answer(client: oneshot::Sender<OrderReply>, reply: OrderReply) {
    let _ = client.send(reply);
}

#[cfg(test)]
mod tests {
    use fix_core::{session::config::Role, time::UtcTimestamp};

    use super::*;
    use crate::contract::{
        SessionView,
        parse::{OrderRules, parse_order},
        request::STOPPED,
    };

    struct Rig {
        board: Board,
        router: Router,
        sessions: Vec<(&'static str, mpsc::Receiver<DeskCommand>)>,
        /// What the sessions have, and have not sent yet.
        on_the_way: Vec<Claimed>,
        orders: u32,
    }

    impl Rig {
        fn new() -> Self {
            let board = Board::default();
            let router = Router::new(board.clone(), Orders::default());
            let add = |id, is_initiator| (id, router.add(id, is_initiator).1);
            let sessions = vec![
                add("FIX.4.4:D->ACCEPTED", false),
                add("FIX.4.4:D->FIRST", true),
                add("FIX.4.4:D->SECOND", true),
            ];
            Rig { board, router, sessions, on_the_way: Vec::new(), orders: 0 }
        }

        fn log_on(&self, id: &str, logged_on: bool) {
            let view = SessionView::new(id, Role::Initiator, UtcTimestamp::from_unix(0, 0));
            self.board.put_session(SessionView { logged_on, ..view });
        }

        /// Where an order ends up, or what its sender is told. The first one is `A1`.
        fn place(&mut self, more: &str) -> String {
            self.orders += 1;
            let id = self.orders;
            let json = format!(
                r#"{{"clOrdID":"A{id}","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"{more}}}"#
            );
            self.hand_on(&json)
        }

        fn hand_on(&mut self, json: &str) -> String {
            let now = UtcTimestamp::from_unix(0, 0);
            let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), now).unwrap();
            let (reply, mut answer) = oneshot::channel();
            self.router.hand_on(Request { task: Task::Send(command.into()), reply });
            for (id, requests) in &mut self.sessions {
                if let Ok(DeskCommand::Request(DeskTask::Send(claimed), _)) = requests.try_recv() {
                    self.on_the_way.push(claimed);
                    return (*id).to_owned();
                }
            }
            match answer.try_recv().unwrap() {
                OrderReply::Rejected { text } | OrderReply::Duplicate { text } => text,
                OrderReply::Stopped => STOPPED.to_owned(),
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
        let unknown = cancel.replace("A1", "A2").replace("C1", "C2");
        assert_eq!(rig.hand_on(&unknown), "FIX.4.4:D->FIRST");
    }

    #[test]
    fn a_cl_ord_id_is_used_once_until_its_order_turns_out_not_sent() {
        let mut rig = Rig::new();
        rig.log_on("FIX.4.4:D->FIRST", true);
        assert_eq!(rig.place(""), "FIX.4.4:D->FIRST");
        for again in [
            r#"{"clOrdID":"A1","symbol":"2Y","side":"SELL","qty":2,"ordType":"MARKET","session":"SECOND"}"#,
            r#"{"type":"CANCEL","origClOrdID":"A9","clOrdID":"A1","symbol":"2Y","side":"BUY"}"#,
        ] {
            let text = rig.hand_on(again);
            assert!(text.starts_with("ClOrdID(11) A1 is on its way with another request: this "), "{text}");
        }
        rig.on_the_way.clear();
        rig.orders = 0;
        assert_eq!(rig.place(""), "FIX.4.4:D->FIRST");
        rig.on_the_way.drain(..).for_each(Claimed::keep);
        rig.orders = 0;
        let text = rig.place("");
        assert!(text.starts_with("ClOrdID(11) A1 was used before: this order was not sent"), "{text}");
    }

    #[test]
    fn a_left_over_command_whose_id_a_store_holds_is_noted_and_no_desk_hears_of_it() {
        let mut rig = Rig::new();
        let now = UtcTimestamp::from_unix(0, 0);
        let json = br#"{"clOrdID":"A1","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"}"#;
        let command = parse_order(json, &OrderRules::any_symbol(), now).unwrap();
        rig.router.orders.remember("A1", Some(command.clone()), &"FIX.4.4:D->FIRST".into());
        let (reply, mut answer) = oneshot::channel();
        rig.router.hand_on(Request { task: Task::LeftOver(command.into()), reply });
        assert_eq!(answer.try_recv().unwrap(), OrderReply::Noted);
        assert!(rig.sessions.iter_mut().all(|(_, requests)| requests.try_recv().is_err()));
    }

    #[test]
    fn a_busy_session_refuses_instead_of_holding_up_the_others() {
        let mut rig = Rig::new();
        rig.sessions.truncate(2);
        let text = rig.place(r#","session":"SECOND""#);
        assert_eq!(text, "the engine is stopping; the order was not sent");
        rig.orders = 0;
        let text = rig.place(r#","session":"SECOND""#);
        assert!(text.contains("is stopping"), "the id of an order that was not sent is free: {text}");
    }
}
