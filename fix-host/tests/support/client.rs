//! A counterparty that a test plays by hand, byte by byte, against an acceptor named EXCHANGE.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    ops::RangeInclusive,
};

use super::{
    support::PATIENCE,
    wire::{frame, sending_time},
};

/// A connection with the numbers of its session.
pub struct Client {
    stream: TcpStream,
    name: String,
    /// The MsgSeqNum(34) of the next message.
    pub next_out: u64,
    received: Vec<u8>,
}

impl Client {
    /// Connects and logs on, with numbers that begin at 1.
    pub fn log_on(port: u16, name: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connect");
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
        let mut client = Client { stream, name: name.to_owned(), next_out: 1, received: Vec::new() };
        client.send("A", "98=0|108=30|141=Y|");
        client.wait_for("A");
        client
    }

    /// Sends a message with these fields of its body.
    pub fn send(&mut self, msg_type: &str, body: &str) {
        let message = self.message(msg_type, body);
        self.stream.write_all(&message).expect("write");
    }

    /// The next message, with these fields of its body.
    fn message(&mut self, msg_type: &str, body: &str) -> Vec<u8> {
        let (now, name, number) = (sending_time(), &self.name, self.next_out);
        let head = format!("35={msg_type}|49={name}|56=EXCHANGE|34={number}|52={now}|");
        self.next_out += 1;
        frame(&format!("{head}{body}").replace('|', "\x01"))
    }

    /// Sends an order to buy: with a limit, or at the market.
    pub fn order(&mut self, cl_ord_id: &str, qty: u32, limit: Option<&str>) {
        self.send("D", &order_fields(cl_ord_id, qty, limit));
    }

    /// Sends orders to buy one for 1, with these numbers as ClOrdID(11), all in one write: they arrive together.
    pub fn orders_at_once(&mut self, numbers: RangeInclusive<u32>) {
        let fields = numbers.map(|number| order_fields(&number.to_string(), 1, Some("1")));
        let messages: Vec<u8> = fields.flat_map(|fields| self.message("D", &fields)).collect();
        self.stream.write_all(&messages).expect("write");
    }

    /// The next message of a type, with `|` between its fields.
    pub fn wait_for(&mut self, msg_type: &str) -> String {
        loop {
            let message = self.next().unwrap_or_else(|| panic!("closed before 35={msg_type}"));
            if message.contains(&format!("|35={msg_type}|")) {
                return message;
            }
        }
    }

    /// The next message; `None` when the connection is closed.
    pub fn next(&mut self) -> Option<String> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(len) = length(&self.received) {
                let message: Vec<u8> = self.received.drain(..len).collect();
                return Some(String::from_utf8_lossy(&message).replace('\x01', "|"));
            }
            match self.stream.read(&mut buffer) {
                Ok(count) if count > 0 => self.received.extend_from_slice(&buffer[..count]),
                Ok(_) => return None,
                Err(error) => {
                    panic!("no message in time ({error}): {:?}", String::from_utf8_lossy(&self.received))
                }
            }
        }
    }
}

/// The fields of an order to buy: with a limit, or at the market.
fn order_fields(cl_ord_id: &str, qty: u32, limit: Option<&str>) -> String {
    let (now, kind) = (sending_time(), if limit.is_some() { 2 } else { 1 });
    let limit = limit.map(|limit| format!("44={limit}|")).unwrap_or_default();
    format!("11={cl_ord_id}|55=10Y|54=1|38={qty}|40={kind}|{limit}60={now}|")
}

/// Bytes of the first message, if all of it is there; whatever its sums are.
fn length(bytes: &[u8]) -> Option<usize> {
    let trailer = bytes.windows(4).position(|window| window == b"\x0110=")?;
    let end = bytes[trailer + 4..].iter().position(|byte| *byte == 1)?;
    Some(trailer + 4 + end + 1)
}

/// A field of a message that [`Client::next`] gave.
pub fn field<'a>(message: &'a str, tag: &str) -> &'a str {
    let value = message.split('|').find_map(|field| field.strip_prefix(tag)?.strip_prefix('='));
    value.unwrap_or_default()
}
