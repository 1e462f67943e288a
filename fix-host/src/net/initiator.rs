//! The initiator: connects, serves the connection, and connects again.

use std::{io, time::Duration};

use fix_core::store::MessageStore;
use tokio::net::TcpStream;

use super::{
    driver::{Ended, HostApplication, Session},
    hosted::Hosted,
};

/// Where and how often to connect.
#[derive(Clone, Debug)]
pub struct Target {
    /// SocketConnectHost<n>/SocketConnectPort<n>, in order of preference.
    pub addresses: Vec<(String, u16)>,
    /// ReconnectInterval.
    pub reconnect_interval: Duration,
    /// SocketConnectTimeout.
    pub connect_timeout: Duration,
}

/// Runs an initiator session until it is told to stop.
///
/// The addresses take turns: one counts as good only after a Logon, so a port that accepts and then says
/// nothing does not keep the others from being tried.
pub async fn run<S: MessageStore, A: HostApplication>(
    mut session: Session<S, Hosted<A>>,
    target: Target,
) -> Session<S, Hosted<A>> {
    let mut next = 0;
    while !session.is_stopping() {
        let index = next % target.addresses.len().max(1);
        let Some((host, port)) = target.addresses.get(index) else { break };
        match connect(&mut session, host, *port, target.connect_timeout).await {
            Some(Ok(stream)) => {
                tracing::info!(host, port, "connected");
                let ended = session.serve(stream, &[]).await;
                report(host, *port, &ended);
                if !session.engine().application_mut().take_was_logged_on() {
                    next = index + 1;
                }
            }
            Some(Err(error)) => {
                tracing::warn!(host, port, %error, "no counterparty; next try in {:?}", target.reconnect_interval);
                next = index + 1;
            }
            None => break,
        }
        session.idle(tokio::time::sleep(target.reconnect_interval)).await;
    }
    session
}

/// Connects, obeying commands meanwhile; `None` if told to stop.
async fn connect<S: MessageStore, A: HostApplication>(
    session: &mut Session<S, A>,
    host: &str,
    port: u16,
    timeout: Duration,
) -> Option<io::Result<TcpStream>> {
    let mut connected = None;
    let attempt = async {
        let result = tokio::time::timeout(timeout, TcpStream::connect((host, port))).await;
        let result = result.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        connected = Some(result.and_then(|stream| stream.set_nodelay(true).map(|()| stream)));
    };
    if session.idle(attempt).await {
        return None;
    }
    connected
}

fn report(host: &str, port: u16, ended: &Ended) {
    match ended {
        Ended::Closed(reason) => tracing::info!(host, port, %reason, "connection closed"),
        Ended::EndOfStream => tracing::warn!(host, port, "the counterparty closed the connection"),
        Ended::Io(error) => tracing::warn!(host, port, %error, "the connection failed"),
        Ended::Stopped => tracing::warn!(host, port, "stopped; the counterparty did not answer our Logout"),
    }
}
