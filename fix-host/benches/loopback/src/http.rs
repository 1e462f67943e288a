//! Orders over HTTP: a client that keeps its connections, and the bare axum echo that it is held against.

use std::{
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use crate::servers::runtime;
use axum::{
    Router,
    body::Bytes,
    http::{StatusCode, header},
    routing::post,
};
use fix_host::service::shutdown;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Orders that warm everything up before anything is measured.
const WARM_UP: u64 = 500;
/// How long a server may take to begin.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the engine says to an order, as many bytes as it says.
const ANSWER: &str = r#"{"status":"ACCEPTED","clOrdID":"D-0123456789abc-00000","msgSeqNum":12345}"#;

/// Reads an order and says that it is accepted: what axum and hyper take by themselves, on one thread as `start`.
pub(crate) fn echo(port: u16) -> Result<(), String> {
    let failed = |error: io::Error| error.to_string();
    let router = Router::new().route("/api/orders", post(accept));
    runtime()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let mut stop = shutdown::on_signal().map_err(|error| error.to_string())?;
        loop {
            let (stream, _) = tokio::select! {
                accepted = listener.accept() => accepted.map_err(failed)?,
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
            };
            stream.set_nodelay(true).map_err(failed)?;
            let service = TowerToHyperService::new(router.clone());
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    })
}

type Headers = [(header::HeaderName, &'static str); 3];

/// With the headers that the engine adds, so that the answers are of one size.
async fn accept(order: Bytes) -> (StatusCode, Headers, &'static str) {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    match order.is_empty() {
        true => (StatusCode::BAD_REQUEST, headers, "{}"),
        false => (StatusCode::ACCEPTED, headers, ANSWER),
    }
}

/// Posts orders over so many connections, each waiting for its answer before the next, and prints the median
/// nanoseconds of an answer, the orders a second, and the nanoseconds of CPU that process `pid` took for an order.
pub(crate) fn drive(port: u16, pid: u32, connections: u64, orders: u64) -> io::Result<()> {
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    wait_for(addr)?;
    let shared = Arc::new(Shared { addr, began: micros_now(), next: AtomicU64::new(0) });
    // The first order may come before the engine is logged on.
    let mut link = shared.connect()?;
    let until = Instant::now() + PATIENCE;
    while let Err(error) = shared.post(&mut link) {
        if Instant::now() > until {
            return Err(error);
        }
        thread::sleep(Duration::from_millis(20));
        link = shared.connect()?;
    }
    for _ in 0..WARM_UP {
        shared.post(&mut link)?;
    }
    let (cpu, begin) = (cpu_of(pid)?, Instant::now());
    let mut times = if connections == 1 {
        (0..orders).map(|_| shared.post(&mut link)).collect::<io::Result<Vec<_>>>()?
    } else {
        shared.post_over(connections, orders)?
    };
    let (elapsed, cpu) = (begin.elapsed(), cpu_of(pid)?.saturating_sub(cpu));
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let count = times.len() as f64;
    println!("{median} {:.0} {:.0}", count / elapsed.as_secs_f64(), cpu as f64 / count);
    Ok(())
}

struct Shared {
    addr: SocketAddr,
    began: u128,
    next: AtomicU64,
}

impl Shared {
    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.addr)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn request(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let body = format!(
            r#"{{"clOrdID":"D-{:013x}-{number:05}","symbol":"5Y","side":"BUY","qty":100,"ordType":"LIMIT","price":98.25}}"#,
            self.began
        );
        format!(
            "POST /api/orders HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.addr,
            body.len()
        )
    }

    /// One order over a connection: the nanoseconds until its answer.
    fn post(&self, stream: &mut TcpStream) -> io::Result<u64> {
        let (request, mut answer) = (self.request(), Vec::with_capacity(1024));
        let begin = Instant::now();
        stream.write_all(request.as_bytes())?;
        let mut buffer = [0; 4096];
        while !is_whole(&answer)? {
            match stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => answer.extend_from_slice(&buffer[..count]),
            }
        }
        Ok(nanos(begin))
    }

    fn post_over(self: &Arc<Self>, connections: u64, orders: u64) -> io::Result<Vec<u64>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let share = orders / connections.max(1);
            let tasks: Vec<_> =
                (0..connections).map(|_| tokio::spawn(Arc::clone(self).post_share(share))).collect();
            let mut times = Vec::new();
            for task in tasks {
                times.extend(task.await.map_err(io::Error::other)??);
            }
            Ok(times)
        })
    }

    async fn post_share(self: Arc<Self>, share: u64) -> io::Result<Vec<u64>> {
        let mut stream = tokio::net::TcpStream::connect(self.addr).await?;
        stream.set_nodelay(true)?;
        let (mut times, mut answer) = (Vec::new(), Vec::with_capacity(4096));
        for _ in 0..share {
            let request = self.request();
            let begin = Instant::now();
            stream.write_all(request.as_bytes()).await?;
            answer.clear();
            while !is_whole(&answer)? {
                if stream.read_buf(&mut answer).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            times.push(nanos(begin));
        }
        Ok(times)
    }
}

/// True once the answer is there; an answer that accepts no order is an error.
fn is_whole(answer: &[u8]) -> io::Result<bool> {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Ok(false) };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let is_whole =
        length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| body.len() >= length);
    match is_whole {
        true if !head.starts_with("HTTP/1.1 202 ") => Err(io::Error::other(text.into_owned())),
        is_whole => Ok(is_whole),
    }
}

fn wait_for(addr: SocketAddr) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    while let Err(error) = TcpStream::connect(addr) {
        if Instant::now() > until {
            return Err(error);
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Nanoseconds that all living threads of a process have run.
fn cpu_of(pid: u32) -> io::Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // One that ends meanwhile cannot be read.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        sum += text.split(' ').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or_default();
    }
    Ok(sum)
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn micros_now() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros()
}
