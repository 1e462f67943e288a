//! Runs the sessions of a configuration, initiators and acceptors together, until they are told to stop.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use fix_core::dict::Dictionary;
use tokio::{
    sync::{mpsc, watch},
    task::{self, JoinError, JoinSet},
};

use super::{
    dynamic::{Dynamic, DynamicSessions, MOST_DYNAMIC, Place},
    error::ServiceError,
    open_files,
    session::{FileOpener, Files, HostSession, Sessions, finish},
    shutdown::{Hangup, Hangups, stopped},
    store::{HostStore, StoredOrder},
};
use crate::{
    config::{Identity, Role, SessionSettings, Settings},
    contract::{HostApplication, control::Control},
    net::{
        acceptor,
        dial::Dialer,
        hosts::Hosts,
        initiator,
        line::Line,
        listener::{Arrival, Bound, Limits, Listeners, Listening, Newcomer},
        operate::stop_by,
        tls::Certificates,
    },
    store::Keeps,
};

/// Connections that may wait for their session to be made.
const NEWCOMERS: usize = 64;

/// How long the last reports of a session may take to reach their readers.
const LAST_REPORTS: Duration = Duration::from_millis(200);

/// Sessions of templates whose files are opened at one time.
const MOST_OPENING: usize = 16;

/// An application, and where its commands come from.
pub type Made<A> = (A, mpsc::Receiver<<A as HostApplication>::Command>);

/// Makes the application of each session.
pub trait Applications: Send + 'static {
    /// What they are.
    type Application: HostApplication<Command: Send> + Send + 'static;

    /// The application of the session `id`, and where its commands come from.
    ///
    /// # Errors
    /// What is wrong with the settings of the session, with its place in the configuration.
    fn make(
        &mut self,
        id: &str,
        settings: &SessionSettings,
        dictionary: &'static Dictionary,
    ) -> Result<Made<Self::Application>, ServiceError>;

    /// What stands between the session `id` and its connections; called after `make`.
    fn line(&mut self, id: &str) -> Option<Arc<dyn Line>> {
        let _ = id;
        None
    }

    /// What the sessions' stores keep for readers of what was received.
    fn keeps(&self) -> Keeps {
        Keeps::default()
    }

    /// How many of the last messages that a session sent matter for [`remember`](Self::remember).
    fn remembers(&self) -> u64 {
        0
    }

    /// The orders among these messages of the session `id`, oldest first, and the store that holds them; called before
    /// `make`.
    fn remember(
        &mut self,
        id: &str,
        settings: &SessionSettings,
        store: &HostStore,
        orders: Vec<StoredOrder>,
    ) {
        let _ = (id, settings, store, orders);
    }
}

/// Sessions that are ready to run: their stores and logs are open, their addresses taken. Nothing is connected,
/// and nothing is answered, before [`start`](Prepared::start), which cannot fail.
pub struct Prepared<A: Applications> {
    start: Start<A>,
    ready: Vec<Ready<A::Application>>,
    newcomers: mpsc::Receiver<Newcomer>,
    bound: Bound,
}

/// [`Prepared`] before its addresses are taken.
struct Opened<A: Applications> {
    start: Start<A>,
    ready: Vec<Ready<A::Application>>,
    newcomers: mpsc::Receiver<Newcomer>,
    listeners: Listeners,
}

/// How a session meets its counterparty.
enum Way {
    /// It connects; `true`: not before an operator says so.
    Dial(Box<Dialer>, Hosts, bool),
    /// It is connected to.
    Listen(mpsc::Receiver<Box<Arrival>>),
}

impl Way {
    fn with<A: HostApplication>(self, session: HostSession<A>) -> Ready<A> {
        match self {
            Way::Dial(dialer, hosts, stays_out) => {
                Ready::Initiator(Box::new(session.staying_out(stays_out)), dialer, hosts)
            }
            Way::Listen(arrivals) => Ready::Acceptor(Box::new(session), arrivals),
        }
    }
}

