//! The numbers and the newest messages of the session: in memory, with a note in the flash of all that must not be
//! lost, before the counterparty sees it.

use fix_core::{
    store::{MessageStore, RingStore, StoreError, is_never_resent},
    time::UtcTimestamp,
};

use crate::bytes::{Put, Take};

/// The first byte of a note of the numbers.
pub(crate) const NUMBERS: u8 = 1;
/// The first byte of a note of a sent message.
pub(crate) const MESSAGE: u8 = 2;

/// The first byte of a note of a message whose order is said by other notes.
pub(crate) const KEPT: u8 = 7;

/// The numbers are set to what the note says: what was sent before is forgotten.
const FORGET: u8 = 1;
/// `next_in` is not known: a reset that the counterparty has not confirmed.
const NEXT_IN_UNKNOWN: u8 = 2;
/// There is a creation time.
const CREATED: u8 = 4;

/// After so many received messages their number is noted though nothing is sent.
const RECEIVED_BEFORE_NOTE: u64 = 32;

/// The newest sent messages and both numbers.
///
/// What the flash knows may be behind: of the numbers to send it reserves some ahead, so that a Heartbeat costs no
/// write, and a power cut skips what is left of them (the counterparty asks, and is told by a gap fill). Of the
/// numbers received it may miss the last few: they are asked for again, and come with PossDupFlag(43)=Y. An order,
/// and whatever else may be resent, is in the flash before it is sent.
pub struct Kept<const MESSAGES: usize, const BYTES: usize> {
    ring: RingStore<MESSAGES, BYTES>,
    /// The newest message that no resend sends again: one that waits for the end of a resend has not been sent at all.
    aside: RingStore<1, BYTES>,
    /// How many numbers a note reserves.
    reserve: u32,
    /// Numbers below it may be used.
    reserved: u64,
    /// Sent messages up to it are in the flash, or never resent.
    last_noted: u64,
    noted_next_in: Option<u64>,
    /// The numbers were set, not counted on.
    is_set: bool,
    /// The session is over for now: the note says the numbers exactly.
    is_exact: bool,
    due: Due,
}

/// What the note that was given last says.
#[derive(Clone, Copy)]
enum Due {
    Nothing,
    Numbers { reserved: u64 },
    Message { number: u64 },
}

impl<const MESSAGES: usize, const BYTES: usize> Kept<MESSAGES, BYTES> {
    /// A new session: both numbers are 1. It is zeros only, so that a static one takes no flash for what it begins with.
    pub const fn new() -> Self {
        Kept {
            ring: RingStore::new(),
            aside: RingStore::new(),
            reserve: 0,
            reserved: 0,
            last_noted: 0,
            noted_next_in: None,
            is_set: false,
            is_exact: false,
            due: Due::Nothing,
        }
    }

    /// How many numbers a note reserves.
    pub fn set_reserve(&mut self, reserve: u32) {
        self.reserve = reserve;
    }

    /// The connection is gone: the next note says the numbers as they are, so that nothing is skipped after a power
    /// cut at rest.
    pub fn rest(&mut self) {
        self.is_exact = self.reserved != self.ring.next_out() || self.noted_next_in != self.ring.next_in();
    }

    /// The next note that is due, in `out`.
    pub(crate) fn next_due(&mut self, out: &mut [u8]) -> Option<usize> {
        let next_out = self.ring.next_out();
        if self.is_set || next_out > self.reserved {
            let reserved = next_out.saturating_add(self.reserve.into());
            self.due = Due::Numbers { reserved };
            return self.numbers(reserved, out);
        }
        if let Some(number) = self.next_unnoted() {
            self.due = Due::Message { number };
            return self.message(MESSAGE, number, out);
        }
        self.last_noted = next_out.saturating_sub(1);
        let is_far = self
            .noted_next_in
            .zip(self.ring.next_in())
            .is_some_and(|(noted, next)| next < noted || next.saturating_sub(noted) >= RECEIVED_BEFORE_NOTE);
        if self.is_exact || is_far || self.noted_next_in.is_some() != self.ring.next_in().is_some() {
            let reserved = if self.is_exact { next_out } else { self.reserved };
            self.due = Due::Numbers { reserved };
            return self.numbers(reserved, out);
        }
        None
    }

    /// The first sent message that is kept and not in the flash.
    fn next_unnoted(&self) -> Option<u64> {
        let number = self.ring.next_to_resend(self.last_noted.saturating_add(1));
        (number < self.ring.next_out()).then_some(number)
    }

    /// The note that was given last is in the flash.
    pub(crate) fn noted(&mut self) {
        match core::mem::replace(&mut self.due, Due::Nothing) {
            Due::Nothing => return,
            Due::Numbers { reserved } => {
                self.reserved = reserved;
                self.is_set = false;
                self.is_exact = false;
            }
            Due::Message { number } => self.last_noted = number,
        }
        self.noted_next_in = self.ring.next_in();
    }

    /// How many notes say all: the numbers, and each message.
    pub(crate) fn notes(&self) -> usize {
        let mut notes = 1;
        let mut number = self.ring.next_to_resend(1);
        while number < self.ring.next_out() {
            notes += 1;
            number = self.ring.next_to_resend(number.saturating_add(1));
        }
        notes
    }

