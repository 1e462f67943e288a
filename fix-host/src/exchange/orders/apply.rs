//! What the book says, as reports of the orders concerned.

use fix_core::dict::fix44::code;

use super::{
    super::book::{CancelReason, Event, Kind, OrderId, Quantity, RejectReason, Ticks},
    OrderStates,
    output::{Output, Report},
    record::{Life, Trade},
    request::{Asks, Waiting},
};

impl OrderStates {
    /// Takes one event of a book; those of one command in their order.
    pub fn apply(&mut self, event: Event, out: &mut Vec<Output>) {
        match event {
            Event::Accepted { id } => self.accepted(id, out),
            Event::Replaced { id, open } => self.replaced(id, open, out),
            Event::Traded { maker: one, taker: other, price, qty }
            | Event::Crossed { buy: one, sell: other, price, qty } => {
                self.traded(one, price, qty, out);
                self.traded(other, price, qty, out);
            }
            Event::Cancelled { id, reason, .. } => self.cancelled(id, reason, out),
            Event::Rejected { id, reason } => self.rejected(id, reason, out),
            // FIX 4.4 has no ExecType(150) for it.
            Event::Triggered { .. } => {}
        }
    }

    /// The request that the book was told of.
    fn answered(&mut self, id: OrderId) -> Option<Waiting> {
        let waiting = &mut self.orders.get_mut(id)?.waiting;
        let answered = if waiting.front()?.is_decided { waiting.pop_front() } else { None };
        if waiting.is_empty() {
            self.room = std::mem::take(waiting);
        }
        self.recount(id);
        answered
    }

    fn accepted(&mut self, id: OrderId, out: &mut Vec<Output>) {
        let waiting = self.answered(id);
        let Some(record) = self.record_mut(id) else { return };
        let qty = match &waiting {
            Some(Waiting { asks: Asks::Replace { qty, .. }, .. }) => *qty,
            _ => record.qty,
        };
        record.in_book = qty.saturating_sub(record.cum_qty());
        if waiting.as_ref().is_some_and(|waiting| waiting.asks == Asks::New) {
            record.life = Life::Live;
        }
        self.recount(id);
        match waiting {
            Some(Waiting { asks: Asks::New, .. }) => {
                out.extend(self.report(id, code::ExecType::NEW).map(Output::report));
            }
            Some(waiting) => self.changed(id, waiting, out),
            None => {}
        }
    }

    fn replaced(&mut self, id: OrderId, open: Quantity, out: &mut Vec<Output>) {
        if let Some(record) = self.record_mut(id) {
            record.in_book = open;
        }
        self.recount(id);
        if let Some(waiting) = self.answered(id) {
            self.changed(id, waiting, out);
        }
    }

    /// A request to replace is done: 150=5, and the order has the new ClOrdID(11).
    fn changed(&mut self, id: OrderId, waiting: Waiting, out: &mut Vec<Output>) {
        let Asks::Replace { qty, price, stop, display_qty, lasts } = waiting.asks else { return };
        let Some(record) = self.record_mut(id) else { return };
        record.qty = qty.max(record.cum_qty());
        record.terms.kind = with_prices(record.terms.kind, price, stop);
        if let Some((time_in_force, expires)) = lasts {
            (record.terms.time_in_force, record.terms.expires) = (time_in_force, expires);
        }
        record.terms.display_qty = display_qty.unwrap_or(record.terms.display_qty).min(record.qty);
        let before = std::mem::replace(&mut record.cl_ord_id, waiting.cl_ord_id);
        let report = self.report(id, code::ExecType::REPLACED);
        let named = report.map(|report| Report { orig_cl_ord_id: Some(before), ..report });
        out.extend(named.map(Output::report));
    }

    pub(super) fn traded(&mut self, id: OrderId, price: Ticks, qty: Quantity, out: &mut Vec<Output>) {
        let exec_id = self.exec_ids + 1;
        // The orders of the venue's own maker are nobody's.
        let Some(record) = self.orders.get_mut(id) else { return };
        self.exec_ids = exec_id;
        record.add_trade(Trade { exec_id, price, qty });
        record.in_book = record.in_book.saturating_sub(qty);
        // The book opened before the order's morning was told.
        record.is_done_for_day = false;
        let report = Report::of(record, id, exec_id, code::ExecType::TRADE);
        out.push(Output::report(Report { last: Some((price, qty)), ..report }));
        self.recount(id);
    }

    pub(super) fn cancelled(&mut self, id: OrderId, reason: CancelReason, out: &mut Vec<Output>) {
        let waiting = if reason == CancelReason::Requested { self.answered(id) } else { None };
        let Some(record) = self.record_mut(id) else { return };
        (record.in_book, record.is_done_for_day, record.suspended) = (0, false, None);
        match waiting {
            Some(waiting) if matches!(waiting.asks, Asks::Replace { .. }) => {
                return self.changed(id, waiting, out);
            }
            Some(waiting) => {
                record.life = Life::Canceled;
                let before = std::mem::replace(&mut record.cl_ord_id, waiting.cl_ord_id);
                let report = self.report(id, code::ExecType::CANCELED);
                let named = report.map(|report| Report { orig_cl_ord_id: Some(before), ..report });
                out.extend(named.map(Output::report));
                return self.recount(id);
            }
            None => {}
        }
        let (life, exec_type) = match reason {
            CancelReason::DayOver => (Life::DoneForDay, code::ExecType::DONE_FOR_DAY),
            CancelReason::Expired | CancelReason::OpeningOver | CancelReason::ClosingOver => {
                (Life::Expired, code::ExecType::EXPIRED)
            }
            _ => (Life::Canceled, code::ExecType::CANCELED),
        };
        record.life = life;
        let report = self.report(id, exec_type);
        out.extend(
            report.map(|report| Output::report(Report { text: said_of(reason).map(Into::into), ..report })),
        );
        self.recount(id);
    }