/// A session that may start.
enum Ready<A: HostApplication> {
    Initiator(Box<HostSession<A>>, Box<Dialer>, Hosts),
    Acceptor(Box<HostSession<A>>, mpsc::Receiver<Box<Arrival>>),
}

/// Sessions at work.
pub struct Running<A: Applications> {
    start: Start<A>,
    newcomers: mpsc::Receiver<Newcomer>,
    /// Sessions of templates whose files are being opened.
    opening: JoinSet<Opening>,
    listening: Listening,
    /// SIGHUP: certificates are read again.
    hangups: Hangups,
}

/// A session of a template once its files are open, or are not.
struct Opening {
    settings: Box<SessionSettings>,
    files: Result<Box<Files>, ServiceError>,
    arrivals: mpsc::Receiver<Box<Arrival>>,
    is_connected: Arc<AtomicBool>,
}

/// Opens sessions and starts their tasks.
struct Start<A> {
    sessions: Sessions,
    files: FileOpener,
    applications: A,
    controls: Vec<mpsc::Sender<Control>>,
    tasks: JoinSet<Result<(), ServiceError>>,
    /// The session of each task.
    names: HashMap<task::Id, String>,
    dynamic: DynamicSessions,
    certificates: Vec<Certificates>,
}

impl<A: Applications> Prepared<A> {
    /// Opens every session, on a thread where waiting for the disk stalls nobody, and takes their addresses.
    ///
    /// # Errors
    /// The first session that cannot be opened, unless `ContinueInitializationOnError` is set and others
    /// can; or an address that cannot be listened on.
    pub async fn new(settings: Settings, sessions: Sessions, applications: A) -> Result<Self, ServiceError> {
        let opened = tokio::task::spawn_blocking(move || Self::open(&settings, sessions, applications));
        let opened = opened.await.map_err(|error| ServiceError::unavailable(format!("start: {error}")))?;
        let Opened { mut start, ready, newcomers, listeners } = opened?;
        start.certificates.extend(listeners.certificates());
        let bound = listeners.bind().await.map_err(ServiceError::unavailable)?;
        Ok(Prepared { start, ready, newcomers, bound })
    }

    fn open(settings: &Settings, sessions: Sessions, applications: A) -> Result<Opened<A>, ServiceError> {
        open_files::make_room(&settings.sessions);
        let files = sessions.files(&applications);
        let (controls, tasks, dynamic) = (Vec::new(), JoinSet::new(), DynamicSessions::default());
        let (names, certificates) = (HashMap::new(), Vec::new());
        let mut start =
            Start { sessions, files, applications, controls, tasks, names, dynamic, certificates };
        let (mut ready, mut listeners) = (Vec::new(), Listeners::new(Limits::default()));
        let (forward, newcomers) = mpsc::channel(NEWCOMERS);
        let mut first_error = None;
        let mut keep = |session: &SessionSettings, error: ServiceError| {
            if !settings.process.continue_initialization_on_error {
                return Err(error);
            }
            tracing::error!("{}: not started: {error}", session.identity);
            first_error.get_or_insert(error);
            Ok(())
        };
        let (mut sessions, mut ways) = (Vec::new(), Vec::new());
        for session in &settings.sessions {
            match start.way(session, &mut listeners, &forward) {
                Ok(Some(way)) => {
                    sessions.push(session);
                    ways.push(way);
                }
                Ok(None) => {}
                Err(error) => keep(session, error)?,
            }
        }
        let opener = start.files.clone();
        for ((session, way), files) in sessions.iter().zip(ways).zip(opener.open_all(&sessions)) {
            match files.and_then(|files| start.make(session, files, Arc::default())) {
                Ok(made) => ready.push(way.with(made)),
                Err(error) => keep(session, error)?,
            }
        }
        match first_error.filter(|_| ready.is_empty()) {
            Some(error) => Err(error),
            None => Ok(Opened { start, ready, newcomers, listeners }),
        }
    }

