//! The examples do what their first lines say.

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// Where cargo has put an example; it builds them with the tests of a package.
fn example(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test has a path");
    let built =
        test.parent().and_then(|deps| deps.parent()).expect("target/debug/deps").join("examples").join(name);
    assert!(built.exists(), "{} is not built: cargo build -p fix-core --examples", built.display());
    built
}

/// Runs an example to its end and returns what it printed.
fn run(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(example(name)).args(arguments).output().expect("it starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{name}: {printed}{}", String::from_utf8_lossy(&output.stderr));
    printed
}

/// Ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_codec_reads_what_it_wrote() {
    let printed = run("codec", &[]);
    assert!(printed.contains("|9=116|35=W|"), "{printed}");
    assert!(printed.contains("AAPL: MsgType W\n  101.24\n  101.26\n  2 entries"), "{printed}");
}

#[test]
fn a_message_of_ones_own_goes_over_the_wire() {
    assert!(run("custom_message", &[]).contains("|35=UM|1=FUND1|5001=250000.50|10="));
}

#[test]
fn an_hour_of_a_session_takes_no_time() {
    // A Logon, six orders or reports, and a Heartbeat each half minute.
    assert!(run("virtual_time", &[]).contains("6 orders filled; 126 messages sent by each side in an hour"));
}

#[test]
fn the_initiator_trades_with_the_acceptor() {
    let acceptor = Command::new(example("acceptor")).arg("127.0.0.1:0").stdout(Stdio::piped()).spawn();
    let mut acceptor = Running(acceptor.expect("it starts"));
    let mut lines = BufReader::new(acceptor.0.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let first = lines.next().expect("where it listens");
    let address = first.strip_prefix("listening on ").expect(&first);
    for connection in 1..=2 {
        let printed = run("initiator", &[address]);
        assert!(printed.ends_with("OrdStatus(2=FILLED), filled 100\nour Logout was answered\n"), "{printed}");
        assert_eq!(lines.next().as_deref(), Some("the counterparty logged out"));
        assert_eq!(lines.next(), Some(format!("{connection} orders filled so far")));
    }
}
