//! The fields of a recorded message as a script says them: what differs from run to run gets a pattern or a name.

use std::{collections::BTreeMap, fmt::Write};

use fix_core::{
    decimal::Decimal,
    dict::{FieldType, is_secret},
    tag::{self, Tag},
};

use crate::scenario::{message, names};

/// The fields whose values one side makes up, and both repeat.
const IDS: [Tag; 27] = [
    tag::CL_ORD_ID,
    tag::ORIG_CL_ORD_ID,
    tag::ORDER_ID,
    tag::EXEC_ID,
    tag::EXEC_REF_ID,
    tag::SECONDARY_ORDER_ID,
    tag::SECONDARY_EXEC_ID,
    tag::SECONDARY_CL_ORD_ID,
    tag::CL_ORD_LINK_ID,
    tag::LIST_ID,
    tag::QUOTE_ID,
    tag::QUOTE_REQ_ID,
    tag::QUOTE_RESP_ID,
    tag::MD_REQ_ID,
    tag::MD_ENTRY_ID,
    tag::SECURITY_REQ_ID,
    tag::SECURITY_RESPONSE_ID,
    tag::SECURITY_STATUS_REQ_ID,
    tag::TRAD_SES_REQ_ID,
    tag::TRADE_REPORT_ID,
    tag::TRADE_REQUEST_ID,
    tag::ALLOC_ID,
    tag::MASS_STATUS_REQ_ID,
    tag::CROSS_ID,
    tag::CONFIRM_ID,
    tag::ORD_STATUS_REQ_ID,
    tag::BUSINESS_REJECT_REF_ID,
];

/// An id is looked for inside other texts if it has so many characters: shorter ones stand there by chance.
const LONG_ENOUGH: usize = 5;
/// An id inside another text is found if it has at most so many words and signs; that of a UUID has nine.
const MOST_PIECES: usize = 24;

/// The ids that were met, by their value in the log: the name that the script gives them.
#[derive(Default)]
pub(super) struct Values {
    names: BTreeMap<String, String>,
    counts: BTreeMap<Tag, u32>,
}

impl Values {
    /// The lines of the fields below `send`, and those below `expect`.
    pub(super) fn lines(&mut self, bytes: &[u8]) -> (String, String) {
        let date =
            message::field(bytes, tag::SENDING_TIME, 1).and_then(|time| time.get(..8)).unwrap_or_default();
        let msg_type = message::msg_type(bytes);
        let (mut sent, mut expected) = (String::new(), String::new());
        let mut occurrences: BTreeMap<Tag, u32> = BTreeMap::new();
        for (tag, value) in message::fields(bytes) {
            if names::is_the_sessions(tag) {
                continue;
            }
            let name = names::field_name(tag);
            let occurrence = occurrences.entry(tag).or_default();
            *occurrence += 1;
            let place = if *occurrence == 1 { String::new() } else { format!("[{occurrence}]") };
            let text = std::str::from_utf8(value).ok().filter(|text| !text.contains(char::is_control));
            // Writing to memory does not fail.
            let Some(text) = text.filter(|_| !is_secret(tag, msg_type)) else {
                let _ = writeln!(sent, "  # {name} is left out: it is secret, or no text");
                continue;
            };
            let (value, pattern) = self.said(tag, text, date);
            let _ = writeln!(sent, "  {name} = {value}");
            let _ = writeln!(expected, "  {name}{place} {pattern}");
        }
        (sent, expected)
    }

