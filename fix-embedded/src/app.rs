//! The gateway: what a board starts with its parts, and what runs until the power goes.

use core::{cell::RefCell, pin::pin};

use embassy_futures::select::{Either3, Either4, select, select3, select4};
use embassy_time::{Duration, Instant, Timer, with_timeout};
use embedded_io_async::{Read, Write};
use embedded_storage_async::nor_flash::NorFlash;
use fix_core::{Buffers, MessageStore, flight::Recorded, pre_trade::Gate, tag};

use crate::{
    back_off::Waits,
    board::{Board, Connect, Connection, Credentials, Datagram, KillSwitch, Watchdog},
    clock::SharedClock,
    config::{ConfigError, Gateway, Host},
    desk::{Desk, LastPrices, requests::GatewayEngine},
    duty::Duty,
    flash::{Flash, FlashError, Journal},
    intake::Intake,
    memory::{Handle, State, change},
    net::{Beside, Ended, serve_beside},
    recorder::{Recorder, Recording},
    reports::Reports,
    stop::Stops,
    time::{self, Trust},
};

/// How often the loop comes round while there is no connection.
const ROUND: Duration = Duration::from_millis(500);
/// And while there is no network.
const NO_NETWORK: Duration = Duration::from_millis(50);

/// How long a connection may take to say goodbye.
const FINISH: Duration = Duration::from_secs(1);

/// The memory of a gateway: a board has one, static.
///
/// `MESSAGE`: bytes of the largest message, received or sent. `MESSAGES`: how many sent messages are kept for a resend.
/// `ORDERS`: how many orders may be open. `USED`: how many ClOrdIDs are remembered, 8 bytes each. `R`: the flight recorder's,
/// a [`Ring`](fix_core::flight::Ring) in a `RefCell`; `()` records nothing.
pub struct Memory<const MESSAGE: usize, const MESSAGES: usize, const ORDERS: usize, const USED: usize, R = ()>
{
    state: RefCell<State<MESSAGES, MESSAGE, ORDERS, USED>>,
    last_prices: RefCell<LastPrices>,
    intake: Intake,
    reports: Reports,
    trust: Trust,
    inbound: [u8; MESSAGE],
    outbound: [[u8; MESSAGE]; 4],
    kept: [u8; MESSAGE],
    scratch: [[u8; MESSAGE]; 2],
    recorder: R,
}

impl<const MESSAGE: usize, const MESSAGES: usize, const ORDERS: usize, const USED: usize>
    Memory<MESSAGE, MESSAGES, ORDERS, USED>
{
    /// A gateway that has not begun, and records nothing.
    pub const fn new() -> Self {
        Self::with_recorder(())
    }
}

impl<const MESSAGE: usize, const MESSAGES: usize, const ORDERS: usize, const USED: usize, R: Recorder>
    Memory<MESSAGE, MESSAGES, ORDERS, USED, R>
{
    /// A gateway that has not begun.
    pub const fn with_recorder(recorder: R) -> Self {
        const { assert!(MESSAGE >= 256, "a Logon and an ExecutionReport need some room") };
        Memory {
            state: RefCell::new(State::new()),
            last_prices: RefCell::new(LastPrices::new()),
            intake: Intake::new(),
            reports: Reports::new(),
            trust: Trust::new(),
            inbound: [0; MESSAGE],
            outbound: [[0; MESSAGE]; 4],
            kept: [0; MESSAGE],
            scratch: [[0; MESSAGE]; 2],
            recorder,
        }
    }
}

impl<const MESSAGE: usize, const MESSAGES: usize, const ORDERS: usize, const USED: usize> Default
    for Memory<MESSAGE, MESSAGES, ORDERS, USED>
{
    fn default() -> Self {
        Self::new()
    }
}

/// Why a gateway does not run, or no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Stopped {
    /// The configuration cannot be used.
    Config(ConfigError),
    /// The flash cannot be used: without it no number is safe.
    Flash(FlashError),
}

impl core::fmt::Display for Stopped {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Stopped::Config(error) => core::fmt::Display::fmt(error, f),
            Stopped::Flash(error) => core::fmt::Display::fmt(error, f),
        }
    }
}

impl core::error::Error for Stopped {}

