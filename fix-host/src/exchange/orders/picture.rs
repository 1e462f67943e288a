//! An order as the venue itself sees it.

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::{
    super::book::{OrderId, Owner, Quantity, Ticks},
    OrderStates,
    record::{Record, Trade},
    request::Asks,
    terms::Terms,
};

/// An order with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// The number of its OrderID(37).
    pub id: OrderId,
    /// Whose it is.
    pub owner: Owner,
    /// ClOrdID(11) of the last accepted request.
    pub cl_ord_id: &'a str,
    /// What it asks for.
    pub terms: &'a Terms,
    /// OrderQty(38).
    pub order_qty: Quantity,
    /// OrdStatus(39).
    pub ord_status: code::OrdStatus,
    /// CumQty(14).
    pub cum_qty: Quantity,
    /// LeavesQty(151).
    pub leaves_qty: Quantity,
    /// AvgPx(6).
    pub avg_px: Decimal,
    /// MsgType(35) of the oldest request that waits to be decided, D, F or G, and its ClOrdID(11).
    pub waits: Option<(&'static str, &'a str)>,
    record: &'a Record,
}

/// An execution that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The number of its ExecID(17).
    pub exec_id: u64,
    /// LastPx(31).
    pub price: Ticks,
    /// LastQty(32).
    pub qty: Quantity,
}

impl Trade {
    pub(super) fn shown(self) -> Execution {
        let Trade { exec_id, price, qty } = self;
        Execution { exec_id, price, qty }
    }
}

impl Picture<'_> {
    /// Its executions, the oldest first.
    pub fn executions(&self) -> impl Iterator<Item = Execution> {
        self.record.trades().iter().map(|trade| trade.shown())
    }

    /// True if it is suspended, whatever its OrdStatus(39) says first.
    pub fn is_suspended(&self) -> bool {
        self.record.suspended.is_some()
    }
}

impl OrderStates {
    /// One that is known.
    pub fn picture(&self, id: OrderId) -> Option<Picture<'_>> {
        self.record(id).map(|record| picture(id, record))
    }

    /// All orders that are known, oldest first; without those that have ended and can trade no more, if so asked.
    pub fn pictures(&self, with_ended: bool) -> Vec<Picture<'_>> {
        let ids = self.orders.ids(|record| with_ended || record.may_trade());
        ids.into_iter().filter_map(|id| Some(picture(id, self.record(id)?))).collect()
    }
}

fn picture(id: OrderId, record: &Record) -> Picture<'_> {
    let undecided = record.waiting.iter().find(|waiting| !waiting.is_decided);
    let waits = undecided.and_then(|waiting| {
        let msg_type = match waiting.asks {
            Asks::New => "D",
            Asks::Cancel => "F",
            Asks::Replace { .. } => "G",
            Asks::Reopen => return None,
        };
        Some((msg_type, &*waiting.cl_ord_id))
    });
    Picture {
        id,
        owner: record.owner,
        cl_ord_id: &record.cl_ord_id,
        terms: &record.terms,
        order_qty: record.qty,
        ord_status: record.ord_status(),
        cum_qty: record.cum_qty(),
        leaves_qty: record.leaves_qty(),
        avg_px: record.avg_px(),
        waits,
        record,
    }
}
