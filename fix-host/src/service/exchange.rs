//! `fix-host exchange`: the simulated counterparty.

use std::{sync::Arc, time::Duration};

use fix_core::{dict::Dictionary, session::application::Outbox};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    error::ServiceError,
    http,
    profile::Behaviour,
    runner::{Applications, Made, Prepared, Running},
    session::{Observers, Sessions},
    shutdown::stopped,
    traded::traded,
};
use crate::{
    clock::utc_now,
    config::{Role, SelfMatchPrevention, SessionSettings, Settings},
    contract::{
        HostApplication,
        by_hand::{ByHand, Venue},
    },
    exchange::{
        AtLimit, ExchangeApplication, Rules, SelfMatch, SessionRules,
        floor::Floor,
        ids::IdPrefix,
        journal::{self, Kept},
        profile::{Profile, rules::Day},
    },
    market::{
        Instrument, Market,
        feed::{Feed, VenuePrices},
        replay::Replay,
    },
    net::line::Line,
    observe::{Board, notify},
    store::Entries,
    web::{Facts, Watched, WebConfig},
};

/// The journal of orders, in the folder of the sessions' journals.
const ORDERS: &str = "exchange.orders";

/// How often the exchange's prices move.
const TICK: Duration = Duration::from_secs(1);

/// How often it is looked whether something is due that a profile has happen.
const COURSE_STEP: Duration = Duration::from_millis(10);

/// How often it is looked whether a line of a recording is due.
const REPLAY_STEP: Duration = Duration::from_millis(10);

/// What `exchange` was told on its command line.
pub struct ExchangeOptions {
    /// Sessions and files.
    pub settings: Settings,
    /// Seed of its prices, and of what its profile draws.
    pub seed: u64,
    /// How it behaves.
    pub venue: Profile,
    /// What it trades.
    pub instruments: Vec<Instrument>,
    /// Recorded quotes and trades in the place of simulated ones.
    pub replay: Option<Replay>,
    /// Requests are held for a person.
    pub hold: bool,
    /// Where `/metrics`, `/healthz` and the pages to play the venue are served; `None`: nowhere.
    pub http: Option<WebConfig>,
    /// Messages and events are shown on the screen too.
    pub screen: bool,
}

/// The one command of an exchange's session: there is something new on the floor.
pub struct Look;

impl HostApplication for ExchangeApplication {
    type Command = Look;

    fn command(&mut self, _look: Look, out: &mut dyn Outbox) {
        self.look(out);
    }

    fn opened(&mut self, store: &mut dyn Entries) {
        ExchangeApplication::opened(self, store.next_out());
    }

    fn persisted(&mut self) {
        self.stored();
    }

    fn is_ready(&mut self) -> bool {
        ExchangeApplication::is_ready(self)
    }

    fn refuse(_look: Look) {}
}

/// Runs until `stop` is true; then logs out, flushes, and returns within two seconds.
///
/// # Errors
/// What keeps it from starting, or a store that failed.
pub async fn run(options: ExchangeOptions, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    match start(options, stop).await? {
        Some(exchange) => exchange.run().await,
        None => Ok(()),
    }
}

/// An exchange whose addresses are taken, and which answers.
pub struct RunningExchange {
    running: Running<Exchange>,
    stop: watch::Receiver<bool>,
    floor: Floor,
}

/// Starts an exchange; `None` if `stop` was true before it could.
///
/// # Errors
/// What keeps it from starting.
pub async fn start(
    mut options: ExchangeOptions,
    stop: watch::Receiver<bool>,
) -> Result<Option<RunningExchange>, ServiceError> {
    let board = Board::default();
    let publisher = Arc::new(board.clone());
    let observers = Observers { publisher: Some(publisher), ..Observers::default() };
    let metrics = observers.metrics.clone();
    let sessions = Sessions::new(options.screen, observers)?;
    let rules = rules(&options);
    let is_replay = options.replay.is_some();
    // No earlier start gave out ids that begin so, unless the clock was set back; a journal knows better.
    let prefix = journal::prefix(utc_now());
    let (floor, kept) = match options.replay.take() {
        Some(replay) => (Floor::replaying(replay, &options.instruments, rules, IdPrefix::new(&prefix)), None),
        None => {
            let market = Market::with_instruments(options.seed, &options.instruments);
            floor(market, rules, &options.settings, options.venue.day.clone(), &prefix)?
        }
    };
    let venue: Venue = Some(Arc::new(floor.clone()));
    let profile = Some((options.venue.name.clone(), options.venue.description.clone()));
    let symbols = options.instruments.iter().map(traded).collect();
    let watched = Watched { board, metrics, venue, facts: Facts { profile, symbols, ..Facts::default() } };
    let behaviour = Behaviour::new(options.venue, options.seed, floor.clone(), &mut options.settings);
    let is_timed = behaviour.begin(&options.instruments).map_err(ServiceError::configuration)?;
    let exchange = Exchange { floor: floor.clone(), behaviour };
    // All that can fail comes first: nobody is answered by an exchange that does not start.
    let prepared = tokio::select! {
        prepared = Prepared::new(options.settings, sessions, exchange) => prepared?,
        () = stopped(stop.clone()) => return Ok(None),
    };
    let server = match options.http {
        Some(http) => Some(http::bind(http).await?),
        None => None,
    };
    // What comes of the restart is kept as said, so it begins only now that nothing can keep it from being told.
    if let Some(kept) = kept {
        floor.restore(&kept, utc_now());
    }
    if options.hold {
        floor.by_hand(|venue, _| venue.hold(true));
        tracing::info!("requests are held: `fix-host exchange accept`, `fill` or `reject` decides each");
    }
    if let Some(server) = server {
        tracing::info!(
            "page on http://{0}, metrics on http://{0}/metrics, the venue by hand on http://{0}/api/exchange",
            server.local_addr()
        );
        tokio::spawn(server.serve_watched(watched, stop.clone()));
    }
    if is_replay {
        let pauses = signal(SignalKind::user_defined1())
            .map_err(|error| ServiceError::unavailable(format!("signals: {error}")))?;
        tokio::spawn(play(floor.clone(), pauses, stop.clone()));
    }
    tokio::spawn(every(TICK, stop.clone(), {
        let floor = floor.clone();
        move || floor.tick(utc_now())
    }));
    if is_timed {
        let floor = floor.clone();
        tokio::spawn(every(COURSE_STEP, stop.clone(), move || floor.advance(utc_now())));
    }
    Ok(Some(RunningExchange { running: prepared.start(), stop, floor }))
}

