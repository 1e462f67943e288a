//! Running other programs and telling how it went.

mod told;

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::Command,
};

/// Why a task failed, as it is printed: one line, and the last ones of the program that failed where no terminal has them.
pub(crate) type Outcome = Result<(), String>;

/// The checkout's top folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A command that runs in the checkout's top folder.
pub(crate) fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// The cargo that runs this task.
pub(crate) fn cargo(args: &[&str]) -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), args)
}

/// Builds the program that is shipped and measured.
pub(crate) fn dist_program() -> Result<PathBuf, String> {
    run(cargo(&["build", "--profile", "dist", "--package", "fix-host", "--bin", "fix-host"]))?;
    Ok(target().join("dist/fix-host"))
}

/// A cargo for a crate outside this workspace: without what an outer cargo or CI set for this one.
pub(crate) fn nested_cargo(folder: &str, args: &[&str]) -> Command {
    let mut command = cargo(args);
    command.current_dir(root().join(folder));
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "RUSTC_WRAPPER"] {
        command.env_remove(variable);
    }
    command
}

/// Prints the command and runs it to its end.
pub(crate) fn run(mut command: Command) -> Outcome {
    let shown = show(&command);
    println!("+ {shown}");
    let ended = if std::io::stdout().is_terminal() {
        command.status().map(|status| (status, Vec::new()))
    } else {
        told::run(command)
    };
    match ended {
        Ok((status, _)) if status.success() => Ok(()),
        Ok((status, last)) => {
            let last: String = last.iter().map(|line| format!("\n    {line}")).collect();
            Err(format!("{shown}: {status}{last}"))
        }
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

/// What the program says of `--version`; `None` if it is not found.
pub(crate) fn version(program: &str) -> Option<String> {
    let said = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// True if the program answers to `--version` or is found at all.
pub(crate) fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// True where a missing component must fail instead of being skipped.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// A component is missing: a visible SKIP on a user's machine, a failure in CI.
pub(crate) fn skip(what: &str, how_to_get_it: &str) -> Outcome {
    if is_ci() {
        return Err(format!("{what}: missing component ({how_to_get_it})"));
    }
    println!("SKIP {what}: {how_to_get_it}");
    Ok(())
}

fn show(command: &Command) -> String {
    let program =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(program).chain(args).collect::<Vec<_>>().join(" ")
}

/// Where cargo puts what it builds for this workspace.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Conformance material that is not part of this project: the folder that FIX_ACCEPTANCE names, or one beside
/// the checkout.
pub(crate) fn conformance_folder() -> Option<PathBuf> {
    let named = std::env::var_os("FIX_ACCEPTANCE").map(PathBuf::from);
    let beside = root().parent().map(|parent| parent.join("shared/acceptance"));
    named.into_iter().chain(beside).find(|folder| folder.join("at_runner.py").exists())
}
