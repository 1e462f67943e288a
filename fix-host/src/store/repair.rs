//! `fix-host store repair`: a journal of what can be read of a damaged one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use fix_core::store::{MessageStore, StoreError};

use super::{
    Entries, Inspection, JournalOptions, JournalStore, OpenError, SessionName,
    disk::{Directory, Disk, DiskFile},
    entries::{Consumer, Position},
    journal::{begin_segment, take_lock},
    listing::Listing,
    quickfix::move_files,
    record::{Header, Kind, Record},
    recovery::begins_epoch,
    salvage::{Piece, salvage},
    segment::{self, HeaderRead, Numbers, Readers, SegmentHeader, Told},
    window::Window,
};

/// Why a journal was not repaired; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// It cannot be opened for another reason than damage, which no repair mends.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file cannot be read, copied or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The new journal failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No file has a header that can be read.
    #[error(
        "{path}: no file of session {name} has a header that can be read, so not even its numbers are known; move the \
         files away, ask the counterparty for the numbers and set them with `{program} store set-seqnum`",
        program = crate::exit::program()
    )]
    Nothing {
        /// The directory.
        path: PathBuf,
        /// The session.
        name: SessionName,
    },
}

/// What was done.
#[derive(Debug)]
pub struct Repaired {
    /// Where the damaged files are kept.
    pub copy: PathBuf,
    /// File and bytes that could not be read, from the first to the one behind the last.
    pub damage: Vec<(PathBuf, u64, u64)>,
    /// Numbers of sent messages that are lost, first and last.
    pub lost: Vec<(u64, u64)>,
    /// Sent messages that are kept.
    pub messages: u64,
    /// Received messages and reports for readers that are kept.
    pub entries: u64,
    /// The number expected next, as far as it is known; `None`: a reset of ours is not answered.
    pub next_in: Option<u64>,
    /// The next number to send, as far as it is known.
    pub next_out: u64,
}

