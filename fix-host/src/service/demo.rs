//! `fix-host demo`: the exchange and the engine in one process, real TCP between them on loopback.

use std::{
    io::{self, Write},
    net::Ipv4Addr,
    time::Duration,
};

use tokio::sync::watch;

use super::{
    engine::{self, EngineOptions},
    error::ServiceError,
    exchange::{self, ExchangeOptions},
};
use crate::{
    bus::RedisUrl,
    config::{self, Settings, System},
    exchange::profile::Profile,
    exit,
    market::Instrument,
    observe::Board,
    web::WebConfig,
};

/// Where the demonstration listens.
pub struct DemoOptions {
    /// Port of the HTTP API on 127.0.0.1.
    pub api_port: u16,
    /// Port of the exchange on 127.0.0.1.
    pub fix_port: u16,
    /// The desk talks to Redis as well.
    pub redis: Option<RedisUrl>,
    /// What its exchange quotes.
    pub instruments: Vec<Instrument>,
    /// Seed of the exchange's prices.
    pub seed: u64,
    /// How its exchange behaves.
    pub venue: Profile,
    /// Its exchange holds requests for a person.
    pub hold: bool,
    /// The desk's messages and events are shown on the screen too.
    pub screen: bool,
}

/// Runs until `stop` is true.
///
/// # Errors
/// A port that is taken.
pub async fn run(options: DemoOptions, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    let board = Board::default();
    let mut engine_options = EngineOptions {
        settings: settings(&options, "initiator")?,
        redis: options.redis.clone(),
        web: WebConfig {
            addr: (Ipv4Addr::LOCALHOST, options.api_port).into(),
            token: None,
            read_token: None,
            folder: None,
        },
        market_seed: None,
        prices: None,
        instruments: options.instruments.clone(),
        screen: options.screen,
        board: board.clone(),
        venue: None,
        profile: Some((options.venue.name.clone(), options.venue.description.clone())),
    };
    let exchange_options = ExchangeOptions {
        replay: None,
        settings: settings(&options, "acceptor")?,
        seed: options.seed,
        venue: options.venue.clone(),
        instruments: options.instruments.clone(),
        hold: options.hold,
        http: None,
        screen: false,
    };
    // Before the desk dials: who else may listen on that port must not get its Logon.
    let started = exchange::start(exchange_options, stop.clone()).await.map_err(|mut error| {
        // The demonstration has no file.
        error.message = error.message.replace("SocketAcceptPort", "--fix-port");
        error
    });
    let Some(exchange) = started? else { return Ok(()) };
    engine_options.venue = Some(exchange.by_hand());
    // Those at which its orders trade, and no other ones beside them.
    engine_options.prices = Some(exchange.prices());
    let engine = engine::run(engine_options, stop);
    let guide = tokio::spawn(async move {
        // There is a session as soon as all ports are taken.
        until(|| !board.sessions().is_empty()).await;
        say(&introduction(&options));
        until(|| board.is_logged_on()).await;
        say(&next_steps(&options));
    });
    let outcome = tokio::try_join!(exchange.run(), engine).map(|_| ());
    guide.abort();
    outcome
}

async fn until(is: impl Fn() -> bool) {
    while !is() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Prints `text`. The demonstration goes on when nobody can read it.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// The sessions of both sides, as a configuration file would hold them; nothing is written to disk.
fn settings(options: &DemoOptions, role: &str) -> Result<Settings, ServiceError> {
    let port = options.fix_port;
    let text = if role == "initiator" {
        format!(
            "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=TRADEDESK\n\
             TargetCompID=EXCHANGE\nHeartBtInt=30\nRoundTripInterval=5\nReconnectInterval=1\nSocketConnectHost=127.0.0.1\n\
             SocketConnectPort={port}\n"
        )
    } else {
        format!(
            "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\n\
             TargetCompID=TRADEDESK\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\n"
        )
    };
    config::parse_bytes("demo", text.as_bytes(), &System).map_err(ServiceError::configuration)
}

fn introduction(options: &DemoOptions) -> String {
    let redis = match &options.redis {
        Some(url) => format!("Redis      {url}: orders from outgoing_orders, reports to execution_reports\n"),
        None => String::new(),
    };
    format!(
        "A desk, an exchange and live FIX 4.4 between them, in one process:\n\
         \n\
         exchange   FIX acceptor EXCHANGE on 127.0.0.1:{}: fills, rests and cancels orders\n\
         desk       FIX initiator TRADEDESK, connects to it over TCP\n\
         prices     {} simulated instruments that move every second\n\
         dashboard  http://127.0.0.1:{}, which is the HTTP API too\n{redis}",
        options.fix_port,
        options.instruments.len(),
        options.api_port
    )
}

fn next_steps(options: &DemoOptions) -> String {
    let program = exit::program();
    let api = match options.api_port {
        8050 => String::new(),
        port => format!(" --api http://127.0.0.1:{port}"),
    };
    let venue = match options.hold {
        true => format!(
            "\nYou are the venue: each request waits until you decide it.\n\n\
             {program} exchange orders{api}\n\
             {program} exchange accept REST-1{api}\n\
             {program} exchange fill REST-1 --qty 4{api}\n\
             {program} exchange reject REST-1 --text \"not today\"{api}\n\
             {program} exchange hold off{api}\n"
        ),
        false => String::new(),
    };
    let python = match &options.redis {
        Some(url) => format!(
            "\nThe same over Redis, in Python:\n\nexport REDIS_URL=redis://{url}\n\
             python3 fix-host/examples/python/order.py BUY 100 5Y\n\
             python3 fix-host/examples/python/dashboard.py\n"
        ),
        None => String::new(),
    };
    format!(
        "\nTRADEDESK is LOGGED ON to EXCHANGE. Now type in another terminal:\n\
         \n\
         {program} order --side BUY --qty 100 --symbol 5Y{api}\n\
         {program} order --side SELL --qty 10 --symbol 10Y --price 120 --cl-ord-id REST-1{api}\n\
         {program} cancel --cl-ord-id REST-1{api}\n\
         {program} prices{api}\n\
         {program} status{api}\n\
         {venue}{python}\n\
         Ctrl-C ends the demonstration.\n"
    )
}
