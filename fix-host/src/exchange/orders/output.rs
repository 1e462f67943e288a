//! What is said of orders: the contents of an ExecutionReport(8) and of an OrderCancelReject(9).

use std::{borrow::Cow, sync::Arc};

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::{
    super::book::{OrderId, Owner, Quantity, Ticks},
    record::Record,
    terms::{Echo, Terms},
};

/// One message to be. It goes through several hands, each of which moves it: what it says stays where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// ExecutionReport(8)
    Report(Box<Report>),
    /// OrderCancelReject(9)
    CancelReject(Box<CancelReject>),
}

impl Output {
    /// ExecutionReport(8)
    pub fn report(report: Report) -> Self {
        Output::Report(Box::new(report))
    }

    /// OrderCancelReject(9)
    pub fn cancel_reject(reject: CancelReject) -> Self {
        Output::CancelReject(Box::new(reject))
    }

    /// The report of a request to replace that is done.
    pub fn replaced(&self) -> Option<&Report> {
        match self {
            Output::Report(report) if report.exec_type == code::ExecType::REPLACED => Some(report),
            _ => None,
        }
    }
}

/// An ExecutionReport(8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The session it goes to.
    pub owner: Owner,
    /// OrderID(37); `None` is NONE, of an order that was never here.
    pub order_id: Option<OrderId>,
    /// ExecID(17), of which none is used twice.
    pub exec_id: u64,
    /// ExecRefID(19) of a bust or a correction.
    pub exec_ref_id: Option<u64>,
    /// ClOrdID(11).
    pub cl_ord_id: Arc<str>,
    /// OrigClOrdID(41).
    pub orig_cl_ord_id: Option<Arc<str>>,
    /// What the order asks for; `None` of one that was never here.
    pub terms: Option<Terms>,
    /// ExecType(150): why this is said.
    pub exec_type: code::ExecType,
    /// OrdStatus(39): how the order stands.
    pub ord_status: code::OrdStatus,
    /// OrdRejReason(103).
    pub ord_rej_reason: Option<code::OrdRejReason>,
    /// ExecRestatementReason(378).
    pub restatement: Option<code::ExecRestatementReason>,
    /// LastPx(31) and LastQty(32).
    pub last: Option<(Ticks, Quantity)>,
    /// OrderQty(38).
    pub order_qty: Quantity,
    /// CumQty(14).
    pub cum_qty: Quantity,
    /// LeavesQty(151): OrderQty less CumQty while the order lives, otherwise zero.
    pub leaves_qty: Quantity,
    /// AvgPx(6); zero also if the price is beyond what a [`Decimal`] holds.
    pub avg_px: Decimal,
    /// Text(58).
    pub text: Option<Cow<'static, str>>,
}

impl Report {
    /// Of an order as it is.
    pub(super) fn of(record: &Record, id: OrderId, exec_id: u64, exec_type: code::ExecType) -> Self {
        Report {
            owner: record.owner,
            order_id: Some(id),
            exec_id,
            exec_ref_id: None,
            cl_ord_id: record.cl_ord_id.clone(),
            orig_cl_ord_id: None,
            terms: Some(record.terms.clone()),
            exec_type,
            ord_status: record.ord_status(),
            ord_rej_reason: None,
            restatement: None,
            last: None,
            order_qty: record.qty,
            cum_qty: record.cum_qty(),
            leaves_qty: record.leaves_qty(),
            avg_px: record.avg_px(),
            text: None,
        }
    }
}

/// An OrderCancelReject(9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelReject {
    /// The session it goes to.
    pub owner: Owner,
    /// OrderID(37); `None` is NONE.
    pub order_id: Option<OrderId>,
    /// ClOrdID(11) of the request.
    pub cl_ord_id: Arc<str>,
    /// OrigClOrdID(41): the last one of the order that was accepted; of an unknown order, what the request said.
    pub orig_cl_ord_id: Arc<str>,
    /// What its reports repeat of the order; of one that was never here, nothing.
    pub echo: Echo,
    /// OrdStatus(39): how the order stands without the request.
    pub ord_status: code::OrdStatus,
    /// CxlRejResponseTo(434).
    pub response_to: code::CxlRejResponseTo,
    /// CxlRejReason(102).
    pub reason: code::CxlRejReason,
    /// Text(58).
    pub text: Cow<'static, str>,
}

/// What a request asked for that is refused, and why.
pub(super) struct RefusedRequest {
    /// ClOrdID(11).
    pub(super) cl_ord_id: Arc<str>,
    /// CxlRejResponseTo(434).
    pub(super) response_to: code::CxlRejResponseTo,
    /// CxlRejReason(102).
    pub(super) reason: code::CxlRejReason,
    /// Text(58).
    pub(super) text: Cow<'static, str>,
}

impl CancelReject {
    /// Of a request about an order as it is.
    pub(super) fn of(record: &Record, id: OrderId, refused: RefusedRequest) -> Self {
        CancelReject {
            order_id: Some(id),
            echo: record.terms.echo.clone(),
            ord_status: record.ord_status(),
            ..CancelReject::of_unknown(record.owner, Arc::clone(&record.cl_ord_id), refused)
        }
    }

    /// Of a request about an order that was never here.
    pub(super) fn of_unknown(owner: Owner, orig_cl_ord_id: Arc<str>, refused: RefusedRequest) -> Self {
        let RefusedRequest { cl_ord_id, response_to, reason, text } = refused;
        CancelReject {
            owner,
            order_id: None,
            cl_ord_id,
            orig_cl_ord_id,
            echo: Echo::default(),
            ord_status: code::OrdStatus::REJECTED,
            response_to,
            reason,
            text,
        }
    }
}
