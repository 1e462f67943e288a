//! Orders over HTTP at a running engine, with the simulated exchange as counterparty: what goes over the wire, and what
//! the logs hold.

mod support;

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::{
    PATIENCE, Program, eventually, fix_host, free_port, start_engine, start_exchange, write_two_sides,
};

struct Rig {
    folder: tempfile::TempDir,
    _exchange: Program,
    engine: Program,
    api_port: u16,
}

impl Rig {
    fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"))
    }

    fn start_in(folder: tempfile::TempDir) -> Self {
        let logs = format!("FileLogPath={}\n", folder.path().join("log").display());
        write_two_sides(folder.path(), "", &logs);
        let (exchange, api_port) = (start_exchange(folder.path()), free_port());
        let engine = start_engine(folder.path(), api_port, None);
        Rig { folder, _exchange: exchange, engine, api_port }
    }

    fn ask(&self, request: &str) -> (u16, Value) {
        let answer = self.whole(request);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    /// The answer with its head.
    fn whole(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.api_port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.ask(&format!("GET {path} HTTP/1.1\r\n{}", self.rest("")))
    }

    fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.ask(&format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\n{}", self.rest(body)))
    }

    fn rest(&self, body: &str) -> String {
        format!(
            "Host: 127.0.0.1:{}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            self.api_port,
            body.len()
        )
    }

    /// Kills the engine, and starts it again with its journal.
    fn restart(&mut self, token: Option<&str>) {
        self.engine.signal("KILL");
        self.engine.wait();
        self.engine = start_engine(self.folder.path(), self.api_port, token);
    }

    /// A log of the desk's session, once it has this text.
    fn log(&self, kind: &str, text: &str) -> String {
        let path = self.folder.path().join(format!("log/FIX.4.4-TRADEDESK-EXCHANGE.{kind}.current.log"));
        wait_for(&path, text)
    }
}

