//! Lines from the host: read byte by byte, in order, never more than find room.
//!
//! The README has the words, the fields that each takes, and the answers.

use core::cell::{Cell, RefCell};

use embassy_sync::{blocking_mutex::raw::NoopRawMutex, signal::Signal};
use embassy_time::{Duration, Instant, Timer};
use embedded_io_async::Read;
use heapless::Vec;

pub mod line;
mod terms;

pub use line::{LineError, Request, Word};

use crate::config::IntakeRules;

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
    lines: RefCell<Lines>,
    /// A line is whole.
    came: Signal<NoopRawMutex, ()>,
    /// A line was worked off.
    gone: Signal<NoopRawMutex, ()>,
    /// When a good line came last; `None` before the first one. Noise on the line is no sign of life.
    heard: Cell<Option<Instant>>,
    /// A KILL has come and is not obeyed yet.
    kill: Cell<bool>,
}

impl Intake {
    /// Nothing came yet.
    pub const fn new() -> Self {
        Intake {
            lines: RefCell::new(Lines { places: Vec::new(), first: 0, whole: 0 }),
            came: Signal::new(),
            gone: Signal::new(),
            heard: Cell::new(None),
            kill: Cell::new(false),
        }
    }

    /// Works off the next line, where it is; false if there is none.
    pub(crate) fn next(&self, work: impl FnOnce(&mut Line)) -> bool {
        let mut lines = self.lines.borrow_mut();
        let Some(line) = lines.oldest() else { return false };
        work(line);
        lines.drop_oldest();
        self.gone.signal(());
        true
    }

    /// Ends when there is a line.
    pub(crate) async fn ready(&self) {
        while self.lines.borrow().whole == 0 {
            self.came.wait().await;
        }
    }

    /// True if a KILL came since the last call: it is obeyed before the lines that wait in front of it.
    pub(crate) fn take_kill(&self) -> bool {
        self.kill.take()
    }

    /// A line was understood.
    pub(crate) fn understood(&self) {
        self.heard.set(Some(Instant::now()));
    }

    /// When the host sent a good line last.
    pub fn heard(&self) -> Option<Instant> {
        self.heard.get()
    }

    /// Reads lines for ever, by these rules.
    pub(crate) async fn pump(&self, mut reader: impl Read, rules: IntakeRules) -> ! {
        let mut chunk = [0; 32];
        loop {
            match reader.read(&mut chunk).await {
                Ok(0) => Timer::after(PAUSE).await,
                Ok(count) => {
                    let mut rest = chunk.get(..count).unwrap_or_default();
                    loop {
                        rest = self.lines.borrow_mut().take(rest, rules, &self.kill);
                        if self.lines.borrow().whole > 0 {
                            self.came.signal(());
                        }
                        if rest.is_empty() {
                            break;
                        }
                        self.gone.wait().await;
                    }
                }
                Err(_) => {
                    // A byte was lost: the line it was of says something else now.
                    if let Some(line) = self.lines.borrow_mut().newest() {
                        line.fault = Some(LineError::Receive);
                    }
                    Timer::after(PAUSE).await;
                }
            }
        }
    }
}

/// The lines that wait, and behind them the one that is being received: each stays where it was received.
struct Lines {
    /// A ring; made when the first byte comes.
    places: Vec<Line, { DEPTH + 1 }>,
    first: usize,
    whole: usize,
}

impl Lines {
    fn oldest(&mut self) -> Option<&mut Line> {
        if self.whole == 0 { None } else { self.places.get_mut(self.first) }
    }

    fn drop_oldest(&mut self) {
        if let Some(line) = self.oldest() {
            line.bytes.clear();
            line.fault = None;
            self.first = (self.first + 1) % (DEPTH + 1);
            self.whole -= 1;
        }
    }

    /// The one that is being received.
    fn newest(&mut self) -> Option<&mut Line> {
        while !self.places.is_full() {
            // There is room.
            let _ = self.places.push(Line::default());
        }
        self.places.get_mut((self.first + self.whole) % (DEPTH + 1))
    }

    /// Takes bytes up to the end of a line for which there is no room; what is left of them. Says if a KILL is among them.
    fn take<'b>(&mut self, mut bytes: &'b [u8], rules: IntakeRules, kill: &Cell<bool>) -> &'b [u8] {
        while let Some(line) = self.newest() {
            let Some(end) = line.take(bytes) else { return &[] };
            // An empty line says nothing.
            if !line.bytes.is_empty() || line.fault.is_some() {
                if line::is_kill(line, rules.check_sum) {
                    kill.set(true);
                }
                if self.whole == DEPTH {
                    return bytes.get(end..).unwrap_or_default();
                }
                self.whole += 1;
            }
            bytes = bytes.get(end + 1..).unwrap_or_default();
        }
        bytes
    }
}

impl Line {
    /// Takes bytes up to the end of the line, and says where that is.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => return Some(at),
                b'\r' => {}
                byte => {
                    if self.bytes.push(*byte).is_err() {
                        self.fault.get_or_insert(LineError::TooLong);
                    }
                }
            }
        }
        None
    }
}

impl Default for Intake {
    fn default() -> Self {
        Self::new()
    }
}
