//! Why a session decided as it did, and by which rule.

use core::fmt;

/// Why the session decided as it did. The rule is a case of the FIX 4.4 session test document (Vol. 2), or
/// the configuration key or chapter that governs what the document leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant is described by its text")]
pub enum Reason {
    FirstMessageNotLogon,
    LogonUnidentified,
    LogonBadSendingTime,
    LogonInvalid,
    LogonGarbled,
    LogonAnswerUnexpected,
    EncryptMethodNotNone,
    HeartBtIntInvalid,
    LogonRefusedByApplication,
    SecondLogon,
    MsgSeqNumTooLow,
    MsgSeqNumTooHigh,
    MsgSeqNumNotChecked,
    MsgSeqNumMissing,
    MsgSeqNumUnusable,
    DuplicateIgnored,
    OrigSendingTimeMissing,
    OrigSendingTimeTooLate,
    BeginStringWrong,
    CompIdWrong,
    SendingTimeOff,
    SendingTimeMissing,
    FieldMissing,
    FieldUnusable,
    GapClosed,
    GapUnanswered,
    KeptMessageDropped,
    NextExpectedTooHigh,
    ResendRequested,
    ResendRangeSenseless,
    ResendStorm,
    ResendFinished,
    GapFilled,
    GapFillBackwards,
    SequenceReset,
    SequenceResetEqual,
    SequenceResetBackwards,
    NumbersReset,
    ResetSaidAgain,
    ResetStorm,
    NotResetTogether,
    ResetNotConfirmed,
    StaleOrderNotResent,
    HeldMessageLost,
    StoredMessageDamaged,
    TestRequestAnsweredEarly,
    CounterpartySilent,
    BusinessRejectNotAnswered,
    NotAnsweredAfterLogout,
    NotRejectedAfterLogout,
    NumbersExhausted,
    EndedOnError,
    MessageTooLarge,
    StoredMessageTooLarge,
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

    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Reason::FirstMessageNotLogon => ("1S.e", "the first message is not a Logon"),
            Reason::LogonUnidentified => ("1S.c", "the Logon is not for this session"),
            Reason::LogonBadSendingTime => ("1S.d", "SendingTime(52) of the Logon is missing or too far off"),
            Reason::LogonInvalid => ("1S.d", "the Logon is not valid"),
            Reason::LogonGarbled => ("1S.d", "the Logon is garbled"),
            Reason::LogonAnswerUnexpected => ("1B.d", "the Logon is answered by something else"),
            Reason::EncryptMethodNotNone => ("17.b", "EncryptMethod(98) must be 0"),
            Reason::HeartBtIntInvalid => ("1S.d", "HeartBtInt(108) must be a number of seconds, 0 or more"),
            Reason::LogonRefusedByApplication => ("1S.d", "the application refuses the Logon"),
            Reason::SecondLogon => ("1S.e", "a second Logon without ResetSeqNumFlag(141)"),
            Reason::MsgSeqNumTooLow => ("2c", "MsgSeqNum(34) too low"),
            Reason::MsgSeqNumTooHigh => ("2b", "MsgSeqNum(34) too high"),
            Reason::MsgSeqNumNotChecked => {
                ("ValidateSequenceNumbers", "MsgSeqNum(34) not as expected, and taken")
            }
            Reason::MsgSeqNumMissing => ("14b", "MsgSeqNum(34) is missing"),
            Reason::MsgSeqNumUnusable => ("14f", "MsgSeqNum(34) is no number that can be used"),
            Reason::DuplicateIgnored => ("2e", "a duplicate is ignored"),
            Reason::OrigSendingTimeMissing => ("2g", "OrigSendingTime(122) is missing in a duplicate"),
            Reason::OrigSendingTimeTooLate => ("2f", "OrigSendingTime(122) is later than SendingTime(52)"),
            Reason::BeginStringWrong => ("2i", "BeginString(8) is not that of the session"),
            Reason::CompIdWrong => ("2k", "SenderCompID(49) or TargetCompID(56) is wrong"),
            Reason::SendingTimeOff => ("2o", "SendingTime(52) is too far off"),
            Reason::SendingTimeMissing => ("14b", "SendingTime(52) is missing"),
            Reason::FieldMissing => ("14b", "a required field is missing"),
            Reason::FieldUnusable => ("14f", "a field has a value that cannot be used"),
            Reason::GapClosed => ("2b", "the gap is closed"),
            Reason::GapUnanswered => ("2b", "the ResendRequest stays unanswered"),
            Reason::KeptMessageDropped => ("2b", "no room for a message beyond the gap: to be asked for"),
            Reason::NextExpectedTooHigh => ("789", "NextExpectedMsgSeqNum(789) is beyond what was sent"),
            Reason::ResendRequested => ("8", "the counterparty asks for a resend"),
            Reason::ResendRangeSenseless => ("8", "the range of the ResendRequest makes no sense"),
            Reason::ResendStorm => ("8", "the same resend is asked for again and again"),
            Reason::ResendFinished => ("8", "the resend is finished"),
            Reason::GapFilled => ("10b", "the gap fill is accepted"),
            Reason::GapFillBackwards => ("10e", "NewSeqNo(36) of the gap fill is not beyond MsgSeqNum(34)"),
            Reason::SequenceReset => ("11a", "the sequence reset is accepted"),
            Reason::SequenceResetEqual => ("11b", "the sequence reset changes nothing"),
            Reason::SequenceResetBackwards => ("11c", "NewSeqNo(36) is lower than expected"),
            Reason::NumbersReset => ("141", "both sequence numbers begin at 1 again"),
            Reason::ResetSaidAgain => ("141", "our reset was not answered: it is said again"),
            Reason::ResetStorm => ("141", "the numbers are reset again and again"),
            Reason::ResetNotConfirmed => ("141", "our Logon resets the numbers, its answer does not say so"),
            Reason::NotResetTogether => ("141", "our numbers have begun again, those of the Logon have not"),
            Reason::StaleOrderNotResent => ("ResendOrderMaxAge", "an order too old to be resent"),
            Reason::HeldMessageLost => ("8", "the store no longer has a message that was never sent"),
            Reason::StoredMessageDamaged => ("8", "a stored message is damaged: a gap fill takes its place"),
            Reason::TestRequestAnsweredEarly => ("4b", "a TestRequest beyond the gap is answered"),
            Reason::CounterpartySilent => ("6", "nothing received: the counterparty is tested"),
            Reason::BusinessRejectNotAnswered => {
                ("380", "a BusinessMessageReject(j) that nobody handles is not answered with another")
            }
            Reason::NotAnsweredAfterLogout => ("12", "our Logout is out: nothing is answered any more"),
            Reason::NotRejectedAfterLogout => {
                ("12", "our Logout is out: what is to be rejected does not count")
            }
            Reason::NumbersExhausted => ("2", "MsgSeqNum(34) has reached its end"),
            Reason::MessageTooLarge => ("MaxMessageSize", "a message larger than that comes again"),
            Reason::StoredMessageTooLarge => {
                ("8", "a stored message is larger than may be sent: a gap fill takes its place")
            }
            Reason::EndedOnError => {
                ("DisconnectOnError", "a message that would be rejected ends the session")
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
