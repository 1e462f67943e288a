//! The lines of a scenario, one after the other.

use std::{rc::Rc, time::Duration};

use fix_core::time::Mono;

use super::{
    diff::{diff, listed},
    orders::Said,
    stage::Stage,
};
use crate::scenario::{
    names,
    pattern::Judgement,
    script::{Action, Answer, Expectation, Outgoing, Scenario, Statement},
};

/// How far a line is.
pub(super) enum Progress {
    Done,
    /// Look again when something came, and then at the latest.
    Wait(Mono),
    Failed(String),
}

/// A line that is being played.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    /// When it began.
    pub(super) at: Mono,
    /// A wait's end, once it is drawn.
    pub(super) until: Option<Mono>,
    /// Entries of the journal that were there already.
    pub(super) seen: usize,
}

impl Begun {
    pub(super) fn now(stage: &Stage<'_>) -> Self {
        Begun { at: stage.now().mono, until: None, seen: stage.journal.len() }
    }
}

/// Plays a line; `received` is the message that a rule reacts to.
pub(super) fn play(
    stage: &mut Stage<'_>,
    scenario: &Scenario,
    statement: &Statement,
    begun: &mut Begun,
    received: Option<&[u8]>,
) -> Progress {
    match act(stage, scenario, statement, begun, received) {
        Ok(progress) => progress,
        Err(text) => Progress::Failed(text),
    }
}

fn act(
    stage: &mut Stage<'_>,
    scenario: &Scenario,
    statement: &Statement,
    begun: &mut Begun,
    received: Option<&[u8]>,
) -> Result<Progress, String> {
    let now = stage.now();
    match &statement.action {
        Action::Step(_) => return Ok(Progress::Done),
        Action::Let(name, template) => {
            let value = match stage.set.get(name) {
                Some(value) => value.clone().into_bytes(),
                None => stage.fill(template, received)?,
            };
            stage.keep([(name.clone(), value)]);
            return Ok(Progress::Done);
        }
        Action::Wait(span) => {
            let until = match begun.until {
                Some(until) => until,
                None => begun.at.after(stage.choose(*span)),
            };
            begun.until = Some(until);
            return Ok(if now.mono >= until { Progress::Done } else { Progress::Wait(until) });
        }
        _ => {}
    }
    // A line of a party that does not play is the counterparty's business.
    let Some(place) = stage.places.get(statement.party).copied().flatten() else { return Ok(Progress::Done) };
    match &statement.action {
        Action::Expect(expectation) => expect(stage, scenario, place, expectation, begun, true),
        Action::Await(expectation) => expect(stage, scenario, place, expectation, begun, false),
        Action::ExpectNothing(quiet) => Ok(nothing(stage, place, *quiet, begun)),
        Action::ExpectDisconnect(within) => {
            Ok(disconnect(stage, place, within.unwrap_or(scenario.timeout), begun))
        }
        Action::Connect => Ok(connect(stage, place, scenario.timeout, begun)),
        Action::Disconnect => {
            stage.parties[place].disconnected("the script ended the connection".to_owned(), now);
            Ok(Progress::Done)
        }
        action => match not_ready(stage, place, scenario.timeout, begun) {
            Some(progress) => Ok(progress),
            None => speak(stage, place, action, received).map(|()| Progress::Done),
        },
    }
}

/// A new connection; what came over the one before is forgotten.
fn connect(stage: &mut Stage<'_>, place: usize, timeout: Duration, begun: &mut Begun) -> Progress {
    let until = begun.at.after(stage.time.patience(timeout));
    if begun.until.is_none() {
        begun.until = Some(until);
        stage.connect(place);
    }
    let party = &stage.parties[place];
    match party.link.is_some() || party.ended.is_some() {
        true => Progress::Done,
        false if stage.now().mono >= until => Progress::Failed(format!("not connected after {timeout:?}")),
        false => Progress::Wait(until),
    }
}

