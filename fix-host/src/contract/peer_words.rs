//! What a counterparty says when it goes, when it rejects, and when it is asked whether it is there.

use std::fmt::Write as _;

use fix_core::{
    msg::message::Message,
    tag::{self, Tag},
    time::{UTC_TIMESTAMP_LEN, UtcTimestamp},
};

/// The TestReqID(112) of an operator's TestRequest(1) at this moment: not that of the session's own.
pub fn test_req_id(at: UtcTimestamp) -> String {
    named("TEST", at)
}

/// That of one which measures the round trip.
pub fn round_trip_id(at: UtcTimestamp) -> String {
    named("RTT", at)
}

fn named(what: &str, at: UtcTimestamp) -> String {
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let len = at.format(&mut text);
    format!("{what}-{}", String::from_utf8_lossy(text.get(..len).unwrap_or_default()))
}

/// The TestReqID(112) of a Heartbeat(0), if it answers a TestRequest(1) and has no more bytes than ours have.
pub fn answered_test(heartbeat: &Message<'_>) -> Option<String> {
    let id = heartbeat.get(tag::TEST_REQ_ID).filter(|id| id.len() <= 64)?;
    Some(String::from_utf8_lossy(id).into_owned())
}

/// Characters that are shown.
const MOST: usize = 200;

/// The Text(58) of a Logout(5), for a line: `None` if there is none. What would not print is a `?`.
pub fn logout_text(logout: &Message<'_>) -> Option<String> {
    let text = String::from_utf8_lossy(logout.get(tag::TEXT)?).replace(char::is_control, "?");
    (!text.is_empty()).then(|| text.chars().take(MOST).collect())
}

/// What a Reject(3) or BusinessMessageReject(j) says is wrong with a message of ours: its Text(58), or its code where it has
/// none, and RefTagID(371) if the text leaves it out.
pub fn reject_text(reject: &Message<'_>) -> String {
    let said = |tag| reject.get(tag).map(String::from_utf8_lossy).filter(|value| !value.is_empty());
    let code = |tag: Tag| said(tag).map(|value| format!("{tag} {value}"));
    let text = said(tag::TEXT).map(String::from);
    let text =
        text.or_else(|| code(tag::SESSION_REJECT_REASON)).or_else(|| code(tag::BUSINESS_REJECT_REASON));
    let mut text = text.unwrap_or_else(|| "it does not say why".to_owned());
    if let Some(field) = said(tag::REF_TAG_ID)
        && !text.split(|c: char| !c.is_ascii_digit()).any(|number| number == field)
    {
        let named = field.parse().map_or_else(|_| field.into_owned(), |tag| Tag(tag).to_string());
        let _ = write!(text, ", RefTagID(371) {named}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::news::tests::with_message;

    fn said(fields: &str) -> String {
        with_message(fields, reject_text)
    }

    #[test]
    fn a_reject_names_the_field_that_its_text_leaves_out() {
        assert_eq!(
            said("35=3|45=2|371=44|373=6|58=Incorrect data format|"),
            "Incorrect data format, RefTagID(371) Price(44)"
        );
        assert_eq!(said("35=3|45=2|371=9999|373=0|58=Invalid tag 9999|"), "Invalid tag 9999");
        assert_eq!(
            said("35=3|45=2|371=9|58=Invalid tag 9999|"),
            "Invalid tag 9999, RefTagID(371) BodyLength(9)"
        );
    }

    #[test]
    fn a_reject_without_a_text_is_told_by_its_code() {
        assert_eq!(said("35=3|45=2|371=9999|373=0|"), "SessionRejectReason(373) 0, RefTagID(371) 9999");
        assert_eq!(said("35=j|45=2|372=D|380=4|"), "BusinessRejectReason(380) 4");
        assert_eq!(said("35=3|45=2|"), "it does not say why");
    }
}
