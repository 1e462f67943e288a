//! What the book says of its orders.

use super::order::{OrderId, Quantity, Ticks};

/// What happened to an order, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new order is taken; trades and a cancellation of what cannot rest may follow.
    Accepted {
        /// The new order.
        id: OrderId,
    },
    /// Two orders traded. The price is the maker's.
    Traded {
        /// The order that stood in the book.
        maker: OrderId,
        /// The order that came.
        taker: OrderId,
        /// At what price.
        price: Ticks,
        /// How much.
        qty: Quantity,
    },
    /// Two orders that both stood in the book traded in an uncross.
    Crossed {
        /// The order to buy.
        buy: OrderId,
        /// The order to sell.
        sell: OrderId,
        /// The one price of the uncross.
        price: Ticks,
        /// How much.
        qty: Quantity,
    },
    /// What was open of an order is gone.
    Cancelled {
        /// The order, which is no longer in the book.
        id: OrderId,
        /// How much was open.
        qty: Quantity,
        /// Why.
        reason: CancelReason,
    },
    /// An order was changed as asked; if it now crosses, trades follow.
    Replaced {
        /// The order.
        id: OrderId,
        /// How much of it is open.
        open: Quantity,
    },
    /// The last trade price has come to the stop price; the order takes part from now on.
    Triggered {
        /// The order.
        id: OrderId,
    },
    /// A request changed nothing.
    Rejected {
        /// The order that it was about.
        id: OrderId,
        /// Why.
        reason: RejectReason,
    },
}

/// Why an order left the book without a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// The caller asked for it.
    Requested,
    /// It could not trade (in whole, for fill or kill) at once.
    NotImmediate,
    /// Less than its minimum quantity could trade at once.
    BelowMinimum,
    /// A market order found nobody to trade with.
    NoCounterparty,
    /// It would have traded with an order of its own owner.
    SelfMatch,
    /// It was for the opening, which is over.
    OpeningOver,
    /// It was for the closing, which is over.
    ClosingOver,
    /// It was for the day, which is over.
    DayOver,
    /// The caller said that its time is over.
    Expired,
}

/// Why a request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectReason {
    /// An order with this id is in the book.
    DuplicateId,
    /// No order with this id is in the book.
    UnknownId,
    /// A quantity of zero, or more than the book can count; or less is asked for than has to trade or to be shown.
    Quantity,
    /// A price beyond [`PRICE_LIMIT`](super::order::PRICE_LIMIT), or for an order that has none.
    Price,
    /// What is asked for does not go together, such as a stop order for the opening.
    Combination,
    /// Not in this phase.
    Phase,
}
