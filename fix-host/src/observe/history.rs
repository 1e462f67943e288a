//! The last reports, found by the order they belong to.

use std::{collections::VecDeque, sync::Arc};

use foldhash::HashMap;
use smallvec::SmallVec;

use crate::contract::report::Report;

/// One in so many reports at most may be our own word that we do not know the state of an order.
const UNKNOWN_SHARE: usize = 10;

/// A bounded history; the oldest report makes room for the newest. Many reports of unknown states at once make room
/// for each other, so that they drive out nothing that the counterparty said.
#[derive(Debug)]
pub(super) struct History {
    capacity: usize,
    /// The number of the first report in `reports`, counted from 0 since the start.
    first: u64,
    /// `None` where a report has made room before its turn.
    reports: VecDeque<Option<Arc<Report>>>,
    /// How many of them are reports.
    kept: usize,
    /// The numbers of the reports of unknown states, ascending.
    unknown: VecDeque<u64>,
    /// Report numbers by ClOrdID(11) and OrigClOrdID(41), ascending.
    by_order: HashMap<Arc<str>, SmallVec<[u64; 2]>>,
}

impl History {
    pub(super) fn new(capacity: usize) -> Self {
        History {
            capacity: capacity.max(1),
            first: 0,
            reports: VecDeque::new(),
            kept: 0,
            unknown: VecDeque::new(),
            by_order: HashMap::default(),
        }
    }

    pub(super) fn push(&mut self, report: Arc<Report>) {
        if report.is_state_unknown() && self.unknown.len() > self.capacity / UNKNOWN_SHARE {
            self.drop_oldest_unknown();
        }
        while self.kept >= self.capacity {
            self.drop_oldest();
        }
        self.kept += 1;
        let number = self.first + self.reports.len() as u64;
        if report.is_state_unknown() {
            self.unknown.push_back(number);
        }
        for id in report.ids() {
            self.by_order.entry(Arc::clone(id)).or_default().push(number);
        }
        self.reports.push_back(Some(report));
    }

    /// The reports of one order or cancel request, oldest first.
    pub(super) fn of_order(&self, cl_ord_id: &str) -> Vec<Arc<Report>> {
        let numbers = self.by_order.get(cl_ord_id).into_iter().flatten();
        numbers.filter_map(|number| self.get(*number)).collect()
    }

    /// The last `count` reports, newest first.
    pub(super) fn newest(&self, count: usize) -> Vec<Arc<Report>> {
        self.reports.iter().rev().flatten().take(count).cloned().collect()
    }

    fn get(&self, number: u64) -> Option<Arc<Report>> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.reports.get(index).cloned().flatten()
    }

    fn drop_oldest(&mut self) {
        let Some(place) = self.reports.pop_front() else { return };
        let number = self.first;
        self.first += 1;
        if self.unknown.front() == Some(&number) {
            self.unknown.pop_front();
        }
        if let Some(report) = place {
            self.forget(number, &report);
        }
    }

    fn drop_oldest_unknown(&mut self) {
        let Some(number) = self.unknown.pop_front() else { return };
        let index = usize::try_from(number.saturating_sub(self.first)).ok();
        if let Some(report) = index.and_then(|index| self.reports.get_mut(index)).and_then(Option::take) {
            self.forget(number, &report);
        }
        // Places without reports take little room, but must not grow in number for ever.
        while self.reports.front().is_some_and(Option::is_none) {
            self.drop_oldest();
        }
    }

    fn forget(&mut self, number: u64, report: &Report) {
        self.kept -= 1;
        for id in report.ids() {
            if let Some(numbers) = self.by_order.get_mut(id) {
                numbers.retain(|kept| *kept != number);
                if numbers.is_empty() {
                    self.by_order.remove(id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str) -> Arc<Report> {
        Arc::new(Report::rejected_order(id, "no"))
    }

    fn unknown(id: &str) -> Arc<Report> {
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

    #[test]
    fn a_flood_of_unknown_states_drives_out_nothing_that_was_said() {
        let mut history = History::new(100);
        for id in 0..80 {
            history.push(report(&format!("said {id}")));
        }
        for id in 0..10_000 {
            history.push(unknown(&format!("unknown {id}")));
        }
        assert!((0..80).all(|id| history.of_order(&format!("said {id}")).len() == 1));
        assert_eq!(history.of_order("unknown 9999").len(), 1);
        assert!(history.kept <= 100 && history.by_order.len() == history.kept);
        for id in 0..200 {
            history.push(report(&format!("later {id}")));
        }
        assert_eq!((history.kept, history.by_order.len(), history.unknown.len()), (100, 100, 0));
        assert_eq!(history.reports.len(), 100);
    }
}