    /// A value to be sent, and the pattern that it is expected by.
    fn said(&mut self, tag: Tag, text: &str, date: &[u8]) -> (String, String) {
        let is = |value: String| (value.clone(), format!("= {value}"));
        let kind = names::DICTIONARY.field(tag).map(|field| field.kind);
        match kind {
            _ if IDS.contains(&tag) && !matches!(text, "NONE" | "[N/A]" | "") => return self.id(tag, text),
            _ if tag == tag::REF_SEQ_NUM => return ("$in.MsgSeqNum".to_owned(), "any".to_owned()),
            // An order may not be over before it begins.
            _ if tag == tag::EXPIRE_TIME => return ("$tomorrow-20:00:00".to_owned(), "any".to_owned()),
            _ if tag == tag::EXPIRE_DATE => return ("$tomorrow".to_owned(), "any".to_owned()),
            Some(FieldType::UtcTimestamp) => return ("$now".to_owned(), "any".to_owned()),
            Some(FieldType::UtcTimeOnly) => return (quoted(text), "any".to_owned()),
            Some(FieldType::UtcDateOnly | FieldType::LocalMktDate) if text.as_bytes() == date => {
                return is("$today".to_owned());
            }
            _ => {}
        }
        if let Some(code) = names::DICTIONARY.code_name(tag, text.as_bytes()) {
            return is(code.to_owned());
        }
        // Quotes say that a wrong value is meant.
        if names::code(tag, text).is_err() {
            return is(in_quotes(text));
        }
        // Of the other types none holds an id, and a number in a text is one by chance.
        let is_text = matches!(kind, None | Some(FieldType::String | FieldType::Undefined));
        is(match is_text && text.len() >= LONG_ENOUGH && Decimal::parse(text.as_bytes()).is_err() {
            true => self.with_ids(text),
            false => quoted(text),
        })
    }

    /// An id gets a name where it is met first, and is known by it from then on.
    fn id(&mut self, tag: Tag, text: &str) -> (String, String) {
        if let Some(name) = self.names.get(text) {
            let value = format!("${name}");
            return (value.clone(), format!("= {value}"));
        }
        let count = self.counts.entry(tag).or_default();
        *count += 1;
        let field = names::DICTIONARY.field_name(tag).unwrap_or("id");
        let mut chars = field.chars();
        let first = chars.next().unwrap_or('i').to_ascii_lowercase();
        let name = format!("{first}{}{count}", chars.as_str());
        self.names.insert(text.to_owned(), name.clone());
        (format!("$new as {name}"), format!("any as {name}"))
    }

    /// A text in quotes, with the names of the ids in it. The longest id counts that begins at a place.
    fn with_ids(&self, text: &str) -> String {
        let bounds = bounds(text);
        let (mut inside, mut written) = (String::new(), 0);
        let mut place = 0;
        while let Some(from) = bounds.get(place) {
            let id_up_to = |end: usize| {
                let to = *bounds.get(end)?;
                let id = text.get(*from..to).filter(|id| id.len() >= LONG_ENOUGH)?;
                Some((end, to, self.names.get(id)?))
            };
            let Some((end, to, name)) = (place + 1..=place + MOST_PIECES).rev().find_map(id_up_to) else {
                place += 1;
                continue;
            };
            inside.push_str(&inside_quotes(text.get(written..*from).unwrap_or_default()));
            let _ = write!(inside, "${{{name}}}");
            (place, written) = (end, to);
        }
        if written == 0 {
            return quoted(text);
        }
        inside.push_str(&inside_quotes(text.get(written..).unwrap_or_default()));
        format!("\"{inside}\"")
    }
}

/// Where an id can begin or end: beside everything that is no letter and no digit.
fn bounds(text: &str) -> Vec<usize> {
    let mut bounds = vec![0];
    let mut was_word = true;
    for (at, c) in text.char_indices() {
        let is_word = c.is_alphanumeric();
        if at > 0 && !(was_word && is_word) {
            bounds.push(at);
        }
        was_word = is_word;
    }
    bounds.push(text.len());
    bounds
}

/// As it is, where a script reads it as one word; else in quotes.
fn quoted(text: &str) -> String {
    let is_word = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._:+-/".contains(c));
    if is_word { text.to_owned() } else { in_quotes(text) }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", inside_quotes(text))
}

fn inside_quotes(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "$$")
}
