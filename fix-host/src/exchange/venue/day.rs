//! Phases, the end of orders by their time, and what a person does as the venue.

use std::{cmp::Reverse, collections::BinaryHeap};

use fix_core::{decimal::Decimal, time::UtcTimestamp};

use super::{Output, Venue};
use crate::exchange::{
    book::{OrderId, Owner, Phase, Quantity, Side, Ticks},
    orders::{Expires, Listing},
};

/// The orders that end at a time, the first one first.
#[derive(Debug)]
pub(super) struct Endings {
    waiting: BinaryHeap<Reverse<(i64, u32, OrderId)>>,
    /// With so many it is time to look which have ended.
    most: usize,
}

/// Ends of orders that are not worth a look.
const FEW: usize = 1_024;

impl Default for Endings {
    fn default() -> Self {
        Endings { waiting: BinaryHeap::new(), most: 2 * FEW }
    }
}

/// The moment of an end: seconds since 1970, and nanoseconds.
fn moment(expires: Expires) -> (i64, u32) {
    match expires {
        Expires::At(time) => (time.unix_seconds(), time.subsec_nanos()),
        Expires::On(date) => ((date.unix_days() + 1) * 86_400, 0),
    }
}

/// True if that end has come.
pub(super) fn is_over(expires: Expires, now: UtcTimestamp) -> bool {
    moment(expires) <= (now.unix_seconds(), now.subsec_nanos())
}

impl Endings {
    pub(super) fn add(&mut self, expires: Expires, id: OrderId) {
        let (seconds, nanos) = moment(expires);
        self.waiting.push(Reverse((seconds, nanos, id)));
    }

    /// Forgets the ends of orders that have ended before, when there are many more of them than there were.
    pub(super) fn forget(&mut self, is_open: impl Fn(OrderId) -> bool) {
        if self.waiting.len() >= self.most {
            self.waiting.retain(|Reverse((_, _, id))| is_open(*id));
            self.most = 2 * self.waiting.len().max(FEW);
        }
    }

    /// The next order whose time has come; whether it is still there, the caller knows.
    pub(super) fn due(&mut self, now: UtcTimestamp) -> Option<OrderId> {
        let Reverse((seconds, nanos, _)) = *self.waiting.peek()?;
        if (seconds, nanos) > (now.unix_seconds(), now.subsec_nanos()) {
            return None;
        }
        self.waiting.pop().map(|Reverse((_, _, id))| id)
    }
}

/// The venue has nothing of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No such order, or it has ended.
    #[error("no live order has this number")]
    Order,
    /// No such execution, or it was taken back.
    #[error("no execution has this number")]
    Execution,
    /// Not such a price or quantity: what would be right.
    #[error("{0}")]
    Value(String),
    /// No request about the order waits.
    #[error("nothing waits to be decided about this order")]
    Request,
    /// The order has no limit, and its book no price.
    #[error("there is no price to fill it at; give one")]
    Price,
    /// No order is filled so but by mistake.
    #[error(
        "{price} is worse than its limit {limit}; --beyond-limit (\"beyondLimit\": true) if that is meant"
    )]
    BeyondLimit {
        /// What was asked for.
        price: Decimal,
        /// Price(44) of the order.
        limit: Decimal,
    },
    /// It does not trade at the moment.
    #[error("it is suspended: it can be resumed or cancelled")]
    Suspended,
    /// It trades.
    #[error("it is not suspended")]
    NotSuspended,
    /// Its own request waits for a person.
    #[error("it waits to be accepted: accept, fill or reject it first")]
    NotAccepted,
    /// The day is not over.
    #[error("the day is not over: phase close first")]
    NotClosed,
    /// The instrument is closed.
    #[error("the instrument is closed")]
    Closed,
    /// What is open of the order is kept back between two parts, or until its book takes orders again.
    #[error(
        "its book has nothing of it at the moment: try again with its next part, or once the instrument is open"
    )]
    NotInBook,
}

