//! Looking into a journal without changing it, even while an engine writes it.

use std::{collections::BTreeMap, path::Path};

use fix_core::{store::StoreError, time::UtcTimestamp};

use super::{
    disk::{Directory, Disk},
    error::OpenError,
    listing::Listing,
    name::SessionName,
    reader::{Reader, Tail},
    record::{EPOCH_LEN, Kind},
    recovery::{self, Found, Recovered},
    segment::{self, HeaderRead, SegmentHeader},
    window::Window,
};

/// A journal opened for reading only. It takes no lock and repairs nothing.
pub struct Inspection<D: Disk = Directory> {
    disk: D,
    name: SessionName,
    found: Found<D::File>,
    reader: Reader<D::File>,
}

impl Inspection {
    /// Reads the journal of `name` in `directory` and checks every byte of it.
    ///
    /// # Errors
    /// [`OpenError`], the first damage found.
    pub fn open(directory: &Path, name: &SessionName) -> Result<Self, OpenError> {
        Self::open_on(existing(directory)?, name)
    }
}

impl<D: Disk> Inspection<D> {
    /// As [`open`](Inspection::open), on any [`Disk`].
    ///
    /// # Errors
    /// [`OpenError`], the first damage found.
    pub fn open_on(disk: D, name: &SessionName) -> Result<Self, OpenError> {
        let listing = Listing::read(&disk).map_err(|source| OpenError::Io {
            path: disk.path(""),
            operation: "list the directory",
            source,
        })?;
        let found = recovery::examine(&disk, name, listing.segments(name))?;
        Ok(Inspection { disk, name: name.clone(), found, reader: Reader::default() })
    }

    /// The number expected next from the counterparty.
    pub fn next_in(&self) -> Option<u64> {
        self.found.numbers.next_in
    }

    /// The next number to send.
    pub fn next_out(&self) -> u64 {
        self.found.numbers.next_out
    }

    /// When the session's numbers last began at 1.
    pub fn creation_time(&self) -> Option<UtcTimestamp> {
        self.found.numbers.creation_time
    }

    /// Messages, files and bytes, and the torn tail if a crash left one.
    pub fn recovered(&self) -> &Recovered {
        &self.found.recovered
    }

    /// Copies message `number` to the front of `buffer`; `None` if it is not kept.
    ///
    /// # Errors
    /// As [`MessageStore::read`](fix_core::store::MessageStore::read).
    pub fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        let Some(active) = &self.found.active else { return Ok(None) };
        let Some(near) = self.found.index.floor(number).filter(|_| number < self.found.numbers.next_out)
        else {
            return Ok(None);
        };
        let tail = Tail {
            segment: active.header.segment,
            salt: active.header.salt,
            file: &active.file,
            written: active.len,
            batch: &[],
        };
        self.reader.read(&self.disk, &self.name, &tail, near, number, buffer)
    }
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the counterparty.
    Sent,
    /// From the counterparty.
    Received,
}

impl<D: Disk> Inspection<D> {
    /// Visits every message that the files still hold, in the order in which it was stored: those sent, also of
    /// before a reset or under a number that was set back, and those received and delivered.
    ///
    /// # Errors
    /// What the file system says, or `visit`.
    pub fn for_each_message<E: From<std::io::Error>>(
        &self,
        mut visit: impl FnMut(Way, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut window = Window::new(128 * 1024);
        for link in self.found.chain.links() {
            let file = self.disk.open(&segment::file_name(&self.name, link.segment))?;
            let HeaderRead::Intact(header, records_at) = SegmentHeader::read(&file, &self.name)? else {
                return Err(std::io::Error::from(std::io::ErrorKind::InvalidData).into());
            };
            window.forget();
            let mut outcome = Ok(());
            segment::scan(&file, &mut window, header.salt, records_at, link.len, |_, record, payload| {
                let message = match record.kind {
                    Kind::Message => Some((Way::Sent, payload)),
                    Kind::Received => payload.get(EPOCH_LEN..).map(|message| (Way::Received, message)),
                    _ => None,
                };
                if let (Some((way, message)), Ok(())) = (message, &outcome) {
                    outcome = visit(way, message);
                }
            })?;
            outcome?;
        }
        Ok(())
    }
}

/// The sessions that have a journal in `directory`, in the order of their file names.
///
/// # Errors
/// [`OpenError::Io`].
pub fn sessions(directory: &Path) -> Result<Vec<SessionName>, OpenError> {
    let disk = existing(directory)?;
    let io = |file: &str, operation, source| OpenError::Io { path: disk.path(file), operation, source };
    let mut found: BTreeMap<String, Option<SessionName>> = BTreeMap::new();
    for file_name in disk.list().map_err(|source| io("", "list the directory", source))? {
        let Some((stem, _)) = segment::parts_of(&file_name) else { continue };
        let name = found.entry(stem.to_owned()).or_default();
        if name.is_none() {
            let file = disk.open(&file_name).map_err(|source| io(&file_name, "open the file", source))?;
            let identity =
                segment::identity_of(&file).map_err(|source| io(&file_name, "read the file", source))?;
            *name = identity
                .and_then(|identity| SessionName::from_identity(&identity))
                .filter(|name| name.file_stem() == stem);
        }
    }
    let named = |(stem, name): (String, Option<SessionName>)| {
        name.unwrap_or_else(|| SessionName::unidentified(&stem))
    };
    Ok(found.into_iter().map(named).collect())
}

fn existing(directory: &Path) -> Result<Directory, OpenError> {
    Directory::existing(directory).map_err(|source| OpenError::Io {
        path: directory.to_owned(),
        operation: "open the directory",
        source,
    })
}
