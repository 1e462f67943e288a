//! What was expected beside what came, field by field.

use crate::scenario::{message, names, pattern::Judgement, script::Expectation};

/// A message that is not as expected: each field that the script speaks of, then the others of the body.
pub(super) fn diff(expectation: &Expectation, judged: &[Judgement], message: &[u8]) -> String {
    let msg_type = message::msg_type(message);
    let expected_type = expectation.msg_type.as_bytes();
    let value = |tag, value: &[u8]| names::shown_value(tag, value, msg_type);
    let mut rows = vec![Row {
        field: String::new(),
        expected: names::shown_message(expected_type),
        received: names::shown_message(msg_type),
        is_wrong: expected_type != msg_type,
    }];
    rows.extend(judged.iter().map(|one| Row {
        field: one.field.to_string(),
        expected: one.expected.clone(),
        received: one.found.as_ref().map_or_else(|| "absent".to_owned(), |found| value(one.field.tag, found)),
        is_wrong: !one.is_met,
    }));
    let spoken_of = |tag| judged.iter().any(|one| one.field.tag == tag);
    let others = message::fields(message).filter(|(tag, _)| !message::is_frame(*tag) && !spoken_of(*tag));
    rows.extend(others.map(|(tag, found)| Row {
        field: tag.to_string(),
        expected: String::new(),
        received: value(tag, found),
        is_wrong: false,
    }));
    table(&rows)
}

struct Row {
    field: String,
    expected: String,
    received: String,
    is_wrong: bool,
}

fn table(rows: &[Row]) -> String {
    let width =
        |of: fn(&Row) -> &str| rows.iter().map(|row| of(row).chars().count()).max().unwrap_or_default();
    let (field, expected) = (width(|row| &row.field).max(5), width(|row| &row.expected).max(8));
    let mut text = format!("  {:field$}  {:expected$}  received", "field", "expected");
    for row in rows {
        let mark = if row.is_wrong { '!' } else { ' ' };
        let line = format!("{mark} {:field$}  {:expected$}  {}", row.field, row.expected, row.received);
        text.push('\n');
        text.push_str(line.trim_end());
    }
    text
}

/// The messages that came, by their names, for one that did not.
pub(super) fn listed<'a>(messages: impl ExactSizeIterator<Item = &'a [u8]>) -> String {
    const SHOWN: usize = 5;
    let count = messages.len();
    if count == 0 {
        return "nothing came".to_owned();
    }
    let names: Vec<_> = messages.take(SHOWN).map(names::shown_message).collect();
    let more = if count > SHOWN { format!(" and {} more", count - SHOWN) } else { String::new() };
    format!("{}{more} came", names.join(", "))
}
