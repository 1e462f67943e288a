//! The connection of a run: two byte streams that arrive in any pieces, any time later, and end anywhere.

use std::collections::VecDeque;

use crate::rng::Rng;

/// One direction.
#[derive(Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    /// The sender, or the network, has ended the stream behind these bytes.
    ended: bool,
    /// The receiver is gone: what is written vanishes.
    deaf: bool,
}

#[derive(Default)]
pub(crate) struct Link {
    /// By the side that sends.
    pipes: [Pipe; 2],
    attached: [bool; 2],
    /// Bytes that a direction holds before its writer must wait.
    capacity: usize,
}

impl Link {
    pub(crate) fn new(capacity: usize) -> Self {
        Link { capacity, ..Link::default() }
    }

    /// True if this side believes that the connection stands.
    pub(crate) fn is_attached(&self, side: usize) -> bool {
        self.attached[side]
    }

    pub(crate) fn is_free(&self) -> bool {
        self.attached == [false, false]
    }

    pub(crate) fn connect(&mut self) {
        self.pipes = Default::default();
        self.attached = [true, true];
    }

    /// Bytes that `side` may write now.
    pub(crate) fn room(&self, side: usize) -> usize {
        if self.pipes[side].deaf {
            usize::MAX
        } else {
            self.capacity.saturating_sub(self.pipes[side].bytes.len())
        }
    }

    pub(crate) fn write(&mut self, side: usize, bytes: &[u8]) {
        let pipe = &mut self.pipes[side];
        if !pipe.deaf && !pipe.ended {
            pipe.bytes.extend(bytes);
        }
    }

    /// How many bytes `side` can read.
    pub(crate) fn readable(&self, side: usize) -> usize {
        self.pipes[1 - side].bytes.len()
    }

    /// True if `side` has read all and nothing more will come.
    pub(crate) fn is_at_end(&self, side: usize) -> bool {
        let pipe = &self.pipes[1 - side];
        pipe.ended && pipe.bytes.is_empty()
    }

    /// Moves the next bytes to the front of `space`.
    pub(crate) fn read(&mut self, side: usize, space: &mut [u8]) {
        let pipe = &mut self.pipes[1 - side];
        let count = space.len().min(pipe.bytes.len());
        for (slot, byte) in space.iter_mut().zip(pipe.bytes.drain(..count)) {
            *slot = byte;
        }
    }

    /// `side` closes. What it has written may or may not arrive.
    pub(crate) fn detach(&mut self, side: usize, survive: impl FnOnce(usize) -> usize) {
        self.attached[side] = false;
        self.pipes[1 - side].deaf = true;
        self.pipes[1 - side].bytes.clear();
        let out = &mut self.pipes[side];
        out.ended = true;
        out.bytes.truncate(survive(out.bytes.len()));
    }

    /// The network fails: of what is under way some bytes arrive, and each side learns of it behind them.
    pub(crate) fn cut(&mut self, rng: &mut Rng) {
        for pipe in &mut self.pipes {
            let arrive = rng.below_usize(pipe.bytes.len() + 1);
            pipe.bytes.truncate(arrive);
            (pipe.ended, pipe.deaf) = (true, true);
        }
    }
}
