//! Every `$name` of a scenario gets a value somewhere in it.

use std::collections::BTreeSet;

use crate::scenario::{
    problem::Problem,
    script::{Action, Answer, Expectation, Scenario, Statement},
    template::Template,
};

/// Names the first line that uses a name which no line gives a value.
pub(super) fn check(scenario: &Scenario) -> Result<(), Problem> {
    let in_rules = scenario.rules.iter().flat_map(|rule| &rule.actions);
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for statement in scenario.steps.iter().chain(in_rules.clone()) {
        match &statement.action {
            Action::Let(name, _) => _ = known.insert(name),
            Action::Send(outgoing) => {
                known.extend(outgoing.fields.iter().filter_map(|field| field.capture.as_deref()));
            }
            Action::Expect(expectation) | Action::Await(expectation) => {
                known.extend(expectation.conditions.iter().filter_map(|one| one.capture.as_deref()));
            }
            _ => {}
        }
    }
    for rule in &scenario.rules {
        known.extend(rule.when.iter().filter_map(|condition| condition.capture.as_deref()));
    }
    for rule in &scenario.rules {
        let templates = rule.when.iter().flat_map(|condition| condition.pattern.templates());
        all_known(rule.line, templates, &known)?;
    }
    scenario
        .steps
        .iter()
        .chain(in_rules)
        .try_for_each(|statement| all_known(statement.line, templates(statement).into_iter(), &known))
}

fn all_known<'a>(
    line: u32,
    templates: impl Iterator<Item = &'a Template>,
    known: &BTreeSet<&str>,
) -> Result<(), Problem> {
    let mut names = templates.flat_map(Template::variables);
    match names.find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let text = format!(
                "nothing gives ${name} a value; write \"let {name} = ...\" or \"as {name}\" behind a field (a $ itself is $$)"
            );
            Err(Problem::new(line, text))
        }
    }
}

fn templates(statement: &Statement) -> Vec<&Template> {
    match &statement.action {
        Action::Let(_, template) | Action::SendBytes(template) => vec![template],
        Action::Send(outgoing) => outgoing.fields.iter().filter_map(|field| field.value.as_ref()).collect(),
        Action::Expect(Expectation { conditions, .. }) | Action::Await(Expectation { conditions, .. }) => {
            conditions.iter().flat_map(|condition| condition.pattern.templates()).collect()
        }
        Action::Logout(text) | Action::Answer(Answer::Reject(text)) => text.iter().collect(),
        Action::Answer(Answer::Fill { qty, price }) => qty.iter().chain(price).collect(),
        _ => Vec::new(),
    }
}
