//! Rules: what parties do whenever a message comes, beside the lines.

use std::rc::Rc;

use fix_core::{msg::msg_type::MsgType, time::Mono};

use super::{
    party::Heard,
    stage::Stage,
    steps::{Begun, Progress, play},
};
use crate::scenario::{
    names,
    outcome::Failure,
    script::{Action, Rule, Scenario},
};

/// The rules of a scenario, and what they are doing.
pub(super) struct Rules<'s> {
    scenario: &'s Scenario,
    /// How often each has reacted.
    counts: Vec<u32>,
    running: Vec<Running<'s>>,
    begin: Mono,
}

/// A rule that reacts to a message.
struct Running<'s> {
    rule: &'s Rule,
    message: Rc<[u8]>,
    /// The line that is next.
    at: usize,
    begun: Begun,
    /// When that line has to be looked at again.
    until: Option<Mono>,
}

impl<'s> Rules<'s> {
    pub(super) fn new(scenario: &'s Scenario, begin: Mono) -> Self {
        Rules { scenario, counts: vec![0; scenario.rules.len()], running: Vec::new(), begin }
    }

    /// Takes the messages that came: those of a rule go to it, others into the inbox of their party.
    pub(super) fn sort(&mut self, stage: &mut Stage<'_>, failures: &mut Vec<Failure>) -> bool {
        let mut has_moved = false;
        for decl in 0..stage.places.len() {
            let Some(place) = stage.places[decl] else { continue };
            while let Some(heard) = stage.parties[place].hear() {
                has_moved = true;
                match self.rule_for(stage, decl, &heard) {
                    Ok(Some(index)) => self.react(stage, index, heard),
                    Ok(None) => {
                        let is_raw = stage.parties[place].is_raw();
                        if self.has_line_for(decl, &heard, is_raw) {
                            stage.parties[place].inbox.push_back(heard);
                        }
                    }
                    Err(failure) => failures.push(failure),
                }
            }
        }
        has_moved
    }

    /// Whether a line of the party could ever look at such a message: a broker made of rules runs for months, and Heartbeats
    /// come for as long. Lines of a party with an engine see session messages only where they speak of one.
    fn has_line_for(&self, decl: usize, heard: &Heard, is_raw: bool) -> bool {
        let is_seen = |is_admin: bool| is_raw || is_admin == heard.is_admin;
        let ignored =
            |(party, msg_type): &(usize, MsgType)| *party == decl && msg_type.as_bytes() == heard.msg_type;
        let mut lines = self.scenario.steps.iter().filter(|line| line.party == decl);
        let has_line = lines.any(|line| match &line.action {
            Action::Expect(expected) | Action::Await(expected) => is_seen(names::is_admin(expected.msg_type)),
            Action::ExpectNothing(_) => is_seen(false),
            _ => false,
        });
        has_line && !self.scenario.ignored.iter().any(ignored)
    }

