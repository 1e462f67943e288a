//! Venue profiles, as a counterparty meets them.

#[path = "support/client.rs"]
mod client;
#[path = "support/page.rs"]
mod page;
mod support;
#[path = "support/wire.rs"]
mod wire;

use std::{fs, path::Path, time::Instant};

use client::{Client, field};
use support::{Program, fix_host, free_port, output, stderr, stdout, write_file};

struct Venue {
    folder: tempfile::TempDir,
    port: u16,
    exchange: Program,
}

impl Venue {
    /// An exchange with a profile: its name, or its text.
    fn start(profile: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/load-exchange.cfg");
        let text = fs::read_to_string(shipped).unwrap();
        let text = text.replace("SocketAcceptPort=9876", &format!("SocketAcceptPort={port}"));
        let config = write_file(folder.path(), "exchange.cfg", &text);
        let venue = match profile.contains(['\n', '=']) {
            true => write_file(folder.path(), "my-venue.toml", profile),
            false => profile.to_owned(),
        };
        let mut exchange =
            Program::start(&["exchange", "--config", &config, "--venue", &venue, "--seed", "7"]);
        exchange.wait_for("FIX acceptor on");
        Venue { folder, port, exchange }
    }

    fn log_on(&self, name: &str) -> Client {
        Client::log_on(self.port, name)
    }
}

#[test]
fn an_executor_fills_limit_orders_at_their_limit() {
    let venue = Venue::start("quickfix-executor");
    let mut client = venue.log_on("DESK");
    client.order("1", 100, Some("12.5"));
    assert_eq!(field(&client.wait_for("8"), "150"), "0");
    let report = client.wait_for("8");
    for (tag, value) in [
        ("150", "F"),
        ("39", "2"),
        ("31", "12.500"),
        ("32", "100"),
        ("14", "100"),
        ("151", "0"),
        ("6", "12.500"),
    ] {
        assert_eq!(field(&report, tag), value, "{tag} in {report}");
    }
    client.order("2", 100, None);
    let report = client.wait_for("8");
    assert_eq!((field(&report, "150"), field(&report, "103")), ("8", "11"), "{report}");
}

#[test]
fn crypto_has_microseconds_and_logs_out_beyond_its_limit() {
    let mut venue = Venue::start("crypto");
    let mut client = venue.log_on("DESK");
    client.order("0", 1, Some("1"));
    let report = client.wait_for("8");
    assert_eq!(field(&report, "52").len(), "20261128-18:00:00.123456".len(), "{report}");
    // They arrive within one second, however busy the machine is.
    client.orders_at_once(1..=21);
    let logout = client.wait_for("5");
    assert_eq!(field(&logout, "58"), "rate limit: more than 20 messages a second", "{logout}");
    venue.exchange.wait_for("on purpose, by venue profile crypto: message");
}

#[test]
fn orders_are_refused_by_size_price_and_turn_and_cancels_without_a_word_on_their_order() {
    let venue = Venue::start(
        "[[reject]]\nquantity-above = 1000\nreason = 3\ntext = \"too large\"\n[[reject]]\nprice-away-percent = 50\n\
         text = \"far away\"\n[[reject]]\nkinds = [\"cancel\"]\nevery = 2\ntext = \"no cancels\"\n",
    );
    let mut client = venue.log_on("DESK");
    client.order("1", 1001, Some("100"));
    let report = client.wait_for("8");
    assert_eq!(
        (field(&report, "103"), field(&report, "58"), field(&report, "37")),
        ("3", "too large", "NONE")
    );
    assert_eq!((field(&report, "11"), field(&report, "55"), field(&report, "151")), ("1", "10Y", "0"));
    client.order("2", 1000, Some("1"));
    assert_eq!(field(&client.wait_for("8"), "58"), "far away");
    client.order("3", 1000, Some("60"));
    assert_eq!(field(&client.wait_for("8"), "150"), "0");
    for (id, msg_type) in [("4", "9"), ("5", "j")] {
        let now = wire::sending_time();
        client.send("F", &format!("11={id}|41=none|55=10Y|54=1|60={now}|"));
        let answer = client.wait_for(msg_type);
        assert!(answer.contains(&format!("={id}|")), "{answer}");
    }
}