impl Venue {
    /// The next phase of one instrument. What a bust has opened while the book was closed is entered when it takes orders.
    pub fn set_phase_of(&mut self, place: usize, phase: Phase, out: &mut Vec<Output>) {
        self.begin_phase(place, phase, out);
        self.end_beside_book(Some(place), phase, out);
        self.reopen(Some(place), phase, out);
    }

    /// Halts an instrument that is open until it [goes on](Self::go_on_after_pause), or anybody gives it another phase. An
    /// exchange that is restarted meanwhile lets it go on.
    pub fn pause(&mut self, place: usize, out: &mut Vec<Output>) {
        if self.phase_of(place) == Some(Phase::Open) {
            self.set_phase_of(place, Phase::Halted, out);
            if let Some(market) = self.markets.get_mut(place) {
                market.is_paused = true;
            }
        }
    }

    /// An instrument that is [paused](Self::pause) trades again; nothing is done to one that is not.
    pub fn go_on_after_pause(&mut self, place: usize, out: &mut Vec<Output>) {
        if self.markets.get(place).is_some_and(|market| market.is_paused) {
            self.set_phase_of(place, Phase::Open, out);
        }
    }

    fn begin_phase(&mut self, place: usize, phase: Phase, out: &mut Vec<Output>) {
        let Some(market) = self.markets.get_mut(place) else { return };
        let before = market.book.phase();
        if before == Phase::Open && phase != before {
            self.fill_all_parts(place, out);
        }
        let Some(market) = self.markets.get_mut(place) else { return };
        market.is_paused = false;
        market.book.set_phase(phase, &mut self.events);
        // Though no order has changed.
        self.touch(place);
        self.phase_changes += u64::from(before != phase);
        if let (Some(_), Some(market)) = (&self.keeping, self.markets.get(place)) {
            // Orders for the closing, and what is left of market orders, stand elsewhere now, of which the book says nothing.
            let orders = [Side::Buy, Side::Sell].map(|side| market.book.orders(side));
            orders.into_iter().flatten().for_each(|order| self.orders.touch(order.id));
        }
        self.settle(place, out);
        let day = self.trades.day_mut(place);
        match (before, phase) {
            (Phase::Closed, Phase::Closed) => {}
            (Phase::Closed, _) => day.begin(),
            (_, Phase::Closed) => day.close(),
            _ => {}
        }
        self.keep_market(place);
    }

    fn reopen(&mut self, place: Option<usize>, phase: Phase, out: &mut Vec<Output>) {
        if phase != Phase::Closed {
            for id in self.orders.to_reopen(place) {
                // What a person has not decided goes on waiting behind it.
                self.orders.reopen(id);
                self.decide(id, out);
            }
        }
    }

    /// The next phase of all instruments, and of those to come. With the close the day ends, with the next phase another
    /// begins: orders that outlive the day are told.
    pub fn set_phase(&mut self, phase: Phase, out: &mut Vec<Output>) {
        let before = std::mem::replace(&mut self.phase, phase);
        self.touch_venue();
        if before == Phase::Closed && phase != Phase::Closed {
            self.orders.begin_day(&mut self.told);
            out.extend(self.told.drain(..).map(Output::Order));
        }
        for place in 0..self.markets.len() {
            self.begin_phase(place, phase, out);
        }
        self.end_beside_book(None, phase, out);
        self.reopen(None, phase, out);
        if before != Phase::Closed && phase == Phase::Closed {
            self.orders.end_day(&mut self.told);
            out.extend(self.told.drain(..).map(Output::Order));
        }
    }

    /// The phase of the venue: of all instruments that were given no other.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// A session is gone, and its orders are to go with it.
    pub fn leave(&mut self, owner: Owner, out: &mut Vec<Output>) {
        for id in self.orders.of_session(owner, None, None) {
            self.cancel_unasked(id, out);
        }
    }

    /// Cancels an order, which its session did not ask for.
    ///
    /// # Errors
    /// [`Unknown::Order`]
    pub fn cancel_by_hand(&mut self, id: OrderId, out: &mut Vec<Output>) -> Result<(), Unknown> {
        if !self.orders.is_live(id) && !self.orders.is_suspended(id) && !self.orders.is_kept_back(id) {
            return Err(Unknown::Order);
        }
        self.cancel_unasked(id, out);
        Ok(())
    }

