//! `fix-host start`: the sessions, the mailbox, the HTTP API and the market data in one process.

use std::{path::PathBuf, sync::Arc, time::Duration};

use fix_core::{decimal::Decimal, dict::Dictionary, store::MessageStore};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    error::ServiceError,
    extras::SessionExtras,
    http,
    router::Router,
    runner::{Applications, Made, Prepared, Running},
    session::{Observers, Sessions},
    shutdown::stopped,
    store::{HostStore, StoredOrder, session_name},
    traded::traded,
};
use crate::{
    bus::{PreparedBus, RedisBus, RedisPublisher, RedisUrl, Undelivered},
    config::{MarketDataSource, Role, SessionSettings, Settings},
    contract::{
        by_hand::Venue, intake::Intake, market_book::MarketBooks, order::OrderCommand, parse::OrderRules,
        publisher::Publisher, report::REPORT_HISTORY,
    },
    desk::{Desk, DeskCommand, DeskParts, Due},
    exit,
    halt::Halts,
    market::{
        CounterpartyPrices, Instrument, Market,
        feed::{self, FEED_PERIOD, Feed},
    },
    observe::{Board, Metrics, notify},
    orders::{Journals, MOST_JUDGED, MOST_ORDERS, Orders},
    store::{Consumer, Keeps},
    web::{Api, Facts, WebConfig, WebServer},
};

/// What `start` was told on its command line.
pub struct EngineOptions {
    /// Sessions and files.
    pub settings: Settings,
    /// Talk to Redis as well.
    pub redis: Option<RedisUrl>,
    /// Where the HTTP API listens, and its token.
    pub web: WebConfig,
    /// Seed of the market-data simulator; `None`: nothing is simulated.
    pub market_seed: Option<u64>,
    /// The prices of a venue in the same process, which then are those of the engine.
    pub prices: Option<Feed>,
    /// What it quotes, or what the counterparties are asked for; with `OnlyKnownSymbols=Y`, all that is traded.
    pub instruments: Vec<Instrument>,
    /// Messages and events are shown on the screen too.
    pub screen: bool,
    /// Where the state of the engine is shown.
    pub board: Board,
    /// The venue, if it runs in the same process.
    pub venue: Venue,
    /// Name and description of how it behaves.
    pub profile: Option<(String, String)>,
}

/// How long the batch of orders that the sessions have may take to be answered and settled in Redis.
const LAST_ORDER: Duration = Duration::from_millis(500);

/// How long the last answers and the status may take to reach Redis, after the reports of the sessions.
const LAST_ANSWERS: Duration = Duration::from_millis(100);

/// So many orders are named whose reports are due.
const MOST_NAMED: usize = 1000;

