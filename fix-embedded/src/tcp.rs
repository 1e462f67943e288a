//! Connections and datagrams over embassy-net.

use core::{fmt, net::Ipv4Addr};

use embassy_net::{
    IpEndpoint, Stack,
    tcp::{ConnectError, TcpReader, TcpSocket, TcpWriter},
    udp::{PacketMetadata, UdpSocket},
};
use embassy_time::{Duration, with_timeout};

use crate::{
    board::Connect,
    config::{Addressing, Host},
    dns::{self, Addresses, LONGEST_ANSWER, LONGEST_QUESTION, NoName},
};

/// How long a connection may take to say goodbye.
const CLOSE: Duration = Duration::from_secs(1);

/// TCP connections, one at a time, in two buffers. Of the stack's sockets it takes one, and another one while it asks DNS.
pub struct Tcp<'s> {
    stack: Stack<'s>,
    socket: TcpSocket<'s>,
    /// Which of a host's addresses is next: another one when one did not connect.
    turn: usize,
}

impl<'s> Tcp<'s> {
    /// Connections over `stack`. The buffers are the socket's own; 1 KiB each is enough for orders.
    pub fn new(stack: Stack<'s>, receive: &'s mut [u8], transmit: &'s mut [u8]) -> Self {
        let mut socket = TcpSocket::new(stack, receive, transmit);
        // An order is not held back until the one before it is acknowledged.
        socket.set_nagle_enabled(false);
        Tcp { stack, socket, turn: 0 }
    }
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NoConnection {
    /// The host's name has no address.
    Name(NoName),
    /// The counterparty, or the way to it, refused.
    Connect(ConnectError),
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoConnection::Name(why) => return why.fmt(f),
            NoConnection::Connect(ConnectError::ConnectionReset) => "it refused the connection",
            NoConnection::Connect(ConnectError::TimedOut) => "it did not answer",
            NoConnection::Connect(ConnectError::NoRoute) => "there is no way to it",
            NoConnection::Connect(ConnectError::InvalidState) => "the socket is in use",
        })
    }
}

impl core::error::Error for NoConnection {}

impl Connect for Tcp<'_> {
    type Error = NoConnection;
    type Connection<'c>
        = (TcpReader<'c>, TcpWriter<'c>)
    where
        Self: 'c;

    fn is_up(&self) -> bool {
        self.stack.is_link_up() && self.stack.is_config_up()
    }

    async fn connect(&mut self, host: &Host) -> Result<(TcpReader<'_>, TcpWriter<'_>), NoConnection> {
        self.stack.wait_config_up().await;
        let addresses = resolve(self.stack, host.name).await.map_err(NoConnection::Name)?;
        let turn = self.turn;
        let address = turn.checked_rem(addresses.len()).and_then(|index| addresses.get(index));
        let address = *address.ok_or(NoConnection::Name(NoName::Unknown))?;
        // Also if this attempt is given up.
        self.turn = turn.wrapping_add(1);
        // One that was given up before.
        self.socket.abort();
        let host = IpEndpoint::new(address.into(), host.port);
        self.socket.connect(host).await.map_err(NoConnection::Connect)?;
        self.turn = turn;
        Ok(self.socket.split())
    }

    async fn close(&mut self) {
        self.socket.close();
        // Whether it went well or not, the counterparty knows no more than that it is over.
        let _ = with_timeout(CLOSE, self.socket.flush()).await;
        self.socket.abort();
        let _ = with_timeout(CLOSE, self.socket.flush()).await;
    }
}

/// The addresses that `name` is or stands for.
async fn resolve(stack: Stack<'_>, name: &str) -> Result<Addresses, NoName> {
    if let Some(address) = dns::literal(name) {
        return Ok(Addresses::from_iter([address]));
    }
    let mut places = ([PacketMetadata::EMPTY; 2], [PacketMetadata::EMPTY; 1]);
    let mut bytes = ([0; LONGEST_ANSWER], [0; LONGEST_QUESTION]);
    let mut socket = UdpSocket::new(stack, &mut places.0, &mut bytes.0, &mut places.1, &mut bytes.1);
    dns::look_up(stack, &mut socket, name).await
}

/// What [`embassy_net::new`] is told, from the configuration.
pub fn network(addressing: &Addressing) -> embassy_net::Config {
    match addressing {
        Addressing::Dhcp => embassy_net::Config::dhcpv4(Default::default()),
        Addressing::Static { address, prefix_len, gateway, dns } => {
            let [a, b, c, d] = *address;
            let mut config = embassy_net::StaticConfigV4 {
                address: embassy_net::Ipv4Cidr::new(Ipv4Addr::new(a, b, c, d), (*prefix_len).min(32)),
                gateway: gateway.map(|[a, b, c, d]| Ipv4Addr::new(a, b, c, d)),
                dns_servers: Default::default(),
            };
            for [a, b, c, d] in dns.iter() {
                // A fourth finds no room: three are all that the stack asks.
                let _ = config.dns_servers.push(Ipv4Addr::new(*a, *b, *c, *d));
            }
            embassy_net::Config::ipv4_static(config)
        }
    }
}
