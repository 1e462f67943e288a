//! The newcomer's first minute: `demo` in one terminal, `order` and `prices` in another.

#[path = "support/page.rs"]
mod page;
mod support;

use support::{Program, free_port, output, stderr, stdout};

struct Demo {
    program: Program,
    api: String,
}

fn demo() -> Demo {
    demo_with(&[])
}

fn demo_with(arguments: &[&str]) -> Demo {
    let (api_port, fix_port) = (free_port().to_string(), free_port().to_string());
    let ports = ["demo", "--api-port", &api_port, "--fix-port", &fix_port, "--seed", "7"];
    let mut program = Program::start(&[&ports[..], arguments].concat());
    program.wait_for("LOGGED ON");
    Demo { program, api: format!("http://127.0.0.1:{api_port}") }
}

#[test]
fn a_market_order_is_filled() {
    let demo = demo();
    let order = output(&["order", "--side", "BUY", "--qty", "100", "--symbol", "5Y", "--api", &demo.api]);
    assert!(order.status.success(), "{}{}", stdout(&order), stderr(&order));
    assert!(stdout(&order).contains("FILLED"), "{}", stdout(&order));
}

/// The commands of docs/exchange.md, "By hand", as they stand there.
#[test]
fn a_person_plays_the_venue() {
    let page = page::commands("exchange.md");
    let [start, order, commands @ ..] = &page[..] else { panic!("{page:?}") };
    let in_background = |command: &[String]| match command {
        [before @ .., last] if last == "&" => before.to_vec(),
        _ => panic!("not in the background: {command:?}"),
    };
    let (start, order) = (in_background(start), in_background(order));
    assert_eq!(start[0], "demo");
    let demo = demo_with(&start[1..].iter().map(String::as_str).collect::<Vec<_>>());
    let run = |command: &[&str]| {
        let done = output(&[command, &["--api", &demo.api]].concat());
        (done.status.code(), stdout(&done) + &stderr(&done))
    };
    let order: Vec<&str> = order.iter().map(String::as_str).chain(["--api", &demo.api]).collect();
    let mut placed = Program::start(&order);
    placed.wait_for("PENDING NEW");
    let refused = |command: &str, text: &str| {
        let (code, said) = run(&command.split(' ').collect::<Vec<_>>());
        assert!(code == Some(1) && said.contains(text), "{command}: {said}");
    };
    refused("exchange suspend A1", "it waits to be accepted: accept, fill or reject it first");
    for command in commands {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let (code, said) = run(&command);
        assert_eq!(code, Some(0), "{command:?}: {said}");
        let told = |text: &str| assert!(said.contains(text), "{command:?}: {said}");
        match command[1] {
            "orders" => told("BUY 10 10Y LIMIT 96.000 DAY  PENDING_NEW"),
            "fill" => {
                told(" A1 of FIX.4.4:EXCHANGE->TRADEDESK is PARTIALLY_FILLED: ");
                told("filled 4 at 95.500 on average, open 6");
                placed.wait_for("4 at 95.5");
            }
            "hold" => told("requests are held no longer; those that wait still do"),
            "book" => {
                let is_rest = |line: &str| line.starts_with("1       6") && line.ends_with("96.000");
                assert!(said.lines().any(is_rest), "{said}");
            }
            "venue" => told("10Y     HALT"),
            "suspend" => {
                told(" is SUSPENDED: ");
                refused("exchange suspend A1", "it is suspended: it can be resumed or cancelled");
            }
            "resume" => told(" is PARTIALLY_FILLED: "),
            "cancel" => _ = placed.wait_for("CANCELED"),
            "halt" => told("10Y: HALT"),
            "phase" => told("10Y: OPEN"),
            other => panic!("what should {other} say?"),
        }
    }
    refused("exchange reject A1 --text no", "nothing waits to be decided about this order");
    refused("exchange bust E1", "no execution has the ExecID \"E1\"");
}

