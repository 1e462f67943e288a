//! `config check` finds what `start` would refuse, and `start` says what `config check` would.

use std::fs;
use std::path::Path;

use crate::INITIATOR;
use crate::cli::fix_host;

/// Checks a file with these lines added to a good session.
fn check(directory: &Path, lines: &str) -> (i32, String, String) {
    let session = INITIATOR.replace("FileStorePath=s", "FileStorePath=store");
    fs::write(directory.join("t.cfg"), format!("{session}{lines}\n")).unwrap();
    fix_host(directory, &["config", "check", "t.cfg"])
}

#[test]
fn files_that_are_named_are_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("empty.pem"), "").unwrap();
    fs::write(dir.path().join("broken.xml"), "<fix>").unwrap();
    fs::write(dir.path().join("bad.csv"), "symbol,startPrice,tick,step,halfSpread\nA,1,x,1,1\n").unwrap();
    let fields =
        "symbol,startPrice,tick,step,halfSpread,Currency,MinQty\nA,1,1,1,1,USD,\nB,1,1,1,1,USD,few\n";
    fs::write(dir.path().join("fields.csv"), fields).unwrap();
    for (lines, want) in [
        ("SocketUseSSL=Y\nSocketCAFile=empty.pem", "t.cfg:1: SocketCAFile=empty.pem: holds no certificate"),
        ("DataDictionary=broken.xml", "broken.xml:1:"),
        ("DataDictionaryOverlay=broken.xml", "broken.xml:1:"),
        (
            "[DEFAULT]\nInstruments=bad.csv",
            "bad.csv:2: tick: must be a number above 0 such as 99.875, not \"x\"",
        ),
        ("[DEFAULT]\nInstruments=fields.csv", "fields.csv:3: MinQty(110): \"few\" is no QTY"),
        (
            "OrderDefaults=1=ACC1|MinQtty=5",
            "t.cfg:10: OrderDefaults: \"MinQtty\": the dictionary has no such field; did you mean MinQty(110)?",
        ),
        (
            "OrderDefaults=34=5",
            "t.cfg:10: OrderDefaults: MsgSeqNum(34): the session itself writes this field",
        ),
        (
            "FileStorePath=empty.pem",
            "t.cfg:10: FileStorePath: nothing can be written there: empty.pem is no directory",
        ),
        (
            "FileLogPath=empty.pem/log",
            "t.cfg:10: FileLogPath: nothing can be written there: empty.pem/log: Not a dir",
        ),
        ("FileLogPath=/proc/fix/log", "t.cfg:10: FileLogPath: nothing can be written there: /proc: "),
        (
            "FileLogPath=log\nFileLogBackupPath=/proc/fix",
            "t.cfg:11: FileLogBackupPath: nothing can be written",
        ),
    ] {
        let (code, out, err) = check(dir.path(), lines);
        assert_eq!((code, out.as_str()), (78, ""), "{lines}: {err}");
        assert!(err.starts_with(want), "{lines}: {err}");
    }
}

#[test]
fn a_check_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = check(dir.path(), "FileLogPath=a/b/log");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "only the configuration is there");
}

#[test]
fn a_session_that_would_be_left_out_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!(
        "[DEFAULT]\nContinueInitializationOnError=Y\n{INITIATOR}{}FileLogPath=/proc/fix/log\n",
        INITIATOR.replace("=B", "=C")
    );
    fs::write(dir.path().join("t.cfg"), text).unwrap();
    let (code, out, err) = fix_host(dir.path(), &["config", "check", "t.cfg"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("OK: 1 session, 2 warnings"), "{out}");
    assert!(err.contains("warning: t.cfg:21: FileLogPath: nothing can be written there"), "{err}");
    assert!(err.contains("session FIX.4.4:A->C is left out because of its errors"), "{err}");
}

/// The misspelt key is often the one that is missing.
#[test]
fn start_says_what_was_probably_meant() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("t.cfg"), INITIATOR.replace("HeartBtInt", "HartBtInt")).unwrap();
    for command in [["start", "--fix-config", "t.cfg"], ["exchange", "--config", "t.cfg"]] {
        let (code, _, err) = fix_host(dir.path(), &command);
        assert_eq!(code, 78);
        assert!(
            err.contains("t.cfg:8: HartBtInt: is not a key of this engine; did you mean HeartBtInt?"),
            "{err}"
        );
        assert!(err.contains("t.cfg:1: HeartBtInt: is missing"), "{err}");
    }
}
