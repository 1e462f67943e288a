//! A session at rest, in the few values that its further course depends on beside its configuration and its store.

use super::{Session, gap::Gap, output::Buffer, replay::Replay, reset::Reset, state::Phase};
use crate::{store::MessageStore, time::Mono};

/// A session that waits: nothing is under way in either direction, nothing is owed, nothing is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Logged on; if not, without a connection.
    pub(crate) is_logged_on: bool,
    /// HeartBtInt(108) in use, in seconds.
    pub(crate) heart_bt_int: u32,
    pub(crate) last_sent: Mono,
    pub(crate) last_received: Mono,
    /// The first number of the last ResendRequest(2) of this connection, and how often in a row it came.
    pub(crate) last_request: (u64, u16),
}

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// How it stands, if it is at rest: a session that [`resume`](Self::resume)s there takes the same course.
    pub(crate) fn standing(&self) -> Option<Standing> {
        let is_logged_on = match self.phase {
            Phase::Idle => false,
            Phase::LoggedOn => true,
            _ => return None,
        };
        let is_at_rest = self.output.is_empty()
            && (self.close_reason.is_none() || !is_logged_on)
            && self.deadline.is_none()
            && self.blocked_until.is_none()
            && self.logout_owed.is_none()
            && !self.logged_out
            && !self.dirty
            && self.last_too_large == 0
            && self.answering == 0
            && self.gap.is_at_rest(self.next_in())
            && self.reset == Reset::default()
            && (self.liveness.is_at_rest() || !is_logged_on);
        let standing = Standing {
            is_logged_on,
            heart_bt_int: self.logon.heart_bt_int(),
            last_sent: self.liveness.last_sent(),
            last_received: self.liveness.last_received(),
            last_request: self.replay.last_request_at_rest()?,
        };
        is_at_rest.then_some(standing)
    }

    /// A new session stands as another one did.
    pub(crate) fn resume(&mut self, standing: &Standing) {
        self.logon.resume(standing.heart_bt_int, standing.is_logged_on);
        self.gap = Gap::default();
        self.replay = Replay::after_request(standing.last_request);
        if standing.is_logged_on {
            self.phase = Phase::LoggedOn;
            self.liveness.start(standing.heart_bt_int, &self.config, standing.last_received);
            self.liveness.sent(standing.last_sent);
        }
    }
}
