//! One record of the journal: bytes and checksums.
//!
//! ```text
//!  0  number      u64  MsgSeqNum(34) of a message, or what the kind says
//!  8  durable_to  u32  bytes of this segment that were durable when the record was made
//! 12  length      u24  of the payload
//! 15  kind        u8
//! 16  header_crc  u32  over the salt of the segment, the record's offset and bytes 0..16
//! 20  payload_crc u32  over header_crc and the payload
//! 24  payload
//! ```
//! Little-endian. Bytes 0..16 are stored with [`MASK`] applied: a header then has practically no zero bytes,
//! so a sector that never reached the disk (it reads as zeros) is told apart from a header that did. Salt and
//! offset in the checksum make a record valid only where it was written: neither a message that carries
//! a journal in its RawData(96) nor the remains of an older file can pass for one.

use crc32fast::Hasher;

/// Bytes before the payload.
pub(crate) const HEADER_LEN: usize = 24;
/// The longest payload that a record takes.
pub(crate) const MAX_PAYLOAD: usize = (1 << 24) - 1;

/// Bytes before a received message in its record.
pub(crate) const EPOCH_LEN: usize = 8;

const MASK: u8 = 0xA5;

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A sent message; the next number to send is one more.
    Message,
    /// The number expected next from the counterparty.
    NextIn,
    /// The next number to send, set by hand or by a SequenceReset; messages from it on are forgotten.
    NextOut,
    /// A received message, behind its epoch in eight bytes.
    Received,
    /// A report that the engine made itself; the number counts these.
    Own,
    /// A consumer (one byte) has the entries up to the position that is the number.
    Told,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Kind::Message => 1,
            Kind::NextIn => 2,
            Kind::NextOut => 3,
            Kind::Received => 4,
            Kind::Own => 5,
            Kind::Told => 6,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Kind::Message),
            2 => Some(Kind::NextIn),
            3 => Some(Kind::NextOut),
            4 => Some(Kind::Received),
            5 => Some(Kind::Own),
            6 => Some(Kind::Told),
            _ => None,
        }
    }
}

/// Where a record stands; goes into its checksum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The random number of the segment.
    pub(crate) salt: u32,
    /// Offset of the record in the segment.
    pub(crate) offset: u32,
}

/// A record's header whose checksum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    pub(crate) durable_to: u32,
    pub(crate) payload_len: usize,
    header_crc: u32,
    payload_crc: u32,
}

impl Header {
    /// Reads the header at the front of `bytes`; `None` if they are too few or not a header of this place.
    pub(crate) fn read(bytes: &[u8], place: Place) -> Option<Header> {
        let (covered, crcs) = bytes.get(..HEADER_LEN)?.split_first_chunk::<16>()?;
        let header_crc = u32_at(crcs, 0)?;
        if checksum(covered, place) != header_crc {
            return None;
        }
        let mut plain = [0; 16];
        for (plain, stored) in plain.iter_mut().zip(covered) {
            *plain = stored ^ MASK;
        }
        let length_and_kind = u32_at(&plain, 12)?;
        Some(Header {
            kind: Kind::from_code((length_and_kind >> 24) as u8)?,
            number: u64::from(u32_at(&plain, 0)?) | u64::from(u32_at(&plain, 4)?) << 32,
            durable_to: u32_at(&plain, 8)?,
            payload_len: (length_and_kind & 0x00FF_FFFF) as usize,
            header_crc,
            payload_crc: u32_at(crcs, 4)?,
        })
    }

    /// Bytes of the whole record.
    pub(crate) const fn record_len(&self) -> usize {
        HEADER_LEN + self.payload_len
    }

    /// True if `payload` is what was written.
    pub(crate) fn is_payload(&self, payload: &[u8]) -> bool {
        payload.len() == self.payload_len && payload_checksum(self.header_crc, payload) == self.payload_crc
    }
}

