//! The FIX 4.4 session, both roles, without I/O: messages and time in, messages out.
//!
//! Small machines side by side: the phases of a connection ([`state`]), `logon` (what both Logons agree on), `gap`
//! (what we miss), `replay` (what the counterparty asked for), `reset` (numbers that begin at 1 again) and `liveness`
//! (heartbeats). They remember what is owed and know nothing of each other. A message is encoded when it is sent, into
//! the one output buffer, so byte order is MsgSeqNum order. Nothing becomes visible before the store has it.
//!
//! The session joins them, a file for each concern; each calls only those to the right of it or below:
//!
//! | files | do |
//! |---|---|
//! | `drive` | what a driver asks: connections, time, flush |
//! | `inbound`, `too_large` | what a received message's number means |
//! | `logon_exchange`, `act` | Logons; what a message asks for once it is its turn |
//! | `duplicate`, `verify`, `renumber`, `missing` | PossDupFlag(43), checks, resets by Logon, gaps |
//! | `refusal`, `outlet`, `logout`, `resend` | Reject(3), the way out of a callback, Logout(5), sending again |
//! | `outbound`, `numbers` | encode, store, then make visible; the two numbers |
//! | `standing` | a session at rest, for whoever records it |

mod act;
mod admin;
pub mod application;
pub mod config;
mod context;
mod drive;
mod duplicate;
mod encode;
pub mod error;
pub mod event;
mod finding;
mod gap;
mod id;
mod identity;
mod inbound;
mod kept;
mod liveness;
mod logon;
mod logon_exchange;
mod logout;
mod missing;
mod msg_types;
mod numbers;
mod outbound;
mod outlet;
mod output;
mod peer_text;
mod reason;
mod refusal;
mod renumber;
mod replay;
mod resend;
mod reset;
pub mod schedule;
mod standing;
pub mod state;
mod status;
mod too_large;
mod verify;

pub(crate) use context::Context;
pub(crate) use finding::NotBuilt;
pub(crate) use kept::KeptBuffer;
pub(crate) use outbound::Ask;
pub(crate) use outlet::Outlet;
pub use output::Buffer;
pub use peer_text::PeerText;
pub(crate) use standing::Standing;
pub use status::SessionStatus;

use admin::LogoutText;
use application::Application;
use config::SessionConfig;
use event::{Event, Reason};
use gap::Gap;
use liveness::Liveness;
use logon::Logon;
use output::Output;
use replay::Replay;
use reset::Reset;
use state::{CloseReason, Phase, Trigger};

use crate::{
    store::{MessageStore, StoreError},
    time::Mono,
};

/// One session: its rules, numbers, machines, and the messages on their way out.
#[derive(Clone)]
pub(crate) struct Session<B, S> {
    pub(crate) config: SessionConfig,
    pub(crate) store: S,
    pub(crate) output: Output<B>,
    phase: Phase,
    close_reason: Option<CloseReason>,
    logon: Logon,
    /// A Logout was sent or received on this connection: it was not just lost.
    logged_out: bool,
    gap: Gap,
    replay: Replay,
    reset: Reset,
    liveness: Liveness,
    /// When the counterparty, which does not read, is given up.
    blocked_until: Option<Mono>,
    /// When LogonTimeout or LogoutTimeout ends.
    deadline: Option<Mono>,
    logout_owed: Option<LogoutText>,
    /// The expected message that is being worked on: it counts as processed in what answers it. 0: none.
    answering: u64,
    /// How many stored messages the running slice of a resend may still look at.
    looks_left: u8,
    /// MsgSeqNum(34) of the last message that was too large to be taken; 0: none.
    last_too_large: u64,
    /// The store has changed since its last flush.
    dirty: bool,
}

impl<B: Buffer, S: MessageStore> Session<B, S> {
    pub(crate) fn new(config: SessionConfig, output: B, store: S) -> Self {
        Session {
            logon: Logon::new(&config),
            config,
            store,
            output: Output::new(output),
            phase: Phase::Idle,
            close_reason: None,
            logged_out: false,
            gap: Gap::default(),
            replay: Replay::default(),
            reset: Reset::default(),
            liveness: Liveness::default(),
            blocked_until: None,
            deadline: None,
            logout_owed: None,
            answering: 0,
            looks_left: 0,
            last_too_large: 0,
            dirty: false,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn close_reason(&self) -> CloseReason {
        self.close_reason.unwrap_or(CloseReason::ConnectionLost)
    }

    /// Nothing of a connection reaches the next one.
    fn forget_connection(&mut self) {
        self.output.clear();
        self.gap.clear();
        self.replay.clear();
        self.liveness.stop();
        self.blocked_until = None;
        self.deadline = None;
        self.logout_owed = None;
        self.reset.end_connection();
    }

    /// MsgSeqNum(34) of the next message from the counterparty.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn next_in(&self) -> u64 {
        self.reset.next_in().or_else(|| self.store.next_in()).unwrap_or(1)
    }

    fn transition(&mut self, trigger: Trigger, app: &mut dyn Application) {
        if let Some(to) = state::next(self.phase, trigger) {
            let from = core::mem::replace(&mut self.phase, to);
            app.on_event(&Event::State { from, to, trigger });
        }
    }

    /// Closes the connection once the output buffer is written. The first reason stays.
    pub(crate) fn close(&mut self, reason: CloseReason, app: &mut dyn Application) {
        self.close_reason.get_or_insert(reason);
        self.deadline = None;
        self.transition(Trigger::Close, app);
    }

    fn violation(&mut self, cx: &mut Context<'_>, reason: Reason) {
        cx.decide(reason, 0, self.next_in());
        self.close(CloseReason::Violation(reason), cx.app);
    }

    /// The store failed: nothing more becomes visible.
    pub(crate) fn fail(&mut self, error: StoreError, app: &mut dyn Application) {
        self.output.clear();
        self.close_reason = Some(CloseReason::Store(error));
        self.close(CloseReason::Store(error), app);
    }
}
