//! The crate `fix-codec-rs`. It has no typed values: those are read with the standard library and chrono.
//! It encodes only what it decoded, so there is no encode case for it.

use std::hint::black_box;

use chrono::NaiveDateTime;
use fix_codec_rs::{decoder::Decoder, field::Field, message::Message};

use crate::{Case, Runner, fold, fold_message, fold_text, sample};

pub(crate) fn runner(case: Case) -> Option<Runner> {
    match case {
        Case::Framing => {
            // It has no stream framing: a message is decoded to learn whether it is whole.
            Some(decode(sample::order(), |_, bytes| fold_message(bytes)))
        }
        Case::DecodeOrder => Some(decode(sample::order(), |message, _| order(message))),
        Case::DecodeReport => Some(decode(sample::report(), |message, _| report(message))),
        Case::DecodeSnapshot => Some(decode(sample::snapshot(), |message, _| snapshot(message))),
        // It has no dictionary.
        _ => None,
    }
}

fn decode(bytes: Vec<u8>, mut read: impl FnMut(&Message<'_>, &[u8]) -> u64 + 'static) -> Runner {
    let mut decoder = Decoder::with_capacity(256);
    Box::new(move || {
        let bytes = black_box(bytes.as_slice());
        let Ok(message) = decoder.decode(bytes) else { return 0 };
        if message.validate_body_length().is_err() || message.validate_checksum().is_err() {
            return 0;
        }
        read(&message, bytes)
    })
}

fn text<'a>(field: &Field<'a>) -> &'a str {
    std::str::from_utf8(field.value).expect("ASCII")
}

fn number(field: &Field<'_>) -> u64 {
    text(field).parse().expect("a number")
}

/// The digits of a decimal as one number, which is what the other digests hold.
fn decimal(field: &Field<'_>) -> u64 {
    let text = text(field);
    match text.split_once('.') {
        Some((whole, fraction)) => {
            let scale = 10u64.pow(fraction.len() as u32);
            whole.parse::<u64>().expect("digits") * scale + fraction.parse::<u64>().expect("digits")
        }
        None => text.parse().expect("digits"),
    }
}

fn time(field: &Field<'_>) -> u64 {
    let time = NaiveDateTime::parse_from_str(text(field), "%Y%m%d-%H:%M:%S%.3f").expect("a time");
    time.and_utc().timestamp_millis() as u64
}

fn order(message: &Message<'_>) -> u64 {
    let mut digest = 0;
    for field in message.fields() {
        match field.tag {
            34 => digest = fold(digest, number(&field)),
            11 | 55 => digest = fold_text(digest, text(&field).as_bytes()),
            54 => digest = fold(digest, u64::from(field.value[0])),
            60 => digest = fold(digest, time(&field)),
            38 | 44 => digest = fold(digest, decimal(&field)),
            _ => {}
        }
    }
    digest
}

fn report(message: &Message<'_>) -> u64 {
    let mut digest = 0;
    for field in message.fields() {
        match field.tag {
            34 => digest = fold(digest, number(&field)),
            37 | 11 => digest = fold_text(digest, text(&field).as_bytes()),
            150 | 54 => digest = fold(digest, u64::from(field.value[0])),
            32 | 31 => digest = fold(digest, decimal(&field)),
            60 => digest = fold(digest, time(&field)),
            _ => {}
        }
    }
    digest
}

fn snapshot(message: &Message<'_>) -> u64 {
    let mut digest = 0;
    for field in message.fields() {
        match field.tag {
            34 => digest = fold(digest, number(&field)),
            55 => digest = fold_text(digest, text(&field).as_bytes()),
            269 => digest = fold(digest, u64::from(field.value[0])),
            270 | 271 => digest = fold(digest, decimal(&field)),
            _ => {}
        }
    }
    digest
}
