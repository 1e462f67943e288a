//! A real redis-server of one's own: free port, no disk, gone at the end.

// Each test program uses its own part of this.
#![allow(dead_code)]

use std::{
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// A running server; [`RedisServer::stop`] and [`RedisServer::start_again`] play its outages.
pub(crate) struct RedisServer {
    port: u16,
    /// Where it keeps every change before it answers; `None`: in memory only.
    folder: Option<tempfile::TempDir>,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts a server. `None` when redis-server is not installed, which is said aloud; in CI, where
    /// `CI=true`, that is a failure.
    pub(crate) fn start() -> Option<Self> {
        if Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_err() {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must install redis-server");
            eprintln!("SKIPPED: redis-server is not installed (Debian: apt-get install redis-server)");
            return None;
        }
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut server = RedisServer { port, folder: None, child: None };
        server.start_again();
        Some(server)
    }

    /// As [`start`](Self::start), but a server that is stopped keeps its data.
    pub(crate) fn start_durable() -> Option<Self> {
        let mut server = Self::start()?;
        server.stop();
        server.folder = Some(tempfile::tempdir().unwrap());
        server.start_again();
        Some(server)
    }

    /// `redis://127.0.0.1:PORT/`
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Kills the server; without a folder its data is gone.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Stops the server's process in its tracks: connections stay open, nothing is answered.
    pub(crate) fn freeze(&self) {
        let pid = self.child.as_ref().map(Child::id).unwrap().to_string();
        assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
    }

    /// It goes on after [`freeze`](Self::freeze).
    pub(crate) fn thaw(&self) {
        let pid = self.child.as_ref().map(Child::id).unwrap().to_string();
        assert!(Command::new("kill").args(["-CONT", &pid]).status().unwrap().success());
    }

    /// Starts a new server on the same port and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", ""]);
        match &self.folder {
            Some(folder) => {
                command.args(["--appendonly", "yes", "--appendfsync", "always", "--dir"]).arg(folder.path())
            }
            None => command.args(["--appendonly", "no"]),
        };
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        self.child = Some(child);
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.try_connect().is_err() {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            sleep(Duration::from_millis(20));
        }
    }

    /// A client of its own.
    pub(crate) fn connect(&self) -> redis::Connection {
        self.try_connect().unwrap()
    }

    fn try_connect(&self) -> redis::RedisResult<redis::Connection> {
        let mut connection = redis::Client::open(self.url())?.get_connection()?;
        redis::cmd("PING").query::<String>(&mut connection)?;
        Ok(connection)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}
