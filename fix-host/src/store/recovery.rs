//! What is believed of a journal found on disk.
//!
//! [`examine`] only reads, so that it serves `fix-host store verify` and leaves the evidence alone when it
//! refuses; [`repair`] then removes what a crash left behind: segments of before the last reset, a segment
//! whose header is incomplete, and the torn tail of the last one.

use std::{io, path::PathBuf};

use fix_core::store::is_never_resent;

use super::{
    chain::{Chain, Link},
    disk::{Disk, DiskFile},
    entries::{Consumer, Position},
    error::OpenError,
    index::{Entry, Index},
    mark::Evidence,
    name::SessionName,
    record::{self, Kind},
    segment::{self, HeaderRead, Numbers, Readers, SegmentHeader},
    window::Window,
};

/// Bytes read at once while the index is built.
const READ_AHEAD: usize = 128 * 1024;

/// What was found when a journal was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Messages that can be sent again.
    pub messages: u64,
    /// Entries for readers: received messages, and reports that the engine made itself.
    pub entries: u64,
    /// Segment files in use.
    pub segments: u32,
    /// Bytes of all segments in use.
    pub bytes: u64,
    /// A record that a crash left incomplete was cut off here: file and offset.
    pub torn_tail: Option<(PathBuf, u64)>,
    /// The newest file held nothing but zeros where its header should be, and is dropped: the power went before
    /// any of it reached the disk.
    pub lost_file: Option<PathBuf>,
    /// What it tells of marks that were noted before.
    pub evidence: Evidence,
}

/// The journal as it stands on disk.
pub(crate) struct Found<F> {
    pub(crate) active: Option<Active<F>>,
    pub(crate) index: Index,
    pub(crate) numbers: Numbers,
    pub(crate) readers: Readers,
    pub(crate) chain: Chain,
    pub(crate) recovered: Recovered,
    /// Files that no longer count.
    pub(crate) remains: Vec<String>,
}

/// The segment that is written to.
pub(crate) struct Active<F> {
    pub(crate) file: F,
    pub(crate) header: SegmentHeader,
    /// Length of the file up to the last intact record.
    pub(crate) len: u64,
}

impl<F> Active<F> {
    /// The link of a segment that holds no records yet.
    pub(crate) fn link(&self) -> Link {
        Link::new(self.header.segment, self.len as u32)
    }
}

struct Segment<F> {
    name: String,
    file: F,
    header: SegmentHeader,
    records_at: u64,
}

/// Reads all segments of the session `name`; those that the directory holds have these numbers, in order.
pub(crate) fn examine<D: Disk>(
    disk: &D,
    name: &SessionName,
    segments: &[u32],
) -> Result<Found<D::File>, OpenError> {
    let mut on_disk = segments.to_vec();
    let mut found = Found {
        active: None,
        index: Index::default(),
        numbers: Numbers::new(None),
        readers: Readers::default(),
        chain: Chain::default(),
        recovered: Recovered::default(),
        remains: Vec::new(),
    };
    let Some(last) = newest(disk, name, &mut on_disk, &mut found)? else { return Ok(found) };
    let kept_from = last.header.kept_from;
    // Lengths are known from the segment that follows, so the segments are opened from the end.
    let mut segments = vec![last];
    while let Some(next) = segments.last().filter(|next| next.header.segment > kept_from) {
        segments.push(predecessor(disk, name, next)?);
    }
    on_disk.retain(|number| segments.iter().all(|segment| segment.header.segment != *number));
    found.remains.extend(on_disk.iter().map(|number| segment::file_name(name, *number)));
    let mut window = Window::new(READ_AHEAD);
    while let Some(segment) = segments.pop() {
        let sealed_len = segments.last().map(|next| u64::from(next.header.previous_len));
        window.forget();
        replay(disk, segment, sealed_len, &mut window, &mut found)?;
    }
    Ok(found)
}

