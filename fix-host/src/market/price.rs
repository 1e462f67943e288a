//! Prices as they are shown and published.

use fix_core::{decimal::Decimal, time::UtcTimestamp};

use super::Quote;

/// Who says a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The simulator in this process: nobody trades at it.
    Simulated,
    /// The counterparty of a session, in its market data.
    Counterparty,
}

impl Source {
    /// The word for it in JSON and tables.
    pub fn word(self) -> &'static str {
        match self {
            Source::Simulated => "simulated",
            Source::Counterparty => "counterparty",
        }
    }
}

/// The market of one instrument as it was last said. A price that nobody said is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Symbol(55).
    pub symbol: &'static str,
    /// Who says so.
    pub source: Source,
    /// The best bid.
    pub bid: Option<Decimal>,
    /// The best ask.
    pub ask: Option<Decimal>,
    /// The middle of bid and ask.
    pub mid: Option<Decimal>,
    /// The mid minus the first one: of the simulator, or of the counterparty since the start of the engine.
    pub change: Option<Decimal>,
    /// Volume-weighted average as the counterparty says it; of the simulator the mean of its mids.
    pub vwap: Option<Decimal>,
    /// The last trade that the counterparty told of.
    pub last: Option<Decimal>,
    /// When it was said.
    pub at: UtcTimestamp,
    /// It may not hold any more: the counterparty is not logged on, or has said nothing since it is.
    pub is_stale: bool,
}

impl Price {
    /// What the simulator quotes at the moment `at`.
    pub fn simulated(quote: Quote, at: UtcTimestamp) -> Self {
        Price {
            symbol: quote.symbol,
            source: Source::Simulated,
            bid: Some(quote.bid),
            ask: Some(quote.ask),
            mid: Some(quote.mid),
            change: Some(quote.change),
            vwap: Some(quote.vwap),
            last: None,
            at,
            is_stale: false,
        }
    }
}

/// All prices at one moment, in the order of the instruments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Of one source.
    pub prices: Vec<Price>,
}
