//! The acceptor that a conformance runner plays an initiator against.

use fix_core::{msg::validate::Checks, session::config::Role};
use tokio::sync::watch;

use super::session::{new_session, session_config, settings};
use crate::{
    clock::Clock,
    config,
    net::{
        acceptor,
        listener::{Limits, Listeners},
    },
    service::{error::ServiceError, shutdown::stopped},
};

/// What tells the acceptance sessions apart.
struct Served {
    counterparty: &'static str,
    reset_on_logon: bool,
    check_values: bool,
}

const SERVED: [Served; 4] = [
    Served { counterparty: "TW44", reset_on_logon: true, check_values: true },
    Served { counterparty: "TW", reset_on_logon: true, check_values: true },
    Served { counterparty: "NO_CHECK_FIELDS_HAVE_VALUES", reset_on_logon: true, check_values: false },
    Served { counterparty: "TWP", reset_on_logon: false, check_values: true },
];

/// Our CompID as the acceptor.
const ACCEPTOR: &str = "ISLD";

/// Serves the acceptance sessions on 127.0.0.1 until `stop` is true.
///
/// # Errors
/// When the port cannot be bound.
pub async fn serve(port: u16, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    let clock = Clock::default();
    let mut listeners = Listeners::new(Limits::default());
    for served in &SERVED {
        let mut config = session_config(Role::Acceptor, ACCEPTOR, served.counterparty)?;
        config.reset_on_logon = served.reset_on_logon;
        config.checks = Checks { fields_have_values: served.check_values, ..Checks::ALL };
        let settings = settings(&format!(
            "ConnectionType=acceptor\nSenderCompID={ACCEPTOR}\nTargetCompID={}\n\
             SocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n",
            served.counterparty
        ))?;
        let config::Role::Acceptor(acceptor) = &settings.role else { continue };
        let arrived = listeners.add(&settings, acceptor).map_err(ServiceError::configuration)?;
        let (mut session, control) = new_session(config, clock)?;
        tokio::spawn(async move {
            acceptor::run(&mut session, arrived).await;
            drop(control);
        });
    }
    let _listening = listeners.listen().await.map_err(ServiceError::unavailable)?;
    tracing::info!("acceptance server on 127.0.0.1:{port}");
    stopped(stop).await;
    Ok(())
}
