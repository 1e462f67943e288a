//! How long something took, as Prometheus counts it.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Upper bounds of the buckets in microseconds; what took longer is in the total only.
const BOUNDS: [u64; 14] =
    [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 1_000_000, 10_000_000];

/// Counts durations by size.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    nanoseconds: AtomicU64,
}

/// What a [`Histogram`] has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Distribution {
    /// How many took at most [`bounds`](Self::bounds), each with those before it.
    buckets: [u64; BOUNDS.len()],
    /// All.
    pub count: u64,
    /// Their sum in seconds.
    pub seconds: f64,
}

impl Histogram {
    /// Counts one.
    pub fn observe(&self, took: Duration) {
        if let Some(place) = BOUNDS.iter().position(|bound| took <= Duration::from_micros(*bound)) {
            self.buckets[place].fetch_add(1, Ordering::Relaxed);
        }
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub fn read(&self) -> Distribution {
        // The total first: no bucket may have more than it.
        let count = self.count.load(Ordering::Relaxed);
        let mut so_far = 0;
        let buckets = std::array::from_fn(|place| {
            so_far += self.buckets[place].load(Ordering::Relaxed);
            so_far.min(count)
        });
        Distribution { buckets, count, seconds: self.nanoseconds.load(Ordering::Relaxed) as f64 / 1e9 }
    }
}

impl Distribution {
    /// Each bucket's upper bound in seconds, and how many took no longer.
    pub fn bounds(&self) -> impl Iterator<Item = (f64, u64)> {
        BOUNDS.into_iter().map(|bound| bound as f64 / 1e6).zip(self.buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_holds_those_before_it() {
        let histogram = Histogram::default();
        for micros in [50, 51, 900, 20_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        let read = histogram.read();
        let at = |seconds: f64| read.bounds().find(|(bound, _)| *bound == seconds).unwrap().1;
        assert_eq!((at(0.000_05), at(0.000_1), at(0.001), at(10.0), read.count), (1, 2, 3, 3, 4));
        assert!((read.seconds - 20.001_001).abs() < 1e-9);
    }
}
