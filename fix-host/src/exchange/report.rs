//! What the exchange says of an order: ExecutionReport(8) and OrderCancelReject(9).

use fix_core::{
    dict::fix44::code,
    msg::{
        msg_type::MsgType,
        typed::{ExecutionReport, OrderCancelReject, OrderStatusRequest},
    },
    session::application::Outbox,
    time::UtcTimestamp,
    wire::{
        value::Text,
        writer::{Encode, Writer},
    },
};

use super::{
    application::reply,
    orders::{Execution, Order, Outcome, Refusal},
};
use crate::contract::order::Side;

/// An execution as an ExecutionReport(8).
pub(super) struct Reported<'a> {
    pub execution: &'a Execution,
    pub transact_time: UtcTimestamp,
}

impl Encode for Reported<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::EXECUTION_REPORT
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        report(self.execution, Some(self.transact_time)).encode_body(out);
    }
}

/// The answer to an OrderStatusRequest(H).
pub(super) struct StatusReport<'a> {
    pub execution: &'a Execution,
    /// OrdStatusReqID(790) of the request, which the answer repeats.
    pub ord_status_req_id: Option<Text<'a>>,
}

impl Encode for StatusReport<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::EXECUTION_REPORT
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        ExecutionReport { ord_status_req_id: self.ord_status_req_id, ..report(self.execution, None) }
            .encode_body(out);
    }
}

/// The answer to an OrderStatusRequest(H) for an order that was never here.
pub(super) fn unknown_order<'a>(request: &OrderStatusRequest<'a>, exec_id: &'a str) -> ExecutionReport<'a> {
    ExecutionReport {
        order_id: "NONE".into(),
        exec_id: exec_id.into(),
        exec_type: code::ExecType::ORDER_STATUS,
        ord_status: code::OrdStatus::REJECTED,
        ord_rej_reason: Some(code::OrdRejReason::UNKNOWN_ORDER),
        text: Some("unknown order".into()),
        cl_ord_id: Some(request.cl_ord_id),
        ord_status_req_id: request.ord_status_req_id,
        symbol: request.symbol,
        side: request.side,
        ..ExecutionReport::default()
    }
}

/// Refuses a request to cancel or replace; `response_to` is CxlRejResponseTo(434).
pub(super) fn refuse(
    refusal: &Refusal,
    cl_ord_id: Text<'_>,
    orig_cl_ord_id: Text<'_>,
    response_to: code::CxlRejResponseTo,
    out: &mut dyn Outbox,
) {
    let (order, reason, text): (Option<&Order>, code::CxlRejReason, &str) = match refusal {
        Refusal::TooLate(order) => {
            (Some(order), code::CxlRejReason::TOO_LATE_TO_CANCEL, "the order is filled or cancelled")
        }
        Refusal::UnknownOrder => (None, code::CxlRejReason::UNKNOWN_ORDER, "unknown order"),
        Refusal::DuplicateClOrdId => {
            (None, code::CxlRejReason::DUPLICATE_CL_ORD_ID, "this ClOrdID(11) was used before")
        }
        Refusal::Objection(order, text) => (Some(order), code::CxlRejReason::OTHER, text),
    };
    reply(
        out,
        &OrderCancelReject {
            order_id: order.map_or("NONE", |order| &order.order_id).into(),
            cl_ord_id,
            orig_cl_ord_id,
            ord_status: order.map_or(code::OrdStatus::REJECTED, |order| order.ord_status),
            cxl_rej_response_to: response_to,
            cxl_rej_reason: Some(reason),
            text: Some(text.into()),
            ..OrderCancelReject::default()
        },
    );
}

fn report<'a>(execution: &'a Execution, transact_time: Option<UtcTimestamp>) -> ExecutionReport<'a> {
    let Execution { order, exec_id, outcome } = execution;
    let entered = &order.entered;
    let mut report = ExecutionReport {
        order_id: (&*order.order_id).into(),
        exec_id: exec_id.as_str().into(),
        cl_ord_id: Some((&*entered.cl_ord_id).into()),
        symbol: Some((&*entered.symbol).into()),
        side: if entered.side == Side::Buy { code::Side::BUY } else { code::Side::SELL },
        order_qty: Some(entered.qty),
        price: entered.limit,
        ord_type: Some(if entered.limit.is_some() { code::OrdType::LIMIT } else { code::OrdType::MARKET }),
        ord_status: order.ord_status,
        cum_qty: order.cum_qty,
        avg_px: order.avg_px,
        leaves_qty: order.leaves_qty(),
        transact_time,
        ..ExecutionReport::default()
    };
    report.exec_type = match outcome {
        Outcome::New => code::ExecType::NEW,
        Outcome::Fill(price) => {
            (report.last_px, report.last_qty) = (Some(*price), Some(entered.qty));
            code::ExecType::TRADE
        }
        Outcome::Canceled(orig_cl_ord_id) => {
            report.orig_cl_ord_id = Some((&**orig_cl_ord_id).into());
            code::ExecType::CANCELED
        }
        Outcome::Replaced(orig_cl_ord_id) => {
            report.orig_cl_ord_id = Some((&**orig_cl_ord_id).into());
            code::ExecType::REPLACED
        }
        Outcome::Rejected(reason, text) => {
            (report.ord_rej_reason, report.text) = (Some(*reason), Some(text.as_str().into()));
            code::ExecType::REJECTED
        }
        Outcome::Status => code::ExecType::ORDER_STATUS,
    };
    report
}
