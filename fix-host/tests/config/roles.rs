//! Who connects and who listens, where no ConnectionType says so (QuickFIX/Go has none).

use fix_host::config::{ConnectionType, Role, Settings, Source, parse_bytes_as};

use crate::{ACCEPTOR, INITIATOR, Machine, errors, settings, warnings};

fn without_type(session: &str) -> String {
    session.lines().filter(|line| !line.starts_with("ConnectionType")).flat_map(|line| [line, "\n"]).collect()
}

fn read_as(text: &str, role: ConnectionType) -> Settings {
    parse_bytes_as("t.cfg", text.as_bytes(), &Machine, Some(role)).unwrap_or_else(|error| panic!("{error}"))
}

fn is_acceptor(settings: &Settings) -> Vec<bool> {
    settings.sessions.iter().map(|session| matches!(session.role, Role::Acceptor(_))).collect()
}

#[test]
fn the_address_says_it() {
    for (session, acceptor) in [(INITIATOR, false), (ACCEPTOR, true)] {
        let text = without_type(session);
        assert_eq!(is_acceptor(&settings(&text)), [acceptor], "{text}");
        assert_eq!(warnings(&text), "");
        // The address counts for more than what the subcommand is for.
        for role in [ConnectionType::Initiator, ConnectionType::Acceptor] {
            assert_eq!(is_acceptor(&read_as(&text, role)), [acceptor], "{text}");
        }
    }
    let numbered = without_type(INITIATOR).replace("Host=", "Host1=").replace("Port=", "Port1=");
    assert_eq!(is_acceptor(&settings(&numbered)), [false]);
}

#[test]
fn it_is_shown_with_the_line_that_says_it() {
    let settings = settings(&without_type(ACCEPTOR));
    let shown = settings.sessions[0].effective.iter().find(|one| one.key == "ConnectionType").unwrap();
    assert_eq!(shown.text, "acceptor");
    let Source::Session(origin) = &shown.source else { panic!("not a line: {:?}", shown.source) };
    assert_eq!(origin.line, 6);
}

#[test]
fn an_acceptor_is_not_told_what_initiators_need() {
    let text = "[DEFAULT]\nSocketAcceptPort=1\nSenderCompID=ISLD\nTargetCompID=TW\nFileStorePath=s\n\
        [SESSION]\nBeginString=FIX.4.4\n";
    assert_eq!(is_acceptor(&settings(text)), [true]);
    assert_eq!(warnings(text).lines().count(), 1, "{}", warnings(text));
}

#[test]
fn a_sessions_own_address_says_more_than_an_inherited_one() {
    let text = format!("[DEFAULT]\nSocketAcceptPort=5\nHeartBtInt=9\n{}{}", without_type(INITIATOR), {
        without_type(ACCEPTOR).replace("=B", "=C").replace("SocketAcceptPort=1\n", "")
    });
    assert_eq!(is_acceptor(&settings(&text)), [false, true]);
}

#[test]
fn with_both_addresses_the_subcommand_says_it() {
    let text = format!("{}SocketAcceptPort=5\nSocketAcceptAddress=::1\n", without_type(INITIATOR));
    assert_eq!(is_acceptor(&read_as(&text, ConnectionType::Acceptor)), [true]);
    assert_eq!(is_acceptor(&read_as(&text, ConnectionType::Initiator)), [false]);
    assert!(warnings(&text).contains("ConnectionType: is not set, and both SocketConnectHost and"));
}

#[test]
fn without_any_address_one_error_says_so() {
    let text = "[SESSION]\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\nReconnectInterval=5\n";
    let found = errors(text);
    assert!(
        found.starts_with("t.cfg:1: ConnectionType: is missing, and neither SocketConnectHost"),
        "{found}"
    );
    assert_eq!(found.lines().count(), 1, "{found}");
    let bad = format!("{text}ConnectionType=server\n");
    assert!(
        errors(&bad).starts_with("t.cfg:6: ConnectionType: \"server\" is not one of"),
        "{}",
        errors(&bad)
    );
    assert_eq!(errors(&bad).lines().count(), 1, "{}", errors(&bad));
    let asked = parse_bytes_as("t.cfg", text.as_bytes(), &Machine, Some(ConnectionType::Acceptor));
    let found = asked.unwrap_err().to_string();
    assert!(
        found.starts_with("t.cfg:1: SocketAcceptPort: is missing") && found.lines().count() == 1,
        "{found}"
    );
}
