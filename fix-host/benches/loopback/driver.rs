//! The common driver: orders out, reports in, over one blocking socket.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use fix_core::{
    time::UTC_TIMESTAMP_LEN,
    wire::frame::{Scan, scan},
};
use fix_host::clock::utc_now;

/// Orders that warm everything up before anything is measured.
const WARM_UP: u64 = 200;
const MAX_MESSAGE: usize = 64 * 1024;
/// Orders that go into one write of a stream.
const BATCH: usize = 32;

pub(crate) fn drive(is_fix: bool, port: u16, what: &str, orders: u64) -> Result<(), String> {
    let begin = Instant::now();
    let mut link = Link::connect(port, is_fix).map_err(|error| error.to_string())?;
    if is_fix {
        link.log_on().map_err(|error| format!("Logon: {error}"))?;
        println!("logon_us {}", begin.elapsed().as_micros());
    }
    let measured = match what {
        "ping" => link.ping(orders),
        "stream" => link.stream(orders),
        other => return Err(format!("no measurement {other}")),
    };
    measured.map_err(|error| error.to_string())?;
    if is_fix {
        link.log_out().map_err(|error| format!("Logout: {error}"))?;
    }
    Ok(())
}

struct Link {
    stream: TcpStream,
    is_fix: bool,
    next_out: u64,
    received: Vec<u8>,
}

impl Link {
    /// Tries until somebody listens, so that a starting server can be timed.
    fn connect(port: u16, is_fix: bool) -> std::io::Result<Self> {
        let until = Instant::now() + Duration::from_secs(60);
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > until => return Err(error),
                Err(_) => thread::sleep(Duration::from_micros(200)),
            }
        };
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Link { stream, is_fix, next_out: 1, received: Vec::new() })
    }

    fn log_on(&mut self) -> std::io::Result<()> {
        let logon = self.message("A", "98=0|108=30|141=Y|");
        self.stream.write_all(&logon)?;
        self.wait_for("A", 1)
    }

    fn log_out(&mut self) -> std::io::Result<()> {
        let logout = self.message("5", "");
        self.stream.write_all(&logout)?;
        self.wait_for("5", 1)
    }

    /// One order at a time.
    fn ping(&mut self, orders: u64) -> std::io::Result<()> {
        let mut times = Vec::new();
        for index in 0..WARM_UP + orders {
            let order = self.order();
            let begin = Instant::now();
            self.stream.write_all(&order)?;
            self.answers(order.len(), 1)?;
            if index >= WARM_UP {
                times.push(begin.elapsed().as_nanos());
            }
        }
        times.sort_unstable();
        let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
        println!("ping_p50_ns {}\nping_p99_ns {}", at(50), at(99));
        Ok(())
    }

    /// As many orders as the server takes.
    fn stream(&mut self, orders: u64) -> std::io::Result<()> {
        for _ in 0..WARM_UP {
            let order = self.order();
            self.stream.write_all(&order)?;
            self.answers(order.len(), 1)?;
        }
        let made: Vec<Vec<u8>> = (0..orders).map(|_| self.order()).collect();
        let bytes = made.iter().map(Vec::len).sum();
        let mut writer = self.stream.try_clone()?;
        let begin = Instant::now();
        let writing =
            thread::spawn(move || made.chunks(BATCH).try_for_each(|some| writer.write_all(&some.concat())));
        self.answers(bytes, orders)?;
        let seconds = begin.elapsed().as_secs_f64();
        writing.join().map_err(|_| std::io::Error::other("the writer"))??;
        println!("orders_per_second {:.0}", orders as f64 / seconds);
        Ok(())
    }

    /// Waits for one report an order, or for as many bytes from an echo.
    fn answers(&mut self, bytes: usize, orders: u64) -> std::io::Result<()> {
        if self.is_fix {
            return self.wait_for("8", orders);
        }
        let mut left = bytes;
        let mut buffer = [0; MAX_MESSAGE];
        while left > 0 {
            match self.stream.read(&mut buffer)? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                count => left = left.saturating_sub(count),
            }
        }
        Ok(())
    }

    fn wait_for(&mut self, msg_type: &str, mut count: u64) -> std::io::Result<()> {
        let wanted = format!("\x0135={msg_type}\x01");
        let mut buffer = [0; MAX_MESSAGE];
        loop {
            let mut taken = 0;
            while let Scan::Frame(frame, len) = scan(&self.received[taken..], MAX_MESSAGE) {
                taken += len;
                let head = &frame.bytes()[..frame.bytes().len().min(40)];
                if head.windows(wanted.len()).any(|window| window == wanted.as_bytes()) {
                    count -= 1;
                } else if head.windows(6).any(|window| matches!(window, b"\x0135=3\x01" | b"\x0135=j\x01")) {
                    return Err(std::io::Error::other(String::from_utf8_lossy(frame.bytes()).into_owned()));
                }
            }
            self.received.drain(..taken);
            if count == 0 {
                return Ok(());
            }
            match self.stream.read(&mut buffer)? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                read => self.received.extend_from_slice(&buffer[..read]),
            }
        }
    }

    fn order(&mut self) -> Vec<u8> {
        let (number, now) = (self.next_out, timestamp());
        self.message("D", &format!("11=D{number}|21=1|38=100|40=2|44=98.25|54=1|55=5Y|59=0|60={now}|"))
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

/// The time as FIX writes it.
fn timestamp() -> String {
    let mut buffer = [0; UTC_TIMESTAMP_LEN];
    let len = utc_now().format(&mut buffer);
    String::from_utf8_lossy(&buffer[..len]).into_owned()
}
