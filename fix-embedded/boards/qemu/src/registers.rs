//! Registers in the address space.

/// A block of 32-bit registers.
#[derive(Clone, Copy)]
pub struct Registers {
    base: usize,
}

impl Registers {
    /// The block at `base`.
    ///
    /// # Safety
    /// There are registers at `base`, of 4 KiB at least, and reading and writing them harms no memory.
    pub const unsafe fn at(base: usize) -> Self {
        Registers { base }
    }

    /// Reads the register at `offset`.
    pub fn read(self, offset: usize) -> u32 {
        // SAFETY: as promised to `at`.
        unsafe { ((self.base + offset) as *const u32).read_volatile() }
    }

    /// Writes the register at `offset`.
    pub fn write(self, offset: usize, value: u32) {
        // SAFETY: as promised to `at`.
        unsafe { ((self.base + offset) as *mut u32).write_volatile(value) }
    }
}
