//! The flight recorder of a gateway: what it does is kept in a ring of the board's memory, and fetched as lines.
//!
//! A recording is as [`fix_core::flight`] has it, secrets masked: `fix-host replay FILE` does it again on a computer.

use core::cell::RefCell;

use fix_core::{
    flight::{Fetch, Overtaken, Ring, Tape},
    tag,
};

use crate::reports::Reports;

/// Where a gateway records: `()`: nowhere, which costs nothing, or a [`Ring`] in a `RefCell`.
pub trait Recorder {
    /// What the session's engine writes to.
    type Tape<'r>: Recording
    where
        Self: 'r;

    /// The tape, of which all clones are the same one.
    fn tape(&self) -> Self::Tape<'_>;
}

/// A tape whose recording can be fetched while it goes on.
pub trait Recording: Tape {
    /// A copy of what there is; `None`: nothing is recorded.
    fn fetch(&self) -> Option<Fetch>;

    /// The next bytes of the copy; 0: that was all.
    ///
    /// # Errors
    /// [`Overtaken`].
    fn copy(&self, fetch: &mut Fetch, out: &mut [u8]) -> Result<usize, Overtaken>;
}

impl Recorder for () {
    type Tape<'r> = ();

    fn tape(&self) {}
}

impl Recording for () {
    fn fetch(&self) -> Option<Fetch> {
        None
    }

    fn copy(&self, _fetch: &mut Fetch, _out: &mut [u8]) -> Result<usize, Overtaken> {
        Ok(0)
    }
}

impl<const BLOCKS: usize, const SIZE: usize> Recorder for RefCell<Ring<BLOCKS, SIZE>> {
    type Tape<'r> = &'r Self;

    fn tape(&self) -> &Self {
        self
    }
}

impl<const BLOCKS: usize, const SIZE: usize> Recording for &RefCell<Ring<BLOCKS, SIZE>> {
    fn fetch(&self) -> Option<Fetch> {
        self.try_borrow().ok().map(|ring| ring.fetch())
    }

    fn copy(&self, fetch: &mut Fetch, out: &mut [u8]) -> Result<usize, Overtaken> {
        // Who writes to it now goes over it: never that all was sent.
        self.try_borrow().map_or(Err(Overtaken), |ring| ring.copy(fetch, out))
    }
}

/// Bytes of the recording in a line, two digits each.
const PIECE: usize = 160;

/// A recording on its way to the host.
pub(crate) struct Sending {
    fetch: Fetch,
    sent: usize,
}

impl Sending {
    /// Begins; `None` if this gateway records nothing.
    pub(crate) fn begin(tape: &impl Recording) -> Option<Self> {
        tape.fetch().map(|fetch| Sending { fetch, sent: 0 })
    }

    /// Says the next piece, if nothing else waits for the host: reports must not wait for a recording. `None` at its end.
    pub(crate) fn go_on(mut self, tape: &impl Recording, reports: &Reports) -> Option<Self> {
        if !reports.is_empty() {
            return Some(self);
        }
        let mut piece = [0; PIECE];
        match tape.copy(&mut self.fetch, &mut piece) {
            Ok(0) => {
                reports.say("RECORDED", |line| line.shown(tag::TEXT, format_args!("{} bytes", self.sent)));
                None
            }
            Ok(count) => {
                reports.say("REC", |line| {
                    line.tag(tag::RAW_DATA);
                    for byte in piece.iter().take(count) {
                        // A piece finds room in any line.
                        line.hex(*byte);
                    }
                });
                self.sent = self.sent.saturating_add(count);
                Some(self)
            }
            // Nothing was sent yet: it begins at what is the oldest now.
            Err(Overtaken) if self.sent == 0 => Sending::begin(tape),
            Err(Overtaken) => {
                reports.say("NO", |line| line.shown(tag::TEXT, format_args!("{Overtaken}: RECORD again")));
                None
            }
        }
    }
}
