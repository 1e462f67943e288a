//! What an order is when it comes to the book, and how it may be changed.

/// A price, in the instrument's smallest steps. Some instruments trade below zero.
pub type Ticks = i64;

/// How much, in the instrument's smallest lots.
pub type Quantity = u64;

/// Prices stand between `-PRICE_LIMIT` and `PRICE_LIMIT`.
pub const PRICE_LIMIT: Ticks = 1 << 58;

/// An order is at most so many times as large as what is shown of it: each part is a trade of its own, and one request is
/// not to take without end.
pub const MOST_PARTS: u64 = 1_000;

/// True if an order with so much open may show so much of it at a time; zero shows all.
pub(super) const fn can_show(display_qty: Quantity, open: Quantity) -> bool {
    display_qty == 0 || open / display_qty <= MOST_PARTS
}

/// The name of an order; the caller's choice, and no two orders in the book have the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u64);

/// For whom an order is entered. Who it is, the caller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub u32);

/// To buy or to sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The better price is the higher one.
    Buy,
    /// The better price is the lower one.
    Sell,
}

impl Side {
    /// The side that this one trades with.
    pub const fn opposite(self) -> Self {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }

    /// True if an order with the limit `limit` may trade at `price`.
    pub const fn accepts(self, limit: Ticks, price: Ticks) -> bool {
        match self {
            Side::Buy => price <= limit,
            Side::Sell => price >= limit,
        }
    }
}

/// What an order asks of the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// At any price; what finds no counterparty is cancelled.
    Market,
    /// At any price; what finds no more counterparty rests at the price of its last trade, or of the uncross that it waited
    /// for. Where there is neither, it is cancelled.
    MarketToLimit,
    /// At this price or a better one.
    Limit(Ticks),
    /// A market order once the last trade price has come to this one.
    Stop(Ticks),
    /// A limit order once the last trade price has come to `stop`.
    StopLimit {
        /// The price that triggers it.
        stop: Ticks,
        /// Its limit from then on.
        limit: Ticks,
    },
}

/// How long an order lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeInForce {
    /// Until the close.
    Day,
    /// Until it is cancelled or [expired](super::Book::expire): dates are the caller's.
    GoodTill,
    /// What does not trade at once is cancelled.
    ImmediateOrCancel,
    /// All of it trades at once, or nothing.
    FillOrKill,
    /// Trades in the opening, or not at all.
    AtOpening,
    /// Waits until the book is [closing](super::Phase::Closing) or closes, trades in the uncross that follows, and is
    /// cancelled as far as it does not. A book that closes out of a halt has no uncross.
    AtClose,
}

impl TimeInForce {
    /// True if the order cannot wait.
    pub(super) const fn is_immediate(self) -> bool {
        matches!(self, TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill)
    }
}

/// An order for [`Book::enter`](super::Book::enter).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// A name that no order in the book has.
    pub id: OrderId,
    /// For whom.
    pub owner: Owner,
    /// To buy or to sell.
    pub side: Side,
    /// At what price.
    pub kind: Kind,
    /// For how long.
    pub time_in_force: TimeInForce,
    /// How much; more than zero.
    pub qty: Quantity,
    /// Cancelled unless at least so much of it trades at once; zero asks nothing.
    pub min_qty: Quantity,
    /// How much of it may be seen in the book at a time (an iceberg), at least a [thousandth](MOST_PARTS); zero: all of it.
    pub display_qty: Quantity,
}

impl NewOrder {
    /// A limit order for the day, all of it shown.
    pub const fn limit(id: OrderId, owner: Owner, side: Side, qty: Quantity, price: Ticks) -> Self {
        NewOrder {
            id,
            owner,
            side,
            kind: Kind::Limit(price),
            time_in_force: TimeInForce::Day,
            qty,
            min_qty: 0,
            display_qty: 0,
        }
    }

    /// The same order of another kind.
    #[must_use]
    pub const fn of_kind(self, kind: Kind) -> Self {
        NewOrder { kind, ..self }
    }

    /// The same order for another time.
    #[must_use]
    pub const fn lasting(self, time_in_force: TimeInForce) -> Self {
        NewOrder { time_in_force, ..self }
    }
}

/// What [`Book::replace`](super::Book::replace) changes of an order; `None` leaves it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The limit.
    pub price: Option<Ticks>,
    /// The price that triggers it, while it waits for that.
    pub stop: Option<Ticks>,
    /// How much is to be open: the whole quantity less what has traded.
    pub open: Option<Quantity>,
    /// How much may be seen; zero: all of it.
    pub display_qty: Option<Quantity>,
    /// How long it lives, of an order for the [day](TimeInForce::Day) or for [longer](TimeInForce::GoodTill).
    pub time_in_force: Option<TimeInForce>,
}

impl Change {
    const NONE: Change =
        Change { price: None, stop: None, open: None, display_qty: None, time_in_force: None };

    /// Another limit, and nothing else.
    pub const fn price(price: Ticks) -> Self {
        Change { price: Some(price), ..Change::NONE }
    }

    /// Another open quantity, and nothing else.
    pub const fn open(open: Quantity) -> Self {
        Change { open: Some(open), ..Change::NONE }
    }
}
