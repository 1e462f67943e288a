//! The figures of a day as entries: what a market says beside its book and its trades.

use fix_core::{decimal::Decimal, dict::fix44::code::MdEntryType};

use crate::exchange::{orders::Listing, venue::DayFigures};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Open,
    Close,
    Settlement,
    High,
    Low,
    Vwap,
    Volume,
}

/// MDEntryPx(270) or MDEntrySize(271) of each figure, by [`Figure::ALL`]; `None`: there is none, or nobody asked for it.
pub(super) type Values = [Option<Decimal>; Figure::ALL.len()];

impl Figure {
    /// All, in the order of their codes.
    pub(super) const ALL: [Figure; 7] = [
        Figure::Open,
        Figure::Close,
        Figure::Settlement,
        Figure::High,
        Figure::Low,
        Figure::Vwap,
        Figure::Volume,
    ];

    /// MDEntryType(269)
    pub(super) const fn entry_type(self) -> MdEntryType {
        match self {
            Figure::Open => MdEntryType::OPENING_PRICE,
            Figure::Close => MdEntryType::CLOSING_PRICE,
            Figure::Settlement => MdEntryType::SETTLEMENT_PRICE,
            Figure::High => MdEntryType::TRADING_SESSION_HIGH_PRICE,
            Figure::Low => MdEntryType::TRADING_SESSION_LOW_PRICE,
            Figure::Vwap => MdEntryType::TRADING_SESSION_VWAP_PRICE,
            Figure::Volume => MdEntryType::TRADE_VOLUME,
        }
    }

    /// True if its number is a quantity, in MDEntrySize(271).
    pub(super) const fn is_size(self) -> bool {
        matches!(self, Figure::Volume)
    }

    /// The prices of the last close are those that settle: the venue has no other ones.
    fn of(self, day: &DayFigures, listing: &Listing) -> Option<Decimal> {
        let prices = day.prices;
        match self {
            Figure::Open => prices.map(|prices| listing.price(prices.open)),
            Figure::High => prices.map(|prices| listing.price(prices.high)),
            Figure::Low => prices.map(|prices| listing.price(prices.low)),
            Figure::Close | Figure::Settlement => day.close.map(|price| listing.price(price)),
            Figure::Vwap => day.vwap(listing.tick),
            Figure::Volume => prices.map(|_| listing.qty(day.volume)),
        }
    }
}

/// The figures that are wanted.
pub(super) fn values(
    wanted: [bool; Figure::ALL.len()],
    day: Option<&DayFigures>,
    listing: &Listing,
) -> Values {
    let mut values = Values::default();
    for ((value, figure), is_wanted) in values.iter_mut().zip(Figure::ALL).zip(wanted) {
        *value = day.filter(|_| is_wanted).and_then(|day| figure.of(day, listing));
    }
    values
}
