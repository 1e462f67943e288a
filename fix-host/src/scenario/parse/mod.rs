//! From the text of a file to a [`Script`].

mod fields;
mod known;
mod statement;

#[cfg(test)]
mod tests;

use std::{path::Path, time::Duration};

use fix_core::msg::msg_type::MsgType;

use super::{
    cursor::Cursor,
    lines::{LARGEST, Line, lines},
    names,
    problem::{Problem, ScriptError},
    script::{PartyDecl, Rule, Scenario, Script, Statement},
};
use crate::contract::read_text;

/// How long an expectation waits that does not say it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// More parties than any rehearsal has.
const MOST_PARTIES: usize = 16;

/// Reads a file.
///
/// # Errors
/// [`ScriptError`] for the first thing that is wrong with it.
pub fn load(path: &Path) -> Result<Script, ScriptError> {
    let name = path.display().to_string();
    let text = read_text(path, LARGEST as u64).map_err(|problem| ScriptError::whole(&name, problem))?;
    parse(&name, &text)
}

/// Reads a text; `file` is its name in messages.
///
/// # Errors
/// [`ScriptError`] for the first thing that is wrong with it.
pub fn parse(file: &str, text: &str) -> Result<Script, ScriptError> {
    if text.len() > LARGEST {
        return Err(ScriptError::whole(file, format!("is longer than {LARGEST} bytes")));
    }
    script(file, text).map_err(|problem| ScriptError::new(file, problem))
}

fn script(file: &str, text: &str) -> Result<Script, Problem> {
    let lines = lines(text)?;
    let mut parser = Parser::default();
    for line in &lines {
        parser.top(line, file)?;
    }
    parser.finish(file)
}

/// What was read so far.
#[derive(Default)]
struct Parser {
    parties: Vec<PartyDecl>,
    /// What stands before the first scenario: it belongs to each.
    common: Body,
    scenarios: Vec<(String, u32, Body)>,
}

/// The lines of one scenario.
#[derive(Default)]
struct Body {
    timeout: Option<Duration>,
    rules: Vec<Rule>,
    steps: Vec<Statement>,
    ignored: Vec<(usize, MsgType)>,
}

impl Parser {
    fn top(&mut self, line: &Line<'_>, file: &str) -> Result<(), Problem> {
        let here = |text: String| Problem::new(line.number, text);
        let mut cursor = Cursor::new(line.text);
        if cursor.take("party") {
            return self.party(&mut cursor, line);
        }
        if cursor.take("scenario") {
            let title = cursor.value().map_err(here)?.text;
            cursor
                .end()
                .map_err(|error| here(format!("{error}; a title of several words stands in quotes")))?;
            self.scenarios.push((title, line.number, Body::default()));
            return line.below.iter().try_for_each(|below| self.body_line(below, file));
        }
        self.body_line(line, file)
    }

    fn party(&mut self, cursor: &mut Cursor<'_>, line: &Line<'_>) -> Result<(), Problem> {
        let here = |text: String| Problem::new(line.number, text);
        let name = cursor.name("the name of the party").map_err(here)?.to_owned();
        if self.parties.iter().any(|party| party.name == name) {
            return Err(here(format!("a party called {name} stands above already")));
        }
        if self.parties.len() == MOST_PARTIES {
            return Err(here(format!("at most {MOST_PARTIES} parties can take part")));
        }
        let is_acceptor = match cursor.peek() {
            "initiator" => false,
            "acceptor" | "exchange" => true,
            _ => {
                let text = format!(
                    "write: party {name} initiator, party {name} acceptor, or, for the simulated exchange, party {name} exchange"
                );
                return Err(here(text));
            }
        };
        let is_exchange = cursor.peek() == "exchange";
        if is_exchange && self.parties.iter().any(|party| party.is_exchange) {
            return Err(here("one exchange stands above already: all initiators meet there".to_owned()));
        }
        cursor.name("the role").map_err(here)?;
        let is_raw = !is_exchange && cursor.take("raw");
        cursor.end().map_err(here)?;
        let mut keys = Vec::new();
        for below in &line.below {
            let wrong = || Problem::new(below.number, "a line of a party is KEY = VALUE, as in a .cfg file");
            let (key, value) = below.text.split_once('=').ok_or_else(wrong)?;
            let (key, value) = (key.trim(), value.trim());
            let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_key || !below.below.is_empty() {
                return Err(wrong());
            }
            keys.push((key.to_owned(), value.to_owned(), below.number));
        }
        self.parties.push(PartyDecl { name, is_acceptor, is_exchange, is_raw, line: line.number, keys });
        Ok(())
    }

