//! Orders and cancels as they come in: the commands of the order desk.

use std::sync::Arc;

use fix_core::{code, decimal::Decimal, time::UtcTimestamp};
use serde_json::{Map, Value};

/// What a client asks the engine to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderCommand {
    /// Send a new order.
    New(NewOrder),
    /// Cancel an order.
    Cancel(CancelOrder),
    /// Change an order.
    Replace(ReplaceOrder),
}

impl OrderCommand {
    /// The order that it asks for, also in place of another; `None` of a cancel.
    pub fn order(&self) -> Option<&NewOrder> {
        match self {
            OrderCommand::New(order) => Some(order),
            OrderCommand::Replace(replace) => Some(&replace.order),
            OrderCommand::Cancel(_) => None,
        }
    }

    /// OrigClOrdID(41): the order that it is about; `None` of a new order.
    pub fn orig_cl_ord_id(&self) -> Option<&str> {
        match self {
            OrderCommand::New(_) => None,
            OrderCommand::Cancel(cancel) => Some(&cancel.orig_cl_ord_id),
            OrderCommand::Replace(replace) => Some(&replace.orig_cl_ord_id),
        }
    }

    /// The same without its further fields, if those are longer than so many bytes in JSON; whether it still has all.
    #[must_use]
    pub fn with_fields_up_to(self: &Arc<Self>, most: usize) -> (Arc<Self>, bool) {
        let fields = self.order().map(|order| &order.fields).filter(|fields| !fields.is_empty());
        let len = fields.and_then(|fields| serde_json::to_string(fields).ok()).map_or(0, |json| json.len());
        if len <= most {
            return (Arc::clone(self), true);
        }
        let mut command = OrderCommand::clone(self);
        if let OrderCommand::New(order) | OrderCommand::Replace(ReplaceOrder { order, .. }) = &mut command {
            order.fields.clear();
        }
        (Arc::new(command), false)
    }

    /// What to call it: an order, a cancel, a replacement.
    pub fn word(&self) -> &'static str {
        match self {
            OrderCommand::New(_) => "order",
            OrderCommand::Cancel(_) => "cancel",
            OrderCommand::Replace(_) => "replacement",
        }
    }

    /// Side(54).
    pub fn side(&self) -> Side {
        match self {
            OrderCommand::New(NewOrder { side, .. })
            | OrderCommand::Cancel(CancelOrder { side, .. })
            | OrderCommand::Replace(ReplaceOrder { order: NewOrder { side, .. }, .. }) => *side,
        }
    }

    /// Symbol(55).
    pub fn symbol(&self) -> &str {
        match self {
            OrderCommand::New(order) => &order.symbol,
            OrderCommand::Cancel(cancel) => &cancel.symbol,
            OrderCommand::Replace(replace) => &replace.order.symbol,
        }
    }

    /// ClOrdID(11) of the command itself.
    pub fn cl_ord_id(&self) -> &str {
        match self {
            OrderCommand::New(order) => &order.cl_ord_id,
            OrderCommand::Cancel(cancel) => &cancel.cl_ord_id,
            OrderCommand::Replace(replace) => &replace.order.cl_ord_id,
        }
    }

    /// The session that the client names.
    pub fn session(&self) -> Option<&str> {
        match self {
            OrderCommand::New(order) => order.session.as_deref(),
            OrderCommand::Cancel(cancel) => cancel.session.as_deref(),
            OrderCommand::Replace(replace) => replace.order.session.as_deref(),
        }
    }
}

/// A new order, validated: its texts are printable ASCII of bounded length, its quantity and price above
/// zero, its symbol known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The session that it goes to, by any name that means one; `None`: the engine chooses.
    pub session: Option<String>,
    /// ClOrdID(11).
    pub cl_ord_id: String,
    /// Symbol(55).
    pub symbol: String,
    /// Side(54).
    pub side: Side,
    /// OrderQty(38).
    pub qty: Decimal,
    /// OrdType(40), with Price(44) and StopPx(99) where there are such.
    pub ord_type: OrdType,
    /// TimeInForce(59), and ExpireTime(126) where there is one; without it the counterparty takes it for a day.
    pub time_in_force: Option<TimeInForce>,
    /// Account(1).
    pub account: Option<String>,
    /// TransactTime(60): when the client made the order.
    pub transact_time: UtcTimestamp,
    /// Further fields as the client wrote them; the dictionary of the session that it goes to judges them.
    pub fields: Map<String, Value>,
}

/// A request to cancel, validated like [`NewOrder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelOrder {
    /// The session that it goes to, by any name that means one; `None`: the engine chooses.
    pub session: Option<String>,
    /// OrigClOrdID(41): the order to cancel.
    pub orig_cl_ord_id: String,
    /// ClOrdID(11) of the request.
    pub cl_ord_id: String,
    /// Symbol(55).
    pub symbol: String,
    /// Side(54).
    pub side: Side,
    /// TransactTime(60): when the request came in.
    pub transact_time: UtcTimestamp,
}

/// Changes a working order. It has a ClOrdID(11) of its own, by which the order goes once it is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplaceOrder {
    /// OrigClOrdID(41) of the order to change.
    pub orig_cl_ord_id: String,
    /// The order as it shall be; its ClOrdID is that of the request.
    pub order: NewOrder,
}

/// Side(54), the two of them that the desk trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `1`
    Buy,
    /// `2`
    Sell,
}

