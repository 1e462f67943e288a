//! `fix-host start`: the sessions, the mailbox, the HTTP API and the market data in one process.

use std::{sync::Arc, time::Duration};

use fix_core::dict::Dictionary;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    error::ServiceError,
    router::Router,
    runner::{Applications, Prepared},
    session::{Observers, Sessions},
    shutdown::stopped,
    store::StoredOrder,
};
use crate::{
    bus::{
        feed::{FEED_PERIOD, feed},
        memory::MemoryPublisher,
        parse::OrderRules,
        publisher::Publisher,
        redis::{PreparedBus, RedisUrl},
        request::intake,
    },
    config::{Role, SessionSettings, Settings},
    desk::{Desk, DeskCommand, DeskParts, MOST_ORDERS, Orders},
    market::Market,
    observe::{Board, notify},
    web::{Api, WebConfig, WebError, WebServer},
};

/// What `start` was told on its command line.
pub struct EngineOptions {
    /// Sessions and files.
    pub settings: Settings,
    /// Talk to Redis as well.
    pub redis: Option<RedisUrl>,
    /// Where the HTTP API listens, and its token.
    pub web: WebConfig,
    /// Seed of the market-data simulator; `None`: no market data.
    pub market_seed: Option<u64>,
    /// Messages and events are shown on the screen too.
    pub screen: bool,
    /// Where the state of the engine is shown.
    pub board: Board,
}

/// How long the order in hand may take to be answered.
const LAST_ORDER: Duration = Duration::from_millis(500);

/// How long the last reports may take to reach Redis.
const LAST_REPORTS: Duration = Duration::from_millis(300);

/// Runs until `stop` is true; then logs out, flushes, and returns within two seconds.
///
/// # Errors
/// What keeps it from starting, or a store that failed.
pub async fn run(options: EngineOptions, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    let market = options.market_seed.map(Market::new);
    let symbols: Vec<String> = Market::new(0).symbols().map(str::to_owned).collect();
    let (intake, requests) = intake(OrderRules::only(symbols));
    let board = options.board;
    let redis = options.redis.map(|url| PreparedBus::new(url, intake.clone(), board.clone()));
    let publisher: Arc<dyn Publisher> = match &redis {
        Some(bus) => bus.publisher(),
        None => Arc::new(MemoryPublisher::new(board.clone())),
    };
    let observers = Observers { publisher: Some(Arc::clone(&publisher)), ..Observers::default() };
    let orders = Orders::default();
    let api = Api {
        intake,
        orders: orders.clone(),
        publisher: Arc::clone(&publisher),
        board: board.clone(),
        directory: observers.directory.clone(),
        metrics: observers.metrics.clone(),
        stop: stop.clone(),
    };
    let sessions = Sessions::new(options.screen, observers)?;
    let router = Router::new(board, orders.clone());
    let desks =
        Desks { publisher: Arc::clone(&publisher), router: router.clone(), orders, stored: Vec::new() };
    // All that can fail comes first: nobody is answered, and no order taken, by an engine that does not start.
    let prepared = tokio::select! {
        prepared = Prepared::new(options.settings, sessions, desks) => prepared?,
        // Large journals take a while to open.
        () = stopped(stop.clone()) => return Ok(()),
    };
    let server = bind(options.web).await?;

    // The API is there before the first session can log on, so whoever sees LOGGED ON can place an order.
    let web = serve(server, api);
    tokio::spawn(router.run(requests));
    let mut redis = redis.map(PreparedBus::start);
    if let Some(market) = market {
        tokio::spawn(feed(market, publisher, FEED_PERIOD, stop.clone()));
    }
    let mut running = prepared.start();
    notify::ready();
    let outcome = running.until(stop).await;
    notify::stopping();
    if let Some(bus) = &mut redis {
        bus.stop_intake(LAST_ORDER).await;
    }
    let outcome = outcome.and(running.stop().await);
    if let Some(bus) = redis
        && let Err(undelivered) = bus.finish(LAST_REPORTS).await
    {
        tracing::error!("{undelivered}");
    }
    // A store that failed ends the sessions only; the API ends with the process then.
    if outcome.is_ok() {
        let _ = web.await;
    }
    outcome
}

/// Gives every session a desk.
struct Desks {
    publisher: Arc<dyn Publisher>,
    router: Router,
    orders: Orders,
    /// The orders in the store of the session that is made next, by MsgSeqNum(34).
    stored: Vec<(u64, String)>,
}

impl Applications for Desks {
    type Application = Desk;

    fn make(
        &mut self,
        id: &str,
        settings: &SessionSettings,
        dictionary: &'static Dictionary,
    ) -> (Desk, mpsc::Receiver<DeskCommand>) {
        let is_initiator = matches!(settings.role, Role::Initiator(_));
        let (wake, commands) = self.router.add(id, is_initiator);
        let parts = DeskParts {
            publisher: Arc::clone(&self.publisher),
            dictionary,
            logon: settings.logon.clone(),
            ask_unknown_orders: settings.recovery.ask_unknown_orders,
            orders: self.orders.clone(),
            stored: std::mem::take(&mut self.stored),
            wake,
        };
        (Desk::new(id, parts), commands)
    }

    fn remembers(&self) -> u64 {
        MOST_ORDERS as u64
    }

    fn remember(&mut self, id: &str, orders: Vec<StoredOrder>) {
        let session: Arc<str> = id.into();
        for StoredOrder { msg_seq_num, cl_ord_id, command } in orders {
            self.orders.remember(&cl_ord_id, command, &session);
            self.stored.push((msg_seq_num, cl_ord_id));
        }
    }
}

async fn bind(config: WebConfig) -> Result<WebServer, ServiceError> {
    WebServer::bind(config).await.map_err(|error| match error {
        WebError::NeedsToken { .. } => ServiceError::configuration(error),
        WebError::Bind { .. } => ServiceError::unavailable(error),
    })
}

fn serve(server: WebServer, api: Api) -> JoinHandle<()> {
    tracing::info!("HTTP API on http://{}", server.local_addr());
    tokio::spawn(server.serve(api))
}
