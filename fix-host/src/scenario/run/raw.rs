//! A party without an engine: header and trailer are filled in unless the script says them, and nothing is answered.

use std::{
    collections::VecDeque,
    task::{Context, Poll},
};

use fix_core::{
    msg::msg_type::MsgType,
    tag::{self, Tag},
    time::Now,
    wire::{
        SOH,
        check_sum::{check_sum, digits},
        deframer::Deframer,
    },
};

use super::{
    link::Link,
    party::{Heard, Moved},
};
use crate::scenario::{
    message, names,
    outcome::{Journal, What},
    template::timestamp,
};

/// The largest message that is read.
const LARGEST: usize = 1 << 20;

/// What a raw party knows.
pub(super) struct Raw {
    sender: String,
    target: String,
    /// The next MsgSeqNum(34).
    pub(super) next_out: u64,
    deframer: Deframer<Vec<u8>>,
    unsent: VecDeque<u8>,
}

impl Raw {
    pub(super) fn new(sender: &str, target: &str) -> Self {
        Raw {
            sender: sender.to_owned(),
            target: target.to_owned(),
            next_out: 1,
            deframer: Deframer::new(vec![0; LARGEST]),
            unsent: VecDeque::new(),
        }
    }

    /// Numbers go on over connections; bytes do not.
    pub(super) fn connected(&mut self, first: &[u8]) {
        self.deframer.clear();
        self.unsent.clear();
        let space = self.deframer.space();
        let count = first.len().min(space.len());
        space[..count].copy_from_slice(&first[..count]);
        self.deframer.received(count);
    }

    pub(super) fn turn(&mut self, link: &mut Link, cx: &mut Context<'_>) -> Moved {
        let failed = |error: std::io::Error| Moved::Ended(format!("the connection failed: {error}"));
        if !self.unsent.is_empty() {
            match link.poll_write(cx, self.unsent.make_contiguous()) {
                Poll::Ready(Ok(count)) => {
                    self.unsent.drain(..count);
                    return Moved::Some;
                }
                Poll::Ready(Err(error)) => return failed(error),
                Poll::Pending => {}
            }
        }
        let space = self.deframer.space();
        if space.is_empty() {
            return Moved::Nothing;
        }
        match link.poll_read(cx, space) {
            Poll::Ready(Ok(0)) => Moved::Ended("the counterparty closed the connection".to_owned()),
            Poll::Ready(Ok(count)) => {
                self.deframer.received(count);
                Moved::Some
            }
            Poll::Ready(Err(error)) => failed(error),
            Poll::Pending => Moved::Nothing,
        }
    }

    /// False while bytes wait for the connection to take them.
    pub(super) fn has_written_all(&self) -> bool {
        self.unsent.is_empty()
    }

    /// The next whole message.
    pub(super) fn hear(&mut self, name: &str, journal: &Journal) -> Option<Heard> {
        loop {
            match self.deframer.next_frame()? {
                Ok(frame) => {
                    let bytes = frame.bytes().to_vec();
                    journal.push(name, What::In(bytes.clone()));
                    let msg_type = message::msg_type(&bytes).to_vec();
                    let is_admin = MsgType::from_bytes(&msg_type).is_some_and(names::is_admin);
                    return Some(Heard { bytes: bytes.into(), msg_type, is_admin });
                }
                Err(garbled) => journal.push(name, What::Note(format!("garbled bytes came: {garbled}"))),
            }
        }
    }

    pub(super) fn send_bytes(&mut self, bytes: &[u8]) {
        self.unsent.extend(bytes);
    }

