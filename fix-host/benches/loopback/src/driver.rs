//! The common driver: orders out, reports in, over one blocking socket. It prints one number.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use fix_core::{
    time::{Precision, UTC_TIMESTAMP_LEN},
    wire::frame::{Scan, scan},
};
use fix_host::clock::utc_now;

/// Orders that warm everything up before anything is measured.
const WARM_UP: u64 = 200;
const MAX_MESSAGE: usize = 64 * 1024;
/// Orders that go into one write of a stream.
const BATCH: usize = 32;
/// How long a server may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// What goes out, and what comes back for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// An order, and the same bytes.
    Bytes,
    /// An order, and the first ExecutionReport for it.
    Fix,
    /// To a desk, which is told and asked: a ping is a TestRequest and its Heartbeat, a stream ExecutionReports with a
    /// TestRequest behind them.
    Desk,
}

impl Protocol {
    /// By its name on the command line.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "bytes" => Some(Protocol::Bytes),
            "fix" => Some(Protocol::Fix),
            "desk" => Some(Protocol::Desk),
            _ => None,
        }
    }
}

/// Sends orders and prints the median nanoseconds of a ping, or the orders a second of a stream.
pub(crate) fn drive(protocol: Protocol, port: u16, what: &str, orders: u64) -> io::Result<()> {
    let is_fix = protocol != Protocol::Bytes;
    let mut link = Link::connect(port, protocol)?;
    if is_fix {
        link.log_on("141=Y|")?;
    }
    let figure = match what {
        "ping" => link.ping(orders)?,
        "stream" => link.stream(orders)?,
        other => return Err(io::Error::other(format!("no measurement {other}"))),
    };
    println!("{figure:.0}");
    if is_fix {
        link.log_out()?;
    }
    Ok(())
}

/// Starts a program and prints the microseconds from there to its answer to a Logon with this number, which must
/// have the same number: the store is what it was.
pub(crate) fn start(port: u16, number: u64, program: &[&str]) -> io::Result<()> {
    let [program, arguments @ ..] = program else { return Err(io::Error::other("no program")) };
    let begin = Instant::now();
    let child = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut running = Running(child);
    let mut link = Link::connect(port, Protocol::Fix)?;
    link.next_out = number;
    link.log_on("")?;
    let micros = begin.elapsed().as_micros();
    let own = format!("\x0134={number}\x01");
    if !link.last.windows(own.len()).any(|window| window == own.as_bytes()) {
        let answer = String::from_utf8_lossy(&link.last);
        return Err(io::Error::other(format!("the answer is not number {number}: {answer}")));
    }
    println!("{micros}");
    link.log_out()?;
    running.stop()
}

/// A process that does not outlive this value.
struct Running(Child);

