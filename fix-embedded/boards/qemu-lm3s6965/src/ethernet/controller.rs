//! The controller's registers and what is done with them.

use qemu::registers::Registers;

// SAFETY: the registers of the Ethernet controller, which only this file touches.
const MAC: Registers = unsafe { Registers::at(0x4004_8000) };

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

/// The controller.
#[derive(Clone, Copy)]
pub(super) struct Controller(());

impl Controller {
    /// From reset to receiving.
    pub(super) fn start() -> Self {
        MAC.write(MACIM, 0);
        MAC.write(MACRCTL, RESET_FIFO);
        MAC.write(MACTHR, WHOLE_FRAME);
        MAC.write(MACTCTL, TRANSMIT_WHOLE);
        MAC.write(MACRCTL, RECEIVE_GOOD);
        Controller(())
    }

    /// The MAC address. QEMU has put it there; on silicon it is copied from the flash's user registers first.
    pub(super) fn address(self) -> [u8; 6] {
        let ([a, b, c, d], [e, f, ..]) = (MAC.read(MACIA0).to_le_bytes(), MAC.read(MACIA1).to_le_bytes());
        [a, b, c, d, e, f]
    }

    pub(super) fn mask() {
        MAC.write(MACIM, 0);
    }

    /// Forgets the frames announced so far and lets the interrupt come again. Look for a frame after it.
    pub(super) fn unmask(self) {
        MAC.write(MACRIS, RXINT);
        MAC.write(MACIM, RXINT);
    }

    /// Takes the oldest frame, and how long it is. Frames that do not fit are dropped.
    pub(super) fn receive(self, buffer: &mut [u8]) -> Option<usize> {
        while MAC.read(MACNP) != 0 {
            let [low, high, first, second] = MAC.read(MACDATA).to_le_bytes();
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
                MAC.read(MACDATA).to_le_bytes().into_iter().for_each(&mut put);
            }
            if is_good {
                return Some(len);
            }
        }
        None
    }

    /// Says whether the frame before is sent: the FIFO holds one.
    pub(super) fn has_room(self) -> bool {
        MAC.read(MACTR) & NEW_FRAME == 0
    }

    /// Sends a frame for which there is room.
    pub(super) fn send(self, frame: &[u8]) {
        // A frame has a header, and at most 1514 bytes.
        let [low, high] = (frame.len().saturating_sub(HEADER) as u16).to_le_bytes();
        let mut bytes = [low, high].into_iter().chain(frame.iter().copied());
        while let Some(first) = bytes.next() {
            let mut next = || bytes.next().unwrap_or(0);
            MAC.write(MACDATA, u32::from_le_bytes([first, next(), next(), next()]));
        }
        MAC.write(MACTR, NEW_FRAME);
    }
}
