//! `cargo xtask test32`: the tests of fix-core on a target of 32 bits, whose codec reads and writes in other ways than
//! that of 64 (ARCHITECTURE.md says where). The target is one whose programs run on a PC.

use std::fs;

use crate::{
    cross::{self, Library},
    step::{self, Outcome, root},
};

const TARGET: &str = "i686-unknown-linux-gnu";

pub(crate) fn run() -> Outcome {
    let (true, Some(mut command)) = (has_c_library(), cross::cargo_for("fix-core", TARGET, Library::Std))
    else {
        return step::skip(
            "tests on 32 bits",
            "gcc-multilib and `rustup target add i686-unknown-linux-gnu`, or Debian's gcc-multilib, rustc-web and \
             rust-web-src",
        );
    };
    command.args(["test", "--target", TARGET, "--no-fail-fast", "--lib"]);
    for test in tests()? {
        command.args(["--test", &test]);
    }
    // To compile them takes longer than to run them: not optimised, and without what only the next build needs.
    command
        .env("CARGO_TARGET_DIR", step::target().join("test32"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    step::run(command)
}

/// What is not among them: `examples` runs programs that would have to be built apart, `defmt` is compiled for boards by
/// `cargo xtask firmware`.
const LEFT_OUT: &[&str] = &["examples", "defmt"];

/// The tests beside the library.
fn tests() -> Result<Vec<String>, String> {
    let folder = root().join("fix-core/tests");
    let error = |error| format!("{}: {error}", folder.display());
    let mut tests = Vec::new();
    for entry in fs::read_dir(&folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let is_test =
            path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").exists();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if is_test && !LEFT_OUT.contains(&name.as_str()) {
            tests.push(name);
        }
    }
    tests.sort_unstable();
    Ok(tests)
}

/// What a C compiler links a program of 32 bits with.
fn has_c_library() -> bool {
    ["crt1.o", "libgcc_s.so"].iter().all(|file| {
        // The name alone is printed of what is not there.
        let place = cross::printed("cc", &["-m32", &format!("-print-file-name={file}")]);
        place.is_some_and(|place| place.is_absolute() && place.exists())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios_pair_and_simulator_are_among_the_tests() {
        let tests = super::tests().unwrap();
        for name in ["model", "pair", "scenarios", "sim"] {
            assert!(tests.iter().any(|test| test == name), "{name}: {tests:?}");
        }
        assert!(!tests.iter().any(|test| test == "support" || test == "examples"), "{tests:?}");
    }
}
