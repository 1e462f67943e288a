//! What an operator does to the numbers, and asks of the counterparty.

use super::{Engine, context};
use crate::{
    session::{Buffer, application::Application, error::SendError},
    store::{MessageStore, StoreError},
    time::Now,
};

impl<B: Buffer, S: MessageStore, A: Application> Engine<B, S, A> {
    /// Administration: the number expected next, from 1.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.is_worked_off = false;
        self.session.expect_next_in(number.max(1))?;
        self.session.store.flush()
    }

    /// Administration: the number of the next message to send.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.is_worked_off = false;
        self.session.store.set_next_out(number)?;
        self.session.store.flush()
    }

    /// Administration: both numbers begin at 1. While logged on that takes a Logon with
    /// ResetSeqNumFlag(141)=Y and its answer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn reset(&mut self, now: Now) -> Result<(), StoreError> {
        self.is_worked_off = false;
        self.session.reset(&mut context(now, &mut self.kept, &mut self.application))?;
        self.session.flush(&mut self.application);
        Ok(())
    }

    /// Administration: sends a TestRequest(1) with this TestReqID(112), 1 to 64 bytes, and returns its MsgSeqNum(34). The
    /// Heartbeat(0) that answers it bears the same id and comes to [`Application::from_admin`]. The engine does not wait
    /// for it: whether the counterparty is alive, its own timers tell.
    ///
    /// # Errors
    /// [`SendError`]; no number is consumed then.
    pub fn test_request(&mut self, now: Now, id: &str) -> Result<u64, SendError> {
        self.is_worked_off = false;
        self.session.send_test_request(now, id, &mut self.application)
    }

    /// Flushes the store, with what the application reports itself: for a driver without a connection.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn flush(&mut self) -> Result<(), StoreError> {
        self.session.keep_own_reports(&mut self.application)?;
        self.session.store.flush()
    }
}
