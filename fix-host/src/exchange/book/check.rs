//! What must hold of a book after every request: for its tests, its fuzz target and its bench.

use super::{
    Book, QUEUES,
    ladder::Ladder,
    order::{Quantity, Side, TimeInForce},
    phase::Phase,
    store::{LevelAt, NIL, Place},
};

/// What a walk over all queues has counted.
#[derive(Default)]
struct Counted {
    orders: usize,
    open: [Quantity; 2],
}

impl Book {
    /// Looks at everything: the sums of every level, the order of every queue and ladder, that each order is found by its
    /// name, that nothing crosses and nothing for the closing trades while orders trade. It takes time in proportion to the book.
    ///
    /// # Errors
    /// What does not hold, for the one who mends the book.
    pub fn check(&self) -> Result<(), String> {
        let mut counted = Counted::default();
        for ladder in self.ladders.iter().chain(&self.stops) {
            self.check_ladder(ladder, &mut counted)?;
        }
        for (queue, place) in (0..).zip(QUEUES) {
            self.check_queue(queue, place, &mut counted)?;
        }
        ensure(counted.orders == self.ids.len(), || {
            format!("{} orders stand in queues, {} have names", counted.orders, self.ids.len())
        })?;
        ensure(counted.open == self.open, || {
            format!("{:?} is open in the queues, {:?} by the count", counted.open, self.open)
        })?;
        let is_open = self.phase == Phase::Open;
        let crosses = self.best(Side::Buy).zip(self.best(Side::Sell)).filter(|(bid, ask)| bid >= ask);
        ensure(!is_open || crosses.is_none(), || format!("bid and ask cross: {crosses:?}"))?;
        let waiting =
            [Side::Buy, Side::Sell].into_iter().any(|side| self.first(super::market_queue(side)).is_some());
        ensure(!is_open || !waiting, || "market orders wait while orders trade".to_owned())
    }

    fn check_ladder(&self, ladder: &Ladder, counted: &mut Counted) -> Result<(), String> {
        let (mut below, mut at) = (NIL, ladder.lowest);
        while at != NIL {
            let level = &self.store.levels[at as usize];
            let price = level.price;
            ensure(level.below == below, || format!("the level at {price} does not know the one below"))?;
            let is_higher = self.store.levels.get(below as usize).is_none_or(|below| below.price < price);
            ensure(is_higher, || format!("the level at {price} stands above a higher one"))?;
            ensure(ladder.finds(price) == Some(at), || format!("the level at {price} is not found"))?;
            ensure(level.orders > 0, || format!("the level at {price} is empty"))?;
            self.check_queue(at, ladder.place(), counted)?;
            (below, at) = (at, level.above);
        }
        ensure(ladder.highest == below, || format!("the highest level of {:?} is another", ladder.place()))
    }

    fn check_queue(&self, at: LevelAt, place: Place, counted: &mut Counted) -> Result<(), String> {
        let level = &self.store.levels[at as usize];
        ensure(level.place == place, || format!("a level of {place:?} says {:?}", level.place))?;
        let (mut shown, mut hidden, mut orders, mut stamp) = (0, 0, 0, 0);
        for (slot, order) in self.store.queue(at) {
            let id = order.id;
            ensure(order.level == at, || format!("{id:?} believes it stands elsewhere"))?;
            ensure(self.find(id) == Some(slot), || format!("{id:?} is not found"))?;
            ensure(order.stamp > stamp, || format!("{id:?} stands behind a younger one"))?;
            ensure(order.shown > 0, || format!("{id:?} shows nothing"))?;
            let most = if order.display_qty == 0 { order.open() } else { order.display_qty };
            ensure(order.shown <= most, || format!("{id:?} shows {}, at most {most}", order.shown))?;
            let (Place::Book(side) | Place::Stops(side) | Place::Market(side) | Place::AtClose(side)) = place;
            ensure(order.side == side, || format!("{id:?} stands on the wrong side"))?;
            let is_priced = !matches!(place, Place::Book(_)) || order.price == level.price;
            ensure(is_priced, || format!("{id:?} stands at {} with the limit {}", level.price, order.price))?;
            let is_early = self.phase == Phase::Open && order.time_in_force == TimeInForce::AtClose;
            ensure(!is_early || matches!(place, Place::AtClose(_)), || format!("{id:?} is for the closing"))?;
            stamp = order.stamp;
            (shown, hidden, orders) = (shown + order.shown, hidden + order.hidden, orders + 1);
            counted.open[side as usize] += order.open();
        }
        counted.orders += orders as usize;
        ensure((level.shown, level.hidden, level.orders) == (shown, hidden, orders), || {
            format!("the level at {} in {place:?} has wrong sums", level.price)
        })
    }
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}
