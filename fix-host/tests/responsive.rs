//! A desk stays responsive while one of its sessions is asked for all it ever sent: HTTP, another session's
//! TestRequests and SIGTERM. Figures are asserted in a release build (`cargo xtask crowds`); `FIX_RESEND=2000000`
//! sets how many messages the journal holds.

mod support;
#[path = "support/wire.rs"]
mod wire;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
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
/// The goal for `/healthz` and another session's TestRequest, at the 99th percentile.
const ANSWER: Duration = Duration::from_millis(50);
/// The goal for the end after SIGTERM.
const END: Duration = Duration::from_secs(2);

fn message(msg_type: &str, fields: &str) -> Vec<u8> {
    frame(&format!("35={msg_type}\x01{fields}"))
}

/// The desk's journal of `count` messages: some heartbeats, mostly News(B).
fn journal(folder: &Path, count: u64) {
    let name = SessionName::new("FIX.4.4", ["DESK", "", ""], ["BIG", "", ""], "");
    let mut store = JournalStore::open(folder, &name, JournalOptions::default()).expect("a journal");
    store.reset(utc_now()).expect("reset");
    let now = sending_time();
    for number in 1..=count {
        let head = format!("34={number}\x0149=DESK\x0152={now}\x0156=BIG\x01");
        let bytes = match number % 10 {
            0 => message("0", &head),
            _ => message("B", &format!("{head}148=headline {number}\x0133=1\x0158=a line\x01")),
        };
        store.append(number, &bytes).expect("append");
        if number % 1000 == 0 {
            store.flush().expect("flush");
        }
    }
    store.flush().expect("flush");
}

/// A counterparty by hand that was logged on to.
struct Peer {
    stream: TcpStream,
    name: &'static str,
    next_out: u64,
    received: Vec<u8>,
}

impl Peer {
    fn accept(listener: &TcpListener, name: &'static str) -> Self {
        let (stream, _) = listener.accept().expect("a connection");
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
        let mut peer = Peer { stream, name, next_out: 1, received: Vec::new() };
        peer.wait_for("\x0135=A\x01");
        peer.send("A", "98=0\x01108=30\x01");
        peer
    }

    fn send(&mut self, msg_type: &str, body: &str) {
        let (name, number, now) = (self.name, self.next_out, sending_time());
        self.next_out += 1;
        let fields = format!("34={number}\x0149={name}\x0152={now}\x0156=DESK\x01{body}");
        self.stream.write_all(&message(msg_type, &fields)).expect("write");
    }

    fn wait_for(&mut self, wanted: &str) {
        let mut buffer = [0; 65_536];
        loop {
            if let Some(at) = memchr::memmem::find(&self.received, wanted.as_bytes()) {
                self.received.drain(..at + wanted.len());
                return;
            }
            let count = self.stream.read(&mut buffer).expect("an answer");
            assert!(count > 0, "{} closed before {wanted:?}", self.name);
            let keep = self.received.len().saturating_sub(wanted.len());
            self.received.drain(..keep);
            self.received.extend_from_slice(&buffer[..count]);
        }
    }
}

fn http(api: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(api).expect("connect");
    stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
    stream.write_all(request.as_bytes()).expect("write");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// How long `/healthz` and a TestRequest take until `done`.
fn measure(what: &str, api: &str, calm: &mut Peer, done: &AtomicBool) {
    let (mut health, mut tests) = (Vec::new(), Vec::new());
    while !done.load(Ordering::Relaxed) {
        let start = Instant::now();
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\n\r\n");
        assert!(http(api, &request).starts_with("HTTP/1.1 200"));
        health.push(start.elapsed());
        let start = Instant::now();
        let id = format!("112=T{}\x01", tests.len());
        calm.send("1", &id);
        calm.wait_for(&id);
        tests.push(start.elapsed());
        std::thread::sleep(Duration::from_millis(1));
    }
    for (name, mut waits) in [("/healthz", health), ("TestRequest", tests)] {
        waits.sort_unstable();
        let p99 = waits[waits.len() * 99 / 100];
        println!("{what}: {name} p99 {p99:?}, worst {:?} of {}", waits[waits.len() - 1], waits.len());
        assert!(!MEASURED || p99 <= ANSWER, "{what}: {name} {p99:?}");
    }
}

/// Measures how soon others are answered while `big` is kept busy by `work`.
fn while_busy(
    name: &str,
    api: &str,
    calm: &mut Peer,
    mut big: Peer,
    work: impl FnOnce(&mut Peer) + Send + 'static,
) -> Peer {
    let done = Arc::new(AtomicBool::new(false));
    let reader = std::thread::spawn({
        let done = Arc::clone(&done);
        move || {
            work(&mut big);
            done.store(true, Ordering::Relaxed);
            big
        }
    });
    measure(name, api, calm, &done);
    reader.join().expect("the counterparty")
}

#[test]
fn nobody_waits_for_a_resend_of_everything_or_for_a_jump_of_the_numbers() {
    let default = if MEASURED { 200_000 } else { 20_000 };
    let count = std::env::var("FIX_RESEND").ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("store");
    journal(&store, count);
    let [big, calm] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a listener"));
    let sessions = [("BIG", &big), ("CALM", &calm)].map(|(name, listener)| {
        let port = listener.local_addr().expect("an address").port();
        format!("[SESSION]\nTargetCompID={name}\nSocketConnectPort={port}\n")
    });
    let text = format!(
        "[DEFAULT]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=DESK\nHeartBtInt=30\n\
         SocketConnectHost=127.0.0.1\nFileStorePath={}\n{}",
        store.display(),
        sessions.concat()
    );
    let config = write_file(folder.path(), "desk.cfg", &text);
    let api = format!("127.0.0.1:{}", free_port());
    let mut desk = Program::start(&["start", "--fix-config", &config, "--api", &api, "--no-market-data"]);
    let mut calm = Peer::accept(&calm, "CALM");
    let big = Peer::accept(&big, "BIG");

    let mut big = while_busy("resend", &api, &mut calm, big, move |big| {
        let start = Instant::now();
        big.send("2", "7=1\x0116=0\x01");
        // The heartbeats at the end and our Logon are the last gap fill.
        big.wait_for(&format!("\x0136={}\x01", count + 2));
        println!("{count} messages resent in {:?}", start.elapsed());
    });

    const FAR: u64 = 1_000_000_000_000;
    let body = format!("{{\"out\":{FAR},\"force\":true}}");
    let post = format!(
        "POST /api/sessions/BIG/seqnum HTTP/1.1\r\nHost: {api}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = http(&api, &post);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    big = while_busy("jump", &api, &mut calm, big, move |big| {
        let start = Instant::now();
        big.send("2", &format!("7={}\x0116=0\x01", count + 2));
        big.wait_for(&format!("\x0136={FAR}\x01"));
        println!("a jump of 10^12 numbers filled in {:?}", start.elapsed());
        std::thread::sleep(Duration::from_millis(300));
    });

    big.send("2", "7=1\x0116=0\x01");
    big.wait_for("\x0135=B\x01");
    // It goes on reading, as fast as the desk writes.
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while big.stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
    });
    desk.signal("TERM");
    let (_, took) = desk.wait();
    println!("SIGTERM in the middle of a resend: ended after {took:?}");
    assert!(!MEASURED || took <= END, "{took:?}");
}
