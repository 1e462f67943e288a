//! The lines that do something, and rules.

use fix_core::{
    dict::is_secret,
    msg::msg_type::MsgType,
    tag::{self, Tag},
};

use super::{
    alone,
    fields::{Conditions, outgoing},
};
use crate::{
    config::nearest,
    scenario::{
        cursor::Cursor,
        lines::Line,
        names,
        problem::Problem,
        script::{Action, Answer, Expectation, Outgoing, PartyDecl, Rule, Statement},
        template::{self, Template},
    },
};

/// The words that begin a line.
const VERBS: [&str; 20] = [
    "send",
    "expect",
    "await",
    "wait",
    "let",
    "step",
    "accept",
    "fill",
    "reject",
    "cancel",
    "replace",
    "expire",
    "connect",
    "disconnect",
    "logout",
    "skip",
    "forget",
    "on",
    "ignore",
    "timeout",
];

pub(super) fn is_verb(word: &str) -> bool {
    VERBS.contains(&word)
}

/// Says that no line begins so.
pub(super) fn no_verb(word: &str) -> String {
    match nearest(word, VERBS.into_iter().chain(["party", "scenario"])) {
        Some(near) => format!("no line begins with {word:?}; did you mean {near}?"),
        None => format!("no line begins with {word:?}; lines begin with {}", VERBS.join(", ")),
    }
}

/// A line that does something.
pub(super) fn statement(
    cursor: &mut Cursor<'_>,
    line: &Line<'_>,
    party: usize,
    parties: &[PartyDecl],
) -> Result<Statement, Problem> {
    let here = |text: String| Problem::new(line.number, text);
    let verb = cursor.peek();
    let action = match verb {
        "send" => {
            cursor.take("send");
            send(cursor, line, decl(parties, party, line)?)?
        }
        "expect" | "await" => {
            let is_await = cursor.take("await");
            if !is_await {
                cursor.take("expect");
            }
            expect(cursor, line, is_await)?
        }
        "forget" if decl(parties, party, line)?.is_raw => {
            return Err(here("a raw party remembers no messages that it could forget".to_owned()));
        }
        _ => {
            let action = one_line(cursor, verb).map_err(here)?;
            cursor.end().map_err(here)?;
            alone(line)?;
            action
        }
    };
    Ok(Statement { line: line.number, party, text: cursor.shown(), action })
}

fn decl<'p>(parties: &'p [PartyDecl], party: usize, line: &Line<'_>) -> Result<&'p PartyDecl, Problem> {
    parties.get(party).ok_or_else(|| Problem::new(line.number, "no party stands above"))
}

/// `on MESSAGE [when CONDITIONS] [within TIME] [once]`, and the actions below it.
pub(super) fn rule(
    cursor: &mut Cursor<'_>,
    line: &Line<'_>,
    party: usize,
    parties: &[PartyDecl],
) -> Result<Rule, Problem> {
    let here = |text: String| Problem::new(line.number, text);
    let msg_type = message(cursor).map_err(here)?;
    let mut conditions = Conditions::default();
    if cursor.take("when") && cursor.is_done() {
        return Err(here("a condition is missing behind \"when\"".to_owned()));
    }
    conditions.line(cursor, msg_type.as_bytes()).map_err(here)?;
    let mut actions = Vec::new();
    for below in &line.below {
        let mut cursor = Cursor::new(below.text);
        let word = cursor.peek();
        if !is_verb(word) {
            return Err(Problem::new(below.number, no_verb(word)));
        }
        if matches!(word, "expect" | "await" | "step" | "on" | "ignore" | "timeout" | "connect") {
            let text = format!(
                "a rule does not {word}: it reacts to one message; another \"on\" reacts to the next"
            );
            return Err(Problem::new(below.number, text));
        }
        actions.push(statement(&mut cursor, below, party, parties)?);
    }
    if actions.is_empty() && conditions.within.is_none() {
        return Err(here("the lines that say what to do are missing: indented, below this one".to_owned()));
    }
    let Conditions { conditions: when, within, is_once } = conditions;
    Ok(Rule { line: line.number, party, text: cursor.shown(), msg_type, when, within, is_once, actions })
}

fn message(cursor: &mut Cursor<'_>) -> Result<MsgType, String> {
    names::message(cursor.name("the name of a message")?)
}