/// Runs the gateway. Ends only if it cannot go on; the last line to the host says why.
pub async fn run<'g, C, F, R, W, T, K, D, V, const M: usize, const N: usize, const O: usize, const U: usize>(
    config: &'g Gateway,
    clock: &'g SharedClock,
    memory: &'g mut Memory<M, N, O, U, V>,
    board: Board<'g, C, F, R, W, T, K, D>,
) -> Stopped
where
    C: Connect,
    F: NorFlash,
    R: Read,
    W: Write,
    T: Datagram,
    K: KillSwitch,
    D: Watchdog,
    V: Recorder,
{
    let Memory { state, last_prices, intake, reports, trust, inbound, outbound, kept, scratch, recorder } =
        memory;
    let recorder = &*recorder;
    let (state, last_prices, reports) = (&*state, &*last_prices, &*reports);
    let shared = Shared { config, clock, state, intake, reports, trust };
    let buffers =
        Buffers { inbound: &mut inbound[..], outbound: outbound.as_flattened_mut(), kept: &mut kept[..] };
    let Board {
        mut connect, flash, flash_range, mut time, kill_switch, mut watchdog, seed, credentials, ..
    } = board;
    let life = async {
        // Made where they stay: what is handed on by value takes the stack of a board several times over.
        let stopped = 'begin: {
            let session = match config.session_over(C::IS_TLS) {
                Ok(session) => session,
                Err(error) => break 'begin Stopped::Config(error),
            };
            change(state).kept.set_reserve(config.flash.reserve);
            let scratch = scratch.as_flattened_mut();
            let flash = Flash { medium: flash, range: flash_range };
            let journal = match Journal::open(flash, state, scratch, &mut watchdog).await {
                Ok(journal) => journal,
                Err(error) => break 'begin Stopped::Flash(error),
            };
            let mut duty = duty(&shared, journal, scratch, kill_switch, watchdog, recorder.tape());
            let mut engine = Recorded::new(
                session,
                buffers,
                Handle(state),
                desk(&shared, last_prices, credentials),
                recorder.tape(),
            );
            boot(&shared);
            Stopped::Flash(
                live(&mut connect, &mut engine, &mut duty, Waits::new(config.back_off, seed)).await,
            )
        };
        reports.say("BROKEN", |line| line.shown(tag::TEXT, stopped));
        // The host is told before the board stops.
        Timer::after(ROUND).await;
        stopped
    };
    let servers = time::keep(&config.time, clock, shared.trust, &mut time, seed.rotate_left(32));
    // In this order a line that has come is worked on at once, and what is said to it leaves.
    match select4(intake.pump(board.intake, config.intake), life, reports.pump(board.reports), servers).await
    {
        Either4::First(never) => never,
        Either4::Second(stopped) => stopped,
        Either4::Third(never) => never,
        Either4::Fourth(never) => never,
    }
}

/// What all that runs at the same time look at.
struct Shared<'g, const M: usize, const N: usize, const O: usize, const U: usize> {
    config: &'g Gateway,
    clock: &'g SharedClock,
    state: &'g RefCell<State<M, N, O, U>>,
    intake: &'g Intake,
    reports: &'g Reports,
    trust: &'g Trust,
}

/// The session's application.
fn desk<'g, const M: usize, const N: usize, const O: usize, const U: usize>(
    shared: &Shared<'g, M, N, O, U>,
    last_prices: &'g RefCell<LastPrices>,
    credentials: Credentials<'g>,
) -> Desk<'g, M, N, O, U> {
    Desk {
        state: shared.state,
        reports: shared.reports,
        credentials,
        gate: Gate::new(shared.config.limits),
        last_prices,
        stopped: None,
        flash_is_full: None,
        logons: 0,
    }
}

/// What goes on beside the stream.
fn duty<'g, F: NorFlash, K, D, T, const M: usize, const N: usize, const O: usize, const U: usize>(
    shared: &Shared<'g, M, N, O, U>,
    journal: Journal<F>,
    scratch: &'g mut [u8],
    kill_switch: K,
    watchdog: D,
    tape: T,
) -> Duty<'g, F, K, D, T, M, N, O, U> {
    let Shared { config, clock, state, intake, reports, trust } = *shared;
    Duty {
        config,
        clock,
        trust,
        state,
        intake,
        reports,
        journal,
        scratch,
        kill_switch,
        watchdog,
        stops: Stops::new(config.dead_man, config.kill, Instant::now()),
        renew_at: Some(i64::MIN),
        fault: None,
        stays_out: false,
        logons: 0,
        cancels: 0,
        is_held_up: false,
        blocked_since: None,
        has_more: false,
        answer: None,
        tape,
        sending: None,
    }
}

/// The first line to the host.
fn boot<const M: usize, const N: usize, const O: usize, const U: usize>(shared: &Shared<'_, M, N, O, U>) {
    let store = Handle(shared.state);
    shared.reports.say("BOOT", |line| {
        let (out, next_in) = (store.next_out(), store.next_in().unwrap_or(1));
        line.shown(tag::TEXT, format_args!("next out {out}, next in {next_in}"));
    });
}

/// Connects, serves, waits, for ever; why the flash ended it.
async fn live<C, F, K, D, T, const M: usize, const N: usize, const O: usize, const U: usize>(
    connect: &mut C,
    engine: &mut GatewayEngine<'_, &mut [u8], M, N, O, U, T>,
    duty: &mut Duty<'_, F, K, D, T, M, N, O, U>,
    mut waits: Waits,
) -> FlashError
where
    C: Connect,
    F: NorFlash,
    K: KillSwitch,
    D: Watchdog,
    T: Recording,
{
    let mut next_host = 0;
    let mut not_before = Instant::now();
    loop {
        if let Some(fault) = offline(connect, engine, duty, not_before).await {
            return fault;
        }
        let hosts = duty.config.hosts;
        let Some(host) = hosts.get(next_host % hosts.len().max(1)) else { continue };
        let logons = engine.application().logons;
        connect_and_serve(connect, host, engine, duty).await;
        connect.close().await;
        change(duty.state).kept.rest();
        if engine.application().logons == logons {
            next_host = next_host.wrapping_add(1);
        } else {
            waits.reset();
        }
        not_before = Instant::now() + waits.next_wait();
    }
}

