//! `/api/stream`, as a page and as `curl` read it.

use std::{sync::Arc, time::Duration};

use fix_core::time::UtcTimestamp;
use fix_host::{
    log::Redactor,
    market::Market,
    observe::{Said, Speaker},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use super::{ORDER, rig::Rig, session};

type Socket = WebSocketStream<TcpStream>;

async fn open(rig: &Rig) -> Socket {
    let socket = TcpStream::connect(rig.addr).await.unwrap();
    client_async(format!("ws://{}/api/stream", rig.addr), socket).await.unwrap().0
}

async fn say(socket: &mut Socket, what: Value) {
    socket.send(Message::text(what.to_string())).await.unwrap();
}

/// The next frame that is no heartbeat.
async fn frame(socket: &mut Socket) -> Value {
    loop {
        let next = timeout(Duration::from_secs(10), socket.next()).await.unwrap().unwrap().unwrap();
        let frame: Value = serde_json::from_str(next.to_text().unwrap()).unwrap();
        if frame["t"] != "hb" {
            return frame;
        }
    }
}

fn put_prices(rig: &Rig, market: &mut Market) {
    rig.board.put_prices(Arc::new(market.snapshot(UtcTimestamp::from_unix(1, 0))));
    market.tick();
}

#[tokio::test]
async fn a_reader_gets_the_whole_of_its_topics_and_then_what_changes() {
    let rig = Rig::start().await;
    let mut market = Market::new(1);
    put_prices(&rig, &mut market);
    rig.board.put_session(session(true));
    let mut socket = open(&rig).await;
    say(&mut socket, json!({"op": "sub", "topics": ["prices", "executions", "sessions"]})).await;
    let prices = frame(&mut socket).await;
    assert_eq!((&prices["t"], &prices["topic"]), (&json!("snap"), &json!("prices")));
    assert_eq!((&prices["rows"][0][0], &prices["rows"][0][1]), (&json!("2Y"), &json!("99.870")));
    assert_eq!(prices["cols"].as_array().unwrap().len(), prices["rows"][0].as_array().unwrap().len());
    assert_eq!(frame(&mut socket).await["rows"], json!([]), "executions");
    let sessions = frame(&mut socket).await;
    let (_, listed) = rig.get("/api/sessions").await;
    assert_eq!(sessions["rows"], listed["sessions"], "rows are those of the REST page");

    put_prices(&rig, &mut market);
    let moved = frame(&mut socket).await;
    assert_eq!((&moved["t"], &moved["after"]), (&json!("d"), &sessions["seq"]));
    assert!(moved["prices"].as_array().unwrap().iter().all(|row| row[1].is_string()), "{moved}");

    assert_eq!(rig.post("/api/orders", ORDER).await.0, 202);
    let mut seen = Vec::new();
    let mut last = moved["seq"].clone();
    while seen.len() < 2 {
        let next = frame(&mut socket).await;
        assert_eq!(next["after"], last);
        last = next["seq"].clone();
        seen.extend(next["executions"].as_array().cloned().unwrap_or_default());
    }
    let (_, listed) = rig.get("/api/reports").await;
    seen.reverse();
    assert_eq!(Value::from(seen), listed["reports"]);
}

#[tokio::test]
async fn who_comes_back_gets_what_is_newer_and_after_another_process_the_whole() {
    let rig = Rig::start().await;
    let mut first = open(&rig).await;
    let topics = json!(["sessions"]);
    say(&mut first, json!({"op": "sub", "topics": topics})).await;
    let snap = frame(&mut first).await;
    drop(first);
    rig.board.put_session(session(true));

    let mut again = open(&rig).await;
    let since = json!({"boot": snap["boot"], "seq": snap["seq"]});
    say(&mut again, json!({"op": "sub", "topics": topics, "since": since})).await;
    let newer = frame(&mut again).await;
    assert_eq!((&newer["t"], &newer["after"]), (&json!("d"), &snap["seq"]));
    assert_eq!(newer["sessions"].as_array().unwrap().len(), 1);

    for since in [json!({"boot": "0", "seq": 0}), json!({"boot": snap["boot"], "seq": 1_000_000})] {
        say(&mut again, json!({"op": "sub", "topics": topics, "since": since})).await;
        assert_eq!(frame(&mut again).await["t"], "snap");
    }
}

#[tokio::test]
async fn who_comes_back_gets_whole_what_he_has_not_and_what_nobody_followed() {
    let rig = Rig::start().await;
    let speaker = Speaker::new("S", Redactor::default());
    let say_that = |text: &[u8]| {
        rig.board.messages().add(&speaker, Said::In, UtcTimestamp::from_unix(1, 0), text);
    };
    let mut first = open(&rig).await;
    say(&mut first, json!({"op": "sub", "topics": ["sessions", "messages"]})).await;
    let snap = frame(&mut first).await;
    frame(&mut first).await;

    // On the same connection: what is there goes on, and the new topic comes whole.
    let since = json!({"boot": snap["boot"], "seq": snap["seq"], "topics": ["sessions", "messages"]});
    say(&mut first, json!({"op": "sub", "topics": ["sessions", "messages", "executions"], "since": since}))
        .await;
    let other = frame(&mut first).await;
    assert_eq!((&other["t"], &other["topic"]), (&json!("snap"), &json!("executions")));

    first.close(None).await.unwrap();
    while first.next().await.is_some_and(|next| next.is_ok()) {}
    // Nobody follows messages any more as soon as the seat is free.
    while rig.get("/api/health").await.1["readers"] != 0 {}
    say_that(b"8=FIX.4.4\x0135=0\x01");
    rig.board.put_session(session(true));
    let mut again = open(&rig).await;
    say(&mut again, json!({"op": "sub", "topics": ["sessions", "messages", "executions"], "since": since}))
        .await;
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let next = frame(&mut again).await;
        if next["topic"] == "messages" {
            assert_eq!(next["rows"].as_array().unwrap().len(), 1, "{next}");
        }
        let name = next["topic"].as_str().unwrap_or_else(|| next["t"].as_str().unwrap()).to_owned();
        seen.push(name);
    }
    seen.sort_unstable();
    assert_eq!(seen, ["d", "executions", "messages"], "sessions go on");
}

