//! Outcomes as text for a terminal.

use std::{fmt::Write, time::Duration};

use super::{
    message, names,
    outcome::{Logged, Outcome, What},
};

/// One line for a scenario that passed; with `messages`, all of its messages; else what was not as expected.
#[must_use]
pub fn text(outcome: &Outcome, messages: bool) -> String {
    let mut text = String::new();
    let word = if outcome.is_passed() { "PASS" } else { "FAIL" };
    let Outcome { file, line, title, elapsed, .. } = outcome;
    // Writing to memory does not fail.
    let _ = writeln!(text, "{word}  {title}  ({file}:{line}, {})", seconds(*elapsed));
    if let Some(left_out) = outcome.left_out_text().filter(|_| messages || !outcome.is_passed()) {
        let _ = writeln!(text, "  {left_out}");
    }
    let has_steps = outcome.steps.len() > 1 || outcome.steps.iter().any(|step| step.title != *title);
    for step in &outcome.steps {
        if has_steps {
            let word = match (step.is_played, step.failures.is_empty()) {
                (false, _) => "not played",
                (true, true) => "pass",
                (true, false) => "FAIL",
            };
            let _ = writeln!(text, "  {word}  {}", step.title);
        }
        for failure in &step.failures {
            let _ = match failure.line {
                0 => writeln!(text, "    {file}: {}", indented(&failure.text)),
                line => writeln!(
                    text,
                    "    {file}:{line}: {}\n      {}",
                    failure.statement,
                    indented(&failure.text)
                ),
            };
        }
        if messages || !step.failures.is_empty() {
            for logged in outcome.messages.get(step.messages.clone()).unwrap_or_default() {
                let _ = writeln!(text, "      {}", entry(logged));
            }
        }
    }
    text
}

fn indented(text: &str) -> String {
    names::printable(text).replace('\n', "\n      ")
}

/// `0.012 s`
#[must_use]
pub(super) fn seconds(duration: Duration) -> String {
    format!("{}.{:03} s", duration.as_secs(), duration.subsec_millis())
}

/// A message on one line: when, whose, which way, what.
pub(super) fn entry(logged: &Logged) -> String {
    let (arrow, what) = match &logged.what {
        What::In(bytes) => ("<-", line(bytes)),
        What::Out(bytes) => ("->", line(bytes)),
        What::Note(note) => ("--", note.replace(char::is_control, "\u{fffd}")),
    };
    format!("{:>10}  {} {arrow} {what}", seconds(logged.at), logged.party)
}

/// `ExecutionReport(8) 34=2 OrdStatus(39)=NEW(0) ...`
pub(super) fn line(bytes: &[u8]) -> String {
    use fix_core::tag;
    let msg_type = message::msg_type(bytes);
    let mut line = names::shown_message(msg_type);
    for (tag, value) in message::fields(bytes) {
        const HIDDEN: [fix_core::tag::Tag; 7] = [
            tag::BEGIN_STRING,
            tag::BODY_LENGTH,
            tag::MSG_TYPE,
            tag::SENDER_COMP_ID,
            tag::TARGET_COMP_ID,
            tag::SENDING_TIME,
            tag::CHECK_SUM,
        ];
        if !HIDDEN.contains(&tag) {
            let name = names::field_name(tag);
            let _ = write!(line, " {name}={}", names::shown_value(tag, value, msg_type));
        }
    }
    line
}
