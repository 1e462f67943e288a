//! The journal of orders: what a restarted exchange knows.
//!
//! What has changed by a request, by hand or by time is one `frame`, written before anybody is told of it: orders as they are
//! then, with the requests that wait about them and where they stand in their books, markets with their phase and the figures of
//! their day, and what waits for which session. At the start the venue goes on from there. An order for the day does not outlive
//! it: its session is told at the first start on another day. Numbers of orders and executions go on where no earlier start has
//! been: the number of the start stands in their upper bits.
//!
//! What a session was not told, because it was away or busy when the exchange was killed, waits for it again after the restart:
//! its executions with the ExecIDs that they had, its orders that ended; of other changes (what a person did) the state of the
//! order (150=I). So does what was sent to it under a number that its store does not have: a kill came between the two.
//!
//! The file is written anew with what still matters (live orders, and those that something happened to on the same day or the
//! one before) at each start, and while the exchange runs whenever it has become long. It survives the process,
//! and if it is synced a power cut.
//!
//! | file | what stands there |
//! |---|---|
//! | `frame` | what is written together, and how it is known to be whole |
//! | `record` | what stands in a frame |
//! | `kept` | what a journal says |
//! | `days` | how days are counted |
//! | `ids` | which ids were used, whatever becomes of the journal |
//! | `compaction` | the journal, written anew while the exchange runs |

mod compaction;
mod days;
mod frame;
mod ids;
mod kept;
mod record;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use fix_core::time::UtcTimestamp;

pub use ids::prefix;
pub use record::{KeptList, MOST_LISTS, NotEntered};

use super::{
    book::Owner,
    orders::{Listing, Output as Told},
    profile::rules::Day,
    venue::{Change, Output, Venue},
};
use crate::store::disk::DiskFile;
use compaction::Compaction;
use days::Days;
use kept::contents;

/// Where orders are kept.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Nobody else writes there.
    _lock: File,
    folder: File,
    /// Another file has come to its place, which the folder may not have on the disk.
    is_moved: bool,
    /// How much of the file is whole frames.
    len: u64,
    syncs: bool,
    /// Frames that are not in the file, the last of which may not have its end yet.
    frames: Vec<u8>,
    /// Where that one begins.
    open: Option<usize>,
    /// The last write has failed, and may have left a part of a frame behind `len`.
    has_failed: bool,
    /// Instruments that have a number in the file.
    instruments: Vec<bool>,
    days: Days,
    compaction: Compaction,
}

/// What was read.
#[derive(Debug)]
pub struct Kept {
    lock: File,
    used: ids::Used,
    kept: kept::Kept,
    days: Days,
}

/// Why there is no journal.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct JournalError {
    path: PathBuf,
    problem: String,
}

impl JournalError {
    fn new(path: &Path, problem: String) -> Self {
        JournalError { path: path.to_owned(), problem }
    }
}

impl Kept {
    /// Reads a journal, which is this process's alone from then on; that there is none is an empty one, whose ids begin anew
    /// with what no earlier start had. A last frame that a crash has cut is left out.
    ///
    /// # Errors
    /// [`JournalError`]: it is damaged, or another process has it.
    pub fn read(path: &Path, now: UtcTimestamp) -> Result<Self, JournalError> {
        let error = |problem: io::Error| JournalError::new(path, problem.to_string());
        let mut lock = lock(path).map_err(error)?;
        let file = contents(path).map_err(error)?;
        let (mut kept, len) = kept::Kept::read(path, file.as_deref().unwrap_or_default())?;
        let cut = file.as_ref().map_or(0, Vec::len) - len;
        if cut > 0 {
            tracing::warn!(
                "{}: the last {cut} bytes are no whole frame, as after a crash, and are left out",
                path.display()
            );
        }
        let used = ids::read(&mut lock).map_err(error)?;
        if kept.prefix.is_empty() && !used.is_empty() {
            tracing::warn!(
                "{}: there is no journal, but there was one: orders of earlier starts are unknown, and all ids are new",
                path.display()
            );
        }
        (kept.prefix, kept.starts) = ids::next(&used, (&kept.prefix, kept.starts), now);
        Ok(Kept { lock, used, kept, days: Days::default() })
    }

    /// Days end with the close of this one, if there is one.
    #[must_use]
    pub fn counting(self, day: Option<Day>) -> Self {
        Kept { days: Days(day), ..self }
    }

