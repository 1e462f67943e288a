//! Limits of orders at a running engine, with the simulated exchange as counterparty, and kills in between.

mod support;

use std::{path::Path, process::Output};

use serde_json::Value;
use support::{Program, fix_host, free_port, stderr, stdout, write_file};

struct Desk {
    folder: tempfile::TempDir,
    _exchange: Program,
    engine: Program,
    api_port: u16,
}

impl Desk {
    /// An exchange and an engine, logged on to each other; `more` are lines of the engine's session.
    fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (fix_port, api_port) = (free_port(), free_port());
        let common = |name: &str| {
            let store = folder.path().join(name);
            format!("[DEFAULT]\nBeginString=FIX.4.4\nFileStorePath={}\n", store.display())
        };
        let exchange = format!(
            "{}ConnectionType=acceptor\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort={fix_port}\n\
             [SESSION]\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n",
            common("exchange")
        );
        let exchange = write_file(folder.path(), "exchange.cfg", &exchange);
        let mut exchange = Program::start(&["exchange", "--config", &exchange]);
        exchange.wait_for("FIX acceptor on");
        let desk = format!(
            "{}ConnectionType=initiator\nReconnectInterval=1\nHeartBtInt=30\nSocketConnectHost=127.0.0.1\n\
             SocketConnectPort={fix_port}\n[SESSION]\nSenderCompID=TRADEDESK\nTargetCompID=EXCHANGE\n{more}",
            common("desk")
        );
        write_file(folder.path(), "desk.cfg", &desk);
        let engine = Self::engine(folder.path(), api_port);
        Desk { folder, _exchange: exchange, engine, api_port }
    }

    fn engine(folder: &Path, api_port: u16) -> Program {
        let config = folder.join("desk.cfg").display().to_string();
        let mut command =
            fix_host(&["start", "--fix-config", &config, "--api", &format!("127.0.0.1:{api_port}")]);
        command.env_remove("FIX_HOST_API_TOKEN");
        let mut engine = Program::spawn(command);
        engine.wait_for("LOGGED ON");
        engine
    }

    /// Kills the engine and starts another one on its journal.
    fn kill_and_restart(&mut self) {
        self.engine.signal("KILL");
        self.engine.wait();
        self.engine = Self::engine(self.folder.path(), self.api_port);
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

    /// The reports of an order.
    fn reports(&self, cl_ord_id: &str) -> Vec<Value> {
        let url = format!("http://127.0.0.1:{}/api/orders/{cl_ord_id}", self.api_port);
        let page: Value = ureq::get(&url).call().unwrap().body_mut().read_json().unwrap();
        page["reports"].as_array().unwrap().clone()
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
    assert!(text.contains("no fill of 5Y on this session"), "{text}");
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
