//! From a message's number to a place near it.

/// Messages between two entries, at most.
const SPACING: u32 = 32;
/// Bytes of a segment between two entries, at most (but for one message).
const SPACING_BYTES: u32 = 16 * 1024;

/// A message and where its record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) segment: u32,
    pub(crate) offset: u32,
}

/// A sparse index: 16 bytes for up to 32 messages, so a million of them cost 512 KiB. What lies between two
/// entries is found by walking the records, which one read brings in.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: Vec<Entry>,
    since_entry: u32,
}

/// No record begins at the front of a segment; an entry that points there says that from its number up to the
/// next entry nothing is kept.
const NOTHING: u32 = 0;

impl Index {
    /// Learns of a message that was appended.
    pub(crate) fn note(&mut self, entry: Entry) {
        let near = self.entries.last().is_some_and(|last| {
            last.offset != NOTHING
                && last.segment == entry.segment
                && entry.offset.saturating_sub(last.offset) < SPACING_BYTES
        });
        if near && self.since_entry < SPACING {
            self.since_entry += 1;
        } else {
            self.entries.push(entry);
            self.since_entry = 1;
        }
    }

    /// Forgets the messages from `number` on; the next one noted is `number` or any later one.
    pub(crate) fn forget_from(&mut self, number: u64) {
        let keep = self.entries.partition_point(|entry| entry.number < number);
        self.entries.truncate(keep);
        // A session that keeps no messages sets its number again and again: one such entry serves them all.
        if self.entries.last().is_none_or(|last| last.offset != NOTHING) {
            self.entries.push(Entry { number, segment: 0, offset: NOTHING });
        }
    }

    /// The last entry at or before `number`, unless nothing is kept there.
    pub(crate) fn floor(&self, number: u64) -> Option<Entry> {
        let after = self.entries.partition_point(|entry| entry.number <= number);
        self.entries.get(after.checked_sub(1)?).copied().filter(|entry| entry.offset != NOTHING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64, segment: u32, offset: u32) -> Entry {
        Entry { number, segment, offset }
    }

    #[test]
    fn one_entry_serves_many_messages() {
        let mut index = Index::default();
        for number in 1..=1000u32 {
            index.note(entry(number.into(), 1, number * 100));
        }
        assert_eq!(index.entries.len(), 1000usize.div_ceil(SPACING as usize));
        for number in 1..=1000u64 {
            let floor = index.floor(number).unwrap();
            assert!(floor.number <= number && number - floor.number < u64::from(SPACING));
        }
        assert_eq!(index.floor(0), None);
    }

    #[test]
    fn a_new_segment_and_a_long_way_need_entries() {
        let mut index = Index::default();
        index.note(entry(1, 1, 100));
        index.note(entry(2, 1, 100 + SPACING_BYTES));
        index.note(entry(3, 2, 100));
        assert_eq!(index.entries.len(), 3);
    }

    #[test]
    fn numbers_that_go_back_replace_what_was_there() {
        let mut index = Index::default();
        for number in 1..=100u32 {
            index.note(entry(number.into(), 1, number * 100));
        }
        index.forget_from(50);
        index.note(entry(50, 1, 20_000));
        assert_eq!(index.floor(60), Some(entry(50, 1, 20_000)));
        assert_eq!(index.floor(49), Some(entry(33, 1, 3_300)));
    }

    #[test]
    fn numbers_without_messages_cost_nothing() {
        let mut index = Index::default();
        index.note(entry(1, 1, 100));
        for number in 3..1000 {
            index.forget_from(number);
        }
        assert_eq!(index.entries.len(), 2);
        assert_eq!((index.floor(2), index.floor(500)), (Some(entry(1, 1, 100)), None));
    }

    #[test]
    fn numbers_that_go_back_and_on_again_leave_nothing_between() {
        let mut index = Index::default();
        for number in 1..=20u32 {
            index.note(entry(number.into(), 1, number * 100));
        }
        index.forget_from(5);
        index.forget_from(10);
        index.note(entry(10, 1, 3000));
        assert_eq!(index.floor(4), Some(entry(1, 1, 100)));
        assert_eq!(index.floor(7), None);
        assert_eq!(index.floor(10), Some(entry(10, 1, 3000)));
    }
}
