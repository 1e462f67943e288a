//! What a counterparty says when it goes, and when it is asked whether it is there.

use fix_core::{
    msg::message::Message,
    tag,
    time::{UTC_TIMESTAMP_LEN, UtcTimestamp},
};

/// The TestReqID(112) of an operator's TestRequest(1) at this moment: not that of the session's own.
pub fn test_req_id(at: UtcTimestamp) -> String {
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let len = at.format(&mut text);
    format!("TEST-{}", String::from_utf8_lossy(text.get(..len).unwrap_or_default()))
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
