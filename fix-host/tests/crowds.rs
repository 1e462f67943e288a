//! Many peers and hostile ones at the built program: half-open connections, false lengths, a thousand sessions,
//! a million messages to resend. Figures are asserted in a release build; an unoptimised one beside other
//! tests only shows that it works: `cargo xtask crowds`.

mod support;
#[path = "support/wire.rs"]
mod wire;

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use fix_core::store::MessageStore;
use fix_host::{
    clock::utc_now,
    store::{JournalOptions, JournalStore, SessionName},
};
use support::{PATIENCE, Program, free_port, write_file};
use wire::{frame, sending_time};

const MEASURED: bool = !cfg!(debug_assertions);
/// The goal for a Logon and a TestRequest, at the 99th percentile.
const ANSWER: Duration = Duration::from_millis(20);

/// A running exchange with a session for everybody who comes.
struct Exchange {
    _folder: tempfile::TempDir,
    program: Program,
    port: u16,
}

impl Exchange {
    fn start(lines: &str) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"), lines)
    }

    fn start_in(folder: tempfile::TempDir, lines: &str) -> Self {
        let port = free_port();
        let text = format!(
            "[SESSION]\nConnectionType=acceptor\nAcceptorTemplate=Y\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\n\
             TargetCompID=*\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n{lines}\n"
        );
        let cfg = write_file(folder.path(), "exchange.cfg", &text);
        let mut program = Program::start(&["exchange", "--config", &cfg]);
        program.wait_for("FIX acceptor on");
        Exchange { _folder: folder, program, port }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connect");
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
        stream
    }

    fn log_on(&self, name: &str, heart_bt_int: u32) -> Client {
        let mut client =
            Client { stream: self.connect(), name: name.to_owned(), next_out: 1, received: Vec::new() };
        client.send("A", &format!("98=0\x01108={heart_bt_int}\x01"));
        client.wait_for("A");
        client
    }

    /// Memory of the program, in KiB.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program.id())).expect("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

/// A counterparty by hand.
struct Client {
    stream: TcpStream,
    name: String,
    next_out: u64,
    received: Vec<u8>,
}

impl Client {
    fn send(&mut self, msg_type: &str, body: &str) {
        let now = sending_time();
        let head =
            format!("49={}\x0156=EXCHANGE\x0134={}\x0152={}\x01", self.name, self.next_out, &now[..21]);
        self.next_out += 1;
        self.stream.write_all(&message(msg_type, &format!("{head}{body}"))).expect("write");
    }

    /// Waits for the next message of a type.
    fn wait_for(&mut self, msg_type: &str) {
        let wanted = format!("\x0135={msg_type}\x01");
        let mut buffer = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&self.received).into_owned();
            if let Some(place) = text.find(&wanted) {
                self.received.drain(..place + wanted.len());
                return;
            }
            let count = self.stream.read(&mut buffer).expect("an answer");
            assert!(count > 0, "closed before {msg_type}: {text:?}");
            self.received.extend_from_slice(&buffer[..count]);
        }
    }

    fn test_request(&mut self, id: &str) -> Duration {
        let start = Instant::now();
        self.send("1", &format!("112={id}\x01"));
        self.wait_for("0");
        start.elapsed()
    }
}

fn message(msg_type: &str, fields: &str) -> Vec<u8> {
    frame(&format!("35={msg_type}\x01{fields}"))
}

