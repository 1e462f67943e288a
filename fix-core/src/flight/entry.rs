//! What stands in a recording, an entry at a time.

use core::{fmt, str};

use super::number::Moved;
use crate::{msg::msg_type::MsgType, session::schedule::Schedule, store::StoreError};

/// One thing that happened. Numbers named `asked` say how many questions of their kind (to the application, or to the
/// store) were asked since the last answer that is in the recording, the one that is answered included: what is usual (the
/// application lets a message pass, the store keeps it) is not in the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are what FIX and fix-core call them")]
pub enum Entry<'a> {
    /// A [`Start`](super::Start) follows.
    Start,
    /// A call of [`Engine`](crate::Engine), at a time.
    Connected(Time),
    Disconnected(Time),
    Poll(Time),
    /// `send` of the engine; the message stands in the entries behind it.
    Send(Time),
    /// The application was called with a way out.
    Command(Time),
    /// Both numbers were made to begin at 1.
    Reset(Time),
    /// A TestRequest with this TestReqID(112) was asked for.
    TestRequest(Time, &'a [u8]),
    /// Bytes from the counterparty, secrets masked.
    Received(&'a [u8]),
    /// So many bytes were written.
    Sent(u64),
    /// The CRC-32 of the message, secrets masked, whose last byte was among those.
    Written(u32),
    Settled,
    Flush,
    Logout(Option<&'a [u8]>),
    SetNextIn(u64),
    SetNextOut(u64),
    /// The schedule is another one.
    SetSchedule(Schedule),
    /// The store's numbers are not what the calls of the session made them.
    Numbers(Numbers),
    /// The application's header fields of the message that follows.
    Header {
        asked: u64,
        fields: &'a [u8],
    },
    /// The application sends: the body's fields.
    Message {
        asked: u64,
        msg_type: MsgType,
        body: &'a [u8],
    },
    /// That message was not taken, so the session knows nothing of it.
    NotTaken {
        asked: u64,
    },
    /// The application ends the session.
    LogsOut {
        asked: u64,
        text: Option<&'a [u8]>,
    },
    /// The application's fields of an administrative message.
    AdminFields {
        asked: u64,
        fields: &'a [u8],
    },
    /// They could not be encoded.
    AdminFieldsFailed {
        asked: u64,
    },
    /// The application does not take an administrative message.
    AdminRefusal {
        asked: u64,
        text: &'a [u8],
    },
    /// The application does not want a message to be sent.
    DoNotSend {
        asked: u64,
    },
    /// The application rejects: reason, one more than the field of the reference and than the field of the text (0: none).
    BusinessReject {
        asked: u64,
        reason: u64,
        ref_tag: u64,
        field: u64,
        text: &'a [u8],
    },
    /// The application had a report of its own.
    OwnReport {
        asked: u64,
    },
    /// The store had this message.
    Read {
        asked: u64,
        message: &'a [u8],
    },
    /// The store had none under that number.
    NotKept {
        asked: u64,
    },
    /// The store failed.
    StoreFailed {
        asked: u64,
        error: StoreError,
    },
    /// Where the store goes on looking.
    NextToResend {
        asked: u64,
        number: u64,
    },
    /// The store is full.
    StoreFull {
        asked: u64,
    },
    /// The store's numbers after what it was asked to do.
    NumbersAfter {
        asked: u64,
        numbers: Numbers,
    },
}

/// How far either clock went since the entry before: opaque, read by a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub(super) Moved);

/// A store's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// MsgSeqNum(34) of the next message to send.
    pub next_out: u64,
    /// MsgSeqNum(34) expected next.
    pub next_in: Option<u64>,
    /// When the numbers last began at 1, in nanoseconds since 1970.
    pub created: Option<i64>,
}

/// Why an entry cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The recording ends in the middle of it.
    Cut,
    /// No entry begins with this byte.
    Unknown(u8),
    /// The recording is of another version of the format.
    Version(u64),
    /// It holds what it cannot hold.
    Broken(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Cut => f.write_str("the recording ends in the middle of an entry"),
            Fault::Unknown(kind) => write!(f, "no entry begins with byte {kind}"),
            Fault::Version(version) => {
                write!(f, "it is of version {version} of the format; this is version 1")
            }
            Fault::Broken(what) => write!(f, "its {what} cannot be"),
        }
    }
}

impl core::error::Error for Fault {}