fn send(cursor: &mut Cursor<'_>, line: &Line<'_>, party: &PartyDecl) -> Result<Action, Problem> {
    let here = |text: String| Problem::new(line.number, text);
    if cursor.take("bytes") {
        if !party.is_raw {
            let text =
                format!("only a raw party sends bytes; write \"raw\" behind the role of {}", party.name);
            return Err(here(text));
        }
        let behind = cursor.rest();
        let word = cursor.value().map_err(here)?;
        if holds_secret(&word.text) {
            cursor.hide(behind);
        }
        cursor.end().map_err(here)?;
        alone(line)?;
        return Template::of(&word.text).map(Action::SendBytes).map_err(here);
    }
    let msg_type = message(cursor).map_err(here)?;
    // A TestRequest(1) can be sent at any time; every other session message belongs to a state of the session.
    if !party.is_raw && names::is_admin(msg_type) && msg_type != MsgType::TEST_REQUEST {
        return Err(here(format!(
            "{} is a session message, which the engine sends for {}; a raw party sends it by hand",
            names::shown_message(msg_type.as_bytes()),
            party.name
        )));
    }
    Ok(Action::Send(Outgoing { msg_type, fields: outgoing(cursor, line, party, msg_type)? }))
}

/// Whether raw bytes, with | for SOH, have a field that is a secret.
fn holds_secret(text: &str) -> bool {
    let fields = || text.split(['|', '\x01']).filter_map(|field| field.split_once('='));
    let msg_type = fields().find(|(tag, _)| *tag == "35").map_or("", |(_, value)| value);
    let is_secret = |tag: &str| tag.parse().is_ok_and(|tag| is_secret(Tag(tag), msg_type.as_bytes()));
    fields().any(|(tag, _)| is_secret(tag))
}

fn expect(cursor: &mut Cursor<'_>, line: &Line<'_>, is_await: bool) -> Result<Action, Problem> {
    let here = |text: String| Problem::new(line.number, text);
    if !is_await && cursor.take("nothing") {
        if !cursor.take("for") {
            return Err(here("write for how long: expect nothing for 500ms".to_owned()));
        }
        let quiet = cursor.duration().map_err(here)?;
        cursor.end().map_err(here)?;
        alone(line)?;
        return Ok(Action::ExpectNothing(quiet));
    }
    if cursor.take("disconnect") {
        let within = cursor.take("within").then(|| cursor.duration()).transpose().map_err(here)?;
        cursor.end().map_err(here)?;
        alone(line)?;
        return Ok(Action::ExpectDisconnect(within));
    }
    let msg_type = message(cursor).map_err(here)?;
    let mut conditions = Conditions::default();
    conditions.line(cursor, msg_type.as_bytes()).map_err(here)?;
    conditions.below(line, msg_type.as_bytes())?;
    if conditions.is_once {
        return Err(here("\"once\" belongs to a rule".to_owned()));
    }
    let Conditions { conditions, within, .. } = conditions;
    let expectation = Expectation { msg_type, conditions, within };
    Ok(if is_await { Action::Await(expectation) } else { Action::Expect(expectation) })
}

/// Everything that fits a line.
fn one_line(cursor: &mut Cursor<'_>, verb: &str) -> Result<Action, String> {
    cursor.take(verb);
    let optional = |cursor: &mut Cursor<'_>| -> Result<Option<Template>, String> {
        if cursor.is_done() { Ok(None) } else { Template::of(&cursor.value()?.text).map(Some) }
    };
    let number = |cursor: &mut Cursor<'_>, tag: Tag| -> Result<Option<Template>, String> {
        if cursor.is_done() { Ok(None) } else { Template::of_bound(tag, &cursor.value()?).map(Some) }
    };
    Ok(match verb {
        "step" => Action::Step(cursor.value()?.text),
        "wait" => Action::Wait(cursor.span()?),
        "let" => {
            cursor.take_symbol("$");
            let name = template::variable(cursor.name("a name")?)?.to_owned();
            if !cursor.take_symbol("=") {
                return Err(format!("write: let {name} = VALUE"));
            }
            Action::Let(name, Template::of(&cursor.value()?.text)?)
        }
        "connect" => Action::Connect,
        "disconnect" => Action::Disconnect,
        "logout" => Action::Logout(optional(cursor)?),
        "skip" => Action::Skip(cursor.count()?),
        "forget" => Action::Forget(cursor.count()?),
        "accept" => Action::Answer(Answer::Accept),
        "cancel" => Action::Answer(Answer::Cancel),
        "replace" => Action::Answer(Answer::Replace),
        "expire" => Action::Answer(Answer::Expire),
        "reject" => Action::Answer(Answer::Reject(optional(cursor)?)),
        "fill" => {
            let qty = match cursor.peek() {
                "at" | "" if !cursor.rest().starts_with(['$', '"']) => None,
                "rest" => {
                    cursor.take("rest");
                    None
                }
                _ => number(cursor, tag::LAST_QTY)?,
            };
            let price = if cursor.take("at") { number(cursor, tag::LAST_PX)? } else { None };
            Action::Answer(Answer::Fill { qty, price })
        }
        _ => return Err(no_verb(verb)),
    })
}
