//! Lines from the host: read byte by byte, in order, never more than find room.
//!
//! The README has the words, the fields that each takes, and the answers.

use core::cell::{Cell, RefCell};

use embassy_sync::{blocking_mutex::raw::NoopRawMutex, signal::Signal};
use embassy_time::{Duration, Instant, Timer};
use embedded_io_async::Read;
use heapless::{Deque, Vec};

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
    /// It is whole, and a KILL.
    is_kill: bool,
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
}

impl Intake {
    /// Nothing came yet.
    pub const fn new() -> Self {
        Intake {
            lines: RefCell::new(Lines { all: Deque::new(), whole: 0 }),
            came: Signal::new(),
            gone: Signal::new(),
            heard: Cell::new(None),
        }
    }

    /// Works off the next line, where it is; false if there is none.
    pub(crate) fn next(&self, work: impl FnOnce(&mut Line)) -> bool {
        let mut lines = self.lines.borrow_mut();
        if lines.whole == 0 {
            return false;
        }
        if let Some(line) = lines.all.front_mut() {
            work(line);
        }
        drop(lines.all.pop_front());
        lines.whole -= 1;
        self.gone.signal(());
        true
    }

    /// Ends when there is a line.
    pub(crate) async fn ready(&self) {
        while self.lines.borrow().whole == 0 {
            self.came.wait().await;
        }
    }

    /// True while a KILL waits: it is obeyed before the lines in front of it, and no RESUME among those undoes it.
    pub(crate) fn has_kill(&self) -> bool {
        self.lines.borrow().all.iter().any(|line| line.is_kill)
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
                        rest = self.lines.borrow_mut().take(rest, rules);
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
    all: Deque<Line, { DEPTH + 1 }>,
    /// So many of them wait.
    whole: usize,
}

impl Lines {
    /// The one that is being received.
    fn newest(&mut self) -> Option<&mut Line> {
        if self.all.len() == self.whole {
            // There is room behind those that wait.
            let _ = self.all.push_back(Line::default());
        }
        self.all.back_mut()
    }

    /// Takes bytes up to the end of a line for which there is no room; what is left of them.
    fn take<'b>(&mut self, mut bytes: &'b [u8], rules: IntakeRules) -> &'b [u8] {
        while let Some(line) = self.newest() {
            let Some(end) = line.take(bytes) else { return &[] };
            // An empty line says nothing.
            if !line.bytes.is_empty() || line.fault.is_some() {
                line.is_kill = line::is_kill(line, rules.check_sum);
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
