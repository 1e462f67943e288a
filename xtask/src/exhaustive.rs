//! `cargo xtask exhaustive`: every short input through the codec, in a release build (a minute on two cores).

use crate::step::{self, Outcome, cargo};

pub(crate) fn run() -> Outcome {
    let mut test = cargo(&["test", "--release", "--package", "fix-core", "--test", "exhaustive"]);
    test.env("EXHAUSTIVE_BYTES", "3").env("EXHAUSTIVE_SYMBOLS", "8");
    step::run(test)
}