impl Side {
    /// The value on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Side::Buy => "1",
            Side::Sell => "2",
        }
    }

    /// `BUY` or `SELL`, the words of the JSON contract.
    pub fn name(self) -> &'static str {
        match self {
            Side::Buy => "BUY",
            Side::Sell => "SELL",
        }
    }

    /// Reads `BUY` or `SELL`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Side::Buy, Side::Sell].into_iter().find(|side| side.name() == name)
    }
}

/// OrdType(40) of those that the desk trades, with the prices that each has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrdType {
    /// `1`: at the best price there is.
    Market,
    /// `2`: at this Price(44) or better.
    Limit(Decimal),
    /// `3`: a market order once the market trades at this StopPx(99).
    Stop(Decimal),
    /// `4`: a limit order once the market trades at the stop price.
    StopLimit {
        /// Price(44).
        price: Decimal,
        /// StopPx(99).
        stop_px: Decimal,
    },
}

impl OrdType {
    /// The value on the wire.
    pub fn code(self) -> &'static str {
        match self {
            OrdType::Market => "1",
            OrdType::Limit(_) => "2",
            OrdType::Stop(_) => "3",
            OrdType::StopLimit { .. } => "4",
        }
    }

    /// The word of the JSON contract: `MARKET`, `LIMIT`, `STOP` or `STOP_LIMIT`.
    pub fn name(self) -> &'static str {
        match self {
            OrdType::Market => "MARKET",
            OrdType::Limit(_) => "LIMIT",
            OrdType::Stop(_) => "STOP",
            OrdType::StopLimit { .. } => "STOP_LIMIT",
        }
    }

    /// Price(44), where there is one.
    pub fn price(self) -> Option<Decimal> {
        match self {
            OrdType::Limit(price) | OrdType::StopLimit { price, .. } => Some(price),
            OrdType::Market | OrdType::Stop(_) => None,
        }
    }

    /// StopPx(99), where there is one.
    pub fn stop_px(self) -> Option<Decimal> {
        match self {
            OrdType::Stop(stop_px) | OrdType::StopLimit { stop_px, .. } => Some(stop_px),
            OrdType::Market | OrdType::Limit(_) => None,
        }
    }

    /// The type that these prices belong to.
    pub fn of_prices(price: Option<Decimal>, stop_px: Option<Decimal>) -> Self {
        match (price, stop_px) {
            (None, None) => OrdType::Market,
            (Some(price), None) => OrdType::Limit(price),
            (None, Some(stop_px)) => OrdType::Stop(stop_px),
            (Some(price), Some(stop_px)) => OrdType::StopLimit { price, stop_px },
        }
    }
}

/// TimeInForce(59): how long an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeInForce {
    /// `0`
    Day,
    /// `1`: good till cancel.
    Gtc,
    /// `2`: at the opening.
    Opg,
    /// `3`: immediate or cancel.
    Ioc,
    /// `4`: fill or kill.
    Fok,
    /// `5`: good till crossing.
    Gtx,
    /// `6`: good till ExpireTime(126), or till ExpireDate(432) among the further fields.
    Gtd(Option<UtcTimestamp>),
    /// `7`: at the close.
    Close,
}

impl TimeInForce {
    /// Every one; a GTD order without its end.
    pub const ALL: [TimeInForce; 8] = [
        TimeInForce::Day,
        TimeInForce::Gtc,
        TimeInForce::Opg,
        TimeInForce::Ioc,
        TimeInForce::Fok,
        TimeInForce::Gtx,
        TimeInForce::Gtd(None),
        TimeInForce::Close,
    ];

    /// The value on the wire.
    pub fn code(self) -> code::TimeInForce {
        match self {
            TimeInForce::Day => code::TimeInForce::DAY,
            TimeInForce::Gtc => code::TimeInForce::GOOD_TILL_CANCEL,
            TimeInForce::Opg => code::TimeInForce::AT_THE_OPENING,
            TimeInForce::Ioc => code::TimeInForce::IMMEDIATE_OR_CANCEL,
            TimeInForce::Fok => code::TimeInForce::FILL_OR_KILL,
            TimeInForce::Gtx => code::TimeInForce::GOOD_TILL_CROSSING,
            TimeInForce::Gtd(_) => code::TimeInForce::GOOD_TILL_DATE,
            TimeInForce::Close => code::TimeInForce::AT_THE_CLOSE,
        }
    }

    /// The one with this value on the wire.
    pub fn of_code(code: code::TimeInForce, expire_time: Option<UtcTimestamp>) -> Option<TimeInForce> {
        match Self::ALL.into_iter().find(|known| known.code() == code)? {
            TimeInForce::Gtd(_) => Some(TimeInForce::Gtd(expire_time)),
            other => Some(other),
        }
    }

    /// The word of the JSON contract and of the command line.
    pub fn name(self) -> &'static str {
        match self {
            TimeInForce::Day => "DAY",
            TimeInForce::Gtc => "GTC",
            TimeInForce::Opg => "OPG",
            TimeInForce::Ioc => "IOC",
            TimeInForce::Fok => "FOK",
            TimeInForce::Gtx => "GTX",
            TimeInForce::Gtd(_) => "GTD",
            TimeInForce::Close => "CLOSE",
        }
    }

    /// ExpireTime(126) of a GTD order.
    pub fn expire_time(self) -> Option<UtcTimestamp> {
        match self {
            TimeInForce::Gtd(time) => time,
            _ => None,
        }
    }
}
