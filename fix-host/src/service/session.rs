//! From the settings of one session to the task that runs it.

use std::{collections::HashMap, path::PathBuf};

use fix_core::{
    dict::{Dictionary, fix44},
    engine::Buffers,
    session::config::SessionConfig,
};
use tokio::sync::mpsc;

use super::{
    error::ServiceError,
    store::{HostStore, session_name},
};
use crate::{
    clock::{Clock, utc_now},
    config::{SessionSettings, ValidationSettings},
    dictionary,
    log::{LogOptions, Logs, Rotation},
    net::{
        driver::{Control, HostApplication, HostEngine, Session},
        hosted::Hosted,
        session_config::session_config,
    },
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

/// Makes sessions from settings; what they share is here.
pub struct Sessions {
    clock: Clock,
    dictionaries: Dictionaries,
    logs: Logs,
    /// Messages and events are shown on the screen too, as the ScreenLogShow keys say.
    screen: bool,
}

impl Sessions {
    /// Starts the threads that write the logs; what waits to be written is written when this is dropped.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn new(screen: bool) -> Result<Self, ServiceError> {
        let logs =
            Logs::start().map_err(|error| ServiceError::unavailable(format!("log threads: {error}")))?;
        Ok(Sessions { clock: Clock::default(), dictionaries: Dictionaries::default(), logs, screen })
    }

    /// Opens dictionary, store and logs of a session; `make` makes its application.
    ///
    /// # Errors
    /// What is wrong with its settings, its store or its log files.
    pub fn open<A: HostApplication>(
        &mut self,
        settings: &SessionSettings,
        make: impl FnOnce(&'static Dictionary) -> A,
        commands: mpsc::Receiver<A::Command>,
    ) -> Result<(HostSession<A>, mpsc::Sender<Control>), ServiceError> {
        let dictionary = self.dictionaries.get(&settings.validation)?;
        let config = session_config(settings, dictionary, utc_now()).map_err(ServiceError::configuration)?;
        let store = HostStore::open(settings)?;
        let options =
            LogOptions { settings: settings.log.clone(), rotation: Rotation::default(), screen: self.screen };
        let log = self.logs.session(&session_name(settings), options).map_err(ServiceError::store)?;
        let hosted = Hosted::new(make(dictionary), Some(log));
        Ok(Session::new(engine(config, store, hosted), self.clock, commands))
    }
}

/// An engine with the host's buffers.
pub fn engine<A: HostApplication>(
    config: SessionConfig,
    store: HostStore,
    hosted: Hosted<A>,
) -> HostEngine<HostStore, Hosted<A>> {
    let buffer = |len: usize| vec![0; len].into_boxed_slice();
    let buffers = Buffers { inbound: buffer(INBOUND), outbound: buffer(OUTBOUND), kept: buffer(KEPT) };
    HostEngine::new(config, buffers, store, hosted)
}
