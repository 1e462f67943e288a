//! A file that grows, read as `tail -F` reads it.

use std::{
    fs::{self, File},
    io::{self, Read, Seek},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// How often the file is looked at when nothing more is in it.
const PAUSE: Duration = Duration::from_millis(200);

/// Reads a file, and what is appended to it, without end: a new file of the same name too, as rotation makes it.
pub(super) struct Follow {
    path: PathBuf,
    file: File,
    read: u64,
}

impl Follow {
    pub(super) fn new(path: &Path, file: File) -> Self {
        Follow { path: path.to_owned(), file, read: 0 }
    }

    /// Goes on with the beginning, if the file was cut, or with the new file of its name.
    fn look_again(&mut self) -> io::Result<()> {
        let own = self.file.metadata()?;
        if own.len() < self.read {
            self.file.rewind()?;
            self.read = 0;
            return Ok(());
        }
        // While there is none, as during a rotation, the old one is all there is.
        let Ok(current) = fs::metadata(&self.path) else { return Ok(()) };
        let is_drained = own.len() == self.read;
        if is_drained && (current.dev(), current.ino()) != (own.dev(), own.ino()) {
            self.file = File::open(&self.path)?;
            self.read = 0;
        }
        Ok(())
    }
}

impl Read for Follow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.file.read(into)?;
            if read > 0 {
                self.read += read as u64;
                return Ok(read);
            }
            thread::sleep(PAUSE);
            self.look_again()?;
        }
    }
}