/// Runs until `stop` is true; then logs out, flushes, and returns within two seconds.
///
/// # Errors
/// What keeps it from starting, or a store that failed.
pub async fn run(mut options: EngineOptions, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    let counterparty = CounterpartyPrices::default();
    let feed = options.prices.take().or_else(|| feed_of(&options, &counterparty));
    let orders = Orders::default();
    let rules = rules(&options).with_orders(Arc::new(orders.clone()));
    let board = options.board.clone();
    let router = Router::new(board.clone(), orders.clone());
    let intake = Intake::new(rules, Arc::new(router.clone()));
    let (journals, sends_left_over) = (Journals::default(), options.settings.process.send_left_over_orders);
    let redis = options.redis.take().map(|url| {
        PreparedBus::new(url, intake.clone(), orders.clone(), board.clone())
            .knowing(journals.clone(), sends_left_over)
    });
    let publisher: Arc<dyn Publisher> = match &redis {
        Some(bus) => bus.publisher(),
        None => Arc::new(board.clone()),
    };
    let metrics = redis.as_ref().map(|bus| metrics_of(&bus.publisher(), board.clone())).unwrap_or_default();
    let observers = observers(metrics, &publisher, &board);
    let facts = facts(&options, redis.is_some());
    let api = Api {
        intake,
        orders: orders.clone(),
        publisher: Arc::clone(&publisher),
        board: board.clone(),
        directory: observers.directory.clone(),
        metrics: observers.metrics.clone(),
        venue: options.venue.clone(),
        books: facts.market_depth.map(|_| Arc::new(counterparty.clone()) as Arc<dyn MarketBooks>),
        facts,
        stop: stop.clone(),
    };
    let sessions = Sessions::new(options.screen, observers)?;
    let halts = restored(board.halts(), &options.settings.sessions);
    let due = Due::default();
    let is_in_memory =
        options.settings.sessions.iter().any(|session| session.store.file_store_path.is_none());
    let desks = Desks {
        publisher: Arc::clone(&publisher),
        router,
        orders,
        journals,
        instruments: options.instruments.as_slice().into(),
        extras: SessionExtras::new(options.instruments),
        halts,
        delivers: redis.is_some(),
        due: due.clone(),
        prices: counterparty,
        stored: Vec::new(),
        commands: Vec::new(),
    };
    // All that can fail comes first: nobody is answered, and no order taken, by an engine that does not start.
    let prepared = tokio::select! {
        prepared = Prepared::new(options.settings, sessions, desks) => prepared?,
        // Large journals take a while to open.
        () = stopped(stop.clone()) => return Ok(()),
    };
    let server = http::bind(options.web).await?;

    // The API is there before the first session can log on, so whoever sees LOGGED ON can place an order.
    let web = serve(server, api);
    let redis = redis.map(PreparedBus::start);
    if let Some(feed) = feed {
        tokio::spawn(feed::publish(feed, publisher, FEED_PERIOD, stop.clone()));
    }
    let mut running = prepared.start();
    notify::ready();
    let outcome = running.until(stop).await;
    let outcome = outcome.and(end(running, redis, &due, is_in_memory).await);
    // A store that failed ends the sessions only; the API ends with the process then.
    if outcome.as_ref().err().is_none_or(|error| error.code == exit::TIME_OUT) {
        let _ = web.await;
    }
    outcome
}

/// Takes no more orders, logs out, and gives Redis a moment for what is due to it.
async fn end(
    running: Running<Desks>,
    mut redis: Option<RedisBus>,
    due: &Due,
    is_in_memory: bool,
) -> Result<(), ServiceError> {
    notify::stopping();
    if let Some(bus) = &mut redis {
        bus.stop_intake(LAST_ORDER).await;
    }
    let outcome = running.stop().await;
    let undelivered = match redis {
        Some(bus) => bus.finish(LAST_ANSWERS).await.err(),
        None => None,
    };
    outcome.and(all_told(due.take(), undelivered, is_in_memory))
}

/// Those who see the sessions: Redis or the board, the metrics, and people who look at messages.
fn observers(metrics: Metrics, publisher: &Arc<dyn Publisher>, board: &Board) -> Observers {
    let messages = Some(board.messages().clone());
    Observers { metrics, publisher: Some(Arc::clone(publisher)), messages, ..Observers::default() }
}

/// What the page is told of what is traded, and of the limits.
fn facts(options: &EngineOptions, is_redis: bool) -> Facts {
    let limits = options.settings.sessions.iter().filter_map(|session| {
        let limits = &session.pre_trade.limits;
        let text = |value: Option<Decimal>| value.map(|value| value.to_string());
        let named = [
            ("maxOrderQty", text(limits.max_order_qty)),
            ("maxOrderNotional", text(limits.max_notional)),
            ("priceBandPercent", limits.price_band.map(|band| percent(band.0).to_string())),
            ("maxOrdersPerSecond", limits.max_orders_per_second.map(|most| most.to_string())),
            ("maxOpenOrders", limits.max_open_orders.map(|most| most.to_string())),
        ];
        let named = named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into())));
        let named: serde_json::Map<String, serde_json::Value> = named.collect();
        (!named.is_empty()).then(|| (session.identity.to_string(), named.into()))
    });
    let limits = limits.collect::<serde_json::Map<_, _>>().into();
    let schedules = options
        .settings
        .sessions
        .iter()
        .map(|session| (session.identity.to_string(), session.schedule.session_time.to_string().into()));
    let schedules = schedules.collect::<serde_json::Map<_, _>>().into();
    let symbols = options.instruments.iter().map(traded).collect();
    // All of a book is more than any number of its prices.
    let market_depth = options
        .settings
        .sessions
        .iter()
        .filter_map(subscribed_depth)
        .max_by_key(|depth| depth.wrapping_sub(1));
    Facts { symbols, limits, schedules, is_redis, profile: options.profile.clone(), market_depth }
}

