//! Thousands of sessions in one process, each a [SESSION] of its own with a store on disk: the start, memory, disk, the
//! processor while they are idle, a Logon beside them, and the end. Figures are asserted in an optimised build
//! (`cargo xtask crowds`); an unoptimised one beside other tests only shows that it works.

mod support;
#[path = "support/wire.rs"]
mod wire;

use std::{
    fmt::Write as _,
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    os::unix::fs::MetadataExt,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use support::{PATIENCE, Program, free_port, write_file};
use wire::{frame, sending_time};

const MEASURED: bool = !cfg!(debug_assertions);
const SESSIONS: usize = if MEASURED { 5000 } else { 100 };
/// Sessions that log on while the others are there.
const LATECOMERS: usize = 50;
/// How long they are idle: a heartbeat of each side.
const IDLE: Duration = if MEASURED { Duration::from_secs(31) } else { Duration::from_secs(3) };
const HEART_BT_INT: u64 = if MEASURED { 30 } else { 1 };

/// A counterparty by hand.
struct Client {
    stream: TcpStream,
    name: String,
    next_out: u64,
}

impl Client {
    /// Connects and sends a Logon; how long the answer took.
    fn log_on(port: u16, number: usize) -> (Client, Duration) {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connect");
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
        let mut client = Client { stream, name: format!("C{number}"), next_out: 1 };
        let since = Instant::now();
        client.send("A", &format!("98=0\x01108={HEART_BT_INT}\x01"));
        let mut answer = [0; 1024];
        let count = client.stream.read(&mut answer).expect("an answer");
        assert!(has(&answer[..count], "A"), "{:?}", String::from_utf8_lossy(&answer[..count]));
        (client, since.elapsed())
    }

    fn send(&mut self, msg_type: &str, fields: &str) {
        let (name, number, time) = (&self.name, self.next_out, sending_time());
        let fields = format!("35={msg_type}\x0149={name}\x0156=X\x0134={number}\x0152={time}\x01{fields}");
        self.stream.write_all(&frame(&fields)).expect("write");
        self.next_out += 1;
    }

    /// Answers a heartbeat with one, if any has come; true then.
    fn beat(&mut self) -> bool {
        let mut bytes = [0; 1024];
        match self.stream.read(&mut bytes) {
            Ok(count) => {
                assert!(has(&bytes[..count], "0"), "{:?}", String::from_utf8_lossy(&bytes[..count]));
                self.send("0", "");
                true
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                false
            }
        }
    }
}

fn has(bytes: &[u8], msg_type: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(&format!("\x0135={msg_type}\x01"))
}

/// An exchange with a session for each counterparty.
fn configuration(folder: &Path, port: u16) -> String {
    let store = folder.join("store");
    let mut text = format!(
        "[DEFAULT]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=X\nSocketAcceptAddress=127.0.0.1\n\
         SocketAcceptPort={port}\nFileStorePath={}\n",
        store.display()
    );
    for number in 0..SESSIONS + LATECOMERS {
        let _ = write!(text, "[SESSION]\nTargetCompID=C{number}\n");
    }
    write_file(folder, "exchange.cfg", &text)
}

/// Memory of the process, in bytes.
fn resident(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") * 1024
}

/// Time of the processor that the process has had.
fn processor(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("stat");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<u64>().expect("a number");
    // USER_HZ is 100 wherever Linux runs.
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Bytes of the disk that the files of a folder take.
fn on_disk(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("the folder").flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.blocks() * 512)).sum()
}

/// The program, listening, with the time of its start.
fn start(cfg: &str, what: &str) -> Program {
    let since = Instant::now();
    let mut exchange = Program::start(&["exchange", "--config", cfg]);
    exchange.wait_for("FIX acceptor on");
    let took = since.elapsed();
    println!("{SESSIONS} sessions with {what} stores listen after {took:?}");
    assert!(!MEASURED || took <= Duration::from_secs(3), "{took:?}");
    exchange
}

#[test]
fn thousands_of_sessions_start_rest_and_end_as_if_they_were_few() {
    rlimit::increase_nofile_limit(4 * SESSIONS as u64).expect("open files");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    let cfg = configuration(folder.path(), port);
    let mut exchange = start(&cfg, "new");
    let each = on_disk(&folder.path().join("store")) / (SESSIONS + LATECOMERS) as u64;
    println!("on disk: {each} bytes each, with their part of the room set aside");
    assert!(!MEASURED || each <= 8 * 1024 + 64, "{each} bytes");
    exchange.signal("TERM");
    assert!(exchange.wait().0.success());

    let mut exchange = start(&cfg, "old");
    let mut clients: Vec<Client> = (0..SESSIONS).map(|number| Client::log_on(port, number).0).collect();
    let mut logons: Vec<Duration> = Vec::new();
    for number in SESSIONS..SESSIONS + LATECOMERS {
        let (client, took) = Client::log_on(port, number);
        clients.push(client);
        logons.push(took);
    }
    logons.sort_unstable();
    println!("a Logon beside them: median {:?}, worst {:?}", logons[LATECOMERS / 2], logons[LATECOMERS - 1]);
    assert!(!MEASURED || logons[LATECOMERS / 2] <= Duration::from_millis(5));
    assert!(!MEASURED || logons[LATECOMERS - 1] <= Duration::from_millis(20));

    let busy = idle(&mut clients, &exchange);
    let each = resident(exchange.id()) / clients.len();
    println!("memory: {each} bytes each, all in; busy while idle: {:.2} % of a processor", busy * 100.0);
    assert!(!MEASURED || each <= 16 * 1024, "{each} bytes");
    assert!(!MEASURED || busy <= 0.02, "{busy}");

    // They are silent: no Logout is answered.
    let since = Instant::now();
    exchange.signal("TERM");
    assert!(exchange.wait().0.success());
    println!("the end, with clients who do not answer: {:?}", since.elapsed());
    assert!(!MEASURED || since.elapsed() <= Duration::from_secs(2));
}

/// Heartbeats, and nothing else; the part of a processor that the program takes.
fn idle(clients: &mut [Client], exchange: &Program) -> f64 {
    for client in clients.iter() {
        client.stream.set_nonblocking(true).expect("nonblocking");
    }
    let (since, before) = (Instant::now(), processor(exchange.id()));
    let mut beats = 0;
    while since.elapsed() < IDLE {
        beats += clients.iter_mut().map(Client::beat).filter(|came| *came).count();
        sleep(Duration::from_millis(200));
    }
    let busy = (processor(exchange.id()) - before).as_secs_f64() / since.elapsed().as_secs_f64();
    println!("{beats} heartbeats answered in {:?}", since.elapsed());
    assert!(beats >= clients.len(), "{beats}");
    busy
}
