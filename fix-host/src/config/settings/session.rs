//! The session protocol: clocks, sequence numbers, recovery.

use std::time::Duration;

use crate::config::reader::Reader;
use crate::config::value::Thousandths;

/// Heartbeats, time-outs and the clock. (An initiator's HeartBtInt is in its own settings, because an
/// acceptor takes it from the Logon.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimingSettings {
    /// Silence of HeartBtInt times (1 + this) is answered by a TestRequest.
    pub test_request_delay_multiplier: Thousandths,
    /// Silence of HeartBtInt times (1 + this) ends the connection.
    pub heart_beat_timeout_multiplier: Thousandths,
    /// Silence never ends the connection.
    pub disable_heart_beat_check: bool,
    /// How long to wait for a Logon.
    pub logon_timeout: Duration,
    /// How long to wait for the answer to our Logout.
    pub logout_timeout: Duration,
    /// A Logout says why before a silent counterparty is disconnected.
    pub send_logout_before_disconnect_from_timeout: bool,
    /// How far SendingTime(52) may be from our clock; `None` (`CheckLatency=N`) is any distance.
    pub max_latency: Option<Duration>,
    /// Digits after the second in times we send, 0 to 9.
    pub time_stamp_precision: u8,
}

impl TimingSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let check_latency = reader.value("CheckLatency");
        let max_latency = reader.value("MaxLatency");
        let milliseconds: bool = reader.value("MillisecondsInTimeStamp");
        let precision: Option<u8> = reader.get("TimestampPrecision");
        TimingSettings {
            test_request_delay_multiplier: reader.value("TestRequestDelayMultiplier"),
            heart_beat_timeout_multiplier: reader.value("HeartBeatTimeoutMultiplier"),
            disable_heart_beat_check: reader.value("DisableHeartBeatCheck"),
            logon_timeout: reader.value("LogonTimeout"),
            logout_timeout: reader.value("LogoutTimeout"),
            send_logout_before_disconnect_from_timeout: reader.value("SendLogoutBeforeDisconnectFromTimeout"),
            max_latency: if check_latency { Some(max_latency) } else { None },
            time_stamp_precision: precision.unwrap_or(if milliseconds { 3 } else { 0 }),
        }
    }
}

/// Sequence numbers, resets and resends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoverySettings {
    /// Sequence numbers restart with each Logon.
    pub reset_on_logon: bool,
    /// Sequence numbers restart after a Logout.
    pub reset_on_logout: bool,
    /// Sequence numbers restart after any disconnect.
    pub reset_on_disconnect: bool,
    /// Sequence numbers restart after an error of the session.
    pub reset_on_error: bool,
    /// An error of the session ends the connection.
    pub disconnect_on_error: bool,
    /// Sequence numbers are read from the store again at each Logon.
    pub refresh_on_logon: bool,
    /// Messages are kept to be resent.
    pub persist_messages: bool,
    /// A ResendRequest is sent even for a gap that has been asked for.
    pub send_redundant_resend_requests: bool,
    /// NextExpectedMsgSeqNum(789) in the Logon.
    pub enable_next_expected_msg_seq_num: bool,
    /// LastMsgSeqNumProcessed(369) in every header.
    pub enable_last_msg_seq_num_processed: bool,
    /// The most messages one ResendRequest asks for; 0 is no limit.
    pub resend_request_chunk_size: u32,
    /// EndSeqNo(16) is the end of the gap instead of 0.
    pub closed_resend_interval: bool,
    /// PossDup messages must hold OrigSendingTime(122).
    pub requires_orig_sending_time: bool,
    /// A message that the store cannot give back becomes a gap fill.
    pub force_resend_when_corrupted_store: bool,
    /// PossDupFlag(43) set by the application is kept.
    pub allow_pos_dup: bool,
    /// ResendRequests with PossDupFlag=Y are not answered.
    pub ignore_poss_dup_resend_requests: bool,
    /// Rejects are resent instead of gap-filled.
    pub resend_session_level_rejects: bool,
}

impl RecoverySettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        RecoverySettings {
            reset_on_logon: reader.value("ResetOnLogon"),
            reset_on_logout: reader.value("ResetOnLogout"),
            reset_on_disconnect: reader.value("ResetOnDisconnect"),
            reset_on_error: reader.value("ResetOnError"),
            disconnect_on_error: reader.value("DisconnectOnError"),
            refresh_on_logon: reader.value("RefreshOnLogon"),
            persist_messages: reader.value("PersistMessages"),
            send_redundant_resend_requests: reader.value("SendRedundantResendRequests"),
            enable_next_expected_msg_seq_num: reader.value("EnableNextExpectedMsgSeqNum"),
            enable_last_msg_seq_num_processed: reader.value("EnableLastMsgSeqNumProcessed"),
            resend_request_chunk_size: reader.value("ResendRequestChunkSize"),
            closed_resend_interval: reader.value("ClosedResendInterval"),
            requires_orig_sending_time: reader.value("RequiresOrigSendingTime"),
            force_resend_when_corrupted_store: reader.value("ForceResendWhenCorruptedStore"),
            allow_pos_dup: reader.value("AllowPosDup"),
            ignore_poss_dup_resend_requests: reader.value("IgnorePossDupResendRequests"),
            resend_session_level_rejects: reader.value("ResendSessionLevelRejects"),
        }
    }
}
