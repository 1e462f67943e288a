//! `fix-host start`: the sessions, the mailbox, the HTTP API and the market data in one process.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use fix_core::dict::Dictionary;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    error::ServiceError,
    router::Router,
    runner::{Applications, Running},
    session::{Observers, Sessions},
};
use crate::{
    bus::{
        feed::{FEED_PERIOD, feed},
        memory::MemoryPublisher,
        parse::OrderRules,
        publisher::Publisher,
        redis::{RedisBus, RedisUrl},
        request::{Request, intake},
    },
    config::{Role, SessionSettings, Settings},
    desk::Desk,
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
    let mut redis = options.redis.map(|url| RedisBus::start(url, intake.clone(), board.clone()));
    let publisher: Arc<dyn Publisher> = match &redis {
        Some(bus) => bus.publisher(),
        None => Arc::new(MemoryPublisher::new(board.clone())),
    };
    let observers = Observers { publisher: Some(Arc::clone(&publisher)), ..Observers::default() };
    let api = Api {
        intake,
        publisher: Arc::clone(&publisher),
        board: board.clone(),
        directory: observers.directory.clone(),
        metrics: observers.metrics.clone(),
        stop: stop.clone(),
    };
    // The API is there before the first session can log on, so whoever sees LOGGED ON can place an order.
    let web = serve(options.web, api).await?;
    let sessions = Sessions::new(options.screen, observers)?;
    let router = Router::new(board);
    let desks = Desks { publisher: Arc::clone(&publisher), router: router.clone() };
    if let Some(market) = market {
        tokio::spawn(feed(market, publisher, FEED_PERIOD, stop.clone()));
    }
    let mut running = Running::start(options.settings, sessions, desks).await?;
    tokio::spawn(router.run(requests));

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
}

impl Applications for Desks {
    type Application = Desk;

    fn make(
        &mut self,
        id: &str,
        settings: &SessionSettings,
        dictionary: &'static Dictionary,
    ) -> (Desk, mpsc::Receiver<Request>) {
        let desk = Desk::new(id, Arc::clone(&self.publisher), dictionary, settings.logon.clone());
        let is_initiator = matches!(settings.role, Role::Initiator(_));
        (desk, self.router.add(id, is_initiator))
    }
}

async fn serve(config: WebConfig, api: Api) -> Result<JoinHandle<()>, ServiceError> {
    let server = WebServer::bind(config).await.map_err(|error| match error {
        WebError::NeedsToken { .. } => ServiceError::configuration(error),
        WebError::Bind { .. } => ServiceError::unavailable(error),
    })?;
    let address: SocketAddr = server.local_addr();
    tracing::info!("HTTP API on http://{address}");
    Ok(tokio::spawn(async move {
        if let Err(error) = server.serve(api).await {
            tracing::error!("HTTP API: {error}");
        }
    }))
}
