//! QEMU with a board and an image.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use crate::{
    log::Log,
    marks::{self, Mark},
    orders::Orders,
    place::{self, Scratch},
    process::{Running, wait_for},
    station::Station,
};

pub(crate) const PROGRAM: &str = "qemu-system-arm";
/// An instruction takes 8 ns.
const SHIFT: u8 = 3;

/// What QEMU calls the boards that images are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// MPS2 with a Cortex-M3.
    An385,
    /// MPS2 with a Cortex-M4F.
    An386,
    /// MPS2 with a Cortex-M7.
    An500,
    /// The small board: a Stellaris LM3S6965.
    Lm3s6965,
}

impl Machine {
    fn name(self) -> &'static str {
        match self {
            Machine::An385 => "mps2-an385",
            Machine::An386 => "mps2-an386",
            Machine::An500 => "mps2-an500",
            Machine::Lm3s6965 => "lm3s6965evb",
        }
    }

    /// The image of a program for it.
    ///
    /// # Errors
    /// One line: what is missing, and what to do.
    pub fn image(self, program: &str) -> Result<PathBuf, String> {
        let board = if self == Machine::Lm3s6965 { "lm3s6965" } else { "mps2" };
        place::image(&format!("{board}-{program}"))
    }
}

/// A run to begin.
pub struct Run<'a> {
    machine: Machine,
    image: &'a Path,
    parameters: Vec<String>,
    options: Vec<String>,
    flash: Option<PathBuf>,
    shift: u8,
    marks: bool,
    network: Vec<String>,
}

impl<'a> Run<'a> {
    /// Of `image` on `machine`.
    #[must_use]
    pub fn new(machine: Machine, image: &'a Path) -> Self {
        Run {
            machine,
            image,
            parameters: Vec::new(),
            options: Vec::new(),
            flash: None,
            shift: SHIFT,
            marks: false,
            network: vec!["-nic".to_owned(), "user,id=net".to_owned()],
        }
    }

    /// A parameter of the firmware.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.parameters.push(format!("arg={name}={value}"));
        self
    }

    /// The file that is the board's flash; without it, the flash is new with each run.
    #[must_use]
    pub fn flash(mut self, file: PathBuf) -> Self {
        self.flash = Some(file);
        self
    }

    /// The firmware marks its moments, for [`marks`](crate::marks), and its time passes as those need it.
    #[must_use]
    pub fn marked(mut self) -> Self {
        (self.shift, self.marks) = (marks::SHIFT, true);
        self
    }

    /// Another station is on the board's network, beside QEMU's own.
    #[must_use]
    pub fn beside(mut self, station: &Station) -> Self {
        self.network = station.options();
        self
    }

    /// Datagrams to a port of 127.0.0.1 go to that one of the board, which has QEMU's own network.
    #[must_use]
    pub fn forwards_udp(mut self, port: u16, to: u16) -> Self {
        self.network = vec!["-nic".to_owned(), format!("user,id=net,hostfwd=udp:127.0.0.1:{port}-:{to}")];
        self
    }

    /// An option of QEMU itself, and its value.
    #[must_use]
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.options.extend([name.to_owned(), value.to_owned()]);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// If QEMU cannot be started, or the image is none.
    pub fn start(self) -> Result<Emulator, String> {
        let scratch = Scratch::new()?;
        let frames = scratch.file("log");
        let log = Log::new(self.image, frames.clone())?;
        let flash = self.flash.unwrap_or_else(|| scratch.file("flash"));
        let semihosting = std::iter::once("enable=on,target=native,arg=firmware".to_owned())
            .chain(self.parameters)
            .chain([format!("arg=flash={}", flash.display())])
            .chain(self.marks.then(|| format!("arg=marks={}", scratch.file("marks").display())))
            .collect::<Vec<_>>()
            .join(",");
        let mut command = Command::new(PROGRAM);
        command
            .args(["-M", self.machine.name(), "-display", "none"])
            // Virtual time passes with the instructions, and with real time while the core sleeps.
            .args(["-icount", &format!("shift={}", self.shift)])
            .args(self.network)
            .arg("-serial")
            .arg(format!("file:{}", frames.display()))
            .arg("-serial")
            // The board starts when somebody is there: nothing that it says is lost.
            .arg(format!("unix:{},server=on,wait=on", scratch.file("orders").display()))
            .arg("-monitor")
            .arg(format!("unix:{},server=on,wait=off", scratch.file("monitor").display()))
            .args(["-semihosting-config", &semihosting])
            .args(self.options)
            .arg("-kernel")
            .arg(self.image)
            .stdin(Stdio::null());
        let child = command.spawn().map_err(|error| format!("{PROGRAM}: {error}"))?;
        let running = Running(child);
        let line = connect(&scratch.file("orders"))?;
        Ok(Emulator { running, log, scratch, line: Some(line) })
    }
}

