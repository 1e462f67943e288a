//! Numbers and texts in a few bytes, there and back, for notes.

/// Writes into a buffer; what finds no room is remembered.
pub(crate) struct Put<'b> {
    buffer: &'b mut [u8],
    len: Option<usize>,
}

impl<'b> Put<'b> {
    pub(crate) fn new(buffer: &'b mut [u8]) -> Self {
        Put { buffer, len: Some(0) }
    }

    #[inline(never)]
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.len = self.len.and_then(|len| {
            let end = len.checked_add(bytes.len())?;
            self.buffer.get_mut(len..end)?.copy_from_slice(bytes);
            Some(end)
        });
        self
    }

    pub(crate) fn u8(self, value: u8) -> Self {
        self.bytes(&[value])
    }

    pub(crate) fn u64(self, value: u64) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Up to 255 bytes, their number in front.
    pub(crate) fn text(self, text: &str) -> Self {
        match u8::try_from(text.len()) {
            Ok(len) => self.u8(len).bytes(text.as_bytes()),
            Err(_) => Put { len: None, ..self },
        }
    }

    /// How many bytes; `None` if they found no room.
    pub(crate) fn len(self) -> Option<usize> {
        self.len
    }
}

/// Reads what [`Put`] wrote.
pub(crate) struct Take<'b>(pub(crate) &'b [u8]);

impl<'b> Take<'b> {
    pub(crate) fn bytes(&mut self, len: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*bytes))
    }

    pub(crate) fn text(&mut self) -> Option<&'b str> {
        let len = self.u8()?;
        core::str::from_utf8(self.bytes(len.into())?).ok()
    }
}
