//! Any bytes as a flight recording, in blocks or without: it is done again or refused, without a panic and without an end that
//! does not come, and a part of it never says more than the whole.
#![no_main]

use fix_core::{
    dict::{Dictionary, fix44},
    flight::{Difference, End, World, block, replay},
};
use libfuzzer_sys::fuzz_target;

/// The largest buffer that is made.
const MOST: u64 = 1 << 16;

struct Machine;

impl World for Machine {
    type Buffer = Vec<u8>;

    fn buffer(&mut self, len: u64) -> Option<Vec<u8>> {
        (len <= MOST).then(|| vec![0; len as usize])
    }

    fn dictionary(&mut self, _fingerprint: u32) -> Option<&'static Dictionary> {
        Some(&fix44::DICTIONARY)
    }

    fn intern(text: &str) -> Option<&'static str> {
        // Nothing is kept for good: the fuzzer would fill the memory.
        ["FIX.4.4", "Unsupported Message Type", ""].into_iter().find(|known| *known == text)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    while let Ok(block) = block::read(rest) {
        assert!(block.len <= rest.len() && block.payload.len() < block.len);
        rest = &rest[block.len..];
    }
    let whole = replay(bytes, &mut Machine);
    let half = replay(&bytes[..bytes.len() / 2], &mut Machine);
    // Cut right behind a call, the half does that call without the answers by which the whole sees that it is another one.
    let unseen = u64::from(whole.end != End::Whole);
    let is_part = half.entries <= whole.entries + unseen && half.messages <= whole.messages;
    assert!(is_part, "{half:?} {whole:?}");
    if let End::Differs(Difference::Message { expected, made }) = whole.end {
        assert_ne!(expected, made);
    }
});
