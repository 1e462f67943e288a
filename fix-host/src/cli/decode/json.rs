//! A message as a JSON object.

use std::io::Write as _;

use fix_core::{dict::is_secret, wire::field::Field};

use super::{
    escape,
    find::Found,
    nesting::{Entry, Nesting},
    render::Renderer,
};

/// Appends one line: type, name, what is wrong, and the fields, groups with their entries.
pub(super) fn message(renderer: &Renderer, out: &mut Vec<u8>, found: &Found<'_>, msg_type: &[u8], line: u64) {
    out.extend_from_slice(b"{\"msg_type\":");
    escape::json(out, &String::from_utf8_lossy(msg_type));
    if let Some(message) = renderer.dictionary.message(msg_type) {
        out.extend_from_slice(b",\"name\":");
        escape::json(out, message.name);
    }
    if let Some(problem) = &found.problem {
        _ = write!(out, ",\"line\":{line},\"garbled\":");
        escape::json(out, problem);
    }
    out.extend_from_slice(b",\"fields\":[");
    let mut nesting = Nesting::new(renderer.dictionary, msg_type);
    let mut first = true;
    for field in renderer.fields(found.bytes) {
        let place = nesting.place(field.tag);
        place.ended.iter().for_each(|had_entry| close(out, *had_entry));
        match place.entry {
            Some(Entry::First) => out.push(b'['),
            Some(Entry::Next) => out.extend_from_slice(b"],["),
            None if first => {}
            None => out.push(b','),
        }
        first = false;
        self::field(renderer, out, msg_type, field);
        out.extend_from_slice(if place.opens { b",\"entries\":[" } else { b"}" });
    }
    nesting.finish().into_iter().for_each(|had_entry| close(out, had_entry));
    out.extend_from_slice(b"]}\n");
}

fn close(out: &mut Vec<u8>, had_entry: bool) {
    out.extend_from_slice(if had_entry { b"]]}" } else { b"]}" });
}

/// Appends a field, its object left open.
fn field(renderer: &Renderer, out: &mut Vec<u8>, msg_type: &[u8], Field { tag, value }: Field<'_>) {
    _ = write!(out, "{{\"tag\":{}", tag.0);
    if let Some(name) = renderer.dictionary.field_name(tag) {
        out.extend_from_slice(b",\"name\":");
        escape::json(out, name);
    }
    if is_secret(tag, msg_type) {
        out.extend_from_slice(b",\"value\":\"***\"");
        return;
    }
    match std::str::from_utf8(value) {
        Ok(value) => {
            out.extend_from_slice(b",\"value\":");
            escape::json(out, value);
        }
        Err(_) => {
            out.extend_from_slice(b",\"value_hex\":\"");
            value.iter().for_each(|byte| _ = write!(out, "{byte:02x}"));
            out.push(b'"');
        }
    }
    let mut meaning = Vec::new();
    renderer.meaning(&mut meaning, tag, value, b' ');
    if !meaning.is_empty() {
        out.extend_from_slice(b",\"meaning\":");
        escape::json(out, &String::from_utf8_lossy(&meaning));
    }
}
