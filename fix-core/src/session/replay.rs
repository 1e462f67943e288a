//! What the counterparty asked for: a cursor over the sent messages (case 8).
//!
//! A resend is never interleaved with new messages: those sent while it runs are stored and numbered, but
//! held; when the requested range is done the same cursor goes on through them, in order, as first
//! transmissions. The store is the queue, so a resend of any length takes no memory.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Resend this number, or add it to the gap fill that is open.
    Resend(u64),
    /// Write a gap fill for `begin..next`.
    GapFill { begin: u64, next: u64 },
    /// Write this held message for the first time.
    Release(u64),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Replay {
    active: bool,
    /// The next number of the range to look at, and the last one.
    next: u64,
    end: u64,
    /// The first number of the gap fill that is being put together.
    fill_from: Option<u64>,
    /// A request that came while another was being served and reaches further back.
    again: Option<(u64, u64)>,
    /// The first number that is stored but was never visible.
    held_from: Option<u64>,
    /// For the storm breaker: the first number of the last request, and how often it came.
    last_begin: u64,
    repeats: u16,
}

impl Replay {
    pub(crate) fn clear(&mut self) {
        *self = Replay::default();
    }

    /// The first number of the last request and how often in a row it came, if nothing is served or held.
    pub(crate) fn last_request_at_rest(&self) -> Option<(u64, u16)> {
        let is_at_rest = !self.active && self.held_from.is_none() && self.again.is_none();
        is_at_rest.then_some((self.last_begin, self.repeats))
    }

    /// At rest after that request.
    pub(crate) fn after_request((last_begin, repeats): (u64, u16)) -> Self {
        Replay { last_begin, repeats, ..Replay::default() }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.active
    }

    /// How many numbers from here to `next_out` were never visible.
    pub(crate) fn held(&self, next_out: u64) -> u64 {
        self.held_from.map_or(0, |from| next_out.saturating_sub(from))
    }

    /// The last number that the counterparty can have seen.
    pub(crate) fn last_visible(&self, next_out: u64) -> u64 {
        self.held_from.unwrap_or(next_out).saturating_sub(1)
    }

    /// A message was stored while a resend runs.
    pub(crate) fn hold(&mut self, number: u64) {
        self.held_from.get_or_insert(number);
    }

    /// What was held until the Logon is through may go.
    pub(crate) fn release(&mut self) {
        if !self.active && self.held_from.is_some() {
            (self.active, self.next, self.end) = (true, 1, 0);
        }
    }

    /// How often in a row the counterparty has asked from `begin` on, this time included.
    pub(crate) fn count(&mut self, begin: u64) -> u16 {
        self.repeats = if self.last_begin == begin { self.repeats.saturating_add(1) } else { 1 };
        self.last_begin = begin;
        self.repeats
    }

    /// Serve `begin..=end`. While another range is being served this one is merged into it.
    pub(crate) fn start(&mut self, begin: u64, end: u64) {
        let reached = self.fill_from.unwrap_or(self.next);
        if !self.active || self.is_releasing() {
            (self.active, self.next, self.end, self.fill_from) = (true, begin, end, None);
        } else if begin >= reached {
            self.end = self.end.max(end);
        } else {
            let (first, last) = self.again.unwrap_or((begin, end));
            self.again = Some((first.min(begin), last.max(end)));
        }
    }

    fn is_releasing(&self) -> bool {
        self.next > self.end && self.fill_from.is_none() && self.again.is_none()
    }

    /// What to do next; `None` when nothing is left, and the resend is over.
    pub(crate) fn work(&mut self, next_out: u64) -> Option<Work> {
        if !self.active {
            return None;
        }
        if self.next <= self.end {
            return Some(Work::Resend(self.next));
        }
        if let Some(begin) = self.fill_from {
            return Some(Work::GapFill { begin, next: self.next });
        }
        if let Some((begin, end)) = self.again.take() {
            (self.next, self.end) = (begin, end);
            return Some(Work::Resend(begin));
        }
        match self.held_from {
            Some(number) if number < next_out => Some(Work::Release(number)),
            _ => {
                (self.active, self.held_from) = (false, None);
                None
            }
        }
    }

    /// The numbers from `number` up to `next`, or to the end of the range, are not resent: they go into the gap
    /// fill, however many they are.
    pub(crate) fn fill(&mut self, number: u64, next: u64) {
        self.fill_from.get_or_insert(number);
        self.next = next.min(self.end.saturating_add(1)).max(number.saturating_add(1));
    }

    /// The gap fill that must be written before another number can be resent, `begin..next`.
    pub(crate) fn open_fill(&self) -> Option<(u64, u64)> {
        self.fill_from.map(|begin| (begin, self.next))
    }

    /// The gap fill is in the output buffer.
    pub(crate) fn filled(&mut self) {
        self.fill_from = None;
    }

    /// The message is in the output buffer again.
    pub(crate) fn resent(&mut self, number: u64) {
        self.next = number.saturating_add(1);
    }

    /// The held messages before `next` are in the output buffer.
    pub(crate) fn released(&mut self, next: u64) {
        self.held_from = Some(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_runs_become_one_gap_fill_each() {
        let mut replay = Replay::default();
        replay.start(1, 4);
        assert_eq!(replay.work(5), Some(Work::Resend(1)));
        replay.fill(1, 2);
        replay.fill(2, 3);
        assert_eq!(replay.open_fill(), Some((1, 3)));
        replay.filled();
        replay.resent(3);
        replay.fill(4, 1_000_000_000_000);
        assert_eq!(replay.work(5), Some(Work::GapFill { begin: 4, next: 5 }));
        replay.filled();
        assert_eq!(replay.work(5), None);
        assert!(!replay.is_active());
    }

    #[test]
    fn what_is_sent_meanwhile_follows_the_range_and_nothing_overtakes() {
        let mut replay = Replay::default();
        replay.start(2, 3);
        replay.resent(2);
        replay.hold(4);
        assert_eq!((replay.last_visible(6), replay.held(6)), (3, 2));
        replay.resent(3);
        assert_eq!(replay.work(6), Some(Work::Release(4)));
        replay.released(5);
        assert_eq!(replay.work(6), Some(Work::Release(5)));
        replay.released(6);
        assert_eq!(replay.work(6), None);
        assert_eq!(replay.last_visible(6), 5);
    }

    #[test]
    fn a_second_request_is_merged_not_nested() {
        let mut replay = Replay::default();
        replay.start(5, 8);
        replay.resent(5);
        replay.start(7, 9);
        replay.start(2, 3);
        for number in 6..=9 {
            assert_eq!(replay.work(10), Some(Work::Resend(number)));
            replay.resent(number);
        }
        assert_eq!(replay.work(10), Some(Work::Resend(2)));
        replay.resent(2);
        replay.resent(3);
        assert_eq!(replay.work(10), None);
    }
}
