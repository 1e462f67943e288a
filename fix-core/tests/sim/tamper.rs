//! Faults of a counterparty's that no link can make: the frame of each message is right. A field cannot be read; a message
//! is larger than the receiver takes; what has long arrived is asked for again.

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    tag::Tag,
    wire::{
        check_sum::{check_sum, digits},
        frame::{Frame, Scan, scan},
    },
};

use crate::rng::Rng;

const BAD: [&[u8]; 6] = [b"garbage\x01", b"77\x01", b"=x\x01", b"7x=1\x01", b"99999999999=x\x01", b"-=x\x01"];
/// A longer message might not fit into the receiver's buffer with one more field.
const LONGEST: usize = 560;
/// Each looks like the begin of a message.
const PADDING: &[u8] = b"448=P\x01";

/// What the messages of a run may suffer on their way.
pub(crate) struct Tamper {
    rng: Rng,
    bad_fields: bool,
    too_large: bool,
    old_requests: bool,
    /// The last message is followed by another in any case.
    heartbeats: bool,
}

impl Tamper {
    /// `None` in most runs. Without `heartbeats` nothing would show that the last message was too large to be counted, or a
    /// gap fill that was rejected and counts for one number only.
    pub(crate) fn new(rng: &mut Rng, heartbeats: bool) -> Option<Self> {
        let mut chance = || rng.chance(200);
        let (bad_fields, too_large, old_requests) = (chance(), chance() && heartbeats, chance());
        let any = bad_fields || too_large || old_requests;
        any.then(|| Tamper { rng: rng.split(), bad_fields, too_large, old_requests, heartbeats })
    }

    /// The messages of `bytes` as they arrive at one who takes at most `limit` bytes, and how many are larger.
    pub(crate) fn apply(&mut self, bytes: &[u8], limit: usize) -> (Vec<u8>, u64) {
        let (mut out, mut rest, mut large) = (Vec::with_capacity(bytes.len()), bytes, 0);
        while let Scan::Frame(frame, taken) = scan(rest, usize::MAX) {
            rest = &rest[taken..];
            let Some(message) =
                Message::parse(frame).ok().filter(|message| message.msg_type() != MsgType::LOGON)
            else {
                // Without its Logon a session does not begin, and there is nothing to be seen.
                out.extend_from_slice(frame.bytes());
                continue;
            };
            let idle = message.msg_type() == MsgType::HEARTBEAT && message.get(Tag(112)).is_none();
            let is_shown = self.heartbeats || message.msg_type() != MsgType::SEQUENCE_RESET;
            if self.too_large && self.rng.chance(30) {
                let excess = limit + self.rng.below_usize(2_000);
                rewrite(&mut out, frame, &[frame.body(), &PADDING.repeat(excess / PADDING.len() + 1)]);
                large += 1;
            } else if self.old_requests && idle && self.rng.chance(500) {
                let begin = self.rng.between(1, 30);
                let header = frame.body().strip_prefix(b"35=0\x01").unwrap_or_default();
                rewrite(&mut out, frame, &[b"35=2\x01", header, format!("7={begin}\x0116=0\x01").as_bytes()]);
            } else if self.bad_fields && is_shown && taken <= LONGEST && self.rng.chance(100) {
                rewrite(&mut out, frame, &[frame.body(), self.rng.pick(&BAD)]);
            } else {
                out.extend_from_slice(frame.bytes());
            }
        }
        out.extend_from_slice(rest);
        (out, large)
    }
}

/// Appends the frame with another body.
fn rewrite(out: &mut Vec<u8>, frame: Frame<'_>, body: &[&[u8]]) {
    let (begin, body) = (out.len(), body.concat());
    let begin_string = String::from_utf8_lossy(frame.begin_string());
    out.extend_from_slice(format!("8={begin_string}\x019={}\x01", body.len()).as_bytes());
    out.extend_from_slice(&body);
    let sum = digits(check_sum(&out[begin..]));
    out.extend_from_slice(&[b"10=", &sum[..], b"\x01"].concat());
}
