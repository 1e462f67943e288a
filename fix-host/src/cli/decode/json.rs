//! A message as a JSON object.

use std::io::Write as _;

use super::{escape, render::Shown, tables::Tables};
use crate::reading::{Entry, Nesting, Piece, Pieces, Secrets};

/// Appends one line: type, name, what is wrong, and the fields, groups with their entries.
pub(super) fn message(out: &mut Vec<u8>, tables: &Tables, shown: &Shown<'_>, msg_type: &[u8]) {
    out.extend_from_slice(b"{\"msg_type\":");
    escape::json(out, &String::from_utf8_lossy(msg_type));
    if let Some(message) = tables.dictionary.message(msg_type) {
        out.extend_from_slice(b",\"name\":");
        escape::json(out, message.name);
    }
    if let Some(time) = shown.logged_at {
        out.extend_from_slice(b",\"logged_at\":");
        escape::json(out, &String::from_utf8_lossy(time));
    }
    if let Some(problem) = shown.problem {
        _ = write!(out, ",\"line\":{},\"garbled\":", shown.line);
        escape::json(out, problem);
    }
    out.extend_from_slice(b",\"fields\":[");
    let mut nesting = Nesting::new(tables.dictionary, msg_type);
    let mut secrets = Secrets::new(tables.dictionary, msg_type);
    let pieces: Vec<Piece<'_>> = Pieces::new(shown.bytes, tables.pairs).collect();
    for (index, piece) in pieces.iter().enumerate() {
        let following = pieces[index + 1..].iter().map(|piece| piece.tag);
        let place = nesting.place(piece.tag, piece.value, following);
        place.ended.iter().for_each(|had_entry| close(out, *had_entry));
        match place.entry {
            Some(Entry::First) => out.push(b'['),
            Some(Entry::Next) => out.extend_from_slice(b"],["),
            None if index == 0 => {}
            None => out.push(b','),
        }
        field(out, tables, piece, secrets.hides(piece));
        out.extend_from_slice(match (place.counts, place.opens) {
            (true, true) => b",\"entries\":[",
            (true, false) => b",\"entries\":[]}",
            _ => b"}",
        });
    }
    nesting.finish().into_iter().for_each(|had_entry| close(out, had_entry));
    out.extend_from_slice(b"]}\n");
}

fn close(out: &mut Vec<u8>, had_entry: bool) {
    out.extend_from_slice(if had_entry { b"]]}" } else { b"]}" });
}

/// Appends a field, its object left open. What is no field has no tag.
fn field(out: &mut Vec<u8>, tables: &Tables, piece: &Piece<'_>, is_hidden: bool) {
    out.push(b'{');
    if let Some(tag) = piece.tag {
        _ = write!(out, "\"tag\":{},", tag.0);
        if let Some(name) = tables.dictionary.field_name(tag) {
            out.extend_from_slice(b"\"name\":");
            escape::json(out, name);
            out.push(b',');
        }
    }
    match std::str::from_utf8(piece.value) {
        _ if is_hidden => out.extend_from_slice(b"\"value\":\"***\""),
        Ok(value) => {
            out.extend_from_slice(b"\"value\":");
            escape::json(out, value);
        }
        Err(_) => {
            out.extend_from_slice(b"\"value_hex\":\"");
            piece.value.iter().for_each(|byte| _ = write!(out, "{byte:02x}"));
            out.push(b'"');
        }
    }
    let mut meaning = Vec::new();
    if let Some(tag) = piece.tag.filter(|_| !is_hidden) {
        tables.meaning(&mut meaning, tag, piece.value);
    }
    if !meaning.is_empty() {
        out.extend_from_slice(b",\"meaning\":");
        escape::json(out, &String::from_utf8_lossy(&meaning));
    }
    if let Some(flaw) = piece.flaw {
        out.extend_from_slice(b",\"malformed\":");
        escape::json(out, &flaw.to_string());
    }
}
