//! `cargo xtask firmware conformance`: a FIX session conformance runner plays its definitions, over TCP, against an
//! acceptor and an initiator on an emulated Cortex-M4. The runner is not part of this project: see [`crate::acceptance`].

use super::{UNDER_QEMU, boards, cargo_for};
use crate::{
    cross::Library,
    port::free_port,
    step::{self, Outcome},
};

const FOLDER: &str = "fix-embedded/boards/conformance";
const EMULATOR: &str = "qemu-system-arm";
/// Where the firmware listens behind QEMU's network.
const PORT: u16 = 9880;

pub(crate) fn run() -> Outcome {
    let Some(folder) = step::conformance_folder() else {
        println!(
            "SKIP conformance of the firmware: no conformance runner (set FIX_ACCEPTANCE to the folder of at_runner.py)"
        );
        return Ok(());
    };
    let (true, Some(mut build)) =
        (step::has(EMULATOR), cargo_for(FOLDER, boards::EMULATED, Library::Core, UNDER_QEMU))
    else {
        return step::skip("conformance of the firmware", boards::HOW);
    };
    build.args(["build", "--release", "--locked", "--target", boards::EMULATED]);
    step::run(build)?;
    let port = free_port()?.to_string();
    let server = emulator(
        "acceptor",
        &format!("user,hostfwd=tcp:127.0.0.1:{{port}}-:{PORT}"),
        &format!("arg=listen={PORT}"),
    );
    let client = emulator("initiator", "user", "arg=port={port}");
    for (definitions, option, program) in
        [("fix44", "--server-cmd", &server), ("initiator", "--client-cmd", &client)]
    {
        let mut command = step::command("python3", &[]);
        command.arg(folder.join("at_runner.py")).arg(folder.join("defs").join(definitions));
        command.args(["--port", &port, "--compare", "relaxed", "-q", option, program]);
        step::run(command)?;
    }
    Ok(())
}

/// What starts a board with `image`, as a line of the shell.
fn emulator(image: &str, network: &str, parameter: &str) -> String {
    format!(
        "exec {EMULATOR} -M mps2-an386 -display none -monitor none -serial null -serial null -icount shift=3 \
         -nic {network} -semihosting-config enable=on,target=native,arg=firmware,{parameter} -kernel '{}'",
        boards::images().join(image).display()
    )
}
