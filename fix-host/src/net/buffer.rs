//! The byte buffers of a session.

use std::io;

use memmap2::MmapMut;

/// Zeroed memory straight from the system, which spends none on a page before it is written to. A heap gives
/// large blocks that it has to clear first, and a session that is idle would pay for bytes it never uses.
pub struct Buffer(MmapMut);

impl Buffer {
    /// A buffer of `len` bytes.
    ///
    /// # Errors
    /// The system has no more address space or maps.
    pub fn new(len: usize) -> io::Result<Self> {
        MmapMut::map_anon(len).map(Buffer)
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