    /// Takes an execution back; what it filled is open again.
    ///
    /// # Errors
    /// [`Unknown::Execution`]
    pub fn bust(&mut self, exec_id: u64, out: &mut Vec<Output>) -> Result<(), Unknown> {
        let id = self.orders.bust(exec_id, &mut self.told);
        self.taken_back(id, Unknown::Execution, out)
    }

    /// Corrects an execution.
    ///
    /// # Errors
    /// [`Unknown::Execution`], [`Unknown::Value`], [`Unknown::BeyondLimit`]
    pub fn correct(
        &mut self,
        exec_id: u64,
        price: Decimal,
        qty: Decimal,
        beyond_limit: bool,
        out: &mut Vec<Output>,
    ) -> Result<(), Unknown> {
        let order = self.orders.of_execution(exec_id).ok_or(Unknown::Execution)?;
        let listing = self.orders.listing(order).ok_or(Unknown::Execution)?;
        let (price, lots) = (hand_price(listing, price)?, hand_qty(listing, qty)?);
        self.is_within_limit(order, price, beyond_limit)?;
        let most = self.orders.execution_qty(exec_id).unwrap_or(0);
        if !(1..=most).contains(&lots) {
            let most = listing.qty(most);
            return Err(Unknown::Value(format!(
                "{qty} is not above 0 and at most the {most} that were traded"
            )));
        }
        let id = self.orders.correct(exec_id, price, lots, &mut self.told);
        self.taken_back(id, Unknown::Execution, out)
    }

    /// Guarantees an order its price.
    ///
    /// # Errors
    /// [`Unknown::Order`], [`Unknown::NotAccepted`], [`Unknown::Suspended`], [`Unknown::NotInBook`]
    pub fn stop(&mut self, id: OrderId, out: &mut Vec<Output>) -> Result<(), Unknown> {
        self.is_live(id)?;
        self.orders.stop(id, &mut self.told);
        self.taken_back(None, Unknown::Order, out)
    }

    /// An order that is known to be open is in its book, or it says why nothing can be done there.
    pub(super) fn is_in_book(&self, id: OrderId) -> Result<(), Unknown> {
        if self.orders.is_suspended(id) {
            return Err(Unknown::Suspended);
        }
        let is_out = self.orders.is_kept_back(id) && !self.orders.is_live(id);
        if is_out { Err(Unknown::NotInBook) } else { Ok(()) }
    }

    /// An order can trade, or it says why not.
    pub(super) fn is_live(&self, id: OrderId) -> Result<(), Unknown> {
        if self.orders.waits_as_new(id) {
            return Err(Unknown::NotAccepted);
        }
        self.is_in_book(id)?;
        if self.orders.is_live(id) { Ok(()) } else { Err(Unknown::Order) }
    }

    /// Tells what was said; where nothing was, that is the mistake. An order that is open again is decided.
    fn taken_back(
        &mut self,
        id: Option<OrderId>,
        mistake: Unknown,
        out: &mut Vec<Output>,
    ) -> Result<(), Unknown> {
        if self.told.is_empty() {
            return Err(mistake);
        }
        out.extend(self.told.drain(..).map(Output::Order));
        if let Some(id) = id {
            self.decide(id, out);
        }
        Ok(())
    }
}

/// A price that a person gives, in ticks.
pub(super) fn hand_price(listing: &Listing, price: Decimal) -> Result<Ticks, Unknown> {
    let ticks = listing.ticks(price).ok().filter(|ticks| *ticks > 0);
    let Listing { symbol, tick, .. } = listing;
    ticks.ok_or_else(|| {
        Unknown::Value(format!("{price} is no price of {symbol}: above 0, and a multiple of its tick {tick}"))
    })
}

/// A quantity that a person gives, in lots.
pub(super) fn hand_qty(listing: &Listing, qty: Decimal) -> Result<Quantity, Unknown> {
    let Listing { symbol, lot, .. } = listing;
    listing
        .lots(qty)
        .map_err(|_| Unknown::Value(format!("{qty} is no quantity of {symbol}: a multiple of its lot {lot}")))
}
