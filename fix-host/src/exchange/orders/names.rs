//! The ClOrdIDs of a session, within bounds: those of orders that live are here for ever, those of others for as long as
//! there is room.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
};

use super::super::book::OrderId;

/// Every ClOrdID(11) that a session used for an order or for a request about one.
#[derive(Debug, Default)]
pub(super) struct Names {
    orders: HashMap<Arc<str>, OrderId, Hashing>,
    /// All of them, the oldest first.
    by_age: VecDeque<Arc<str>>,
    /// Its orders that can still trade.
    pub(super) live: usize,
}

impl Names {
    pub(super) fn find(&self, cl_ord_id: &str) -> Option<OrderId> {
        self.orders.get(cl_ord_id).copied()
    }

    /// Adds one that is not there.
    pub(super) fn add(&mut self, cl_ord_id: Arc<str>, id: OrderId) {
        self.orders.insert(Arc::clone(&cl_ord_id), id);
        self.by_age.push_back(cl_ord_id);
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, cl_ord_id: &str) {
        self.orders.remove(cl_ord_id);
    }

    /// The oldest one, if there are more than `most`; it is to be [removed](Self::remove) or [kept](Self::keep).
    pub(super) fn oldest_beyond(&mut self, most: usize) -> Option<Arc<str>> {
        if self.by_age.len() > most { self.by_age.pop_front() } else { None }
    }

    /// Puts one that is still needed back, as the newest.
    pub(super) fn keep(&mut self, cl_ord_id: Arc<str>) {
        self.by_age.push_back(cl_ord_id);
    }

    pub(super) fn len(&self) -> usize {
        self.orders.len()
    }
}

/// Makes the hashes of one table, from a number that nobody can guess.
#[derive(Clone, Copy, Debug)]
struct Hashing(u64);

impl Default for Hashing {
    fn default() -> Self {
        Hashing(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Hashing {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(self.0)
    }
}

/// Eight bytes at a time, each time both halves of a product: a quarter of what the standard hash takes for short names.
#[derive(Debug)]
struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.write_u64(u64::from_le_bytes(last));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(0x9E37_79B9_7F4A_7C15_u64);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte.into());
    }
}
