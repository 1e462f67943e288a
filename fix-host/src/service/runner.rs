//! Runs the sessions of a configuration, initiators and acceptors together, until they are told to stop.

use fix_core::dict::Dictionary;
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
};

use super::{
    error::ServiceError,
    session::{Sessions, finish},
    shutdown::stopped,
};
use crate::{
    bus::control::Control,
    config::{Role, SessionSettings, Settings},
    net::{
        acceptor,
        dial::Dialer,
        driver::HostApplication,
        hosts::Hosts,
        initiator,
        listener::{Limits, Listeners, Listening},
    },
};

/// Makes the application of each session.
pub trait Applications: Send + 'static {
    /// What they are.
    type Application: HostApplication<Command: Send> + Send + 'static;

    /// The application of the session `id`, and where its commands come from.
    fn make(
        &mut self,
        id: &str,
        settings: &SessionSettings,
        dictionary: &'static Dictionary,
    ) -> (Self::Application, mpsc::Receiver<<Self::Application as HostApplication>::Command>);
}

/// Sessions at work.
pub struct Running {
    controls: Vec<mpsc::Sender<Control>>,
    tasks: JoinSet<Result<(), ServiceError>>,
    listening: Listening,
}

/// Sessions on their way to [`Running`].
struct Start<A> {
    sessions: Sessions,
    applications: A,
    controls: Vec<mpsc::Sender<Control>>,
    tasks: JoinSet<Result<(), ServiceError>>,
    listeners: Listeners,
}

impl Running {
    /// Opens every session and starts its task; initiators connect at once, and all listeners listen when
    /// this returns.
    ///
    /// # Errors
    /// The first session that cannot be opened, unless `ContinueInitializationOnError` is set and others
    /// can; or an address that cannot be listened on.
    pub async fn start<A: Applications>(
        settings: &Settings,
        sessions: Sessions,
        applications: A,
    ) -> Result<Self, ServiceError> {
        let mut start = Start {
            sessions,
            applications,
            controls: Vec::new(),
            tasks: JoinSet::new(),
            listeners: Listeners::new(Limits::default()),
        };
        let mut first_error = None;
        for session in &settings.sessions {
            if let Err(error) = start.open(session) {
                if !settings.process.continue_initialization_on_error {
                    return Err(error);
                }
                tracing::error!("{}: not started: {error}", session.identity);
                first_error.get_or_insert(error);
            }
        }
        if let Some(error) = first_error.filter(|_| start.controls.is_empty()) {
            return Err(error);
        }
        let listening = start.listeners.listen().await.map_err(ServiceError::unavailable)?;
        for address in &listening.addresses {
            tracing::info!("FIX acceptor on {address}");
        }
        Ok(Running { controls: start.controls, tasks: start.tasks, listening })
    }

    /// Waits until `stop` is true, or a session has ended by itself because its store failed.
    ///
    /// # Errors
    /// Of that session.
    pub async fn until(&mut self, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
        tokio::select! {
            () = stopped(stop) => Ok(()),
            Some(ended) = self.tasks.join_next() => flat(ended),
        }
    }

    /// Logs out all sessions, and ends them within two seconds.
    ///
    /// # Errors
    /// The last store that failed.
    pub async fn stop(mut self) -> Result<(), ServiceError> {
        drop(self.listening);
        for control in &self.controls {
            // An error means that the session has ended already.
            let _ = control.send(Control::Stop).await;
        }
        let mut outcome = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            outcome = flat(ended).and(outcome);
        }
        outcome
    }
}

fn flat(ended: Result<Result<(), ServiceError>, JoinError>) -> Result<(), ServiceError> {
    ended.unwrap_or_else(|error| Err(ServiceError::store(format!("a session ended badly: {error}"))))
}

impl<A: Applications> Start<A> {
    fn open(&mut self, settings: &SessionSettings) -> Result<(), ServiceError> {
        let placed = |error: &dyn std::fmt::Display| {
            ServiceError::configuration(format!("{}: {error}", settings.origin))
        };
        match &settings.role {
            Role::Initiator(initiator) => {
                let dialer = Dialer::new(initiator, &settings.socket, settings.tls.as_ref())
                    .map_err(|error| placed(&error))?;
                let hosts = Hosts::new(initiator);
                let (session, control) = self.sessions.open(settings, &mut self.applications)?;
                self.controls.push(control);
                self.tasks.spawn(async move { finish(initiator::run(session, dialer, hosts).await) });
            }
            Role::Acceptor(acceptor) => {
                let arrivals = self.listeners.add(settings, acceptor).map_err(|error| placed(&error))?;
                let (session, control) = self.sessions.open(settings, &mut self.applications)?;
                self.controls.push(control);
                self.tasks.spawn(async move { finish(acceptor::run(session, arrivals).await) });
            }
        }
        Ok(())
    }
}
