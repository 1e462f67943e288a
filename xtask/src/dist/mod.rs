//! `cargo xtask dist`: what a user installs, a tar.gz and a .deb, with their checksums; both are tried in a clean
//! folder.

mod contents;
mod deb;
mod licences;
mod trial;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::step::{self, Outcome};

/// Bytes that the program may have, stripped.
const MOST_BYTES: u64 = 15_700_000;

/// The program to package.
struct Program {
    /// Stripped.
    path: PathBuf,
    /// For what it was built, such as `x86_64-linux-musl`.
    platform: String,
    /// It needs no C library of the system.
    is_static: bool,
}

pub(crate) fn run() -> Outcome {
    let folder = step::target().join("packages");
    _ = fs::remove_dir_all(&folder);
    make(&folder)?;
    let program = build(&folder)?;
    let archive = archive(&folder, &program)?;
    let deb = if step::has("dpkg-deb") {
        Some(deb::build(&folder, &program)?)
    } else {
        step::skip("the .deb", "needs dpkg-deb: apt-get install dpkg")?;
        None
    };
    let packages: Vec<&str> = [Some(archive.as_str()), deb.as_deref()].into_iter().flatten().collect();
    let sums = capture(step::command("sha256sum", &packages).current_dir(&folder))?;
    write(&folder.join("SHA256SUMS"), &sums)?;
    trial::archive(&folder, &archive)?;
    if let Some(deb) = &deb {
        trial::deb(&folder, deb)?;
    }
    println!("{sums}in {}", folder.display());
    Ok(())
}

/// Static, where the musl target and its C compiler are installed; else for the C library of this system, and said so.
fn build(folder: &Path) -> Result<Program, String> {
    let arch = std::env::consts::ARCH;
    let musl = format!("{arch}-unknown-linux-musl");
    let is_static = step::has("musl-gcc") && has_target(&musl);
    let built = if is_static {
        step::run(step::cargo(&["build", "--profile", "dist", "--package", "fix-host", "--target", &musl]))?;
        step::target().join(&musl).join("dist/fix-host")
    } else {
        println!("not static: needs `rustup target add {musl}` and musl-gcc (apt-get install musl-tools)");
        step::dist_program()?
    };
    let path = folder.join("fix-host");
    let (from, to) = (built.to_string_lossy(), path.to_string_lossy());
    step::run(step::command("strip", &["-o", &to, &from]))?;
    let size = fs::metadata(&path).map_err(|error| error.to_string())?.len();
    println!("{size} bytes, stripped");
    if size > MOST_BYTES {
        return Err(format!("fix-host has {size} bytes, more than {MOST_BYTES}"));
    }
    Ok(Program {
        path,
        platform: format!("{arch}-linux-{}", if is_static { "musl" } else { "gnu" }),
        is_static,
    })
}

/// Whether the standard library for `target` is installed.
fn has_target(target: &str) -> bool {
    let folder = capture(&mut step::command("rustc", &["--print", "target-libdir", "--target", target]));
    folder.is_ok_and(|folder| Path::new(folder.trim()).exists())
}

/// Makes the tar.gz and gives its name.
fn archive(folder: &Path, program: &Program) -> Result<String, String> {
    let name = format!("fix-host-{}-{}", env!("CARGO_PKG_VERSION"), program.platform);
    contents::write_all(&folder.join(&name), &contents::ARCHIVE, program)?;
    let file = format!("{name}.tar.gz");
    // The same bytes from the same sources.
    let moment = format!("--mtime=@{}", moment()?);
    let fixed = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", &moment];
    let mut tar = step::command("tar", &fixed);
    tar.args(["-czf", &file, &name]).current_dir(folder);
    step::run(tar)?;
    Ok(file)
}

/// When the sources were committed, in seconds of Unix.
fn moment() -> Result<String, String> {
    Ok(capture(&mut step::command("git", &["log", "-1", "--format=%ct"]))?.trim().to_owned())
}

/// What a program prints.
fn capture(command: &mut std::process::Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{name}: {error}"))
}

fn make(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn write(path: &Path, text: &str) -> Outcome {
    path.parent().map_or(Ok(()), make)?;
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn copy(from: &Path, to: &Path) -> Outcome {
    to.parent().map_or(Ok(()), make)?;
    fs::copy(from, to).map_err(|error| format!("{}: {error}", from.display()))?;
    Ok(())
}
