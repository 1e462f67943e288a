//! One line of the host: `WORD tag=value tag=value *hhhh`.

use core::fmt;

use fix_core::{Decimal, Tag, tag};

use super::{Line, terms};
use crate::book::{ID_LEN, SYMBOL_LEN};

/// What the host asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Word {
    /// NewOrderSingle(D).
    New,
    /// OrderCancelRequest(F).
    Cancel,
    /// OrderCancelReplaceRequest(G).
    Replace,
    /// OrderMassCancelRequest(q).
    MassCancel,
    /// With a ClOrdID(11) OrderStatusRequest(H), without one the state of the gateway.
    Status,
    /// Stops trading.
    Kill,
    /// Ends a KILL.
    Resume,
    /// Logs out, and stays out.
    Logout,
    /// Logs on again after a LOGOUT.
    Logon,
    /// Nothing: the host lives.
    Ping,
    /// Sends what the flight recorder has.
    Record,
}

const WORDS: [(&[u8], Word); 11] = [
    (b"NEW", Word::New),
    (b"CANCEL", Word::Cancel),
    (b"REPLACE", Word::Replace),
    (b"MASSCANCEL", Word::MassCancel),
    (b"STATUS", Word::Status),
    (b"KILL", Word::Kill),
    (b"RESUME", Word::Resume),
    (b"LOGOUT", Word::Logout),
    (b"LOGON", Word::Logon),
    (b"PING", Word::Ping),
    (b"RECORD", Word::Record),
];

/// What a value must be.
#[derive(Clone, Copy)]
enum Kind {
    /// Text of at most so many bytes.
    Text(usize),
    /// One character.
    Char,
    /// A decimal number.
    Number,
}

/// A field that a line may have.
struct Rule {
    tag: Tag,
    kind: Kind,
    /// The words that take it, and of those the ones that need it.
    takes: &'static [Word],
    needs: &'static [Word],
}

use Word::{Cancel, MassCancel, New, Replace, Status};

const fn rule(tag: Tag, kind: Kind, takes: &'static [Word], needs: &'static [Word]) -> Rule {
    Rule { tag, kind, takes, needs }
}

const ORDER: &[Word] = &[New, Replace];

const RULES: [Rule; 21] = [
    rule(
        tag::CL_ORD_ID,
        Kind::Text(ID_LEN),
        &[New, Cancel, Replace, MassCancel, Status],
        &[New, Cancel, Replace, MassCancel],
    ),
    rule(tag::ORIG_CL_ORD_ID, Kind::Text(ID_LEN), &[Cancel, Replace], &[Cancel, Replace]),
    rule(tag::SYMBOL, Kind::Text(SYMBOL_LEN), &[New, Cancel, Replace, MassCancel, Status], &[New]),
    rule(tag::SIDE, Kind::Char, &[New, Cancel, Replace, Status], &[New]),
    rule(tag::ORDER_QTY, Kind::Number, &[New, Replace, Cancel], ORDER),
    rule(tag::ORD_TYPE, Kind::Char, ORDER, ORDER),
    rule(tag::PRICE, Kind::Number, ORDER, &[]),
    rule(tag::STOP_PX, Kind::Number, ORDER, &[]),
    rule(tag::TIME_IN_FORCE, Kind::Char, ORDER, &[]),
    rule(tag::ACCOUNT, Kind::Text(32), &[New, Replace, Cancel], &[]),
    rule(tag::CURRENCY, Kind::Text(8), ORDER, &[]),
    rule(tag::EXEC_INST, Kind::Text(16), ORDER, &[]),
    rule(tag::HANDL_INST, Kind::Char, ORDER, &[]),
    rule(tag::SECURITY_ID, Kind::Text(24), &[New, Replace, Cancel], &[]),
    rule(tag::SECURITY_ID_SOURCE, Kind::Char, &[New, Replace, Cancel], &[]),
    rule(tag::EX_DESTINATION, Kind::Text(16), ORDER, &[]),
    rule(tag::SECURITY_EXCHANGE, Kind::Text(16), &[New, Replace, Cancel], &[]),
    rule(tag::MIN_QTY, Kind::Number, ORDER, &[]),
    rule(tag::MAX_FLOOR, Kind::Number, ORDER, &[]),
    rule(tag::MASS_CANCEL_REQUEST_TYPE, Kind::Char, &[MassCancel], &[]),
    rule(tag::TEXT, Kind::Text(64), &[New, Replace, Cancel, Word::Kill], &[]),
];