    fn rejected(&mut self, id: OrderId, reason: RejectReason, out: &mut Vec<Output>) {
        let Some(record) = self.record(id) else { return };
        let is_in_book = record.in_book > 0;
        let Some(waiting) = record.waiting.front().filter(|waiting| waiting.is_decided) else { return };
        match waiting.asks {
            Asks::New => {
                self.answered(id);
                self.end(id, Life::Rejected);
                let report = self.report(id, code::ExecType::REJECTED);
                let (reason, text) = ord_rej_reason(reason);
                let (ord_rej_reason, text) = (Some(reason), Some(text.into()));
                out.extend(report.map(|report| Output::report(Report { ord_rej_reason, text, ..report })));
            }
            // The book has the rest of the order, which goes on; a later decision opens what a bust has added to it.
            Asks::Reopen if is_in_book => _ = self.answered(id),
            // The book has nothing of the order and does not take it.
            Asks::Reopen => {
                self.answered(id);
                self.not_taken(id, ord_rej_reason(reason).1, out);
            }
            Asks::Cancel | Asks::Replace { .. } => {
                let (reason, text) = cxl_rej_reason(reason);
                self.refuse(id, reason, text, out);
            }
        }
    }

    /// An order that was accepted before, and what is open of it does not come to its book: Text(58) says why.
    pub fn not_taken(&mut self, id: OrderId, text: &'static str, out: &mut Vec<Output>) {
        self.end(id, Life::Canceled);
        let report = self.report(id, code::ExecType::CANCELED);
        out.extend(report.map(|report| Output::report(Report { text: Some(text.into()), ..report })));
    }

    pub(super) fn end(&mut self, id: OrderId, life: Life) {
        if let Some(record) = self.record_mut(id) {
            (record.life, record.in_book) = (life, 0);
            (record.is_done_for_day, record.suspended) = (false, None);
            self.recount(id);
        }
    }
}

/// The kind with other prices.
pub(super) fn with_prices(kind: Kind, price: Option<Ticks>, new_stop: Option<Ticks>) -> Kind {
    match kind {
        Kind::Limit(limit) => Kind::Limit(price.unwrap_or(limit)),
        Kind::Stop(stop) => Kind::Stop(new_stop.unwrap_or(stop)),
        Kind::StopLimit { stop, limit } => {
            Kind::StopLimit { stop: new_stop.unwrap_or(stop), limit: price.unwrap_or(limit) }
        }
        Kind::Market | Kind::MarketToLimit => kind,
    }
}

/// Text(58) of an order that ended though nobody asked for it.
fn said_of(reason: CancelReason) -> Option<&'static str> {
    match reason {
        CancelReason::Requested => None,
        CancelReason::NotImmediate => Some("what cannot trade at once is cancelled, as TimeInForce(59) asks"),
        CancelReason::BelowMinimum => Some("less than MinQty(110) could trade at once"),
        CancelReason::NoCounterparty => Some("nobody in the book to trade with at any price"),
        CancelReason::SelfMatch => Some("it would have traded with an order of its own session"),
        CancelReason::OpeningOver => Some("the opening is over"),
        CancelReason::ClosingOver => Some("the closing is over"),
        CancelReason::DayOver => Some("the day is over"),
        CancelReason::Expired => Some("its time is over"),
    }
}

/// OrdRejReason(103) and Text(58) of an order that its book does not take.
pub fn ord_rej_reason(reason: RejectReason) -> (code::OrdRejReason, &'static str) {
    use code::OrdRejReason as Reason;
    match reason {
        RejectReason::DuplicateId => (Reason::DUPLICATE_ORDER, "this order is here already"),
        RejectReason::UnknownId => (Reason::UNKNOWN_ORDER, "unknown order"),
        RejectReason::Quantity => (
            Reason::INCORRECT_QUANTITY,
            "OrderQty(38) must be above 0, MinQty(110) and MaxFloor(111) at most as much, MaxFloor at least a thousandth",
        ),
        RejectReason::Price => (Reason::OTHER, "not with this Price(44) or StopPx(99)"),
        RejectReason::Combination => (
            Reason::UNSUPPORTED_ORDER_CHARACTERISTIC,
            "OrdType(40), TimeInForce(59), MinQty(110) and MaxFloor(111) do not go together so",
        ),
        RejectReason::Phase => {
            (Reason::EXCHANGE_CLOSED, "the market takes no such order in its present phase")
        }
    }
}

fn cxl_rej_reason(reason: RejectReason) -> (code::CxlRejReason, &'static str) {
    let other = code::CxlRejReason::OTHER;
    match reason {
        RejectReason::UnknownId => {
            (code::CxlRejReason::TOO_LATE_TO_CANCEL, "the order is filled or cancelled")
        }
        RejectReason::Quantity => (other, "not with this OrderQty(38)"),
        RejectReason::Price => (other, "not with this Price(44) or StopPx(99)"),
        RejectReason::Phase => (other, "not in this phase of the market"),
        RejectReason::Combination | RejectReason::DuplicateId => (other, "the order cannot be changed so"),
    }
}
