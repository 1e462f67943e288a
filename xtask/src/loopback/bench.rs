//! The servers, and how the driver is let loose on them.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::{machine, table::median};
use crate::step::{self, Outcome, command};

/// A server: its name, and what it calls its store.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) store: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Echo,
    Ours,
    QuickFix,
}

pub(super) const SERVERS: [Server; 6] = [
    Server { name: "bare tokio echo", kind: Kind::Echo, store: "echo" },
    Server { name: "memory store", kind: Kind::Ours, store: "memory" },
    Server { name: "journal", kind: Kind::Ours, store: "journal" },
    Server { name: "FileStoreSync=Y", kind: Kind::Ours, store: "sync" },
    Server { name: "QuickFIX C++, memory store", kind: Kind::QuickFix, store: "memory" },
    Server { name: "QuickFIX C++, file store", kind: Kind::QuickFix, store: "file" },
];

impl Server {
    /// Which of [`SERVERS`] it is.
    pub(super) fn place(self) -> usize {
        SERVERS.iter().position(|server| *server == self).unwrap_or_default()
    }
}

/// The built programs, and the cores they run on.
pub(super) struct Bench {
    /// The servers and the driver.
    program: PathBuf,
    /// The program that users start.
    fix_host: PathBuf,
    quickfix: Option<PathBuf>,
    folder: PathBuf,
    server_core: Option<u32>,
    driver_core: Option<u32>,
}

impl Bench {
    pub(super) fn build() -> Result<Self, String> {
        let build = ["build", "--profile", "dist", "--package", "fix-host", "--package", "loopback"];
        step::run(step::cargo(&build))?;
        let folder = step::target().join("loopback");
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let (server_core, driver_core) = machine::pair().unzip();
        Ok(Bench {
            program: step::target().join("dist/loopback"),
            fix_host: step::target().join("dist/fix-host"),
            quickfix: quickfix(&folder)?,
            folder,
            server_core,
            driver_core,
        })
    }

    /// The servers that can run here.
    pub(super) fn servers(&self) -> impl Iterator<Item = Server> {
        SERVERS.into_iter().filter(|server| server.kind != Kind::QuickFix || self.quickfix.is_some())
    }

    /// One measurement against a fresh server: nanoseconds of a ping, or orders a second of a stream.
    pub(super) fn measure(&self, server: Server, what: &str, orders: u64) -> Result<f64, String> {
        let port = free_port()?;
        let _running = self.serve(server, port, &[])?;
        self.drive(server, port, what, orders)
    }

    fn drive(&self, server: Server, port: u16, what: &str, orders: u64) -> Result<f64, String> {
        let protocol = if server.kind == Kind::Echo { "bytes" } else { "fix" };
        let mut driver = pinned(self.driver_core, &self.program);
        driver.args(["drive", protocol, &port.to_string(), what, &orders.to_string()]);
        figure(driver).map_err(|error| format!("{}: {error}", server.name))
    }

    /// Starts a server with an empty store; `wrapper` is what runs it (callgrind).
    fn serve(&self, server: Server, port: u16, wrapper: &[&str]) -> Result<Running, String> {
        let folder = self.fresh("store")?;
        let program = match (server.kind, &self.quickfix) {
            (Kind::QuickFix, Some(program)) => program,
            _ => &self.program,
        };
        let mut command = match wrapper.split_first() {
            Some((runner, arguments)) => {
                let mut command = pinned(self.server_core, Path::new(runner));
                command.args(arguments).arg(program);
                command
            }
            None => pinned(self.server_core, program),
        };
        let port = port.to_string();
        match server.kind {
            Kind::QuickFix => {
                let dictionary = step::root().join("config/FIX44.xml");
                command.arg(&port).arg(server.store).arg(folder).arg(dictionary)
            }
            _ => command.args(["serve", server.store, &port]).arg(folder),
        };
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Running(child.map_err(|error| format!("{}: {error}", server.name))?))
    }

    /// User instructions for one order of a measurement: the difference of two run lengths.
    pub(super) fn instructions(&self, server: Server, what: &str) -> Result<f64, String> {
        let (few, many) = (500, 2500);
        let count = |orders: u64| -> Result<f64, String> {
            let port = free_port()?;
            let log = self.folder.join("callgrind.log");
            let log_option = format!("--log-file={}", log.display());
            let wrapper =
                ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", log_option.as_str()];
            let running = self.serve(server, port, &wrapper)?;
            self.drive(server, port, what, orders)?;
            running.stop()?;
            let text = fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
            text.lines()
                .find_map(|line| line.split_once("Collected : "))
                .and_then(|(_, number)| number.trim().parse().ok())
                .ok_or_else(|| format!("{}: no count", log.display()))
        };
        Ok((count(many)? - count(few)?) / (many - few) as f64)
    }

    /// Microseconds from the start of the program that users start to its answer to a Logon, with so many
    /// messages in its journal and all cores; median of some starts.
    pub(super) fn start_to_logon(&self, stored: u64, starts: u64) -> Result<f64, String> {
        let folder = self.fresh("start")?;
        let store = folder.join("store");
        let mut fill = Command::new(&self.program);
        fill.arg("fill").arg(&store).arg(stored.to_string());
        step::run(fill)?;
        let config = folder.join("exchange.cfg");
        let port = free_port()?;
        let text = format!(
            "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=SERVER\nTargetCompID=DRIVER\n\
             SocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\nFileStorePath={}\n",
            store.display()
        );
        fs::write(&config, text).map_err(|error| format!("{}: {error}", config.display()))?;
        let mut times = Vec::new();
        for start in 0..starts {
            // A Logon and a Logout each time.
            let number = stored + 1 + 2 * start;
            let mut driver = Command::new(&self.program);
            driver.args(["start", &port.to_string(), &number.to_string()]);
            driver.arg(&self.fix_host).args(["exchange", "--config"]).arg(&config);
            times.push(figure(driver)?);
        }
        median(times.into_iter()).ok_or_else(|| "no start was measured".to_owned())
    }

    /// An empty folder.
    fn fresh(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder.join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }
}

/// The number that a driver prints.
fn figure(mut driver: Command) -> Result<f64, String> {
    let output = driver.output().map_err(|error| format!("the driver: {error}"))?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| format!("the driver: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// A server process, which does not outlive this value.
struct Running(Child);

impl Running {
    /// SIGTERM, and waits for its end.
    fn stop(mut self) -> Outcome {
        let status = command("kill", &["-TERM", &self.0.id().to_string()]).status();
        status.map_err(|error| format!("kill: {error}"))?;
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

/// A command bound to one core, where the system can do that.
fn pinned(core: Option<u32>, program: &Path) -> Command {
    let Some(core) = core else { return Command::new(program) };
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

/// Compiles the acceptor on QuickFIX C++ if it is not compiled yet; `None` where QuickFIX is not installed.
fn quickfix(folder: &Path) -> Result<Option<PathBuf>, String> {
    let source = step::root().join("fix-host/benches/loopback/quickfix.cpp");
    let program = folder.join("quickfix");
    if !Path::new("/usr/include/quickfix").exists() || !step::has("g++") {
        step::skip("QuickFIX C++", "apt-get install g++ libquickfix-dev")?;
        return Ok(None);
    }
    let age = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if age(&program) <= age(&source) {
        let mut compile = command("g++", &["-O2", "-std=c++14", "-w", "-o"]);
        compile.arg(&program).arg(source).args(["-lquickfix", "-lpthread"]);
        step::run(compile)?;
    }
    Ok(Some(program))
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| error.to_string())
}
