//! Two engines and a virtual link: an initiator and an acceptor that talk in virtual time. It needs `alloc` alone, and
//! so runs on a microcontroller too (`fix-embedded/core-tests`).

mod app;
pub mod store;

use alloc::{collections::VecDeque, format, string::String, vec, vec::Vec};
use core::{
    hash::{Hash, Hasher},
    time::Duration,
};

use fix_core::{
    engine::{Buffers, Engine, Step},
    session::{
        config::{Role, SessionConfig, SessionId},
        error::SendError,
        state::{CloseReason, Phase},
    },
    time::{Mono, Now, UtcTimestamp},
    wire::frame::{Scan, scan},
};

pub use app::Recorder;
use store::TestStore;

pub type Side = Engine<Vec<u8>, TestStore, Recorder>;

pub const INITIATOR: usize = 0;
pub const ACCEPTOR: usize = 1;

/// 2026-01-05 09:00:00 UTC.
const BEGIN: i64 = 1_767_603_600;

#[derive(Clone)]
pub struct Pair {
    sides: [Option<Side>; 2],
    configs: [SessionConfig; 2],
    /// Bytes on their way to each side.
    wires: [VecDeque<u8>; 2],
    connected: [bool; 2],
    pub now: Now,
    /// How far each side's UTC clock is off, in seconds.
    pub clock_error: [i64; 2],
    /// The link breaks after so many bytes more, counted in both directions.
    pub cut_after: Option<usize>,
    /// The most bytes that one step carries to a side.
    pub chunk: usize,
}

impl Pair {
    pub fn new(adjust: impl Fn(&mut SessionConfig)) -> Self {
        let config = |role, us, them| {
            let mut config = SessionConfig::new(role, SessionId::new(us, them).unwrap());
            config.heart_bt_int = 5;
            adjust(&mut config);
            config
        };
        let configs = [config(Role::Initiator, "INIT", "ACPT"), config(Role::Acceptor, "ACPT", "INIT")];
        let mut pair = Pair {
            sides: [None, None],
            configs,
            wires: [VecDeque::new(), VecDeque::new()],
            connected: [false; 2],
            now: Now { mono: Mono::from_millis(0), utc: UtcTimestamp::from_unix(BEGIN, 0) },
            clock_error: [0; 2],
            cut_after: None,
            chunk: usize::MAX,
        };
        for index in [INITIATOR, ACCEPTOR] {
            pair.build(index, TestStore::new(), Recorder::default());
        }
        pair
    }

    fn build(&mut self, index: usize, store: TestStore, app: Recorder) {
        let buffers = Buffers { inbound: vec![0; 1024], outbound: vec![0; 4096], kept: vec![0; 1024] };
        self.sides[index] = Some(Engine::new(self.configs[index].clone(), buffers, store, app));
    }

    pub fn side(&mut self, index: usize) -> &mut Side {
        self.sides[index].as_mut().expect("an engine")
    }

    pub fn is_connected(&self) -> bool {
        self.connected[INITIATOR] && self.connected[ACCEPTOR]
    }

    pub fn both_logged_on(&mut self) -> bool {
        [INITIATOR, ACCEPTOR].into_iter().all(|index| self.side(index).status().phase == Phase::LoggedOn)
    }

    pub fn connect(&mut self) {
        for index in [INITIATOR, ACCEPTOR] {
            let now = self.now_of(index);
            self.side(index).connected(now);
            self.connected[index] = true;
            self.wires[index].clear();
        }
    }

    /// The link breaks: bytes under way are gone, both sides notice.
    pub fn cut(&mut self) {
        for index in [INITIATOR, ACCEPTOR] {
            self.hang_up(index);
        }
    }

    fn hang_up(&mut self, index: usize) {
        let now = self.now_of(index);
        if self.connected[index] {
            self.connected[index] = false;
            self.side(index).disconnected(now);
        }
        self.wires[index].clear();
    }

    /// The process dies and comes back with the store as it was on disk; the other side loses the link.
    pub fn crash(&mut self, index: usize) {
        self.connected[index] = false;
        let (mut store, mut app) = self.sides[index].take().expect("an engine").into_parts();
        store.crash();
        app.restarted(&store);
        self.build(index, store, app);
        self.cut();
    }

    /// Sends the next numbered note from one side.
    pub fn send(&mut self, index: usize) -> Result<u64, SendError> {
        let now = self.now_of(index);
        let side = self.side(index);
        let note = side.application().next_note();
        let number = side.send(now, &note)?;
        side.application_mut().sent(number, note);
        Ok(number)
    }

    /// One round: each side works, and bytes move by up to `chunk`. True if anything moved.
    pub fn step(&mut self) -> bool {
        let mut moved = false;
        for index in [INITIATOR, ACCEPTOR] {
            moved |= self.poll(index);
            moved |= self.carry(index);
        }
        moved
    }

    /// Lets one side work until it waits.
    fn poll(&mut self, index: usize) -> bool {
        let mut moved = false;
        while self.connected[index] {
            let now = self.now_of(index);
            match self.side(index).poll(now) {
                Step::Write(bytes) => {
                    let bytes = bytes.to_vec();
                    self.side(index).sent(bytes.len());
                    self.side(index).application_mut().visible(&bytes);
                    self.wires[1 - index].extend(bytes);
                    moved = true;
                }
                Step::Wait(Some(at)) if at <= now.mono => {}
                Step::Wait(_) => break,
                Step::Close(reason) => {
                    self.close(index, reason);
                    return true;
                }
            }
        }
        moved
    }

