//! Questions to time servers over embassy-net.

use embassy_net::{
    IpEndpoint, Stack,
    udp::{PacketMetadata, UdpSocket},
};

use crate::{board::Datagram, config::Host, tcp::resolve};

/// Memory of the socket: one packet each way, and an answer that came late.
pub struct UdpMemory {
    receive: ([PacketMetadata; 2], [u8; 128]),
    transmit: ([PacketMetadata; 1], [u8; 64]),
}

impl UdpMemory {
    /// Nothing is in it.
    pub const fn new() -> Self {
        UdpMemory {
            receive: ([PacketMetadata::EMPTY; 2], [0; 128]),
            transmit: ([PacketMetadata::EMPTY; 1], [0; 64]),
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
}

impl<'s> Udp<'s> {
    /// Questions over `stack`.
    pub fn new(stack: Stack<'s>, memory: &'s mut UdpMemory) -> Self {
        let UdpMemory { receive, transmit } = memory;
        let socket = UdpSocket::new(stack, &mut receive.0, &mut receive.1, &mut transmit.0, &mut transmit.1);
        Udp { stack, socket }
    }
}

impl Datagram for Udp<'_> {
    async fn exchange(&mut self, host: &Host, request: &[u8], answer: &mut [u8]) -> Option<usize> {
        self.stack.wait_config_up().await;
        let server = IpEndpoint::new(resolve(self.stack, host.name).await?, host.port);
        if !self.socket.is_open() {
            // Port 0: any that is free.
            self.socket.bind(0).ok()?;
        }
        self.socket.send_to(request, server).await.ok()?;
        loop {
            let (count, from) = self.socket.recv_from(answer).await.ok()?;
            if from.endpoint == server {
                return Some(count);
            }
        }
    }
}
