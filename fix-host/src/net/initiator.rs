//! The initiator: connects, serves the connection, and connects again.

use tokio::time::Instant;

use super::{
    dial::Dialer,
    driver::{Ended, SessionTask},
    hosts::Hosts,
};
use crate::{config::HostPort, contract::HostApplication, store::Entries};

/// The beginning of a session's detail while its last attempt to connect has failed.
pub(crate) const NO_COUNTERPARTY: &str = "no counterparty: ";

/// Runs an initiator session until it is told to stop.
pub async fn run<S: Entries, A: HostApplication>(
    session: &mut SessionTask<S, A>,
    dialer: Dialer,
    mut hosts: Hosts,
) {
    while !session.is_stopping() {
        if session.wait_for_opening().await {
            break;
        }
        let Some(host) = hosts.pick(Instant::now()).cloned() else { break };
        let mut dialled = None;
        // Commands are obeyed meanwhile.
        session.idle(async { dialled = Some(dialer.connect(&host).await) }).await;
        let was_logged_on = match dialled {
            Some(Ok(stream)) => {
                tracing::info!(session = session.id(), %host, tls = stream.is_tls(), "connected");
                let ended = session.serve(stream, &[]).await;
                report(session.id(), &host, &ended, session.detail());
                session.engine().application_mut().take_was_logged_on()
            }
            Some(Err(error)) => {
                let detail = format!("{NO_COUNTERPARTY}{error}");
                tracing::warn!(session = session.id(), "{detail}");
                session.explain(detail);
                false
            }
            None => break,
        };
        let wait = hosts.ended(Instant::now(), was_logged_on);
        tracing::debug!(?wait, "until the next attempt");
        session.pause(wait).await;
    }
}

fn report(session: &str, host: &HostPort, ended: &Ended, detail: &str) {
    match ended {
        Ended::Closed(reason) if reason.is_orderly() => tracing::info!(session, %host, "{detail}"),
        _ => tracing::warn!(session, %host, "{detail}"),
    }
}
