//! Bid and ask over time, kept for charts: a point a second for a quarter of an hour, and one for ten seconds for a day.

use std::collections::{BTreeMap, VecDeque};

use fix_core::{decimal::Decimal, time::UtcTimestamp};

use crate::contract::price::Snapshot;

/// Of so many instruments the history is kept at most: some 600 kB for each.
const MOST_SYMBOLS: usize = 64;
/// Milliseconds between two points, and how many there are at most.
const SERIES: [(i64, usize); 2] = [(1_000, 900), (10_000, 8_640)];

/// Milliseconds that a point may be older than the one before it.
const LATEST: i64 = 10_000;

/// The best prices at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The best bid.
    pub bid: Option<Decimal>,
    /// The best ask.
    pub ask: Option<Decimal>,
}

#[derive(Debug, Default)]
pub(super) struct PriceHistory(BTreeMap<&'static str, [VecDeque<PricePoint>; 2]>);

impl PriceHistory {
    pub(super) fn add(&mut self, snapshot: &Snapshot) {
        for price in &snapshot.prices {
            if !self.0.contains_key(price.symbol) && self.0.len() >= MOST_SYMBOLS {
                continue;
            }
            let point = PricePoint { at: millis(price.at), bid: price.bid, ask: price.ask };
            let series = self.0.entry(price.symbol).or_default();
            for (points, (step, most)) in series.iter_mut().zip(SERIES) {
                add(points, point, step, most);
            }
        }
    }

    /// The points of the last `seconds`, oldest first; `None` of an instrument that is not kept.
    pub(super) fn of(&self, symbol: &str, seconds: u64) -> Option<Vec<PricePoint>> {
        let [fine, coarse] = self.0.get(symbol)?;
        let is_short = seconds <= SERIES[0].1 as u64;
        let points = if is_short { fine } else { coarse };
        let newest = fine.back().map_or(0, |point| point.at);
        let from = newest.saturating_sub(i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX));
        let mut found: Vec<PricePoint> = points.iter().filter(|point| point.at >= from).copied().collect();
        // The last ten seconds are not over yet.
        if let Some(last) = fine.back().filter(|last| found.last().is_none_or(|known| known.at < last.at)) {
            found.push(*last);
        }
        Some(found)
    }
}

/// One point a step, the last one of it.
fn add(points: &mut VecDeque<PricePoint>, point: PricePoint, step: i64, most: usize) {
    match points.back_mut() {
        Some(last) if last.at.div_euclid(step) == point.at.div_euclid(step) => *last = point,
        // A price that came late, or a clock that was set back a little: time goes on where it was.
        Some(last) if point.at < last.at && last.at - point.at <= LATEST => {
            *last = PricePoint { at: last.at, ..point }
        }
        _ => {
            // A clock that was set back further: what it called the future is not kept, or the chart would stand still
            // until then.
            while points.back().is_some_and(|last| last.at > point.at) {
                points.pop_back();
            }
            if points.len() >= most {
                points.pop_front();
            }
            points.push_back(point);
        }
    }
}

fn millis(moment: UtcTimestamp) -> i64 {
    moment.unix_seconds().saturating_mul(1000).saturating_add((moment.subsec_nanos() / 1_000_000).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Market;

    #[test]
    fn steps_are_bounded_and_the_newest_point_is_always_there() {
        let (mut history, mut market) = (PriceHistory::default(), Market::new(1));
        for tick in 0..4 * 900 {
            history.add(&market.snapshot(UtcTimestamp::from_unix_millis(1_000_000_000 + tick * 500)));
            market.tick();
        }
        let points = history.of("10Y", 900).unwrap();
        assert_eq!(points.len(), 900);
        assert!(points.windows(2).all(|two| two[1].at - two[0].at == 1000), "one a second, the last of it");
        assert_eq!(history.of("10Y", 60).unwrap().len(), 61);
        let long = history.of("10Y", 86_400).unwrap();
        assert_eq!((long.len(), long.last()), (180, points.last()));
        assert_eq!(history.of("none", 60), None);
    }

    #[test]
    fn a_clock_that_goes_back_keeps_the_points_in_order() {
        let mut points = VecDeque::new();
        let mut put = |at| {
            add(&mut points, PricePoint { at, bid: None, ask: None }, 1_000, 10);
            points.iter().map(|point| point.at).collect::<Vec<_>>()
        };
        let kept = [5_000, 9_000, 2_000, 3_000, 10_000].map(&mut put);
        assert_eq!(kept[4], [5_000, 9_000, 10_000]);
        let kept = [3_610_000, 3_611_000, 12_000, 13_000].map(&mut put);
        assert_eq!(kept[3], [5_000, 9_000, 10_000, 12_000, 13_000], "an hour back: it goes on at once");
    }
}
