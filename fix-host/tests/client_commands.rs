//! `order`, `cancel`, `prices` and `status` as a user types them, against a stand-in for the engine.

#[path = "support/engine.rs"]
mod engine;
#[path = "support/redis_server.rs"]
mod redis_server;

use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use fix_host::{
    bus::{RedisBus, RedisUrl},
    contract::{control::Directory, intake::intake, parse::OrderRules, publisher::Publisher},
    market::{
        Market,
        feed::{self, FEED_PERIOD, Feed},
    },
    observe::{Board, Metrics},
    orders::Orders,
    web::{Api, Token, WebConfig, WebServer},
};
use redis_server::RedisServer;
use tokio::sync::watch;

const TOKEN: &str = "0123456789abcdef-test";

/// An engine with an HTTP API or a Redis, and where the commands find it.
struct Rig {
    place: [String; 2],
    token: Option<&'static str>,
    _stop: watch::Sender<bool>,
    _server: Option<(RedisServer, RedisBus)>,
}

impl Rig {
    async fn with_api(token: Option<&'static str>) -> Self {
        let (intake, requests) = intake(OrderRules::only(Market::new(1).symbols()));
        let board = Board::default();
        let publisher: Arc<dyn Publisher> = Arc::new(board.clone());
        let (stop, stopped) = watch::channel(false);
        let api = Api {
            orders: fix_host::orders::Orders::default(),
            intake,
            publisher: publisher.clone(),
            board,
            directory: Directory::default(),
            metrics: Metrics::default(),
            venue: None,
            books: None,
            facts: fix_host::web::Facts::default(),
            stop: stopped.clone(),
        };
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let web = WebServer::bind(WebConfig {
            addr,
            token: token.and_then(Token::new),
            read_token: None,
            folder: None,
        })
        .await
        .unwrap();
        let place = ["--api".into(), format!("http://{}", web.local_addr())];
        tokio::spawn(web.serve(api));
        tokio::spawn(engine::exchange(requests, publisher.clone()));
        tokio::spawn(feed::publish(Feed::Simulated(Market::new(1)), publisher, FEED_PERIOD, stopped));
        Rig { place, token, _stop: stop, _server: None }
    }

    fn with_redis(server: RedisServer) -> Self {
        let (intake, requests) = intake(OrderRules::only(Market::new(1).symbols()));
        let url = server.url();
        let bus =
            RedisBus::start(RedisUrl::parse(&url).unwrap(), intake, Orders::default(), Board::default());
        let publisher = bus.publisher();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(engine::exchange(requests, publisher.clone()));
        tokio::spawn(feed::publish(Feed::Simulated(Market::new(1)), publisher, FEED_PERIOD, stopped));
        Rig { place: ["--redis-url".into(), url], token: None, _stop: stop, _server: Some((server, bus)) }
    }

    fn command(&self, args: &str) -> Command {
        let mut command = fix_host(args);
        command.args(&self.place);
        if let Some(token) = self.token {
            command.env("FIX_HOST_API_TOKEN", token);
        }
        command
    }

    /// Runs to the end: exit code, standard output, standard error.
    async fn run(&self, args: &str) -> (i32, String, String) {
        let mut command = self.command(args);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        shown(&output)
    }
}

fn fix_host(args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fix-host"));
    command.args(args.split_whitespace()).env_remove("FIX_HOST_API_TOKEN").env_remove("FIX_HOST_REDIS_URL");
    command
}

