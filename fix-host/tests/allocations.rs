//! A logged-on session takes no memory from the heap for a message: counted on the thread that the whole
//! engine runs on, from the socket to the application and back, for each store and with logs.

#[path = "support/port.rs"]
mod port;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use fix_core::{
    dict::Dictionary,
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::BusinessReject,
    },
    tag::Tag,
    wire::writer::{Encode, Writer},
};
use fix_host::{
    clock::utc_now,
    config::{self, SessionSettings, System as Environment},
    contract::HostApplication,
    service::{
        error::ServiceError,
        runner::{Applications, Made, Running},
        session::{Observers, Sessions},
    },
};
use port::free_port;
use tokio::sync::{mpsc, watch};

/// The system's allocator; counts what threads take that asked for it.
struct Counting;

thread_local! {
    static IS_COUNTED: Cell<bool> = const { Cell::new(false) };
}

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

fn count() {
    if IS_COUNTED.try_with(Cell::get).unwrap_or_default() {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call goes to `System` as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.realloc(pointer, layout, new_size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Answers each order with a report.
struct Answers(u64);

struct Report(u64);

impl Encode for Report {
    fn msg_type(&self) -> MsgType {
        MsgType::EXECUTION_REPORT
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(37), self.0).field(Tag(17), self.0).field(Tag(150), "F").field(Tag(39), "2");
    }
}

impl Application for Answers {
    fn from_app(&mut self, _message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.0 += 1;
        out.send(&Report(self.0)).map(|_| ()).map_err(|_| BusinessReject::APPLICATION_NOT_AVAILABLE)
    }
}

impl HostApplication for Answers {
    type Command = ();

    fn command(&mut self, (): (), _out: &mut dyn Outbox) {}

    fn refuse((): ()) {}
}

struct Each;

impl Applications for Each {
    type Application = Answers;

    fn make(
        &mut self,
        _id: &str,
        _settings: &SessionSettings,
        _dictionary: &'static Dictionary,
    ) -> Result<Made<Answers>, ServiceError> {
        Ok((Answers(0), mpsc::channel(1).1))
    }
}

/// A counterparty by hand.
struct Client {
    stream: TcpStream,
    next_out: u64,
}

impl Client {
    fn log_on(port: u16) -> Self {
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(_) => thread::yield_now(),
            }
        };
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("timeout");
        let mut client = Client { stream, next_out: 1 };
        let logon = client.message("A", "98=0\x01108=30\x01");
        client.stream.write_all(&logon).expect("write");
        client.wait_for("A", 1);
        client
    }

    fn message(&mut self, msg_type: &str, fields: &str) -> Vec<u8> {
        let mut time = [0; 27];
        let len = utc_now().with_precision(Default::default()).format(&mut time);
        let time = String::from_utf8_lossy(&time[..len]);
        let number = self.next_out;
        self.next_out += 1;
        let body =
            format!("35={msg_type}\x0134={number}\x0149=THEM\x0152={time}\x0156=US\x01{fields}").into_bytes();
        let mut bytes = format!("8=FIX.4.4\x019={}\x01", body.len()).into_bytes();
        bytes.extend(body);
        let sum = bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.extend(format!("10={sum:03}\x01").bytes());
        bytes
    }

    /// Orders, so many in one write, each write after the answers to the one before.
    fn orders(&mut self, writes: usize, in_one: usize) {
        for _ in 0..writes {
            let time = "60=20260105-12:00:00.000\x01";
            let orders: Vec<u8> = (0..in_one)
                .flat_map(|_| {
                    let fields = format!(
                        "11=C{}\x0155=5Y\x0154=1\x0138=10\x0140=2\x0144=98.25\x01{time}",
                        self.next_out
                    );
                    self.message("D", &fields)
                })
                .collect();
            self.stream.write_all(&orders).expect("write");
            self.wait_for("8", in_one);
        }
    }

    fn wait_for(&mut self, msg_type: &str, count: usize) {
        let wanted = format!("\x0135={msg_type}\x01");
        let finder = memchr::memmem::Finder::new(&wanted);
        let mut received = Vec::new();
        let mut buffer = [0; 16 * 1024];
        while finder.find_iter(&received).count() < count || !received.ends_with(b"\x01") {
            let read = self.stream.read(&mut buffer).expect("an answer");
            assert!(read > 0, "closed: {}", String::from_utf8_lossy(&received));
            received.extend_from_slice(&buffer[..read]);
        }
    }
}

const WRITES: usize = 4000;
const IN_ONE: usize = 32;

/// What the engine's thread takes from the heap while it answers [`WRITES`] lone orders and as many in batches,
/// once more than 10,000 have warmed it up.
fn allocations(settings: &str) -> usize {
    let port = free_port();
    let text = format!(
        "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=US\nTargetCompID=THEM\n\
         SocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\n{settings}"
    );
    let (stop, stopped) = watch::channel(false);
    let engine = thread::spawn(move || {
        IS_COUNTED.set(true);
        let settings = config::parse_bytes("test", text.as_bytes(), &Environment).expect("settings");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let sessions = Sessions::new(false, Observers::default()).expect("sessions");
            let mut running = Running::start(settings, sessions, Each).await.expect("start");
            running.until(stopped).await.expect("run");
            running.stop().await.expect("stop");
        });
    });
    let mut client = Client::log_on(port);
    client.orders(11_000 / IN_ONE, IN_ONE);
    client.orders(100, 1);
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    client.orders(WRITES, 1);
    client.orders(WRITES / IN_ONE, IN_ONE);
    let taken = ALLOCATIONS.load(Ordering::Relaxed) - before;
    stop.send(true).expect("the engine runs");
    drop(client);
    engine.join().expect("the engine's end");
    taken
}

#[test]
fn a_message_takes_nothing_from_the_heap() {
    assert_eq!(allocations(""), 0, "memory store");
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("FileStorePath={}\n", folder.path().join("store").display());
    // The journal's index grows by an entry for 32 messages, and doubles its room when it is full.
    let taken = allocations(&store);
    assert!(taken <= 1, "journal: {taken}");
    // The buffers of the log's lines change places with the log's thread and are small again then.
    let logs = format!(
        "FileLogPath={}\nFileStorePath={}\n",
        folder.path().join("log").display(),
        folder.path().join("store2").display()
    );
    let taken = allocations(&logs);
    println!("with logs: {taken} for {} orders", 2 * WRITES);
    assert!(taken <= WRITES / 10, "with logs: {taken}");
}
