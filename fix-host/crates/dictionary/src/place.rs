//! Line and column of places in a file.

use std::sync::Arc;

use crate::error::At;

/// Tells line and column of ascending offsets in time that grows with the length of the text only, however long
/// its lines are.
pub(crate) struct Cursor<'a> {
    file: Arc<str>,
    bytes: &'a [u8],
    offset: usize,
    line: u32,
    column: u32,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(file: &str, bytes: &'a [u8]) -> Self {
        Cursor { file: file.into(), bytes, offset: 0, line: 1, column: 1 }
    }

    /// The place of a byte. One before the last place asked for is looked for from the start.
    pub(crate) fn at(&mut self, offset: usize) -> At {
        if offset < self.offset {
            (self.offset, self.line, self.column) = (0, 1, 1);
        }
        for byte in &self.bytes[self.offset.min(self.bytes.len())..offset.min(self.bytes.len())] {
            match byte {
                b'\n' => (self.line, self.column) = (self.line.saturating_add(1), 1),
                // What continues a character of UTF-8 is no column of its own.
                0x80..0xc0 => {}
                _ => self.column = self.column.saturating_add(1),
            }
        }
        self.offset = offset;
        At { file: self.file.clone(), line: self.line, column: self.column }
    }
}
