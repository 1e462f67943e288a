//! The phases of a session and every transition between them.
//!
//! Three smaller machines run beside this one and know nothing of it: `gap` (what we miss),
//! `replay` (what the counterparty asked for) and `liveness` (heartbeats).
//!
//! | phase       | trigger           | next        | FIX 4.4 Vol. 2 |
//! |-------------|-------------------|-------------|----------------|
//! | Idle        | ConnectInitiator  | LogonOwed   | 1B.a           |
//! | Idle        | ConnectAcceptor   | AwaitLogon  | 1S             |
//! | LogonOwed   | LogonWritten      | LogonSent   | 1B.b           |
//! | LogonSent   | LogonAccepted     | LoggedOn    | 1B.c           |
//! | AwaitLogon  | LogonAccepted     | LoggedOn    | 1S.a           |
//! | LoggedOn    | LogoutWritten     | LogoutSent  | 12             |
//! | any but Idle| Close             | Closing     | 1B.d 1S.c-e 2c 13 |
//! | any         | Disconnect        | Idle        | 12 13          |
//!
//! Every other pair leaves the phase as it is.

use core::fmt;

use super::{peer_text::PeerText, reason::Reason};
use crate::store::StoreError;

/// Where a session is in its life. All there are: a `match` may name each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Phase {
    /// No connection.
    #[default]
    Idle,
    /// Initiator, connected: a Logon is to be sent.
    LogonOwed,
    /// Initiator: the Logon is out, the answer is not here.
    LogonSent,
    /// Acceptor, connected: nothing but a Logon may come.
    AwaitLogon,
    /// Both Logons are exchanged.
    LoggedOn,
    /// Our Logout is out, the answer is not here.
    LogoutSent,
    /// What is left in the output buffer is written, then the connection is closed.
    Closing,
}

/// What moves a session from one phase to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Trigger {
    /// The initiator's connection stands.
    ConnectInitiator,
    /// The acceptor was connected to.
    ConnectAcceptor,
    /// Our Logon is in the output buffer.
    LogonWritten,
    /// The counterparty's Logon is good.
    LogonAccepted,
    /// Our Logout is in the output buffer and an answer is to come.
    LogoutWritten,
    /// The connection is to be closed.
    Close,
    /// The connection is gone.
    Disconnect,
}

/// The phase after `trigger`; `None` where the table has no line.
pub const fn next(phase: Phase, trigger: Trigger) -> Option<Phase> {
    match (phase, trigger) {
        (Phase::Idle, Trigger::ConnectInitiator) => Some(Phase::LogonOwed),
        (Phase::Idle, Trigger::ConnectAcceptor) => Some(Phase::AwaitLogon),
        (Phase::LogonOwed, Trigger::LogonWritten) => Some(Phase::LogonSent),
        (Phase::LogonSent | Phase::AwaitLogon, Trigger::LogonAccepted) => Some(Phase::LoggedOn),
        (Phase::LoggedOn, Trigger::LogoutWritten) => Some(Phase::LogoutSent),
        (Phase::Idle | Phase::Closing, Trigger::Close) => None,
        (_, Trigger::Close) => Some(Phase::Closing),
        (Phase::Idle, Trigger::Disconnect) => None,
        (_, Trigger::Disconnect) => Some(Phase::Idle),
        _ => None,
    }
}

impl Phase {
    /// True while both sides count each other's messages: from the Logons to the end of the connection.
    pub const fn is_in_session(self) -> bool {
        matches!(self, Phase::LoggedOn | Phase::LogoutSent)
    }
}

/// Why a connection is closed, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CloseReason {
    /// Our Logout was answered.
    LogoutAnswered,
    /// We ended the connection before both Logons were there: no Logout is due then.
    LoggedOutBeforeLogon,
    /// The counterparty sent a Logout, and we answered it.
    LogoutReceived,
    /// Our Logon was answered with a Logout: refused, and this is its Text(58). Trying again at once will not help.
    LogonRefused(PeerText),
    /// No Logon within LogonTimeout.
    LogonTimeout,
    /// No answer to our Logout within LogoutTimeout.
    LogoutTimeout,
    /// The counterparty did not read what we wrote, for longer than the heartbeat time-out.
    WriteTimeout,
    /// Nothing received for longer than the heartbeat time-out.
    HeartbeatTimeout,
    /// The schedule does not allow the session now.
    OutsideSchedule,
    /// The counterparty broke a rule; the reason names it.
    Violation(Reason),
    /// The other side, or the network, closed the connection.
    ConnectionLost,
    /// The store failed: what it may have lost is not sent.
    Store(StoreError),
    /// The output buffer is too small for what the session must send.
    OutputTooSmall,
    /// The inbound buffer has no byte: nothing could ever be received.
    NoInboundBuffer,
}

impl CloseReason {
    /// True where both sides parted as planned; everything else wants somebody's attention.
    pub const fn is_orderly(self) -> bool {
        matches!(
            self,
            CloseReason::LogoutAnswered
                | CloseReason::LogoutReceived
                | CloseReason::LoggedOutBeforeLogon
                | CloseReason::OutsideSchedule
        )
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CloseReason::LogoutAnswered => "our Logout was answered",
            CloseReason::LoggedOutBeforeLogon => "ended by us before the Logon was through",
            CloseReason::LogoutReceived => "the counterparty logged out",
            CloseReason::LogonRefused(PeerText::NONE) => "the counterparty refused our Logon",
            CloseReason::LogonRefused(text) => {
                return write!(f, "the counterparty refused our Logon: {text}");
            }
            CloseReason::LogonTimeout => "no Logon within LogonTimeout",
            CloseReason::LogoutTimeout => "no answer to our Logout within LogoutTimeout",
            CloseReason::WriteTimeout => "the counterparty did not read what was sent",
            CloseReason::HeartbeatTimeout => "nothing received for longer than the heartbeat time-out",
            CloseReason::OutsideSchedule => "the schedule does not allow the session now",
            CloseReason::Violation(reason) => return write!(f, "{reason} (case {})", reason.rule()),
            CloseReason::ConnectionLost => "the connection was lost",
            CloseReason::Store(error) => return fmt::Display::fmt(error, f),
            CloseReason::OutputTooSmall => "the output buffer is too small for an administrative message",
            CloseReason::NoInboundBuffer => "the inbound buffer has 0 bytes: no message can be received",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHASES: [Phase; 7] = [
        Phase::Idle,
        Phase::LogonOwed,
        Phase::LogonSent,
        Phase::AwaitLogon,
        Phase::LoggedOn,
        Phase::LogoutSent,
        Phase::Closing,
    ];

    #[test]
    fn every_connection_can_end_and_begin_again() {
        for phase in PHASES {
            if phase != Phase::Idle {
                assert_eq!(next(phase, Trigger::Disconnect), Some(Phase::Idle));
            }
        }
        assert_eq!(next(Phase::Idle, Trigger::ConnectAcceptor), Some(Phase::AwaitLogon));
    }

    #[test]
    fn nobody_is_logged_on_without_the_counterpartys_logon() {
        for phase in PHASES {
            for trigger in [
                Trigger::ConnectInitiator,
                Trigger::ConnectAcceptor,
                Trigger::LogonWritten,
                Trigger::LogoutWritten,
                Trigger::Close,
                Trigger::Disconnect,
            ] {
                assert_ne!(next(phase, trigger), Some(Phase::LoggedOn));
            }
        }
        assert_eq!(next(Phase::LogonOwed, Trigger::LogonAccepted), None);
        assert_eq!(next(Phase::Closing, Trigger::LogonAccepted), None);
    }
}
