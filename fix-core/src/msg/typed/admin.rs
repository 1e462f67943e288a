//! The messages of the session itself (FIX 4.4 Vol. 2).

use crate::dict::fix44::code;
use crate::wire::value::{Data, Secret, Text};

entry! {
    /// A message type that a side supports, in a [`Logon`].
    MsgTypeEntry = MSG_TYPES {
        372 ref_msg_type: optional Text<'a>,
        385 msg_direction: optional code::MsgDirection,
    }
}

message! {
    /// Opens a session. Passwords and RawData are never shown in `Debug`.
    Logon = LOGON {
        96 raw_data: data Secret<'a>,
        98 encrypt_method: required code::EncryptMethod,
        108 heart_bt_int: required i64,
        141 reset_seq_num_flag: optional bool,
        383 max_message_size: optional u32,
        384 msg_types: group MsgTypeEntry<'a>,
        464 test_message_indicator: optional bool,
        553 username: optional Text<'a>,
        554 password: optional Secret<'a>,
        789 next_expected_msg_seq_num: optional u64,
    }
}

message! {
    /// Says that the line is alive; answers a [`TestRequest`] with its TestReqID.
    Heartbeat = HEARTBEAT {
        112 test_req_id: optional Text<'a>,
    }
}

message! {
    /// Asks for a [`Heartbeat`] with the same TestReqID.
    TestRequest = TEST_REQUEST {
        112 test_req_id: required Text<'a>,
    }
}

message! {
    /// Asks for messages again, from BeginSeqNo to EndSeqNo, 0 being the last one.
    ResendRequest = RESEND_REQUEST {
        7 begin_seq_no: required u64,
        16 end_seq_no: required u64,
    }
}

message! {
    /// Refuses a message that breaks a rule of the session; the reasons stand in
    /// [`SessionRejectReason`](crate::msg::reject::SessionRejectReason).
    Reject = REJECT {
        45 ref_seq_num: required u64,
        58 text: optional Text<'a>,
        355 encoded_text: data Data<'a>,
        371 ref_tag_id: optional i64,
        372 ref_msg_type: optional Text<'a>,
        373 session_reject_reason: optional code::SessionRejectReason,
    }
}

message! {
    /// Moves the next expected MsgSeqNum on: a gap fill or a reset.
    SequenceReset = SEQUENCE_RESET {
        36 new_seq_no: required u64,
        123 gap_fill_flag: optional bool,
    }
}

message! {
    /// Ends a session, or answers the [`Logout`] that does.
    Logout = LOGOUT {
        58 text: optional Text<'a>,
        355 encoded_text: data Data<'a>,
    }
}