#[test]
fn each_order_of_a_list_and_each_instrument_of_a_request_is_judged_by_itself() {
    let venue = Venue::start(
        "[[reject]]\nquantity-above = 1000\nwhen = { TimeInForce = \"1\", ListID = \"*\" }\ntext = \"too large\"\n\
         [[reject]]\nkinds = [\"quote\", \"market-data\"]\nsymbol = \"2Y\"\ntext = \"no prices\"\n",
    );
    let mut client = venue.log_on("DESK");
    let order = |id: &str, qty: &str, more: &str| format!("11={id}|55=10Y|54=1|38={qty}|40=2|44=90|{more}");
    let list =
        |orders: [String; 2]| format!("66={}|394=3|68=2|73=2|{}{}", orders[1].len(), orders[0], orders[1]);
    // Each rule is for one order: the quantity of one and the time in force of another are not both of any.
    client.send("E", &list([order("a|67=1", "10", "59=1|"), order("b|67=2", "1001", "")]));
    assert_eq!(field(&client.wait_for("N"), "68"), "2");
    // The order that is refused does not take the others with it.
    client.send("E", &list([order("c|67=1|1=FUND", "1001", "59=1|"), order("d|67=2", "10", "")]));
    let refused = client.wait_for("8");
    let told = ["11", "150", "58", "1"].map(|tag| field(&refused, tag));
    assert_eq!(told, ["c", "8", "too large", "FUND"]);
    let status = client.wait_for("N");
    assert_eq!(
        ["66", "431", "39", "103"].map(|tag| field(&status, tag)),
        [field(&refused, "66"), "3", "8", "99"]
    );
    assert!(status.contains("|11=d|14=0|39=0|151=10|"), "{status}");
    client.send("R", "131=q|146=2|55=10Y|55=2Y|");
    assert_eq!(field(&client.wait_for("AG"), "58"), "Symbol(55) 2Y: no prices");
    client.send("V", "262=m|263=0|264=1|267=1|269=0|146=2|55=10Y|55=2Y|");
    assert_eq!(field(&client.wait_for("j"), "58"), "Symbol(55) 2Y: no prices");
}

#[test]
fn requests_wait_and_stay_in_their_order() {
    let venue = Venue::start("[latency]\nnew = { at-least = \"150ms\", jitter = \"50ms\" }\n");
    let mut client = venue.log_on("DESK");
    let begin = Instant::now();
    client.order("1", 10, Some("1"));
    let now = wire::sending_time();
    client.send("F", &format!("11=2|41=1|55=10Y|54=1|60={now}|"));
    let report = client.wait_for("8");
    assert_eq!((field(&report, "11"), field(&report, "150")), ("1", "0"), "{report}");
    assert!(begin.elapsed().as_millis() >= 150, "{:?}", begin.elapsed());
    let report = client.wait_for("8");
    assert_eq!((field(&report, "11"), field(&report, "150")), ("2", "4"), "{report}");
}

#[test]
fn some_requests_are_never_answered_and_all_others_are() {
    let mut venue = Venue::start("[[silence]]\nkinds = [\"new\"]\nevery = 3\n");
    let mut client = venue.log_on("DESK");
    for number in 1..=6 {
        client.order(&number.to_string(), 1, Some("1"));
    }
    client.send("1", "112=all|");
    let mut answered = Vec::new();
    loop {
        let message = client.next().expect("it stays connected");
        match field(&message, "35") {
            "8" => answered.push(field(&message, "11").to_owned()),
            "0" if field(&message, "112") == "all" => break,
            _ => {}
        }
    }
    assert_eq!(answered, ["1", "2", "4", "5"]);
    venue.exchange.wait_for("on purpose, by venue profile my-venue: message 4 (35=D): no answer");
}

/// Our own engine on the other side: what FIX lets it recover it does, and no answer is missing in the end.
#[test]
fn every_fault_of_the_line_that_fix_can_mend_is_mended() {
    let faults = [
        "wrong-check-sum = 15",
        "wrong-body-length = 15",
        "lost = { every = 30, messages = 2 }",
        "cut = 60",
        "half-open = 100",
        "slow-reader = 20000",
        "wrong-check-sum = 40\nlost = { every = 60 }\ncut = 150\nduplicate-exec-id = 10",
    ];
    // Each waits most of the time.
    std::thread::scope(|scope| faults.iter().for_each(|faults| drop(scope.spawn(|| survives(faults)))));
}

