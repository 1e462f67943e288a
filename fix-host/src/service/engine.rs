//! `fix-host start`: initiator sessions, the mailbox, the HTTP API and the market data in one process.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{error::ServiceError, session::Sessions, shutdown::stopped};
use crate::{
    bus::{
        feed::{FEED_PERIOD, feed},
        memory::MemoryPublisher,
        parse::OrderRules,
        publisher::Publisher,
        redis::{RedisBus, RedisUrl},
        request::{Intake, Request, intake},
    },
    config::{Role, Settings},
    desk::Desk,
    market::Market,
    net::{dial::Dialer, driver::Control, hosts::Hosts, initiator},
    observe::{Board, notify},
    web::{Api, WebConfig, WebServer},
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
    // The API is there before the first session can log on, so whoever sees LOGGED ON can place an order.
    let web = serve(options.web, &intake, &publisher, &board, &stop).await?;
    let mut sessions = Sessions::new(options.screen)?;
    let running = start_sessions(&mut sessions, &options.settings, &publisher, requests)?;
    if let Some(market) = market {
        tokio::spawn(feed(market, Arc::clone(&publisher), FEED_PERIOD, stop.clone()));
    }

    notify::ready();
    stopped(stop).await;
    notify::stopping();
    if let Some(bus) = &mut redis {
        bus.stop_intake(LAST_ORDER).await;
    }
    let outcome = stop_sessions(running).await;
    if let Some(bus) = redis
        && let Err(undelivered) = bus.finish(LAST_REPORTS).await
    {
        tracing::error!("{undelivered}");
    }
    let _ = web.await;
    outcome
}

struct Running {
    control: mpsc::Sender<Control>,
    task: JoinHandle<Result<(), ServiceError>>,
}

/// Starts every initiator session; orders go to the first.
fn start_sessions(
    sessions: &mut Sessions,
    settings: &Settings,
    publisher: &Arc<dyn Publisher>,
    requests: mpsc::Receiver<Request>,
) -> Result<Vec<Running>, ServiceError> {
    let mut requests = Some(requests);
    let mut running = Vec::new();
    for settings in &settings.sessions {
        let Role::Initiator(initiator) = &settings.role else {
            return Err(ServiceError::configuration(format!(
                "{}: ConnectionType=acceptor is for `fix-host exchange`; `fix-host start` runs initiators",
                settings.origin
            )));
        };
        let dialer = Dialer::new(initiator, &settings.socket, settings.tls.as_ref())
            .map_err(|error| ServiceError::configuration(format!("{}: {error}", settings.origin)))?;
        let name = settings.identity.to_string();
        let desk = |dictionary| Desk::new(&name, Arc::clone(publisher), dictionary, settings.logon.clone());
        let commands = requests.take().unwrap_or_else(|| mpsc::channel(1).1);
        let (session, control) = sessions.open(settings, desk, commands)?;
        let hosts = Hosts::new(initiator);
        let task = tokio::spawn(async move {
            initiator::run(session, dialer, hosts).await.finish().map_err(ServiceError::store)
        });
        running.push(Running { control, task });
    }
    Ok(running)
}

async fn serve(
    config: WebConfig,
    intake: &Intake,
    publisher: &Arc<dyn Publisher>,
    board: &Board,
    stop: &watch::Receiver<bool>,
) -> Result<JoinHandle<()>, ServiceError> {
    let server = WebServer::bind(config).await.map_err(ServiceError::unavailable)?;
    let address: SocketAddr = server.local_addr();
    tracing::info!("HTTP API on http://{address}");
    let api = Api {
        intake: intake.clone(),
        publisher: Arc::clone(publisher),
        board: board.clone(),
        stop: stop.clone(),
    };
    Ok(tokio::spawn(async move {
        if let Err(error) = server.serve(api).await {
            tracing::error!("HTTP API: {error}");
        }
    }))
}

async fn stop_sessions(sessions: Vec<Running>) -> Result<(), ServiceError> {
    for session in &sessions {
        let _ = session.control.send(Control::Stop).await;
    }
    let mut outcome = Ok(());
    for session in sessions {
        match session.task.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => outcome = Err(error),
            Err(error) => outcome = Err(ServiceError::store(format!("a session ended badly: {error}"))),
        }
    }
    outcome
}
