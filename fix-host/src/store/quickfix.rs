//! QuickFIX's file store (C++ and .NET): import and export.
//!
//! `.body` holds the sent messages end to end, `.header` says where each is as `seq,offset,size `, `.seqnums`
//! holds `SENDER : TARGET`, the next numbers to send and to expect, `.session` the creation time.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use fix_core::{
    store::{MessageStore, StoreError},
    time::{Precision, UTC_TIMESTAMP_LEN, UtcTimestamp},
    wire::SOH,
};

use super::{Inspection, JournalOptions, JournalStore, OpenError, SessionName, sessions};

/// The longest message taken over, in bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// Why an import or export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The journal cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file of QuickFIX's cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of QuickFIX's does not say what it should.
    #[error("{path}: {what}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The session already has a journal.
    #[error(
        "{path}: session {name} has a journal here already; import into another directory, or move the journal away"
    )]
    Exists {
        /// The directory.
        path: PathBuf,
        /// The session.
        name: SessionName,
    },
    /// The journal failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was imported or exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// Messages.
    pub messages: u64,
    /// The number expected next.
    pub next_in: u64,
    /// The next number to send.
    pub next_out: u64,
}

/// Makes a journal in `directory` for the session `name` of the files `prefix.body`, `.header`, `.seqnums` and
/// `.session`. All of them are checked before anything is written, and the journal appears whole or not at all.
///
/// # Errors
/// [`ExchangeError`].
pub fn import(prefix: &Path, directory: &Path, name: &SessionName) -> Result<Exchanged, ExchangeError> {
    let source = Source::open(prefix)?;
    if directory.is_dir() && sessions(directory)?.iter().any(|other| other.file_stem() == name.file_stem()) {
        return Err(ExchangeError::Exists { path: directory.to_owned(), name: name.clone() });
    }
    let workshop = directory.join(format!("{name}.import"));
    let exchanged = source.write_journal(&workshop, name)?;
    move_files(&workshop, directory)
        .map_err(|source| ExchangeError::Io { path: directory.to_owned(), source })?;
    Ok(exchanged)
}

/// The highest segment goes first: without those before it the journal is refused, so that a crash on the way
/// cannot leave a journal that only seems complete.
pub(super) fn move_files(from: &Path, to: &Path) -> io::Result<()> {
    let mut files: Vec<_> = std::fs::read_dir(from)?.collect::<io::Result<_>>()?;
    files.sort_by_key(|file| std::cmp::Reverse(file.file_name()));
    for file in files {
        std::fs::rename(file.path(), to.join(file.file_name()))?;
    }
    std::fs::remove_dir(from)?;
    File::open(to)?.sync_all()
}

struct Source {
    body: File,
    body_path: PathBuf,
    /// Offset and length by number.
    places: BTreeMap<u64, (u64, usize)>,
    next_in: u64,
    next_out: u64,
    creation_time: UtcTimestamp,
}

impl Source {
    fn open(prefix: &Path) -> Result<Self, ExchangeError> {
        let (numbers_path, session_path) = (with_suffix(prefix, "seqnums"), with_suffix(prefix, "session"));
        let body_path = with_suffix(prefix, "body");
        let body = File::open(&body_path).map_err(io_error(&body_path))?;
        let (next_out, next_in) = numbers(&read_text(&numbers_path)?)
            .ok_or_else(|| format_error(&numbers_path, "is not `SENDER : TARGET`, two numbers from 1 up"))?;
        let creation_time = UtcTimestamp::parse(read_text(&session_path)?.trim().as_bytes())
            .map_err(|_| format_error(&session_path, "is not a time `YYYYMMDD-HH:MM:SS`"))?;
        let places = places(&with_suffix(prefix, "header"))?;
        let source = Source { body, body_path, places, next_in, next_out, creation_time };
        source.check()?;
        Ok(source)
    }

    /// Every message must be where the header says, and be the one it says.
    fn check(&self) -> Result<(), ExchangeError> {
        let mut buffer = vec![0; MAX_MESSAGE];
        for (number, place) in &self.places {
            let message = self.message(*place, &mut buffer)?;
            let field = format!("\x0134={number}\x01");
            let is_it = message.starts_with(b"8=FIX.4.4\x01")
                && message.ends_with(&[SOH])
                && message.windows(field.len()).any(|window| window == field.as_bytes());
            if !is_it {
                let what =
                    format!("at byte {} is not message {number} that the header says is there", place.0);
                return Err(format_error(&self.body_path, what));
            }
        }
        Ok(())
    }

