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

    /// These bytes were appended to the file at `offset`. A window that has all before them shows them too: whoever reads
    /// on reads them from memory. One that was never read from stays empty, and takes no memory.
    pub(crate) fn follow(&mut self, offset: u64, bytes: &[u8]) {
        let is_next = self.filled == 0 || self.start.saturating_add(self.filled as u64) == offset;
        if !is_next || bytes.len() > self.buffer.len() {
            return;
        }
        if self.filled == 0 || self.filled.saturating_add(bytes.len()) > self.buffer.len() {
            (self.start, self.filled) = (offset, 0);
        }
        if let Some(room) = self.buffer.get_mut(self.filled..self.filled.saturating_add(bytes.len())) {
            room.copy_from_slice(bytes);
            self.filled += bytes.len();
        }
    }

    fn held(&self, offset: u64) -> Option<&[u8]> {
        self.buffer.get(usize::try_from(offset.checked_sub(self.start)?).ok()?..self.filled)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::{Cell, RefCell},
        io,
    };

    use super::*;

    /// Counts how often it is read.
    #[derive(Default)]
    struct Counted {
        bytes: RefCell<Vec<u8>>,
        reads: Cell<usize>,
    }

    impl DiskFile for Counted {
        fn length(&self) -> io::Result<u64> {
            Ok(self.bytes.borrow().len() as u64)
        }

        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            self.reads.set(self.reads.get() + 1);
            let bytes = self.bytes.borrow();
            let rest = bytes.get(offset as usize..).unwrap_or_default();
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }

        fn write_all_at(&mut self, _: &[u8], _: u64) -> io::Result<()> {
            Ok(())
        }

        fn set_length(&mut self, _: u64) -> io::Result<()> {
            Ok(())
        }

        fn lock(&self) -> io::Result<bool> {
            Ok(true)
        }

        fn unlock(&self) {}

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_appended_behind_what_was_read_is_read_from_memory() {
        let (file, mut window) = (Counted::default(), Window::new(64));
        let append = |window: &mut Window, len: usize| {
            let offset = file.bytes.borrow().len();
            let new: Vec<u8> = (offset..offset + len).map(|at| at as u8).collect();
            file.bytes.borrow_mut().extend_from_slice(&new);
            window.follow(offset as u64, &new);
        };
        append(&mut window, 10);
        assert_eq!(window.buffer.capacity(), 0, "nobody reads, so nothing is kept");
        let (mut at, mut is_behind) = (0, true);
        for len in [3, 20, 30, 17, 1, 64, 65, 9, 40] {
            let reads = file.reads.get();
            append(&mut window, len);
            while at < file.bytes.borrow().len() {
                assert_eq!(window.get(&file, at as u64, 1).unwrap(), [at as u8]);
                at += 1;
            }
            // Only what is larger than the window is read from the file, and the first.
            is_behind |= len > 64;
            assert_eq!(file.reads.get() > reads, is_behind, "{len} bytes");
            is_behind = false;
        }
    }

    #[test]
    fn who_is_behind_goes_on_in_the_file() {
        let (file, mut window) = (Counted::default(), Window::new(8));
        file.bytes.borrow_mut().extend(0..20);
        assert_eq!(window.get(&file, 0, 8).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
        file.bytes.borrow_mut().extend(20..24);
        window.follow(20, &[20, 21, 22, 23]);
        for at in 8..24 {
            assert_eq!(window.get(&file, at, 1).unwrap(), [at as u8]);
        }
    }
}
