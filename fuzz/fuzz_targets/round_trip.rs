//! decode(encode(x)) = x for any fields; what does not fit, or would break the message apart, is refused.
#![no_main]

use fix_core::{
    msg::{header::data_tag_of, msg_type::MsgType},
    tag::Tag,
    wire::writer::{EncodeError, MessageWriter},
};
use fuzz::{Input, msg_type, own_message};
use libfuzzer_sys::fuzz_target;

const SOH: u8 = 1;

/// A plain field, or a Length field together with its data field.
enum Part<'a> {
    Field(Tag, &'a [u8]),
    Data(Tag, Tag, &'a [u8]),
}

fn part<'a>(input: &mut Input<'a>) -> Part<'a> {
    let number = u16::from_le_bytes([input.byte(), input.byte()]);
    // Most of the numbers are tags of FIX 4.4, the others have more digits.
    let tag = match number >> 10 {
        0..=60 => Tag(i32::from(number % 1000)),
        61 => Tag(i32::from(number)),
        _ => Tag(i32::from(number) << 15),
    };
    let count = usize::from(input.byte());
    let value = input.bytes(count);
    data_tag_of(tag).map_or(Part::Field(tag, value), |data_tag| Part::Data(tag, data_tag, value))
}

fn encode(msg_type: MsgType, parts: &[Part<'_>], buffer: &mut [u8]) -> Result<usize, EncodeError> {
    let mut message = MessageWriter::new(buffer, b"FIX.4.4", msg_type);
    for part in parts {
        match *part {
            Part::Field(tag, value) => message.writer().field(tag, value),
            Part::Data(length_tag, tag, data) => message.writer().data(length_tag, tag, data),
        };
    }
    message.finish()
}

fn read_back(bytes: &[u8]) -> Vec<(Tag, Vec<u8>)> {
    own_message(bytes).fields().skip(1).map(|field| (field.tag, field.value.to_vec())).collect()
}

fuzz_target!(|input: &[u8]| {
    let mut input = Input::new(input);
    let msg_type = msg_type(input.byte());
    let short = usize::from(input.byte());
    let mut parts = Vec::new();
    while !input.is_empty() {
        parts.push(part(&mut input));
    }
    let mut expected = Vec::new();
    let mut breaks = false;
    for part in &parts {
        match *part {
            Part::Field(tag, value) => {
                breaks |= value.is_empty() || value.contains(&SOH);
                expected.push((tag, value.to_vec()));
            }
            Part::Data(length_tag, tag, data) => {
                expected.push((length_tag, data.len().to_string().into_bytes()));
                expected.push((tag, data.to_vec()));
            }
        }
    }
    let room = 64 + expected.iter().map(|(_, value)| value.len() + 12).sum::<usize>();
    let mut buffer = vec![0xAA; room];
    let whole = encode(msg_type, &parts, &mut buffer);
    if breaks {
        return assert_eq!(whole, Err(EncodeError::BadValue));
    }
    let len = whole.expect("room enough");
    assert_eq!(read_back(&buffer[..len]), expected);

    let mut less = vec![0xAA; (len + 8).saturating_sub(short)];
    match encode(msg_type, &parts, &mut less) {
        Ok(again) => assert_eq!(less[..again], buffer[..len]),
        Err(error) => {
            assert_eq!(error, EncodeError::Full);
            assert!(less.len() < len, "a buffer of the message's size is enough");
        }
    }
});