    fn message<'b>(
        &self,
        (offset, length): (u64, usize),
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], ExchangeError> {
        let Some(room) = buffer.get_mut(..length) else {
            return Err(format_error(
                &self.body_path,
                format!("at byte {offset}: {length} bytes are too many"),
            ));
        };
        self.body.read_exact_at(room, offset).map_err(io_error(&self.body_path))?;
        Ok(room)
    }

    fn write_journal(&self, directory: &Path, name: &SessionName) -> Result<Exchanged, ExchangeError> {
        match std::fs::remove_dir_all(directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error(directory)(error));
            }
            _ => {}
        }
        let options = JournalOptions { sync: true, ..JournalOptions::default() };
        let mut store = JournalStore::open(directory, name, options)?;
        store.reset(self.creation_time)?;
        let mut buffer = vec![0; MAX_MESSAGE];
        let mut messages = 0;
        // QuickFIX sends those beyond its own next number anew, so they are not sent yet.
        for (number, place) in self.places.range(..self.next_out) {
            store.set_next_out(*number)?;
            store.append(*number, self.message(*place, &mut buffer)?)?;
            messages += 1;
        }
        store.set_next_out(self.next_out)?;
        store.set_next_in(self.next_in)?;
        store.flush()?;
        Ok(Exchanged { messages, next_in: self.next_in, next_out: self.next_out })
    }
}

fn numbers(text: &str) -> Option<(u64, u64)> {
    let (sender, target) = text.split_once(':')?;
    let number = |text: &str| text.trim().parse().ok().filter(|number| *number >= 1);
    Some((number(sender)?, number(target)?))
}

fn places(path: &Path) -> Result<BTreeMap<u64, (u64, usize)>, ExchangeError> {
    let entry = |text: &str| {
        let mut parts = text.split(',');
        let mut next = || parts.next()?.parse::<u64>().ok();
        let (number, offset, size) = (next().filter(|number| *number >= 1)?, next()?, next()?);
        parts.next().is_none().then_some((number, (offset, usize::try_from(size).ok()?)))
    };
    let text = read_text(path)?;
    let parsed = text.split_ascii_whitespace().map(|text| {
        entry(text)
            .ok_or_else(|| format_error(path, format!("`{}` is not `seq,offset,size`", text.escape_debug())))
    });
    // A number that stands there twice was sent twice; the last one counts.
    parsed.collect()
}

/// Writes the journal that `inspection` shows as the files `prefix.body`, `.header`, `.seqnums` and `.session`,
/// none of which may exist.
///
/// # Errors
/// [`ExchangeError`].
pub fn export(inspection: &mut Inspection, prefix: &Path) -> Result<Exchanged, ExchangeError> {
    let create = |suffix: &str| {
        let path = with_suffix(prefix, suffix);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        file.map(BufWriter::new).map_err(io_error(&path))
    };
    let mut body = create("body")?;
    let mut header = create("header")?;
    let mut buffer = vec![0; MAX_MESSAGE];
    let (mut offset, mut messages) = (0, 0);
    for number in 1..inspection.next_out() {
        let Some(length) = inspection.read(number, &mut buffer)? else { continue };
        let written = body.write_all(&buffer[..length]);
        written.map_err(io_error(&with_suffix(prefix, "body")))?;
        write!(header, "{number},{offset},{length} ").map_err(io_error(&with_suffix(prefix, "header")))?;
        offset += length as u64;
        messages += 1;
    }
    // QuickFIX has no mark for a reset that the counterparty has not answered; it begins at 1.
    let (next_in, next_out) = (inspection.next_in().unwrap_or(1), inspection.next_out());
    let mut seqnums = create("seqnums")?;
    let written = write!(seqnums, "{next_out:010} : {next_in:010}");
    written.map_err(io_error(&with_suffix(prefix, "seqnums")))?;
    let mut session = create("session")?;
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let time = inspection.creation_time().unwrap_or(UtcTimestamp::UNIX_EPOCH);
    let length = time.with_precision(Precision::Seconds).format(&mut text);
    session.write_all(&text[..length]).map_err(io_error(&with_suffix(prefix, "session")))?;
    for (file, suffix) in [(body, "body"), (header, "header"), (seqnums, "seqnums"), (session, "session")] {
        let done = file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all());
        done.map_err(io_error(&with_suffix(prefix, suffix)))?;
    }
    Ok(Exchanged { messages, next_in, next_out })
}

fn with_suffix(prefix: &Path, suffix: &str) -> PathBuf {
    let mut path = prefix.as_os_str().to_owned();
    path.push(".");
    path.push(suffix);
    path.into()
}

