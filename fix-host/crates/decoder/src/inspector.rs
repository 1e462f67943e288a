//! What the inspector of the page asks: where the messages of a text are, and what one of them says.
//!
//! A text is read twice: once from its beginning to its end for the places of its messages, of which it keeps
//! none, and then again message by message, as they are looked at. So a file of any size needs little memory.

use std::{cell::OnceCell, io::Write as _, rc::Rc};

use fix_core::{
    dict::{DataPair, Dictionary, fix44},
    msg::{
        message::Message as Parsed,
        validate::{Checks, findings},
    },
    wire::frame::{Scan, scan},
};
use fix_dictionary::{
    error::{SpecError, Warnings},
    overlay, xml,
};
use memchr::memmem;

use crate::{
    escape, json,
    reading::{Message, Pieces, Progress, Reader, Secrets, Version, problem_of_fields},
    tables,
};

/// A dictionary of another version is needed first: give it to [`Inspector::load`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs(pub Version);

/// Where a message is in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Bytes of the text in front of it.
    pub offset: u64,
    /// Its bytes there.
    pub len: u32,
    /// The line where it begins, counted from 1.
    pub line: u32,
    /// The version that it speaks.
    pub version: Version,
}

impl Place {
    /// Bytes of a place as the page reads it: offset, length, line and version, in little endian.
    pub const BYTES: usize = 20;

    /// Appends it as the page reads it; the version is its number in [`Version::ALL`].
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.offset.to_le_bytes());
        out.extend(self.len.to_le_bytes());
        out.extend(self.line.to_le_bytes());
        out.extend((self.version as u32).to_le_bytes());
    }
}

/// The dictionaries that are there. FIX 4.4 always is.
#[derive(Clone, Default)]
struct Loaded(Rc<[OnceCell<&'static Dictionary>; Version::ALL.len()]>);

impl Loaded {
    fn get(&self, version: Version) -> Result<&'static Dictionary, Needs> {
        match version {
            Version::Fix44 => Ok(&fix44::DICTIONARY),
            other => self.0[other as usize].get().copied().ok_or(Needs(other)),
        }
    }

    fn data_fields(&self, version: Version) -> &'static [DataPair] {
        self.get(version).map_or(&[], |dictionary| dictionary.extra_data_pairs)
    }
}

type DataFieldsOf = Box<dyn Fn(Version) -> &'static [DataPair]>;

/// A text that is being read for the places of its messages.
struct Text {
    reader: Reader<DataFieldsOf>,
    /// What is not done with.
    held: Vec<u8>,
    /// Where that begins in the whole text.
    at: u64,
    line: u32,
    /// As many bytes must be held before reading on makes sense.
    needed: usize,
}

/// Finds and decodes messages.
pub struct Inspector {
    loaded: Loaded,
    text: Text,
}

impl Default for Inspector {
    fn default() -> Self {
        let loaded = Loaded::default();
        Inspector { text: Text::new(&loaded), loaded }
    }
}

impl Inspector {
    /// Takes the dictionary of a version, as XML; those from FIX 5.0 on lie on top of `transport`, that of FIXT 1.1.
    ///
    /// # Errors
    /// [`SpecError`]: one line that says where and what is wrong.
    pub fn load(&self, version: Version, own: &[u8], transport: &[u8]) -> Result<(), SpecError> {
        let mut warnings = Warnings::default();
        let own = xml::parse(version.name(), own, &mut warnings)?;
        let spec = if version >= Version::Fix50 {
            let mut base = xml::parse("FIXT.1.1", transport, &mut warnings)?;
            overlay::apply(&mut base, own, &mut warnings)?;
            base
        } else {
            own
        };
        let resolved = fix_dictionary::resolve::resolve(&spec, &mut warnings)?;
        self.loaded.0[version as usize].get_or_init(|| tables::leak(&resolved));
        Ok(())
    }

    /// Forgets the text that was read: what [`read`](Self::read) takes next is the beginning of another.
    pub fn begin(&mut self) {
        self.text = Text::new(&self.loaded);
    }

