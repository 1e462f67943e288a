//! `start` with MarketData=subscribe shows the prices of its counterparty, `exchange`, and what becomes of them.

#[path = "../support/mod.rs"]
mod support;
mod venue;
#[path = "../support/wire.rs"]
mod wire;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::{PATIENCE, Program, free_port, output, stderr, stdout, write_file};

struct Place {
    folder: tempfile::TempDir,
    desk_cfg: String,
    exchange_cfg: String,
    api: String,
}

impl Place {
    /// The desk knows of three symbols, with prices that are none of the exchange's; the exchange of two of them.
    fn new(keys: &str) -> Self {
        Place::at(free_port(), keys)
    }

    /// With the exchange at this port.
    fn at(port: u16, keys: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let head = "symbol,startPrice,tick,step,halfSpread";
        let exchange = format!("{head}\nAAPL,187.20,0.01,0.02,0.01\nMSFT,402.10,0.01,0.02,0.01\n");
        let desk = format!("{head}\nAAPL,1,0.01,0.01,0.01\nGOOG,1,0.01,0.01,0.01\nMSFT,1,0.01,0.01,0.01\n");
        let exchange = write_file(folder.path(), "exchange.csv", &exchange);
        let desk = write_file(folder.path(), "desk.csv", &desk);
        let log = folder.path().join("log").display().to_string();
        let exchange_cfg = format!(
            "[DEFAULT]\nConnectionType=acceptor\nInstruments={exchange}\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\n\
             [SESSION]\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\n"
        );
        let desk_cfg = format!(
            "[DEFAULT]\nConnectionType=initiator\nInstruments={desk}\nReconnectInterval=1\nHeartBtInt=30\nFileLogPath={log}\n\
             SocketConnectHost=127.0.0.1\nSocketConnectPort={port}\nResetOnLogon=Y\n{keys}\n\
             [SESSION]\nBeginString=FIX.4.4\nSenderCompID=TRADEDESK\nTargetCompID=EXCHANGE\n"
        );
        let exchange_cfg = write_file(folder.path(), "exchange.cfg", &exchange_cfg);
        let desk_cfg = write_file(folder.path(), "desk.cfg", &desk_cfg);
        Place { folder, desk_cfg, exchange_cfg, api: format!("127.0.0.1:{}", free_port()) }
    }

    fn start(&self) -> Program {
        let mut engine = Program::start(&["start", "--fix-config", &self.desk_cfg, "--api", &self.api]);
        engine.wait_for("HTTP API");
        engine
    }

    fn exchange(&self) -> Program {
        Program::start(&["exchange", "--config", &self.exchange_cfg])
    }

    /// What a user sees: `fix-host prices --once`, in this format.
    fn prices(&self, format: &str) -> String {
        let api = format!("http://{}", self.api);
        let shown = output(&["prices", "--once", "--format", format, "--api", &api]);
        stdout(&shown) + &stderr(&shown)
    }

