//! What the venue does of itself. A cancellation that nobody asked for needs nothing here: it is the book's, and reported.

use std::{collections::VecDeque, sync::Arc};

use fix_core::dict::fix44::code;

use super::{
    super::book::{CancelReason, Kind, NewOrder, OrderId, Quantity, Ticks},
    OrderStates,
    output::{Output, Report},
    record::{Calculation, Life, Record, Trade},
    request::{Asks, Waiting},
};

impl OrderStates {
    /// Takes an execution back (150=H). What it had filled is open again if the order lives or was filled: the book has it once
    /// that order is [decided](Self::decide). Of an order that has ended otherwise nothing is open again, and one that was filled
    /// and never rests in a book is cancelled. `None` if nothing is to be decided; without such an execution nothing is reported.
    pub fn bust(&mut self, exec_id: u64, out: &mut Vec<Output>) -> Option<OrderId> {
        let (id, at) = self.execution(exec_id)?;
        let new_id = self.exec_id();
        let record = self.record_mut(id)?;
        let was_filled = record.is_filled();
        let Trade { price, qty, .. } = record.remove_trade(at);
        let report = Report::of(record, id, new_id, code::ExecType::TRADE_CANCEL);
        out.push(Output::report(Report { exec_ref_id: Some(exec_id), last: Some((price, qty)), ..report }));
        self.open_again(id, was_filled, out)
    }

    /// Corrects price and quantity of an execution (150=G), which has the new ExecID(17) from then on. The quantity does not
    /// become more: what is open stands in the book. `None` as of [`bust`](Self::bust).
    pub fn correct(
        &mut self,
        exec_id: u64,
        price: Ticks,
        qty: Quantity,
        out: &mut Vec<Output>,
    ) -> Option<OrderId> {
        let (id, at) = self.execution(exec_id)?;
        let was = self.record(id)?.trades()[at].qty;
        if qty == 0 || qty > was {
            return None;
        }
        let new_id = self.exec_id();
        let record = self.record_mut(id)?;
        let was_filled = record.is_filled();
        record.correct_trade(at, Trade { exec_id: new_id, price, qty });
        let report = Report::of(record, id, new_id, code::ExecType::TRADE_CORRECT);
        out.push(Output::report(Report { exec_ref_id: Some(exec_id), last: Some((price, qty)), ..report }));
        if qty < was { self.open_again(id, was_filled, out) } else { None }
    }

    /// What becomes of what was taken back of an order. One that is filled at once or not at all met the market once: it is not
    /// traded at what the market has become since.
    fn open_again(&mut self, id: OrderId, was_filled: bool, out: &mut Vec<Output>) -> Option<OrderId> {
        let rests = self.record(id)?.terms.rests();
        if was_filled && !rests {
            self.not_taken(id, "what was taken back of an order that does not rest is cancelled", out);
            return None;
        }
        self.reopen(id)
    }

    /// Fills an order, or a part of it, at a price that the venue chooses. Returns what is left for its book to have; `None`,
    /// and nothing is reported, if not so much of it can trade.
    pub fn fill(
        &mut self,
        id: OrderId,
        price: Ticks,
        qty: Quantity,
        out: &mut Vec<Output>,
    ) -> Option<Quantity> {
        self.record(id).filter(|record| record.is_live() && (1..=record.in_book).contains(&qty))?;
        self.traded(id, price, qty, out);
        self.record(id).map(|record| record.in_book)
    }

    /// Refuses the oldest request of an order that is not decided, in the venue's words: 150=8 of a new order, an
    /// OrderCancelReject(9) otherwise. False if none waits.
    pub fn refuse_by_hand(&mut self, id: OrderId, text: &str, out: &mut Vec<Output>) -> bool {
        if !self.waits(id) {
            return false;
        }
        if !self.waits_as_new(id) {
            self.refuse(id, code::CxlRejReason::BROKER_CREDIT, text.to_owned(), out);
            return true;
        }
        if let Some(record) = self.record_mut(id) {
            record.waiting.pop_front();
        }
        self.end(id, Life::Rejected);
        let (ord_rej_reason, text) = (Some(code::OrdRejReason::BROKER_CREDIT), Some(text.to_owned().into()));
        let report = self.report(id, code::ExecType::REJECTED);
        out.extend(report.map(|report| Output::report(Report { ord_rej_reason, text, ..report })));
        true
    }

