//! What a session is told once: who talks to whom, and by which of the rules that FIX leaves open.

use core::time::Duration;

pub use super::id::{Id, IdError, MAX_ID_LEN, SessionId, id};
pub use super::msg_types::MsgTypes;
use super::schedule::Schedule;
#[cfg(feature = "validation")]
use crate::dict::Dictionary;
use crate::{
    msg::{msg_type::MsgType, validate::Checks},
    time::Precision,
};

/// Who opens the connection and sends the first Logon. FIX knows no third role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Role {
    /// Connects, and sends the first Logon.
    Initiator,
    /// Is connected to, and answers.
    Acceptor,
}

/// What becomes of an application message that something is wrong with. Administrative messages are always rejected.
/// A `match` may name each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ValidationPolicy {
    /// Reject(3) to the counterparty; the application does not see it (FIX 4.4 Vol. 2, case 14). An acceptor's default.
    #[default]
    Reject,
    /// An initiator's default, since fills arrive there, and a venue that reads a Reject believes its fill unread. As
    /// `DeliverAndReport`, but what fails one of [`SessionConfig::rejected_checks`] is rejected: by default what is
    /// wrong whatever a dictionary says. What can be read with a fault beside it is delivered: a field that is none, a
    /// SendingTime(52) that is off (it ends the session all the same), an OrigSendingTime(122) that is not right.
    DeliverFirst,
    /// The application gets the finding and then the message; the counterparty gets no Reject, so a fill
    /// is not lost to a tag that the dictionary does not know.
    DeliverAndReport,
    /// The application gets the message; the finding is an event only.
    Warn,
}

/// What becomes of the session when an application message would be rejected, by Reject(3) because the
/// dictionary finds fault with it or by BusinessMessageReject(j) because the application does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum OnError {
    /// The message is rejected and the session goes on.
    #[default]
    Reject,
    /// Instead of the reject a Logout ends the connection (DisconnectOnError). What the application has not
    /// seen is not counted: it is asked for again after the next Logon.
    Disconnect,
    /// As `Disconnect`, and both numbers begin at 1 with the next Logon (ResetOnError).
    Reset,
}

/// The rules of one session. Made by [`SessionConfig::new`]; all fields may then be set. Fields may come: to make one
/// with a literal, end it with `..SessionConfig::new(role, id)`.
///
/// ```
/// use core::time::Duration;
/// use fix_core::{Role, SessionConfig, SessionId};
///
/// let mut config = SessionConfig::new(Role::Initiator, SessionId::new("DESK", "VENUE")?);
/// config.heart_bt_int = 10;
/// config.reset_on_logon = true;
/// config.resend_order_max_age = Some(Duration::from_secs(2));
/// # Ok::<(), fix_core::session::config::IdError>(())
/// ```
#[derive(Clone)]
pub struct SessionConfig {
    /// Who connects.
    pub role: Role,
    /// Who talks to whom.
    pub id: SessionId,
    /// HeartBtInt(108) that an initiator asks for, in seconds; 0: no heartbeats.
    pub heart_bt_int: u32,
    /// Acceptor: use `heart_bt_int` for our timers whatever the Logon says (HeartBtIntOverride).
    pub heart_bt_int_override: bool,
    /// No TestRequest and no time-out when the counterparty falls silent (DisableHeartBeatCheck).
    pub disable_heart_beat_check: bool,
    /// Idle time before a TestRequest, in thousandths of HeartBtInt.
    pub test_request_after_permille: u16,
    /// Idle time before the connection is given up, in thousandths of HeartBtInt.
    pub heart_beat_timeout_permille: u16,
    /// Time from the connection to the Logon of the counterparty.
    pub logon_timeout: Duration,
    /// Time that our Logout may stay unanswered.
    pub logout_timeout: Duration,
    /// A Logout goes out before the connection is closed because the counterparty fell silent.
    pub send_logout_before_timeout: bool,
    /// Both numbers begin at 1 with every Logon; an initiator sends ResetSeqNumFlag(141)=Y.
    pub reset_on_logon: bool,
    /// Both numbers begin at 1 after a Logout.
    pub reset_on_logout: bool,
    /// Both numbers begin at 1 after the connection is gone, however it went.
    pub reset_on_disconnect: bool,
    /// The store reads its numbers again at every Logon (another process may have written them).
    pub refresh_on_logon: bool,
    /// Sent messages are kept for resending; if not, every ResendRequest is answered by a gap fill.
    pub persist_messages: bool,
    /// Messages sent without a connection are numbered and stored; the counterparty asks for them after the
    /// next Logon (case 16). Only where numbers go on from one connection to the next.
    pub queue_while_disconnected: bool,
    /// Every message beyond a gap asks again, instead of one ResendRequest for each gap.
    pub send_redundant_resend_requests: bool,
    /// NextExpectedMsgSeqNum(789) in Logons, and no ResendRequest for what it covers.
    pub send_next_expected_msg_seq_num: bool,
    /// LastMsgSeqNumProcessed(369) in every header.
    pub enable_last_msg_seq_num_processed: bool,
    /// The most messages that one ResendRequest asks for; 0: no limit.
    pub resend_request_chunk_size: u32,
    /// EndSeqNo(16) names the last missing number instead of 0 (infinity).
    pub closed_resend_interval: bool,
    /// A ResendRequest with PossDupFlag(43)=Y and a number already seen is ignored, not served again.
    pub ignore_poss_dup_resend_requests: bool,
    /// A resend includes session-level Reject(3) messages instead of filling their place.
    pub resend_session_level_rejects: bool,
    /// A duplicate without OrigSendingTime(122) is rejected; some brokers omit the field.
    pub requires_orig_sending_time: bool,
    /// MsgSeqNum(34) of received messages is checked. If not, whatever number a message has is taken for the
    /// expected one: what is lost or comes twice goes unnoticed (ValidateSequenceNumbers=N).
    pub validate_sequence_numbers: bool,
    /// The CompIDs of received messages must be those of the session.
    pub check_comp_id: bool,
    /// How far SendingTime(52) may be off, either way; `None`: not checked.
    pub max_latency: Option<Duration>,
    /// Digits of the timestamps we send.
    pub timestamp_precision: Precision,
    /// The dictionary of the counterparty (UseDataDictionary): what is a data field, and what received messages are
    /// checked against. Without one the data fields are those of FIX 4.4. Not there without the feature `validation`.
    #[cfg(feature = "validation")]
    pub dictionary: Option<&'static Dictionary>,
    /// Received messages are checked against the dictionary, if there is one (ValidateIncomingMessage).
    pub validate_incoming_message: bool,
    /// Which checks are made with it.
    pub checks: Checks,
    /// What becomes of application messages that something is wrong with.
    pub validation_policy: ValidationPolicy,
    /// With [`ValidationPolicy::DeliverFirst`]: of `checks`, those whose findings are rejected all the same.
    pub rejected_checks: Checks,
    /// What becomes of the session when an application message would be rejected.
    pub on_error: OnError,
    /// Application messages of these types are never resent: a gap fill takes their place.
    pub gap_fill_types: MsgTypes,
    /// An order older than this is not resent but gap-filled, and the application is told; `None`: no limit.
    pub resend_order_max_age: Option<Duration>,
    /// How often the counterparty may ask for a resend from the same number before a Logout breaks the loop.
    pub max_same_resend_requests: u16,
    /// MaxMessageSize(383) of our Logons, in bytes; `None`: not said. What is taken is the size of the buffer for
    /// received bytes.
    pub max_message_size: Option<u32>,
    /// When the session may be logged on, and when its numbers begin at 1.
    pub schedule: Schedule,
}

