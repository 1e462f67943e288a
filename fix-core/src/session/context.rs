//! What every step of a session works with.

use super::{
    application::Application,
    event::{Event, Reason},
    kept::{Kept, Span},
};
use crate::time::Now;

/// One step: its moment, whom it tells, and where messages beyond a gap wait.
pub(crate) struct Context<'a> {
    pub(crate) now: Now,
    pub(crate) app: &'a mut dyn Application,
    pub(crate) kept: Kept<'a>,
}

impl Context<'_> {
    /// Tells the application of a decision.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn decide(&mut self, reason: Reason, msg_seq_num: u64, expected: u64) {
        self.app.on_event(&Event::Decision { reason, msg_seq_num, expected });
    }

    /// Works on the message that is kept under `number`, if one is. It lies in the buffer itself, so nothing can be
    /// kept meanwhile.
    pub(super) fn with_kept<R>(
        &mut self,
        number: u64,
        work: impl FnOnce(&mut Context<'_>, &[u8]) -> R,
    ) -> Option<R> {
        let bytes = self.kept.get(number)?;
        let mut no_room = Span::default();
        let kept = Kept::new(&mut [], &mut no_room);
        Some(work(&mut Context { now: self.now, app: &mut *self.app, kept }, bytes))
    }
}
