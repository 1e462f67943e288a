//! How long an engine takes to answer a TestRequest, seen from its counterparty.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

/// The median of so many TestRequest(1), each sent when the one before was answered with its Heartbeat(0), in nanoseconds.
/// The session at the port is that of PING with TRADEDESK.
pub(super) fn median(port: u16, count: u32) -> io::Result<u128> {
    let mut peer = Peer::log_on(port)?;
    let mut taken: Vec<u128> = (0..count.max(1)).map(|_| peer.ping()).collect::<io::Result<_>>()?;
    taken.sort_unstable();
    peer.say("5", "")?;
    Ok(taken[taken.len() / 2])
}

struct Peer {
    socket: TcpStream,
    time: String,
    next: u64,
    heard: Vec<u8>,
}

impl Peer {
    fn log_on(port: u16) -> io::Result<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port))?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut peer = Peer { socket, time: now()?, next: 1, heard: Vec::new() };
        peer.say("A", "98=0\u{1}108=30\u{1}141=Y\u{1}")?;
        peer.hear("35=A\u{1}")?;
        Ok(peer)
    }

    fn ping(&mut self) -> io::Result<u128> {
        let id = format!("112=P{}\u{1}", self.next);
        let begin = Instant::now();
        self.say("1", &id)?;
        self.hear(&id)?;
        Ok(begin.elapsed().as_nanos())
    }

    fn say(&mut self, kind: &str, fields: &str) -> io::Result<()> {
        let Peer { time, next, .. } = &*self;
        let body = format!("35={kind}\u{1}49=PING\u{1}56=TRADEDESK\u{1}34={next}\u{1}52={time}\u{1}{fields}");
        let mut message = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len()).into_bytes();
        let sum = message.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        message.extend(format!("10={sum:03}\u{1}").bytes());
        self.next += 1;
        self.socket.write_all(&message)
    }

    /// Reads until `text` was said and the message that has it is whole.
    fn hear(&mut self, text: &str) -> io::Result<()> {
        self.heard.clear();
        let mut buffer = [0; 4096];
        loop {
            match self.socket.read(&mut buffer)? {
                0 => {
                    return Err(io::Error::other(format!(
                        "hung up: {}",
                        String::from_utf8_lossy(&self.heard)
                    )));
                }
                count => self.heard.extend_from_slice(&buffer[..count]),
            }
            let has = self.heard.windows(text.len()).any(|part| part == text.as_bytes());
            let end = self.heard.len().saturating_sub(8);
            if has && self.heard[end..].starts_with(b"\x0110=") {
                return Ok(());
            }
        }
    }
}

/// SendingTime(52): that of the first message serves for those of the next seconds.
fn now() -> io::Result<String> {
    let said = Command::new("date").args(["-u", "+%Y%m%d-%H:%M:%S"]).output()?;
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}
