//! What can be seen of a session from outside.

use core::fmt;

use super::{Session, output::Buffer, state::Phase};
use crate::{
    store::MessageStore,
    time::{Mono, UtcTimestamp},
};

/// A snapshot of a session. The default is one that has not begun, for tests of what reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct SessionStatus {
    /// Where it is in its life.
    pub phase: Phase,
    /// MsgSeqNum(34) expected next.
    pub next_in: u64,
    /// MsgSeqNum(34) of the next message to send.
    pub next_out: u64,
    /// The range that is being asked for.
    pub gap: Option<(u64, u64)>,
    /// Bytes of messages that wait beyond a gap.
    pub kept_bytes: usize,
    /// The counterparty is being served a resend.
    pub resending: bool,
    /// HeartBtInt(108) in use, in seconds.
    pub heart_bt_int: u32,
    /// When something was last sent; meaningful while logged on.
    pub last_sent: Mono,
    /// When something was last received; meaningful while logged on.
    pub last_received: Mono,
    /// When the numbers last began at 1.
    pub creation_time: Option<UtcTimestamp>,
}

impl<B: Buffer, S: MessageStore> Session<B, S> {
    pub(crate) fn status(&self, kept_bytes: usize) -> SessionStatus {
        SessionStatus {
            phase: self.phase,
            next_in: self.next_in(),
            next_out: self.store.next_out(),
            gap: self.gap.asked().map(|asked| (asked.begin, asked.until)),
            kept_bytes,
            resending: self.replay.is_active(),
            heart_bt_int: self.logon.heart_bt_int(),
            last_sent: self.liveness.last_sent(),
            last_received: self.liveness.last_received(),
            creation_time: self.store.creation_time(),
        }
    }
}

impl<B: Buffer, S: MessageStore> fmt::Debug for Session<B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("phase", &self.phase)
            .field("close_reason", &self.close_reason)
            .field("logon", &self.logon)
            .field("next_in", &self.next_in())
            .field("next_out", &self.store.next_out())
            .field("gap", &self.gap)
            .field("replay", &self.replay)
            .field("liveness", &self.liveness)
            .field("deadline", &self.deadline)
            .field("logout_owed", &self.logout_owed)
            .field("blocked_until", &self.blocked_until)
            .field("logged_out", &self.logged_out)
            .field("reset", &self.reset)
            .finish()
    }
}
