//! Which order has which id: a hash table with open addressing, because the standard one takes three times as long.

use super::{
    order::OrderId,
    store::{NIL, Slot},
};

/// A table from ids to slots. An entry holds 32 bits of the id's hash, from which its place follows; whether it is the
/// right id is seen at the slot, which the caller reads anyway.
#[derive(Debug)]
pub(super) struct Ids {
    /// A power of two, never more than three quarters full.
    entries: Vec<Entry>,
    len: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    slot: Slot,
}

const VACANT: Entry = Entry { hash: 0, slot: NIL };

impl Ids {
    pub(super) fn with_capacity(orders: usize) -> Self {
        let len = (orders + orders / 2).next_power_of_two().clamp(16, MOST);
        Ids { entries: vec![VACANT; len], len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The slot with this id, as `is_at` tells.
    #[inline]
    pub(super) fn find(&self, id: OrderId, is_at: impl Fn(Slot) -> bool) -> Option<Slot> {
        let hash = hash(id);
        let mut at = self.place(hash);
        loop {
            let entry = self.entries[at];
            if entry.slot == NIL {
                return None;
            }
            if entry.hash == hash && is_at(entry.slot) {
                return Some(entry.slot);
            }
            at = self.after(at);
        }
    }

    /// Adds an id that is not in the table.
    #[inline]
    pub(super) fn insert(&mut self, id: OrderId, slot: Slot) {
        if 4 * (self.len + 1) > 3 * self.entries.len() {
            self.grow();
        }
        self.len += 1;
        self.put(Entry { hash: hash(id), slot });
    }

    /// Takes out the id that has this slot.
    #[inline]
    pub(super) fn remove(&mut self, id: OrderId, slot: Slot) {
        let mut hole = self.place(hash(id));
        while self.entries[hole].slot != slot {
            if self.entries[hole].slot == NIL {
                return;
            }
            hole = self.after(hole);
        }
        self.len -= 1;
        // What stands behind moves up, unless it would stand before its own place then.
        let mut at = hole;
        loop {
            at = self.after(at);
            let entry = self.entries[at];
            if entry.slot == NIL {
                break;
            }
            let distance = |from: usize, to: usize| to.wrapping_sub(from) & (self.entries.len() - 1);
            if distance(self.place(entry.hash), at) >= distance(hole, at) {
                self.entries[hole] = entry;
                hole = at;
            }
        }
        self.entries[hole] = VACANT;
    }

    fn grow(&mut self) {
        let larger = vec![VACANT; self.entries.len() * 2];
        let entries = std::mem::replace(&mut self.entries, larger);
        entries.into_iter().filter(|entry| entry.slot != NIL).for_each(|entry| self.put(entry));
    }

    fn put(&mut self, entry: Entry) {
        let mut at = self.place(entry.hash);
        while self.entries[at].slot != NIL {
            at = self.after(at);
        }
        self.entries[at] = entry;
    }

    /// The place that an entry would have if no other had it.
    fn place(&self, hash: u32) -> usize {
        // The upper bits, which all bits of the id have a part in.
        ((u64::from(hash) * self.entries.len() as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.entries.len() - 1)
    }
}

/// As many entries as 32 bits of hash can tell apart.
const MOST: usize = 1 << 31;

/// The upper half of a product with the golden ratio's digits: neighbouring ids are spread evenly.
fn hash(id: OrderId) -> u32 {
    (id.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn it_finds_what_a_map_of_the_standard_library_finds() {
        let mut ids = Ids::with_capacity(0);
        let mut map: HashMap<u64, Slot> = HashMap::new();
        let mut id_of: Vec<u64> = Vec::new();
        let mut random = 1_u64;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Ids that share many bits, with few places between them.
            let id = (random >> 33) % 500 * (1 << 20);
            let found = ids.find(OrderId(id), |slot| id_of[slot as usize] == id);
            assert_eq!(found, map.get(&id).copied());
            match found {
                Some(slot) => {
                    ids.remove(OrderId(id), slot);
                    map.remove(&id);
                }
                None => {
                    let slot = id_of.len() as Slot;
                    id_of.push(id);
                    ids.insert(OrderId(id), slot);
                    map.insert(id, slot);
                }
            }
            assert_eq!(ids.len(), map.len());
        }
    }
}
