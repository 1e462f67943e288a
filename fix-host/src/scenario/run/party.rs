//! A party on the stage: its mind (the engine, or the script alone), its connection, and what it has heard.

use std::{
    collections::VecDeque,
    rc::Rc,
    task::{Context, Poll},
};

use fix_core::{
    engine::{Buffers, Engine, Step},
    msg::msg_type::MsgType,
    session::{config::SessionConfig, state::Phase},
    tag::Tag,
    time::{Mono, Now},
    wire::writer::{Encode, Writer},
};

use super::{
    link::Link,
    orders::Orders,
    raw::Raw,
    session::{Ear, Venue},
};
use crate::{
    config::{DEFAULT_MAX_MESSAGE_SIZE, LogonSettings},
    net::driver::Ended,
    scenario::outcome::{Journal, What},
    store::MemoryStore,
};

/// What an answer may be larger than the largest message received.
const ANSWER: usize = 4096;
/// Bytes of messages kept beyond a gap.
const KEPT: usize = 256 * 1024;

/// A received message.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) bytes: Rc<[u8]>,
    pub(super) msg_type: Vec<u8>,
    pub(super) is_admin: bool,
}

/// Who is behind a party.
pub(super) enum Mind {
    /// The engine keeps the session.
    Session(Box<Engine<Vec<u8>, MemoryStore, Ear>>),
    /// The script is the session.
    Raw(Box<Raw>),
}

pub(super) struct Party {
    pub(super) name: String,
    pub(super) mind: Mind,
    pub(super) link: Option<Link>,
    /// Messages that no step has looked at.
    pub(super) inbox: VecDeque<Heard>,
    /// The message that a step matched last.
    pub(super) received: Option<Rc<[u8]>>,
    pub(super) orders: Orders,
    /// Why the connection ended, if it did.
    pub(super) ended: Option<String>,
    journal: Rc<Journal>,
}

impl Party {
    /// A party whose session the engine keeps.
    pub(super) fn session(
        name: &str,
        config: SessionConfig,
        logon: LogonSettings,
        journal: &Rc<Journal>,
        venue: Option<Venue>,
    ) -> Self {
        let largest = config.max_message_size.unwrap_or(DEFAULT_MAX_MESSAGE_SIZE) as usize;
        let buffers = Buffers {
            inbound: vec![0; largest],
            outbound: vec![0; 4 * (largest + ANSWER)],
            kept: vec![0; KEPT],
        };
        let ear = Ear::new(name, logon, Rc::clone(journal), venue);
        let engine = Engine::new(config, buffers, MemoryStore::default(), ear);
        Self::new(name, Mind::Session(Box::new(engine)), journal)
    }

    /// A party that the script plays by hand.
    pub(super) fn raw(name: &str, raw: Raw, journal: &Rc<Journal>) -> Self {
        Self::new(name, Mind::Raw(Box::new(raw)), journal)
    }

    fn new(name: &str, mind: Mind, journal: &Rc<Journal>) -> Self {
        Party {
            name: name.to_owned(),
            mind,
            link: None,
            inbox: VecDeque::new(),
            received: None,
            orders: Orders::default(),
            ended: None,
            journal: Rc::clone(journal),
        }
    }

    pub(super) fn is_raw(&self) -> bool {
        matches!(self.mind, Mind::Raw(_))
    }

    /// A connection stands; `first` was read from it already.
    pub(super) fn connected(&mut self, link: Link, first: &[u8], now: Now) {
        self.link = Some(link);
        self.ended = None;
        match &mut self.mind {
            Mind::Session(engine) => {
                engine.connected(now);
                let space = engine.space();
                let count = first.len().min(space.len());
                space[..count].copy_from_slice(&first[..count]);
                engine.received(count);
            }
            Mind::Raw(raw) => raw.connected(first),
        }
    }

    /// The connection is gone.
    pub(super) fn disconnected(&mut self, why: String, now: Now) {
        self.link = None;
        if let Mind::Session(engine) = &mut self.mind {
            engine.disconnected(now);
        }
        self.journal.push(&self.name, What::Note(why.clone()));
        self.ended = Some(why);
    }

    /// Moves bytes until nothing moves. True if something did.
    pub(super) fn turn(&mut self, cx: &mut Context<'_>, now: Now) -> bool {
        let mut has_moved = match &mut self.mind {
            Mind::Session(engine) => engine.with_application(now, |ear, out| ear.look(out)),
            Mind::Raw(_) => false,
        };
        while let Some(link) = &mut self.link {
            let moved = match &mut self.mind {
                Mind::Session(engine) => session_turn(engine, link, cx, now),
                Mind::Raw(raw) => raw.turn(link, cx),
            };
            match moved {
                Moved::Nothing => break,
                Moved::Some => has_moved = true,
                Moved::Ended(why) => {
                    self.disconnected(why, now);
                    has_moved = true;
                }
            }
        }
        has_moved
    }

    /// The next message that came.
    pub(super) fn hear(&mut self) -> Option<Heard> {
        match &mut self.mind {
            Mind::Session(engine) => engine.application_mut().heard.pop_front(),
            Mind::Raw(raw) => raw.hear(&self.name, &self.journal),
        }
    }

