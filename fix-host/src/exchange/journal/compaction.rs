//! The journal, written anew while the exchange runs: beside the file, by a thread of its own. What comes meanwhile goes to the
//! old file, and is copied behind the new one before that takes its place: most of it by the thread too, so that the venue waits
//! for little.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::{Journal, kept::Kept, new_of};
use crate::store::disk::DiskFile;

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
    /// How much of the file is whole frames by now.
    written: Arc<AtomicU64>,
    thread: JoinHandle<Result<Anew, String>>,
}

/// The file, written anew, to which only what came last is not copied.
#[derive(Debug)]
pub(super) struct Anew {
    /// What mattered.
    lived: u64,
    /// Is appended to.
    new: File,
    len: u64,
    /// Stands behind what was copied of it.
    old: File,
    copied: u64,
}

impl Compaction {
    /// Of a file of this length, in which all lives.
    pub(super) fn behind(lived: u64) -> Self {
        Compaction { lived, short: SHORT, underway: None }
    }

    /// It goes on beside, and its thread is not done.
    #[cfg(test)]
    pub(super) fn is_busy(&self) -> bool {
        self.underway.as_ref().is_some_and(|underway| !underway.thread.is_finished())
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
                let written = Arc::new(AtomicU64::new(len));
                let so_far = Arc::clone(&written);
                let thread = thread::Builder::new().name("journal of orders".to_owned());
                match thread.spawn(move || write_anew(&path, len, today, &so_far)) {
                    Ok(thread) => *underway = Some(Underway { written, thread }),
                    Err(error) => self.stays_long(&error.to_string()),
                }
            }
            Some(Underway { thread, .. }) if thread.is_finished() => {
                let written = thread.join().unwrap_or_else(|_| Err("its thread has failed".to_owned()));
                let changed =
                    written.and_then(|anew| self.change_files(anew).map_err(|error| error.to_string()));
                if let Err(problem) = changed {
                    self.stays_long(&problem);
                }
            }
            Some(still) => {
                still.written.store(self.len, Ordering::Release);
                *underway = Some(still);
            }
            None => {}
        }
    }

    /// The new file gets what came last, and takes the place of the old one.
    fn change_files(&mut self, mut anew: Anew) -> io::Result<()> {
        anew.copy(self.len)?;
        if self.syncs {
            anew.new.sync()?;
        }
        fs::rename(new_of(&self.path), &self.path)?;
        // From here on it is the file that is read at the next start, whatever fails.
        (self.file, self.len) = (anew.new, anew.len);
        self.compaction.lived = anew.lived;
        self.is_moved = self.syncs;
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

impl Anew {
    /// Copies what the old file has up to this length.
    fn copy(&mut self, to: u64) -> io::Result<()> {
        let more = to.saturating_sub(self.copied);
        if io::copy(&mut (&self.old).take(more), &mut self.new)? != more {
            return Err(io::Error::other("the file is shorter than what was written to it"));
        }
        (self.copied, self.len) = (self.copied + more, self.len + more);
        Ok(())
    }
}

/// Writes what matters of the first `len` bytes of the journal beside it, and then what was written to it meanwhile.
pub(super) fn write_anew(path: &Path, len: u64, today: i64, written: &AtomicU64) -> Result<Anew, String> {
    let io = |error: io::Error| error.to_string();
    let (old, mut bytes) = (File::open(path).map_err(io)?, Vec::new());
    (&old).take(len).read_to_end(&mut bytes).map_err(io)?;
    let (kept, whole) = Kept::read(path, &bytes).map_err(|error| error.to_string())?;
    if whole as u64 != len {
        return Err(format!("{}: it holds other things than were written to it", path.display()));
    }
    let packed = kept.packed(today);
    let new = new_of(path);
    fs::write(&new, &packed).map_err(io)?;
    let new = OpenOptions::new().append(true).open(&new).map_err(io)?;
    let lived = packed.len() as u64;
    let mut anew = Anew { lived, new, len: lived, old, copied: len };
    // The second time it is little.
    for _ in 0..2 {
        anew.copy(written.load(Ordering::Acquire)).map_err(io)?;
        anew.new.sync_all().map_err(io)?;
    }
    Ok(anew)
}
