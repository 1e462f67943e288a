//! A session as others see it.

use fix_core::time::UtcTimestamp;
use serde_json::{Value, json};

use crate::bus::number;

/// The state of one FIX session at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// `FIX.4.4:TRADEDESK->EXCHANGE`; there is one view for each.
    pub id: String,
    /// True between Logon and Logout.
    pub logged_on: bool,
    /// When `logged_on` last changed.
    pub since: UtcTimestamp,
    /// The MsgSeqNum(34) expected next.
    pub next_in: u64,
    /// The MsgSeqNum(34) sent next.
    pub next_out: u64,
    /// What it is doing, in a few words: `logged on`, `connection refused by 127.0.0.1:9876, next try in 5 s`.
    pub detail: String,
}

impl SessionView {
    /// The view as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "session": self.id,
            "status": status_word(self.logged_on),
            "since": number::unix_seconds(self.since),
            "nextIn": self.next_in,
            "nextOut": self.next_out,
            "detail": self.detail,
        })
    }
}

/// The value of `fix_session_status`.
pub(crate) fn status_word(logged_on: bool) -> &'static str {
    if logged_on { "LOGGED_ON" } else { "LOGGED_OFF" }
}
