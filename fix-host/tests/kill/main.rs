//! `fix-host start` killed with SIGKILL, again and again, while clients place orders over its HTTP API.
//!
//! At the end the counterparty's ledger and the clients' notes are compared: no order that a client was told
//! is accepted is missing, none came twice without PossDupFlag(43), none came that was refused, and every
//! accepted order's last report has reached its client.
//!
//! The other way round, `exchange.rs`: `fix-host exchange` is killed while a session trades with it.
//!
//! `cargo xtask kill` runs it for as long as it is told; the environment says how much (see [`Amount`]).

mod counterparty;
mod desk;
mod exchange;
mod producer;
mod readers;
#[path = "../support/redis_server.rs"]
mod redis_server;
#[path = "../support/mod.rs"]
mod support;
mod told;
mod trader;

use std::{
    collections::HashSet,
    path::Path,
    process::{Child, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use counterparty::Ledger;
use desk::Client;
use fix_host::web::ApiClient;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use redis_server::RedisServer;
use serde_json::Value;
use support::{fix_host, free_port, write_file};

const CLIENTS: usize = 4;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a whole number"))
}

/// How often the exchange is killed, and the time after which it is not killed again.
fn lives_of_the_exchange() -> (u64, Duration) {
    (number("KILL_LIVES", 10), Duration::from_secs(number("KILL_SECONDS", 60)) / 2)
}

/// How much there is to do.
struct Amount {
    /// Kills at random moments.
    kills: u64,
    /// No kill begins after so much time: half of what there is for each of the two tests.
    time: Duration,
    /// Deaths at each named crash point; these need the feature `crash-points`.
    #[cfg_attr(not(feature = "crash-points"), allow(dead_code, reason = "no crash points in this build"))]
    deaths: u64,
}

impl Amount {
    fn from_environment() -> Self {
        Amount {
            kills: number("KILL_KILLS", 10),
            time: Duration::from_secs(number("KILL_SECONDS", 60)) / 2,
            deaths: number("KILL_DEATHS", 2),
        }
    }
}

/// The engine under test, its counterparty and its clients.
struct Scene {
    _folder: tempfile::TempDir,
    cfg: String,
    api: String,
    ledger: Ledger,
    clients: Vec<Client>,
    /// The engine's Redis, if it has one.
    redis_url: Option<String>,
    lives: u64,
}

impl Scene {
    fn new(sync: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (fix_port, ledger) = counterparty::start();
        let cfg = configuration(folder.path(), fix_port, sync);
        let api = format!("127.0.0.1:{}", free_port());
        let clients = (0..CLIENTS).map(|index| Client::new(format!("C{index}"), &format!("http://{api}")));
        let clients = clients.collect();
        Scene { _folder: folder, cfg, api, ledger, clients, redis_url: None, lives: 0 }
    }

    fn start(&mut self, crash_point: Option<&str>) -> Child {
        self.lives += 1;
        let mut command =
            fix_host(&["start", "--fix-config", &self.cfg, "--api", &self.api, "--no-market-data"]);
        if let Some(url) = &self.redis_url {
            command.args(["--redis-url", url]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(point) = crash_point {
            // Small segments, so that a new one begins often.
            command.env("FIX_CRASH_POINT", point).env("FIX_SEGMENT_LEN", "16384");
        }
        command.spawn().expect("the engine starts")
    }

    /// One life: the clients work until `end` returns, which sees the engine die.
    fn live(&mut self, mut engine: Child, end: impl FnOnce(&mut Child)) {
        let (is_alive, behind) = (AtomicBool::new(true), AtomicUsize::new(CLIENTS));
        thread::scope(|scope| {
            for client in &mut self.clients {
                scope.spawn(|| client.work(&is_alive, &behind));
            }
            end(&mut engine);
            engine.wait().expect("its end");
            is_alive.store(false, Ordering::Relaxed);
        });
    }

    /// The last life: nobody places orders, everything that is owed arrives.
    /// Returns the last reports that the engine shows then, oldest first.
    fn settle(&mut self) -> Vec<Value> {
        let mut engine = self.start(None);
        for client in &mut self.clients {
            client.finish(Duration::from_secs(30));
        }
        let api = ApiClient::new(&format!("http://{}", self.api), None).expect("the address of the API");
        // Clients that wait for nothing have not waited for the engine to listen.
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut answer = loop {
            match api.get("/api/reports?limit=10000") {
                Ok(answer) => break answer,
                Err(error) => assert!(Instant::now() < deadline, "the last reports: {error}"),
            }
            thread::sleep(Duration::from_millis(20));
        };
        while self.redis_url.as_deref().is_some_and(|url| !producer::is_done(url)) {
            assert!(Instant::now() < deadline, "orders wait in Redis");
            thread::sleep(Duration::from_millis(20));
        }
        let mut shown = answer["reports"].take();
        // What is in the journal reaches Redis before a graceful end.
        assert!(support::signal(engine.id(), "TERM"));
        assert_eq!(engine.wait().expect("its end").code(), Some(0), "reports are due to nobody");
        let mut shown = std::mem::take(shown.as_array_mut().expect("a list"));
        shown.reverse();
        shown
    }

    fn check(&self, what: &str) -> usize {
        let ledger = self.ledger.lock().unwrap();
        let all =
            |part: fn(&Client) -> &Vec<String>| self.clients.iter().flat_map(part).collect::<HashSet<_>>();
        let accepted = all(|client| &client.accepted);
        let lost: Vec<_> = accepted.iter().filter(|id| !ledger.contains_key(**id)).collect();
        let twice: Vec<_> = ledger.iter().filter(|(_, taken)| taken.unflagged > 1).collect();
        let uncalled: Vec<_> =
            all(|client| &client.refused).into_iter().filter(|id| ledger.contains_key(*id)).collect();
        let unreported = all(|client| &client.unreported);
        let resent = ledger.values().filter(|taken| taken.flagged > 0).count();
        println!(
            "{what}: {} lives, {} orders accepted, {} at the counterparty ({resent} resent with PossDupFlag); \
             lost {}, twice {}, sent though refused {}, unreported {}",
            self.lives,
            accepted.len(),
            ledger.len(),
            lost.len(),
            twice.len(),
            uncalled.len(),
            unreported.len()
        );
        assert!(lost.is_empty(), "{what}: lost {lost:?}");
        assert!(twice.is_empty(), "{what}: twice {twice:?}");
        assert!(uncalled.is_empty(), "{what}: sent though refused {uncalled:?}");
        assert!(unreported.is_empty(), "{what}: unreported {unreported:?}");
        accepted.len()
    }
}

/// On a busy machine many lives in a row end before their Logon: an order is resent however old it is by then, or it would
/// be gap-filled, and its state unknown.
fn configuration(folder: &Path, fix_port: u16, sync: bool) -> String {
    let sync = if sync { "Y" } else { "N" };
    let text = format!(
        "[DEFAULT]\nConnectionType=initiator\nHeartBtInt=30\nReconnectInterval=1\nSocketConnectHost=127.0.0.1\n\
         SocketConnectPort={fix_port}\nFileStorePath={0}/store\nFileStoreSync={sync}\nFileLogPath={0}/log\n\
         ResendOrderMaxAge=0\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=TRADEDESK\nTargetCompID=EXCHANGE\n",
        folder.display()
    );
    write_file(folder, "desk.cfg", &text)
}

#[test]
fn killed_at_random_moments_nothing_is_lost_or_sent_twice_and_every_order_is_reported() {
    let Amount { kills, time, .. } = Amount::from_environment();
    let mut scene = Scene::new(false);
    let mut rng = SmallRng::seed_from_u64(5);
    let begin = Instant::now();
    for _ in 0..kills {
        if begin.elapsed() > time {
            break;
        }
        // Some die while they start or log on, most under load.
        let longest = if rng.random_range(0..4) == 0 { 60 } else { 600 };
        let life = Duration::from_millis(rng.random_range(0..longest));
        let engine = scene.start(None);
        scene.live(engine, |engine| {
            thread::sleep(life);
            engine.kill().expect("kill -9");
        });
    }
    scene.settle();
    assert!(scene.check("random kills") > 0, "no order was accepted");
}

/// How a life goes.
fn live_with_redis(scene: &mut Scene, redis: &mut RedisServer, rng: &mut SmallRng) {
    let life = Duration::from_millis(rng.random_range(0..500));
    let (outage, graceful) = (rng.random_range(0..4), rng.random_range(0..3) == 0);
    let engine = scene.start(None);
    scene.live(engine, |engine| {
        thread::sleep(life / 2);
        match outage {
            0 => redis.freeze(),
            1 => {
                redis.stop();
                redis.start_again();
            }
            _ => {}
        }
        thread::sleep(life / 2);
        if graceful && support::signal(engine.id(), "TERM") {
            let code = engine.wait().expect("its end").code();
            // Killed by the signal while it starts, well, or with reports due to Redis.
            assert!(matches!(code, None | Some(0 | 75)), "exit code {code:?}");
        } else {
            engine.kill().expect("kill -9");
        }
        if outage == 0 {
            redis.thaw();
        }
    });
}

#[test]
fn what_the_counterparty_reports_reaches_redis_and_http_whatever_is_killed_hangs_or_stops() {
    let Amount { kills, time, .. } = Amount::from_environment();
    let Some(mut redis) = RedisServer::start_durable() else { return };
    let mut scene = Scene::new(false);
    scene.redis_url = Some(redis.url());
    let (mut rng, begin, is_over) = (SmallRng::seed_from_u64(11), Instant::now(), AtomicBool::new(false));
    let url = redis.url();
    let is_pushed = AtomicBool::new(false);
    let (shown, pushed) = thread::scope(|scope| {
        scope.spawn(|| readers::take_from_redis(&url, &is_over));
        let producer = scope.spawn(|| producer::produce(&url, &is_pushed));
        for _ in 0..kills {
            if begin.elapsed() > time {
                break;
            }
            live_with_redis(&mut scene, &mut redis, &mut rng);
        }
        is_pushed.store(true, Ordering::Relaxed);
        let pushed = producer.join().expect("the producer");
        let shown = scene.settle();
        is_over.store(true, Ordering::Relaxed);
        (shown, pushed)
    });
    assert!(scene.check("consumers' ledger") > 0, "no order was accepted");
    let reports = readers::all_from_redis(&redis);
    let in_redis = readers::Ledger::of(&reports, "Redis");
    let at_http = readers::Ledger::of(&shown, "HTTP");
    let ledger = scene.ledger.lock().unwrap();
    let missing: Vec<_> = ledger.keys().filter(|order| !in_redis.filled.contains(*order)).collect();
    println!(
        "consumers' ledger: {} filled, in Redis {} ({} reports repeated), at HTTP {} of the last reports",
        ledger.len(),
        in_redis.filled.len(),
        in_redis.repeats,
        at_http.filled.len(),
    );
    producer::check(&pushed, &ledger, &reports, "consumers' ledger");
    assert!(missing.is_empty(), "filled, and Redis was never told: {missing:?}");
    assert_eq!(at_http.repeats, 0, "the history has a report twice");
}

/// Where the engine can be killed while orders flow: in the journal, and between Redis and the sessions. Not among them are the points inside a reset, which
/// throws messages away by its nature; `tests/journal_kill.rs` dies there.
#[cfg(feature = "crash-points")]
const CRASH_POINTS: [(&str, bool); 14] = [
    ("after-append", false),
    ("mid-record", false),
    ("after-write", false),
    ("after-sync", true),
    ("rotation-begin", false),
    ("rotation-end", false),
    ("segment-created", false),
    ("segment-header-written", false),
    ("orders-taken", false),
    ("orders-handed-over", false),
    ("orders-answered", false),
    ("orders-settled", false),
    ("reports-taken", false),
    ("reports-pushed", false),
];

#[cfg(feature = "crash-points")]
#[test]
fn dead_at_every_named_crash_point_nothing_is_lost_or_sent_twice_and_every_order_is_reported() {
    /// A life in which the point is not reached ends by itself.
    const LONGEST: Duration = Duration::from_secs(20);
    let Amount { deaths, .. } = Amount::from_environment();
    let mut rng = SmallRng::seed_from_u64(7);
    let mut orders = 0;
    for (point, sync) in CRASH_POINTS {
        let redis = RedisServer::start_durable();
        if redis.is_none() && (point.starts_with("orders") || point.starts_with("reports")) {
            continue;
        }
        let mut scene = Scene::new(sync);
        scene.redis_url = redis.as_ref().map(RedisServer::url);
        let visits = match point.split_once('-') {
            Some(("rotation" | "segment", _)) => 3,
            Some(("orders" | "reports", _)) => 10,
            _ => 300,
        };
        let (mut dead, is_over) = (0, AtomicBool::new(false));
        let pushed = thread::scope(|scope| {
            let url = scene.redis_url.clone();
            let is_over = &is_over;
            let producer = url.clone().map(|url| scope.spawn(move || producer::produce(&url, is_over)));
            // Redis keeps the last 10,000 reports: in a long life there are more.
            url.map(|url| scope.spawn(move || readers::take_from_redis(&url, is_over)));
            for _ in 0..deaths {
                let engine = scene.start(Some(&format!("{point}:{}", rng.random_range(1..=visits))));
                scene.live(engine, |engine| {
                    let until = Instant::now() + LONGEST;
                    while engine.try_wait().expect("wait").is_none() && Instant::now() < until {
                        thread::sleep(Duration::from_millis(2));
                    }
                    match engine.try_wait().expect("wait") {
                        Some(_) => dead += 1,
                        None => engine.kill().expect("kill"),
                    }
                });
            }
            is_over.store(true, Ordering::Relaxed);
            producer.map(|producer| producer.join().expect("the producer")).unwrap_or_default()
        });
        scene.settle();
        if let Some(redis) = &redis {
            let ledger = scene.ledger.lock().unwrap();
            producer::check(&pushed, &ledger, &readers::all_from_redis(redis), point);
        }
        // A death while the engine starts comes before any order.
        orders += scene.check(point);
        assert_eq!(dead, deaths, "{point}: not reached in every life");
    }
    assert!(orders > 0, "no order was accepted at any point");
}
