//! Waiting for what other programs do.

use std::{
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

/// How often is looked.
const PERIOD: Duration = Duration::from_millis(20);

/// Asks until there is an answer.
///
/// # Errors
/// What was waited for, if it does not come in time.
pub fn wait_for<T>(what: &str, most: Duration, mut ask: impl FnMut() -> Option<T>) -> Result<T, String> {
    let end = Instant::now() + most;
    loop {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        if Instant::now() > end {
            return Err(format!("{what}: not within {} s", most.as_secs()));
        }
        thread::sleep(PERIOD);
    }
}

/// A program that is killed, and waited for, when this is dropped.
pub struct Running(pub Child);

impl Running {
    /// How it ended, once it has.
    ///
    /// # Errors
    /// If it does not end in time, or cannot be waited for.
    pub fn ended(&mut self, what: &str, most: Duration) -> Result<ExitStatus, String> {
        wait_for(what, most, || self.0.try_wait().transpose())?.map_err(|error| format!("{what}: {error}"))
    }

    /// SIGKILL, as a power cut is.
    pub fn kill(&mut self) {
        // It may have ended by itself: both calls then have nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
