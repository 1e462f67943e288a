//! A gateway with its host, its flash and its counterparty, in time that the test moves.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::{
    cell::RefCell,
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    sync::{Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use embassy_time::{Duration, Instant, MockDriver};
use embedded_io_async::{ErrorType, Read, Write};
use fix_core::{Mono, Now, UtcTimestamp};
use fix_embedded::{
    app::{Memory, Stopped, run},
    board::{Board, Connect, Credentials, Datagram, KillSwitch},
    clock::SharedClock,
    config::{Gateway, Host},
    recorder::Recorder,
};

use crate::{
    nor::{Chip, SECTOR},
    venue::{self, Venue},
};

/// The clock of embassy is one for a whole process.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What stands around the board.
pub struct Inside {
    /// To the venue, and back, on the connection that stands.
    pub there: Vec<u8>,
    pub back: Vec<u8>,
    pub is_connected: bool,
    /// Hosts that refuse a connection, by port.
    pub refuses: Vec<u16>,
    pub connects: Vec<u16>,
    /// The venue reads nothing.
    pub venue_is_deaf: bool,
    /// The host was told once that the session is up: before that its orders are refused.
    pub was_up: bool,
    /// What the host has typed, and what it got.
    pub typed: Vec<u8>,
    pub printed: Vec<u8>,
    /// The host reads nothing.
    pub host_is_deaf: bool,
    pub switch: bool,
    /// What a time server would say, as the offset to the mock clock in milliseconds; `None`: it is silent.
    pub server_millis: Option<i64>,
    moved: u64,
    /// Bytes that a socket to the venue takes before the venue has read.
    pub room: usize,
    /// What stands between the connection and the venue.
    pub between: Option<Box<dyn Between>>,
    /// The venue's own bytes behind it.
    pub plain: (Vec<u8>, Vec<u8>),
}

/// The venue's end of something that is not FIX in the clear.
pub trait Between {
    /// A new connection.
    fn connected(&mut self);
    /// Takes bytes from the board and from the venue, and makes those for each; false where the connection is over, and
    /// whether anything moved.
    fn turn(
        &mut self,
        wire: (&mut Vec<u8>, &mut Vec<u8>),
        plain: (&mut Vec<u8>, &mut Vec<u8>),
    ) -> (bool, bool);
}

#[derive(Clone)]
pub struct World(pub Rc<RefCell<Inside>>);

impl World {
    fn poll<R>(&self, call: impl FnOnce(&mut Inside) -> Option<R>) -> Poll<R> {
        let mut inside = self.0.borrow_mut();
        match call(&mut inside) {
            Some(value) => {
                inside.moved += 1;
                Poll::Ready(value)
            }
            None => Poll::Pending,
        }
    }
}

macro_rules! end {
    ($name:ident) => {
        pub struct $name(World);

        impl ErrorType for $name {
            type Error = Infallible;
        }
    };
}

end!(SocketIn);
end!(SocketOut);
end!(Typed);
end!(Printed);

fn take(from: &mut Vec<u8>, buffer: &mut [u8]) -> Option<Result<usize, Infallible>> {
    let count = buffer.len().min(from.len());
    buffer[..count].copy_from_slice(&from[..count]);
    from.drain(..count);
    (count > 0).then_some(Ok(count))
}

impl Read for SocketIn {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        poll_fn(|_| {
            self.0.poll(|inside| match take(&mut inside.back, buffer) {
                None if !inside.is_connected => Some(Ok(0)),
                other => other,
            })
        })
        .await
    }
}

