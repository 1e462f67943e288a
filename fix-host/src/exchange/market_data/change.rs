//! From what a subscriber was told to what is.
//!
//! The changes are told one after the other, and each has the position that holds once those before it are carried out: what
//! is gone first, from the last position to the first, then what is new or has changed, from the first to the last. So both a
//! reader by position, who lets the others move as entries come and go, and one by price or id has the same book afterwards.

use foldhash::HashMap;

use super::picture::{Line, Picture};
use crate::exchange::book::Side;

/// MDUpdateAction(279)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    New,
    Change,
    Delete,
}

/// One entry of a MarketDataIncrementalRefresh(X).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) action: Action,
    pub(super) side: Side,
    /// From zero.
    pub(super) position: usize,
    pub(super) line: Line,
}

impl Change {
    pub(super) fn apply(&self, lines: &mut Vec<Line>) {
        match self.action {
            Action::New if self.position <= lines.len() => lines.insert(self.position, self.line),
            Action::Change => {
                if let Some(line) = lines.get_mut(self.position) {
                    *line = self.line;
                }
            }
            Action::Delete if self.position < lines.len() => _ = lines.remove(self.position),
            Action::New | Action::Delete => {}
        }
    }
}

/// All that leads from `told` to `now`.
pub(super) fn changes(told: &Picture, now: &Picture) -> Vec<Change> {
    let mut changes = Vec::new();
    for side in [Side::Buy, Side::Sell] {
        of_side(side, told.side(side), now.side(side), &mut changes);
    }
    changes
}

fn of_side(side: Side, told: &[Line], now: &[Line], changes: &mut Vec<Change>) {
    let stays = stays(told, now);
    let mut is_gone = vec![true; told.len()];
    for position in stays.iter().flatten() {
        is_gone[*position] = false;
    }
    let gone = told.iter().enumerate().rev().filter(|(position, _)| is_gone[*position]);
    changes.extend(gone.map(|(position, line)| Change {
        action: Action::Delete,
        side,
        position,
        line: *line,
    }));
    for (position, (line, was)) in now.iter().zip(stays).enumerate() {
        let action = match was {
            None => Action::New,
            Some(was) if told[was] != *line => Action::Change,
            Some(_) => continue,
        };
        changes.push(Change { action, side, position, line: *line });
    }
}

/// For each line of `now`, which line of `told` it is. An order at another price is another entry, as is one that has lost its
/// place in the queue: as few as possible are. What both begin and end with stays; nearly always little is between.
fn stays(told: &[Line], now: &[Line]) -> Vec<Option<usize>> {
    let is_same = |(told, now): &(&Line, &Line)| (told.key, told.price) == (now.key, now.price);
    let head = told.iter().zip(now).take_while(is_same).count();
    let (told_rest, now_rest) = (&told[head..], &now[head..]);
    let tail = told_rest.iter().rev().zip(now_rest.iter().rev()).take_while(is_same).count();
    let between = stays_between(&told_rest[..told_rest.len() - tail], &now_rest[..now_rest.len() - tail]);
    let between = between.into_iter().map(|was| was.map(|was| was + head));
    (0..head).map(Some).chain(between).chain((told.len() - tail..told.len()).map(Some)).collect()
}

/// The same by the longest row of lines that stand in the same order in both.
fn stays_between(told: &[Line], now: &[Line]) -> Vec<Option<usize>> {
    let places: HashMap<(u64, i64), usize> =
        told.iter().enumerate().map(|(place, line)| ((line.key, line.price), place)).collect();
    let was: Vec<Option<usize>> =
        now.iter().map(|line| places.get(&(line.key, line.price)).copied()).collect();
    // By length, the row that ends with the lowest place in `told`: where it ends in `now`.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; now.len()];
    for (at, place) in was.iter().enumerate() {
        let Some(place) = place else { continue };
        let len = ends.partition_point(|end| was[*end] < Some(*place));
        before[at] = len.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(len) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut stays = vec![None; now.len()];
    let mut at = ends.last().copied();
    while let Some(here) = at {
        stays[here] = was[here];
        at = before[here];
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(keys: &str) -> Vec<Line> {
        keys.bytes().map(|key| Line { key: key.into(), price: 0, qty: 1, orders: 1 }).collect()
    }

    fn told(from: &str, to: &str) -> Vec<String> {
        let mut changes = Vec::new();
        of_side(Side::Buy, &lines(from), &lines(to), &mut changes);
        let mut replayed = lines(from);
        changes.iter().for_each(|change| change.apply(&mut replayed));
        assert_eq!(replayed, lines(to));
        let shown = |change: &Change| {
            format!("{:?} {} {}", change.action, change.position + 1, char::from(change.line.key as u8))
        };
        changes.iter().map(shown).collect()
    }

    #[test]
    fn each_change_has_the_position_that_holds_when_it_is_read() {
        assert_eq!(told("abc", "abc"), [""; 0]);
        assert_eq!(told("abc", ""), ["Delete 3 c", "Delete 2 b", "Delete 1 a"]);
        assert_eq!(told("", "ab"), ["New 1 a", "New 2 b"]);
        assert_eq!(told("abc", "xacy"), ["Delete 2 b", "New 1 x", "New 4 y"]);
    }

    #[test]
    fn what_moves_is_as_little_as_can_be() {
        assert_eq!(told("abcd", "dabc"), ["Delete 4 d", "New 1 d"]);
        assert_eq!(told("abcd", "bcda"), ["Delete 1 a", "New 4 a"]);
    }

    #[test]
    fn another_quantity_is_a_change_and_another_price_another_entry() {
        let (was, mut now) = (lines("ab"), lines("ab"));
        now[0].qty = 7;
        now[1].price = 3;
        let mut changes = Vec::new();
        of_side(Side::Sell, &was, &now, &mut changes);
        let actions: Vec<_> = changes.iter().map(|change| (change.action, change.position)).collect();
        assert_eq!(actions, [(Action::Delete, 1), (Action::Change, 0), (Action::New, 1)]);
    }
}
