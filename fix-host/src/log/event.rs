//! What a session's events read like.

use std::fmt;

use fix_core::{
    msg::reject::{Finding, SessionRejectReason as Reason},
    session::event::Event,
    tag::Tag,
};

use crate::config::policy_name;

/// The text of an event, and the configuration key that decides on it.
pub(super) struct Text<'e>(pub(super) &'e Event<'e>);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)?;
        if let Event::Finding { finding, policy, .. } = self.0
            && let Some(key) = key(*finding)
        {
            write!(f, " (key {key}, InvalidMessagePolicy {})", policy_name(*policy))?;
        }
        Ok(())
    }
}

/// The first tag of the user-defined range.
const USER_DEFINED: Tag = Tag(5000);

/// The configuration key that governs such a finding; `None` if none does.
fn key(finding: Finding) -> Option<&'static str> {
    Some(match finding.reason {
        Reason::InvalidTagNumber if finding.tag.is_some_and(|tag| tag >= USER_DEFINED) => {
            "ValidateUserDefinedFields"
        }
        Reason::InvalidTagNumber if finding.tag.is_some() => "AllowUnknownMsgFields",
        Reason::TagNotDefinedForMessageType => "AllowUnknownMsgFields",
        Reason::TagWithoutValue => "ValidateFieldsHaveValues",
        Reason::ValueIncorrect => "AllowUnknownEnumValues",
        Reason::TagOutOfOrder => "ValidateFieldsOutOfOrder",
        Reason::GroupFieldsOutOfOrder => "ValidateUnorderedGroupFields",
        Reason::CompIdProblem => "CheckCompID",
        Reason::SendingTimeAccuracy => "MaxLatency",
        Reason::InvalidTagNumber
        | Reason::RequiredTagMissing
        | Reason::IncorrectDataFormat
        | Reason::InvalidMsgType
        | Reason::TagAppearsMoreThanOnce
        | Reason::IncorrectNumInGroup => "InvalidMessagePolicy",
        _ => return None,
    })
}
