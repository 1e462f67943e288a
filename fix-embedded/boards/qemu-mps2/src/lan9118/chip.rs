//! The chip's registers and what is done with them.

use core::sync::atomic::{AtomicBool, Ordering};

use qemu::{
    ethernet::{Controller, LONGEST},
    marks::{self, Mark},
    registers::Registers,
};

const RX_DATA_FIFO: usize = 0x00;
const TX_DATA_FIFO: usize = 0x20;
const RX_STATUS_FIFO: usize = 0x40;
const TX_STATUS_FIFO: usize = 0x48;
const IRQ_CFG: usize = 0x54;
const INT_STS: usize = 0x58;
const INT_EN: usize = 0x5C;
const BYTE_TEST: usize = 0x64;
const FIFO_INT: usize = 0x68;
const TX_CFG: usize = 0x70;
const HW_CFG: usize = 0x74;
const RX_FIFO_INF: usize = 0x7C;
const TX_FIFO_INF: usize = 0x80;
const MAC_CSR_CMD: usize = 0xA4;
const MAC_CSR_DATA: usize = 0xA8;
const AFC_CFG: usize = 0xAC;

/// What BYTE_TEST reads as.
const BYTE_ORDER: u32 = 0x8765_4321;
/// HW_CFG: SRST.
const SOFT_RESET: u32 = 1;
/// HW_CFG: MBO, which must be set, and a transmit FIFO of 5 KiB.
const MUST_BE_ONE_AND_5_KIB: u32 = 0x0010_0000 | 5 << 16;
/// AFC_CFG: the thresholds of flow control that the data sheet advises.
const FLOW_CONTROL: u32 = 0x006E_3740;
/// IRQ_CFG: IRQ_EN, IRQ_POL (active high: that is how the board's line is), IRQ_TYPE (push-pull).
const IRQ_ON: u32 = 0x111;
/// FIFO_INT: RSFL when there is more than no status; TDFA, which stays masked, at 72 * 64 bytes.
const RECEIVE_LEVEL: u32 = 0x4800_0000;
/// TX_CFG: TX_ON.
const TX_ON: u32 = 2;
/// INT_STS, INT_EN: PHY_INT.
const PHY_INT: u32 = 1 << 18;
/// INT_STS, INT_EN: RSFL. Sticky, not a level.
const RSFL: u32 = 1 << 3;

/// Registers of the MAC, reached through MAC_CSR_CMD.
const MAC_CR: u32 = 1;
const ADDRH: u32 = 2;
const ADDRL: u32 = 3;
const MII_ACC: u32 = 6;
const MII_DATA: u32 = 7;
/// MAC_CSR_CMD: CSR_BUSY.
const CSR_BUSY: u32 = 1 << 31;
/// MAC_CSR_CMD: R_NOT_W.
const CSR_READ: u32 = 1 << 30;
/// MAC_CR: FDPX, TXEN, RXEN.
const FULL_DUPLEX_BOTH_ON: u32 = 0x0010_000C;

/// MII_ACC: the internal PHY's address, MIIWnR, MIIBZY.
const PHY: u32 = 1 << 11;
const MII_WRITE: u32 = 1 << 1;
const MII_BUSY: u32 = 1;
/// Registers of the PHY.
const BASIC_CONTROL: u32 = 0;
const BASIC_STATUS: u32 = 1;
const INTERRUPT_SOURCE: u32 = 29;
const INTERRUPT_MASK: u32 = 30;
/// Basic control: auto-negotiation, begun anew.
const NEGOTIATE: u32 = 0x1200;
/// Interrupt mask: auto-negotiation complete (6), link down (4).
const LINK_CHANGES: u32 = 1 << 6 | 1 << 4;
/// Basic status: link status. Latched low: the first reading tells what was.
const LINK_STATUS: u32 = 1 << 2;

/// A receive status word: ES, any error.
const ERROR: u32 = 1 << 15;
/// The frame check sequence, which a received length counts.
const CHECK_SEQUENCE: usize = 4;

static IS_LINK_CHANGED: AtomicBool = AtomicBool::new(true);

/// The board has no LAN9118 where it should stand.
#[derive(Clone, Copy, Debug, defmt::Format)]
pub(crate) struct NoSuchChip;

/// The chip, as embassy-net has it driven.
#[derive(Clone, Copy)]
pub struct Chip(Registers);

impl Chip {
    /// # Safety
    /// There is such a chip at `base`.
    pub(super) unsafe fn at(base: usize) -> Self {
        // SAFETY: as the caller promises.
        Chip(unsafe { Registers::at(base) })
    }

    /// From reset to receiving.
    pub(super) fn start(self) -> Result<(), NoSuchChip> {
        if self.0.read(BYTE_TEST) != BYTE_ORDER {
            return Err(NoSuchChip);
        }
        self.0.write(HW_CFG, SOFT_RESET);
        while self.0.read(HW_CFG) & SOFT_RESET != 0 {}
        self.0.write(HW_CFG, MUST_BE_ONE_AND_5_KIB);
        self.0.write(AFC_CFG, FLOW_CONTROL);
        self.0.write(INT_EN, 0);
        self.0.write(INT_STS, u32::MAX);
        self.0.write(IRQ_CFG, IRQ_ON);
        self.0.write(FIFO_INT, RECEIVE_LEVEL);
        self.0.write(TX_CFG, TX_ON);
        self.write_phy(BASIC_CONTROL, NEGOTIATE);
        self.write_phy(INTERRUPT_MASK, LINK_CHANGES);
        self.write_mac(MAC_CR, FULL_DUPLEX_BOTH_ON);
        Ok(())
    }

