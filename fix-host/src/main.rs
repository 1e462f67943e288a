//! The `fix-host` binary: parse, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    fix_host::cli::main()
}
