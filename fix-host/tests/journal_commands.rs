//! `fix-host store`, as commands read.

use std::{
    path::Path,
    process::{Command, Output},
};

use fix_core::{store::MessageStore, time::UtcTimestamp};
use fix_host::store::{JournalOptions, JournalStore, SessionName};

fn name(target: &str) -> SessionName {
    SessionName::new("FIX.4.4", ["DESK", "", ""], [target, "", ""], "")
}

/// A store with a Logon and an order, number 3 next out and 5 next in.
fn store(directory: &Path, target: &str) -> JournalStore {
    let mut store = JournalStore::open(directory, &name(target), JournalOptions::default()).unwrap();
    store.reset(UtcTimestamp::from_unix(0, 0)).unwrap();
    store.append(1, b"8=FIX.4.4\x019=5\x0135=A\x0134=1\x01554=hunter2\x0110=000\x01").unwrap();
    store.append(2, b"8=FIX.4.4\x019=5\x0135=D\x0134=2\x0158=\x1b[2J\n\x0110=000\x01").unwrap();
    store.set_next_in(5).unwrap();
    store.flush().unwrap();
    store
}

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fix-host")).arg("store").args(args).output().unwrap()
}

/// Standard output of a command that succeeds.
fn out(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Exit code and standard error of a command that fails.
fn err(args: &[&str]) -> (i32, String) {
    let output = run(args);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn show_tells_numbers_and_messages_but_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    drop(store(dir.path(), "BROKER"));
    let shown = out(&["show", path]);
    assert!(shown.starts_with(
        "FIX.4.4-DESK-BROKER: next in 5, next out 3, numbers began 19700101-00:00:00.000, 2 messages, "
    ));
    assert_eq!(
        out(&["show", path, "--from", "1"]),
        "8=FIX.4.4|9=5|35=A|34=1|554=***|10=000|\n8=FIX.4.4|9=5|35=D|34=2|58=\\x1B[2J\\x0A|10=000|\n"
    );
    assert_eq!(out(&["show", path, "--from", "2", "--to", "2"]).lines().count(), 1);
}

#[test]
fn a_store_whose_numbers_never_began_again_says_so() {
    let dir = tempfile::tempdir().unwrap();
    drop(JournalStore::open(dir.path(), &name("BROKER"), JournalOptions::default()).unwrap());
    let shown = out(&["verify", dir.path().to_str().unwrap()]);
    assert!(shown.contains("next in 1, next out 1, numbers never reset, 0 messages, "), "{shown}");
}

#[test]
fn verify_names_file_and_offset_of_the_damage_and_checks_the_others_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    drop(store(dir.path(), "BROKER"));
    drop(store(dir.path(), "EXCHANGE"));
    assert_eq!(out(&["verify", path]).lines().count(), 2);

    let file = dir.path().join("FIX.4.4-DESK-BROKER.0000000002.journal");
    let mut bytes = std::fs::read(&file).unwrap();
    let record = bytes.windows(7).position(|window| window == b"hunter2").unwrap();
    bytes[record] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let (code, error) = err(&["verify", path]);
    assert_eq!(code, 74);
    assert!(error.contains("FIX.4.4-DESK-BROKER.0000000002.journal: damaged at byte "), "{error}");
    assert!(!error.contains("hunter"));
    let checked = String::from_utf8(run(&["verify", path]).stdout).unwrap();
    assert!(checked.contains("FIX.4.4-DESK-EXCHANGE: next in 5"), "{checked}");
}

#[test]
fn set_seqnum_sets_what_is_given_and_refuses_a_running_engine() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let running = store(dir.path(), "BROKER");
    let (code, error) = err(&["set-seqnum", path, "--next-in", "9"]);
    assert_eq!(code, 74);
    // The kernel's list of locks does not know the files of every file system.
    let holders = [format!("process {}", std::process::id()), "another process".to_owned()];
    assert!(holders.iter().any(|holder| error.contains(&format!("in use by {holder};"))), "{error}");
    drop(running);
    assert_eq!(out(&["set-seqnum", path, "--next-in", "9"]), "FIX.4.4-DESK-BROKER: next in 9, next out 3\n");
    assert_eq!(
        out(&["set-seqnum", path, "FIX.4.4-DESK-BROKER", "--next-out", "2", "--force"]),
        "FIX.4.4-DESK-BROKER: next in 9, next out 2\n"
    );
    assert_eq!(err(&["set-seqnum", path]).0, 2);
    assert_eq!(err(&["set-seqnum", path, "--next-in", "0"]).0, 2);
}

