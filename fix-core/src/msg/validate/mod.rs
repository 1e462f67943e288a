//! Checking a message against a dictionary: what breaks it, and which finding is answered.
//!
//! A message with more than one fault is answered for the first of them in this order, whatever their order on
//! the wire (as QuickFIX does, so that counterparties see the Reject that they know):
//!
//! 1. a header field behind the body, or a body field behind the trailer: reason 14, the first on the wire
//! 2. a MsgType that the dictionary does not have: 11
//! 3. a required field that is missing: 1, first of the header, then of the body, lowest tag first, then in groups
//! 4. each field, of the header, then of the trailer, then of the body, by ascending tag: empty 4, wrong format 6,
//!    not one of its codes 5, unknown 0, not for this message 2, there twice 13. The faults of a repeating group
//!    stand at its count field: number of entries 16, order of an entry's fields 15, then the fields themselves.
//!
//! A message in which nothing can be wrong is told by one quick walk that only says yes. For the others, a second
//! pass over the fields remembers the finding that comes first; both use constant-time table look-ups, and nothing
//! is sorted.

mod entry;
mod format;
mod pass;
mod place;
mod quick;
mod seen;
mod shape;

use super::message::Message;
pub use super::reject::{Finding, SessionRejectReason};
use crate::dict::Dictionary;

/// Which checks are made; each is one of the usual configuration keys, and the default is theirs. Checks may come: end a
/// literal with `..Checks::ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Checks {
    /// Header, body and trailer fields stand in that order (`ValidateFieldsOutOfOrder`, Y).
    pub fields_out_of_order: bool,
    /// No field is empty (`ValidateFieldsHaveValues`, Y).
    pub fields_have_values: bool,
    /// User-defined fields, from tag 5000 on, are those of the dictionary (`ValidateUserDefinedFields`, Y).
    pub user_defined_fields: bool,
    /// Fields below 5000 may be unknown or of another message (`AllowUnknownMsgFields`, N).
    pub allow_unknown_msg_fields: bool,
    /// A field with a code set may have another value (`AllowUnknownEnumValues`, N).
    pub allow_unknown_enum_values: bool,
    /// The fields of a group's entry stand in the order of the dictionary (`ValidateUnorderedGroupFields`, Y).
    pub unordered_group_fields: bool,
    /// The first field of a group's first entry need not be the delimiter that the dictionary names
    /// (`FirstFieldInGroupIsDelimiter`, N).
    pub first_field_in_group_is_delimiter: bool,
    /// Required fields are there (Y).
    pub required_fields: bool,
    /// No field is there twice at one level (Y).
    pub repeated_fields: bool,
    /// Values have the format of their type (Y).
    pub formats: bool,
    /// Count fields tell the number of entries (Y).
    pub group_counts: bool,
    /// Numbers fit into a [`Decimal`](crate::decimal::Decimal), or 64 bits (Y). One that does not is a legal `float` or
    /// `int` all the same, not a wrong format: reason 5, and a session does not reject it.
    pub number_range: bool,
}

impl Checks {
    /// The defaults of the configuration keys: all checks.
    pub const ALL: Checks = Checks {
        fields_out_of_order: true,
        fields_have_values: true,
        user_defined_fields: true,
        allow_unknown_msg_fields: false,
        allow_unknown_enum_values: false,
        unordered_group_fields: true,
        first_field_in_group_is_delimiter: false,
        required_fields: true,
        repeated_fields: true,
        formats: true,
        group_counts: true,
        number_range: true,
    };

    /// What is wrong whatever the dictionary of the counterparty says: formats, counts and order. Left out is what
    /// only a dictionary knows (unknown fields and codes, what is required), and what an empty field says.
    pub const STRUCTURE: Checks = Checks {
        fields_have_values: false,
        user_defined_fields: false,
        allow_unknown_msg_fields: true,
        allow_unknown_enum_values: true,
        required_fields: false,
        number_range: false,
        ..Checks::ALL
    };

    /// The checks that are among these and among `other`.
    #[cfg(feature = "validation")]
    pub(crate) const fn and(&self, other: &Checks) -> Checks {
        Checks {
            fields_out_of_order: self.fields_out_of_order && other.fields_out_of_order,
            fields_have_values: self.fields_have_values && other.fields_have_values,
            user_defined_fields: self.user_defined_fields && other.user_defined_fields,
            allow_unknown_msg_fields: self.allow_unknown_msg_fields || other.allow_unknown_msg_fields,
            allow_unknown_enum_values: self.allow_unknown_enum_values || other.allow_unknown_enum_values,
            unordered_group_fields: self.unordered_group_fields && other.unordered_group_fields,
            first_field_in_group_is_delimiter: self.first_field_in_group_is_delimiter
                || other.first_field_in_group_is_delimiter,
            required_fields: self.required_fields && other.required_fields,
            repeated_fields: self.repeated_fields && other.repeated_fields,
            formats: self.formats && other.formats,
            group_counts: self.group_counts && other.group_counts,
            number_range: self.number_range && other.number_range,
        }
    }
}

impl Default for Checks {
    fn default() -> Self {
        Checks::ALL
    }
}

/// Checks a message.
///
/// ```
/// use fix_core::{Message, dict::fix44::DICTIONARY, msg::validate::{Checks, validate}, wire::frame::{Scan, scan}};
///
/// let bytes = b"8=FIX.4.4\x019=5\x0135=1\x0110=164\x01";
/// let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { panic!("no frame") };
/// let finding = validate(&Message::parse(frame)?, &DICTIONARY, &Checks::ALL).unwrap_err();
/// assert_eq!(finding.reason.code(), 1, "required tag missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The [`Finding`] that comes first in the order above.
pub fn validate(message: &Message<'_>, dictionary: &Dictionary, checks: &Checks) -> Result<(), Finding> {
    if quick::is_in_order(message, dictionary, checks) { Ok(()) } else { judge(message, dictionary, checks) }
}

/// The finding that comes first.
#[cold]
#[inline(never)]
fn judge(message: &Message<'_>, dictionary: &Dictionary, checks: &Checks) -> Result<(), Finding> {
    let mut first: Option<(place::Place, Finding)> = None;
    pass::run(message, dictionary, checks, &mut |place, finding| {
        if first.is_none_or(|(before, _)| place < before) {
            first = Some((place, finding));
        }
    });
    first.map_or(Ok(()), |(_, finding)| Err(finding))
}

/// Reports everything that [`validate`] checks, in wire order, for who delivers a message with its findings
/// instead of rejecting it.
pub fn findings(
    message: &Message<'_>,
    dictionary: &Dictionary,
    checks: &Checks,
    report: &mut dyn FnMut(Finding),
) {
    pass::run(message, dictionary, checks, &mut |_, finding| report(finding));
}

#[cfg(test)]
mod tests;
