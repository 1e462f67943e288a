//! The place of one session on the floor.

use std::collections::VecDeque;

use fix_core::time::UtcTimestamp;

use super::{Floor, State, session_mut};
use crate::exchange::{
    book::Owner,
    journal::{KeptList, Telling},
    market_data::Pictures,
    venue::{Output, Venue},
};

/// The place of one session. Dropped, the session has left; its orders stay.
pub struct Seat {
    pub(super) floor: Floor,
    pub(super) owner: Owner,
}

impl Seat {
    /// The lists of orders that the session had at an earlier start; once.
    pub fn take_lists(&self) -> Vec<KeptList> {
        let mut state = self.floor.state();
        let session = session_mut(&mut state.sessions, self.owner);
        session.map_or(Vec::new(), |session| std::mem::take(&mut session.lists))
    }

    /// Whose orders its orders are.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// The floor that it is on.
    pub fn floor(&self) -> &Floor {
        &self.floor
    }

    /// Asks the venue for something, to which time has come with `now`. What was waiting for the session and what is said to
    /// it now is appended to `own`.
    pub fn ask<R>(
        &self,
        now: UtcTimestamp,
        own: &mut VecDeque<Output>,
        ask: impl FnOnce(&mut Venue, Owner, &mut Vec<Output>) -> R,
    ) -> R {
        self.floor.act_for(Some((self.owner, own)), |_, state| {
            state.come_to(now);
            ask(&mut state.venue, self.owner, &mut state.out)
        })
    }

    /// The same about a list of orders, which is kept over a restart together with what comes of it.
    pub fn ask_about_list<R>(
        &self,
        list: &mut KeptList,
        now: UtcTimestamp,
        own: &mut VecDeque<Output>,
        ask: impl FnOnce(&mut KeptList, &mut Venue, Owner, &mut Vec<Output>) -> R,
    ) -> R {
        let owner = self.owner;
        self.floor.act_for(Some((owner, own)), |_, state| {
            state.come_to(now);
            let outcome = ask(list, &mut state.venue, owner, &mut state.out);
            if let Some(journal) = &mut state.journal {
                journal.list(owner, list, now);
            }
            outcome
        })
    }

    /// Looks at the venue, and at the pictures of its books. What the session has asked for itself need not be in the journal
    /// yet: it is [written](Self::write) before anything that is seen here is said to its counterparty.
    pub(in crate::exchange) fn look<R>(&self, look: impl FnOnce(&Venue, &mut Pictures) -> R) -> R {
        let state = &mut *self.floor.state();
        state.write_for(Some(self.owner));
        look(&state.venue, &mut state.pictures)
    }

    /// The session's store is open, and this is its next MsgSeqNum(34).
    pub fn opened(&self, next_out: u64) {
        let mut state = self.floor.state();
        if let Some(session) = session_mut(&mut state.sessions, self.owner) {
            session.next_out = Some(next_out);
        }
    }

    /// True if what was sent is to be told to [`write`](Self::write).
    pub fn has_journal(&self) -> bool {
        self.floor.0.has_journal
    }

    /// Writes to the journal what the session has asked for, and under which numbers it was told; before anything of that is
    /// said to its counterparty.
    pub fn write(&self, sent: &mut Vec<(Telling, u64)>) {
        if !self.has_journal() {
            return;
        }
        let mut state = self.floor.state();
        let State { sessions, journal, .. } = &mut *state;
        match (session_mut(sessions, self.owner), journal) {
            (Some(session), Some(journal)) if !sent.is_empty() => {
                session.may_be_lost = true;
                sent.drain(..).for_each(|(telling, number)| journal.sent(self.owner, telling, number));
                state.write();
            }
            _ => state.write_for(None),
        }
    }

    /// All that was sent to the session is in its store, whose numbers may begin anew now.
    pub fn stored(&self) {
        let mut state = self.floor.state();
        let State { sessions, journal, .. } = &mut *state;
        if let (Some(session), Some(journal)) = (session_mut(sessions, self.owner), journal)
            && std::mem::take(&mut session.may_be_lost)
        {
            journal.stored(self.owner);
            state.write();
        }
    }

    /// Is woken for whatever changes the market from now on, or no longer. True if it was not before: something may have
    /// changed meanwhile.
    pub fn watch(&self, watches: bool) -> bool {
        let State { watching, .. } = &mut *self.floor.state();
        let place = watching.iter().position(|owner| *owner == self.owner);
        match place {
            None if watches => watching.push(self.owner),
            Some(place) if !watches => _ = watching.swap_remove(place),
            _ => return false,
        }
        watches
    }

    /// Takes the reports that wait, oldest first.
    pub fn take(&self) -> VecDeque<Output> {
        let mut taken = VecDeque::new();
        self.floor.state().take(self.owner, &mut taken);
        taken
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.watch(false);
        let mut state = self.floor.state();
        let left = session_mut(&mut state.sessions, self.owner).and_then(|session| session.wake.take());
        // Its waker may belong to anybody: not while the lock is held.
        drop(state);
        drop(left);
    }
}