#[test]
fn an_order_says_its_account_and_how_long_it_stands_or_is_refused_with_the_reason() {
    let demo = demo();
    let order = |arguments: &[&str]| {
        let order = ["order", "--side", "BUY", "--qty", "1", "--symbol", "5Y", "--api", &demo.api];
        let order = output(&[&order[..], arguments].concat());
        (order.status.code(), stdout(&order) + &stderr(&order))
    };
    let (code, said) = order(&["--price", "120", "--time-in-force", "day", "--account", "DESK-7"]);
    assert!(code == Some(0) && said.contains("FILLED"), "{said}");
    let (code, said) = order(&["--type", "stop_limit", "--price", "120"]);
    assert!(code == Some(2) && said.contains("--type STOP_LIMIT needs a --price and a --stop-px"), "{said}");
    let (code, said) = order(&["--time-in-force", "GTD"]);
    assert!(code == Some(2) && said.contains("--time-in-force GTD and --expire-time go together"), "{said}");
    // The last trade was above that: it is triggered at once.
    let (code, said) =
        order(&["--stop-px", "90", "--time-in-force", "GTD", "--expire-time", "2099-01-01T00:00:00Z"]);
    assert!(code == Some(0) && said.contains("FILLED"), "{said}");
}

#[test]
fn further_fields_go_along_or_are_refused_by_name() {
    let demo = demo();
    let order = |fields: &[&str]| {
        let order = ["order", "--side", "BUY", "--qty", "1", "--symbol", "5Y", "--api", &demo.api];
        let order = output(&[&order[..], fields].concat());
        (order.status.code(), stdout(&order) + &stderr(&order))
    };
    let parties = r#"NoPartyIDs=[{"PartyRole":12,"PartyID":"DESK7"}]"#;
    let (code, said) = order(&["--field", "MinQty=1", "--field", parties]);
    assert!(code == Some(0) && said.contains("FILLED"), "{said}");
    let (code, said) = order(&["--field", "MinQtty=1"]);
    assert!(code == Some(1) && said.contains("did you mean MinQty(110)?"), "{said}");
    let (code, said) = order(&["--field", "MsgSeqNum=1"]);
    assert!(
        code == Some(1) && said.contains("fields: MsgSeqNum(34): the session itself writes this field"),
        "{said}"
    );
    let (code, said) = order(&["--field", "MinQty=1", "--field", "MinQty=2"]);
    assert!(code == Some(2) && said.contains("--field MinQty: given twice"), "{said}");
}

#[test]
fn an_order_is_replaced_and_the_list_follows_it() {
    let demo = demo();
    let run = |arguments: &[&str]| {
        let done = output(&[arguments, &["--api", &demo.api]].concat());
        (done.status.code(), stdout(&done) + &stderr(&done))
    };
    let order = [
        "order",
        "--side",
        "BUY",
        "--qty",
        "10",
        "--symbol",
        "5Y",
        "--price",
        "90.5",
        "--cl-ord-id",
        "LIST-1",
    ];
    let (code, said) = run(&[&order[..], &["--timeout", "500ms"]].concat());
    assert!(code == Some(75) && said.contains("NEW") && said.contains("not finished after 0.5 s"), "{said}");
    let (_, listed) = run(&["orders", "--state", "working"]);
    let row: Vec<&str> = listed.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row, ["LIST-1", "5Y", "BUY", "10", "0", "10", "90.5", "NEW", "NEW"], "{listed}");

    let (code, said) = run(&["replace", "--cl-ord-id", "LIST-1", "--qty", "4"]);
    assert!(code == Some(0) && said.contains("REPLACED"), "{said}");
    let new_id = said.split_whitespace().nth(1).unwrap().to_owned();
    let (_, listed) = run(&["orders"]);
    assert!(listed.contains(&format!("REPLACED by {new_id}")), "{listed}");
    let row: Vec<&str> = listed.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row, [new_id.as_str(), "5Y", "BUY", "4", "0", "4", "90.5", "NEW", "REPLACED"], "{listed}");

    let (code, said) = run(&["replace", "--cl-ord-id", &new_id, "--symbol", "2Y", "--side", "BUY"]);
    assert!(code == Some(1) && said.contains("REPLACE REJECTED"), "{said}");
    let (code, said) = run(&["cancel", "--cl-ord-id", &new_id]);
    assert!(code == Some(0) && said.contains("CANCELED"), "{said}");
    let (_, listed) = run(&["orders", "--state", "working"]);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    let (code, said) = run(&["replace", "--cl-ord-id", "NOBODY", "--qty", "5"]);
    assert!(
        code == Some(2) && said.contains("nothing is known here of the order's quantity and type"),
        "{said}"
    );
}