    /// Ends an order of which something is open and that its book does not have: it waits to be accepted, or to be opened again
    /// after a bust. Requests that wait about it come too late. False, and nothing is said, of any other order.
    pub fn end_open(&mut self, id: OrderId, reason: CancelReason, out: &mut Vec<Output>) -> bool {
        let Some(record) = self.record_mut(id) else { return false };
        if record.leaves_qty() == 0 || record.in_book > 0 {
            return false;
        }
        let waiting = std::mem::take(&mut record.waiting);
        self.cancelled(id, reason, out);
        self.come_too_late(id, waiting, out);
        true
    }

    /// An order that waits to be accepted ends by the cancellation that its session has asked for last (150=4): nobody decides
    /// what waits about it. False, and nothing is said, of any other order or request.
    pub fn withdraw(&mut self, id: OrderId, out: &mut Vec<Output>) -> bool {
        let record = self.record_mut(id).filter(|record| record.life == Life::Pending);
        let Some(record) = record else { return false };
        let Some(asked) = record.waiting.pop_back_if(|one| one.asks == Asks::Cancel) else { return false };
        let asked = VecDeque::from([Waiting { is_decided: true, ..asked }]);
        let waiting = std::mem::replace(&mut record.waiting, asked);
        self.cancelled(id, CancelReason::Requested, out);
        self.come_too_late(id, waiting, out);
        true
    }

    /// Requests that waited about an order which has ended meanwhile.
    pub(super) fn come_too_late(
        &mut self,
        id: OrderId,
        mut waiting: VecDeque<Waiting>,
        out: &mut Vec<Output>,
    ) {
        waiting.retain(|one| matches!(one.asks, Asks::Cancel | Asks::Replace { .. }));
        let late = waiting.len();
        if let Some(record) = self.record_mut(id) {
            record.waiting = waiting;
        }
        self.recount(id);
        for _ in 0..late {
            let reason = code::CxlRejReason::TOO_LATE_TO_CANCEL;
            self.refuse(id, reason, "the order is filled or cancelled", out);
        }
    }

    /// Guarantees an order its price (150=7, 39=7 until it is filled).
    pub fn stop(&mut self, id: OrderId, out: &mut Vec<Output>) {
        if let Some(record) = self.record_mut(id).filter(|record| record.is_live()) {
            record.is_stopped = true;
            out.extend(self.report(id, code::ExecType::STOPPED).map(Output::report));
        }
    }

    /// Takes an order out of trading (150=9, 39=9) until it is [resumed](Self::resume): its book has nothing of it, and gets it
    /// back as `kind`.
    pub fn suspend(&mut self, id: OrderId, kind: Kind, out: &mut Vec<Output>) {
        if let Some(record) = self.record_mut(id).filter(|record| record.is_live()) {
            (record.suspended, record.in_book) = (Some(kind), 0);
            self.recount(id);
            out.extend(self.report(id, code::ExecType::SUSPENDED).map(Output::report));
        }
    }

    /// Its book was told of so much less than was decided: the rest is kept back, to be [decided](Self::decide) later.
    pub fn keep_back(&mut self, id: OrderId, qty: Quantity) {
        if let Some(record) = self.record_mut(id) {
            record.in_book = record.in_book.saturating_sub(qty);
            self.recount(id);
        }
    }

    /// True if an order lives of which something is open that its book was not told of.
    pub fn is_kept_back(&self, id: OrderId) -> bool {
        self.record(id).is_some_and(Record::is_to_reopen)
    }

    /// True if the order is suspended.
    pub fn is_suspended(&self, id: OrderId) -> bool {
        self.record(id).is_some_and(|record| record.suspended.is_some())
    }

    /// A suspended order trades again (150=D, 378=8: the exchange's choice), behind all others: what its book is to take.
    pub fn resume(&mut self, id: OrderId, out: &mut Vec<Output>) -> Option<NewOrder> {
        let record = self.record_mut(id)?;
        let kind = record.suspended.take()?;
        let qty = record.leaves_qty();
        let display_qty = record.terms.display_qty.min(qty);
        let order = NewOrder { kind, min_qty: 0, display_qty, ..record.terms.order(id, record.owner, qty) };
        self.recount(id);
        let restatement = Some(code::ExecRestatementReason::MARKET);
        let report = self.report(id, code::ExecType::RESTATED);
        out.extend(report.map(|report| Output::report(Report { restatement, ..report })));
        Some(order)
    }

