//! The best prices of the books, for who shares the process with the exchange.

use std::sync::Arc;

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use tokio::sync::Notify;

use super::{Floor, Prices, State};
use crate::{
    contract::price::{Price, Snapshot},
    exchange::book::Side,
};

impl Floor {
    /// The prices at which orders would trade now, as they stand in the books; none of an exchange that plays a recording.
    /// The mean price and the change are those of the simulator.
    pub fn prices(&self, now: UtcTimestamp) -> Snapshot {
        let state = self.state();
        let Prices::Simulated(market) = &state.prices else { return Snapshot { prices: Vec::new() } };
        let quoted = market.snapshot(now).prices.into_iter().enumerate();
        Snapshot { prices: quoted.map(|(place, price)| state.best(place, price)).collect() }
    }

    /// Is told whenever [`prices`](Self::prices) may have changed.
    pub fn moves(&self) -> Arc<Notify> {
        Arc::clone(&self.0.moved)
    }
}

impl State {
    /// The simulator's price of an instrument, with what its book and its trades say.
    fn best(&self, place: usize, simulated: Price) -> Price {
        let Some(depth) = self.venue.depth(place) else { return simulated };
        let [bid, ask] =
            [Side::Buy, Side::Sell].map(|side| Some(depth.listing.price(depth.book.best(side)?)));
        let mid = bid.zip(ask).and_then(|(bid, ask): (Decimal, Decimal)| {
            bid.checked_add(ask)?.checked_div(2.into(), bid.scale() + 1)
        });
        let open = simulated.mid.zip(simulated.change).and_then(|(mid, change)| mid.checked_sub(change));
        let change = mid.zip(open).and_then(|(mid, open)| mid.checked_sub(open));
        let last = self.venue.day(place).and_then(|day| Some(depth.listing.price(day.last?.0)));
        Price { bid, ask, mid, change, last, ..simulated }
    }
}