#[tokio::test]
async fn a_reader_that_missed_too_much_is_told_so_and_gets_the_state() {
    let rig = Rig::start().await;
    let mut socket = open(&rig).await;
    say(&mut socket, json!({"op": "sub", "topics": ["sessions"]})).await;
    frame(&mut socket).await;
    // Without a pause: the producer of the stream itself has no time to follow.
    for number in 0..20_000_u64 {
        rig.board.put_session(fix_host::contract::SessionView { next_out: number + 10, ..session(true) });
    }
    let mut frames = Vec::new();
    loop {
        let next = frame(&mut socket).await;
        frames.push(next["t"].clone());
        if next["t"] == "snap" {
            assert_eq!(next["rows"][0]["nextOut"], 20_009);
            break;
        }
    }
    assert_eq!(frames, [json!("gap"), json!("snap")]);
}

#[tokio::test]
async fn nonsense_is_answered_and_too_much_of_it_ends_the_connection() {
    let rig = Rig::start().await;
    let mut socket = open(&rig).await;
    for nonsense in ["", "[]", "{", r#"{"op":"buy"}"#, r#"{"op":"sub","topics":["all"]}"#] {
        socket.send(Message::text(nonsense)).await.unwrap();
        let answer = frame(&mut socket).await;
        assert_eq!(answer["t"], "error", "{nonsense}: {answer}");
    }
    socket.send(Message::text("x".repeat(10_000))).await.unwrap();
    let end = timeout(Duration::from_secs(10), async {
        while let Some(Ok(message)) = socket.next().await {
            if message.is_close() {
                break;
            }
        }
    });
    assert!(end.await.is_ok());
    assert_eq!(rig.get("/healthz").await.0, 200);
}

#[tokio::test]
async fn the_upgrade_is_refused_to_pages_of_others() {
    let rig = Rig::start().await;
    for (field, value, status) in [
        ("origin", "http://evil.example", 403),
        ("origin", "null", 403),
        ("host", "evil.example", 421),
        ("sec-websocket-version", "12", 400),
    ] {
        let mut request = format!("ws://{}/api/stream", rig.addr).into_client_request().unwrap();
        request.headers_mut().insert(field, HeaderValue::from_static(value));
        let socket = TcpStream::connect(rig.addr).await.unwrap();
        match client_async(request, socket).await {
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), status),
            other => panic!("{field}: {value}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn curl_reads_the_same_frames_as_events_until_the_engine_ends() {
    let rig = Rig::start().await;
    assert_eq!(rig.get("/api/stream").await.0, 400);
    assert_eq!(rig.get("/api/stream?topics=prices,weather").await.0, 400);
    rig.board.put_session(session(true));
    let mut socket = TcpStream::connect(rig.addr).await.unwrap();
    let request = format!(
        "GET /api/stream?topics=sessions HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        rig.addr
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let (mut read, mut buffer) = (String::new(), [0; 4096]);
    while !read.contains("\n\n") {
        let len = socket.read(&mut buffer).await.unwrap();
        read.push_str(std::str::from_utf8(&buffer[..len]).unwrap());
    }
    assert!(
        read.contains("content-type: text/event-stream") && read.contains("data: {\"t\":\"snap\""),
        "{read}"
    );
    // Prices that he did not ask for put off no heartbeat.
    let mut market = Market::new(1);
    let beats = timeout(Duration::from_secs(10), async {
        while !read.contains("\"t\":\"hb\"") {
            put_prices(&rig, &mut market);
            if let Ok(len) = timeout(Duration::from_millis(50), socket.read(&mut buffer)).await {
                read.push_str(std::str::from_utf8(&buffer[..len.unwrap()]).unwrap());
            }
        }
    });
    assert!(beats.await.is_ok(), "{read}");
    rig.stop.send_replace(true);
    timeout(Duration::from_secs(10), socket.read_to_string(&mut read)).await.unwrap().unwrap();
}
