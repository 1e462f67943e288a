//! Why a run ended, in memory that a new start leaves as it is.

use core::{mem::MaybeUninit, panic::Location, ptr};

use crate::fault::Cause;

/// Why a run ends.
pub(crate) enum Why<'p> {
    /// There.
    Panic(Option<&'p Location<'p>>),
    /// The stack had no room.
    Overflow { sp: usize, cause: Cause },
    /// A fault of the core.
    Fault { pc: u32, lr: u32, cause: Cause },
}

const PANIC: u32 = 0xFA17_0001;
const OVERFLOW: u32 = 0xFA17_0002;
const FAULT: u32 = 0xFA17_0003;

/// Of the path of a panic's file so many bytes are kept, its last ones.
const PATH: usize = 48;

/// It, as numbers: after the power was gone the memory has any.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Kept {
    kind: u32,
    /// The line of a panic; SP of an overflow; pc of a fault.
    at: u32,
    lr: u32,
    status: u32,
    memory: u32,
    bus: u32,
    path_len: u32,
    path: [u8; PATH],
    sum: u32,
}

#[unsafe(link_section = ".uninit.faults")]
static mut KEPT: MaybeUninit<Kept> = MaybeUninit::uninit();

impl Kept {
    /// Keeps it.
    pub(crate) fn keep(why: Why<'_>) -> Self {
        let mut kept = Kept {
            kind: PANIC,
            at: 0,
            lr: 0,
            status: 0,
            memory: 0,
            bus: 0,
            path_len: 0,
            path: [0; PATH],
            sum: 0,
        };
        match why {
            Why::Panic(None) => {}
            Why::Panic(Some(place)) => {
                kept.at = place.line();
                let last = place.file().as_bytes().iter().rev().take(PATH);
                kept.path_len = last.len() as u32;
                // From its end, back to front.
                let bytes = kept.path.iter_mut().take(last.len()).rev();
                bytes.zip(last).for_each(|(byte, is)| *byte = *is);
            }
            Why::Overflow { sp, cause } => {
                (kept.kind, kept.at) = (OVERFLOW, sp as u32);
                kept.caused_by(cause);
            }
            Why::Fault { pc, lr, cause } => {
                (kept.kind, kept.at, kept.lr) = (FAULT, pc, lr);
                kept.caused_by(cause);
            }
        }
        kept.sum = kept.sum_of();
        kept.write();
        kept
    }

    fn caused_by(&mut self, Cause { status, memory, bus }: Cause) {
        (self.status, self.memory, self.bus) = (status, memory, bus);
    }

    fn write(self) {
        // SAFETY: only written and read here: by who runs alone, before interrupts or after them.
        unsafe { ptr::write_volatile((&raw mut KEPT).cast::<Kept>(), self) }
    }

    /// What is kept, if it is anything.
    pub(crate) fn read() -> Option<Self> {
        // SAFETY: as above; numbers, of which any are valid.
        let kept = unsafe { ptr::read_volatile((&raw const KEPT).cast::<Kept>()) };
        let is_one = (PANIC..=FAULT).contains(&kept.kind) && kept.sum == kept.sum_of();
        is_one.then_some(kept)
    }

    /// FNV-1a, of 32 bits.
    fn sum_of(&self) -> u32 {
        let numbers =
            [self.kind, self.at, self.lr, self.status, self.memory, self.bus, self.path_len].into_iter();
        let bytes = numbers.flat_map(u32::to_le_bytes).chain(self.path);
        bytes.fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }
}

impl defmt::Format for Kept {
    fn format(&self, f: defmt::Formatter<'_>) {
        let Kept { at, lr, status, memory, bus, .. } = *self;
        match self.kind {
            FAULT => defmt::write!(
                f,
                "HardFault at pc {=u32:#010x}, lr {=u32:#010x}, CFSR {=u32:#010x}, MMFAR {=u32:#010x}, BFAR {=u32:#010x}",
                at,
                lr,
                status,
                memory,
                bus
            ),
            OVERFLOW => defmt::write!(f, "stack overflow: SP {=u32:#010x}, CFSR {=u32:#010x}", at, status),
            _ => {
                let path = self.path.get(..self.path_len as usize).unwrap_or_default();
                // A path that was cut in the midst of a character has none.
                defmt::write!(f, "panic at {=str}:{=u32}", str::from_utf8(path).unwrap_or("?"), at);
            }
        }
    }
}

/// Logs why the run before this one ended, if it was by a panic or a fault and the power was not gone since. True if it was.
pub fn tell_last() -> bool {
    let Some(kept) = Kept::read() else { return false };
    // Told once.
    Kept { kind: 0, ..kept }.write();
    defmt::error!("the run before this one ended: {}", kept);
    true
}