/// What a record is to say.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    /// The payload is this and `payload`, together not longer than [`MAX_PAYLOAD`].
    pub(crate) prefix: &'a [u8],
    pub(crate) payload: &'a [u8],
}

impl<'a> Record<'a> {
    pub(crate) const fn new(kind: Kind, number: u64, payload: &'a [u8]) -> Self {
        Record { kind, number, prefix: &[], payload }
    }
}

/// Adds a record to `batch`.
pub(crate) fn push(batch: &mut Vec<u8>, place: Place, durable_to: u32, record: Record<'_>) {
    let Record { kind, number, prefix, payload } = record;
    let payload_len = prefix.len() + payload.len();
    debug_assert!(payload_len <= MAX_PAYLOAD);
    let length_and_kind = u64::from(payload_len as u32 | u32::from(kind.code()) << 24);
    let covered = u128::from(number) | u128::from(u64::from(durable_to) | length_and_kind << 32) << 64;
    let covered = (covered ^ u128::from_le_bytes([MASK; 16])).to_le_bytes();
    let mut hasher = header_hasher(&covered, place);
    let mut header = [0; HEADER_LEN];
    header[..16].copy_from_slice(&covered);
    header[16..20].copy_from_slice(&hasher.clone().finalize().to_le_bytes());
    batch.extend_from_slice(&header);
    let crc_at = batch.len() - 4;
    if !prefix.is_empty() {
        batch.extend_from_slice(prefix);
    }
    batch.extend_from_slice(payload);
    // In one piece, as above. It goes on from the checksum of the header.
    if let Some((crc, whole)) = batch.get_mut(crc_at..).and_then(<[u8]>::split_first_chunk_mut) {
        hasher.update(whole);
        *crc = hasher.finalize().to_le_bytes();
    }
}

fn checksum(covered: &[u8; 16], place: Place) -> u32 {
    header_hasher(covered, place).finalize()
}

fn header_hasher(covered: &[u8; 16], place: Place) -> Hasher {
    // In one piece: what a checksum costs of so few bytes is its beginning.
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&place.offset.to_le_bytes());
    bytes[4..].copy_from_slice(covered);
    let mut hasher = Hasher::new_with_initial(place.salt);
    hasher.update(&bytes);
    hasher
}

fn payload_checksum(header_crc: u32, payload: &[u8]) -> u32 {
    if payload.is_empty() {
        return header_crc;
    }
    let mut hasher = Hasher::new_with_initial(header_crc);
    hasher.update(payload);
    hasher.finalize()
}

/// The little-endian number at `offset`.
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(offset..)?.first_chunk().copied()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { salt: 7, offset: 300 };

    fn record() -> Vec<u8> {
        let mut bytes = Vec::new();
        let record = Record { prefix: b"8=", ..Record::new(Kind::Message, u64::MAX - 1, b"FIX.4.4\x01") };
        push(&mut bytes, PLACE, 200, record);
        bytes
    }

    #[test]
    fn a_record_reads_back() {
        let bytes = record();
        let header = Header::read(&bytes, PLACE).unwrap();
        assert_eq!((header.kind, header.number, header.durable_to), (Kind::Message, u64::MAX - 1, 200));
        assert_eq!(header.record_len(), bytes.len());
        assert!(header.is_payload(b"8=FIX.4.4\x01"));
    }

    #[test]
    fn every_single_bit_counts() {
        let good = record();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let intact =
                Header::read(&bytes, PLACE).is_some_and(|header| header.is_payload(&bytes[HEADER_LEN..]));
            assert!(!intact, "bit {bit}");
        }
    }

    #[test]
    fn a_record_is_valid_only_where_it_was_written() {
        let bytes = record();
        assert_eq!(Header::read(&bytes, Place { salt: 8, ..PLACE }), None);
        assert_eq!(Header::read(&bytes, Place { offset: 301, ..PLACE }), None);
    }
}
