//! The keys of the simulated exchange, as its counterparties meet them.

#[path = "support/client.rs"]
mod client;
mod support;
#[path = "support/wire.rs"]
mod wire;

use client::{Client, field};
use support::{Program, fix_host, free_port, stderr, write_file};

struct Exchange {
    _folder: tempfile::TempDir,
    port: u16,
    program: Program,
}

impl Exchange {
    /// An exchange with these keys in [DEFAULT], these in the session of ONE, and the session of OTHER; and arguments.
    fn start(of_all: &str, of_one: &str, arguments: &[&str]) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let sessions = format!(
            "[SESSION]\nTargetCompID=ONE\n{of_one}\n[SESSION]\nTargetCompID=OTHER\n[DEFAULT]\nConnectionType=acceptor\n\
             BeginString=FIX.4.4\nSenderCompID=EXCHANGE\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\n{of_all}\n"
        );
        let config = write_file(folder.path(), "exchange.cfg", &sessions);
        let mut program = Program::start(&[&["exchange", "--config", &config], arguments].concat());
        program.wait_for("FIX acceptor on");
        Exchange { _folder: folder, port, program }
    }

    fn log_on(&self, name: &str) -> Client {
        Client::log_on(self.port, name)
    }

    /// The counterparty hangs up, and the exchange has seen it.
    fn lose(&mut self, client: Client) {
        drop(client);
        self.program.wait_for("the counterparty closed the connection");
    }
}

/// A limit order of 10, for an instrument that is not listed.
fn order(client: &mut Client, cl_ord_id: &str, side: char) {
    let now = wire::sending_time();
    client.send("D", &format!("11={cl_ord_id}|55=XYZ|54={side}|38=10|40=2|44=100|60={now}|"));
}

/// ClOrdID, ExecType and OrdStatus of the next reports.
fn reports(client: &mut Client, count: usize) -> Vec<String> {
    let report = |_| {
        let report = client.wait_for("8");
        format!("{} {} {}", field(&report, "11"), field(&report, "150"), field(&report, "39"))
    };
    (0..count).map(report).collect()
}

#[test]
fn without_keys_own_orders_trade_unlisted_ones_rest_and_orders_outlive_the_connection() {
    let mut exchange = Exchange::start("", "", &[]);
    let mut one = exchange.log_on("ONE");
    order(&mut one, "1", '1');
    order(&mut one, "2", '2');
    assert_eq!(reports(&mut one, 4), ["1 0 0", "2 0 0", "1 F 2", "2 F 2"]);
    order(&mut one, "3", '1');
    assert_eq!(reports(&mut one, 1), ["3 0 0"]);
    exchange.lose(one);
    let mut other = exchange.log_on("OTHER");
    order(&mut other, "4", '2');
    assert_eq!(reports(&mut other, 2), ["4 0 0", "4 F 2"]);
}

#[test]
fn own_orders_that_meet_are_cancelled_as_the_key_says() {
    for (word, want) in
        [("CANCEL_RESTING", ["1 0 0", "2 0 0", "1 4 4"]), ("cancel_incoming", ["1 0 0", "2 0 0", "2 4 4"])]
    {
        let exchange = Exchange::start(&format!("SelfMatchPrevention={word}"), "", &[]);
        let mut one = exchange.log_on("ONE");
        order(&mut one, "1", '1');
        order(&mut one, "2", '2');
        assert_eq!(reports(&mut one, 3), want, "{word}");
    }
}

#[test]
fn unlisted_orders_are_filled_at_their_limit_where_the_key_says_so() {
    let exchange = Exchange::start("FillUnlistedAtLimit=Y", "", &[]);
    let mut one = exchange.log_on("ONE");
    order(&mut one, "1", '1');
    assert_eq!(reports(&mut one, 2), ["1 0 0", "1 F 2"]);
}

#[test]
fn orders_end_with_the_connection_of_the_session_that_has_the_key() {
    let mut exchange = Exchange::start("", "CancelOnDisconnect=Y", &[]);
    let (mut one, mut other) = (exchange.log_on("ONE"), exchange.log_on("OTHER"));
    order(&mut one, "1", '1');
    order(&mut other, "2", '1');
    assert_eq!((reports(&mut one, 1), reports(&mut other, 1)), (vec!["1 0 0".into()], vec!["2 0 0".into()]));
    exchange.lose(one);
    exchange.lose(other);
    assert_eq!(reports(&mut exchange.log_on("ONE"), 1), ["1 4 4"]);
    let mut other = exchange.log_on("OTHER");
    order(&mut other, "3", '2');
    assert_eq!(reports(&mut other, 3), ["3 0 0", "2 F 2", "3 F 2"]);
}

#[test]
fn the_venue_is_that_of_the_command_line_else_that_of_the_key() {
    let refused = |exchange: &Exchange| {
        let mut one = exchange.log_on("ONE");
        one.order("1", 10, None);
        field(&one.wait_for("8"), "150").to_owned()
    };
    assert_eq!(refused(&Exchange::start("Venue=quickfix-executor", "", &[])), "8");
    assert_eq!(refused(&Exchange::start("Venue=quickfix-executor", "", &["--venue", "plain"])), "0");
}

#[test]
fn a_venue_that_there_is_not_is_said_with_the_line_of_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[DEFAULT]\nConnectionType=acceptor\nVenue=nastie\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=A\n\
                TargetCompID=B\nSocketAcceptPort=1\n";
    let config = write_file(folder.path(), "exchange.cfg", text);
    for arguments in [&["config", "check", &config][..], &["exchange", "--config", &config]] {
        let output = fix_host(arguments).output().unwrap();
        let want = format!("{config}:3: Venue: nastie: is no venue profile: there are plain, ");
        assert!(stderr(&output).contains(&want), "{}", stderr(&output));
        assert_eq!(output.status.code(), Some(78));
    }
}
