//! Fields whose values are shown to nobody.

use crate::tag::{self, Tag};

/// Whether a value must not reach a log, a page, a metric or a terminal: Password(554), NewPassword(925),
/// EncryptedPassword(1402) and EncryptedNewPassword(1404), which FIX 4.4 sessions borrow from later versions, and
/// RawData(96) of a Logon, which carries passwords where a counterparty has no field for them.
#[must_use]
pub fn is_secret(tag: Tag, msg_type: &[u8]) -> bool {
    match tag {
        tag::PASSWORD | tag::NEW_PASSWORD | Tag(1402 | 1404) => true,
        tag::RAW_DATA => msg_type == b"A",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_data_is_a_secret_in_a_logon_only() {
        assert!([554, 925, 1402, 1404].iter().all(|number| is_secret(Tag(*number), b"BE")));
        assert!(is_secret(tag::RAW_DATA, b"A"));
        assert!(!is_secret(tag::RAW_DATA, b"B") && !is_secret(tag::USERNAME, b"A"));
    }
}