/// Hundredths of a percent as percent.
fn percent(hundredths: u32) -> Decimal {
    Decimal::new(hundredths.into(), 2).normalized()
}

/// What orders must be like.
fn rules(options: &EngineOptions) -> OrderRules {
    match options.settings.process.only_known_symbols {
        true => OrderRules::only(options.instruments.iter().map(|instrument| instrument.symbol)),
        false => OrderRules::any_symbol(),
    }
}

/// Where prices come from: the counterparties, if a session subscribes; then none is simulated, so that nobody takes
/// the one for the other.
fn feed_of(options: &EngineOptions, counterparty: &CounterpartyPrices) -> Option<Feed> {
    let sessions = || options.settings.sessions.iter().map(market_data);
    if sessions().any(|source| source == MarketDataSource::Subscribe) {
        return Some(Feed::Counterparty(counterparty.clone()));
    }
    let seed =
        options.market_seed.filter(|_| sessions().any(|source| source == MarketDataSource::Simulate))?;
    Some(Feed::Simulated(Market::with_instruments(seed, &options.instruments)))
}

fn market_data(session: &SessionSettings) -> MarketDataSource {
    match &session.role {
        Role::Initiator(initiator) => initiator.market_data,
        Role::Acceptor(_) => MarketDataSource::Simulate,
    }
}

/// MarketDepth(264) of what a session asks its counterparty for; `None`: for nothing.
fn subscribed_depth(session: &SessionSettings) -> Option<u32> {
    match &session.role {
        Role::Initiator(initiator) if initiator.market_data == MarketDataSource::Subscribe => {
            Some(initiator.market_depth)
        }
        _ => None,
    }
}

/// Metrics that show how Redis is.
fn metrics_of(redis: &Arc<RedisPublisher>, board: Board) -> Metrics {
    let metrics = Metrics::default();
    let queue = Arc::clone(redis);
    let help = "1 while Redis takes what is written to it.";
    metrics.add_gauge("fix_redis_up", help, move || board.redis_is_up().unwrap_or_default().into());
    let help = "Reports that wait in memory for Redis; more wait in the stores.";
    metrics.add_gauge("fix_redis_queued_reports", help, move || queue.queued() as u64);
    metrics
}

/// Says what Redis has not got; the next start delivers what is in a journal.
fn all_told(
    due: Option<(usize, Vec<String>)>,
    undelivered: Option<Undelivered>,
    is_in_memory: bool,
) -> Result<(), ServiceError> {
    let mut lines = Vec::new();
    if let Some((reports, orders)) = due {
        let (named, more) = orders.split_at(orders.len().min(MOST_NAMED));
        let named: Vec<String> = named.iter().map(|id| id.escape_debug().to_string()).collect();
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        let fate = match is_in_memory {
            true => "a session without FileStorePath forgets them",
            false => "the next start delivers them from the journal",
        };
        lines.push(format!(
            "stopped with {reports} execution reports due to Redis, which is away; {fate}; orders {}{more}",
            named.join(" ")
        ));
    }
    lines.extend(undelivered.map(|undelivered| undelivered.to_string()));
    match lines.is_empty() {
        true => Ok(()),
        false => Err(ServiceError { code: exit::TIME_OUT, message: lines.join("\n") }),
    }
}

