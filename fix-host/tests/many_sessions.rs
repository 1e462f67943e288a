//! Many sessions in one process: both roles, orders by session, sessions made of templates, sub ids,
//! qualifiers, schedules, and what happens when one of them cannot start or its store fails.

mod support;

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use fix_host::clock::utc_now;
use serde_json::Value;
use support::{PATIENCE, Program, free_port, output, stderr, stdout, write_file};

struct Place {
    folder: tempfile::TempDir,
    fix_port: u16,
    api_port: u16,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Place { folder, fix_port: free_port(), api_port: free_port() }
    }

    fn store(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A configuration; `{port}` is the port of the FIX acceptor.
    fn cfg(&self, name: &str, default: &str, sessions: &[&str]) -> String {
        let mut text = format!(
            "[DEFAULT]\nBeginString=FIX.4.4\nHeartBtInt=30\nReconnectInterval=1\nFileStorePath={}\n{default}\n",
            self.store(name).display()
        );
        for session in sessions {
            text.push_str(&format!("[SESSION]\n{session}\n"));
        }
        let text = text.replace("{port}", &self.fix_port.to_string());
        write_file(self.folder.path(), &format!("{name}.cfg"), &text)
    }

    fn exchange(&self, default: &str, sessions: &[&str]) -> Program {
        let default = format!("SocketAcceptAddress=127.0.0.1\nSocketAcceptPort={{port}}\n{default}");
        let cfg = self.cfg("exchange", &default, sessions);
        let mut exchange = Program::start(&["exchange", "--config", &cfg]);
        exchange.wait_for("FIX acceptor on");
        exchange
    }

    fn engine(&self, sessions: &[&str]) -> Program {
        let cfg = self.engine_cfg(sessions);
        let mut engine = Program::start(&["start", "--fix-config", &cfg, "--api", &self.api()]);
        engine.wait_for("HTTP API");
        engine
    }

    fn engine_cfg(&self, sessions: &[&str]) -> String {
        let default = "ConnectionType=initiator\nSocketConnectHost=127.0.0.1\nSocketConnectPort={port}";
        self.cfg("desk", default, sessions)
    }

    fn api(&self) -> String {
        format!("127.0.0.1:{}", self.api_port)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let api = format!("http://{}", self.api());
        output(&[arguments, &["--api", &api]].concat())
    }

    fn order(&self, more: &[&str]) -> Output {
        self.run(&[&["order", "--side", "BUY", "--qty", "10", "--symbol", "2Y"], more].concat())
    }

    fn sessions(&self) -> Vec<Value> {
        let page = self.run(&["sessions", "--format", "json"]);
        let page: Value = serde_json::from_str(&stdout(&page)).unwrap_or_default();
        page["sessions"].as_array().cloned().unwrap_or_default()
    }

    fn session(&self, id: &str) -> Value {
        let id = format!("FIX.4.4:{id}");
        let sessions = self.sessions();
        sessions.iter().find(|session| session["session"] == id.as_str()).cloned().unwrap_or_default()
    }

    fn wait_until(&self, what: &str, is_so: impl Fn(&[Value]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(&self.sessions()) {
            assert!(Instant::now() < deadline, "not {what}: {:#?}", self.sessions());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn wait_for_logons(&self, count: usize) {
        let up = |sessions: &[Value]| sessions.iter().filter(|one| one["status"] == "LOGGED_ON").count();
        self.wait_until(&format!("{count} logged on"), |sessions| up(sessions) == count);
    }
}

fn journals(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the store's folder");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.split_once(".00").map(|(session, _)| session.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn initiators_and_acceptors_run_side_by_side_and_orders_go_where_they_are_told() {
    let place = Place::new();
    let drop_copy = free_port();
    let to_desk = format!(
        "ConnectionType=initiator\nSenderCompID=DROP\nTargetCompID=DESK\nSocketConnectHost=127.0.0.1\n\
         SocketConnectPort={drop_copy}"
    );
    let acceptor = |id: &str| format!("ConnectionType=acceptor\nSenderCompID={id}\nTargetCompID=DESK");
    let _exchange = place.exchange("", &[&acceptor("FIRST"), &acceptor("SECOND"), &to_desk]);
    let from_drop = format!(
        "ConnectionType=acceptor\nSenderCompID=DESK\nTargetCompID=DROP\nSocketAcceptAddress=127.0.0.1\n\
         SocketAcceptPort={drop_copy}"
    );
    let _engine = place.engine(&[
        "SenderCompID=DESK\nTargetCompID=FIRST",
        "SenderCompID=DESK\nTargetCompID=SECOND",
        &from_drop,
    ]);
    place.wait_for_logons(3);
    assert_eq!(place.session("DESK->DROP")["role"], "acceptor");

    assert!(place.order(&["--session", "SECOND", "--cl-ord-id", "NAMED"]).status.success());
    place.wait_until("sent to SECOND", |sessions| sessions[1]["nextOut"] == 3);
    assert_eq!(place.session("DESK->FIRST")["nextOut"], 2);
    assert!(place.order(&[]).status.success());
    place.wait_until("sent to FIRST", |sessions| sessions[0]["nextOut"] == 3);

    // The first one is out: an order that names none takes the other.
    assert!(place.run(&["logout", "FIRST"]).status.success());
    assert!(place.order(&[]).status.success());
    place.wait_until("sent to SECOND", |sessions| sessions[1]["nextOut"] == 4);
    let unknown = place.order(&["--session", "NOBODY"]);
    assert_eq!(unknown.status.code(), Some(1), "{}", stderr(&unknown));
    assert!(stderr(&unknown).contains("no session"), "{}", stderr(&unknown));
}

#[test]
fn a_template_makes_a_session_for_each_counterparty_that_comes() {
    let place = Place::new();
    let template = "ConnectionType=acceptor\nAcceptorTemplate=Y\nSenderCompID=EXCHANGE\nTargetCompID=*";
    let desk = |id: &str| format!("SenderCompID={id}\nTargetCompID=EXCHANGE");
    let mut exchange = place.exchange("", &[template]);
    let _engine = place.engine(&[&desk("A"), &desk("B"), &desk("..%2F"), &desk("C")]);
    place.wait_for_logons(4);
    assert_eq!(
        journals(&place.store("exchange")),
        ["FIX.4.4-EXCHANGE-..%252F", "FIX.4.4-EXCHANGE-A", "FIX.4.4-EXCHANGE-B", "FIX.4.4-EXCHANGE-C"]
    );
    assert!(place.order(&["--session", "B->EXCHANGE"]).status.success());

    // The session that was made goes on with its numbers after a restart.
    exchange.signal("TERM");
    assert!(exchange.wait().0.success());
    place.wait_for_logons(0);
    let _exchange = place.exchange("", &[template]);
    place.wait_for_logons(4);
    let session = place.session("B->EXCHANGE");
    assert!(session["nextIn"].as_u64() >= Some(5) && session["gap"].is_null(), "{session}");
}

#[test]
fn one_pair_of_parties_may_have_several_sessions() {
    let place = Place::new();
    let dynamic = "ConnectionType=acceptor\nSenderCompID=EXCHANGE\nTargetCompID=OTHER\nDynamicSessions=Y\n\
                   DynamicQualifier=Y";
    let _exchange = place.exchange("", &[dynamic]);
    let qualified =
        |qualifier: &str| format!("SenderCompID=D\nTargetCompID=EXCHANGE\nSessionQualifier={qualifier}");
    let _engine = place.engine(&[&qualified("ONE"), &qualified("TWO")]);
    place.wait_for_logons(2);
    assert!(place.order(&["--session", "FIX.4.4:D->EXCHANGE:TWO"]).status.success());
    assert_eq!(place.session("D->EXCHANGE:ONE")["nextOut"], 2);
    let made = journals(&place.store("exchange"));
    assert!(made.contains(&"FIX.4.4-EXCHANGE-D-1".to_owned()), "{made:?}");
    assert!(made.contains(&"FIX.4.4-EXCHANGE-D-2".to_owned()), "{made:?}");
}

#[test]
fn sub_ids_tell_sessions_of_the_same_parties_apart() {
    let place = Place::new();
    let acceptor =
        |sub: &str| format!("ConnectionType=acceptor\nSenderCompID=X\nTargetCompID=D\nTargetSubID={sub}");
    let _exchange = place.exchange("", &[&acceptor("BONDS"), &acceptor("FUTURES")]);
    let desk = |sub: &str| format!("SenderCompID=D\nSenderSubID={sub}\nTargetCompID=X");
    let _engine = place.engine(&[&desk("FUTURES"), &desk("BONDS"), &desk("UNKNOWN")]);
    place.wait_for_logons(2);
    assert_eq!(place.session("D/UNKNOWN->X")["status"], "LOGGED_OFF");
}

#[test]
fn outside_its_schedule_an_initiator_does_not_even_connect() {
    let place = Place::new();
    let counterparty = TcpListener::bind(("127.0.0.1", place.fix_port)).expect("bind");
    counterparty.set_nonblocking(true).expect("non-blocking");
    let clock = |hours: i64| {
        let second = (utc_now().unix_seconds() + hours * 3600).rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    };
    let closed = format!("SenderCompID=D\nTargetCompID=X\nStartTime={}\nEndTime={}", clock(2), clock(3));
    let _engine = place.engine(&[&closed]);
    place.wait_until("outside its schedule", |sessions| {
        sessions
            .first()
            .is_some_and(|one| one["detail"].as_str().unwrap_or_default().contains("outside its schedule"))
    });
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(counterparty.accept().expect_err("nobody").kind(), std::io::ErrorKind::WouldBlock);
    assert!(stdout(&place.order(&[])).is_empty());
}

#[test]
fn an_address_is_good_only_after_a_logon_and_the_log_may_be_json() {
    let place = Place::new();
    let _exchange = place.exchange("", &["ConnectionType=acceptor\nSenderCompID=X\nTargetCompID=D"]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let hosts = format!(
        "SenderCompID=D\nTargetCompID=X\nLogonTimeout=1\nSocketConnectPort={}\nSocketConnectHost1=127.0.0.1\n\
         SocketConnectPort1={}\nSocketConnectHost2=127.0.0.1\nSocketConnectPort2={{port}}",
        free_port(),
        silent.local_addr().unwrap().port(),
    );
    let cfg = place.engine_cfg(&[&hosts]);
    let arguments = ["start", "--fix-config", &cfg, "--api", &place.api(), "--log-format", "json"];
    let mut engine = Program::start(&arguments);
    engine.wait_for("LOGGED ON");
    let printed = engine.printed();
    for step in ["nothing listens there", "no Logon within LogonTimeout", "LOGGED ON"] {
        assert!(printed.contains(step), "{step}: {printed}");
    }
    for line in printed.lines() {
        let line: Value = serde_json::from_str(line).expect(line);
        assert!(["timestamp", "level", "message"].iter().all(|key| line[key].is_string()), "{line}");
    }
}

#[test]
fn a_want_of_file_descriptors_passes() {
    let place = Place::new();
    let mut exchange = place.exchange("", &["ConnectionType=acceptor\nSenderCompID=X\nTargetCompID=D"]);
    let id = exchange.id();
    let open = fs::read_dir(format!("/proc/{id}/fd")).unwrap().count();
    let limit = |files: usize| {
        let (pid, nofile) = (format!("--pid={id}"), format!("--nofile={files}:"));
        assert!(Command::new("prlimit").args([pid, nofile]).status().expect("prlimit").success());
    };
    limit(open + 2);
    let crowd: Vec<_> =
        (0..8).map(|_| TcpStream::connect(("127.0.0.1", place.fix_port)).expect("a connection")).collect();
    exchange.wait_for("cannot accept connections, trying again until it passes");
    drop(crowd);
    limit(256);
    let mut engine = place.engine(&["SenderCompID=D\nTargetCompID=X"]);
    engine.wait_for("LOGGED ON");
    let printed = exchange.printed();
    assert!(printed.matches("cannot accept").count() < 10, "a line for each try: {printed}");
}

#[test]
fn the_others_start_without_the_one_that_cannot() {
    let place = Place::new();
    fs::write(place.store("file"), "not a folder").expect("write");
    let broken =
        format!("SenderCompID=BROKEN\nTargetCompID=X\nFileStorePath={}", place.store("file").display());
    let cfg = place.engine_cfg(&[&broken, "SenderCompID=GOOD\nTargetCompID=X"]);
    let refused = output(&["start", "--fix-config", &cfg, "--api", &place.api()]);
    assert_eq!(refused.status.code(), Some(74), "{}", stderr(&refused));
    assert!(stderr(&refused).contains(&place.store("file").display().to_string()), "{}", stderr(&refused));

    let text = fs::read_to_string(&cfg)
        .expect("read")
        .replace("[DEFAULT]", "[DEFAULT]\nContinueInitializationOnError=Y");
    fs::write(&cfg, text).expect("write");
    let mut engine = Program::start(&["start", "--fix-config", &cfg, "--api", &place.api()]);
    engine.wait_for("BROKEN->X: not started");
    engine.wait_for("no counterparty");
    assert_eq!(place.sessions().len(), 1);
    engine.signal("TERM");
    assert!(engine.wait().0.success());
}

#[test]
fn a_store_that_fails_ends_the_engine_with_one_clear_line() {
    let place = Place::new();
    let _exchange = place.exchange("", &["ConnectionType=acceptor\nSenderCompID=X\nTargetCompID=D"]);
    let cfg = place.engine_cfg(&["SenderCompID=D\nTargetCompID=X"]);
    // No file may grow beyond 65 KiB, a little more than the store sets aside: writes fail as on a broken disk.
    let mut command = Command::new("bash");
    let script = "trap '' XFSZ; ulimit -f 65; exec \"$0\" \"$@\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_fix-host")]);
    command.args(["start", "--fix-config", &cfg, "--api", &place.api()]);
    let mut engine = Program::spawn(command);
    engine.wait_for("LOGGED ON");
    let deadline = Instant::now() + PATIENCE;
    while engine.is_running() {
        assert!(Instant::now() < deadline, "still running:\n{}", engine.printed());
        place.order(&["--timeout", "0"]);
    }
    let (status, _) = engine.wait();
    let printed = engine.printed();
    assert_eq!(status.code(), Some(74), "{printed}");
    let last = printed.lines().rfind(|line| line.starts_with("fix-host: ")).unwrap_or_default();
    assert!(last.contains("FIX.4.4:D->X: message store: ") && last.contains("File too large"), "{printed}");
}