/// The desk has no list of what may be traded: the answer is the counterparty's.
#[test]
fn any_symbol_goes_to_the_counterparty() {
    let demo = demo();
    let arguments = ["order", "--side", "BUY", "--qty", "1", "--symbol", "AAPL", "--api", &demo.api];
    let order = output(&arguments);
    assert_eq!(order.status.code(), Some(1), "{}{}", stdout(&order), stderr(&order));
    assert!(stdout(&order).contains("sent "), "{}{}", stdout(&order), stderr(&order));
    assert!(stdout(&order).contains("nobody in the book to trade with"), "{}", stdout(&order));
    let order = output(&[&arguments[..], &["--price", "187.2", "--timeout", "1"]].concat());
    assert!(
        stdout(&order).contains("limit 187.2  leaves 1"),
        "it rests: {}{}",
        stdout(&order),
        stderr(&order)
    );
}

#[test]
fn a_file_of_instruments_takes_the_place_of_the_ten() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "symbol,startPrice,tick,step,halfSpread\nAAPL,187.20,0.01,0.05,0.01\n";
    let file = support::write_file(folder.path(), "instruments.csv", text);
    let demo = demo_with(&["--instruments", &file]);
    let order = output(&["order", "--side", "BUY", "--qty", "1", "--symbol", "AAPL", "--api", &demo.api]);
    assert!(stdout(&order).contains("FILLED"), "{}{}", stdout(&order), stderr(&order));
    let prices = output(&["prices", "--once", "--api", &demo.api]);
    assert!(stdout(&prices).contains("AAPL") && !stdout(&prices).contains("10Y"), "{}", stdout(&prices));
}

#[test]
fn an_order_with_a_used_cl_ord_id_is_not_taken_for_the_earlier_one() {
    let demo = demo();
    let arguments =
        ["order", "--side", "BUY", "--qty", "1", "--symbol", "5Y", "--cl-ord-id", "ONCE", "--api"];
    let order = || output(&[&arguments[..], &[&demo.api]].concat());
    assert!(order().status.success());
    let again = order();
    assert_eq!(again.status.code(), Some(1), "{}{}", stdout(&again), stderr(&again));
    assert!(!stdout(&again).contains("FILLED"), "{}", stdout(&again));
    assert!(stderr(&again).contains("ONCE was used before"), "{}", stderr(&again));
}

