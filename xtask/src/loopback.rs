//! `cargo xtask loopback`: order -> ExecutionReport over loopback TCP, this project's acceptor beside the bare
//! tokio echo and QuickFIX C++, all driven by the same program (`fix-host/benches/loopback`) in the same run.
//!
//! Every server has one core and the driver the other. Rounds alternate between the servers and the best of
//! them counts, so that other work on the machine disturbs all alike.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use clap::Args as ClapArgs;

use crate::step::{self, Outcome, command};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Orders of one round of each measurement
    #[arg(long, default_value_t = 20_000)]
    orders: u64,
    /// Rounds
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Messages in the journal for the restart
    #[arg(long, default_value_t = 1_000_000)]
    stored: u64,
    /// Leave out the instruction counts (callgrind)
    #[arg(long)]
    no_instructions: bool,
}

/// A server: its name, and what it calls its store.
#[derive(Clone, Copy)]
struct Server {
    name: &'static str,
    kind: Kind,
    store: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Echo,
    Ours,
    QuickFix,
}

const SERVERS: [Server; 6] = [
    Server { name: "tokio echo", kind: Kind::Echo, store: "echo" },
    Server { name: "fix-host, memory", kind: Kind::Ours, store: "memory" },
    Server { name: "fix-host, journal", kind: Kind::Ours, store: "journal" },
    Server { name: "fix-host, FileStoreSync=Y", kind: Kind::Ours, store: "sync" },
    Server { name: "QuickFIX C++, memory", kind: Kind::QuickFix, store: "memory" },
    Server { name: "QuickFIX C++, file store", kind: Kind::QuickFix, store: "file" },
];

pub(crate) fn run(args: &Args) -> Outcome {
    step::run(step::cargo(&["build", "--release", "--package", "fix-host", "--example", "loopback"]))?;
    let bench = Bench {
        program: step::target().join("release/examples/loopback"),
        quickfix: quickfix()?,
        folder: step::target().join("loopback"),
    };
    let servers: Vec<Server> = SERVERS
        .into_iter()
        .filter(|server| server.kind != Kind::QuickFix || bench.quickfix.is_some())
        .collect();
    let mut best: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for _ in 0..args.rounds {
        for server in &servers {
            let ping = bench.measure(*server, "ping", args.orders / 4, "ping_p50_ns")?;
            let stream = bench.measure(*server, "stream", args.orders, "orders_per_second")?;
            let entry = best.entry(server.name).or_insert((u64::MAX, 0));
            *entry = (entry.0.min(ping), entry.1.max(stream));
        }
    }
    let echo = best.get("tokio echo").map_or(1, |(ping, _)| *ping);
    println!(
        "{:28} {:>12} {:>9} {:>12} {:>14}",
        "server", "ping p50 us", "x echo", "orders/s", "instructions"
    );
    for server in &servers {
        let Some((ping, stream)) = best.get(server.name) else { continue };
        let instructions = match args.no_instructions || server.kind == Kind::Echo || !step::has("valgrind") {
            true => "-".to_owned(),
            false => bench.instructions(*server)?.to_string(),
        };
        let ratio = *ping as f64 / echo as f64;
        let micros = *ping as f64 / 1000.0;
        println!("{:28} {micros:>12.1} {ratio:>9.2} {stream:>12} {instructions:>14}", server.name);
    }
    println!("start to Logon answered, journal: {} us", bench.start_to_logon(0)?);
    println!("the same with {} stored messages: {} us", args.stored, bench.start_to_logon(args.stored)?);
    Ok(())
}

struct Bench {
    program: PathBuf,
    quickfix: Option<PathBuf>,
    folder: PathBuf,
}

impl Bench {
    /// One measurement against a fresh server.
    fn measure(&self, server: Server, what: &str, orders: u64, result: &str) -> Result<u64, String> {
        let port = free_port()?;
        let running = self.serve(server, port, &[])?;
        let outcome = self.drive(server.kind != Kind::Echo, port, what, orders, result);
        drop(running);
        outcome
    }

