//! All messages of a text, and the bytes beside them.

use fix_core::wire::{
    SOH,
    field::DataPair,
    frame::{Scan, scan},
};
use memchr::memchr;

use super::{
    begin::{BEGIN, Begin, Begins},
    judge::{Judge, Judged, MAX_MESSAGE, Verdict},
    pieces::Pieces,
    version::{Spoken, Version, Versions},
};

/// `10=nnn` and SOH.
const TRAILER_LEN: usize = 7;
/// The longest line that is waited for where no message is.
const MAX_LINE: usize = 64 << 10;

/// A message, by its place in the text.
#[derive(Debug)]
pub struct Message {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The version that it speaks.
    pub version: Version,
    /// What was found, unless its bytes are in the text as they are and right in length and check sum.
    pub found: Option<Box<Found>>,
}

/// A message that is not in the text as it is, or that something is wrong with.
#[derive(Debug, Default)]
pub struct Found {
    /// The message, separated by SOH.
    pub bytes: Vec<u8>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Message {
    /// The message, separated by SOH; `text` is the one that it was found in.
    #[must_use]
    pub fn bytes<'t>(&'t self, text: &'t [u8]) -> &'t [u8] {
        match &self.found {
            Some(found) => &found.bytes,
            None => text.get(self.start..self.end).unwrap_or_default(),
        }
    }

    /// What is wrong with its length, check sum or head, or with a field of one that is not in the text as it is.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.found.as_ref()?.problem.as_deref()
    }
}

/// Bytes that are part of no message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// How many.
    pub bytes: u64,
    /// How many of them are neither blanks, line ends, nor in `times`.
    pub visible: u64,
    /// How many of them are the time that a log has in front of a message.
    pub times: u64,
}

/// How far a text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are done with: what follows is to be given again, with more behind it.
    pub taken: usize,
    /// How many bytes must be there, counted from `taken`, before reading on makes sense.
    pub needed: usize,
}

/// The data fields of a version beside those of FIX 4.4, ascending by length field.
pub type DataFields = fn(Version) -> &'static [DataPair];

/// Reads a text in pieces.
pub struct Reader<D> {
    begins: Begins,
    versions: Versions,
    data_fields: D,
    /// What stood beside the messages so far.
    pub beside: Beside,
    /// Messages of FIXT for which nothing says which application version they speak.
    pub assumed_versions: u64,
}

