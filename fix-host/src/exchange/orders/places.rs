//! Where each order stands, by its number. Numbers are counted: those of the orders since the venue began are found by
//! counting, which an order is asked for ten times; those of earlier starts, and old ones that are left, by a search.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasherDefault, Hasher},
};

use super::super::book::OrderId;

/// The longest row of numbers in which places are counted off; what is before it is searched for.
const LONGEST: usize = 1 << 18;
/// Numbers that may be left out in the row.
const LONGEST_GAP: u64 = 1024;
/// No order has this number.
const NOWHERE: u32 = u32::MAX;

/// Numbers and places.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The number of the first of the row.
    first: u64,
    row: VecDeque<u32>,
    /// All that are less than that.
    others: HashMap<OrderId, u32, BuildHasherDefault<Counted>>,
}

impl Places {
    pub(super) fn get(&self, id: OrderId) -> Option<usize> {
        let place = match self.in_row(id).and_then(|at| self.row.get(at)) {
            Some(place) => *place,
            None if id.0 < self.first => *self.others.get(&id)?,
            None => return None,
        };
        (place != NOWHERE).then_some(place as usize)
    }

    fn in_row(&self, id: OrderId) -> Option<usize> {
        usize::try_from(id.0.checked_sub(self.first)?).ok()
    }

    /// Adds a number that is not there.
    pub(super) fn insert(&mut self, id: OrderId, place: usize) {
        let place = place as u32;
        let Some(gap) = id.0.checked_sub(self.first + self.row.len() as u64) else {
            _ = self.others.insert(id, place);
            return;
        };
        if gap > LONGEST_GAP {
            // Another start of the venue: a row of its own.
            while !self.row.is_empty() {
                self.leave_front();
            }
        }
        if self.row.is_empty() {
            self.first = id.0;
        } else {
            self.row.extend((0..gap).map(|_| NOWHERE));
        }
        self.row.push_back(place);
        while self.row.len() > LONGEST {
            self.leave_front();
        }
    }

    /// The first of the row is searched for from now on.
    fn leave_front(&mut self) {
        if let Some(place) = self.row.pop_front().filter(|place| *place != NOWHERE) {
            self.others.insert(OrderId(self.first), place);
        }
        self.first += 1;
    }

    /// Takes a number out, and gives its place.
    pub(super) fn remove(&mut self, id: OrderId) -> Option<usize> {
        let Some(at) = self.in_row(id) else {
            return self.others.remove(&id).map(|place| place as usize);
        };
        let place = std::mem::replace(self.row.get_mut(at)?, NOWHERE);
        while self.row.front() == Some(&NOWHERE) {
            self.leave_front();
        }
        (place != NOWHERE).then_some(place as usize)
    }

    /// All of them, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (OrderId, usize)> {
        let row = (self.first..).map(OrderId).zip(self.row.iter().copied());
        let others = self.others.iter().map(|(id, place)| (*id, *place));
        row.chain(others).filter(|(_, place)| *place != NOWHERE).map(|(id, place)| (id, place as usize))
    }
}

/// Numbers are counted: multiplied by a large odd one they are spread well enough.
#[derive(Debug, Default)]
struct Counted(u64);

impl Hasher for Counted {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

    use super::*;

    #[test]
    fn it_is_a_map() {
        let mut rng = ChaCha12Rng::seed_from_u64(1);
        let (mut places, mut map) = (Places::default(), BTreeMap::new());
        let mut next = 1 << 40;
        for place in 0..20_000_usize {
            match rng.random_range(0..10) {
                0 => next += rng.random_range(0..2 * LONGEST_GAP),
                1..4 if !map.is_empty() => {
                    let at = rng.random_range(0..map.len());
                    let id = *map.keys().nth(at).unwrap();
                    assert_eq!(places.remove(id), map.remove(&id));
                    assert_eq!(places.remove(id), None);
                }
                // One of an earlier start.
                4 if map.insert(OrderId(place as u64), place).is_none() => {
                    places.insert(OrderId(place as u64), place)
                }
                _ => {
                    next += 1;
                    map.insert(OrderId(next), place);
                    places.insert(OrderId(next), place);
                }
            }
            assert_eq!(places.get(OrderId(next + 1)), None);
            assert_eq!(places.get(OrderId(next)), map.get(&OrderId(next)).copied());
        }
        let all: BTreeMap<OrderId, usize> = places.iter().collect();
        assert_eq!(all, map);
        assert!(map.iter().all(|(id, place)| places.get(*id) == Some(*place)));
    }

    #[test]
    fn one_old_order_keeps_no_room_for_all_that_came_since() {
        let mut places = Places::default();
        places.insert(OrderId(1), 0);
        for id in 2..3 * LONGEST as u64 {
            places.insert(OrderId(id), 1);
            assert_eq!(places.remove(OrderId(id)), Some(1));
        }
        assert!(places.row.len() <= LONGEST && places.others.len() <= 1);
        assert_eq!((places.get(OrderId(1)), places.get(OrderId(2))), (Some(0), None));
        assert_eq!((places.remove(OrderId(1)), places.get(OrderId(1))), (Some(0), None));
    }
}
