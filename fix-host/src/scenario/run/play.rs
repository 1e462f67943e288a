//! Plays all scenarios of a script, from the connection to the Logout.

use std::{
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use fix_core::time::Mono;
use rand::{SeedableRng, rngs::ChaCha12Rng};
use tokio::sync::watch;

use super::{
    cast::{Cast, Member, Options, RunError},
    rules::Rules as ScriptRules,
    stage::{Door, Stage, TICK},
    steps::{Begun, Progress, play as play_line},
    time::Time,
};
use crate::{
    clock::{Clock, utc_now},
    config::Role,
    exchange::{Rules, floor::Floor, ids::IdPrefix},
    market::{self, Market},
    net::{
        dial::Dialer,
        listener::{Limits, Listeners, Listening},
    },
    scenario::{
        outcome::{Failure, Journal, MOST_ENTRIES, Outcome, StepOutcome},
        run::{
            link::Link,
            party::{Mind, Party},
            stage::Making,
        },
        script::{Action, Scenario, Script},
    },
    service::{dictionaries::Dictionaries, profile::follow, shutdown::stopped},
};

/// How long an acceptor with lines to play waits for its counterparty.
const ARRIVAL: Duration = Duration::from_secs(60);
/// How long a Logout may take at the end.
const GOODBYE: Duration = Duration::from_secs(2);

/// Ids that no other run has (in real time), or the same ids in each run (in virtual time).
#[derive(Debug)]
pub struct Ids {
    prefix: String,
    next: u64,
}

impl Ids {
    /// For runs in real time: two that begin in different milliseconds share none.
    #[must_use]
    pub fn unique() -> Self {
        let now = utc_now();
        let millis = now.unix_seconds().unsigned_abs().saturating_mul(1000)
            + u64::from(now.subsec_nanos() / 1_000_000);
        Ids { prefix: base36(millis), next: 0 }
    }

    fn repeatable(seed: u64) -> Self {
        Ids { prefix: format!("V{}", base36(seed)), next: 0 }
    }

    pub(super) fn next(&mut self) -> String {
        self.next += 1;
        format!("{}-{}", self.prefix, self.next)
    }
}

fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut text = Vec::new();
    loop {
        let digit = usize::try_from(number % 36).unwrap_or_default();
        text.push(char::from(DIGITS[digit]));
        number /= 36;
        if number == 0 {
            return text.into_iter().rev().collect();
        }
    }
}

