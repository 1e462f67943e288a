//! Two engines, their stores, clocks and applications, and the connection between them: one event at a time.

use fix_core::{
    engine::{Buffers, Step},
    flight::Recorded,
    session::state::{CloseReason, Phase},
    store::MessageStore,
    time::{Mono, Now, UtcTimestamp},
};

use crate::{
    app::{App, Mood},
    disk::Disk,
    ledger::Shared,
    link::Link,
    plan::{Plan, START},
    record::Recording,
    rng::Rng,
};

const MILLI: u64 = 1_000;
const SECOND: u64 = 1_000 * MILLI;
/// Longer than any time-out of any plan, several times over.
const PATIENCE: u64 = 1_800 * SECOND;
/// Calls of `poll` in a row after which an engine is taken to spin.
const MAX_POLLS: u32 = 100_000;
/// Pieces of data that may arrive without a pause before both sides are taken to storm.
const MAX_MOVES: u32 = 200_000;

type Session = Recorded<Vec<u8>, Disk, App, Recording>;

/// One side: `None` while its process is down.
struct Side {
    engine: Option<Session>,
    /// What went into the engine.
    recording: Recording,
    /// What a process that is down left behind.
    left: Option<(Disk, App)>,
    mono_offset: u64,
    utc_offset: i64,
    /// When its process, or its connection, starts again.
    back_at: u64,
    wake_at: Option<Mono>,
    /// A message is written in part.
    mid_message: bool,
}

pub(crate) struct World {
    rng: Rng,
    plan: Plan,
    sides: [Side; 2],
    link: Link,
    pub(crate) ledger: Shared,
    /// True time in microseconds.
    now: u64,
    trace: bool,
}

/// Something that happens to one side.
type Happening = fn(&mut World, usize);

/// What a run has done.
#[derive(Default, Clone, Copy)]
pub(crate) struct Report {
    pub(crate) events: u64,
    pub(crate) deliveries: u64,
    pub(crate) duplicates: u64,
    pub(crate) excused: u64,
}

impl World {
    pub(crate) fn new(mut rng: Rng, trace: bool) -> Self {
        let plan = Plan::new(&mut rng);
        let ledger = Shared::default();
        let side = |index: usize, rng: &mut Rng| {
            ledger.borrow_mut().ways[index].keeps_nothing = plan.keeps_nothing(index);
            ledger.borrow_mut().ways[index].skips_news = !plan.configs[index].gap_fill_types.is_empty();
            let disk = Disk::new(index, plan.media[index], ledger.clone());
            let mut app = App::new(index, rng.split(), ledger.clone(), plan.moods[index]);
            app.trace = trace;
            let left = Some((disk, app));
            Side {
                engine: None,
                recording: Recording::default(),
                left,
                mono_offset: 0,
                utc_offset: 0,
                back_at: 0,
                wake_at: None,
                mid_message: false,
            }
        };
        let sides = [side(0, &mut rng), side(1, &mut rng)];
        let link = Link::new(plan.socket);
        let mut world = World { rng, plan, sides, link, ledger, now: 0, trace };
        world.start(0);
        world.start(1);
        world
    }

    /// Runs `events` events, then lets both sides come to rest.
    pub(crate) fn run(&mut self, events: u64) -> Result<Report, (u64, String)> {
        for event in 0..events {
            self.event();
            self.verdict().map_err(|what| (event, what))?;
        }
        self.settle().map_err(|what| (events, what))?;
        self.ledger.borrow_mut().check_complete();
        (0..2).for_each(|side| self.check_recording(side));
        self.verdict().map_err(|what| (events, what))?;
        let ledger = self.ledger.borrow();
        Ok(Report {
            events,
            deliveries: ledger.deliveries,
            duplicates: ledger.duplicates,
            excused: ledger.excused,
        })
    }

    fn verdict(&self) -> Result<(), String> {
        self.ledger.borrow().violation().map_or(Ok(()), |what| Err(what.to_owned()))
    }

