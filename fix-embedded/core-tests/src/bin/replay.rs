//! A flight recording done again on a Cortex-M4: the file `recording` in the folder that QEMU was started in, read over
//! semihosting. Says what `fix-host replay` says; QEMU ends with a failure if a message is not the same.
#![no_std]
#![no_main]

extern crate alloc;

#[path = "../machine.rs"]
mod machine;

use alloc::{boxed::Box, string::String, vec, vec::Vec};

use cortex_m_rt::entry;
use cortex_m_semihosting::{hprintln, nr, syscall};
use fix_core::{
    dict::{Dictionary, fix44},
    flight::{End, Joined, Replayed, World, fingerprint, replay},
};

/// The largest buffer of the recorded session that is made.
const MOST_BUFFER: u64 = 6 << 20;

struct Machine {
    fingerprint: u32,
}

impl World for Machine {
    type Buffer = Vec<u8>;

    fn buffer(&mut self, len: u64) -> Option<Vec<u8>> {
        usize::try_from(len).ok().filter(|_| len <= MOST_BUFFER).map(|len| vec![0; len])
    }

    fn dictionary(&mut self, wanted: u32) -> Option<&'static Dictionary> {
        (wanted == self.fingerprint).then_some(&fix44::DICTIONARY)
    }

    fn intern(text: &str) -> Option<&'static str> {
        // A recording has a handful of them, and the machine ends with it.
        Some(Box::leak(String::from(text).into_boxed_str()))
    }
}

/// The bytes of a file of the host; `None` if they cannot be read.
fn read(path: &core::ffi::CStr) -> Option<Vec<u8>> {
    // SAFETY: the name ends with a zero and lives as long as the call; its length goes without that zero.
    let handle = unsafe { syscall!(OPEN, path.as_ptr(), nr::open::R_BINARY, path.count_bytes()) };
    if handle == usize::MAX {
        return None;
    }
    // SAFETY: the call takes a handle and touches no memory of ours.
    let len = unsafe { syscall!(FLEN, handle) };
    if len == usize::MAX {
        return None;
    }
    let mut bytes = vec![0; len];
    // SAFETY: the host writes `len` bytes at most, into memory that is ours alone.
    let missing = unsafe { syscall!(READ, handle, bytes.as_mut_ptr(), len) };
    (missing == 0).then_some(bytes)
}

#[entry]
fn main() -> ! {
    machine::begin();
    let Some(file) = read(c"recording") else {
        hprintln!("FAILED: the file `recording` cannot be read");
        machine::end(false)
    };
    let mut entries = Vec::new();
    for piece in Joined::new(&file) {
        match piece {
            Ok(piece) => entries.extend_from_slice(piece),
            Err(gap) => hprintln!("what follows cannot be read: {}", gap),
        }
    }
    drop(file);
    let replayed = replay(&entries, &mut Machine { fingerprint: fingerprint(&fix44::DICTIONARY) });
    let Replayed { entries, received, messages, end, .. } = replayed;
    let is_same = matches!(end, End::Whole | End::Cut);
    let verdict = if is_same { "all the same" } else { "NOT the same" };
    hprintln!("{} entries, {} bytes in, {} messages out, {}", entries, received, messages, verdict);
    if !is_same {
        hprintln!("FAILED {:?}", end);
    }
    machine::end(is_same)
}
