//! Whom to connect to, where to listen, through what, how.

use std::fmt;
use std::time::Duration;

use ipnet::IpNet;

use super::exchange::SeatSettings;
use crate::config::reader::Reader;
use crate::config::secret::Secret;

/// What only an initiator has.
#[derive(Clone, Debug, PartialEq)]
pub struct InitiatorSettings {
    /// HeartBtInt(108) of our Logon; zero is no heartbeats.
    pub heart_bt_int: Duration,
    /// The waits between attempts to connect, the last one repeated for ever; never empty.
    pub reconnect_intervals: Vec<Duration>,
    /// `SocketConnectHost` and `SocketConnectPort`, then the numbered ones; never empty. An address counts
    /// as good only after a Logon.
    pub hosts: Vec<HostPort>,
    /// Which of them is tried next.
    pub host_selection_policy: HostSelectionPolicy,
    /// How long to wait for a TCP connection.
    pub socket_connect_timeout: Duration,
    /// The local address to connect from; a missing host is any, port 0 is any.
    pub socket_local: Option<HostPort>,
    /// The proxy to connect through.
    pub proxy: Option<ProxySettings>,
    /// Stays disconnected until an operator asks for the connection.
    pub dynamic_session: bool,
    /// Where prices come from.
    pub market_data: MarketDataSource,
    /// MarketDepth(264) of what a subscriber asks for: 0 is all, 1 the best price alone.
    pub market_depth: u32,
}

/// `MarketData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketDataSource {
    /// The simulator, unless another session subscribes.
    Simulate,
    /// The counterparty.
    Subscribe,
    /// Nowhere.
    None,
}

/// A host (name or IP address) and its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// A name, or an IP address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Which host of the list is tried next after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostSelectionPolicy {
    /// The next one of the list.
    RoundRobin,
    /// The next one, but the list starts over from its first host after this long.
    Priority {
        /// `HostSelectionPolicyPriorityStartOverInterval`.
        start_over_interval: Duration,
    },
}

impl InitiatorSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let socket_timeout: Option<Duration> = reader.get("SocketTimeout");
        let connect_timeout = reader.value("SocketConnectTimeout");
        InitiatorSettings {
            heart_bt_int: reader.require("HeartBtInt", "an initiator says in its Logon how often it beats"),
            reconnect_intervals: reader.value("ReconnectInterval"),
            hosts: hosts(reader),
            host_selection_policy: host_selection_policy(reader),
            socket_connect_timeout: socket_timeout.unwrap_or(connect_timeout),
            socket_local: socket_local(reader),
            proxy: ProxySettings::read(reader),
            dynamic_session: reader.value("DynamicSession"),
            market_data: match reader.value::<String>("MarketData").as_str() {
                "subscribe" => MarketDataSource::Subscribe,
                "none" => MarketDataSource::None,
                _ => MarketDataSource::Simulate,
            },
            market_depth: reader.value("MarketDepth"),
        }
    }
}

fn hosts(reader: &mut Reader<'_>) -> Vec<HostPort> {
    let hosts = reader.numbered::<String>("SocketConnectHost");
    let ports = reader.numbered::<u16>("SocketConnectPort");
    let name = |stem: &str, number: Option<u32>| match number {
        Some(number) => format!("{stem}{number}"),
        None => stem.to_owned(),
    };
    let mut complete = Vec::new();
    for (number, host) in &hosts {
        let (own, other) = (name("SocketConnectHost", *number), name("SocketConnectPort", *number));
        match ports.iter().find(|(of, _)| of == number) {
            Some((_, port)) => complete.push(HostPort { host: host.clone(), port: *port }),
            None if reader.is_set(&other) => {}
            None => reader.error(&own, format!("has no {other}; write e.g. {other}=9876")),
        }
    }
    for (number, _) in &ports {
        let (own, other) = (name("SocketConnectPort", *number), name("SocketConnectHost", *number));
        if !reader.is_set(&other) {
            reader.error(&own, format!("has no {other}; write e.g. {other}=127.0.0.1"));
        }
    }
    if hosts.is_empty() && ports.is_empty() {
        reader.require::<String>("SocketConnectHost", "an initiator has to know where to connect");
        reader.require::<u16>("SocketConnectPort", "an initiator has to know where to connect");
    }
    complete
}

