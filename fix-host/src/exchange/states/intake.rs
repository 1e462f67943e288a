//! Requests as they come: which order they are about, and whether they are taken at all.

use std::collections::VecDeque;

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::{
    super::book::{OrderId, Owner, Side},
    OrderStates,
    output::{CancelReject, Output, Report},
    record::{Life, Record},
    request::{Acknowledge, Asks, CancelRequest, NewRequest, ReplaceRequest, Waiting},
};

impl OrderStates {
    /// Takes a new order, which is to be [decided](Self::decide) then: its number; `None` if it is refused or known already.
    pub fn enter(
        &mut self,
        owner: Owner,
        request: NewRequest,
        acknowledge: Acknowledge,
        out: &mut Vec<Output>,
    ) -> Option<OrderId> {
        if let Some(first) = self.known(owner, &request.cl_ord_id) {
            self.known_already(first, &request, out);
            return None;
        }
        let id = OrderId(self.orders.len() as u64);
        let cl_ord_id = request.cl_ord_id.clone();
        self.cl_ord_ids.insert((owner, cl_ord_id.clone()), id);
        self.orders.push(Record {
            owner,
            cl_ord_id: cl_ord_id.clone(),
            terms: request,
            life: Life::Pending,
            waiting: VecDeque::new(),
            trades: Vec::new(),
            is_done_for_day: false,
            is_stopped: false,
            in_book: 0,
        });
        self.wait(id, Asks::New, cl_ord_id, acknowledge, code::ExecType::PENDING_NEW, out);
        Some(id)
    }

    /// A ClOrdID(11) that was used before. Marked as a possible resend it asks how the order stands (FIX 4.4 Vol. 2, case
    /// 19a), otherwise it is a mistake: 150=8 with the state of the first order.
    fn known_already(&mut self, first: OrderId, request: &NewRequest, out: &mut Vec<Output>) {
        let is_order = self.record(first).is_some_and(|record| record.cl_ord_id == request.cl_ord_id);
        let exec_type =
            if request.poss_resend { code::ExecType::ORDER_STATUS } else { code::ExecType::REJECTED };
        let Some(mut report) = self.report(first, exec_type) else { return };
        if !is_order {
            report.cl_ord_id.clone_from(&request.cl_ord_id);
        }
        report.ord_rej_reason = (!request.poss_resend).then_some(code::OrdRejReason::DUPLICATE_ORDER);
        out.push(Output::Report(report));
    }

    /// Takes a request to cancel; the order that is to be decided then, `None` if it is refused.
    pub fn cancel(
        &mut self,
        owner: Owner,
        request: CancelRequest,
        acknowledge: Acknowledge,
        out: &mut Vec<Output>,
    ) -> Option<OrderId> {
        let CancelRequest { cl_ord_id, orig_cl_ord_id } = request;
        let response_to = code::CxlRejResponseTo::ORDER_CANCEL_REQUEST;
        let id = self.find(owner, &cl_ord_id, &orig_cl_ord_id, response_to, out)?;
        self.wait(id, Asks::Cancel, cl_ord_id, acknowledge, code::ExecType::PENDING_CANCEL, out);
        Some(id)
    }

    /// Takes a request to replace, likewise.
    pub fn replace(
        &mut self,
        owner: Owner,
        request: ReplaceRequest,
        acknowledge: Acknowledge,
        out: &mut Vec<Output>,
    ) -> Option<OrderId> {
        let ReplaceRequest { cl_ord_id, orig_cl_ord_id, qty, price, stop } = request;
        let response_to = code::CxlRejResponseTo::ORDER_CANCEL;
        let id = self.find(owner, &cl_ord_id, &orig_cl_ord_id, response_to, out)?;
        let asks = Asks::Replace { qty, price, stop };
        self.wait(id, asks, cl_ord_id, acknowledge, code::ExecType::PENDING_REPLACE, out);
        Some(id)
    }