impl<D: Fn(Version) -> &'static [DataPair]> Reader<D> {
    /// `data_fields`: the data fields of a version beside those of FIX 4.4, ascending by length field.
    pub fn new(data_fields: D) -> Self {
        Reader {
            begins: Begins::new(),
            versions: Versions::default(),
            data_fields,
            beside: Beside::default(),
            assumed_versions: 0,
        }
    }

    /// Appends the messages of `text` to `messages`. With `last`, nothing follows the text, and all of it is taken.
    ///
    /// However a text is cut into pieces, the messages are the same.
    pub fn read(&mut self, text: &[u8], last: bool, messages: &mut Vec<Message>) -> Progress {
        let mut from = 0;
        loop {
            let start = match self.begins.next(text, from, last) {
                Begin::At(start) => start,
                Begin::Undecided(at) => {
                    let taken = self.take_lines(text, from, at, messages);
                    return Progress { taken, needed: text.len() - taken + 1 };
                }
                Begin::None if last => {
                    self.pass(text, from, text.len(), messages);
                    return Progress { taken: text.len(), needed: 0 };
                }
                Begin::None => {
                    let taken = self.take_lines(text, from, text.len(), messages);
                    return Progress { taken, needed: text.len() - taken + 1 };
                }
            };
            let rest = &text[start..];
            let message = match good_len(rest) {
                Some(len) => Message { start, end: start + len, version: Version::Fix44, found: None },
                None => match self.judge(rest, last || rest.len() > 2 * MAX_MESSAGE) {
                    Verdict::More(needed) => {
                        // The line in front of it stays, with the time that it may have.
                        let taken = self.take_lines(text, from, start, messages);
                        return Progress { taken, needed: needed + (start - taken) };
                    }
                    Verdict::Message(Judged { len, bytes, problem, .. }) => Message {
                        start,
                        end: start + len,
                        version: Version::Fix44,
                        found: Some(Box::new(Found { bytes, problem })),
                    },
                },
            };
            if is_logged_time(&text[from..start]) {
                self.beside.bytes += (start - from) as u64;
                self.beside.times += (start - from) as u64;
            } else {
                self.pass(text, from, start, messages);
            }
            from = message.end;
            self.add(message, text, messages);
        }
    }

    fn judge(&self, rest: &[u8], last: bool) -> Verdict {
        let is_newer = rest.starts_with(b"8=FIXT") || rest.starts_with(b"8=FIX.5");
        let version = if is_newer { Version::Fix50Sp2 } else { Version::Fix44 };
        Judge { begins: &self.begins, pairs: (self.data_fields)(version) }.judge(rest, last)
    }

    fn add(&mut self, mut message: Message, text: &[u8], messages: &mut Vec<Message>) {
        match self.versions.of(message.bytes(text)) {
            Spoken::Known(version) => message.version = version,
            Spoken::Assumed(version) => {
                message.version = version;
                self.assumed_versions += 1;
            }
            Spoken::Unknown => {
                let bytes = message.bytes(text).to_vec();
                let found = message.found.get_or_insert_with(|| Box::new(Found { bytes, problem: None }));
                found
                    .problem
                    .get_or_insert_with(|| "BeginString(8) is no version of FIX: read as FIX 4.4".into());
            }
        }
        messages.push(message);
    }

    /// Passes the whole lines of `text[from..to]`: a line is looked at as one. Returns how far it went.
    fn take_lines(&mut self, text: &[u8], from: usize, to: usize, messages: &mut Vec<Message>) -> usize {
        // A beginning may be cut in two, and the byte in front of it matters.
        let to = to.min(text.len().saturating_sub(BEGIN.len())).max(from);
        let lines = memchr::memrchr(b'\n', &text[from..to]).map_or(from, |at| from + at + 1);
        let end = if to - lines > MAX_LINE { to } else { lines };
        self.pass(text, from, end, messages);
        end
    }

    /// Counts what is no message, but for the parts of messages whose beginning is not there.
    fn pass(&mut self, text: &[u8], from: usize, to: usize, messages: &mut Vec<Message>) {
        let mut at = from;
        while let Some(soh) = memchr(SOH, &text[at..to]) {
            let fragment = fragment(&text[at..to], soh);
            let (start, end) = (at + fragment.start, at + fragment.end);
            let bytes = text[start..end].to_vec();
            if !Pieces::new(&bytes, &[]).any(|piece| piece.flaw.is_none()) {
                self.count(&text[at..end]);
                at = end;
                continue;
            }
            self.count(&text[at..start]);
            let problem = Some("the beginning of a message is missing".to_owned());
            let found = Some(Box::new(Found { bytes, problem }));
            messages.push(Message { start, end, version: Version::Fix44, found });
            at = end;
        }
        self.count(&text[at..to]);
    }

    fn count(&mut self, bytes: &[u8]) {
        self.beside.bytes += bytes.len() as u64;
        // Counted in bytes, of which many are added at once.
        let visible = |part: &[u8]| part.iter().map(|byte| u8::from(!byte.is_ascii_whitespace())).sum::<u8>();
        self.beside.visible += bytes.chunks(128).map(|part| u64::from(visible(part))).sum::<u64>();
    }
}

/// True of a line's beginning as our logs and those of the QuickFIX engines have it in front of a message:
/// `20260102-10:11:12.123 : `.
fn is_logged_time(bytes: &[u8]) -> bool {
    const FORM: &[u8; 17] = b"00000000-00:00:00";
    let line = bytes.trim_ascii_start();
    let Some((time, rest)) = line.split_first_chunk::<{ FORM.len() }>() else { return false };
    let fits = |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
    let fraction = rest.strip_suffix(b": ").map(<[u8]>::trim_ascii_end);
    time.iter().zip(FORM).all(fits)
        && match fraction {
            Some([b'.', digits @ ..]) => digits.iter().all(u8::is_ascii_digit),
            Some([]) => true,
            _ => false,
        }
}

/// What of a line with a SOH at `soh` seems to belong to a message: from the tag of the field that ends there, up to
/// the last SOH of the line.
fn fragment(line: &[u8], soh: usize) -> std::ops::Range<usize> {
    let first = line[..soh].rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let first_at = soh - first.len();
    let is_tag = |at: usize| {
        let digits = first[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && first.get(at + digits) == Some(&b'=')
    };
    let starts =
        (0..first.len()).find(|at| (*at == 0 || !first[at - 1].is_ascii_alphanumeric()) && is_tag(*at));
    let start = first_at + starts.unwrap_or(first.len());
    let line_end = memchr(b'\n', &line[soh..]).map_or(line.len(), |at| soh + at);
    let end = memchr::memrchr(SOH, &line[..line_end]).map_or(line_end, |at| at + 1);
    start..end
}

/// The length of the message at the beginning of `bytes`, if it is right in length and check sum.
fn good_len(bytes: &[u8]) -> Option<usize> {
    let after_begin = bytes.iter().take(20).position(|byte| *byte == SOH)? + 1;
    let digits = bytes.get(after_begin..)?.strip_prefix(b"9=")?;
    let len = digits.iter().take(10).position(|byte| *byte == SOH)?;
    let body_length = digits[..len].iter().try_fold(0usize, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| usize::from(*byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })?;
    let message =
        bytes.get(..(after_begin + 2 + len + 1).checked_add(body_length)?.checked_add(TRAILER_LEN)?)?;
    matches!(scan(message, message.len()), Scan::Frame(..)).then_some(message.len())
}