    /// What stands before the numbers of ids.
    pub fn prefix(&self) -> &str {
        &self.kept.prefix
    }

    /// Writes what matters anew, and gives the journal that goes on there; it `syncs` what it writes, or leaves that to the
    /// operating system.
    ///
    /// # Errors
    /// [`JournalError`]
    pub fn go_on(self, path: &Path, syncs: bool, now: UtcTimestamp) -> Result<(Journal, Self), JournalError> {
        let Kept { mut lock, used, kept, days } = self;
        let write = |lock: &mut File| {
            let packed = kept.packed(days.of(now));
            let folder = put_in_place(path, &packed)?;
            ids::write(lock, &used, &kept.prefix, kept.starts)?;
            let file = OpenOptions::new().append(true).open(path)?;
            Ok((file, folder, packed.len() as u64, lock.try_clone()?))
        };
        let (file, folder, len, lock_of_journal) =
            write(&mut lock).map_err(|problem: io::Error| JournalError::new(path, problem.to_string()))?;
        let journal = Journal {
            path: path.to_owned(),
            file,
            _lock: lock_of_journal,
            folder,
            is_moved: false,
            len,
            syncs,
            frames: Vec::new(),
            open: None,
            has_failed: false,
            instruments: Vec::new(),
            days: days.clone(),
            compaction: Compaction::behind(len),
        };
        Ok((journal, Kept { lock, used, kept, days }))
    }

    /// The lists of orders that each session had.
    pub fn lists(&self, now: UtcTimestamp) -> impl Iterator<Item = (&str, Vec<KeptList>)> {
        self.kept.lists(self.days.of(now))
    }

    /// Brings a venue to where it was. `owner` is asked for the owner of a session by its name, `next_out` for its next
    /// MsgSeqNum(34) by its store, if that is known.
    pub fn restore(
        &self,
        venue: &mut Venue,
        now: UtcTimestamp,
        owner: impl FnMut(&str) -> Owner,
        next_out: impl Fn(&str) -> Option<u64>,
        out: &mut Vec<Output>,
    ) {
        self.kept.restore(venue, (now, self.days.of(now)), owner, next_out, out);
    }

    /// The sessions for which something may wait.
    pub fn told(&self) -> impl Iterator<Item = &str> {
        self.kept.told()
    }
}

/// Makes the folder, and the journal this process's alone.
fn lock(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let lock = OpenOptions::new().create(true).read(true).append(true).open(path.with_extension("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(io::Error::other("another exchange has this journal")),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// What the journal is to be is written there.
fn new_of(path: &Path) -> PathBuf {
    path.with_extension("new")
}

/// Writes the journal anew: whenever the power goes, the old or the new one is there, and whole. Gives its folder.
fn put_in_place(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new(".")))?;
    let new = new_of(path);
    fs::write(&new, bytes)?;
    File::open(&new)?.sync_all()?;
    fs::rename(&new, path)?;
    folder.sync_all()?;
    Ok(folder)
}

/// What the journal keeps of what is said to a session: of which order, and of which execution or of something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
    id: u64,
    exec: Option<u64>,
}

impl Telling {
    /// `None`: nothing. The answer to a question is not told again.
    pub fn of(output: &Output) -> Option<Self> {
        use fix_core::dict::fix44::code::ExecType;
        let (id, exec) = match output {
            Output::Order(Told::Report(report)) if report.exec_type != ExecType::ORDER_STATUS => {
                let exec = Some(report.exec_id).filter(|_| report.exec_type == ExecType::TRADE);
                (report.order_id, exec)
            }
            Output::Order(Told::CancelReject(reject)) => (reject.order_id, None),
            _ => return None,
        };
        Some(Telling { id: id?.0, exec })
    }
}

impl Journal {
    /// A session has this owner's number.
    pub fn session(&mut self, owner: Owner, name: &str) {
        record::session(self.begun(), owner.0.into(), name);
    }

    /// Keeps that what is said waits for its session.
    pub fn waits(&mut self, output: &Output) {
        if let Some(Telling { id, exec }) = Telling::of(output) {
            record::waits(self.begun(), output.owner().0.into(), id, exec);
        }
    }

    /// Keeps that something was sent to its session, under this MsgSeqNum(34).
    pub fn sent(&mut self, owner: Owner, Telling { id, exec }: Telling, number: u64) {
        record::sent(self.begun(), owner.0.into(), (id, exec), number);
    }

