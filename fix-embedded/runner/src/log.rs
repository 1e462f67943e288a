//! What the firmware logs: defmt's frames, which only its own ELF file can turn into words.

use std::{
    fs,
    path::{Path, PathBuf},
};

use defmt_decoder::{DecodeError, Table};

/// The log of one image.
pub struct Log {
    table: Table,
    file: PathBuf,
}

impl Log {
    /// Of `image`, which writes its frames into `file`.
    ///
    /// # Errors
    /// If the image is no ELF file with defmt's table.
    pub fn new(image: &Path, file: PathBuf) -> Result<Self, String> {
        let bytes = fs::read(image).map_err(|error| format!("{}: {error}", image.display()))?;
        let table = Table::parse(&bytes).map_err(|error| format!("{}: {error}", image.display()))?;
        let table = table.ok_or_else(|| format!("{}: no defmt in it", image.display()))?;
        Ok(Log { table, file })
    }

    /// All lines so far: `SECONDS LEVEL words`. The last frame is left out while it is incomplete.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        // Not there before the emulator has begun.
        let bytes = fs::read(&self.file).unwrap_or_default();
        let mut decoder = self.table.new_stream_decoder();
        decoder.received(&bytes);
        let mut lines = Vec::new();
        loop {
            match decoder.decode() {
                Ok(frame) => lines.push(frame.display(false).to_string()),
                Err(DecodeError::UnexpectedEof) => return lines,
                Err(DecodeError::Malformed) => lines.push("(a frame that is none)".into()),
            }
        }
    }

    /// The first line with `words`.
    #[must_use]
    pub fn find(&self, words: &str) -> Option<String> {
        self.lines().into_iter().find(|line| line.contains(words))
    }
}
