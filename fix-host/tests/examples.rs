//! Applications of one's own, on the host and on the core alone, log on and are filled.

mod support;

use std::{env, io::Read, net::TcpListener, path::PathBuf, process::Command};

use support::{Program, free_port, wait_for_port, write_file};

/// Where cargo has put an example; it builds them with the tests of a package.
fn example(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test has a path");
    let built =
        test.parent().and_then(|deps| deps.parent()).expect("target/debug/deps").join("examples").join(name);
    assert!(built.exists(), "{} is not built: cargo build --workspace --examples", built.display());
    built
}

/// Configuration files of the two sides of one session, in a folder of their own.
struct Sides {
    folder: tempfile::TempDir,
    port: u16,
}

impl Sides {
    fn new() -> Self {
        Sides { folder: tempfile::tempdir().expect("a folder"), port: free_port() }
    }

    fn acceptor(&self) -> String {
        let store = self.folder.path().join("venue").display().to_string();
        let text = format!(
            "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptPort={}\nStartTime=00:00:00\nEndTime=00:00:00\n\
             FileStorePath={store}\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n",
            self.port
        );
        write_file(self.folder.path(), "venue.cfg", &text)
    }

    fn initiator(&self) -> String {
        let store = self.folder.path().join("desk").display().to_string();
        let text = format!(
            "[DEFAULT]\nConnectionType=initiator\nSocketConnectHost=127.0.0.1\nSocketConnectPort={}\nHeartBtInt=30\n\
             StartTime=00:00:00\nEndTime=00:00:00\nFileStorePath={store}\n\
             [SESSION]\nBeginString=FIX.4.4\nSenderCompID=TRADEDESK\nTargetCompID=EXCHANGE\n",
            self.port
        );
        write_file(self.folder.path(), "desk.cfg", &text)
    }
}

/// Runs an example that trades once and ends, and returns what it printed.
fn trade(name: &str, argument: &str) -> String {
    let output = Command::new(example(name)).arg(argument).output().expect("it starts");
    let printed = support::stdout(&output) + &support::stderr(&output);
    assert!(output.status.success(), "{name}: {printed}");
    printed
}

#[test]
fn an_initiator_of_ones_own_is_filled_by_the_exchange() {
    let sides = Sides::new();
    let mut exchange = Program::start(&["exchange", "--config", &sides.acceptor()]);
    exchange.wait_for("FIX acceptor on");
    let printed = trade("own_initiator", &sides.initiator());
    assert!(printed.contains("OrdStatus(2=FILLED), filled 100"), "{printed}");
    // Its numbers are in the journal: the second run goes on with them.
    let printed = trade("own_initiator", &sides.initiator());
    assert!(printed.contains("MsgSeqNum(34) of the order: Ok(5)"), "{printed}");
}

#[test]
fn sixty_lines_on_the_core_alone_are_filled_by_the_exchange() {
    let sides = Sides::new();
    let mut exchange = Program::start(&["exchange", "--config", &sides.acceptor()]);
    exchange.wait_for("FIX acceptor on");
    let printed = trade("initiator", &format!("127.0.0.1:{}", sides.port));
    assert!(printed.ends_with("OrdStatus(2=FILLED), filled 100\nour Logout was answered\n"), "{printed}");
}

#[test]
fn an_acceptor_of_ones_own_fills() {
    let sides = Sides::new();
    let mut command = Command::new(example("own_acceptor"));
    command.arg(sides.acceptor());
    let mut venue = Program::spawn(command);
    wait_for_port(sides.port);
    let printed = trade("own_initiator", &sides.initiator());
    assert!(printed.ends_with("OrdStatus(2=FILLED), filled 100\n"), "{printed}");
    venue.signal("TERM");
    let (status, _) = venue.wait();
    assert!(status.success(), "{status}");
}

#[test]
fn a_signal_ends_an_initiator_of_ones_own_in_order() {
    let sides = Sides::new();
    let listener = TcpListener::bind(("127.0.0.1", sides.port)).expect("a port");
    let mut command = Command::new(example("own_initiator"));
    command.arg(sides.initiator());
    let mut desk = Program::spawn(command);
    let (mut connection, _) = listener.accept().expect("it connects");
    connection.read_exact(&mut [0; 10]).expect("its Logon");
    desk.signal("INT");
    let (status, _) = desk.wait();
    assert!(status.success(), "{status}");
}

#[test]
fn the_examples_are_as_short_as_is_said() {
    let lines = |path: &str| {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        let text = std::fs::read_to_string(path).expect("an example");
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
    };
    for (path, most) in [
        ("fix-core/examples/initiator.rs", 60),
        ("fix-host/examples/own_initiator.rs", 40),
        ("fix-host/examples/own_acceptor.rs", 40),
    ] {
        assert!(lines(path) <= most, "{path} has {} lines of code", lines(path));
    }
}
