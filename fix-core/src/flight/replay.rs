//! Doing again what a recording says, and comparing what comes out.

use core::fmt;

use super::{
    crc::Crc,
    cursor::Cursor,
    entry::{Entry, Fault, Reader, Time},
    mask::Mask,
    player::{Player, asked_of_application, asked_of_store},
    replay_store::{Model, ReplayStore},
    start::Start,
};
use crate::{
    dict::Dictionary,
    engine::{Buffers, Engine, Step},
    session::{Buffer, NotBuilt},
    time::{Now, UtcTimestamp},
};

/// What a replay needs beside the recording, and who hears of its course.
pub trait World {
    /// The engine's buffers.
    type Buffer: Buffer;

    /// A buffer of `len` bytes; `None`: there is no memory for that much.
    fn buffer(&mut self, len: u64) -> Option<Self::Buffer>;

    /// The dictionary with this [`fingerprint`](super::fingerprint).
    fn dictionary(&mut self, fingerprint: u32) -> Option<&'static Dictionary>;

    /// Keeps a text for good: a BeginString(8), or what a rejection says. The same text may come often.
    fn intern(text: &str) -> Option<&'static str>;

    /// A replay begins, or begins again.
    fn started(&mut self, _start: &Start) {}

    /// The next entry, and the time as the recording has it.
    fn entry(&mut self, _now: Now, _entry: &Entry<'_>) {}

    /// The replay has written this message, or the part of it that was written together.
    fn written(&mut self, _bytes: &[u8]) {}
}

/// What came of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Entries that were done again.
    pub entries: u64,
    /// Bytes that were received.
    pub received: u64,
    /// Messages whose bytes were the same.
    pub messages: u64,
    /// How often the recording begins.
    pub starts: u64,
    /// When the last entry was, as the recording has it.
    pub last: UtcTimestamp,
    /// How it ended.
    pub end: End,
}

/// How a replay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the recording, every message the same.
    Whole,
    /// With the recording, which ends in the middle of a call of the engine; all before was the same.
    Cut,
    /// The replay does not do what the recording says.
    Differs(Difference),
    /// An entry cannot be read.
    Unreadable(Fault),
    /// It could not begin.
    Unready(Unready),
}

/// Why a replay cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// The recording does not begin with a [`Start`].
    NoStart,
    /// The dictionary with this fingerprint is not there.
    Dictionary(u32),
    /// A buffer is larger than there is memory.
    Memory(u64),
}

/// What is not the same. The time is [`Replayed::last`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A message has other bytes: the CRC-32 of the one that was recorded, and of the one of the replay.
    Message {
        /// What was recorded.
        expected: u32,
        /// What the replay made, which [`World::written`] had last.
        made: u32,
    },
    /// The recording has a message more than the replay.
    Missing {
        /// The CRC-32 of the message that was recorded.
        expected: u32,
    },
    /// The replay has a message more than the recording.
    Additional {
        /// The CRC-32 of the replay's.
        made: u32,
    },
    /// So many bytes were written, and the replay has only that many to write.
    Sent {
        /// What was recorded, in bytes.
        expected: u64,
        /// What there is.
        made: u64,
    },
    /// So many bytes were received, and the replay has only room for that many.
    Received {
        /// What was recorded, in bytes.
        expected: u64,
        /// What there is room for.
        room: u64,
    },
    /// The session did not ask the application, or the store, what it asked when it was recorded.
    Asked,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Message { expected, made } => {
                write!(
                    f,
                    "a message with CRC-32 {expected:08x} was sent, the replay sends one with {made:08x}"
                )
            }
            Difference::Missing { expected } => {
                write!(f, "a message with CRC-32 {expected:08x} was sent, the replay sends none")
            }
            Difference::Additional { made } => {
                write!(f, "the replay sends a message with CRC-32 {made:08x} that was not sent")
            }
            Difference::Sent { expected, made } => {
                write!(f, "{expected} bytes were sent, the replay has {made} to send")
            }
            Difference::Received { expected, room } => {
                write!(f, "{expected} bytes were received, the replay has room for {room}")
            }
            Difference::Asked => f.write_str(
                "the session asked its application or its store something else than the replay does",
            ),
        }
    }
}

type ReplayEngine<'a, B> = Engine<B, ReplayStore<'a>, Player<'a>>;

