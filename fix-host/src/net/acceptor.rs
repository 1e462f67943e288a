//! The acceptor: one listener, one short-lived task per new connection, one task per session.

use std::{collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};

use fix_core::store::MessageStore;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::timeout,
};

use super::{
    driver::{Ended, HostApplication, Session},
    logon_peek::{Claim, Peek, peek},
};

/// Bounds on connections that have not logged on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time for the whole Logon to arrive.
    pub logon_timeout: Duration,
    /// Bytes that a Logon may have.
    pub max_logon: usize,
    /// Connections in all that may be without a Logon at one time.
    pub max_pending: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { logon_timeout: Duration::from_secs(5), max_logon: 4096, max_pending: 4096 }
    }
}

/// A connection whose Logon was read: the stream and all bytes read from it.
pub struct Arrival {
    stream: TcpStream,
    peer: SocketAddr,
    bytes: Vec<u8>,
}

/// The sessions that a listener serves, by what their counterparty writes in its Logon.
pub type Routes = HashMap<Claim, mpsc::Sender<Arrival>>;

/// Accepts connections for ever. Each is read in a task of its own, so that a silent one delays nobody.
pub async fn listen(listener: TcpListener, routes: Arc<Routes>, limits: Limits) -> io::Result<()> {
    let pending = Arc::new(Semaphore::new(limits.max_pending));
    loop {
        let permit = Arc::clone(&pending).acquire_owned().await.map_err(io::Error::other)?;
        match listener.accept().await {
            Ok((stream, peer)) => {
                let routes = Arc::clone(&routes);
                tokio::spawn(async move {
                    greet(stream, peer, &routes, limits).await;
                    drop(permit);
                });
            }
            Err(error) => {
                // Out of file descriptors, or the peer was gone already: both pass.
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Reads the first message and hands the connection to its session. Whatever else comes first is closed
/// without a byte.
async fn greet(mut stream: TcpStream, peer: SocketAddr, routes: &Routes, limits: Limits) {
    let mut bytes = Vec::with_capacity(512);
    let read = timeout(limits.logon_timeout, async {
        loop {
            let count = stream.read_buf(&mut bytes).await.ok()?;
            match peek(&bytes, limits.max_logon) {
                Peek::Logon(claim) => return Some(claim),
                Peek::NotALogon => return None,
                Peek::Partial if count == 0 || bytes.len() >= limits.max_logon => return None,
                Peek::Partial => {}
            }
        }
    });
    match read.await {
        Ok(Some(claim)) => match routes.get(&claim) {
            Some(session) => {
                let _ = stream.set_nodelay(true);
                if session.try_send(Arrival { stream, peer, bytes }).is_err() {
                    tracing::warn!(%peer, ?claim, "refused: this session is connected already");
                }
            }
            None => tracing::warn!(%peer, ?claim, "refused: no such session"),
        },
        Ok(None) => tracing::warn!(%peer, "refused: the first message is not a Logon"),
        Err(_) => tracing::warn!(%peer, "refused: no Logon within {:?}", limits.logon_timeout),
    }
}

/// Runs an acceptor session until it is told to stop.
///
/// While a connection is being served, a second Logon for the
/// same session is refused (FIX 4.4 Vol. 2, case 1b).
pub async fn run<S: MessageStore, A: HostApplication>(
    mut session: Session<S, A>,
    mut arrivals: mpsc::Receiver<Arrival>,
) -> Session<S, A> {
    while !session.is_stopping() {
        let mut arrival = None;
        session.idle(async { arrival = arrivals.recv().await }).await;
        let Some(Arrival { stream, peer, bytes }) = arrival else { break };
        tracing::info!(%peer, "connected");
        let ended = {
            let serving = session.serve(stream, &bytes);
            tokio::pin!(serving);
            loop {
                tokio::select! {
                    ended = &mut serving => break ended,
                    Some(other) = arrivals.recv() => refuse(other),
                }
            }
        };
        match ended {
            Ended::Closed(reason) => tracing::info!(%peer, %reason, "connection closed"),
            Ended::EndOfStream => tracing::info!(%peer, "the counterparty closed the connection"),
            Ended::Io(error) => tracing::warn!(%peer, %error, "the connection failed"),
            Ended::Stopped => tracing::warn!(%peer, "stopped; the counterparty did not answer our Logout"),
        }
    }
    session
}

fn refuse(arrival: Arrival) {
    tracing::warn!(peer = %arrival.peer, "refused: this session is connected already");
    drop(arrival.stream);
}
