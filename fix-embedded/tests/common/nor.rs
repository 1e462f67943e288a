//! A NOR flash in memory that can lose its power in the midst of any write or erase.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::{cell::RefCell, rc::Rc};

use embedded_storage_async::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

pub const SECTOR: usize = 1024;
pub const WORD: usize = 4;

/// The chip: what is in it outlives whoever holds a [`Nor`].
#[derive(Clone, Default)]
pub struct Chip(Rc<RefCell<Inside>>);

#[derive(Clone, Default)]
struct Inside {
    bytes: Vec<u8>,
    /// Words that may still be written, and sectors erased, before the power goes; `None`: it stays.
    left: Option<u64>,
    /// Words written and sectors erased so far.
    done: u64,
    erases: Vec<u64>,
    /// What a word or sector has in whose midst the power goes: random bits, or always the same ones for 0.
    noise: u64,
    /// What an erase calls: it may stop the clock of the test.
    on_erase: Option<Rc<dyn Fn()>>,
    /// No sector can be erased any more, and so many attempts were made.
    erases_fail: bool,
    failed_erases: u64,
}

#[derive(Clone)]
pub struct Nor(Chip);

#[derive(Debug, PartialEq, Eq)]
pub struct Fault(NorFlashErrorKind);

impl Chip {
    pub fn new(sectors: usize) -> Self {
        let inside =
            Inside { bytes: vec![0xFF; sectors * SECTOR], erases: vec![0; sectors], ..Inside::default() };
        Chip(Rc::new(RefCell::new(inside)))
    }

    pub fn nor(&self) -> Nor {
        Nor(self.clone())
    }

    /// The power goes after so many more words or sectors.
    pub fn cut_after(&self, operations: u64) {
        self.0.borrow_mut().left = Some(operations);
    }

    /// The power, when it goes, leaves random bits: of a word those that were to be cleared, or not; of a sector ones.
    pub fn tear_at_random(&self, seed: u64) {
        self.0.borrow_mut().noise = seed | 1;
    }

    pub fn on_erase(&self, call: impl Fn() + 'static) {
        self.0.borrow_mut().on_erase = Some(Rc::new(call));
    }

    /// From now on no sector can be erased.
    pub fn fail_erases(&self) {
        self.0.borrow_mut().erases_fail = true;
    }

    pub fn failed_erases(&self) -> u64 {
        self.0.borrow().failed_erases
    }

    pub fn power_on(&self) {
        self.0.borrow_mut().left = None;
    }

    pub fn done(&self) -> u64 {
        self.0.borrow().done
    }

    pub fn erases(&self) -> Vec<u64> {
        self.0.borrow().erases.clone()
    }

    pub fn with_bytes<R>(&self, change: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        change(&mut self.0.borrow_mut().bytes)
    }
}

impl NorFlashError for Fault {
    fn kind(&self) -> NorFlashErrorKind {
        self.0
    }
}

impl ErrorType for Nor {
    type Error = Fault;
}

impl ReadNorFlash for Nor {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        let inside = self.0.0.borrow();
        if inside.left == Some(0) {
            return Err(Fault(NorFlashErrorKind::Other));
        }
        let offset = offset as usize;
        bytes.copy_from_slice(&inside.bytes[offset..offset + bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.0.borrow().bytes.len()
    }
}

impl NorFlash for Nor {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = SECTOR;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        assert!((from as usize).is_multiple_of(SECTOR) && (to as usize).is_multiple_of(SECTOR));
        let mut inside = self.0.0.borrow_mut();
        if inside.erases_fail {
            inside.failed_erases += 1;
            return Err(Fault(NorFlashErrorKind::Other));
        }
        for start in (from as usize..to as usize).step_by(SECTOR) {
            // A sector that is half erased has some of its old bits, and some new ones.
            let torn = inside.is_cut()?;
            for at in 0..SECTOR {
                let bits = if torn { inside.bits(0x5A ^ at as u8) } else { 0xFF };
                inside.bytes[start + at] |= bits;
            }
            if torn {
                return Err(Fault(NorFlashErrorKind::Other));
            }
            inside.erases[start / SECTOR] += 1;
            if let Some(call) = &inside.on_erase {
                call();
            }
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault> {
        assert!((offset as usize).is_multiple_of(WORD) && bytes.len().is_multiple_of(WORD));
        let mut inside = self.0.0.borrow_mut();
        for (index, word) in bytes.chunks(WORD).enumerate() {
            let torn = inside.is_cut()?;
            let start = offset as usize + index * WORD;
            for (at, byte) in word.iter().enumerate() {
                let bits = if torn { inside.bits(0x0F) } else { 0 };
                let place = &mut inside.bytes[start + at];
                assert_eq!(*place & *byte, *byte, "written twice without an erase");
                *place &= *byte | bits;
            }
            if torn {
                return Err(Fault(NorFlashErrorKind::Other));
            }
        }
        Ok(())
    }
}

impl Inside {
    /// Bits that a torn byte keeps or gets back.
    fn bits(&mut self, usual: u8) -> u8 {
        if self.noise == 0 {
            return usual;
        }
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        // Also none of them, and all: a word as if it had been written, or not, and a sector.
        match self.noise >> 61 {
            0 => 0,
            1 => 0xFF,
            _ => (self.noise >> 20) as u8,
        }
    }

    /// Counts an operation. True if the power goes in its midst; an error if it is gone.
    fn is_cut(&mut self) -> Result<bool, Fault> {
        self.done += 1;
        match &mut self.left {
            None => Ok(false),
            Some(0) => Err(Fault(NorFlashErrorKind::Other)),
            Some(left) => {
                *left -= 1;
                Ok(*left == 0)
            }
        }
    }
}
