//! Values against the types and codes of their fields.

use fix_core::{
    dict::Code,
    msg::{
        message::Message,
        validate::{Checks, Finding, SessionRejectReason, validate},
    },
    tag::Tag,
    wire::{
        frame::{Scan, scan},
        writer::MessageWriter,
    },
};

use super::{Content, FieldProblem, FieldsError, OrderField, name::Names};
use crate::contract::{order_error::Quoted, parse::MAX_ORDER_BYTES};

/// What is checked of fields alone: what an order must have is for the counterparty to say.
const CHECKS: Checks = Checks { required_fields: false, user_defined_fields: false, ..Checks::ALL };

/// Bytes that a field may take beside what stands for it in JSON: its tag, separators, and the count of its group.
const MORE_ON_THE_WIRE: usize = 8;

/// The text as the value of a field. A code's name stands for the code.
pub(super) fn value_of(tag: Tag, text: String, names: Names<'_>) -> Result<Content, FieldsError> {
    let error = |problem| Err(names.error_of(tag, problem));
    if text.is_empty() {
        return error(FieldProblem::Empty);
    }
    let definition = names.dictionary.field(tag);
    let length = definition.filter(|definition| definition.kind.is_data()).and_then(|_| {
        names.dictionary.data_pairs.iter().find(|pair| pair.data == tag).map(|pair| pair.length)
    });
    let is_allowed = |c: char| matches!(c, ' '..='~') || (length.is_some() && c != '\u{1}');
    if let Some((index, character)) = text.chars().enumerate().find(|(_, c)| !is_allowed(*c)) {
        return error(FieldProblem::BadCharacter { character, at: index + 1 });
    }
    if let Some(length) = length {
        return Ok(Content::Data { length, value: text });
    }
    let codes =
        definition.and_then(|definition| definition.codes).filter(|codes| !codes.contains(text.as_bytes()));
    let named = |code: &&Code| code.name.eq_ignore_ascii_case(&text.replace([' ', '-'], "_"));
    let code = codes.and_then(|codes| codes.codes().iter().find(named)).map(|code| code.value.to_owned());
    Ok(Content::Value(code.unwrap_or(text)))
}

/// Checks fields as the counterparty will, but for those that are missing.
pub(super) fn check(fields: &[OrderField], names: Names<'_>) -> Result<(), FieldsError> {
    if fields.is_empty() {
        return Ok(());
    }
    let mut buffer = vec![0; MORE_ON_THE_WIRE * MAX_ORDER_BYTES];
    let mut writer =
        MessageWriter::new(&mut buffer, names.dictionary.begin_string.as_bytes(), names.msg_type);
    fields.iter().for_each(|field| field.encode(writer.writer()));
    let other = |tag: Tag, text: String| names.error_of(tag, FieldProblem::Other(text));
    let first = fields.first().map_or(Tag(0), |field| field.tag);
    let len = writer.finish().map_err(|error| other(first, error.to_string()))?;
    let message = match scan(buffer.get(..len).unwrap_or_default(), len) {
        Scan::Frame(frame, _) => Message::parse_with(frame, names.dictionary.extra_data_pairs).ok(),
        _ => None,
    };
    let message = message.ok_or_else(|| other(first, "cannot be written as FIX".to_owned()))?;
    let Err(Finding { reason, tag, .. }) = validate(&message, names.dictionary, &CHECKS) else {
        return Ok(());
    };
    // A dictionary without the message judges no field of it.
    if reason == SessionRejectReason::InvalidMsgType {
        return Ok(());
    }
    let tag = tag.unwrap_or(first);
    let problem = value(fields, tag).and_then(|value| problem_of(tag, value, reason, names));
    Err(names.error_of(tag, problem.unwrap_or_else(|| FieldProblem::Other(reason.to_string()))))
}

fn problem_of(tag: Tag, value: &str, reason: SessionRejectReason, names: Names<'_>) -> Option<FieldProblem> {
    let definition = names.dictionary.field(tag)?;
    let found = Quoted::new(value);
    match reason {
        SessionRejectReason::IncorrectDataFormat => {
            Some(FieldProblem::Format { found, kind: definition.kind.name() })
        }
        SessionRejectReason::ValueIncorrect => {
            let codes = definition.codes?.codes().iter().map(|code| code.value);
            Some(FieldProblem::Code { found, codes: codes.collect::<Vec<_>>().join(", ") })
        }
        _ => None,
    }
}

/// The value of the first field with this tag, wherever it stands.
fn value(fields: &[OrderField], tag: Tag) -> Option<&str> {
    fields.iter().find_map(|field| match &field.content {
        Content::Value(value) | Content::Data { value, .. } => (field.tag == tag).then_some(value.as_str()),
        Content::Group(entries) => entries.iter().find_map(|entry| self::value(entry, tag)),
    })
}