/// Removes what [`examine`] found not to count. With `sync` also makes what it did find durable: a killed
/// engine may have written it without living to sync it.
pub(crate) fn repair<D: Disk>(disk: &D, found: &mut Found<D::File>, sync: bool) -> Result<(), OpenError> {
    for file in &found.remains {
        disk.remove(file).map_err(|source| io_error(disk, file, "remove the file", source))?;
    }
    if sync && !found.remains.is_empty() {
        disk.sync().map_err(|source| io_error(disk, "", "sync the directory", source))?;
    }
    let Some(active) = &mut found.active else { return Ok(()) };
    if let Some((path, offset)) = &found.recovered.torn_tail {
        // The cut must last before anything is written there, or remains of the tail might come back.
        active.file.set_length(*offset).and_then(|()| active.file.sync()).map_err(|source| {
            OpenError::Io { path: path.clone(), operation: "cut off the torn tail", source }
        })?;
    } else if sync {
        active.file.sync().map_err(|source| io_error(disk, "", "sync the journal", source))?;
    }
    Ok(())
}

/// Opens the newest segment that was begun completely.
fn newest<D: Disk>(
    disk: &D,
    name: &SessionName,
    on_disk: &mut Vec<u32>,
    found: &mut Found<D::File>,
) -> Result<Option<Segment<D::File>>, OpenError> {
    let Some(number) = on_disk.last().copied() else { return Ok(None) };
    let file = segment::file_name(name, number);
    let is_lost = match open_segment(disk, name, number)? {
        Opened::Whole(segment) => return Ok(Some(*segment)),
        Opened::Unfinished => false,
        Opened::Lost => true,
    };
    on_disk.pop();
    match on_disk.last().copied() {
        Some(before) => {
            found.recovered.lost_file = is_lost.then(|| disk.path(&file));
            found.remains.push(file);
            whole(disk, name, before).map(Some)
        }
        None if is_lost => Err(damaged(disk, &file, 0, LOST)),
        None if number == 1 => {
            found.remains.push(file);
            Ok(None)
        }
        None => Err(damaged(disk, &file, 0, UNFINISHED)),
    }
}

const UNFINISHED: &str = "the header is incomplete";
const LOST: &str = "zeros stand where the header should be: the power went before it reached the disk";

/// Opens a segment that must be complete.
fn whole<D: Disk>(disk: &D, name: &SessionName, number: u32) -> Result<Segment<D::File>, OpenError> {
    let what = match open_segment(disk, name, number)? {
        Opened::Whole(segment) => return Ok(*segment),
        Opened::Unfinished => UNFINISHED,
        Opened::Lost => LOST,
    };
    Err(damaged(disk, &segment::file_name(name, number), 0, what))
}

/// Opens the segment before `next`, which must exist, and be of its generation or an earlier one.
fn predecessor<D: Disk>(
    disk: &D,
    name: &SessionName,
    next: &Segment<D::File>,
) -> Result<Segment<D::File>, OpenError> {
    let number = next.header.previous;
    if number == 0 || number >= next.header.segment {
        return Err(damaged(disk, &next.name, 0, "the header names no segment before it"));
    }
    let file_name = segment::file_name(name, number);
    let segment = whole(disk, name, number)?;
    let begins = next.header.segment == next.header.generation_start;
    if (segment.header.generation_start == next.header.generation_start) == begins {
        return Err(damaged(disk, &file_name, 0, "the file is not the predecessor of the next one"));
    }
    Ok(segment)
}

enum Opened<F> {
    Whole(Box<Segment<F>>),
    Unfinished,
    Lost,
}

fn open_segment<D: Disk>(disk: &D, name: &SessionName, number: u32) -> Result<Opened<D::File>, OpenError> {
    let file_name = segment::file_name(name, number);
    let file = match disk.open(&file_name) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged(disk, &file_name, 0, "the file is missing, though a later one needs it"));
        }
        Err(source) => return Err(io_error(disk, &file_name, "open the file", source)),
    };
    let read = SegmentHeader::read(&file, name)
        .map_err(|source| io_error(disk, &file_name, "read the file", source))?;
    match read {
        HeaderRead::Intact(header, records_at) if header.segment == number => {
            Ok(Opened::Whole(Box::new(Segment { name: file_name, file, header, records_at })))
        }
        HeaderRead::Intact(..) => Err(damaged(disk, &file_name, 0, "the file was renamed")),
        HeaderRead::Unfinished => Ok(Opened::Unfinished),
        HeaderRead::Lost => Ok(Opened::Lost),
        HeaderRead::Damaged => Err(damaged(disk, &file_name, 0, "the header is not what was written")),
        HeaderRead::OtherSession(found) => {
            Err(OpenError::OtherSession { path: disk.path(&file_name), found })
        }
        HeaderRead::Version(version) => {
            Err(OpenError::Version { path: disk.path(&file_name), version, known: SegmentHeader::VERSION })
        }
    }
}

