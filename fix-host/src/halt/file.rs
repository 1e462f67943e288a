//! What is on disk of the halts of one session: nothing while there is none.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use fix_core::time::{UTC_TIMESTAMP_LEN, UtcTimestamp};
use serde_json::{Value, json};

use super::Halt;
use crate::clock::utc_now;

/// The halts that concern one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// Of the whole engine.
    pub engine: Option<Halt>,
    /// The same, by Redis.
    pub redis: Option<Halt>,
    /// Its own.
    pub session: Option<Halt>,
}

/// What a file says. One that cannot be read halts the session: orders must not pass because a disk is bad.
pub(super) fn read(file: &Path) -> Kept {
    let problem = match fs::read(file) {
        Ok(bytes) => match parse(&bytes) {
            Some(kept) => return kept,
            None => "is damaged".to_owned(),
        },
        // Where the folder is none the journal cannot be either, and that ends the start.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Kept::default();
        }
        Err(error) => format!("cannot be read ({error})"),
    };
    let halt = Halt {
        by: "the engine".to_owned(),
        reason: format!("{} {problem}, and may say that the session is halted", file.display()),
        since: utc_now(),
        cancel_working: false,
    };
    Kept { session: Some(halt), ..Kept::default() }
}

/// Makes each file say this, whatever is killed or loses power meanwhile: the old or the new. All are tried, though one
/// may fail.
///
/// # Errors
/// One line for the first that failed.
pub(super) fn write(files: &[(PathBuf, Kept)]) -> Result<(), String> {
    let named = |file: &Path, error: io::Error| format!("{}: {error}", file.display());
    let replaced = files.iter().map(|(file, kept)| replace(file, kept).map_err(|error| named(file, error)));
    let mut failures: Vec<String> = replaced.filter_map(Result::err).collect();
    // Once for all sessions of a directory: a sync may take milliseconds.
    let folders: BTreeSet<&Path> = files.iter().filter_map(|(file, _)| file.parent()).collect();
    let synced = folders.into_iter().map(|folder| {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| named(folder, error))
    });
    failures.extend(synced.filter_map(Result::err));
    failures.into_iter().next().map_or(Ok(()), Err)
}

fn replace(file: &Path, kept: &Kept) -> io::Result<()> {
    if *kept == Kept::default() {
        return match fs::remove_file(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        };
    }
    let new = file.with_added_extension("new");
    // As the journal: for its owner.
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    out.write_all(to_json(kept).to_string().as_bytes())?;
    out.sync_all()?;
    fs::rename(&new, file)
}

fn to_json(kept: &Kept) -> Value {
    let shown = |halt: &Option<Halt>| {
        halt.as_ref().map(|halt| {
            json!({
                "by": halt.by,
                "reason": halt.reason,
                "since": time(halt.since),
                "cancelWorking": halt.cancel_working,
            })
        })
    };
    json!({ "engine": shown(&kept.engine), "redis": shown(&kept.redis), "session": shown(&kept.session) })
}

fn parse(bytes: &[u8]) -> Option<Kept> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let fields = value.as_object()?;
    let halt = |key| match fields.get(key)? {
        Value::Null => Some(None),
        halt => parse_halt(halt).map(Some),
    };
    Some(Kept { engine: halt("engine")?, redis: halt("redis")?, session: halt("session")? })
}

fn parse_halt(value: &Value) -> Option<Halt> {
    let text = |key| value.get(key).and_then(Value::as_str);
    Some(Halt {
        by: text("by")?.to_owned(),
        reason: text("reason")?.to_owned(),
        since: UtcTimestamp::parse(text("since")?.as_bytes()).ok()?,
        cancel_working: value.get("cancelWorking")?.as_bool()?,
    })
}

/// As FIX writes it, in seconds.
pub(super) fn time(moment: UtcTimestamp) -> String {
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let seconds =
        UtcTimestamp::from_unix(moment.unix_seconds(), 0).with_precision(fix_core::time::Precision::Seconds);
    let len = seconds.format(&mut text);
    String::from_utf8_lossy(text.get(..len).unwrap_or_default()).into_owned()
}
