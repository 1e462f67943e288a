//! A reset of the sequence numbers by ResetSeqNumFlag(141)=Y: ours until the counterparty has taken it, and theirs.
//!
//! Our Logon with the flag begins our numbers again; those of the counterparty begin with its answer. Until then the
//! store expects no number: a process that dies in between, or a connection that ends, leaves that mark behind, and
//! the next Logon exchange says the same reset again. The messages that were sent after it keep their numbers and
//! are resent, so nothing that was promised to be sent is forgotten. What the counterparty sent behind an answer that
//! never reached us it forgets, as every reset demands of it.

/// How often the counterparty may reset the numbers without any other message in between.
const MAX_IN_A_ROW: u8 = 3;

/// How it stands with our reset on this connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ours {
    /// There is none, or it was taken.
    #[default]
    None,
    /// It is in the Logon that began the connection; the answer is not here.
    InLogon,
    /// It is in a Logon inside the session; the answer is not here. What they sent before it still counts, from
    /// `next_in` on.
    InSession { next_in: u64 },
    /// It was said again with our answer to their Logon. Whatever follows but a Logout has taken it.
    SaidAgain { next_in: u64 },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reset {
    /// Administration asks for one by a Logon inside the session, be it on the next connection.
    owed: bool,
    ours: Ours,
    /// One of theirs has come and was not acted on: the numbers behind it are of another life than ours.
    missed: bool,
    /// Those of theirs that were answered with no other message in between.
    in_a_row: u8,
}

impl Reset {
    /// The connection is gone; what is owed stays owed.
    pub(crate) fn end_connection(&mut self) {
        *self = Reset { owed: self.owed, ..Reset::default() };
    }

    /// Both numbers begin at 1, and nobody has to be told any more.
    pub(crate) fn begun_again(&mut self) {
        self.owed = false;
        self.ours = Ours::None;
    }

    pub(crate) fn owe(&mut self) {
        self.owed = true;
    }

    /// True if our reset is to be said inside the session now.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.owed && !self.is_awaited()
    }

    /// The Logon that begins the connection is in the output buffer, with the flag.
    pub(crate) fn said_in_logon(&mut self) {
        self.ours = Ours::InLogon;
    }

    /// A Logon with the flag goes out inside the session, where `next_in` is expected.
    pub(crate) fn said_in_session(&mut self, next_in: u64) {
        self.owed = false;
        self.ours = Ours::InSession { next_in };
    }

    /// Our answer to their Logon says the reset again; they go on with `next_in`.
    pub(crate) fn said_again(&mut self, next_in: u64) {
        self.ours = Ours::SaidAgain { next_in };
    }

    fn is_awaited(&self) -> bool {
        matches!(self.ours, Ours::InLogon | Ours::InSession { .. })
    }

    /// A Logon of theirs has come. True if our reset waited for it.
    pub(crate) fn take_answer(&mut self) -> bool {
        let awaited = self.is_awaited();
        if awaited {
            self.ours = Ours::None;
        }
        awaited
    }

    /// They go on in the session, and have so taken a reset that was said again: what the store expects from now on.
    pub(crate) fn take_confirmation(&mut self) -> Option<u64> {
        let Ours::SaidAgain { next_in } = self.ours else { return None };
        self.ours = Ours::None;
        Some(next_in)
    }

    /// The number expected next while the store does not know it, because our reset is not confirmed.
    #[inline]
    pub(crate) fn next_in(&self) -> Option<u64> {
        match self.ours {
            Ours::InSession { next_in } | Ours::SaidAgain { next_in } => Some(next_in),
            Ours::None | Ours::InLogon => None,
        }
    }

    /// The number expected next changes. False if that is the store's to know.
    #[inline]
    pub(crate) fn expect(&mut self, number: u64) -> bool {
        match &mut self.ours {
            Ours::InSession { next_in } | Ours::SaidAgain { next_in } => {
                *next_in = number;
                true
            }
            Ours::None | Ours::InLogon => false,
        }
    }

    /// Whether a reset of theirs has come now, and is not acted on.
    pub(crate) fn miss(&mut self, missed: bool) {
        self.missed = missed;
    }

    #[inline]
    pub(crate) fn is_missed(&self) -> bool {
        self.missed
    }

    /// A reset of theirs is to be answered. False if there were too many: two engines that each take the other's
    /// answer for a request would reset each other for ever.
    pub(crate) fn may_answer(&mut self) -> bool {
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.in_a_row <= MAX_IN_A_ROW
    }

    /// A message that is no Logon has come.
    #[inline]
    pub(crate) fn other_message(&mut self) {
        self.in_a_row = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_they_sent_before_the_answer_counts_beside_the_store() {
        let mut reset = Reset::default();
        assert!(!reset.expect(5), "the store knows");
        reset.owe();
        assert!(reset.is_due());
        reset.said_in_session(5);
        assert!(!reset.is_due() && reset.expect(6));
        assert_eq!((reset.next_in(), reset.take_confirmation()), (Some(6), None), "only a Logon answers it");
        assert!(reset.take_answer());
        assert_eq!(reset.next_in(), None);
        assert!(!reset.take_answer(), "once");
    }

    #[test]
    fn a_reset_said_again_is_confirmed_by_whatever_follows() {
        let mut reset = Reset::default();
        reset.said_again(9);
        assert_eq!((reset.next_in(), reset.take_confirmation(), reset.next_in()), (Some(9), Some(9), None));
    }

    #[test]
    fn only_what_is_owed_reaches_the_next_connection() {
        let mut reset = Reset::default();
        reset.said_in_logon();
        reset.miss(true);
        reset.owe();
        assert!(!reset.is_due(), "one after the other");
        reset.end_connection();
        assert!(reset.is_due() && !reset.is_missed() && !reset.take_answer());
        reset.begun_again();
        assert!(!reset.is_due());
    }

    #[test]
    fn a_storm_is_seen_and_other_messages_calm_it() {
        let mut reset = Reset::default();
        assert_eq!([(); 4].map(|()| reset.may_answer()), [true, true, true, false]);
        reset.other_message();
        assert!(reset.may_answer());
    }
}
