//! SMSC's LAN9118, the Ethernet controller of the MPS2 boards. Register names are those of its data sheet (SMSC LAN9118,
//! revision 1.5).

mod chip;

use core::cell::Cell;

pub use chip::Chip;
pub(crate) use chip::NoSuchChip;
use critical_section::Mutex;
use qemu::ethernet::{self, Ethernet};

use crate::interrupts::Interrupt;

/// The board's network.
pub type Lan9118 = Ethernet<Chip>;

/// Where the chip stands, for the interrupt handler. It is enabled after this is set.
static CHIP: Mutex<Cell<Option<Chip>>> = Mutex::new(Cell::new(None));

/// Resets and starts the chip at `base`.
///
/// # Safety
/// There is such a chip at `base`, and this is the only driver of it.
pub(crate) unsafe fn start(base: usize) -> Result<Lan9118, NoSuchChip> {
    // SAFETY: as the caller promises.
    let chip = unsafe { Chip::at(base) };
    chip.start()?;
    critical_section::with(|section| CHIP.borrow(section).set(Some(chip)));
    Interrupt::Ethernet.enable();
    Ok(Ethernet::new(chip))
}

/// RSFL is sticky: all is masked until the stack has looked, which unmasks it again.
pub(crate) extern "C" fn on_interrupt() {
    if let Some(chip) = critical_section::with(|section| CHIP.borrow(section).get()) {
        chip.mask();
        chip.note_link_change();
    }
    ethernet::on_interrupt();
}
