//! Any bytes: what is taken lies within them, only a partial message takes nothing, and whatever a good frame
//! holds can be looked at.
#![no_main]

use fix_core::{
    msg::message::Message,
    wire::frame::{Scan, scan},
};
use libfuzzer_sys::fuzz_target;

const MAX_LEN: usize = 4096;

fuzz_target!(|input: &[u8]| {
    let stream = fuzz::stream(input);
    let mut rest = &stream[..];
    loop {
        let taken = match scan(rest, MAX_LEN) {
            Scan::Partial => {
                assert!(rest.len() < MAX_LEN, "waits for more than a message can have");
                break;
            }
            Scan::Garbled(_, skip) => skip,
            Scan::Frame(frame, taken) => {
                assert_eq!(frame.bytes(), &rest[..taken]);
                assert!(taken <= MAX_LEN);
                if let Ok(message) = Message::parse(frame) {
                    let _ = (message.header().msg_seq_num(), message.msg_type());
                    let shown = message.header_fields().count() + message.body_fields().count();
                    assert!(shown <= message.fields().count());
                }
                taken
            }
        };
        assert!(taken > 0, "takes nothing away");
        rest = &rest[taken..];
    }
});
