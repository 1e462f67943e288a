//! The servers of the FIX rows, and how the driver is let loose on them.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    bench::{Bench, Cores, figure, wait_until_listening},
    instructions,
    process::Process,
};
use crate::{
    port::free_port,
    step::{self, command},
};

/// A server: its name, what it is, and what it calls its store.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) store: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Sends back what it reads.
    Echo,
    /// Listener, session, dictionary validation and store of `fix-host`, with the smallest application, on one thread.
    Engine,
    /// `fix-host exchange` as a user starts it, with logs. An order rests: one report.
    Exchange,
    /// The same without logs.
    ExchangeWithoutLogs,
    /// `fix-host start` as a user starts it, with logs, as acceptor: a ping is a TestRequest, a stream ExecutionReports.
    /// The way of an order to it is by HTTP or Redis, and stands in their rows.
    Start,
    QuickFix,
}

pub(super) const ECHO: Server = Server { name: "bare tokio echo", kind: Kind::Echo, store: "echo" };
pub(super) const MEMORY: Server =
    Server { name: "engine, memory store", kind: Kind::Engine, store: "memory" };
pub(super) const JOURNAL: Server = Server { name: "engine, journal", kind: Kind::Engine, store: "journal" };
pub(super) const SYNC: Server = Server { name: "engine, FileStoreSync=Y", kind: Kind::Engine, store: "sync" };
pub(super) const EXCHANGE_MEMORY: Server =
    Server { name: "`exchange`, memory store, logs", kind: Kind::Exchange, store: "memory" };
pub(super) const EXCHANGE: Server =
    Server { name: "`exchange`, journal, logs", kind: Kind::Exchange, store: "journal" };
pub(super) const EXCHANGE_NO_LOGS: Server =
    Server { name: "`exchange`, journal, no logs", kind: Kind::ExchangeWithoutLogs, store: "journal" };
pub(super) const START: Server =
    Server { name: "`start`, journal, logs (TestRequest; reports)", kind: Kind::Start, store: "journal" };
pub(super) const THEIR_MEMORY: Server =
    Server { name: "QuickFIX C++, memory store", kind: Kind::QuickFix, store: "memory" };
pub(super) const THEIR_FILE: Server =
    Server { name: "QuickFIX C++, file store", kind: Kind::QuickFix, store: "file" };

pub(super) const SERVERS: [Server; 10] = [
    ECHO,
    MEMORY,
    JOURNAL,
    SYNC,
    EXCHANGE_MEMORY,
    EXCHANGE,
    EXCHANGE_NO_LOGS,
    START,
    THEIR_MEMORY,
    THEIR_FILE,
];

/// Messages that the driver sends before it measures.
const WARM_UP: u64 = 200;

/// What one measurement brought.
pub(super) struct Taken {
    /// Nanoseconds of a ping, or orders a second of a stream.
    pub(super) figure: f64,
    /// Microseconds of CPU that the server used for one order.
    pub(super) cpu: Option<f64>,
}

/// How a server is started.
pub(super) struct Starter<'b> {
    bench: &'b Bench,
    quickfix: Option<PathBuf>,
}

impl<'b> Starter<'b> {
    /// Compiles what is not compiled yet.
    pub(super) fn new(bench: &'b Bench) -> Result<Self, String> {
        Ok(Starter { bench, quickfix: quickfix(&bench.path("quickfix"))? })
    }

    /// True if the server can run here.
    pub(super) fn can_run(&self, server: Server) -> bool {
        server.kind != Kind::QuickFix || self.quickfix.is_some()
    }

    /// One measurement, `ping` or `stream`, against a fresh server.
    pub(super) fn measure(
        &self,
        server: Server,
        cores: Cores,
        what: &str,
        orders: u64,
    ) -> Result<Taken, String> {
        let port = free_port()?;
        let running = self.serve(server, cores, port, &[])?;
        // What the start takes is no order's.
        wait_until_listening(port)?;
        let begin = running.cpu();
        let figure = self.drive(server, cores, port, what, orders)?;
        let used = begin.zip(running.cpu()).map(|(begin, end)| end.saturating_sub(begin));
        let cpu = used.map(|used: Duration| used.as_secs_f64() * 1e6 / (orders + WARM_UP) as f64);
        Ok(Taken { figure, cpu })
    }

