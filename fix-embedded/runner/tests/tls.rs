//! The gateway over TLS: the board verifies the certificate of `fix-host exchange`, and trades with nobody else.

use std::{fs, process::Command};

use crate::common::{Desk, ledger, stack_is_within};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use runner::{
    emulator::{Machine, Run},
    exchange::Exchange,
    place::{self, Scratch},
};

/// Bytes of stack that the gateway may use: a signature is verified on it.
const MOST_STACK: usize = 26_000;
/// The name in the exchange's certificate. The board knows the exchange by an address.
const NAME: &str = "fix.venue.example";

/// The files of an authority, of the exchange whose certificate it signed, and of a board's.
struct Files {
    scratch: Scratch,
    root: CertificateParams,
    key: KeyPair,
}

impl Files {
    fn new() -> Result<Self, String> {
        let (mut root, key) = (CertificateParams::default(), KeyPair::generate().map_err(wrong)?);
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let files = Files { scratch: Scratch::new()?, root, key };
        let root = files.root.self_signed(&files.key).map_err(wrong)?;
        files.write("ca.der", root.der())?;
        files.write("ca.pem", root.pem().as_bytes())?;
        Ok(files)
    }

    /// `WHO.der` and `WHO.pem`, a certificate for that name, and `WHO.key`.
    fn certificate(&self, who: &str, name: &str) -> Result<(), String> {
        let key = KeyPair::generate().map_err(wrong)?;
        let leaf = CertificateParams::new([name.to_owned()]).map_err(wrong)?;
        let leaf = leaf.signed_by(&key, &Issuer::from_params(&self.root, &self.key)).map_err(wrong)?;
        self.write(&format!("{who}.der"), leaf.der())?;
        self.write(&format!("{who}.pem"), leaf.pem().as_bytes())?;
        self.write(&format!("{who}.key"), key.serialize_pem().as_bytes())
    }

    fn write(&self, file: &str, bytes: &[u8]) -> Result<(), String> {
        fs::write(self.scratch.file(file), bytes).map_err(|error| format!("{file}: {error}"))
    }

    fn path(&self, file: &str) -> String {
        self.scratch.file(file).display().to_string()
    }

    /// `secrets.bin`, with the key of `board.pem`, as a desk makes it.
    fn provision(&self) -> Result<(), String> {
        let cfg = "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=TRADEDESK\n\
                   TargetCompID=EXCHANGE\nHeartBtInt=30\nSocketConnectHost=10.0.2.2\nSocketConnectPort=9876\n\
                   SocketUseSSL=Y\nSocketCAFile=ca.pem\nSocketCertificateFile=board.pem\n\
                   SocketPrivateKeyFile=board.key\n";
        self.write("board.cfg", cfg.as_bytes())?;
        let mut command = Command::new(place::fix_host()?);
        command.args(["firmware-config", "board.cfg", "--provision", "secrets.bin", "-o", "gateway.rs"]);
        command.current_dir(self.path(""));
        let out = command.output().map_err(|error| format!("fix-host: {error}"))?;
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        if out.status.success() { Ok(()) } else { Err(said) }
    }

    /// An exchange over TLS that has these settings too, and a board that trusts the authority, if the exchange proves to be
    /// `name`.
    fn begin(&self, settings: &str, name: &str, more: impl Fn(Run) -> Run) -> Result<Desk, String> {
        self.certificate("venue", NAME)?;
        let (certificate, key) = (self.path("venue.pem"), self.path("venue.key"));
        let own =
            format!("SocketUseSSL=Y\nSocketCertificateFile={certificate}\nSocketPrivateKeyFile={key}\n");
        let exchange = Exchange::start_with(0, &format!("{own}{settings}"))?;
        Desk::begin(exchange, Machine::An386, "gateway-tls", |run| {
            more(run.with("heartbeat", 5).with("ca", self.path("ca.der")).with("name", name))
        })
    }

    /// One that demands a certificate of the board.
    fn begin_with_one_that_asks(&self, more: impl Fn(Run) -> Run) -> Result<Desk, String> {
        let settings = format!("NeedClientAuth=Y\nSocketCAFile={}\n", self.path("ca.pem"));
        self.begin(&settings, NAME, more)
    }
}

fn wrong(error: rcgen::Error) -> String {
    format!("rcgen: {error}")
}

/// Sends so many orders, which are filled, and logs out.
fn trades(desk: &mut Desk, orders: usize) -> Result<(), String> {
    for number in 1..=orders {
        desk.orders.send(&format!("NEW 11=A-{number} 55=10Y 54=1 38=100 40=1"))?;
        // Taken, new, filled.
        desk.answers(&format!("11=A-{number} "), 3)?;
    }
    desk.orders.send("LOGOUT")?;
    desk.exchange_says("|35=5|", 2)?;
    let ledger = desk.ledger();
    ledger::is_whole(&ledger)?;
    assert_eq!(ledger.iter().filter(|line| line.contains("|150=F|")).count(), orders);
    stack_is_within(MOST_STACK, &mut desk.emulator, &format!("{orders} orders over TLS"))
}

#[test]
fn orders_are_filled_over_tls() -> Result<(), String> {
    let files = Files::new()?;
    let mut desk = files.begin("", NAME, |run| run)?;
    desk.answers("SESSION 58=up", 1)?;
    // Nearly all of the time until then is the handshake's: an instruction is 8 ns.
    println!("over TLS: {}", desk.emulator.logs("-> LogonSent", 60)?);
    trades(&mut desk, 20)
}

#[test]
fn an_exchange_with_another_name_gets_no_logon() -> Result<(), String> {
    let files = Files::new()?;
    let desk = files.begin("", "other.venue.example", |run| run)?;
    desk.answers("its certificate is not valid for \"other.venue.example\": see Gateway.tls.server_name", 2)?;
    assert_eq!(desk.orders.count("SESSION 58=up"), 0);
    assert_eq!(desk.ledger(), Vec::<String>::new());
    Ok(())
}

#[test]
fn an_exchange_that_demands_a_certificate_gets_the_one_that_was_provisioned() -> Result<(), String> {
    let files = Files::new()?;
    files.certificate("board", "board.example")?;
    files.provision()?;
    let mut desk = files.begin_with_one_that_asks(|run| {
        run.with("certificate", files.path("board.der")).with("secrets", files.path("secrets.bin"))
    })?;
    desk.answers("SESSION 58=up", 1)?;
    trades(&mut desk, 5)
}

#[test]
fn an_exchange_that_demands_a_certificate_takes_no_board_without() -> Result<(), String> {
    let files = Files::new()?;
    let desk = files.begin_with_one_that_asks(|run| run)?;
    desk.answers("broken: it ended the session by a TLS alert: does it want a certificate of the board?", 2)?;
    assert_eq!(desk.orders.count("SESSION 58=up"), 0);
    assert_eq!(desk.ledger(), Vec::<String>::new());
    Ok(())
}
