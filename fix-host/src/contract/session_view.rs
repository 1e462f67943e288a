//! A session as others see it.

use std::time::Duration;

use fix_core::{
    session::{config::Role, state::Phase},
    time::UtcTimestamp,
};
use serde_json::{Value, json};

use crate::contract::number;

/// The state of one FIX session at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// `FIX.4.4:TRADEDESK->EXCHANGE`; there is one view for each.
    pub id: String,
    /// Who connects.
    pub role: Role,
    /// True between Logon and Logout.
    pub logged_on: bool,
    /// When `logged_on` last changed.
    pub since: UtcTimestamp,
    /// Where it is in its life.
    pub phase: Phase,
    /// The MsgSeqNum(34) expected next.
    pub next_in: u64,
    /// The MsgSeqNum(34) sent next.
    pub next_out: u64,
    /// HeartBtInt(108) in use, in seconds; 0: none.
    pub heart_bt_int: u32,
    /// When something was last received on this connection; `None` while not logged on.
    pub last_received: Option<UtcTimestamp>,
    /// When something was last sent on this connection; `None` while not logged on.
    pub last_sent: Option<UtcTimestamp>,
    /// The numbers that are missing and asked for, first and last.
    pub gap: Option<(u64, u64)>,
    /// The counterparty is being served a resend.
    pub resending: bool,
    /// When both numbers last began at 1.
    pub numbers_since: Option<UtcTimestamp>,
    /// An operator logged it out: it stays out until an operator lets it in again.
    pub stays_out: bool,
    /// Whether an attempt to log on has ended, one way or the other, since the program started; of an acceptor there
    /// is none to wait for.
    pub tried: bool,
    /// The last TestRequest(1) that an operator had sent on this connection.
    pub test_request: Option<TestRequestView>,
    /// With RoundTripInterval: how long the counterparty takes to answer.
    pub round_trip: Option<RoundTripView>,
    /// What it is doing, in a few words: `logged on`, `connection refused by 127.0.0.1:9876, next try in 5 s`.
    pub detail: String,
}

/// A TestRequest(1), and whether it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestRequestView {
    /// Its TestReqID(112).
    pub id: String,
    /// When it was handed to the session.
    pub sent: UtcTimestamp,
    /// From then to the Heartbeat(0) that bears its id, a resend that was running before it included; `None` while there
    /// is none.
    pub round_trip: Option<Duration>,
}

/// How long the counterparty takes to answer the TestRequests(1) that the session sends for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundTripView {
    /// RoundTripInterval: how often one is sent while logged on.
    pub every: Duration,
    /// When the last one was sent that has an answer on this connection, and how long that took.
    pub last: Option<(UtcTimestamp, Duration)>,
    /// When one was sent that had no answer by the time of the next one, if none was answered since.
    pub unanswered_since: Option<UtcTimestamp>,
}

impl RoundTripView {
    fn to_json(&self) -> Value {
        json!({
            "everySeconds": self.every.as_secs(),
            "ms": self.last.map(|(_, took)| millis(took)),
            "sent": self.last.map(|(sent, _)| number::unix_seconds(sent)),
            "unansweredSince": self.unanswered_since.map(number::unix_seconds),
        })
    }
}

/// To the microsecond, without the digits that a product of binary fractions has beside them.
fn millis(took: Duration) -> f64 {
    f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1e3
}

impl TestRequestView {
    fn to_json(&self) -> Value {
        json!({
            "testReqID": self.id,
            "sent": number::unix_seconds(self.sent),
            "roundTripMs": self.round_trip.map(millis),
        })
    }
}

impl SessionView {
    /// A session that has never been connected.
    pub fn new(id: impl Into<String>, role: Role, now: UtcTimestamp) -> Self {
        SessionView {
            id: id.into(),
            role,
            logged_on: false,
            since: now,
            phase: Phase::Idle,
            next_in: 1,
            next_out: 1,
            heart_bt_int: 0,
            last_received: None,
            last_sent: None,
            gap: None,
            resending: false,
            numbers_since: None,
            stays_out: false,
            tried: role == Role::Acceptor,
            test_request: None,
            round_trip: None,
            detail: "not connected".into(),
        }
    }

    /// The view as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "session": self.id,
            "role": role_word(self.role),
            "status": status_word(self.logged_on),
            "since": number::unix_seconds(self.since),
            "phase": phase_word(self.phase),
            "nextIn": self.next_in,
            "nextOut": self.next_out,
            "heartBtInt": self.heart_bt_int,
            "lastReceived": self.last_received.map(number::unix_seconds),
            "lastSent": self.last_sent.map(number::unix_seconds),
            "gap": self.gap.map(|(begin, end)| json!({ "begin": begin, "end": end })),
            "resending": self.resending,
            "numbersSince": self.numbers_since.map(number::unix_seconds),
            "staysOut": self.stays_out,
            "testRequest": self.test_request.as_ref().map(TestRequestView::to_json),
            "roundTrip": self.round_trip.as_ref().map(RoundTripView::to_json),
            "detail": self.detail,
        })
    }
}

/// The value of `fix_session_status`.
pub(crate) fn status_word(logged_on: bool) -> &'static str {
    if logged_on { "LOGGED_ON" } else { "LOGGED_OFF" }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Initiator => "initiator",
        Role::Acceptor => "acceptor",
    }
}

fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Idle => "not connected",
        Phase::LogonOwed => "connected",
        Phase::LogonSent => "Logon sent",
        Phase::AwaitLogon => "awaiting Logon",
        Phase::LoggedOn => "logged on",
        Phase::LogoutSent => "Logout sent",
        Phase::Closing => "closing",
    }
}
