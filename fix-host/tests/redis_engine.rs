//! The whole path over Redis: redis-cli pushes an order, the engine sends it as FIX, the exchange fills it,
//! and the reports are in Redis.

#[path = "support/redis_server.rs"]
mod redis_server;
mod support;

use std::process::Command;

use redis_server::RedisServer;
use serde_json::Value;
use support::{Program, eventually, free_port, write_file};

struct Rig {
    _folder: tempfile::TempDir,
    redis: RedisServer,
    engine: Program,
    exchange_cfg: String,
}

/// What a user types: `redis-cli ARGUMENTS`.
fn redis_cli(redis: &RedisServer, arguments: &[&str]) -> String {
    let output = Command::new("redis-cli").args(["-u", &redis.url()]).args(arguments).output();
    String::from_utf8_lossy(&output.expect("redis-cli").stdout).trim().to_owned()
}

/// An engine on a Redis of its own; its exchange is not running yet.
fn rig() -> Option<Rig> {
    rig_after(|_, _| ()).map(|(rig, ())| rig)
}

/// The same, started after `prepare`, which gets Redis and the exchange's configuration file.
fn rig_after<T>(prepare: impl FnOnce(&RedisServer, &str) -> T) -> Option<(Rig, T)> {
    let redis = RedisServer::start()?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    let common = "[DEFAULT]\nBeginString=FIX.4.4\n";
    let exchange_cfg = write_file(
        folder.path(),
        "exchange.cfg",
        &format!(
            "{common}ConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\n\
             [SESSION]\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n"
        ),
    );
    let desk_cfg = write_file(
        folder.path(),
        "desk.cfg",
        &format!(
            "{common}ConnectionType=initiator\nHeartBtInt=30\nReconnectInterval=1\nSocketConnectHost=127.0.0.1\n\
             SocketConnectPort={port}\n[SESSION]\nSenderCompID=TRADEDESK\nTargetCompID=EXCHANGE\n"
        ),
    );
    let prepared = prepare(&redis, &exchange_cfg);
    let engine = Program::start(&[
        "start",
        "--redis-url",
        &redis.url(),
        "--fix-config",
        &desk_cfg,
        "--api",
        "127.0.0.1:0",
    ]);
    Some((Rig { _folder: folder, redis, engine, exchange_cfg }, prepared))
}

impl Rig {
    fn cli(&self, arguments: &[&str]) -> String {
        redis_cli(&self.redis, arguments)
    }

    fn push(&self, order: &str) {
        self.cli(&["LPUSH", "outgoing_orders", order]);
    }

    fn exchange(&self) -> Program {
        Program::start(&["exchange", "--config", &self.exchange_cfg])
    }

    /// Waits until a report of `cl_ord_id` has this OrdStatus(39).
    fn report(&self, cl_ord_id: &str, ord_status: &str) -> Value {
        let found = || {
            let list = self.cli(&["LRANGE", "execution_reports", "0", "-1"]);
            let reports = list.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            reports.into_iter().find(|r| r["clOrdID"] == cl_ord_id && r["ordStatus"] == ord_status)
        };
        eventually(&format!("{cl_ord_id} with ordStatus {ord_status}"), found)
    }
}

