//! Why a message is rejected: SessionRejectReason(373) and the finding that leads to it.

use core::fmt;

use crate::tag::Tag;

/// SessionRejectReason(373), the values of FIX 4.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SessionRejectReason {
    /// 0
    InvalidTagNumber,
    /// 1
    RequiredTagMissing,
    /// 2
    TagNotDefinedForMessageType,
    /// 3
    UndefinedTag,
    /// 4
    TagWithoutValue,
    /// 5
    ValueIncorrect,
    /// 6
    IncorrectDataFormat,
    /// 7
    DecryptionProblem,
    /// 8
    SignatureProblem,
    /// 9
    CompIdProblem,
    /// 10
    SendingTimeAccuracy,
    /// 11
    InvalidMsgType,
    /// 12
    XmlValidation,
    /// 13
    TagAppearsMoreThanOnce,
    /// 14
    TagOutOfOrder,
    /// 15
    GroupFieldsOutOfOrder,
    /// 16
    IncorrectNumInGroup,
    /// 17
    NonDataWithDelimiter,
    /// 99
    Other,
}

impl SessionRejectReason {
    /// The number on the wire.
    pub const fn code(self) -> u32 {
        match self {
            Self::InvalidTagNumber => 0,
            Self::RequiredTagMissing => 1,
            Self::TagNotDefinedForMessageType => 2,
            Self::UndefinedTag => 3,
            Self::TagWithoutValue => 4,
            Self::ValueIncorrect => 5,
            Self::IncorrectDataFormat => 6,
            Self::DecryptionProblem => 7,
            Self::SignatureProblem => 8,
            Self::CompIdProblem => 9,
            Self::SendingTimeAccuracy => 10,
            Self::InvalidMsgType => 11,
            Self::XmlValidation => 12,
            Self::TagAppearsMoreThanOnce => 13,
            Self::TagOutOfOrder => 14,
            Self::GroupFieldsOutOfOrder => 15,
            Self::IncorrectNumInGroup => 16,
            Self::NonDataWithDelimiter => 17,
            Self::Other => 99,
        }
    }

    /// Text(58) of the Reject that is sent for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::InvalidTagNumber => "Invalid tag number",
            Self::RequiredTagMissing => "Required tag missing",
            Self::TagNotDefinedForMessageType => "Tag not defined for this message type",
            Self::UndefinedTag => "Undefined tag",
            Self::TagWithoutValue => "Tag specified without a value",
            Self::ValueIncorrect => "Value is incorrect (out of range) for this tag",
            Self::IncorrectDataFormat => "Incorrect data format for value",
            Self::DecryptionProblem => "Decryption problem",
            Self::SignatureProblem => "Signature problem",
            Self::CompIdProblem => "CompID problem",
            Self::SendingTimeAccuracy => "SendingTime accuracy problem",
            Self::InvalidMsgType => "Invalid MsgType",
            Self::XmlValidation => "XML validation error",
            Self::TagAppearsMoreThanOnce => "Tag appears more than once",
            Self::TagOutOfOrder => "Tag specified out of required order",
            Self::GroupFieldsOutOfOrder => "Repeating group fields out of order",
            Self::IncorrectNumInGroup => "Incorrect NumInGroup count for repeating group",
            Self::NonDataWithDelimiter => "Non-data value includes field delimiter (SOH character)",
            Self::Other => "Other",
        }
    }
}

impl fmt::Display for SessionRejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What is wrong with a message: the reason and, where one field is to blame, its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Finding {
    /// SessionRejectReason(373).
    pub reason: SessionRejectReason,
    /// RefTagID(371).
    pub tag: Option<Tag>,
}

impl Finding {
    /// A finding about the field `tag`.
    pub const fn field(reason: SessionRejectReason, tag: Tag) -> Self {
        Finding { reason, tag: Some(tag) }
    }

    /// A finding about the message as a whole.
    pub const fn message(reason: SessionRejectReason) -> Self {
        Finding { reason, tag: None }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tag {
            Some(tag) => write!(f, "{}: {tag}", self.reason),
            None => fmt::Display::fmt(&self.reason, f),
        }
    }
}
