//! What we miss: numbers below the highest seen that have not arrived (case 2b).
//!
//! One ResendRequest for each gap. It counts as asked only on the connection it was written to: a new
//! connection begins with an empty machine, so nothing is believed to be on its way that went down with
//! the socket. If nothing fills the gap for a while it is asked for again, a few times, and then given up
//! with a Logout that says why. Messages do not repeat the question, but for one time: if they show that the
//! answer is over and something of it was lost, as it is when a resent message arrives garbled (case 2d).

use core::time::Duration;

use crate::time::Mono;

/// How often a range is asked for before the session is given up.
const MAX_ASKS: u8 = 3;
/// How long a hint that something is missing may wait for an ordinary message to confirm it.
const SUSPICION: Duration = Duration::from_secs(1);
/// How long a TestRequest beyond a gap waits for its turn before it is answered out of turn.
const TEST_REQUEST_PATIENCE: Duration = Duration::from_secs(1);

/// How many runs of messages beyond a gap are remembered by their numbers alone.
const DONE: usize = 4;

/// A ResendRequest that is not satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) begin: u64,
    /// The last number that it is to bring.
    pub(crate) until: u64,
    /// When it was sent or last brought something.
    at: Mono,
}

/// What the clock asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GapDue {
    /// A ResendRequest.
    Ask,
    /// The counterparty does not answer.
    GiveUp,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Gap {
    /// The highest number received, in order or not.
    highest: u64,
    asked: Option<Asked>,
    /// What was asked for has begun to arrive.
    begun: bool,
    /// Something of what was asked for was lost, as far as one can see: it arrived garbled, or what is behind it
    /// in the resend arrived.
    has_hole: bool,
    /// The rest of an answer that ended short was asked for: not again before the answer is complete.
    hurried: bool,
    /// A ResendRequest is to be sent now.
    owed: bool,
    /// A ResendRequest is to be sent then, if numbers are still missing.
    suspected: Option<Mono>,
    /// How often the same first number was asked for.
    asks: u8,
    /// A gap fill or reset has moved the expected number up to here, past messages that are kept.
    fill_to: Option<u64>,
    /// A TestRequest waits beyond the gap, and until when.
    test_request: Option<(u64, Mono)>,
    /// The TestRequest of this number was answered out of turn.
    answered: u64,
    /// Runs of numbers beyond the gap, first and last, whose messages were acted on when they came.
    done: [(u64, u64); DONE],
}

impl Gap {
    pub(crate) fn clear(&mut self) {
        *self = Gap::default();
    }

    /// A message beyond the gap arrived: ask, unless that was done. Each question brings the whole range, so
    /// even redundant ones stop after a few that changed nothing.
    pub(crate) fn beyond(&mut self, number: u64, redundant: bool) {
        self.highest = self.highest.max(number);
        self.owed |= self.asked.is_none() || (redundant && self.asks < MAX_ASKS);
    }

    /// A message beyond the gap arrived while an answer is on its way, and is kept. If it is the last that was
    /// asked for, or a new one behind an answer with a hole, the answer has ended short: what is missing is asked
    /// for at once. Of a chunk it is enough that it has begun; a longer answer may have new messages in between.
    ///
    /// An answer without end goes on behind `until`, and so may the one before. Only what comes a second time
    /// (`is_repeated`) is of the new one there.
    pub(crate) fn beyond_answer(&mut self, number: u64, poss_dup: bool, is_repeated: bool, chunked: bool) {
        let Some(asked) = self.asked else { return };
        let is_resent = poss_dup && (number <= asked.until || is_repeated);
        self.has_hole |= is_resent;
        let is_over = if poss_dup {
            is_resent && number >= asked.until
        } else {
            self.has_hole || (chunked && self.begun)
        };
        if is_over && !core::mem::replace(&mut self.hurried, true) {
            self.owed = true;
        }
    }

    /// A message was skipped that nobody can read. If something was asked for it may have been that.
    pub(crate) fn garbled(&mut self) {
        self.has_hole |= self.asked.is_some();
    }

    /// A message beyond the gap arrived that may not lead to a question at once.
    pub(crate) fn suspect(&mut self, number: u64, now: Mono) {
        self.highest = self.highest.max(number);
        self.suspected.get_or_insert(now.after(SUSPICION));
    }

    /// The counterparty knows from NextExpectedMsgSeqNum(789) that `begin..=until` is missing.
    pub(crate) fn expect(&mut self, begin: u64, until: u64, now: Mono) {
        self.highest = self.highest.max(until);
        self.asked = Some(Asked { begin, until, at: now });
    }

    /// A TestRequest is kept under `number`.
    pub(crate) fn test_request(&mut self, number: u64, now: Mono) {
        self.test_request.get_or_insert((number, now.after(TEST_REQUEST_PATIENCE)));
    }

