//! What is traded, and how each price moves.

use fix_core::decimal::Decimal;

/// An instrument of the simulator.
///
/// `initial`, `step` and `half_spread` are whole multiples of `tick`, so that every price shown is on the
/// grid; [`Market`](super::Market) drops the part of a value that is not.
#[derive(Clone, Copy, Debug)]
pub struct Instrument {
    /// Symbol(55).
    pub symbol: &'static str,
    /// The mid price before the first tick; `change` is measured against it.
    pub initial: Decimal,
    /// The price grid.
    pub tick: Decimal,
    /// The most the mid moves in one tick of the market, up or down.
    pub step: Decimal,
    /// The distance of bid and ask from the mid.
    pub half_spread: Decimal,
}

/// Thousandths, the scale in which the table below is written.
const fn milli(value: i64) -> Decimal {
    Decimal::new(value, 3)
}

const fn instrument(
    symbol: &'static str,
    initial: i64,
    tick: i64,
    step: i64,
    half_spread: i64,
) -> Instrument {
    Instrument {
        symbol,
        initial: milli(initial),
        tick: milli(tick),
        step: milli(step),
        half_spread: milli(half_spread),
    }
}

/// US Treasury benchmarks and interest-rate futures: symbol, initial price, tick, step, half-spread,
/// prices in thousandths. The tick is the widest grid that holds initial price, step and half-spread.
pub const DEFAULT_INSTRUMENTS: [Instrument; 10] = [
    instrument("2Y", 99_875, 5, 10, 5),
    instrument("3Y", 99_100, 5, 10, 5),
    instrument("5Y", 98_500, 1, 15, 8),
    instrument("10Y", 96_250, 5, 15, 10),
    instrument("30Y", 95_800, 5, 20, 15),
    instrument("TUH6", 102_120, 4, 20, 8),
    instrument("TYH6", 110_150, 5, 25, 10),
    instrument("USH6", 119_050, 5, 30, 15),
    instrument("SR3H6", 96_500, 5, 10, 5),
    instrument("SR3Z6", 96_350, 5, 10, 5),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_table_is_on_its_grid() {
        for instrument in DEFAULT_INSTRUMENTS {
            for value in [instrument.initial, instrument.step, instrument.half_spread] {
                assert!(value.is_positive(), "{}", instrument.symbol);
                assert!(value.is_multiple_of(instrument.tick), "{}", instrument.symbol);
            }
        }
    }

    #[test]
    fn no_symbol_is_there_twice() {
        for (index, instrument) in DEFAULT_INSTRUMENTS.iter().enumerate() {
            assert!(DEFAULT_INSTRUMENTS[..index].iter().all(|other| other.symbol != instrument.symbol));
        }
    }
}
