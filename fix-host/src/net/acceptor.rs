//! The acceptor: one task per session, which is given its connections by the listener.

use tokio::sync::mpsc;

use super::{
    driver::{Ended, SessionTask},
    listener::Arrival,
};
use crate::{contract::HostApplication, store::Entries};

/// Runs an acceptor session until it is told to stop.
///
/// While a connection is being served, a second Logon for the same session is refused (FIX 4.4 Vol. 2,
/// case 1b).
pub async fn run<S: Entries, A: HostApplication>(
    session: &mut SessionTask<S, A>,
    mut arrivals: mpsc::Receiver<Box<Arrival>>,
) {
    while !session.is_stopping() {
        let mut arrival = None;
        session.idle(async { arrival = arrivals.recv().await }).await;
        let Some(Arrival { stream, peer, bytes }) = arrival.map(|arrival: Box<Arrival>| *arrival) else {
            break;
        };
        tracing::info!(session = session.id(), %peer, tls = stream.is_tls(), "connected");
        let ended = match session.line.clone() {
            None => until_end(session.serve(stream, &bytes), &mut arrivals).await,
            Some(line) => until_end(session.serve(line.through(stream), &bytes), &mut arrivals).await,
        };
        let (session, detail) = (session.id(), session.detail());
        match ended {
            Ended::KeptOut => tracing::warn!(session, %peer, "{ended}"),
            Ended::EndOfStream => tracing::info!(session, %peer, "{detail}"),
            Ended::Closed(reason) if reason.is_orderly() => tracing::info!(session, %peer, "{detail}"),
            _ => tracing::warn!(session, %peer, "{detail}"),
        }
    }
}

/// Refuses other connections while one is served.
async fn until_end(
    serving: impl Future<Output = Ended>,
    arrivals: &mut mpsc::Receiver<Box<Arrival>>,
) -> Ended {
    tokio::pin!(serving);
    loop {
        tokio::select! {
            biased;
            ended = &mut serving => return ended,
            Some(other) = arrivals.recv() => refuse(&other),
        }
    }
}

fn refuse(arrival: &Arrival) {
    tracing::warn!(peer = %arrival.peer, "refused: this session is connected already");
}
