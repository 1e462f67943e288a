//! The way to a counterparty: TCP, then the proxy, then TLS, each as configured, none left out.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};

use super::{
    proxy::{self, ProxyError},
    socket,
    stream::Stream,
    tls::{self, Certificates, TlsError},
};
use crate::{
    config::{HostPort, InitiatorSettings, ProxySettings, SocketSettings, TlsSettings},
    open_files,
};

/// Connects to the counterparties of one initiator as its configuration says.
pub struct Dialer {
    timeout: Duration,
    local: Option<HostPort>,
    socket: SocketSettings,
    proxy: Option<ProxySettings>,
    tls: Option<tls::Connector>,
}

impl Dialer {
    /// Reads what TLS needs; a session without TLS has nothing to fail.
    ///
    /// # Errors
    /// If TLS is asked for and not possible.
    pub fn new(
        initiator: &InitiatorSettings,
        socket: &SocketSettings,
        tls: Option<&TlsSettings>,
    ) -> Result<Self, TlsError> {
        Ok(Dialer {
            timeout: initiator.socket_connect_timeout,
            local: initiator.socket_local.clone(),
            socket: socket.clone(),
            proxy: initiator.proxy.clone(),
            tls: tls.map(tls::Connector::new).transpose()?,
        })
    }

    /// What TLS has read, to be read again.
    pub fn certificates(&self) -> Option<Certificates> {
        self.tls.clone().map(Certificates::Connector)
    }

    /// Connects to `target`. All of it together takes `SocketConnectTimeout` at most.
    ///
    /// # Errors
    /// Which step failed, and what to do.
    pub async fn connect(&self, target: &HostPort) -> Result<Stream, DialError> {
        let deadline = Instant::now() + self.timeout;
        let late = |what| self.late(target, what);
        let stream =
            match &self.proxy {
                None => self.tcp(target, deadline).await?,
                Some(proxy) => {
                    let stream = self.tcp(&proxy.address, deadline).await?;
                    let way = timeout_at(deadline, proxy::connect(stream, proxy, target)).await;
                    way.map_err(|_| late("the proxy did not connect"))?.map_err(|source| {
                        DialError::Proxy { target: target.clone(), proxy: proxy.address.clone(), source }
                    })?
                }
            };
        let Some(tls) = &self.tls else { return Ok(Stream::from(stream).timed(&self.socket)) };
        let secured = timeout_at(deadline, tls.connect(stream, &target.host)).await;
        let secured = secured
            .map_err(|_| late("no TLS handshake; does the counterparty use TLS on this port?"))?
            .map_err(|source| DialError::Tls { target: target.clone(), source })?;
        Ok(Stream::from(secured).timed(&self.socket))
    }

    /// Connects to the first address of `host` that answers. Each gets its share of the time left, so that a
    /// dead one does not use it up.
    async fn tcp(&self, host: &HostPort, deadline: Instant) -> Result<TcpStream, DialError> {
        let addresses = self.resolve(host, deadline).await?;
        let mut failure = DialError::Resolve { host: host.clone(), source: io::ErrorKind::NotFound.into() };
        for (index, address) in addresses.iter().enumerate() {
            let local = match &self.local {
                Some(local) => Some(self.local_address(local, *address, deadline).await?),
                None => None,
            };
            let now = Instant::now();
            let rest = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            let share = deadline.saturating_duration_since(now) / rest.max(1);
            failure = match timeout_at(now + share, socket::connect(*address, local, &self.socket)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(source)) => DialError::Connect { host: host.clone(), address: *address, source },
                Err(_) => self.late(host, "nothing answers there"),
            };
        }
        Err(failure)
    }

    async fn local_address(
        &self,
        local: &HostPort,
        remote: SocketAddr,
        deadline: Instant,
    ) -> Result<SocketAddr, DialError> {
        let found = self.resolve(local, deadline).await?;
        found
            .into_iter()
            .find(|found| found.is_ipv4() == remote.is_ipv4())
            .ok_or_else(|| DialError::LocalFamily { local: local.clone(), remote })
    }

    async fn resolve(&self, host: &HostPort, deadline: Instant) -> Result<Vec<SocketAddr>, DialError> {
        match timeout_at(deadline, lookup_host((host.host.as_str(), host.port))).await {
            Ok(Ok(found)) => Ok(found.collect()),
            Ok(Err(source)) => Err(DialError::Resolve { host: host.clone(), source }),
            Err(_) => Err(self.late(host, "the name service does not answer")),
        }
    }

    fn late(&self, target: &HostPort, what: &'static str) -> DialError {
        DialError::Timeout { target: target.clone(), what, after: self.timeout }
    }
}

/// Why there is no connection. One line, for a log; no secret is ever in it.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The name has no address.
    #[error("{}: {}", host.host, not_resolved(source))]
    Resolve {
        /// The counterparty, the proxy or SocketLocalHost.
        host: HostPort,
        /// What the name service says.
        source: io::Error,
    },
    /// TCP failed, for the last of its addresses.
    #[error("{}cannot connect to {address}: {source}{}", by_name(host, *address), hint(source))]
    Connect {
        /// The counterparty or the proxy.
        host: HostPort,
        /// The address tried.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// SocketLocalHost has no address of the family (IPv4, IPv6) needed.
    #[error("SocketLocalHost={}: has no address from which {remote} can be reached", local.host)]
    LocalFamily {
        /// SocketLocalHost and SocketLocalPort.
        local: HostPort,
        /// Where to.
        remote: SocketAddr,
    },
    /// It takes longer than SocketConnectTimeout.
    #[error("{target}: {what} (waited {after:?}, see SocketConnectTimeout)")]
    Timeout {
        /// The counterparty or the proxy.
        target: HostPort,
        /// Which step.
        what: &'static str,
        /// SocketConnectTimeout.
        after: Duration,
    },
    /// The proxy gives no way.
    #[error("{target}: by the proxy {proxy}: {source}")]
    Proxy {
        /// The counterparty.
        target: HostPort,
        /// ProxyHost and ProxyPort.
        proxy: HostPort,
        /// What it said.
        source: ProxyError,
    },
    /// TLS failed. There is no connection without it.
    #[error("{target}: {}", tls::explain(source))]
    Tls {
        /// The counterparty.
        target: HostPort,
        /// What rustls says.
        source: io::Error,
    },
}

fn not_resolved(source: &io::Error) -> String {
    match open_files::advice(source) {
        Some(advice) => format!("the name cannot be looked up: {source}{advice}"),
        None => format!("no such host: {source}; is the name right?"),
    }
}

/// The name that was looked up, unless it says what the address says.
fn by_name(host: &HostPort, address: SocketAddr) -> String {
    if host.to_string() == address.to_string() { String::new() } else { format!("{host}: ") }
}

fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::ConnectionRefused => "; nothing listens there",
        io::ErrorKind::AddrNotAvailable => "; is SocketLocalHost an address of this machine?",
        io::ErrorKind::AddrInUse => "; another program uses SocketLocalPort",
        _ => open_files::advice(source).unwrap_or_default(),
    }
}
