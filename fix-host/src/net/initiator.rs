//! The initiator: connects, serves the connection, and connects again.

use tokio::time::Instant;

use super::{
    dial::Dialer,
    driver::{Ended, SessionTask},
    hosts::Hosts,
};
use crate::{config::HostPort, contract::HostApplication, store::Entries};

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
                tracing::warn!(session = session.id(), "no counterparty: {error}");
                session.explain(format!("no counterparty: {error}"));
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