impl Write for SocketOut {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        poll_fn(|_| {
            self.0.poll(|inside| {
                let count = bytes.len().min(inside.room.saturating_sub(inside.there.len()));
                inside.there.extend(&bytes[..count]);
                (count > 0).then_some(Ok(count))
            })
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Read for Typed {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        poll_fn(|_| self.0.poll(|inside| take(&mut inside.typed, buffer))).await
    }
}

/// What the host is told when it may send orders.
const UP: &[u8] = b"SESSION 58=up";

impl Write for Printed {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        poll_fn(|_| {
            self.0.poll(|inside| {
                inside.printed.extend(if inside.host_is_deaf { &[] } else { bytes });
                inside.was_up |= inside.printed.windows(UP.len()).any(|said| said == UP);
                (!inside.host_is_deaf).then_some(Ok(bytes.len()))
            })
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The connections without TLS.
pub struct Line(World);

impl Connect for Line {
    type Error = &'static str;
    type Connection<'c> = (SocketIn, SocketOut);

    async fn connect(&mut self, host: &Host) -> Result<(SocketIn, SocketOut), &'static str> {
        let mut inside = self.0.0.borrow_mut();
        inside.connects.push(host.port);
        inside.moved += 1;
        if inside.refuses.contains(&host.port) {
            return Err("it refused the connection");
        }
        (inside.is_connected, inside.there, inside.back) = (true, Vec::new(), Vec::new());
        Ok((SocketIn(self.0.clone()), SocketOut(self.0.clone())))
    }

    async fn close(&mut self) {
        self.0.0.borrow_mut().is_connected = false;
    }
}

struct Switch(World);

impl KillSwitch for Switch {
    fn is_on(&mut self) -> bool {
        self.0.0.borrow().switch
    }

    async fn changed(&mut self) {
        std::future::pending().await
    }
}

struct Server(World);

impl Datagram for Server {
    async fn find(&mut self, _host: &Host) {}

    async fn exchange(&mut self, request: &[u8], answer: &mut [u8]) -> Option<usize> {
        let offset = self.0.0.borrow().server_millis?;
        let millis = offset + Instant::now().as_millis() as i64 + 2_208_988_800_000;
        let time = (((millis / 1000) as u64) << 32) | ((((millis % 1000) as u64) << 32) / 1000);
        answer.fill(0);
        (answer[0], answer[1]) = (0x24, 1);
        answer[24..32].copy_from_slice(&request[40..48]);
        answer[32..40].copy_from_slice(&time.to_be_bytes());
        answer[40..48].copy_from_slice(&time.to_be_bytes());
        Some(48)
    }
}

/// The test's bench: what outlives the board's power.
pub struct Bench {
    pub world: World,
    pub chip: Chip,
    pub venue: Venue,
    venue_is_connected: bool,
    pub clock_is_set: bool,
    seed: u64,
}

/// 2026-11-18.
pub const UTC: i64 = 1_795_000_000;

impl Bench {
    pub fn new(sectors: usize) -> Self {
        let inside = Inside {
            there: Vec::new(),
            back: Vec::new(),
            is_connected: false,
            refuses: Vec::new(),
            connects: Vec::new(),
            venue_is_deaf: false,
            was_up: false,
            typed: Vec::new(),
            printed: Vec::new(),
            host_is_deaf: false,
            switch: false,
            server_millis: None,
            moved: 0,
            room: 2048,
            between: None,
            plain: (Vec::new(), Vec::new()),
        };
        Bench {
            world: World(Rc::new(RefCell::new(inside))),
            chip: Chip::new(sectors),
            venue: venue::venue(),
            venue_is_connected: false,
            clock_is_set: true,
            seed: 1,
        }
    }

    pub fn inside(&self) -> std::cell::RefMut<'_, Inside> {
        self.world.0.borrow_mut()
    }

    /// Whether the host was told once that the session is up.
    pub fn was_up(&self) -> bool {
        self.inside().was_up
    }

    pub fn type_line(&self, line: &str) {
        self.inside().typed.extend(format!("{line}\n").bytes());
    }

    /// The lines that the host got since the last call, without number and check sum.
    pub fn lines(&self) -> Vec<String> {
        let printed = &mut self.inside().printed;
        let whole = printed.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let printed: Vec<u8> = printed.drain(..whole).collect();
        let text = String::from_utf8(printed).unwrap();
        let line = |line: &str| {
            let (line, _sum) = line.rsplit_once(" *").expect("a check sum");
            line.split_once(' ').expect("a number").1.to_owned()
        };
        text.lines().map(line).collect()
    }

    /// Cuts the connection as the network does.
    pub fn cut_connection(&self) {
        self.inside().is_connected = false;
    }

    /// Powers the board for so long, or until `done` says so; how it stopped, if it did.
    pub fn power(
        &mut self,
        config: &Gateway,
        seconds: u64,
        each: impl FnMut(&mut Self) -> bool,
    ) -> Option<Stopped> {
        self.power_over(config, seconds, (), |line, _| line, each)
    }

    /// As [`power`](Self::power), with a flight recorder.
    pub fn power_recorded(
        &mut self,
        config: &Gateway,
        seconds: u64,
        recorder: impl Recorder,
        each: impl FnMut(&mut Self) -> bool,
    ) -> Option<Stopped> {
        self.power_over(config, seconds, recorder, |line, _| line, each)
    }

    /// The same, connected by what `over` makes of the line and the clock.
    pub fn power_over<C: Connect>(
        &mut self,
        config: &Gateway,
        seconds: u64,
        recorder: impl Recorder,
        over: impl FnOnce(Line, &'static SharedClock) -> C,
        mut each: impl FnMut(&mut Self) -> bool,
    ) -> Option<Stopped> {
        let clock: &'static SharedClock = Box::leak(Box::default());
        if self.clock_is_set {
            clock.set_utc(Instant::from_micros(0), UtcTimestamp::from_unix(UTC, 0));
        }
        self.seed += 1;
        let mut memory = Box::new(Memory::<512, 8, 8, 64, _>::with_recorder(recorder));
        let sectors = self.chip.erases().len();
        let board = Board {
            connect: over(Line(self.world.clone()), clock),
            flash: self.chip.nor(),
            flash_range: 0..(sectors * SECTOR) as u32,
            intake: Typed(self.world.clone()),
            reports: Printed(self.world.clone()),
            time: Server(self.world.clone()),
            kill_switch: Switch(self.world.clone()),
            watchdog: (),
            seed: self.seed,
            credentials: Credentials { username: "user", password: "secret" },
        };
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut running = pin!(run(config, clock, &mut memory, board));
        let mut context = Context::from_waker(Waker::noop());
        let mut stopped = None;
        while Instant::now() < end {
            let before = self.inside().moved;
            if let Poll::Ready(why) = running.as_mut().poll(&mut context) {
                stopped = Some(why);
                break;
            }
            let venue_moved = self.venue_turn();
            if each(self) {
                break;
            }
            if self.inside().moved == before && !venue_moved {
                MockDriver::get().advance(Duration::from_millis(10));
            }
        }
        // Whatever ends the power ends the connection.
        self.cut_connection();
        self.venue_turn();
        stopped
    }

    fn venue_turn(&mut self) -> bool {
        let micros = Instant::now().as_micros();
        let utc = UtcTimestamp::from_unix_millis(UTC * 1000 + (micros / 1000) as i64);
        let now = Now { mono: Mono::from_micros(micros), utc };
        let mut inside = self.world.0.borrow_mut();
        if inside.is_connected != self.venue_is_connected {
            self.venue_is_connected = inside.is_connected;
            if inside.is_connected {
                if let Some(between) = &mut inside.between {
                    between.connected();
                }
                inside.plain = (Vec::new(), Vec::new());
                self.venue.connected(now)
            } else {
                self.venue.disconnected(now)
            }
            return true;
        }
        if !inside.is_connected || inside.venue_is_deaf {
            return false;
        }
        let Inside { there, back, between, plain, .. } = &mut *inside;
        let (mut lives, mut has_moved) = (true, false);
        let (from, to) = match between {
            None => (there, back),
            Some(between) => {
                (lives, has_moved) = between.turn((there, back), (&mut plain.0, &mut plain.1));
                (&mut plain.0, &mut plain.1)
            }
        };
        let (moved, is_over) = venue::serve(&mut self.venue, now, from, to, 2048);
        if is_over || !lives {
            let Inside { there, back, between, plain, .. } = &mut *inside;
            if let (Some(between), true) = (between, is_over) {
                between.turn((there, back), (&mut plain.0, &mut plain.1));
            }
            inside.is_connected = false;
        }
        moved || has_moved || is_over || !lives
    }
}
