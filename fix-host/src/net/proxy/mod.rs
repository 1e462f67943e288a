//! Through a proxy to the counterparty: SOCKS 4, 4a and 5, and HTTP CONNECT.

mod http;
mod socks;

use std::io;

use tokio::net::TcpStream;

use crate::config::{HostPort, ProxySettings, ProxyType};

/// Asks the proxy at the other end of `stream` for a way to `target`.
///
/// # Errors
/// What the proxy said, and what to do.
pub(super) async fn connect(
    stream: TcpStream,
    proxy: &ProxySettings,
    target: &HostPort,
) -> Result<TcpStream, ProxyError> {
    match proxy.proxy_type {
        ProxyType::Http => http::connect(stream, proxy, target).await,
        ProxyType::Socks4 | ProxyType::Socks4a | ProxyType::Socks5 => {
            socks::connect(stream, proxy, target).await
        }
    }
}

/// The proxy gives no way to the counterparty.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The connection to the proxy failed.
    #[error("the connection to it failed: {0}")]
    Io(#[from] io::Error),
    /// It wants to know who we are.
    #[error("it demands a user and password; set ProxyUser and ProxyPassword")]
    WantsCredentials,
    /// It does not believe who we are.
    #[error("it refuses ProxyUser or ProxyPassword")]
    BadCredentials,
    /// It answers something else than this protocol.
    #[error("its answer is not {0}; is ProxyType right?")]
    NotTheProtocol(&'static str),
    /// It refused, or the counterparty did.
    #[error("it did not connect: {0}")]
    Refused(String),
}
