//! From the settings of one session to the task that runs it.

use std::sync::{Arc, atomic::AtomicBool};

use fix_core::{engine::Buffers, session::config::SessionConfig};
use tokio::sync::mpsc;

use super::{
    dictionaries::Dictionaries,
    earlier::{self, Budget},
    error::ServiceError,
    hosted::{Hosted, Shown},
    runner::Applications,
    store::{HostStore, StoredOrder, session_name},
};
use crate::{
    clock::{Clock, utc_now},
    config::{DEFAULT_MAX_MESSAGE_SIZE, SessionSettings, StoreSettings},
    contract::{
        HostApplication, SessionView,
        control::{Control, Directory},
        publisher::Publisher,
    },
    flight::FileTape,
    log::{LogOptions, Logs, SessionLog},
    net::{
        buffer::Buffer,
        driver::{HostEngine, SessionTask},
        monitor::Monitor,
        session_config::session_config,
    },
    observe::{Messages, Metrics},
    store::{Keeps, Reserves},
};

/// What an answer may be larger than the largest message received: other ids, another time.
const ANSWER: usize = 4096;
/// Bytes of messages kept beyond a gap.
const KEPT: usize = 256 * 1024;

/// A session ready to run.
pub type HostSession<A> = SessionTask<HostStore, Hosted<A>>;

/// Where sessions are seen and reached. The default is nowhere.
#[derive(Clone, Default)]
pub struct Observers {
    /// Hears of every change.
    pub publisher: Option<Arc<dyn Publisher>>,
    /// Lists them for operators.
    pub directory: Directory,
    /// Has their counters.
    pub metrics: Metrics,
    /// Keeps their last messages.
    pub messages: Option<Messages>,
}

/// Opens what sessions keep on disk. Clones share the threads that write the logs; what waits to be written is
/// written when the last one is dropped.
#[derive(Clone)]
pub struct FileOpener {
    logs: Arc<Logs>,
    /// Messages and events are shown on the screen too, as the ScreenLogShow keys say.
    screen: bool,
    /// How many of the last messages sent are looked at for orders.
    remembers: u64,
    /// What the stores keep for readers.
    keeps: Keeps,
    /// Room set aside for a full disk.
    reserves: Arc<Reserves>,
}

/// What a session keeps on disk, open.
pub struct Files {
    store: HostStore,
    log: SessionLog,
    /// The orders among the last messages sent, oldest first.
    orders: Vec<StoredOrder>,
    /// Where what goes into the engine is recorded.
    flight: Option<FileTape>,
}

impl FileOpener {
    /// Opens store and logs of a session. This waits for the disk: not for a task of the runtime.
    ///
    /// # Errors
    /// What is wrong with its store or its log files.
    pub fn open(&self, settings: &SessionSettings) -> Result<Files, ServiceError> {
        self.files(settings, HostStore::open(settings, self.keeps, &self.reserves)?)
    }

    /// As [`open`](Self::open) for the sessions of a configuration, in their order. The stores are opened together; logs
    /// and orders of each when it is asked for, so that those of all of them are never in memory at once. Of the room
    /// that an earlier start set aside for more of them, what is not wanted goes back to the disk.
    ///
    /// # Errors
    /// For each: what is wrong with its store or its log files.
    pub fn open_all(
        &self,
        sessions: &[&SessionSettings],
    ) -> impl Iterator<Item = Result<Files, ServiceError>> {
        let stores = HostStore::open_all(sessions, self.keeps, &self.reserves);
        self.reserves.trim();
        let stores = stores.into_iter().zip(sessions);
        stores.map(|(store, settings)| self.files(settings, store?))
    }

    fn files(&self, settings: &SessionSettings, mut store: HostStore) -> Result<Files, ServiceError> {
        let orders = store.last_orders(self.remembers)?;
        let options = LogOptions { settings: settings.log.clone(), screen: self.screen };
        let log = self.logs.session(&session_name(settings), options).map_err(ServiceError::store)?;
        let flight = flight(settings)?;
        Ok(Files { store, log, orders, flight })
    }
}

fn flight(settings: &SessionSettings) -> Result<Option<FileTape>, ServiceError> {
    let StoreSettings { flight_recorder: Some(path), flight_recorder_size: size, .. } = &settings.store
    else {
        return Ok(None);
    };
    let failed = |error| ServiceError::store(format!("FlightRecorder: {}: {error}", path.display()));
    FileTape::open(path, *size).map(Some).map_err(failed)
}

