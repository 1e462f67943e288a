//! What a recorder of an engine looks at, and where a replay begins.

use super::Engine;
use crate::{
    session::{Buffer, Standing, application::Application},
    store::MessageStore,
};

impl<B: Buffer, S: MessageStore, A: Application> Engine<B, S, A> {
    /// How the session stands, and whether the last poll found no more work, if nothing is under way.
    pub(crate) fn standing(&self) -> Option<(Standing, bool)> {
        let is_at_rest = self.deframer.begun() == 0 && self.kept.used() == 0;
        let standing = self.session.standing().filter(|_| is_at_rest)?;
        Some((standing, self.is_worked_off))
    }

    /// A new engine stands as another one did.
    pub(crate) fn resume(&mut self, standing: &Standing, is_worked_off: bool) {
        self.session.resume(standing);
        self.is_worked_off = is_worked_off;
    }

    /// The last `count` bytes that were received.
    pub(crate) fn last_received(&self, count: usize) -> &[u8] {
        self.deframer.last_received(count)
    }

    /// What is to be written.
    pub(crate) fn pending(&self) -> &[u8] {
        self.session.output.pending()
    }

    /// The store.
    pub(crate) fn store(&self) -> &S {
        &self.session.store
    }
}