    /// Tells how an order stands; nothing changes by it.
    pub fn status(&mut self, owner: Owner, cl_ord_id: &str, out: &mut Vec<Output>) {
        let found = self.known(owner, cl_ord_id);
        if let Some(report) = found.and_then(|id| self.report(id, code::ExecType::ORDER_STATUS)) {
            out.push(Output::Report(report));
            return;
        }
        let exec_id = self.exec_id();
        out.push(Output::Report(Report {
            owner,
            order_id: None,
            exec_id,
            exec_ref_id: None,
            cl_ord_id: cl_ord_id.to_owned(),
            orig_cl_ord_id: None,
            exec_type: code::ExecType::ORDER_STATUS,
            ord_status: code::OrdStatus::REJECTED,
            ord_rej_reason: Some(code::OrdRejReason::UNKNOWN_ORDER),
            restatement: None,
            last: None,
            order_qty: 0,
            cum_qty: 0,
            leaves_qty: 0,
            avg_px: Decimal::ZERO,
        }));
    }

    /// The live orders of a session that a mass cancel request means, oldest first: of one symbol or of all, of one side or
    /// both. The caller cancels each in its book; each is reported as any cancellation.
    pub fn mass_cancel(&self, owner: Owner, symbol: Option<&str>, side: Option<Side>) -> Vec<OrderId> {
        let is_meant = |record: &Record| {
            record.owner == owner
                && record.is_live()
                && symbol.is_none_or(|symbol| symbol == record.terms.symbol)
                && side.is_none_or(|side| side == record.terms.side)
        };
        let meant = (0..).zip(&self.orders).filter(|(_, record)| is_meant(record));
        meant.map(|(id, _)| OrderId(id)).collect()
    }

    /// The order that a request is about.
    fn find(
        &self,
        owner: Owner,
        cl_ord_id: &str,
        orig_cl_ord_id: &str,
        response_to: code::CxlRejResponseTo,
        out: &mut Vec<Output>,
    ) -> Option<OrderId> {
        let id = self.known(owner, orig_cl_ord_id);
        let record = id.and_then(|id| self.record(id));
        let (reason, text) = match record {
            None => (code::CxlRejReason::UNKNOWN_ORDER, "unknown order"),
            Some(_) if self.known(owner, cl_ord_id).is_some() => {
                (code::CxlRejReason::DUPLICATE_CL_ORD_ID, "this ClOrdID(11) was used before")
            }
            Some(record) if record.waiting.iter().any(|one| one.is_pending && one.asks == Asks::Cancel) => {
                (code::CxlRejReason::ORDER_ALREADY_IN_PENDING_STATUS, "a cancellation is pending")
            }
            Some(record)
                if record.last_cl_ord_id() != orig_cl_ord_id && record.cl_ord_id != orig_cl_ord_id =>
            {
                (code::CxlRejReason::OTHER, "OrigClOrdID(41) is not the last ClOrdID(11) of this order")
            }
            Some(_) => return id,
        };
        out.push(Output::CancelReject(CancelReject {
            owner,
            order_id: id,
            cl_ord_id: cl_ord_id.to_owned(),
            orig_cl_ord_id: record.map_or(orig_cl_ord_id, |record| &record.cl_ord_id).to_owned(),
            ord_status: record.map_or(code::OrdStatus::REJECTED, Record::ord_status),
            response_to,
            reason,
            text,
        }));
        None
    }

    /// Puts a request behind those that the order has already.
    fn wait(
        &mut self,
        id: OrderId,
        asks: Asks,
        cl_ord_id: String,
        acknowledge: Acknowledge,
        exec_type: code::ExecType,
        out: &mut Vec<Output>,
    ) {
        let exec_id = (acknowledge == Acknowledge::AsPending).then(|| self.exec_id());
        let Some(record) = self.record_mut(id) else { return };
        let orig_cl_ord_id = (asks != Asks::New).then(|| record.last_cl_ord_id().to_owned());
        let is_pending = exec_id.is_some();
        record.waiting.push_back(Waiting {
            asks,
            cl_ord_id: cl_ord_id.clone(),
            is_pending,
            is_decided: false,
        });
        if let Some(exec_id) = exec_id {
            let report = Report::of(record, id, exec_id, exec_type);
            out.push(Output::Report(Report { cl_ord_id: cl_ord_id.clone(), orig_cl_ord_id, ..report }));
        }
        let owner = record.owner;
        self.cl_ord_ids.insert((owner, cl_ord_id), id);
    }
}
