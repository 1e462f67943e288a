//! embassy-net over SMSC's LAN9118, the Ethernet controller of the MPS2 boards. Register names are those of its data
//! sheet (SMSC LAN9118, revision 1.5).

mod chip;

use core::{
    sync::atomic::{AtomicBool, Ordering},
    task::Context,
};

use chip::Chip;
pub(crate) use chip::NoSuchChip;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;
use static_cell::ConstStaticCell;

use crate::interrupts::Interrupt;

/// The longest frame without its check sequence: header and 1500 bytes.
const LONGEST: usize = 1514;

/// The task that runs the stack asks for all three, frames, room and link: one waker is enough.
static WAKER: AtomicWaker = AtomicWaker::new();
static IS_LINK_CHANGED: AtomicBool = AtomicBool::new(true);
/// Where the chip stands, for the interrupt handler. It is enabled after this is set.
static CHIP: critical_section::Mutex<core::cell::Cell<Option<Chip>>> =
    critical_section::Mutex::new(core::cell::Cell::new(None));

/// The driver. Hand it to embassy-net as `&'static mut`.
pub struct Lan9118 {
    chip: Chip,
    address: [u8; 6],
    link: LinkState,
    received: &'static mut [u8; LONGEST],
    sent: &'static mut [u8; LONGEST],
}

/// Not in the driver itself, which is moved about before it stands where it stays: each move would be on the stack.
static RECEIVED: ConstStaticCell<[u8; LONGEST]> = ConstStaticCell::new([0; LONGEST]);
static SENT: ConstStaticCell<[u8; LONGEST]> = ConstStaticCell::new([0; LONGEST]);

impl Lan9118 {
    /// Resets and starts the chip at `base`.
    ///
    /// # Safety
    /// There is such a chip at `base`, and this is the only driver of it.
    pub(crate) unsafe fn start(base: usize) -> Result<Self, NoSuchChip> {
        // SAFETY: as the caller promises.
        let chip = unsafe { Chip::at(base) };
        chip.start()?;
        critical_section::with(|section| CHIP.borrow(section).set(Some(chip)));
        Interrupt::Ethernet.enable();
        Ok(Lan9118 {
            chip,
            address: chip.address(),
            link: LinkState::Down,
            received: RECEIVED.take(),
            sent: SENT.take(),
        })
    }
}

/// The line is level-triggered and RSFL is sticky: all is masked until the stack has looked, which unmasks it again.
pub(crate) extern "C" fn on_interrupt() {
    if let Some(chip) = critical_section::with(|section| CHIP.borrow(section).get()) {
        chip.mask();
        if chip.take_link_change() {
            IS_LINK_CHANGED.store(true, Ordering::Release);
        }
    }
    WAKER.wake();
}

impl Driver for Lan9118 {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received<'_>, Sending<'_>)> {
        WAKER.register(cx.waker());
        let frame = self.chip.receive(self.received).or_else(|| {
            self.chip.unmask();
            // What came before the flag was cleared brings no interrupt.
            self.chip.receive(self.received)
        });
        let len = frame?;
        Some((
            Received { frame: self.received.get_mut(..len)? },
            Sending { chip: self.chip, buffer: self.sent },
        ))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Sending<'_>> {
        if !self.chip.has_room(LONGEST) {
            // 10 or 100 Mbit/s empty the FIFO in a millisecond: asking again costs less than one more interrupt.
            cx.waker().wake_by_ref();
            return None;
        }
        Some(Sending { chip: self.chip, buffer: self.sent })
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        WAKER.register(cx.waker());
        if IS_LINK_CHANGED.swap(false, Ordering::AcqRel) {
            self.link = if self.chip.is_link_up() { LinkState::Up } else { LinkState::Down };
            defmt::info!("link is {}", if self.chip.is_link_up() { "up" } else { "down" });
        }
        self.link
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = LONGEST;
        capabilities.max_burst_size = Some(1);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address)
    }
}

/// A frame that was received.
pub struct Received<'a> {
    frame: &'a mut [u8],
}

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, work: F) -> R {
        work(self.frame)
    }
}

/// Room for a frame to send.
pub struct Sending<'a> {
    chip: Chip,
    buffer: &'a mut [u8; LONGEST],
}

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, work: F) -> R {
        // The stack keeps to the capabilities.
        let frame = &mut self.buffer[..len];
        let answer = work(frame);
        self.chip.send(frame);
        answer
    }
}