    /// The kept TestRequest to answer now, if it waits too long.
    pub(crate) fn overdue_test_request(&mut self, now: Mono) -> Option<u64> {
        let (number, _) = self.test_request.take_if(|(_, due)| now >= *due)?;
        self.answered = number;
        Some(number)
    }

    /// True if the TestRequest of that number has had its Heartbeat.
    pub(crate) fn was_answered(&self, number: u64) -> bool {
        number != 0 && self.answered == number
    }

    /// The message `number` beyond the gap was acted on, and its number is all that is still wanted. False if
    /// there is no room to remember it.
    pub(crate) fn done(&mut self, number: u64, next_in: u64) -> bool {
        if self.is_done(number) {
            return true;
        }
        let longer =
            self.done.iter_mut().find(|(first, last)| *first > 0 && last.checked_add(1) == Some(number));
        if let Some((_, last)) = longer {
            *last = number;
            return true;
        }
        let free = self.done.iter_mut().find(|(_, last)| *last < next_in);
        free.map(|run| *run = (number, number)).is_some()
    }

    /// True if the message `number` was acted on out of turn.
    pub(crate) fn is_done(&self, number: u64) -> bool {
        number > 0 && self.done.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }

    /// A ResendRequest from `begin` on is in the output buffer; it is to bring all up to `until`.
    pub(crate) fn sent(&mut self, begin: u64, until: u64, now: Mono) {
        let same = self.asked.is_some_and(|asked| asked.begin == begin);
        self.asks = if same { self.asks.saturating_add(1) } else { 1 };
        self.asked = Some(Asked { begin, until, at: now });
        self.owed = false;
        self.begun = false;
        self.has_hole = false;
        self.suspected = None;
    }

    /// Numbers up to `fill_to` are filled, apart from the messages that are kept.
    pub(crate) fn fill(&mut self, fill_to: u64) {
        self.fill_to = Some(fill_to);
    }

    /// Where the expected number goes while a gap fill is being worked through: to the next kept message
    /// (`lowest_kept`), or to the end of the fill.
    pub(crate) fn next_in_fill(&mut self, next_in: u64, lowest_kept: Option<u64>) -> Option<u64> {
        let fill_to = self.fill_to?;
        match lowest_kept.filter(|kept| *kept < fill_to) {
            Some(kept) => Some(kept),
            None => {
                self.fill_to = None;
                Some(fill_to.max(next_in))
            }
        }
    }

    /// The expected number has become `next_in`, which is not kept. True if an open question is satisfied.
    pub(crate) fn advanced(&mut self, next_in: u64, chunked: bool, now: Mono) -> bool {
        if self.test_request.is_some_and(|(number, _)| number < next_in) {
            self.test_request = None;
        }
        let satisfied = self.asked.is_some_and(|asked| next_in > asked.until);
        if satisfied {
            self.asked = None;
            self.hurried = false;
        } else if let Some(asked) = self.asked.as_mut()
            && next_in > asked.begin
        {
            (asked.begin, asked.at) = (next_in, now);
            self.begun = true;
            self.asks = 1;
        }
        if next_in > self.highest {
            self.owed = false;
            self.suspected = None;
        } else if satisfied && chunked {
            self.owed = true;
        } else if self.asked.is_none() && !self.owed {
            self.suspected.get_or_insert(now.after(SUSPICION));
        }
        satisfied
    }

    pub(crate) fn due(&self, now: Mono, patience: Duration) -> Option<GapDue> {
        if self.owed || self.suspected.is_some_and(|at| now >= at) {
            return Some(GapDue::Ask);
        }
        self.asked.filter(|asked| now >= asked.at.after(patience))?;
        Some(if self.asks < MAX_ASKS { GapDue::Ask } else { GapDue::GiveUp })
    }

    pub(crate) fn deadline(&self, patience: Duration) -> Option<Mono> {
        let asked = self.asked.map(|asked| asked.at.after(patience));
        let test_request = self.test_request.map(|(_, due)| due);
        [asked, test_request, self.suspected].into_iter().flatten().min()
    }