fn shown(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// What must be the same over HTTP and over Redis.
async fn orders_and_cancels(rig: &Rig) {
    let (code, out, err) = rig.run("order --side buy --qty 100 --symbol 10Y --cl-ord-id F1").await;
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("\nNEW               BUY 100 10Y  leaves 100\n"), "{out}");
    assert!(out.ends_with("\nFILLED            BUY 100 10Y  100 at 99.880  leaves 0\n"), "{out}");

    let (code, out, _) = rig.run("order --side SELL --qty 5 --symbol 3Y").await;
    assert_eq!(code, 1, "{out}");
    assert!(out.ends_with("\nREJECTED          SELL 5 3Y  \"unknown symbol\"\n"), "{out}");

    let (code, out, err) =
        rig.run("order --side BUY --qty 7 --symbol 2Y --price 90.125 --cl-ord-id L1 --timeout 2").await;
    assert_eq!(code, 75, "{out}");
    assert!(out.contains("NEW               BUY 7 2Y  limit 90.125  leaves 7"), "{out}");
    assert_eq!(err, "fix-host: L1: not finished after 2 s; the order may still be working\n");

    let (code, out, err) = rig.run("cancel --cl-ord-id L1").await;
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("\nCANCELED          BUY 2Y"), "{out}");

    let (code, _, err) = rig.run("cancel --cl-ord-id nobody").await;
    assert_eq!(code, 1);
    assert_eq!(
        err,
        "fix-host: no report of an order nobody is known; if it exists, give --symbol and --side\n"
    );
}

