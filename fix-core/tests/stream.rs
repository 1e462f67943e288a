//! Streams of random messages and random damage through the deframer.

use fix_core::{
    msg::msg_type::MsgType,
    tag::Tag,
    wire::{deframer::Deframer, writer::MessageWriter},
};
use proptest::prelude::*;

const BUFFER: usize = 512;

/// Feeds `stream` in chunks of the given sizes, over and over, and returns the frames.
fn frames(stream: &[u8], chunks: &[usize]) -> Vec<Vec<u8>> {
    let mut deframer = Deframer::new([0; BUFFER]);
    let mut frames = Vec::new();
    let mut sizes = chunks.iter().cycle();
    let mut rest = stream;
    while !rest.is_empty() {
        let space = deframer.space();
        assert!(!space.is_empty(), "the stream is blocked");
        let count = sizes.next().copied().unwrap_or(usize::MAX).clamp(1, rest.len()).min(space.len());
        space[..count].copy_from_slice(&rest[..count]);
        deframer.received(count);
        rest = &rest[count..];
        while let Some(next) = deframer.next_frame() {
            frames.extend(next.ok().map(|frame| frame.bytes().to_vec()));
        }
    }
    frames
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    let text = proptest::collection::vec(2u8..=255, 1..80);
    let data = proptest::collection::vec(any::<u8>(), 0..80);
    (text, data).prop_map(|(text, data)| {
        let mut buffer = [0; BUFFER];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::from_static(b"B"));
        writer.writer().field(Tag(148), text.as_slice()).data(Tag(95), Tag(96), &data);
        let len = writer.finish().expect("it fits");
        buffer[..len].to_vec()
    })
}

/// Bytes as a broken counterparty sends them: noise, pieces of messages, or a message with a byte changed.
fn damage() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..100),
        proptest::collection::vec(proptest::sample::select(b"8=910\x0135FIX.4".as_slice()), 0..100),
        (message(), any::<proptest::sample::Index>())
            .prop_map(|(message, cut)| message[..cut.index(message.len())].to_vec()),
        (message(), any::<proptest::sample::Index>(), any::<u8>()).prop_map(|(mut message, at, byte)| {
            let at = at.index(message.len());
            message[at] = byte;
            message
        }),
    ]
}

proptest! {
    #[test]
    fn good_messages_all_arrive_however_the_stream_is_cut(
        messages in proptest::collection::vec(message(), 1..8),
        chunks in proptest::collection::vec(1usize..200, 1..10),
    ) {
        prop_assert_eq!(frames(&messages.concat(), &chunks), messages);
    }

    #[test]
    fn the_cuts_change_nothing_in_a_damaged_stream_either(
        parts in proptest::collection::vec(prop_oneof![message(), damage()], 1..8),
        chunks in proptest::collection::vec(1usize..200, 1..10),
    ) {
        let stream = parts.concat();
        let whole = frames(&stream, &[usize::MAX]);
        prop_assert_eq!(frames(&stream, &chunks), whole.clone());
        prop_assert_eq!(frames(&stream, &[1]), whole);
    }

    #[test]
    fn behind_damage_the_stream_is_found_again(
        damage in damage(),
        messages in proptest::collection::vec(message(), 1..20),
    ) {
        let mut stream = damage;
        stream.extend(messages.concat());
        let found = frames(&stream, &[64]);
        // A broken head can claim the rest of the buffer, and no more: what begins behind that arrives.
        let mut end_of_claim = 0;
        let safe: Vec<_> = messages
            .iter()
            .filter(|message| {
                let begins = end_of_claim;
                end_of_claim += message.len();
                begins >= BUFFER
            })
            .cloned()
            .collect();
        prop_assert!(found.ends_with(&safe), "{} found, {} safe", found.len(), safe.len());
    }
}