/// Makes sessions from settings; what they share is here.
pub struct Sessions {
    clock: Clock,
    dictionaries: Dictionaries,
    files: FileOpener,
    observers: Observers,
    /// Of the messages of an earlier process.
    shown_of_before: Budget,
}

impl Sessions {
    /// Starts the threads that write the logs.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn new(screen: bool, observers: Observers) -> Result<Self, ServiceError> {
        let logs =
            Logs::start().map_err(|error| ServiceError::unavailable(format!("log threads: {error}")))?;
        let files = FileOpener {
            logs: Arc::new(logs),
            screen,
            remembers: 0,
            keeps: Keeps::default(),
            reserves: Arc::default(),
        };
        Ok(Sessions {
            clock: Clock::default(),
            dictionaries: Dictionaries::default(),
            files,
            observers,
            shown_of_before: Budget::default(),
        })
    }

    /// What opens the files of sessions with `applications`.
    pub fn files<A: Applications>(&self, applications: &A) -> FileOpener {
        FileOpener { remembers: applications.remembers(), keeps: applications.keeps(), ..self.files.clone() }
    }

    /// Reads the dictionary that `settings` name, so that [`make`](Self::make) does not wait for it.
    ///
    /// # Errors
    /// One line with the place in the file.
    pub fn load_dictionary(&mut self, settings: &SessionSettings) -> Result<(), ServiceError> {
        self.dictionaries.get(&settings.validation).map(drop)
    }

    /// Makes a session of its open files; `applications` makes its application. `is_connected` is true while
    /// it has a connection.
    ///
    /// # Errors
    /// What is wrong with its settings or its dictionary; the system has no memory.
    pub fn make<A: Applications>(
        &mut self,
        settings: &SessionSettings,
        files: Files,
        applications: &mut A,
        is_connected: Arc<AtomicBool>,
    ) -> Result<(HostSession<A::Application>, mpsc::Sender<Control>), ServiceError> {
        let dictionary = self.dictionaries.get(&settings.validation)?;
        let now = utc_now();
        let config = session_config(settings, dictionary, now).map_err(ServiceError::configuration)?;
        let (id, role) = (config.id.to_string(), config.role);
        let Files { mut store, mut log, orders, flight } = files;
        log.know(dictionary.extra_data_pairs);
        applications.remember(&id, settings, &store, orders);
        let (application, commands) = applications.make(&id, settings, dictionary)?;
        let Observers { publisher, directory, metrics, messages } = &self.observers;
        let shown = messages.as_ref().map(|messages| Shown::new(messages.clone(), &id, log.redactor()));
        if let Some(shown) = &shown {
            earlier::show(&mut store, shown, &mut self.shown_of_before, now);
        }
        let hosted = Hosted::new(application, Some(log)).showing(shown);
        metrics.add_session(&id, hosted.counters());
        if let (Some(path), Some(syncs)) = (&settings.store.file_store_path, store.syncs()) {
            metrics.add_store(&id, path, syncs);
        }
        let monitor = Monitor::new(SessionView::new(&id, role, now), publisher.clone());
        let (session, control) =
            SessionTask::new(engine(config, store, hosted, flight)?, self.clock, commands, monitor);
        directory.insert(&id, control.clone());
        let session = session
            .with_schedule(settings.schedule.clone())
            .with_send_timeout(settings.socket.socket_send_timeout)
            .measuring(settings.timing.round_trip_interval)
            .with_line(applications.line(&id))
            .showing_in(is_connected);
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

/// An engine with the host's buffers. The output has room for four of the largest messages, as the core wants it; of
/// all buffers memory is taken only for what is in use.
///
/// # Errors
/// The system has no memory for them.
pub fn engine<A: HostApplication>(
    config: SessionConfig,
    store: HostStore,
    hosted: Hosted<A>,
    flight: Option<FileTape>,
) -> Result<HostEngine<HostStore, Hosted<A>>, ServiceError> {
    let buffer =
        |len| Buffer::new(len).map_err(|error| ServiceError::unavailable(format!("memory: {error}")));
    let largest = config.max_message_size.unwrap_or(DEFAULT_MAX_MESSAGE_SIZE) as usize;
    let outbound = buffer(4 * (largest + ANSWER))?;
    let buffers = Buffers { inbound: buffer(largest)?, outbound, kept: buffer(KEPT)? };
    Ok(HostEngine::new(config, buffers, store, hosted, flight))
}