    /// The orders for an instrument, or for any, that do not outlive the day and are not in their book, because they are
    /// suspended or wait to be accepted. It looks at all orders.
    pub fn beside_book_for_day(&self, place: Option<usize>) -> Vec<OrderId> {
        self.orders.ids(|record| {
            (record.suspended.is_some() || record.life == Life::Pending)
                && !record.is_good_till()
                && record.is_of(place)
        })
    }

    /// What has traded on a day that is over, of orders that are filled or done for the day: each is told to be calculated
    /// (150=B; 39=B, but for those that are done for the day). How many there are.
    pub fn calculate(&mut self, out: &mut Vec<Output>) -> usize {
        let before = out.len();
        self.each(
            Record::is_to_calculate,
            |record| record.calculation = Calculation::Told,
            |report| Report { exec_type: code::ExecType::CALCULATED, ..report },
            out,
        );
        out.len() - before
    }

    /// The day is over: orders that outlive it are done for the day (150=3). Those for the day ended with the book's phase.
    pub fn end_day(&mut self, out: &mut Vec<Output>) {
        self.each(
            |record| record.lives() && record.is_good_till() && !record.is_done_for_day,
            |record| record.is_done_for_day = true,
            |report| Report { exec_type: code::ExecType::DONE_FOR_DAY, ..report },
            out,
        );
    }

    /// The next morning: those orders are told to be there again (150=D, 378=1).
    pub fn begin_day(&mut self, out: &mut Vec<Output>) {
        let restatement = Some(code::ExecRestatementReason::GT_RENEWAL);
        self.each(
            |record| record.lives() && record.is_done_for_day,
            |record| record.is_done_for_day = false,
            |report| Report { exec_type: code::ExecType::RESTATED, restatement, ..report },
            out,
        );
    }

    fn each(
        &mut self,
        is_meant: impl Fn(&Record) -> bool,
        change: impl Fn(&mut Record),
        said: impl Fn(Report) -> Report,
        out: &mut Vec<Output>,
    ) {
        for id in self.orders.ids(is_meant) {
            let exec_id = self.exec_id();
            let Some(record) = self.record_mut(id) else { continue };
            change(record);
            out.push(Output::report(said(Report::of(record, id, exec_id, code::ExecType::NEW))));
        }
    }

    /// The order of an execution, and which of its executions it is. It looks at all: it is asked by hand.
    fn execution(&self, exec_id: u64) -> Option<(OrderId, usize)> {
        let at = |record: &Record| record.trades().iter().position(|trade| trade.exec_id == exec_id);
        let id = *self.orders.ids(|record| at(record).is_some()).first()?;
        Some((id, at(self.record(id)?)?))
    }

    /// How much an execution traded.
    pub fn execution_qty(&self, exec_id: u64) -> Option<Quantity> {
        let (id, at) = self.execution(exec_id)?;
        self.record(id).map(|record| record.trades()[at].qty)
    }

    /// The order of an execution.
    pub fn of_execution(&self, exec_id: u64) -> Option<OrderId> {
        self.execution(exec_id).map(|(id, _)| id)
    }

    /// The orders for an instrument, or for any, of which a bust has opened more than their book has, oldest first. It looks at
    /// all orders.
    pub fn to_reopen(&self, place: Option<usize>) -> Vec<OrderId> {
        self.orders.ids(|record| record.is_of(place) && record.is_to_reopen())
    }

    /// If more of an order is open than its book has, that is [decided](Self::decide) next, before what waits for a person.
    pub fn reopen(&mut self, id: OrderId) -> Option<OrderId> {
        let record = self.record_mut(id).filter(|record| record.is_to_reopen())?;
        let cl_ord_id = Arc::clone(record.last_cl_ord_id());
        record.waiting.push_front(Waiting {
            asks: Asks::Reopen,
            cl_ord_id,
            is_pending: false,
            is_decided: false,
        });
        self.recount(id);
        Some(id)
    }
}
