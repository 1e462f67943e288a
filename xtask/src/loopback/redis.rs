//! Orders over Redis, from LPUSH to the fill taken off the list of reports: `fix-host start` as it is shipped, journal and
//! logs on, beside an engine in Python on QuickFIX and redis-py. Redis, the engine, its counterparty (`fix-host exchange`,
//! journal and logs on) and the driver share all cores.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use super::{
    Args,
    bench::{Bench, Cores, wait_until_listening},
    process::Process,
    rounds::Rounds,
    table::{Goal, Table},
};
use crate::{
    port::free_port,
    step::{self, Outcome},
};

const OURS: &str = "`start` and `exchange`, journal, logs";
const PYTHON: &str = "QuickFIX and redis-py in Python, file store, logs";

/// What the driver prints of lone orders: a round trip of Redis and the order, in nanoseconds.
const LONE: [&str; 4] = ["PING p50", "PING p99", "lone order p50", "lone order p99"];

pub(super) fn run(bench: &Bench, args: &Args, table: &mut Table) -> Outcome {
    if !step::has("redis-server") {
        table.without("Redis", "needs redis-server");
        return Ok(());
    }
    let mut rounds = Rounds::default();
    let has_python = has_python();
    for _ in 0..args.rounds.max(1) {
        rounds.begin();
        measure(bench, args, OURS, &mut rounds)?;
        if has_python {
            measure(bench, args, PYTHON, &mut rounds)?;
        }
    }
    for (engine, goals) in [(OURS, true), (PYTHON, false)] {
        if engine == PYTHON && !has_python {
            table.without(&format!("Redis, {PYTHON}"), "pip install quickfix-tls redis");
            continue;
        }
        show(table, &rounds, engine, goals);
    }
    if let Some(ratio) = rounds.ratio(&name("bulk", OURS), &name("bulk", PYTHON)) {
        table.add(&name("bulk", OURS), ratio, "x Python", None);
    }
    Ok(())
}

fn show(table: &mut Table, rounds: &Rounds, engine: &str, goals: bool) {
    for what in LONE {
        if let Some(figure) = rounds.median(&name(what, engine)) {
            table.add(&name(what, engine), figure / 1000.0, "us", None);
        }
    }
    for (lone, ping, goal) in [(LONE[2], LONE[0], 4.0), (LONE[3], LONE[1], 10.0)] {
        let goal = goals.then_some(Goal::AtMost(goal));
        if let Some(ratio) = rounds.ratio(&name(lone, engine), &name(ping, engine)) {
            table.add(&name(lone, engine), ratio, &format!("x {ping}"), goal);
        }
    }
    if let Some(ratio) = rounds.ratio(&name(LONE[3], engine), &name(LONE[0], engine)) {
        table.add(&name(LONE[3], engine), ratio, "x PING p50", None);
    }
    if let Some(rate) = rounds.median(&name("bulk", engine)) {
        let goal = goals.then_some(Goal::AtLeast(30_000.0));
        table.add(&name("bulk", engine), rate, "orders/s", goal).cpu(rounds.median(&name("CPU", engine)));
    }
}

fn name(what: &str, engine: &str) -> String {
    format!("Redis, {what}, all cores, {engine}")
}

fn measure(bench: &Bench, args: &Args, engine: &str, rounds: &mut Rounds) -> Outcome {
    let scene = Scene::start(bench, engine)?;
    for (what, figure) in LONE.iter().zip(scene.drive(bench, "lone", args.pings())?) {
        rounds.add(name(what, engine), figure);
    }
    // An engine of a few hundred orders a second shall not take minutes.
    let orders = if engine == PYTHON { args.pings() } else { args.orders };
    let before = scene.engine.cpu();
    let rate = scene.drive(bench, "bulk", orders)?;
    if let (Some(before), Some(after)) = (before, scene.engine.cpu()) {
        let used = after.saturating_sub(before);
        rounds.add(name("CPU", engine), used.as_secs_f64() * 1e6 / orders as f64);
    }
    rate.first().map(|rate| rounds.add(name("bulk", engine), *rate)).ok_or("no rate")?;
    Ok(())
}

