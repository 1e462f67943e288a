//! What must hold of every text: no byte of it is lost. Tests and the fuzz target `log` compile this file.

use super::{Message, Pieces, Progress, Reader, Version, problem_of_fields};

/// A message: where it begins, its bytes, what is wrong with it.
pub(crate) type Seen = (usize, String, Option<String>);

/// Reads a text in pieces of `size` bytes: the messages, and the number of bytes beside them.
///
/// # Panics
/// If a byte is neither shown nor counted, or reading gets nowhere.
pub(crate) fn read(text: &[u8], size: usize) -> (Vec<Seen>, u64) {
    let mut reader = Reader::new(|_: Version| &[][..]);
    let (mut held, mut before, mut needed, mut in_messages) = (Vec::new(), 0, 0, 0);
    let mut all = Vec::new();
    for piece in text.chunks(size).chain([&[][..]]) {
        held.extend_from_slice(piece);
        let last = piece.is_empty();
        if held.len() < needed && !last {
            continue;
        }
        let mut messages: Vec<Message> = Vec::new();
        let Progress { taken, needed: more } = reader.read(&held, last, &mut messages);
        let mut end = 0;
        for message in &messages {
            assert!(end <= message.start && message.start < message.end && message.end <= taken);
            end = message.end;
            in_messages += message.end - message.start;
            let bytes = message.bytes(&held);
            let shown: usize = Pieces::new(bytes, &[]).map(|piece| piece.raw.len() + 1).sum();
            assert_eq!(shown, bytes.len(), "every byte is in a piece");
            let source = &held[message.start..message.end];
            let sohs = source.iter().take(128).filter(|byte| **byte == 1).count();
            if source.starts_with(b"8=FIX.4.4\x019=") && sohs > 1 {
                let is_whole = source == bytes || bytes.split_last() == Some((&1, source));
                assert!(is_whole, "what has its SOHs is shown as it is: {}", source.escape_ascii());
            }
            let problem = match message.found {
                Some(_) => message.problem().map(str::to_owned),
                None => problem_of_fields(bytes, &[]),
            };
            let text = String::from_utf8_lossy(bytes).replace('\u{1}', "|");
            all.push((before + message.start, text, problem));
        }
        before += taken;
        assert_eq!(
            in_messages as u64 + reader.beside.bytes,
            before as u64,
            "every byte is in a message or counted"
        );
        held.drain(..taken);
        needed = more;
        assert!(last || needed > held.len(), "more text must be asked for");
    }
    assert_eq!(before, text.len());
    (all, reader.beside.bytes)
}
