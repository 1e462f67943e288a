//! A fault of a counterparty's that no link can make: a message whose frame is right, with a field in it that cannot be
//! read. It counts; what it says is delivered to an initiator, and rejected by an acceptor, but never asked for without end.

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    wire::{
        check_sum::{check_sum, digits},
        frame::{Scan, scan},
    },
};

use crate::rng::Rng;

const BAD: [&[u8]; 6] = [b"garbage", b"77", b"=x", b"7x=1", b"99999999999=x", b"-=x"];
/// A longer message might not fit into the receiver's buffer with one more field.
const LONGEST: usize = 560;

/// The messages of `bytes`, some with a bad field in front of their check sum.
pub(crate) fn insert(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let Scan::Frame(frame, taken) = scan(rest, usize::MAX) {
        rest = &rest[taken..];
        let msg_type = Message::parse(frame).map(|message| message.msg_type());
        // Without its Logon a session does not begin, and there is nothing to be seen.
        let spared = msg_type == Ok(MsgType::LOGON) || taken > LONGEST;
        if spared || !rng.chance(100) {
            out.extend_from_slice(frame.bytes());
            continue;
        }
        let body = [frame.body(), rng.pick(&BAD), b"\x01"].concat();
        let begin = out.len();
        let begin_string = String::from_utf8_lossy(frame.begin_string());
        out.extend_from_slice(format!("8={begin_string}\x019={}\x01", body.len()).as_bytes());
        out.extend_from_slice(&body);
        let sum = digits(check_sum(&out[begin..]));
        out.extend_from_slice(&[b"10=", &sum[..], b"\x01"].concat());
    }
    out.extend_from_slice(rest);
    out
}
