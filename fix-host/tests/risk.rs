//! Limits of orders and the kill switch at a running engine, with the simulated exchange as counterparty, and kills in
//! between.

mod support;

use std::{
    process::Output,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::{
    PATIENCE, Program, api_page, fix_host, free_port, start_engine, start_exchange, stderr, stdout,
    write_two_sides,
};

struct Desk {
    folder: tempfile::TempDir,
    exchange: Program,
    engine: Program,
    api_port: u16,
}

impl Desk {
    /// An exchange and an engine, logged on to each other; `more` are lines of the engine's session.
    fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let api_port = free_port();
        write_two_sides(folder.path(), "", more);
        let exchange = start_exchange(folder.path());
        let engine = start_engine(folder.path(), api_port, None);
        Desk { folder, exchange, engine, api_port }
    }

    /// Kills the engine and starts another one on its journal.
    fn kill_and_restart(&mut self) {
        self.engine.signal("KILL");
        self.engine.wait();
        self.engine = start_engine(self.folder.path(), self.api_port, None);
    }

    /// Runs a client command; its words are separated by blanks.
    fn run(&self, arguments: &str) -> Output {
        let mut command = fix_host(&arguments.split(' ').collect::<Vec<_>>());
        command.args(["--api", &format!("http://127.0.0.1:{}", self.api_port)]);
        command.env_remove("FIX_HOST_API_TOKEN").output().expect("the binary starts")
    }

    /// Runs a command that must do its work, and returns what it prints.
    fn done(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments}: {}{}", stdout(&output), stderr(&output));
        stdout(&output)
    }

    /// Places an order that is refused, and returns what its sender is told.
    fn refused(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments}: {}{}", stdout(&output), stderr(&output));
        stderr(&output)
    }

    /// A page of the API.
    fn text(&self, path: &str) -> String {
        api_page(self.api_port, path)
    }

    fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path)).unwrap()
    }

    /// The reports of an order.
    fn reports(&self, cl_ord_id: &str) -> Vec<Value> {
        self.get(&format!("/api/orders/{cl_ord_id}"))["reports"].as_array().unwrap().clone()
    }

    /// Waits until the order has such a report.
    fn wait_for(&self, cl_ord_id: &str, is_wanted: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !self.reports(cl_ord_id).iter().any(&is_wanted) {
            assert!(Instant::now() < deadline, "{cl_ord_id}: {:?}", self.reports(cl_ord_id));
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn an_order_beyond_a_limit_is_one_rejected_report_that_names_limit_and_value() {
    let desk = Desk::start("MaxOrderQty=1000\nMaxOrderQty.2Y=50\nPriceBandPercent=5\n");
    let text = desk.refused("order --side BUY --qty 5000 --symbol 10Y --cl-ord-id BIG");
    assert!(text.contains("MaxOrderQty is 1000, the order has 5000; not sent"), "{text}");
    let reports = desk.reports("BIG");
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert_eq!((&reports[0]["ordStatus"], &reports[0]["execType"]), (&"8".into(), &"8".into()));
    assert_eq!(reports[0]["text"], "MaxOrderQty is 1000, the order has 5000; not sent");
    // What was refused was not sent: its id is free.
    desk.done("order --side BUY --qty 1000 --symbol 10Y");
    let text = desk.refused("order --side BUY --qty 51 --symbol 2Y");
    assert!(text.contains("MaxOrderQty.2Y is 50, the order has 51; not sent"), "{text}");
    // The fill gives the band its price, and the simulator gave it none before.
    let text = desk.refused("order --side BUY --qty 1 --symbol 5Y --price 98.5");
    assert!(text.contains("nor a fill of 5Y is known on this session"), "{text}");
    let text = desk.refused("order --side SELL --qty 1 --symbol 10Y --price 50");
    assert!(text.contains("PriceBandPercent is 5, the order has 50, and the last fill was at 96."), "{text}");
}

#[test]
fn open_orders_are_counted_through_a_kill() {
    let mut desk = Desk::start("MaxOpenOrders=1\n");
    let rest = "order --side BUY --qty 10 --symbol 10Y --price 1 --timeout 0 --cl-ord-id";
    desk.done(&format!("{rest} RESTS"));
    let text = desk.refused(&format!("{rest} SECOND"));
    assert!(text.contains("MaxOpenOrders is 1, and 1 orders are open; not sent"), "{text}");
    desk.kill_and_restart();
    let text = desk.refused(&format!("{rest} SECOND"));
    assert!(text.contains("MaxOpenOrders is 1, and 1 orders are open; not sent"), "{text}");
    desk.done("cancel --side BUY --symbol 10Y --cl-ord-id RESTS");
    desk.done("order --side BUY --qty 10 --symbol 10Y --cl-ord-id FILLS");
    desk.kill_and_restart();
    desk.done(&format!("{rest} THIRD"));
}

/// A BUY order that rests at the exchange.
fn rest(cl_ord_id: &str) -> String {
    format!("order --side BUY --qty 10 --symbol 10Y --price 1 --timeout 0 --cl-ord-id {cl_ord_id}")
}

#[test]
fn a_halt_refuses_orders_passes_cancels_and_survives_a_kill() {
    let mut desk = Desk::start("");
    desk.done(&rest("BEFORE"));
    let said = desk.done("halt --reason fat-finger --by alice");
    assert_eq!(said, "all sessions: halted by alice: fat-finger\n");
    for round in ["ONE", "TWO"] {
        let text = desk.refused(&rest(round));
        assert!(text.contains("halted by alice since ") && text.contains(": fat-finger; not sent"), "{text}");
        let reports = desk.reports(round);
        assert_eq!((reports.len(), &reports[0]["ordStatus"]), (1, &"8".into()), "{reports:?}");
        desk.kill_and_restart();
    }
    assert!(desk.done("sessions").contains("halted by alice: fat-finger"));
    assert!(desk.done("status").contains("halted by alice: fat-finger"));
    assert_eq!(desk.get("/healthz")["halted"][0], "FIX.4.4:TRADEDESK->EXCHANGE");
    assert!(desk.text("/metrics").contains("fix_session_halted{session=\"FIX.4.4:TRADEDESK->EXCHANGE\"} 1"));
    // A cancel makes the risk smaller.
    desk.done("cancel --cl-ord-id BEFORE --side BUY --symbol 10Y");
    assert_eq!(desk.done("resume"), "nothing is halted\n");
    desk.done(&rest("AFTER"));
    desk.kill_and_restart();
    desk.done(&rest("LATER"));
}

#[test]
fn a_halt_cancels_what_is_working_if_asked_to() {
    let mut desk = Desk::start("");
    for id in ["A", "B", "C"] {
        desk.done(&rest(id));
        desk.wait_for(id, |report| report["ordStatus"] == "0");
    }
    desk.done("cancel --cl-ord-id B --side BUY --symbol 10Y");
    let said = desk.done("halt --session EXCHANGE --cancel-working --by bob");
    assert_eq!(said, "FIX.4.4:TRADEDESK->EXCHANGE: halted by bob; working orders are cancelled\n");
    for id in ["A", "C"] {
        desk.wait_for(id, |report| report["ordStatus"] == "4");
    }
    // The first cancel was the user's; there is one more for each of the others.
    let cancels = |desk: &Desk| {
        let page = desk.get("/api/reports?limit=1000");
        let ids = page["reports"].as_array().unwrap().iter().filter_map(|report| report["clOrdID"].as_str());
        ids.filter(|id| id.starts_with("HALT-")).map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(cancels(&desk).len(), 2);
    // Nothing is cancelled again by the next process.
    desk.kill_and_restart();
    assert!(desk.refused(&rest("D")).contains("halted by bob"));
    assert_eq!(cancels(&desk).len(), 2);
    let refused = desk.run("resume");
    assert!(refused.status.success() && stdout(&refused).contains("EXCHANGE: halted by bob"));
    assert_eq!(desk.done("resume --session EXCHANGE"), "nothing is halted\n");
    desk.done(&rest("E"));
}

#[test]
fn what_works_is_cancelled_at_the_next_logon_if_there_is_no_counterparty() {
    let mut desk = Desk::start("");
    desk.done(&rest("A"));
    desk.wait_for("A", |report| report["ordStatus"] == "0");
    desk.done("logout EXCHANGE");
    desk.done("halt --cancel-working");
    desk.kill_and_restart();
    desk.wait_for("A", |report| report["ordStatus"] == "4");
}

#[test]
fn a_malformed_halt_changes_nothing_and_an_unknown_session_is_named() {
    let desk = Desk::start("");
    let failed = |arguments: &str| {
        let output = desk.run(arguments);
        assert!(!output.status.success(), "{arguments}");
        stderr(&output)
    };
    assert!(failed("halt --session NOBODY").contains("there is no session \"NOBODY\""));
    assert!(failed(&format!("halt --reason {}", "x".repeat(201))).contains("must be at most 200 bytes"));
    assert_eq!(desk.done("resume"), "nothing is halted\n");
}

#[test]
fn a_replacement_keeps_to_the_limits_and_opens_no_order() {
    let mut desk = Desk::start("MaxOrderQty=20\nMaxOpenOrders=1\n");
    desk.done(&rest("A"));
    desk.wait_for("A", |report| report["ordStatus"] == "0");
    let text = desk.refused("replace --cl-ord-id A --qty 21");
    assert!(text.contains("MaxOrderQty is 20, the replacement has 21; not sent"), "{text}");
    desk.done("replace --cl-ord-id A --qty 20");
    // The order goes by another id now, and is still one.
    let text = desk.refused(&rest("B"));
    assert!(text.contains("MaxOpenOrders is 1, and 1 orders are open"), "{text}");
    desk.done("halt --by bob");
    let text = desk.refused("replace --cl-ord-id A --qty 5");
    assert!(text.contains("halted by bob"), "{text}");
    desk.kill_and_restart();
    desk.done("halt --by bob --cancel-working");
    let deadline = Instant::now() + PATIENCE;
    let canceled = |order: &Value| order["state"] == "CANCELED" && order["origClOrdID"] == "A";
    while !desk.get("/api/orders")["orders"].as_array().unwrap().iter().any(canceled) {
        assert!(Instant::now() < deadline, "{}", desk.get("/api/orders"));
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_order_that_did_not_arrive_before_the_halt_does_not_arrive_behind_it() {
    let mut desk = Desk::start("");
    desk.exchange.signal("STOP");
    desk.done(&rest("LOST"));
    desk.done("halt --by bob");
    desk.exchange.signal("KILL");
    desk.exchange.wait();
    desk.exchange = start_exchange(desk.folder.path());
    let text = |report: &Value| report["text"].as_str().unwrap_or_default().to_owned();
    desk.wait_for("LOST", |report| text(report).starts_with("not resent, state unknown: "));
    assert_eq!(desk.reports("LOST").len(), 1, "{:?}", desk.reports("LOST"));
}
