//! The chip's own Ethernet controller (chapter 16 of the data sheet).

mod controller;

pub use controller::Mac;
use qemu::ethernet;

use crate::interrupts::Interrupt;

/// The board's network.
pub type Ethernet = ethernet::Ethernet<Mac>;

/// Starts the controller. Called once, by the board.
pub(crate) fn start() -> Ethernet {
    let mac = Mac::start();
    Interrupt::Ethernet.enable();
    Ethernet::new(mac)
}

/// All is masked until the stack has looked, which unmasks it again.
pub(crate) extern "C" fn on_interrupt() {
    Mac::mask();
    ethernet::on_interrupt();
}
