//! What a seed decides before the run begins: the rules of both sides, sizes, and how often what fails.

use core::time::Duration;

use fix_core::{
    session::{
        config::{Role, SessionConfig, SessionId},
        schedule::{Schedule, Transition, Window},
    },
    time::Precision,
};

use crate::{app::Mood, disk::Medium, note, rng::Rng, tamper::Tamper};

/// When the UTC clock of a run starts, in seconds since 1970.
pub(crate) const START: i64 = 1_790_000_000;

/// Sizes of the byte buffers of one side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) inbound: usize,
    pub(crate) outbound: usize,
    pub(crate) kept: usize,
}

/// How often, relative to each other, the events of a run come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    pub(crate) flow: u64,
    pub(crate) send: u64,
    pub(crate) pause: u64,
    pub(crate) wait: u64,
    pub(crate) cut: u64,
    pub(crate) crash: u64,
    pub(crate) store_failure: u64,
    pub(crate) utc_jump: u64,
    pub(crate) mono_jump: u64,
    pub(crate) logout: u64,
    pub(crate) reset: u64,
}

impl Weights {
    fn with_resets(self, resets: bool) -> Self {
        if resets { Weights { reset: 3, ..self } } else { self }
    }
}

pub(crate) struct Plan {
    pub(crate) configs: [SessionConfig; 2],
    pub(crate) sizes: [Sizes; 2],
    pub(crate) media: [Medium; 2],
    pub(crate) moods: [Mood; 2],
    pub(crate) weights: Weights,
    /// Bytes that one direction of the connection holds.
    pub(crate) socket: usize,
    /// What the messages suffer on their way.
    pub(crate) tamper: Option<Tamper>,
    /// The most that a UTC clock jumps, in seconds.
    pub(crate) utc_jump: u64,
}

impl Plan {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let mut configs = [config(Role::Initiator, rng), config(Role::Acceptor, rng)];
        let schedule = schedule(rng);
        for config in &mut configs {
            config.schedule = schedule.clone();
        }
        agree_on_resets(&mut configs, rng);
        let forgets = rng.chance(150);
        let media = [medium(forgets, rng), medium(forgets, rng)];
        let memory_only = media.iter().any(|medium| *medium != Medium::Journal);
        if memory_only && rng.chance(500) {
            configs.iter_mut().for_each(|config| config.reset_on_logon = true);
        }
        let crashes = !memory_only || configs[0].reset_on_logon;
        // What is not in the store cannot be told from a message of the session before. Decided by a copy,
        // so that the seeds known from before resets still mean the same runs.
        let mut later = rng.clone().split();
        let resets = later.chance(100) && configs.iter().all(|config| config.persist_messages);
        let tamper = Tamper::new(&mut later, configs[0].heart_bt_int > 0);
        Plan {
            sizes: [sizes(rng), sizes(rng)],
            media,
            moods: [mood(rng), mood(rng)],
            weights: weights(crashes, rng).with_resets(resets),
            socket: rng.pick(&[16, 200, 1_000, 8_000, 64_000]),
            tamper,
            utc_jump: if schedule == Schedule::non_stop() { rng.pick(&[1, 20, 300]) } else { 20 },
            configs,
        }
    }

    /// The longest time for which the schedule may keep a session closed, in microseconds.
    pub(crate) fn longest_pause(&self) -> u64 {
        if self.configs[0].schedule == Schedule::non_stop() { 0 } else { 6 * 720 * 1_000_000 }
    }

    /// True if some note may be lost because its sender keeps none.
    pub(crate) fn keeps_nothing(&self, side: usize) -> bool {
        self.media[side] == Medium::Nothing || !self.configs[side].persist_messages
    }
}