fn host_selection_policy(reader: &mut Reader<'_>) -> HostSelectionPolicy {
    let policy: String = reader.value("HostSelectionPolicy");
    if policy == "PRIORITY" {
        let start_over_interval = reader.value("HostSelectionPolicyPriorityStartOverInterval");
        HostSelectionPolicy::Priority { start_over_interval }
    } else {
        HostSelectionPolicy::RoundRobin
    }
}

fn socket_local(reader: &mut Reader<'_>) -> Option<HostPort> {
    let host: Option<String> = reader.get("SocketLocalHost");
    let port: u16 = reader.value("SocketLocalPort");
    if host.is_none() && port != 0 {
        reader.error("SocketLocalPort", "needs SocketLocalHost; write e.g. SocketLocalHost=0.0.0.0");
    }
    host.map(|host| HostPort { host, port })
}

/// A proxy on the way to the counterparty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxySettings {
    /// What it speaks.
    pub proxy_type: ProxyType,
    /// Where it is.
    pub address: HostPort,
    /// The user to authenticate as.
    pub proxy_user: Option<String>,
    /// That user's password.
    pub proxy_password: Option<Secret>,
}

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyType {
    /// SOCKS 4: IPv4 addresses only, names are resolved here.
    Socks4,
    /// SOCKS 4a: the proxy resolves names.
    Socks4a,
    /// SOCKS 5 (RFC 1928).
    Socks5,
    /// HTTP CONNECT.
    Http,
}

impl ProxySettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let Some(proxy_type) = reader.get::<String>("ProxyType") else {
            if reader.is_set("ProxyHost") {
                // Connecting past a proxy that was asked for would be silence about the way taken.
                reader
                    .error("ProxyHost", "is set without ProxyType; write ProxyType=socks or ProxyType=http");
            }
            return None;
        };
        let version: Option<String> = reader.get("ProxyVersion");
        let proxy_type = match (proxy_type.as_str(), version.as_deref()) {
            ("socks", None | Some("5")) => ProxyType::Socks5,
            ("socks", Some("4")) => ProxyType::Socks4,
            ("socks", Some("4a")) => ProxyType::Socks4a,
            ("http", None | Some("1.0" | "1.1")) => ProxyType::Http,
            ("socks", _) => {
                reader.error("ProxyVersion", "is none of 4, 4a and 5, the versions of socks");
                ProxyType::Socks5
            }
            _ => {
                reader.error("ProxyVersion", "is neither 1.0 nor 1.1, the versions of http");
                ProxyType::Http
            }
        };
        let why = "ProxyType asks for a proxy";
        let address =
            HostPort { host: reader.require("ProxyHost", why), port: reader.require("ProxyPort", why) };
        let proxy_user: Option<String> = reader.get("ProxyUser");
        let proxy_password = reader.get("ProxyPassword");
        check_credentials(reader, proxy_type, proxy_user.as_deref(), proxy_password.as_ref());
        Some(ProxySettings { proxy_type, address, proxy_user, proxy_password })
    }
}

/// Refuses what the proxy's protocol cannot carry.
fn check_credentials(
    reader: &mut Reader<'_>,
    proxy_type: ProxyType,
    user: Option<&str>,
    password: Option<&Secret>,
) {
    match (proxy_type, user, password) {
        (_, None, Some(_)) => reader.error("ProxyPassword", "needs ProxyUser"),
        (ProxyType::Socks4 | ProxyType::Socks4a, _, Some(_)) => {
            reader.error("ProxyPassword", "cannot be sent in SOCKS 4; write ProxyVersion=5");
        }
        (ProxyType::Http, Some(user), _) if user.contains(':') => {
            reader.error("ProxyUser", "holds a colon, which basic authentication cannot carry (RFC 7617)");
        }
        (ProxyType::Socks5, Some(user), password) => {
            // RFC 1929: one length byte each, and not zero.
            let fits = |text: &str| (1..=255).contains(&text.len());
            if !fits(user) {
                reader.error("ProxyUser", "is longer than the 255 bytes of SOCKS 5");
            }
            if !password.is_some_and(|password| fits(password.expose())) {
                reader.error(
                    "ProxyPassword",
                    "is missing or longer than 255 bytes; SOCKS 5 needs one beside ProxyUser",
                );
            }
        }
        _ => {}
    }
}