    fn rule_for(
        &mut self,
        stage: &mut Stage<'_>,
        decl: usize,
        heard: &Heard,
    ) -> Result<Option<usize>, Failure> {
        for (index, rule) in self.scenario.rules.iter().enumerate() {
            let is_spent = rule.is_once && self.counts.get(index).is_some_and(|count| *count > 0);
            if rule.party != decl || rule.msg_type.as_bytes() != heard.msg_type || is_spent {
                continue;
            }
            let judged = stage.judge(&rule.when, rule.msg_type, &heard.bytes, Some(&heard.bytes));
            let judged = judged.map_err(|text| failure(rule, rule.line, &rule.text, text))?;
            if judged.iter().all(|one| one.is_met) {
                let named = rule.when.iter().zip(judged);
                let kept: Vec<_> = named
                    .filter_map(|(condition, one)| Some((condition.capture.clone()?, one.found?)))
                    .collect();
                stage.keep(kept);
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn react(&mut self, stage: &Stage<'_>, index: usize, heard: Heard) {
        if let Some(count) = self.counts.get_mut(index) {
            *count = count.saturating_add(1);
        }
        let Some(rule) = self.scenario.rules.get(index) else { return };
        let begun = Begun::now(stage);
        self.running.push(Running { rule, message: heard.bytes, at: 0, begun, until: None });
    }

    /// Goes on with what rules are doing. True if something was done.
    pub(super) fn go_on(&mut self, stage: &mut Stage<'_>, failures: &mut Vec<Failure>) -> bool {
        let mut has_moved = false;
        let scenario = self.scenario;
        self.running.retain_mut(|running| {
            while let Some(statement) = running.rule.actions.get(running.at) {
                match play(stage, scenario, statement, &mut running.begun, Some(&running.message)) {
                    Progress::Wait(until) => {
                        running.until = Some(until);
                        return true;
                    }
                    Progress::Done => {
                        running.at += 1;
                        running.begun = Begun::now(stage);
                        has_moved = true;
                    }
                    Progress::Failed(text) => {
                        failures.push(failure(running.rule, statement.line, &statement.text, text));
                        return false;
                    }
                }
            }
            false
        });
        has_moved
    }

    /// When rules have to be looked at again.
    pub(super) fn deadline(&self, stage: &Stage<'_>) -> Option<Mono> {
        let waits = self.running.iter().filter_map(|running| running.until);
        waits.chain(self.due(stage).into_iter().map(|(.., until)| until)).min()
    }

    /// Rules that must have reacted by a time, and have not, with their places.
    fn due(&self, stage: &Stage<'_>) -> Vec<(usize, &'s Rule, Mono)> {
        let patience = |within| self.begin.after(stage.time.patience(within));
        let rules = self.scenario.rules.iter().zip(&self.counts).enumerate();
        let waiting = rules.filter(|(_, (rule, count))| {
            **count == 0 && stage.places.get(rule.party).copied().flatten().is_some()
        });
        waiting.filter_map(|(index, (rule, _))| Some((index, rule, patience(rule.within?)))).collect()
    }

    /// Names the rules that are late, each once.
    pub(super) fn late(&mut self, stage: &Stage<'_>, failures: &mut Vec<Failure>) {
        let now = stage.now().mono;
        for (index, rule, _) in self.due(stage).into_iter().filter(|(.., until)| now >= *until) {
            if let Some(count) = self.counts.get_mut(index) {
                *count = 1;
            }
            let within = rule.within.unwrap_or_default();
            let wanted = names::shown_message(rule.msg_type.as_bytes());
            failures.push(failure(
                rule,
                rule.line,
                &rule.text,
                format!("no such {wanted} within {within:?}"),
            ));
        }
    }

    /// Names the rules that wait for a message at the end of the run; `what` says how it ended.
    pub(super) fn missed(&self, stage: &Stage<'_>, what: &str, failures: &mut Vec<Failure>) {
        for (_, rule, _) in self.due(stage) {
            let within = rule.within.unwrap_or_default();
            let wanted = names::shown_message(rule.msg_type.as_bytes());
            let text = format!("the run {what} before such {wanted} came; it was due within {within:?}");
            failures.push(failure(rule, rule.line, &rule.text, text));
        }
    }

    /// True while a rule does something, or one is waited for.
    pub(super) fn is_busy(&self, stage: &Stage<'_>) -> bool {
        !self.running.is_empty() || !self.due(stage).is_empty()
    }
}

fn failure(rule: &Rule, line: u32, statement: &str, text: String) -> Failure {
    let statement =
        if line == rule.line { statement.to_owned() } else { format!("{} / {statement}", rule.text) };
    Failure { line, statement, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::parse;

    #[test]
    fn only_what_a_line_could_look_at_is_kept() {
        let heard = |msg_type: &str, is_admin| Heard {
            bytes: b"".as_slice().into(),
            msg_type: msg_type.into(),
            is_admin,
        };
        let kept = |lines: &str| {
            let text = format!("party DESK initiator\nparty VENUE acceptor\n{lines}\n");
            let script = parse("t", &text).unwrap();
            let rules = Rules::new(&script.scenarios[0], Mono::default());
            let has = |msg_type: &str, is_admin| rules.has_line_for(0, &heard(msg_type, is_admin), false);
            [has("8", false), has("B", false), has("0", true)]
        };
        assert_eq!(kept("DESK: on report\n  logout"), [false; 3]);
        assert_eq!(kept("DESK: on report\n  logout\nDESK: wait 8h\nVENUE: expect D"), [false; 3]);
        assert_eq!(kept("DESK: ignore News\nDESK: expect report"), [true, false, false]);
        assert_eq!(kept("DESK: expect nothing for 1s"), [true, true, false]);
        assert_eq!(kept("DESK: await Heartbeat"), [false, false, true]);
    }
}
