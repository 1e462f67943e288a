//! An application of one's own on this host: the sessions of a .cfg file, with journal, logs, TLS and reconnects.

use std::{marker::PhantomData, path::Path};

use fix_core::dict::Dictionary;
use tokio::sync::watch;

use super::{
    error::ServiceError,
    runner::{Applications, Made, Running},
    session::{Observers, Sessions},
    settings, shutdown,
};
use crate::{
    config::{ConnectionType, SessionSettings, Settings},
    contract::HostApplication,
};

/// The sessions of a configuration file, for an application that is not ours.
///
/// Clock, sockets and loop are the host's; the application implements [`HostApplication`], which is
/// [`Application`](fix_core::Application) and the commands that other tasks send it. The examples `own_initiator` and
/// `own_acceptor` are whole programs.
pub struct Host {
    settings: Settings,
}

impl Host {
    /// Reads a QuickFIX configuration file. Sessions that do not say their ConnectionType are initiators. What the file
    /// only warns of, a misspelt key for one, is in [`warnings`](Self::warnings), and goes to `tracing` too.
    ///
    /// # Errors
    /// Every error of the file, a line for each, and behind them the warnings: the misspelt key is often the one that
    /// is missing.
    pub fn from_cfg(path: impl AsRef<Path>) -> Result<Self, ServiceError> {
        let settings = settings::load_with_warnings(path.as_ref(), ConnectionType::Initiator)?;
        Ok(Host { settings })
    }

    /// What the file warns of, a line for each with its place: show it to whoever wrote the file.
    pub fn warnings(&self) -> impl Iterator<Item = String> + use<'_> {
        self.settings.warnings.iter().map(ToString::to_string)
    }

    /// Runs all sessions until SIGINT, SIGTERM, or a store that fails; then logs out and flushes. `make` gives each
    /// session, named as in `FIX.4.4:DESK->VENUE`, its application and the channel of its commands.
    ///
    /// Call it inside a tokio runtime.
    ///
    /// # Errors
    /// What keeps the sessions from starting, or a store that failed.
    pub async fn run<A, F>(self, make: F) -> Result<(), ServiceError>
    where
        A: HostApplication<Command: Send> + Send + 'static,
        F: FnMut(&str) -> Made<A> + Send + 'static,
    {
        let (_never, stop) = watch::channel(false);
        self.run_until(stop, make).await
    }

    /// As [`run`](Self::run), and also until `stop` is true or its sender is gone.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_until<A, F>(self, stop: watch::Receiver<bool>, make: F) -> Result<(), ServiceError>
    where
        A: HostApplication<Command: Send> + Send + 'static,
        F: FnMut(&str) -> Made<A> + Send + 'static,
    {
        // Before anything is connected: from then on a signal means a Logout.
        let stop = shutdown::on_signal_or(stop)?;
        let sessions = Sessions::new(false, Observers::default())?;
        let mut running = Running::start(self.settings, sessions, Own(make, PhantomData)).await?;
        let outcome = running.until(stop).await;
        outcome.and(running.stop().await)
    }
}

/// Applications that a closure makes.
struct Own<A, F>(F, PhantomData<fn() -> A>);

impl<A, F> Applications for Own<A, F>
where
    A: HostApplication<Command: Send> + Send + 'static,
    F: FnMut(&str) -> Made<A> + Send + 'static,
{
    type Application = A;

    fn make(
        &mut self,
        id: &str,
        _settings: &SessionSettings,
        _dictionary: &'static Dictionary,
    ) -> Result<Made<A>, ServiceError> {
        Ok((self.0)(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Result<Host, ServiceError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.cfg");
        std::fs::write(&path, text).unwrap();
        Host::from_cfg(path)
    }

    #[test]
    fn a_misspelt_key_is_told_without_a_log() {
        let common = "[DEFAULT]\nHeartBtInt=30\nSocketConnectHost=127.0.0.1\nFileStorPath=x\n[SESSION]\n\
                      BeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\n";
        let hint = "did you mean FileStorePath?";
        let host_with_port = host(&format!("{common}SocketConnectPort=1\n")).unwrap();
        assert!(host_with_port.warnings().any(|warning| warning.contains(hint)));
        let error = host(common).err().unwrap();
        let shown = format!("{error:?}");
        assert!(shown.contains("has no SocketConnectPort") && shown.contains(hint), "{shown}");
        assert_eq!(shown, error.to_string(), "as a main that returns it prints it");
    }
}
