//! A counterparty that a test plays: an acceptor of FIX 4.4 that keeps to the rules until it is told not to.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use fix_core::{
    UtcTimestamp,
    time::UTC_TIMESTAMP_LEN,
    wire::check_sum::{check_sum, digits},
};
use socket2::{Domain, Socket, Type};

use crate::process::wait_for;

/// How long a read waits before it is asked whether to wait on.
const PATIENCE: Duration = Duration::from_millis(20);
/// Bytes that the operating system holds of what is not read: a counterparty that stops reading is noticed soon.
const BUFFER: usize = 4096;
/// And of a segment: the sender's operating system holds a multiple of it.
const SEGMENT: u32 = 1000;

/// The counterparty: EXCHANGE, which knows the board as TRADEDESK.
pub struct Counterparty {
    listener: TcpListener,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    stream: Option<TcpStream>,
    /// Received, and not a whole message yet.
    partial: Vec<u8>,
    ledger: Vec<String>,
    /// MsgSeqNum(34) of its next message.
    pub next_out: u64,
    /// MsgSeqNum(34) of the board's next message.
    next_in: u64,
}

impl Counterparty {
    /// Listens on a free port.
    ///
    /// # Errors
    /// If that is not possible.
    pub fn listen() -> Result<Self, String> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(failed)?;
        // What is accepted inherits both.
        socket.set_recv_buffer_size(BUFFER).map_err(failed)?;
        socket.set_tcp_mss(SEGMENT).map_err(failed)?;
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).map_err(failed)?;
        socket.listen(4).map_err(failed)?;
        let listener = TcpListener::from(socket);
        listener.set_nonblocking(true).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Counterparty {
            listener,
            port,
            stream: None,
            partial: Vec::new(),
            ledger: Vec::new(),
            next_out: 1,
            next_in: 1,
        })
    }

    /// All that came from the board, a message each; SOH is `|`.
    #[must_use]
    pub fn ledger(&self) -> &[String] {
        &self.ledger
    }

    /// True until the board closed the connection, or [`hang_up`](Self::hang_up).
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Takes the next connection, receives the Logon(A) and answers it; messages that are missing are asked for. The
    /// Logon is returned.
    ///
    /// # Errors
    /// If none comes within `seconds`.
    pub fn log_on(&mut self, seconds: u64) -> Result<String, String> {
        let listener = &self.listener;
        let accept = || listener.accept().ok();
        let (stream, _) = wait_for("the board's connection", Duration::from_secs(seconds), accept)?;
        stream.set_nonblocking(false).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        stream.set_write_timeout(Some(Duration::from_secs(10))).map_err(failed)?;
        self.stream = Some(stream);
        self.partial.clear();
        let expected = self.next_in;
        let logon = self.wait("|35=A|", seconds)?;
        let heartbeat = field(&logon, "108").unwrap_or("30").to_owned();
        self.send("A", &format!("98=0|108={heartbeat}|"))?;
        if self.next_in > expected + 1 {
            self.send("2", &format!("7={expected}|16=0|"))?;
        }
        Ok(logon)
    }

    /// Ends the connection without a word.
    pub fn hang_up(&mut self) {
        self.stream = None;
    }

    /// The next message of the board with `words`. Until it comes, a TestRequest(1) is answered by a Heartbeat(0), a
    /// ResendRequest(2) by a gap fill, and a Logout(5) by a Logout.
    ///
    /// # Errors
    /// If it does not come within `seconds`, or the board closes the connection before.
    pub fn wait(&mut self, words: &str, seconds: u64) -> Result<String, String> {
        let end = Instant::now() + Duration::from_secs(seconds);
        let from = self.ledger.len();
        while self.stream.is_some() && Instant::now() < end {
            let Some(message) = self.receive() else { continue };
            if message.contains(words) {
                return Ok(message);
            }
            self.answer(&message)?;
        }
        let how = if self.is_connected() { "not in time" } else { "the board hung up" };
        Err(format!("{words}: {how}; since then came:\n{}", self.ledger[from..].join("\n")))
    }

    /// A message with the next number. `fields` follow the header, `|` for SOH.
    ///
    /// # Errors
    /// If the connection takes no bytes.
    pub fn send(&mut self, msg_type: &str, fields: &str) -> Result<(), String> {
        let message = numbered(msg_type, self.next_out, fields);
        self.next_out += 1;
        self.send_bytes(&message)
    }

    /// Sends bytes as they are. A connection that the board closed is forgotten.
    ///
    /// # Errors
    /// If the connection takes no bytes.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), String> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        match stream.write_all(bytes) {
            Ok(()) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(format!("the board takes no bytes: {error}"))
            }
            Err(_) => {
                self.hang_up();
                Ok(())
            }
        }
    }

    /// What an acceptor owes to a message of the session.
    ///
    /// # Errors
    /// If the connection takes no bytes.
    pub fn answer(&mut self, message: &str) -> Result<(), String> {
        match field(message, "35") {
            Some("1") => {
                let id = field(message, "112").unwrap_or("?").to_owned();
                self.send("0", &format!("112={id}|"))
            }
            Some("2") => {
                let from = field(message, "7").and_then(|text| text.parse().ok()).unwrap_or(1);
                self.send_bytes(&gap_fill(from, self.next_out))
            }
            Some("5") => self.send("5", ""),
            _ => Ok(()),
        }
    }

    /// The next message, if one comes soon.
    pub fn receive(&mut self) -> Option<String> {
        if let Some(message) = self.whole_message() {
            return Some(message);
        }
        let stream = self.stream.as_mut()?;
        let mut bytes = [0; 2048];
        match stream.read(&mut bytes) {
            Ok(0) => self.hang_up(),
            Ok(count) => self.partial.extend_from_slice(&bytes[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => self.hang_up(),
        }
        self.whole_message()
    }

    /// Takes the first message out of what was received: up to CheckSum(10), which must be right.
    fn whole_message(&mut self) -> Option<String> {
        const SUM: &[u8] = b"\x0110=";
        let sum = self.partial.windows(SUM.len()).position(|window| window == SUM)? + 1;
        let end = sum + SUM.len() + 3;
        let message: Vec<u8> = self.partial.get(..end)?.to_vec();
        self.partial.drain(..end);
        let is_right = message[sum + 3..end - 1] == digits(check_sum(&message[..sum]));
        assert!(is_right, "the board's check sum: {}", message.escape_ascii());
        let message = String::from_utf8_lossy(&message).replace('\u{1}', "|");
        let number = field(&message, "34").and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        // What is missing is asked for by who notices it; it then comes with PossDupFlag(43).
        self.next_in = self.next_in.max(number + 1);
        self.ledger.push(message.clone());
        Some(message)
    }
}

/// The value of a field in a message as ledgers have it.
#[must_use]
pub fn field<'m>(message: &'m str, tag: &str) -> Option<&'m str> {
    let from = message.find(&format!("|{tag}="))? + tag.len() + 2;
    message[from..].split('|').next()
}

