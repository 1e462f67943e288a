//! What is counted of a session's orders, and how long each waits for its first report.

use std::time::Instant;

use fix_core::msg::msg_type::MsgType;

use crate::{
    histogram::{Distribution, Histogram},
    log::Direction,
};

/// Places for orders whose first report is waited for. An order may take the place of an older one, whose report is
/// not measured then.
const PLACES: usize = 1024;

/// The kinds of orders: what they are called, and their MsgType(35).
const KINDS: [(&str, MsgType); 3] = [
    ("new", MsgType::NEW_ORDER_SINGLE),
    ("cancel", MsgType::ORDER_CANCEL_REQUEST),
    ("replace", MsgType::ORDER_CANCEL_REPLACE_REQUEST),
];

/// Counts by direction: received, sent.
type Both = [u64; 2];

/// Counts orders and reports of one session.
#[derive(Debug, Default)]
pub(super) struct Trades {
    counts: TradeCounts,
    latency: Histogram,
    /// Each order at the place that the hash of its ClOrdID says: a message takes nothing from the heap, but for the
    /// first, and a session without orders needs no memory.
    waiting: Vec<Option<Waiting>>,
}

/// An order without a report.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    id_hash: u64,
    direction: Direction,
    since: Instant,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TradeCounts {
    orders: [Both; KINDS.len()],
    fills: Both,
    rejects: Both,
    /// From an order to its first report, the other way.
    pub latency: Distribution,
}

impl TradeCounts {
    /// NewOrderSingle(D), OrderCancelRequest(F) and OrderCancelReplaceRequest(G), each by its kind.
    pub fn orders(&self, direction: Direction) -> impl Iterator<Item = (&'static str, u64)> {
        KINDS.into_iter().zip(self.orders).map(move |((kind, _), counts)| (kind, counts[index(direction)]))
    }

    /// ExecutionReports(8) of a fill.
    pub fn fills(&self, direction: Direction) -> u64 {
        self.fills[index(direction)]
    }

    /// ExecutionReports(8) of a rejected order, and OrderCancelRejects(9).
    pub fn rejects(&self, direction: Direction) -> u64 {
        self.rejects[index(direction)]
    }
}

fn index(direction: Direction) -> usize {
    match direction {
        Direction::Incoming => 0,
        Direction::Outgoing => 1,
    }
}

/// True for messages that [`Trades::count`] looks at.
pub(super) fn is_of_interest(msg_type: MsgType) -> bool {
    matches!(msg_type, MsgType::EXECUTION_REPORT | MsgType::ORDER_CANCEL_REJECT)
        || KINDS.iter().any(|(_, kind)| *kind == msg_type)
}

/// True for messages whose ExecType(150) is counted.
pub(super) fn has_exec_type(msg_type: MsgType) -> bool {
    msg_type == MsgType::EXECUTION_REPORT
}

/// What [`Trades::count`] reads of a message.
#[derive(Clone, Copy, Default)]
pub(super) struct TradeFields<'m> {
    /// ClOrdID(11).
    pub(super) cl_ord_id: Option<&'m [u8]>,
    /// ExecType(150).
    pub(super) exec_type: Option<&'m [u8]>,
}

impl Trades {
    pub(super) fn read(&self) -> TradeCounts {
        TradeCounts { latency: self.latency.read(), ..self.counts }
    }

