//! What is quoted, and how each price moves.

use fix_core::{decimal::Decimal, tag::Tag};

use crate::contract::fields::OrderField;

/// An instrument of the simulator.
///
/// `initial`, `step` and `half_spread` are whole multiples of `tick`, so that every price shown is on the
/// grid; [`Market`](super::Market) drops the part of a value that is not.
#[derive(Clone, Copy, Debug)]
pub struct Instrument {
    /// Symbol(55). Those of a file live as long as the process, which reads one such file.
    pub symbol: &'static str,
    /// The mid price before the first tick; `change` is measured against it.
    pub initial: Decimal,
    /// The price grid.
    pub tick: Decimal,
    /// The most the mid moves in one tick of the market, up or down.
    pub step: Decimal,
    /// The distance of bid and ask from the mid.
    pub half_spread: Decimal,
    /// Fields to put on its orders: names or tags, and values.
    pub fields: &'static [(String, String)],
    /// What an exchange says of it in lists of its instruments: the columns `list:FIELD`, and those of `fields` that FIX 4.4
    /// has. Values are checked.
    pub listed: &'static [OrderField],
    /// The place in its file, `FILE:LINE`.
    pub place: &'static str,
}

impl Instrument {
    /// The value of a field that lists say of it.
    pub fn listed(&self, tag: Tag) -> Option<&'static str> {
        self.listed.iter().find(|field| field.tag == tag)?.text()
    }
}
