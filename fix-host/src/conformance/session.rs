//! A session as a conformance runner needs it: in memory, with an application that echoes.

use fix_core::{
    dict::fix44,
    session::config::{Role, SessionConfig, SessionId, ValidationPolicy},
};
use tokio::sync::mpsc;

use super::echo::Echo;
use crate::{
    clock::{Clock, utc_now},
    config::{self, SessionSettings, System},
    contract::{SessionView, control::Control},
    net::{driver::SessionTask, monitor::Monitor},
    service::{
        error::ServiceError,
        hosted::Hosted,
        session::{self, HostSession},
        store::HostStore,
    },
};

/// Where a session connects or listens, as a configuration file would say it.
pub(super) fn settings(lines: &str) -> Result<SessionSettings, ServiceError> {
    let text = format!("[SESSION]\nBeginString=FIX.4.4\n{lines}");
    let settings = config::parse_bytes("acceptance", text.as_bytes(), &System);
    Ok(settings.map_err(ServiceError::configuration)?.sessions.swap_remove(0))
}

/// A session that checks all that a runner may break.
pub(super) fn session_config(role: Role, us: &str, them: &str) -> Result<SessionConfig, ServiceError> {
    let id = SessionId::new(us, them).map_err(ServiceError::configuration)?;
    Ok(SessionConfig {
        dictionary: Some(&fix44::DICTIONARY),
        // The definitions for an initiator expect a Reject.
        validation_policy: ValidationPolicy::Reject,
        ..SessionConfig::new(role, id)
    })
}

/// A session, and what ends it when it is dropped.
pub(super) fn new_session(
    config: SessionConfig,
    clock: Clock,
) -> Result<(HostSession<Echo>, mpsc::Sender<Control>), ServiceError> {
    let store = HostStore::Memory(Box::default());
    let engine = session::engine(config, store, Hosted::new(Echo::default(), None), None)?;
    let view = SessionView::new(engine.config().id.to_string(), engine.config().role, utc_now());
    // Nobody sends commands.
    Ok(SessionTask::new(engine, clock, mpsc::channel(1).1, Monitor::new(view, None)))
}