/// `demo >/dev/full`, or into a pipe whose reader is gone.
#[test]
fn it_runs_when_nobody_reads_its_output() {
    let (api_port, fix_port) = (free_port().to_string(), free_port().to_string());
    let mut command = support::fix_host(&["demo", "--api-port", &api_port, "--fix-port", &fix_port]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let mut child = command.stdout(full).stderr(std::process::Stdio::null()).spawn().expect("it starts");
    support::wait_for_port(api_port.parse().expect("a port"));
    let api = format!("http://127.0.0.1:{api_port}");
    let status = output(&["status", "--api", &api]);
    assert!(status.status.success(), "{}", stderr(&status));
    child.kill().expect("it was running");
    child.wait().expect("it ends");
}

#[test]
fn a_limit_order_rests_and_is_cancelled() {
    let demo = demo();
    let arguments =
        ["order", "--side", "SELL", "--qty", "5", "--symbol", "10Y", "--price", "120", "--timeout", "1"];
    let order = output(&[&arguments[..], &["--cl-ord-id", "REST-1", "--api", &demo.api]].concat());
    assert!(stdout(&order).contains("NEW"), "{}{}", stdout(&order), stderr(&order));
    let cancel = output(&["cancel", "--cl-ord-id", "REST-1", "--api", &demo.api]);
    assert!(cancel.status.success(), "{}{}", stdout(&cancel), stderr(&cancel));
    assert!(stdout(&cancel).contains("CANCELED"), "{}", stdout(&cancel));
    let again = output(&["cancel", "--cl-ord-id", "REST-1", "--api", &demo.api]);
    assert_eq!(again.status.code(), Some(1), "{}{}", stdout(&again), stderr(&again));
}

#[test]
fn prices_come_as_a_table_and_as_json() {
    let demo = demo();
    let table = output(&["prices", "--once", "--api", &demo.api]);
    for heading in ["Symbol", "Bid", "Ask", "Mid", "Change", "VWAP", "SR3Z6"] {
        assert!(stdout(&table).contains(heading), "{heading}: {}{}", stdout(&table), stderr(&table));
    }
}

#[test]
fn bad_orders_get_one_clear_line_and_the_engine_lives() {
    let mut demo = demo();
    for (arguments, says) in [
        (["--qty", "0", "--symbol", "5Y"], "qty"),
        (["--qty", "NaN", "--symbol", "5Y"], "qty"),
        (["--qty", "5", "--symbol", "NOPE"], "NOPE"),
    ] {
        let order = output(&[&["order", "--side", "BUY", "--api", &demo.api][..], &arguments].concat());
        assert!(!order.status.success());
        let said = stderr(&order) + &stdout(&order);
        assert!(said.contains(says), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert!(demo.program.is_running());
}

#[test]
fn a_signal_ends_it_with_a_logout_within_two_seconds() {
    for signal in ["INT", "TERM"] {
        let mut demo = demo();
        demo.program.signal(signal);
        let (status, took) = demo.program.wait();
        assert!(status.success(), "{signal}: {status}: {}", demo.program.printed());
        assert!(took.as_millis() < 2000, "{signal}: {took:?}");
        assert!(demo.program.printed().contains("LOGGED OFF"), "{}", demo.program.printed());
    }
}

#[test]
fn who_else_listens_on_its_port_gets_no_logon() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    other.set_nonblocking(true).expect("a listener");
    let fix_port = other.local_addr().expect("its address").port().to_string();
    let demo = output(&["demo", "--api-port", &free_port().to_string(), "--fix-port", &fix_port]);
    assert_eq!(demo.status.code(), Some(69), "{}{}", stdout(&demo), stderr(&demo));
    let said = format!("127.0.0.1:{fix_port}: Address already in use (os error 98) (taken by demo");
    assert!(
        stderr(&demo).contains(&said) && stderr(&demo).contains("change --fix-port"),
        "{}",
        stderr(&demo)
    );
    assert!(other.accept().is_err(), "nobody has dialled it");
}

#[test]
fn with_a_taken_port_of_the_api_nothing_is_promised() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let api_port = other.local_addr().expect("its address").port().to_string();
    let demo = output(&["demo", "--api-port", &api_port, "--fix-port", &free_port().to_string()]);
    assert_eq!((demo.status.code(), stdout(&demo)), (Some(69), String::new()), "{}", stderr(&demo));
    assert!(stderr(&demo).contains("--api-port PORT"), "{}", stderr(&demo));
}

/// `nohup fix-host demo`; and a SIGHUP while nobody's terminal is closed.
#[test]
fn a_hangup_ends_nothing_while_the_terminal_is_open_or_ignored() {
    for trap in ["trap '' HUP;", ""] {
        let api_port = free_port().to_string();
        let mut command = std::process::Command::new("sh");
        let program = env!("CARGO_BIN_EXE_fix-host");
        let line = format!("{trap} exec {program} demo --api-port {api_port} --fix-port {}", free_port());
        command.args(["-c", &line]);
        let mut program = Program::spawn(command);
        program.wait_for("LOGGED ON");
        let killed = std::process::Command::new("kill").args(["-HUP", &program.id().to_string()]).status();
        assert!(killed.expect("kill").success());
        let status = output(&["status", "--api", &format!("http://127.0.0.1:{api_port}")]);
        assert!(status.status.success(), "{trap}: {}", stderr(&status));
    }
}
