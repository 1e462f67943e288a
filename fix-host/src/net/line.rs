//! What may stand between a session and its socket: a simulated venue has faults of the line there.

use tokio::io::{AsyncRead, AsyncWrite};

use super::stream::Stream;

/// Puts itself between a session and each of its connections.
pub trait Line: Send + Sync {
    /// The connection, as the session shall meet it.
    fn through(&self, stream: Stream) -> Box<dyn Duplex>;
}

/// A connection of any kind.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