struct Replay<'a, 'w, W: World> {
    world: &'w mut W,
    reader: Reader<'a>,
    engine: Option<ReplayEngine<'a, W::Buffer>>,
    now: Now,
    outbound: Mask,
    crc: Crc,
    counts: Replayed,
}

/// Does again what `recording` says, which is its entries without the blocks around them.
pub fn replay<W: World>(recording: &[u8], world: &mut W) -> Replayed {
    let counts = Replayed {
        entries: 0,
        received: 0,
        messages: 0,
        starts: 0,
        last: UtcTimestamp::UNIX_EPOCH,
        end: End::Unready(Unready::NoStart),
    };
    let mut replay = Replay {
        world,
        reader: Reader::new(recording),
        engine: None,
        now: super::number::ORIGIN,
        outbound: Mask::new(),
        crc: Crc::default(),
        counts,
    };
    let end = loop {
        match replay.step() {
            Ok(()) => replay.counts.entries = replay.counts.entries.saturating_add(1),
            Err(end) => break end,
        }
    };
    Replayed { last: replay.now.utc, end, ..replay.counts }
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Cut => End::Cut,
            other => End::Unreadable(other),
        }
    }
}

impl<'a, W: World> Replay<'a, '_, W> {
    /// One call of the engine, with its answers.
    fn step(&mut self) -> Result<(), End> {
        let entry = self.reader.entry()?.ok_or(match self.engine {
            Some(_) => End::Whole,
            None => End::Unready(Unready::NoStart),
        })?;
        if entry == Entry::Start {
            return self.start();
        }
        self.pass_time(&entry);
        self.world.entry(self.now, &entry);
        let engine = self.engine.as_mut().ok_or(End::Unready(Unready::NoStart))?;
        let answers = take_answers(&mut self.reader, self.now, self.world)?;
        let (store, player) = engine.parts_mut();
        store.cursor.begin(answers);
        player.cursor.begin(answers);
        match entry {
            Entry::Sent(count) => self.sent(count)?,
            other => call(engine, self.now, other, &mut self.counts.received)?,
        }
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let (store, player) = engine.parts_mut();
        let is_same = store.cursor.end() & player.cursor.end();
        match is_same {
            true => Ok(()),
            // The answers to the last call may be behind a cut.
            false if self.reader.rest().is_empty() => Err(End::Cut),
            false => Err(End::Differs(Difference::Asked)),
        }
    }

    fn pass_time(&mut self, entry: &Entry<'_>) {
        if let Entry::Connected(Time(moved))
        | Entry::Disconnected(Time(moved))
        | Entry::Poll(Time(moved))
        | Entry::Send(Time(moved))
        | Entry::Command(Time(moved))
        | Entry::Reset(Time(moved))
        | Entry::TestRequest(Time(moved), _) = entry
        {
            self.now = moved.after(self.now);
        }
        if let Entry::Connected(_) = entry {
            (self.outbound, self.crc) = (Mask::new(), Crc::default());
        }
    }

    fn start(&mut self) -> Result<(), End> {
        let start = Start::read(&mut self.reader, W::intern)?;
        self.world.started(&start);
        let mut config = start.config;
        if let Some(fingerprint) = start.dictionary {
            let missing = End::Unready(Unready::Dictionary(fingerprint));
            let dictionary = self.world.dictionary(fingerprint).ok_or(missing)?;
            config.use_dictionary(dictionary).map_err(|NotBuilt| missing)?;
        }
        let [inbound, outbound, kept] = start.sizes;
        let mut buffer = |len| self.world.buffer(len).ok_or(End::Unready(Unready::Memory(len)));
        let buffers = Buffers { inbound: buffer(inbound)?, outbound: buffer(outbound)?, kept: buffer(kept)? };
        let store = ReplayStore {
            model: Model { numbers: start.numbers },
            capacity: start.capacity,
            cursor: Cursor::new(asked_of_store),
        };
        let player = Player { cursor: Cursor::new(asked_of_application), intern: W::intern };
        let mut engine = Engine::new(config, buffers, store, player);
        engine.resume(&start.standing, start.is_worked_off);
        self.engine = Some(engine);
        self.now = start.now;
        (self.outbound, self.crc) = (Mask::new(), Crc::default());
        self.counts.starts = self.counts.starts.saturating_add(1);
        Ok(())
    }

    /// The first `count` bytes that the replay has to write against the sums that were recorded.
    fn sent(&mut self, count: u64) -> Result<(), End> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let pending = engine.pending();
        let bytes = usize::try_from(count).ok().and_then(|count| pending.get(..count));
        let Some(bytes) = bytes else {
            self.world.written(pending);
            let made = pending.len() as u64;
            return Err(End::Differs(Difference::Sent { expected: count, made }));
        };
        let mut begun = 0usize;
        for (index, byte) in bytes.iter().enumerate() {
            let (shown, is_end) = self.outbound.next(*byte);
            self.crc.byte(shown);
            if is_end {
                let end = index.saturating_add(1);
                self.world.written(bytes.get(begun..end).unwrap_or_default());
                begun = end;
                let made = core::mem::take(&mut self.crc).value();
                compare(&mut self.reader, made)?;
                self.counts.messages = self.counts.messages.saturating_add(1);
            }
        }
        if begun < bytes.len() {
            self.world.written(bytes.get(begun..).unwrap_or_default());
        }
        let mut reader = self.reader;
        if let Ok(Some(Entry::Written(expected))) = reader.entry() {
            return Err(End::Differs(Difference::Missing { expected }));
        }
        engine.sent(bytes.len());
        Ok(())
    }
}

