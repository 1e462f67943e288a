//! What tests of the exchange say and hear, in text with `|` for SOH.

use fix_core::{
    dict::fix44,
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::Outbox,
        error::{CapacityError, SendError},
    },
    time::{Mono, Now, UtcTimestamp},
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter},
    },
};

/// Keeps what is sent, as `35=TYPE|` and the body. Takes nothing while it has no room.
pub(super) struct Line {
    pub(super) sent: Vec<String>,
    /// Messages that it takes.
    pub(super) room: usize,
    pub(super) utc: UtcTimestamp,
    /// The longest message that it takes.
    pub(super) largest: usize,
}

impl Line {
    pub(super) fn new() -> Self {
        Line {
            sent: Vec::new(),
            room: usize::MAX,
            utc: UtcTimestamp::from_unix(1_795_499_580, 0),
            largest: 1 << 16,
        }
    }

    /// What was sent since the last time.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.sent)
    }
}

impl Outbox for Line {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        if self.room == 0 {
            return Err(CapacityError::Full.into());
        }
        self.room -= 1;
        let mut buffer = vec![0; 1 << 16];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", message.msg_type());
        message.encode_body(writer.writer());
        let len = writer.finish().unwrap();
        if len > self.largest {
            return Err(CapacityError::TooLarge { limit: self.largest }.into());
        }
        let text = read(&buffer[..len], |message| {
            let body = std::str::from_utf8(message.body()).unwrap();
            assert_known(message.msg_type(), body);
            format!("35={}|{}", message.msg_type(), body.replace('\x01', "|"))
        });
        self.sent.push(text);
        Ok(1)
    }

    fn logout(&mut self, _text: Option<&str>) {}

    fn now(&self) -> Now {
        Now { mono: Mono::default(), utc: self.utc }
    }
}

/// Every field of a message must be one that its type, or one of its groups, has.
fn assert_known(msg_type: MsgType, body: &str) {
    let level = &fix44::DICTIONARY.message(msg_type.as_bytes()).unwrap().body;
    for field in body.split_terminator('\x01') {
        let tag = fix_core::tag::Tag(field.split_once('=').unwrap().0.parse().unwrap());
        let is_known = level.contains(tag) || level.groups.iter().any(|group| group.entry.contains(tag));
        assert!(is_known, "{tag} is not of {msg_type}");
    }
}

/// Hands over the message that a counterparty says: `35=V|262=1|`.
pub(super) fn said<T>(text: &str, hear: impl FnOnce(&Message<'_>) -> T) -> T {
    let text = text.replace('|', "\x01");
    let (msg_type, body) = text.split_once('\x01').unwrap();
    let msg_type = MsgType::from_bytes(msg_type.strip_prefix("35=").unwrap().as_bytes()).unwrap();
    let mut buffer = vec![0; 1 << 16];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().encoded(body.as_bytes());
    let len = writer.finish().unwrap();
    read(&buffer[..len], hear)
}

fn read<T>(bytes: &[u8], hear: impl FnOnce(&Message<'_>) -> T) -> T {
    let Scan::Frame(frame, _) = scan(bytes, 1 << 16) else { panic!("no frame: {}", bytes.escape_ascii()) };
    hear(&Message::parse(frame).unwrap())
}
