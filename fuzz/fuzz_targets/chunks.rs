//! However a stream is cut into pieces, the deframer finds the same frames, loses no byte and never blocks.
#![no_main]

use fix_core::wire::{deframer::Deframer, frame::GarbledReason};
use fuzz::Input;
use libfuzzer_sys::fuzz_target;

/// What came out of a deframer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    frames: Vec<Vec<u8>>,
    /// Bytes of frames and garbled runs together.
    taken: usize,
    /// There was a run of which only the beginning is told, and the rest passed over.
    passes_over: bool,
}

impl Found {
    /// Every byte is in a frame, told, still held, or behind a beginning that was told.
    fn check(&self, left: usize, len: usize) {
        let accounted = self.taken + left;
        assert!(accounted == len || (accounted < len && self.passes_over), "{accounted} bytes of {len}");
    }
}

fn deframe(stream: &[u8], room: usize, mut chunk: impl FnMut() -> usize) -> (Found, usize) {
    let mut deframer = Deframer::new(vec![0; room]);
    let mut found = Found::default();
    let mut rest = stream;
    while !rest.is_empty() {
        let space = deframer.space();
        assert!(!space.is_empty(), "no room, and no frame either");
        let count = chunk().clamp(1, rest.len().min(space.len()));
        space[..count].copy_from_slice(&rest[..count]);
        rest = &rest[count..];
        deframer.received(count);
        while let Some(next) = deframer.next_frame() {
            match next {
                Ok(frame) => {
                    found.taken += frame.bytes().len();
                    found.frames.push(frame.bytes().to_vec());
                }
                Err(garbled) => {
                    let skipped = deframer.skipped(&garbled).len();
                    assert!(skipped > 0, "takes nothing away");
                    found.taken += skipped;
                    found.passes_over |= matches!(
                        garbled.reason,
                        GarbledReason::TooLong { .. } | GarbledReason::WrongBodyLength
                    );
                }
            }
        }
    }
    (found, deframer.pending())
}

fuzz_target!(|input: &[u8]| {
    let mut input = Input::new(input);
    let room = 24 + 8 * usize::from(input.byte());
    let sizes = input.bytes(4);
    let stream = fuzz::stream(input.rest());

    let (whole, whole_left) = deframe(&stream, room, || usize::MAX);
    whole.check(whole_left, stream.len());

    let mut turn = sizes.iter().cycle();
    let (pieces, left) = deframe(&stream, room, || turn.next().copied().unwrap_or(1).into());
    pieces.check(left, stream.len());
    assert_eq!(pieces.frames, whole.frames, "pieces of {sizes:?}, room for {room}");
});