/// Reads entries from the front of a recording.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Of a recording's bytes, without its blocks.
    pub fn new(recording: &'a [u8]) -> Self {
        Reader { rest: recording }
    }

    /// Bytes that are not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The first `len` bytes alone.
    pub(super) fn first(&self, len: usize) -> Reader<'a> {
        Reader { rest: self.rest.get(..len).unwrap_or(self.rest) }
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let (byte, rest) = self.rest.split_first().ok_or(Fault::Cut)?;
        self.rest = rest;
        Ok(*byte)
    }

    pub(super) fn number(&mut self) -> Result<u64, Fault> {
        let (mut number, mut shift) = (0u64, 0u32);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            number |= bits.checked_shl(shift).ok_or(Fault::Broken("number"))?;
            if byte < 0x80 {
                return Ok(number);
            }
            shift = shift.saturating_add(7);
        }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        let len = usize::try_from(self.number()?).map_err(|_| Fault::Broken("length"))?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Fault::Cut)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Fault> {
        str::from_utf8(self.bytes()?).map_err(|_| Fault::Broken("text"))
    }

    pub(super) fn optional(&mut self) -> Result<Option<u64>, Fault> {
        Ok(self.number()?.checked_sub(1))
    }

    pub(super) fn moved(&mut self) -> Result<Moved, Fault> {
        Ok(Moved { mono: self.number()?, utc: self.number()? })
    }

    pub(super) fn numbers(&mut self) -> Result<Numbers, Fault> {
        let (next_out, next_in) = (self.number()?, self.optional()?);
        let created = match self.byte()? {
            0 => None,
            _ => Some(super::number::unfolded(self.number()?)),
        };
        Ok(Numbers { next_out, next_in, created })
    }

    fn optional_bytes(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        match self.byte()? {
            0 => Ok(None),
            _ => self.bytes().map(Some),
        }
    }

    fn msg_type(&mut self) -> Result<MsgType, Fault> {
        MsgType::from_bytes(self.bytes()?).ok_or(Fault::Broken("MsgType(35)"))
    }

    fn crc(&mut self) -> Result<u32, Fault> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Fault::Cut)?;
        self.rest = rest;
        Ok(u32::from_le_bytes(*bytes))
    }

    /// The next entry; `None` at the end. Of [`Entry::Start`] the rest is read by [`Start::read`](super::Start::read).
    ///
    /// # Errors
    /// [`Fault`]; the reader then stands somewhere in the entry.
    pub fn entry(&mut self) -> Result<Option<Entry<'a>>, Fault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let kind = self.byte()?;
        let entry = match kind {
            kind::HEADER.. => self.answer(kind)?,
            kind::START => Entry::Start,
            kind::CONNECTED => Entry::Connected(Time(self.moved()?)),
            kind::DISCONNECTED => Entry::Disconnected(Time(self.moved()?)),
            kind::POLL => Entry::Poll(Time(self.moved()?)),
            kind::SEND => Entry::Send(Time(self.moved()?)),
            kind::COMMAND => Entry::Command(Time(self.moved()?)),
            kind::RESET => Entry::Reset(Time(self.moved()?)),
            kind::TEST_REQUEST => Entry::TestRequest(Time(self.moved()?), self.bytes()?),
            kind::RECEIVED => Entry::Received(self.bytes()?),
            kind::SENT => Entry::Sent(self.number()?),
            kind::WRITTEN => Entry::Written(self.crc()?),
            kind::SETTLED => Entry::Settled,
            kind::FLUSH => Entry::Flush,
            kind::LOGOUT => Entry::Logout(self.optional_bytes()?),
            kind::SET_NEXT_IN => Entry::SetNextIn(self.number()?),
            kind::SET_NEXT_OUT => Entry::SetNextOut(self.number()?),
            kind::SET_SCHEDULE => Entry::SetSchedule(super::start::schedule(self)?),
            kind::NUMBERS => Entry::Numbers(self.numbers()?),
            unknown => return Err(Fault::Unknown(unknown)),
        };
        Ok(Some(entry))
    }

    fn answer(&mut self, kind: u8) -> Result<Entry<'a>, Fault> {
        let asked = self.number()?;
        Ok(match kind {
            kind::HEADER => Entry::Header { asked, fields: self.bytes()? },
            kind::MESSAGE => Entry::Message { asked, msg_type: self.msg_type()?, body: self.bytes()? },
            kind::NOT_TAKEN => Entry::NotTaken { asked },
            kind::LOGS_OUT => Entry::LogsOut { asked, text: self.optional_bytes()? },
            kind::ADMIN_FIELDS => Entry::AdminFields { asked, fields: self.bytes()? },
            kind::ADMIN_FIELDS_FAILED => Entry::AdminFieldsFailed { asked },
            kind::ADMIN_REFUSAL => Entry::AdminRefusal { asked, text: self.bytes()? },
            kind::DO_NOT_SEND => Entry::DoNotSend { asked },
            kind::BUSINESS_REJECT => Entry::BusinessReject {
                asked,
                reason: self.number()?,
                ref_tag: self.number()?,
                field: self.number()?,
                text: self.bytes()?,
            },
            kind::OWN_REPORT => Entry::OwnReport { asked },
            kind::READ => Entry::Read { asked, message: self.bytes()? },
            kind::NOT_KEPT => Entry::NotKept { asked },
            kind::STORE_FAILED => Entry::StoreFailed { asked, error: store_error(self.byte()?)? },
            kind::NEXT_TO_RESEND => Entry::NextToResend { asked, number: self.number()? },
            kind::STORE_FULL => Entry::StoreFull { asked },
            kind::NUMBERS_AFTER => Entry::NumbersAfter { asked, numbers: self.numbers()? },
            unknown => return Err(Fault::Unknown(unknown)),
        })
    }
}