/// Makes a journal of what can be read, and keeps the damaged files beside it. `None`: nothing is damaged.
///
/// # Errors
/// [`RepairError`].
pub fn repair(directory: &Path, name: &SessionName) -> Result<Option<Repaired>, RepairError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| RepairError::Io { path, source }
    };
    let disk = Directory::existing(directory).map_err(io(directory))?;
    let _lock = take_lock(&disk, name)?;
    match Inspection::open(directory, name) {
        Ok(_) => return Ok(None),
        Err(OpenError::Damaged { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let (segments, damage) = readable(&disk, name)?;
    let Some(newest) = segments.last() else {
        return Err(RepairError::Nothing { path: directory.to_owned(), name: name.clone() });
    };
    let kept_from = newest.header.kept_from;
    let mut work = Work { disk: &disk, segments: &segments, kept_from, damage };
    let found = work.examine()?;
    let copy = copy_files(&disk, directory, name).map_err(io(directory))?;
    let workshop = directory.join(format!("{name}.repair"));
    let next_segment = numbers_on_disk(&disk, name).map_err(io(directory))?.last().map_or(1, |last| last + 1);
    let kept = work.write(&workshop, name, next_segment, &found)?;
    let old = numbers_on_disk(&disk, name).map_err(io(directory))?;
    move_files(&workshop, directory).map_err(io(directory))?;
    for number in old {
        let file = segment::file_name(name, number);
        disk.remove(&file).map_err(io(&disk.path(&file)))?;
    }
    disk.sync().map_err(io(directory))?;
    Ok(Some(Repaired {
        copy,
        damage: work.damage,
        lost: found.lost,
        messages: kept.0,
        entries: kept.1,
        next_in: found.numbers.next_in,
        next_out: found.numbers.next_out,
    }))
}

struct Readable {
    path: PathBuf,
    file: fs::File,
    header: SegmentHeader,
    records_at: u64,
    length: u64,
}

type Damage = Vec<(PathBuf, u64, u64)>;

/// The segments whose header is intact, in order; of the others all is damage.
fn readable(disk: &Directory, name: &SessionName) -> Result<(Vec<Readable>, Damage), RepairError> {
    let (mut segments, mut damage) = (Vec::new(), Vec::new());
    let listed = numbers_on_disk(disk, name);
    for number in listed.map_err(|source| RepairError::Io { path: disk.path(""), source })? {
        let file_name = segment::file_name(name, number);
        let path = disk.path(&file_name);
        let io = |source| RepairError::Io { path: path.clone(), source };
        let file = disk.open(&file_name).map_err(io)?;
        if !DiskFile::lock(&file).map_err(io)? {
            return Err(OpenError::InUse { path, holder: "another process".to_owned() }.into());
        }
        let length = file.length().map_err(io)?;
        match SegmentHeader::read(&file, name).map_err(io)? {
            HeaderRead::Intact(header, records_at) if header.segment == number => {
                segments.push(Readable { path, file, header, records_at, length });
            }
            HeaderRead::OtherSession(found) => return Err(OpenError::OtherSession { path, found }.into()),
            HeaderRead::Version(version) => {
                let known = SegmentHeader::VERSION;
                return Err(OpenError::Version { path, version, known }.into());
            }
            _ => damage.push((path, 0, length)),
        }
    }
    Ok((segments, damage))
}

fn numbers_on_disk(disk: &Directory, name: &SessionName) -> io::Result<Vec<u32>> {
    Ok(Listing::read(disk)?.segments(name).to_vec())
}

/// Copies all files of the session's journal into a directory of their own.
fn copy_files(disk: &Directory, directory: &Path, name: &SessionName) -> io::Result<PathBuf> {
    let free = |number: &u32| !directory.join(format!("{name}.damaged-{number}")).exists();
    let number = (1..).find(free).unwrap_or_default();
    let copy = directory.join(format!("{name}.damaged-{number}"));
    fs::create_dir(&copy)?;
    for number in numbers_on_disk(disk, name)? {
        let file = segment::file_name(name, number);
        fs::copy(disk.path(&file), copy.join(&file))?;
        fs::File::open(copy.join(&file))?.sync_all()?;
    }
    fs::File::open(&copy)?.sync_all()?;
    Ok(copy)
}

/// The state at the end of what can be read.
struct Found {
    numbers: Numbers,
    readers: Readers,
    lost: Vec<(u64, u64)>,
}

struct Work<'d> {
    disk: &'d Directory,
    segments: &'d [Readable],
    kept_from: u32,
    damage: Damage,
}

impl Work<'_> {
    /// Visits all that can be read of the segments that count.
    fn visit(&self, visit: &mut dyn FnMut(&Readable, Option<Piece<'_>>)) -> Result<(), RepairError> {
        for segment in self.segments.iter().filter(|segment| segment.header.segment >= self.kept_from) {
            visit(segment, None);
            let mut window = Window::new(128 * 1024);
            salvage(
                &segment.file,
                &mut window,
                segment.header.salt,
                segment.records_at,
                segment.length,
                &mut |piece| visit(segment, Some(piece)),
            )
            .map_err(|source| RepairError::Io { path: segment.path.clone(), source })?;
        }
        Ok(())
    }

    /// Finds where the numbers stand, and what is lost.
    fn examine(&mut self) -> Result<Found, RepairError> {
        let mut found = Found { numbers: Numbers::new(None), readers: Readers::default(), lost: Vec::new() };
        let (mut damage, mut is_hole, mut before) = (std::mem::take(&mut self.damage), false, None);
        self.visit(&mut |segment, piece| match piece {
            None => {
                let header = &segment.header;
                let is_new = before.replace(header.generation_start) != Some(header.generation_start);
                if is_new {
                    found.lost.clear();
                    let begins = header.segment == header.generation_start;
                    // The first segments of the generation are gone, and the messages in them.
                    if !begins && header.numbers.next_out > 1 {
                        found.lost.push((1, header.numbers.next_out - 1));
                    }
                } else if header.numbers.next_out > found.numbers.next_out {
                    // The end of the file before is damaged or cut off, or all of it is gone.
                    found.lost.push((found.numbers.next_out, header.numbers.next_out - 1));
                }
                (found.numbers, found.readers, is_hole) = (header.numbers, header.readers, false);
            }
            Some(Piece::Damage(from, to)) => {
                damage.push((segment.path.clone(), from, to));
                is_hole = true;
            }
            Some(Piece::Record(record, _, payload)) => {
                if is_hole && record.kind == Kind::Message && record.number > found.numbers.next_out {
                    found.lost.push((found.numbers.next_out, record.number - 1));
                }
                is_hole &= record.kind != Kind::Message;
                found.apply(record, payload);
            }
        })?;
        self.damage = damage;
        Ok(found)
    }

    /// Writes what can be read as a journal in `workshop`. Returns how many messages and entries it has.
    fn write(
        &self,
        workshop: &Path,
        name: &SessionName,
        first_segment: u32,
        found: &Found,
    ) -> Result<(u64, u64), RepairError> {
        let io = |source| RepairError::Io { path: workshop.to_owned(), source };
        match fs::remove_dir_all(workshop) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        let disk = Directory::open(workshop).map_err(io)?;
        let header = SegmentHeader {
            numbers: Numbers { next_out: 1, ..found.numbers },
            readers: Readers { told: Told::default(), ..found.readers },
            ..SegmentHeader::first(first_segment)
        };
        begin_segment(&disk, name, header, true).map_err(io)?;
        let options = JournalOptions { sync: true, ..JournalOptions::default() };
        let mut store = JournalStore::open_on(disk, name, options)?;
        let generation = self.segments.last().map(|segment| segment.header.generation_start);
        let (mut outcome, mut told, mut messages, mut entries) = (Ok(()), Position::START, 0, 0);
        self.visit(&mut |segment, piece| {
            let Some(Piece::Record(record, offset, payload)) = piece else { return };
            if outcome.is_err() {
                return;
            }
            match record.kind {
                Kind::Received | Kind::Own => {
                    entries += 1;
                    let old = Position::of_record(segment.header.segment, offset);
                    match store.push_entry(Record::new(record.kind, record.number, payload)) {
                        Ok(new) if old <= found.readers.told.up_to(Consumer::Redis) => told = new,
                        pushed => outcome = pushed.map(drop),
                    }
                }
                Kind::Message if Some(segment.header.generation_start) == generation => {
                    messages += 1;
                    outcome =
                        store.set_next_out(record.number).and_then(|()| store.append(record.number, payload));
                }
                _ => {}
            }
        })?;
        outcome?;
        store.set_next_out(found.numbers.next_out)?;
        store.told(Consumer::Redis, told)?;
        store.flush()?;
        drop(store);
        // These two the journal has already.
        for suffix in ["lock", "reserve"] {
            fs::remove_file(workshop.join(format!("{name}.{suffix}"))).map_err(io)?;
        }
        tracing::debug!(directory = %self.disk.path("").display(), messages, entries, "repaired");
        Ok((messages, entries))
    }
}

impl Found {
    fn apply(&mut self, record: &Header, payload: &[u8]) {
        match record.kind {
            Kind::Message => self.numbers.next_out = record.number.saturating_add(1),
            Kind::NextOut => self.numbers.next_out = record.number,
            Kind::NextIn => {
                let next_in = segment::read(record.number);
                if begins_epoch(self.numbers.next_in, next_in) {
                    self.readers.epoch += 1;
                }
                self.numbers.next_in = next_in;
            }
            Kind::Own => self.readers.next_own = record.number.saturating_add(1),
            Kind::Told => {
                if let Some(consumer) = payload.first().and_then(|index| Consumer::from_index(*index)) {
                    self.readers.told.set(consumer, record.number.into());
                }
            }
            Kind::Received => {}
        }
    }
}
