//! `cargo xtask interop`: QuickFIX, with its dictionary validation on, as the counterparty of the built
//! exchange and of the built engine.
//!
//! The counterparties are the scripts of `fix-host/tests/interop`. They need Python and QuickFIX, which this
//! task installs into a virtual environment under the target folder. If the conformance folder (see
//! `acceptance`) has a counterparty of its own, that one plays too.

use std::{
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use crate::{
    port::free_port,
    step::{self, Outcome},
};

/// The check of a foreign counterparty that fails here, and why that is right. Our own `against_exchange.py` sends a message that
/// nobody supports instead.
const DIFFERENT: (&str, &str) = (
    "business.unsupported_type",
    "it takes a QuoteRequest(R) for a message that the exchange does not support, and is quoted a price",
);

/// QuickFIX as prebuilt wheels.
const QUICKFIX: &str = "quickfix-tls==1.16.0.1rc1";

pub(crate) fn run() -> Outcome {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return step::skip("interop", &format!("needs Python 3.9 and network access: {why}")),
    };
    let peer = Peer { python, program: step::dist_program()? };
    for script in ["against_exchange.py", "against_venue.py", "against_engine.py"] {
        peer.play_own(script)?;
    }
    match step::conformance_folder().map(|folder| folder.join("qf_peer.py")).filter(|file| file.exists()) {
        Some(script) => peer.play_foreign(&script),
        None => Ok(()),
    }
}

struct Peer {
    python: PathBuf,
    program: PathBuf,
}

impl Peer {
    /// One of the scripts of this project, in a folder that is kept for a look at the logs.
    fn play_own(&self, script: &str) -> Outcome {
        let folder = fresh_folder(script)?;
        let mut command = self.script(&step::root().join("fix-host/tests/interop").join(script));
        command.arg(&self.program).arg(dictionary()).arg(folder);
        step::run(command)
    }

    /// A counterparty from elsewhere, as the initiator of our exchange.
    fn play_foreign(&self, script: &Path) -> Outcome {
        let folder = fresh_folder("foreign")?;
        let port = free_port()?;
        let cfg = folder.join("exchange.cfg");
        let text = format!(
            "[DEFAULT]\nConnectionType=acceptor\nDataDictionary={0}\nSocketAcceptHost=127.0.0.1\n\
             SocketAcceptPort={port}\nFileStorePath={1}/store\nFileLogPath={1}/log\n\
             [SESSION]\nBeginString=FIX.4.4\nSenderCompID=SIM\nTargetCompID=CLI\n",
            dictionary().display(),
            folder.display()
        );
        std::fs::write(&cfg, text).map_err(|error| format!("{}: {error}", cfg.display()))?;
        let program = self.program.display().to_string();
        let mut exchange = step::command(&program, &["exchange", "--config"]);
        let exchange = exchange.arg(&cfg).stderr(Stdio::null()).spawn().map_err(|error| error.to_string())?;
        let exchange = Ended(exchange);
        wait_for_port(port)?;
        let mut command = self.script(script);
        let port = port.to_string();
        let names = ["--sender", "CLI", "--target", "SIM", "--symbol", "5Y", "--rest-price", "1"];
        command.args(["initiator", "--port", &port]).args(names).arg("--dict").arg(dictionary());
        let outcome = summary(command);
        drop(exchange);
        outcome
    }

    fn script(&self, script: &Path) -> std::process::Command {
        let mut command = step::command(&self.python.display().to_string(), &[]);
        command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script);
        command
    }
}

/// A process that does not outlive its owner.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a counterparty that writes a JSON line for everything; shows only its checks that fail and its end.
fn summary(mut command: std::process::Command) -> Outcome {
    println!("+ qf_peer.py initiator");
    let output = command.output().map_err(|error| format!("python: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let is_told = |line: &&str| {
        line.contains("\"ev\": \"summary\"")
            || line.contains("\"ev\": \"check\"") && line.contains("\"ok\": false")
            || line.contains("\"ev\": \"error\"")
    };
    for line in text.lines().filter(is_told) {
        println!("{line}");
    }
    let rejects_nothing = text.contains("\"n_rejected\": 0");
    if output.status.success() && rejects_nothing {
        return Ok(());
    }
    let (check, because) = DIFFERENT;
    if rejects_nothing && text.contains(&format!("\"failed\": [\"{check}\"]")) {
        println!("{check} fails: {because}");
        return Ok(());
    }
    Err(format!("the counterparty found faults: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// The interpreter of a virtual environment that has QuickFIX, which is made on the first run.
fn python() -> Result<PathBuf, String> {
    let folder = step::target().join("interop-venv");
    let python = folder.join("bin/python");
    if imports_quickfix(&python) {
        return Ok(python);
    }
    let mut venv = step::command("python3", &["-m", "venv"]);
    venv.arg(&folder);
    step::run(venv)?;
    let mut install = step::command(&python.display().to_string(), &["-m", "pip", "install", "--quiet"]);
    install.args(["--only-binary=:all:", QUICKFIX]);
    step::run(install)?;
    if imports_quickfix(&python) { Ok(python) } else { Err(format!("{QUICKFIX} cannot be imported")) }
}

fn imports_quickfix(python: &Path) -> bool {
    let mut command = step::command(&python.display().to_string(), &["-c", "import quickfix"]);
    command.output().is_ok_and(|output| output.status.success())
}

fn dictionary() -> PathBuf {
    step::root().join("config/FIX44.xml")
}

fn fresh_folder(name: &str) -> Result<PathBuf, String> {
    let folder = step::target().join("interop").join(name.trim_end_matches(".py"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

fn wait_for_port(port: u16) -> Outcome {
    let until = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() >= until {
            return Err(format!("nothing listens on port {port}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
