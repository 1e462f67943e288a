//! Any text as a log with FIX messages: every byte is in a message that shows it, or counted, however the text is cut.
#![no_main]

// The module of the host itself: the rest of the host stays out.
#[path = "../../fix-host/crates/decoder/src/reading/oracle.rs"]
mod oracle;
#[allow(dead_code, unused_imports, unreachable_pub)]
#[path = "../../fix-host/crates/decoder/src/reading/mod.rs"]
mod reading;

use libfuzzer_sys::fuzz_target;
use reading::{Message, Pieces, Progress, Reader, Version, problem_of_fields};

// The first byte says in pieces of which size the text is read again.
fuzz_target!(|input: &[u8]| {
    let Some((size, text)) = input.split_first() else { return };
    let whole = oracle::read(text, text.len().max(1));
    assert_eq!(oracle::read(text, usize::from(*size).max(1)), whole);
});
