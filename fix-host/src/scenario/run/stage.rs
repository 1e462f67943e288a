//! The stage: all parties with their connections, the values that have names, and the time.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use fix_core::{
    msg::msg_type::MsgType,
    tag::Tag,
    time::{Mono, Now},
};
use rand::{RngExt, rngs::ChaCha12Rng};
use tokio::sync::mpsc;

use super::{
    link::{Link, Pipe},
    party::Party,
    play::Ids,
    time::Time,
};
use crate::{
    exchange::floor::Floor,
    net::listener::Arrival,
    scenario::{
        outcome::Journal,
        pattern::{Condition, Judgement},
        script::Span,
        template::{Template, Values, timestamp},
    },
};

/// How often the prices of an exchange move.
pub(super) const TICK: Duration = Duration::from_secs(1);

/// A connection that is being made: its link, and what was read from it already.
pub(super) type Making = Pin<Box<dyn Future<Output = Result<Link, String>>>>;

/// How a party gets its connection.
pub(super) enum Door {
    /// It connects, whenever it is told to.
    Dial { dial: Box<dyn Fn() -> Making>, making: Option<Making> },
    /// Connections come in.
    Accept(mpsc::Receiver<Box<Arrival>>),
    /// Connections come in, of whomever.
    AcceptAny(tokio::net::TcpListener),
    /// The party at this place of the stage is the counterparty.
    Memory(usize),
}

/// All that a script acts on.
pub(super) struct Stage<'i> {
    pub(super) parties: Vec<Party>,
    pub(super) doors: Vec<Door>,
    /// By the place of a party in the script: its place here.
    pub(super) places: Vec<Option<usize>>,
    pub(super) variables: BTreeMap<String, Vec<u8>>,
    /// Values in the place of those that `let` gives.
    pub(super) set: &'i BTreeMap<String, String>,
    pub(super) time: Time,
    pub(super) random: ChaCha12Rng,
    pub(super) ids: &'i mut Ids,
    pub(super) journal: Rc<Journal>,
    /// The floor of the exchange that plays along, and when its prices move next.
    pub(super) floor: Option<(Floor, Mono)>,
    /// Why no connection could be made.
    pub(super) unavailable: Option<String>,
}