fn survives(faults: &str) {
    let mut venue = Venue::start(&format!("[line]\n{faults}\n"));
    let desk = format!(
        "[DEFAULT]\nConnectionType=initiator\nBeginString=FIX.4.4\nTargetCompID=EXCHANGE\nHeartBtInt=1\n\
         ReconnectInterval=1\nSocketConnectHost=127.0.0.1\nSocketConnectPort={}\n[SESSION]\nSenderCompID=DESK\n",
        venue.port
    );
    let desk = write_file(venue.folder.path(), "desk.cfg", &desk);
    let load = [
        "load",
        "--config",
        &desk,
        "--rate",
        "150",
        "--duration",
        "1s",
        "--drain",
        "30s",
        "--logon-timeout",
        "60s",
        "--seed",
        "3",
    ];
    let done = output(&load);
    let said = stdout(&done);
    assert!(
        said.contains("sent 150  acked 150") && said.contains("unanswered 0"),
        "{faults}: {said}{}",
        stderr(&done)
    );
    if !faults.starts_with("slow") {
        venue.exchange.wait_for("on purpose, by venue profile my-venue: message ");
    }
}

#[test]
fn a_resend_without_orig_sending_time_and_a_report_with_an_old_exec_id() {
    let venue = Venue::start("[line]\nno-orig-sending-time = true\nduplicate-exec-id = 1\n");
    let mut client = venue.log_on("DESK");
    client.order("1", 1, Some("1"));
    let first = client.wait_for("8");
    client.order("2", 1, Some("1"));
    let second = client.wait_for("8");
    assert_eq!((field(&second, "11"), field(&second, "17")), ("2", field(&first, "17")), "{second}");
    client.send("2", "7=2|16=2|");
    let again = client.wait_for("8");
    assert_eq!((field(&again, "34"), field(&again, "43"), field(&again, "122")), ("2", "Y", ""), "{again}");
}

#[test]
fn a_profile_that_cannot_be_read_names_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = write_file(folder.path(), "v.toml", "[throttle]\nmesages = 5\n");
    for option in ["--venue", "--check-venue"] {
        let refused = output(&["exchange", option, &file]);
        let said = stderr(&refused);
        assert_eq!(refused.status.code(), Some(78), "{said}");
        assert!(said.contains("v.toml:2: unknown field `mesages`"), "{said}");
        assert!(said.contains("did you mean `messages`?"), "{said}");
    }
    let refused = output(&["demo", "--venue", "nasti"]);
    assert!(stderr(&refused).contains("did you mean nasty?"), "{}", stderr(&refused));
}

/// Each profile on docs/venues.md can be read, all of them make one, and its commands work.
#[test]
fn the_page_of_venues_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/venues.md");
    let text = fs::read_to_string(docs).unwrap();
    let blocks = |kind: &str| -> Vec<String> {
        let fence = format!("```{kind}\n");
        let blocks = text.split(&fence).skip(1);
        blocks.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
    };
    let profiles = blocks("toml");
    assert!(profiles.len() > 5);
    for (number, profile) in profiles.iter().enumerate() {
        let file = write_file(folder.path(), &format!("{number}.toml"), profile);
        let checked = output(&["exchange", "--check-venue", &file]);
        assert!(checked.status.success(), "{profile}{}", stderr(&checked));
    }
    let all = write_file(folder.path(), "all.toml", &profiles.concat());
    let checked = output(&["exchange", "--check-venue", &all]);
    assert!(checked.status.success(), "{}", stderr(&checked));
    // A scenario has no line.
    let played: Vec<&str> =
        profiles.iter().filter(|profile| profile.contains("[[event]]")).map(String::as_str).collect();
    write_file(folder.path(), "my-venue.toml", &format!("description = \"mine\"\n{}", played.concat()));
    let [scenario] = &blocks("scenario")[..] else { panic!("one scenario") };
    write_file(folder.path(), "halted.scenario", scenario);
    for command in page::commands("venues.md") {
        if command.last().is_some_and(|last| last == "&") {
            let name = command.iter().skip_while(|word| *word != "--venue").nth(1).expect("a venue");
            drop(Venue::start(name));
            continue;
        }
        let run = fix_host(&[]).args(&command).current_dir(folder.path()).output().unwrap();
        assert!(run.status.success(), "{command:?}: {}{}", stdout(&run), stderr(&run));
        assert!(!stdout(&run).is_empty(), "{command:?}");
    }
}

/// Each profile that comes with the program starts as a user starts it, and trades.
#[test]
fn each_shipped_profile_starts_and_trades() {
    for profile in ["plain", "quickfix-executor", "bond-rfq", "crypto"] {
        let venue = Venue::start(profile);
        let mut client = venue.log_on("DESK");
        client.order("1", 10, Some("98"));
        assert_eq!(field(&client.wait_for("8"), "150"), "0", "{profile}");
        assert_eq!(field(&client.wait_for("8"), "39"), "2", "{profile}");
    }
}
