//! Orders of which nobody here knows whether the counterparty has them: asked for, or settled by an operator. The
//! counterparty is the simulated exchange, killed while an order is on its way.

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
    _folder: tempfile::TempDir,
    _exchange: Program,
    _engine: Program,
    api_port: u16,
}

impl Desk {
    /// A session on which the order `LOST` was sent, never read by the exchange, and gap-filled when that came back;
    /// `more` are lines of the engine's session.
    fn with_a_lost_order(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let api_port = free_port();
        // An order is not sent a second time by itself, as where it might trade at an old price.
        write_two_sides(folder.path(), "GapFillMsgTypes=D\n", more);
        let mut exchange = start_exchange(folder.path());
        let mut engine = start_engine(folder.path(), api_port, None);
        exchange.signal("STOP");
        let order = [
            "order",
            "--side",
            "BUY",
            "--qty",
            "5",
            "--symbol",
            "10Y",
            "--cl-ord-id",
            "LOST",
            "--timeout",
            "0",
        ];
        let placed = run(api_port, &order);
        assert!(placed.status.success(), "{}", stderr(&placed));
        exchange.signal("KILL");
        exchange.wait();
        let exchange = start_exchange(folder.path());
        engine.wait_for("LOGGED ON");
        Desk { _folder: folder, _exchange: exchange, _engine: engine, api_port }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(self.api_port, arguments)
    }

    fn reports(&self) -> Vec<Value> {
        let page: Value = serde_json::from_str(&api_page(self.api_port, "/api/orders/LOST")).unwrap();
        page["reports"].as_array().unwrap().clone()
    }

    /// Waits until the order has so many reports.
    fn wait_for_reports(&self, count: usize) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let reports = self.reports();
            if reports.len() >= count {
                return reports;
            }
            assert!(Instant::now() < deadline, "{reports:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Runs a client command against the engine at this port.
fn run(api_port: u16, arguments: &[&str]) -> Output {
    let mut command = fix_host(arguments);
    command.args(["--api", &format!("http://127.0.0.1:{api_port}")]);
    command.env_remove("FIX_HOST_API_TOKEN").output().expect("the binary starts")
}

fn text(report: &Value) -> &str {
    report["text"].as_str().unwrap_or_default()
}

#[test]
fn an_unknown_order_is_asked_for_and_the_answer_closes_it() {
    let desk = Desk::with_a_lost_order("AskUnknownOrders=Y\n");
    let reports = desk.wait_for_reports(2);
    assert!(text(&reports[0]).starts_with("not resent, state unknown: "), "{reports:?}");
    assert!(reports[0]["ordStatus"].is_null(), "{reports:?}");
    // The exchange's word: it never had the order.
    assert_eq!((&reports[1]["ordStatus"], text(&reports[1])), (&"8".into(), "unknown order"));
    assert_eq!(reports.len(), 2, "{reports:?}");
    let unknown = desk.run(&["orders", "unknown"]);
    assert_eq!((unknown.status.code(), stdout(&unknown).as_str()), (Some(0), "none\n"));
}

#[test]
fn an_operator_settles_an_unknown_order_once() {
    let desk = Desk::with_a_lost_order("AskUnknownOrders=N\n");
    assert_eq!(desk.wait_for_reports(1).len(), 1);
    let unknown = desk.run(&["orders", "unknown"]);
    assert_eq!(stdout(&unknown), "LOST  FIX.4.4:TRADEDESK->EXCHANGE\n");
    let resolve =
        ["orders", "resolve", "LOST", "--state", "rejected", "--note", "the desk of the venue never saw it"];
    let done = desk.run(&resolve);
    assert_eq!(stdout(&done), "LOST: rejected; its sender is told\n", "{}", stderr(&done));
    let reports = desk.wait_for_reports(2);
    assert_eq!(reports[1]["ordStatus"], "8");
    assert!(text(&reports[1]).contains("the desk of the venue never saw it"), "{reports:?}");
    let again = desk.run(&resolve);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("the state of order LOST is not unknown"), "{}", stderr(&again));
    let unknown = desk.run(&["orders", "unknown"]);
    assert_eq!((unknown.status.code(), stdout(&unknown).as_str()), (Some(0), "none\n"));
}