impl Stage<'_> {
    pub(super) fn now(&self) -> Now {
        self.time.now()
    }

    /// The time for this round.
    pub(super) fn tick(&mut self) -> Now {
        let now = self.time.now();
        self.journal.now.set(now.mono);
        if let Some((floor, next)) = &mut self.floor {
            if floor.due().is_some_and(|due| due <= now.utc) {
                floor.advance(now.utc);
            }
            if now.mono >= *next {
                floor.tick(now.utc);
                *next = now.mono.after(TICK);
            }
        }
        now
    }

    /// Lets an initiator connect.
    pub(super) fn connect(&mut self, place: usize) {
        let now = self.now();
        if let Some(party) = self.parties.get_mut(place) {
            party.ended = None;
            party.inbox.clear();
        }
        match self.doors.get_mut(place) {
            Some(Door::Dial { dial, making }) => *making = Some(dial()),
            Some(Door::Memory(other)) => {
                let other = *other;
                let (ours, theirs) = Pipe::pair();
                if let Some(other) = self.parties.get_mut(other) {
                    if other.link.is_some() {
                        other.disconnected("the counterparty connected again".to_owned(), now);
                    }
                    other.connected(Link::Memory(theirs), &[], now);
                }
                if let Some(party) = self.parties.get_mut(place) {
                    party.connected(Link::Memory(ours), &[], now);
                }
            }
            _ => {}
        }
    }

    /// Moves bytes and connections. True if something moved.
    pub(super) fn turn(&mut self, cx: &mut Context<'_>, now: Now) -> bool {
        let mut has_moved = false;
        for (party, door) in self.parties.iter_mut().zip(&mut self.doors) {
            if party.link.is_none() {
                match door.poll(cx) {
                    Poll::Pending => {}
                    Poll::Ready(Ok((link, first))) => {
                        party.connected(link, &first, now);
                        has_moved = true;
                    }
                    Poll::Ready(Err(error)) => {
                        self.unavailable.get_or_insert(format!("{}: {error}", party.name));
                        has_moved = true;
                    }
                }
            }
            has_moved |= party.turn(cx, now);
        }
        has_moved
    }

    /// Fills a template in for a party; `received` is the message that `$in` speaks of.
    pub(super) fn fill(&mut self, template: &Template, received: Option<&[u8]>) -> Result<Vec<u8>, String> {
        let now = self.now().utc;
        let Stage { variables, ids, .. } = self;
        template.fill(&mut Values { variables, received, now, new_id: &mut || ids.next() })
    }

    /// Holds conditions on messages of one type against a message; each can speak of the values that those before it gave a name.
    pub(super) fn judge(
        &mut self,
        conditions: &[Condition],
        msg_type: MsgType,
        message: &[u8],
        received: Option<&[u8]>,
    ) -> Result<Vec<Judgement>, String> {
        let now = self.now().utc;
        let mut variables = Cow::Borrowed(&self.variables);
        let mut judged = Vec::new();
        for condition in conditions {
            let ids = &mut *self.ids;
            let mut values = Values { variables: &variables, received, now, new_id: &mut || ids.next() };
            let one = condition.judge(message, msg_type.as_bytes(), &mut values)?;
            if let Some(captured) = condition.capture.clone().zip(one.found.clone()) {
                variables.to_mut().extend([captured]);
            }
            judged.push(one);
        }
        Ok(judged)
    }

    /// Gives values their names.
    pub(super) fn keep(&mut self, captured: impl IntoIterator<Item = (String, Vec<u8>)>) {
        self.variables.extend(captured);
    }

    /// A time out of a span, as the seed says.
    pub(super) fn choose(&mut self, span: Span) -> Duration {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let chosen = self.random.random_range(micros(span.least)..=micros(span.most));
        self.time.scaled(Duration::from_micros(chosen))
    }

    /// When a party must be looked at again though nothing comes.
    pub(super) fn deadline(&self, now: Now) -> Option<Mono> {
        let floor = self.floor.as_ref().map(|(floor, tick)| {
            let due = floor.due().filter(|due| *due > now.utc);
            due.map_or(*tick, |due| now.mono.after(due.abs_diff(now.utc)).min(*tick))
        });
        self.parties.iter().filter_map(|party| party.deadline(now)).chain(floor).min()
    }

    /// The time as a field.
    pub(super) fn timestamp(&self) -> Vec<u8> {
        timestamp(self.now().utc)
    }

    /// Sends through a party, and keeps what has a name.
    pub(super) fn send(
        &mut self,
        place: usize,
        msg_type: MsgType,
        fields: &[(Tag, Option<Vec<u8>>)],
    ) -> Result<(), String> {
        let now = self.now();
        let party = self.parties.get_mut(place).ok_or_else(|| "this party does not play".to_owned())?;
        party.send(msg_type, fields, now)
    }
}

impl Door {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(Link, Vec<u8>), String>> {
        match self {
            Door::Dial { making: Some(future), .. } => {
                let made = std::task::ready!(future.as_mut().poll(cx));
                if let Door::Dial { making, .. } = self {
                    *making = None;
                }
                Poll::Ready(made.map(|link| (link, Vec::new())))
            }
            Door::Accept(arrivals) => match std::task::ready!(arrivals.poll_recv(cx)) {
                Some(arrival) => {
                    let Arrival { stream, bytes, .. } = *arrival;
                    Poll::Ready(Ok((Link::Socket(Box::new(stream)), bytes)))
                }
                None => Poll::Pending,
            },
            Door::AcceptAny(listener) => {
                let accepted = std::task::ready!(listener.poll_accept(cx));
                let accepted = accepted.map_err(|error| format!("no connection could be accepted: {error}"));
                Poll::Ready(accepted.map(|(stream, _)| (Link::Socket(Box::new(stream.into())), Vec::new())))
            }
            Door::Dial { .. } | Door::Memory(_) => Poll::Pending,
        }
    }
}