/// Why a line is refused. Nothing was sent for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LineError {
    /// Longer than [`LINE`](super::LINE).
    TooLong,
    /// The intake lost a byte of it.
    Receive,
    /// The check sum is not that of the line.
    CheckSum,
    /// There is no check sum, and the configuration asks for one.
    NoCheckSum,
    /// A byte that is no printable ASCII character; as `%hh` all but control characters may stand.
    Byte,
    /// A word that does not exist.
    UnknownWord,
    /// Something that is no `tag=value`.
    NoField,
    /// The word does not take this field.
    NotTaken(Tag),
    /// The word needs this field.
    Missing(Tag),
    /// The field comes twice.
    Twice(Tag),
    /// The value is not what the field takes, or too long.
    Value(Tag),
    /// A price that orders of this OrdType(40) do not have.
    NotOfThisType(Tag),
    /// An order that is good till a date, which no line says.
    GoodTillDate,
}

impl LineError {
    /// The line is the one that the host wrote.
    pub(crate) fn is_whole(self) -> bool {
        !matches!(self, LineError::TooLong | LineError::Receive | LineError::CheckSum)
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            LineError::TooLong => return write!(f, "the line is longer than {} bytes", super::LINE),
            LineError::Receive => "a byte of the line was lost on its way",
            LineError::CheckSum => "the check sum is not that of the line: it was changed on its way",
            LineError::NoCheckSum => {
                "the line has no check sum: ' *hhhh', CRC-16/CCITT-FALSE of what stands before"
            }
            LineError::Byte => "a byte that is no printable ASCII character, or a control character as %hh",
            LineError::UnknownWord => {
                "unknown word: NEW CANCEL REPLACE MASSCANCEL STATUS KILL RESUME LOGOUT LOGON PING RECORD"
            }
            LineError::NoField => "what follows the word is not tag=value",
            LineError::NotTaken(number) => return write!(f, "{} is not taken here", number),
            LineError::Missing(number) => return write!(f, "{} is missing", number),
            LineError::Twice(number) => return write!(f, "{} comes twice", number),
            LineError::Value(number) => return value(f, number),
            LineError::NotOfThisType(number) => {
                let owners = if number == tag::PRICE { "2 or 4" } else { "3 or 4" };
                return write!(f, "{number} needs OrdType(40)={owners}");
            }
            LineError::GoodTillDate => "TimeInForce(59)=6 is not taken here: a line has no ExpireTime(126)",
        })
    }
}

impl core::error::Error for LineError {}

/// What a value of `tag` has to be.
fn value(f: &mut fmt::Formatter<'_>, tag: Tag) -> fmt::Result {
    match RULES.iter().find(|rule| rule.tag == tag).map(|rule| rule.kind) {
        Some(Kind::Text(most)) => write!(f, "{tag} must have 1 to {most} bytes"),
        Some(Kind::Number) => write!(f, "{tag} must be a number such as 100 or 101.25"),
        Some(Kind::Char) | None => write!(f, "{tag} must be one character"),
    }
}

/// A line that was understood.
#[derive(Debug)]
pub struct Request<'l> {
    /// What is asked for.
    pub word: Word,
    bytes: &'l [u8],
    /// In their order, each tag once; so many of them.
    places: [Place; RULES.len()],
    count: usize,
}

/// Where a value stands, in as few bytes as a line needs: a request is handed on.
#[derive(Clone, Copy, Debug)]
struct Place {
    tag: u16,
    at: u8,
    len: u8,
}

const _: () = assert!(super::LINE <= u8::MAX as usize);

/// Parts fields: no value can hold it.
const MARK: u8 = 1;

impl<'l> Request<'l> {
    /// Understands a line; values are unescaped in its own bytes.
    ///
    /// # Errors
    /// [`LineError`]; [`id`] still tells whose line it was, as far as it can be read.
    pub(crate) fn parse(line: &'l mut Line, needs_check_sum: bool) -> Result<Self, LineError> {
        if let Some(fault) = line.fault {
            return Err(fault);
        }
        let len = checked(&line.bytes, needs_check_sum)?;
        line.bytes.truncate(len);
        let len = unescape(&mut line.bytes)?;
        let bytes = line.bytes.get(..len).unwrap_or_default();
        let end = bytes.iter().position(|byte| *byte == MARK).unwrap_or(len);
        let word = bytes.get(..end).unwrap_or_default();
        let (_, word) = *WORDS.iter().find(|(text, _)| *text == word).ok_or(LineError::UnknownWord)?;
        let mut request =
            Request { word, bytes, places: [Place { tag: 0, at: 0, len: 0 }; RULES.len()], count: 0 };
        let mut at = end + 1;
        for field in bytes.get(at..).unwrap_or_default().split(|byte| *byte == MARK) {
            if !field.is_empty() {
                request.take(at, field)?;
            }
            at += field.len() + 1;
        }
        match RULES.iter().find(|rule| rule.needs.contains(&word) && request.get(rule.tag).is_none()) {
            Some(rule) => Err(LineError::Missing(rule.tag)),
            None => terms::check(&request).map(|()| request),
        }
    }

