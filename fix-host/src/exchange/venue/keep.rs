//! What has to be kept of the venue, for it to go on after a restart as if there had been none.

use std::sync::Arc;

use super::{DayFigures, Venue};
use crate::exchange::{
    book::{OrderId, Phase, Standing, Ticks},
    orders::{self, Listing},
};

/// Something that has changed.
#[derive(Debug)]
pub enum Change<'a> {
    /// A request about an order has come; it may be over already.
    Request {
        /// The order.
        id: OrderId,
        /// ClOrdID(11) of the request.
        cl_ord_id: &'a str,
    },
    /// An order.
    Order {
        /// How it is now.
        order: &'a orders::Changed<'a>,
        /// Where it stands, if its book has it.
        stands: Option<Standing>,
    },
    /// The market of an instrument.
    Market {
        /// The instrument.
        listing: &'a Arc<Listing>,
        /// How it is now.
        state: MarketState,
    },
    /// The venue.
    Venue {
        /// The phase of instruments that were given no other.
        phase: Phase,
        /// Requests are held for a person.
        holds: bool,
    },
}

/// What is kept of the market of an instrument, besides its orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketState {
    /// What its book does.
    pub phase: Phase,
    /// It is halted, and goes on by itself, at a restart at the latest.
    pub is_paused: bool,
    /// The price that its book has traded at last.
    pub last_price: Option<Ticks>,
    /// Its day.
    pub day: DayFigures,
}

/// What has changed since it was told.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    places: Vec<usize>,
    venue: bool,
}

impl Venue {
    /// What changes is [told](Self::changed) from now on.
    pub(super) fn keep(&mut self) {
        self.orders.keep();
        self.keeping = Some(Keeping::default());
    }

    /// The market of an instrument has changed.
    pub(super) fn keep_market(&mut self, place: usize) {
        if let (Some(keeping), Some(market)) = (&mut self.keeping, self.markets.get_mut(place))
            && !std::mem::replace(&mut market.has_changed, true)
        {
            keeping.places.push(place);
        }
    }

    /// The venue itself has.
    pub(super) fn touch_venue(&mut self) {
        if let Some(keeping) = &mut self.keeping {
            keeping.venue = true;
        }
    }

    /// Tells each thing that has changed since the last call, as it is now.
    pub fn changed(&mut self, mut tell: impl FnMut(Change<'_>)) {
        let Venue { orders, markets, listings, keeping: Some(keeping), trades, phase, holds, .. } = self
        else {
            return;
        };
        if std::mem::take(&mut keeping.venue) {
            tell(Change::Venue { phase: *phase, holds: *holds });
        }
        for place in keeping.places.drain(..) {
            let (Some(market), Some(listing)) = (markets.get_mut(place), listings.all().get(place)) else {
                continue;
            };
            market.has_changed = false;
            let (phase, last_price) = (market.book.phase(), market.book.last_price());
            let is_paused = market.is_paused;
            let state = MarketState { phase, is_paused, last_price, day: *trades.day_mut(place) };
            tell(Change::Market { listing, state });
        }
        orders.requests(|id, cl_ord_id| tell(Change::Request { id, cl_ord_id }));
        orders.changes(|order| {
            let market = markets.get(order.listing.place);
            tell(Change::Order { order, stands: market.and_then(|market| market.book.standing(order.id)) });
        });
    }
}
