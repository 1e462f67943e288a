//! What the targets have in common: turning the fuzzer's bytes into input that gets past the first check.

use fix_core::{
    dict::fix44::DICTIONARY,
    msg::{message::Message, msg_type::MsgType},
    wire::{
        check_sum::{check_sum, digits},
        frame::{Frame, Scan, scan},
        writer::MessageWriter,
    },
};

/// Ends one part of an input and begins the next.
pub const SEPARATOR: u8 = 0;

/// The fuzzer's bytes, taken from the front; zeros where they end.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of them.
    pub fn new(bytes: &'a [u8]) -> Self {
        Input(bytes)
    }

    /// True when none is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    /// The next `count` bytes, fewer at the end.
    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// What is left.
    pub fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// A byte stream: each part of the input is taken as it is, or made a message around it, a good one or one with
/// a wrong CheckSum(10) or BodyLength(9). A fuzzer does not find check sums by itself.
pub fn stream(input: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for part in input.split(|byte| *byte == SEPARATOR) {
        match part.split_first() {
            Some((b'G', body)) => stream.extend(around(body, body.len(), 0)),
            Some((b'S', body)) => stream.extend(around(body, body.len(), 1)),
            Some((b'L', body)) => stream.extend(around(body, body.len() ^ 1, 0)),
            _ => stream.extend(part),
        }
    }
    stream
}

fn around(body: &[u8], body_length: usize, sum_error: u8) -> Vec<u8> {
    let mut message = format!("8=FIX.4.4\x019={body_length}\x01").into_bytes();
    message.extend(body);
    let sum = check_sum(&message).wrapping_add(sum_error);
    message.extend(b"10=");
    message.extend(digits(sum));
    message.push(1);
    message
}

/// One of the message types of FIX 4.4.
pub fn msg_type(byte: u8) -> MsgType {
    let messages = DICTIONARY.messages;
    let name = messages[usize::from(byte) % messages.len()].msg_type;
    MsgType::from_bytes(name.as_bytes()).expect("a type of the dictionary")
}

/// A good frame around whole fields, the last SOH of which may be missing.
pub fn framed(msg_type: MsgType, fields: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; fields.len() + 64];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().encoded(fields);
    if !fields.is_empty() && fields.last() != Some(&1) {
        return framed(msg_type, &[fields, &[1]].concat());
    }
    let len = writer.finish().expect("room enough");
    buffer.truncate(len);
    buffer
}

/// The frame that these bytes are.
pub fn frame(bytes: &[u8]) -> Frame<'_> {
    match scan(bytes, usize::MAX) {
        Scan::Frame(frame, taken) if taken == bytes.len() => frame,
        Scan::Frame(..) => panic!("cut too short: {}", bytes.escape_ascii()),
        Scan::Partial => panic!("not whole: {}", bytes.escape_ascii()),
        Scan::Garbled(reason, _) => panic!("{reason}: {}", bytes.escape_ascii()),
    }
}

/// The message that these bytes are, which we wrote ourselves.
pub fn own_message(bytes: &[u8]) -> Message<'_> {
    Message::parse(frame(bytes)).unwrap_or_else(|reason| panic!("{reason}: {}", bytes.escape_ascii()))
}
