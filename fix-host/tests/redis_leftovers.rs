//! What an engine that is killed leaves in `outgoing_orders_processing`, and what the next one makes of it: an order that a
//! complete journal lacks was not sent, and of what nobody knows nothing is said that may be wrong.

#[path = "support/redis_server.rs"]
mod redis_server;
mod support;

use std::fs;

use redis_server::RedisServer;
use serde_json::Value;
use support::{Program, eventually, output, start_exchange, write_two_sides};

struct Scene {
    folder: tempfile::TempDir,
    redis: RedisServer,
    _exchange: Program,
}

fn order(id: &str) -> String {
    format!(r#"{{"clOrdID":"{id}","symbol":"10Y","side":"BUY","qty":5,"ordType":"MARKET"}}"#)
}

impl Scene {
    /// An engine has sent `SENT`, which was filled, and was killed. `keys` are lines of its `[DEFAULT]`.
    fn after_a_kill(keys: &str) -> Option<Self> {
        let redis = RedisServer::start()?;
        let folder = tempfile::tempdir().unwrap();
        write_two_sides(folder.path(), keys, "");
        let exchange = start_exchange(folder.path());
        let scene = Scene { folder, redis, _exchange: exchange };
        let mut engine = scene.start();
        scene.push("outgoing_orders", "SENT");
        scene.report("SENT", |report| report["ordStatus"] == "2");
        eventually("its end in Redis", || (scene.len("outgoing_orders_processing") == 0).then_some(()));
        engine.signal("KILL");
        engine.wait();
        Some(scene)
    }

    fn start(&self) -> Program {
        let config = self.folder.path().join("desk.cfg").display().to_string();
        let url = self.redis.url();
        let mut engine = Program::start(&[
            "start",
            "--fix-config",
            &config,
            "--redis-url",
            &url,
            "--api",
            "127.0.0.1:0",
            "--no-market-data",
        ]);
        engine.wait_for("LOGGED ON");
        engine
    }

    fn store(&self) -> String {
        self.folder.path().join("desk").display().to_string()
    }

    fn push(&self, list: &str, id: &str) {
        self.push_entry(list, &order(id));
    }

    fn push_entry(&self, list: &str, entry: &str) {
        redis::cmd("LPUSH").arg(list).arg(entry).query::<()>(&mut self.redis.connect()).unwrap();
    }

    fn len(&self, list: &str) -> usize {
        redis::cmd("LLEN").arg(list).query(&mut self.redis.connect()).unwrap()
    }

    /// All reports of an order, oldest first.
    fn reports(&self, id: &str) -> Vec<Value> {
        let list: Vec<String> = redis::cmd("LRANGE")
            .arg(&["execution_reports", "0", "-1"])
            .query(&mut self.redis.connect())
            .unwrap();
        let all = list.iter().rev().map(|json| serde_json::from_str::<Value>(json).unwrap());
        all.filter(|report| report["clOrdID"] == id).collect()
    }

    fn report(&self, id: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        eventually(id, || self.reports(id).into_iter().find(&is_it))
    }

    /// What the next engine says first of an order that the killed one took.
    fn left_over(&self, id: &str) -> Value {
        self.push("outgoing_orders_processing", id);
        let _engine = self.start();
        eventually("the list is empty", || (self.len("outgoing_orders_processing") == 0).then_some(()));
        self.report(id, |_| true)
    }

    fn is_unknown(&self) {
        let report = self.left_over("LEFT");
        assert_eq!(report.get("ordStatus"), None, "{report}");
        assert!(report["text"].as_str().unwrap().starts_with("state unknown: "), "{report}");
    }

    fn is_not_sent(&self) {
        let report = self.left_over("LEFT");
        assert_eq!(report["ordStatus"], "8", "{report}");
        assert!(report["text"].as_str().unwrap().contains("its journal shows"), "{report}");
        assert_eq!(report["symbol"], "10Y", "{report}");
    }

    /// As if the machine had been started anew since.
    fn start_machine_anew(&self) {
        let mut redis = self.redis.connect();
        let key = ["outgoing_orders_progress", "journals"];
        let noted: String = redis::cmd("HGET").arg(&key).query(&mut redis).unwrap();
        let mut noted: Value = serde_json::from_str(&noted).unwrap();
        noted["boot"] = "an earlier start".into();
        redis::cmd("HSET").arg(&key).arg(noted.to_string()).query::<()>(&mut redis).unwrap();
    }
}

#[test]
fn what_the_journal_lacks_was_not_sent_and_its_sender_is_told() {
    let Some(scene) = Scene::after_a_kill("") else { return };
    scene.is_not_sent();
    // The id was not used.
    let _engine = scene.start();
    scene.push("outgoing_orders", "LEFT");
    scene.report("LEFT", |report| report["ordStatus"] == "2");
}

#[test]
fn what_the_journal_has_is_reported_from_there_and_only_once() {
    let Some(scene) = Scene::after_a_kill("") else { return };
    let before = scene.reports("SENT");
    scene.push("outgoing_orders_processing", "SENT");
    let _engine = scene.start();
    eventually("the list is empty", || (scene.len("outgoing_orders_processing") == 0).then_some(()));
    scene.push("outgoing_orders", "NEXT");
    scene.report("NEXT", |report| report["ordStatus"] == "2");
    for report in scene.reports("SENT") {
        assert!(before.contains(&report), "not one of before: {report}");
    }
}

#[test]
fn with_send_left_over_orders_they_are_sent_in_their_order_before_the_others() {
    let Some(scene) = Scene::after_a_kill("SendLeftOverOrders=Y\n") else { return };
    for id in ["L1", "L2", "L3"] {
        scene.push("outgoing_orders_processing", id);
    }
    scene.push("outgoing_orders", "NEW");
    let _engine = scene.start();
    let ids = ["L1", "L2", "L3", "NEW"];
    // OrderID(37) counts the orders at the exchange.
    let orders = ids.map(|id| scene.report(id, |report| report["ordStatus"] == "2")["execID"].to_string());
    let mut sorted = orders.clone();
    sorted.sort_by_key(|id| (id.len(), id.clone()));
    assert_eq!(orders, sorted);
}

/// A request that leaves symbol and side to its order, which was taken with it.
const CANCEL: &str = r#"{"type":"CANCEL","clOrdID":"C1","origClOrdID":"LEFT"}"#;

#[test]
fn what_is_no_order_was_not_sent_either_and_is_told_why() {
    let Some(scene) = Scene::after_a_kill("") else { return };
    scene.push("outgoing_orders_processing", "LEFT");
    let side = order("SIDE").replace("BUY", "HOLD");
    for entry in ["{broken", &side, CANCEL] {
        scene.push_entry("outgoing_orders_processing", entry);
    }
    let _engine = scene.start();
    eventually("the list is empty", || (scene.len("outgoing_orders_processing") == 0).then_some(()));
    let side = scene.report("SIDE", |_| true);
    assert_eq!(side["ordStatus"], "8", "{side}");
    assert!(side["text"].as_str().unwrap().contains("side"), "{side}");
    let cancel = scene.report("C1", |_| true);
    assert_eq!((&cancel["msgType"], &cancel["origClOrdID"]), (&"9".into(), &"LEFT".into()), "{cancel}");
    let all: Vec<String> = redis::cmd("LRANGE")
        .arg(&["execution_reports", "0", "-1"])
        .query(&mut scene.redis.connect())
        .unwrap();
    assert!(all.iter().any(|report| report.contains("{broken")), "{all:?}");
    assert!(all.iter().all(|report| !report.contains("state unknown")), "{all:?}");
}

#[test]
fn with_send_left_over_orders_a_request_follows_its_order() {
    let Some(scene) = Scene::after_a_kill("SendLeftOverOrders=Y\n") else { return };
    let resting = order("LEFT").replace(r#""MARKET""#, r#""LIMIT","price":1"#);
    for entry in [&*resting, CANCEL] {
        scene.push_entry("outgoing_orders_processing", entry);
    }
    let _engine = scene.start();
    let canceled = scene.report("C1", |_| true);
    assert_eq!((&canceled["msgType"], &canceled["ordStatus"]), (&"8".into(), &"4".into()), "{canceled}");
}

#[test]
fn a_loss_of_power_may_have_taken_from_a_journal_that_is_not_synced() {
    let Some(scene) = Scene::after_a_kill("") else { return };
    scene.start_machine_anew();
    scene.is_unknown();
}

#[test]
fn a_loss_of_power_takes_nothing_from_a_journal_that_is_synced() {
    let Some(scene) = Scene::after_a_kill("FileStoreSync=Y\n") else { return };
    scene.start_machine_anew();
    scene.is_not_sent();
}

#[test]
fn a_journal_whose_numbers_were_set_back_lacks_what_it_forgot() {
    let Some(scene) = Scene::after_a_kill("") else { return };
    let store = scene.store();
    let done = output(&["store", "set-seqnum", &store, "--next-out", "2", "--force"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let done = output(&["store", "set-seqnum", &store, "--next-out", "50", "--force"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    scene.is_unknown();
}

#[test]
fn another_journal_tells_nothing() {
    let Some(scene) = Scene::after_a_kill("ResetOnLogon=Y\n") else { return };
    fs::remove_dir_all(scene.store()).unwrap();
    scene.is_unknown();
}

#[test]
fn after_a_reset_at_logon_the_journal_is_noted_again() {
    let Some(scene) = Scene::after_a_kill("ResetOnLogon=Y\n") else { return };
    scene.is_not_sent();
}

#[test]
fn where_nothing_was_noted_nothing_is_known() {
    let Some(scene) = Scene::after_a_kill("") else { return };
    redis::cmd("DEL").arg("outgoing_orders_progress").query::<()>(&mut scene.redis.connect()).unwrap();
    scene.is_unknown();
}

#[test]
fn another_engine_at_work_on_the_same_redis_is_named() {
    let Some(scene) = Scene::after_a_kill("") else { return };
    let mut engine = scene.start();
    scene.push("outgoing_orders", "A1");
    scene.report("A1", |report| report["ordStatus"] == "2");
    eventually("its end in Redis", || (scene.len("outgoing_orders_processing") == 0).then_some(()));
    redis::cmd("HSET")
        .arg(&["outgoing_orders_progress", "settled", "another/7"])
        .query::<()>(&mut scene.redis.connect())
        .unwrap();
    scene.push("outgoing_orders", "A2");
    engine.wait_for("another engine takes orders from this Redis too");
}

/// Another engine has settled orders since: of what that one took, this one's journal tells nothing.
#[test]
fn of_the_orders_of_another_engine_nothing_is_known() {
    let Some(scene) = Scene::after_a_kill("") else { return };
    redis::cmd("HSET")
        .arg(&["outgoing_orders_progress", "settled", "another/7"])
        .query::<()>(&mut scene.redis.connect())
        .unwrap();
    scene.is_unknown();
}
