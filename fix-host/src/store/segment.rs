//! A file of the journal: a header, then records.
//!
//! The header holds the state before its first record (both numbers, the creation time, what readers need), so
//! that older segments are needed for their messages only, and after a reset for the entries of readers only.
//!
//! Version 1 had no entries for readers. Its segments are read as they are; what is written is version 2, in a
//! segment of its own, which a build that knows version 1 only refuses.

use std::io;

use fix_core::time::UtcTimestamp;

use super::{
    disk::DiskFile,
    entries::{Consumer, Position},
    name::SessionName,
    record::{self, HEADER_LEN, Place, u32_at},
    window::Window,
};

const MAGIC: &[u8; 7] = b"FIXJRNL";
const VERSION: u8 = 2;
/// Header bytes before the identity: magic, version, salt, length and the fields of [`SegmentHeader`].
const FIXED_LEN: usize = 96;
/// The same in version 1.
const FIXED_LEN_1: usize = 64;
/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// The two numbers and the creation time of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// `None` from a reset of ours until the counterparty has answered it.
    pub(crate) next_in: Option<u64>,
    pub(crate) next_out: u64,
    pub(crate) creation_time: Option<UtcTimestamp>,
}

impl Numbers {
    /// Of a session that begins.
    pub(crate) const fn new(creation_time: Option<UtcTimestamp>) -> Self {
        Numbers { next_in: Some(1), next_out: 1, creation_time }
    }

    /// The last number that was received; 0: none.
    pub(crate) fn received(&self) -> u64 {
        self.next_in.map_or(0, |number| number.saturating_sub(1))
    }
}

/// How a journal has the number expected next: 0 stands for none.
pub(crate) fn written(next_in: Option<u64>) -> u64 {
    next_in.unwrap_or(0)
}

/// The number expected next, as a journal has it.
pub(crate) fn read(written: u64) -> Option<u64> {
    (written != 0).then_some(written)
}

/// What readers of entries need of the state. See [`entries`](super::entries).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Readers {
    /// How often the counterparty's numbers began again.
    pub(crate) epoch: u64,
    /// The number of the next report that the engine makes itself.
    pub(crate) next_own: u64,
    pub(crate) told: Told,
}

impl Default for Readers {
    fn default() -> Self {
        Readers { epoch: 0, next_own: 1, told: Told::default() }
    }
}

/// The last entry that each consumer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told([Position; Consumer::COUNT]);

impl Told {
    pub(crate) fn up_to(&self, consumer: Consumer) -> Position {
        self.0.get(consumer.index()).copied().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, consumer: Consumer, position: Position) {
        if let Some(told) = self.0.get_mut(consumer.index()) {
            *told = position;
        }
    }
}

/// The header of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// The version of the format; what is written is the newest.
    pub(crate) version: u8,
    /// Makes the records of this file invalid in any other.
    pub(crate) salt: u32,
    /// This segment's number; they count from 1 and never repeat.
    pub(crate) segment: u32,
    /// The first segment since the last reset; those before hold entries for readers, or are remains.
    pub(crate) generation_start: u32,
    /// The segment before, of this generation or an earlier one; 0 if there is none.
    pub(crate) previous: u32,
    /// Its final length.
    pub(crate) previous_len: u32,
    /// The oldest segment that counts; those before are remains.
    pub(crate) kept_from: u32,
    /// The state before the first record.
    pub(crate) numbers: Numbers,
    /// The same, of readers.
    pub(crate) readers: Readers,
}

/// What the first bytes of a segment turned out to be.
#[derive(Debug)]
pub(crate) enum HeaderRead {
    /// A header, and where the records begin.
    Intact(SegmentHeader, u64),
    /// The crash came before the header was complete; nothing was ever stored in the file.
    Unfinished,
    /// Zeros where header and records should be: the power went before they reached the disk.
    Lost,
    /// Not what was written.
    Damaged,
    /// Of another session, whose identity follows.
    OtherSession(String),
    /// Of another version of the format.
    Version(u8),
}