    /// Writes a message: what `fields` say of header and trailer is taken as it is, the rest is made. Without a value a
    /// field is left out.
    pub(super) fn send(&mut self, msg_type: MsgType, fields: &[(Tag, Option<Vec<u8>>)], now: Now) -> Vec<u8> {
        let said =
            |tag: Tag| fields.iter().find(|(field, _)| *field == tag).map(|(_, value)| value.as_deref());
        let or = |tag: Tag, made: &[u8]| match said(tag) {
            Some(value) => value.map(<[u8]>::to_vec),
            None => Some(made.to_vec()),
        };
        const HEAD: [Tag; 5] =
            [tag::MSG_TYPE, tag::SENDER_COMP_ID, tag::TARGET_COMP_ID, tag::MSG_SEQ_NUM, tag::SENDING_TIME];
        const ENDS: [Tag; 3] = [tag::BEGIN_STRING, tag::BODY_LENGTH, tag::CHECK_SUM];
        let made = [
            msg_type.as_bytes().to_vec(),
            self.sender.clone().into_bytes(),
            self.target.clone().into_bytes(),
            self.next_out.to_string().into_bytes(),
            timestamp(now.utc),
        ];
        let mut body = Vec::new();
        for (tag, made) in HEAD.into_iter().zip(&made) {
            push(&mut body, tag, or(tag, made));
        }
        for (tag, value) in fields {
            if !HEAD.contains(tag) && !ENDS.contains(tag) {
                push(&mut body, *tag, value.clone());
            }
        }
        let mut bytes = Vec::new();
        push(&mut bytes, tag::BEGIN_STRING, or(tag::BEGIN_STRING, b"FIX.4.4"));
        push(&mut bytes, tag::BODY_LENGTH, or(tag::BODY_LENGTH, body.len().to_string().as_bytes()));
        bytes.extend(body);
        let sum = digits(check_sum(&bytes));
        push(&mut bytes, tag::CHECK_SUM, or(tag::CHECK_SUM, &sum));
        self.count(message::field(&bytes, tag::MSG_SEQ_NUM, 1), &bytes);
        self.unsent.extend(&bytes);
        bytes
    }

    /// The next number is the one behind the highest that was sent; what is sent again does not count.
    fn count(&mut self, sent: Option<&[u8]>, bytes: &[u8]) {
        let number = sent.and_then(|text| std::str::from_utf8(text).ok()?.parse::<u64>().ok());
        let is_repeat = message::field(bytes, tag::POSS_DUP_FLAG, 1) == Some(b"Y");
        if let Some(number) = number.filter(|_| !is_repeat) {
            self.next_out = self.next_out.max(number.saturating_add(1));
        }
    }
}

fn push(bytes: &mut Vec<u8>, tag: Tag, value: Option<Vec<u8>>) {
    if let Some(value) = value {
        bytes.extend_from_slice(tag.0.to_string().as_bytes());
        bytes.push(b'=');
        bytes.extend_from_slice(&value);
        bytes.push(SOH);
    }
}

#[cfg(test)]
mod tests {
    use fix_core::time::{Mono, UtcTimestamp};

    use super::*;

    fn sent(raw: &mut Raw, fields: &[(Tag, Option<&str>)]) -> String {
        let fields: Vec<_> =
            fields.iter().map(|(tag, value)| (*tag, value.map(|value| value.as_bytes().to_vec()))).collect();
        let now = Now { mono: Mono::default(), utc: UtcTimestamp::from_unix(0, 0) };
        String::from_utf8(raw.send(MsgType::HEARTBEAT, &fields, now)).unwrap().replace('\x01', "|")
    }

    #[test]
    fn what_the_script_does_not_say_is_right_and_what_it_says_is_taken() {
        let mut raw = Raw::new("US", "THEM");
        let time = "52=19700101-00:00:00.000";
        assert_eq!(sent(&mut raw, &[]), format!("8=FIX.4.4|9=49|35=0|49=US|56=THEM|34=1|{time}|10=146|"));
        let wrong = sent(&mut raw, &[(tag::CHECK_SUM, Some("000")), (tag::SENDING_TIME, None)]);
        assert_eq!(wrong, "8=FIX.4.4|9=24|35=0|49=US|56=THEM|34=2|10=000|");
        assert!(sent(&mut raw, &[(tag::MSG_SEQ_NUM, Some("9"))]).contains("|34=9|"));
        assert!(
            sent(&mut raw, &[(tag::MSG_SEQ_NUM, Some("3")), (tag::POSS_DUP_FLAG, Some("Y"))])
                .contains("|34=3|")
        );
        assert_eq!(raw.next_out, 10);
    }
}
