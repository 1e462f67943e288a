//! Fields of a message to be sent, and conditions on those of one that comes.

use std::time::Duration;

use fix_core::{dict::is_secret, msg::msg_type::MsgType, tag::Tag};
use regex_lite::Regex;

use crate::scenario::{
    cursor::{Cursor, Word},
    lines::Line,
    names,
    pattern::{Comparison, Condition, FieldRef, Pattern},
    problem::Problem,
    script::{OutgoingField, PartyDecl},
    template::{self, Template},
};

/// Conditions, and `within TIME` among them.
#[derive(Default)]
pub(super) struct Conditions {
    pub(super) conditions: Vec<Condition>,
    pub(super) within: Option<Duration>,
    pub(super) is_once: bool,
}

impl Conditions {
    /// Those up to the end of a line, on a message of this type.
    pub(super) fn line(&mut self, cursor: &mut Cursor<'_>, msg_type: &[u8]) -> Result<(), String> {
        while !cursor.is_done() {
            if cursor.take("within") {
                self.within = Some(cursor.duration()?);
            } else if cursor.take("once") {
                self.is_once = true;
            } else {
                self.conditions.push(condition(cursor, msg_type)?);
                cursor.take_symbol(",");
            }
        }
        Ok(())
    }

    /// Those of the lines below one.
    pub(super) fn below(&mut self, line: &Line<'_>, msg_type: &[u8]) -> Result<(), Problem> {
        for below in &line.below {
            super::alone(below)?;
            let read = self.line(&mut Cursor::new(below.text), msg_type);
            read.map_err(|text| Problem::new(below.number, text))?;
        }
        Ok(())
    }
}

fn condition(cursor: &mut Cursor<'_>, msg_type: &[u8]) -> Result<Condition, String> {
    let field = field(cursor)?;
    let behind = cursor.rest();
    let pattern = pattern(cursor, field, msg_type)?;
    if is_secret(field.tag, msg_type) {
        cursor.hide(behind);
    }
    let capture = capture(cursor)?;
    if capture.is_some() && matches!(pattern, Pattern::Absent) {
        return Err(format!("{field}: what is absent has no value to keep"));
    }
    Ok(Condition { field, pattern, capture })
}

/// What stands behind the name of a field.
fn pattern(cursor: &mut Cursor<'_>, field: FieldRef, msg_type: &[u8]) -> Result<Pattern, String> {
    let tag = field.tag;
    Ok(if cursor.take("any") {
        Pattern::Any
    } else if cursor.take("absent") {
        Pattern::Absent
    } else if cursor.take("like") {
        Pattern::Like(Template::of(&cursor.value()?.text)?)
    } else if cursor.take("matches") {
        let regex = cursor.pattern()?;
        let shown = if is_secret(tag, msg_type) { "***" } else { regex };
        Pattern::Matches(Regex::new(regex).map_err(|error| format!("/{shown}/: {error}"))?)
    } else if cursor.take("in") {
        choice(cursor, tag)?
    } else {
        compared(cursor, field)?
    })
}

/// `in A, B, C` or `in LEAST..MOST`.
fn choice(cursor: &mut Cursor<'_>, tag: Tag) -> Result<Pattern, String> {
    let first = cursor.value()?;
    if !first.is_quoted
        && let Some((least, most)) = first.text.split_once("..")
    {
        let bound = |text: &str| Template::of_bound(tag, &Word { text: text.to_owned(), is_quoted: false });
        return Ok(Pattern::Between(bound(least)?, bound(most)?));
    }
    let mut all = vec![Template::of_field(tag, &first)?];
    while cursor.take_symbol(",") {
        all.push(Template::of_field(tag, &cursor.value()?)?);
    }
    Ok(Pattern::OneOf(all))
}

