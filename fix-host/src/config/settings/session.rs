//! The session protocol: clocks, sequence numbers, recovery.

use std::time::Duration;

use fix_core::msg::msg_type::MsgType;
use fix_core::session::config::OnError;
use fix_core::time::Precision;

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
    /// How often a TestRequest measures how long the counterparty takes to answer; `None`: never.
    pub round_trip_interval: Option<Duration>,
    /// How long to wait for a Logon.
    pub logon_timeout: Duration,
    /// How long to wait for the answer to our Logout.
    pub logout_timeout: Duration,
    /// A Logout says why before a silent counterparty is disconnected.
    pub send_logout_before_disconnect_from_timeout: bool,
    /// How far SendingTime(52) may be from our clock; `None` (`CheckLatency=N`) is any distance.
    pub max_latency: Option<Duration>,
    /// Digits after the second in times we send.
    pub time_stamp_precision: Precision,
}

impl TimingSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let check_latency = reader.value("CheckLatency");
        let max_latency = reader.value("MaxLatency");
        TimingSettings {
            test_request_delay_multiplier: reader.value("TestRequestDelayMultiplier"),
            heart_beat_timeout_multiplier: reader.value("HeartBeatTimeoutMultiplier"),
            disable_heart_beat_check: reader.value("DisableHeartBeatCheck"),
            round_trip_interval: Some(reader.value("RoundTripInterval"))
                .filter(|every| *every > Duration::ZERO),
            logon_timeout: reader.value("LogonTimeout"),
            logout_timeout: reader.value("LogoutTimeout"),
            send_logout_before_disconnect_from_timeout: reader.value("SendLogoutBeforeDisconnectFromTimeout"),
            max_latency: if check_latency { Some(max_latency) } else { None },
            time_stamp_precision: time_stamp_precision(reader),
        }
    }
}

/// FIX.4.4 knows 0 and 3 digits, and its users 6 and 9; QuickFIX C++ takes any number.
fn time_stamp_precision(reader: &mut Reader<'_>) -> Precision {
    let milliseconds: bool = reader.value("MillisecondsInTimeStamp");
    let digits: Option<u8> = reader.get("TimestampPrecision");
    let precision = match digits {
        None if milliseconds => Precision::Millis,
        None | Some(0..=2) => Precision::Seconds,
        Some(3..=5) => Precision::Millis,
        Some(6..=8) => Precision::Micros,
        Some(_) => Precision::Nanos,
    };
    if let Some(digits) = digits.filter(|&digits| usize::from(digits) != precision.digits()) {
        let text = format!("{digits} digits are not sent; {} are (of 0, 3, 6, 9)", precision.digits());
        reader.warn("TimestampPrecision", text);
    }
    precision
}

/// Bytes of the largest message where `MaxMessageSize` is not set.
pub const DEFAULT_MAX_MESSAGE_SIZE: u32 = 1 << 20;

/// Sequence numbers, resets and resends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoverySettings {
    /// Sequence numbers restart with each Logon.
    pub reset_on_logon: bool,
    /// Sequence numbers restart after a Logout.
    pub reset_on_logout: bool,
    /// Sequence numbers restart after any disconnect.
    pub reset_on_disconnect: bool,
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
    /// How often the counterparty may ask for a resend from the same number on.
    pub max_same_resend_requests: u16,
    /// Bytes of the largest message, said in the Logon; `None`: [`DEFAULT_MAX_MESSAGE_SIZE`], not said.
    pub max_message_size: Option<u32>,
    /// Older orders are gap-filled instead of resent; `None`: no limit.
    pub resend_order_max_age: Option<Duration>,
    /// Orders of unknown state are asked for with an OrderStatusRequest.
    pub ask_unknown_orders: bool,
    /// Messages of these types are gap-filled instead of resent; at most eight.
    pub gap_fill_msg_types: Vec<MsgType>,
    /// EndSeqNo(16) is the end of the gap instead of 0.
    pub closed_resend_interval: bool,
    /// PossDup messages must hold OrigSendingTime(122).
    pub requires_orig_sending_time: bool,
    /// ResendRequests with PossDupFlag=Y are not answered.
    pub ignore_poss_dup_resend_requests: bool,
    /// Rejects are resent instead of gap-filled.
    pub resend_session_level_rejects: bool,
    /// What becomes of the session when an application message would be rejected.
    pub on_error: OnError,
}

impl RecoverySettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        RecoverySettings {
            reset_on_logon: reader.value("ResetOnLogon"),
            reset_on_logout: reader.value("ResetOnLogout"),
            reset_on_disconnect: reader.value("ResetOnDisconnect"),
            refresh_on_logon: reader.value("RefreshOnLogon"),
            persist_messages: reader.value("PersistMessages"),
            send_redundant_resend_requests: reader.value("SendRedundantResendRequests"),
            enable_next_expected_msg_seq_num: reader.value("EnableNextExpectedMsgSeqNum"),
            enable_last_msg_seq_num_processed: reader.value("EnableLastMsgSeqNumProcessed"),
            resend_request_chunk_size: reader.value("ResendRequestChunkSize"),
            max_same_resend_requests: reader.value("MaxSameResendRequests"),
            max_message_size: reader.get("MaxMessageSize"),
            resend_order_max_age: Some(reader.value("ResendOrderMaxAge")).filter(|age| *age > Duration::ZERO),
            ask_unknown_orders: reader.value("AskUnknownOrders"),
            gap_fill_msg_types: reader.get("GapFillMsgTypes").unwrap_or_default(),
            closed_resend_interval: reader.value("ClosedResendInterval"),
            requires_orig_sending_time: reader.value("RequiresOrigSendingTime"),
            ignore_poss_dup_resend_requests: reader.value("IgnorePossDupResendRequests"),
            resend_session_level_rejects: reader.value("ResendSessionLevelRejects"),
            on_error: on_error(reader),
        }
    }
}

/// ResetOnError includes what DisconnectOnError does.
fn on_error(reader: &mut Reader<'_>) -> OnError {
    let (reset, disconnect) = (reader.value("ResetOnError"), reader.value("DisconnectOnError"));
    match (reset, disconnect) {
        (true, _) => OnError::Reset,
        (false, true) => OnError::Disconnect,
        (false, false) => OnError::Reject,
    }
}