    /// Keeps that all that was sent to a session is in its store.
    pub fn stored(&mut self, owner: Owner) {
        record::stored(self.begun(), owner.0.into());
    }

    /// Keeps a list of orders as it is from now on.
    pub fn list(&mut self, owner: Owner, list: &KeptList, now: UtcTimestamp) {
        let today = self.days.of(now);
        record::list(self.begun(), owner.0.into(), today, list);
    }

    /// Keeps that nothing waits for a session.
    pub fn taken(&mut self, owner: Owner) {
        record::taken(self.begun(), owner.0.into());
    }

    /// Writes what has changed in the venue, and what was kept since. False if that cannot be: it stays, and is written with
    /// what comes next or at the next call. As the venue takes no orders meanwhile, it is not more than what becomes of those
    /// that there are.
    pub fn write(&mut self, venue: &mut Venue, now: UtcTimestamp) -> bool {
        // Of what cannot be written only the last state is kept.
        let today = self.days.of(now);
        if self.has_failed && !self.flush() {
            return false;
        }
        venue.changed(|change| self.change(&change, today));
        let is_written = self.flush();
        if is_written {
            self.compact(today);
        }
        is_written
    }

    fn change(&mut self, change: &Change<'_>, today: i64) {
        match change {
            Change::Request { id, cl_ord_id } => record::request(self.begun(), id.0, cl_ord_id),
            Change::Order { order, stands } => {
                self.instrument(order.listing);
                let head = record::OrderHead {
                    id: order.id.0,
                    session: order.owner.0.into(),
                    instrument: order.listing.place as u64,
                    days: (today, today),
                    may_trade: order.may_trade,
                    is_all: order.kept.is_none(),
                    stands: *stands,
                };
                record::order(self.begun(), head, order.executions(), |out| order.pack(out));
            }
            Change::Market { listing, state } => {
                self.instrument(listing);
                record::market(self.begun(), listing.place as u64, today, *state);
            }
            Change::Venue { phase, holds } => record::venue(self.begun(), *phase, *holds),
        }
    }

    /// An instrument has its place as its number.
    fn instrument(&mut self, listing: &Listing) {
        let Listing { place, symbol, tick, lot, .. } = listing;
        if self.instruments.len() <= *place {
            self.instruments.resize(place + 1, false);
        }
        if !std::mem::replace(&mut self.instruments[*place], true) {
            record::instrument(self.begun(), *place as u64, (symbol, *tick, *lot));
        }
    }

    /// A frame that has no end yet.
    fn begun(&mut self) -> &mut Vec<u8> {
        if self.open.is_none() {
            self.open = Some(self.frames.len());
            frame::begin(&mut self.frames);
        }
        &mut self.frames
    }

    /// Writes all frames.
    fn flush(&mut self) -> bool {
        if let Some(at) = self.open.take() {
            frame::end(&mut self.frames, at);
        }
        if self.frames.is_empty() {
            return true;
        }
        match self.append() {
            Ok(()) => {
                self.len += self.frames.len() as u64;
                self.frames.clear();
                if std::mem::take(&mut self.has_failed) {
                    tracing::info!(
                        "the journal of orders is written again, and lacks nothing; orders are taken again"
                    );
                }
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut self.has_failed, true) {
                    tracing::error!(
                        %error,
                        "the journal of orders cannot be written: no new orders are taken until it can; make room on its disk"
                    );
                }
                false
            }
        }
    }

    fn append(&mut self) -> io::Result<()> {
        if self.is_moved {
            // Nothing counts as written that a power cut could take away with the file's name.
            self.folder.sync_all()?;
            self.is_moved = false;
        }
        if self.has_failed {
            // Also after a sync that has failed: what it was of is written again, not only synced again, which might succeed
            // though the kernel has dropped it.
            self.file.set_len(self.len)?;
        }
        self.file.write_all(&self.frames)?;
        if self.syncs { self.file.sync() } else { Ok(()) }
    }

    /// True if it could not be written the last time.
    pub fn is_failing(&self) -> bool {
        self.has_failed
    }

    /// Another file to write to; the one that it was.
    #[cfg(test)]
    pub(super) fn swap_file(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file, file)
    }

    /// Another folder to sync; the one that it was.
    #[cfg(test)]
    pub(super) fn swap_folder(&mut self, folder: File) -> File {
        std::mem::replace(&mut self.folder, folder)
    }
}

#[cfg(test)]
mod tests;
