//! What is counted of a session. Written by its task, read by whoever asks; neither waits long for the other.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    session::{
        event::{Event, Reason},
        state::{Phase, Trigger},
    },
    tag,
};

use super::{
    sought::Sought,
    trades::{TradeCounts, TradeFields, Trades, has_exec_type, is_of_interest},
};
use crate::log::{Direction, Sink, msg_type};

/// Message types counted by name; a counterparty that invents more gets `other`.
const MOST_TYPES: usize = 64;

/// Under what messages beyond [`MOST_TYPES`] are counted.
pub(super) const OTHER: &str = "other";

/// The counters of one session.
#[derive(Default)]
pub struct SessionCounters {
    counts: Mutex<Counts>,
    trades: Mutex<Trades>,
    logs: Vec<Sink>,
}

/// The counts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages by direction and MsgType(35), in the order in which they first came; at most 64 by name.
    messages: Vec<(Direction, MsgType, u64)>,
    /// The rest: received, sent.
    other: (u64, u64),
    /// Connections so far, of which one is the present one.
    pub connections: u64,
    /// Logons so far.
    pub logons: u64,
    /// Times that messages were missing.
    pub gaps: u64,
    /// Byte sequences that were no message.
    pub garbled: u64,
    /// Failures of the store.
    pub store_errors: u64,
    in_gap: bool,
}

impl Counts {
    /// Messages by direction and type.
    pub fn messages(&self) -> impl Iterator<Item = (Direction, String, u64)> {
        let named = self
            .messages
            .iter()
            .map(|(direction, msg_type, count)| (*direction, msg_type.to_string(), *count));
        let other = [(Direction::Incoming, self.other.0), (Direction::Outgoing, self.other.1)];
        let other = other.into_iter().filter(|(_, count)| *count > 0);
        named.chain(other.map(|(direction, count)| (direction, OTHER.to_owned(), count)))
    }

    /// Messages of one type.
    pub fn of(&self, direction: Direction, msg_type: MsgType) -> u64 {
        self.messages
            .iter()
            .find(|known| (known.0, known.1) == (direction, msg_type))
            .map_or(0, |known| known.2)
    }

    fn message(&mut self, direction: Direction, msg_type: Option<MsgType>) {
        let has_room = self.messages.len() < MOST_TYPES;
        let known = self.messages.iter_mut().find(|known| known.0 == direction && Some(known.1) == msg_type);
        match (known, msg_type) {
            (Some((_, _, count)), _) => *count += 1,
            (None, Some(msg_type)) if has_room => self.messages.push((direction, msg_type, 1)),
            _ if direction == Direction::Incoming => self.other.0 += 1,
            _ => self.other.1 += 1,
        }
    }
}

impl SessionCounters {
    /// All at zero; lines that `logs` drop are counted too.
    pub fn new(logs: Vec<Sink>) -> Self {
        SessionCounters { logs, ..Self::default() }
    }

    /// The counts now.
    pub fn read(&self) -> Counts {
        self.lock().clone()
    }

    /// Lines that the session's logs had no room for.
    pub fn log_lines_dropped(&self) -> u64 {
        self.logs.iter().map(Sink::dropped_in_all).sum()
    }

    /// True while lines of a log are lost: its disk is full or too slow, or was, and no line was written since.
    pub fn loses_log_lines(&self) -> bool {
        self.logs.iter().any(|log| log.dropped() > 0)
    }

    /// What is counted of its orders.
    pub fn trades(&self) -> TradeCounts {
        self.lock_trades().read()
    }

    /// Counts a message that the application gets: each once, in order, whether or not it had to be sent again.
    pub fn delivered(&self, message: &Message<'_>) {
        let msg_type = message.msg_type();
        if is_of_interest(msg_type) {
            let fields = TradeFields {
                cl_ord_id: message.get(tag::CL_ORD_ID),
                exec_type: message.get(tag::EXEC_TYPE).filter(|_| has_exec_type(msg_type)),
            };
            self.lock_trades().count(Direction::Incoming, msg_type, fields, Instant::now());
        }
    }

    /// Counts an order or report that is given to the socket, unless it was before.
    fn sent(&self, msg_type: MsgType, message: &[u8]) {
        let found = Sought::find(message, has_exec_type(msg_type));
        if !found.poss_dup {
            let fields = TradeFields { cl_ord_id: found.cl_ord_id, exec_type: found.exec_type };
            self.lock_trades().count(Direction::Outgoing, msg_type, fields, Instant::now());
        }
    }

    /// Counts what a session reports.
    pub fn count(&self, event: &Event<'_>) {
        if let Event::Outbound(message) = event {
            let msg_type = type_of(message);
            self.lock().message(Direction::Outgoing, msg_type);
            return msg_type
                .filter(|known| is_of_interest(*known))
                .map_or((), |known| self.sent(known, message));
        }
        let mut counts = self.lock();
        match event {
            Event::Inbound(message) => counts.message(Direction::Incoming, type_of(message)),
            Event::Garbled { .. } => counts.garbled += 1,
            Event::State { trigger: Trigger::ConnectInitiator | Trigger::ConnectAcceptor, .. } => {
                counts.connections += 1;
            }
            Event::State { to: Phase::LoggedOn, .. } => counts.logons += 1,
            Event::State { to: Phase::Idle, .. } => counts.in_gap = false,
            Event::Decision { reason: Reason::MsgSeqNumTooHigh, .. } => {
                counts.gaps += u64::from(!std::mem::replace(&mut counts.in_gap, true));
            }
            Event::Decision { reason: Reason::GapClosed, .. } => counts.in_gap = false,
            _ => {}
        }
    }

    /// Counts a failure of the store.
    pub fn store_failed(&self) {
        self.lock().store_errors += 1;
    }

    fn lock_trades(&self) -> MutexGuard<'_, Trades> {
        self.trades.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn type_of(message: &[u8]) -> Option<MsgType> {
    msg_type(message).and_then(MsgType::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(msg_type: &str) -> Vec<u8> {
        format!("8=FIX.4.4\x019=5\x0135={msg_type}\x0110=000\x01").into_bytes()
    }

    #[test]
    fn messages_are_counted_by_type_and_invented_types_are_bounded() {
        let counters = SessionCounters::default();
        counters.count(&Event::Inbound(&message("D")));
        counters.count(&Event::Inbound(&message("D")));
        counters.count(&Event::Outbound(&message("8")));
        for number in 0..100 {
            counters.count(&Event::Inbound(&message(&format!("U{number}"))));
        }
        let counts = counters.read();
        assert_eq!(counts.of(Direction::Incoming, MsgType::NEW_ORDER_SINGLE), 2);
        assert_eq!(counts.of(Direction::Outgoing, MsgType::NEW_ORDER_SINGLE), 0);
        assert_eq!(counts.messages().count(), MOST_TYPES + 1);
        assert_eq!(counts.messages().map(|(_, _, count)| count).sum::<u64>(), 103);
        assert!(counts.messages().any(|(_, name, count)| name == OTHER && count == 38));
    }

    #[test]
    fn a_gap_counts_once_until_it_is_closed() {
        let counters = SessionCounters::default();
        let decision = |reason| Event::Decision { reason, msg_seq_num: 7, expected: 5 };
        for reason in
            [Reason::MsgSeqNumTooHigh, Reason::MsgSeqNumTooHigh, Reason::GapClosed, Reason::MsgSeqNumTooHigh]
        {
            counters.count(&decision(reason));
        }
        assert_eq!(counters.read().gaps, 2);
    }
}