    /// Takes the next piece of the text, and appends the places of the messages that are complete with it. After
    /// `last` nothing follows.
    ///
    /// # Errors
    /// [`Needs`] a dictionary: the piece is taken, and once it is there an empty one reads on.
    pub fn read(&mut self, piece: &[u8], last: bool, places: &mut Vec<Place>) -> Result<(), Needs> {
        let Text { reader, held, at, line, needed } = &mut self.text;
        // A beginning may be cut in two.
        let seen = held.len().saturating_sub(8);
        held.extend_from_slice(piece);
        let fresh = if piece.is_empty() { &held[..] } else { &held[seen..] };
        // Which of their fields are data is needed to find where messages of FIXT end.
        let is_newer = |begin: &[u8]| memmem::find(fresh, begin).is_some();
        if is_newer(b"8=FIXT") || is_newer(b"8=FIX.5") {
            self.loaded.get(Version::Fix50Sp2)?;
        }
        if held.len() < *needed && !last {
            return Ok(());
        }
        let mut messages = Vec::new();
        let progress = reader.read(held, last, &mut messages);
        let mut counted = 0;
        for message in &messages {
            *line += lines(&held[counted..message.start]);
            places.push(Place {
                offset: *at + message.start as u64,
                len: u32::try_from(message.end - message.start).unwrap_or(u32::MAX),
                line: *line,
                version: message.version,
            });
            counted = message.start;
        }
        let Progress { taken, needed: more } = progress;
        *line += lines(&held[counted..taken]);
        held.drain(..taken);
        *at += taken as u64;
        *needed = more;
        Ok(())
    }

    /// Appends the message of `text` as a JSON object: as `fix-host decode` writes it, and what else the page shows of it:
    /// the message with SOH between its fields, its length, and what the session would answer.
    ///
    /// `version` is the one that its place says; without it, the text itself must.
    ///
    /// # Errors
    /// [`Needs`] a dictionary: nothing is appended.
    pub fn decode(
        &self,
        text: &[u8],
        version: Option<Version>,
        line: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Needs> {
        let loaded = self.loaded.clone();
        let mut messages = Vec::new();
        Reader::new(move |version| loaded.data_fields(version)).read(text, true, &mut messages);
        let first = messages.first();
        let version = version.or(first.map(|message| message.version)).unwrap_or(Version::Fix44);
        let dictionary = self.loaded.get(version)?;
        let bytes = first.map_or(text, |message| message.bytes(text));
        let of_fields = first.is_none_or(|message| message.found.is_none());
        let of_fields = of_fields.then(|| problem_of_fields(bytes, dictionary.extra_data_pairs)).flatten();
        let problem = first.and_then(Message::problem).or(of_fields.as_deref());
        let msg_type = msg_type(bytes, dictionary);
        json::message(out, dictionary, &json::Shown { bytes, msg_type, problem, line, logged_at: None });
        // Writing to memory cannot fail.
        _ = write!(
            out,
            ",\"version\":\"{}\",\"at_line\":{line},\"bytes\":{},\"raw\":",
            version.name(),
            bytes.len()
        );
        raw(out, bytes, dictionary, msg_type);
        out.extend_from_slice(b",\"findings\":[");
        if problem.is_none() {
            report(out, bytes, dictionary);
        }
        out.extend_from_slice(b"]}");
        Ok(())
    }
}

impl Text {
    fn new(loaded: &Loaded) -> Self {
        let loaded = loaded.clone();
        let reader = Reader::new(Box::new(move |version| loaded.data_fields(version)) as DataFieldsOf);
        Text { reader, held: Vec::new(), at: 0, line: 1, needed: 0 }
    }
}

fn lines(text: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX)
}

/// The value of MsgType(35); empty if there is none.
fn msg_type<'b>(bytes: &'b [u8], dictionary: &Dictionary) -> &'b [u8] {
    let mut pieces = Pieces::new(bytes, dictionary.extra_data_pairs);
    let piece = pieces.find(|piece| piece.tag == Some(fix_core::tag::MSG_TYPE));
    piece.map_or(&[], |piece| piece.value)
}

/// The message with SOH between its fields, without its secrets.
fn raw(out: &mut Vec<u8>, bytes: &[u8], dictionary: &'static Dictionary, msg_type: &[u8]) {
    let mut secrets = Secrets::new(dictionary, msg_type);
    let mut shown = Vec::new();
    for piece in Pieces::new(bytes, dictionary.extra_data_pairs) {
        match (secrets.hides(&piece), piece.tag) {
            (true, Some(tag)) => _ = write!(shown, "{}=***", tag.0),
            (true, None) => shown.extend_from_slice(b"***"),
            (false, _) => shown.extend_from_slice(piece.raw),
        }
        shown.push(1);
    }
    escape::json(out, &String::from_utf8_lossy(&shown));
}

/// What a session that checks everything would answer, in wire order.
fn report(out: &mut Vec<u8>, bytes: &[u8], dictionary: &'static Dictionary) {
    let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return };
    let message = Parsed::recover(frame, dictionary.extra_data_pairs);
    let mut is_first = true;
    findings(&message, dictionary, &Checks::ALL, &mut |finding| {
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        out.push(b'{');
        if let Some(tag) = finding.tag {
            _ = write!(out, "\"tag\":{},", tag.0);
        }
        _ = write!(out, "\"rule\":{},\"text\":", finding.reason.code());
        escape::json(out, &finding.reason.to_string());
        out.push(b'}');
    });
}

#[cfg(test)]
mod tests;
