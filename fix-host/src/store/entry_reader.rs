//! Reading entries one by one, in order.

use fix_core::store::StoreError;

use super::{
    chain::{Chain, Link},
    disk::{Disk, DiskFile},
    entries::{Content, Entry, Position},
    index,
    name::SessionName,
    reader::{Reader, Tail},
    record::{Header, Kind},
};

/// Remembers where it read last, so that whoever reads on searches nothing.
pub(crate) struct EntryReader<F> {
    reader: Reader<F>,
    /// The entry that was asked for last, and the record from which on the one after it is looked for.
    found: Option<(Position, index::Entry)>,
}

impl<F> Default for EntryReader<F> {
    fn default() -> Self {
        EntryReader { reader: Reader::default(), found: None }
    }
}

impl<F: DiskFile> EntryReader<F> {
    /// These bytes were written to `segment`, the last one, at `offset`: who reads on needs no system call for them.
    pub(crate) fn follow(&mut self, segment: u32, offset: u64, bytes: &[u8]) {
        self.reader.follow(segment, offset, bytes);
    }

    /// The first entry after `after`, in `buffer`.
    pub(crate) fn next<'b, D: Disk<File = F>>(
        &mut self,
        disk: &D,
        name: &SessionName,
        chain: &Chain,
        tail: &Tail<'_, F>,
        after: Position,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>, StoreError> {
        let Some(mut link) = self.link_of(chain, after) else { return Ok(None) };
        let mut at = match self.found {
            Some((position, at)) if position == after && at.segment == link.segment => at,
            _ => self.behind(disk, name, tail, link, after)?,
        };
        loop {
            self.reader.show(disk, name, tail, at.segment)?;
            let Some(header) = self.reader.header(tail, at)? else {
                let following = at.segment.checked_add(1).and_then(|next| chain.at_or_after(next));
                let Some(next) = following.filter(|_| at.segment != tail.segment) else {
                    self.found = Some((after, at));
                    return Ok(None);
                };
                link = next;
                at = front(link);
                continue;
            };
            if matches!(header.kind, Kind::Received | Kind::Own) {
                buffer.resize(header.payload_len, 0);
                self.reader.payload(tail, at, &header, buffer)?;
                let position = Position::of_record(at.segment, at.offset);
                self.found = Some((position, behind(at, &header)));
                return entry(position, &header, buffer).map(Some);
            }
            at = behind(at, &header);
        }
    }

    /// The segment in which the search begins.
    fn link_of(&self, chain: &Chain, after: Position) -> Option<Link> {
        let segment = match self.found {
            Some((position, at)) if position == after => at.segment,
            _ => after.segment(),
        };
        chain.at_or_after(segment)
    }

    /// The record behind the entry `after`; the first of `link` if that entry's segment is gone.
    fn behind<D: Disk<File = F>>(
        &mut self,
        disk: &D,
        name: &SessionName,
        tail: &Tail<'_, F>,
        link: Link,
        after: Position,
    ) -> Result<index::Entry, StoreError> {
        if after.segment() != link.segment || after.offset() < link.records_at {
            return Ok(front(link));
        }
        let at = index::Entry { number: 0, segment: link.segment, offset: after.offset() };
        self.reader.show(disk, name, tail, at.segment)?;
        Ok(self.reader.header(tail, at)?.map_or(at, |header| behind(at, &header)))
    }
}

const fn front(link: Link) -> index::Entry {
    index::Entry { number: 0, segment: link.segment, offset: link.records_at }
}

fn behind(at: index::Entry, header: &Header) -> index::Entry {
    index::Entry { offset: at.offset.saturating_add(header.record_len() as u32), ..at }
}

fn entry<'b>(position: Position, header: &Header, payload: &'b [u8]) -> Result<Entry<'b>, StoreError> {
    let content = match header.kind {
        Kind::Own => Content::Own { number: header.number, report: payload },
        _ => {
            let (epoch, message) = payload
                .split_first_chunk()
                .ok_or(StoreError::Corrupt("a received message in the journal"))?;
            Content::Received { epoch: u64::from_le_bytes(*epoch), msg_seq_num: header.number, message }
        }
    };
    Ok(Entry { position, content })
}
