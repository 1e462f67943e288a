//! How the process is, in a few figures, for a page: what the metrics say in full.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{Board, Metrics, process};
use crate::{histogram::Distribution, log::Direction};

impl Metrics {
    /// Latencies in microseconds, messages by direction, and the disk. Disks are asked: not for a task that others wait
    /// for.
    pub fn health(&self, board: &Board) -> Value {
        let rows = self.rows(board);
        let latencies: Vec<Distribution> = rows.iter().map(|row| row.trades.latency).collect();
        let count = |direction| -> u64 {
            let all = rows.iter().flat_map(|row| row.counts.messages());
            all.filter(|(way, ..)| *way == direction).map(|(.., count)| count).sum()
        };
        let syncs: Vec<Distribution> = self.syncs();
        let folders = self.folders();
        let fullest = fullest(&folders, process::free_disk);
        let journal = folders.first().map(|first| {
            let failed: u64 = rows.iter().map(|row| row.counts.store_errors).sum();
            json!({
                "path": first.display().to_string(),
                "folders": folders.len(),
                "bytes": folders.iter().map(|folder| process::size_of_files(folder)).sum::<Option<u64>>(),
                "state": if failed == 0 { "ok" } else { "failed" },
                "sync": figures(&syncs),
            })
        });
        json!({
            "orderToReport": figures(&latencies),
            "messagesIn": count(Direction::Incoming),
            "messagesOut": count(Direction::Outgoing),
            "redis": board.redis_is_up().map(|is_up| json!({ "connected": is_up })),
            "journal": journal,
            "disk": fullest.map(|(free, folder)| json!({ "free": free, "path": folder.display().to_string() })),
            "logLinesDropped": rows.iter().map(|row| row.log_lines_dropped).sum::<u64>(),
            "losingLogLines": self.losing_log_lines().len(),
            "memory": process::resident_memory(),
        })
    }
}

/// The least room of the disks of `folders`, and where that is: the first one that is full is the first to be felt.
fn fullest(folders: &BTreeSet<PathBuf>, free: impl Fn(&Path) -> Option<u64>) -> Option<(u64, &PathBuf)> {
    folders.iter().filter_map(|folder| Some((free(folder)?, folder))).min()
}

/// `None` where nothing was measured. A percentile is the upper bound of its class: no less is known. Beyond the last class
/// there is none, and it is null.
fn figures(all: &[Distribution]) -> Option<Value> {
    let count: u64 = all.iter().map(|one| one.count).sum();
    if count == 0 {
        return None;
    }
    let mut classes: Vec<(f64, u64)> = Vec::new();
    for one in all {
        for (place, (bound, so_far)) in one.bounds().enumerate() {
            match classes.get_mut(place) {
                Some((_, sum)) => *sum += so_far,
                None => classes.push((bound, so_far)),
            }
        }
    }
    let micros = |bound: f64| (bound * 1e6).round() as u64;
    let percentile = |share: f64| {
        let wanted = (count as f64 * share).ceil() as u64;
        classes.iter().find(|(_, so_far)| *so_far >= wanted).map(|(bound, _)| micros(*bound))
    };
    let seconds: f64 = all.iter().map(|one| one.seconds).sum();
    let mut before = 0;
    let buckets: Vec<Value> = classes
        .iter()
        .map(|(bound, so_far)| {
            let own = so_far - before;
            before = *so_far;
            json!([micros(*bound), own])
        })
        .collect();
    Some(json!({
        "count": count,
        "mean": micros(seconds / count as f64),
        "p50": percentile(0.5),
        "p99": percentile(0.99),
        "buckets": buckets,
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::histogram::Histogram;

    #[test]
    fn of_several_disks_the_fullest_is_told() {
        let folders = ["/a", "/b", "/gone"].map(PathBuf::from).into();
        let free = |folder: &Path| match folder.to_str() {
            Some("/a") => Some(7),
            Some("/b") => Some(3),
            _ => None,
        };
        assert_eq!(fullest(&folders, free), Some((3, &PathBuf::from("/b"))));
        assert_eq!(fullest(&BTreeSet::new(), free), None);
    }

    #[test]
    fn a_percentile_is_the_bound_of_its_class() {
        let histogram = Histogram::default();
        for _ in 0..98 {
            histogram.observe(Duration::from_micros(60));
        }
        histogram.observe(Duration::from_millis(3));
        histogram.observe(Duration::from_millis(3));
        let figures = figures(&[histogram.read(), Distribution::default()]).unwrap();
        assert_eq!((&figures["p50"], &figures["p99"]), (&json!(100), &json!(5_000)));
        assert_eq!(figures["buckets"][1], json!([100, 98]));
        histogram.observe(Duration::from_secs(11));
        histogram.observe(Duration::from_secs(11));
        let beyond = super::figures(&[histogram.read()]).unwrap();
        assert_eq!((&beyond["p50"], &beyond["p99"]), (&json!(100), &json!(null)));
        assert_eq!(super::figures(&[Distribution::default()]), None);
    }
}
