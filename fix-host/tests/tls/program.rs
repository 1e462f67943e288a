//! TLS in the built program: desk and exchange as a user runs them.

#[path = "../support/mod.rs"]
mod support;

use std::{fs, process::Command};

use support::{Program, fix_host, free_port, output, stderr, stdout, write_file};

use crate::certificates::Authority;

/// A desk and an exchange with certificates of two authorities.
struct Place {
    exchange: Authority,
    desks: Authority,
    folder: tempfile::TempDir,
    fix_port: u16,
    api_port: u16,
}

impl Place {
    fn new() -> Self {
        Place {
            exchange: Authority::new("exchange"),
            desks: Authority::new("desks"),
            folder: tempfile::tempdir().unwrap(),
            fix_port: free_port(),
            api_port: free_port(),
        }
    }

    /// Our certificate, and whom we trust: both sides demand both.
    fn mutual(&self) -> (String, String) {
        let desk = format!("{}\n{}", self.desks.client("desk7").lines(), self.exchange.trusted());
        let exchange = format!("{}\n{}", self.exchange.server("127.0.0.1").lines(), self.desks.trusted());
        (desk, exchange)
    }

    fn exchange_cfg(&self, tls: &str) -> String {
        let text = format!(
            "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\n\
             TargetCompID=TRADEDESK\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort={}\n{tls}\n",
            self.fix_port
        );
        write_file(self.folder.path(), "exchange.cfg", &text)
    }

    fn exchange(&self, tls: &str) -> Program {
        let mut exchange = Program::spawn(hears_hangups(&["exchange", "--config", &self.exchange_cfg(tls)]));
        exchange.wait_for("FIX acceptor on 127.0.0.1:");
        exchange
    }

    fn desk(&self, tls: &str) -> Program {
        Program::spawn(self.desk_command(tls))
    }

    fn desk_command(&self, tls: &str) -> Command {
        let text = format!(
            "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=TRADEDESK\n\
             TargetCompID=EXCHANGE\nHeartBtInt=30\nReconnectInterval=1\nSocketConnectHost=127.0.0.1\n\
             SocketConnectPort={}\n{tls}\n",
            self.fix_port
        );
        let cfg = write_file(self.folder.path(), "desk.cfg", &text);
        hears_hangups(&["start", "--fix-config", &cfg, "--api", &format!("127.0.0.1:{}", self.api_port)])
    }
}

/// The program, which obeys SIGHUP also where the tests themselves run under `nohup`.
fn hears_hangups(arguments: &[&str]) -> Command {
    let program = fix_host(arguments);
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP").arg(program.get_program()).args(program.get_args());
    command.current_dir(program.get_current_dir().expect("that of the checkout"));
    command
}

#[test]
fn orders_are_filled_over_mutual_tls() {
    let place = Place::new();
    let (desk, exchange) = place.mutual();
    let _exchange = place.exchange(&exchange);
    let mut desk = place.desk(&desk);
    desk.wait_for("LOGGED ON");
    let api = format!("http://127.0.0.1:{}", place.api_port);
    let filled = output(&["order", "--side", "BUY", "--qty", "10", "--symbol", "2Y", "--api", &api]);
    assert!(filled.status.success(), "{}{}", stdout(&filled), stderr(&filled));
    desk.signal("TERM");
    assert!(desk.wait().0.success());
}

#[test]
fn a_wrong_authority_keeps_the_desk_off_and_says_so() {
    let place = Place::new();
    let (desk, exchange) = place.mutual();
    let mut exchange = place.exchange(&exchange);
    let trusting = desk.replace(&place.exchange.trusted(), &place.desks.trusted());
    let mut desk = place.desk(&trusting);
    let line = desk.wait_for("no counterparty");
    let end = "the counterparty's certificate is refused: no authority in SocketCAFile has issued it";
    assert!(line.contains(end), "{line}");
    exchange.wait_for("refused: the counterparty refused our TLS");
    assert!(!desk.printed().contains("LOGGED ON"));
}

#[test]
fn a_desk_without_tls_gets_not_one_byte_of_fix() {
    let place = Place::new();
    let (_, exchange) = place.mutual();
    let mut exchange = place.exchange(&exchange);
    let mut desk = place.desk("");
    exchange.wait_for("refused: the counterparty does not speak TLS on this port");
    desk.wait_for("the counterparty closed the connection");
    assert!(!desk.printed().contains("LOGGED ON"));
}

#[test]
fn a_new_certificate_is_in_use_after_a_sighup_and_a_bad_one_never() {
    let place = Place::new();
    let (desk, exchange) = place.mutual();
    let mut exchange = place.exchange(&exchange);
    let mut desk = place.desk(&desk);
    desk.wait_for("LOGGED ON");

    // The exchange moves to another authority, which the desk does not trust yet.
    let shown = place.exchange.server("127.0.0.1");
    let new = Authority::new("renewed");
    let renewed = new.server("127.0.0.1");
    fs::write(&shown.certificate, "").unwrap();
    exchange.signal("HUP");
    exchange.wait_for("holds no certificate; PEM text");
    exchange.wait_for("read again for 0 of 1 users");
    fs::copy(renewed.certificate, &shown.certificate).unwrap();
    fs::copy(renewed.key, &shown.key).unwrap();
    exchange.signal("HUP");
    exchange.wait_for("read again for 1 of 1 users");
    let api = format!("http://127.0.0.1:{}", place.api_port);
    assert!(output(&["logout", "EXCHANGE", "--api", &api]).status.success());
    assert_eq!(output(&["logon", "EXCHANGE", "--api", &api]).status.code(), Some(75));
    desk.wait_for("no authority in SocketCAFile has issued it");

    fs::copy(new.file("ca.crt"), place.exchange.file("ca.crt")).unwrap();
    desk.signal("HUP");
    desk.wait_for("read again for 1 of 1 users");
    desk.wait_for("LOGGED ON");
}

#[test]
fn what_is_wrong_with_a_certificate_refuses_to_start() {
    let place = Place::new();
    let empty = place.exchange.write("empty.crt", "");
    let tls = format!("SocketCertificateFile={}", empty.display());
    let refused = output(&["exchange", "--config", &place.exchange_cfg(&tls)]);
    assert_eq!(refused.status.code(), Some(78), "{}", stderr(&refused));
    let line = stderr(&refused);
    assert!(line.contains("exchange.cfg:1: SocketCertificateFile="), "{line}");
    assert!(line.contains("empty.crt: holds no certificate"), "{line}");
}

/// Without SocketCAFile, an initiator trusts whom its system trusts; here the system is a file of ours.
#[test]
fn an_initiator_without_authorities_trusts_the_systems() {
    let place = Place::new();
    let _exchange = place.exchange(&place.exchange.server("127.0.0.1").lines());
    let mut trusting = place.desk_command("SocketUseSSL=Y");
    trusting.env("SSL_CERT_FILE", place.exchange.file("ca.crt"));
    let mut trusting = Program::spawn(trusting);
    trusting.wait_for("SocketCAFile: is not set: the authorities that this system trusts are trusted");
    trusting.wait_for("LOGGED ON");
    drop(trusting);
    let mut bare = place.desk_command("SocketUseSSL=Y");
    bare.env("SSL_CERT_FILE", "/nowhere/ca.pem").env("SSL_CERT_DIR", "/nowhere");
    let mut bare = Program::spawn(bare);
    bare.wait_for("SocketCAFile: is not set, and this system has no authorities");
    assert_eq!(bare.wait().0.code(), Some(78));
}
