//! The Redis mailbox against a real redis-server, with a stand-in for the engine.

mod batches;
#[path = "../support/redis_server.rs"]
mod redis_server;
mod waits;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fix_core::{session::config::Role, time::UtcTimestamp};
use fix_host::{
    bus::{RedisBus, RedisUrl},
    contract::{
        SessionView,
        intake::{Intake, intake},
        order::{OrderCommand, Side},
        parse::{OrderRules, parse_order},
        publisher::{self, Publisher},
        report::Report,
        request::{OrderReply, Request, Task},
    },
    market::Market,
    observe::Board,
    orders::Orders,
};
use redis_server::RedisServer;
use serde_json::Value;
use tokio::{sync::mpsc, task::JoinHandle};

const ORDER: &str = r#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":96.250,"timestamp":1795499580.25}"#;
const PATIENCE: Duration = Duration::from_secs(20);

struct Rig {
    server: RedisServer,
    board: Board,
    bus: RedisBus,
}

impl Rig {
    fn start(server: RedisServer) -> (Self, mpsc::Receiver<Request>) {
        let (intake, requests) = intake(OrderRules::only(Market::new(1).symbols()));
        (Self::with_intake(server, intake, Orders::default()), requests)
    }

    fn with_intake(server: RedisServer, intake: Intake, orders: Orders) -> Self {
        let board = Board::default();
        let url = RedisUrl::parse(&server.url()).unwrap();
        let bus = RedisBus::start(url, intake, orders, board.clone());
        Rig { server, board, bus }
    }

    fn command(&self, name: &str, args: &[&str]) -> redis::Value {
        redis::cmd(name).arg(args).query(&mut self.server.connect()).unwrap()
    }

    fn push(&self, entry: &[u8]) {
        redis::cmd("LPUSH")
            .arg("outgoing_orders")
            .arg(entry)
            .query::<()>(&mut self.server.connect())
            .unwrap();
    }

    fn get(&self, key: &str) -> Option<String> {
        redis::cmd("GET").arg(key).query(&mut self.server.connect()).unwrap()
    }

    fn len(&self, list: &str) -> usize {
        redis::cmd("LLEN").arg(list).query(&mut self.server.connect()).unwrap()
    }

    /// All reports, oldest first.
    fn reports(&self) -> Vec<Value> {
        let newest_first: Vec<String> = redis::cmd("LRANGE")
            .arg(&["execution_reports", "0", "-1"])
            .query(&mut self.server.connect())
            .unwrap();
        newest_first.iter().rev().map(|json| serde_json::from_str(json).unwrap()).collect()
    }

