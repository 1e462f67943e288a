//! From a log of messages to a scenario that plays them again.

mod values;

use std::{collections::BTreeSet, fmt::Write};

use fix_core::{
    msg::msg_type::MsgType,
    tag::{self, Tag},
    wire::field::DataPair,
};

use self::values::Values;
use super::{message, names};
use fix_decoder::reading::{Reader, Version};

/// A scenario made of a log.
#[derive(Debug)]
pub struct Recorded {
    /// The text of the scenario.
    pub text: String,
    /// Messages that it plays.
    pub messages: usize,
    /// What of the log it does not have, and why; one line each.
    pub left_out: Vec<String>,
}

/// A log that no scenario can be made of, and why: one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecordError(String);

/// Makes a scenario of a log in any form that `fix-host decode` reads: our own, one of QuickFIX, or messages in other text.
/// Both directions of one session; `session` is `SENDER->TARGET`, needed where the log has several.
///
/// # Errors
/// [`RecordError`]: nothing in it can be played.
pub fn record(log: &[u8], session: Option<&str>) -> Result<Recorded, RecordError> {
    let mut found = Vec::new();
    let no_more: fn(Version) -> &'static [DataPair] = |_| &[];
    Reader::new(no_more).read(log, true, &mut found);
    let all = found.iter().filter(|message| message.problem().is_none()).map(|message| message.bytes(log));
    let garbled = found.iter().filter(|message| message.problem().is_some()).count();
    let (fix_44, others): (Vec<_>, Vec<_>) =
        all.partition(|bytes| message::field(bytes, tag::BEGIN_STRING, 1) == Some(b"FIX.4.4"));
    let mut left_out = Vec::new();
    leave_out(&mut left_out, garbled, "are garbled");
    leave_out(&mut left_out, others.len(), "are not FIX.4.4");
    if fix_44.is_empty() {
        let why: Vec<_> = ["no message of FIX.4.4 is in it".to_owned()].into_iter().chain(left_out).collect();
        return Err(RecordError(why.join("; ")));
    }
    let sides = Sides::of(&fix_44, session)?;
    sides.check()?;
    let (ours, others): (Vec<_>, Vec<_>) =
        fix_44.into_iter().partition(|bytes| sides.sent_by_initiator(bytes).is_some());
    leave_out(&mut left_out, others.len(), "are of other sessions");
    let (once, again) = once(&ours);
    leave_out(&mut left_out, again, "are there twice, or were sent again (PossDupFlag)");
    let (admin, app): (Vec<_>, Vec<_>) = once.into_iter().partition(|bytes| is_admin(bytes));
    let (app, unknown): (Vec<_>, Vec<_>) = app.into_iter().partition(|bytes| can_be_said(bytes));
    leave_out(&mut left_out, unknown.len(), "have a MsgType(35) that a script has no word for");
    if app.is_empty() {
        let text = "no application message of this session is in it: a scenario plays those, the engine does the others";
        return Err(RecordError(text.to_owned()));
    }
    let text = sides.script(&app, heart_bt_int(&admin));
    Ok(Recorded { text, messages: app.len(), left_out })
}

fn leave_out(left_out: &mut Vec<String>, count: usize, what: &str) {
    if count > 0 {
        left_out.push(format!("{count} messages {what}"));
    }
}

fn value(bytes: &[u8], tag: Tag) -> String {
    String::from_utf8_lossy(message::field(bytes, tag, 1).unwrap_or_default()).into_owned()
}

/// Whether a script can name the type of a message.
fn can_be_said(bytes: &[u8]) -> bool {
    let msg_type = msg_type(bytes);
    // `35=logout` reads as the name of another type.
    let means = names::message(&msg_type).ok();
    msg_type.chars().all(|c| c.is_ascii_alphanumeric())
        && means.is_some_and(|means| Some(means) == MsgType::from_bytes(msg_type.as_bytes()))
}

fn msg_type(bytes: &[u8]) -> String {
    String::from_utf8_lossy(message::msg_type(bytes)).into_owned()
}

fn is_admin(bytes: &[u8]) -> bool {
    MsgType::from_bytes(message::msg_type(bytes)).is_some_and(names::is_admin)
}

fn heart_bt_int(admin: &[&[u8]]) -> Option<String> {
    let logon = admin.iter().find(|bytes| message::msg_type(bytes) == b"A")?;
    Some(value(logon, tag::HEART_BT_INT)).filter(|text| text.parse::<u32>().is_ok_and(|seconds| seconds > 0))
}

/// Each message once: logs of both sides have it twice, and what was sent again is not sent again by a script. Numbers
/// that begin again are other messages.
fn once<'m>(messages: &[&'m [u8]]) -> (Vec<&'m [u8]>, usize) {
    let mut seen = BTreeSet::new();
    let mut once = Vec::new();
    for bytes in messages {
        let is_reset = message::msg_type(bytes) == b"A" && value(bytes, tag::MSG_SEQ_NUM) == "1";
        let key = (
            value(bytes, tag::SENDER_COMP_ID),
            value(bytes, tag::MSG_SEQ_NUM),
            value(bytes, tag::SENDING_TIME),
        );
        let is_repeat = message::field(bytes, tag::POSS_DUP_FLAG, 1) == Some(b"Y");
        if !is_repeat && (seen.insert(key) || is_reset) {
            once.push(*bytes);
        }
    }
    let again = messages.len() - once.len();
    (once, again)
}

