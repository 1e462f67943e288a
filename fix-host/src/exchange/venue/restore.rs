//! The venue as an earlier start left it.

use fix_core::{decimal::Decimal, time::UtcTimestamp};

use super::{MarketState, Output, Venue, request::Named};
use crate::exchange::{
    book::{Event, NewOrder, OrderId, Phase, Standing},
    orders::{self, ord_rej_reason},
};

/// Why an order is not restored whose price and quantity cannot be told in the steps of its instrument.
const OTHER_STEPS: &str =
    "the exchange was restarted with other steps of price or quantity for this instrument";

/// What an earlier start of the venue left.
#[derive(Debug)]
pub struct Earlier<'a> {
    /// Numbers of orders, of the venue's own too, of executions and of trades go on behind this one.
    pub numbers: u64,
    /// The phase of instruments that were given no other, and whether requests are held; `None`: as the venue begins.
    pub venue: Option<(Phase, bool)>,
    /// Markets that are not as the venue begins them.
    pub markets: Vec<EarlierMarket<'a>>,
    /// Orders in the order in which they were taken.
    pub orders: Vec<EarlierOrder<'a>>,
}

/// An instrument as it was named, and what a tick and a lot of it were worth.
pub type Steps<'a> = (&'a str, Decimal, Decimal);

/// The market of an instrument, as it was.
#[derive(Debug)]
pub struct EarlierMarket<'a> {
    /// Its instrument.
    pub steps: Steps<'a>,
    /// How it was.
    pub state: MarketState,
    /// That was on an earlier day.
    pub is_of_earlier_day: bool,
}

/// An order, as it was.
#[derive(Debug)]
pub struct EarlierOrder<'a> {
    /// How it stood.
    pub order: orders::Restored<'a>,
    /// Its instrument.
    pub steps: Steps<'a>,
    /// Where it stood in its book.
    pub stands: Option<Standing>,
    /// It came on an earlier day.
    pub is_of_earlier_day: bool,
}

impl Venue {
    /// Goes on from where an earlier start was, at the time `now`; what changes is [told](Self::changed) from here on. Nothing
    /// trades by it, but what was collected while an instrument was [paused](Self::pause). Orders end whose time has come
    /// meanwhile, and those for an instrument that has other steps now, and are told so.
    pub fn restore(&mut self, earlier: &Earlier<'_>, now: UtcTimestamp, out: &mut Vec<Output>) {
        self.orders.begin_numbers(earlier.numbers);
        self.trades.begin_numbers(earlier.numbers);
        self.maker_ids = earlier.numbers;
        if let Some((phase, holds)) = earlier.venue {
            (self.phase, self.holds) = (phase, holds);
            self.markets.iter_mut().for_each(|market| market.book.resume(phase, 0));
        }
        earlier.markets.iter().for_each(|market| self.restore_market(market));
        let mut left_out = 0_usize;
        for order in &earlier.orders {
            let Some((place, _)) = self.place_of(order.steps) else {
                left_out += 1;
                continue;
            };
            let listing = self.listings.all()[place].clone();
            self.orders.restore(order.order, listing, &mut self.told);
            out.extend(self.told.drain(..).map(Output::Order));
        }
        if left_out > 0 {
            tracing::warn!(
                "{left_out} orders of an earlier start are not known to the venue: it has too many instruments that are in no \
                 list to take those of these orders too"
            );
        }
        // What is known already need not be kept again, what becomes of it now is.
        let ended = self.put_into_books(&earlier.orders);
        self.keep();
        for (id, text) in ended {
            self.orders.not_restored(id, text, &mut self.told);
            out.extend(self.told.drain(..).map(Output::Order));
        }
        self.advance(now, out);
        for place in 0..self.markets.len() {
            self.go_on_after_pause(place, out);
        }
        self.go_on_after_restart(out);
    }

    fn restore_market(&mut self, market: &EarlierMarket<'_>) {
        let Some((place, has_same_steps)) = self.place_of(market.steps) else { return };
        let MarketState { phase, is_paused, last_price, mut day } = market.state;
        let Some(market_now) = self.markets.get_mut(place) else { return };
        market_now.book.resume(phase, 0);
        market_now.is_paused = is_paused;
        if !has_same_steps {
            return;
        }
        if let Some(price) = last_price {
            market_now.book.set_last_price(price);
        }
        if market.is_of_earlier_day && phase != Phase::Closed {
            day.close();
            day.begin();
        }
        *self.trades.day_mut(place) = day;
    }

    /// Puts orders where they stood. Returns those that do not come there, and why if not because their day is over.
    fn put_into_books(&mut self, orders: &[EarlierOrder<'_>]) -> Vec<(OrderId, Option<&'static str>)> {
        let mut by_stamp: Vec<_> = orders.iter().collect();
        by_stamp.sort_by_key(|order| order.stands.map(|stands| stands.stamp));
        let mut ended = Vec::new();
        for order in by_stamp {
            let id = order.order.id;
            let Some((place, has_same_steps)) = self.place_of(order.steps) else { continue };
            let state = order.order.state;
            if let Some(expires) = state.expires() {
                self.endings.add(expires, id);
            }
            if order.is_of_earlier_day && state.is_of_the_day() {
                ended.push((id, None));
            } else if !has_same_steps {
                ended.push((id, Some(OTHER_STEPS)));
            } else if let (Some(stands), Some(market)) = (order.stands, self.markets.get_mut(place)) {
                let new = NewOrder { id, owner: order.order.owner, ..state.in_book() };
                market.book.resume(market.book.phase(), stands.stamp.saturating_sub(1));
                market.book.stand(&new, &stands, &mut self.events);
                if let [Event::Rejected { reason, .. }] = self.events[..] {
                    ended.push((id, Some(ord_rej_reason(reason).1)));
                }
                self.events.clear();
            }
        }
        ended
    }

    /// The place of an instrument, and whether its steps are what they were.
    fn place_of(&mut self, (symbol, tick, lot): Steps<'_>) -> Option<(usize, bool)> {
        let (listing, is_new) = self.listings.find_or_add(Named::Symbol(symbol), false).ok()?;
        if is_new {
            self.add_market();
        }
        Some((listing.place, (listing.tick, listing.lot) == (tick, lot)))
    }
}
