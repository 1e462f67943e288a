//! What a shell and `man` get, `.env`, and hints that can be typed as they are.

mod support;

use std::{fs, path::Path, process::Command};

use support::{fix_host, output, stderr, stdout};

#[test]
fn completions_for_every_shell_know_every_subcommand() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let printed = output(&["completions", shell]);
        assert!(printed.status.success(), "{}", stderr(&printed));
        let script = stdout(&printed);
        for word in ["fix-config", "decode", "completions"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
        assert!(!script.contains("fix-host__acceptance"), "hidden commands are not offered");
    }
    assert_eq!(output(&["completions", "cmd.exe"]).status.code(), Some(2));
}

/// Who learnt the name at the one command types it at the other.
#[test]
fn the_configuration_has_both_names_at_start_and_exchange() {
    for (command, option) in [
        ("start", "--config"),
        ("start", "--fix-config"),
        ("exchange", "--config"),
        ("exchange", "--fix-config"),
    ] {
        let printed = output(&[command, option, "none.cfg"]);
        assert!(stderr(&printed).contains("none.cfg"), "{command} {option}: {}", stderr(&printed));
        assert!(!stderr(&printed).contains("unexpected argument"), "{command} {option}");
    }
}

#[test]
fn the_completions_of_bash_are_a_script_of_bash() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("completions");
    fs::write(&script, stdout(&output(&["completions", "bash"]))).unwrap();
    let checked = Command::new("bash").arg("-n").arg(&script).output().expect("bash");
    assert!(checked.status.success(), "{}", stderr(&checked));
}

#[test]
fn a_manual_page_for_each_subcommand() {
    let page = stdout(&output(&["man"]));
    assert!(page.contains(".TH fix-host 1") && page.contains("Exit codes"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("share/man1");
    let written = output(&["man", to.to_str().unwrap()]);
    assert!(written.status.success(), "{}", stderr(&written));
    for name in ["fix-host.1", "fix-host-start.1", "fix-host-config-check.1", "fix-host-store.1"] {
        assert!(fs::read_to_string(to.join(name)).is_ok_and(|page| page.contains(".SH NAME")), "{name}");
    }
}

/// A configuration that names a variable.
fn show(folder: &Path, set: Option<&str>) -> (String, String) {
    let text = "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=${DESK_VENUE}\n\
        SocketConnectHost=h\nSocketConnectPort=1\nHeartBtInt=30\nFileStorePath=s\n";
    fs::write(folder.join("t.cfg"), text).unwrap();
    let mut command = fix_host(&["config", "show", "t.cfg"]);
    command.current_dir(folder).env_remove("DESK_VENUE");
    if let Some(value) = set {
        command.env("DESK_VENUE", value);
    }
    let shown = command.output().unwrap();
    (stdout(&shown), stderr(&shown))
}

#[test]
fn a_dotenv_file_sets_what_is_not_set() {
    let folder = tempfile::tempdir().unwrap();
    assert!(show(folder.path(), None).1.contains("the environment variable \"DESK_VENUE\" is not set"));
    fs::write(folder.path().join(".env"), "# a desk\nexport OTHER='a b'\nDESK_VENUE=\"FROMFILE\"\n").unwrap();
    let (out, err) = show(folder.path(), None);
    assert!(out.contains("TargetCompID=FROMFILE\n") && err.is_empty(), "{out}{err}");
    assert!(show(folder.path(), Some("SET")).0.contains("TargetCompID=SET\n"), "what is set wins");
    // The one of the directory above is another program's.
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    assert!(show(&below, None).1.contains("is not set"));
}

#[test]
fn a_bad_dotenv_file_is_one_line_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "DESK_VENUE=B\nPASSWORD=hunter2 and more\nTARGET=x\n").unwrap();
    let (out, err) = show(folder.path(), None);
    assert!(out.contains("TargetCompID=B\n"), "{out}{err}");
    assert!(err.starts_with("fix-host: .env:2: this line is not NAME=value"), "{err}");
    assert!(err.lines().count() == 1 && !err.contains("hunter2"), "{err}");
    fs::write(folder.path().join(".env"), [0xff, b'=']).unwrap();
    assert!(show(folder.path(), Some("B")).1.starts_with("fix-host: .env is not read: "));
    fs::remove_file(folder.path().join(".env")).unwrap();
    fs::create_dir(folder.path().join(".env")).unwrap();
    assert_eq!(show(folder.path(), Some("B")).1, "");
}

#[test]
fn hints_name_the_program_as_it_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("venue-fix");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fix-host"), &link).unwrap();
    let nowhere = Command::new(&link).args(["status", "--api", "http://127.0.0.1:1"]).output().unwrap();
    let (name, err) = (link.display(), stderr(&nowhere));
    assert!(err.contains(&format!("start one with `{name} start` or `{name} demo`")), "{err}");
}
