//! Reading messages back for a resend.

use std::io;

use fix_core::store::StoreError;

use super::{
    disk::Disk,
    index::Entry,
    name::SessionName,
    record::{HEADER_LEN, Header, Kind, Place},
    segment::{self, HeaderRead, SegmentHeader},
    window::Window,
};

/// Bytes read at once. A resend of a long range then costs one system call for about 150 messages.
const READ_AHEAD: usize = 32 * 1024;

/// The end of the journal, which is partly in memory.
pub(crate) struct Tail<'s, F> {
    pub(crate) segment: u32,
    pub(crate) salt: u32,
    pub(crate) file: &'s F,
    pub(crate) written: u64,
    pub(crate) batch: &'s [u8],
}

/// Remembers where it read last, so that a resend in order searches nothing.
pub(crate) struct Reader<F> {
    window: Window,
    /// The segment that the window shows, with its file and salt if it is no longer the last one.
    segment: u32,
    sealed: Option<(F, u32)>,
    /// Where the message after the last one read is likely to be.
    position: Option<Entry>,
}

impl<F> Default for Reader<F> {
    fn default() -> Self {
        Reader { window: Window::new(READ_AHEAD), segment: 0, sealed: None, position: None }
    }
}

impl<F: super::disk::DiskFile> Reader<F> {
    /// Forgets where it read last; needed when numbers begin to mean other messages.
    pub(crate) fn forget_position(&mut self) {
        self.position = None;
    }

    /// Copies message `number` into `buffer`, walking the records from `near`, which is at or before it.
    pub(crate) fn read<D: Disk<File = F>>(
        &mut self,
        disk: &D,
        name: &SessionName,
        tail: &Tail<'_, F>,
        near: Entry,
        number: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, StoreError> {
        let nearer = self.position.filter(|at| at.number <= number && at.number > near.number);
        let mut at = nearer.unwrap_or(near);
        self.show(disk, name, tail, at.segment)?;
        loop {
            let Some(header) = self.header(tail, at)? else { return Ok(None) };
            let next = Entry { offset: at.offset.saturating_add(header.record_len() as u32), ..at };
            match header.kind {
                Kind::Message if header.number == number => {
                    let length = self.payload(tail, at, &header, buffer)?;
                    self.position = Some(Entry { number: number.saturating_add(1), ..next });
                    return Ok(Some(length));
                }
                Kind::Message if header.number > number => return Ok(None),
                // Beyond it stand other messages under the same numbers, and they have an entry of their own.
                Kind::NextOut => return Ok(None),
                Kind::Message | Kind::NextIn | Kind::Received | Kind::Own | Kind::Told => at = next,
            }
        }
    }

    /// These bytes were written to `segment`, the last one, at `offset`.
    pub(crate) fn follow(&mut self, segment: u32, offset: u64, bytes: &[u8]) {
        if self.segment == segment && self.sealed.is_none() {
            self.window.follow(offset, bytes);
        }
    }

    /// Makes the window show `segment`.
    pub(crate) fn show<D: Disk<File = F>>(
        &mut self,
        disk: &D,
        name: &SessionName,
        tail: &Tail<'_, F>,
        segment: u32,
    ) -> Result<(), StoreError> {
        if self.segment != segment || self.sealed.is_some() == (segment == tail.segment) {
            self.window.forget();
            self.sealed = None;
            self.segment = segment;
            if segment != tail.segment {
                let file = disk.open(&segment::file_name(name, segment)).map_err(read_failed)?;
                let HeaderRead::Intact(header, _) = SegmentHeader::read(&file, name).map_err(read_failed)?
                else {
                    return Err(StoreError::Corrupt("a segment's header"));
                };
                self.sealed = Some((file, header.salt));
            }
        }
        Ok(())
    }

    /// The header of the record at `at`; `None` at the end of the segment.
    pub(crate) fn header(&mut self, tail: &Tail<'_, F>, at: Entry) -> Result<Option<Header>, StoreError> {
        let salt = self.sealed.as_ref().map_or(tail.salt, |(_, salt)| *salt);
        let bytes = self.bytes(tail, at.offset.into(), HEADER_LEN)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let header = Header::read(bytes, Place { salt, offset: at.offset });
        header.map(Some).ok_or(StoreError::Corrupt("a record of the journal"))
    }

    /// Copies the payload of the record at `at` to the front of `buffer`.
    pub(crate) fn payload(
        &mut self,
        tail: &Tail<'_, F>,
        at: Entry,
        header: &Header,
        buffer: &mut [u8],
    ) -> Result<usize, StoreError> {
        let room = buffer.get_mut(..header.payload_len).ok_or(StoreError::TooLarge)?;
        let payload = self.bytes(tail, u64::from(at.offset) + HEADER_LEN as u64, header.payload_len)?;
        if !header.is_payload(payload) {
            return Err(StoreError::Corrupt("a message in the journal"));
        }
        room.copy_from_slice(payload);
        Ok(header.payload_len)
    }

    fn bytes<'s>(
        &'s mut self,
        tail: &'s Tail<'_, F>,
        offset: u64,
        len: usize,
    ) -> Result<&'s [u8], StoreError> {
        if let Some((file, _)) = &self.sealed {
            return self.window.get(file, offset, len).map_err(read_failed);
        }
        match offset.checked_sub(tail.written) {
            Some(in_batch) => {
                let rest =
                    usize::try_from(in_batch).ok().and_then(|at| tail.batch.get(at..)).unwrap_or_default();
                Ok(rest.get(..len).unwrap_or(rest))
            }
            None => self.window.get(tail.file, offset, len).map_err(read_failed),
        }
    }
}

fn read_failed(error: io::Error) -> StoreError {
    tracing::error!("message store: cannot read a stored message: {error}");
    StoreError::Io("reading a stored message")
}
