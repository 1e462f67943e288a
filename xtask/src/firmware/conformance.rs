//! `cargo xtask firmware conformance`: a FIX session conformance runner plays its definitions, over TCP, against the
//! acceptor on an emulated Cortex-M4. The runner is not part of this project: see [`crate::acceptance`].

use super::{boards, cargo_for};
use crate::{
    acceptance::free_port,
    step::{self, Outcome},
};

const FOLDER: &str = "fix-embedded/boards/acceptor";
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
    let (true, Some(mut build)) = (step::has(EMULATOR), cargo_for(FOLDER, boards::EMULATED)) else {
        return step::skip("conformance of the firmware", boards::HOW);
    };
    build.args(["build", "--release", "--locked", "--target", boards::EMULATED]);
    step::run(build)?;
    let image = boards::images().join("acceptor");
    let server = format!(
        "exec {EMULATOR} -M mps2-an386 -display none -monitor none -serial null -serial null -icount shift=3 \
         -nic user,hostfwd=tcp:127.0.0.1:{{port}}-:{PORT} \
         -semihosting-config enable=on,target=native,arg=firmware,arg=listen={PORT} -kernel '{}'",
        image.display()
    );
    let mut command = step::command("python3", &[]);
    command.arg(folder.join("at_runner.py")).arg(folder.join("defs/fix44")).args([
        "--port",
        &free_port()?,
        "--compare",
        "relaxed",
        "-q",
        "--server-cmd",
        &server,
    ]);
    step::run(command)
}
