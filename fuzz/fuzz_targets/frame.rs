//! Any bytes: what is taken lies within them, and only a partial message takes nothing.
#![no_main]

use fix_core::wire::frame::{Scan, scan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    loop {
        let taken = match scan(rest, 4096) {
            Scan::Partial => break,
            Scan::Frame(frame, taken) => {
                assert_eq!(frame.bytes(), &rest[..taken]);
                taken
            }
            Scan::Garbled(_, skip) => skip,
        };
        assert!(taken > 0, "nothing taken");
        rest = &rest[taken..];
    }
});
