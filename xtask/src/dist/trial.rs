//! What a user does first with a package, in a clean folder and a clean environment.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use super::{capture, make};
use crate::{
    port::free_port,
    step::{self, Outcome},
};

/// How long a start may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Unpacks the tar.gz, and uses it where it lies.
pub(super) fn archive(folder: &Path, name: &str) -> Outcome {
    step::run(in_folder(step::command("sha256sum", &["--check", "--strict", "SHA256SUMS"]), folder))?;
    let clean = clean(folder, "trial-tar")?;
    let file = folder.join(name);
    step::run(in_folder(step::command("tar", &["-xzf", &file.to_string_lossy()]), &clean))?;
    let unpacked = clean.join(name.trim_end_matches(".tar.gz"));
    for file in
        ["share/man/man1/fix-host.1", "completions/fix-host.bash", "systemd/fix-host.service", "LICENSE-MIT"]
    {
        expect_file(&unpacked.join(file))?;
    }
    let program = unpacked.join("bin/fix-host");
    use_it(&program, &unpacked, &["config/quickfix.cfg", "config/exchange.cfg"])
}

/// Unpacks the .deb as its installation would, below a folder.
pub(super) fn deb(folder: &Path, name: &str) -> Outcome {
    let clean = clean(folder, "trial-deb")?;
    let file = folder.join(name).to_string_lossy().into_owned();
    step::run(step::command("dpkg-deb", &["--extract", &file, &clean.to_string_lossy()]))?;
    let version = capture(&mut step::command("dpkg-deb", &["--field", &file, "Version"]))?;
    if version.trim() != env!("CARGO_PKG_VERSION") {
        return Err(format!("{name}: has the version {version}"));
    }
    for file in [
        "usr/share/man/man1/fix-host.1.gz",
        "usr/share/bash-completion/completions/fix-host",
        "usr/lib/systemd/system/fix-host.service",
        "usr/share/doc/fix-host/copyright",
    ] {
        expect_file(&clean.join(file))?;
    }
    use_it(&clean.join("usr/bin/fix-host"), &clean, &["usr/share/doc/fix-host/examples/quickfix.cfg"])
}

fn use_it(program: &Path, folder: &Path, samples: &[&str]) -> Outcome {
    let run = |arguments: &[&str]| capture(fresh(program, folder).args(arguments));
    let version = run(&["--version"])?;
    if version.trim() != format!("fix-host {}", env!("CARGO_PKG_VERSION")) {
        return Err(format!("{}: says it is {version:?}", program.display()));
    }
    for sample in samples {
        run(&["config", "check", sample])?;
    }
    demo(program, folder)?;
    println!("{}: tried", program.display());
    Ok(())
}

/// Starts a desk and an exchange, and ends them once they are logged on.
fn demo(program: &Path, folder: &Path) -> Outcome {
    let ports = [free_port()?.to_string(), free_port()?.to_string()];
    let mut command = fresh(program, folder);
    command.args(["demo", "--api-port", &ports[0], "--fix-port", &ports[1]]);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let outcome = logged_on(&mut child).and_then(|()| {
        step::run(step::command("kill", &["-TERM", &child.id().to_string()]))?;
        let status = child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the demo ended with {status}")) }
    });
    if outcome.is_err() {
        _ = child.kill();
        _ = child.wait();
    }
    outcome
}

fn logged_on(child: &mut Child) -> Outcome {
    let output = child.stdout.take().ok_or("the demo has no output")?;
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // Nobody listens any more once the line came.
            _ = sender.send(line);
        }
    });
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains("is LOGGED ON to") => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err("the demo does not say that it is logged on".into()),
        }
    }
}

/// The program without the environment of this task.
fn fresh(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder);
    command
}

fn clean(folder: &Path, name: &str) -> Result<std::path::PathBuf, String> {
    let clean = folder.join(name);
    _ = fs::remove_dir_all(&clean);
    make(&clean)?;
    Ok(clean)
}

fn in_folder(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder);
    command
}

fn expect_file(file: &Path) -> Outcome {
    if file.is_file() { Ok(()) } else { Err(format!("{} is missing", file.display())) }
}