async fn prices(rig: &Rig) {
    let (code, out, err) = rig.run("prices").await;
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[0], "Symbol  Source               Bid         Ask         Mid      Change        VWAP");
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{out}");

    let (code, out, _) = rig.run("prices --once --format json --symbol 10Y").await;
    assert_eq!((code, out.lines().count()), (0, 1));
    assert!(out.starts_with("{\"10Y\":{\"bid\":"), "{out}");

    let (code, _, err) = rig.run("prices --symbol 7Y").await;
    assert_eq!(code, 1);
    assert!(err.starts_with("fix-host: no prices of 7Y; known are 2Y, "), "{err}");

    // Two lines of the endless stream, then the pipe is closed: a quiet end.
    let mut stream = rig.command("prices --format json").stdout(Stdio::piped()).spawn().unwrap();
    let stdout = stream.stdout.take().unwrap();
    let lines = tokio::task::spawn_blocking(move || {
        BufReader::new(stdout).lines().take(2).map(Result::unwrap).collect::<Vec<_>>()
    });
    assert!(lines.await.unwrap().iter().all(|line| line.starts_with("{\"2Y\":")));
    let status = tokio::task::spawn_blocking(move || stream.wait().unwrap()).await.unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_over_the_api() {
    let rig = Rig::with_api(None).await;
    orders_and_cancels(&rig).await;
    let (code, out, err) = rig.run("order --side BUY --qty 1 --symbol 30Y").await;
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err, "fix-host: SIM MODE: no counterparty is logged on; the order was not sent\n");
    let (code, _, err) = rig.run("order --side BUY --qty 1 --symbol 7Y").await;
    assert_eq!(code, 1);
    assert!(
        err.starts_with("fix-host: symbol: \"7Y\" is not traded here (OnlyKnownSymbols=Y); known are "),
        "{err}"
    );
    let (code, out, _) = rig.run("order --side BUY --qty 1 --symbol 2Y --timeout 0 --cl-ord-id Q").await;
    assert_eq!((code, out.lines().count()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_and_status_over_the_api() {
    let rig = Rig::with_api(Some(TOKEN)).await;
    prices(&rig).await;
    assert_eq!(rig.run("status").await, (0, "LOGGED_OFF\n".into(), String::new()));
    let (code, out, _) = rig.run("status --json").await;
    assert_eq!(code, 0);
    assert!(out.contains("\"mode\":\"SIM MODE\""), "{out}");
    let stranger =
        Rig { token: None, _server: None, place: rig.place.clone(), _stop: watch::Sender::new(false) };
    let (code, _, err) = stranger.run("status").await;
    assert_eq!(code, 77);
    assert!(err.ends_with(" wants a token: set FIX_HOST_API_TOKEN\n"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_over_redis() {
    let Some(server) = RedisServer::start() else { return };
    let rig = Rig::with_redis(server);
    orders_and_cancels(&rig).await;
    prices(&rig).await;
    let (code, out, _) = rig.run("order --side BUY --qty 1 --symbol 30Y").await;
    assert_eq!(code, 1);
    assert!(out.contains("\nREJECTED          BUY 1 30Y  leaves 0  \"SIM MODE: "), "{out}");
    let (code, out, _) = rig.run("order --side BUY --qty 1 --symbol 7Y").await;
    assert_eq!(code, 1);
    assert!(out.contains("REJECTED          BUY 1 7Y  \"symbol: "), "{out}");
    assert_eq!(rig.run("status").await, (0, "LOGGED_OFF\n".into(), String::new()));
    // The address from the environment, as the engine reads it; what the command line says goes first.
    let [_, url] = &rig.place;
    let run = |args: &str, variable: &str, value: &str| {
        let mut command = fix_host(args);
        command.env(variable, value);
        tokio::task::spawn_blocking(move || shown(&command.output().unwrap()))
    };
    let (code, out, err) =
        run("order --side BUY --qty 1 --symbol 10Y", "FIX_HOST_REDIS_URL", url).await.unwrap();
    assert!(code == 0 && out.starts_with("queued "), "{out}{err}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    std::fs::write(&file, url).unwrap();
    let file = file.display().to_string();
    let (code, out, err) = run("status", "FIX_HOST_REDIS_URL_FILE", &file).await.unwrap();
    assert_eq!((code, out.as_str()), (0, "LOGGED_OFF\n"), "{err}");
    let elsewhere = "status --api http://127.0.0.1:1";
    let (code, _, err) = run(elsewhere, "FIX_HOST_REDIS_URL", url).await.unwrap();
    assert!(code == 69 && err.contains("127.0.0.1:1"), "{err}");
}

#[test]
fn an_engine_that_is_not_there_is_69_with_a_hint() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = free.local_addr().unwrap();
    drop(free);
    for command in [
        "status",
        "prices",
        "prices --format json",
        "order --side BUY --qty 1 --symbol 2Y",
        "cancel --cl-ord-id A",
    ] {
        let output = fix_host(command).args(["--api", &format!("http://{addr}")]).output().unwrap();
        let (code, out, err) = shown(&output);
        assert_eq!((code, out.as_str()), (69, ""), "{command}");
        assert!(
            err.contains(&format!(
                "start one with `{0} start` or `{0} demo`",
                env!("CARGO_BIN_EXE_fix-host")
            )),
            "{err}"
        );
        let output = fix_host(command).args(["--redis-host", &addr.to_string()]).output().unwrap();
        let (code, _, err) = shown(&output);
        assert_eq!(code, 69, "{command}");
        assert!(err.contains("is redis-server running there?"), "{err}");
    }
}

#[test]
fn a_redis_without_an_engine_is_told() {
    let Some(server) = RedisServer::start() else { return };
    let run = |command: &str| {
        let started = std::time::Instant::now();
        let output = fix_host(command).args(["--redis-url", &server.url()]).output().unwrap();
        assert!(started.elapsed() < Duration::from_secs(10));
        shown(&output)
    };
    let (code, _, err) = run("order --side BUY --qty 1 --symbol 2Y --timeout 1");
    assert_eq!(code, 75);
    assert!(err.contains("no report within 1 s; is an engine running on this Redis?"), "{err}");
    let queued: usize = redis::cmd("LLEN").arg("outgoing_orders").query(&mut server.connect()).unwrap();
    assert_eq!(queued, 1);
    assert_eq!(run("prices").0, 69);
    assert_eq!(run("status").0, 69);
}

#[test]
fn wrong_arguments_are_usage_errors() {
    for command in [
        "order --side BUY --qty 0 --symbol 2Y",
        "order --side BUY --qty -1 --symbol 2Y",
        "order --side BUY --qty NaN --symbol 2Y",
        "order --side HOLD --qty 1 --symbol 2Y",
        "order --side BUY --qty 1 --symbol 2Y --type LIMIT",
        "order --side BUY --qty 1 --symbol 2Y --type MARKET --price 1",
        "order --side BUY --qty 1 --symbol 2Y --redis-host a --api http://b",
        "order --side BUY --qty 1 --symbol 2Y --api https://b",
        "order --side BUY --qty 1 --symbol 2Y --redis-url http://user:hunter2@b",
        "cancel",
        "cancel --cl-ord-id A --symbol 2Y",
        "prices --format xml",
    ] {
        let (code, out, err) = shown(&fix_host(command).output().unwrap());
        assert_eq!((code, out.as_str()), (2, ""), "{command}: {err}");
        assert!(!err.is_empty() && !err.contains("hunter2"), "{command}: {err}");
    }
}
