//! The gateway over TLS: the board verifies the certificate of `fix-host exchange`, and trades with nobody else.

mod common;

use std::fs;

use common::{Desk, ledger, stack_is_within};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use runner::{emulator::Machine, exchange::Exchange, place::Scratch};

/// Bytes of stack that the gateway may use: a signature is verified on it.
const MOST_STACK: usize = 26_000;
/// The name in the exchange's certificate. The board knows the exchange by an address.
const NAME: &str = "fix.venue.example";

/// An exchange over TLS and a board that trusts its authority, if it proves to be `name`; the files that they read.
fn begin(name: &str) -> Result<(Desk, Scratch), String> {
    let files = Scratch::new()?;
    let write =
        |file, bytes: &[u8]| fs::write(files.file(file), bytes).map_err(|error| format!("{file}: {error}"));
    let wrong = |error: rcgen::Error| format!("rcgen: {error}");
    let (mut root, root_key) = (CertificateParams::default(), KeyPair::generate().map_err(wrong)?);
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    write("ca.der", root.self_signed(&root_key).map_err(wrong)?.der())?;
    let (leaf, key) =
        (CertificateParams::new([NAME.to_owned()]).map_err(wrong)?, KeyPair::generate().map_err(wrong)?);
    let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).map_err(wrong)?;
    write("venue.pem", leaf.pem().as_bytes())?;
    write("key.pem", key.serialize_pem().as_bytes())?;
    let path = |file| files.file(file).display().to_string();
    let (certificate, key) = (path("venue.pem"), path("key.pem"));
    let exchange = Exchange::start_with(
        0,
        &format!("SocketUseSSL=Y\nSocketCertificateFile={certificate}\nSocketPrivateKeyFile={key}\n"),
    )?;
    let desk = Desk::begin(exchange, Machine::An386, "gateway-tls", |run| {
        run.with("heartbeat", 5).with("ca", path("ca.der")).with("name", name)
    })?;
    Ok((desk, files))
}

#[test]
fn orders_are_filled_over_tls() -> Result<(), String> {
    let (mut desk, _files) = begin(NAME)?;
    desk.answers("SESSION 58=up", 1)?;
    // Nearly all of the time until then is the handshake's: an instruction is 8 ns.
    println!("over TLS: {}", desk.emulator.logs("-> LogonSent", 60)?);
    for number in 1..=20 {
        desk.orders.send(&format!("NEW 11=A-{number} 55=10Y 54=1 38=100 40=1"))?;
        // Taken, new, filled.
        desk.answers(&format!("11=A-{number} "), 3)?;
    }
    desk.orders.send("LOGOUT")?;
    desk.exchange_says("|35=5|", 2)?;
    let ledger = desk.ledger();
    ledger::is_whole(&ledger)?;
    assert_eq!(ledger.iter().filter(|line| line.contains("|150=F|")).count(), 20);
    stack_is_within(MOST_STACK, &mut desk.emulator, "20 orders over TLS")
}

#[test]
fn an_exchange_with_another_name_gets_no_logon() -> Result<(), String> {
    let (desk, _files) = begin("other.venue.example")?;
    desk.answers("its certificate is not valid for \"other.venue.example\": see Gateway.tls.server_name", 2)?;
    assert_eq!(desk.orders.count("SESSION 58=up"), 0);
    assert_eq!(desk.ledger(), Vec::<String>::new());
    Ok(())
}
