//! Runs the sessions of a configuration, initiators and acceptors together, until they are told to stop.

use std::sync::{Arc, atomic::AtomicBool};

use fix_core::dict::Dictionary;
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
};

use super::{
    dynamic::{Dynamic, DynamicSessions, MOST_DYNAMIC, Place},
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
        listener::{Arrival, Limits, Listeners, Listening, Newcomer},
    },
};

/// Connections that may wait for their session to be made.
const NEWCOMERS: usize = 64;

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
pub struct Running<A> {
    start: Start<A>,
    newcomers: mpsc::Receiver<Newcomer>,
    listening: Listening,
}

/// Opens sessions and starts their tasks.
struct Start<A> {
    sessions: Sessions,
    applications: A,
    controls: Vec<mpsc::Sender<Control>>,
    tasks: JoinSet<Result<(), ServiceError>>,
    dynamic: DynamicSessions,
}

impl<A: Applications> Running<A> {
    /// Opens every session and starts its task; initiators connect at once, and all listeners listen when
    /// this returns.
    ///
    /// # Errors
    /// The first session that cannot be opened, unless `ContinueInitializationOnError` is set and others
    /// can; or an address that cannot be listened on.
    pub async fn start(
        settings: Settings,
        sessions: Sessions,
        applications: A,
    ) -> Result<Self, ServiceError> {
        let (controls, tasks, dynamic) = (Vec::new(), JoinSet::new(), DynamicSessions::default());
        let mut start = Start { sessions, applications, controls, tasks, dynamic };
        let mut listeners = Listeners::new(Limits::default());
        let (forward, newcomers) = mpsc::channel(NEWCOMERS);
        let mut first_error = None;
        for session in &settings.sessions {
            if let Err(error) = start.open(session, &mut listeners, &forward) {
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
        let listening = listeners.listen().await.map_err(ServiceError::unavailable)?;
        for address in &listening.addresses {
            tracing::info!("FIX acceptor on {address}");
        }
        Ok(Running { start, newcomers, listening })
    }

    /// Waits until `stop` is true, or a session has ended by itself because its store failed. Meanwhile
    /// sessions are made of templates.
    ///
    /// # Errors
    /// Of that session.
    pub async fn until(&mut self, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
        let stopped = stopped(stop);
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                () = &mut stopped => return Ok(()),
                Some(ended) = self.start.tasks.join_next() => return flat(ended),
                Some(newcomer) = self.newcomers.recv() => self.start.admit(newcomer),
            }
        }
    }

    /// Logs out all sessions, and ends them within two seconds.
    ///
    /// # Errors
    /// The last store that failed.
    pub async fn stop(self) -> Result<(), ServiceError> {
        drop(self.listening);
        let Start { controls, mut tasks, .. } = self.start;
        for control in &controls {
            // An error means that the session has ended already.
            let _ = control.send(Control::Stop).await;
        }
        let mut outcome = Ok(());
        while let Some(ended) = tasks.join_next().await {
            outcome = flat(ended).and(outcome);
        }
        outcome
    }
}

fn flat(ended: Result<Result<(), ServiceError>, JoinError>) -> Result<(), ServiceError> {
    ended.unwrap_or_else(|error| Err(ServiceError::store(format!("a session ended badly: {error}"))))
}

impl<A: Applications> Start<A> {
    fn open(
        &mut self,
        settings: &SessionSettings,
        listeners: &mut Listeners,
        newcomers: &mpsc::Sender<Newcomer>,
    ) -> Result<(), ServiceError> {
        let placed = |error: &dyn std::fmt::Display| {
            ServiceError::configuration(format!("{}: {error}", settings.origin))
        };
        match &settings.role {
            Role::Initiator(initiator) => {
                let dialer = Dialer::new(initiator, &settings.socket, settings.tls.as_ref())
                    .map_err(|error| placed(&error))?;
                let hosts = Hosts::new(initiator);
                let (session, control) = self.sessions.open(settings, &mut self.applications)?;
                let mut session = session.staying_out(initiator.dynamic_session);
                self.controls.push(control);
                self.tasks.spawn(async move {
                    initiator::run(&mut session, dialer, hosts).await;
                    finish(session)
                });
            }
            Role::Acceptor(acceptor) => {
                if acceptor.acceptor_template || acceptor.dynamic_sessions {
                    let added = listeners.add_template(settings, acceptor, newcomers.clone());
                    added.map_err(|error| placed(&error))?;
                }
                if !acceptor.acceptor_template {
                    let arrivals = listeners.add(settings, acceptor).map_err(|error| placed(&error))?;
                    self.accept(settings, arrivals)?;
                }
            }
        }
        Ok(())
    }

    /// Starts an acceptor session. Returns what is true while it has a connection.
    fn accept(
        &mut self,
        settings: &SessionSettings,
        arrivals: mpsc::Receiver<Box<Arrival>>,
    ) -> Result<Arc<AtomicBool>, ServiceError> {
        let (mut session, control) = self.sessions.open(settings, &mut self.applications)?;
        let is_connected = session.is_connected();
        self.controls.push(control);
        self.tasks.spawn(async move {
            acceptor::run(&mut session, arrivals).await;
            finish(session)
        });
        Ok(is_connected)
    }

    /// Hands a connection to the session made of its template, which is made now if it is not there.
    fn admit(&mut self, newcomer: Newcomer) {
        let Newcomer { template, claim, arrival } = newcomer;
        let peer = arrival.peer;
        let identity = match self.dynamic.place(&template, &claim) {
            Place::Known(session) => {
                if !session.hand_over(arrival) {
                    tracing::warn!(%peer, ?claim, "refused: the session is connected already");
                }
                return;
            }
            Place::New(identity) => identity,
            Place::None => {
                tracing::warn!(%peer, ?claim, "refused: {MOST_DYNAMIC} sessions were made of templates already");
                return;
            }
        };
        let settings = SessionSettings { identity: identity.clone(), ..SessionSettings::clone(&template) };
        let (sender, arrivals) = mpsc::channel(1);
        match self.accept(&settings, arrivals) {
            Ok(is_connected) => {
                tracing::info!(%peer, session = %identity, "session made of the template at {}", template.origin);
                let session = Dynamic::new(sender, is_connected);
                session.hand_over(arrival);
                self.dynamic.insert(identity, session);
            }
            Err(error) => tracing::error!(%peer, session = %identity, "refused: {error}"),
        }
    }
}
