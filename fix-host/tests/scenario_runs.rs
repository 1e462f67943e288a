//! `fix-host scenario`: the scenarios that come with the program, against themselves and against `fix-host exchange`.

mod support;

use std::{fs, path::Path};

use support::{Program, fix_host, free_port, output, start_exchange, stderr, stdout, write_file};

/// The port of an exchange's configuration.
fn exchange(folder: &Path) -> (Program, String) {
    let port = free_port();
    let store = folder.join("exchange");
    let text = format!(
        "[DEFAULT]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n\
         FileStorePath={}\n[SESSION]\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n",
        store.display()
    );
    write_file(folder, "exchange.cfg", &text);
    (start_exchange(folder), format!("127.0.0.1:{port}"))
}

/// The names of the scenarios that come with the program.
fn shipped() -> Vec<String> {
    let list = stdout(&output(&["scenario", "list"]));
    list.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

#[test]
fn every_shipped_scenario_passes_with_both_sides_in_one_process() {
    let names = shipped();
    assert!(!names.is_empty());
    for name in names {
        let played = output(&["scenario", "run", &name]);
        assert_eq!(played.status.code(), Some(0), "{name}:\n{}{}", stdout(&played), stderr(&played));
    }
}

#[test]
fn the_rehearsal_passes_against_the_simulated_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let (_exchange, address) = exchange(folder.path());
    let played = output(&["scenario", "run", "certification", "--connect", &address]);
    let (out, err) = (stdout(&played), stderr(&played));
    assert_eq!(played.status.code(), Some(0), "{out}{err}");
    assert!(out.contains("PASS  Certification rehearsal") && out.contains("1 passed, 0 failed"), "{out}");
}

#[test]
fn the_exit_code_says_what_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let pair = "party DESK initiator\nparty VENUE acceptor\n";
    let fails =
        write_file(folder.path(), "fails.scenario", &format!("{pair}DESK: expect report within 1s\n"));
    let wrong = write_file(folder.path(), "wrong.scenario", &format!("{pair}DESK: sned D\n"));
    let code = |arguments: &[&str]| {
        let output = output(arguments);
        (output.status.code().unwrap(), stdout(&output), stderr(&output))
    };
    let (failed, out, _) = code(&["scenario", "run", &fails]);
    assert_eq!(failed, 1);
    assert!(
        out.contains("FAIL  fails") && out.contains("fails.scenario:3: DESK: expect report within 1s"),
        "{out}"
    );
    let (usage, _, err) = code(&["scenario", "run", &fails, &wrong]);
    assert_eq!((usage, err.lines().count()), (2, 1));
    assert!(err.ends_with("wrong.scenario:3: no line begins with \"sned\"; did you mean send?\n"), "{err}");
    assert_eq!(code(&["scenario", "check", &fails]).0, 0);
    assert_eq!(code(&["scenario", "check", &wrong]).0, 2);
    let (absent, _, err) = code(&["scenario", "run", "no-such"]);
    assert!(absent == 2 && err.contains("scenario list names"), "{err}");
    let nobody = format!("127.0.0.1:{}", free_port());
    let (not_run, _, err) = code(&["scenario", "run", &fails, "--connect", &nobody]);
    assert!(not_run == 3 && err.contains("refused"), "{err}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (not_run, _, err) = code(&["scenario", "run", &fails, "--listen", &port]);
    assert!(not_run == 3 && err.contains(&port), "{err}");
}

#[test]
fn two_processes_play_the_two_sides_of_a_file() {
    let port = free_port().to_string();
    let mut venue = fix_host(&["scenario", "run", "certification", "--listen", &port]);
    venue.stdout(std::process::Stdio::piped());
    let venue = venue.spawn().unwrap();
    support::eventually("the venue's port", || {
        let desk = output(&["scenario", "run", "certification", "--connect", &format!("127.0.0.1:{port}")]);
        (desk.status.code() == Some(0)).then_some(()).or_else(|| {
            assert_eq!(desk.status.code(), Some(3), "{}{}", stdout(&desk), stderr(&desk));
            None
        })
    });
    let venue = venue.wait_with_output().unwrap();
    assert_eq!(venue.status.code(), Some(0), "{}", stdout(&venue));
}

#[test]
fn the_shipped_files_are_those_of_the_repository() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut names = shipped();
    files.sort();
    names.sort();
    assert_eq!(files, names);
}
