//! The engine for real: without a counterparty, with one that comes later, and with wrong settings.

mod support;

use std::{fs, path::Path};

use support::{Program, free_port, output, stderr, stdout, write_file};

const DICTIONARY: &str = "config/FIX44.xml";

struct Place {
    folder: tempfile::TempDir,
    fix_port: u16,
    api_port: u16,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Place { folder, fix_port: free_port(), api_port: free_port() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn cfg(&self, name: &str, role: &str) -> String {
        let store = self.path().join(name);
        let common = format!(
            "[DEFAULT]\nDataDictionary={DICTIONARY}\nFileStorePath={0}/store\nFileLogPath={0}/log\n",
            store.display()
        );
        let port = self.fix_port;
        let text = match role {
            "initiator" => format!(
                "{common}ConnectionType=initiator\nReconnectInterval=1\nHeartBtInt=30\nSocketConnectHost=127.0.0.1\n\
                 SocketConnectPort={port}\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=TRADEDESK\n\
                 TargetCompID=EXCHANGE\n"
            ),
            _ => format!(
                "{common}ConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\n[SESSION]\n\
                 BeginString=FIX.4.4\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n"
            ),
        };
        write_file(self.path(), &format!("{name}.cfg"), &text)
    }

    fn start(&self) -> Program {
        let cfg = self.cfg("desk", "initiator");
        let mut engine = Program::start(&[
            "start",
            "--fix-config",
            &cfg,
            "--api",
            &format!("127.0.0.1:{}", self.api_port),
        ]);
        engine.wait_for("HTTP API");
        engine
    }

    fn exchange(&self) -> Program {
        let cfg = self.cfg("exchange", "acceptor");
        Program::start(&["exchange", "--config", &cfg])
    }

    fn order(&self, more: &[&str]) -> std::process::Output {
        let api = format!("http://127.0.0.1:{}", self.api_port);
        let order = ["order", "--side", "BUY", "--qty", "10", "--symbol", "2Y", "--api", &api];
        output(&[&order, more].concat())
    }
}

#[test]
fn with_only_known_symbols_the_instruments_are_all_that_is_traded() {
    let place = Place::new();
    let cfg = place.cfg("desk", "initiator");
    let instruments = "symbol,startPrice,tick,step,halfSpread\nAAPL,187.20,0.01,0.05,0.01\n";
    let file = write_file(place.path(), "instruments.csv", instruments);
    let keys = format!("[DEFAULT]\nOnlyKnownSymbols=Y\nInstruments={file}\n");
    let text = fs::read_to_string(&cfg).expect("it was written").replacen("[DEFAULT]\n", &keys, 1);
    let cfg = write_file(place.path(), "known.cfg", &text);
    let api = format!("127.0.0.1:{}", place.api_port);
    let mut engine = Program::start(&["start", "--fix-config", &cfg, "--api", &api]);
    engine.wait_for("HTTP API");
    let api = format!("http://{api}");
    let said = |symbol| {
        let order = output(&["order", "--side", "BUY", "--qty", "1", "--symbol", symbol, "--api", &api]);
        stderr(&order)
    };
    let refusal = "symbol: \"10Y\" is not traded here (OnlyKnownSymbols=Y); known are AAPL";
    assert!(said("10Y").contains(refusal), "{}", said("10Y"));
    assert!(said("AAPL").contains("SIM MODE"), "{}", said("AAPL"));
}

#[test]
fn without_a_counterparty_orders_are_told_sim_mode_and_it_logs_on_by_itself_later() {
    let place = Place::new();
    let mut engine = place.start();
    engine.wait_for("no counterparty");
    let refused = place.order(&[]);
    assert_eq!(refused.status.code(), Some(1), "{}{}", stdout(&refused), stderr(&refused));
    assert!((stdout(&refused) + &stderr(&refused)).contains("SIM MODE"));

    let _exchange = place.exchange();
    engine.wait_for("LOGGED ON");
    let filled = place.order(&[]);
    assert!(filled.status.success(), "{}{}", stdout(&filled), stderr(&filled));
    assert!(!engine.printed().contains('\u{1b}'), "colours are for terminals: {}", engine.printed());
}

#[test]
fn an_api_for_everyone_needs_a_token_and_says_where_to_put_it() {
    let place = Place::new();
    let cfg = place.cfg("desk", "initiator");
    // With its store in use, too: it is the command line that is wrong.
    let _engine = place.start();
    let result = support::fix_host(&["start", "--fix-config", &cfg, "--api", "0.0.0.0:0"])
        .env_remove("FIX_HOST_API_TOKEN")
        .output()
        .unwrap();
    assert_eq!(result.status.code(), Some(78), "{}", stderr(&result));
    assert!(stderr(&result).contains("FIX_HOST_API_TOKEN"), "{}", stderr(&result));
}

#[test]
fn the_session_goes_on_where_it_was_after_both_sides_restart() {
    let place = Place::new();
    for _ in 0..2 {
        let mut exchange = place.exchange();
        let mut engine = place.start();
        engine.wait_for("LOGGED ON");
        assert!(place.order(&[]).status.success());
        engine.signal("TERM");
        assert!(engine.wait().0.success());
        exchange.signal("TERM");
        assert!(exchange.wait().0.success());
    }
    let log =
        fs::read_to_string(place.path().join("desk/log/FIX.4.4-TRADEDESK-EXCHANGE.messages.current.log"))
            .expect("the message log");
    let logons: Vec<&str> = log.lines().filter(|line| line.contains("\u{1}35=A\u{1}")).collect();
    assert_eq!(logons.len(), 4, "{log}");
    assert_eq!(
        logons.iter().filter(|line| line.contains("\u{1}34=1\u{1}")).count(),
        2,
        "numbers go on: {log}"
    );
    for (msg_type, sent_or_received) in [("D", 2), ("8", 4), ("5", 4)] {
        let found = log.matches(&format!("\u{1}35={msg_type}\u{1}")).count();
        assert_eq!(found, sent_or_received, "35={msg_type} over the whole session: {log}");
    }
}

#[test]
fn a_cl_ord_id_is_taken_once_even_across_a_restart() {
    let place = Place::new();
    let _exchange = place.exchange();
    for is_first in [true, false] {
        let mut engine = place.start();
        engine.wait_for("LOGGED ON");
        if is_first {
            assert!(place.order(&["--cl-ord-id", "ONCE"]).status.success());
        }
        let again = place.order(&["--cl-ord-id", "ONCE"]);
        assert_eq!(again.status.code(), Some(1), "{}", stderr(&again));
        assert!(stderr(&again).contains("ONCE was used before"), "{}", stderr(&again));
        engine.signal("TERM");
        assert!(engine.wait().0.success());
    }
    let sent =
        fs::read_to_string(place.path().join("exchange/log/FIX.4.4-EXCHANGE-TRADEDESK.messages.current.log"))
            .expect("the message log");
    assert_eq!(sent.matches("\u{1}35=D\u{1}").count(), 1, "{sent}");
}

#[test]
fn an_engine_that_cannot_start_answers_nobody() {
    let place = Place::new();
    let cfg = place.cfg("desk", "initiator");
    let store = place.path().join("desk/store");
    fs::create_dir_all(store.parent().unwrap()).unwrap();
    fs::write(&store, "not a directory").unwrap();
    let api = format!("127.0.0.1:{}", place.api_port);
    let result = output(&["start", "--fix-config", &cfg, "--api", &api]);
    assert_eq!(result.status.code(), Some(74), "{}", stderr(&result));
    assert!(!stderr(&result).contains("HTTP API on"), "{}", stderr(&result));
}

#[test]
fn a_wrong_configuration_is_one_clear_error_with_file_and_line() {
    let place = Place::new();
    let cfg = place.cfg("desk", "initiator");
    let text = fs::read_to_string(&cfg).unwrap().replace("HeartBtInt=30", "HeartBtInt=soon");
    fs::write(&cfg, text).unwrap();
    let result = output(&["start", "--fix-config", &cfg]);
    assert_eq!(result.status.code(), Some(78));
    assert!(stderr(&result).contains("desk.cfg:7: HeartBtInt"), "{}", stderr(&result));

    let missing = output(&["start", "--fix-config", "no/such.cfg"]);
    assert_eq!(missing.status.code(), Some(78), "{}", stderr(&missing));
    assert!(stderr(&missing).contains("no/such.cfg"));
}
