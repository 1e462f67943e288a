//! The levels of one side in the order of their prices.

use super::{
    order::Ticks,
    price_index::{Found, PriceIndex},
    store::{Level, LevelAt, NIL, Place, Store},
};

/// The levels that belong to one [`Place`]. None of them is empty.
#[derive(Debug)]
pub(super) struct Ladder {
    index: PriceIndex,
    place: Place,
    pub(super) lowest: LevelAt,
    pub(super) highest: LevelAt,
}

impl Ladder {
    pub(super) fn with_capacity(place: Place, levels: usize) -> Self {
        Ladder { index: PriceIndex::with_capacity(levels), place, lowest: NIL, highest: NIL }
    }

    /// The level at this price; a new one must be filled.
    #[inline]
    pub(super) fn level(&mut self, price: Ticks, store: &mut Store) -> LevelAt {
        let vacancy = match self.index.find(price) {
            Found::Level(level) => return level,
            Found::Nothing(vacancy) => vacancy,
        };
        let at = store.add_level(price, self.place);
        self.index.fill(&vacancy, at);
        let below = vacancy.below;
        let above = if below == NIL {
            std::mem::replace(&mut self.lowest, at)
        } else {
            std::mem::replace(&mut store.levels[below as usize].above, at)
        };
        if above == NIL {
            self.highest = at;
        } else {
            store.levels[above as usize].below = at;
        }
        let level = &mut store.levels[at as usize];
        (level.below, level.above) = (below, above);
        at
    }

    /// The level at this price, if there is one.
    pub(super) fn finds(&self, price: Ticks) -> Option<LevelAt> {
        self.index.get(price)
    }

    /// What its levels belong to.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Takes an empty level out.
    #[inline]
    pub(super) fn remove(&mut self, at: LevelAt, store: &mut Store) {
        let Level { price, below, above, .. } = store.levels[at as usize];
        self.index.remove(price);
        if below == NIL {
            self.lowest = above;
        } else {
            store.levels[below as usize].above = above;
        }
        if above == NIL {
            self.highest = below;
        } else {
            store.levels[above as usize].below = below;
        }
        store.drop_level(at);
    }
}