    /// Counts a message that the other side has not had before.
    pub(super) fn count(
        &mut self,
        direction: Direction,
        msg_type: MsgType,
        fields: TradeFields<'_>,
        now: Instant,
    ) {
        let at = index(direction);
        if let Some(kind) = KINDS.iter().position(|(_, kind)| *kind == msg_type) {
            self.counts.orders[kind][at] += 1;
            if let Some(id) = fields.cl_ord_id {
                self.wait_for(id, direction, now);
            }
            return;
        }
        match (msg_type, fields.exec_type) {
            // ExecType(150): F is a fill; 1 and 2 are what FIX 4.2 and its users say instead.
            (MsgType::EXECUTION_REPORT, Some(b"F" | b"1" | b"2")) => self.counts.fills[at] += 1,
            (MsgType::EXECUTION_REPORT, Some(b"8")) | (MsgType::ORDER_CANCEL_REJECT, _) => {
                self.counts.rejects[at] += 1;
            }
            _ => {}
        }
        let Some(id_hash) = fields.cl_ord_id.map(hash) else { return };
        let Some(place) = self.waiting.get_mut(place(id_hash)) else { return };
        if let Some(order) = place.take_if(|order| order.id_hash == id_hash && order.direction != direction) {
            self.latency.observe(now.saturating_duration_since(order.since));
        }
    }

    fn wait_for(&mut self, id: &[u8], direction: Direction, since: Instant) {
        let id_hash = hash(id);
        // Empty until the first order.
        self.waiting.resize(PLACES, None);
        if let Some(place) = self.waiting.get_mut(place(id_hash)) {
            *place = Some(Waiting { id_hash, direction, since });
        }
    }
}

/// FNV-1a. Whoever makes two ids with the same hash has the time of one of his own orders told wrongly.
fn hash(id: &[u8]) -> u64 {
    id.iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

fn place(id_hash: u64) -> usize {
    (id_hash % PLACES as u64) as usize
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn message<'m>(id: &'m [u8], exec_type: &'m [u8]) -> TradeFields<'m> {
        let exec_type = Some(exec_type).filter(|value| !value.is_empty());
        TradeFields { cl_ord_id: Some(id), exec_type }
    }

    #[test]
    fn the_first_report_of_an_order_is_measured_and_no_other() {
        let (mut trades, start) = (Trades::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        trades.count(Direction::Outgoing, MsgType::NEW_ORDER_SINGLE, message(b"A1", b""), at(0));
        trades.count(Direction::Incoming, MsgType::EXECUTION_REPORT, message(b"A0", b"0"), at(1));
        trades.count(Direction::Incoming, MsgType::EXECUTION_REPORT, message(b"A1", b"0"), at(3));
        trades.count(Direction::Incoming, MsgType::EXECUTION_REPORT, message(b"A1", b"F"), at(900));
        trades.count(Direction::Outgoing, MsgType::ORDER_CANCEL_REQUEST, message(b"C1", b""), at(1000));
        trades.count(Direction::Incoming, MsgType::ORDER_CANCEL_REJECT, message(b"C1", b""), at(1001));
        let counts = trades.read();
        assert_eq!(counts.latency.count, 2);
        assert!((counts.latency.seconds - 0.004).abs() < 1e-9);
        let orders: Vec<_> = counts.orders(Direction::Outgoing).collect();
        assert_eq!(orders, [("new", 1), ("cancel", 1), ("replace", 0)]);
        assert_eq!((counts.fills(Direction::Incoming), counts.rejects(Direction::Incoming)), (1, 1));
        assert_eq!((counts.fills(Direction::Outgoing), counts.rejects(Direction::Outgoing)), (0, 0));
    }

    #[test]
    fn orders_that_nobody_answers_cost_bounded_memory_and_later_ones_are_measured() {
        let mut trades = Trades::default();
        for number in 0..3 * PLACES {
            let id = number.to_string();
            let order = message(id.as_bytes(), b"");
            trades.count(Direction::Outgoing, MsgType::NEW_ORDER_SINGLE, order, Instant::now());
        }
        assert_eq!(trades.waiting.len(), PLACES);
        let last = (3 * PLACES - 1).to_string();
        let report = || message(last.as_bytes(), b"0");
        trades.count(Direction::Outgoing, MsgType::EXECUTION_REPORT, report(), Instant::now());
        assert_eq!(trades.read().latency.count, 0, "the answer comes the other way");
        trades.count(Direction::Incoming, MsgType::EXECUTION_REPORT, report(), Instant::now());
        assert_eq!(trades.read().latency.count, 1);
    }
}
