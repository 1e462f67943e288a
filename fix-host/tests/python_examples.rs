//! The programs of `examples/python` and the page of `examples/dash` against `demo` and a real redis-server, as a desk in
//! Python runs them.

#[path = "support/redis_server.rs"]
mod redis_server;
mod support;

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use redis_server::RedisServer;
use serde_json::{Value, json};
use support::{PATIENCE, Program, eventually, free_port, wait_for_port};

struct Desk {
    redis: RedisServer,
    _demo: Program,
}

impl Desk {
    /// `None` where redis-server or one of these modules is missing, which is said aloud; in CI, where `CI=true`, that is
    /// a failure.
    fn start(modules: &[&str]) -> Option<Self> {
        for module in modules {
            let found = Command::new("python3").args(["-c", &format!("import {module}")]).output();
            if !found.is_ok_and(|output| output.status.success()) {
                assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must install {module}");
                eprintln!("SKIPPED: python3 has no module {module} (python3 -m pip install {module})");
                return None;
            }
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
    let Some(desk) = Desk::start(&["redis"]) else { return };
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
    let Some(desk) = Desk::start(&["redis"]) else { return };
    let said = desk.expect("prices.py 5Y 10Y NOBODY --count 2", 0, &["  simulated", "NOBODY: no price"]);
    assert_eq!(said.lines().count(), 6, "{said}");

    desk.expect("order.py BUY 3 5Y --id SHOWN", 0, &["SHOWN: FILLED"]);
    let said =
        desk.expect("dashboard.py --ticks 3", 0, &["--- LOGGED_ON", "SHOWN: FILLED BUY 3 5Y", "simulated"]);
    let points = said.lines().rfind(|line| line.starts_with("chart of 5Y: ")).expect("a chart");
    let points: usize = points.split(' ').nth(3).and_then(|count| count.parse().ok()).expect("a number");
    assert!((1..=4).contains(&points), "{said}");
}

/// The page in Dash, asked as a browser asks it.
struct Page {
    port: u16,
    _app: Program,
}

impl Page {
    fn start(desk: &Desk) -> Self {
        let port = free_port();
        let mut command = Command::new("python3");
        command.args(["app.py", "--port", &port.to_string()]);
        command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/dash"));
        command.env("REDIS_URL", desk.redis.url()).env("PYTHONDONTWRITEBYTECODE", "1");
        let app = Program::spawn(command);
        wait_for_port(port);
        Page { port, _app: app }
    }

    /// The status and the body of an answer.
    fn ask(&self, request: &str, host: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the page listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        let head = format!(
            "{request} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    /// What a callback says of its outputs, each as (id, property).
    fn call(&self, outputs: &[(&str, &str)], changed: &str, inputs: Value, state: Value) -> Value {
        let names: Vec<String> = outputs.iter().map(|(id, property)| format!("{id}.{property}")).collect();
        let outputs: Vec<Value> =
            outputs.iter().map(|(id, property)| json!({ "id": id, "property": property })).collect();
        let (output, outputs) = match (&names[..], &outputs[..]) {
            ([name], [output]) => (name.clone(), output.clone()),
            _ => (format!("..{}..", names.join("...")), outputs.clone().into()),
        };
        let body = json!({
            "output": output, "outputs": outputs, "inputs": inputs, "state": state, "changedPropIds": [changed],
        });
        let host = format!("localhost:{}", self.port);
        let (status, mut answer) = self.ask("POST /_dash-update-component", &host, &body.to_string());
        assert_eq!(status, 200, "{body}");
        answer["response"].take()
    }

    /// A tick of its interval, with 10Y chosen.
    fn refresh(&self) -> Value {
        let outputs = [
            ("status", "children"),
            ("prices", "children"),
            ("symbol", "options"),
            ("chart", "figure"),
            ("reports", "children"),
        ];
        let inputs = json!([
            { "id": "interval", "property": "n_intervals", "value": 1 },
            { "id": "symbol", "property": "value", "value": "10Y" },
        ]);
        self.call(&outputs, "interval.n_intervals", inputs, json!([]))
    }

    /// A press on BUY, and what the page says to it.
    fn buy(&self, symbol: &str, qty: &Value, price: &Value) -> String {
        let inputs = json!([
            { "id": "buy", "property": "n_clicks", "value": 1 },
            { "id": "sell", "property": "n_clicks" },
        ]);
        let state = json!([
            { "id": "symbol", "property": "value", "value": symbol },
            { "id": "qty", "property": "value", "value": qty },
            { "id": "price", "property": "value", "value": price },
        ]);
        let answer = self.call(&[("sent", "children")], "buy.n_clicks", inputs, state);
        answer["sent"]["children"].as_str().expect("words").to_owned()
    }
}

/// The cells of a table that holds `text`.
fn row_with(table: &Value, text: &str) -> Option<Vec<Value>> {
    let children = |value: &Value| value["props"]["children"].as_array().cloned().unwrap_or_default();
    let rows = children(&table["children"][1]);
    let cells = |row: &Value| children(row).iter().map(|cell| cell["props"]["children"].clone()).collect();
    rows.iter().map(cells).find(|row: &Vec<Value>| row.iter().any(|cell| cell == text))
}

#[test]
fn a_page_in_dash_shows_prices_and_takes_orders() {
    let Some(mut desk) = Desk::start(&["redis", "dash"]) else { return };
    let page = Page::start(&desk);
    let (status, layout) = page.ask("GET /_dash-layout", &format!("127.0.0.1:{}", page.port), "");
    assert_eq!((status, layout["type"].as_str()), (200, Some("Main")));
    let (status, _) = page.ask("GET /_dash-layout", "rebound.example", "");
    assert_eq!(status, 400, "a site that gives this machine a name of its own");

    let quote = || row_with(&page.refresh()["prices"], "10Y");
    let first = eventually("a price", quote);
    assert_eq!(first[4], "simulated");
    eventually("another price", || quote().filter(|row| row[1..3] != first[1..3]));
    let answer = page.refresh();
    assert_eq!(answer["status"]["children"], "LOGGED_ON");
    assert!(answer["symbol"]["options"].as_array().is_some_and(|all| all.iter().any(|one| one == "10Y")));
    assert!(answer["chart"]["figure"]["data"][0]["y"].as_array().is_some_and(|points| points.len() > 1));

    let said = page.buy("10Y", &json!(10), &Value::Null);
    let id = said.split(' ').next().expect("a ClOrdID").to_owned();
    let state = |id: &str| row_with(&page.refresh()["reports"], id).map(|row| row[1].clone());
    eventually("the order filled", || state(&id).filter(|state| state == "FILLED"));
    let said = page.buy("10Y", &json!(5), &json!(80.5));
    let id = said.split(' ').next().expect("a ClOrdID").to_owned();
    eventually("the order resting", || state(&id).filter(|state| state == "NEW"));
    assert!(page.buy("10Y", &Value::Null, &Value::Null).starts_with("Not sent"));

    desk.redis.stop();
    let down = page.refresh();
    assert!(down["status"]["children"].as_str().is_some_and(|said| said.starts_with("NO REDIS")), "{down}");
    assert!(page.buy("10Y", &json!(5), &Value::Null).contains("nobody knows"));
}