    /// Takes up the `tag=value` that stands at `at`, once it is known to be right.
    fn take(&mut self, at: usize, field: &'l [u8]) -> Result<(), LineError> {
        let equals = field.iter().position(|byte| *byte == b'=').ok_or(LineError::NoField)?;
        let (tag, value) = field.split_at_checked(equals).ok_or(LineError::NoField)?;
        let tag =
            core::str::from_utf8(tag).ok().and_then(|tag| tag.parse().ok()).ok_or(LineError::NoField)?;
        let (tag, value) = (Tag(tag), value.get(1..).unwrap_or_default());
        let rule = RULES.iter().find(|rule| rule.tag == tag && rule.takes.contains(&self.word));
        let rule = rule.ok_or(LineError::NotTaken(tag))?;
        if self.get(tag).is_some() {
            return Err(LineError::Twice(tag));
        }
        let fits = match rule.kind {
            Kind::Text(most) => value.len() <= most && core::str::from_utf8(value).is_ok(),
            Kind::Char => value.len() == 1,
            Kind::Number => Decimal::parse(value).is_ok(),
        };
        if value.is_empty() || !fits {
            return Err(LineError::Value(tag));
        }
        // A rule each, and each once: there is room.
        let place = self.places.get_mut(self.count).ok_or(LineError::NotTaken(tag))?;
        // A line is shorter than 256 bytes, and the tags of the rules are less than 65,536.
        *place = Place { tag: tag.0 as u16, at: (at + equals + 1) as u8, len: value.len() as u8 };
        self.count += 1;
        Ok(())
    }

    /// The fields in their order.
    pub fn fields(&self) -> impl Iterator<Item = (Tag, &'l [u8])> {
        self.taken().iter().map(|place| (Tag(place.tag.into()), self.value(*place)))
    }

    fn taken(&self) -> &[Place] {
        self.places.get(..self.count).unwrap_or_default()
    }

    fn value(&self, place: Place) -> &'l [u8] {
        let at = usize::from(place.at);
        self.bytes.get(at..at + usize::from(place.len)).unwrap_or_default()
    }

    /// The value of a field.
    #[inline(never)]
    pub fn get(&self, tag: Tag) -> Option<&'l [u8]> {
        let place = self.taken().iter().find(|place| i32::from(place.tag) == tag.0)?;
        Some(self.value(*place))
    }

    /// The value of a field as text; empty if there is none.
    pub fn text(&self, tag: Tag) -> &'l str {
        core::str::from_utf8(self.get(tag).unwrap_or_default()).unwrap_or_default()
    }

    /// The value of a field as a number.
    pub fn number(&self, tag: Tag) -> Option<Decimal> {
        Decimal::parse(self.get(tag)?).ok()
    }
}

/// The ClOrdID(11) of a line that may be wrong otherwise, for its answer.
pub(crate) fn id(line: &Line) -> Option<&str> {
    let mut parts = line.bytes.split(|byte| matches!(*byte, b' ' | MARK));
    let id = parts.find_map(|part| part.strip_prefix(b"11="))?;
    core::str::from_utf8(id).ok().filter(|id| (1..=ID_LEN).contains(&id.len()))
}

/// Whether it is a KILL that will not be refused.
pub(crate) fn is_kill(line: &Line, needs_check_sum: bool) -> bool {
    line.bytes.starts_with(b"KILL")
        && Request::parse(&mut line.clone(), needs_check_sum).is_ok_and(|request| request.word == Word::Kill)
}

/// The length of the line without its check sum.
fn checked(line: &[u8], needs_check_sum: bool) -> Result<usize, LineError> {
    let sum = line.len().checked_sub(6).and_then(|at| Some((at, line.get(at..)?.strip_prefix(b" *")?)));
    let Some((len, digits)) = sum else {
        return if needs_check_sum { Err(LineError::NoCheckSum) } else { Ok(line.len()) };
    };
    let said = core::str::from_utf8(digits).ok().and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let counted = crc(line.get(..len).unwrap_or_default());
    if said == Some(counted) { Ok(len) } else { Err(LineError::CheckSum) }
}

/// CRC-16/CCITT-FALSE: polynomial 0x1021, begun with 0xFFFF.
pub(crate) fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        let [high, low] = crc.to_be_bytes();
        SUMS.get(usize::from(high ^ byte)).copied().unwrap_or_default() ^ u16::from(low) << 8
    })
}

