//! Which session an order goes to.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, PoisonError, RwLock},
};

use tokio::sync::mpsc;

use crate::{
    bus::{
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