    /// Starts every session's task: initiators connect at once, and all listeners answer when this returns.
    pub fn start(self) -> Running<A> {
        let Prepared { mut start, ready, newcomers, bound } = self;
        for session in ready {
            start.run(session);
        }
        let listening = bound.listen();
        for address in &listening.addresses {
            tracing::info!("FIX acceptor on {address}");
        }
        let hangups = Hangups::listen();
        Running { start, newcomers, opening: JoinSet::new(), listening, hangups }
    }
}

impl<A: Applications> Running<A> {
    /// [`Prepared::new`] and [`Prepared::start`] in one.
    ///
    /// # Errors
    /// As [`Prepared::new`].
    pub async fn start(
        settings: Settings,
        sessions: Sessions,
        applications: A,
    ) -> Result<Self, ServiceError> {
        Ok(Prepared::new(settings, sessions, applications).await?.start())
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
                Some(ended) = self.start.tasks.join_next() => return flat(ended, &self.start.names),
                Some(opened) = self.opening.join_next() => self.begin(opened),
                hangup = self.hangups.next() => if hangup == Hangup::Reload {
                    self.start.read_certificates();
                },
                Some(newcomer) = self.newcomers.recv(), if self.opening.len() < MOST_OPENING => {
                    self.admit(newcomer);
                }
            }
        }
    }

    /// Logs out all sessions, and ends them within two seconds.
    ///
    /// # Errors
    /// The last store that failed.
    pub async fn stop(self) -> Result<(), ServiceError> {
        drop(self.listening);
        let Start { controls, mut tasks, names, .. } = self.start;
        let by = stop_by(controls.len());
        for control in &controls {
            // An error means that the session has ended already.
            let _ = control.send(Control::Stop(by)).await;
        }
        let mut outcome = Ok(());
        while let Some(ended) = tasks.join_next().await {
            outcome = flat(ended, &names).and(outcome);
        }
        outcome
    }

    /// Hands a connection to the session made of its template. Is it not there, its files are opened now, on a
    /// thread where that holds up no other session.
    fn admit(&mut self, newcomer: Newcomer) {
        let Newcomer { template, claim, arrival } = newcomer;
        let peer = arrival.peer;
        let dynamic = &mut self.start.dynamic;
        let identity = match dynamic.place(&template, &claim) {
            Place::Known(session) => {
                if !session.hand_over(arrival) {
                    tracing::warn!(%peer, %claim, "refused: the session is connected already");
                }
                return;
            }
            Place::New(identity) => identity,
            Place::None => {
                tracing::warn!(%peer, %claim, "refused: {MOST_DYNAMIC} sessions were made of templates already");
                return;
            }
        };
        tracing::info!(%peer, session = %identity, "session made of the template at {}", template.origin);
        let (sender, arrivals) = mpsc::channel(1);
        let is_connected = Arc::<AtomicBool>::default();
        let session = Dynamic::new(sender, Arc::clone(&is_connected));
        session.hand_over(arrival);
        dynamic.insert(identity.clone(), session);
        let (files, settings) = (self.start.files.clone(), Box::new(made_of(&template, identity)));
        self.opening.spawn_blocking(move || {
            let files = files.open(&settings).map(Box::new);
            Opening { settings, files, arrivals, is_connected }
        });
    }

    /// Starts a session whose files are open.
    fn begin(&mut self, opened: Result<Opening, JoinError>) {
        let Opening { settings, files, arrivals, is_connected } = match opened {
            Ok(opening) => opening,
            Err(error) => return tracing::error!("a session could not be made: {error}"),
        };
        let session = files.and_then(|files| self.start.make(&settings, *files, is_connected));
        match session {
            Ok(session) => self.start.run(Ready::Acceptor(Box::new(session), arrivals)),
            Err(error) => {
                tracing::error!(session = %settings.identity, "refused: {error}");
                self.start.dynamic.remove(&settings.identity);
            }
        }
    }
}

