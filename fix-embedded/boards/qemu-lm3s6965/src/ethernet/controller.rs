//! The controller's registers and what is done with them.

use qemu::{ethernet::Controller, registers::Registers};

// SAFETY: the registers of the Ethernet controller, which only this file touches.
const REGISTERS: Registers = unsafe { Registers::at(0x4004_8000) };

/// MACRIS when read, MACIACK when written.
const MACRIS: usize = 0x00;
const MACIM: usize = 0x04;
const MACRCTL: usize = 0x08;
const MACTCTL: usize = 0x0C;
const MACDATA: usize = 0x10;
const MACIA0: usize = 0x14;
const MACIA1: usize = 0x18;
const MACTHR: usize = 0x1C;
const MACNP: usize = 0x34;
const MACTR: usize = 0x38;

/// MACRIS, MACIM: RXINT.
const RXINT: u32 = 1;
/// MACRCTL: RSTFIFO.
const RESET_FIFO: u32 = 1 << 4;
/// MACRCTL: RXEN, BADCRC.
const RECEIVE_GOOD: u32 = 1 | 1 << 3;
/// MACTCTL: TXEN, PADEN, CRC, DUPLEX.
const TRANSMIT_WHOLE: u32 = 1 | 1 << 1 | 1 << 2 | 1 << 4;
/// MACTHR: a frame goes when MACTR says so.
const WHOLE_FRAME: u32 = 0x3F;
/// MACTR: NEWTX.
const NEW_FRAME: u32 = 1;

/// What the FIFO holds before a received frame: its length, which counts these bytes and the check sequence.
const LENGTH: usize = 2;
const CHECK_SEQUENCE: usize = 4;
/// The addresses and the type, which a sent length does not count.
const HEADER: usize = 14;

/// The controller, as embassy-net has it driven.
#[derive(Clone, Copy)]
pub struct Mac(());

impl Mac {
    /// From reset to receiving.
    pub(super) fn start() -> Self {
        REGISTERS.write(MACIM, 0);
        REGISTERS.write(MACRCTL, RESET_FIFO);
        REGISTERS.write(MACTHR, WHOLE_FRAME);
        REGISTERS.write(MACTCTL, TRANSMIT_WHOLE);
        REGISTERS.write(MACRCTL, RECEIVE_GOOD);
        Mac(())
    }

    pub(super) fn mask() {
        REGISTERS.write(MACIM, 0);
    }
}

impl Controller for Mac {
    fn address(self) -> [u8; 6] {
        let ([a, b, c, d], [e, f, ..]) =
            (REGISTERS.read(MACIA0).to_le_bytes(), REGISTERS.read(MACIA1).to_le_bytes());
        [a, b, c, d, e, f]
    }

    fn receive(self, buffer: &mut [u8]) -> Option<usize> {
        while REGISTERS.read(MACNP) != 0 {
            let [low, high, first, second] = REGISTERS.read(MACDATA).to_le_bytes();
            let in_fifo = usize::from(u16::from_le_bytes([low, high]));
            let len = in_fifo.saturating_sub(LENGTH + CHECK_SEQUENCE);
            let frame = buffer.get_mut(..len);
            let is_good = frame.is_some();
            let mut places = frame.unwrap_or_default().iter_mut();
            let mut put = |byte| {
                if let Some(place) = places.next() {
                    *place = byte;
                }
            };
            put(first);
            put(second);
            // One word is read.
            for _ in 1..in_fifo.div_ceil(4) {
                REGISTERS.read(MACDATA).to_le_bytes().into_iter().for_each(&mut put);
            }
            if is_good {
                return Some(len);
            }
        }
        None
    }

    fn unmask(self) {
        REGISTERS.write(MACRIS, RXINT);
        REGISTERS.write(MACIM, RXINT);
    }

    fn has_room(self) -> bool {
        REGISTERS.read(MACTR) & NEW_FRAME == 0
    }

    fn send(self, frame: &[u8]) {
        // A frame has a header, and at most LONGEST bytes.
        let [low, high] = (frame.len().saturating_sub(HEADER) as u16).to_le_bytes();
        let mut bytes = [low, high].into_iter().chain(frame.iter().copied());
        while let Some(first) = bytes.next() {
            let mut next = || bytes.next().unwrap_or(0);
            REGISTERS.write(MACDATA, u32::from_le_bytes([first, next(), next(), next()]));
        }
        REGISTERS.write(MACTR, NEW_FRAME);
    }

    /// QEMU has no PHY for this controller: the cable is taken as plugged in.
    fn changed_link(self) -> Option<bool> {
        Some(true)
    }
}
