//! Orders through Redis, as the programs around an engine see it: LPUSH of an order, until its fill is taken off the list
//! of reports. Speaks RESP by itself, so that no client library is measured.

use std::{
    io::{self, BufReader, BufWriter, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(30);
/// Before anything is measured, in orders.
const WARM_UP: u64 = 300;
/// Orders in one LPUSH of the bulk.
const CHUNK: u64 = 32;
/// Orders that may be under way: Redis keeps the last 10,000 reports, and each order has two.
const WINDOW: u64 = 2_000;
const ORDERS: &str = "outgoing_orders";
const REPORTS: &str = "execution_reports";

/// Prints orders a second of a bulk.
pub(crate) fn bulk(port: u16, orders: u64) -> io::Result<()> {
    let mut desk = Desk::connect(port)?;
    desk.wait_until_logged_on()?;
    for number in 0..WARM_UP {
        desk.lone(&format!("w{number}"))?;
    }
    println!("{:.0}", desk.bulk(orders)?);
    Ok(())
}

/// Prints the median and the 99th percentile, in nanoseconds, of a PING of Redis and of an order that comes alone; one
/// by one in turn, so that all see the same machine.
pub(crate) fn lone(port: u16, orders: u64) -> io::Result<()> {
    let mut desk = Desk::connect(port)?;
    desk.wait_until_logged_on()?;
    for number in 0..WARM_UP {
        desk.lone(&format!("w{number}"))?;
    }
    let (mut pings, mut lone) = (Vec::new(), Vec::new());
    for number in 0..orders {
        pings.push(desk.ping()?);
        lone.push(desk.lone(&format!("l{number}"))?);
    }
    let [p50, p99] = percentiles(&mut pings);
    let [lone50, lone99] = percentiles(&mut lone);
    println!("{p50} {p99} {lone50} {lone99}");
    Ok(())
}

fn percentiles(times: &mut [Duration]) -> [u128; 2] {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0, Duration::as_nanos);
    [at(50), at(99)]
}

/// One connection that pushes, and one that waits for reports.
struct Desk {
    push: Resp,
    reports: Resp,
    /// Sets the ids of this run apart from those of another.
    run: u128,
}

impl Desk {
    fn connect(port: u16) -> io::Result<Self> {
        let run = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_micros());
        Ok(Desk { push: Resp::connect(port)?, reports: Resp::connect(port)?, run })
    }

    fn wait_until_logged_on(&mut self) -> io::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            self.push.send(&["GET", "fix_session_status"])?;
            if self.push.answer()?.iter().any(|text| text == b"LOGGED_ON") {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(io::Error::other("the engine does not log on"));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn ping(&mut self) -> io::Result<Duration> {
        let begin = Instant::now();
        self.push.send(&["PING"])?;
        self.push.answer()?;
        Ok(begin.elapsed())
    }

    /// From the write of an order to the read of its fill. The reports are waited for before, as a desk does it.
    fn lone(&mut self, id: &str) -> io::Result<Duration> {
        let id = format!("{id}-{}", self.run);
        let order = order(&id);
        // One for each report of an order.
        for _ in 0..2 {
            self.reports.write(&["BRPOP", REPORTS, "30"])?;
        }
        self.reports.flush()?;
        let begin = Instant::now();
        self.push.send(&["LPUSH", ORDERS, &order])?;
        let first = self.reports.answer()?;
        let second = self.reports.answer()?;
        let took = begin.elapsed();
        self.push.answer()?;
        let is_filled = |answer: &Vec<Vec<u8>>| answer.iter().any(|report| is_fill(report));
        match is_filled(&first) || is_filled(&second) {
            true => Ok(took),
            false => Err(io::Error::other(format!(
                "{id} is not filled: {}",
                String::from_utf8_lossy(&[first, second].concat().concat())
            ))),
        }
    }

    /// As many orders as the engine takes: orders a second.
    fn bulk(&mut self, orders: u64) -> io::Result<f64> {
        let filled = AtomicU64::new(0);
        let Desk { push, reports, run } = self;
        let chunks: Vec<Vec<String>> = (0..orders)
            .step_by(CHUNK as usize)
            .map(|first| (first..orders.min(first + CHUNK)).map(|n| order(&format!("b{n}-{run}"))).collect())
            .collect();
        let begin = Instant::now();
        thread::scope(|scope| {
            let pushing = scope.spawn(|| -> io::Result<()> {
                let mut pushed = 0;
                for chunk in &chunks {
                    while pushed > filled.load(Ordering::Relaxed) + WINDOW {
                        thread::sleep(Duration::from_micros(200));
                    }
                    let mut words = vec!["LPUSH", ORDERS];
                    words.extend(chunk.iter().map(String::as_str));
                    push.send(&words)?;
                    push.answer()?;
                    pushed += chunk.len() as u64;
                }
                Ok(())
            });
            while filled.load(Ordering::Relaxed) < orders {
                reports.send(&["BLMPOP", "30", "1", REPORTS, "RIGHT", "COUNT", "512"])?;
                let taken = reports.answer()?;
                if taken.is_empty() {
                    return Err(io::Error::other("no reports for half a minute"));
                }
                let fills = taken.iter().filter(|report| is_fill(report)).count() as u64;
                filled.fetch_add(fills, Ordering::Relaxed);
            }
            pushing.join().map_err(|_| io::Error::other("the pushing thread"))?
        })?;
        Ok(orders as f64 / begin.elapsed().as_secs_f64())
    }
}

fn order(id: &str) -> String {
    format!(
        r#"{{"clOrdID":"{id}","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":99.5,"timestamp":1795499580.25}}"#
    )
}

/// OrdStatus(39) is 2. As Python writes JSON there is a space.
fn is_fill(report: &[u8]) -> bool {
    [&b"\"ordStatus\":\"2\""[..], b"\"ordStatus\": \"2\""]
        .iter()
        .any(|fill| report.windows(fill.len()).any(|window| window == *fill))
}

/// A connection to Redis.
struct Resp {
    read: BufReader<TcpStream>,
    write: BufWriter<TcpStream>,
}

impl Resp {
    fn connect(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE * 2))?;
        let write = BufWriter::with_capacity(64 * 1024, stream.try_clone()?);
        Ok(Resp { read: BufReader::with_capacity(256 * 1024, stream), write })
    }

    fn write(&mut self, words: &[&str]) -> io::Result<()> {
        write!(self.write, "*{}\r\n", words.len())?;
        words.iter().try_for_each(|word| write!(self.write, "${}\r\n{word}\r\n", word.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write.flush()
    }

    fn send(&mut self, words: &[&str]) -> io::Result<()> {
        self.write(words)?;
        self.flush()
    }

    /// All texts of the next answer, lists in it included; a number is none.
    fn answer(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let (mut texts, mut left) = (Vec::new(), 1u64);
        while left > 0 {
            left -= 1;
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                let mut byte = [0];
                self.read.read_exact(&mut byte)?;
                line.extend(byte);
            }
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            let (kind, rest) = text.split_at(1);
            let count = || rest.parse::<i64>().map_err(|_| io::Error::other(text.clone()));
            match kind {
                "*" => left += count()?.max(0).unsigned_abs(),
                "$" if count()? >= 0 => {
                    let mut bytes = vec![0; count()?.unsigned_abs() as usize + 2];
                    self.read.read_exact(&mut bytes)?;
                    bytes.truncate(bytes.len() - 2);
                    texts.push(bytes);
                }
                "-" => return Err(io::Error::other(text)),
                _ => {}
            }
        }
        Ok(texts)
    }
}
