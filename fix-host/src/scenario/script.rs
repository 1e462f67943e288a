//! What a scenario file says, once it is read: parties, and scenarios made of steps and rules.

use std::time::Duration;

use fix_core::{msg::msg_type::MsgType, tag::Tag};

use super::{pattern::Condition, template::Template};

/// A scenario file.
#[derive(Debug)]
pub struct Script {
    /// Its name in messages.
    pub file: String,
    /// Who takes part, in the order of the file.
    pub(super) parties: Vec<PartyDecl>,
    /// At least one.
    pub(super) scenarios: Vec<Scenario>,
}

impl Script {
    /// How many scenarios it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scenarios.len()
    }

    /// True of a file without a scenario, which no parser gives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scenarios.is_empty()
    }

    /// The names that its lines give a value with `let`.
    pub fn lets(&self) -> impl Iterator<Item = &str> {
        let lines = self.scenarios.iter().flat_map(|scenario| &scenario.steps);
        lines.filter_map(|line| match &line.action {
            Action::Let(name, _) => Some(name.as_str()),
            _ => None,
        })
    }
}

/// One side of a connection.
#[derive(Clone, Debug)]
pub(super) struct PartyDecl {
    pub(super) name: String,
    pub(super) is_acceptor: bool,
    /// The simulated exchange plays it, and no line: an acceptor.
    pub(super) is_exchange: bool,
    /// The script is the session itself; else the engine keeps it.
    pub(super) is_raw: bool,
    pub(super) line: u32,
    /// Keys of a configuration file, with their lines.
    pub(super) keys: Vec<(String, String, u32)>,
}

/// What is played from a Logon to a Logout.
#[derive(Debug)]
pub(super) struct Scenario {
    pub(super) title: String,
    pub(super) line: u32,
    /// How long an expectation without `within` waits.
    pub(super) timeout: Duration,
    pub(super) rules: Vec<Rule>,
    pub(super) steps: Vec<Statement>,
    /// Messages that no step of a party sees, as (party, type).
    pub(super) ignored: Vec<(usize, MsgType)>,
}

/// A line of a script.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) line: u32,
    /// The place of its party in [`Script::parties`].
    pub(super) party: usize,
    /// As it is shown: the line itself.
    pub(super) text: String,
    pub(super) action: Action,
}

/// What a line does.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// The title of the lines that follow.
    Step(String),
    /// Gives a name a value.
    Let(String, Template),
    Wait(Span),
    Send(Outgoing),
    /// Bytes as they are.
    SendBytes(Template),
    /// The next message is this one.
    Expect(Expectation),
    /// This message comes, whatever comes before it.
    Await(Expectation),
    /// No message comes for so long.
    ExpectNothing(Duration),
    /// The counterparty ends the connection.
    ExpectDisconnect(Option<Duration>),
    Connect,
    Disconnect,
    Logout(Option<Template>),
    /// Leaves out so many of our numbers, so that the counterparty sees a gap.
    Skip(u64),
    /// Forgets so many of the counterparty's messages, so that we see a gap.
    Forget(u64),
    /// Answers the order or request that was received last.
    Answer(Answer),
}

/// What a venue or broker does with an order.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// 150=0
    Accept,
    /// 150=F; `None`: all that is left, and the order's own price.
    Fill { qty: Option<Template>, price: Option<Template> },
    /// 150=8 of an order, OrderCancelReject(9) of a request, BusinessMessageReject(j) of anything else.
    Reject(Option<Template>),
    /// 150=4
    Cancel,
    /// 150=5
    Replace,
    /// 150=C
    Expire,
}

/// A time to wait, or a choice of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) least: Duration,
    pub(super) most: Duration,
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) msg_type: MsgType,
    pub(super) fields: Vec<OutgoingField>,
}

/// A field to be sent; without a value, one that a raw party leaves out of the header.
#[derive(Clone, Debug)]
pub(super) struct OutgoingField {
    pub(super) tag: Tag,
    pub(super) value: Option<Template>,
    /// The name that the value gets.
    pub(super) capture: Option<String>,
}

/// A message to come.
#[derive(Clone, Debug)]
pub(super) struct Expectation {
    pub(super) msg_type: MsgType,
    pub(super) conditions: Vec<Condition>,
    pub(super) within: Option<Duration>,
}

/// What a party does whenever a message comes.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) line: u32,
    pub(super) party: usize,
    pub(super) text: String,
    pub(super) msg_type: MsgType,
    pub(super) when: Vec<Condition>,
    /// It must come within so long.
    pub(super) within: Option<Duration>,
    /// Only the first time.
    pub(super) is_once: bool,
    pub(super) actions: Vec<Statement>,
}
