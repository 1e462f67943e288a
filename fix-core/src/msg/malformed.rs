//! Which SessionRejectReason(373) a run of bytes gets that is no `tag=value` field.

use super::reject::{Finding, SessionRejectReason as Reason};
use crate::{
    tag::Tag,
    wire::{
        SOH,
        value::{FromField, ValueError},
    },
};

/// The finding about the bytes up to the first SOH: a tag number without `=` is a tag without a value (4), all else
/// is an invalid tag number (0), which RefTagID(371) cannot name.
pub(super) fn finding(bytes: &[u8]) -> Finding {
    let run = bytes.split(|byte| *byte == SOH).next().unwrap_or_default();
    match tag_number(run) {
        Ok(tag) => Finding::field(Reason::TagWithoutValue, tag),
        Err(_) => Finding::message(Reason::InvalidTagNumber),
    }
}

fn tag_number(text: &[u8]) -> Result<Tag, ValueError> {
    let number = u32::from_field(text)?;
    i32::try_from(number).map(Tag).map_err(|_| ValueError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_reason() {
        let no_tag = Finding::message(Reason::InvalidTagNumber);
        let cases: &[(&[u8], Finding)] = &[
            (b"77\x0158=x\x01", Finding::field(Reason::TagWithoutValue, Tag(77))),
            (b"\x01", no_tag),
            (b"garbage\x01", no_tag),
            (b"=x\x01", no_tag),
            (b"4garbled9=TW\x01", no_tag),
            (b"-=x\x01", no_tag),
            (b"2147483648=x\x01", no_tag),
            (b"2147483648\x01", no_tag),
            (b"99999999999999999999999\x01", no_tag),
        ];
        for (bytes, expected) in cases {
            assert_eq!(finding(bytes), *expected, "{}", bytes.escape_ascii());
        }
    }
}