    fn event(&mut self) {
        let side = self.rng.below_usize(2);
        let w = self.plan.weights;
        let events: [(u64, Happening); 11] = [
            (w.flow, |world, side| {
                world.flow(side);
            }),
            (w.send, World::send),
            (w.pause, |world, _| {
                let millis = world.rng.between(0, 50);
                world.advance(millis * MILLI);
            }),
            (w.wait, |world, _| world.wait()),
            (w.cut, |world, _| {
                world.note("cut");
                world.link.cut(&mut world.rng);
            }),
            (w.crash, World::crash),
            (w.store_failure, World::fail_store),
            (w.utc_jump, World::utc_jump),
            (w.mono_jump, World::mono_jump),
            (w.logout, World::logout),
            (w.reset, World::reset),
        ];
        let mut at = self.rng.below(events.iter().map(|(weight, _)| weight).sum());
        for (weight, run) in events {
            if at < weight {
                return run(self, side);
            }
            at -= weight;
        }
    }

    fn note(&self, what: &str) {
        if self.trace {
            println!("{:>10.3} {what}", self.now as f64 / SECOND as f64);
        }
    }

    fn clock(&self, side: usize) -> Now {
        let side = &self.sides[side];
        let micros = START * SECOND as i64 + self.now as i64 + side.utc_offset;
        let nanos = micros.rem_euclid(SECOND as i64) as u32 * 1_000;
        Now {
            mono: Mono::from_micros(self.now + side.mono_offset),
            utc: UtcTimestamp::from_unix(micros.div_euclid(SECOND as i64), nanos),
        }
    }

    fn start(&mut self, side: usize) {
        if let Some((disk, app)) = self.sides[side].left.take() {
            let sizes = self.plan.sizes[side];
            let buffers = Buffers {
                inbound: vec![0; sizes.inbound],
                outbound: vec![0; sizes.outbound],
                kept: vec![0; sizes.kept],
            };
            let (config, recording) = (self.plan.configs[side].clone(), Recording::default());
            let engine = Recorded::new(config, buffers, disk, app, recording.clone());
            (self.sides[side].engine, self.sides[side].recording) = (Some(engine), recording);
        }
    }

    /// What went into the engine of `side`, done again, gives the same messages.
    fn check_recording(&self, side: usize) {
        if let Err(what) = self.sides[side].recording.check() {
            self.ledger.borrow_mut().fail(format!("side {side}: {what}"));
        }
    }

    /// Bytes arrive at `side`, or the end of the connection does. False if neither.
    fn flow(&mut self, side: usize) -> bool {
        if !self.link.is_attached(side) {
            return false;
        }
        let limit = self.rng.pick(&[1, 20, 300, usize::MAX]);
        let Some(engine) = self.sides[side].engine.as_mut() else { return false };
        let space = engine.space();
        let count = space.len().min(self.link.readable(side)).min(limit);
        if count > 0 {
            self.link.read(side, &mut space[..count]);
            engine.received(count);
        } else if self.link.is_at_end(side) {
            self.hang_up(side);
            return true;
        }
        if !self.rng.chance(100) {
            self.poll(side);
        }
        count > 0
    }

    /// Drives the engine until it waits for something.
    fn poll(&mut self, side: usize) {
        // What a driver waits for that does not poll again behind its last write.
        let mut settled = None;
        for _ in 0..MAX_POLLS {
            let now = self.clock(side);
            let Some(engine) = self.sides[side].engine.as_mut() else { return };
            let step = engine.poll(now);
            self.ledger
                .borrow_mut()
                .require(settled.take().is_none_or(|until| step == Step::Wait(until)), || {
                    format!("side {side} was settled and had more to do")
                });
            match step {
                Step::Write(bytes) => {
                    let room = self.link.room(side).min(bytes.len());
                    if room == 0 {
                        let until = engine.deadline(now);
                        return self.sleep(side, now, until);
                    }
                    let count = if self.rng.chance(300) { self.rng.below_usize(room) + 1 } else { room };
                    self.ledger.borrow_mut().written(side, &bytes[..count]);
                    let goes_on = core::mem::replace(&mut self.sides[side].mid_message, count < bytes.len());
                    let whole = !goes_on && count == bytes.len();
                    match self.plan.tamper.as_mut().filter(|_| whole) {
                        Some(tamper) => {
                            let (bytes, large) = tamper.apply(bytes, self.plan.sizes[1 - side].inbound);
                            self.ledger.borrow_mut().ways[side].too_large += large;
                            self.link.write(side, &bytes);
                        }
                        None => self.link.write(side, &bytes[..count]),
                    }
                    engine.sent(count);
                    let dirty = engine.store_mut().is_dirty();
                    self.ledger
                        .borrow_mut()
                        .require(!dirty, || format!("side {side} wrote before it flushed"));
                    settled = engine.is_settled().then(|| engine.deadline(now));
                }
                Step::Wait(until) => return self.sleep(side, now, until),
                Step::Close(CloseReason::Store(_)) => return self.crash(side),
                Step::Close(_) => return self.hang_up(side),
            }
        }
        self.ledger.borrow_mut().fail(format!("side {side} does not come to rest"));
    }