fn rules(options: &ExchangeOptions) -> Rules {
    let process = &options.settings.process;
    Rules {
        only_listed: process.only_known_symbols,
        fills_at_limit: match process.exchange.fill_unlisted_at_limit {
            _ if options.venue.fill_at_limit => AtLimit::All,
            true => AtLimit::Unlisted,
            false => AtLimit::Never,
        },
        self_match: match process.exchange.self_match_prevention {
            SelfMatchPrevention::None => SelfMatch::Allow,
            SelfMatchPrevention::CancelResting => SelfMatch::CancelResting,
            SelfMatchPrevention::CancelIncoming => SelfMatch::CancelIncoming,
        },
        ..Rules::default()
    }
}

/// The floor, and the orders of an earlier start where there is a place for their journal: beside those of the sessions.
fn floor(
    market: Market,
    rules: Rules,
    settings: &Settings,
    day: Option<Day>,
    prefix: &str,
) -> Result<(Floor, Option<Kept>), ServiceError> {
    let now = utc_now();
    let stores = settings.sessions.iter().map(|session| &session.store);
    let Some(folder) = stores.clone().find_map(|store| store.file_store_path.as_ref()) else {
        return Ok((Floor::new(market, rules, IdPrefix::new(prefix)), None));
    };
    let path = folder.join(ORDERS);
    // All sessions meet in it: it is as durable as the most durable of theirs.
    let syncs = stores.clone().any(|store| store.file_store_path.is_some() && store.file_store_sync);
    let kept = Kept::read(&path, now).map_err(ServiceError::unavailable)?.counting(day);
    let (journal, kept) = kept.go_on(&path, syncs, now).map_err(ServiceError::unavailable)?;
    Ok((Floor::with_journal(market, rules, &kept, journal), Some(kept)))
}

impl RunningExchange {
    /// What a person can do who plays the venue.
    pub fn by_hand(&self) -> Arc<dyn ByHand> {
        Arc::new(self.floor.clone())
    }

    /// Its prices as they move.
    pub fn prices(&self) -> Feed {
        let floor = self.floor.clone();
        Feed::Venue(VenuePrices::new(self.floor.moves(), move || floor.prices(utc_now())))
    }

    /// Runs until the stop; then logs out, flushes, and returns within two seconds.
    ///
    /// # Errors
    /// A store that failed.
    pub async fn run(mut self) -> Result<(), ServiceError> {
        notify::ready();
        let outcome = self.running.until(self.stop).await;
        notify::stopping();
        outcome.and(self.running.stop().await)
    }
}

/// Gives every session a seat on the floor.
struct Exchange {
    floor: Floor,
    behaviour: Behaviour,
}

impl Applications for Exchange {
    type Application = ExchangeApplication;

    fn make(
        &mut self,
        id: &str,
        settings: &SessionSettings,
        dictionary: &'static Dictionary,
    ) -> Result<Made<ExchangeApplication>, ServiceError> {
        let (looks, commands) = mpsc::channel(1);
        // A session that has not looked yet needs no second call.
        let seat = self.floor.join(id, {
            let looks = looks.clone();
            move || drop(looks.try_send(Look))
        });
        let gate = self.behaviour.gate(id, dictionary, looks);
        let quotes = self.behaviour.quotes(id);
        Ok((ExchangeApplication::new(seat, session_rules(settings)).behind(gate).quoting(quotes), commands))
    }

    fn line(&mut self, id: &str) -> Option<Arc<dyn Line>> {
        self.behaviour.line(id)
    }
}

fn session_rules(settings: &SessionSettings) -> SessionRules {
    let Role::Acceptor(acceptor) = &settings.role else { return SessionRules::default() };
    SessionRules {
        cancels_on_disconnect: acceptor.seat.cancel_on_disconnect,
        is_drop_copy: acceptor.seat.drop_copy,
    }
}

/// Does something again and again until the stop.
async fn every(step: Duration, stop: watch::Receiver<bool>, act: impl Fn()) {
    let mut interval = interval(step);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stopped = stopped(stop);
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            _ = interval.tick() => act(),
        }
    }
}

/// Plays a recording until the stop, or its end. SIGUSR1 halts it, and lets it go on.
async fn play(floor: Floor, mut pauses: Signal, stop: watch::Receiver<bool>) {
    let mut interval = interval(REPLAY_STEP);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stopped = stopped(stop);
    tokio::pin!(stopped);
    let mut before = Instant::now();
    loop {
        tokio::select! {
            () = &mut stopped => return,
            _ = pauses.recv() => match floor.toggle_pause() {
                true => tracing::info!("the replay stands still; SIGUSR1 lets it go on"),
                false => tracing::info!("the replay goes on"),
            },
            now = interval.tick() => {
                let passed = now.saturating_duration_since(before);
                before = now;
                if floor.play(passed) {
                    tracing::info!("the replay is over; its last quotes stay");
                    return;
                }
            }
        }
    }
}
