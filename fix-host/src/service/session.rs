//! From the settings of one session to the task that runs it.

use std::{collections::HashMap, path::PathBuf};

use fix_core::{
    dict::{Dictionary, fix44},
    engine::Buffers,
    session::config::SessionConfig,
};
use tokio::sync::mpsc;

use super::{error::ServiceError, store::HostStore};
use crate::{
    clock::{Clock, utc_now},
    config::{SessionSettings, ValidationSettings},
    dictionary,
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
pub struct Dictionaries(HashMap<PathBuf, &'static Dictionary>);

impl Dictionaries {
    /// The dictionary that a session names; FIX 4.4 where it names none.
    ///
    /// # Errors
    /// One line with the place in the file.
    pub fn get(&mut self, settings: &ValidationSettings) -> Result<&'static Dictionary, ServiceError> {
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

/// Opens the store of a session and gives its task the means to run.
///
/// # Errors
/// What is wrong with its settings or its store.
pub fn open<A: HostApplication>(
    settings: &SessionSettings,
    dictionary: &'static Dictionary,
    application: A,
    commands: mpsc::Receiver<A::Command>,
    clock: Clock,
) -> Result<(HostSession<A>, mpsc::Sender<Control>), ServiceError> {
    let config = session_config(settings, dictionary, utc_now()).map_err(ServiceError::configuration)?;
    let store = HostStore::open(settings)?;
    let hosted = Hosted::new(application);
    Ok(Session::new(engine(config, store, hosted), clock, commands))
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