    fn sleep(&mut self, side: usize, now: Now, until: Option<Mono>) {
        // Behind a slice of a resend there is more to do at once.
        let is_slice = self.sides[side].engine.as_ref().is_some_and(|engine| engine.status().resending);
        let comes = |until| until > now.mono || (is_slice && until == now.mono);
        self.ledger.borrow_mut().require(until.is_none_or(comes), || {
            format!("side {side} waits for {until:?}, which is past at {:?}", now.mono)
        });
        self.sides[side].wake_at = until;
    }

    /// The side closes its end of the connection, or notices that it is closed.
    fn hang_up(&mut self, side: usize) {
        let now = self.clock(side);
        if let Some(engine) = self.sides[side].engine.as_mut() {
            engine.disconnected(now);
        }
        self.detach(side);
    }

    fn detach(&mut self, side: usize) {
        if self.link.is_attached(side) {
            let rng = &mut self.rng;
            self.link.detach(side, |len| if rng.chance(800) { len } else { rng.below_usize(len + 1) });
        }
        let pause = self.rng.between(0, 5_000);
        self.sides[side].back_at = self.now + pause * MILLI;
        self.sides[side].wake_at = None;
        self.sides[side].mid_message = false;
    }

    fn send(&mut self, side: usize) {
        let now = self.clock(side);
        let Some(engine) = self.sides[side].engine.as_mut() else { return };
        let note = engine.application().next_note();
        if let Ok(number) = engine.send(now, &note) {
            self.ledger.borrow_mut().accepted(side, note.id, number);
        }
        if self.rng.chance(700) {
            self.poll(side);
        }
    }

    fn advance(&mut self, micros: u64) {
        self.now += micros;
        for side in [0, 1] {
            if self.sides[side].engine.is_none() && self.now >= self.sides[side].back_at {
                self.note(["initiator starts", "acceptor starts"][side]);
                self.start(side);
            }
            if self.is_due(side) {
                self.poll(side);
            }
        }
        let up = self.sides.iter().all(|side| side.engine.is_some() && self.now >= side.back_at);
        if up && self.link.is_free() {
            self.connect();
        }
    }

    fn is_due(&self, side: usize) -> bool {
        self.sides[side].wake_at.is_some_and(|at| self.clock(side).mono >= at)
    }

    fn connect(&mut self) {
        self.note("connected");
        self.link.connect();
        for side in [1, 0] {
            let says_again = self.says_reset_again(side);
            self.ledger.borrow_mut().connected(side, says_again);
            let now = self.clock(side);
            if let Some(engine) = self.sides[side].engine.as_mut() {
                engine.connected(now);
            }
            self.poll(side);
        }
    }

    /// True if a reset of the side's was not answered and no other one takes its place.
    fn says_reset_again(&mut self, side: usize) -> bool {
        let (now, config) = (self.clock(side), &self.plan.configs[side]);
        let Some(store) = self.sides[side].engine.as_mut().map(Session::store_mut) else { return false };
        let renews = config.reset_on_logon || config.schedule.is_stale(store.creation_time(), now.utc);
        store.next_in().is_none() && store.next_out() > 1 && !renews
    }

