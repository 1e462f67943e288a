//! An answer as lines, as they come.

use std::time::Duration;

use super::http::{Http, HttpError, Pieces};

/// The lines of an answer without end.
pub(super) struct Lines {
    pieces: Pieces,
    /// What came behind the last line that was given out.
    rest: Vec<u8>,
}

impl Lines {
    pub(super) fn new(pieces: Pieces) -> Self {
        Lines { pieces, rest: Vec::new() }
    }

    /// The next line, if its bytes never let wait longer than `longest`; `None` at the end.
    pub(super) fn next(&mut self, http: &Http, longest: Duration) -> Option<Result<Vec<u8>, HttpError>> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.rest) {
                return Some(Ok(self.rest.drain(..=end).collect()));
            }
            match http.next(&mut self.pieces, longest) {
                Some(Ok(piece)) => self.rest.extend_from_slice(&piece),
                Some(Err(error)) => return Some(Err(error)),
                None if self.rest.is_empty() => return None,
                None => return Some(Ok(std::mem::take(&mut self.rest))),
            }
        }
    }
}
