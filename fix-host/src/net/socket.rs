//! TCP sockets with the options that the configuration asks for.

use std::{io, net::SocketAddr, time::Duration};

use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};

use crate::{
    config::{AcceptorSettings, HostPort, SocketSettings},
    open_files, taken,
};

/// Connections that the system holds until they are accepted: a storm of them must not cost a Logon.
const BACKLOG: u32 = 1024;

/// Sets the TCP options of one socket, connected or not.
pub fn apply(socket: &SockRef<'_>, settings: &SocketSettings) -> io::Result<()> {
    socket.set_tcp_nodelay(settings.socket_nodelay)?;
    socket.set_keepalive(settings.socket_keep_alive)?;
    if let Some(size) = settings.socket_send_buffer_size {
        socket.set_send_buffer_size(size as usize)?;
    }
    if let Some(size) = settings.socket_receive_buffer_size {
        socket.set_recv_buffer_size(size as usize)?;
    }
    // A wait at close would block the thread that runs the other sessions too. Without SO_LINGER the system
    // goes on sending after the close just as long, so only the wait of zero (drop what is unsent) is set.
    if settings.socket_linger == Some(Duration::ZERO) {
        socket.set_linger(Some(Duration::ZERO))?;
    }
    Ok(())
}

/// Connects to one address. The options are set before, because the buffer sizes decide the window scale
/// that the handshake agrees on.
pub(super) async fn connect(
    address: SocketAddr,
    local: Option<SocketAddr>,
    settings: &SocketSettings,
) -> io::Result<TcpStream> {
    let socket = new_socket(address)?;
    apply(&SockRef::from(&socket), settings)?;
    if let Some(local) = local {
        // A fixed port stays in TIME_WAIT after a disconnect; without this, no reconnect for a minute.
        socket.set_reuseaddr(local.port() != 0)?;
        socket.bind(local)?;
    }
    socket.connect(address).await
}

/// Listens where an acceptor's configuration says.
///
/// # Errors
/// A line that names the address and what to change.
pub async fn listen(
    acceptor: &AcceptorSettings,
    settings: &SocketSettings,
) -> Result<TcpListener, ListenError> {
    let bind = &acceptor.bind;
    let address = lookup_host((bind.host.as_str(), bind.port))
        .await
        .and_then(|mut found| found.next().ok_or_else(|| io::ErrorKind::NotFound.into()))
        .map_err(|source| ListenError { bind: bind.clone(), source })?;
    let listener = || {
        let socket = new_socket(address)?;
        apply(&SockRef::from(&socket), settings)?;
        socket.set_reuseaddr(acceptor.socket_reuse_address)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listener().map_err(|source| ListenError { bind: bind.clone(), source })
}

/// Nothing can listen there.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {bind}: {source}{}", hint(source, bind.port))]
pub struct ListenError {
    /// SocketAcceptAddress and SocketAcceptPort.
    pub bind: HostPort,
    /// What the system says.
    pub source: io::Error,
}

fn hint(source: &io::Error, port: u16) -> String {
    let what_to_do = match source.kind() {
        io::ErrorKind::AddrInUse => {
            return format!("{}: stop it, or change SocketAcceptPort", taken::by_whom(port));
        }
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::NotFound => {
            "; SocketAcceptAddress is no address of this machine"
        }
        io::ErrorKind::PermissionDenied => "; ports below 1024 need a privilege: change SocketAcceptPort",
        _ => open_files::advice(source).unwrap_or_default(),
    };
    what_to_do.to_owned()
}

fn new_socket(address: SocketAddr) -> io::Result<TcpSocket> {
    if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What a configuration without any such key gives.
    pub(crate) fn defaults() -> SocketSettings {
        SocketSettings {
            socket_nodelay: true,
            socket_keep_alive: false,
            socket_send_buffer_size: None,
            socket_receive_buffer_size: None,
            socket_linger: None,
            socket_send_timeout: None,
            socket_receive_timeout: None,
        }
    }

    fn acceptor(port: u16) -> AcceptorSettings {
        AcceptorSettings {
            bind: HostPort { host: "127.0.0.1".into(), port },
            socket_reuse_address: true,
            allowed_remote_addresses: Vec::new(),
            heart_bt_int_override: None,
            acceptor_template: false,
            dynamic_sessions: false,
            dynamic_qualifier: false,
            seat: crate::config::SeatSettings::default(),
        }
    }

    #[tokio::test]
    async fn a_connection_has_the_options_asked_for() {
        let listener = listen(&acceptor(0), &defaults()).await.unwrap();
        let settings = SocketSettings {
            socket_keep_alive: true,
            socket_send_buffer_size: Some(1 << 16),
            socket_receive_buffer_size: Some(1 << 16),
            socket_linger: Some(Duration::ZERO),
            ..defaults()
        };
        let local = Some("127.0.0.2:0".parse().unwrap());
        let stream = connect(listener.local_addr().unwrap(), local, &settings).await.unwrap();
        assert_eq!(stream.local_addr().unwrap().ip().to_string(), "127.0.0.2");
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.linger().unwrap(), Some(Duration::ZERO));
        // Linux reserves twice what is asked for, for its own bookkeeping.
        assert_eq!(socket.send_buffer_size().unwrap(), 2 << 16);
        assert_eq!(socket.recv_buffer_size().unwrap(), 2 << 16);
    }

    #[tokio::test]
    async fn a_positive_linger_never_blocks_a_thread() {
        let listener = listen(&acceptor(0), &defaults()).await.unwrap();
        let settings = SocketSettings {
            socket_nodelay: false,
            socket_linger: Some(Duration::from_secs(9)),
            ..defaults()
        };
        let stream = connect(listener.local_addr().unwrap(), None, &settings).await.unwrap();
        assert_eq!(SockRef::from(&stream).linger().unwrap(), None);
        assert!(!SockRef::from(&stream).tcp_nodelay().unwrap());
    }

    #[tokio::test]
    async fn a_port_in_use_is_named_with_what_to_do() {
        let first = listen(&acceptor(0), &defaults()).await.unwrap();
        let port = first.local_addr().unwrap().port();
        let error = listen(&acceptor(port), &defaults()).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{error}");
        assert!(error.ends_with("stop it, or change SocketAcceptPort"), "{error}");
    }
}