/// The sum of a message of the replay against the next one of the recording.
fn compare(reader: &mut Reader<'_>, made: u32) -> Result<(), End> {
    let mut after = *reader;
    match after.entry()? {
        Some(Entry::Written(expected)) if expected == made => {
            *reader = after;
            Ok(())
        }
        Some(Entry::Written(expected)) => Err(End::Differs(Difference::Message { expected, made })),
        Some(_) => Err(End::Differs(Difference::Additional { made })),
        // The sum of what was written last is behind the cut.
        None => Err(End::Cut),
    }
}

/// The answers that stand in front of the next call.
fn take_answers<'a>(reader: &mut Reader<'a>, now: Now, world: &mut impl World) -> Result<Reader<'a>, End> {
    let begin = *reader;
    loop {
        let mut after = *reader;
        match after.entry()? {
            Some(entry) if asked_of_application(&entry).or(asked_of_store(&entry)).is_some() => {
                world.entry(now, &entry);
                *reader = after;
            }
            _ => {
                let len = begin.rest().len().saturating_sub(reader.rest().len());
                return Ok(begin.first(len));
            }
        }
    }
}

/// What a driver did.
fn call<B: Buffer>(
    engine: &mut ReplayEngine<'_, B>,
    now: Now,
    entry: Entry<'_>,
    received: &mut u64,
) -> Result<(), End> {
    match entry {
        Entry::Connected(_) => engine.connected(now),
        Entry::Disconnected(_) => engine.disconnected(now),
        Entry::Poll(_) => {
            // What is to be written is compared when it was written.
            let (Step::Write(_) | Step::Wait(_) | Step::Close(_)) = engine.poll(now);
        }
        Entry::Send(_) => {
            if let Some(message) = engine.application().message() {
                // What came of it was the same as before, or the output shows it.
                let _ = engine.send(now, &message);
            }
        }
        Entry::Command(_) => engine.with_application(now, |player, out| player.act(out)),
        Entry::Reset(_) => drop(engine.reset(now)),
        Entry::TestRequest(_, id) => {
            // Whether it was sent, the output shows.
            let _ = engine.test_request(now, core::str::from_utf8(id).unwrap_or_default());
        }
        Entry::Received(bytes) => {
            let space = engine.space();
            let room = space.len() as u64;
            let Some(space) = space.get_mut(..bytes.len()) else {
                let expected = bytes.len() as u64;
                return Err(End::Differs(Difference::Received { expected, room }));
            };
            space.copy_from_slice(bytes);
            engine.received(bytes.len());
            *received = received.saturating_add(bytes.len() as u64);
        }
        Entry::Settled => drop(engine.is_settled()),
        Entry::Flush => drop(engine.flush()),
        Entry::Logout(text) => engine.logout(text.map(|text| core::str::from_utf8(text).unwrap_or_default())),
        Entry::SetNextIn(number) => drop(engine.set_next_in(number)),
        Entry::SetNextOut(number) => drop(engine.set_next_out(number)),
        Entry::SetSchedule(schedule) => engine.set_schedule(schedule),
        Entry::Numbers(numbers) => engine.store_mut().model.numbers = numbers,
        // A sum without a message of the replay's.
        Entry::Written(expected) => return Err(End::Differs(Difference::Missing { expected })),
        // Answers stand behind a call.
        _ => return Err(End::Differs(Difference::Asked)),
    }
    Ok(())
}
