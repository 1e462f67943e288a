//! The calls of Arm's semihosting that `cortex-m-semihosting` has no function for.

use cortex_m_semihosting::{nr, syscall};

/// What SYS_OPEN, SYS_READ and the others answer where they fail.
const FAILED: usize = usize::MAX;

/// The host refused the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
pub struct HostError;

/// An open file of the host.
pub(crate) struct HostFile {
    handle: usize,
}

impl HostFile {
    /// SYS_OPEN; `mode` is one of `cortex_m_semihosting::nr::open`. A path has 127 bytes at most.
    pub(crate) fn open(path: &str, mode: usize) -> Result<Self, HostError> {
        let mut name = [0; 128];
        let len = path.len();
        if len >= name.len() {
            return Err(HostError);
        }
        name[..len].copy_from_slice(path.as_bytes());
        // SAFETY: the name ends with a zero and lives as long as the call; its length goes without that zero.
        match unsafe { syscall!(OPEN, name.as_ptr(), mode, len) } {
            FAILED => Err(HostError),
            handle => Ok(HostFile { handle }),
        }
    }

    /// SYS_FLEN: bytes of the file.
    pub(crate) fn len(&self) -> Result<usize, HostError> {
        // SAFETY: the call takes a handle and touches no memory of ours.
        match unsafe { syscall!(FLEN, self.handle) } {
            FAILED => Err(HostError),
            len => Ok(len),
        }
    }

    /// SYS_SEEK and SYS_READ; fails if there are fewer bytes.
    pub(crate) fn read_at(&mut self, offset: usize, bytes: &mut [u8]) -> Result<(), HostError> {
        self.seek(offset)?;
        self.read(bytes)
    }

    /// SYS_READ, behind what was written or read last; fails if there are fewer bytes.
    pub(crate) fn read(&mut self, bytes: &mut [u8]) -> Result<(), HostError> {
        // SAFETY: the host writes `bytes.len()` bytes at most, into a slice that is ours alone.
        let missing = unsafe { syscall!(READ, self.handle, bytes.as_mut_ptr(), bytes.len()) };
        if missing == 0 { Ok(()) } else { Err(HostError) }
    }

    /// SYS_SEEK and SYS_WRITE.
    pub(crate) fn write_at(&mut self, offset: usize, bytes: &[u8]) -> Result<(), HostError> {
        self.seek(offset)?;
        self.write(bytes)
    }

    /// SYS_WRITE, behind what was written or read last.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), HostError> {
        // SAFETY: the host reads `bytes.len()` bytes of a slice that lives as long as the call.
        let missing = unsafe { syscall!(WRITE, self.handle, bytes.as_ptr(), bytes.len()) };
        if missing == 0 { Ok(()) } else { Err(HostError) }
    }

    fn seek(&mut self, offset: usize) -> Result<(), HostError> {
        // SAFETY: the call takes two numbers and touches no memory of ours.
        if unsafe { syscall!(SEEK, self.handle, offset) } == 0 { Ok(()) } else { Err(HostError) }
    }
}

/// SYS_TIME: seconds since 1970.
pub(crate) fn time() -> u32 {
    // SAFETY: the call takes nothing.
    unsafe { cortex_m_semihosting::syscall1(nr::TIME, 0) as u32 }
}

/// SYS_GET_CMDLINE: what QEMU was started with, `arg=` by `arg=`, a space between them.
pub(crate) fn command_line(buffer: &mut [u8]) -> Result<&str, HostError> {
    let mut block = [buffer.as_mut_ptr() as usize, buffer.len()];
    // SAFETY: the host writes into the buffer that the block names, at most as long as it says, and its length into the
    // block.
    let answer = unsafe { cortex_m_semihosting::syscall1(nr::GET_CMDLINE, block.as_mut_ptr() as usize) };
    // The host changed the block behind the compiler's back.
    // SAFETY: it is a live array.
    let len = unsafe { block.as_ptr().add(1).read_volatile() };
    let bytes = buffer.get(..len).filter(|_| answer == 0).ok_or(HostError)?;
    core::str::from_utf8(bytes).map_err(|_| HostError)
}