/// Who talks to whom.
struct Sides {
    initiator: String,
    acceptor: String,
}

impl Sides {
    fn of(messages: &[&[u8]], session: Option<&str>) -> Result<Self, RecordError> {
        let pair = |bytes: &[u8]| (value(bytes, tag::SENDER_COMP_ID), value(bytes, tag::TARGET_COMP_ID));
        if let Some(session) = session {
            let session = session.strip_prefix("FIX.4.4:").unwrap_or(session);
            let wrong = || RecordError(format!("{session}: write the session as SENDER->TARGET"));
            let (sender, target) = session.split_once("->").ok_or_else(wrong)?;
            let wanted = (sender.to_owned(), target.to_owned());
            let first = messages.iter().map(|bytes| pair(bytes)).find(|(from, to)| {
                (from, to) == (&wanted.0, &wanted.1) || (to, from) == (&wanted.0, &wanted.1)
            });
            let absent = || RecordError(format!("no message of {session} is in it"));
            let (initiator, acceptor) = first.ok_or_else(absent)?;
            return Ok(Sides { initiator, acceptor });
        }
        let logons = messages.iter().filter(|bytes| message::msg_type(bytes) == b"A");
        let first = logons.chain(messages).next();
        let absent = || RecordError("no message of FIX.4.4 is in it".to_owned());
        let (initiator, acceptor) = pair(first.ok_or_else(absent)?);
        let sessions: BTreeSet<_> = messages
            .iter()
            .map(|bytes| {
                let (from, to) = pair(bytes);
                if from < to { format!("{from}->{to}") } else { format!("{to}->{from}") }
            })
            .collect();
        if sessions.len() > 1 {
            let names: Vec<_> = sessions.into_iter().collect();
            return Err(RecordError(format!(
                "several sessions are in it; choose one with --session: {}",
                names.join(", ")
            )));
        }
        Ok(Sides { initiator, acceptor })
    }

    /// A CompID stands on a line of its own.
    fn check(&self) -> Result<(), RecordError> {
        let is_odd = |id: &&String| id.contains(|c: char| c.is_control() || c == '#') || id.trim() != *id;
        match [&self.initiator, &self.acceptor].into_iter().find(is_odd) {
            None => Ok(()),
            Some(odd) => Err(RecordError(format!("the CompID {odd:?} cannot stand on a line of a script"))),
        }
    }

    /// True of what the initiator sent, false of what the acceptor sent; `None`: it is of another session.
    fn sent_by_initiator(&self, bytes: &[u8]) -> Option<bool> {
        match (value(bytes, tag::SENDER_COMP_ID), value(bytes, tag::TARGET_COMP_ID)) {
            (from, to) if from == self.initiator && to == self.acceptor => Some(true),
            (from, to) if from == self.acceptor && to == self.initiator => Some(false),
            _ => None,
        }
    }

    fn script(&self, messages: &[&[u8]], heart_bt_int: Option<String>) -> String {
        let names = [party_name(&self.initiator, "INITIATOR"), party_name(&self.acceptor, "ACCEPTOR")];
        let names =
            if names[0] == names[1] { ["INITIATOR".to_owned(), "ACCEPTOR".to_owned()] } else { names };
        let mut text = format!(
            "# Recorded from a log. Ids and times of the log are patterns here; what else may differ is for you to say: any,\n\
             # in 1..2, like X*. Each side can be played alone: --connect HOST:PORT, --listen PORT.\n\n\
             party {} initiator\n  SenderCompID = {}\n  TargetCompID = {}\n",
            names[0], self.initiator, self.acceptor
        );
        // Writing to memory does not fail.
        if let Some(seconds) = heart_bt_int {
            let _ = writeln!(text, "  HeartBtInt = {seconds}");
        }
        let _ = writeln!(text, "party {} acceptor\n  SenderCompID = {}", names[1], self.acceptor);
        let _ = writeln!(text, "  TargetCompID = {}\n\nscenario recorded", self.initiator);
        let mut values = Values::default();
        for bytes in messages {
            let is_initiators = self.sent_by_initiator(bytes).unwrap_or_default();
            let (sender, receiver) =
                if is_initiators { (&names[0], &names[1]) } else { (&names[1], &names[0]) };
            let known = names::DICTIONARY.message(message::msg_type(bytes));
            let name = known.map_or_else(|| msg_type(bytes), |message| message.name.to_owned());
            let (sent, expected) = values.lines(bytes);
            let _ = write!(text, "\n{sender}: send {name}\n{sent}{receiver}: expect {name}\n{expected}");
        }
        text
    }
}

/// A CompID as a name of a party.
fn party_name(comp_id: &str, otherwise: &str) -> String {
    let name: String = comp_id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.is_empty() { otherwise.to_owned() } else { name }
}

#[cfg(test)]
mod tests;