    /// Waits until the prices are as wanted.
    fn wait_for(&self, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.prices("json");
            match serde_json::from_str::<Value>(&text) {
                Ok(prices) if is_wanted(&prices) => return prices,
                _ => assert!(Instant::now() < deadline, "waited in vain for {what}: {text}"),
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What `/api/market/SYMBOL` says.
    fn book(&self, symbol: &str) -> Value {
        let request =
            format!("GET /api/market/{symbol} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.api);
        let mut socket = TcpStream::connect(&self.api).expect("the API");
        socket.write_all(request.as_bytes()).expect("the request is taken");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }

    fn wait_for_book(&self, symbol: &str, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let book = self.book(symbol);
            if is_wanted(&book) {
                return book;
            }
            assert!(Instant::now() < deadline, "waited in vain for {what}: {book}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self, kind: &str) -> String {
        let name = format!("FIX.4.4-TRADEDESK-EXCHANGE.{kind}.current.log");
        fs::read_to_string(self.folder.path().join("log").join(name)).expect("the log").replace('\x01', "|")
    }
}

fn holds(price: &Value) -> bool {
    price["source"] == "counterparty" && price["stale"] == false && price["mid"].is_number()
}

#[test]
fn the_prices_are_those_of_the_exchange_also_after_a_reconnect_and_stale_in_between() {
    let place = Place::new("MarketData=subscribe");
    let mut engine = place.start();
    let none = place.prices("table");
    assert!(none.contains("its counterparty has said none"), "{none}");
    let mut exchange = place.exchange();
    engine.wait_for("no market data of GOOG: unknown symbol");
    let prices = place.wait_for("both symbols", |prices| holds(&prices["AAPL"]) && holds(&prices["MSFT"]));
    let (bid, ask) = (prices["AAPL"]["bid"].as_f64().unwrap(), prices["AAPL"]["ask"].as_f64().unwrap());
    assert!((180.0..195.0).contains(&bid) && bid < ask, "{prices}");
    assert!(prices["MSFT"]["bid"].as_f64().is_some_and(|bid| (390.0..410.0).contains(&bid)), "{prices}");
    assert_eq!(prices["GOOG"], Value::Null, "{prices}");
    place.wait_for("a change", |now| holds(&now["AAPL"]) && now["AAPL"]["bid"] != prices["AAPL"]["bid"]);

    exchange.signal("TERM");
    exchange.wait();
    engine.wait_for("LOGGED OFF");
    place.wait_for("stale prices", |prices| {
        prices["AAPL"]["stale"] == true && prices["MSFT"]["stale"] == true
    });
    let table = place.prices("table");
    assert_eq!(table.matches("STALE").count(), 2, "{table}");

    let _exchange = place.exchange();
    engine.wait_for("LOGGED ON");
    place.wait_for("prices again", |prices| holds(&prices["AAPL"]) && holds(&prices["MSFT"]));
    // Its logs are whole when it has ended.
    engine.signal("TERM");
    assert!(engine.wait().0.success());
    let messages = place.log("messages");
    let mut ids: Vec<&str> = messages
        .lines()
        .filter(|line| line.contains("|35=V|"))
        .filter_map(|line| line.split('|').find_map(|field| field.strip_prefix("262=")))
        .collect();
    assert_eq!(ids.len(), 6, "{messages}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6, "each request has an id of its own");
    assert_eq!(place.log("event").matches("no market data of GOOG: unknown symbol").count(), 1);
}

#[test]
fn an_order_is_held_against_the_price_of_the_counterparty() {
    let place = Place::new("MarketData=subscribe\nPriceBandPercent=10");
    let _engine = place.start();
    let _exchange = place.exchange();
    place.wait_for("a price", |prices| holds(&prices["AAPL"]));
    let api = format!("http://{}", place.api);
    let order = |price: &str| {
        let order =
            ["order", "--side", "BUY", "--qty", "1", "--symbol", "AAPL", "--api", &api, "--price", price];
        let answer = output(&order);
        stdout(&answer) + &stderr(&answer)
    };
    let refused = order("100");
    let text = "PriceBandPercent is 10, the order has 100, and the counterparty's last price is 18";
    assert!(refused.contains(text), "{refused}");
    assert!(order("190").contains("FILLED"));
}

#[test]
fn none_is_simulated_where_the_file_says_so() {
    let place = Place::new("MarketData=none");
    let mut engine = place.start();
    let _exchange = place.exchange();
    engine.wait_for("LOGGED ON");
    let said = place.prices("table");
    assert!(said.contains("there are no prices"), "{said}");
}

/// `price x quantity` of each level.
fn levels(side: &Value) -> Vec<String> {
    let levels = side.as_array().into_iter().flatten();
    levels.map(|level| format!("{}x{}", level["price"], level["qty"])).collect()
}

#[test]
fn the_whole_book_of_the_exchange_is_shown_with_its_trades_and_marked_when_it_may_not_hold() {
    let place = Place::new("MarketData=subscribe\nMarketDepth=0");
    let mut engine = place.start();
    let mut exchange = place.exchange();
    place
        .wait_for_book("AAPL", "a book", |book| book["stale"] == false && book["bids"][0]["qty"].is_number());
    assert_eq!(place.book("GOOG")["refusal"], "unknown symbol (unknown symbol)");
    assert!(place.book("TSLA")["error"].as_str().is_some_and(|error| error.contains("TSLA")));

    let api = format!("http://{}", place.api);
    let order = |id: &str, more: &[&str]| {
        let order = ["order", "--side", "BUY", "--symbol", "AAPL", "--api", &api, "--cl-ord-id", id];
        let answer = output(&[&order, more].concat());
        stdout(&answer) + &stderr(&answer)
    };
    order("B1", &["--qty", "7", "--price", "150", "--timeout", "0"]);
    order("B2", &["--qty", "5", "--price", "149.5", "--timeout", "0"]);
    order("B3", &["--qty", "2", "--price", "150", "--timeout", "0"]);
    let has = |book: &Value, level: &str| levels(&book["bids"]).iter().any(|one| one == level);
    let book =
        place.wait_for_book("AAPL", "three orders", |book| has(book, "150.00x9") && has(book, "149.50x5"));
    assert!(
        book["bids"]
            .as_array()
            .unwrap()
            .windows(2)
            .all(|two| { two[0]["price"].as_f64() > two[1]["price"].as_f64() }),
        "{book}"
    );
    output(&["cancel", "--cl-ord-id", "B1", "--api", &api]);
    place.wait_for_book("AAPL", "two orders", |book| has(book, "150.00x2") && !has(book, "150.00x9"));
    assert!(order("B4", &["--qty", "3"]).contains("FILLED"));
    place.wait_for_book("AAPL", "a trade", |book| book["trades"][0]["qty"] == 3);

    exchange.signal("TERM");
    exchange.wait();
    engine.wait_for("LOGGED OFF");
    let stale = place.book("AAPL");
    assert!(stale["stale"] == true && has(&stale, "150.00x2"), "{stale}");
}
