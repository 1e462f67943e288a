//! Whose connection is it? Reads the first message without consuming it.

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    wire::frame::{Scan, scan},
};

use crate::config::Identity;

/// The identity that the first message of a connection claims, as the counterparty writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// BeginString(8).
    pub begin_string: String,
    /// SenderCompID(49): the counterparty.
    pub sender_comp_id: String,
    /// TargetCompID(56): us.
    pub target_comp_id: String,
}

impl Claim {
    /// What the counterparty of a session writes.
    #[must_use]
    pub fn of_counterparty(identity: &Identity) -> Self {
        Claim {
            begin_string: identity.begin_string.clone(),
            sender_comp_id: identity.target_comp_id.clone(),
            target_comp_id: identity.sender_comp_id.clone(),
        }
    }
}

/// What the bytes received so far say.
#[derive(Debug, PartialEq, Eq)]
pub enum Peek {
    /// No whole message yet.
    Partial,
    /// A Logon with an identity.
    Logon(Claim),
    /// The first message is no acceptable Logon; the connection is closed without a byte (FIX 4.4 Vol. 2,
    /// case 1e).
    NotALogon,
}

/// Looks at the first message in `bytes`; `max_len` bounds its size.
pub fn peek(bytes: &[u8], max_len: usize) -> Peek {
    match scan(bytes, max_len) {
        Scan::Partial => Peek::Partial,
        Scan::Garbled(..) => Peek::NotALogon,
        Scan::Frame(frame, _) => {
            Message::parse(frame).ok().and_then(claim).map_or(Peek::NotALogon, Peek::Logon)
        }
    }
}

fn claim(message: Message<'_>) -> Option<Claim> {
    if message.msg_type() != MsgType::from_static(b"A") {
        return None;
    }
    let text = |value: Option<&[u8]>| String::from_utf8(value?.to_vec()).ok();
    Some(Claim {
        begin_string: text(Some(message.frame().begin_string()))?,
        sender_comp_id: text(message.header().sender_comp_id)?,
        target_comp_id: text(message.header().target_comp_id)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGON: &[u8] =
        b"8=FIX.4.4\x019=56\x0135=A\x0149=TW\x0156=ISLD\x0134=1\x0152=20261124-05:38:00\x0198=0\x01108=30\x0110=113\x01";

    fn with_check_sum() -> Vec<u8> {
        let mut bytes = LOGON[..LOGON.len() - 7].to_vec();
        let head = b"8=FIX.4.4\x019=56\x01".len();
        let body = bytes.split_off(head);
        let mut bytes = format!("8=FIX.4.4\x019={}\x01", body.len()).into_bytes();
        bytes.extend(body);
        let sum = bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.extend(format!("10={sum:03}\x01").bytes());
        bytes
    }

    #[test]
    fn a_logon_names_its_sender_and_target() {
        let logon = with_check_sum();
        assert_eq!(peek(&logon[..20], 1024), Peek::Partial);
        let Peek::Logon(claim) = peek(&logon, 1024) else { panic!("no logon") };
        assert_eq!((claim.sender_comp_id.as_str(), claim.target_comp_id.as_str()), ("TW", "ISLD"));
    }

    #[test]
    fn anything_else_is_not_a_logon() {
        assert_eq!(peek(b"GET / HTTP/1.1\r\n\r\n", 1024), Peek::NotALogon);
        let heartbeat = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";
        assert_eq!(peek(heartbeat, 1024), Peek::NotALogon);
    }
}