fn read_text(path: &Path) -> Result<String, ExchangeError> {
    let bytes = std::fs::read(path).map_err(io_error(path))?;
    String::from_utf8(bytes)
        .map_err(|_| format_error(path, "is not text; is it of QuickFIX/J, whose files are binary?"))
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> ExchangeError {
    move |source| ExchangeError::Io { path: path.to_owned(), source }
}

fn format_error(path: &Path, what: impl Into<String>) -> ExchangeError {
    ExchangeError::Format { path: path.to_owned(), what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> SessionName {
        SessionName::new("FIX.4.4", ["DESK", "", ""], ["BROKER", "", ""], "")
    }

    fn message(number: u64) -> String {
        format!("8=FIX.4.4\x019=5\x0135=D\x0134={number}\x0110=000\x01")
    }

    /// The files of a QuickFIX that sent 1, 2 and 4 (4 twice) and is about to send 7.
    fn quickfix_files(directory: &Path) -> PathBuf {
        let prefix = directory.join("FIX.4.4-DESK-BROKER");
        let (mut body, mut header) = (String::new(), String::new());
        for number in [1, 2, 4, 4] {
            let message = message(number);
            header += &format!("{number},{},{} ", body.len(), message.len());
            body += &message;
        }
        std::fs::write(with_suffix(&prefix, "body"), body).unwrap();
        std::fs::write(with_suffix(&prefix, "header"), header).unwrap();
        std::fs::write(with_suffix(&prefix, "seqnums"), "0000000007 : 0000000012").unwrap();
        std::fs::write(with_suffix(&prefix, "session"), "20261124-05:38:00").unwrap();
        prefix
    }

    #[test]
    fn a_quickfix_store_becomes_a_journal() {
        let dir = tempfile::tempdir().unwrap();
        let prefix = quickfix_files(dir.path());
        let exchanged = import(&prefix, &dir.path().join("new"), &name()).unwrap();
        assert_eq!(exchanged, Exchanged { messages: 3, next_in: 12, next_out: 7 });
        let mut store =
            JournalStore::open(&dir.path().join("new"), &name(), JournalOptions::default()).unwrap();
        assert_eq!((store.next_in(), store.next_out()), (Some(12), 7));
        assert_eq!(store.creation_time(), UtcTimestamp::parse(b"20261124-05:38:00").ok());
        let mut buffer = [0; 256];
        for (number, kept) in [(1, true), (2, true), (3, false), (4, true), (5, false), (6, false)] {
            let read = store.read(number, &mut buffer).unwrap();
            assert_eq!(read.map(|length| &buffer[..length]), kept.then_some(message(number).as_bytes()));
        }
    }

    #[test]
    fn export_gives_back_what_was_imported() {
        let dir = tempfile::tempdir().unwrap();
        let prefix = quickfix_files(dir.path());
        let store = dir.path().join("store");
        import(&prefix, &store, &name()).unwrap();
        let out = dir.path().join("out");
        let exchanged = export(&mut Inspection::open(&store, &name()).unwrap(), &out).unwrap();
        assert_eq!(exchanged, Exchanged { messages: 3, next_in: 12, next_out: 7 });
        for suffix in ["seqnums", "session"] {
            let read = |prefix: &Path| std::fs::read_to_string(with_suffix(prefix, suffix)).unwrap();
            assert_eq!(read(&out), read(&prefix));
        }
        assert_eq!(import(&out, &dir.path().join("again"), &name()).unwrap(), exchanged);
        let twice = export(&mut Inspection::open(&store, &name()).unwrap(), &out);
        assert!(
            matches!(twice, Err(ExchangeError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists)
        );
    }

    #[test]
    fn nothing_is_written_if_anything_is_wrong() {
        for (suffix, text, complaint) in [
            ("header", "1,0,5 ", "is not message 1"),
            ("header", "1,0,900 ", "failed to fill"),
            ("header", "1;0;5", "is not `seq,offset,size`"),
            ("seqnums", "0 : 5", "two numbers from 1 up"),
            ("seqnums", "", "two numbers from 1 up"),
            ("session", "yesterday", "is not a time"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let prefix = quickfix_files(dir.path());
            std::fs::write(with_suffix(&prefix, suffix), text).unwrap();
            let error = import(&prefix, &dir.path().join("new"), &name()).unwrap_err();
            assert!(error.to_string().contains(complaint), "{error}");
            assert!(!dir.path().join("new").exists());
        }
    }

    #[test]
    fn a_journal_that_is_there_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let prefix = quickfix_files(dir.path());
        import(&prefix, dir.path(), &name()).unwrap();
        assert!(matches!(import(&prefix, dir.path(), &name()), Err(ExchangeError::Exists { .. })));
    }
}
