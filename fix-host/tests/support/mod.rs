//! Drives the built binary as a user would: starts it, reads what it prints, types the next command.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]

mod port;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

pub use port::free_port;

/// How long anything that should happen at once may take on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Looks again and again until it is there.
pub fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A `fix-host` command that has not been started.
pub fn fix_host(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fix-host"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command
}

/// Runs a command to its end.
pub fn output(arguments: &[&str]) -> Output {
    fix_host(arguments).output().expect("the binary starts")
}

/// Writes `exchange.cfg` and `desk.cfg`, the two sides of one session with journals in `folder`; `keys` are lines of the
/// desk's `[DEFAULT]`, `more` of its session.
pub fn write_two_sides(folder: &Path, keys: &str, more: &str) {
    let port = free_port();
    let common = |name: &str| {
        format!("[DEFAULT]\nBeginString=FIX.4.4\nFileStorePath={}\n", folder.join(name).display())
    };
    let exchange = format!(
        "{}ConnectionType=acceptor\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n\
         [SESSION]\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n",
        common("exchange")
    );
    let desk = format!(
        "{}ConnectionType=initiator\nReconnectInterval=1\nHeartBtInt=30\nSocketConnectHost=127.0.0.1\n\
         SocketConnectPort={port}\n{keys}[SESSION]\nSenderCompID=TRADEDESK\nTargetCompID=EXCHANGE\n{more}",
        common("desk")
    );
    write_file(folder, "exchange.cfg", &exchange);
    write_file(folder, "desk.cfg", &desk);
}

/// Starts the exchange of [`write_two_sides`].
pub fn start_exchange(folder: &Path) -> Program {
    let config = folder.join("exchange.cfg").display().to_string();
    let mut exchange = Program::start(&["exchange", "--config", &config]);
    exchange.wait_for("FIX acceptor on");
    exchange
}

/// Starts the engine of [`write_two_sides`], and waits until it is logged on.
pub fn start_engine(folder: &Path, api_port: u16, token: Option<&str>) -> Program {
    let config = folder.join("desk.cfg").display().to_string();
    let mut command =
        fix_host(&["start", "--fix-config", &config, "--api", &format!("127.0.0.1:{api_port}")]);
    command.env_remove("FIX_HOST_API_TOKEN");
    if let Some(token) = token {
        command.env("FIX_HOST_API_TOKEN", token);
    }
    let mut engine = Program::spawn(command);
    engine.wait_for("LOGGED ON");
    engine
}

/// Standard output of a finished command.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error of a finished command.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running program whose output, both streams, is read line by line. Killed when dropped.
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Program {
    /// Starts `fix-host` with `arguments`.
    pub fn start(arguments: &[&str]) -> Self {
        Self::spawn(fix_host(arguments))
    }

    /// Starts any command.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = channel();
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
            child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
        ];
        for stream in streams.into_iter().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Program { child, lines, seen: Vec::new() }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the next line that contains `text` and returns it.
    ///
    /// # Panics
    /// If it does not come in time; the message shows all that came.
    pub fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("no {text:?} in:\n{}", self.seen.join("\n")),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended without {text:?}; it printed:\n{}", self.seen.join("\n"))
                }
            }
        }
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        assert!(signal(self.child.id(), name), "kill -{name}");
    }

    /// Waits for the end and returns the status and how long it took.
    pub fn wait(&mut self) -> (ExitStatus, Duration) {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("wait") {
                return (status, begin.elapsed());
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("still running after {PATIENCE:?}; it printed:\n{}", self.printed());
    }

    /// All that was printed so far.
    pub fn printed(&mut self) -> String {
        while let Ok(line) = self.lines.recv_timeout(Duration::from_millis(200)) {
            self.seen.push(line);
        }
        self.seen.join("\n")
    }

    /// True while it runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("wait").is_none()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something accepts connections at `port`.
pub fn wait_for_port(port: u16) {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "nothing listens at port {port}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The answer of a page, its head too.
pub fn http_get(addr: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What a page of the API at a port of this machine says.
pub fn api_page(port: u16, path: &str) -> String {
    let answer = http_get(&format!("127.0.0.1:{port}"), path);
    answer.split_once("\r\n\r\n").expect("a head").1.to_owned()
}

/// Writes a configuration file into `folder` and returns its path.
pub fn write_file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).expect("write");
    path.display().to_string()
}

/// Sends a process a signal by its name, such as `TERM`.
pub fn signal(process: u32, name: &str) -> bool {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    sent.is_ok_and(|status| status.success())
}
