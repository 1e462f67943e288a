//! `fix-host firmware-config`, as a person types it.

mod support;

use std::fs;

use fix_host::exit;
use support::{fix_host, write_file};

const CFG: &str = "[DEFAULT]\nConnectionType=initiator\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=BOARD\n\
                   TargetCompID=EXCHANGE\nSocketConnectHost=192.0.2.1\nSocketConnectPort=9876\nHeartBtInt=30\n";

/// Exit code, standard output and standard error of `firmware-config` with a .cfg that has these lines more.
fn made(folder: &std::path::Path, more: &str, arguments: &[&str]) -> (i32, String, String) {
    let cfg = write_file(folder, "board.cfg", &format!("{CFG}{more}"));
    let out = fix_host(&["firmware-config", &cfg]).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn who_gives_credentials_hears_that_they_are_not_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for credentials in ["Username=desk7\n", "Username=desk7\nPassword=much-secret\n"] {
        let (code, file, said) = made(folder.path(), credentials, &[]);
        assert_eq!(code, i32::from(exit::OK), "{said}");
        assert!(!file.contains("desk7") && !file.contains("much-secret"));
        assert!(
            said.contains("Username and Password are not in the file; --provision FILE writes them"),
            "{said}"
        );
    }
    assert_eq!(made(folder.path(), "", &[]).2, "");
}

#[test]
fn secrets_are_not_overwritten_and_the_line_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--provision", "secrets.bin", "-o", "gateway.rs"];
    let credentials = "Username=desk7\nPassword=much-secret\n";
    assert_eq!(made(folder.path(), credentials, &arguments).0, i32::from(exit::OK));
    let before = fs::read(folder.path().join("secrets.bin")).unwrap();
    let (code, _, said) = made(folder.path(), "Username=other\nPassword=another\n", &arguments);
    assert_eq!(code, i32::from(exit::STORE_IO), "{said}");
    assert!(said.contains("secrets.bin: ") && said.contains("delete it, or choose another name"), "{said}");
    assert_eq!(fs::read(folder.path().join("secrets.bin")).unwrap(), before);
}

/// The first file that who tries it has at hand.
#[test]
fn the_sample_of_the_checkout_is_taken() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/quickfix.cfg");
    let out = fix_host(&["firmware-config", sample]).output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(i32::from(exit::OK)), "{said}");
    assert!(said.contains("AskUnknownOrders: a board asks for no order by itself"), "{said}");
    assert!(String::from_utf8(out.stdout).unwrap().contains("TRADEDESK"));
}

/// Who reads the file must be able to check its moments, and see that without a schedule the session is always up.
#[test]
fn a_schedule_is_explained_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let (_, always, _) = made(folder.path(), "", &[]);
    assert!(
        always.contains("/// No moments: the session is always up.\nconst SCHEDULE: &[u32] = &[];\n"),
        "{always}"
    );
    let (_, daily, _) = made(folder.path(), "StartTime=08:00:00\nEndTime=17:00:00\n", &["--years", "1"]);
    assert!(daily.contains("Each is its seconds since 2020 times four"), "{daily}");
}

/// Whoever writes a board's .cfg for the first time hears of each key that a board cannot do: one line, with its place, and what to
/// do.
#[test]
fn a_key_that_a_board_cannot_do_is_refused_in_a_line() {
    let more = |more: &str, wanted: &str| {
        refused(&format!("{CFG}{more}"), &[], &format!("board.cfg:10: {wanted}"));
    };
    for key in [
        "ResendRequestChunkSize=50",
        "LogonTag=1000=x",
        "MaxOrderQty.AAPL=5",
        "SocketLocalHost=192.0.2.9",
        "PersistMessages=N",
        "ValidateUserDefinedFields=N",
        "DynamicSession=Y",
        "TestRequestDelayMultiplier=0.9",
        "LogoutTimeout=30",
        "LogonTimeout=30",
        "CheckCompID=N",
        "EnableLastMsgSeqNumProcessed=Y",
        "EnableNextExpectedMsgSeqNum=Y",
        "RefreshOnLogon=Y",
    ] {
        let name = key.split('=').next().unwrap();
        more(
            &format!("{key}\n"),
            &format!("{name}: a board has not this; leave it out of its .cfg, or at its default"),
        );
    }
    more("HttpPort=8080\n", "HttpPort: neither the engine nor a board knows this key");
    more("SenderCompIDD=A\n", "SenderCompIDD: neither the engine nor a board knows this key");
    more(
        "TimeZone=Mars/Olympus\nStartTime=08:00:00\nEndTime=17:00:00\n",
        "TimeZone: \"Mars/Olympus\" is not a time zone",
    );
}