    /// User instructions for one order of a measurement.
    pub(super) fn instructions(&self, server: Server, what: &str) -> Result<f64, String> {
        let log = self.bench.path("callgrind.log");
        instructions::an_order(|orders| {
            let port = free_port()?;
            let running = self.serve(server, Cores::OneEach, port, &instructions::counter(&log))?;
            self.drive(server, Cores::OneEach, port, what, orders)?;
            instructions::count(running, &log)
        })
    }

    fn drive(&self, server: Server, cores: Cores, port: u16, what: &str, orders: u64) -> Result<f64, String> {
        let protocol = match server.kind {
            Kind::Echo => "bytes",
            Kind::Start => "desk",
            Kind::Engine | Kind::Exchange | Kind::ExchangeWithoutLogs | Kind::QuickFix => "fix",
        };
        let mut driver = self.bench.driver(cores, &self.bench.program);
        driver.args(["drive", protocol, &port.to_string(), what, &orders.to_string()]);
        figure(driver).map_err(|error| format!("{}: {error}", server.name))
    }

    /// Starts a server with an empty store; `wrapper` is what runs it.
    fn serve(&self, server: Server, cores: Cores, port: u16, wrapper: &[String]) -> Result<Process, String> {
        let folder = self.bench.fresh("store")?;
        let program = match (server.kind, &self.quickfix) {
            (Kind::QuickFix, Some(program)) => program,
            (Kind::Exchange | Kind::ExchangeWithoutLogs | Kind::Start, _) => &self.bench.fix_host,
            _ => &self.bench.program,
        };
        let mut command = match wrapper.split_first() {
            Some((runner, arguments)) => {
                let mut command = self.bench.server(cores, runner);
                command.args(arguments).arg(program);
                command
            }
            None => self.bench.server(cores, program),
        };
        match server.kind {
            Kind::QuickFix => {
                let dictionary = step::root().join("config/FIX44.xml");
                command.arg(port.to_string()).arg(server.store).arg(folder).arg(dictionary);
            }
            Kind::Echo | Kind::Engine => {
                command.args(["serve", server.store, &port.to_string()]).arg(folder);
            }
            Kind::Exchange | Kind::ExchangeWithoutLogs => {
                command.args(["exchange", "--config"]).arg(acceptor(&folder, server, port)?);
                command.current_dir(&folder);
            }
            Kind::Start => {
                command.args(["start", "--fix-config"]).arg(acceptor(&folder, server, port)?);
                command.args(["--api", &format!("127.0.0.1:{}", free_port()?)]);
                command.current_dir(&folder).env_remove("FIX_HOST_REDIS_URL");
            }
        }
        Process::start(command, server.name)
    }
}

/// The configuration of an acceptor as in `config/exchange.cfg`, in a folder of its own.
fn acceptor(folder: &Path, server: Server, port: u16) -> Result<PathBuf, String> {
    let path = folder.join("acceptor.cfg");
    let logs = match server.kind {
        Kind::ExchangeWithoutLogs => String::new(),
        _ => format!("FileLogPath={}\n", folder.join("log").display()),
    };
    let store = match server.store {
        "memory" => String::new(),
        _ => format!("FileStorePath={}\n", folder.join("store").display()),
    };
    let text = format!(
        "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\n{store}\
         {logs}DataDictionary={}\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=SERVER\nTargetCompID=DRIVER\n",
        step::root().join("config/FIX44.xml").display()
    );
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// Compiles the acceptor on QuickFIX C++ if it is not compiled yet; `None` where QuickFIX is not installed.
fn quickfix(program: &Path) -> Result<Option<PathBuf>, String> {
    let source = step::root().join("fix-host/benches/loopback/quickfix.cpp");
    if !Path::new("/usr/include/quickfix").exists() || !step::has("g++") {
        step::skip("QuickFIX C++", "apt-get install g++ libquickfix-dev")?;
        return Ok(None);
    }
    let age = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if age(program) <= age(&source) {
        let mut compile = command("g++", &["-O2", "-std=c++14", "-w", "-o"]);
        compile.arg(program).arg(source).args(["-lquickfix", "-lpthread"]);
        step::run(compile)?;
    }
    Ok(Some(program.to_owned()))
}
