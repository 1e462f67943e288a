//! What a message must be like to reach the application.

use std::path::PathBuf;

use fix_core::{msg::validate::Checks, session::config::ValidationPolicy};

use crate::config::reader::Reader;

/// What is checked of a received message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationSettings {
    /// Messages are checked against a dictionary.
    pub use_data_dictionary: bool,
    /// A QuickFIX XML file; `None` is the built-in FIX 4.4 dictionary.
    pub data_dictionary: Option<PathBuf>,
    /// Files with a counterparty's differences, laid on top of the dictionary in this order.
    pub data_dictionary_overlays: Vec<PathBuf>,
    /// With `false` nothing is checked against the dictionary.
    pub validate_incoming_message: bool,
    /// Header, body and trailer in this order.
    pub validate_fields_out_of_order: bool,
    /// No field without a value.
    pub validate_fields_have_values: bool,
    /// No unknown tag from 5000.
    pub validate_user_defined_fields: bool,
    /// Tags below 5000 that the message does not define are let pass.
    pub allow_unknown_msg_fields: bool,
    /// Values that a code set lacks are let pass.
    pub allow_unknown_enum_values: bool,
    /// Fields of a group in the dictionary's order.
    pub validate_unordered_group_fields: bool,
    /// The first field found in a group starts each entry.
    pub first_field_in_group_is_delimiter: bool,
    /// MsgSeqNum(34) is checked.
    pub validate_sequence_numbers: bool,
    /// CompIDs are the session's.
    pub check_comp_id: bool,
    /// What becomes of an invalid application message.
    pub policy: ValidationPolicy,
    /// With `DeliverFirst`: the checks whose findings are rejected all the same, because a key stands in the file or
    /// because no dictionary makes such a message right.
    pub rejected_checks: Checks,
}

impl ValidationSettings {
    pub(super) fn read(reader: &mut Reader<'_>, is_acceptor: bool) -> Self {
        let use_data_dictionary = reader.value("UseDataDictionary");
        ValidationSettings {
            use_data_dictionary,
            // A dictionary that is not used need not exist.
            data_dictionary: if use_data_dictionary { reader.get("DataDictionary") } else { None },
            data_dictionary_overlays: if use_data_dictionary {
                reader.get("DataDictionaryOverlay").unwrap_or_default()
            } else {
                Vec::new()
            },
            validate_incoming_message: reader.value("ValidateIncomingMessage"),
            validate_fields_out_of_order: reader.value("ValidateFieldsOutOfOrder"),
            validate_fields_have_values: reader.value("ValidateFieldsHaveValues"),
            validate_user_defined_fields: reader.value("ValidateUserDefinedFields"),
            allow_unknown_msg_fields: reader.value("AllowUnknownMsgFields"),
            allow_unknown_enum_values: reader.value("AllowUnknownEnumValues"),
            validate_unordered_group_fields: reader.value("ValidateUnorderedGroupFields"),
            first_field_in_group_is_delimiter: reader.value("FirstFieldInGroupIsDelimiter"),
            validate_sequence_numbers: reader.value("ValidateSequenceNumbers"),
            check_comp_id: reader.value("CheckCompID"),
            policy: policy(reader, is_acceptor),
            rejected_checks: rejected_checks(reader),
        }
    }
}

/// Our own key names all policies, the usual one two of them; without either it is a matter of the role.
fn policy(reader: &mut Reader<'_>, is_acceptor: bool) -> ValidationPolicy {
    let is_default = !is_acceptor && !reader.is_set("RejectInvalidMessage");
    let rejects: bool = reader.value("RejectInvalidMessage");
    match reader.get::<String>("InvalidMessagePolicy").as_deref() {
        Some("DELIVER_FIRST") => ValidationPolicy::DeliverFirst,
        Some("REPORT") => ValidationPolicy::DeliverAndReport,
        Some("WARN") => ValidationPolicy::Warn,
        Some(_) => ValidationPolicy::Reject,
        None if is_default => ValidationPolicy::DeliverFirst,
        None if rejects => ValidationPolicy::Reject,
        None => ValidationPolicy::DeliverAndReport,
    }
}

/// The word of `InvalidMessagePolicy` for a policy.
pub(crate) const fn policy_name(policy: ValidationPolicy) -> &'static str {
    match policy {
        ValidationPolicy::Reject => "REJECT",
        ValidationPolicy::DeliverFirst => "DELIVER_FIRST",
        ValidationPolicy::DeliverAndReport => "REPORT",
        ValidationPolicy::Warn => "WARN",
    }
}

/// Who writes a check into the file wants it to be made.
fn rejected_checks(reader: &Reader<'_>) -> Checks {
    Checks {
        fields_have_values: reader.is_set("ValidateFieldsHaveValues"),
        user_defined_fields: reader.is_set("ValidateUserDefinedFields"),
        allow_unknown_msg_fields: !reader.is_set("AllowUnknownMsgFields"),
        allow_unknown_enum_values: !reader.is_set("AllowUnknownEnumValues"),
        ..Checks::STRUCTURE
    }
}