/// Plays the scenarios of a script; `told` hears of each when it is over. `stop` ends it early.
///
/// Where both sides are in the script and neither names an address, they are connected in memory and in virtual time: the
/// same seed gives the same bytes.
///
/// # Errors
/// [`RunError`] where a scenario could not be played at all.
pub async fn play(
    script: &Script,
    options: &Options,
    ids: &mut Ids,
    stop: watch::Receiver<bool>,
    told: &mut dyn FnMut(&Outcome),
) -> Result<Vec<Outcome>, RunError> {
    let mut outcomes = Vec::new();
    for scenario in &script.scenarios {
        let cast = Cast::new(script, options)?;
        let outcome = if cast.is_in_memory {
            let mut ids = Ids::repeatable(options.seed);
            play_one(script, scenario, &cast, options, &mut ids, stop.clone()).await?
        } else {
            play_one(script, scenario, &cast, options, ids, stop.clone()).await?
        };
        told(&outcome);
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

async fn play_one<'i>(
    script: &Script,
    scenario: &Scenario,
    cast: &Cast,
    options: &'i Options,
    ids: &'i mut Ids,
    stop: watch::Receiver<bool>,
) -> Result<Outcome, RunError> {
    let time = match cast.is_in_memory {
        true => Time::virtual_time(),
        false => Time::Real { clock: Clock::default(), speed: options.speed },
    };
    let (doors, _listening) = doors(cast).await?;
    let journal = Rc::new(Journal::default());
    let (mut parties, mut places) = (Vec::new(), vec![None; script.parties.len()]);
    let mut dictionaries = Dictionaries::default();
    let floor = cast.members.iter().any(|member| member.exchange_of.is_some()).then(|| {
        let market = Market::with_instruments(options.seed, &market::default_instruments());
        let rules = Rules { fills_at_limit: cast.fills_at_limit(), ..Rules::default() };
        Floor::new(market, rules, IdPrefix::new("V"))
    });
    if let Some((floor, venue)) = floor.as_ref().zip(cast.venue.as_ref()) {
        let instruments = market::default_instruments();
        follow(floor, venue, &instruments, options.seed, time.now().utc).map_err(RunError::Usage)?;
    }
    let first_tick = time.now().mono.after(TICK);
    for member in &cast.members {
        let mut name = script.parties[member.decl].name.clone();
        match member.exchange_of {
            None => places[member.decl] = Some(parties.len()),
            Some(_) if cast.members.len() == 2 => {}
            Some(_) => name = format!("{name}/{}", member.settings.identity.target_comp_id),
        }
        parties.push(member.party(
            &name,
            &mut dictionaries,
            time.now().utc,
            &journal,
            floor.as_ref(),
            cast,
        )?);
    }
    let stage = Stage {
        parties,
        doors,
        places,
        variables: std::collections::BTreeMap::new(),
        set: &options.set,
        time,
        random: ChaCha12Rng::seed_from_u64(options.seed),
        ids,
        journal,
        floor: floor.map(|floor| (floor, first_tick)),
        unavailable: None,
    };
    let mut run = Run::new(scenario, stage, cast);
    run.play_to_the_end(stop).await?;
    Ok(run.outcome(&script.file))
}

/// How each party gets its connection. Ports are taken before anybody connects.
async fn doors(cast: &Cast) -> Result<(Vec<Door>, Option<Listening>), RunError> {
    if cast.is_in_memory {
        let exchange = |desk: usize| cast.members.iter().position(|one| one.exchange_of == Some(desk));
        let other = |(place, member): (usize, &Member)| {
            Door::Memory(member.exchange_of.or_else(|| exchange(place)).unwrap_or(place ^ 1))
        };
        return Ok((cast.members.iter().enumerate().map(other).collect(), None));
    }
    let usage = |error: &dyn std::fmt::Display| RunError::Usage(error.to_string());
    let mut listeners = Listeners::new(Limits::default());
    let mut doors = Vec::new();
    let mut is_listening = false;
    for member in &cast.members {
        let settings = &member.settings;
        doors.push(match &settings.role {
            Role::Acceptor(acceptor) if member.is_raw => {
                let address = (acceptor.bind.host.clone(), acceptor.bind.port);
                let bound = tokio::net::TcpListener::bind(address).await;
                let taken =
                    |error| RunError::Unavailable(format!("cannot listen on {}: {error}", acceptor.bind));
                Door::AcceptAny(bound.map_err(taken)?)
            }
            Role::Acceptor(acceptor) => {
                is_listening = true;
                Door::Accept(listeners.add(settings, acceptor).map_err(|error| usage(&error))?)
            }
            Role::Initiator(initiator) => {
                let dialer = Dialer::new(initiator, &settings.socket, settings.tls.as_ref());
                let dialer = Rc::new(dialer.map_err(|error| usage(&error))?);
                let hosts = initiator.hosts.clone();
                let dial = move || -> Making {
                    let (dialer, hosts) = (Rc::clone(&dialer), hosts.clone());
                    Box::pin(async move { dial(&dialer, &hosts).await })
                };
                Door::Dial { dial: Box::new(dial), making: None }
            }
        });
    }
    let listening = match is_listening {
        true => Some(listeners.listen().await.map_err(|error| RunError::Unavailable(error.to_string()))?),
        false => None,
    };
    Ok((doors, listening))
}

async fn dial(dialer: &Dialer, hosts: &[crate::config::HostPort]) -> Result<Link, String> {
    let mut why = "no host to connect to".to_owned();
    for host in hosts {
        match dialer.connect(host).await {
            Ok(stream) => return Ok(Link::Socket(Box::new(stream))),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

/// One scenario on its stage.
struct Run<'s, 'i> {
    scenario: &'s Scenario,
    stage: Stage<'i>,
    rules: ScriptRules<'s>,
    phase: Phase,
    /// The line that is next.
    at: usize,
    begun: Begun,
    /// When that line has to be looked at again.
    until: Option<Mono>,
    begin: Mono,
    /// When the lines went on last, and how much was written down by then.
    progress: (Mono, usize),
    /// Turns of the loop, after so many of which others get their turn.
    turns: u8,
    is_resting: bool,
    is_stopped: bool,
    steps: Vec<StepOutcome>,
    /// Parties that connect when the script says so.
    is_manual: Vec<bool>,
    /// Nobody who plays has a line: rules alone answer the counterparty, until it goes.
    is_only_rules: bool,
    failures: Vec<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Until all are connected.
    Connecting,
    Playing,
    /// Logouts, at most until then.
    Closing(Mono),
    Over,
}

impl<'s, 'i> Run<'s, 'i> {
    fn new(scenario: &'s Scenario, mut stage: Stage<'i>, cast: &Cast) -> Self {
        let now = stage.tick().mono;
        let lines_of = |decl: usize| scenario.steps.iter().filter(move |line| line.party == decl);
        let is_action =
            |action: &Action| !matches!(action, Action::Step(_) | Action::Let(..) | Action::Wait(_));
        let mut is_manual = Vec::new();
        let mut has_lines = false;
        for (place, member) in cast.members.iter().enumerate() {
            let mut actions =
                lines_of(member.decl).map(|line| &line.action).filter(|action| is_action(action));
            let first = actions.next();
            has_lines |= first.is_some();
            let waits = member.is_acceptor || matches!(first, Some(Action::Connect));
            is_manual.push(matches!(first, Some(Action::Connect)));
            if !waits {
                stage.connect(place);
            }
        }
        // Whoever is connected to by hand is not waited for.
        if is_manual.contains(&true) {
            is_manual.fill(true);
        }
        Run {
            scenario,
            rules: ScriptRules::new(scenario, now),
            begun: Begun::now(&stage),
            stage,
            phase: Phase::Connecting,
            at: 0,
            until: None,
            begin: now,
            progress: (now, 0),
            turns: 0,
            is_resting: false,
            is_stopped: false,
            steps: Vec::new(),
            is_manual,
            is_only_rules: !has_lines && !scenario.rules.is_empty(),
            failures: Vec::new(),
        }
    }

    async fn play_to_the_end(&mut self, stop: watch::Receiver<bool>) -> Result<(), RunError> {
        let mut stop = pin!(stopped(stop));
        let mut sleep = pin!(tokio::time::sleep(Duration::ZERO));
        poll_fn(|cx| {
            loop {
                if !self.is_stopped && stop.as_mut().poll(cx).is_ready() {
                    self.is_stopped = true;
                    self.close();
                }
                let deadline = match self.round(cx) {
                    Poll::Ready(()) => return Poll::Ready(()),
                    Poll::Pending if std::mem::take(&mut self.is_resting) => return Poll::Pending,
                    Poll::Pending => self.deadline(),
                };
                let now = self.stage.now().mono;
                match (deadline, deadline.and_then(|at| self.stage.time.instant(at))) {
                    (_, Some(instant)) => {
                        sleep.as_mut().reset(instant.into());
                        if sleep.as_mut().poll(cx).is_pending() {
                            return Poll::Pending;
                        }
                    }
                    // Time goes on by itself, at least by the smallest step that it knows.
                    (Some(at), None) => self.stage.time.pass_to(at.max(now.after(Duration::from_micros(1)))),
                    // Nobody waits for anything: only a connection can bring something.
                    (None, None) if self.stage.time.is_virtual() => return Poll::Ready(()),
                    (None, None) => return Poll::Pending,
                }
            }
        })
        .await;
        match &self.stage.unavailable {
            Some(why) if self.phase == Phase::Connecting => Err(RunError::Unavailable(why.clone())),
            _ => Ok(()),
        }
    }

    /// Does all that can be done now, or as much of it as one who waits for Ctrl-C can wait for.
    fn round(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.turns = self.turns.wrapping_add(1);
            if self.turns == 0 {
                self.is_resting = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let now = self.stage.tick();
            let mut has_moved = self.stage.turn(cx, now);
            has_moved |= self.rules.sort(&mut self.stage, &mut self.failures);
            match self.phase {
                Phase::Connecting => has_moved |= self.connecting(now.mono),
                Phase::Playing => {
                    has_moved |= self.rules.go_on(&mut self.stage, &mut self.failures);
                    self.rules.late(&self.stage, &mut self.failures);
                    has_moved |= self.lines();
                    self.end_if_done();
                }
                Phase::Closing(until) => {
                    self.stage.parties.iter_mut().for_each(Party::hang_up);
                    if now.mono >= until || self.stage.parties.iter().all(|party| party.link.is_none()) {
                        self.phase = Phase::Over;
                    }
                }
                Phase::Over => {}
            }
            let is_stuck = self.stage.unavailable.is_some() && self.phase == Phase::Connecting;
            if self.phase == Phase::Over || is_stuck {
                return Poll::Ready(());
            }
            self.stop_endless(now.mono);
            if !has_moved {
                return Poll::Pending;
            }
        }
    }

    /// In virtual time nobody ends rules that answer each other without end. While a line waits and time goes on, that line
    /// comes to its end; behind the last line nothing does.
    fn stop_endless(&mut self, now: Mono) {
        let written = self.stage.journal.len();
        let (last, before) = self.progress;
        if now > last && self.at < self.scenario.steps.len() {
            self.progress = (now, written);
        } else if self.stage.time.is_virtual() && written.saturating_sub(before) >= MOST_ENTRIES {
            let text = format!(
                "stopped: {MOST_ENTRIES} messages and events while no line went on: do two rules answer each other?"
            );
            self.fail(0, "", text);
            self.phase = Phase::Over;
        }
    }

    fn connecting(&mut self, now: Mono) -> bool {
        let connected = self.stage.parties.iter().zip(&self.is_manual);
        let mut missing = connected.filter(|(party, is_manual)| party.link.is_none() && !**is_manual);
        let Some((party, _)) = missing.next() else {
            self.phase = Phase::Playing;
            self.begin_line();
            self.rules = ScriptRules::new(self.scenario, now);
            return true;
        };
        // A connection that came and went is for the lines to judge.
        if party.ended.is_some() {
            self.phase = Phase::Playing;
            self.begin_line();
            return true;
        }
        if !self.is_only_rules && now >= self.begin.after(ARRIVAL) {
            let text = format!("{}: nobody connected within {ARRIVAL:?}", party.name);
            self.stage.unavailable.get_or_insert(text);
        }
        false
    }

    fn begin_line(&mut self) {
        self.begun = Begun::now(&self.stage);
        self.until = None;
        self.progress = (self.begun.at, self.begun.seen);
    }

    /// Plays lines until one waits. True if one was played.
    fn lines(&mut self) -> bool {
        let mut has_moved = false;
        let scenario = self.scenario;
        while let Some(line) = scenario.steps.get(self.at) {
            if let Action::Step(title) = &line.action {
                self.begin_step(title);
            } else if self.steps.is_empty() && !matches!(line.action, Action::Let(..)) {
                self.begin_step(&scenario.title);
            }
            if let Some(why) = self.stage.unavailable.take() {
                self.fail(line.line, &line.text, why);
                self.go_to_next_step();
                return true;
            }
            match play_line(&mut self.stage, scenario, line, &mut self.begun, None) {
                Progress::Wait(until) => {
                    self.until = Some(until);
                    return has_moved;
                }
                Progress::Done => self.at += 1,
                Progress::Failed(text) => {
                    self.fail(line.line, &line.text, text);
                    self.go_to_next_step();
                }
            }
            has_moved = true;
            self.begin_line();
        }
        has_moved
    }

    /// A step that fails does not keep the next one from being tried; what came before is not its business.
    fn go_to_next_step(&mut self) {
        let behind = self.scenario.steps.iter().enumerate().skip(self.at + 1);
        let mut steps = behind.filter(|(_, line)| matches!(line.action, Action::Step(_)));
        self.at = steps.next().map_or(self.scenario.steps.len(), |(index, _)| index);
        for party in &mut self.stage.parties {
            party.inbox.clear();
        }
    }

    fn begin_step(&mut self, title: &str) {
        self.end_step();
        let from = self.stage.journal.len();
        // What came before the first line belongs to the first step: the Logons.
        let from = if self.steps.is_empty() { 0 } else { from };
        self.steps.push(StepOutcome {
            title: title.to_owned(),
            is_played: true,
            failures: Vec::new(),
            messages: from..from,
        });
    }

    fn end_step(&mut self) {
        if let Some(step) = self.steps.last_mut() {
            step.messages.end = self.stage.journal.len();
            step.failures.append(&mut self.failures);
        }
    }

    fn fail(&mut self, line: u32, statement: &str, text: String) {
        self.failures.push(Failure { line, statement: statement.to_owned(), text });
    }

    fn end_if_done(&mut self) {
        if self.at < self.scenario.steps.len() {
            return;
        }
        let is_left = self.stage.parties.iter().any(|party| party.ended.is_some());
        let is_waiting = match self.is_only_rules && !self.stage.time.is_virtual() {
            true => !is_left,
            false => self.rules.is_busy(&self.stage) && !is_left,
        };
        if !is_waiting {
            self.close();
        }
    }

    /// Logs out whoever is logged on.
    fn close(&mut self) {
        let now = self.stage.now();
        self.phase = Phase::Closing(now.mono.after(GOODBYE));
        for party in &mut self.stage.parties {
            if let (Mind::Session(engine), Some(_)) = (&mut party.mind, &party.link) {
                engine.logout(None);
            }
        }
    }

    fn deadline(&self) -> Option<Mono> {
        let now = self.stage.now();
        let own = match self.phase {
            Phase::Connecting => Some(self.begin.after(ARRIVAL)).filter(|_| !self.is_only_rules),
            Phase::Closing(until) => Some(until),
            Phase::Playing => self.until,
            Phase::Over => None,
        };
        own.into_iter().chain(self.stage.deadline(now)).chain(self.rules.deadline(&self.stage)).min()
    }

    fn outcome(mut self, file: &str) -> Outcome {
        let what = if self.is_stopped { "was stopped" } else { "was over" };
        self.rules.missed(&self.stage, what, &mut self.failures);
        if self.steps.is_empty() {
            self.begin_step(&self.scenario.title);
        }
        self.end_step();
        let unplayed = self.scenario.steps.iter().skip(self.at);
        for line in unplayed {
            if let Action::Step(title) = &line.action {
                let end = self.stage.journal.len();
                self.steps.push(StepOutcome {
                    title: title.clone(),
                    is_played: false,
                    failures: Vec::new(),
                    messages: end..end,
                });
            }
        }
        // The run was stopped in the middle of a step.
        if self.at < self.scenario.steps.len()
            && let Some(step) = self.steps.iter_mut().rfind(|step| step.is_played)
        {
            let line = &self.scenario.steps[self.at];
            let text = "the run was stopped before this line was done".to_owned();
            step.failures.push(Failure { line: line.line, statement: line.text.clone(), text });
        }
        let (messages, left_out) = self.stage.journal.take(self.begin);
        for step in &mut self.steps {
            let of = &step.messages;
            step.messages = of.start.saturating_sub(left_out)..of.end.saturating_sub(left_out);
        }
        Outcome {
            file: file.to_owned(),
            line: self.scenario.line,
            title: self.scenario.title.clone(),
            steps: self.steps,
            elapsed: self.stage.now().mono.since(self.begin),
            messages,
            left_out,
        }
    }
}