    /// Nothing is missing, asked for or remembered, where `next_in` is expected.
    pub(crate) fn is_at_rest(&self, next_in: u64) -> bool {
        let is_open = self.owed
            || self.asked.is_some()
            || self.suspected.is_some()
            || self.fill_to.is_some()
            || self.test_request.is_some();
        let remembers = self.answered > 0 || self.done != [(0, 0); DONE];
        !is_open && !remembers && self.highest < next_in
    }

    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    pub(crate) fn asked(&self) -> Option<Asked> {
        self.asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn at(millis: u64) -> Mono {
        Mono::from_millis(millis)
    }

    #[test]
    fn one_request_for_a_gap() {
        let mut gap = Gap::default();
        gap.beyond(5, false);
        assert_eq!(gap.due(at(0), PATIENCE), Some(GapDue::Ask));
        gap.sent(2, 4, at(0));
        gap.beyond(6, false);
        assert_eq!(gap.due(at(1), PATIENCE), None);
        assert!(!gap.advanced(4, false, at(2)));
        assert!(gap.advanced(7, false, at(3)));
        assert_eq!((gap.due(at(60_000), PATIENCE), gap.deadline(PATIENCE)), (None, None));
    }

    #[test]
    fn an_unanswered_request_is_repeated_and_then_given_up() {
        let mut gap = Gap::default();
        gap.beyond(5, false);
        gap.sent(2, 4, at(0));
        for ask in 1..3u64 {
            assert_eq!(gap.due(at(ask * 10_000 - 1), PATIENCE), None);
            assert_eq!(gap.due(at(ask * 10_000), PATIENCE), Some(GapDue::Ask));
            gap.sent(2, 4, at(ask * 10_000));
        }
        assert_eq!(gap.due(at(30_000), PATIENCE), Some(GapDue::GiveUp));
    }

    #[test]
    fn redundant_requests_come_to_an_end() {
        let mut gap = Gap::default();
        for number in 5..50 {
            gap.beyond(number, true);
            if gap.due(at(0), PATIENCE) == Some(GapDue::Ask) {
                gap.sent(2, 4, at(0));
            }
        }
        assert_eq!(gap.asks, MAX_ASKS);
        gap.advanced(3, false, at(1));
        gap.beyond(50, true);
        assert_eq!(gap.due(at(1), PATIENCE), Some(GapDue::Ask), "what has changed is asked for again");
    }

    #[test]
    fn an_answer_with_a_hole_is_over_with_its_last_message_or_a_new_one_and_is_followed_once() {
        let asked = || {
            let mut gap = Gap::default();
            gap.beyond(9, false);
            gap.sent(2, 8, at(0));
            gap
        };
        let mut gap = asked();
        gap.beyond_answer(10, false, false, false);
        gap.beyond_answer(7, true, false, false);
        assert_eq!(gap.due(at(1), PATIENCE), None, "the rest of the answer may come");
        gap.beyond_answer(8, true, false, false);
        assert_eq!(gap.due(at(1), PATIENCE), Some(GapDue::Ask));
        gap.sent(2, 6, at(1));
        gap.beyond_answer(6, true, false, false);
        assert_eq!(gap.due(at(1), PATIENCE), None, "once");

        let mut gap = asked();
        gap.beyond_answer(12, true, false, false);
        gap.beyond_answer(13, false, false, false);
        assert_eq!(gap.due(at(1), PATIENCE), None, "the end of an answer before says nothing of this one");
        gap.garbled();
        gap.beyond_answer(14, false, false, false);
        assert_eq!(gap.due(at(1), PATIENCE), Some(GapDue::Ask));
    }

    #[test]
    fn progress_restores_patience() {
        let mut gap = Gap::default();
        gap.beyond(9, false);
        gap.sent(2, 8, at(0));
        gap.advanced(3, false, at(9_000));
        assert_eq!(gap.due(at(18_999), PATIENCE), None);
        assert_eq!(gap.due(at(19_000), PATIENCE), Some(GapDue::Ask));
    }

    #[test]
    fn a_dropped_message_is_asked_for_after_a_moment_and_a_chunk_at_once() {
        let mut gap = Gap::default();
        gap.beyond(9, false);
        gap.sent(2, 4, at(0));
        assert!(gap.advanced(5, true, at(1)));
        assert_eq!(gap.due(at(1), PATIENCE), Some(GapDue::Ask));
        gap.sent(5, 6, at(1));
        assert!(gap.advanced(7, false, at(2)));
        assert_eq!(gap.due(at(2), PATIENCE), None);
        assert_eq!(gap.due(at(1_002), PATIENCE), Some(GapDue::Ask));
    }

    #[test]
    fn numbers_acted_on_out_of_turn_are_remembered_as_long_as_they_are_wanted() {
        let mut gap = Gap::default();
        assert!(!gap.is_done(0));
        for number in [10, 11, 12, 20, 30, 40] {
            assert!(gap.done(number, 5));
        }
        assert!(gap.done(12, 5) && gap.is_done(11) && !gap.is_done(13));
        assert!(!gap.done(50, 5) && gap.done(41, 5), "no room for another run, but a run may grow");
        assert!(gap.done(50, 13) && gap.is_done(50) && !gap.is_done(10));
    }

    #[test]
    fn a_fill_stops_at_each_kept_message() {
        let mut gap = Gap::default();
        gap.fill(20);
        assert_eq!(gap.next_in_fill(2, Some(10)), Some(10));
        assert_eq!(gap.next_in_fill(11, Some(25)), Some(20));
        assert_eq!(gap.next_in_fill(20, None), None);
    }
}
