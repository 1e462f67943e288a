//! An operator at a running engine: `sessions`, `seqnum`, `logon`, `logout`, `reset`, `test-request` and `/metrics`, with a real
//! counterparty at the other end.

mod support;

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Output,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::{
    PATIENCE, Program, fix_host, free_port, output, start_engine, start_exchange, stderr, stdout,
    write_two_sides,
};

const TOKEN: &str = "0123456789abcdef-operator";

struct Desk {
    _folder: tempfile::TempDir,
    _exchange: Program,
    engine: Program,
    api_port: u16,
    token: Option<&'static str>,
}

impl Desk {
    /// An exchange and an engine, logged on to each other.
    fn start(token: Option<&'static str>) -> Self {
        Desk::start_with(token, "")
    }

    /// With further keys of the desk.
    fn start_with(token: Option<&'static str>, keys: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let api_port = free_port();
        write_two_sides(folder.path(), keys, "");
        let exchange = start_exchange(folder.path());
        let engine = start_engine(folder.path(), api_port, token);
        Desk { _folder: folder, _exchange: exchange, engine, api_port, token }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let api = format!("http://127.0.0.1:{}", self.api_port);
        let mut command = fix_host(arguments);
        command.args(["--api", &api]).env_remove("FIX_HOST_API_TOKEN");
        if let Some(token) = self.token {
            command.env("FIX_HOST_API_TOKEN", token);
        }
        command.output().expect("the binary starts")
    }

    /// Runs a command that must do its work, and returns what it prints.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
        stdout(&output)
    }

    /// The one session, as `fix-host sessions --format json` has it.
    fn session(&self) -> Value {
        let page: Value = serde_json::from_str(&self.done(&["sessions", "--format", "json"])).expect("JSON");
        page["sessions"][0].clone()
    }

    /// Waits until the session's numbers are these.
    fn wait_for_numbers(&self, next_in: u64, next_out: u64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let session = self.session();
            if (session["nextIn"].as_u64(), session["nextOut"].as_u64()) == (Some(next_in), Some(next_out)) {
                return;
            }
            assert!(Instant::now() < deadline, "not {next_in}/{next_out}: {session}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn http(&self, head: &str) -> String {
        let mut socket = TcpStream::connect(("127.0.0.1", self.api_port)).expect("the API");
        write!(socket, "{head}\r\nConnection: close\r\n\r\n").expect("write");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("read");
        answer
    }
}

#[test]
fn sessions_shows_how_each_session_really_is() {
    let desk = Desk::start(None);
    desk.wait_for_numbers(2, 2);
    assert!(desk.run(&["order", "--side", "BUY", "--qty", "10", "--symbol", "2Y"]).status.success());
    // The order went out; the acknowledgement and the fill came back.
    desk.wait_for_numbers(4, 3);
    let session = desk.session();
    assert_eq!(session["session"], "FIX.4.4:TRADEDESK->EXCHANGE");
    assert_eq!((&session["phase"], &session["role"]), (&"logged on".into(), &"initiator".into()));
    assert_eq!(session["heartBtInt"], 30);
    assert!(session["lastReceived"].is_number() && session["gap"].is_null(), "{session}");
    let table = desk.done(&["sessions"]);
    assert!(table.contains("NEXT IN") && table.contains("FIX.4.4:TRADEDESK->EXCHANGE"), "{table}");
    let shown = desk.done(&["seqnum", "show", "EXCHANGE"]);
    assert!(
        shown.lines().any(|line| line.split_whitespace().collect::<Vec<_>>()[3..5] == ["4", "3"]),
        "{shown}"
    );
    assert!(desk.done(&["status"]).contains("next in 4, next out 3"));
}

#[test]
fn a_session_logged_out_stays_out_until_it_is_let_in_again() {
    let mut desk = Desk::start(None);
    let out = desk.done(&["logout", "EXCHANGE"]);
    assert!(out.contains("stays out"), "{out}");
    // Longer than ReconnectInterval.
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(desk.session()["status"], "LOGGED_OFF");
    let order = desk.run(&["order", "--side", "BUY", "--qty", "10", "--symbol", "2Y"]);
    assert_eq!(order.status.code(), Some(1));
    assert!(stderr(&order).contains("SIM MODE"), "{}", stderr(&order));

    let back = desk.done(&["logon", "TRADEDESK->EXCHANGE"]);
    assert!(back.contains("logged on"), "{back}");
    desk.engine.wait_for("LOGGED ON");
    assert_eq!(desk.session()["staysOut"], false);
}

