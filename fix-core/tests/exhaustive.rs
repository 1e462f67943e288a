//! Every short input: no panic, nothing taken that is not there, and what is written is read back.
//!
//! The plain test run has every string of up to 2 bytes and of up to 5 critical symbols;
//! `cargo xtask exhaustive` has 3 bytes and 8 symbols, in a release build.

use fix_core::{
    decimal::Decimal,
    msg::{message::Message, msg_type::MsgType},
    tag::Tag,
    time::{Date, MonthYear, UtcTimeOnly, UtcTimestamp},
    wire::{
        field::Fields,
        frame::{Scan, scan},
        value::{FromField, ToField},
        writer::{MessageWriter, Writer},
    },
};

/// The bytes that the grammar turns on: those of `8=`, `9=`, `35=`, `10=`, the delimiter, signs and the point.
const SYMBOLS: [u8; 10] = *b"8=910\x0135-.";

/// A limit that `cargo xtask exhaustive` raises.
fn limit(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// Calls `check` with every string of up to `len` bytes of `alphabet`.
fn each(alphabet: &[u8], len: usize, check: &mut impl FnMut(&[u8])) {
    let mut places = vec![0usize; len];
    let mut text = vec![*alphabet.first().expect("an alphabet"); len];
    for len in 0..=len {
        loop {
            check(&text[..len]);
            // Count up in the base of the alphabet.
            let Some(at) = (0..len).find(|at| places[*at] + 1 < alphabet.len()) else { break };
            places[at] += 1;
            places[..at].fill(0);
            for at in 0..=at {
                text[at] = alphabet[places[at]];
            }
        }
        places.fill(0);
        text.fill(alphabet[0]);
    }
}

fn check_scan(bytes: &[u8]) {
    match scan(bytes, 64) {
        Scan::Frame(frame, taken) => {
            assert!(taken <= bytes.len());
            assert_eq!(frame.bytes(), &bytes[..taken]);
        }
        Scan::Garbled(_, skip) => assert!(skip > 0 && skip <= bytes.len(), "{}", bytes.escape_ascii()),
        Scan::Partial => {}
    }
}

fn check_fields(bytes: &[u8]) {
    let mut fields = Fields::new(bytes);
    let mut before = bytes.len();
    while let Some(field) = fields.next() {
        let rest = fields.rest().len();
        assert!(rest < before, "{}", bytes.escape_ascii());
        if let Ok(field) = field {
            assert!(field.value.len() + rest < before);
        }
        before = rest;
    }
    assert_eq!(before, 0);
}

/// A value that can be read is read again from its canonical text.
fn check_value<T: for<'a> FromField<'a> + ToField + PartialEq + Copy>(text: &[u8]) {
    let Ok(value) = T::from_field(text) else { return };
    let mut buffer = [0; 64];
    let mut writer = Writer::fields(&mut buffer);
    writer.field(Tag(1), value);
    let len = writer.finish_fields().expect("it fits");
    assert!(T::from_field(&buffer[2..len - 1]).is_ok_and(|again| again == value), "{}", text.escape_ascii());
}

fn check_values(text: &[u8]) {
    check_value::<u64>(text);
    check_value::<i64>(text);
    check_value::<Decimal>(text);
    check_value::<UtcTimestamp>(text);
    check_value::<UtcTimeOnly>(text);
    check_value::<Date>(text);
    check_value::<MonthYear>(text);
    check_value::<bool>(text);
    // A char that is a control character is read as it came and refused when it is written.
    if text.iter().all(|byte| *byte >= b' ') {
        check_value::<u8>(text);
    }
}

/// Written as raw data, and as text where it may be, `bytes` come back.
fn check_round_trip(bytes: &[u8], buffer: &mut [u8]) {
    let mut writer = MessageWriter::new(buffer, b"FIX.4.4", MsgType::from_static(b"B"));
    let is_text = !bytes.is_empty() && !bytes.contains(&1);
    if is_text {
        writer.writer().field(Tag(58), bytes);
    }
    writer.writer().data(Tag(95), Tag(96), bytes);
    let len = writer.finish().expect("it fits");
    let Scan::Frame(frame, taken) = scan(&buffer[..len], len) else { panic!("no frame") };
    assert_eq!(taken, len);
    let message = Message::parse(frame).expect("whole fields");
    assert_eq!(message.get(Tag(96)), Some(bytes));
    assert_eq!(message.get(Tag(58)), is_text.then_some(bytes));
}

/// `bytes` where they can do most harm: at the beginning, as BodyLength, as the body and as CheckSum.
fn check_in_place(bytes: &[u8], scratch: &mut Vec<u8>) {
    for (before, behind) in [
        (&b"8=FIX.4.4\x019="[..], &b"\x0135=0\x0110=163\x01"[..]),
        (b"8=FIX.4.4\x019=5\x01", b"10=163\x01"),
        (b"8=FIX.4.4\x019=5\x0135=0\x01", b""),
        (b"8=FIX.4.4\x019=5\x0135=0\x0110=", b"\x01"),
    ] {
        scratch.clear();
        scratch.extend_from_slice(before);
        scratch.extend_from_slice(bytes);
        scratch.extend_from_slice(behind);
        check_scan(scratch);
    }
}

fn check_alone(bytes: &[u8], buffer: &mut [u8]) {
    check_scan(bytes);
    check_fields(bytes);
    check_values(bytes);
    check_round_trip(bytes, buffer);
}

#[test]
fn every_byte_string() {
    let alphabet: Vec<u8> = (0..=255).collect();
    let mut buffer = [0; 256];
    each(&alphabet, limit("EXHAUSTIVE_BYTES", 2), &mut |bytes| check_alone(bytes, &mut buffer));
}

#[test]
fn every_string_of_critical_symbols() {
    let len = limit("EXHAUSTIVE_SYMBOLS", 5);
    check_alone(b"", &mut [0; 256]);
    // On two cores, told apart by the last symbol.
    let (first, second) = SYMBOLS.split_at(SYMBOLS.len() / 2);
    std::thread::scope(|scope| {
        for half in [first, second] {
            scope.spawn(move || half.iter().for_each(|last| strings_that_end_with(*last, len)));
        }
    });
}

fn strings_that_end_with(last: u8, len: usize) {
    let (mut buffer, mut whole, mut scratch) = ([0; 256], Vec::new(), Vec::new());
    each(&SYMBOLS, len - 1, &mut |bytes| {
        whole.clear();
        whole.extend_from_slice(bytes);
        whole.push(last);
        check_alone(&whole, &mut buffer);
        check_in_place(&whole, &mut scratch);
    });
}

#[test]
fn the_enumeration_is_complete() {
    let mut seen = std::collections::HashSet::new();
    each(b"abc", 4, &mut |text| assert!(seen.insert(text.to_vec())));
    assert_eq!(seen.len(), 1 + 3 + 9 + 27 + 81);
}
