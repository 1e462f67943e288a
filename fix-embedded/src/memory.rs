//! The memory of a gateway: one static value, whose size is what the board spends on it.

use core::cell::{Ref, RefCell, RefMut};

use fix_core::{
    Message,
    store::{MessageStore, StoreError, is_never_resent},
    time::UtcTimestamp,
    wire::frame::{Scan, scan},
};

use crate::{
    book::{Book, ID_LEN, SYMBOL_LEN},
    bytes::Put,
    flash::{BESIDE, Notes},
    store::{self, Kept},
};

/// What outlives a power cut.
pub struct State<const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize> {
    /// Numbers and messages of the session.
    pub kept: Kept<MESSAGES, BYTES>,
    /// Orders and ids.
    pub book: Book<ORDERS, USED>,
    /// Trading is stopped by a KILL, until a RESUME.
    halted: bool,
    halt_due: bool,
    due: Due,
}

/// Whose note was given last.
#[derive(Clone, Copy)]
enum Due {
    Kept,
    Book,
    Halt,
}

/// The first byte of a note that says whether trading is stopped.
const HALT: u8 = 6;

impl<const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize>
    State<MESSAGES, BYTES, ORDERS, USED>
{
    /// A new session without orders.
    pub const fn new() -> Self {
        State { kept: Kept::new(), book: Book::new(), halted: false, halt_due: false, due: Due::Kept }
    }

    /// True while trading is stopped by a KILL.
    pub fn is_halted(&self) -> bool {
        self.halted
    }

    /// Stops trading, or lets it go on; kept over a restart.
    pub fn set_halted(&mut self, halted: bool) {
        self.halt_due |= self.halted != halted;
        self.halted = halted;
    }

    /// True if the next message would take the place of a request that nobody answered, among those that are kept.
    pub(crate) fn would_displace(&self) -> bool {
        self.book.would_displace(self.kept.next_out(), MESSAGES as u64)
    }

    fn read_note(&mut self, note: &[u8]) -> Option<()> {
        match note {
            [store::NUMBERS, rest @ ..] => self.kept.read_numbers(rest),
            [store::KEPT, rest @ ..] => self.kept.read_message(rest).map(|_| ()),
            [store::MESSAGE, rest @ ..] => {
                let bytes = self.kept.read_message(rest)?;
                if let Scan::Frame(frame, _) = scan(bytes, bytes.len()) {
                    let message = Message::parse(frame).ok()?;
                    let number = message.header().msg_seq_num()?.ok()?;
                    // A message that is no order says nothing to the book.
                    let _ = self.book.sent(message.msg_type(), number, |tag| message.get(tag));
                }
                Some(())
            }
            [HALT, halted] => {
                self.halted = *halted != 0;
                Some(())
            }
            _ => self.book.read(note),
        }
    }
}

impl<const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize> Default
    for State<MESSAGES, BYTES, ORDERS, USED>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize> Notes
    for State<MESSAGES, BYTES, ORDERS, USED>
{
    fn next_due(&mut self, out: &mut [u8]) -> Option<usize> {
        if self.halt_due {
            self.due = Due::Halt;
            return Put::new(out).u8(HALT).u8(self.halted.into()).len();
        }
        if let Some(len) = self.kept.next_due(out) {
            self.due = Due::Kept;
            return Some(len);
        }
        self.due = Due::Book;
        self.book.next_due(out)
    }

    fn noted(&mut self) {
        match self.due {
            Due::Kept => self.kept.noted(),
            Due::Book => self.book.noted(),
            Due::Halt => self.halt_due = false,
        }
    }

    fn whole(&mut self, index: usize, out: &mut [u8]) -> Option<usize> {
        let Some(index) = index.checked_sub(1) else {
            return Put::new(out).u8(HALT).u8(self.halted.into()).len();
        };
        match index.checked_sub(self.kept.notes()) {
            None => self.kept.whole(index, out),
            Some(index) => self.book.whole(index, out),
        }
    }

    fn all_noted(&mut self) {
        self.kept.all_noted();
        self.book.all_noted();
        self.halt_due = false;
    }

    fn most_bytes(&self) -> usize {
        let messages = MESSAGES * (BYTES + 17 + BESIDE);
        let orders = ORDERS * (2 * ID_LEN + SYMBOL_LEN + 24 + BESIDE);
        // Sixteen ids are a note.
        messages + orders + USED.div_ceil(16) * (16 * 8 + BESIDE) + 4 * (26 + BESIDE)
    }

    fn read(&mut self, note: &[u8]) -> bool {
        self.read_note(note).is_some()
    }
}

/// To look at what several hold. A function: what `borrow` does was compiled in sixty places.
#[inline(never)]
pub(crate) fn look<S>(shared: &RefCell<S>) -> Ref<'_, S> {
    shared.borrow()
}

/// To change what several hold.
#[inline(never)]
pub(crate) fn change<S>(shared: &RefCell<S>) -> RefMut<'_, S> {
    shared.borrow_mut()
}

/// The state as an engine holds it while a journal writes what is due: its store.
pub struct Handle<'s, S>(pub &'s RefCell<S>);

impl<const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize> MessageStore
    for Handle<'_, State<MESSAGES, BYTES, ORDERS, USED>>
{
    #[inline(never)]
    fn next_out(&self) -> u64 {
        look(self.0).kept.next_out()
    }

    #[inline(never)]
    fn next_in(&self) -> Option<u64> {
        look(self.0).kept.next_in()
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        change(self.0).kept.set_next_out(number)
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        change(self.0).kept.set_next_in(number)
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        let State { kept, book, .. } = &mut *change(self.0);
        kept.append(number, message)?;
        if !is_never_resent(message) {
            book.displaced(number, MESSAGES as u64);
        }
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        change(self.0).kept.read(number, buffer)
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        look(self.0).kept.next_to_resend(number)
    }

    fn capacity(&self) -> u64 {
        look(self.0).kept.capacity()
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        change(self.0).kept.reset(now)
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        change(self.0).kept.reset_one_side(now)
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        look(self.0).kept.creation_time()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        change(self.0).kept.flush()
    }
}