/// Gives every session a desk.
struct Desks {
    publisher: Arc<dyn Publisher>,
    router: Router,
    orders: Orders,
    journals: Journals,
    extras: SessionExtras,
    halts: Halts,
    /// There is a Redis.
    delivers: bool,
    due: Due,
    prices: CounterpartyPrices,
    instruments: Arc<[Instrument]>,
    /// The orders in the store of the session that is made next, by MsgSeqNum(34).
    stored: Vec<(u64, String)>,
    /// Those of them that the desk can read.
    commands: Vec<OrderCommand>,
}

impl Applications for Desks {
    type Application = Desk;

    fn make(
        &mut self,
        id: &str,
        settings: &SessionSettings,
        dictionary: &'static Dictionary,
    ) -> Result<Made<Desk>, ServiceError> {
        let extras = self.extras.of(settings, dictionary).map_err(ServiceError::configuration)?;
        let is_initiator = matches!(settings.role, Role::Initiator(_));
        let (wake, commands) = self.router.add(id, is_initiator);
        let desk = wake.clone();
        self.halts.attach(id, halt_file(settings), move || {
            // Is the queue full, its task is about to be called anyway.
            if let Some(commands) = desk.upgrade() {
                drop(commands.try_send(DeskCommand::Wake));
            }
        });
        let parts = DeskParts {
            publisher: Arc::clone(&self.publisher),
            delivers: self.delivers,
            is_in_memory: settings.store.file_store_path.is_none(),
            due: self.due.clone(),
            dictionary,
            logon: settings.logon.clone(),
            extras,
            ask_unknown_orders: settings.recovery.ask_unknown_orders,
            orders: self.orders.clone(),
            stored: std::mem::take(&mut self.stored),
            commands: std::mem::take(&mut self.commands),
            pre_trade: settings.pre_trade.clone(),
            halts: self.halts.clone(),
            market_data: subscribed_depth(settings)
                .map(|depth| (self.prices.add(id, &self.instruments, depth), Arc::clone(&self.instruments))),
            wake,
        };
        Ok((Desk::new(id, parts), commands))
    }

    fn keeps(&self) -> Keeps {
        let consumers: &[Consumer] = if self.delivers { &[Consumer::Redis] } else { &[] };
        Keeps { history: REPORT_HISTORY, consumers }
    }

    fn remembers(&self) -> u64 {
        MOST_ORDERS as u64
    }

    fn remember(
        &mut self,
        id: &str,
        settings: &SessionSettings,
        store: &HostStore,
        orders: Vec<StoredOrder>,
    ) {
        if self.delivers {
            let is_initiator = matches!(settings.role, Role::Initiator(_));
            let judged_from = store.next_out().saturating_sub(MOST_JUDGED);
            let judged = orders.iter().filter(|order| order.msg_seq_num >= judged_from);
            let ids = judged.map(|order| order.cl_ord_id.clone()).collect();
            let journal =
                store.journal().map(|journal| (journal.marker(), journal.recovered().evidence.clone(), ids));
            self.journals.add(id, is_initiator, journal);
        }
        let session: Arc<str> = id.into();
        // Those of a session before that could not be made are not this one's.
        self.commands.clear();
        self.stored.clear();
        for StoredOrder { msg_seq_num, cl_ord_id, command } in orders {
            self.commands.extend(command.clone());
            self.orders.remember(&cl_ord_id, command, &session);
            self.stored.push((msg_seq_num, cl_ord_id));
        }
    }
}

/// The halts, with what an earlier process left halted.
fn restored(halts: &Halts, sessions: &[SessionSettings]) -> Halts {
    for settings in sessions {
        if let Some(file) = halt_file(settings) {
            halts.restore(&settings.identity.to_string(), file);
        }
    }
    halts.clone()
}

/// Beside the journal; `None` without one.
fn halt_file(settings: &SessionSettings) -> Option<PathBuf> {
    let folder = settings.store.file_store_path.as_ref()?;
    Some(folder.join(format!("{}.halt", session_name(settings).file_stem())))
}

fn serve(server: WebServer, api: Api) -> JoinHandle<()> {
    tracing::info!("page and HTTP API on http://{}", server.local_addr());
    tokio::spawn(server.serve(api))
}
