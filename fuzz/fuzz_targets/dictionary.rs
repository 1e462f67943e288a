//! Any bytes as a data dictionary, and as an overlay on top of another: tables, or one line that says what is
//! wrong and where; every warning is one line too.
#![no_main]

use fix_dictionary::{
    error::{SpecError, Warnings},
    overlay, resolve,
    resolve::Resolved,
    rust, xml,
};
use libfuzzer_sys::fuzz_target;

const NAME: &str = "fuzz.xml";

fn read(base: &[u8], on_top: Option<&[u8]>, warnings: &mut Warnings) -> Result<Resolved, SpecError> {
    let mut spec = xml::parse(NAME, base, warnings)?;
    if let Some(on_top) = on_top {
        let on_top = xml::parse("overlay.xml", on_top, warnings)?;
        overlay::apply(&mut spec, on_top, warnings)?;
    }
    resolve::resolve(&spec, warnings)
}

fn check(line: &str) {
    assert!(line.starts_with(NAME) || line.starts_with("overlay.xml"), "{line:?}");
    assert!(!line.contains(char::is_control), "{line:?}");
}

fuzz_target!(|input: &[u8]| {
    // An overlay stands behind this mark; a zero byte is part of UTF-16.
    let mark = input.windows(2).position(|bytes| bytes == [0, 0xff]);
    let (base, on_top) = mark.map_or((input, None), |at| (&input[..at], Some(&input[at + 2..])));
    let mut warnings = Warnings::default();
    let outcome = read(base, on_top, &mut warnings);
    warnings.lines().for_each(|line| check(&line));
    match outcome {
        Ok(resolved) => {
            assert!(resolved.fields.is_sorted_by_key(|field| field.number));
            for flavor in [rust::Flavor::Core, rust::Flavor::External] {
                assert!(!rust::write(&resolved, flavor, NAME, "fuzz").is_empty());
            }
        }
        Err(error) => check(&error.to_string()),
    }
});
