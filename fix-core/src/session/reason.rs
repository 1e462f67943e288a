//! Why a session decided as it did, and by which rule.

use core::fmt;

/// Each reason with its rule and its text, which is its documentation too.
macro_rules! reasons {
    ($($name:ident: $rule:literal, $text:literal;)*) => {
        /// Why the session decided as it did. The rule is a case of the FIX 4.4 session test document (Vol. 2), or
        /// the configuration key or chapter that governs what the document leaves open.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Reason {
            $(#[doc = concat!($text, " (", $rule, ").")] $name,)*
        }

        impl Reason {
            const fn parts(self) -> (&'static str, &'static str) {
                match self {
                    $(Reason::$name => ($rule, $text),)*
                }
            }
        }
    };
}

reasons! {
    FirstMessageNotLogon: "1S.e", "the first message is not a Logon";
    LogonUnidentified: "1S.c", "the Logon is not for this session";
    LogonBadSendingTime: "1S.d", "SendingTime(52) of the Logon is missing or too far off";
    LogonInvalid: "1S.d", "the Logon is not valid";
    LogonGarbled: "1S.d", "the Logon is garbled";
    LogonAnswerUnexpected: "1B.d", "the Logon is answered by something else";
    EncryptMethodNotNone: "17.b", "EncryptMethod(98) must be 0";
    HeartBtIntInvalid: "1S.d", "HeartBtInt(108) must be a number of seconds, 0 or more";
    LogonRefusedByApplication: "1S.d", "the application refuses the Logon";
    SecondLogon: "1S.e", "a second Logon without ResetSeqNumFlag(141)";
    MsgSeqNumTooLow: "2c", "MsgSeqNum(34) too low";
    MsgSeqNumTooHigh: "2b", "MsgSeqNum(34) too high";
    MsgSeqNumNotChecked: "ValidateSequenceNumbers", "MsgSeqNum(34) not as expected, and taken";
    MsgSeqNumMissing: "14b", "MsgSeqNum(34) is missing";
    MsgSeqNumUnusable: "14f", "MsgSeqNum(34) is no number that can be used";
    DuplicateIgnored: "2e", "a duplicate is ignored";
    OrigSendingTimeMissing: "2g", "OrigSendingTime(122) is missing in a duplicate";
    OrigSendingTimeTooLate: "2f", "OrigSendingTime(122) is later than SendingTime(52)";
    BeginStringWrong: "2i", "BeginString(8) is not that of the session";
    CompIdWrong: "2k", "SenderCompID(49) or TargetCompID(56) is wrong";
    SendingTimeOff: "2o", "SendingTime(52) is too far off";
    SendingTimeMissing: "14b", "SendingTime(52) is missing";
    FieldMissing: "14b", "a required field is missing";
    FieldUnusable: "14f", "a field has a value that cannot be used";
    GapClosed: "2b", "the gap is closed";
    GapUnanswered: "2b", "the ResendRequest stays unanswered";
    KeptMessageDropped: "2b", "no room for a message beyond the gap: to be asked for";
    NextExpectedTooHigh: "789", "NextExpectedMsgSeqNum(789) is beyond what was sent";
    ResendRequested: "8", "the counterparty asks for a resend";
    ResendRangeSenseless: "8", "the range of the ResendRequest makes no sense";
    ResendStorm: "8", "the same resend is asked for again and again";
    ResendFinished: "8", "the resend is finished";
    GapFilled: "10b", "the gap fill is accepted";
    GapFillBackwards: "10e", "NewSeqNo(36) of the gap fill is not beyond MsgSeqNum(34)";
    SequenceReset: "11a", "the sequence reset is accepted";
    SequenceResetEqual: "11b", "the sequence reset changes nothing";
    SequenceResetBackwards: "11c", "NewSeqNo(36) is lower than expected";
    NumbersReset: "141", "both sequence numbers begin at 1 again";
    ResetSaidAgain: "141", "our reset was not answered: it is said again";
    ResetStorm: "141", "the numbers are reset again and again";
    NotResetTogether: "141", "our numbers have begun again, those of the Logon have not";
    ResetNotConfirmed: "141", "our Logon resets the numbers, its answer does not say so";
    StaleOrderNotResent: "ResendOrderMaxAge", "an order too old to be resent";
    HeldMessageLost: "8", "the store no longer has a message that was never sent";
    StoredMessageDamaged: "8", "a stored message is damaged: a gap fill takes its place";
    TestRequestAnsweredEarly: "4b", "a TestRequest beyond the gap is answered";
    CounterpartySilent: "6", "nothing received: the counterparty is tested";
    BusinessRejectNotAnswered: "380", "a BusinessMessageReject(j) that nobody handles is not answered with another";
    NotAnsweredAfterLogout: "12", "our Logout is out: nothing is answered any more";
    NotRejectedAfterLogout: "12", "our Logout is out: what is to be rejected does not count";
    NumbersExhausted: "2", "MsgSeqNum(34) has reached its end";
    EndedOnError: "DisconnectOnError", "a message that would be rejected ends the session";
    MessageTooLarge: "MaxMessageSize", "a message larger than that comes again";
    StoredMessageTooLarge: "8", "a stored message is larger than may be sent: a gap fill takes its place";
}

impl Reason {
    /// The rule, short: `2c`, `8`, `ResendOrderMaxAge`.
    pub const fn rule(self) -> &'static str {
        self.parts().0
    }

    /// One line for people.
    pub const fn text(self) -> &'static str {
        self.parts().1
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
