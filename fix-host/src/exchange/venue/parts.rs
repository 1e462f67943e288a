//! Orders that are filled in parts: of an order that would trade at once its book gets a part, and after a pause the next one.
//!
//! What is kept back is open and belongs to its order as any other quantity: it can be cancelled and replaced, and it is not in the
//! book. When trading stops for whatever reason, the book gets all of it first.

use std::collections::{BTreeSet, HashMap};

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use super::{Output, Venue};
use crate::exchange::{
    book::{CancelReason, Change, Event, Kind, NewOrder, OrderId, Phase, Quantity, Side, TimeInForce},
    orders::{Command, Listing},
};

/// Which parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InParts {
    /// Percent of the order's quantity, at least and at most.
    pub percent: (u64, u64),
    /// Microseconds between two parts, at least and at most.
    pub pause: (u64, u64),
    /// Only every so manyth of the orders that would trade at once.
    pub every: u64,
}

/// The orders that are filled in parts.
#[derive(Debug)]
pub(super) struct Parts {
    rule: InParts,
    random: ChaCha12Rng,
    /// Orders that would have traded at once, so far.
    seen: u64,
    /// When the next part of an order is due.
    due: BTreeSet<(UtcTimestamp, OrderId)>,
    orders: HashMap<OrderId, (UtcTimestamp, Whole)>,
}

/// How long a part waits for a person who has not decided what comes first, in microseconds.
const PATIENCE: u64 = 1_000_000;

/// What the parts of an order are parts of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    qty: Quantity,
    /// Parts are multiples of this.
    unit: Quantity,
}

impl Whole {
    /// Parts are of ones if the quantity is, otherwise of lots.
    fn of(qty: Quantity, listing: &Listing) -> Self {
        let one = listing.lots(Decimal::from(1)).ok();
        let unit = one.filter(|one| *one > 0 && qty.is_multiple_of(*one)).unwrap_or(1);
        Whole { qty, unit }
    }
}

impl Parts {
    fn plan(&mut self, id: OrderId, whole: Whole, now: UtcTimestamp) {
        let pause = self.random.random_range(self.rule.pause.0..=self.rule.pause.1);
        self.plan_after(pause, id, whole, now);
    }

    fn plan_after(&mut self, pause: u64, id: OrderId, whole: Whole, now: UtcTimestamp) {
        self.forget(id);
        let at = later(now, pause);
        self.due.insert((at, id));
        self.orders.insert(id, (at, whole));
    }

    fn forget(&mut self, id: OrderId) -> Option<Whole> {
        let (at, whole) = self.orders.remove(&id)?;
        self.due.remove(&(at, id));
        Some(whole)
    }

    /// How much of what is open is the next part.
    fn draw(&mut self, whole: Whole, open: Quantity) -> Quantity {
        let percent = self.random.random_range(self.rule.percent.0..=self.rule.percent.1);
        let part = u128::from(whole.qty) * u128::from(percent) / 100;
        let part = Quantity::try_from(part).unwrap_or(open) / whole.unit * whole.unit;
        part.clamp(whole.unit.min(open), open)
    }
}

/// So many microseconds later.
pub fn later(now: UtcTimestamp, micros: u64) -> UtcTimestamp {
    let nanos = u64::from(now.subsec_nanos()) + micros % 1_000_000 * 1000;
    let seconds = i64::try_from(micros / 1_000_000 + nanos / 1_000_000_000).unwrap_or(i64::MAX);
    let nanos = u32::try_from(nanos % 1_000_000_000).unwrap_or_default();
    UtcTimestamp::from_unix(now.unix_seconds().saturating_add(seconds), nanos)
}

impl Venue {
    /// Orders that would trade at once are filled in parts from now on.
    pub fn fill_in_parts(&mut self, rule: InParts, seed: u64) {
        let random = ChaCha12Rng::seed_from_u64(seed);
        self.parts =
            Some(Box::new(Parts { rule, random, seen: 0, due: BTreeSet::new(), orders: HashMap::new() }));
    }

    /// When the next part of an order is due.
    pub fn next_part(&self) -> Option<UtcTimestamp> {
        self.parts.as_ref()?.due.first().map(|(at, _)| *at)
    }

    /// The next part of an order whose time has come by `now`, and that time.
    pub(super) fn due_part(&self, now: UtcTimestamp) -> Option<(UtcTimestamp, OrderId)> {
        self.parts.as_ref()?.due.first().filter(|(at, _)| *at <= now).copied()
    }

    /// Fills the next part of an order, if it still is one that has more.
    pub(super) fn fill_part(&mut self, id: OrderId, out: &mut Vec<Output>) {
        let Some(whole) = self.parts.as_mut().and_then(|parts| parts.forget(id)) else { return };
        if !self.orders.is_kept_back(id) {
            return;
        }
        if self.orders.waits(id) {
            // A person decides what waits about it first.
            if let Some(parts) = &mut self.parts {
                parts.plan_after(PATIENCE, id, whole, self.now);
            }
            return;
        }
        self.decide_part(id, Some(whole), out);
    }

