//! What one subscriber sees of the market of one instrument.

use crate::exchange::{
    book::{Quantity, Side, Ticks},
    venue::Depth,
};

/// How much of a book is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    /// So many prices of each side, or orders; `usize::MAX`: all.
    pub(super) depth: usize,
    /// Each order by itself, instead of each price.
    pub(super) by_order: bool,
    /// The sides that are seen: bids, offers.
    pub(super) sides: [bool; 2],
}

/// A price of the book, or an order in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of the order; at a price, the price again.
    pub(super) key: u64,
    pub(super) price: Ticks,
    /// What is shown: of an iceberg no more.
    pub(super) qty: Quantity,
    /// How many orders.
    pub(super) orders: u32,
}

/// Both sides, the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    sides: [Vec<Line>; 2],
}

impl Picture {
    /// Of a book as it is shown.
    pub(super) fn of(depth: &Depth<'_>, view: View) -> Self {
        let (book, too_high) = (depth.book, depth.bids_too_high());
        let shown = |side: Side, price: Ticks| if side == Side::Buy { price + too_high } else { price };
        let side = |side: Side| match (view.sides[side as usize], view.by_order) {
            (false, _) => Vec::new(),
            // Orders without a price stand before all prices, and are none that can be shown.
            (true, true) => book
                .orders(side)
                .filter_map(|order| {
                    let price = shown(side, order.price?);
                    Some(Line { key: order.id.0, price, qty: order.shown, orders: 1 })
                })
                .take(view.depth)
                .collect(),
            (true, false) => book
                .depth(side)
                .take(view.depth)
                .map(|level| {
                    let price = shown(side, level.price);
                    Line { key: price.cast_unsigned(), price, qty: level.qty, orders: level.orders }
                })
                .collect(),
        };
        Picture { sides: [side(Side::Buy), side(Side::Sell)] }
    }

    /// One side.
    pub(super) fn side(&self, side: Side) -> &[Line] {
        &self.sides[side as usize]
    }

    /// Carries out a change, which then is told.
    pub(super) fn apply(&mut self, change: &super::change::Change) {
        change.apply(&mut self.sides[change.side as usize]);
    }
}
