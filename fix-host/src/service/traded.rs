//! What a page is told of an instrument, of an engine and of an exchange alike.

use fix_core::tag;

use crate::{contract::number, market::Instrument, web::Traded};

/// How the prices of `instrument` are written.
pub(super) fn traded(instrument: &Instrument) -> Traded {
    Traded {
        symbol: instrument.symbol.to_owned(),
        tick: instrument.tick.to_string(),
        decimals: [instrument.tick, instrument.initial, instrument.half_spread]
            .map(|value| value.normalized().scale().into())
            .into_iter()
            .max()
            .unwrap_or_default(),
        // Bonds, in percent of par, are read in 32nds even where their grid is decimal.
        is_thirty_seconds: number::is_in_32nds(instrument.tick)
            || instrument.listed(tag::PRICE_TYPE) == Some("1"),
    }
}
