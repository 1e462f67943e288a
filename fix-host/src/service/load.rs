//! `fix-host load`: orders at a constant rate, over the sessions of a configuration.

use std::{
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use fix_core::dict::Dictionary;
use tokio::{
    sync::{mpsc, watch},
    time::{interval, sleep},
};

use super::{
    error::ServiceError,
    runner::{Applications, Made, Running},
    session::{Observers, Sessions},
    shutdown::stopped,
};
use crate::{
    clock::utc_now,
    config::{Role, SessionSettings, Settings},
    contract::SessionView,
    load::{
        pacer::pace,
        plan::LoadPlan,
        report::{Ending, LoadReport},
        trader::{Due, LoadTrader, Run},
    },
    net::initiator::NO_COUNTERPARTY,
    observe::Board,
};

/// How often the user is told how it goes.
const PROGRESS: Duration = Duration::from_secs(1);
/// How often is looked whether all sessions are logged on, or all answers are there.
const LOOK: Duration = Duration::from_millis(5);
/// How long the venue may take at most to cancel what rests at the end.
const CLEAN_UP: Duration = Duration::from_secs(2);

/// What `load` was told on its command line.
pub struct LoadOptions {
    /// Its sessions, all of them initiators.
    pub settings: Settings,
    /// Whom it is sent to, for the report.
    pub target: String,
    /// What is sent; its number of sessions is that of `settings`.
    pub plan: LoadPlan,
    /// How long all sessions may take to log on.
    pub logon_timeout: Duration,
    /// How long answers are waited for after the last request.
    pub drain: Duration,
    /// The 99th percentile of the acknowledgements that is a failure if it is longer.
    pub max_p99: Option<Duration>,
}

/// How far a load is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Since the first request was due.
    pub elapsed: Duration,
    /// How long requests are due.
    pub duration: Duration,
    /// Requests sent.
    pub sent: u64,
    /// Requests acknowledged.
    pub acked: u64,
    /// Requests refused.
    pub rejected: u64,
    /// The 99th percentile of the acknowledgements of the second before, in nanoseconds.
    pub p99: u64,
}

/// Sends the load, and reports once all answers are there or were waited for long enough; `show` is called every second. A
/// `stop` ends it early, with a report of what was so far.
///
/// # Errors
/// What keeps it from starting: a session that does not log on in time, for one. A store that failed.
pub async fn run(
    options: LoadOptions,
    show: impl FnMut(Progress),
    stop: watch::Receiver<bool>,
) -> Result<LoadReport, ServiceError> {
    let not_ours = |session: &&SessionSettings| !matches!(session.role, Role::Initiator(_));
    if let Some(acceptor) = options.settings.sessions.iter().find(not_ours) {
        let place = &acceptor.origin;
        return Err(ServiceError::configuration(format!(
            "{place}: a load needs initiators, this is an acceptor"
        )));
    }
    let board = Board::default();
    let observers = Observers { publisher: Some(Arc::new(board.clone())), ..Observers::default() };
    let sessions = Sessions::new(false, observers)?;
    let run = Run::new(options.plan);
    let (wakers, wakes): (Vec<_>, Vec<_>) =
        options.settings.sessions.iter().map(|_| mpsc::channel(1)).unzip();
    let traders = Traders { run: run.clone(), wakes: wakes.into_iter(), made: 0 };
    let mut running = Running::start(options.settings, sessions, traders).await?;
    let load = Load { run, wakers, board, show, stop };
    let (_never, never) = watch::channel(false);
    let outcome = tokio::select! {
        ended = running.until(never) => ended.map(|()| None),
        outcome = load.course(options.target, options.logon_timeout, options.drain, options.max_p99) => outcome.map(Some),
    };
    let stopped = running.stop().await;
    let report = outcome?;
    stopped?;
    report.ok_or_else(|| ServiceError::unavailable("the sessions ended by themselves"))
}

/// A load whose sessions connect.
struct Load<F> {
    run: Run,
    wakers: Vec<mpsc::Sender<Due>>,
    board: Board,
    show: F,
    stop: watch::Receiver<bool>,
}

impl<F: FnMut(Progress)> Load<F> {
    /// From the first connection to the last answer.
    async fn course(
        mut self,
        target: String,
        logon_timeout: Duration,
        drain: Duration,
        max_p99: Option<Duration>,
    ) -> Result<LoadReport, ServiceError> {
        let mut interrupted = !self.all_logged_on(logon_timeout).await?;
        if !interrupted {
            tracing::info!("{} sessions logged on: sending", self.wakers.len());
            self.run.stopwatch.start();
            let (run, wakers) = (self.run.clone(), self.wakers.clone());
            // It ends with the stopwatch.
            thread::Builder::new()
                .name("pacer".into())
                .spawn(move || pace(&run, &wakers))
                .map_err(|error| ServiceError::unavailable(format!("thread of the pacer: {error}")))?;
            interrupted = self.send().await;
        }
        let ran = self.elapsed().min(self.run.plan.duration);
        if interrupted {
            // What is under way may still be answered; nothing more is sent.
            self.run.stopwatch.end();
        }
        tracing::info!("all is sent: waiting for answers");
        interrupted |= self.wait_for_answers(drain, !interrupted).await;
        self.run.stopwatch.end();
        self.run.tally().roll_to(self.run.stopwatch.nanos().unwrap_or(0), true);
        let mut report = LoadReport::new(&self.run, Ending { target, ran, interrupted, max_p99 });
        report.resting = self.cancel_resting(drain.min(CLEAN_UP)).await;
        Ok(report)
    }

