//! An application on the host: the core's, with commands of other tasks and a store that readers follow.

use fix_core::session::application::{Application, Outbox};

use crate::store::{Consumer, Entries, Entry, Position};

/// An application that also takes commands from other tasks, between two messages.
pub trait HostApplication: Application {
    /// What other tasks may ask of it.
    type Command: Send;

    /// Carries out one command; called whether logged on or not.
    fn command(&mut self, command: Self::Command, out: &mut dyn Outbox);

    /// All that was sent so far is in the store: only now may anybody be told that it is safe.
    fn persisted(&mut self) {}

    /// False while the application cannot take more messages: then nothing is read from the socket, and the
    /// counterparty is held back by TCP instead of a message being lost here.
    fn is_ready(&mut self) -> bool {
        true
    }

    /// The store is open: where readers go on from can be asked of it. Called once, before all else.
    fn opened(&mut self, store: &mut dyn Entries) {
        let _ = store;
    }

    /// The position after which flushed entries are handed to [`entry`](Self::entry), one by one; `None` for no
    /// more. Whoever lacks the room for one says so with [`is_ready`](Self::is_ready) too, and is asked again.
    fn entries_after(&mut self) -> Option<Position> {
        None
    }

    /// The first entry after the position that [`entries_after`](Self::entries_after) named.
    fn entry(&mut self, entry: &Entry<'_>) {
        let _ = entry;
    }

    /// Takes the next acknowledgement of a consumer, for the store to keep.
    fn told(&mut self) -> Option<(Consumer, Position)> {
        None
    }

    /// The session has ended and its store is about to be closed: true once every reader has what was handed to it,
    /// false if some is due. Asked for a short while until it is true, `is_last` for the last time.
    fn closing(&mut self, store: &mut dyn Entries, is_last: bool) -> bool {
        let _ = (store, is_last);
        true
    }

    /// Answers a command that came too late: the session is stopping.
    fn refuse(command: Self::Command);

    /// True if there was a Logon since this was last asked: the next attempt to connect need not wait longer than usual.
    fn take_was_logged_on(&mut self) -> bool {
        false
    }

    /// What the counterparty's last Logout said, once.
    fn take_logout_text(&mut self) -> Option<String> {
        None
    }

    /// The TestReqID(112) of the last Heartbeat(0) that bore one, once.
    fn take_answered_test(&mut self) -> Option<String> {
        None
    }

    /// What the events of the connection tell of why it ends, once.
    fn take_cause(&mut self) -> Option<String> {
        None
    }

    /// Takes a line for the session's event log; asked for after each message that was received.
    fn take_event(&mut self) -> Option<String> {
        None
    }

    /// Counts a failure of the store.
    fn store_failed(&mut self) {}
}
