//! The programs of `examples/python` against `demo` and a real redis-server, as a desk in Python runs them.

#[path = "support/redis_server.rs"]
mod redis_server;
mod support;

use std::process::Command;

use redis_server::RedisServer;
use support::{Program, free_port};

struct Desk {
    redis: RedisServer,
    _demo: Program,
}

impl Desk {
    /// `None` where redis-server or redis-py is missing, which is said aloud; in CI, where `CI=true`, that is a failure.
    fn start() -> Option<Self> {
        let has_redis_py = Command::new("python3").args(["-c", "import redis"]).output();
        if !has_redis_py.is_ok_and(|output| output.status.success()) {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must install redis-py");
            eprintln!("SKIPPED: python3 has no module redis (Debian: apt-get install python3-redis)");
            return None;
        }
        let redis = RedisServer::start()?;
        let [api, fix] = [(); 2].map(|()| free_port().to_string());
        let mut demo = Program::start(&[
            "demo",
            "--redis-url",
            &redis.url(),
            "--api-port",
            &api,
            "--fix-port",
            &fix,
            "--seed",
            "7",
        ]);
        demo.wait_for("LOGGED ON to EXCHANGE");
        Some(Desk { redis, _demo: demo })
    }

    /// Runs a program to its end: its exit code, and all that it printed.
    fn run(&self, command: &str) -> (Option<i32>, String) {
        let output = Command::new("python3")
            .args(command.split(' '))
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/python"))
            .env("REDIS_URL", self.redis.url())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("python3 starts");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.code(), said.into_owned())
    }

    /// Runs a program that must end with this code, and print this.
    fn expect(&self, command: &str, code: i32, says: &[&str]) -> String {
        let (found, said) = self.run(command);
        assert_eq!(found, Some(code), "{command}: {said}");
        for text in says {
            assert!(said.contains(text), "{command}: no {text:?} in:\n{said}");
        }
        said
    }
}

#[test]
fn orders_are_placed_replaced_cancelled_and_followed() {
    let Some(desk) = Desk::start() else { return };
    desk.expect("order.py BUY 100 5Y", 0, &[": NEW BUY 100 5Y", ": FILLED BUY 100 5Y 100 at 9"]);
    let rests = "order.py SELL 10 10Y --price 120 --id MINE-1 --timeout 0.5";
    desk.expect(rests, 0, &["MINE-1: NEW SELL 10 10Y", "MINE-1: not finished after 0.5 s"]);
    desk.expect(rests, 1, &["MINE-1: REJECTED", "was used before"]);
    desk.expect("replace.py MINE-1 SELL 5 10Y 121 --id MINE-2", 0, &["MINE-2: REPLACED SELL 5 10Y"]);
    desk.expect("replace.py NOBODY SELL 5 10Y 121", 1, &["REFUSED"]);
    desk.expect("cancel.py MINE-2 SELL 10Y", 0, &[": CANCELED SELL 5 10Y"]);
    desk.expect("cancel.py MINE-2 SELL 10Y", 1, &[]);
    // No file names this symbol: it goes to the counterparty, in whose book it rests.
    desk.expect("order.py BUY 7 ZZTOP --price 12.5 --timeout 0.5", 0, &[": NEW BUY 7 ZZTOP"]);

    let said = desk.expect("follow.py --count 5", 0, &["FILLED BUY 100 5Y", "MINE-1: NEW SELL 10 10Y"]);
    let mut lines: Vec<&str> = said.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 5, "{said}");
}

#[test]
fn prices_and_a_dashboard_show_what_is_simulated() {
    let Some(desk) = Desk::start() else { return };
    let said = desk.expect("prices.py 5Y 10Y NOBODY --count 2", 0, &["  simulated", "NOBODY: no price"]);
    assert_eq!(said.lines().count(), 6, "{said}");

    desk.expect("order.py BUY 3 5Y --id SHOWN", 0, &["SHOWN: FILLED"]);
    let said =
        desk.expect("dashboard.py --ticks 3", 0, &["--- LOGGED_ON", "SHOWN: FILLED BUY 3 5Y", "simulated"]);
    let points = said.lines().rfind(|line| line.starts_with("chart of 5Y: ")).expect("a chart");
    let points: usize = points.split(' ').nth(3).and_then(|count| count.parse().ok()).expect("a number");
    assert!((1..=4).contains(&points), "{said}");
}