    fn texts(&self) -> Vec<String> {
        self.reports().iter().map(|report| report["text"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

async fn eventually(what: &str, mut check: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !check() {
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// An engine that accepts everything and hands back what it got.
fn accept_all(mut requests: mpsc::Receiver<Request>) -> JoinHandle<Vec<OrderCommand>> {
    tokio::spawn(async move {
        let mut commands = Vec::new();
        while let Some(request) = requests.recv().await {
            let Task::Send(command) = request.task else {
                // No session knows it.
                request.reply.send(OrderReply::Rejected { text: "no session".into() }).unwrap();
                continue;
            };
            let cl_ord_id = command.cl_ord_id().to_owned();
            commands.push(OrderCommand::clone(&command));
            let reply = OrderReply::Accepted { cl_ord_id, msg_seq_num: commands.len() as u64 };
            request.reply.send(reply).unwrap();
        }
        commands
    })
}

fn order(id: &str) -> String {
    ORDER.replace("A1", id)
}

fn report(text: &str) -> Report {
    Report::state_unknown(None, text)
}

fn ids(commands: &[OrderCommand]) -> Vec<&str> {
    commands.iter().map(OrderCommand::cl_ord_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_reach_the_engine_in_the_order_they_were_pushed() {
    let Some(server) = RedisServer::start() else { return };
    let (mut rig, requests) = Rig::start(server);
    let engine = accept_all(requests);
    for id in ["A1", "A2", "A3"] {
        rig.push(order(id).as_bytes());
    }
    rig.push(br#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#);
    eventually("all orders taken", || {
        rig.len("outgoing_orders") == 0 && rig.len("outgoing_orders_processing") == 0
    })
    .await;
    rig.bus.stop_intake(PATIENCE).await;
    rig.bus.finish(PATIENCE).await.unwrap();
    let commands = engine.await.unwrap();
    assert_eq!(ids(&commands), ["A1", "A2", "A3", "C1"]);
    assert!(matches!(&commands[0], OrderCommand::New(order) if order.side == Side::Buy));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_order_is_answered_and_the_next_order_goes_through() {
    let Some(server) = RedisServer::start() else { return };
    let (rig, requests) = Rig::start(server);
    let _engine = accept_all(requests);
    rig.push(b"{\"clOrdID\":\"B1\",\"symbol\":\"10Y\",\"side\":\"BUY\",\"qty\":0,\"ordType\":\"MARKET\"}");
    rig.push(b"{\"clOrdID\":\"B2\",\"symbol\":\"10Y\",\"side\":\"BUY\",\"qty\":NaN,\"ordType\":\"MARKET\"}");
    rig.push(b"{\"clOrdID\":\"B3\",\"symbol\":\"7Y\",\"side\":\"BUY\",\"qty\":1,\"ordType\":\"MARKET\"}");
    rig.push(&vec![0xFF; 1_000_000]);
    rig.push(b"not json");
    rig.push(ORDER.as_bytes());
    eventually("five answers", || rig.reports().len() == 5 && rig.len("outgoing_orders_processing") == 0)
        .await;
    let reports = rig.reports();
    assert_eq!(reports[0]["clOrdID"], "B1");
    for report in &reports {
        assert_eq!(report["ordStatus"], "8");
        assert_eq!(report["_type"], "ExecutionReport");
    }
    let texts = rig.texts();
    assert_eq!(texts[0], "qty: must be greater than 0");
    assert_eq!(texts[1], "qty: NaN is not a number");
    assert!(texts[2].starts_with("symbol: \"7Y\" is not traded here (OnlyKnownSymbols=Y); known are "));
    assert_eq!(texts[3], "the order is 1000000 bytes long; at most 65536 are taken");
    assert!(texts[4].starts_with("the order is not valid JSON: "));
    assert_eq!(rig.board.newest_reports(10).len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn sim_mode_is_told_to_the_sender() {
    let Some(server) = RedisServer::start() else { return };
    let (rig, mut requests) = Rig::start(server);
    rig.push(ORDER.as_bytes());
    let request = requests.recv().await.unwrap();
    assert_eq!(rig.len("outgoing_orders_processing"), 1);
    let text = "SIM MODE: no counterparty".to_owned();
    request.reply.send(OrderReply::SimMode { cl_ord_id: "A1".into(), text: text.clone() }).unwrap();
    eventually("an answer", || rig.reports().len() == 1).await;
    let report = &rig.reports()[0];
    assert_eq!(report["text"], Value::String(text));
    assert_eq!(report["price"].to_string(), "96.250");
    assert_eq!(rig.len("outgoing_orders_processing"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_prices_and_the_cap_of_reports() {
    let Some(server) = RedisServer::start() else { return };
    let (mut rig, _requests) = Rig::start(server);
    eventually("a first status", || rig.get("fix_session_status").as_deref() == Some("LOGGED_OFF")).await;
    let publisher = rig.bus.publisher();
    let view = SessionView {
        logged_on: true,
        ..SessionView::new("FIX.4.4:TRADEDESK->EXCHANGE", Role::Initiator, UtcTimestamp::from_unix(0, 0))
    };
    publisher.session(view.clone());
    eventually("logged on", || rig.get("fix_session_status").as_deref() == Some("LOGGED_ON")).await;

    let mut subscriber = rig.server.connect();
    let mut stream = subscriber.as_pubsub();
    stream.subscribe(&["market_data", "market_data_stream"]).unwrap();
    publisher.prices(Arc::new(Market::new(1).snapshot(UtcTimestamp::from_unix_millis(1_500))));
    let streamed: String = stream.get_message().unwrap().get_payload().unwrap();
    assert!(streamed.starts_with(
        r#"{"2Y":{"bid":99.870,"ask":99.880,"mid":99.875,"change":0.000,"vwap":99.8750,"ts":1.500,"source":"simulated","stale":false},"#
    ));
    let again: String = stream.get_message().unwrap().get_payload().unwrap();
    assert_eq!(again, streamed);
    assert_eq!(rig.get("market_data_snapshot"), Some(streamed));
    for key in ["fix_session_status", "market_data_snapshot"] {
        let left: i64 = redis::cmd("PTTL").arg(key).query(&mut rig.server.connect()).unwrap();
        assert!((1..=5_000).contains(&left), "{key} reads as unknown once the engine is dead: {left}");
    }

    for number in 0..10_050 {
        publisher::report(publisher.as_ref(), report(&number.to_string())).await.unwrap();
    }
    publisher.session(SessionView { logged_on: false, ..view });
    rig.bus.stop_intake(PATIENCE).await;
    let Rig { server, bus, .. } = rig;
    bus.finish(PATIENCE).await.unwrap();
    let (rig, _requests) = Rig::start(server);
    let texts = rig.texts();
    assert_eq!(texts.len(), 10_000);
    assert_eq!((texts[0].as_str(), texts[9_999].as_str()), ("50", "10049"));
    assert_eq!(rig.get("fix_session_status").as_deref(), Some("LOGGED_OFF"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_wait_for_redis_and_arrive_in_order() {
    let Some(server) = RedisServer::start() else { return };
    let (mut rig, requests) = Rig::start(server);
    let engine = accept_all(requests);
    let publisher = rig.bus.publisher();
    publisher.try_report(report("before")).unwrap();
    eventually("the first report", || rig.reports().len() == 1).await;

    rig.server.stop();
    for number in 0..500 {
        publisher.try_report(report(&number.to_string())).unwrap();
    }
    assert_eq!(publisher.pending(), 500);
    rig.server.start_again();
    eventually("all reports", || rig.reports().len() >= 500).await;
    assert_eq!(rig.texts(), (0..500).map(|number| number.to_string()).collect::<Vec<_>>());
    eventually("nothing pending", || publisher.pending() == 0).await;
    assert_eq!(rig.get("fix_session_status").as_deref(), Some("LOGGED_OFF"));

    rig.push(order("after").as_bytes());
    eventually("the order taken", || {
        rig.len("outgoing_orders") == 0 && rig.len("outgoing_orders_processing") == 0
    })
    .await;
    rig.bus.stop_intake(PATIENCE).await;
    rig.bus.finish(PATIENCE).await.unwrap();
    assert_eq!(ids(&engine.await.unwrap()), ["after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_connection_loses_and_repeats_nothing() {
    let Some(server) = RedisServer::start() else { return };
    let (mut rig, requests) = Rig::start(server);
    let engine = accept_all(requests);
    let names: Vec<String> = (0..300).map(|number| format!("A{number}")).collect();
    for (index, name) in names.iter().enumerate() {
        rig.push(order(name).as_bytes());
        if index % 20 == 0 {
            rig.command("CLIENT", &["KILL", "TYPE", "normal"]);
        }
    }
    eventually("all orders taken", || {
        rig.len("outgoing_orders") == 0 && rig.len("outgoing_orders_processing") == 0
    })
    .await;
    rig.bus.stop_intake(PATIENCE).await;
    rig.bus.finish(PATIENCE).await.unwrap();
    assert_eq!(ids(&engine.await.unwrap()), names);
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_of_a_crash_are_reported_and_not_sent() {
    let Some(server) = RedisServer::start() else { return };
    for id in ["A1", "A2"] {
        redis::cmd("LPUSH")
            .arg("outgoing_orders_processing")
            .arg(order(id))
            .query::<()>(&mut server.connect())
            .unwrap();
    }
    let (mut rig, requests) = Rig::start(server);
    let engine = accept_all(requests);
    rig.push(order("A3").as_bytes());
    eventually("both reported", || rig.reports().len() == 2).await;
    eventually("the new order taken", || rig.len("outgoing_orders") == 0).await;
    let reports = rig.reports();
    assert_eq!((&reports[0]["clOrdID"], &reports[1]["clOrdID"]), (&"A1".into(), &"A2".into()));
    assert!(rig.texts().iter().all(|text| text.starts_with("state unknown: ")));
    assert_eq!(rig.board.reports_of("A1").len(), 1);
    rig.bus.stop_intake(PATIENCE).await;
    assert_eq!(rig.len("outgoing_orders_processing"), 0);
    rig.bus.finish(PATIENCE).await.unwrap();
    assert_eq!(ids(&engine.await.unwrap()), ["A3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_meets_a_stopping_engine_goes_back() {
    let Some(server) = RedisServer::start() else { return };
    let (intake, requests) = intake(OrderRules::any_symbol());
    drop(requests);
    let mut rig = Rig::with_intake(server, intake, Orders::default());
    rig.push(order("A1").as_bytes());
    rig.push(order("A2").as_bytes());
    rig.bus.stop_intake(PATIENCE).await;
    assert_eq!(rig.len("outgoing_orders_processing"), 0);
    assert_eq!(rig.len("outgoing_orders"), 2);
    let next: String =
        redis::cmd("LINDEX").arg(&["outgoing_orders", "-1"]).query(&mut rig.server.connect()).unwrap();
    assert_eq!(next, order("A1"));
    assert!(rig.reports().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_wrong_type_is_no_reason_to_hurry() {
    let Some(server) = RedisServer::start() else { return };
    let (rig, _requests) = Rig::start(server);
    let connections = || {
        let info: String =
            redis::cmd("INFO").arg("stats").query(&mut rig.server.connect()).expect("statistics");
        let line = info.lines().find_map(|line| line.strip_prefix("total_connections_received:"));
        line.and_then(|count| count.trim().parse::<u64>().ok()).expect("a count")
    };
    rig.command("SET", &["outgoing_orders", "text"]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = connections();
    tokio::time::sleep(Duration::from_secs(2)).await;
    // One is of this test; at ever longer pauses there is room for two or three more, at 0.1 s for eighteen.
    assert!(connections() - before <= 6, "the reader connects again and again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_delivered_is_counted() {
    let Some(server) = RedisServer::start() else { return };
    let (mut rig, _requests) = Rig::start(server);
    rig.server.stop();
    let publisher = rig.bus.publisher();
    publisher.try_report(report("lost?")).unwrap();
    let error = rig.bus.finish(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.to_string(), "1 answers to refused orders did not get into Redis, which is away");
    assert_eq!(rig.board.newest_reports(1).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_does_not_hold_up_the_end() {
    let Some(server) = RedisServer::start() else { return };
    let (mut rig, _requests) = Rig::start(server);
    let publisher = rig.bus.publisher();
    publisher.try_report(report("before")).unwrap();
    eventually("the report", || publisher.pending() == 0).await;
    rig.server.freeze();
    publisher.try_report(report("while it hangs")).unwrap();
    let started = Instant::now();
    rig.bus.stop_intake(Duration::from_millis(200)).await;
    assert!(rig.bus.finish(Duration::from_millis(200)).await.is_err());
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_malformed_entry_with_the_id_of_a_live_order_is_no_end_of_it() {
    let Some(server) = RedisServer::start() else { return };
    let orders = Orders::default();
    let (intake, _requests) = intake(OrderRules::any_symbol());
    let now = UtcTimestamp::from_unix(0, 0);
    let order = parse_order(ORDER.as_bytes(), &OrderRules::any_symbol(), now).unwrap();
    orders.claim(order, &"S".into()).unwrap().keep();
    let rig = Rig::with_intake(server, intake, orders);
    rig.push(br#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":-1,"ordType":"MARKET"}"#);
    rig.push(br#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"A1","symbol":"10Y","side":"BUY"}"#);
    rig.push(br#"{"type":"CANCEL","origClOrdID":"A0","clOrdID":"A1","symbol":"10Y"}"#);
    rig.push(br#"{"clOrdID":"A2","symbol":"10Y","side":"BUY","qty":-1,"ordType":"MARKET"}"#);
    eventually("an answer to each", || rig.len("execution_reports") == 4).await;
    let is_final = |id: &str| rig.board.reports_of(id).iter().any(|report| report.is_final_for(id));
    assert!(!is_final("A1") && is_final("A2"));
    let said: Vec<_> = rig.reports().iter().map(|r| r["msgType"].as_str().unwrap().to_owned()).collect();
    assert_eq!(said, ["8", "9", "9", "8"]);
    assert_eq!(rig.reports()[0]["ordRejReason"], 6);
    assert_eq!(
        (&rig.reports()[2]["origClOrdID"], &rig.reports()[2]["cxlRejReason"]),
        (&"A0".into(), &6.into())
    );
}