    fn drive(&self, is_fix: bool, port: u16, what: &str, orders: u64, result: &str) -> Result<u64, String> {
        let protocol = if is_fix { "fix" } else { "bytes" };
        let (port, orders) = (port.to_string(), orders.to_string());
        let mut driver = pinned(0, &self.program);
        let output = driver
            .args(["drive", protocol, &port, what, &orders])
            .output()
            .map_err(|error| format!("the driver: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(name, _)| *name == result)
            .and_then(|(_, value)| value.parse().ok())
            .ok_or_else(|| format!("the driver: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }

    /// Starts a server with an empty store; `wrapper` is what runs it (callgrind).
    fn serve(&self, server: Server, port: u16, wrapper: &[&str]) -> Result<Running, String> {
        let folder = self.folder.join("store");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        self.serve_in(server, port, &folder, wrapper)
    }

    fn serve_in(
        &self,
        server: Server,
        port: u16,
        folder: &Path,
        wrapper: &[&str],
    ) -> Result<Running, String> {
        let program = match (server.kind, &self.quickfix) {
            (Kind::QuickFix, Some(program)) => program,
            _ => &self.program,
        };
        let mut command = match wrapper.split_first() {
            Some((runner, arguments)) => {
                let mut command = pinned(1, Path::new(runner));
                command.args(arguments).arg(program);
                command
            }
            None => pinned(1, program),
        };
        let port = port.to_string();
        match server.kind {
            Kind::QuickFix => {
                command.arg(&port).arg(server.store).arg(folder).arg(step::root().join("config/FIX44.xml"))
            }
            _ => command.args(["serve", server.store, &port]).arg(folder),
        };
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Running(child.map_err(|error| format!("{}: {error}", server.name))?))
    }

    /// User instructions for one order: the difference of two run lengths.
    fn instructions(&self, server: Server) -> Result<u64, String> {
        let (few, many) = (500, 2500);
        let count = |orders: u64| -> Result<u64, String> {
            let port = free_port()?;
            let log = self.folder.join("callgrind.log");
            let log_option = format!("--log-file={}", log.display());
            let wrapper =
                ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", log_option.as_str()];
            let running = self.serve(server, port, &wrapper)?;
            self.drive(true, port, "ping", orders, "ping_p50_ns")?;
            running.stop()?;
            let text =
                std::fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
            text.lines()
                .find_map(|line| line.split_once("Collected : "))
                .and_then(|(_, number)| number.trim().parse().ok())
                .ok_or_else(|| format!("{}: no count", log.display()))
        };
        Ok(count(many)?.saturating_sub(count(few)?) / (many - few))
    }

    /// Microseconds from the start of the acceptor's process to its answer to a Logon; best of some.
    fn start_to_logon(&self, stored: u64) -> Result<u64, String> {
        let folder = self.folder.join("filled");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        if stored > 0 {
            let mut fill = Command::new(&self.program);
            step::run({
                fill.arg("fill").arg(&folder).arg(stored.to_string());
                fill
            })?;
        }
        let journal = SERVERS[2];
        // The driver's Logon begins anew at 1, so only the first start finds the messages.
        let rounds = if stored > 0 { 1 } else { 10 };
        let mut best = u64::MAX;
        for _ in 0..rounds {
            let port = free_port()?;
            let running = self.serve_in(journal, port, &folder, &[])?;
            best = best.min(self.drive(true, port, "ping", 1, "logon_us")?);
            running.stop()?;
        }
        Ok(best)
    }
}

/// A server process, which does not outlive this value.
struct Running(Child);

impl Running {
    /// SIGTERM, and waits for its end.
    fn stop(mut self) -> Outcome {
        let mut kill = command("kill", &["-TERM"]);
        step_quietly(kill.arg(self.0.id().to_string()))?;
        for _ in 0..600 {
            if self.0.try_wait().map_err(|error| error.to_string())?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("a server does not end".into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn step_quietly(command: &mut Command) -> Outcome {
    command.status().map(|_| ()).map_err(|error| error.to_string())
}

/// A command bound to one core, where the system can do that.
fn pinned(core: u32, program: &Path) -> Command {
    if !step::has("taskset") {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

/// Compiles the acceptor on QuickFIX C++; `None` where that is not installed.
fn quickfix() -> Result<Option<PathBuf>, String> {
    let source = step::root().join("fix-host/benches/loopback/quickfix.cpp");
    let program = step::target().join("loopback/quickfix");
    std::fs::create_dir_all(step::target().join("loopback")).map_err(|error| error.to_string())?;
    if !Path::new("/usr/include/quickfix").exists() || !step::has("g++") {
        step::skip("QuickFIX C++", "apt-get install g++ libquickfix-dev")?;
        return Ok(None);
    }
    let mut compile = command("g++", &["-O2", "-std=c++14", "-w", "-o"]);
    compile.arg(&program).arg(source).args(["-lquickfix", "-lpthread"]);
    step::run(compile)?;
    Ok(Some(program))
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| error.to_string())
}