fn made_of(template: &SessionSettings, identity: Identity) -> SessionSettings {
    SessionSettings { identity, ..template.clone() }
}

/// How a session's task ended; `names` are those of the sessions.
fn flat(
    ended: Result<Result<(), ServiceError>, JoinError>,
    names: &HashMap<task::Id, String>,
) -> Result<(), ServiceError> {
    ended.unwrap_or_else(|error| {
        let session = names.get(&error.id()).map_or("a session", String::as_str);
        Err(match error.try_into_panic() {
            Ok(panic) => ServiceError::panicked(session, &*panic),
            Err(error) => ServiceError::unavailable(format!("{session}: {error}")),
        })
    })
}

impl<A: Applications> Start<A> {
    /// How a session of the configuration meets its counterparty; `None` for a template.
    fn way(
        &mut self,
        settings: &SessionSettings,
        listeners: &mut Listeners,
        newcomers: &mpsc::Sender<Newcomer>,
    ) -> Result<Option<Way>, ServiceError> {
        let placed = |error: &dyn std::fmt::Display| {
            ServiceError::configuration(format!("{}: {error}", settings.origin))
        };
        match &settings.role {
            Role::Initiator(initiator) => {
                let dialer = Dialer::new(initiator, &settings.socket, settings.tls.as_ref())
                    .map_err(|error| placed(&error))?;
                self.certificates.extend(dialer.certificates());
                Ok(Some(Way::Dial(Box::new(dialer), Hosts::new(initiator), initiator.dynamic_session)))
            }
            Role::Acceptor(acceptor) => {
                if acceptor.acceptor_template || acceptor.dynamic_sessions {
                    self.sessions.load_dictionary(settings)?;
                    let added = listeners.add_template(settings, acceptor, newcomers.clone());
                    added.map_err(|error| placed(&error))?;
                }
                if acceptor.acceptor_template {
                    return Ok(None);
                }
                let arrivals = listeners.add(settings, acceptor).map_err(|error| placed(&error))?;
                Ok(Some(Way::Listen(arrivals)))
            }
        }
    }

    fn make(
        &mut self,
        settings: &SessionSettings,
        files: Files,
        is_connected: Arc<AtomicBool>,
    ) -> Result<HostSession<A::Application>, ServiceError> {
        let (session, control) = self.sessions.make(settings, files, &mut self.applications, is_connected)?;
        self.controls.push(control);
        Ok(session)
    }

    /// Reads certificates again, on a thread where waiting for the disk stalls nobody.
    fn read_certificates(&self) {
        if self.certificates.is_empty() {
            return tracing::info!("SIGHUP: there are no certificates to read again");
        }
        let certificates = self.certificates.clone();
        tokio::task::spawn_blocking(move || {
            let mut read = 0;
            for one in &certificates {
                match one.read_again() {
                    Ok(()) => read += 1,
                    Err(error) => tracing::error!("SIGHUP: {error}; what was read before stays in use"),
                }
            }
            tracing::info!("SIGHUP: certificates read again for {read} of {} users", certificates.len());
        });
    }

    /// Starts a session's task.
    fn run(&mut self, session: Ready<A::Application>) {
        let name = match &session {
            Ready::Initiator(session, ..) | Ready::Acceptor(session, ..) => session.id().to_owned(),
        };
        let task = match session {
            Ready::Initiator(mut session, dialer, hosts) => self.tasks.spawn(async move {
                initiator::run(&mut session, *dialer, hosts).await;
                session.settle(LAST_REPORTS).await;
                finish(*session)
            }),
            Ready::Acceptor(mut session, arrivals) => self.tasks.spawn(async move {
                acceptor::run(&mut session, arrivals).await;
                session.settle(LAST_REPORTS).await;
                finish(*session)
            }),
        };
        self.names.insert(task.id(), name);
    }
}