/// What the store said beside that is not in the recording.
const RECORDED: &str = "as recorded";

fn store_error(number: u8) -> Result<StoreError, Fault> {
    Ok(match number {
        0 => StoreError::Io(RECORDED),
        1 => StoreError::Corrupt(RECORDED),
        2 => StoreError::TooLarge,
        3 => StoreError::Full,
        _ => return Err(Fault::Broken("store error")),
    })
}

/// The byte that an entry begins with.
pub(super) mod kind {
    pub(in super::super) const START: u8 = 0x01;
    pub(in super::super) const CONNECTED: u8 = 0x10;
    pub(in super::super) const DISCONNECTED: u8 = 0x11;
    pub(in super::super) const RECEIVED: u8 = 0x12;
    pub(in super::super) const SENT: u8 = 0x13;
    pub(in super::super) const POLL: u8 = 0x14;
    pub(in super::super) const SETTLED: u8 = 0x15;
    pub(in super::super) const SEND: u8 = 0x16;
    pub(in super::super) const LOGOUT: u8 = 0x17;
    pub(in super::super) const COMMAND: u8 = 0x18;
    pub(in super::super) const SET_SCHEDULE: u8 = 0x19;
    pub(in super::super) const SET_NEXT_IN: u8 = 0x1A;
    pub(in super::super) const SET_NEXT_OUT: u8 = 0x1B;
    pub(in super::super) const RESET: u8 = 0x1C;
    pub(in super::super) const FLUSH: u8 = 0x1D;
    pub(in super::super) const NUMBERS: u8 = 0x1E;
    pub(in super::super) const WRITTEN: u8 = 0x1F;
    pub(in super::super) const TEST_REQUEST: u8 = 0x20;
    pub(in super::super) const HEADER: u8 = 0x30;
    pub(in super::super) const MESSAGE: u8 = 0x31;
    pub(in super::super) const NOT_TAKEN: u8 = 0x32;
    pub(in super::super) const LOGS_OUT: u8 = 0x33;
    pub(in super::super) const ADMIN_FIELDS: u8 = 0x34;
    pub(in super::super) const ADMIN_FIELDS_FAILED: u8 = 0x35;
    pub(in super::super) const ADMIN_REFUSAL: u8 = 0x36;
    pub(in super::super) const DO_NOT_SEND: u8 = 0x37;
    pub(in super::super) const BUSINESS_REJECT: u8 = 0x38;
    pub(in super::super) const OWN_REPORT: u8 = 0x39;
    /// From here on the store answers.
    pub(in super::super) const READ: u8 = 0x50;
    pub(in super::super) const NOT_KEPT: u8 = 0x51;
    pub(in super::super) const STORE_FAILED: u8 = 0x52;
    pub(in super::super) const NEXT_TO_RESEND: u8 = 0x53;
    pub(in super::super) const STORE_FULL: u8 = 0x54;
    pub(in super::super) const NUMBERS_AFTER: u8 = 0x55;
}
