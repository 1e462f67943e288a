//! What every set of rows needs: the built programs, folders for what they write, ports, and cores to run on.

use std::{
    fmt, fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use super::machine;
use crate::step::{self, Outcome};

/// The built programs, and the cores they run on.
pub(super) struct Bench {
    /// The servers and the driver of `fix-host/benches/loopback`.
    pub(super) program: PathBuf,
    /// The program that users start.
    pub(super) fix_host: PathBuf,
    folder: PathBuf,
    /// The core of the server and that of the driver; `None` where no process can be bound to a core.
    pair: Option<(u32, u32)>,
}

/// Where a server and its driver run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cores {
    /// The server has one core, and the driver another.
    OneEach,
    /// Both have all cores.
    All,
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cores::OneEach => "one core",
            Cores::All => "all cores",
        })
    }
}

impl Bench {
    pub(super) fn build() -> Result<Self, String> {
        let build = ["build", "--profile", "dist", "--package", "fix-host", "--package", "loopback"];
        step::run(step::cargo(&build))?;
        let folder = step::target().join("loopback");
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Bench {
            program: step::target().join("dist/loopback"),
            fix_host: step::target().join("dist/fix-host"),
            folder,
            pair: machine::pair(),
        })
    }

    /// Which cores are meant, in words.
    pub(super) fn cores(&self) -> String {
        match self.pair {
            Some((server, driver)) if server != driver => format!(
                "\"one core\": the server is bound to core {server}, its driver to core {driver}. \"all cores\": neither is bound."
            ),
            Some((server, _)) => format!("There is one core ({server}), for server and driver."),
            None => "No process is bound to a core (needs taskset).".to_owned(),
        }
    }

    /// A server's command.
    pub(super) fn server(&self, cores: Cores, program: impl AsRef<Path>) -> Command {
        bound(self.pair.filter(|_| cores == Cores::OneEach).map(|(server, _)| server), program.as_ref())
    }

    /// A command that drives a server.
    pub(super) fn driver(&self, cores: Cores, program: impl AsRef<Path>) -> Command {
        bound(self.pair.filter(|_| cores == Cores::OneEach).map(|(_, driver)| driver), program.as_ref())
    }

    /// A place for what is built or written here and not removed.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// An empty folder; what an earlier run left there is removed.
    pub(super) fn fresh(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.path(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }
}

/// The number that a driver prints.
pub(super) fn figure(mut driver: Command) -> Result<f64, String> {
    let output = driver.output().map_err(|error| format!("the driver: {error}"))?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| format!("the driver: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// Waits until somebody listens on this port of 127.0.0.1.
pub(super) fn wait_until_listening(port: u16) -> Outcome {
    for _ in 0..2000 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err(format!("nobody listens on port {port}"))
}

/// A command bound to one core, where the system can do that.
fn bound(core: Option<u32>, program: &Path) -> Command {
    let Some(core) = core else { return Command::new(program) };
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}