#[test]
fn a_value_that_a_board_cannot_have_is_refused_in_a_line() {
    let instead = |from: &str, to: &str, wanted: &str| refused(&CFG.replace(from, to), &[], wanted);
    instead("FIX.4.4", "FIX.4.2", "board.cfg:4: BeginString: is not FIX.4.4");
    instead("=BOARD", &format!("={}", "x".repeat(65)), "board.cfg:5: SenderCompID: is longer than 64 bytes");
    instead(
        "=EXCHANGE",
        &format!("={}", "x".repeat(65)),
        "board.cfg:6: TargetCompID: is longer than 64 bytes",
    );
    instead("192.0.2.1", "::1", "board.cfg:7: SocketConnectHost: is an IPv6 address; a board has IPv4");
    instead("192.0.2.1", &"a.".repeat(60), "board.cfg:7: SocketConnectHost: has more than 110 characters");
    instead("SocketConnectPort=9876\n", "", "board.cfg:7: SocketConnectHost: has no SocketConnectPort");
    instead("HeartBtInt=30", "HeartBtInt=70000", "board.cfg:9: HeartBtInt: a board takes whole seconds");
    instead(
        "HeartBtInt=30",
        "HeartBtInt=3",
        "board.cfg:9: HeartBtInt: 3 s is not above 1.5 times the 2600 ms",
    );
    let acceptor = "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\nSocketAcceptPort=9\n";
    refused(acceptor, &[], "board.cfg: no initiator is in it, which a board is");
    let two = format!("{CFG}{}", CFG.split_once("[SESSION]").unwrap().1.replace("=BOARD", "=OTHER"));
    let two = two.replacen("BeginString", "[SESSION]\nBeginString", 2).replacen(
        "[SESSION]\n[SESSION]",
        "[SESSION]",
        1,
    );
    refused(&two, &[], "say which session: --session BOARD->EXCHANGE or --session OTHER->EXCHANGE");
    refused(
        &two,
        &["--session", "NONE->X"],
        "no initiator is NONE->X; there is BOARD->EXCHANGE, OTHER->EXCHANGE",
    );
    let provision: &[&str] = &["--provision", "none.bin"];
    refused(
        CFG,
        provision,
        "board.cfg:3: the session has no Username, no Password and no private key to provision",
    );
    let long = format!("{CFG}Username=a\nPassword={}\n", "x".repeat(129));
    refused(&long, provision, "board.cfg:11: Password: is longer than 128 bytes");
    // What has no effect is made all the same, and said.
    let (code, _, said) = made(tempfile::tempdir().unwrap().path(), "CancelOnDisconnect=Y\n", &[]);
    assert_eq!(code, i32::from(exit::OK), "{said}");
    assert!(said.contains("board.cfg:10: CancelOnDisconnect: has no effect in an initiator"), "{said}");
}

/// The .cfg is refused, by a line with `wanted` and nothing else.
fn refused(cfg: &str, arguments: &[&str], wanted: &str) {
    let folder = tempfile::tempdir().unwrap();
    let cfg = write_file(folder.path(), "board.cfg", cfg);
    let out = fix_host(&["firmware-config", &cfg]).args(arguments).output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(i32::from(exit::CONFIGURATION)), "{wanted}: {said}");
    let is_line = out.stdout.is_empty() && said.lines().count() == 1;
    assert!(is_line && said.contains(wanted), "{wanted}: {said}");
}