/// The sum of each byte: bit by bit, the sum of a report's line would take as long as all the rest of it.
static SUMS: [u16; 256] = {
    let mut sums = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = ((byte as u16) << 8, 0);
        while bit < 8 {
            sum = if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 };
            bit += 1;
        }
        sums[byte] = sum;
        byte += 1;
    }
    sums
};

/// Puts a [`MARK`] for each space and a byte for each `%hh`, in place; the new length. The value of a Text(58), which
/// stands last, keeps its spaces.
fn unescape(line: &mut [u8]) -> Result<usize, LineError> {
    let (mut from, mut to, mut is_text) = (0, 0, false);
    while let Some(&byte) = line.get(from) {
        from += 1;
        let byte = match byte {
            b' ' if !is_text => {
                is_text = line.get(from..).is_some_and(|rest| rest.starts_with(b"58="));
                MARK
            }
            b'%' => {
                let digits = line.get(from..from + 2).and_then(|digits| core::str::from_utf8(digits).ok());
                from += 2;
                digits
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                    .filter(|byte| !byte.is_ascii_control())
                    .ok_or(LineError::Byte)?
            }
            b' '..=b'~' => byte,
            _ => return Err(LineError::Byte),
        };
        if let Some(place) = line.get_mut(to) {
            *place = byte;
        }
        to += 1;
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use super::*;

    fn line(text: &str) -> Line {
        Line { bytes: heapless::Vec::from_slice(text.as_bytes()).unwrap(), ..Line::default() }
    }

    fn refused(text: &str) -> String {
        Request::parse(&mut line(text), false).unwrap_err().to_string()
    }

    #[test]
    fn an_order_is_understood() {
        let mut line = line("NEW 11=A%201 55=10Y 54=1 38=100 40=2 44=101.25 58=two words");
        let request = Request::parse(&mut line, false).unwrap();
        assert_eq!((request.word, request.text(tag::CL_ORD_ID)), (Word::New, "A 1"));
        assert_eq!(request.number(tag::PRICE), Some(Decimal::new(10125, 2)));
        assert_eq!(request.text(tag::TEXT), "two words");
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(refused("BUY 11=A").starts_with("unknown word"));
        assert_eq!(refused("NEW 11=A 55=10Y 54=1 40=2"), "OrderQty(38) is missing");
        assert_eq!(refused("CANCEL 11=A 41=B 44=1"), "Price(44) is not taken here");
        assert_eq!(refused("NEW 11=A 11=B"), "ClOrdID(11) comes twice");
        assert_eq!(
            refused("NEW 11=A 55=10Y 54=1 40=2 38=1e5"),
            "OrderQty(38) must be a number such as 100 or 101.25"
        );
        assert_eq!(refused("NEW 11=A 55=10Y 54=BUY"), "Side(54) must be one character");
        assert_eq!(refused("NEW 11=A%01"), LineError::Byte.to_string());
        assert_eq!(refused("NEW 11=A\u{1}49=B"), LineError::Byte.to_string());
        assert_eq!(refused("NEW 11"), LineError::NoField.to_string());
        assert_eq!(refused("NEW 11=A%2"), LineError::Byte.to_string());
        let id_too_long = std::format!("CANCEL 41=B 11={}", "x".repeat(33));
        assert_eq!(refused(&id_too_long), "ClOrdID(11) must have 1 to 32 bytes");
    }

    #[test]
    fn a_line_that_was_changed_on_its_way_is_refused() {
        assert_eq!(crc(b"123456789"), 0x29B1, "the check value of the field's catalogues");
        let good = std::format!("PING *{:04X}", crc(b"PING"));
        assert!(Request::parse(&mut line(&good), true).is_ok());
        let bad = Request::parse(&mut line("PONG *0000"), true).unwrap_err();
        assert_eq!(bad, LineError::CheckSum);
        assert_eq!(Request::parse(&mut line("PING"), true).unwrap_err(), LineError::NoCheckSum);
    }

    #[test]
    fn no_line_panics() {
        for seed in 0..20_000u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut text = Line::default();
            for _ in 0..seed % 40 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let pieces =
                    [&b" "[..], b"%", b"=", b"NEW", b"11=", b"58=", b"*", b"\x01", b"4", b"\xFF", b"*00"];
                let _ = text.bytes.extend_from_slice(pieces[(state % 11) as usize]);
            }
            let _ = id(&text);
            let _ = Request::parse(&mut text, seed % 2 == 0);
        }
    }
}
