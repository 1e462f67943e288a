//! From the settings of one session to the task that runs it.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use fix_core::{
    dict::{Dictionary, fix44},
    engine::Buffers,
    session::config::SessionConfig,
};
use tokio::sync::mpsc;

use super::{
    error::ServiceError,
    runner::Applications,
    store::{HostStore, session_name},
};
use crate::{
    bus::{
        control::{Control, Directory},
        publisher::Publisher,
    },
    clock::{Clock, utc_now},
    config::{SessionSettings, ValidationSettings},
    dictionary,
    log::{LogOptions, Logs, Rotation},
    net::{
        buffer::Buffer,
        driver::{HostApplication, HostEngine, Session},
        hosted::Hosted,
        monitor::Monitor,
        session_config::session_config,
    },
    observe::{Metrics, SessionView},
};

/// Bytes of the largest message accepted.
const INBOUND: usize = 64 * 1024;
/// Bytes on their way to the socket; four times the largest message sent.
const OUTBOUND: usize = 256 * 1024;
/// Bytes of messages kept beyond a gap.
const KEPT: usize = 256 * 1024;

/// A session ready to run.
pub type HostSession<A> = Session<HostStore, Hosted<A>>;

/// Dictionaries by file, each loaded once however many sessions name it.
#[derive(Default)]
struct Dictionaries(HashMap<PathBuf, &'static Dictionary>);

impl Dictionaries {
    /// The dictionary that a session names; FIX 4.4 where it names none.
    ///
    /// # Errors
    /// One line with the place in the file.
    fn get(&mut self, settings: &ValidationSettings) -> Result<&'static Dictionary, ServiceError> {
        let Some(path) = &settings.data_dictionary else { return Ok(&fix44::DICTIONARY) };
        if let Some(dictionary) = self.0.get(path) {
            return Ok(dictionary);
        }
        let none: [PathBuf; 0] = [];
        let dictionary = dictionary::load(path, &none).map_err(ServiceError::configuration)?;
        self.0.insert(path.clone(), dictionary);
        Ok(dictionary)
    }
}

/// Where sessions are seen and reached. The default is nowhere.
#[derive(Clone, Default)]
pub struct Observers {
    /// Hears of every change.
    pub publisher: Option<Arc<dyn Publisher>>,
    /// Lists them for operators.
    pub directory: Directory,
    /// Has their counters.
    pub metrics: Metrics,
}

/// Makes sessions from settings; what they share is here.
pub struct Sessions {
    clock: Clock,
    dictionaries: Dictionaries,
    logs: Logs,
    observers: Observers,
    /// Messages and events are shown on the screen too, as the ScreenLogShow keys say.
    screen: bool,
}

impl Sessions {
    /// Starts the threads that write the logs; what waits to be written is written when this is dropped.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn new(screen: bool, observers: Observers) -> Result<Self, ServiceError> {
        let logs =
            Logs::start().map_err(|error| ServiceError::unavailable(format!("log threads: {error}")))?;
        let (clock, dictionaries) = (Clock::default(), Dictionaries::default());
        Ok(Sessions { clock, dictionaries, logs, observers, screen })
    }

    /// Opens dictionary, store and logs of a session; `applications` makes its application.
    ///
    /// # Errors
    /// What is wrong with its settings, its store or its log files.
    pub fn open<A: Applications>(
        &mut self,
        settings: &SessionSettings,
        applications: &mut A,
    ) -> Result<(HostSession<A::Application>, mpsc::Sender<Control>), ServiceError> {
        let dictionary = self.dictionaries.get(&settings.validation)?;
        let now = utc_now();
        let config = session_config(settings, dictionary, now).map_err(ServiceError::configuration)?;
        let (id, role) = (config.id.to_string(), config.role);
        let store = HostStore::open(settings)?;
        let options =
            LogOptions { settings: settings.log.clone(), rotation: Rotation::default(), screen: self.screen };
        let log = self.logs.session(&session_name(settings), options).map_err(ServiceError::store)?;
        let (application, commands) = applications.make(&id, settings, dictionary);
        let hosted = Hosted::new(application, Some(log));
        let Observers { publisher, directory, metrics } = &self.observers;
        metrics.add_session(&id, hosted.counters());
        let monitor = Monitor::new(SessionView::new(&id, role, now), publisher.clone());
        let (session, control) = Session::new(engine(config, store, hosted)?, self.clock, commands, monitor);
        directory.insert(&id, control.clone());
        let session = session
            .with_schedule(settings.schedule.clone())
            .with_send_timeout(settings.socket.socket_send_timeout);
        Ok((session, control))
    }
}

/// Ends a session for good.
///
/// # Errors
/// One line that says what its store failed with.
pub fn finish<A: HostApplication>(session: HostSession<A>) -> Result<(), ServiceError> {
    let id = session.id().to_owned();
    let (store, outcome) = session.finish();
    outcome.map_err(|error| match store.failure() {
        Some(failure) => ServiceError::store(format!("{id}: message store: {failure}")),
        None => ServiceError::store(format!("{id}: {error}")),
    })
}

/// An engine with the host's buffers.
///
/// # Errors
/// The system has no memory for them.
pub fn engine<A: HostApplication>(
    config: SessionConfig,
    store: HostStore,
    hosted: Hosted<A>,
) -> Result<HostEngine<HostStore, Hosted<A>>, ServiceError> {
    let buffer =
        |len| Buffer::new(len).map_err(|error| ServiceError::unavailable(format!("memory: {error}")));
    let buffers = Buffers { inbound: buffer(INBOUND)?, outbound: buffer(OUTBOUND)?, kept: buffer(KEPT)? };
    Ok(HostEngine::new(config, buffers, store, hosted))
}
