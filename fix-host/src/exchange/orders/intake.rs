//! Requests as they come: which order they are about, and whether they are taken at all.

use std::{borrow::Cow, sync::Arc};

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::{
    super::book::{OrderId, Owner, Side},
    OrderStates,
    output::{CancelReject, Output, RefusedRequest, Report},
    record::{Life, Record},
    request::{Acknowledge, Asks, CancelRequest, NewRequest, ReplaceRequest, Waiting},
};

/// Requests about one order that may wait.
const MOST_WAITING: usize = 100;

impl OrderStates {
    /// Takes a new order, which is to be [decided](Self::decide) then: its number; `None` if it is refused or known already.
    pub fn enter(
        &mut self,
        owner: Owner,
        request: NewRequest,
        acknowledge: Acknowledge,
        out: &mut Vec<Output>,
    ) -> Option<OrderId> {
        if self.refuse_known(owner, &request.cl_ord_id, request.poss_resend, out) {
            return None;
        }
        if self.live(owner) >= self.limits.live {
            self.too_many(owner, &request, out);
            return None;
        }
        self.order_ids += 1;
        let id = OrderId(self.order_ids);
        let cl_ord_id = Arc::clone(&request.cl_ord_id);
        self.orders.add(id, Record::new(owner, request));
        self.wait(id, Asks::New, cl_ord_id, acknowledge, code::ExecType::PENDING_NEW, out);
        Some(id)
    }

    /// A session has so many live orders that it may have no more.
    fn too_many(&mut self, owner: Owner, request: &NewRequest, out: &mut Vec<Output>) {
        self.order_ids += 1;
        let (id, exec_id) = (OrderId(self.order_ids), self.exec_id());
        let mut record = Record::new(owner, request.clone());
        record.life = Life::Rejected;
        out.push(Output::report(Report {
            ord_rej_reason: Some(code::OrdRejReason::ORDER_EXCEEDS_LIMIT),
            text: Some("too many orders of this session are working already; cancel some first".into()),
            ..Report::of(&record, id, exec_id, code::ExecType::REJECTED)
        }));
    }

    /// Answers an order whose ClOrdID(11) was used before; false if it was not. Marked as a possible resend it asks how the
    /// order stands (FIX 4.4 Vol. 2, case 19a), otherwise it is a mistake: 150=8 with the state of the first order.
    pub fn refuse_known(
        &mut self,
        owner: Owner,
        cl_ord_id: &Arc<str>,
        poss_resend: bool,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(first) = self.known(owner, cl_ord_id) else { return false };
        let is_order = self.record(first).is_some_and(|record| record.cl_ord_id == *cl_ord_id);
        let exec_type = if poss_resend { code::ExecType::ORDER_STATUS } else { code::ExecType::REJECTED };
        let Some(mut report) = self.report(first, exec_type) else { return true };
        if !is_order {
            report.cl_ord_id.clone_from(cl_ord_id);
        }
        if !poss_resend {
            report.ord_rej_reason = Some(code::OrdRejReason::DUPLICATE_ORDER);
            report.text = Some("this ClOrdID(11) was used before".into());
        }
        out.push(Output::report(report));
        true
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
        let ReplaceRequest { cl_ord_id, orig_cl_ord_id, qty, price, stop, display_qty, lasts } = request;
        let response_to = code::CxlRejResponseTo::ORDER_CANCEL;
        let id = self.find(owner, &cl_ord_id, &orig_cl_ord_id, response_to, out)?;
        let asks = Asks::Replace { qty, price, stop, display_qty, lasts };
        self.wait(id, asks, cl_ord_id, acknowledge, code::ExecType::PENDING_REPLACE, out);
        Some(id)
    }

    /// How an order stands; nothing changes by it.
    pub fn status(&mut self, owner: Owner, cl_ord_id: &str) -> Report {
        let known = self.known(owner, cl_ord_id);
        known.and_then(|id| self.status_of(id)).unwrap_or_else(|| self.unknown(owner, cl_ord_id))
    }

    /// The report of an order that was never here.
    pub fn unknown(&mut self, owner: Owner, cl_ord_id: &str) -> Report {
        let exec_id = self.exec_id();
        Report {
            owner,
            order_id: None,
            exec_id,
            exec_ref_id: None,
            cl_ord_id: cl_ord_id.into(),
            orig_cl_ord_id: None,
            terms: None,
            exec_type: code::ExecType::ORDER_STATUS,
            ord_status: code::OrdStatus::REJECTED,
            ord_rej_reason: Some(code::OrdRejReason::UNKNOWN_ORDER),
            restatement: None,
            last: None,
            order_qty: 0,
            cum_qty: 0,
            leaves_qty: 0,
            avg_px: Decimal::ZERO,
            text: Some("unknown order".into()),
        }
    }

    /// How an order stands, as the answer to a question about many.
    pub fn status_of(&mut self, id: OrderId) -> Option<Report> {
        self.report(id, code::ExecType::ORDER_STATUS)
    }

