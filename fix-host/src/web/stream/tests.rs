//! Readers that take nothing, over a pipe that holds little, in virtual time.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, routing::get};
use fix_core::{session::config::Role as Side, time::UtcTimestamp};
use futures_util::{SinkExt, StreamExt};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde_json::{Value, json};
use tokio::{
    io::{DuplexStream, duplex},
    time::sleep,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::*;
use crate::{
    contract::{SessionView, report::Report},
    market::Market,
    observe::{Board, Metrics},
    orders::Orders,
    web::token::Role,
};

type Socket = WebSocketStream<DuplexStream>;

/// What lies between the engine and a reader: a socket has more room, and is full later.
const PIPE: usize = 4096;
/// So often prices move.
const TICK: Duration = Duration::from_millis(50);

/// A board with prices that move, and its stream.
struct Rig {
    board: Board,
    market: Market,
    hub: Hub,
    pages: Router,
    _stop: watch::Sender<bool>,
}

impl Rig {
    fn new() -> Self {
        let (board, market) = (Board::default(), Market::new(1));
        let (stop, stopped) = watch::channel(false);
        let sources = Sources {
            board: board.clone(),
            orders: Orders::default(),
            venue: None,
            books: None,
            metrics: Metrics::default(),
        };
        let hub = Hub::start(sources, stopped.clone());
        let addr = SocketAddr::from(([127, 0, 0, 1], 8050));
        let pages = Router::new()
            .route("/api/stream", get(stream))
            .layer(Extension(Stream { hub: hub.clone(), stop: stopped }))
            .layer(Extension(Guard::new(addr, None)))
            .layer(Extension(Caller { by: "loopback", role: Role::Trader, cookie: None }));
        Rig { board, market, hub, pages, _stop: stop }
    }

    fn move_prices(&mut self) {
        self.market.tick();
        self.board.put_prices(Arc::new(self.market.snapshot(UtcTimestamp::from_unix(1, 0))));
    }

    /// What a session's thread says of itself as it goes on: it waits for nothing, so no time passes.
    fn session_goes_on(&self, next_out: u64) {
        let view = SessionView::new("FIX.4.4:A->B", Side::Initiator, UtcTimestamp::from_unix(1, 0));
        self.board.put_session(SessionView { logged_on: true, next_out, ..view });
        self.board.put_report(Arc::new(Report::state_unknown(Some(format!("A-{next_out}")), "?")));
    }

    /// A tick in which prices move and the session goes on.
    async fn tick(&mut self, number: u64) {
        self.move_prices();
        self.session_goes_on(number);
        sleep(TICK).await;
    }

    /// A reader of these topics, which has read what they were at first.
    async fn reader(&self, topics: &[&str]) -> Socket {
        let mut socket = self.connect(json!({"op": "sub", "topics": topics})).await;
        for _ in topics {
            assert_eq!(frame(&mut socket).await.unwrap()["t"], "snap");
        }
        socket
    }

    async fn connect(&self, wish: Value) -> Socket {
        let (ours, theirs) = duplex(PIPE);
        let service = TowerToHyperService::new(self.pages.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(theirs), service).with_upgrades());
        let mut socket = client_async("ws://127.0.0.1:8050/api/stream", ours).await.unwrap().0;
        socket.send(Message::text(wish.to_string())).await.unwrap();
        socket
    }

    fn readers(&self) -> Value {
        self.hub.health()["readers"].clone()
    }
}

/// The next frame that is no heartbeat; `None` at the end.
async fn frame(socket: &mut Socket) -> Option<Value> {
    loop {
        let frame: Value = serde_json::from_str(socket.next().await?.ok()?.to_text().ok()?).ok()?;
        if frame["t"] != "hb" {
            return Some(frame);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_is_let_go_after_ten_seconds_and_nobody_waits_for_it() {
    let mut rig = Rig::new();
    rig.move_prices();
    let mut stuck = rig.reader(&["prices", "executions"]).await;
    let mut quick = rig.reader(&["prices", "executions"]).await;
    let (begin, mut let_go, mut rows) = (Instant::now(), None, Vec::new());
    for number in 1..=400 {
        let before = Instant::now();
        rig.move_prices();
        rig.session_goes_on(number);
        assert_eq!(before.elapsed(), Duration::ZERO, "a session has waited for a reader");
        while rows.len() < usize::try_from(number).unwrap() {
            let next = frame(&mut quick).await.unwrap();
            rows.extend(next["executions"].as_array().cloned().unwrap_or_default());
        }
        assert!(before.elapsed() <= TICK, "the other reader waited {:?}", before.elapsed());
        sleep(TICK).await;
        if let_go.is_none() && rig.readers() == 1 {
            let_go = Some(begin.elapsed());
        }
    }
    assert!(rows.iter().enumerate().all(|(at, row)| row["clOrdID"] == format!("A-{}", at + 1)));
    // The pipe is full after some moves; ten seconds later nobody waits any longer.
    let let_go = let_go.expect("it is still waited for");
    assert!((LONGEST_SEND..LONGEST_SEND + Duration::from_secs(2)).contains(&let_go), "{let_go:?}");
    let mut left = 0;
    while frame(&mut stuck).await.is_some() {
        left += 1;
    }
    assert!(left > 0, "what was on its way was read, then the end");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_late_gets_the_prices_of_now_once_and_every_report() {
    let mut rig = Rig::new();
    rig.move_prices();
    let mut late = rig.reader(&["prices", "executions"]).await;
    for number in 1..=160 {
        rig.tick(number).await;
    }
    assert_eq!(rig.readers(), 1, "eight seconds are not too long");
    let (mut frames, mut reports, mut bid) = (0, Vec::new(), Value::Null);
    while reports.len() < 160 {
        let next = frame(&mut late).await.unwrap();
        assert_eq!(next["t"], "d", "nothing was missed");
        frames += 1;
        reports.extend(next["executions"].as_array().cloned().unwrap_or_default());
        for row in next["prices"].as_array().into_iter().flatten().filter(|row| row[0] == 0) {
            bid = row[1].clone();
        }
    }
    assert!(reports.iter().enumerate().all(|(at, row)| row["clOrdID"] == format!("A-{}", at + 1)));
    assert!(frames < 40, "{frames} frames for 160 moves of all prices");
    assert_eq!(bid, json!(rig.board.prices().unwrap().prices[0].bid.unwrap().to_string()));
}

#[tokio::test(start_paused = true)]
async fn who_was_let_go_comes_back_to_where_he_was() {
    let mut rig = Rig::new();
    rig.move_prices();
    let mut stuck = rig.reader(&["prices", "executions"]).await;
    for number in 1..=300 {
        rig.tick(number).await;
    }
    assert_eq!(rig.readers(), 0);
    let (mut reports, mut place) = (Vec::new(), Value::Null);
    while let Some(next) = frame(&mut stuck).await {
        reports.extend(next["executions"].as_array().cloned().unwrap_or_default());
        place = next["seq"].clone();
    }
    let topics = ["prices", "executions"];
    let since = json!({"boot": rig.hub.boot(), "seq": place, "topics": topics});
    let mut again = rig.connect(json!({"op": "sub", "topics": topics, "since": since})).await;
    let next = frame(&mut again).await.unwrap();
    assert_eq!((&next["t"], &next["after"]), (&json!("d"), &place), "one frame has the rest");
    reports.extend(next["executions"].as_array().cloned().unwrap_or_default());
    let ids: Vec<_> = reports.iter().map(|row| row["clOrdID"].clone()).collect();
    assert_eq!(ids, Vec::from_iter((1..=300).map(|number| json!(format!("A-{number}")))));
}
