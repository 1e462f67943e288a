//! The initiator that a conformance runner plays an acceptor against.

use fix_core::session::config::Role;
use tokio::sync::watch;

use super::session::{new_session, session_config, settings};
use crate::{
    clock::Clock,
    config,
    net::{dial::Dialer, hosts::Hosts, initiator},
    service::{error::ServiceError, shutdown::stopped},
};

/// Connects to 127.0.0.1 as INIT, and again whenever the connection ends, until `stop` is true.
///
/// # Errors
/// None at present; the counterparty's absence is no error.
pub async fn connect(port: u16, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    let mut config = session_config(Role::Initiator, "INIT", "ACPT")?;
    config.reset_on_logon = true;
    config.heart_bt_int = 30;
    let settings = settings(&format!(
        "ConnectionType=initiator\nSenderCompID=INIT\nTargetCompID=ACPT\nHeartBtInt=30\n\
         ReconnectInterval=1\nSocketConnectHost=127.0.0.1\nSocketConnectPort={port}\n"
    ))?;
    let config::Role::Initiator(initiator) = &settings.role else { return Ok(()) };
    let dialer = Dialer::new(initiator, &settings.socket, settings.tls.as_ref());
    let dialer = dialer.map_err(ServiceError::configuration)?;
    let (mut session, _control) = new_session(config, Clock::default())?;
    tokio::select! {
        () = initiator::run(&mut session, dialer, Hosts::new(initiator)) => {}
        () = stopped(stop) => {}
    }
    Ok(())
}
