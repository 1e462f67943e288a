//! The files that come with the program.

use std::time::Duration;

use fix_host::config::{Role, Settings, parse_bytes};

use crate::Machine;

fn shipped(name: &str) -> Settings {
    let path = format!("{}/../config/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    parse_bytes(name, &bytes, &Machine).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_desk_connects_to_the_exchange() {
    let desk = shipped("quickfix.cfg");
    assert_eq!(desk.warnings, []);
    let [session] = &desk.sessions[..] else { panic!("one session") };
    assert_eq!(session.identity.to_string(), "FIX.4.4:TRADEDESK->EXCHANGE");
    let Role::Initiator(initiator) = &session.role else { panic!("an initiator") };
    assert_eq!(initiator.hosts[0].to_string(), "127.0.0.1:9876");
    assert_eq!(initiator.heart_bt_int, Duration::from_secs(30));
    assert_eq!(initiator.reconnect_intervals, [Duration::from_secs(5)]);
    assert_eq!(session.store.file_store_path.as_deref(), Some("data/store".as_ref()));
    assert_eq!(session.log.file_log_path.as_deref(), Some("data/log".as_ref()));
    assert_eq!(session.validation.data_dictionary.as_deref(), Some("config/FIX44.xml".as_ref()));
}

#[test]
fn the_exchange_is_the_mirror_image_of_the_desk() {
    let (desk, exchange) = (shipped("quickfix.cfg"), shipped("exchange.cfg"));
    assert_eq!(exchange.warnings, []);
    let [session] = &exchange.sessions[..] else { panic!("one session") };
    assert_eq!(session.identity.sender_comp_id, desk.sessions[0].identity.target_comp_id);
    assert_eq!(session.identity.target_comp_id, desk.sessions[0].identity.sender_comp_id);
    let (Role::Acceptor(acceptor), Role::Initiator(initiator)) = (&session.role, &desk.sessions[0].role)
    else {
        panic!("an acceptor and an initiator")
    };
    assert_eq!(acceptor.bind, initiator.hosts[0]);
}

/// The lines that a reader may uncomment have to be good too, or they teach mistakes.
#[test]
fn commented_examples_are_valid() {
    for name in ["quickfix.cfg", "exchange.cfg"] {
        let path = format!("{}/../config/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let mut uncommented = String::new();
        for line in text.lines() {
            let example = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ') && rest.contains('='));
            uncommented.push_str(example.unwrap_or(line));
            uncommented.push('\n');
        }
        assert_ne!(uncommented, text, "{name} holds no commented example");
        // The imaginary machine keeps its password elsewhere.
        let uncommented = uncommented.replace("/run/secrets/fix-password", "secrets/password");
        parse_bytes(name, uncommented.as_bytes(), &Machine).unwrap_or_else(|error| panic!("{error}"));
    }
}