/// The four programs, each with empty folders.
struct Scene {
    engine: Process,
    redis_port: u16,
    _exchange: Process,
    _redis: Process,
}

impl Scene {
    fn start(bench: &Bench, engine: &str) -> Result<Self, String> {
        let (redis_port, fix_port, folder) = (free_port()?, free_port()?, bench.fresh("redis")?);
        let mut redis = bench.server(Cores::All, "redis-server");
        let port = redis_port.to_string();
        redis.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        let redis = Process::start(redis, "redis-server")?;
        wait_until_listening(redis_port)?;
        let mut exchange = bench.server(Cores::All, &bench.fix_host);
        exchange.args(["exchange", "--config"]).arg(acceptor(&folder, fix_port)?).current_dir(&folder);
        let exchange = Process::start(exchange, "exchange")?;
        wait_until_listening(fix_port)?;
        let config = initiator(&folder, fix_port)?;
        let mut command = if engine == PYTHON {
            let mut command = bench.server(Cores::All, "python3");
            command.arg(step::root().join("fix-host/benches/loopback/quickfix_redis.py"));
            command.arg(&port).arg(config);
            command
        } else {
            let mut command = bench.server(Cores::All, &bench.fix_host);
            command.args(["start", "--no-market-data", "--api", "127.0.0.1:0", "--redis-url"]);
            command.arg(format!("redis://127.0.0.1:{port}/")).arg("--fix-config").arg(config);
            command
        };
        command.current_dir(&folder);
        let engine = Process::start(command, engine)?;
        // Its first Logon, before the driver looks at the status.
        thread::sleep(Duration::from_millis(200));
        Ok(Scene { engine, redis_port, _exchange: exchange, _redis: redis })
    }

    fn drive(&self, bench: &Bench, what: &str, orders: u64) -> Result<Vec<f64>, String> {
        let mut driver = bench.driver(Cores::All, &bench.program);
        driver.args(["redis", &self.redis_port.to_string(), what, &orders.to_string()]);
        let output = driver.output().map_err(|error| format!("the Redis driver: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let figures: Vec<f64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        match figures.is_empty() {
            false => Ok(figures),
            true => Err(format!("the Redis driver: {}", String::from_utf8_lossy(&output.stderr).trim())),
        }
    }
}

/// True where Python has both packages.
fn has_python() -> bool {
    let import = Command::new("python3")
        .args(["-c", "import quickfix, redis"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    import.is_ok_and(|status| status.success())
}

fn acceptor(folder: &Path, port: u16) -> Result<PathBuf, String> {
    let keys = format!("ConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}");
    configuration(folder, "exchange", &keys, ("EXCHANGE", "DESK"))
}

fn initiator(folder: &Path, port: u16) -> Result<PathBuf, String> {
    let keys = format!(
        "ConnectionType=initiator\nReconnectInterval=1\nHeartBtInt=30\nSocketConnectHost=127.0.0.1\n\
         SocketConnectPort={port}\nStartTime=00:00:00\nEndTime=00:00:00"
    );
    configuration(folder, "desk", &keys, ("DESK", "EXCHANGE"))
}

/// A session as in `config/`, in a folder of its own; QuickFIX reads it too.
fn configuration(
    folder: &Path,
    name: &str,
    keys: &str,
    (ours, theirs): (&str, &str),
) -> Result<PathBuf, String> {
    let path = folder.join(format!("{name}.cfg"));
    let text = format!(
        "[DEFAULT]\n{keys}\nFileStorePath={0}/{name}-store\nFileLogPath={0}/{name}-log\nDataDictionary={1}\n\
         [SESSION]\nBeginString=FIX.4.4\nSenderCompID={ours}\nTargetCompID={theirs}\n",
        folder.display(),
        step::root().join("config/FIX44.xml").display()
    );
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
