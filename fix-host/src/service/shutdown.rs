//! SIGINT and SIGTERM, and what a SIGHUP means.

use std::fs;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use super::error::ServiceError;

/// Turns true with the first SIGINT or SIGTERM, and when the terminal that the program was started from is closed.
///
/// # Errors
/// When the system does not let the process listen for signals.
pub fn on_signal() -> Result<watch::Receiver<bool>, ServiceError> {
    let listen = |kind| signal(kind).map_err(|error| ServiceError::unavailable(format!("signals: {error}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let mut hangups = Hangups::listen();
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        let why = tokio::select! {
            _ = interrupt.recv() => "stopping",
            _ = terminate.recv() => "stopping",
            () = terminal_closed(&mut hangups) => "stopping: the terminal is closed",
        };
        tracing::info!("{why}");
        sender.send_replace(true);
        // A second signal is the user's impatience: the process ends at once.
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(i32::from(crate::exit::INTERRUPTED));
    });
    Ok(receiver)
}

/// Turns true as [`on_signal`] does, and also when `stop` is true or its sender is gone.
///
/// # Errors
/// As [`on_signal`].
pub fn on_signal_or(stop: watch::Receiver<bool>) -> Result<watch::Receiver<bool>, ServiceError> {
    let signal = on_signal()?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            () = stopped(signal) => {}
            () = stopped(stop) => {}
        }
        sender.send_replace(true);
    });
    Ok(receiver)
}

/// Waits until `stop` is true, or its sender is gone.
pub async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What a SIGHUP says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hangup {
    /// The terminal is closed: there is nobody to run for.
    TerminalClosed,
    /// Somebody asks for files to be read again.
    Reload,
}

/// SIGHUPs, unless the program was started to ignore them (`nohup`): then it goes on doing so.
pub struct Hangups {
    signal: Option<Signal>,
    had_terminal: bool,
}

impl Hangups {
    /// Listens from now on.
    #[must_use]
    pub fn listen() -> Self {
        let signal = if is_ignored() {
            None
        } else {
            signal(SignalKind::hangup())
                .inspect_err(|error| tracing::warn!("a SIGHUP will end the program at once: {error}"))
                .ok()
        };
        Hangups { signal, had_terminal: has_terminal() }
    }

    /// The next one. Waits for ever where there can be none.
    pub async fn next(&mut self) -> Hangup {
        let heard = match &mut self.signal {
            Some(signal) => signal.recv().await,
            None => None,
        };
        if heard.is_none() {
            return std::future::pending().await;
        }
        if self.had_terminal && !has_terminal() { Hangup::TerminalClosed } else { Hangup::Reload }
    }
}

async fn terminal_closed(hangups: &mut Hangups) {
    while hangups.next().await != Hangup::TerminalClosed {}
}

/// Whether there is a controlling terminal that somebody is at.
fn has_terminal() -> bool {
    fs::File::open("/dev/tty").is_ok()
}

/// Whether SIGHUP is ignored now. To listen for it would end that.
fn is_ignored() -> bool {
    const SIGHUP: u64 = 1;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored(&status).is_some_and(|mask| mask & SIGHUP != 0)
}

/// The mask of ignored signals in the text of `/proc/self/status`, signal 1 lowest.
fn ignored(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        assert_eq!(ignored("Name:\tx\nSigBlk:\t0\nSigIgn:\t0000000000001001\n"), Some(0x1001));
        assert_eq!(ignored(""), None);
    }
}
