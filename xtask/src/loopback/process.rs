//! A server's process: its start, its end, and the CPU that it has used.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::step::{Outcome, command};

/// Ticks of /proc/PID/stat in a second (USER_HZ, the same on every Linux of today).
const TICKS: u64 = 100;

/// A process that does not outlive this value.
pub(super) struct Process(Child);

impl Process {
    /// Starts it; what it says goes nowhere. `name` is told if that fails.
    pub(super) fn start(mut command: Command, name: &str) -> Result<Self, String> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        child.map(Process).map_err(|error| format!("{name}: {error}"))
    }

    /// Its process id: of a command bound to a core it is the server's, because `taskset` becomes it.
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// The CPU that its threads have used, user and system; `None` where the system does not tell. Of a command bound to a
    /// core it is the server's: `taskset` becomes it.
    pub(super) fn cpu(&self) -> Option<Duration> {
        let folder = format!("/proc/{}", self.0.id());
        scheduled(&folder).filter(|cpu| !cpu.is_zero()).or_else(|| ticks(&folder))
    }

    /// SIGTERM, and waits for its end.
    pub(super) fn stop(mut self) -> Outcome {
        let status = command("kill", &["-TERM", &self.0.id().to_string()]).status();
        status.map_err(|error| format!("kill: {error}"))?;
        for _ in 0..600 {
            if self.0.try_wait().map_err(|error| error.to_string())?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("a server does not end".into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the scheduler counted of each thread that lives, in nanoseconds.
fn scheduled(folder: &str) -> Option<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("{folder}/task")).ok()? {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanos += text.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(nanos))
}

/// utime and stime of /proc/PID/stat, in steps of 10 ms.
fn ticks(folder: &str) -> Option<Duration> {
    let text = fs::read_to_string(format!("{folder}/stat")).ok()?;
    // The name before the last bracket may hold spaces. Behind it stand the state and ten numbers, then those two.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((next()? + next()?) * 1000 / TICKS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_of_a_process_is_told() {
        let busy = |folder: &str| {
            let count = (0..30_000_000u64).fold(0, |sum: u64, number| sum ^ std::hint::black_box(number));
            std::hint::black_box(count);
            (scheduled(folder), ticks(folder))
        };
        let (scheduled, ticks) = busy("/proc/self");
        assert!(scheduled.is_some_and(|cpu| !cpu.is_zero()) || ticks.is_some_and(|cpu| !cpu.is_zero()));
        assert!(ticks.is_some());
    }
}
