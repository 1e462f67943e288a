//! Reading what can be read of a damaged segment.

use std::io;

use super::{
    disk::DiskFile,
    record::{HEADER_LEN, Header},
    segment::intact_record,
    window::Window,
};

/// A stretch of a segment.
pub(crate) enum Piece<'a> {
    /// An intact record and its payload.
    Record(&'a Header, u32, &'a [u8]),
    /// Bytes that are no record, from the first to the one behind the last.
    Damage(u64, u64),
}

/// Visits the pieces between `from` and `to` in order. Behind damage it goes on at the next intact record: salt and
/// offset in the checksum keep it from taking anything else for one.
pub(crate) fn salvage(
    file: &impl DiskFile,
    window: &mut Window,
    salt: u32,
    from: u64,
    to: u64,
    visit: &mut dyn FnMut(Piece<'_>),
) -> io::Result<()> {
    let (mut at, mut damaged_from) = (from, None);
    while at < to {
        let Some(header) = intact_record(file, window, salt, at, to)? else {
            damaged_from.get_or_insert(at);
            at += 1;
            continue;
        };
        if let Some(from) = damaged_from.take() {
            visit(Piece::Damage(from, at));
        }
        let payload = window.get(file, at + HEADER_LEN as u64, header.payload_len)?;
        visit(Piece::Record(&header, at as u32, payload));
        at += header.record_len() as u64;
    }
    if let Some(from) = damaged_from {
        visit(Piece::Damage(from, to));
    }
    Ok(())
}
