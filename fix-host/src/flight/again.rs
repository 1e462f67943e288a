//! A recording done again, for people to read.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io::{self, Write},
    sync::{Mutex, PoisonError},
};

use fix_core::{
    dict::Dictionary,
    flight::{End, Entry, Replayed, Start, World, fingerprint, replay},
    time::{Now, UTC_TIMESTAMP_LEN, UtcTimestamp},
};

/// The largest buffer that a recording may ask for, in bytes.
const MOST_BUFFER: u64 = 1 << 30;
/// Texts of rejections that are kept, and how long one may be: a recording has a handful.
const MOST_TEXTS: usize = 10_000;
const LONGEST_TEXT: usize = 4096;

/// What a replay came to.
pub struct Again {
    /// Counts, and how it ended.
    pub replayed: Replayed,
    /// Whose recording it is.
    pub session: String,
    /// When it begins.
    pub first: Option<UtcTimestamp>,
    /// The last message that the replay made, as one line.
    pub last_made: String,
}

impl Again {
    /// True if every message that was recorded came out again.
    #[must_use]
    pub fn is_same(&self) -> bool {
        matches!(self.replayed.end, End::Whole | End::Cut)
    }
}

struct Machine<'a> {
    dictionaries: &'a [&'static Dictionary],
    show: Option<&'a mut dyn Write>,
    failure: Option<io::Error>,
    session: String,
    first: Option<UtcTimestamp>,
    last_made: Vec<u8>,
}

/// Does `entries` again. Of the dictionaries it takes the one that was recorded. With `show` each entry is a line there.
///
/// # Errors
/// What `show` fails with.
pub fn again<'a>(
    entries: &[u8],
    dictionaries: &'a [&'static Dictionary],
    show: Option<&'a mut dyn Write>,
) -> io::Result<Again> {
    let mut machine = Machine {
        dictionaries,
        show,
        failure: None,
        session: String::new(),
        first: None,
        last_made: Vec::new(),
    };
    let replayed = replay(entries, &mut machine);
    match machine.failure {
        Some(error) => Err(error),
        None => Ok(Again {
            replayed,
            session: machine.session,
            first: machine.first,
            last_made: readable(&machine.last_made),
        }),
    }
}

impl Machine<'_> {
    fn show(&mut self, at: UtcTimestamp, line: &str) {
        if let Some(show) = &mut self.show
            && self.failure.is_none()
        {
            self.failure = writeln!(show, "{} {line}", time(at)).err();
        }
    }
}

impl World for Machine<'_> {
    type Buffer = Vec<u8>;

    fn buffer(&mut self, len: u64) -> Option<Vec<u8>> {
        usize::try_from(len).ok().filter(|_| len <= MOST_BUFFER).map(|len| vec![0; len])
    }

    fn dictionary(&mut self, wanted: u32) -> Option<&'static Dictionary> {
        self.dictionaries.iter().copied().find(|dictionary| fingerprint(dictionary) == wanted)
    }

    fn intern(text: &str) -> Option<&'static str> {
        static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains(text) {
            if text.len() > LONGEST_TEXT || known.len() >= MOST_TEXTS {
                return None;
            }
            known.insert(String::leak(text.to_owned()));
        }
        known.get(text).copied()
    }

    fn started(&mut self, start: &Start) {
        self.session = start.config.id.to_string();
        self.first.get_or_insert(start.now.utc);
        let numbers = start.numbers;
        let next_in = numbers.next_in.map_or_else(|| "none".to_owned(), |number| number.to_string());
        let line = format!("BEGIN {} next out {} next in {next_in}", self.session, numbers.next_out);
        self.show(start.now.utc, &line);
    }

    fn entry(&mut self, now: Now, entry: &Entry<'_>) {
        if self.show.is_some() {
            self.show(now.utc, &line(entry));
        }
    }

    fn written(&mut self, bytes: &[u8]) {
        self.last_made.clear();
        self.last_made.extend_from_slice(bytes);
        if self.show.is_some()
            && let Some(show) = &mut self.show
            && self.failure.is_none()
        {
            self.failure = writeln!(show, "{:UTC_TIMESTAMP_LEN$} OUT {}", "", readable(bytes)).err();
        }
    }
}

/// A moment as FIX writes it, with microseconds.
#[must_use]
pub fn time(at: UtcTimestamp) -> String {
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let len = at.with_precision(fix_core::time::Precision::Micros).format(&mut text);
    String::from_utf8_lossy(&text[..len]).into_owned()
}

/// SOH as `|`, what does not print as `\xNN`.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            1 => text.push('|'),
            b' '..=b'~' => text.push(char::from(*byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(text, "\\x{byte:02x}")),
        }
    }
    text
}

fn line(entry: &Entry<'_>) -> String {
    let text = |text: &Option<&[u8]>| text.map(|text| format!(" \"{}\"", readable(text))).unwrap_or_default();
    match entry {
        Entry::Received(bytes) => format!("IN {}", readable(bytes)),
        Entry::Connected(_) => "CONNECTED".to_owned(),
        Entry::Disconnected(_) => "DISCONNECTED".to_owned(),
        Entry::Poll(_) => "poll".to_owned(),
        Entry::Settled => "settled?".to_owned(),
        Entry::Flush => "flush".to_owned(),
        Entry::TestRequest(_, id) => format!("TEST REQUEST {}", readable(id)),
        Entry::Sent(count) => format!("sent {count} bytes"),
        Entry::Written(sum) => format!("wrote a message with CRC-32 {sum:08x}"),
        Entry::Send(_) => "the driver sends".to_owned(),
        Entry::Command(_) => "the application is called".to_owned(),
        Entry::Reset(_) => "RESET of both numbers".to_owned(),
        Entry::Logout(why) => format!("LOGOUT{}", text(why)),
        Entry::SetNextIn(number) => format!("NEXT IN set to {number}"),
        Entry::SetNextOut(number) => format!("NEXT OUT set to {number}"),
        Entry::SetSchedule(schedule) => format!("SCHEDULE of {} moments", schedule.transitions().len()),
        Entry::Header { fields, .. } => format!("  header {}", readable(fields)),
        Entry::Message { msg_type, body, .. } => format!("  sends 35={msg_type}|{}", readable(body)),
        Entry::NotTaken { .. } => "  which was not taken".to_owned(),
        Entry::LogsOut { text: why, .. } => format!("  logs out{}", text(why)),
        Entry::AdminFields { fields, .. } => format!("  adds {}", readable(fields)),
        Entry::AdminRefusal { text, .. } => format!("  refuses: {}", readable(text)),
        Entry::BusinessReject { reason, text, .. } => format!("  rejects with {reason}: {}", readable(text)),
        Entry::Read { message, .. } => format!("  stored {}", readable(message)),
        other => format!("  {other:?}"),
    }
}
