//! The two sequence numbers of a session, and how they begin at 1 again.

use super::{Session, context::Context, event::Reason, output::Buffer};
use crate::store::{MessageStore, StoreError};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    pub(super) fn set_next_in(&mut self, cx: &mut Context<'_>, number: u64) {
        if let Err(error) = self.expect_next_in(number) {
            self.fail(error, cx.app);
        }
    }

    pub(crate) fn expect_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        if self.reset.expect(number) {
            return Ok(());
        }
        self.dirty = true;
        self.store.set_next_in(number)
    }

    /// True from our Logon with ResetSeqNumFlag(141)=Y until the counterparty is known to have taken it.
    pub(super) fn is_reset_unanswered(&self) -> bool {
        self.store.next_in().is_none()
    }

    /// Both numbers begin at 1 and all sent messages are forgotten.
    pub(crate) fn reset_numbers(&mut self, cx: &mut Context<'_>) -> Result<(), StoreError> {
        self.dirty = true;
        self.store.reset(cx.now.utc)?;
        self.reset.begun_again();
        self.gap.clear();
        self.replay.clear();
        cx.decide(Reason::NumbersReset, 1, 1);
        Ok(())
    }

    /// The message counts as received if it is the expected one.
    pub(super) fn consume(&mut self, cx: &mut Context<'_>, number: u64) {
        if number == self.next_in() {
            self.set_next_in(cx, number.saturating_add(1));
        }
    }

    /// ValidateSequenceNumbers=N: the number of a message is the expected one whatever it is.
    pub(super) fn follow(&mut self, cx: &mut Context<'_>, number: u64) {
        let next_in = self.next_in();
        if !self.config.validate_sequence_numbers && number != next_in && number > 0 {
            cx.decide(Reason::MsgSeqNumNotChecked, number, next_in);
            self.set_next_in(cx, number);
        }
    }
}