impl Running {
    fn stop(&mut self) -> io::Result<()> {
        Command::new("kill").arg(self.0.id().to_string()).status()?;
        self.0.wait().map(|_| ())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Link {
    stream: TcpStream,
    protocol: Protocol,
    next_out: u64,
    received: Vec<u8>,
    /// The last message that was waited for.
    last: Vec<u8>,
}

impl Link {
    /// Tries until somebody listens, so that a starting server can be timed.
    fn connect(port: u16, protocol: Protocol) -> io::Result<Self> {
        let until = Instant::now() + PATIENCE;
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > until => return Err(error),
                Err(_) => thread::sleep(Duration::from_micros(100)),
            }
        };
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Link { stream, protocol, next_out: 1, received: Vec::new(), last: Vec::new() })
    }

    fn log_on(&mut self, reset: &str) -> io::Result<()> {
        let logon = self.message("A", &format!("98=0|108=30|{reset}"));
        self.stream.write_all(&logon)?;
        self.wait_for("A", 1).map(|_| ())
    }

    fn log_out(&mut self) -> io::Result<()> {
        let logout = self.message("5", "");
        self.stream.write_all(&logout)?;
        self.wait_for("5", 1).map(|_| ())
    }

    /// One order at a time: the median nanoseconds from the write of an order to the read that brings the last
    /// byte of its answer.
    fn ping(&mut self, orders: u64) -> io::Result<f64> {
        let mut times = Vec::new();
        for index in 0..WARM_UP + orders {
            let order = self.question();
            let begin = Instant::now();
            self.stream.write_all(&order)?;
            let end = self.answers(order.len(), 1)?;
            if index >= WARM_UP {
                times.push(end.duration_since(begin).as_nanos() as f64);
            }
        }
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().ok_or_else(|| io::Error::other("no orders"))
    }

    /// As many orders as the server takes: orders a second.
    fn stream(&mut self, orders: u64) -> io::Result<f64> {
        for _ in 0..WARM_UP {
            let order = self.question();
            self.stream.write_all(&order)?;
            self.answers(order.len(), 1)?;
        }
        let is_desk = self.protocol == Protocol::Desk;
        let mut made: Vec<Vec<u8>> =
            (0..orders).map(|_| if is_desk { self.report() } else { self.order() }).collect();
        if is_desk {
            made.push(self.question());
        }
        let bytes = made.iter().map(Vec::len).sum();
        let writes: Vec<Vec<u8>> = made.chunks(BATCH).map(<[Vec<u8>]>::concat).collect();
        let mut writer = self.stream.try_clone()?;
        let begin = Instant::now();
        let writing = thread::spawn(move || writes.iter().try_for_each(|some| writer.write_all(some)));
        let end = self.answers(bytes, if is_desk { 1 } else { orders })?;
        writing.join().map_err(|_| io::Error::other("the writer"))??;
        Ok(orders as f64 / end.duration_since(begin).as_secs_f64())
    }

    /// What has one answer.
    fn question(&mut self) -> Vec<u8> {
        match self.protocol {
            Protocol::Bytes | Protocol::Fix => self.order(),
            Protocol::Desk => self.message("1", "112=ping|"),
        }
    }

    /// Waits for one report an order, or for as many bytes from an echo. When the last of them was read.
    fn answers(&mut self, bytes: usize, orders: u64) -> io::Result<Instant> {
        match self.protocol {
            Protocol::Bytes => {}
            Protocol::Fix => return self.wait_for("8", orders),
            Protocol::Desk => return self.wait_for("0", orders),
        }
        let mut left = bytes;
        let mut buffer = [0; MAX_MESSAGE];
        loop {
            match self.stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => left = left.saturating_sub(count),
            }
            if left == 0 {
                return Ok(Instant::now());
            }
        }
    }

    fn wait_for(&mut self, msg_type: &str, mut count: u64) -> io::Result<Instant> {
        let wanted = format!("\x0135={msg_type}\x01");
        let mut buffer = [0; MAX_MESSAGE];
        loop {
            let read = self.stream.read(&mut buffer)?;
            let at = Instant::now();
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(&buffer[..read]);
            let mut taken = 0;
            while let Scan::Frame(frame, len) = scan(&self.received[taken..], MAX_MESSAGE) {
                taken += len;
                let head = &frame.bytes()[..frame.bytes().len().min(40)];
                if head.windows(wanted.len()).any(|window| window == wanted.as_bytes()) {
                    count = count.saturating_sub(1);
                    if count == 0 {
                        self.last = frame.bytes().to_vec();
                    }
                } else if head.windows(6).any(|window| matches!(window, b"\x0135=3\x01" | b"\x0135=j\x01")) {
                    return Err(io::Error::other(String::from_utf8_lossy(frame.bytes()).into_owned()));
                }
            }
            self.received.drain(..taken);
            if count == 0 {
                return Ok(at);
            }
        }
    }

    /// One that rests at the exchange: its price is far from the market's.
    fn order(&mut self) -> Vec<u8> {
        let (number, now) = (self.next_out, timestamp());
        self.message("D", &format!("11=D{number}|21=1|38=100|40=2|44=48.25|54=1|55=5Y|59=0|60={now}|"))
    }

    /// The fill of an order.
    fn report(&mut self) -> Vec<u8> {
        let (number, now) = (self.next_out, timestamp());
        self.message(
            "8",
            &format!(
                "6=48.25|11=D{number}|14=100|17=E{number}|31=48.25|32=100|37=O{number}|38=100|39=2|40=2|44=48.25|54=1|\
                 55=5Y|60={now}|150=F|151=0|"
            ),
        )
    }

    /// A message of the driver; `|` stands for SOH.
    fn message(&mut self, msg_type: &str, fields: &str) -> Vec<u8> {
        let (number, now) = (self.next_out, timestamp());
        self.next_out += 1;
        let body =
            format!("35={msg_type}|34={number}|49=DRIVER|52={now}|56=SERVER|{fields}").replace('|', "\x01");
        let head = format!("8=FIX.4.4\x019={}\x01{body}", body.len());
        let sum = head.bytes().fold(0u8, u8::wrapping_add);
        format!("{head}10={sum:03}\x01").into_bytes()
    }
}

/// The time as FIX writes it, in milliseconds: QuickFIX takes no more digits.
fn timestamp() -> String {
    let mut buffer = [0; UTC_TIMESTAMP_LEN];
    let len = utc_now().with_precision(Precision::Millis).format(&mut buffer);
    String::from_utf8_lossy(&buffer[..len]).into_owned()
}
