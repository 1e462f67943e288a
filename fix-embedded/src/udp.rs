//! Questions to time servers over embassy-net.

use embassy_net::{
    IpEndpoint, Stack,
    udp::{PacketMetadata, UdpSocket},
};

use crate::{
    board::Datagram,
    config::Host,
    dns::{self, LONGEST_ANSWER, LONGEST_QUESTION},
};

/// Memory of the socket: one packet each way, and an answer that came late; it asks DNS, too.
pub struct UdpMemory {
    receive: ([PacketMetadata; 2], [u8; LONGEST_ANSWER]),
    transmit: ([PacketMetadata; 1], [u8; LONGEST_QUESTION]),
}

impl UdpMemory {
    /// Nothing is in it.
    pub const fn new() -> Self {
        UdpMemory {
            receive: ([PacketMetadata::EMPTY; 2], [0; LONGEST_ANSWER]),
            transmit: ([PacketMetadata::EMPTY; 1], [0; LONGEST_QUESTION]),
        }
    }
}

impl Default for UdpMemory {
    fn default() -> Self {
        Self::new()
    }
}

/// Asks servers over UDP.
pub struct Udp<'s> {
    stack: Stack<'s>,
    socket: UdpSocket<'s>,
    /// Where the server was found.
    server: Option<IpEndpoint>,
}

impl<'s> Udp<'s> {
    /// Questions over `stack`.
    pub fn new(stack: Stack<'s>, memory: &'s mut UdpMemory) -> Self {
        let UdpMemory { receive, transmit } = memory;
        let socket = UdpSocket::new(stack, &mut receive.0, &mut receive.1, &mut transmit.0, &mut transmit.1);
        Udp { stack, socket, server: None }
    }
}

impl Datagram for Udp<'_> {
    async fn find(&mut self, host: &Host) {
        self.server = None;
        self.stack.wait_config_up().await;
        let address = match dns::literal(host.name) {
            Some(address) => Some(address),
            None => {
                let found = dns::look_up(self.stack, &mut self.socket, host.name).await;
                found.ok().and_then(|addresses| addresses.first().copied())
            }
        };
        self.server = address.map(|address| IpEndpoint::new(address.into(), host.port));
    }

    async fn exchange(&mut self, request: &[u8], answer: &mut [u8]) -> Option<usize> {
        let server = self.server?;
        dns::anew(&mut self.socket);
        self.socket.send_to(request, server).await.ok()?;
        loop {
            // One that finds no room is none, and may be of another one.
            if let Ok((count, from)) = self.socket.recv_from(answer).await
                && from.endpoint == server
            {
                return Some(count);
            }
        }
    }
}