fn compared(cursor: &mut Cursor<'_>, field: FieldRef) -> Result<Pattern, String> {
    const COMPARISONS: [(&str, Comparison); 4] = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    for (symbol, comparison) in COMPARISONS {
        if cursor.take_symbol(symbol) {
            return Ok(Pattern::Compares(comparison, Template::of_bound(field.tag, &cursor.value()?)?));
        }
    }
    let is_not = cursor.take_symbol("!=");
    if !is_not && !cursor.take_symbol("=") {
        return Err(format!(
            "{field}: say what it must be: = VALUE, != VALUE, < > <= >=, in A, B or in 1..2, like ORD-*, matches /REGEX/, \
             any, absent"
        ));
    }
    let value = Template::of_field(field.tag, &cursor.value()?)?;
    Ok(if is_not { Pattern::IsNot(value) } else { Pattern::Is(value) })
}

/// `as NAME`
fn capture(cursor: &mut Cursor<'_>) -> Result<Option<String>, String> {
    if !cursor.take("as") {
        return Ok(None);
    }
    cursor.take_symbol("$");
    let name = template::variable(cursor.name("a name behind \"as\"")?)?;
    Ok(Some(name.to_owned()))
}

/// A field, by name or tag, and which of several with `[2]`.
fn field(cursor: &mut Cursor<'_>) -> Result<FieldRef, String> {
    let tag = names::field(cursor.name("the name of a field")?)?;
    let mut occurrence = 1;
    if cursor.take_symbol("[") {
        let number = cursor.name("a number in [ ]")?;
        occurrence = number.parse().ok().filter(|number| (1..=10_000).contains(number)).ok_or_else(|| {
            format!("{tag}[{number}]: a whole number from 1 on stands in [ ]; [1] is the first of that name")
        })?;
        if !cursor.take_symbol("]") {
            return Err(format!("{tag}[{number}: the ] is missing"));
        }
    }
    Ok(FieldRef { tag, occurrence })
}

/// Fields to be sent, on the line and on those below it.
pub(super) fn outgoing(
    cursor: &mut Cursor<'_>,
    line: &Line<'_>,
    party: &PartyDecl,
    msg_type: MsgType,
) -> Result<Vec<OutgoingField>, Problem> {
    let mut fields = Vec::new();
    let here = |number| move |text: String| Problem::new(number, text);
    outgoing_line(cursor, party, msg_type, &mut fields).map_err(here(line.number))?;
    for below in &line.below {
        super::alone(below)?;
        outgoing_line(&mut Cursor::new(below.text), party, msg_type, &mut fields)
            .map_err(here(below.number))?;
    }
    Ok(fields)
}

fn outgoing_line(
    cursor: &mut Cursor<'_>,
    party: &PartyDecl,
    msg_type: MsgType,
    fields: &mut Vec<OutgoingField>,
) -> Result<(), String> {
    while !cursor.is_done() {
        let tag = names::field(cursor.name("the name of a field")?)?;
        if cursor.take_symbol("[") {
            return Err(format!(
                "{tag}: fields are sent in the order in which they stand; leave the [ ] out"
            ));
        }
        if !party.is_raw && names::is_the_sessions(tag) {
            return Err(format!(
                "{tag}: the engine writes it for {}; whoever wants to write it declares: party {} {} raw",
                party.name,
                party.name,
                if party.is_acceptor { "acceptor" } else { "initiator" }
            ));
        }
        let value = if party.is_raw && cursor.take("absent") {
            None
        } else if cursor.take_symbol("=") {
            let behind = cursor.rest();
            let value = cursor.value()?;
            if is_secret(tag, msg_type.as_bytes()) {
                cursor.hide(behind);
            }
            Some(Template::of_field(tag, &value)?)
        } else {
            let name = names::field_name(tag);
            return Err(format!("{name}: write {name} = VALUE"));
        };
        let capture = capture(cursor)?;
        fields.push(OutgoingField { tag, value, capture });
        cursor.take_symbol(",");
    }
    Ok(())
}
