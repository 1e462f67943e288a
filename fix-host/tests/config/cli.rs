//! `fix-host config`, as it is typed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in `dir`, with one variable set.
pub(crate) fn fix_host(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_fix-host"))
        .args(args)
        .current_dir(dir)
        .env("FIX_PASSWORD", "hunter2")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn check_says_ok_with_a_line_for_each_session() {
    let (code, out, err) = fix_host(root(), &["config", "check", "config/quickfix.cfg"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let want = "OK: 1 session, 0 warnings\n  FIX.4.4:TRADEDESK->EXCHANGE initiator to 127.0.0.1:9876, \
        HeartBtInt 30 s, plain TCP, store data/store\n";
    assert_eq!(out, want);
    let (code, out, _) = fix_host(root(), &["config", "check", "config/exchange.cfg"]);
    assert_eq!(code, 0);
    assert!(out.contains("FIX.4.4:EXCHANGE->TRADEDESK acceptor on 127.0.0.1:9876"), "{out}");
}

#[test]
fn check_lists_every_error_and_exits_78() {
    let dir = tempfile::tempdir().unwrap();
    let text = "[SESSION]\nConnectionType=acceptor\nSocketAcceptPort=no\nBeginString=FIX.4.4\n\
        SenderCompID=A\nHearBtInt=1\n";
    fs::write(dir.path().join("bad.cfg"), text).unwrap();
    let (code, out, err) = fix_host(dir.path(), &["config", "check", "bad.cfg"]);
    assert_eq!((code, out.as_str()), (78, ""));
    assert!(err.contains("bad.cfg:1: TargetCompID: is missing"), "{err}");
    assert!(err.contains("bad.cfg:3: SocketAcceptPort: \"no\" is not a whole number"), "{err}");
    assert!(
        err.contains("warning: bad.cfg:6: HearBtInt: is not a key of this engine; did you mean HeartBtInt?")
    );
}

#[test]
fn a_file_that_cannot_be_read_exits_78() {
    let dir = tempfile::tempdir().unwrap();
    let dir_name = dir.path().to_str().unwrap();
    for (file, want) in [
        ("none.cfg", "none.cfg: cannot read the configuration: No such file"),
        (dir_name, "it is a directory"),
    ] {
        let (code, _, err) = fix_host(dir.path(), &["config", "check", file]);
        assert_eq!(code, 78);
        assert!(err.contains(want) && err.lines().count() == 1, "{err}");
    }
}

#[test]
fn show_names_the_line_of_every_value_and_hides_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let text = "[DEFAULT]\nHeartBtInt=20\nHttpAcceptPort=8050\n[SESSION]\nConnectionType=initiator\n\
        BeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\nSocketConnectHost=h\nSocketConnectPort=1\n\
        Password=${FIX_PASSWORD}\nLogonTag=925=hunter2\nVendorToken=hunter2\nDeskColour=teal\n";
    fs::write(dir.path().join("t.cfg"), text).unwrap();
    let (code, out, _) = fix_host(dir.path(), &["config", "show", "--origin", "t.cfg"]);
    assert_eq!(code, 0);
    for want in [
        "t.cfg:2 [DEFAULT]\tHeartBtInt=20\n",
        "t.cfg:3 [DEFAULT]\tHttpAcceptPort=8050\n",
        "t.cfg:8 [SESSION]\tTargetCompID=B\n",
        "t.cfg:11 [SESSION]\tPassword=***\n",
        "t.cfg:12 [SESSION]\tLogonTag=925=***\n",
        "t.cfg:13 (application)\tVendorToken=***\n",
        "t.cfg:14 (application)\tDeskColour=teal\n",
        "built-in default\tReconnectInterval=30\n",
    ] {
        assert!(out.contains(want), "{want:?} is not in\n{out}");
    }
    assert!(!out.contains("hunter2"));
}

/// What is shown without origins is a configuration file of the same meaning.
#[test]
fn show_can_be_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let (_, first, _) = fix_host(root(), &["config", "show", "config/exchange.cfg"]);
    let again = first.replace("DataDictionary=config/FIX44.xml\n", "");
    fs::write(dir.path().join("again.cfg"), &again).unwrap();
    let (code, second, err) = fix_host(dir.path(), &["config", "show", "again.cfg"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(second, again);
}

#[test]
fn check_loads_the_dictionaries_and_overlays_that_the_file_names() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let cfg = "[SESSION]\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\nConnectionType=initiator\n\
               SocketConnectHost=127.0.0.1\nSocketConnectPort=9\nHeartBtInt=30\nStartTime=00:00:00\n\
               EndTime=00:00:00\nFileStorePath=store\n";
    let check = |args: &[&str]| fix_host(dir.path(), &[&["config", "check"], args].concat());

    write("overlay.xml", "<fix>\n<fields><field number='5001' name='Desk' type='TEXT'/></fields></fix>");
    write("odd.cfg", &format!("{cfg}DataDictionaryOverlay=overlay.xml\n"));
    let said = "overlay.xml:2:9: type=\"TEXT\" is not a field type: taken for STRING\n";
    let (code, out, err) = check(&["odd.cfg"]);
    assert_eq!((code, err), (0, format!("warning: {said}")));
    assert!(out.starts_with("OK: 1 session, 1 warning\n"), "{out}");
    assert_eq!(check(&["--strict", "odd.cfg"]), (78, String::new(), said.to_owned()));

    write("cut.xml", "<fix>");
    write("cut.cfg", &format!("{cfg}DataDictionary=cut.xml\n"));
    let refused = "cut.xml:1:1: not well-formed XML: the root node was opened but never closed\n";
    assert_eq!(check(&["cut.cfg"]), (78, String::new(), refused.to_owned()));
}
