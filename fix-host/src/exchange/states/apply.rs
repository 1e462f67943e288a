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
        let waiting = &mut self.record_mut(id)?.waiting;
        if waiting.front()?.is_decided { waiting.pop_front() } else { None }
    }

    fn accepted(&mut self, id: OrderId, out: &mut Vec<Output>) {
        let waiting = self.answered(id);
        let Some(record) = self.record_mut(id) else { return };
        let qty = match &waiting {
            Some(Waiting { asks: Asks::Replace { qty, .. }, .. }) => *qty,
            _ => record.terms.qty,
        };
        record.in_book = qty.saturating_sub(record.cum_qty());
        match waiting {
            Some(Waiting { asks: Asks::New, .. }) => {
                record.life = Life::Live;
                out.extend(self.report(id, code::ExecType::NEW).map(Output::Report));
            }
            Some(waiting) => self.changed(id, waiting, out),
            None => {}
        }
    }

    fn replaced(&mut self, id: OrderId, open: Quantity, out: &mut Vec<Output>) {
        if let Some(record) = self.record_mut(id) {
            record.in_book = open;
        }
        if let Some(waiting) = self.answered(id) {
            self.changed(id, waiting, out);
        }
    }

    /// A request to replace is done: 150=5, and the order has the new ClOrdID(11).
    fn changed(&mut self, id: OrderId, waiting: Waiting, out: &mut Vec<Output>) {
        let Asks::Replace { qty, price, stop } = waiting.asks else { return };
        let Some(record) = self.record_mut(id) else { return };
        record.terms.qty = qty.max(record.cum_qty());
        record.terms.kind = with_prices(record.terms.kind, price, stop);
        let before = std::mem::replace(&mut record.cl_ord_id, waiting.cl_ord_id);
        let report = self.report(id, code::ExecType::REPLACED);
        let named = report.map(|report| Report { orig_cl_ord_id: Some(before), ..report });
        out.extend(named.map(Output::Report));
    }

    fn traded(&mut self, id: OrderId, price: Ticks, qty: Quantity, out: &mut Vec<Output>) {
        let exec_id = self.exec_id();
        let Some(record) = self.record_mut(id) else { return };
        record.trades.push(Trade { exec_id, price, qty });
        record.in_book = record.in_book.saturating_sub(qty);
        // The book opened before the order's morning was told.
        record.is_done_for_day = false;
        let report = Report::of(record, id, exec_id, code::ExecType::TRADE);
        out.push(Output::Report(Report { last: Some((price, qty)), ..report }));
        self.trades.insert(exec_id, id);
    }

    pub(super) fn cancelled(&mut self, id: OrderId, reason: CancelReason, out: &mut Vec<Output>) {
        let waiting = if reason == CancelReason::Requested { self.answered(id) } else { None };
        let Some(record) = self.record_mut(id) else { return };
        (record.in_book, record.is_done_for_day) = (0, false);
        match waiting {
            Some(waiting) if matches!(waiting.asks, Asks::Replace { .. }) => {
                return self.changed(id, waiting, out);
            }
            Some(waiting) => {
                record.life = Life::Canceled;
                let before = std::mem::replace(&mut record.cl_ord_id, waiting.cl_ord_id);
                let report = self.report(id, code::ExecType::CANCELED);
                let named = report.map(|report| Report { orig_cl_ord_id: Some(before), ..report });
                return out.extend(named.map(Output::Report));
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
        out.extend(self.report(id, exec_type).map(Output::Report));
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
                let ord_rej_reason = Some(ord_rej_reason(reason));
                out.extend(report.map(|report| Output::Report(Report { ord_rej_reason, ..report })));
            }
            // The book has the rest of the order, which goes on; a later decision opens what a bust has added to it.
            Asks::Reopen if is_in_book => _ = self.answered(id),
            // The book has nothing of the order and does not take it.
            Asks::Reopen => {
                self.answered(id);
                self.end(id, Life::Canceled);
                out.extend(self.report(id, code::ExecType::CANCELED).map(Output::Report));
            }
            Asks::Cancel | Asks::Replace { .. } => {
                let (reason, text) = cxl_rej_reason(reason);
                self.refuse(id, reason, text, out);
            }
        }
    }

    fn end(&mut self, id: OrderId, life: Life) {
        if let Some(record) = self.record_mut(id) {
            (record.life, record.in_book, record.is_done_for_day) = (life, 0, false);
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

fn ord_rej_reason(reason: RejectReason) -> code::OrdRejReason {
    match reason {
        RejectReason::DuplicateId => code::OrdRejReason::DUPLICATE_ORDER,
        RejectReason::UnknownId => code::OrdRejReason::UNKNOWN_ORDER,
        RejectReason::Quantity => code::OrdRejReason::INCORRECT_QUANTITY,
        RejectReason::Price => code::OrdRejReason::OTHER,
        RejectReason::Combination => code::OrdRejReason::UNSUPPORTED_ORDER_CHARACTERISTIC,
        RejectReason::Phase => code::OrdRejReason::EXCHANGE_CLOSED,
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