impl SegmentHeader {
    /// The version of the format.
    pub(crate) const VERSION: u8 = VERSION;

    /// The header of a journal that begins with this segment.
    pub(crate) fn first(segment: u32) -> Self {
        SegmentHeader {
            version: VERSION,
            salt: rand::random(),
            segment,
            generation_start: segment,
            previous: 0,
            previous_len: 0,
            kept_from: segment,
            numbers: Numbers::new(None),
            readers: Readers::default(),
        }
    }

    /// The bytes of the header for the session `name`.
    pub(crate) fn encode(&self, name: &SessionName) -> Vec<u8> {
        let identity = name.identity();
        let creation = self.numbers.creation_time;
        let mut out = Vec::with_capacity(header_len(name));
        out.extend_from_slice(MAGIC);
        out.push(VERSION);
        out.extend_from_slice(&(header_len(name) as u32).to_le_bytes());
        for field in [self.salt, self.segment, self.generation_start, self.previous_len] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&written(self.numbers.next_in).to_le_bytes());
        out.extend_from_slice(&self.numbers.next_out.to_le_bytes());
        out.extend_from_slice(&creation.map_or(0, UtcTimestamp::unix_seconds).to_le_bytes());
        out.extend_from_slice(&creation.map_or(u32::MAX, UtcTimestamp::subsec_nanos).to_le_bytes());
        out.extend_from_slice(&self.previous.to_le_bytes());
        out.extend_from_slice(&self.kept_from.to_le_bytes());
        out.extend_from_slice(&self.readers.epoch.to_le_bytes());
        out.extend_from_slice(&self.readers.next_own.to_le_bytes());
        out.extend_from_slice(&self.readers.told.up_to(Consumer::Redis).get().to_le_bytes());
        out.resize(FIXED_LEN, 0);
        out.extend_from_slice(identity);
        out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
        out
    }

    /// Reads the header of a file of the session `name`.
    pub(crate) fn read(file: &impl DiskFile, name: &SessionName) -> io::Result<HeaderRead> {
        let mut window = Window::new(4096);
        let length = file.length()?;
        let bytes = window.get(file, 0, 4096)?;
        let said = bytes.get(7).copied().filter(|_| bytes.starts_with(MAGIC));
        let Some(fixed_len) = said.map_or(Some(FIXED_LEN), fixed_len) else {
            return Ok(HeaderRead::Version(said.unwrap_or_default()));
        };
        let header_len = (fixed_len + name.identity().len() + CHECKSUM_LEN) as u64;
        Ok(match intact_header(bytes) {
            Some(covered) => match covered.get(fixed_len..) {
                Some(identity) if identity != name.identity() => {
                    HeaderRead::OtherSession(String::from_utf8_lossy(identity).replace('\x01', " "))
                }
                _ => match decode(covered) {
                    Some(header) => HeaderRead::Intact(header, header_len),
                    None => HeaderRead::Damaged,
                },
            },
            // Records are written only after the header is complete, so a longer file had one.
            None if length < header_len || (length == header_len && never_written(bytes, 0)) => {
                HeaderRead::Unfinished
            }
            None if ends_in_zeros(file, &mut Window::new(4096), header_len - 1, length)? => {
                if length == header_len { HeaderRead::Unfinished } else { HeaderRead::Lost }
            }
            None => HeaderRead::Damaged,
        })
    }
}

/// The identity in the header of any session's segment, if the header is intact.
pub(crate) fn identity_of(file: &impl DiskFile) -> io::Result<Option<String>> {
    let mut window = Window::new(4096);
    let covered = intact_header(window.get(file, 0, 4096)?);
    let identity = |covered: &[u8]| {
        let identity = covered.get(fixed_len(*covered.get(7)?)?..)?;
        String::from_utf8(identity.to_vec()).ok()
    };
    Ok(covered.and_then(identity))
}