/// A message from EXCHANGE, of now.
#[must_use]
pub fn numbered(msg_type: &str, number: u64, fields: &str) -> Vec<u8> {
    let now = now();
    framed(&format!("35={msg_type}|34={number}|49=EXCHANGE|56=TRADEDESK|52={now}|{fields}"))
}

/// A message sent again, of now.
#[must_use]
pub fn sent_again(msg_type: &str, number: u64, fields: &str) -> Vec<u8> {
    numbered(msg_type, number, &format!("43=Y|122={}|{fields}", now()))
}

/// A SequenceReset-GapFill(4) for all numbers from `from` and before `to`.
#[must_use]
pub fn gap_fill(from: u64, to: u64) -> Vec<u8> {
    sent_again("4", from, &format!("123=Y|36={to}|"))
}

/// Puts BeginString(8), BodyLength(9) and CheckSum(10) around a body; `|` for SOH.
#[must_use]
pub fn framed(body: &str) -> Vec<u8> {
    let body = body.replace('|', "\u{1}").into_bytes();
    summed([format!("8=FIX.4.4\u{1}9={}\u{1}", body.len()).into_bytes(), body].concat())
}

/// Puts the right CheckSum(10) behind bytes.
#[must_use]
pub fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = digits(check_sum(&bytes));
    bytes.extend_from_slice(b"10=");
    bytes.extend_from_slice(&sum);
    bytes.push(1);
    bytes
}

/// SendingTime(52), UTC.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(since.as_millis()).unwrap_or_default();
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let len = UtcTimestamp::from_unix_millis(millis).format(&mut text);
    String::from_utf8_lossy(&text[..len]).into_owned()
}

fn failed(error: std::io::Error) -> String {
    format!("the counterparty: {error}")
}
