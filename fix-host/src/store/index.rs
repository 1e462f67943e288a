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
    /// Runs of messages that no resend sends again, first number and first behind: a night of heartbeats. The last
    /// one may still grow, and may be short.
    silent: Vec<(u64, u64)>,
}

/// A run of fewer messages is not worth remembering: looking at them costs as much.
const LONG_RUN: u64 = 32;

/// No record begins at the front of a segment; an entry that points there says that from its number up to the
/// next entry nothing is kept.
const NOTHING: u32 = 0;

impl Index {
    /// Learns of a message that was appended; `is_silent`: no resend sends it again.
    pub(crate) fn note(&mut self, entry: Entry, is_silent: bool) {
        if is_silent {
            self.note_silent(entry.number);
        }
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

    fn note_silent(&mut self, number: u64) {
        let behind = number.saturating_add(1);
        match self.silent.last_mut() {
            Some((_, end)) if *end == number => *end = behind,
            Some(run) if run.1 - run.0 < LONG_RUN => *run = (number, behind),
            _ => self.silent.push((number, behind)),
        }
    }

    /// The first number from `number` on that a resend must look at: all before it are not kept, or are of a run
    /// of messages that it does not send again.
    pub(crate) fn next_to_resend(&self, number: u64) -> u64 {
        let at = self.silent.partition_point(|(_, end)| *end <= number);
        if let Some((first, end)) = self.silent.get(at)
            && *first <= number
        {
            return *end;
        }
        // Numbers that were jumped over are far from the entry before them, or that says that nothing is kept.
        let (before, after) =
            self.entries.split_at(self.entries.partition_point(|entry| entry.number <= number));
        let is_near = |entry: &Entry| number - entry.number < u64::from(SPACING);
        if before.last().is_some_and(|entry| entry.offset != NOTHING && is_near(entry)) {
            return number;
        }
        after.iter().find(|entry| entry.offset != NOTHING).map_or(u64::MAX, |entry| entry.number)
    }

    /// Forgets the messages from `number` on; the next one noted is `number` or any later one.
    pub(crate) fn forget_from(&mut self, number: u64) {
        let keep = self.entries.partition_point(|entry| entry.number < number);
        self.entries.truncate(keep);
        while let Some((_, end)) = self.silent.last_mut()
            && *end > number
        {
            *end = number;
            self.silent.pop_if(|(first, end)| first >= end);
        }
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
            index.note(entry(number.into(), 1, number * 100), false);
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
        index.note(entry(1, 1, 100), false);
        index.note(entry(2, 1, 100 + SPACING_BYTES), false);
        index.note(entry(3, 2, 100), false);
        assert_eq!(index.entries.len(), 3);
    }

    #[test]
    fn numbers_that_go_back_replace_what_was_there() {
        let mut index = Index::default();
        for number in 1..=100u32 {
            index.note(entry(number.into(), 1, number * 100), false);
        }
        index.forget_from(50);
        index.note(entry(50, 1, 20_000), false);
        assert_eq!(index.floor(60), Some(entry(50, 1, 20_000)));
        assert_eq!(index.floor(49), Some(entry(33, 1, 3_300)));
    }

    #[test]
    fn numbers_without_messages_cost_nothing() {
        let mut index = Index::default();
        index.note(entry(1, 1, 100), false);
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
            index.note(entry(number.into(), 1, number * 100), false);
        }
        index.forget_from(5);
        index.forget_from(10);
        index.note(entry(10, 1, 3000), false);
        assert_eq!(index.floor(4), Some(entry(1, 1, 100)));
        assert_eq!(index.floor(7), None);
        assert_eq!(index.floor(10), Some(entry(10, 1, 3000)));
    }

    #[test]
    fn a_night_of_heartbeats_is_one_step() {
        let mut index = Index::default();
        for number in 1..=10_000u32 {
            index.note(entry(number.into(), 1, number * 100), !matches!(number, 1 | 5 | 9_000));
        }
        assert_eq!((index.next_to_resend(1), index.next_to_resend(5)), (1, 5));
        assert_eq!((index.next_to_resend(6), index.next_to_resend(8_999)), (9_000, 9_000));
        assert_eq!(index.next_to_resend(9_001), 10_001);
        assert_eq!(index.silent.len(), 2, "2..5 was too short to be kept");
        index.forget_from(9_000);
        assert_eq!((index.next_to_resend(6), index.next_to_resend(9_000)), (9_000, u64::MAX));
        index.forget_from(100);
        index.note(entry(100, 1, 2_000_000), false);
        assert_eq!((index.next_to_resend(50), index.next_to_resend(100)), (100, 100));
    }

    #[test]
    fn numbers_that_were_jumped_over_are_one_step() {
        let mut index = Index::default();
        index.note(entry(1, 1, 100), false);
        index.forget_from(1_000_000_000_000);
        assert_eq!(index.next_to_resend(40), u64::MAX);
        index.note(entry(1_000_000_000_000, 1, 200), false);
        assert_eq!(index.next_to_resend(2), 2, "it may be one of those that an entry stands for");
        assert_eq!(index.next_to_resend(1 + u64::from(SPACING)), 1_000_000_000_000);
        assert_eq!(index.next_to_resend(1_000_000_000_000), 1_000_000_000_000);
    }
}