/// The bytes that the checksum of the header at the front of `bytes` covers, if it is right.
fn intact_header(bytes: &[u8]) -> Option<&[u8]> {
    let length = usize::try_from(u32_at(bytes, 8)?).ok()?;
    let (covered, crc) = bytes.get(..length)?.split_last_chunk()?;
    let right = covered.len() >= FIXED_LEN_1 && crc32fast::hash(covered) == u32::from_le_bytes(*crc);
    right.then_some(covered)
}

/// Bytes of the checksum behind the identity.
const CHECKSUM_LEN: usize = 4;

fn header_len(name: &SessionName) -> usize {
    FIXED_LEN + name.identity().len() + CHECKSUM_LEN
}

/// Header bytes before the identity, of a version that is known.
const fn fixed_len(version: u8) -> Option<usize> {
    match version {
        1 => Some(FIXED_LEN_1),
        VERSION => Some(FIXED_LEN),
        _ => None,
    }
}

fn decode(bytes: &[u8]) -> Option<SegmentHeader> {
    let u64_at = |offset: usize| Some(u64::from_le_bytes(bytes.get(offset..)?.first_chunk().copied()?));
    let nanos = u32_at(bytes, 52)?;
    let seconds = u64_at(44)?.cast_signed();
    let version = *bytes.get(7)?;
    let (segment, generation_start) = (u32_at(bytes, 16)?, u32_at(bytes, 20)?);
    let (previous, kept_from, readers) = if version == 1 {
        let previous = if segment == generation_start { 0 } else { segment.saturating_sub(1) };
        (previous, generation_start, Readers::default())
    } else {
        let mut told = Told::default();
        told.set(Consumer::Redis, u64_at(80)?.into());
        let readers = Readers { epoch: u64_at(64)?, next_own: u64_at(72)?, told };
        (u32_at(bytes, 56)?, u32_at(bytes, 60)?, readers)
    };
    Some(SegmentHeader {
        version,
        salt: u32_at(bytes, 12)?,
        segment,
        generation_start,
        previous,
        previous_len: u32_at(bytes, 24)?,
        kept_from,
        readers,
        numbers: Numbers {
            next_in: read(u64_at(28)?),
            next_out: u64_at(36)?,
            creation_time: (nanos != u32::MAX).then(|| UtcTimestamp::from_unix(seconds, nanos)),
        },
    })
}

/// The file name of a segment: `FIX.4.4-SENDER-TARGET.0000000001.journal`.
pub(crate) fn file_name(name: &SessionName, segment: u32) -> String {
    format!("{name}.{segment:010}.journal")
}

/// The file stem and number in the file name of any session's segment.
pub(crate) fn parts_of(file_name: &str) -> Option<(&str, u32)> {
    let (stem, digits) = file_name.strip_suffix(".journal")?.rsplit_once('.')?;
    let number =
        digits.parse().ok().filter(|_| digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit()))?;
    Some((stem, number))
}

/// Visits the intact records between `from` and `to` in order. Returns where the first one that is not intact
/// begins.
pub(crate) fn scan(
    file: &impl DiskFile,
    window: &mut Window,
    salt: u32,
    from: u64,
    to: u64,
    mut visit: impl FnMut(u32, &record::Header, &[u8]),
) -> io::Result<Option<u64>> {
    let mut at = from;
    while at < to {
        let Some(header) = intact_record(file, window, salt, at, to)? else { return Ok(Some(at)) };
        let payload = window.get(file, at + HEADER_LEN as u64, header.payload_len)?;
        visit(at as u32, &header, payload);
        at += header.record_len() as u64;
    }
    Ok(None)
}

/// The record at `at`, if it is intact and ends at `to` or before.
pub(crate) fn intact_record(
    file: &impl DiskFile,
    window: &mut Window,
    salt: u32,
    at: u64,
    to: u64,
) -> io::Result<Option<record::Header>> {
    let Ok(offset) = u32::try_from(at) else { return Ok(None) };
    let Some(header) = record::Header::read(window.get(file, at, HEADER_LEN)?, Place { salt, offset }) else {
        return Ok(None);
    };
    let end = at + header.record_len() as u64;
    if end > to {
        return Ok(None);
    }
    let payload = window.get(file, at + HEADER_LEN as u64, header.payload_len)?;
    Ok(header.is_payload(payload).then_some(header))
}

