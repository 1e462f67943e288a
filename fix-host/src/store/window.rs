//! Reading a file through one buffer.

use std::io;

use super::disk::DiskFile;

/// A part of a file that was read last. Valid as long as the file is only appended to.
pub(crate) struct Window {
    start: u64,
    /// Grows to what is read at once and keeps that length; only the first `filled` bytes are of the file.
    buffer: Vec<u8>,
    filled: usize,
    read_ahead: usize,
}

impl Window {
    /// A window that reads `read_ahead` bytes at once, or more when more is asked for.
    pub(crate) const fn new(read_ahead: usize) -> Self {
        Window { start: 0, buffer: Vec::new(), filled: 0, read_ahead }
    }

    /// Forgets what was read; the next bytes asked for are of another file.
    pub(crate) fn forget(&mut self) {
        self.filled = 0;
    }

    /// The `len` bytes at `offset`; fewer at the end of the file.
    pub(crate) fn get(&mut self, file: &impl DiskFile, offset: u64, len: usize) -> io::Result<&[u8]> {
        if self.held(offset).is_none_or(|held| held.len() < len) {
            self.filled = 0;
            if self.buffer.len() < self.read_ahead.max(len) {
                self.buffer.resize(self.read_ahead.max(len), 0);
            }
            self.filled = file.read_at(&mut self.buffer, offset)?;
            self.start = offset;
        }
        let held = self.held(offset).unwrap_or_default();
        Ok(held.get(..len).unwrap_or(held))
    }

    fn held(&self, offset: u64) -> Option<&[u8]> {
        self.buffer.get(usize::try_from(offset.checked_sub(self.start)?).ok()?..self.filled)
    }
}
