//! The host's lines over UDP: in a network of its own, a board needs no serial line. Each datagram is one line, sealed
//! ([`sealed`](crate::sealed)); what is not is dropped without an answer. Datagrams get lost: the host sees by the lines'
//! numbers what it missed, and asks STATUS.

use core::cell::{Cell, RefCell};

use embassy_net::{IpEndpoint, udp::UdpSocket};
use embedded_io_async::{ErrorType, Read, Write};
use heapless::Vec;

use crate::{
    intake,
    reports::LINE,
    sealed::{Key, OVERHEAD, Speaker, Window, open, seal},
};

/// The most bytes of a datagram.
const DATAGRAM: usize = LINE + OVERHEAD;

/// Where datagrams come from and go to.
#[allow(async_fn_in_trait, reason = "one executor on one core: no future is sent to another thread")]
pub trait Datagrams {
    /// Somebody who sends them.
    type Peer: Copy;

    /// The next one: how many bytes, and whose. May be given up at any moment.
    async fn receive(&self, buffer: &mut [u8]) -> (usize, Self::Peer);

    /// Sends one, if it can be.
    async fn send(&self, datagram: &[u8], peer: Self::Peer);
}

impl Datagrams for UdpSocket<'_> {
    type Peer = IpEndpoint;

    async fn receive(&self, buffer: &mut [u8]) -> (usize, IpEndpoint) {
        loop {
            // One that is larger than the buffer is none of ours.
            if let Ok((count, from)) = self.recv_from(buffer).await {
                return (count, from.endpoint);
            }
        }
    }

    async fn send(&self, datagram: &[u8], peer: IpEndpoint) {
        // What cannot be sent is lost as any datagram may be: the host misses its number.
        let _ = self.send_to(datagram, peer).await;
    }
}

/// Both directions. [`split`](Self::split) gives what a [`Board`](crate::board::Board) takes.
pub struct UdpIntake<S: Datagrams> {
    socket: S,
    key: Key,
    boot: u64,
    /// Whoever sent the last good datagram: reports go there.
    host: Cell<Option<S::Peer>>,
    window: Cell<Window>,
    sent: Cell<u64>,
    /// What is left of the last line received.
    rest: RefCell<Vec<u8, { intake::LINE + 2 }, u16>>,
}

impl<S: Datagrams> UdpIntake<S> {
    /// Lines over a socket that is bound. `boot`: a random number that no start had before; not 0.
    pub const fn new(socket: S, key: Key, boot: u64) -> Self {
        UdpIntake {
            socket,
            key,
            boot,
            host: Cell::new(None),
            window: Cell::new(Window::new()),
            sent: Cell::new(0),
            rest: RefCell::new(Vec::new()),
        }
    }

    /// The intake and the reports of a board.
    pub const fn split(&self) -> (Lines<'_, S>, Answers<'_, S>) {
        (Lines(self), Answers { to: self, line: Vec::new() })
    }

    /// Takes up a datagram. True if it is for this start of the board, or its maker is to be told which one it is.
    fn take(&self, datagram: &[u8], from: S::Peer) -> Option<bool> {
        let opened = open(&self.key, Speaker::Host, datagram)?;
        if opened.boot != self.boot {
            // Of before the board's start, or of a host that does not know of it yet.
            return Some(false);
        }
        let mut window = self.window.get();
        let is_new = window.take(opened.counter);
        self.window.set(window);
        if !is_new {
            return None;
        }
        self.host.set(Some(from));
        let mut rest = self.rest.borrow_mut();
        rest.clear();
        // A line that is too long is cut to one byte too many, and so refused for its length.
        for byte in opened.payload.iter().take(intake::LINE + 1).chain(b"\n") {
            let _ = rest.push(*byte);
        }
        Some(true)
    }

    async fn answer(&self, line: &[u8], peer: S::Peer) {
        let counter = self.sent.get().wrapping_add(1);
        self.sent.set(counter);
        let mut datagram = [0; DATAGRAM];
        let len = seal(&self.key, Speaker::Board, self.boot, counter, line, &mut datagram);
        if let Some(datagram) = len.and_then(|len| datagram.get(..len)) {
            self.socket.send(datagram, peer).await;
        }
    }
}

/// Lines from the host.
pub struct Lines<'u, S: Datagrams>(&'u UdpIntake<S>);

impl<S: Datagrams> ErrorType for Lines<'_, S> {
    type Error = core::convert::Infallible;
}

impl<S: Datagrams> Read for Lines<'_, S> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        let Lines(intake) = self;
        while intake.rest.borrow().is_empty() {
            let mut datagram = [0; DATAGRAM];
            let (count, from) = intake.socket.receive(&mut datagram).await;
            if intake.take(datagram.get(..count).unwrap_or_default(), from) == Some(false) {
                intake.answer(b"HELLO", from).await;
            }
        }
        let mut rest = intake.rest.borrow_mut();
        let count = rest.len().min(buffer.len());
        buffer.iter_mut().zip(rest.drain(..count)).for_each(|(place, byte)| *place = byte);
        Ok(count)
    }
}