#[test]
fn a_test_request_says_how_long_its_answer_took() {
    let desk = Desk::start(None);
    let said = desk.done(&["test-request", "EXCHANGE"]);
    assert!(said.contains("FIX.4.4:TRADEDESK->EXCHANGE: TestReqID TEST-2"), "{said}");
    let millis: f64 = said.split(' ').rev().nth(1).and_then(|millis| millis.parse().ok()).expect("ms");
    let shown = desk.session()["testRequest"]["roundTripMs"].as_f64().expect("a round trip");
    assert!(millis > 0.0 && (shown - millis).abs() < 0.001, "{said} {shown}");
    desk.wait_for_numbers(3, 3);

    desk.done(&["logout", "EXCHANGE"]);
    let refused = desk.run(&["test-request", "EXCHANGE"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("not logged on"), "{}", stderr(&refused));
}

#[test]
fn a_session_that_is_told_to_measures_its_round_trip_again_and_again() {
    let desk = Desk::start_with(None, "RoundTripInterval=1\n");
    let deadline = Instant::now() + PATIENCE;
    let mut sent = Vec::new();
    while sent.len() < 2 {
        let trip = desk.session()["roundTrip"].clone();
        assert_eq!((&trip["everySeconds"], &trip["unansweredSince"]), (&1.into(), &Value::Null), "{trip}");
        if let Some(at) = trip["sent"].as_f64().filter(|at| !sent.contains(at)) {
            assert!(trip["ms"].as_f64().is_some_and(|ms| ms > 0.0 && ms < 1000.0), "{trip}");
            sent.push(at);
        }
        assert!(Instant::now() < deadline, "{trip}");
    }
    // An operator's is answered beside it.
    assert!(desk.done(&["test-request", "EXCHANGE"]).contains("TestReqID TEST-2"));
    assert_eq!(Desk::start(None).session()["roundTrip"], Value::Null);
}

#[test]
fn numbers_are_set_by_hand_and_the_counterparty_finds_out() {
    let desk = Desk::start(None);
    desk.wait_for_numbers(2, 2);
    desk.done(&["seqnum", "set", "EXCHANGE", "--out", "40"]);
    desk.wait_for_numbers(2, 40);
    let lower = desk.run(&["seqnum", "set", "EXCHANGE", "--out", "5"]);
    assert_eq!(lower.status.code(), Some(1));
    assert!(stderr(&lower).contains("log the session out first"), "{}", stderr(&lower));
    // The order is beyond a gap for the exchange: it asks, gets a gap fill, and fills the order.
    assert!(desk.run(&["order", "--side", "BUY", "--qty", "10", "--symbol", "2Y"]).status.success());
    desk.wait_for_numbers(5, 41);

    desk.done(&["logout", "EXCHANGE"]);
    let far = desk.run(&["seqnum", "set", "EXCHANGE", "--out", "100000000"]);
    let text = String::from_utf8_lossy(&far.stderr).into_owned();
    assert!(!far.status.success() && text.contains("GapFill 34=") && text.contains("--force"), "{text}");
    desk.done(&["seqnum", "set", "EXCHANGE", "--in", "1"]);
    desk.done(&["logon", "EXCHANGE"]);
    // Everything from 1 on was asked for again.
    let deadline = Instant::now() + PATIENCE;
    while desk.session()["nextIn"].as_u64() < Some(7) {
        assert!(Instant::now() < deadline, "{}", desk.session());
        std::thread::sleep(Duration::from_millis(20));
    }
    desk.done(&["reset", "EXCHANGE"]);
    desk.wait_for_numbers(2, 2);
}

#[test]
fn exit_codes_tell_what_is_wrong() {
    let desk = Desk::start(Some(TOKEN));
    let unknown = desk.run(&["logout", "NOBODY"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).contains("no session"), "{}", stderr(&unknown));

    let api = format!("http://127.0.0.1:{}", desk.api_port);
    for arguments in [&["sessions"][..], &["logout", "EXCHANGE"], &["seqnum", "set", "EXCHANGE", "--in", "9"]]
    {
        for token in [None, Some("a-wrong-token-0123456789")] {
            let mut command = fix_host(arguments);
            command.args(["--api", &api]).env_remove("FIX_HOST_API_TOKEN");
            if let Some(token) = token {
                command.env("FIX_HOST_API_TOKEN", token);
            }
            let refused = command.output().expect("the binary starts");
            assert_eq!(refused.status.code(), Some(77), "{arguments:?} {}", stderr(&refused));
            assert!(!stderr(&refused).contains(TOKEN));
        }
    }
    assert_eq!(desk.session()["status"], "LOGGED_ON");
    let nobody = output(&["sessions", "--api", &format!("http://127.0.0.1:{}", free_port())]);
    assert_eq!(nobody.status.code(), Some(69), "{}", stderr(&nobody));
    assert_eq!(output(&["seqnum", "set", "EXCHANGE"]).status.code(), Some(2));
    assert_eq!(output(&["seqnum", "set", "EXCHANGE", "--in", "0"]).status.code(), Some(2));
}

#[test]
fn only_json_from_this_machine_changes_a_session() {
    let desk = Desk::start(None);
    let own = format!("127.0.0.1:{}", desk.api_port);
    let post = |host: &str, more: &str, body: &str| {
        let path = "/api/sessions/EXCHANGE/logout";
        desk.http(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n{more}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
    };
    let json = "Content-Type: application/json";
    for (answer, status) in [
        (post("evil.example", json, "{}"), "421"),
        (post(&own, &format!("{json}\r\nOrigin: http://evil.example"), "{}"), "403"),
        (post(&own, "Content-Type: text/plain", "{}"), "415"),
        (post(&own, json, r#"{"in":1}"#), "400"),
    ] {
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    assert_eq!(desk.session()["status"], "LOGGED_ON");
}

#[test]
fn an_operation_needs_no_body_and_a_wrong_one_is_told_what_it_should_be() {
    let desk = Desk::start(None);
    let post = |path: &str, body: &str| {
        desk.http(&format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n\
             Content-Type: application/json\r\nConnection: close\r\n\r\n{body}",
            desk.api_port,
            body.len()
        ))
    };
    let wrong = post("/api/halt", "stop");
    assert!(wrong.starts_with("HTTP/1.1 400 ") && wrong.contains("the body must be JSON like "), "{wrong}");
    let logout = post("/api/sessions/EXCHANGE/logout", "");
    assert!(logout.starts_with("HTTP/1.1 200 "), "{logout}");
}

#[test]
fn metrics_count_what_happened_and_hold_no_secret() {
    let desk = Desk::start(Some(TOKEN));
    assert!(desk.run(&["order", "--side", "BUY", "--qty", "10", "--symbol", "2Y"]).status.success());
    desk.wait_for_numbers(4, 3);
    let head = format!("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:{}", desk.api_port);
    assert!(desk.http(&head).starts_with("HTTP/1.1 401 "));
    let page = desk.http(&format!("{head}\r\nAuthorization: Bearer {TOKEN}"));
    assert!(page.contains("content-type: text/plain; version=0.0.4"), "{page}");
    let session = r#"session="FIX.4.4:TRADEDESK->EXCHANGE""#;
    for line in [
        format!(r#"fix_session_messages_total{{{session},direction="out",msg_type="D"}} 1"#),
        format!(r#"fix_session_messages_total{{{session},direction="in",msg_type="8"}} 2"#),
        format!(r#"fix_session_logged_on{{{session}}} 1"#),
        format!(r#"fix_session_next_out{{{session}}} 3"#),
        format!(r#"fix_session_connections_total{{{session}}} 1"#),
        format!(r#"fix_session_garbled_total{{{session}}} 0"#),
        format!(r#"fix_session_store_errors_total{{{session}}} 0"#),
        r#"fix_api_requests_total{route="/api/orders",status="202"} 1"#.to_owned(),
        r#"fix_api_requests_total{route="/metrics",status="401"} 1"#.to_owned(),
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    assert!(!page.contains(TOKEN));
}
