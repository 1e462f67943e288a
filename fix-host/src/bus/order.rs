//! Orders and cancels as they come in: the commands of the order desk.

use fix_core::{decimal::Decimal, time::UtcTimestamp};

/// What a client asks the engine to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderCommand {
    /// Send a new order.
    New(NewOrder),
    /// Cancel an order.
    Cancel(CancelOrder),
}

impl OrderCommand {
    /// ClOrdID(11) of the command itself.
    pub fn cl_ord_id(&self) -> &str {
        match self {
            OrderCommand::New(order) => &order.cl_ord_id,
            OrderCommand::Cancel(cancel) => &cancel.cl_ord_id,
        }
    }

    /// The session that the client names.
    pub fn session(&self) -> Option<&str> {
        match self {
            OrderCommand::New(order) => order.session.as_deref(),
            OrderCommand::Cancel(cancel) => cancel.session.as_deref(),
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
    /// OrdType(40), and Price(44) where there is one.
    pub ord_type: OrdType,
    /// TransactTime(60): when the client made the order.
    pub transact_time: UtcTimestamp,
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

/// OrdType(40), the two of them that the desk trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrdType {
    /// `1`: at the best price there is.
    Market,
    /// `2`: at this Price(44) or better.
    Limit(Decimal),
}

impl OrdType {
    /// The value on the wire.
    pub fn code(self) -> &'static str {
        match self {
            OrdType::Market => "1",
            OrdType::Limit(_) => "2",
        }
    }

    /// `MARKET` or `LIMIT`, the words of the JSON contract.
    pub fn name(self) -> &'static str {
        match self {
            OrdType::Market => "MARKET",
            OrdType::Limit(_) => "LIMIT",
        }
    }

    /// Price(44) of a limit order.
    pub fn price(self) -> Option<Decimal> {
        match self {
            OrdType::Market => None,
            OrdType::Limit(price) => Some(price),
        }
    }
}