/// What only an acceptor has.
#[derive(Clone, Debug, PartialEq)]
pub struct AcceptorSettings {
    /// Where to listen. Sessions of one address share one listener.
    pub bind: HostPort,
    /// The port may be taken again at once after a restart.
    pub socket_reuse_address: bool,
    /// Who may connect; empty is anyone.
    pub allowed_remote_addresses: Vec<IpNet>,
    /// The HeartBtInt to use instead of the one the Logon asks for.
    pub heart_bt_int_override: Option<Duration>,
    /// This section is no session but the pattern of sessions made at Logon, for every counterparty whose
    /// CompIDs fit (`*` fits any).
    pub acceptor_template: bool,
    /// Beside this session, a counterparty with any CompIDs becomes a session with these settings.
    pub dynamic_sessions: bool,
    /// Each session made of it gets a number as its qualifier.
    pub dynamic_qualifier: bool,
    /// How the simulated exchange treats it.
    pub seat: SeatSettings,
}

impl AcceptorSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        if !reader.is_set("SocketAcceptAddress") {
            let text = "is not set: listening on 127.0.0.1 only (QuickFIX listens on every interface; \
                write SocketAcceptAddress=0.0.0.0 for that)";
            reader.warn("SocketAcceptAddress", text);
        }
        let bind = HostPort {
            host: reader.value("SocketAcceptAddress"),
            port: reader.require("SocketAcceptPort", "an acceptor has to know where to listen"),
        };
        let has_override: bool = reader.value("HeartBtIntOverride");
        let heart_bt_int_override =
            has_override.then(|| reader.require("HeartBtInt", "HeartBtIntOverride=Y puts it in force"));
        AcceptorSettings {
            bind,
            socket_reuse_address: reader.value("SocketReuseAddress"),
            allowed_remote_addresses: reader.get("AllowedRemoteAddresses").unwrap_or_default(),
            heart_bt_int_override,
            acceptor_template: reader.value("AcceptorTemplate"),
            dynamic_sessions: reader.value("DynamicSessions"),
            dynamic_qualifier: reader.value("DynamicQualifier"),
            seat: SeatSettings::read(reader),
        }
    }
}

/// TCP options of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketSettings {
    /// TCP_NODELAY.
    pub socket_nodelay: bool,
    /// SO_KEEPALIVE.
    pub socket_keep_alive: bool,
    /// SO_SNDBUF in bytes; `None` leaves it to the system.
    pub socket_send_buffer_size: Option<u32>,
    /// SO_RCVBUF in bytes; `None` leaves it to the system.
    pub socket_receive_buffer_size: Option<u32>,
    /// SO_LINGER; `None` leaves it to the system.
    pub socket_linger: Option<Duration>,
    /// A write without progress for this long ends the connection.
    pub socket_send_timeout: Option<Duration>,
    /// A connection that gives no byte for this long is ended.
    pub socket_receive_timeout: Option<Duration>,
}

impl SocketSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let size = |size: u32| (size != 0).then_some(size);
        let time = |time: Duration| (!time.is_zero()).then_some(time);
        SocketSettings {
            socket_nodelay: reader.value("SocketNodelay"),
            socket_keep_alive: reader.value("SocketKeepAlive"),
            socket_send_buffer_size: size(reader.value("SocketSendBufferSize")),
            socket_receive_buffer_size: size(reader.value("SocketReceiveBufferSize")),
            socket_linger: reader.get("SocketLinger"),
            socket_send_timeout: time(reader.value("SocketSendTimeout")),
            socket_receive_timeout: time(reader.value("SocketReceiveTimeout")),
        }
    }
}
