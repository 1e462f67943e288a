//! Any text as a data dictionary, and as an overlay on top of another: tables, or one line that says what is
//! wrong and where.
#![no_main]

// The module of the host itself, as `cargo xtask codegen` takes it too: the rest of the host stays out.
#[allow(dead_code, unreachable_pub)]
#[path = "../../fix-host/src/dictionary/spec/mod.rs"]
mod spec;

use libfuzzer_sys::fuzz_target;
use spec::{error::SpecError, overlay, resolve, resolve::Resolved, rust, xml};

const NAME: &str = "fuzz.xml";

fn read(base: &str, on_top: Option<&str>) -> Result<Resolved, SpecError> {
    let mut spec = xml::parse(NAME, base)?;
    if let Some(on_top) = on_top {
        overlay::apply(&mut spec, xml::parse(NAME, on_top)?)?;
    }
    resolve::resolve(&spec)
}

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (base, on_top) = text.split_once('\0').map_or((text, None), |(base, on_top)| (base, Some(on_top)));
    match read(base, on_top) {
        Ok(resolved) => {
            assert!(resolved.fields.is_sorted_by_key(|field| field.number));
            for flavor in [rust::Flavor::Core, rust::Flavor::External] {
                assert!(!rust::write(&resolved, flavor, NAME, "fuzz").is_empty());
            }
        }
        Err(error) => {
            let line = error.to_string();
            assert!(line.starts_with(NAME) && !line.contains(char::is_control), "{line:?}");
        }
    }
});