/// What Python programs push: keys and words in any case, numbers in quotes, times as text.
#[test]
fn an_order_as_python_programs_write_it_is_taken_and_replaced() {
    let Some(mut rig) = rig() else { return };
    let _exchange = rig.exchange();
    rig.engine.wait_for("LOGGED ON");
    rig.push(
        r#"{"cl_ord_id":1001,"symbol":"10Y","side":"buy","qty":"5","ordtype":"limit","price":"90.5","timestamp":"2026-11-24T05:53:00.250000+00:00","strategy":"mean","fields":{"maxFloor":5,"noPartyIDs":[{"partyID":"X","partyRole":3}]}}"#,
    );
    assert_eq!(rig.report("1001", "0")["leavesQty"], 5);
    rig.engine.wait_for("\"strategy\": unknown key, passed over");
    rig.push(
        r#"{"type":"Replace","origClOrdID":1001,"clOrdID":"R1","symbol":"10Y","side":"BUY","qty":7,"ordType":"LIMIT","price":90.7}"#,
    );
    assert_eq!(rig.report("R1", "0")["execType"], "5");
    rig.push(r#"{"origClOrdID":"R1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#);
    assert_eq!(rig.report("C1", "4")["leavesQty"], 0);
    rig.push(
        r#"{"clOrdID":"P1","symbol":"10Y","side":"BUY","qty":5,"ordType":"MARKET","fields":{"MsgSeqNum":1}}"#,
    );
    assert_eq!(rig.report("P1", "8")["text"], "fields: MsgSeqNum(34): the session itself writes this field");
}

/// What waits in Redis when the engine starts is not told "no counterparty" before the first Logon was tried.
#[test]
fn orders_that_waited_for_the_engine_wait_for_its_first_logon() {
    let prepared = rig_after(|redis, exchange_cfg| {
        for number in 0..5 {
            let order = format!(
                r#"{{"clOrdID":"EARLY-{number}","symbol":"10Y","side":"BUY","qty":5,"ordType":"MARKET"}}"#
            );
            redis_cli(redis, &["LPUSH", "outgoing_orders", &order]);
        }
        redis_cli(redis, &["LPUSH", "outgoing_orders", r#"{"price":1}"#]);
        let mut exchange = Program::start(&["exchange", "--config", exchange_cfg]);
        exchange.wait_for("127.0.0.1");
        exchange
    });
    let Some((mut rig, _exchange)) = prepared else { return };
    rig.engine.wait_for("LOGGED ON");
    for number in 0..5 {
        rig.report(&format!("EARLY-{number}"), "2");
    }
    let refused = eventually("the entry without an id", || {
        let list = rig.cli(&["LRANGE", "execution_reports", "0", "-1"]);
        let reports = list.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        reports.into_iter().find(|report| report.get("entry").is_some())
    });
    assert_eq!(refused["entry"], r#"{"price":1}"#);
}

/// A key of the wrong type is named, once, until it is right.
#[test]
fn a_key_of_another_program_is_named() {
    let Some(mut rig) = rig() else { return };
    let _exchange = rig.exchange();
    rig.engine.wait_for("LOGGED ON");
    rig.cli(&["SET", "execution_reports", "x"]);
    rig.push(r#"{"clOrdID":"W1","symbol":"10Y","side":"BUY","qty":5,"ordType":"MARKET"}"#);
    rig.engine.wait_for("the key execution_reports is a string and must be a list");
    rig.cli(&["DEL", "execution_reports"]);
    rig.report("W1", "2");
    rig.engine.wait_for("is back");
}

#[test]
fn an_order_pushed_by_redis_cli_comes_back_as_fill_reports() {
    let Some(mut rig) = rig() else { return };
    let _exchange = rig.exchange();
    rig.engine.wait_for("LOGGED ON");
    eventually("the status", || (rig.cli(&["GET", "fix_session_status"]) == "LOGGED_ON").then_some(()));
    rig.push(
        r#"{"clOrdID":"PY-1","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":99.5,"timestamp":1795499580.25}"#,
    );
    assert_eq!(rig.report("PY-1", "0")["execType"], "0");
    let filled = rig.report("PY-1", "2");
    for (key, value) in [("msgType", "8"), ("symbol", "10Y"), ("side", "BUY"), ("_type", "ExecutionReport")] {
        assert_eq!(filled[key], value, "{filled}");
    }
    assert_eq!(
        (filled["cumQty"].as_f64(), filled["leavesQty"].as_f64()),
        (Some(100.0), Some(0.0)),
        "{filled}"
    );
    assert!(filled["lastPx"].as_f64().is_some_and(|price| (90.0..100.0).contains(&price)), "{filled}");

    rig.push(r#"{"clOrdID":"PY-1","symbol":"2Y","side":"SELL","qty":7,"ordType":"MARKET"}"#);
    let refused = rig.report("PY-1", "8");
    assert_eq!((&refused["ordRejReason"], &refused["side"]), (&6.into(), &"SELL".into()), "{refused}");
    assert!(refused["text"].as_str().is_some_and(|text| text.contains("used before")), "{refused}");
    rig.push(r#"{"clOrdID":"PY-2","symbol":"2Y","side":"SELL","qty":7,"ordType":"LIMIT"}"#);
    let refused = rig.report("PY-2", "8");
    for (key, value) in [("symbol", Value::from("2Y")), ("side", "SELL".into()), ("qty", 7.into())] {
        assert_eq!(refused[key], value, "{refused}");
    }

    let snapshot: Value =
        serde_json::from_str(&rig.cli(&["GET", "market_data_snapshot"])).expect("the snapshot is JSON");
    for key in ["bid", "ask", "mid", "change", "vwap", "ts"] {
        assert!(snapshot["SR3Z6"][key].is_number(), "{key}: {snapshot}");
    }
    assert_eq!(snapshot["SR3Z6"]["source"], "simulated");
    rig.engine.signal("TERM");
    assert!(rig.engine.wait().0.success());
    assert_eq!(rig.cli(&["GET", "fix_session_status"]), "LOGGED_OFF");
}

#[test]
fn without_a_counterparty_the_order_is_answered_and_after_a_restart_of_redis_all_goes_on() {
    let Some(mut rig) = rig() else { return };
    rig.engine.wait_for("no counterparty");
    rig.push(r#"{"clOrdID":"SIM-1","symbol":"2Y","side":"SELL","qty":5,"ordType":"MARKET"}"#);
    let refused = rig.report("SIM-1", "8");
    assert!(refused["text"].as_str().is_some_and(|text| text.contains("SIM MODE")), "{refused}");

    let _exchange = rig.exchange();
    rig.engine.wait_for("LOGGED ON");
    rig.redis.stop();
    rig.redis.start_again();
    rig.push(r#"{"clOrdID":"AFTER-1","symbol":"2Y","side":"SELL","qty":5,"ordType":"MARKET"}"#);
    rig.report("AFTER-1", "2");
    eventually("the status again", || (rig.cli(&["GET", "fix_session_status"]) == "LOGGED_ON").then_some(()));
}

#[test]
fn the_key_fix_halt_refuses_orders_while_it_is_there() {
    let Some(mut rig) = rig() else { return };
    let _exchange = rig.exchange();
    rig.engine.wait_for("LOGGED ON");
    let order = |id: &str| {
        format!(r#"{{"clOrdID":"{id}","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":1}}"#)
    };
    rig.push(&order("H-1"));
    rig.report("H-1", "0");
    rig.cli(&["SET", "fix_halt", r#"{"reason":"fat finger","by":"risk","cancelWorking":true}"#]);
    rig.push(&order("H-2"));
    let text = rig.report("H-2", "8")["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("halted by risk by the Redis key fix_halt since "), "{text}");
    assert!(text.ends_with(": fat finger; not sent"), "{text}");
    let canceled = || {
        let list = rig.cli(&["LRANGE", "execution_reports", "0", "-1"]);
        let mut reports = list.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        reports.find(|report| {
            report["clOrdID"].as_str().is_some_and(|id| id.starts_with("HALT-")) && report["ordStatus"] == "4"
        })
    };
    eventually("the working order is cancelled", canceled);
    rig.cli(&["DEL", "fix_halt"]);
    rig.push(&order("H-3"));
    rig.report("H-3", "0");
}
