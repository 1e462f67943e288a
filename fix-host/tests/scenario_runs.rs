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

/// Those whose counterparty does what only a script does.
const OWN_VENUE: [&str; 4] = ["partial-fills", "broker", "request-for-quote", "two-desks"];

#[test]
fn the_shipped_scenarios_pass_against_the_simulated_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let (_exchange, address) = exchange(folder.path());
    let (junit, report) = (folder.path().join("junit.xml"), folder.path().join("report.html"));
    let names: Vec<_> = shipped().into_iter().filter(|name| !OWN_VENUE.contains(&name.as_str())).collect();
    let mut arguments = vec!["scenario", "run", "--connect", &address, "--speed", "10"];
    arguments.extend(["--junit", junit.to_str().unwrap(), "--report", report.to_str().unwrap()]);
    arguments.extend(names.iter().map(String::as_str));
    let played = output(&arguments);
    let (out, err) = (stdout(&played), stderr(&played));
    assert_eq!(played.status.code(), Some(0), "{out}{err}");
    assert!(out.ends_with(&format!("{} passed, 0 failed\n", names.len())), "{out}");
    let xml = fs::read_to_string(junit).unwrap();
    assert_eq!(xml.matches("<testsuite ").count(), names.len(), "{xml}");
    assert!(
        xml.contains("<testcase classname=\"certification: Certification rehearsal\" name=\"Logout\"/>"),
        "{xml}"
    );
    let page = fs::read_to_string(report).unwrap();
    assert!(page.contains(&format!("against {address}")) && page.contains("The order is replaced"), "{page}");
    assert!(page.contains("OrderCancelReject(9)"), "the messages are in it");
}

/// What a scenario fails with against the exchange, with the messages that were not as expected.
#[test]
fn a_failure_shows_what_was_expected_beside_what_came() {
    let folder = tempfile::tempdir().unwrap();
    let (_exchange, address) = exchange(folder.path());
    let text = "party TRADEDESK initiator\nparty EXCHANGE acceptor\n\
        TRADEDESK: send order ClOrdID=$new as id, HandlInst=1, Symbol=10Y, Side=BUY, OrderQty=5, OrdType=LIMIT, Price=50, TransactTime=$now\n\
        TRADEDESK: expect report ClOrdID=$id, OrdStatus=FILLED\n";
    let file = write_file(folder.path(), "wrong.scenario", text);
    let report = folder.path().join("report.md");
    let played =
        output(&["scenario", "run", &file, "--connect", &address, "--report", report.to_str().unwrap()]);
    let out = stdout(&played);
    assert_eq!(played.status.code(), Some(1), "{out}");
    assert!(
        out.contains("wrong.scenario:4: TRADEDESK: expect report") && out.contains("! OrdStatus(39)"),
        "{out}"
    );
    let page = fs::read_to_string(report).unwrap();
    assert!(page.contains("| wrong | FAILED |") && page.contains("0 of 1 steps passed"), "{page}");
}

/// The log of the engine of `fix-host exchange`, made into a scenario that passes with both sides and with the exchange.
#[test]
fn a_log_of_the_exchange_becomes_a_scenario_that_passes() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (store, log) = (folder.path().join("store"), folder.path().join("log"));
    let config = format!(
        "[DEFAULT]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n\
         FileStorePath={}\nFileLogPath={}\n[SESSION]\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n",
        store.display(),
        log.display()
    );
    write_file(folder.path(), "exchange.cfg", &config);
    let exchange = start_exchange(folder.path());
    let address = format!("127.0.0.1:{port}");
    let played = output(&["scenario", "run", "replace-then-cancel", "unknown-order", "--connect", &address]);
    assert_eq!(played.status.code(), Some(0), "{}", stdout(&played));
    let log = support::eventually("the log", || {
        let file = fs::read_dir(&log)
            .ok()?
            .filter_map(Result::ok)
            .find(|entry| entry.file_name().to_string_lossy().ends_with("messages.current.log"))?;
        let text = fs::read(file.path()).ok()?;
        // Its last message: the reject of the replacement.
        text.windows(6).any(|part| part == b"\x01434=2").then(|| file.path())
    });
    let recorded = folder.path().join("recorded.scenario").display().to_string();
    let made = output(&["scenario", "record", log.to_str().unwrap(), "--output", &recorded]);
    assert_eq!(made.status.code(), Some(0), "{}{}", stdout(&made), stderr(&made));
    for arguments in
        [vec!["scenario", "run", &recorded], vec!["scenario", "run", &recorded, "--connect", &address]]
    {
        let again = output(&arguments);
        let text = fs::read_to_string(&recorded).unwrap();
        assert_eq!(again.status.code(), Some(0), "{}{}\n{text}", stdout(&again), stderr(&again));
    }
    drop(exchange);
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
