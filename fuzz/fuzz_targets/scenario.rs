//! Any text as a scenario, and any log as something to make one of: a script or one line that says where it is wrong; and
//! what `scenario record` writes can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::scenario::{parse, record};

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    if let Err(error) = parse("any.scenario", &text) {
        let error = error.to_string();
        assert!(error.starts_with("any.scenario:") && error.lines().count() == 1, "{error:?}");
    }
    // A log with | for SOH, and messages whose frames are right, as in the other targets.
    let log: Vec<u8> = input.iter().map(|byte| if *byte == b'|' { 1 } else { *byte }).collect();
    if let Ok(recorded) = record(&fuzz::stream(&log), None) {
        parse("recorded", &recorded.text).unwrap_or_else(|error| panic!("{error}\n{}", recorded.text));
    }
});
