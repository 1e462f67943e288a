//! What sessions ask for, in the words of FIX.

use std::{fmt, sync::Arc};

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::super::{
    book::Side,
    orders::{Echo, Expires, SecurityId},
};

/// An instrument of the venue's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// Symbol(55).
    pub symbol: String,
    /// SecurityID(48) and SecurityIDSource(22).
    pub security_id: Option<SecurityId>,
    /// PriceType(423) of its prices.
    pub price_type: Option<code::PriceType>,
    /// The smallest step of a price.
    pub tick: Decimal,
    /// The smallest step of a quantity; `None`: as fine as they come.
    pub lot: Option<Decimal>,
}

/// How a request names its instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// By its Symbol(55).
    Symbol(&'a str),
    /// By its SecurityID(48), of this SecurityIDSource(22) or of any.
    Id(&'a str, Option<&'a str>),
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Named::Symbol(symbol) => write!(f, "Symbol(55) {symbol}"),
            Named::Id(id, Some(source)) => {
                write!(f, "SecurityID(48) {id} of SecurityIDSource(22) {source}")
            }
            Named::Id(id, None) => write!(f, "SecurityID(48) {id}"),
        }
    }
}

/// A NewOrderSingle(D).
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// ClOrdID(11).
    pub cl_ord_id: Arc<str>,
    /// The instrument.
    pub instrument: Named<'a>,
    /// Side(54).
    pub side: Side,
    /// OrdType(40).
    pub ord_type: code::OrdType,
    /// Price(44).
    pub price: Option<Decimal>,
    /// StopPx(99).
    pub stop_px: Option<Decimal>,
    /// OrderQty(38).
    pub qty: Decimal,
    /// MinQty(110).
    pub min_qty: Option<Decimal>,
    /// MaxFloor(111).
    pub max_floor: Option<Decimal>,
    /// TimeInForce(59).
    pub time_in_force: code::TimeInForce,
    /// ExpireTime(126) or ExpireDate(432).
    pub expires: Option<Expires>,
    /// PossResend(97).
    pub poss_resend: bool,
    /// What reports repeat of it besides.
    pub echo: Echo,
    /// What it asks for that the venue does not do: Text(58), with which it is refused.
    pub unsupported: Option<String>,
}

/// An OrderCancelReplaceRequest(G).
#[derive(Clone, Debug)]
pub struct Replace<'a> {
    /// OrigClOrdID(41).
    pub orig_cl_ord_id: Arc<str>,
    /// The order as it is to be.
    pub entry: Entry<'a>,
    /// TimeInForce(59) is not given: it stays as it is, whatever `entry` has.
    pub keeps_time: bool,
}

/// An OrderCancelRequest(F).
pub use super::super::orders::CancelRequest as Cancel;
