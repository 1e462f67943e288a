//! What a counterparty says when it goes.

use fix_core::{msg::message::Message, tag};

/// Characters that are shown.
const MOST: usize = 200;

/// The Text(58) of a Logout(5), for a line: `None` if there is none. What would not print is a `?`.
pub fn logout_text(logout: &Message<'_>) -> Option<String> {
    let text = String::from_utf8_lossy(logout.get(tag::TEXT)?).replace(char::is_control, "?");
    (!text.is_empty()).then(|| text.chars().take(MOST).collect())
}
