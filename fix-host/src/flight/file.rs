//! The file that is written, and the one before it.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use fix_core::flight::block::{MAX_PAYLOAD, OVERHEAD, head, tail};

/// `FILE`, and `FILE.1`: what was `FILE` before the recording began again.
pub(super) struct FlightFile {
    path: PathBuf,
    file: File,
    number: u32,
}

impl FlightFile {
    /// An empty file; what is there under the name becomes `FILE.1`.
    ///
    /// # Errors
    /// The file cannot be made, or another engine writes it.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        if let Ok(other) = File::open(path) {
            other.try_lock().map_err(|_| io::Error::other("another session writes it"))?;
            if other.metadata()?.len() > 0 {
                fs::rename(path, before(path))?;
            }
        }
        Self::open(path)
    }

    fn open(path: &Path) -> io::Result<Self> {
        // Orders are in it: nobody else reads it.
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.try_lock().map_err(|_| io::Error::other("another session writes it"))?;
        Ok(FlightFile { path: path.to_owned(), file, number: 0 })
    }

    /// The recording begins again in an empty file.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn turn(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() > 0 {
            fs::rename(&self.path, before(&self.path))?;
            *self = Self::open(&self.path)?;
        }
        Ok(())
    }

    /// Writes entries, with a Start in front of them if they are the first of the file. Returns the bytes that they take.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn write(&mut self, entries: &[u8]) -> io::Result<u64> {
        let mut blocks = Vec::with_capacity(entries.len() + OVERHEAD);
        for payload in entries.chunks(MAX_PAYLOAD) {
            let start = (self.number == 0).then_some(0);
            let head = head(self.number, payload.len() as u16, start);
            blocks.extend_from_slice(&head);
            blocks.extend_from_slice(payload);
            blocks.extend_from_slice(&tail(&head, payload));
            self.number = self.number.wrapping_add(1);
        }
        self.file.write_all(&blocks)?;
        Ok(blocks.len() as u64)
    }
}

fn before(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".1");
    name.into()
}