/// The 99th percentile, and in a measured build within the goal.
fn p99(what: &str, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let (median, p99) = (waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
    println!("{what}: median {median:?}, p99 {p99:?}, worst {:?} of {}", waits[waits.len() - 1], waits.len());
    assert!(!MEASURED || p99 <= ANSWER, "{what}: {p99:?}");
}

#[test]
fn half_open_connections_delay_nobody_and_are_gone_in_time() {
    let exchange = Exchange::start("");
    let mut steady = exchange.log_on("STEADY", 30);
    let opened = Instant::now();
    let crowd: Vec<TcpStream> = (0..1000)
        .map(|number| {
            let mut stream = exchange.connect();
            let begin: &[u8] =
                [&b""[..], b"8=FIX.4.4\x01", b"8=FIX.4.4\x019=77\x0135=A\x0149=SLOW"][number % 3];
            stream.write_all(begin).expect("write");
            stream
        })
        .collect();
    let (mut logons, mut test_requests) = (Vec::new(), Vec::new());
    for number in 0..200 {
        let start = Instant::now();
        exchange.log_on(&format!("DESK{number}"), 30);
        logons.push(start.elapsed());
        test_requests.push(steady.test_request(&format!("T{number}")));
    }
    let overlap = opened.elapsed();
    assert!(!MEASURED || overlap < Duration::from_secs(5), "the crowd was gone before the end: {overlap:?}");
    p99("Logon behind 1000 half-open connections", logons);
    p99("TestRequest behind 1000 half-open connections", test_requests);
    for mut stream in crowd {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(count) => assert_eq!(count, 0, "not a byte is sent to them"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    }
    println!("all 1000 half-open connections are gone after {:?}", opened.elapsed());
    assert!(!MEASURED || opened.elapsed() <= Duration::from_secs(6));
}

/// What a body length may lie about.
const FALSE_LENGTHS: [&str; 8] =
    ["1048577", "99999999", "999999999999999999999999", "-1", "0", "7", "4096", "1x"];

#[test]
fn false_body_lengths_buffer_next_to_nothing() {
    let exchange = Exchange::start("");
    let mut steady = exchange.log_on("STEADY", 30);
    let before = exchange.resident();
    let rubbish = [b'x'; 2048];
    for round in 0..10 {
        let mut crowd = Vec::new();
        for number in 0..500 {
            let mut stream = exchange.connect();
            let lie = FALSE_LENGTHS[(round + number) % FALSE_LENGTHS.len()];
            let _ = stream.write_all(format!("8=FIX.4.4\x019={lie}\x0135=A\x01").as_bytes());
            let _ = stream.write_all(&rubbish);
            crowd.push(stream);
        }
    }
    // And inside a session, which they must not end.
    for number in 0..5000 {
        let lie = FALSE_LENGTHS[number % 6];
        let bytes =
            format!("8=FIX.4.4\x019={lie}\x0135=0\x0149=STEADY\x0156=EXCHANGE\x0134={number}9\x0110=000\x01");
        steady.stream.write_all(bytes.as_bytes()).expect("write");
    }
    steady.test_request("ALIVE");
    let grown = exchange.resident().saturating_sub(before);
    println!("10,000 false body lengths: {grown} KiB more memory");
    assert!(grown <= 16 * 1024, "{grown} KiB");
}

#[test]
fn a_thousand_idle_sessions_need_little() {
    let count = if MEASURED { 1000 } else { 200 };
    let store = tempfile::tempdir().expect("a temporary folder");
    let exchange = Exchange::start(&format!("FileStorePath={}", store.path().display()));
    let mut clients: Vec<Client> =
        (0..20).map(|number| exchange.log_on(&format!("WARM{number}"), 3600)).collect();
    let before = exchange.resident();
    clients.extend((0..count).map(|number| exchange.log_on(&format!("IDLE{number}"), 3600)));
    for client in &mut clients {
        client.test_request("ALIVE");
    }
    let each = exchange.resident().saturating_sub(before) * 1024 / count;
    println!("{count} idle sessions with dictionary and journal: {each} bytes each");
    assert!(!MEASURED || each <= 16 * 1024, "{each} bytes");
}

fn journal(folder: &Path, name: &str, messages: u64) {
    let name = SessionName::new("FIX.4.4", ["EXCHANGE", "", ""], [name, "", ""], "");
    let mut store = JournalStore::open(folder, &name, JournalOptions::default()).expect("a journal");
    store.reset(utc_now()).expect("reset");
    let now = sending_time();
    for number in 1..=messages {
        let fields = format!(
            "49=EXCHANGE\x0156=BIG\x0134={number}\x0152={now}\x0137=O{number}\x0117=E{number}\x01150=0\x0139=0\x01\
             55=10Y\x0154=1\x0138=100\x01151=100\x0114=0\x016=0\x0111=C{number}\x01"
        );
        store.append(number, &message("8", &fields)).expect("append");
        if number % 1000 == 0 {
            store.flush().expect("flush");
        }
    }
    store.flush().expect("flush");
}

#[test]
fn a_million_messages_are_resent_in_little_memory_and_others_are_not_kept_waiting() {
    let count: u64 = if MEASURED { 1_000_000 } else { 20_000 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    journal(&folder.path().join("store"), "BIG", count);
    let lines = format!("FileStorePath={}", folder.path().join("store").display());
    let exchange = Exchange::start_in(folder, &lines);
    let mut bystander = exchange.log_on("BYSTANDER", 1);
    let mut big = exchange.log_on("BIG", 1);
    big.test_request("BEFORE");
    big.received.clear();
    let before = exchange.resident();
    let watch = std::thread::spawn(move || {
        // Each heartbeat is due a second after the one before.
        let mut waits = Vec::new();
        for _ in 0..4 {
            let start = Instant::now();
            bystander.wait_for("0");
            waits.push(start.elapsed());
            bystander.send("0", "");
        }
        waits
    });
    let start = Instant::now();
    big.send("2", "7=1\x0116=0\x01");
    let (resent, longest, most) = read_resend(&mut big, count, || exchange.resident());
    let took = start.elapsed();
    let rate = u128::from(resent) * 1000 / took.as_millis().max(1);
    let grown = most.saturating_sub(before);
    println!(
        "{resent} messages resent in {took:?}: {rate} a second, {grown} KiB more memory, longest silence {longest:?}"
    );
    assert_eq!(resent, count);
    assert!(!MEASURED || rate >= 100_000, "{rate} a second");
    assert!(!MEASURED || grown <= 8 * 1024, "{grown} KiB");
    assert!(longest < Duration::from_secs(1), "{longest:?}");
    big.send("1", "112=AFTER\x01");
    big.wait_for("0");
    let waits = watch.join().expect("the bystander");
    println!("heartbeats of another session meanwhile: {waits:?}");
    assert!(!MEASURED || waits[1..].iter().all(|wait| *wait < Duration::from_millis(1200)), "{waits:?}");
}

/// Reads until all `count` are here: how many came, the longest silence, the most memory meanwhile.
fn read_resend(client: &mut Client, count: u64, resident: impl Fn() -> u64) -> (u64, Duration, u64) {
    let finder = memchr::memmem::Finder::new(b"\x0135=8\x01");
    let (mut resent, mut longest, mut most) = (0, Duration::ZERO, 0);
    let mut buffer = vec![0; 256 * 1024];
    let mut kept = 0;
    let mut looked = Instant::now();
    let mut said = Instant::now();
    while resent < count {
        let start = Instant::now();
        let read = client.stream.read(&mut buffer[kept..]).expect("resent messages");
        assert!(read > 0, "closed after {resent}");
        longest = longest.max(start.elapsed());
        let end = kept + read;
        resent += finder.find_iter(&buffer[..end]).count() as u64;
        // A mark may be cut in two; one that is whole must not count twice.
        let tail = (0..6)
            .rev()
            .find(|len| b"\x0135=8"[..].starts_with(&buffer[end - len.min(&end)..end]))
            .unwrap_or(0);
        buffer.copy_within(end - tail..end, 0);
        kept = tail;
        if looked.elapsed() > Duration::from_millis(100) {
            most = most.max(resident());
            looked = Instant::now();
        }
        // Its HeartBtInt is a second: who reads for longer says that he is there.
        if said.elapsed() > Duration::from_millis(500) {
            client.send("0", "");
            said = Instant::now();
        }
    }
    (resent, longest, most.max(resident()))
}
