//! A message as a JSON object.

use std::io::Write as _;

use fix_core::{dict::Dictionary, tag::Tag};

use crate::{
    escape,
    reading::{Entry, Nesting, Piece, Pieces, Secrets},
};

/// A message with what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The message, separated by SOH.
    pub bytes: &'a [u8],
    /// Its MsgType(35); empty if it has none.
    pub msg_type: &'a [u8],
    /// What is wrong with it.
    pub problem: Option<&'a str>,
    /// The line of the text where it begins.
    pub line: u64,
    /// The time that its line has.
    pub logged_at: Option<&'a [u8]>,
}

/// Appends an object, left open: type, name, what is wrong, and the fields, groups with their entries.
pub fn message(out: &mut Vec<u8>, dictionary: &'static Dictionary, shown: &Shown<'_>) {
    let msg_type = shown.msg_type;
    out.extend_from_slice(b"{\"msg_type\":");
    escape::json(out, &String::from_utf8_lossy(msg_type));
    if let Some(message) = dictionary.message(msg_type) {
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
    let mut nesting = Nesting::new(dictionary, msg_type);
    let mut secrets = Secrets::new(dictionary, msg_type);
    let pieces: Vec<Piece<'_>> = Pieces::new(shown.bytes, dictionary.extra_data_pairs).collect();
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
        field(out, dictionary, piece, secrets.hides(piece));
        out.extend_from_slice(match (place.counts, place.opens) {
            (true, true) => b",\"entries\":[",
            (true, false) => b",\"entries\":[]}",
            _ => b"}",
        });
    }
    nesting.finish().into_iter().for_each(|had_entry| close(out, had_entry));
    out.push(b']');
}

/// Appends what a value means, or for a list of codes what each of them means.
pub fn meaning(out: &mut Vec<u8>, dictionary: &Dictionary, tag: Tag, value: &[u8]) {
    let Some((kind, codes)) = dictionary.field(tag).and_then(|field| Some((field.kind, field.codes?))) else {
        return;
    };
    if !kind.is_multiple_value() {
        out.extend_from_slice(codes.name(value).unwrap_or_default().as_bytes());
        return;
    }
    let names = value.split(|byte| *byte == b' ').filter_map(|code| codes.name(code));
    for (index, name) in names.enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(name.as_bytes());
    }
}

fn close(out: &mut Vec<u8>, had_entry: bool) {
    out.extend_from_slice(if had_entry { b"]]}" } else { b"]}" });
}

/// Appends a field, its object left open. What is no field has no tag.
fn field(out: &mut Vec<u8>, dictionary: &Dictionary, piece: &Piece<'_>, is_hidden: bool) {
    out.push(b'{');
    if let Some(tag) = piece.tag {
        _ = write!(out, "\"tag\":{},", tag.0);
        if let Some(name) = dictionary.field_name(tag) {
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
    let mut words = Vec::new();
    if let Some(tag) = piece.tag.filter(|_| !is_hidden) {
        meaning(&mut words, dictionary, tag, piece.value);
    }
    if !words.is_empty() {
        out.extend_from_slice(b",\"meaning\":");
        escape::json(out, &String::from_utf8_lossy(&words));
    }
    if let Some(flaw) = piece.flaw {
        out.extend_from_slice(b",\"malformed\":");
        escape::json(out, &flaw.to_string());
    }
}