    /// Before trading stops, the book gets all that is kept back of its orders.
    pub(super) fn fill_all_parts(&mut self, place: usize, out: &mut Vec<Output>) {
        let Some(parts) = &self.parts else { return };
        let mut ids: Vec<OrderId> = parts.orders.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            if self.orders.listing(id).is_some_and(|listing| listing.place != place) {
                continue;
            }
            self.parts.as_mut().and_then(|parts| parts.forget(id));
            self.enter_rest(id, out);
        }
    }

    /// The book gets all that is kept back of an order; a request that waits about it goes on waiting.
    fn enter_rest(&mut self, id: OrderId, out: &mut Vec<Output>) {
        if self.orders.reopen(id).is_some() {
            self.decide_whole(id, out);
        }
    }

    /// Decides what waits for an order, of which its book gets a part at a time if it would trade at once.
    pub(super) fn decide_part(&mut self, id: OrderId, whole: Option<Whole>, out: &mut Vec<Output>) {
        let in_book = self.orders.open(id);
        let command = self.orders.decide(id, &mut self.told);
        match command {
            Some(Command::Enter(order)) => match self.part_of(&order, whole) {
                Some((whole, part)) => self.enter_part(&order, whole, part, out),
                None => self.carry_out(id, command, out),
            },
            Some(Command::Replace(_, Change { open: Some(open), price: None, .. })) if whole.is_some() => {
                let part = whole.zip(self.parts.as_mut());
                let part = part.map_or(open, |(whole, parts)| parts.draw(whole, open - in_book.min(open)));
                let now = (in_book + part).min(open);
                self.carry_out(id, Some(Command::Replace(id, Change::open(now))), out);
                self.go_on(id, whole);
            }
            _ => self.carry_out(id, command, out),
        }
    }

    /// The first, or next, part of an order that would trade at once; `None` if its book gets all of it.
    fn part_of(&mut self, order: &NewOrder, whole: Option<Whole>) -> Option<(Whole, Quantity)> {
        let place = self.orders.listing(order.id)?.place;
        let other = self.best(place, order.side.opposite())?;
        let crosses = match order.kind {
            Kind::Market => true,
            Kind::Limit(limit) if order.side == Side::Buy => limit >= other,
            Kind::Limit(limit) => limit <= other,
            Kind::MarketToLimit | Kind::Stop(_) | Kind::StopLimit { .. } => false,
        };
        let lasts = matches!(
            order.time_in_force,
            TimeInForce::Day | TimeInForce::GoodTill | TimeInForce::ImmediateOrCancel
        );
        let is_plain = order.min_qty == 0 && order.display_qty == 0;
        let is_open = self.phase_of(place) == Some(Phase::Open);
        if !(crosses && lasts && is_plain && is_open) || self.holds {
            return None;
        }
        let (listing, parts) = (self.orders.listing(order.id)?, self.parts.as_mut()?);
        // An order that was changed goes on as it began.
        let whole = match whole.or_else(|| parts.forget(order.id)) {
            Some(whole) => whole,
            None => {
                parts.seen += 1;
                if !parts.seen.is_multiple_of(parts.rule.every) {
                    return None;
                }
                Whole::of(order.qty, listing)
            }
        };
        let part = parts.draw(whole, order.qty);
        (part < order.qty).then_some((whole, part))
    }

    fn enter_part(&mut self, order: &NewOrder, whole: Whole, part: Quantity, out: &mut Vec<Output>) {
        let NewOrder { id, qty, time_in_force, .. } = *order;
        self.carry_out(id, Some(Command::Enter(NewOrder { qty: part, ..*order })), out);
        self.orders.keep_back(id, qty - part);
        if time_in_force != TimeInForce::ImmediateOrCancel {
            return self.go_on(id, Some(whole));
        }
        // It gets one part, and what is left has not traded at once.
        if let Some(place) = self.orders.listing(id).map(|listing| listing.place)
            && self.orders.is_kept_back(id)
        {
            let reason = CancelReason::NotImmediate;
            self.events.push(Event::Cancelled { id, qty: qty - part, reason });
            self.settle(place, out);
        }
    }

    /// Orders of which an earlier start had kept something back go on after a pause; without such a rule now, their book gets it.
    pub(super) fn go_on_after_restart(&mut self, out: &mut Vec<Output>) {
        for id in self.orders.to_reopen(None) {
            let Some(picture) = self.orders.picture(id) else { continue };
            let (qty, listing) = (picture.order_qty, &picture.terms.listing);
            if self.phase_of(listing.place) != Some(Phase::Open) {
                continue;
            }
            let whole = Whole::of(qty, listing);
            match self.parts {
                Some(_) => self.go_on(id, Some(whole)),
                None => self.enter_rest(id, out),
            }
        }
    }

    /// The next part comes after a pause, if there is one.
    fn go_on(&mut self, id: OrderId, whole: Option<Whole>) {
        let (is_kept_back, now) = (self.orders.is_kept_back(id), self.now);
        if let (true, Some(whole), Some(parts)) = (is_kept_back, whole, &mut self.parts) {
            parts.plan(id, whole, now);
        }
    }
}
