//! The byte buffers of a session.

use std::io;

use memmap2::{Advice, MmapMut, MmapOptions};

/// Zeroed memory straight from the system, which spends none on a page before it is written to. A heap gives
/// large blocks that it has to clear first, and a session that is idle would pay for bytes it never uses.
pub struct Buffer(MmapMut);

impl Buffer {
    /// A buffer of `len` bytes.
    ///
    /// # Errors
    /// The system has no more address space or maps.
    pub fn new(len: usize) -> io::Result<Self> {
        let map = MmapOptions::new().len(len).no_reserve_swap().map_anon()?;
        // Otherwise the first byte may take two mebibytes. A kernel without large pages does not know the word.
        let _ = map.advise(Advice::NoHugePage);
        Ok(Buffer(map))
    }

    /// Gives the memory back: the buffer is as it was made. Its bytes are lost.
    pub fn renew(&mut self) {
        // Where the system has no map to spare the old one serves on.
        if let Ok(fresh) = Buffer::new(self.0.len()) {
            *self = fresh;
        }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