fn wait_for(path: &Path, text: &str) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let log = std::fs::read_to_string(path).unwrap_or_default();
        if log.contains(text) {
            return log;
        }
        assert!(Instant::now() < until, "{text} is not in {}: {log}", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn limit(id: &str) -> String {
    format!(r#"{{"clOrdID":"{id}","symbol":"10Y","side":"SELL","qty":100,"ordType":"LIMIT","price":150.5}}"#)
}

#[test]
fn a_basket_goes_out_in_its_order_and_no_id_twice() {
    let rig = Rig::start();
    let mut basket: Vec<String> = (0..300).map(|number| limit(&format!("B{number}"))).collect();
    basket.push(limit("B7"));
    // Of an order of the same basket.
    basket.push(r#"{"type":"CANCEL","origClOrdID":"B0","clOrdID":"C0"}"#.to_owned());
    let (status, answers) = rig.post("/api/orders", &format!("[{}]", basket.join(",")));
    let word = |place: usize| answers[place]["status"].as_str().unwrap();
    assert_eq!((status, word(299), word(300), word(301)), (207, "ACCEPTED", "DUPLICATE", "ACCEPTED"));
    let log = rig.log("messages", "\x0111=C0\x01");
    let sent = log.lines().filter(|line| line.contains("\x0135=D\x01"));
    let ids: Vec<&str> =
        sent.map(|line| line.split("\x0111=").nth(1).unwrap().split('\x01').next().unwrap()).collect();
    assert_eq!(ids, (0..300).map(|number| format!("B{number}")).collect::<Vec<_>>());
}

#[test]
fn a_request_takes_symbol_and_side_from_its_order_and_an_unknown_order_is_said_to_be_unknown() {
    let rig = Rig::start();
    assert_eq!(rig.post("/api/orders", &limit("A1")).0, 202);
    let replace = r#"{"origClOrdID":"A1","clOrdID":"R1","qty":50,"ordType":"LIMIT","price":150.25}"#;
    assert_eq!(rig.post("/api/replaces", replace).0, 202);
    let log = rig.log("messages", "\x0135=G\x01");
    let sent = log.lines().find(|line| line.contains("\x0135=G\x01")).unwrap();
    assert!(sent.contains("\x0155=10Y\x0154=2\x01"), "{sent}");
    let (status, order) = rig.get("/api/orders/R1?wait_ms=10000&seen=0");
    assert_eq!((status, &order["order"]["symbol"]), (200, &"10Y".into()));
    assert_eq!(rig.post("/api/cancels", r#"{"origClOrdID":"R1","clOrdID":"C1"}"#).0, 202);
    assert_eq!(rig.get("/api/orders/C1?wait_ms=10000").1["final"], true);

    // As an entry of a list, a request stands alone on the page of orders too.
    assert_eq!(rig.post("/api/orders", &limit("A2")).0, 202);
    let replace =
        r#"{"type":"REPLACE","origClOrdID":"A2","clOrdID":"R2","qty":50,"ordType":"LIMIT","price":150.25}"#;
    assert_eq!(rig.post("/api/orders", replace).0, 202);
    let (status, answer) = rig.post("/api/orders", r#"{"type":"CANCEL","origClOrdID":"R2","clOrdID":"C3"}"#);
    assert_eq!((status, &answer["clOrdID"]), (202, &"C3".into()));
    assert_eq!(rig.get("/api/orders/A2?wait_ms=10000").1["final"], true);

    let (status, answer) = rig.post("/api/cancels", r#"{"origClOrdID":"NONE","clOrdID":"C2"}"#);
    let text = r#"symbol: missing, and the order "NONE" is not known here"#;
    assert_eq!((status, &answer["error"]), (400, &text.into()));
    let (status, answer) = rig.get("/api/orders/NONE");
    assert_eq!((status, &answer["error"]), (404, &r#"no order or request "NONE" is known here"#.into()));
}

#[test]
fn what_an_earlier_process_said_and_heard_of_an_order_is_shown() {
    let mut rig = Rig::start();
    rig.post("/api/orders", r#"{"clOrdID":"BEFORE","symbol":"10Y","side":"BUY","qty":3,"ordType":"MARKET"}"#);
    let messages = |rig: &Rig| {
        let (_, page) = rig.get("/api/messages?order=BEFORE");
        let all = page["messages"].as_array().expect("messages").clone();
        let kinds = |one: &Value| format!("{} {}", one["direction"], one["type"]).replace('"', "");
        all.iter().map(kinds).collect::<Vec<_>>()
    };
    let seen = eventually("the fill", || Some(messages(&rig)).filter(|seen| seen.len() == 3));
    assert_eq!(seen, ["in 8", "in 8", "out D"]);
    rig.restart(None);
    assert_eq!(messages(&rig), seen);
    let (_, page) = rig.get("/api/messages?search=earlier%20process");
    assert_eq!(page["messages"][0]["direction"], "engine", "{page}");
}

#[test]
fn who_has_logged_out_stays_so_through_a_restart() {
    const TOKEN: &str = "0123456789abcdef-trader";
    let mut rig = Rig::start();
    rig.restart(Some(TOKEN));
    let own = format!("http://127.0.0.1:{}", rig.api_port);
    let head =
        |cookie: &str| format!("Origin: {own}\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n");
    let log_in = |rig: &Rig| {
        let body = format!(r#"{{"token":"{TOKEN}"}}"#);
        let request = format!("POST /api/login HTTP/1.1\r\n{}{}", head("a=b"), rig.rest(&body));
        let answer = rig.whole(&request);
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
        cookie.split(';').next().expect("its value").to_owned()
    };
    let (stays, leaves) = (log_in(&rig), log_in(&rig));
    let logout = format!("POST /api/logout HTTP/1.1\r\n{}{}", head(&leaves), rig.rest("{}"));
    assert_eq!(rig.ask(&logout).0, 200);
    let looks = |rig: &Rig| {
        [&stays, &leaves]
            .map(|cookie| rig.ask(&format!("GET /api/orders HTTP/1.1\r\n{}{}", head(cookie), rig.rest(""))).0)
    };
    assert_eq!(looks(&rig), [200, 401]);
    rig.restart(Some(TOKEN));
    assert_eq!(looks(&rig), [200, 401], "after a restart");
    rig.restart(Some("another-token-of-traders"));
    assert_eq!(looks(&rig), [401, 401], "after a new token");
}

#[test]
fn an_order_that_ended_stays_ended_when_newer_reports_have_taken_the_place_of_its_own() {
    let rig = Rig::start();
    assert_eq!(rig.post("/api/orders", &limit("OLD")).0, 202);
    assert_eq!(rig.post("/api/cancels", r#"{"origClOrdID":"OLD","clOrdID":"C1"}"#).0, 202);
    assert_eq!(rig.get("/api/orders/OLD?wait_ms=10000").1["final"], true);
    assert_eq!(rig.post("/api/orders", &limit("WORKING")).0, 202);
    let mut last = String::new();
    // Each has two reports at least.
    for basket in 0..6 {
        let ids = (0..900).map(|number| format!("M{basket}-{number}"));
        let orders: Vec<String> =
            ids.map(|id| limit(&id).replace("LIMIT", "MARKET").replace(r#","price":150.5"#, "")).collect();
        assert_eq!(rig.post("/api/orders", &format!("[{}]", orders.join(","))).0, 202);
        last = format!("M{basket}-899");
    }
    assert_eq!(rig.get(&format!("/api/orders/{last}?wait_ms=30000")).1["final"], true);
    let (began, (status, old)) = (Instant::now(), rig.get("/api/orders/OLD?wait_ms=20000"));
    assert_eq!(
        (status, &old["reports"], &old["order"]["state"]),
        (200, &serde_json::json!([]), &"CANCELED".into())
    );
    assert_eq!(old["final"], true);
    assert!(began.elapsed() < Duration::from_secs(10), "nothing is to come, so nothing is waited for");
    let (_, working) = rig.get("/api/orders/WORKING");
    assert_eq!((&working["reports"], &working["final"]), (&serde_json::json!([]), &false.into()));
}

#[test]
fn what_is_refused_stands_in_the_event_log() {
    let rig = Rig::start();
    let ended = limit("A1").replace('}', r#","timeInForce":"GTD","expireTime":"2020-01-01T00:00:00Z"}"#);
    let (status, answer) = rig.post("/api/orders", &ended);
    assert_eq!((status, &answer["status"]), (422, &"REJECTED".into()));
    let text = "expireTime: 20200101-00:00:00.000 is in the past; not sent";
    assert_eq!(answer["error"], text);
    rig.log("event", &format!("ClOrdID(11) A1 was not sent: {text}"));
    assert_eq!(rig.get("/api/orders/A1").1["reports"][0]["text"], text);
}

#[test]
fn a_replacement_keeps_the_further_fields_of_its_order() {
    let rig = Rig::start();
    let order = limit("A1").replace('}', r#","fields":{"maxFloor":10,"528":"A"}}"#);
    assert_eq!(rig.post("/api/orders", &order).0, 202);
    assert_eq!(rig.get("/api/orders/A1").1["order"]["fields"].to_string(), r#"{"maxFloor":10,"528":"A"}"#);
    let api = format!("http://127.0.0.1:{}", rig.api_port);
    let replaced = fix_host(&[
        "replace",
        "--cl-ord-id",
        "A1",
        "--qty",
        "50",
        "--field",
        "OrderCapacity=P",
        "--api",
        &api,
    ])
    .output();
    assert!(replaced.unwrap().status.success());
    let log = rig.log("messages", "\x0135=G\x01");
    let sent = log.lines().find(|line| line.contains("\x0135=G\x01")).unwrap();
    assert!(sent.contains("\x01111=10\x01") && sent.contains("\x01528=P\x01"), "{sent}");
}

#[test]
fn a_log_whose_disk_is_full_is_seen_where_the_engine_says_how_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let logs = folder.path().join("log");
    std::fs::create_dir(&logs).unwrap();
    let messages = logs.join("FIX.4.4-TRADEDESK-EXCHANGE.messages.current.log");
    std::os::unix::fs::symlink("/dev/full", messages).unwrap();
    let rig = Rig::start_in(folder);
    assert_eq!(rig.post("/api/orders", &limit("A1")).0, 202);
    let until = Instant::now() + PATIENCE;
    loop {
        let (status, health) = rig.get("/healthz");
        assert_eq!((status, &health["status"]), (200, &"ok".into()));
        if health["losingLogLines"] == serde_json::json!(["FIX.4.4:TRADEDESK->EXCHANGE"]) {
            break;
        }
        assert!(Instant::now() < until, "{health}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