/// Applies the records of one segment. `sealed_len` is the length that the next segment says it has; the last
/// segment has none and may end in a torn tail.
fn replay<D: Disk>(
    disk: &D,
    segment: Segment<D::File>,
    sealed_len: Option<u64>,
    window: &mut Window,
    found: &mut Found<D::File>,
) -> Result<(), OpenError> {
    let Segment { name, file, header, records_at } = segment;
    let begins = found.recovered.segments == 0 || header.segment == header.generation_start;
    if !begins && (header.numbers, header.readers) != (found.numbers, found.readers) {
        return Err(damaged(disk, &name, 0, "the header does not continue the segment before"));
    }
    if begins {
        found.index = Index::default();
        found.recovered.messages = 0;
        found.recovered.evidence.begin();
    }
    (found.numbers, found.readers) = (header.numbers, header.readers);
    let mut link = Link::new(header.segment, records_at as u32);
    let read_error = |source| io_error(disk, &name, "read the file", source);
    let length = file.length().map_err(read_error)?;
    let end = match sealed_len {
        Some(sealed) if length != sealed => {
            return Err(damaged(disk, &name, length.min(sealed), "the file's length has changed"));
        }
        _ => length,
    };
    let bad = segment::scan(&file, window, header.salt, records_at, end, |offset, record, payload| {
        let entry = Entry { number: record.number, segment: header.segment, offset };
        apply(record, payload, entry, found, &mut link);
    })
    .map_err(read_error)?;
    if let Some(at) = bad {
        let torn = sealed_len.is_none()
            && segment::is_torn_tail(&file, window, header.salt, at, end).map_err(read_error)?;
        if !torn {
            return Err(damaged(disk, &name, at, "the record is not what was written"));
        }
        found.recovered.torn_tail = Some((disk.path(&name), at));
    }
    let len = bad.unwrap_or(end);
    found.recovered.segments += 1;
    found.recovered.bytes += len;
    found.recovered.evidence.add_segment(&header, len, found.numbers.next_out);
    found.recovered.entries += link.entries;
    found.chain.push(Link { len, ..link });
    found.active = Some(Active { file, header, len });
    Ok(())
}

fn apply<F>(record: &record::Header, payload: &[u8], entry: Entry, found: &mut Found<F>, link: &mut Link) {
    let Found { index, numbers, readers, recovered, .. } = found;
    match record.kind {
        Kind::Message => {
            index.note(entry, is_never_resent(payload));
            numbers.next_out = record.number.saturating_add(1);
            recovered.messages += 1;
        }
        Kind::NextIn => {
            let next_in = segment::read(record.number);
            if begins_epoch(numbers.next_in, next_in) {
                readers.epoch += 1;
            }
            numbers.next_in = next_in;
        }
        Kind::Received => link.note_entry(entry.offset),
        Kind::Own => {
            link.note_entry(entry.offset);
            readers.next_own = record.number.saturating_add(1);
        }
        Kind::Told => {
            if let Some(consumer) = payload.first().and_then(|index| Consumer::from_index(*index)) {
                readers.told.set(consumer, record.number.into());
            }
        }
        Kind::NextOut => {
            recovered.messages -= numbers.next_out.saturating_sub(record.number).min(recovered.messages);
            if record.number < numbers.next_out {
                let position = Position::of_record(entry.segment, entry.offset);
                recovered.evidence.forget_at(position);
            }
            index.forget_from(record.number);
            numbers.next_out = record.number;
        }
    }
}

/// True if the counterparty's numbers begin again with this step of next_in. After a reset that only our side knew
/// of they are the old ones until it answers, and none is expected.
pub(crate) const fn begins_epoch(next_in: Option<u64>, new: Option<u64>) -> bool {
    next_in.is_none() && new.is_some()
}

fn damaged<D: Disk>(disk: &D, file: &str, offset: u64, what: &'static str) -> OpenError {
    OpenError::Damaged { path: disk.path(file), offset, what }
}

fn io_error<D: Disk>(disk: &D, file: &str, operation: &'static str, source: io::Error) -> OpenError {
    OpenError::Io { path: disk.path(file), operation, source }
}
