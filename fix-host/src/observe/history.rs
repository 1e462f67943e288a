//! The last reports, found by the order they belong to.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use crate::bus::report::Report;

/// A bounded history; the oldest report makes room for the newest.
#[derive(Debug)]
pub(super) struct History {
    capacity: usize,
    /// The number of the first report in `reports`, counted from 0 since the start.
    first: u64,
    reports: VecDeque<Arc<Report>>,
    /// Report numbers by ClOrdID(11) and OrigClOrdID(41), ascending.
    by_order: HashMap<String, VecDeque<u64>>,
}

impl History {
    pub(super) fn new(capacity: usize) -> Self {
        History { capacity: capacity.max(1), first: 0, reports: VecDeque::new(), by_order: HashMap::new() }
    }

    pub(super) fn push(&mut self, report: Arc<Report>) {
        while self.reports.len() >= self.capacity {
            self.drop_oldest();
        }
        let number = self.first + self.reports.len() as u64;
        for id in ids_of(&report) {
            self.by_order.entry(id.to_owned()).or_default().push_back(number);
        }
        self.reports.push_back(report);
    }

    /// The reports of one order or cancel request, oldest first.
    pub(super) fn of_order(&self, cl_ord_id: &str) -> Vec<Arc<Report>> {
        let numbers = self.by_order.get(cl_ord_id).into_iter().flatten();
        numbers.filter_map(|number| self.get(*number)).collect()
    }

    /// The last `count` reports, newest first.
    pub(super) fn newest(&self, count: usize) -> Vec<Arc<Report>> {
        self.reports.iter().rev().take(count).cloned().collect()
    }

    fn get(&self, number: u64) -> Option<Arc<Report>> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.reports.get(index).cloned()
    }

    fn drop_oldest(&mut self) {
        let Some(report) = self.reports.pop_front() else { return };
        self.first += 1;
        for id in ids_of(&report) {
            if let Some(numbers) = self.by_order.get_mut(id) {
                numbers.pop_front();
                if numbers.is_empty() {
                    self.by_order.remove(id);
                }
            }
        }
    }
}

/// The ids that a report is filed under, each once.
fn ids_of(report: &Report) -> impl Iterator<Item = &str> {
    let cl_ord_id = report.cl_ord_id();
    let orig_cl_ord_id = report.orig_cl_ord_id().filter(|orig| Some(*orig) != cl_ord_id);
    cl_ord_id.into_iter().chain(orig_cl_ord_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str) -> Arc<Report> {
        Arc::new(Report::state_unknown(Some(id.into()), "?"))
    }

    #[test]
    fn the_oldest_makes_room_and_leaves_no_trace() {
        let mut history = History::new(3);
        for id in ["a", "b", "a", "c", "c"] {
            history.push(report(id));
        }
        let ids = |reports: Vec<Arc<Report>>| -> Vec<String> {
            reports.iter().filter_map(|report| report.cl_ord_id().map(str::to_owned)).collect()
        };
        assert_eq!(ids(history.newest(10)), ["c", "c", "a"]);
        assert_eq!(history.of_order("a").len(), 1);
        assert_eq!(history.of_order("b").len(), 0);
        assert_eq!(history.by_order.len(), 2);
    }
}
