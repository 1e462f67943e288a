//! Faults on purpose in the messages of a venue: which ones, and what is left of them. No I/O.

use fix_core::wire::check_sum::check_sum;
use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use super::rules::{Count, Line};

/// What is written of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// These bytes.
    All(Vec<u8>),
    /// Nothing, of it alone.
    Nothing,
    /// These bytes, and then the connection ends.
    Cut(Vec<u8>),
    /// Nothing, and nothing more on this connection, which stays open.
    HalfOpen,
}

/// Spoils the messages of one session, on all its connections.
pub struct Tamper {
    line: Line,
    random: ChaCha12Rng,
    /// So many messages more are lost.
    to_lose: u64,
    last_exec_id: Vec<u8>,
}

impl Tamper {
    /// Nothing was sent yet.
    #[must_use]
    pub fn new(line: Line, seed: u64) -> Self {
        let random = ChaCha12Rng::seed_from_u64(seed);
        Tamper { line, random, to_lose: 0, last_exec_id: Vec::new() }
    }

    /// What is written of this message, and which fault that is. Logon(A) and Logout(5) are left alone, so that there is a
    /// session at all. What is resent meets the same line: a client must ask again for what it could not read.
    pub fn write(&mut self, message: &[u8]) -> (Written, Option<&'static str>) {
        let fields = Fields(message);
        let msg_type = fields.get(b"35").unwrap_or_default();
        if matches!(msg_type, b"A" | b"5") {
            return (Written::All(message.to_vec()), None);
        }
        if let Some((written, fault)) = self.on_the_line(message) {
            return (written, Some(fault));
        }
        if fields.get(b"43") == Some(b"Y") {
            return self.resent(&fields, msg_type, message);
        }
        if msg_type == b"8" {
            return self.report(&fields, message);
        }
        (Written::All(message.to_vec()), None)
    }

    /// What becomes of the message on its way, whatever it says.
    fn on_the_line(&mut self, message: &[u8]) -> Option<(Written, &'static str)> {
        if self.to_lose > 0 || self.draws(self.line.lost.as_ref().map(|lost| lost.every)) {
            let messages = self.line.lost.as_ref().map_or(1, |lost| lost.messages.0);
            self.to_lose = if self.to_lose > 0 { self.to_lose - 1 } else { messages - 1 };
            return Some((Written::Nothing, "left out: the sequence jumps"));
        }
        if self.draws(self.line.cut) {
            return Some((Written::Cut(message[..message.len() / 2].to_vec()), "cut in the middle"));
        }
        if self.draws(self.line.half_open) {
            return Some((Written::HalfOpen, "half-open: nothing more is sent on this connection"));
        }
        if self.draws(self.line.wrong_check_sum) {
            return Some((Written::All(wrong_check_sum(message)), "wrong CheckSum(10)"));
        }
        if self.draws(self.line.wrong_body_length) {
            return Some((Written::All(wrong_body_length(message)), "wrong BodyLength(9)"));
        }
        None
    }

    /// FIX says that a resent message without OrigSendingTime(122) is rejected (case 2g).
    fn resent(
        &self,
        fields: &Fields<'_>,
        msg_type: &[u8],
        message: &[u8],
    ) -> (Written, Option<&'static str>) {
        let is_due = self.line.no_orig_sending_time && msg_type != b"4" && fields.get(b"122").is_some();
        if is_due {
            let spoilt = fields.with(b"122", None);
            return (Written::All(spoilt), Some("resent without OrigSendingTime(122)"));
        }
        (Written::All(message.to_vec()), None)
    }

    fn report(&mut self, fields: &Fields<'_>, message: &[u8]) -> (Written, Option<&'static str>) {
        let duplicates = self.draws(self.line.duplicate_exec_id);
        if duplicates && !self.last_exec_id.is_empty() {
            let spoilt = fields.with(b"17", Some(&self.last_exec_id));
            return (Written::All(spoilt), Some("ExecID(17) of the report before"));
        }
        self.last_exec_id = fields.get(b"17").unwrap_or_default().to_vec();
        (Written::All(message.to_vec()), None)
    }

    /// One in so many.
    fn draws(&mut self, one_in: Option<Count>) -> bool {
        one_in.is_some_and(|Count(one_in)| self.random.random_range(0..one_in) == 0)
    }
}

/// The fields of a message that the engine wrote; what stands in data fields is not looked for.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn all(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        self.0.split(|byte| *byte == 1).filter_map(|field| {
            let equals = field.iter().position(|byte| *byte == b'=')?;
            Some((&field[..equals], &field[equals + 1..]))
        })
    }

    fn get(&self, tag: &[u8]) -> Option<&'a [u8]> {
        self.all().find(|(own, _)| *own == tag).map(|(_, value)| value)
    }

    /// The message with another value of a field, or without it; BodyLength(9) and CheckSum(10) are right.
    fn with(&self, changed: &[u8], value: Option<&[u8]>) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.0.len());
        for (tag, own) in self.all().filter(|(tag, _)| !matches!(*tag, b"8" | b"9" | b"10")) {
            let Some(value) = (if tag == changed { value } else { Some(own) }) else { continue };
            body.extend_from_slice(tag);
            body.push(b'=');
            body.extend_from_slice(value);
            body.push(1);
        }
        framed(self.get(b"8").unwrap_or_default(), body.len(), &body)
    }
}

fn framed(begin_string: &[u8], body_length: usize, body: &[u8]) -> Vec<u8> {
    let mut message =
        [b"8=", begin_string, b"\x019=", body_length.to_string().as_bytes(), b"\x01", body].concat();
    let sum = check_sum(&message);
    message.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
    message
}

fn wrong_check_sum(message: &[u8]) -> Vec<u8> {
    let mut spoilt = message.to_vec();
    if let Some(digit) = spoilt.len().checked_sub(2).and_then(|last| spoilt.get_mut(last)) {
        *digit = if *digit == b'9' { b'0' } else { digit.wrapping_add(1) };
    }
    spoilt
}

/// One byte too long; the CheckSum(10) is right for what is written.
fn wrong_body_length(message: &[u8]) -> Vec<u8> {
    let fields = Fields(message);
    let right = fields.with(b"", None);
    let body_at = right.iter().enumerate().filter(|(_, byte)| **byte == 1).nth(1).map_or(0, |(at, _)| at + 1);
    let body = &right[body_at..right.len().saturating_sub(7).max(body_at)];
    framed(fields.get(b"8").unwrap_or_default(), body.len() + 1, body)
}

#[cfg(test)]
mod tests;
