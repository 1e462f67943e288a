//! The journal, written anew while the exchange runs: beside the file, by a thread of its own. What comes meanwhile goes to the
//! old file, and is copied behind the new one before that takes its place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
};

use super::{Journal, kept::Kept, replace};

/// A journal that is shorter is left as it is.
const SHORT: u64 = 8 << 20;

/// So many times as long as what lived, it is written anew.
const TIMES: u64 = 4;

#[derive(Debug)]
pub(super) struct Compaction {
    /// How long the file was when it was written anew last.
    lived: u64,
    short: u64,
    underway: Option<Underway>,
}

#[derive(Debug)]
struct Underway {
    /// How much of the file it reads.
    len: u64,
    /// Gives the length of the new file.
    thread: JoinHandle<Result<u64, String>>,
}

impl Compaction {
    /// Of a file of this length, in which all lives.
    pub(super) fn behind(lived: u64) -> Self {
        Compaction { lived, short: SHORT, underway: None }
    }

    /// It goes on beside.
    #[cfg(test)]
    pub(super) fn is_underway(&self) -> bool {
        self.underway.is_some()
    }
}

impl Drop for Compaction {
    /// Nobody writes the file of a later start.
    fn drop(&mut self) {
        if let Some(underway) = self.underway.take() {
            _ = underway.thread.join();
        }
    }
}

impl Journal {
    /// Begins to write the file anew if it is long, or ends that if it is done.
    pub(super) fn compact(&mut self, today: i64) {
        let Compaction { lived, short, underway } = &mut self.compaction;
        match underway.take() {
            None if self.len > *short && self.len > TIMES * *lived => {
                let (path, len) = (self.path.clone(), self.len);
                let thread = thread::Builder::new().name("journal of orders".to_owned());
                match thread.spawn(move || write_anew(&path, len, today)) {
                    Ok(thread) => *underway = Some(Underway { len, thread }),
                    Err(error) => self.stays_long(&error.to_string()),
                }
            }
            Some(Underway { len, thread }) if thread.is_finished() => {
                let written = thread.join().unwrap_or_else(|_| Err("its thread has failed".to_owned()));
                let changed = written.and_then(|written| {
                    self.change_files(len).map_err(|error| error.to_string())?;
                    Ok(written)
                });
                match changed {
                    Ok(lived) => self.compaction.lived = lived,
                    Err(problem) => self.stays_long(&problem),
                }
            }
            still => *underway = still,
        }
    }

    /// The new file has what the old one had up to `copied`, and gets the rest of it.
    fn change_files(&mut self, copied: u64) -> io::Result<()> {
        let mut old = File::open(&self.path)?;
        old.seek(SeekFrom::Start(copied))?;
        let new = self.path.with_extension("new");
        io::copy(&mut old.take(self.len - copied), &mut OpenOptions::new().append(true).open(&new)?)?;
        // Whatever fails from here on, the file that is written to stays the one that is read.
        let file = OpenOptions::new().append(true).open(&new)?;
        replace(&self.path)?;
        self.len = file.metadata()?.len();
        self.file = file;
        Ok(())
    }

    /// It is tried again when it is longer still.
    fn stays_long(&mut self, problem: &str) {
        self.compaction.lived = self.len;
        tracing::warn!(
            problem,
            "the journal of orders could not be written anew, and grows on: tried again at {TIMES} times its length"
        );
    }

    /// It is long from this length on.
    #[cfg(test)]
    pub(super) fn set_short(&mut self, short: u64) {
        self.compaction.short = short;
    }
}

/// Writes what matters of the journal beside it; how long that is.
fn write_anew(path: &PathBuf, len: u64, today: i64) -> Result<u64, String> {
    let io = |error: io::Error| error.to_string();
    let mut old = Vec::new();
    File::open(path).and_then(|file| file.take(len).read_to_end(&mut old)).map_err(io)?;
    let (kept, whole) = Kept::read(path, &old).map_err(|error| error.to_string())?;
    if whole as u64 != len {
        return Err(format!("{}: it holds other things than were written to it", path.display()));
    }
    let packed = kept.packed(today);
    write_synced(&path.with_extension("new"), &packed).map_err(io)?;
    Ok(packed.len() as u64)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes)?;
    File::open(path)?.sync_all()
}
