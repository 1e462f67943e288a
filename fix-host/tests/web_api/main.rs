//! The HTTP API over real sockets, with a stand-in for the engine.

mod attacks;
mod audit;
mod basket;
#[path = "../support/engine.rs"]
mod engine;
mod openapi;
mod page;
mod preview;
mod rig;
mod stream;
mod tricks;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use fix_core::{session::config::Role, time::UtcTimestamp};
use fix_host::{
    contract::{SessionView, intake::intake, parse::OrderRules, request::OrderReply},
    market::Market,
    web::{Token, WebConfig, WebError, WebServer},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use rig::Rig;

pub(crate) const ORDER: &str = r#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":100,"ordType":"MARKET"}"#;
pub(crate) const TOKEN: &str = "0123456789abcdef-test";

pub(crate) fn session(logged_on: bool) -> SessionView {
    let view =
        SessionView::new("FIX.4.4:TRADEDESK->EXCHANGE", Role::Initiator, UtcTimestamp::from_unix(1, 0));
    SessionView { logged_on, next_in: 3, next_out: 4, detail: "logged on".into(), ..view }
}

#[tokio::test]
async fn an_order_is_placed_and_followed_to_its_fill() {
    let rig = Rig::start().await;
    let (status, answer) = rig.post("/api/orders", ORDER).await;
    assert_eq!((status, answer["status"].as_str()), (202, Some("ACCEPTED")));
    assert_eq!(answer["msgSeqNum"].to_string(), "2");
    let (_, order) = rig.get("/api/orders/A1?wait_ms=10000").await;
    assert_eq!(order["final"], true);
    assert_eq!(order["reports"][0]["ordStatus"], "0");
    assert_eq!(order["reports"][1]["ordStatus"], "2");
    assert_eq!(order["reports"][1]["lastPx"].to_string(), "99.880");
    let (_, all) = rig.get("/api/reports?limit=1").await;
    assert_eq!(all["reports"].as_array().unwrap().len(), 1);
    assert_eq!(all["reports"][0]["ordStatus"], "2");
}

#[tokio::test]
async fn a_cancel_ends_the_order_it_names() {
    let rig = Rig::start().await;
    let limit = ORDER.replace("\"MARKET\"", "\"LIMIT\",\"price\":90.5");
    assert_eq!(rig.post("/api/orders", &limit).await.0, 202);
    let (_, order) = rig.get("/api/orders/A1?wait_ms=10000&seen=0").await;
    assert_eq!((&order["final"], order["reports"].as_array().unwrap().len()), (&Value::Bool(false), 1));
    let cancel = r#"{"origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#;
    assert_eq!(rig.post("/api/cancels", cancel).await.0, 202);
    for id in ["A1", "C1"] {
        let (_, order) = rig.get(&format!("/api/orders/{id}?wait_ms=10000")).await;
        assert_eq!(order["final"], true);
        assert_eq!(order["reports"].as_array().unwrap().last().unwrap()["ordStatus"], "4");
    }
}

#[tokio::test]
async fn sim_mode_is_an_error_with_a_report() {
    let rig = Rig::start().await;
    let (status, answer) = rig.post("/api/orders", &ORDER.replace("10Y", "30Y")).await;
    assert_eq!((status, answer["status"].as_str()), (503, Some("SIM MODE")));
    assert!(answer["error"].as_str().unwrap().starts_with("SIM MODE: "));
    let (_, order) = rig.get("/api/orders/A1").await;
    assert_eq!(order["final"], true);
    assert_eq!(order["reports"][0]["ordStatus"], "8");
}

#[tokio::test]
async fn bad_requests_are_answered_with_one_clear_line() {
    let rig = Rig::start().await;
    let error = |(status, answer): (u16, Value)| (status, answer["error"].as_str().unwrap().to_owned());
    let zero = ORDER.replace(":100", ":0");
    assert_eq!(error(rig.post("/api/orders", &zero).await), (400, "qty: must be greater than 0".into()));
    assert_eq!(
        error(rig.post("/api/orders", &ORDER.replace(":100", ":NaN")).await),
        (400, "qty: NaN is not a number".into())
    );
    assert_eq!(
        error(rig.post("/api/orders", &" ".repeat(70_000)).await),
        (413, "the body is too long; at most 65536 bytes are taken".into())
    );
    assert_eq!(
        error(rig.post_as("text/plain", "/api/orders", ORDER).await),
        (415, "Content-Type: must be application/json".into())
    );
    let cancel = r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#;
    assert_eq!(
        error(rig.post("/api/replaces", cancel).await),
        (400, "type: a cancel goes to /api/cancels".into())
    );
    assert_eq!(error(rig.get("/api/cancels").await), (405, "/api/cancels: does not take GET".into()));
    assert_eq!(
        error(rig.get("/api/orders?state=open").await),
        (400, "state: must be all, working, done or unknown".into())
    );
    assert_eq!(rig.get("/api/reports?limit=x").await.0, 400);
    assert_eq!(rig.get("/api/orders/A1?wait=1").await.0, 400);
    assert_eq!(rig.get("/api/orders/%FF").await.0, 400);
    assert_eq!(rig.get("/healthz").await.0, 200);
}

#[tokio::test]
async fn another_host_or_origin_is_turned_away() {
    let rig = Rig::start().await;
    let port = rig.addr.port();
    let get = |headers: String| format!("GET /api/status HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")] {
        assert_eq!(rig.send(&get(format!("Host: {host}\r\n"))).await.0, 200, "{host}");
    }
    for host in ["evil.example".to_owned(), format!("evil.example:{port}"), "127.0.0.1".into()] {
        assert_eq!(rig.send(&get(format!("Host: {host}\r\n"))).await.0, 421, "{host}");
    }
    let own = format!("Host: 127.0.0.1:{port}\r\n");
    let with_origin = |origin: &str| get(format!("{own}Origin: {origin}\r\n"));
    assert_eq!(rig.send(&with_origin(&format!("http://127.0.0.1:{port}"))).await.0, 200);
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(rig.send(&with_origin(origin)).await.0, 403, "{origin}");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_everywhere_but_at_the_probes() {
    let rig = Rig::start_with(Token::new(TOKEN)).await;
    assert_eq!(rig.get("/api/status").await.0, 401);
    assert_eq!(rig.post("/api/orders", ORDER).await.0, 401);
    assert_eq!(rig.get("/healthz").await.0, 200);
    for (token, status) in [(TOKEN, 200), ("0123456789abcdef-tesT", 401), ("", 401)] {
        let request = format!(
            "GET /api/status HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n",
            rig.addr
        );
        assert_eq!(rig.send(&request).await.0, status, "{token}");
    }
}

#[tokio::test]
async fn an_open_address_needs_a_token() {
    let addr = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let error =
        WebServer::bind(WebConfig { addr, token: None, read_token: None, folder: None }).await.unwrap_err();
    assert!(matches!(error, WebError::NeedsToken { .. }));
    let web = WebServer::bind(WebConfig { addr, token: Token::new(TOKEN), read_token: None, folder: None })
        .await
        .unwrap();
    let taken = SocketAddr::from((Ipv4Addr::LOCALHOST, web.local_addr().port()));
    let error = WebServer::bind(WebConfig { addr: taken, token: None, read_token: None, folder: None })
        .await
        .unwrap_err()
        .to_string();
    let us = format!("process {}); choose another with --api", std::process::id());
    assert!(error.contains(&us), "{error}");
}

#[tokio::test]
async fn status_and_readiness_follow_the_session() {
    let rig = Rig::start().await;
    assert_eq!(rig.get("/readyz").await.0, 503);
    assert_eq!(rig.get("/api/status").await.1["mode"], "SIM MODE");
    rig.board.put_session(session(true));
    assert_eq!(rig.get("/readyz").await.0, 200);
    let (_, status) = rig.get("/api/status").await;
    assert_eq!((&status["status"], &status["mode"]), (&"LOGGED_ON".into(), &"LIVE".into()));
    assert_eq!(status["sessions"][0]["session"], "FIX.4.4:TRADEDESK->EXCHANGE");
    assert_eq!(status["sessions"][0]["nextOut"].to_string(), "4");
}

#[tokio::test]
async fn prices_once_and_as_a_stream_that_ends_with_the_engine() {
    let rig = Rig::start().await;
    assert_eq!(rig.get("/api/prices").await.0, 503);
    assert_eq!(rig.get("/api/prices/stream").await.0, 503);
    let mut market = Market::new(1);
    rig.board.put_prices(Arc::new(market.snapshot(UtcTimestamp::from_unix(1, 0))));
    assert_eq!(rig.get("/api/prices").await.1["2Y"]["bid"].to_string(), "99.870");

    let mut socket = TcpStream::connect(rig.addr).await.unwrap();
    let request =
        format!("GET /api/prices/stream HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", rig.addr);
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut read = String::new();
    let mut buffer = [0; 4096];
    for second in 1..4 {
        while read.matches("\"2Y\"").count() < second {
            let len = socket.read(&mut buffer).await.unwrap();
            read.push_str(std::str::from_utf8(&buffer[..len]).unwrap());
        }
        market.tick();
        rig.board.put_prices(Arc::new(market.snapshot(UtcTimestamp::from_unix(1, 0))));
    }
    assert!(read.contains("content-type: application/x-ndjson"));
    rig.stop.send_replace(true);
    socket.read_to_string(&mut read).await.unwrap();
}

#[tokio::test]
async fn the_stop_does_not_wait_for_those_who_wait() {
    let rig = Rig::start().await;
    let mut waiting = TcpStream::connect(rig.addr).await.unwrap();
    let request = format!("GET /api/orders/none?wait_ms=60000 HTTP/1.1\r\nHost: {}\r\n\r\n", rig.addr);
    waiting.write_all(request.as_bytes()).await.unwrap();
    let mut stuck = TcpStream::connect(rig.addr).await.unwrap();
    stuck.write_all(b"POST /api/orders HTTP/1.1\r\nHost:").await.unwrap();
    assert_eq!(rig.get("/healthz").await.0, 200);
    rig.stop.send_replace(true);
    timeout(Duration::from_secs(5), rig.server).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_engine_that_is_gone_is_told_from_one_that_refuses() {
    let (intake, requests) = intake(OrderRules::any_symbol());
    let rig = Rig::serve(None, intake).await;
    drop(requests);
    let (status, answer) = rig.post("/api/orders", ORDER).await;
    assert_eq!((status, &answer["error"]), (503, &"the engine is stopping; the order was not sent".into()));
}

/// The bytes that come until the server closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn who_asks_too_slowly_is_let_go() {
    let rig = Rig::start().await;
    let mut stream = TcpStream::connect(rig.addr).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: ").await.unwrap();
    let since = tokio::time::Instant::now();
    assert_eq!(rest(stream).await, "");
    assert_eq!(since.elapsed().as_secs(), 30);

    let mut stream = TcpStream::connect(rig.addr).await.unwrap();
    let head = "POST /api/orders HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n";
    stream
        .write_all(format!("{head}Host: {}\r\nConnection: close\r\n\r\n{{", rig.addr).as_bytes())
        .await
        .unwrap();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("within 10 s"), "{answer}");
}

