//! What a person who plays the venue sees and does, whichever way he comes.

use std::sync::Arc;

use fix_core::decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Number;

/// A venue that a person can play.
pub trait ByHand: Send + Sync {
    /// Its instruments and sessions.
    fn venue(&self) -> VenueView;

    /// Whether what becomes of its orders is kept over a restart.
    fn journal(&self) -> OrderJournal;

    /// Its orders, oldest first; those that have ended too, as far as they are remembered, if so asked.
    fn orders(&self, with_ended: bool) -> Vec<VenueOrder>;

    /// The book of an instrument.
    ///
    /// # Errors
    /// No such instrument.
    fn book(&self, symbol: &str) -> Result<BookView, NotDone>;

    /// Does what is asked, and says how things stand then.
    ///
    /// # Errors
    /// Why it is not done; nothing has changed then.
    fn act(&self, act: &Act) -> Result<Done, NotDone>;
}

/// A venue, or none.
pub type Venue = Option<Arc<dyn ByHand>>;

/// What a person can do as the venue. An order is named by its OrderID(37), or, where only one session has
/// such an order, by any ClOrdID(11) of it or of a request about it; an execution by its ExecID(17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Accept the oldest request that waits about an order.
    Accept {
        /// Which.
        order: String,
    },
    /// Refuse it.
    Reject {
        /// Which.
        order: String,
        /// Text(58)
        text: String,
    },
    /// Fill an order, in whole or in part.
    Fill {
        /// Which.
        order: String,
        /// LastQty(32); `None`: all that is open.
        qty: Option<Decimal>,
        /// LastPx(31); `None`: at its limit, or where the book would fill it.
        price: Option<Decimal>,
        /// It may be worse than its limit.
        beyond_limit: bool,
    },
    /// Cancel an order, which its session did not ask for.
    Cancel {
        /// Which.
        order: String,
    },
    /// Guarantee an order its price: 150=7.
    Stop {
        /// Which.
        order: String,
    },
    /// Take an order out of its book: 150=9.
    Suspend {
        /// Which.
        order: String,
    },
    /// Put a suspended order into its book again, behind the others at its price: 150=D.
    Resume {
        /// Which.
        order: String,
    },
    /// Tell what has traded on a day that is over: 150=B of each order that traded and is filled or done for the day.
    Calculate,
    /// Take an execution back.
    Bust {
        /// Which.
        execution: String,
    },
    /// Correct an execution.
    Correct {
        /// Which.
        execution: String,
        /// LastQty(32), at most what it was.
        qty: Decimal,
        /// LastPx(31)
        price: Decimal,
        /// It may be worse than the limit of its order.
        beyond_limit: bool,
    },
    /// Go on to a phase.
    Phase {
        /// Which.
        phase: MarketPhase,
        /// For one instrument; `None`: for all.
        symbol: Option<String>,
    },
    /// Hold requests for a person from now on, or no longer.
    Hold(bool),
}

/// What was done: how things stand now.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Done {
    /// The order.
    Order(Box<VenueOrder>),
    /// All instruments, or one, are in this phase.
    Phase {
        /// Which.
        phase: MarketPhase,
        /// Symbol(55); `None`: all.
        symbol: Option<String>,
    },
    /// Requests are held for a person, or no longer.
    Hold(bool),
    /// So many orders were told to be calculated.
    Calculated(usize),
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    /// What was named is not here.
    #[error("{0}")]
    Unknown(String),
    /// It cannot be done as it stands.
    #[error("{0}")]
    Refused(String),
}

/// What the book of an instrument does with orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MarketPhase {
    /// Orders are collected for the opening.
    PreOpen,
    /// Orders trade as they come; what was collected trades at one price first.
    Open,
    /// Orders are collected, nothing trades.
    Halt,
    /// Orders are collected for the closing.
    PreClose,
    /// What was collected trades at one price, the day ends, and nothing is taken.
    Close,
}

/// Whether what becomes of orders is kept over a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderJournal {
    /// No, there is no place for it.
    None,
    /// Yes.
    Written,
    /// It cannot be written at the moment, and no orders are taken.
    Failing,
}

/// The venue.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VenueView {
    /// The phase of instruments that were given no other.
    pub phase: MarketPhase,
    /// Requests are held for a person.
    pub hold: bool,
    /// Whether what becomes of orders is kept over a restart.
    pub journal: OrderJournal,
    /// Sessions that have been here.
    pub sessions: Vec<String>,
    /// In the order of the list.
    pub instruments: Vec<InstrumentView>,
}

/// An instrument.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstrumentView {
    /// Symbol(55)
    pub symbol: String,
    /// What its book does.
    pub phase: MarketPhase,
    /// The best price to buy, what others see.
    pub bid: Option<Number>,
    /// The best price to sell.
    pub ask: Option<Number>,
    /// The price of the last trade.
    pub last: Option<Number>,
    /// Its prices are said in 32nds.
    #[serde(rename = "in32nds")]
    pub in_32nds: bool,
}

/// The book of an instrument, as others see it; the best prices first.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BookView {
    /// Symbol(55)
    pub symbol: String,
    /// What it does.
    pub phase: MarketPhase,
    /// Who buys.
    pub bids: Vec<LevelView>,
    /// Who sells.
    pub asks: Vec<LevelView>,
    /// Its prices are said in 32nds.
    #[serde(rename = "in32nds")]
    pub in_32nds: bool,
}

/// The orders at one price.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LevelView {
    /// The price.
    pub price: Number,
    /// How much is shown.
    pub qty: Number,
    /// How many orders.
    pub orders: u32,
}

/// An order as the venue has it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VenueOrder {
    /// OrderID(37)
    #[serde(rename = "orderID")]
    pub order_id: String,
    /// Whose it is.
    pub session: String,
    /// ClOrdID(11) of the last accepted request.
    #[serde(rename = "clOrdID")]
    pub cl_ord_id: String,
    /// Symbol(55)
    pub symbol: String,
    /// Side(54) in words.
    pub side: &'static str,
    /// OrdType(40) in words.
    pub ord_type: &'static str,
    /// TimeInForce(59) in words.
    pub time_in_force: &'static str,
    /// Price(44)
    pub price: Option<Number>,
    /// StopPx(99)
    pub stop_px: Option<Number>,
    /// OrderQty(38)
    pub order_qty: Number,
    /// CumQty(14)
    pub cum_qty: Number,
    /// LeavesQty(151)
    pub leaves_qty: Number,
    /// AvgPx(6)
    pub avg_px: Number,
    /// OrdStatus(39) in words.
    pub ord_status: &'static str,
    /// It is out of its book until it is resumed, which its OrdStatus need not say: others have precedence.
    pub suspended: bool,
    /// The request that waits for a person: NEW, CANCEL or REPLACE.
    pub waits: Option<&'static str>,
    /// What it has traded, oldest first.
    pub executions: Vec<VenueExecution>,
}

/// An execution.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VenueExecution {
    /// ExecID(17)
    #[serde(rename = "execID")]
    pub exec_id: String,
    /// LastQty(32)
    pub last_qty: Number,
    /// LastPx(31)
    pub last_px: Number,
}
