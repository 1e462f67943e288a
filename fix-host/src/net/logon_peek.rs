//! Whose connection is it? Reads the first message without consuming it.

use std::fmt;

use fix_core::{
    tag::{self, Tag},
    wire::{
        field::Fields,
        frame::{Frame, Scan, scan},
    },
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
    /// SenderSubID(50), SenderLocationID(142), TargetSubID(57) and TargetLocationID(143), where they are.
    pub parts: [Option<String>; 4],
}

const PARTS: [Tag; 4] =
    [tag::SENDER_SUB_ID, tag::SENDER_LOCATION_ID, tag::TARGET_SUB_ID, tag::TARGET_LOCATION_ID];

impl Claim {
    /// What the counterparty of a session writes.
    #[must_use]
    pub fn of_counterparty(identity: &Identity) -> Self {
        Claim {
            begin_string: identity.begin_string.clone(),
            sender_comp_id: identity.target_comp_id.clone(),
            target_comp_id: identity.sender_comp_id.clone(),
            parts: [
                identity.target_sub_id.clone(),
                identity.target_location_id.clone(),
                identity.sender_sub_id.clone(),
                identity.sender_location_id.clone(),
            ],
        }
    }

    /// Whether a Logon that says `said` is for a session with this claim: a part that the session does not
    /// name may be anything.
    #[must_use]
    pub fn covers(&self, said: &Claim) -> bool {
        let covers = |(own, said): (&Option<String>, &Option<String>)| own.is_none() || own == said;
        self.begin_string == said.begin_string
            && self.sender_comp_id == said.sender_comp_id
            && self.target_comp_id == said.target_comp_id
            && self.parts.iter().zip(&said.parts).all(covers)
    }

    /// How many of its parts are named: of two sessions that cover a Logon, the one that names more has it.
    #[must_use]
    pub fn precision(&self) -> usize {
        self.parts.iter().flatten().count()
    }
}

/// As fields, escaped: a stranger wrote them.
impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sender, target) = (self.sender_comp_id.escape_debug(), self.target_comp_id.escape_debug());
        write!(f, "SenderCompID(49)={sender} TargetCompID(56)={target}")?;
        let names = ["SenderSubID(50)", "SenderLocationID(142)", "TargetSubID(57)", "TargetLocationID(143)"];
        for (name, part) in names.iter().zip(&self.parts) {
            if let Some(part) = part {
                write!(f, " {name}={}", part.escape_debug())?;
            }
        }
        Ok(())
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
        Scan::Frame(frame, _) => claim(frame).map_or(Peek::NotALogon, Peek::Logon),
    }
}

/// What the fields say up to the first that is none. Which data fields there are is known when the session is: it
/// judges the rest.
fn claim(frame: Frame<'_>) -> Option<Claim> {
    let get = |tag| Fields::new(frame.body()).valid().find(|field| field.tag == tag).map(|field| field.value);
    if get(tag::MSG_TYPE) != Some(b"A") {
        return None;
    }
    let text = |value: Option<&[u8]>| String::from_utf8(value?.to_vec()).ok();
    Some(Claim {
        begin_string: text(Some(frame.begin_string()))?,
        sender_comp_id: text(get(tag::SENDER_COMP_ID))?,
        target_comp_id: text(get(tag::TARGET_COMP_ID))?,
        parts: PARTS.map(|tag| text(get(tag))),
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
        let odd = Claim { parts: [Some("a\u{1b}[31m".into()), None, None, None], ..claim };
        assert_eq!(odd.to_string(), "SenderCompID(49)=TW TargetCompID(56)=ISLD SenderSubID(50)=a\\u{1b}[31m");
    }

    #[test]
    fn a_session_that_names_parts_wants_them_and_another_takes_all() {
        let claim = |parts: [Option<&str>; 4]| Claim {
            begin_string: "FIX.4.4".into(),
            sender_comp_id: "TW".into(),
            target_comp_id: "ISLD".into(),
            parts: parts.map(|part| part.map(str::to_owned)),
        };
        let (open, trader) = (claim([None; 4]), claim([Some("TRADER"), None, None, None]));
        let said = claim([Some("TRADER"), None, Some("X"), None]);
        assert!(open.covers(&said) && trader.covers(&said) && trader.precision() > open.precision());
        assert!(!trader.covers(&open) && !trader.covers(&claim([Some("OTHER"), None, None, None])));
        assert!(!open.covers(&Claim { target_comp_id: "OTHER".into(), ..said }));
    }

    #[test]
    fn anything_else_is_not_a_logon() {
        assert_eq!(peek(b"GET / HTTP/1.1\r\n\r\n", 1024), Peek::NotALogon);
        let heartbeat = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";
        assert_eq!(peek(heartbeat, 1024), Peek::NotALogon);
    }
}
