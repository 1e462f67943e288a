//! embassy-net over an Ethernet controller of a board.

use core::task::Context;

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;
use static_cell::ConstStaticCell;

use crate::gateway::TCP_BUFFER;

/// The longest frame that is kept, without its check sequence: what fills the socket, behind the headers of Ethernet, IP and
/// TCP. The maximum segment size is told by it, so the counterparty sends nothing longer.
pub const LONGEST: usize = 14 + 20 + 20 + TCP_BUFFER;

/// The task that runs the stack asks for all three, frames, room and link: one waker is enough.
static WAKER: AtomicWaker = AtomicWaker::new();

/// A controller. Its interrupt masks itself, as the line is level-triggered, and calls [`on_interrupt`].
pub trait Controller: Copy + 'static {
    /// The MAC address.
    fn address(self) -> [u8; 6];

    /// Takes the oldest frame, and how long it is. Frames that do not fit are dropped.
    fn receive(self, buffer: &mut [u8]) -> Option<usize>;

    /// Forgets the frames announced so far and lets the interrupt come again. A frame is looked for after it.
    fn unmask(self);

    /// Whether [`send`](Self::send) can be given a frame of [`LONGEST`] bytes.
    fn has_room(self) -> bool;

    /// Sends a frame for which there is room.
    fn send(self, frame: &[u8]);

    /// Whether the cable is plugged in, if that may have changed since the last call.
    fn changed_link(self) -> Option<bool>;
}

/// What the controller's interrupt calls.
pub fn on_interrupt() {
    WAKER.wake();
}

/// The driver. Hand it to embassy-net as `&'static mut`.
pub struct Ethernet<C> {
    controller: C,
    link: LinkState,
    received: &'static mut [u8; LONGEST],
    sent: &'static mut [u8; LONGEST],
}

/// Not in the driver itself, which is moved about before it stands where it stays: each move would be on the stack.
static RECEIVED: ConstStaticCell<[u8; LONGEST]> = ConstStaticCell::new([0; LONGEST]);
static SENT: ConstStaticCell<[u8; LONGEST]> = ConstStaticCell::new([0; LONGEST]);

impl<C: Controller> Ethernet<C> {
    /// Over the board's controller, which is started.
    ///
    /// # Panics
    /// If it is called twice.
    pub fn new(controller: C) -> Self {
        Ethernet { controller, link: LinkState::Down, received: RECEIVED.take(), sent: SENT.take() }
    }
}

impl<C: Controller> Driver for Ethernet<C> {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a, C>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received<'_>, Sending<'_, C>)> {
        WAKER.register(cx.waker());
        let frame = self.controller.receive(self.received).or_else(|| {
            self.controller.unmask();
            // What came before the flag was cleared brings no interrupt.
            self.controller.receive(self.received)
        });
        let len = frame?;
        Some((
            Received { frame: self.received.get_mut(..len)? },
            Sending { controller: self.controller, buffer: self.sent },
        ))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Sending<'_, C>> {
        if !self.controller.has_room() {
            // 10 or 100 Mbit/s empty the FIFO in a millisecond: asking again costs less than one more interrupt.
            cx.waker().wake_by_ref();
            return None;
        }
        Some(Sending { controller: self.controller, buffer: self.sent })
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        WAKER.register(cx.waker());
        if let Some(is_up) = self.controller.changed_link() {
            let link = if is_up { LinkState::Up } else { LinkState::Down };
            if link != self.link {
                defmt::info!("link is {=str}", if is_up { "up" } else { "down" });
            }
            self.link = link;
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
        HardwareAddress::Ethernet(self.controller.address())
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
pub struct Sending<'a, C> {
    controller: C,
    buffer: &'a mut [u8; LONGEST],
}

impl<C: Controller> TxToken for Sending<'_, C> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, work: F) -> R {
        // The stack keeps to the capabilities.
        let frame = &mut self.buffer[..len];
        let answer = work(frame);
        self.controller.send(frame);
        answer
    }
}