impl SessionConfig {
    /// True if messages may be stored while nobody is logged on.
    pub(crate) fn queues(&self) -> bool {
        self.queue_while_disconnected && self.persist_messages && !self.resets()
    }

    /// True if the numbers may begin at 1 although nobody says so.
    pub(crate) fn resets(&self) -> bool {
        self.reset_on_logon || self.resets_after_end()
    }

    /// True if the end of a connection may begin the numbers at 1.
    pub(crate) fn resets_after_end(&self) -> bool {
        self.reset_on_logout || self.reset_on_disconnect || self.on_error == OnError::Reset
    }

    /// True if what such a message says reaches the application though a fault stands beside it that is not of its
    /// fields alone. Orders, which an acceptor gets, are another matter: a stale one must not be executed.
    pub(crate) fn delivers_in_spite_of_faults(&self, msg_type: MsgType) -> bool {
        self.role == Role::Initiator
            && !msg_type.is_admin()
            && self.validation_policy != ValidationPolicy::Reject
    }

    /// The defaults of FIX 4.4 and of the engines that users come from.
    pub fn new(role: Role, id: SessionId) -> Self {
        SessionConfig {
            role,
            id,
            heart_bt_int: 30,
            heart_bt_int_override: false,
            disable_heart_beat_check: false,
            test_request_after_permille: 1200,
            heart_beat_timeout_permille: 2400,
            logon_timeout: Duration::from_secs(10),
            logout_timeout: Duration::from_secs(2),
            send_logout_before_timeout: false,
            reset_on_logon: false,
            reset_on_logout: false,
            reset_on_disconnect: false,
            refresh_on_logon: false,
            persist_messages: true,
            queue_while_disconnected: false,
            send_redundant_resend_requests: false,
            send_next_expected_msg_seq_num: false,
            enable_last_msg_seq_num_processed: false,
            resend_request_chunk_size: 0,
            closed_resend_interval: false,
            ignore_poss_dup_resend_requests: false,
            resend_session_level_rejects: false,
            requires_orig_sending_time: true,
            validate_sequence_numbers: true,
            check_comp_id: true,
            max_latency: Some(Duration::from_secs(120)),
            timestamp_precision: Precision::Millis,
            #[cfg(feature = "validation")]
            dictionary: None,
            validate_incoming_message: true,
            checks: Checks::ALL,
            validation_policy: match role {
                Role::Initiator => ValidationPolicy::DeliverFirst,
                Role::Acceptor => ValidationPolicy::Reject,
            },
            rejected_checks: Checks::STRUCTURE,
            on_error: OnError::Reject,
            gap_fill_types: MsgTypes::new(),
            resend_order_max_age: Some(Duration::from_secs(10)),
            max_same_resend_requests: 10,
            max_message_size: None,
            schedule: Schedule::non_stop(),
        }
    }
}