/// Until messages can be sent; `None`: they can.
fn not_ready(stage: &Stage<'_>, place: usize, timeout: Duration, begun: &Begun) -> Option<Progress> {
    let party = &stage.parties[place];
    if party.is_ready() {
        return None;
    }
    if let Some(why) = &party.ended {
        return Some(Progress::Failed(format!("nothing can be sent: {why}")));
    }
    let until = begun.at.after(stage.time.patience(timeout));
    if stage.now().mono < until {
        return Some(Progress::Wait(until));
    }
    let note = stage
        .journal
        .last_note(&party.name, begun.seen)
        .map(|note| format!("; last was: {note}"))
        .unwrap_or_default();
    Some(Progress::Failed(format!(
        "nothing can be sent: {} is not logged on after {timeout:?}{note}",
        party.name
    )))
}

/// The lines that send something.
fn speak(
    stage: &mut Stage<'_>,
    place: usize,
    action: &Action,
    received: Option<&[u8]>,
) -> Result<(), String> {
    let last = stage.parties[place].received.clone();
    let received = received.or(last.as_deref());
    let now = stage.now();
    match action {
        Action::Send(outgoing) => send(stage, place, outgoing, received),
        Action::SendBytes(template) => {
            let mut bytes = stage.fill(template, received)?;
            bytes.iter_mut().filter(|byte| **byte == b'|').for_each(|byte| *byte = fix_core::wire::SOH);
            stage.parties[place].send_bytes(&bytes)
        }
        Action::Logout(text) => {
            let text = text.as_ref().map(|text| stage.fill(text, received)).transpose()?;
            stage.parties[place].logout(text.as_deref(), now)
        }
        Action::Skip(count) => stage.parties[place].skip(*count),
        Action::Forget(count) => stage.parties[place].forget(*count),
        Action::Answer(answer) => reply(stage, place, answer, received),
        _ => Ok(()),
    }
}

fn send(
    stage: &mut Stage<'_>,
    place: usize,
    outgoing: &Outgoing,
    received: Option<&[u8]>,
) -> Result<(), String> {
    let mut fields = Vec::new();
    let mut captured = Vec::new();
    for field in &outgoing.fields {
        let value = field.value.as_ref().map(|value| stage.fill(value, received)).transpose()?;
        captured.extend(field.capture.clone().zip(value.clone()));
        fields.push((field.tag, value));
    }
    stage.keep(captured);
    stage.send(place, outgoing.msg_type, &fields)
}

fn reply(
    stage: &mut Stage<'_>,
    place: usize,
    answer: &Answer,
    received: Option<&[u8]>,
) -> Result<(), String> {
    let received = received.ok_or_else(|| "no message was matched yet that could be answered".to_owned())?;
    let mut fill =
        |template: &Option<_>| template.as_ref().map(|one| stage.fill(one, Some(received))).transpose();
    let said = match answer {
        Answer::Accept => Said::Accept,
        Answer::Fill { qty, price } => Said::Fill { qty: fill(qty)?, price: fill(price)? },
        Answer::Reject(text) => Said::Reject(fill(text)?),
        Answer::Cancel => Said::Cancel,
        Answer::Replace => Said::Replace,
        Answer::Expire => Said::Expire,
    };
    let now = stage.timestamp();
    let Stage { parties, ids, .. } = stage;
    let (msg_type, fields) = parties[place].orders.answer(&said, received, &mut || ids.next(), now)?;
    stage.send(place, msg_type, &fields)
}

/// Which messages of an inbox a line looks at.
fn candidates(stage: &Stage<'_>, place: usize, is_admin: bool) -> Vec<usize> {
    let party = &stage.parties[place];
    let inbox = party.inbox.iter().enumerate();
    let seen = inbox.filter(|(_, heard)| party.is_raw() || heard.is_admin == is_admin);
    seen.map(|(index, _)| index).collect()
}