    /// The orders of a session that a request about many means and of which something is open, also of those that are not in
    /// their book yet, or not again; oldest first: of one instrument (by its [place](super::Listing::place)) or of all, of one
    /// side or both. It looks at every order.
    pub fn of_session(&self, owner: Owner, place: Option<usize>, side: Option<Side>) -> Vec<OrderId> {
        self.orders.ids(|record| {
            record.owner == owner
                && record.leaves_qty() > 0
                && record.is_of(place)
                && side.is_none_or(|side| side == record.terms.side)
        })
    }

    /// Refuses a request to cancel or replace that the venue takes no further: with the state of the order it names, or as
    /// about an unknown one.
    pub fn refuse_request(
        &self,
        owner: Owner,
        request: CancelRequest,
        response_to: code::CxlRejResponseTo,
        text: Cow<'static, str>,
        out: &mut Vec<Output>,
    ) {
        let CancelRequest { cl_ord_id, orig_cl_ord_id } = request;
        let Some(id) = self.find(owner, &cl_ord_id, &orig_cl_ord_id, response_to, out) else { return };
        let Some(record) = self.record(id) else { return };
        let refused = RefusedRequest { cl_ord_id, response_to, reason: code::CxlRejReason::OTHER, text };
        out.push(Output::cancel_reject(CancelReject::of(record, id, refused)));
    }

    /// The order that a request is about.
    fn find(
        &self,
        owner: Owner,
        cl_ord_id: &Arc<str>,
        orig_cl_ord_id: &Arc<str>,
        response_to: code::CxlRejResponseTo,
        out: &mut Vec<Output>,
    ) -> Option<OrderId> {
        let id = self.known(owner, orig_cl_ord_id);
        let record = id.and_then(|id| self.record(id));
        let (reason, text): (_, Cow<'static, str>) = match record {
            None => (code::CxlRejReason::UNKNOWN_ORDER, "unknown order".into()),
            Some(_) if self.known(owner, cl_ord_id).is_some() => {
                (code::CxlRejReason::DUPLICATE_CL_ORD_ID, "this ClOrdID(11) was used before".into())
            }
            Some(record) if record.life.is_over() => {
                (code::CxlRejReason::TOO_LATE_TO_CANCEL, "the order is filled or cancelled".into())
            }
            Some(record) if record.waiting.iter().any(|one| one.is_pending && one.asks == Asks::Cancel) => {
                (code::CxlRejReason::ORDER_ALREADY_IN_PENDING_STATUS, "a cancellation is pending".into())
            }
            Some(record)
                if record.waiting.len() >= MOST_WAITING || self.live(owner) >= 2 * self.limits.live =>
            {
                (
                    code::CxlRejReason::ORDER_ALREADY_IN_PENDING_STATUS,
                    "too many requests wait to be decided".into(),
                )
            }
            Some(record)
                if record.last_cl_ord_id() != orig_cl_ord_id && record.cl_ord_id != *orig_cl_ord_id =>
            {
                let last = &record.cl_ord_id;
                let text =
                    format!("OrigClOrdID(41) is not the last ClOrdID(11) of this order, which is {last}");
                (code::CxlRejReason::OTHER, text.into())
            }
            Some(_) => return id,
        };
        let cl_ord_id = Arc::clone(cl_ord_id);
        let refused = RefusedRequest { cl_ord_id, response_to, reason, text };
        out.push(Output::cancel_reject(match id.zip(record) {
            Some((id, record)) => CancelReject::of(record, id, refused),
            None => CancelReject::of_unknown(owner, Arc::clone(orig_cl_ord_id), refused),
        }));
        None
    }

    /// Puts a request behind those that the order has already.
    fn wait(
        &mut self,
        id: OrderId,
        asks: Asks,
        cl_ord_id: Arc<str>,
        acknowledge: Acknowledge,
        exec_type: code::ExecType,
        out: &mut Vec<Output>,
    ) {
        let exec_id = (acknowledge == Acknowledge::AsPending).then(|| self.exec_id());
        let Some(record) = self.orders.get_mut(id) else { return };
        if record.waiting.capacity() == 0 {
            record.waiting = std::mem::take(&mut self.room);
        }
        let orig_cl_ord_id = (asks != Asks::New).then(|| Arc::clone(record.last_cl_ord_id()));
        let is_pending = exec_id.is_some();
        record.waiting.push_back(Waiting {
            asks,
            cl_ord_id: Arc::clone(&cl_ord_id),
            is_pending,
            is_decided: false,
        });
        if let Some(exec_id) = exec_id {
            let report = Report::of(record, id, exec_id, exec_type);
            out.push(Output::report(Report { cl_ord_id: Arc::clone(&cl_ord_id), orig_cl_ord_id, ..report }));
        }
        record.names += 1;
        let owner = record.owner;
        if asks != Asks::New {
            self.requests.add(id, &cl_ord_id);
        }
        // The session is known from here on.
        _ = self.names(owner);
        self.recount(id);
        self.name(owner, cl_ord_id, id);
    }
}
