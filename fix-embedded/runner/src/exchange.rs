//! `fix-host exchange`, as the counterparty.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    place::{self, Scratch},
    process::{Running, wait_for},
};

/// The name of the file that it records into.
const FLIGHT: &str = "exchange.flight";

/// An exchange that runs; killed when this is dropped.
pub struct Exchange {
    running: Running,
    scratch: Scratch,
    settings: String,
    /// Where it listens on 127.0.0.1, which the firmware reaches at 10.0.2.2.
    pub port: u16,
}

impl Exchange {
    /// Starts one on `port`, or on a free one for 0, which knows the firmware as TRADEDESK.
    ///
    /// # Errors
    /// If it does not listen within ten seconds; what it says is part of the error.
    pub fn start(port: u16) -> Result<Self, String> {
        Self::start_with(port, "")
    }

    /// As [`start`](Self::start), with further settings of the session, a line each.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with(port: u16, settings: &str) -> Result<Self, String> {
        let scratch = Scratch::new()?;
        let running = begin(&scratch, port, settings)?;
        let mut exchange = Exchange { running, scratch, settings: settings.to_owned(), port };
        exchange.port = exchange.listening()?;
        Ok(exchange)
    }

    /// Ends it as a user does, with SIGINT: it logs its sessions out.
    ///
    /// # Errors
    /// If it does not end.
    pub fn stop(&mut self) -> Result<(), String> {
        let id = self.running.0.id().to_string();
        let sent =
            Command::new("kill").args(["-INT", &id]).status().map_err(|error| format!("kill: {error}"))?;
        if !sent.success() {
            return Err(format!("kill: {sent}"));
        }
        self.running.ended("the exchange's end", Duration::from_secs(20)).map(|_| ())
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// Starts it again after [`stop`](Self::stop) or [`kill`](Self::kill), on the same port and with the same numbers.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_again(&mut self) -> Result<(), String> {
        self.running = begin(&self.scratch, self.port, &self.settings)?;
        self.listening().map(|_| ())
    }

    /// The messages so far, both directions, a line each; SOH is `|`.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        let folder = self.scratch.file("log");
        let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_of_messages = |path: &PathBuf| path.to_string_lossy().ends_with("messages.current.log");
        files
            .filter(is_of_messages)
            .filter_map(|path| fs::read(path).ok())
            .flat_map(|bytes| {
                let text = String::from_utf8_lossy(&bytes).replace('\u{1}', "|");
                text.lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Waits until so many of its messages have these words: its log is written behind the session.
    ///
    /// # Errors
    /// They were not there in time.
    pub fn says(&self, words: &str, count: usize) -> Result<(), String> {
        wait_for(words, Duration::from_secs(60), || {
            let seen = self.messages().iter().filter(|line| line.contains(words)).count();
            (seen >= count).then_some(())
        })
    }

    /// Its flight recording: whole once it has stopped.
    #[must_use]
    pub fn flight(&self) -> PathBuf {
        self.scratch.file(FLIGHT)
    }

    fn listening(&mut self) -> Result<u16, String> {
        let said = self.scratch.file("said");
        let words = "FIX acceptor on 127.0.0.1:";
        let found = wait_for("the exchange", Duration::from_secs(30), || {
            let text = fs::read_to_string(&said).unwrap_or_default();
            let port = text
                .split(words)
                .nth(1)
                .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
            let has_ended = !matches!(self.running.0.try_wait(), Ok(None));
            if has_ended { Some(None) } else { port.map(Some) }
        })?;
        found.ok_or_else(|| format!("the exchange ended: {}", fs::read_to_string(&said).unwrap_or_default()))
    }
}

fn begin(scratch: &Scratch, port: u16, settings: &str) -> Result<Running, String> {
    let configuration = scratch.file("exchange.cfg");
    let folder = |name| scratch.file(name).display().to_string();
    let text = format!(
        "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\nFileStorePath={}\n\
         FileLogPath={}\nFileLogHeartbeats=Y\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n\
         FlightRecorder={}\n{settings}",
        folder("store"),
        folder("log"),
        folder(FLIGHT)
    );
    let error = |error| format!("{}: {error}", configuration.display());
    fs::write(&configuration, text).map_err(error)?;
    let said = File::create(scratch.file("said")).map_err(error)?;
    let program = place::fix_host()?;
    let mut command = Command::new(&program);
    command
        .args(["exchange", "--config"])
        .arg(&configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::from(said));
    Ok(Running(command.spawn().map_err(|error| format!("{}: {error}", program.display()))?))
}