    /// Time passes until something is due.
    fn wait(&mut self) {
        let until = [0, 1].into_iter().filter_map(|side| {
            let state = &self.sides[side];
            let wake = state.wake_at.map(|at| at.as_micros().saturating_sub(state.mono_offset));
            wake.or((!self.link.is_attached(side)).then_some(state.back_at))
        });
        let at = until.filter(|at| *at > self.now).min().unwrap_or(self.now + SECOND);
        self.advance(at - self.now);
    }

    fn crash(&mut self, side: usize) {
        self.note(["initiator crashes", "acceptor crashes"][side]);
        self.detach(side);
        self.check_recording(side);
        if let Some(engine) = self.sides[side].engine.take() {
            let (mut disk, app) = engine.into_parts();
            disk.crash(&mut self.rng);
            self.sides[side].left = Some((disk, app));
        }
    }

    fn fail_store(&mut self, side: usize) {
        if let Some(engine) = self.sides[side].engine.as_mut() {
            engine.store_mut().fail_next_write(true);
        }
    }

    fn utc_jump(&mut self, side: usize) {
        let most = self.plan.utc_jump * SECOND;
        self.sides[side].utc_offset = self.rng.between(0, 2 * most) as i64 - most as i64;
        self.note(&format!("clock of {side} is off by {} us", self.sides[side].utc_offset));
    }

    fn mono_jump(&mut self, side: usize) {
        self.sides[side].mono_offset += self.rng.between(0, 60) * SECOND;
    }

    fn logout(&mut self, side: usize) {
        if let Some(engine) = self.sides[side].engine.as_mut() {
            engine.logout(None);
        }
        self.poll(side);
    }

    fn reset(&mut self, side: usize) {
        let now = self.clock(side);
        if let Some(engine) = self.sides[side].engine.as_mut() {
            // Before the Logons a reset is for both sides to agree upon.
            if matches!(engine.status().phase, Phase::LogonSent | Phase::LoggedOn | Phase::LogoutSent) {
                let _ = engine.reset(now);
            }
        }
        self.poll(side);
    }

    /// No more faults: both sides must find together within `PATIENCE`.
    fn settle(&mut self) -> Result<(), String> {
        self.note("no more faults");
        self.plan.tamper = None;
        for side in [0, 1] {
            self.sides[side].utc_offset = 0;
            let engine = self.sides[side].engine.as_mut();
            if let Some(engine) = engine {
                engine.application_mut().mood = Mood::default();
                engine.store_mut().fail_next_write(false);
            } else if let Some((disk, app)) = self.sides[side].left.as_mut() {
                app.mood = Mood::default();
                disk.fail_next_write(false);
            }
        }
        let end = self.now + PATIENCE + self.plan.longest_pause();
        let mut moves = 0;
        while self.now < end {
            let moved = self.let_flow();
            self.verdict()?;
            if moved {
                moves += 1;
                if moves > MAX_MOVES {
                    return Err(format!("the sides talk without end: {}", self.describe()));
                }
                continue;
            }
            moves = 0;
            if self.is_settled() {
                return Ok(());
            }
            self.wait();
            self.verdict()?;
        }
        Err(format!("the sides do not find together: {}", self.describe()))
    }

    fn let_flow(&mut self) -> bool {
        for side in [0, 1] {
            if self.link.is_attached(side) {
                self.poll(side);
            }
        }
        let moved = [0, 1].map(|side| self.flow(side));
        moved != [false, false]
    }

    fn is_settled(&self) -> bool {
        let [Some(a), Some(b)] = self.sides.each_ref().map(|side| side.engine.as_ref().map(Session::status))
        else {
            return false;
        };
        let quiet = |status: &fix_core::session::SessionStatus| {
            status.phase == Phase::LoggedOn && status.gap.is_none() && !status.resending
        };
        quiet(&a) && quiet(&b) && a.next_in == b.next_out && b.next_in == a.next_out
    }

    fn describe(&self) -> String {
        let status = self.sides.each_ref().map(|side| {
            side.engine.as_ref().map(|engine| {
                let status = engine.status();
                format!(
                    "{:?} in {} out {} gap {:?}",
                    status.phase, status.next_in, status.next_out, status.gap
                )
            })
        });
        format!("{status:?}")
    }
}
