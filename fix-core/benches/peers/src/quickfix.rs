//! QuickFIX C++ through the driver in `quickfix.cpp`.

use std::{
    ffi::{CString, c_char},
    hint::black_box,
};

use crate::{Case, Runner, fold, fold_message, sample};

/// What the driver read from a message; the layout is that of `struct Values` in `quickfix.cpp`.
#[repr(C)]
#[derive(Default)]
struct Values {
    msg_seq_num: u64,
    order_id: Text,
    cl_ord_id: Text,
    symbol: Text,
    side: u64,
    exec_type: u64,
    quantity: f64,
    price: f64,
    time_millis: u64,
}

/// Length, first and last byte of a text: what the digests hold.
#[repr(C)]
#[derive(Default)]
struct Text {
    len: u64,
    ends: [u8; 2],
}

#[repr(C)]
struct Entry {
    entry_type: u64,
    price: f64,
    size: f64,
}

unsafe extern "C" {
    fn quickfix_load(dictionary: *const c_char) -> bool;
    fn quickfix_decode_order(bytes: *const u8, len: usize, validate: bool, out: *mut Values) -> bool;
    fn quickfix_decode_report(bytes: *const u8, len: usize, validate: bool, out: *mut Values) -> bool;
    fn quickfix_decode_snapshot(
        bytes: *const u8,
        len: usize,
        out: *mut Values,
        entries: *mut Entry,
        max: usize,
    ) -> usize;
    fn quickfix_encode_order(out: *mut u8, max: usize) -> usize;
    fn quickfix_encode_report(out: *mut u8, max: usize) -> usize;
}

pub(crate) fn runner(case: Case) -> Option<Runner> {
    match case {
        Case::DecodeOrder => Some(decode(sample::order(), false, quickfix_decode_order, digest_order)),
        Case::DecodeReport => Some(decode(sample::report(), false, quickfix_decode_report, digest_report)),
        Case::ValidateOrder => {
            load().then(|| decode(sample::order(), true, quickfix_decode_order, digest_order))
        }
        Case::ValidateReport => {
            load().then(|| decode(sample::report(), true, quickfix_decode_report, digest_report))
        }
        Case::DecodeSnapshot => Some(decode_snapshot()),
        Case::EncodeOrder => Some(encode(quickfix_encode_order)),
        Case::EncodeReport => Some(encode(quickfix_encode_report)),
        _ => None,
    }
}

/// Loads this project's dictionary into the driver.
fn load() -> bool {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../config/FIX44.xml");
    // SAFETY: the driver reads a string that ends with zero.
    CString::new(path).is_ok_and(|path| unsafe { quickfix_load(path.as_ptr()) })
}

fn decode(
    bytes: Vec<u8>,
    validate: bool,
    driver: unsafe extern "C" fn(*const u8, usize, bool, *mut Values) -> bool,
    digest: fn(&Values) -> u64,
) -> Runner {
    Box::new(move || {
        let mut values = Values::default();
        let bytes = black_box(&bytes);
        // SAFETY: the driver reads `len` bytes and writes one `Values`.
        let good = unsafe { driver(bytes.as_ptr(), bytes.len(), validate, &mut values) };
        if good { digest(&values) } else { 0 }
    })
}

fn decode_snapshot() -> Runner {
    let bytes = sample::snapshot();
    let mut entries: Vec<Entry> = Vec::with_capacity(64);
    Box::new(move || {
        let mut values = Values::default();
        let bytes = black_box(&bytes);
        // SAFETY: the driver writes at most `max` entries and returns how many it wrote.
        unsafe {
            let count =
                quickfix_decode_snapshot(bytes.as_ptr(), bytes.len(), &mut values, entries.as_mut_ptr(), 64);
            entries.set_len(count);
        }
        let mut digest = fold_ends(fold(0, values.msg_seq_num), &values.symbol);
        for entry in &entries {
            digest = fold(digest, entry.entry_type);
            digest = fold(digest, digits(entry.price, 1e5));
            digest = fold(digest, digits(entry.size, 1.0));
        }
        digest
    })
}

fn encode(driver: unsafe extern "C" fn(*mut u8, usize) -> usize) -> Runner {
    let mut buffer = vec![0; 4096];
    Box::new(move || {
        // SAFETY: the driver writes at most `max` bytes and returns how many it wrote.
        let len = unsafe { driver(buffer.as_mut_ptr(), buffer.len()) };
        fold_message(&buffer[..len])
    })
}

/// It reads prices as floats; the digests hold the digits of the text.
fn digits(value: f64, scale: f64) -> u64 {
    (value * scale).round() as u64
}

fn fold_ends(digest: u64, text: &Text) -> u64 {
    fold(digest, text.len << 16 | u64::from(text.ends[0]) << 8 | u64::from(text.ends[1]))
}

fn digest_order(values: &Values) -> u64 {
    let mut digest = fold(0, values.msg_seq_num);
    digest = fold_ends(digest, &values.cl_ord_id);
    digest = fold_ends(digest, &values.symbol);
    digest = fold(digest, values.side);
    digest = fold(digest, values.time_millis);
    digest = fold(digest, digits(values.quantity, 1.0));
    fold(digest, digits(values.price, 1e5))
}

fn digest_report(values: &Values) -> u64 {
    let mut digest = fold(0, values.msg_seq_num);
    digest = fold_ends(digest, &values.order_id);
    digest = fold_ends(digest, &values.cl_ord_id);
    digest = fold(digest, values.exec_type);
    digest = fold(digest, values.side);
    digest = fold(digest, digits(values.quantity, 1.0));
    digest = fold(digest, digits(values.price, 1e5));
    fold(digest, values.time_millis)
}