#[test]
fn set_seqnum_says_what_would_come_of_it_and_does_it_only_if_that_is_meant() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    drop(store(dir.path(), "BROKER"));
    let before = out(&["show", path]);
    for (numbers, said) in [
        (
            ["--next-out", "1"],
            "next out would go from 3 to 1: the stored messages 1 to 2 would be forgotten, and a counterparty that \
             expects 3 ends the session",
        ),
        (
            ["--next-out", "20000"],
            "next out would go from 3 to 20000: the counterparty finds 3 to 19999 missing",
        ),
        (["--next-in", "20000"], "next in would go from 5 to 20000: 5 to 19999 are never asked for"),
    ] {
        let (code, error) = err(&["set-seqnum", path, numbers[0], numbers[1]]);
        assert_eq!(code, 1, "{error}");
        assert!(
            error.contains(said) && error.contains("nothing was changed; if that is meant: --force"),
            "{error}"
        );
        assert_eq!(out(&["show", path]), before);
    }
    let done = out(&["set-seqnum", path, "--next-in", "20000", "--next-out", "1", "--force"]);
    assert_eq!(done, "FIX.4.4-DESK-BROKER: next in 20000, next out 1\n");
}

#[test]
fn a_store_goes_to_quickfix_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    drop(store(&dir.path().join("store"), "BROKER"));
    out(&["export", &at("store"), "--to", &at("quickfix")]);
    let seqnums = std::fs::read_to_string(at("quickfix/FIX.4.4-DESK-BROKER.seqnums")).unwrap();
    assert_eq!(seqnums, "0000000003 : 0000000005");
    let prefix = at("quickfix/FIX.4.4-DESK-BROKER");
    out(&["import", &prefix, &at("again"), "--sender", "DESK", "--target", "BROKER"]);
    let cut = |text: String| text.split(" bytes").next().unwrap().rsplit_once(',').unwrap().0.to_owned();
    assert_eq!(cut(out(&["show", &at("again")])), cut(out(&["show", &at("store")])));
}

#[test]
fn a_session_that_is_not_there_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    assert_eq!(err(&["show", path]).0, 2);
    drop(store(dir.path(), "BROKER"));
    drop(store(dir.path(), "EXCHANGE"));
    let (code, error) = err(&["export", path, "--to", path]);
    assert_eq!(code, 2);
    assert!(error.contains("name one of FIX.4.4-DESK-BROKER, FIX.4.4-DESK-EXCHANGE"), "{error}");
    assert_eq!(err(&["show", "/nonexistent"]).0, 74);
}

#[test]
fn export_writes_both_directions_as_a_message_log_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let mut running = store(&dir.path().join("store"), "BROKER");
    let report = b"8=FIX.4.4\x019=5\x0135=8\x0134=5\x0152=20260105-14:30:00.123\x0158=a\nb\x0110=000\x01";
    running.received(5, report).unwrap();
    running.set_next_in(6).unwrap();
    running.flush().unwrap();
    let said = out(&["export", &at("store"), "--to", &at("log"), "--message-log"]);
    assert!(said.starts_with("FIX.4.4-DESK-BROKER: 2 sent and 1 received messages, written to "), "{said}");
    let log = std::fs::read_to_string(at("log/FIX.4.4-DESK-BROKER.messages.log")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines[0], "00000000-00:00:00.000 : 8=FIX.4.4\x019=5\x0135=A\x0134=1\x01554=***\x0110=000\x01");
    assert_eq!(
        lines[2],
        "20260105-14:30:00.123 : 8=FIX.4.4\x019=5\x0135=8\x0134=5\x0152=20260105-14:30:00.123\x0158=a\\x0Ab\x0110=000\x01"
    );
    assert_eq!((lines.len(), err(&["export", &at("store"), "--to", &at("log"), "--message-log"]).0), (3, 74));
}

#[test]
fn repair_says_what_is_lost_and_what_to_do_and_leaves_a_sound_store_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    drop(store(dir.path(), "BROKER"));
    assert_eq!(out(&["repair", path]), "FIX.4.4-DESK-BROKER: not damaged, nothing was changed\n");
    let file = dir.path().join("FIX.4.4-DESK-BROKER.0000000002.journal");
    let mut bytes = std::fs::read(&file).unwrap();
    let record = bytes.windows(7).position(|window| window == b"hunter2").unwrap();
    bytes[record] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(err(&["verify", path]).1.contains("fix-host store repair"));
    let said = out(&["repair", path]);
    for part in [
        "the damaged files are kept in ",
        "FIX.4.4-DESK-BROKER.damaged-1",
        "lost: sent messages 1 to 1",
        "the next to send is 3 at least",
        "--next-out N",
        "received up to 4",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(out(&["show", path]).starts_with("FIX.4.4-DESK-BROKER: next in 5, next out 3"));
}
