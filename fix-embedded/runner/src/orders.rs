//! The line for orders, as a trading program at the other end of the UART uses it: each line with its sum.

use std::{
    io::{self, BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use crate::process::wait_for;

/// The line, with all that came from the board so far.
pub struct Orders {
    stream: UnixStream,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Orders {
    /// Reads `stream` from now on.
    ///
    /// # Errors
    /// If the operating system allows no second handle.
    pub fn new(stream: UnixStream) -> Result<Self, String> {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (reader, read) = (stream.try_clone().map_err(line_error)?, Arc::clone(&lines));
        thread::spawn(move || {
            // Ends with the emulator.
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                locked(&read).push(line);
            }
        });
        Ok(Orders { stream, lines })
    }

    /// Sends a line, with its sum.
    ///
    /// # Errors
    /// If the emulator is gone.
    pub fn send(&mut self, line: &str) -> Result<(), String> {
        self.send_bytes(format!("{line} *{:04X}\n", crc(line.as_bytes())).as_bytes())
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// If the emulator is gone.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.stream.write_all(bytes).map_err(line_error)
    }

    /// All lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        locked(&self.lines).clone()
    }

    /// How many lines so far have `words`.
    #[must_use]
    pub fn count(&self, words: &str) -> usize {
        locked(&self.lines).iter().filter(|line| line.contains(words)).count()
    }

    /// Waits until `count` lines have `words`.
    ///
    /// # Errors
    /// The last lines, if they do not come within `seconds`.
    pub fn wait(&self, words: &str, count: usize, seconds: u64) -> Result<(), String> {
        let is_there = || (self.count(words) >= count).then_some(());
        wait_for(words, Duration::from_secs(seconds), is_there).map_err(|late| {
            let lines = self.lines();
            let last = lines.len().saturating_sub(20);
            format!("{late}: {} of {count}; the last lines:\n{}", self.count(words), lines[last..].join("\n"))
        })
    }
}

fn locked(lines: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

fn line_error(error: io::Error) -> String {
    format!("the line for orders: {error}")
}

/// CRC-16/CCITT-FALSE.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(
            sum ^ u16::from(*byte) << 8,
            |sum, _| {
                if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sum_is_that_of_its_catalogue_entry() {
        assert_eq!(super::crc(b"123456789"), 0x29B1);
    }
}