fn expect(
    stage: &mut Stage<'_>,
    scenario: &Scenario,
    place: usize,
    expectation: &Expectation,
    begun: &Begun,
    is_next: bool,
) -> Result<Progress, String> {
    let is_admin = names::is_admin(expectation.msg_type);
    // Session messages come as the engine needs them: one that is spoken of may stand behind others.
    let is_next = is_next && (stage.parties[place].is_raw() || !is_admin);
    let seen = candidates(stage, place, is_admin);
    let mut nearest = None;
    for index in &seen {
        let heard = &stage.parties[place].inbox[*index];
        let is_type = heard.msg_type == expectation.msg_type.as_bytes();
        if !is_type && !is_next {
            continue;
        }
        let message = Rc::clone(&heard.bytes);
        let judged = judge(stage, place, expectation, &message)?;
        if is_type && judged.iter().all(|one| one.is_met) {
            take(stage, place, &seen, *index, expectation, judged);
            return Ok(Progress::Done);
        }
        if is_next {
            return Ok(Progress::Failed(format!(
                "the next message is not as expected\n{}",
                diff(expectation, &judged, &message)
            )));
        }
        if is_type {
            nearest = Some(diff(expectation, &judged, &message));
        }
    }
    let timeout = expectation.within.unwrap_or(scenario.timeout);
    let until = begun.at.after(stage.time.patience(timeout));
    let party = &stage.parties[place];
    let is_late = stage.now().mono >= until;
    if !is_late && party.ended.is_none() {
        return Ok(Progress::Wait(until));
    }
    let came = listed(seen.iter().map(|index| party.inbox[*index].msg_type.as_slice()));
    let why = match &party.ended {
        Some(why) if !is_late => format!("and no more can come: {why}"),
        _ => format!("within {timeout:?}"),
    };
    let wanted = names::shown_message(expectation.msg_type.as_bytes());
    let note = stage.journal.last_note(&party.name, begun.seen).filter(|_| party.ended.is_none());
    let note = note.map(|note| format!("\nthe last event of the session: {note}")).unwrap_or_default();
    let nearest = nearest.map(|diff| format!("\nthe last one that came:\n{diff}")).unwrap_or_default();
    Ok(Progress::Failed(format!("no such {wanted} {why}; {came}{nearest}{note}")))
}

fn judge(
    stage: &mut Stage<'_>,
    place: usize,
    expectation: &Expectation,
    message: &[u8],
) -> Result<Vec<Judgement>, String> {
    let received = stage.parties[place].received.clone();
    stage.judge(&expectation.conditions, expectation.msg_type, message, received.as_deref())
}

/// Takes a message out of the inbox, with those of `seen` before it, and keeps what has a name.
fn take(
    stage: &mut Stage<'_>,
    place: usize,
    seen: &[usize],
    index: usize,
    expectation: &Expectation,
    judged: Vec<Judgement>,
) {
    let named = expectation.conditions.iter().zip(judged);
    let captured: Vec<_> =
        named.filter_map(|(condition, one)| Some((condition.capture.clone()?, one.found?))).collect();
    stage.keep(captured);
    let party = &mut stage.parties[place];
    party.received = party.inbox.get(index).map(|heard| Rc::clone(&heard.bytes));
    for gone in seen.iter().rev().filter(|gone| **gone <= index) {
        party.inbox.remove(*gone);
    }
}

fn nothing(stage: &Stage<'_>, place: usize, quiet: Duration, begun: &Begun) -> Progress {
    let party = &stage.parties[place];
    let seen = candidates(stage, place, false);
    if !seen.is_empty() {
        return Progress::Failed(listed(seen.iter().map(|index| party.inbox[*index].msg_type.as_slice())));
    }
    let until = begun.at.after(stage.time.patience(quiet));
    if stage.now().mono >= until { Progress::Done } else { Progress::Wait(until) }
}

fn disconnect(stage: &Stage<'_>, place: usize, timeout: Duration, begun: &Begun) -> Progress {
    if stage.parties[place].ended.is_some() {
        return Progress::Done;
    }
    let until = begun.at.after(stage.time.patience(timeout));
    match stage.now().mono >= until {
        true => Progress::Failed(format!("still connected after {timeout:?}")),
        false => Progress::Wait(until),
    }
}
