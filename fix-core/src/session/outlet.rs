//! The way out of a callback.

use super::{Session, application::Outbox, error::SendError, outbound::Ask, output::Buffer};
use crate::{store::MessageStore, time::Now, wire::writer::Encode};

/// What a callback sends through.
pub(crate) struct Outlet<'a, B, S> {
    pub(crate) session: &'a mut Session<B, S>,
    pub(crate) now: Now,
    /// A received message, or a Logon, has led to the call.
    pub(crate) answers: bool,
}

impl<B: Buffer, S: MessageStore> Outbox for Outlet<'_, B, S> {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        let ask = if self.answers { Ask::Nobody } else { Ask::NobodyOutside };
        self.session.send(self.now, message, ask)
    }

    fn logout(&mut self, text: Option<&str>) {
        self.session.owe_logout(text);
    }

    fn now(&self) -> Now {
        self.now
    }
}