    /// When it must be looked at again though nothing comes.
    pub(super) fn deadline(&self, now: Now) -> Option<Mono> {
        match (&self.mind, &self.link) {
            (Mind::Session(engine), Some(_)) => {
                engine.deadline(now).into_iter().chain(engine.application().due()).min()
            }
            _ => None,
        }
    }

    /// True if messages can be sent now.
    pub(super) fn is_ready(&self) -> bool {
        match &self.mind {
            Mind::Session(engine) => engine.status().phase == Phase::LoggedOn,
            Mind::Raw(_) => self.link.is_some(),
        }
    }

    /// Sends a message. A field without a value is left out of the header of a raw party.
    pub(super) fn send(
        &mut self,
        msg_type: MsgType,
        fields: &[(Tag, Option<Vec<u8>>)],
        now: Now,
    ) -> Result<(), String> {
        match &mut self.mind {
            Mind::Session(engine) => {
                let message = Filled { msg_type, fields };
                engine.send(now, &message).map(drop).map_err(|error| error.to_string())
            }
            Mind::Raw(raw) => {
                let bytes = raw.send(msg_type, fields, now);
                self.journal.push(&self.name, What::Out(bytes));
                Ok(())
            }
        }
    }

    /// Sends bytes as they are; only of a raw party.
    pub(super) fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), String> {
        match &mut self.mind {
            Mind::Session(_) => Err("only a raw party sends bytes".to_owned()),
            Mind::Raw(raw) => {
                raw.send_bytes(bytes);
                self.journal.push(&self.name, What::Out(bytes.to_vec()));
                Ok(())
            }
        }
    }

    /// Says goodbye.
    pub(super) fn logout(&mut self, text: Option<&[u8]>, now: Now) -> Result<(), String> {
        let text = text.map(String::from_utf8_lossy);
        match &mut self.mind {
            Mind::Session(engine) => {
                engine.logout(text.as_deref());
                Ok(())
            }
            Mind::Raw(_) => {
                let text = text.map(|text| (fix_core::tag::TEXT, Some(text.into_owned().into_bytes())));
                self.send(MsgType::LOGOUT, text.as_slice(), now)
            }
        }
    }

    /// At the end of a run a raw party goes without a word, once all that it has sent is written.
    pub(super) fn hang_up(&mut self) {
        if let Mind::Raw(raw) = &self.mind
            && raw.has_written_all()
        {
            self.link = None;
        }
    }

    /// Leaves out `count` of our numbers.
    pub(super) fn skip(&mut self, count: u64) -> Result<(), String> {
        match &mut self.mind {
            Mind::Session(engine) => {
                let next = engine.status().next_out.saturating_add(count);
                engine.set_next_out(next).map_err(|error| error.to_string())
            }
            Mind::Raw(raw) => {
                raw.next_out = raw.next_out.saturating_add(count);
                Ok(())
            }
        }
    }

    /// Forgets the last `count` messages of the counterparty.
    pub(super) fn forget(&mut self, count: u64) -> Result<(), String> {
        let Mind::Session(engine) = &mut self.mind else {
            return Err("a raw party remembers nothing".to_owned());
        };
        let next = engine.status().next_in;
        let next = next.checked_sub(count).filter(|next| *next > 0);
        let next = next.ok_or_else(|| format!("only {} messages have come", engine.status().next_in - 1))?;
        engine.set_next_in(next).map_err(|error| error.to_string())
    }
}

/// What a turn did.
pub(super) enum Moved {
    Nothing,
    Some,
    /// The connection is to be closed, or is.
    Ended(String),
}

fn session_turn(
    engine: &mut Engine<Vec<u8>, MemoryStore, Ear>,
    link: &mut Link,
    cx: &mut Context<'_>,
    now: Now,
) -> Moved {
    match engine.poll(now) {
        Step::Close(reason) => {
            return Moved::Ended(engine.application_mut().told(&Ended::Closed(reason)));
        }
        Step::Write(bytes) => match link.poll_write(cx, bytes) {
            Poll::Ready(Ok(count)) => {
                engine.sent(count);
                return Moved::Some;
            }
            Poll::Ready(Err(error)) => return Moved::Ended(Ended::Io(error).to_string()),
            Poll::Pending => {}
        },
        Step::Wait(_) => {}
    }
    let space = engine.space();
    if space.is_empty() {
        return Moved::Nothing;
    }
    match link.poll_read(cx, space) {
        Poll::Ready(Ok(0)) => Moved::Ended(engine.application_mut().told(&Ended::EndOfStream)),
        Poll::Ready(Ok(count)) => {
            engine.received(count);
            Moved::Some
        }
        Poll::Ready(Err(error)) => Moved::Ended(Ended::Io(error).to_string()),
        Poll::Pending => Moved::Nothing,
    }
}

/// A message whose fields are known.
struct Filled<'a> {
    msg_type: MsgType,
    fields: &'a [(Tag, Option<Vec<u8>>)],
}

impl Filled<'_> {
    fn write(&self, out: &mut Writer<'_>, is_header: bool) {
        for (tag, value) in self.fields {
            if let Some(value) = value
                && fix_core::msg::header::is_header_tag(*tag) == is_header
            {
                out.field(*tag, value.as_slice());
            }
        }
    }
}

impl Encode for Filled<'_> {
    fn msg_type(&self) -> MsgType {
        self.msg_type
    }

    fn encode_header(&self, out: &mut Writer<'_>) {
        self.write(out, true);
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        self.write(out, false);
    }
}
