//! `fix-host load` against the exchange, as a user runs it.

#[path = "support/page.rs"]
mod page;
mod support;

use std::{fs, path::Path};

use serde_json::Value;
use support::{Program, fix_host, free_port, output, stderr, stdout, write_file};

struct Venue {
    folder: tempfile::TempDir,
    port: u16,
    _exchange: Program,
}

impl Venue {
    /// The shipped configuration for loads, on a port of its own, with these lines.
    fn start(lines: &str) -> Self {
        Self::start_with(lines, &[])
    }

    fn start_with(lines: &str, options: &[&str]) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/load-exchange.cfg");
        let text = fs::read_to_string(shipped).unwrap();
        let text = text.replace("SocketAcceptPort=9876", &format!("SocketAcceptPort={port}\n{lines}"));
        let config = write_file(folder.path(), "load-exchange.cfg", &text);
        let mut exchange = Program::start(&[&["exchange", "--config", &config], options].concat());
        exchange.wait_for("FIX acceptor on");
        Venue { folder, port, _exchange: exchange }
    }

    /// Exit code, standard output and standard error of a load.
    fn load(&self, arguments: &str) -> (Option<i32>, String, String) {
        let port = self.port.to_string();
        let arguments: Vec<&str> =
            ["load", "--port", &port].into_iter().chain(arguments.split(' ')).collect();
        let output = output(&arguments);
        (output.status.code(), stdout(&output), stderr(&output))
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

#[test]
fn every_request_is_answered_and_counted() {
    let venue = Venue::start("");
    let (json, html) = (venue.path("r.json"), venue.path("r.html"));
    let (code, said, erred) =
        venue.load(&format!("--rate 400 --duration 1s --sessions 3 --seed 7 --json {json} --html {html}"));
    assert_eq!(code, Some(0), "{said}{erred}");
    assert!(said.contains("sent 400  acked 400") && said.contains("rejected 0"), "{said}");
    assert!(!erred.contains('\r'), "no progress where nobody watches: {erred}");
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let kinds = report["kinds"].as_array().unwrap();
    let count = |key: &str| kinds.iter().map(|kind| kind[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((count("sent"), count("acked"), report["acked"].as_u64()), (400, 400, Some(400)));
    assert_eq!(report["ackMicros"]["count"], 400);
    assert_eq!(report["fillMicros"]["count"], report["filled"]);
    assert_eq!(report["canceled"], kinds[1]["acked"], "{report}");
    assert_eq!(report["resting"], 0, "what rests is cancelled at the end");
    assert_eq!(report["problems"].as_array().unwrap().len(), 0);
    assert!(fs::read_to_string(html).unwrap().contains("<svg"));
}

#[test]
fn what_was_rejected_or_too_slow_is_a_failure() {
    let venue = Venue::start("OnlyKnownSymbols=Y");
    let (code, said, erred) = venue.load("--rate 100 --duration 300ms --symbol NOPE");
    assert!(code == Some(1) && said.contains("FAILED: 30 requests were rejected"), "{said}{erred}");
    let (code, said, erred) = venue.load("--rate 100 --duration 300ms --max-p99 0.001ms");
    assert!(code == Some(1) && said.contains("--max-p99 is 1 us"), "{said}{erred}");
}

#[test]
fn what_cannot_run_has_a_code_of_its_own() {
    let port = free_port().to_string();
    let run = |arguments: &str| {
        let arguments: Vec<&str> =
            ["load", "--port", &port].into_iter().chain(arguments.split(' ')).collect();
        let output = output(&arguments);
        (output.status.code(), stderr(&output))
    };
    let (code, erred) = run("--rate 1 --duration 1s --logon-timeout 300ms");
    assert!(code == Some(3) && erred.contains("not logged on within 300ms"), "{erred}");
    assert!(erred.contains("FIX.4.4:LOAD1->EXCHANGE: "), "{erred}");
    let (code, erred) = run("--rate 1 --duration 1s --json /nowhere/r.json");
    assert!(code == Some(3) && erred.contains("/nowhere/r.json: cannot be written"), "{erred}");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    fs::write(file("old.html"), "old").unwrap();
    let (code, erred) = run(&format!(
        "--rate 1 --duration 1s --logon-timeout 100ms --json {} --html {}",
        file("new.json"),
        file("old.html")
    ));
    assert_eq!(code, Some(3), "{erred}");
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["old.html"], "no empty file stays, and what was there before does");
    assert_eq!(fs::read_to_string(file("old.html")).unwrap(), "old");
    let acceptor = ["load", "--rate", "1", "--duration", "1s", "--config", "config/exchange.cfg"];
    let refused = output(&acceptor);
    let erred = stderr(&refused);
    assert!(refused.status.code() == Some(3) && erred.contains("a load needs initiators"), "{erred}");
    for wrong in [
        "--rate 0 --duration 1s",
        "--rate 1 --duration 0s",
        "--rate 1 --duration 1s --mix now:1",
        "--rate 1 --duration 1s --config x --sessions 2",
    ] {
        let (code, erred) = run(wrong);
        assert_eq!(code, Some(2), "{wrong}: {erred}");
    }
}

#[test]
fn a_venue_that_throttles_or_refuses_is_told_in_its_own_words() {
    let venue = Venue::start_with("", &["--venue", "crypto"]);
    let (code, said, erred) = venue.load("--rate 200 --duration 1s --drain 100ms");
    let limit = "the counterparty logged out: \"rate limit: more than 20 messages a second\"";
    assert!(code == Some(1) && said.contains(&format!("session 1: {limit}")), "{said}{erred}");

    let (folder, port) = (tempfile::tempdir().unwrap(), free_port().to_string());
    let text = "party EXCHANGE acceptor raw\n  TargetCompID = LOAD1\nexpect Logon\nsend Logout Text=\"no such user\"\n";
    let file = write_file(folder.path(), "refuses.scenario", text);
    let mut venue = Program::start(&["scenario", "run", &file, "--listen", &port]);
    venue.wait_for("waiting for the counterparty");
    let arguments = ["load", "--rate", "1", "--duration", "1s", "--port", &port, "--logon-timeout", "4s"];
    let refused = output(&arguments);
    let erred = stderr(&refused);
    let line = erred.lines().find(|line| line.starts_with("fix-host: not logged on within 4s")).unwrap();
    assert!(line.contains("the counterparty refused our Logon: \"no such user\""), "{line}");
}

#[test]
fn a_signal_ends_it_with_the_report_so_far() {
    let venue = Venue::start("");
    let port = venue.port.to_string();
    let mut load = Program::spawn(fix_host(&["load", "--port", &port, "--rate", "200", "--duration", "1h"]));
    load.wait_for("logged on: sending");
    load.signal("INT");
    load.wait_for("ended by hand");
    let (status, _) = load.wait();
    assert!(status.success(), "{status}: {}", load.printed());
    assert!(load.printed().contains("unanswered 0"), "{}", load.printed());
}

#[test]
fn a_signal_ends_the_wait_for_answers_too() {
    // A person would have to answer, and nobody does.
    let venue = Venue::start_with("", &["--hold", "--http", &format!("127.0.0.1:{}", free_port())]);
    let port = venue.port.to_string();
    let arguments = ["load", "--port", &port, "--rate", "50", "--duration", "100ms", "--drain", "1h"];
    let mut load = Program::spawn(fix_host(&arguments));
    load.wait_for("all is sent: waiting for answers");
    load.signal("INT");
    load.wait_for("ended by hand");
    load.wait_for("FAILED: 5 requests were not answered");
    let (status, _) = load.wait();
    assert_eq!(status.code(), Some(1), "{}", load.printed());
}

/// Every command of docs/load.md, in its order, on a port of this test's own.
#[test]
fn the_page_is_true() {
    let venue = Venue::start("");
    let port = venue.port.to_string();
    let desk = page::block("load.md", "ini").replace("9876", &port);
    write_file(venue.folder.path(), "desk.cfg", &desk);
    let mut loads = 0;
    for command in page::commands("load.md") {
        let [name, arguments @ ..] = &command[..] else { panic!("{command:?}") };
        if name == "exchange" {
            // It runs already; its configuration is there as it is named.
            let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(&arguments[1]);
            assert!(config.exists(), "{command:?}");
            continue;
        }
        let mut run = fix_host(&["load"]);
        run.args(arguments).current_dir(venue.folder.path());
        if !arguments.contains(&"--config".to_owned()) {
            run.args(["--port", &port]);
        }
        let output = run.output().unwrap();
        assert!(output.status.success(), "{command:?}: {}{}", stdout(&output), stderr(&output));
        loads += 1;
    }
    assert!(loads == 3 && venue.folder.path().join("load.html").exists());
}