    /// Has what rests cancelled, which the report does not count. How many orders are left at the venue, for all it said.
    async fn cancel_resting(&self, patience: Duration) -> u64 {
        self.run.is_reported.store(true, Ordering::Relaxed);
        let until = Instant::now() + patience;
        loop {
            let left = self.run.all_left();
            if left.resting == 0 || Instant::now() >= until {
                return left.resting + left.kept;
            }
            for waker in &self.wakers {
                let _ = waker.try_send(Due);
            }
            sleep(LOOK).await;
        }
    }

    /// False if it was stopped before all sessions were logged on.
    async fn all_logged_on(&self, timeout: Duration) -> Result<bool, ServiceError> {
        let until = Instant::now() + timeout;
        // Why a connection ended that stood.
        let mut ended = None;
        loop {
            let sessions = self.board.sessions();
            let has_ended = |session: &&SessionView| {
                session.tried && !session.logged_on && !session.detail.starts_with(NO_COUNTERPARTY)
            };
            if let Some(session) = sessions.iter().find(has_ended) {
                ended = Some(session.detail.clone());
            }
            let out = sessions.iter().find(|session| !session.logged_on);
            if out.is_none() && sessions.len() == self.wakers.len() {
                return Ok(true);
            }
            if *self.stop.borrow() {
                return Ok(false);
            }
            if Instant::now() >= until {
                let detail = out.map_or("no session", |session| session.detail.as_str());
                let name = out.map_or("", |session| session.id.as_str());
                let before = ended.filter(|ended| ended != detail);
                let before = before.map(|ended| format!("; before that: {ended}")).unwrap_or_default();
                return Err(ServiceError::unavailable(format!(
                    "not logged on within {timeout:?} (--logon-timeout): {name}: {detail}{before}"
                )));
            }
            sleep(LOOK).await;
        }
    }

    /// True if it was stopped before all requests were due.
    async fn send(&mut self) -> bool {
        let mut ticks = interval(PROGRESS);
        ticks.tick().await;
        let end = sleep(self.run.plan.duration);
        let stopped = stopped(self.stop.clone());
        tokio::pin!(end, stopped);
        loop {
            tokio::select! {
                () = &mut end => return false,
                () = &mut stopped => return true,
                _ = ticks.tick() => {
                    let progress = self.progress();
                    (self.show)(progress);
                }
            }
        }
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.run.stopwatch.nanos().unwrap_or(0))
    }

    fn progress(&self) -> Progress {
        let elapsed = self.elapsed();
        let mut tally = self.run.tally();
        tally.roll_to(self.run.stopwatch.nanos().unwrap_or(0), false);
        Progress {
            elapsed,
            duration: self.run.plan.duration,
            sent: tally.all_sent(),
            acked: tally.all_acked(),
            rejected: tally.rejected.iter().sum(),
            p99: tally.course.last().map_or(0, |second| second.p99),
        }
    }

    /// Until all that was due is sent and has its last answer, or `drain` is over, or it is stopped, if that was not before.
    /// True if it was.
    async fn wait_for_answers(&self, drain: Duration, may_stop: bool) -> bool {
        let until = Instant::now() + drain;
        while Instant::now() < until {
            let left = self.run.all_left();
            let unsent = if self.run.stopwatch.is_over() { 0 } else { left.unsent };
            if unsent == 0 && left.unfinished == 0 {
                return false;
            }
            if may_stop && *self.stop.borrow() {
                return true;
            }
            if unsent > 0 {
                // The connection had no room for them: it may have by now.
                for waker in &self.wakers {
                    let _ = waker.try_send(Due);
                }
            }
            sleep(LOOK).await;
        }
        false
    }
}

/// Makes the application of each session.
struct Traders {
    run: Run,
    wakes: std::vec::IntoIter<mpsc::Receiver<Due>>,
    made: u64,
}

impl Applications for Traders {
    type Application = LoadTrader;

    fn make(
        &mut self,
        _id: &str,
        _settings: &SessionSettings,
        _dictionary: &'static Dictionary,
    ) -> Result<Made<LoadTrader>, ServiceError> {
        let trader = LoadTrader::new(self.run.clone(), self.made, utc_now());
        self.made += 1;
        let wakes = self
            .wakes
            .next()
            .ok_or_else(|| ServiceError::unavailable("more sessions than were configured"))?;
        Ok((trader, wakes))
    }
}
