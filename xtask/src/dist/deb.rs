//! The package for Debian and what is made of it. It starts nothing: who installs it has no configuration yet.

use std::{fs, path::Path};

use super::{Program, capture, contents, copy, moment, write};
use crate::step;

const SAMPLES: &str = "usr/share/doc/fix-host/examples/quickfix.cfg";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Builds the package and gives its name.
pub(super) fn build(folder: &Path, program: &Program) -> Result<String, String> {
    let root = folder.join("deb");
    contents::write_all(&root, &contents::DEBIAN, program)?;
    fit_sample(&root.join(SAMPLES))?;
    let manual = root.join("usr/share/man/man1");
    for page in fs::read_dir(&manual).map_err(|error| error.to_string())? {
        let page = page.map_err(|error| error.to_string())?.path();
        step::run(step::command("gzip", &["-9n", &page.to_string_lossy()]))?;
    }
    copy(&step::root().join("LICENSE-MIT"), &root.join("usr/share/doc/fix-host/copyright"))?;
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    write(&root.join("DEBIAN/control"), &control(architecture, program)?)?;
    let name = format!("fix-host_{VERSION}_{architecture}.deb");
    let mut command = step::command("dpkg-deb", &["--root-owner-group", "--build"]);
    command.arg(&root).arg(folder.join(&name)).env("SOURCE_DATE_EPOCH", moment()?);
    step::run(command)?;
    Ok(name)
}

fn control(architecture: &str, program: &Program) -> Result<String, String> {
    let depends = match oldest_libc(&program.path)? {
        Some(version) if !program.is_static => format!("Depends: libc6 (>= {version}), libgcc-s1\n"),
        _ => String::new(),
    };
    Ok(format!(
        "Package: fix-host\nVersion: {VERSION}\nArchitecture: {architecture}\nSection: net\nPriority: optional\n\
         Maintainer: the maintainers of fix-engine <maintainers@localhost>\n{depends}Description: FIX 4.4 engine\n \
         Initiator, acceptor, simulated exchange, market data, Redis bridge and\n command line. \
         It is started by hand, or as the systemd service fix-host\n once there is an /etc/fix-host/quickfix.cfg.\n"
    ))
}

/// The oldest C library that has all that the program asks of it.
fn oldest_libc(program: &Path) -> Result<Option<String>, String> {
    let names = capture(step::command("objdump", &["-T"]).arg(program))?;
    let versions = names.split("GLIBC_").skip(1).filter_map(|rest| {
        let version: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let (major, minor) = version.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.split('.').next()?.parse::<u32>().ok()?))
    });
    Ok(versions.max().map(|(major, minor)| format!("{major}.{minor}")))
}

/// The sample's paths as the service has them; the dictionary is the one that is built in.
fn fit_sample(sample: &Path) -> Result<(), String> {
    let mut text = fs::read_to_string(sample).map_err(|error| error.to_string())?;
    for (from, to) in [
        ("\nFileStorePath=data/store\n", "\nFileStorePath=store\n"),
        ("\nFileLogPath=data/log\n", "\nFileLogPath=/var/log/fix-host\n"),
        ("\nDataDictionary=config/FIX44.xml\n", "\n#DataDictionary=/etc/fix-host/FIX44.xml\n"),
    ] {
        if !text.contains(from) {
            return Err(format!("config/quickfix.cfg: no line {from:?}, which the .deb fits"));
        }
        text = text.replace(from, to);
    }
    write(sample, &text)
}
