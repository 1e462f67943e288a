//! Lines from the host: read byte by byte, in order, never more than find room.
//!
//! The README has the words, the fields that each takes, and the answers.

use core::cell::Cell;

use embassy_sync::{blocking_mutex::raw::NoopRawMutex, channel::Channel};
use embassy_time::{Duration, Instant, Timer};
use embedded_io_async::Read;
use heapless::Vec;

pub mod line;
mod terms;

pub use line::{LineError, Request, Word};

/// The most bytes of a line, without what ends it.
pub const LINE: usize = 224;
/// Lines that wait for the session's loop; then the host has to wait: nothing more is read.
const DEPTH: usize = 4;
/// How long an intake that ended or failed is left alone.
const PAUSE: Duration = Duration::from_millis(20);

/// A line as it came, or why there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) bytes: Vec<u8, LINE, u8>,
    pub(crate) fault: Option<LineError>,
}

/// What came from the host and waits.
pub struct Intake {
    lines: Channel<NoopRawMutex, Line, DEPTH>,
    /// When a good line came last; `None` before the first one. Noise on the line is no sign of life.
    heard: Cell<Option<Instant>>,
}

impl Intake {
    /// Nothing came yet.
    pub const fn new() -> Self {
        Intake { lines: Channel::new(), heard: Cell::new(None) }
    }

    /// The next line.
    pub(crate) fn next(&self) -> Option<Line> {
        self.lines.try_receive().ok()
    }

    /// Ends when there is a line.
    pub(crate) async fn ready(&self) {
        self.lines.ready_to_receive().await;
    }

    /// A line was understood.
    pub(crate) fn understood(&self) {
        self.heard.set(Some(Instant::now()));
    }

    /// When the host sent a good line last.
    pub fn heard(&self) -> Option<Instant> {
        self.heard.get()
    }

    /// Reads lines for ever.
    pub(crate) async fn pump(&self, mut reader: impl Read) -> ! {
        let (mut line, mut chunk) = (Line::default(), [0; 32]);
        loop {
            match reader.read(&mut chunk).await {
                Ok(0) => Timer::after(PAUSE).await,
                Ok(count) => {
                    for byte in chunk.iter().take(count) {
                        self.take(*byte, &mut line).await;
                    }
                }
                Err(_) => {
                    // A byte was lost: the line it was of says something else now.
                    line.fault = Some(LineError::Receive);
                    Timer::after(PAUSE).await;
                }
            }
        }
    }

    async fn take(&self, byte: u8, line: &mut Line) {
        match byte {
            b'\n' if line.bytes.is_empty() && line.fault.is_none() => {}
            b'\n' => self.lines.send(core::mem::take(line)).await,
            b'\r' => {}
            byte => {
                if line.bytes.push(byte).is_err() {
                    line.fault.get_or_insert(LineError::TooLong);
                }
            }
        }
    }
}

impl Default for Intake {
    fn default() -> Self {
        Self::new()
    }
}