fn config(role: Role, rng: &mut Rng) -> SessionConfig {
    let (us, them) = if role == Role::Initiator { ("DESK", "VENUE") } else { ("VENUE", "DESK") };
    let id = SessionId::new(us, them).expect("two good names");
    let mut config = SessionConfig::new(role, id);
    config.heart_bt_int = rng.pick(&[0, 1, 5, 30, 30]);
    config.disable_heart_beat_check = rng.chance(100);
    config.send_logout_before_timeout = rng.chance(300);
    config.refresh_on_logon = rng.chance(200);
    config.persist_messages = !rng.chance(50);
    config.send_redundant_resend_requests = rng.chance(150);
    config.send_next_expected_msg_seq_num = rng.chance(350);
    config.enable_last_msg_seq_num_processed = rng.chance(300);
    config.resend_request_chunk_size = rng.pick(&[0, 0, 0, 1, 2, 5, 100]);
    config.closed_resend_interval = rng.chance(300);
    config.ignore_poss_dup_resend_requests = rng.chance(200);
    config.resend_session_level_rejects = rng.chance(200);
    config.max_latency = rng.pick(&[None, Some(Duration::from_secs(120))]);
    config.timestamp_precision = rng.pick(&[Precision::Seconds, Precision::Millis, Precision::Micros]);
    config.resend_order_max_age = rng.pick(&[None, None, Some(Duration::from_secs(10))]);
    if rng.chance(100) {
        config.gap_fill_types.push(note::NEWS).expect("room for one type");
    }
    config
}

/// Either side alone cannot begin again: the flags are on both, or the initiator tells with its Logon.
fn agree_on_resets(configs: &mut [SessionConfig; 2], rng: &mut Rng) {
    match rng.below(10) {
        0 => configs[0].reset_on_logon = true,
        1 => configs.iter_mut().for_each(|config| config.reset_on_logon = true),
        2 => configs.iter_mut().for_each(|config| config.reset_on_logout = true),
        3 => configs.iter_mut().for_each(|config| config.reset_on_disconnect = true),
        _ => {}
    }
}

/// Sessions of a few minutes with pauses longer than clocks differ; the last one does not end.
fn schedule(rng: &mut Rng) -> Schedule {
    if !rng.chance(150) {
        return Schedule::non_stop();
    }
    let mut transitions = vec![Transition { at: START - 1000, to: Window::OpenNew }];
    let mut at = START;
    for _ in 0..rng.between(1, 6) {
        at += rng.between(30, 600) as i64;
        transitions.push(Transition { at, to: Window::Closed });
        at += rng.between(60, 120) as i64;
        transitions.push(Transition { at, to: rng.pick(&[Window::OpenNew, Window::OpenContinued]) });
    }
    Schedule::new(&transitions).expect("ascending moments")
}

fn medium(forgets: bool, rng: &mut Rng) -> Medium {
    if forgets { rng.pick(&[Medium::Ring, Medium::Nothing, Medium::Journal]) } else { Medium::Journal }
}

fn sizes(rng: &mut Rng) -> Sizes {
    Sizes {
        inbound: rng.pick(&[600, 1_000, 4_000]),
        outbound: rng.pick(&[2_400, 4_000, 16_000]),
        kept: rng.pick(&[0, 200, 1_000, 8_000]),
    }
}

fn mood(rng: &mut Rng) -> Mood {
    Mood {
        reply: rng.pick(&[0, 100, 500]),
        reject: rng.pick(&[0, 20]),
        refuse: rng.pick(&[0, 20]),
        refuse_resend: rng.pick(&[0, 0, 50]),
        refuse_logon: rng.pick(&[0, 0, 50]),
        logout: rng.pick(&[0, 0, 5]),
    }
}

fn weights(crashes: bool, rng: &mut Rng) -> Weights {
    let calm = rng.pick(&[1, 3, 10]);
    let mut fault = |weight: u64| if rng.chance(600) { weight } else { 0 };
    Weights {
        flow: 300 * calm,
        send: 80 * calm,
        pause: 30 * calm,
        wait: 10 * calm,
        cut: fault(8),
        crash: if crashes { fault(8) } else { 0 },
        store_failure: if crashes { fault(3) } else { 0 },
        utc_jump: fault(4),
        mono_jump: fault(4),
        logout: fault(3),
        reset: 0,
    }
}
