//! What a board must provide, and all of it: seven small things.

use core::{fmt, ops::Range};

use embedded_io_async::{Error, Read, Write};

use crate::config::Host;

/// Opens connections to the counterparty: TCP over embassy-net ([`tcp`](crate::tcp)), or whatever else carries bytes.
pub trait Connect {
    /// Why there is no connection: one line for who runs the board.
    type Error: fmt::Display;
    /// A connection that stands.
    type Connection<'c>: Connection
    where
        Self: 'c;
    /// True if nothing is sent before the counterparty has proved who it is, and nothing that others can read.
    const IS_TLS: bool = false;

    /// False while there is no network to connect over: it is waited for, which says nothing against the counterparty.
    fn is_up(&self) -> bool {
        true
    }

    /// Connects; may be given up at any moment.
    fn connect(&mut self, host: &Host) -> impl Future<Output = Result<Self::Connection<'_>, Self::Error>>;

    /// Ends the connection: what was written is still sent, as far as the counterparty takes it. Takes a second or two.
    fn close(&mut self) -> impl Future<Output = ()>;
}

/// A connection to the counterparty. A pair of its two directions is one.
pub trait Connection {
    /// Why it failed.
    type Error: Error;
    /// The direction from the counterparty. A read that is given up early takes no byte.
    type Reader<'r>: Read<Error = Self::Error>
    where
        Self: 'r;
    /// The direction to the counterparty. A write that is given up early has written nothing.
    type Writer<'r>: Write<Error = Self::Error>
    where
        Self: 'r;

    /// Its two directions.
    fn split(&mut self) -> (Self::Reader<'_>, Self::Writer<'_>);

    /// Sends what it holds back itself, and its own goodbye; given up after a second.
    fn finish(&mut self) -> impl Future<Output = ()>;
}

impl<R: Read, W: Write<Error = R::Error>> Connection for (R, W) {
    type Error = R::Error;
    type Reader<'r>
        = &'r mut R
    where
        Self: 'r;
    type Writer<'r>
        = &'r mut W
    where
        Self: 'r;

    fn split(&mut self) -> (&mut R, &mut W) {
        (&mut self.0, &mut self.1)
    }

    async fn finish(&mut self) {}
}

/// Asks a time server: a datagram there, and its answer back.
pub trait Datagram {
    /// Finds `host`, for the next question. Before it is asked: how long a name takes says nothing of the time.
    fn find(&mut self, host: &Host) -> impl Future<Output = ()>;

    /// Sends `request` and waits for the answer; the number of its bytes, `None` if there can be none. Given up when it takes
    /// too long.
    fn exchange(&mut self, request: &[u8], answer: &mut [u8]) -> impl Future<Output = Option<usize>>;
}

/// No time server: the board sets the clock itself.
impl Datagram for () {
    async fn find(&mut self, _host: &Host) {}

    async fn exchange(&mut self, _request: &[u8], _answer: &mut [u8]) -> Option<usize> {
        None
    }
}

/// A switch or a signal that stops trading.
pub trait KillSwitch {
    /// True while it is on.
    fn is_on(&mut self) -> bool;

    /// Ends when it may have changed; may be given up at any moment.
    fn changed(&mut self) -> impl Future<Output = ()>;
}

/// No switch: the intake's KILL is left.
impl KillSwitch for () {
    fn is_on(&mut self) -> bool {
        false
    }

    async fn changed(&mut self) {
        core::future::pending().await
    }
}

/// The watchdog of the board, whose time must be longer than [`WATCHDOG_SECONDS`] and than the flash's longest erase.
pub trait Watchdog {
    /// The session's loop is alive.
    fn feed(&mut self);
}

/// Within this time a loop that is alive feeds the watchdog.
pub const WATCHDOG_SECONDS: u64 = 4;

/// No watchdog.
impl Watchdog for () {
    fn feed(&mut self) {}
}

/// What a Logon needs beside the CompIDs, from the board's flash: never in the source, the ELF file or Git. Its
/// `{:?}` shows nothing of it.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'c> {
    /// Username(553); empty: not sent.
    pub username: &'c str,
    /// Password(554); empty: not sent.
    pub password: &'c str,
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials { .. }")
    }
}

/// The parts of a board.
pub struct Board<'c, C, F, R, W, T, K, D> {
    /// How to reach the counterparty.
    pub connect: C,
    /// An internal flash, SPI NOR or FRAM.
    pub flash: F,
    /// What of the flash is the gateway's: two halves of whole sectors each.
    pub flash_range: Range<u32>,
    /// From the host: a UART, a USB serial port. A read that is given up early takes no byte.
    pub intake: R,
    /// To the host.
    pub reports: W,
    /// Asks time servers, or `()`.
    pub time: T,
    /// The kill switch, or `()`.
    pub kill_switch: K,
    /// The watchdog, or `()`.
    pub watchdog: D,
    /// A number that is another one after each start: from a TRNG, an ADC's noise or a unique id.
    pub seed: u64,
    /// For the Logon.
    pub credentials: Credentials<'c>,
}