    /// One side closes: the other one still gets what was written, then the end.
    fn close(&mut self, index: usize, reason: CloseReason) {
        self.side(index).application_mut().closed(reason);
        let now = self.now_of(index);
        self.connected[index] = false;
        self.side(index).disconnected(now);
        self.wires[index].clear();
    }

    /// Moves bytes to a side; at the end of what a closed counterparty wrote it notices the end.
    fn carry(&mut self, index: usize) -> bool {
        if !self.connected[index] {
            self.wires[index].clear();
            return false;
        }
        if self.wires[index].is_empty() {
            if !self.connected[1 - index] {
                self.hang_up(index);
                return true;
            }
            return false;
        }
        let mut limit = self.chunk;
        if let Some(left) = self.cut_after {
            limit = limit.min(left);
        }
        let side = self.sides[index].as_mut().expect("an engine");
        let space = side.space();
        let count = space.len().min(limit).min(self.wires[index].len());
        for (slot, byte) in space.iter_mut().zip(self.wires[index].drain(..count)) {
            *slot = byte;
        }
        side.received(count);
        if let Some(left) = self.cut_after.as_mut() {
            *left -= count;
            if *left == 0 {
                self.cut_after = None;
                self.cut();
            }
        }
        count > 0
    }

    /// Hands the next message under way to one side. False if there is none.
    pub fn deliver_one(&mut self, index: usize) -> bool {
        let wire: Vec<u8> = self.wires[index].iter().copied().collect();
        let Scan::Frame(_, taken) = scan(&wire, usize::MAX) else { return false };
        self.chunk = taken;
        self.carry(index);
        self.poll(index);
        self.chunk = usize::MAX;
        true
    }

    /// Lets one side work at this moment.
    pub fn work(&mut self, index: usize) {
        self.poll(index);
    }

    /// Time passes to the next timer of either side.
    pub fn tick(&mut self) {
        let deadlines = [INITIATOR, ACCEPTOR].map(|index| {
            let now = self.now_of(index);
            match self.side(index).poll(now) {
                Step::Wait(deadline) => deadline,
                _ => None,
            }
        });
        if let Some(next) = deadlines.into_iter().flatten().min() {
            self.set_mono(next);
            self.poll(INITIATOR);
            self.poll(ACCEPTOR);
        }
    }

    /// Bytes that the counterparty did not send arrive at one side.
    pub fn inject(&mut self, index: usize, bytes: &[u8]) {
        self.wires[index].extend(bytes);
    }

    pub fn is_quiet(&self) -> bool {
        self.wires.iter().all(VecDeque::is_empty)
    }

    /// All that a later run can depend on, for telling states apart.
    pub fn fingerprint(&mut self, hasher: &mut impl Hasher) {
        (&self.wires, self.connected, self.now.mono).hash(hasher);
        for index in [INITIATOR, ACCEPTOR] {
            let side = self.side(index);
            format!("{side:?}").hash(hasher);
            side.store_mut().fingerprint().hash(hasher);
            (side.application().sent_ids(), side.application().received_ids()).hash(hasher);
        }
    }

    /// Works at this moment until nothing moves any more.
    pub fn settle(&mut self) {
        // Carried byte by byte, messages take a round for each byte.
        let most = 100_000.max(1_000_000 / self.chunk);
        let mut rounds = 0;
        while self.step() {
            rounds += 1;
            assert!(rounds < most, "the pair does not come to rest");
        }
    }

    /// Moves the clocks on, stopping at every moment that a side asks for.
    pub fn advance(&mut self, time: Duration) {
        let target = self.now.mono.after(time);
        loop {
            self.settle();
            let mut next = target;
            for index in [INITIATOR, ACCEPTOR] {
                let now = self.now_of(index);
                if self.connected[index]
                    && let Step::Wait(Some(deadline)) = self.side(index).poll(now)
                {
                    next = next.min(deadline);
                }
            }
            if next <= self.now.mono {
                break;
            }
            self.set_mono(next);
            if next == target {
                self.settle();
                break;
            }
        }
    }

    /// The time as one side's clocks show it.
    pub fn now_of(&self, index: usize) -> Now {
        Now { utc: self.now.utc.plus_seconds(self.clock_error[index]), ..self.now }
    }

    fn set_mono(&mut self, mono: Mono) {
        let passed = mono.since(self.now.mono);
        let nanos = u64::from(self.now.utc.subsec_nanos()) + passed.as_nanos() as u64;
        let seconds = self.now.utc.unix_seconds() + (nanos / 1_000_000_000) as i64;
        self.now = Now { mono, utc: UtcTimestamp::from_unix(seconds, (nanos % 1_000_000_000) as u32) };
    }

    /// Faults are over: connects as often as needed until both sides have what the other one sent.
    pub fn recover(&mut self) -> Result<(), String> {
        for _ in 0..20 {
            if !self.is_connected() {
                self.cut();
                self.connect();
            }
            self.advance(Duration::from_secs(3));
            if self.both_logged_on() && self.in_step() {
                return Ok(());
            }
        }
        let status = [INITIATOR, ACCEPTOR].map(|index| self.side(index).status());
        Err(format!("the sides do not find together: {status:?}"))
    }

    fn in_step(&mut self) -> bool {
        let initiator = self.side(INITIATOR).status();
        let acceptor = self.side(ACCEPTOR).status();
        initiator.next_in == acceptor.next_out && acceptor.next_in == initiator.next_out
    }

    /// What one side's application sent and the other one's received, in order.
    pub fn compare(&mut self, from: usize) -> Result<(), String> {
        let sent = self.side(from).application().sent_ids();
        let received = self.side(1 - from).application().received_ids();
        if sent == received {
            return Ok(());
        }
        Err(format!("from {from}: sent {sent:?}, received {received:?}"))
    }
}