/// One connection, from the attempt to its end.
async fn connect_and_serve<C, F, K, D, T, const M: usize, const N: usize, const O: usize, const U: usize>(
    connect: &mut C,
    host: &Host,
    engine: &mut GatewayEngine<'_, &mut [u8], M, N, O, U, T>,
    duty: &mut Duty<'_, F, K, D, T, M, N, O, U>,
) where
    C: Connect,
    F: NorFlash,
    K: KillSwitch,
    D: Watchdog,
    T: Recording,
{
    let given_up = Instant::now() + Duration::from_millis(duty.config.back_off.connect_millis.into());
    let mut connecting = pin!(connect.connect(host));
    let mut connection = loop {
        duty.round(engine, duty.now());
        if !duty.keep_now().await {
            return;
        }
        let round = Timer::at(given_up.min(Instant::now() + duty.pause(ROUND)));
        match select3(&mut connecting, round, duty.host()).await {
            Either3::First(Ok(connection)) => break connection,
            Either3::First(Err(error)) => return no_connection(duty.reports, host, error),
            Either3::Second(()) | Either3::Third(()) if Instant::now() >= given_up => {
                return no_connection(duty.reports, host, "it did not answer in time");
            }
            Either3::Second(()) | Either3::Third(()) => {}
        }
    };
    let (reader, writer) = connection.split();
    // Why it ended otherwise is told by the session.
    let reports = duty.reports;
    let broken = |why: core::fmt::Arguments<'_>| {
        reports.say("SESSION", |line| line.shown(tag::TEXT, format_args!("broken: {why}")));
    };
    match serve_beside(engine, duty.clock, reader, writer, duty).await {
        Ended::Io(error) => broken(format_args!("{error}")),
        Ended::NotReading => {
            let millis = duty.config.send_timeout_millis;
            broken(format_args!("the counterparty read nothing for {millis} ms"));
        }
        _ => {}
    }
    // Whether it went well or not, the counterparty knows no more than that it is over.
    let _ = with_timeout(FINISH, connection.finish()).await;
}

/// Tells the host why nobody is there to log on to.
fn no_connection(reports: &Reports, host: &Host, why: impl core::fmt::Display) {
    let Host { name, port } = host;
    reports.say("SESSION", |line| {
        line.shown(tag::TEXT, format_args!("no connection to {name}:{port}: {why}"));
    });
}

/// Waits until a connection may be opened: there is a network, the time is known, the schedule open, nobody keeps us out.
/// Returns early only with what is wrong with the flash.
async fn offline<C, F, K, D, T, const M: usize, const N: usize, const O: usize, const U: usize>(
    connect: &C,
    engine: &mut GatewayEngine<'_, &mut [u8], M, N, O, U, T>,
    duty: &mut Duty<'_, F, K, D, T, M, N, O, U>,
    mut not_before: Instant,
) -> Option<FlashError>
where
    C: Connect,
    F: NorFlash,
    K: KillSwitch,
    D: Watchdog,
    T: Recording,
{
    loop {
        duty.round(engine, duty.now());
        duty.keep_now().await;
        if duty.wants_erase() {
            duty.erase().await;
        }
        if duty.fault.is_some() {
            return duty.fault;
        }
        let at = Instant::now();
        let is_open = duty.clock.now(at).is_some_and(|now| engine.config().schedule.is_open(now.utc));
        let is_up = connect.is_up();
        if !is_up {
            // Its loss is no refusal of the counterparty's: no back-off when it is there again.
            not_before = at;
        }
        let may_connect = is_up
            && is_open
            && duty.trust.holds(&duty.config.time, at)
            && !duty.stays_out
            && !duty.stops.keeps_out()
            && duty.reports.has_room();
        if may_connect && at >= not_before {
            return None;
        }
        let round = Timer::at(at + duty.pause(if is_up { ROUND } else { NO_NETWORK }));
        select(round, duty.host()).await;
    }
}

impl<
    F: NorFlash,
    K: KillSwitch,
    D: Watchdog,
    T: Recording,
    const M: usize,
    const N: usize,
    const O: usize,
    const U: usize,
> Duty<'_, F, K, D, T, M, N, O, U>
{
    /// Writes what is due though nothing is to be sent.
    async fn keep_now(&mut self) -> bool {
        Beside::<GatewayEngine<'_, &mut [u8], M, N, O, U, T>>::keep(self).await
    }

    /// Ends when the host or the switch says something.
    async fn host(&mut self) {
        Beside::<GatewayEngine<'_, &mut [u8], M, N, O, U, T>>::wake(self).await;
    }

    /// How long to wait when there is nothing else.
    fn pause(&self, most: Duration) -> Duration {
        if self.has_more && !self.is_held_up { Duration::from_ticks(0) } else { most }
    }
}