    /// Note `index` of those that say all.
    pub(crate) fn whole(&mut self, index: usize, out: &mut [u8]) -> Option<usize> {
        let Some(skip) = index.checked_sub(1) else {
            return self.numbers(self.reserved_for_all(), out);
        };
        let mut number = self.ring.next_to_resend(1);
        for _ in 0..skip {
            number = self.ring.next_to_resend(number.saturating_add(1));
        }
        if number < self.ring.next_out() { self.message(KEPT, number, out) } else { None }
    }

    /// The whole state is in the flash.
    pub(crate) fn all_noted(&mut self) {
        self.reserved = self.reserved_for_all();
        self.last_noted = self.ring.next_out().saturating_sub(1);
        self.noted_next_in = self.ring.next_in();
        (self.is_set, self.is_exact, self.due) = (false, false, Due::Nothing);
    }

    fn reserved_for_all(&self) -> u64 {
        let next_out = self.ring.next_out();
        if self.is_set || self.is_exact { next_out } else { self.reserved.max(next_out) }
    }

    fn numbers(&self, reserved: u64, out: &mut [u8]) -> Option<usize> {
        let created = self.ring.creation_time().map(UtcTimestamp::unix_seconds);
        let mut flags = if self.is_set { FORGET } else { 0 };
        flags |= if self.ring.next_in().is_none() { NEXT_IN_UNKNOWN } else { 0 };
        flags |= if created.is_some() { CREATED } else { 0 };
        let next_in = self.ring.next_in().unwrap_or_default();
        let put = Put::new(out).u8(NUMBERS).u8(flags).u64(next_in).u64(reserved);
        put.u64(created.unwrap_or_default().cast_unsigned()).len()
    }

    fn message(&mut self, kind: u8, number: u64, out: &mut [u8]) -> Option<usize> {
        let next_in = self.ring.next_in().unwrap_or_default();
        let head = Put::new(out).u8(kind).u64(number).u64(next_in).len()?;
        let len = self.ring.read(number, out.get_mut(head..)?).ok()??;
        Some(head + len)
    }

    /// Takes up a note of the numbers.
    pub(crate) fn read_numbers(&mut self, note: &[u8]) -> Option<()> {
        let mut take = Take(note);
        let (flags, next_in, reserved) = (take.u8()?, take.u64()?, take.u64()?);
        let created = take.u64()?.cast_signed();
        if flags & FORGET != 0 {
            self.ring = RingStore::new();
        }
        if flags & CREATED != 0 && self.ring.creation_time().map(UtcTimestamp::unix_seconds) != Some(created)
        {
            self.ring.reset(UtcTimestamp::from_unix(created, 0)).ok()?;
        }
        if flags & NEXT_IN_UNKNOWN != 0 {
            let created = self.ring.creation_time()?;
            self.ring.reset_one_side(created).ok()?;
        } else {
            self.ring.set_next_in(next_in).ok()?;
        }
        self.reserved = reserved;
        self.ring.set_next_out(reserved).ok()
    }

    /// Takes up a note of a sent message, and returns the message.
    pub(crate) fn read_message<'n>(&mut self, note: &'n [u8]) -> Option<&'n [u8]> {
        let mut take = Take(note);
        let (number, next_in) = (take.u64()?, take.u64()?);
        let next_out = self.ring.next_out();
        self.ring.append(number, take.0).ok()?;
        self.ring.set_next_out(next_out.max(number.saturating_add(1))).ok()?;
        if self.ring.next_in().is_some() && next_in > 0 {
            self.ring.set_next_in(next_in).ok()?;
        }
        Some(take.0)
    }
}

impl<const MESSAGES: usize, const BYTES: usize> Default for Kept<MESSAGES, BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const MESSAGES: usize, const BYTES: usize> MessageStore for Kept<MESSAGES, BYTES> {
    fn next_out(&self) -> u64 {
        self.ring.next_out()
    }

    fn next_in(&self) -> Option<u64> {
        self.ring.next_in()
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.is_set |= number < self.ring.next_out();
        self.last_noted = self.last_noted.min(number.saturating_sub(1));
        self.ring.set_next_out(number)
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.ring.set_next_in(number)
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        if is_never_resent(message) {
            self.aside.append(number, message)?;
            return self.ring.set_next_out(number.saturating_add(1));
        }
        self.ring.append(number, message)
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        match self.ring.read(number, buffer)? {
            None => self.aside.read(number, buffer),
            read => Ok(read),
        }
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        self.ring.next_to_resend(number)
    }

    fn capacity(&self) -> u64 {
        self.ring.capacity()
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        (self.is_set, self.last_noted) = (true, 0);
        self.aside.reset(now)?;
        self.ring.reset(now)
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        (self.is_set, self.last_noted) = (true, 0);
        self.aside.reset(now)?;
        self.ring.reset_one_side(now)
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.ring.creation_time()
    }

    /// Does nothing: the driver writes what is due to the flash before it writes bytes to the counterparty.
    fn flush(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
