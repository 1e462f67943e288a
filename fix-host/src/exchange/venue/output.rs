//! What is told to sessions.

use std::sync::Arc;

use fix_core::{decimal::Decimal, dict::fix44::code, time::UtcTimestamp};

use super::super::{
    book::{OrderId, Owner},
    orders,
};

/// One message to be, in the order in which they are to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Of an order that the venue has or had.
    Order(orders::Output),
    /// ExecutionReport(8) with 150=8: an order that never came to a book.
    Refused(Box<Refused>),
    /// ExecutionReport(8) with 150=I: the answer to a question.
    Answer(Box<Answer>),
    /// OrderMassCancelReport(r)
    MassCancel(Box<MassCancel>),
    /// ListStatus(N)
    List(Box<ListStatus>),
    /// ExecutionReport(8) of another session, for one that gets copies of all.
    Copy(Box<Copied>),
    /// News(B): so many copies before this one are lost.
    Lost {
        /// The session it goes to.
        owner: Owner,
        /// How many.
        count: u64,
    },
}

impl Output {
    /// The session that it goes to.
    pub fn owner(&self) -> Owner {
        match self {
            Output::Order(orders::Output::Report(report)) => report.owner,
            Output::Order(orders::Output::CancelReject(reject)) => reject.owner,
            Output::Refused(refused) => refused.owner,
            Output::Answer(answer) => answer.report.owner,
            Output::MassCancel(report) => report.owner,
            Output::List(list) => list.owner,
            Output::Copy(copy) => copy.owner,
            Output::Lost { owner, .. } => *owner,
        }
    }
}

/// An order that was refused as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The session it goes to.
    pub owner: Owner,
    /// ExecID(17).
    pub exec_id: u64,
    /// ClOrdID(11).
    pub cl_ord_id: Arc<str>,
    /// Symbol(55), as the order said it; empty if it named its instrument otherwise.
    pub symbol: String,
    /// SecurityID(48) and SecurityIDSource(22), likewise.
    pub security_id: Option<orders::SecurityId>,
    /// Side(54).
    pub side: code::Side,
    /// OrdType(40).
    pub ord_type: code::OrdType,
    /// Price(44).
    pub price: Option<Decimal>,
    /// OrderQty(38).
    pub order_qty: Decimal,
    /// OrdRejReason(103).
    pub reason: code::OrdRejReason,
    /// What its reports repeat of it besides.
    pub echo: orders::Echo,
    /// Text(58): what is wrong, and what would be right.
    pub text: String,
}

/// How an order stands, with what the answer repeats of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it stands.
    pub report: orders::Report,
    /// Symbol(55) and Side(54) of a question about an order that was never here.
    pub asked: Option<(String, code::Side)>,
    /// OrdStatusReqID(790)
    pub ord_status_req_id: Option<String>,
    /// MassStatusReqID(584), TotNumReports(911), and whether this is the last of them (912).
    pub mass: Option<(String, usize, bool)>,
}

/// The answer to a request to cancel many orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MassCancel {
    /// The session it goes to.
    pub owner: Owner,
    /// The number of its OrderID(37).
    pub number: u64,
    /// ClOrdID(11)
    pub cl_ord_id: String,
    /// MassCancelRequestType(530)
    pub request_type: code::MassCancelRequestType,
    /// Symbol(55), as the request said it.
    pub symbol: Option<String>,
    /// Side(54), likewise.
    pub side: Option<code::Side>,
    /// The orders that were cancelled, or why none was.
    pub outcome: Result<Vec<Cancelled>, NotCancelled>,
}

/// ClOrdID(11) and number of an order that was cancelled with others.
pub type Cancelled = (Arc<str>, OrderId);

/// MassCancelRejectReason(532) and Text(58).
pub type NotCancelled = (&'static str, &'static str);

/// How the orders of a list stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListStatus {
    /// The session it goes to.
    pub owner: Owner,
    /// ListID(66)
    pub list_id: String,
    /// ListStatusType(429)
    pub status_type: code::ListStatusType,
    /// ListOrderStatus(431)
    pub order_status: code::ListOrderStatus,
    /// How each order stands.
    pub orders: Vec<orders::Report>,
}

/// A report of one session as a drop copy has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The drop copy that it goes to.
    pub owner: Owner,
    /// The counterparty that has the report itself.
    pub whose: String,
    /// When it happened.
    pub at: UtcTimestamp,
    /// The report.
    pub report: Output,
}