/// The first bytes of an answer; none if the connection was closed before them.
async fn ask(stream: &mut TcpStream) -> String {
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut answer = [0; 12];
    let count = stream.read(&mut answer).await.unwrap_or(0);
    String::from_utf8_lossy(&answer[..count]).into_owned()
}

#[tokio::test]
async fn idle_connections_make_room_when_there_are_too_many() {
    let rig = Rig::start().await;
    let mut open = Vec::new();
    for _ in 0..256 {
        let mut stream = TcpStream::connect(rig.addr).await.unwrap();
        assert_eq!(ask(&mut stream).await, "HTTP/1.1 421", "this Host lacks the port, but it is answered");
        open.push(stream);
    }
    for _ in 0..10 {
        let mut one_more = TcpStream::connect(rig.addr).await.unwrap();
        assert_eq!(ask(&mut one_more).await, "HTTP/1.1 421", "the longest idle one made room");
    }
    // What is left of its answer, and then the end: whole, or as a reset.
    let mut left = Vec::new();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(5), open[0].read_to_end(&mut left)).await;
    assert!(ended.is_ok(), "the first is closed");
}

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_refused() {
    let rig = Rig::start().await;
    let host = format!("Host: {}\r\n", rig.addr);
    for (target, headers) in [
        ("/healthz", format!("{host}{host}")),
        ("/healthz", format!("{host}Host: evil.example\r\n")),
        ("/healthz", format!("{host}Origin: http://{0}\r\nOrigin: http://evil.example\r\n", rig.addr)),
        ("http://evil.example/healthz", host.clone()),
    ] {
        let mut stream = TcpStream::connect(rig.addr).await.unwrap();
        stream.write_all(format!("GET {target} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 400", "{target} {headers}");
    }
}

#[tokio::test]
async fn an_order_whose_client_hung_up_is_reported_if_it_is_not_sent() {
    let (intake, mut requests) = intake(OrderRules::any_symbol());
    let rig = Rig::serve(None, intake).await;
    let mut client = TcpStream::connect(rig.addr).await.unwrap();
    let head = "POST /api/orders HTTP/1.1\r\nContent-Type: application/json\r\n";
    let request = format!("{head}Host: {}\r\nContent-Length: {}\r\n\r\n{ORDER}", rig.addr, ORDER.len());
    client.write_all(request.as_bytes()).await.unwrap();
    let request = requests.recv().await.unwrap();
    drop(client);
    // The server notices the end of that connection while it answers these.
    for _ in 0..20 {
        assert_eq!(rig.get("/healthz").await.0, 200);
    }
    request.answer(OrderReply::Rejected { text: "too large".into() });
    let reports = rig.board.wait_for_reports("A1", 0, true, Duration::from_secs(10)).await;
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].text(), Some("too large"));
}