/// An emulator that runs; killed when this is dropped.
pub struct Emulator {
    running: Running,
    /// What the firmware logs.
    pub log: Log,
    scratch: Scratch,
    line: Option<UnixStream>,
}

impl Emulator {
    /// The first line of the log with `words`, once it is there.
    ///
    /// # Errors
    /// The whole log, if it does not come within `seconds`, or the emulator ends before.
    pub fn logs(&mut self, words: &str, seconds: u64) -> Result<String, String> {
        let found = wait_for(words, Duration::from_secs(seconds), || {
            // Asked first: what it logged before its end is then complete.
            let has_ended = !matches!(self.running.0.try_wait(), Ok(None));
            let line = self.log.find(words);
            if has_ended { Some(line) } else { line.map(Some) }
        });
        match found {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err(self.with_log(&format!("the firmware ended without {words:?}"))),
            Err(late) => Err(self.with_log(&late)),
        }
    }

    /// Waits for the firmware's own end.
    ///
    /// # Errors
    /// The whole log, if it does not end within `seconds`, or with a failure.
    pub fn succeeds(&mut self, seconds: u64) -> Result<(), String> {
        let status: ExitStatus = match self.running.ended("the firmware's end", Duration::from_secs(seconds))
        {
            Ok(status) => status,
            Err(error) => return Err(self.with_log(&error)),
        };
        if status.success() { Ok(()) } else { Err(self.with_log(&format!("the firmware failed: {status}"))) }
    }

    /// How the firmware ended, if it has.
    ///
    /// # Errors
    /// If the emulator cannot be asked.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, String> {
        self.running.0.try_wait().map_err(|error| format!("{PROGRAM}: {error}"))
    }

    /// A power cut.
    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// The line for orders, UART1.
    ///
    /// # Errors
    /// If it was asked for before.
    pub fn orders(&mut self) -> Result<Orders, String> {
        Orders::new(self.line.take().ok_or("the line for orders is in use")?)
    }

    /// Plugs the network cable in or out.
    ///
    /// # Errors
    /// If QEMU's monitor cannot be reached.
    pub fn set_link(&self, is_up: bool) -> Result<(), String> {
        self.command(&format!("set_link net {}", if is_up { "on" } else { "off" }))
    }

    /// Presses the board's button for a reset: its lines and its cable stay where they are.
    ///
    /// # Errors
    /// If QEMU's monitor cannot be reached.
    pub fn reset(&self) -> Result<(), String> {
        self.command("system_reset")
    }

    fn command(&self, command: &str) -> Result<(), String> {
        let error = |error| format!("QEMU's monitor: {error}");
        let mut monitor = connect(&self.scratch.file("monitor"))?;
        writeln!(monitor, "{command}").map_err(error)?;
        // It answers a command with its next prompt. Closed before, the line would not be read.
        let mut answer = [0; 4096];
        let mut said = String::new();
        while said.matches("(qemu)").count() < 2 {
            let count = monitor.read(&mut answer).map_err(error)?;
            if count == 0 {
                return Err("QEMU's monitor: closed".into());
            }
            said.push_str(&String::from_utf8_lossy(&answer[..count]));
        }
        Ok(())
    }

    /// The marks so far, of a board that was started [`marked`](Run::marked).
    ///
    /// # Errors
    /// If there are none.
    pub fn marks(&self) -> Result<Vec<Mark>, String> {
        marks::read(&self.scratch.file("marks"))
    }

    fn with_log(&self, what: &str) -> String {
        format!("{what}; its log:\n{}", self.log.lines().join("\n"))
    }
}

fn connect(socket: &Path) -> Result<UnixStream, String> {
    let what = socket.display().to_string();
    wait_for(&what, Duration::from_secs(20), || UnixStream::connect(socket).ok())
}
