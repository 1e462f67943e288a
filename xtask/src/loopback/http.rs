//! Orders over HTTP: `fix-host start` as it is shipped, journal and logs on, beside a bare axum echo of requests and
//! answers of the same size, with one connection and with 32 that are kept. Its counterparty shares the driver's core.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Args,
    bench::{Bench, Cores},
    instructions,
    process::Process,
    rounds::Rounds,
    table::{Goal, Table},
};
use crate::{
    port::free_port,
    step::{self, Outcome},
};

const ECHO: &str = "bare axum echo";
const START: &str = "`start`, journal, logs";

/// What the driver measures with so many connections, its unit, and what divides it.
const MEASURED: [(&str, &str, f64); 3] =
    [("p50 of the answer", "us", 1000.0), ("rate", "orders/s", 1.0), ("CPU an order", "us", 1000.0)];

pub(super) fn run(bench: &Bench, args: &Args, table: &mut Table) -> Outcome {
    let mut rounds = Rounds::default();
    for _ in 0..args.rounds.max(1) {
        rounds.begin();
        for cores in [Cores::OneEach, Cores::All] {
            for server in [ECHO, START] {
                measure(bench, args, (server, cores), &mut rounds)?;
            }
        }
    }
    for cores in [Cores::OneEach, Cores::All] {
        for connections in [1, 32] {
            for (what, unit, scale) in MEASURED {
                let [echo, start] = [ECHO, START].map(|server| name(what, connections, cores, server));
                for one in [&echo, &start] {
                    if let Some(figure) = rounds.median(one) {
                        table.add(one, figure / scale, unit, None);
                    }
                }
                if let Some(ratio) = rounds.ratio(&start, &echo) {
                    table.add(&start, ratio, "x echo", goal(what, connections));
                }
            }
        }
    }
    if args.no_instructions || !instructions::can_be_counted() {
        table.without("user instructions an order, HTTP", "needs valgrind");
        return Ok(());
    }
    for server in [ECHO, START] {
        let figure = format!("user instructions an order, HTTP, {server}");
        table.add(&figure, count(bench, server)?.round(), "", None);
    }
    Ok(())
}

fn goal(what: &str, connections: u64) -> Option<Goal> {
    match (what, connections) {
        ("p50 of the answer", 1) => Some(Goal::AtMost(3.0)),
        ("rate", 32) => Some(Goal::AtLeast(0.5)),
        ("CPU an order", _) => Some(Goal::AtMost(2.0)),
        _ => None,
    }
}

fn name(what: &str, connections: u64, cores: Cores, server: &str) -> String {
    format!("HTTP x {connections}, {what}, {cores}, {server}")
}

fn measure(bench: &Bench, args: &Args, (server, cores): (&str, Cores), rounds: &mut Rounds) -> Outcome {
    let served = Served::start(bench, server, cores, &[])?;
    for (connections, orders) in [(1, args.pings()), (32, args.orders)] {
        for ((what, ..), figure) in MEASURED.iter().zip(served.drive(bench, cores, connections, orders)?) {
            rounds.add(name(what, connections, cores, server), figure);
        }
    }
    Ok(())
}

/// User instructions for one order that comes alone.
fn count(bench: &Bench, server: &str) -> Result<f64, String> {
    let log = bench.path("callgrind.log");
    instructions::an_order(|orders| {
        let served = Served::start(bench, server, Cores::OneEach, &instructions::counter(&log))?;
        served.drive(bench, Cores::OneEach, 1, orders)?;
        instructions::count(served.server, &log)
    })
}

/// A fresh server, and who fills its orders.
struct Served {
    server: Process,
    port: u16,
    _counterparty: Option<Process>,
}

impl Served {
    /// `wrapper` is what runs the server.
    fn start(bench: &Bench, server: &str, cores: Cores, wrapper: &[String]) -> Result<Self, String> {
        let (port, folder) = (free_port()?, bench.fresh("http")?);
        let program = if server == ECHO { &bench.program } else { &bench.fix_host };
        let mut command = match wrapper.split_first() {
            Some((runner, arguments)) => {
                let mut command = bench.server(cores, runner);
                command.args(arguments).arg(program);
                command
            }
            None => bench.server(cores, program),
        };
        let mut counterparty = None;
        if server == ECHO {
            command.args(["serve", "http-echo", &port.to_string(), "-"]);
        } else {
            let fix_port = free_port()?;
            let mut filler = bench.driver(cores, &bench.program);
            filler.args(["serve", "memory", &fix_port.to_string(), "-"]);
            counterparty = Some(Process::start(filler, "the counterparty")?);
            command.args([
                "start",
                "--no-market-data",
                "--api",
                &format!("127.0.0.1:{port}"),
                "--fix-config",
            ]);
            command.arg(initiator(&folder, fix_port)?).current_dir(&folder).env_remove("FIX_HOST_REDIS_URL");
        }
        Ok(Served { server: Process::start(command, server)?, port, _counterparty: counterparty })
    }

    /// The figures of [`MEASURED`].
    fn drive(&self, bench: &Bench, cores: Cores, connections: u64, orders: u64) -> Result<Vec<f64>, String> {
        let mut driver: Command = bench.driver(cores, &bench.program);
        driver.args(["post".to_owned(), self.port.to_string(), self.server.id().to_string()]);
        driver.args([connections.to_string(), orders.to_string()]);
        let output = driver.output().map_err(|error| format!("the HTTP driver: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let figures: Vec<f64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        match figures.len() == MEASURED.len() {
            true => Ok(figures),
            false => Err(format!("the HTTP driver: {}", String::from_utf8_lossy(&output.stderr).trim())),
        }
    }
}

/// The configuration of an initiator as in `config/quickfix.cfg`, in a folder of its own.
fn initiator(folder: &Path, port: u16) -> Result<PathBuf, String> {
    let path = folder.join("initiator.cfg");
    let text = format!(
        "[DEFAULT]\nConnectionType=initiator\nReconnectInterval=1\nFileStorePath={}\nFileLogPath={}\n\
         DataDictionary={}\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=DRIVER\nTargetCompID=SERVER\n\
         SocketConnectHost=127.0.0.1\nSocketConnectPort={port}\nHeartBtInt=30\n",
        folder.join("store").display(),
        folder.join("log").display(),
        step::root().join("config/FIX44.xml").display()
    );
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
