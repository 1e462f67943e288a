//! embassy-net over the chip's own Ethernet controller (chapter 16 of the data sheet).

mod controller;

use core::task::Context;

use controller::Controller;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;
use static_cell::ConstStaticCell;

use crate::interrupts::Interrupt;

/// The longest frame without its check sequence: header and 1500 bytes.
const LONGEST: usize = 1514;

/// The task that runs the stack asks for frames and for room: one waker is enough.
static WAKER: AtomicWaker = AtomicWaker::new();

/// The driver. Hand it to embassy-net as `&'static mut`.
pub struct Ethernet {
    controller: Controller,
    address: [u8; 6],
    received: &'static mut [u8; LONGEST],
    sent: &'static mut [u8; LONGEST],
}

/// Not in the driver itself, which is moved about before it stands where it stays: each move would be on the stack.
static RECEIVED: ConstStaticCell<[u8; LONGEST]> = ConstStaticCell::new([0; LONGEST]);
static SENT: ConstStaticCell<[u8; LONGEST]> = ConstStaticCell::new([0; LONGEST]);

impl Ethernet {
    /// Starts the controller. Called once, by the board.
    pub(crate) fn start() -> Self {
        let controller = Controller::start();
        Interrupt::Ethernet.enable();
        Ethernet { controller, address: controller.address(), received: RECEIVED.take(), sent: SENT.take() }
    }
}

/// The line is level-triggered: all is masked until the stack has looked, which unmasks it again.
pub(crate) extern "C" fn on_interrupt() {
    Controller::mask();
    WAKER.wake();
}

impl Driver for Ethernet {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received<'_>, Sending<'_>)> {
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

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Sending<'_>> {
        if !self.controller.has_room() {
            // A frame takes a millisecond at most: asking again costs less than one more interrupt.
            cx.waker().wake_by_ref();
            return None;
        }
        Some(Sending { controller: self.controller, buffer: self.sent })
    }

    /// QEMU has no PHY for this controller: the cable is taken as plugged in.
    fn link_state(&mut self, _cx: &mut Context<'_>) -> LinkState {
        LinkState::Up
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
    controller: Controller,
    buffer: &'a mut [u8; LONGEST],
}

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, work: F) -> R {
        // The stack keeps to the capabilities.
        let frame = &mut self.buffer[..len];
        let answer = work(frame);
        self.controller.send(frame);
        answer
    }
}
