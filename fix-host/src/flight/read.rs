//! A recording as it stands in a file.

use std::{fs, io, path::Path};

use fix_core::flight::{Gap, Joined};

/// The entries of a file, from the first Start on.
#[derive(Debug, PartialEq, Eq)]
pub struct Recording {
    /// Without the blocks around them.
    pub entries: Vec<u8>,
    /// What is behind them and cannot be read.
    pub gap: Option<Gap>,
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// The system's.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(Self::parse(&fs::read(path)?))
    }

    /// Of the bytes of a file, or of a board's ring.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let (mut entries, mut gap) = (Vec::new(), None);
        for piece in Joined::new(bytes) {
            match piece {
                Ok(piece) => entries.extend_from_slice(piece),
                Err(found) => gap = Some(found),
            }
        }
        Recording { entries, gap }
    }
}