/// True if what begins at `at`, where no intact record stands, is what a crash in the middle of a write leaves
/// behind, and not the loss of something that was durable: nothing that follows says that `at` was durable
/// when it was written, and the record either lacks its end or a sector of it never reached the disk.
pub(crate) fn is_torn_tail(
    file: &impl DiskFile,
    window: &mut Window,
    salt: u32,
    at: u64,
    to: u64,
) -> io::Result<bool> {
    let mut followed = false;
    for later in at + 1..to {
        if let Some(header) = intact_record(file, window, salt, later, to)? {
            if u64::from(header.durable_to) > at {
                return Ok(false);
            }
            followed = true;
        }
    }
    let Ok(offset) = u32::try_from(at) else { return Ok(false) };
    let bytes = window.get(file, at, HEADER_LEN)?;
    if bytes.len() < HEADER_LEN {
        return Ok(true);
    }
    let header = record::Header::read(bytes, Place { salt, offset });
    if header.is_none() && never_written(bytes, at) {
        return Ok(true);
    }
    let record_len = header.map_or(HEADER_LEN, |header| header.record_len());
    if header.is_some() && at + record_len as u64 > to {
        return Ok(!followed);
    }
    // Half a record, and zeros up to the end of the file: its length reached the disk before its bytes did.
    if ends_in_zeros(file, window, at + record_len as u64 - 1, to)? {
        return Ok(true);
    }
    let whole = window.get(file, at, record_len)?;
    Ok(header.is_some() && never_written(whole, at))
}

/// Zeros at the end of a file that are no chance: a checksum may end in one or two.
const LEAST_ZEROS: u64 = 8;

/// True if all is zero from `from` to the end `to`, and the zeros before and after `from` are enough to be the mark
/// of a power cut.
fn ends_in_zeros(file: &impl DiskFile, window: &mut Window, from: u64, to: u64) -> io::Result<bool> {
    let mut at = from.min(to.saturating_sub(LEAST_ZEROS));
    while at < to {
        let part = window.get(file, at, 4096)?;
        let part = part.get(..(to - at).min(part.len() as u64) as usize).unwrap_or_default();
        if part.is_empty() || part.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at += part.len() as u64;
    }
    Ok(true)
}

/// True if a sector that `bytes` (which begin at `offset` of the file) touch reads as zeros there.
fn never_written(bytes: &[u8], offset: u64) -> bool {
    let to_boundary = SECTOR - (offset % SECTOR as u64) as usize;
    let (first, rest) = bytes.split_at(to_boundary.min(bytes.len()));
    std::iter::once(first)
        .chain(rest.chunks(SECTOR))
        .any(|part| !part.is_empty() && part.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_read_back_and_other_files_are_none_of_ours() {
        let name = SessionName::new("FIX.4.4", ["A", "", ""], ["B", "", ""], "");
        assert_eq!(file_name(&name, 12), "FIX.4.4-A-B.0000000012.journal");
        assert_eq!(parts_of("FIX.4.4-A-B.0000000012.journal"), Some(("FIX.4.4-A-B", 12)));
        for other in [
            "FIX.4.4-A-B.12.journal",
            "FIX.4.4-A-B.+000000012.journal",
            "FIX.4.4-A-B.0000000012.journal.bak",
            "FIX.4.4-A-B.lock",
        ] {
            assert_eq!(parts_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_sector_of_zeros_was_never_written() {
        let mut bytes = vec![1; 1000];
        assert!(!never_written(&bytes, 100));
        bytes[412..924].fill(0);
        assert!(never_written(&bytes, 100));
        assert!(!never_written(&bytes, 101));
        assert!(!never_written(&[], 0));
    }
}