    pub(super) fn mask(self) {
        self.0.write(INT_EN, 0);
    }

    /// Takes note of a change of the link.
    pub(super) fn note_link_change(self) {
        if self.0.read(INT_STS) & PHY_INT != 0 {
            self.read_phy(INTERRUPT_SOURCE);
            IS_LINK_CHANGED.store(true, Ordering::Release);
        }
    }

    fn is_link_up(self) -> bool {
        self.read_phy(BASIC_STATUS);
        self.read_phy(BASIC_STATUS) & LINK_STATUS != 0
    }

    fn read_mac(self, register: u32) -> u32 {
        self.0.write(MAC_CSR_CMD, CSR_BUSY | CSR_READ | register);
        while self.0.read(MAC_CSR_CMD) & CSR_BUSY != 0 {}
        self.0.read(MAC_CSR_DATA)
    }

    fn write_mac(self, register: u32, value: u32) {
        self.0.write(MAC_CSR_DATA, value);
        self.0.write(MAC_CSR_CMD, CSR_BUSY | register);
        while self.0.read(MAC_CSR_CMD) & CSR_BUSY != 0 {}
    }

    fn read_phy(self, register: u32) -> u32 {
        self.write_mac(MII_ACC, PHY | register << 6 | MII_BUSY);
        while self.read_mac(MII_ACC) & MII_BUSY != 0 {}
        self.read_mac(MII_DATA)
    }

    fn write_phy(self, register: u32, value: u32) {
        self.write_mac(MII_DATA, value);
        self.write_mac(MII_ACC, PHY | register << 6 | MII_WRITE | MII_BUSY);
        while self.read_mac(MII_ACC) & MII_BUSY != 0 {}
    }
}

impl Controller for Chip {
    fn address(self) -> [u8; 6] {
        let ([a, b, c, d], [e, f, ..]) =
            (self.read_mac(ADDRL).to_le_bytes(), self.read_mac(ADDRH).to_le_bytes());
        [a, b, c, d, e, f]
    }

    fn receive(self, buffer: &mut [u8]) -> Option<usize> {
        // RXSUSED: statuses that wait.
        while self.0.read(RX_FIFO_INF) >> 16 & 0xFF != 0 {
            let status = self.0.read(RX_STATUS_FIFO);
            let with_check = (status >> 16 & 0x3FFF) as usize;
            let words = with_check.div_ceil(4);
            let len = with_check.saturating_sub(CHECK_SEQUENCE);
            marks::mark(Mark::Received, len);
            let frame = buffer.get_mut(..len).filter(|_| status & ERROR == 0);
            let is_good = frame.is_some();
            let (whole, last) = frame.unwrap_or_default().as_chunks_mut();
            for word in &mut *whole {
                *word = self.0.read(RX_DATA_FIFO).to_le_bytes();
            }
            // What is behind the frame, or belongs to none, is read all the same.
            let mut last = last.iter_mut();
            for _ in whole.len()..words {
                for (place, byte) in last.by_ref().zip(self.0.read(RX_DATA_FIFO).to_le_bytes()) {
                    *place = byte;
                }
            }
            if is_good {
                return Some(len);
            }
        }
        None
    }

    fn unmask(self) {
        self.0.write(INT_STS, RSFL);
        self.0.write(INT_EN, RSFL | PHY_INT);
    }

    fn has_room(self) -> bool {
        const COMMANDS: usize = 8;
        // TDFREE: free bytes.
        (self.0.read(TX_FIFO_INF) & 0xFFFF) as usize >= LONGEST.next_multiple_of(4) + COMMANDS
    }

    fn send(self, frame: &[u8]) {
        const FIRST_AND_LAST_SEGMENT: u32 = 0x3000;
        // At most LONGEST.
        let len = frame.len() as u32;
        self.0.write(TX_DATA_FIFO, FIRST_AND_LAST_SEGMENT | len);
        self.0.write(TX_DATA_FIFO, len << 16 | len);
        let (whole, last) = frame.as_chunks();
        for word in whole {
            self.0.write(TX_DATA_FIFO, u32::from_le_bytes(*word));
        }
        if !last.is_empty() {
            let last = last.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
            self.0.write(TX_DATA_FIFO, last);
        }
        marks::mark(Mark::Sent, frame.len());
        // A status for each frame: full, that FIFO would stop the transmitter. TXSUSED stands in bits 16 to 23.
        while self.0.read(TX_FIFO_INF) >> 16 & 0xFF != 0 {
            self.0.read(TX_STATUS_FIFO);
        }
    }

    fn changed_link(self) -> Option<bool> {
        IS_LINK_CHANGED.swap(false, Ordering::AcqRel).then(|| self.is_link_up())
    }
}