/// Lines to the host, a datagram each; those of before it was heard go nowhere.
pub struct Answers<'u, S: Datagrams> {
    to: &'u UdpIntake<S>,
    line: Vec<u8, LINE, u16>,
}

impl<S: Datagrams> ErrorType for Answers<'_, S> {
    type Error = core::convert::Infallible;
}

impl<S: Datagrams> Write for Answers<'_, S> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        for byte in bytes {
            if *byte != b'\n' {
                // No line of the gateway's is longer.
                let _ = self.line.push(*byte);
                continue;
            }
            if let Some(host) = self.to.host.get() {
                self.to.answer(&self.line, host).await;
            }
            self.line.clear();
        }
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::VecDeque, string::String, vec, vec::Vec};

    use embassy_futures::{block_on, poll_once};

    use super::*;

    const KEY: Key = Key([3; 32]);
    const BOOT: u64 = 77;

    #[derive(Default)]
    struct Net {
        coming: RefCell<VecDeque<Vec<u8>>>,
        gone: RefCell<Vec<Vec<u8>>>,
    }

    impl Datagrams for &Net {
        type Peer = u8;

        async fn receive(&self, buffer: &mut [u8]) -> (usize, u8) {
            std::future::poll_fn(|_| match self.coming.borrow_mut().pop_front() {
                Some(datagram) => {
                    buffer[..datagram.len()].copy_from_slice(&datagram);
                    std::task::Poll::Ready((datagram.len(), 1))
                }
                None => std::task::Poll::Pending,
            })
            .await
        }

        async fn send(&self, datagram: &[u8], _peer: u8) {
            self.gone.borrow_mut().push(datagram.to_vec());
        }
    }

    fn datagram(boot: u64, counter: u64, line: &[u8]) -> Vec<u8> {
        let mut out = vec![0; 300];
        let len = seal(&KEY, Speaker::Host, boot, counter, line, &mut out).unwrap();
        out.truncate(len);
        out
    }

    fn received(lines: &mut impl Read) -> Option<String> {
        let mut text = String::new();
        let mut byte = [0; 1];
        while !text.ends_with('\n') {
            let std::task::Poll::Ready(Ok(1)) = poll_once(lines.read(&mut byte)) else { return None };
            text.push(byte[0].into());
        }
        Some(text)
    }

    #[test]
    fn a_line_counts_once_and_only_from_who_has_the_key() {
        let net = Net::default();
        let intake = UdpIntake::new(&net, KEY, BOOT);
        let (mut lines, _) = intake.split();
        let good = datagram(BOOT, 1, b"PING *1234");
        let mut forged = good.clone();
        forged[17] ^= 1;
        net.coming.borrow_mut().extend([forged, good.clone(), good]);
        assert_eq!(received(&mut lines).as_deref(), Some("PING *1234\n"));
        assert_eq!(received(&mut lines), None, "once");
        assert!(net.gone.borrow().is_empty(), "nobody is answered");
    }

    #[test]
    fn a_line_that_is_too_long_ends_before_the_next_one() {
        let net = Net::default();
        let intake = UdpIntake::new(&net, KEY, BOOT);
        let (mut lines, _) = intake.split();
        net.coming.borrow_mut().extend([datagram(BOOT, 1, &[b'x'; 240]), datagram(BOOT, 2, b"KILL")]);
        assert_eq!(
            received(&mut lines).map(|line| line.len()),
            Some(intake::LINE + 2),
            "one byte too many, and its end"
        );
        assert_eq!(received(&mut lines).as_deref(), Some("KILL\n"));
    }

    #[test]
    fn what_was_made_for_another_start_is_told_of_this_one_and_does_nothing() {
        let net = Net::default();
        let intake = UdpIntake::new(&net, KEY, BOOT);
        let (mut lines, mut answers) = intake.split();
        block_on(answers.write(b"#1 BOOT *0000\n")).unwrap();
        assert!(net.gone.borrow().is_empty(), "no host was heard");
        net.coming.borrow_mut().push_back(datagram(0, 1, b"RESUME"));
        assert_eq!(received(&mut lines), None);
        let hello = net.gone.borrow_mut().remove(0);
        let opened = open(&KEY, Speaker::Board, &hello).unwrap();
        assert_eq!((opened.boot, opened.payload), (BOOT, &b"HELLO"[..]));
        net.coming.borrow_mut().push_back(datagram(opened.boot, 2, b"PING"));
        assert_eq!(received(&mut lines).as_deref(), Some("PING\n"));
        block_on(answers.write(b"#2 PONG")).unwrap();
        block_on(answers.write(b" *0000\n#3 X\n")).unwrap();
        let gone = net.gone.borrow();
        assert_eq!(open(&KEY, Speaker::Board, &gone[0]).unwrap().payload, b"#2 PONG *0000");
        assert_eq!(gone.len(), 2);
    }
}
