//! `/api/stream`, as a page and as `curl` read it.

use std::{sync::Arc, time::Duration};

use fix_core::{
    dict::fix44::code::{MdEntryType, MdUpdateAction},
    time::UtcTimestamp,
};
use fix_host::{
    log::Redactor,
    market::{BookEntry, Market, default_instruments},
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

/// A bid, or a trade.
fn entry(entry_type: MdEntryType, price: &str, size: &str) -> BookEntry<'static> {
    let (price, size) = (Some(price.parse().unwrap()), Some(size.parse().unwrap()));
    BookEntry { entry_type: Some(entry_type), price, size, ..BookEntry::default() }
}

#[tokio::test]
async fn a_reader_gets_depth_and_trades_of_the_symbol_that_it_names() {
    let rig = Rig::start().await;
    let counterparty = rig.prices.add("S", &default_instruments(), 0);
    let at = UtcTimestamp::from_unix(1, 0);
    let bid = |price: &str| entry(MdEntryType::BID, price, "5");
    for place in [0, 1] {
        counterparty.restart(place, at, |book| book.replace(at, [bid("99.5")].into_iter()));
    }
    let mut socket = open(&rig).await;
    let topics = json!(["depth", "trades", "sessions"]);
    say(&mut socket, json!({"op": "sub", "topics": topics, "symbol": "3Y"})).await;
    let mut snaps = Vec::new();
    for _ in 0..3 {
        snaps.push(frame(&mut socket).await);
    }
    let [sessions, depth, trades] = &snaps[..] else { panic!("three topics") };
    assert_eq!(
        (&sessions["topic"], &depth["topic"], &trades["topic"]),
        (&json!("sessions"), &json!("depth"), &json!("trades"))
    );
    let (_, page) = rig.get("/api/market/3Y").await;
    let row = &depth["rows"][0];
    assert_eq!((&row["bids"], &row["symbol"], &row["stale"]), (&page["bids"], &json!("3Y"), &json!(false)));

    let next = async |socket: &mut Socket, is_it: fn(&Value) -> bool| loop {
        let frame = frame(socket).await;
        assert!(frame["depth"]["symbol"] != "2Y" && frame["trades"]["symbol"] != "2Y", "{frame}");
        if is_it(&frame) {
            return frame;
        }
    };
    let print = entry(MdEntryType::TRADE, "99.5", "2");
    for (place, more) in [(0, bid("98")), (1, bid("99.25")), (1, print)] {
        counterparty.update(place, at, |book| book.change(at, MdUpdateAction::NEW, more));
    }
    let told = next(&mut socket, |frame| frame["trades"]["trades"][0]["qty"] == 2).await;
    assert_eq!(told["depth"]["bids"][1], json!({"price": 99.25, "qty": 5, "orders": null}));
    counterparty.make_stale();
    assert_eq!(next(&mut socket, |frame| frame["depth"]["stale"] == true).await["trades"], Value::Null);

    let since = json!({"boot": sessions["boot"], "seq": told["seq"]});
    say(&mut socket, json!({"op": "sub", "topics": topics, "symbol": "NONE", "since": since})).await;
    for topic in ["depth", "trades"] {
        let snap = frame(&mut socket).await;
        assert_eq!((&snap["topic"], &snap["rows"]), (&json!(topic), &json!([])), "nobody asks for it");
    }
    assert_eq!(rig.get("/api/market/NONE").await.0, 404);
    let (status, body) = rig.get("/api/stream?topics=prices,trades").await;
    assert_eq!(
        (status, &body["error"]),
        (400, &json!("symbol: trades is of one symbol: name it, like &symbol=10Y"))
    );
    assert_eq!(rig.get("/api/market/2Y?levels=x").await.0, 400);
    assert_eq!(rig.get("/api/market/2Y?levels=0").await.1["bids"], json!([]));
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