    /// A line of a scenario, or of what all scenarios have in common.
    fn body_line(&mut self, line: &Line<'_>, file: &str) -> Result<(), Problem> {
        let here = |text: String| Problem::new(line.number, text);
        let mut cursor = Cursor::new(line.text);
        if cursor.take("timeout") {
            let timeout = cursor.duration().map_err(here)?;
            cursor.end().map_err(here)?;
            self.body().timeout = Some(timeout);
            return alone(line);
        }
        let party = self.prefix(&mut cursor).map_err(here)?;
        if cursor.take("ignore") {
            let party = self.required_party(party).map_err(here)?;
            let ignored = ignored(&mut cursor).map_err(here)?;
            self.body().ignored.extend(ignored.into_iter().map(|msg_type| (party, msg_type)));
            return alone(line);
        }
        if cursor.take("on") {
            let party = self.required_party(party).map_err(here)?;
            let rule = statement::rule(&mut cursor, line, party, &self.parties)?;
            self.body().rules.push(rule);
            return Ok(());
        }
        let party = self.party_of(party, &cursor).map_err(here)?;
        let statement = statement::statement(&mut cursor, line, party, &self.parties)?;
        let is_let = matches!(statement.action, super::script::Action::Let(..));
        if self.scenarios.is_empty() && !is_let {
            let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let title = stem.unwrap_or_else(|| file.to_owned());
            self.scenarios.push((title, line.number, Body::default()));
        }
        self.body().steps.push(statement);
        Ok(())
    }

    fn body(&mut self) -> &mut Body {
        match self.scenarios.last_mut() {
            Some((.., body)) => body,
            None => &mut self.common,
        }
    }

    /// `NAME:` of a party.
    fn prefix(&self, cursor: &mut Cursor<'_>) -> Result<Option<usize>, String> {
        let name = cursor.peek();
        let mut ahead = cursor.clone();
        if name.is_empty() || !(ahead.take(name) && ahead.take_symbol(":")) {
            return Ok(None);
        }
        let place = self.parties.iter().position(|party| party.name == name);
        let place = place.ok_or_else(|| format!("no party above is called {name}"))?;
        *cursor = ahead;
        Ok(Some(place))
    }

    fn required_party(&self, prefix: Option<usize>) -> Result<usize, String> {
        let mut with_lines = self.parties.iter().enumerate().filter(|(_, party)| !party.is_exchange);
        match (prefix, with_lines.next(), with_lines.next()) {
            (Some(place), ..) if self.parties[place].is_exchange => {
                Err(format!("{} plays by itself: it is the simulated exchange", self.parties[place].name))
            }
            (Some(place), ..) => Ok(place),
            (None, Some((place, _)), None) => Ok(place),
            (None, None, _) => Err("no party stands above; begin with: party TRADEDESK initiator".to_owned()),
            (None, Some((_, first)), Some(_)) => Err(format!("say whose line this is: {}: ...", first.name)),
        }
    }

    /// Some lines are nobody's.
    fn party_of(&self, prefix: Option<usize>, cursor: &Cursor<'_>) -> Result<usize, String> {
        match cursor.peek() {
            "wait" | "let" | "step" if prefix.is_none() => Ok(0),
            word if !statement::is_verb(word) => Err(statement::no_verb(word)),
            _ => self.required_party(prefix),
        }
    }

    fn finish(self, file: &str) -> Result<Script, Problem> {
        let Parser { parties, common, scenarios } = self;
        let mut finished = Vec::new();
        let is_only_rules = scenarios.is_empty() && !common.rules.is_empty();
        let scenarios = match is_only_rules {
            true => {
                let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
                vec![(stem.unwrap_or_else(|| file.to_owned()), 1, Body::default())]
            }
            false => scenarios,
        };
        for (title, line, body) in scenarios {
            let scenario = Scenario {
                title,
                line,
                timeout: body.timeout.or(common.timeout).unwrap_or(TIMEOUT),
                rules: body.rules.into_iter().chain(common.rules.iter().cloned()).collect(),
                steps: common.steps.iter().cloned().chain(body.steps).collect(),
                ignored: common.ignored.iter().copied().chain(body.ignored).collect(),
            };
            known::check(&scenario)?;
            finished.push(scenario);
        }
        if finished.is_empty() {
            let text = "holds no step; write, for example: send NewOrderSingle ClOrdID=$new Symbol=10Y";
            return Err(Problem::new(0, text));
        }
        Ok(Script { file: file.to_owned(), parties, scenarios: finished })
    }
}

fn ignored(cursor: &mut Cursor<'_>) -> Result<Vec<MsgType>, String> {
    let mut ignored = vec![names::message(cursor.name("the name of a message")?)?];
    while cursor.take_symbol(",") {
        ignored.push(names::message(cursor.name("the name of a message")?)?);
    }
    cursor.end()?;
    Ok(ignored)
}

/// Nothing may stand below a line that is complete.
fn alone(line: &Line<'_>) -> Result<(), Problem> {
    match line.below.first() {
        None => Ok(()),
        Some(below) => Err(Problem::new(below.number, "is indented, but the line above is complete")),
    }
}
