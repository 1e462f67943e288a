//! What the session's loop does beside the stream: lines of the host, stops, notes to the flash, the watchdog.

use core::{cell::RefCell, fmt::Write as _, future::pending};

use embassy_futures::select::select3;
use embassy_time::{Duration, Instant};
use embedded_storage_async::nor_flash::NorFlash;
use fix_core::{
    Now, SessionStatus,
    session::{Buffer, state::Phase},
    tag,
};

use crate::{
    board::{KillSwitch, Watchdog},
    book::ClOrdId,
    clock::{SharedClock, now_or_epoch},
    config::{Cancels, Gateway},
    desk::requests::{GatewayEngine, own_cancel, request},
    flash::{FlashError, Journal},
    intake::{Intake, Line, Request, Word, line},
    memory::{State, change, look},
    net::Beside,
    recorder::{Recording, Sending},
    reports::Reports,
    stop::{Stop, Stops},
    time::Trust,
};

/// The loop comes round at least so often.
const ROUND: Duration = Duration::from_millis(500);
/// How long to wait for room.
const NO_ROOM: Duration = Duration::from_millis(20);
/// So long the lines of the host wait for a counterparty that takes nothing. Behind them may be one that is not for it.
const PATIENCE: Duration = Duration::from_secs(1);
/// After so long without a message either way, what was sent is on its way, and what came is with the host.
const LULL: Duration = Duration::from_millis(10);

/// The parts of it.
pub(crate) struct Duty<
    'g,
    F: NorFlash,
    K,
    D,
    T,
    const M: usize,
    const N: usize,
    const O: usize,
    const U: usize,
> {
    pub(crate) config: &'g Gateway,
    pub(crate) clock: &'g SharedClock,
    pub(crate) trust: &'g Trust,
    pub(crate) state: &'g RefCell<State<M, N, O, U>>,
    pub(crate) intake: &'g Intake,
    pub(crate) reports: &'g Reports,
    pub(crate) journal: Journal<F>,
    pub(crate) scratch: &'g mut [u8],
    pub(crate) kill_switch: K,
    pub(crate) watchdog: D,
    pub(crate) stops: Stops,
    /// When the session is to get the next part of its schedule, in seconds since 1970.
    pub(crate) renew_at: Option<i64>,
    /// Why the flash cannot be used any more.
    pub(crate) fault: Option<FlashError>,
    /// The host asked for a LOGOUT.
    pub(crate) stays_out: bool,
    pub(crate) logons: u32,
    /// Cancels of our own, to tell their ids apart.
    pub(crate) cancels: u32,
    /// A line of the host would find no room for its answer, or its message none for its bytes.
    pub(crate) is_held_up: bool,
    pub(crate) has_more: bool,
    /// Since when a message would find no room because the counterparty takes nothing.
    pub(crate) blocked_since: Option<Instant>,
    /// The answer to the last line, given once what it promises is in the flash.
    pub(crate) answer: Option<Answer>,
    /// The flight recorder's tape.
    pub(crate) tape: T,
    /// The recording that is on its way to the host.
    pub(crate) sending: Option<Sending>,
}

/// What a line led to.
pub(crate) enum Answer {
    /// A message with this ClOrdID(11), under this MsgSeqNum(34).
    Sent(ClOrdId, u64),
    /// What the word says.
    Done(&'static str),
}

impl<'e, B, F, K, D, T, const M: usize, const N: usize, const O: usize, const U: usize>
    Beside<GatewayEngine<'e, B, M, N, O, U, T>> for Duty<'_, F, K, D, T, M, N, O, U>
where
    B: Buffer,
    F: NorFlash,
    K: KillSwitch,
    D: Watchdog,
    T: Recording,
{
    fn act(&mut self, engine: &mut GatewayEngine<'e, B, M, N, O, U, T>, now: Now) {
        self.round(engine, now);
    }

    async fn keep(&mut self) -> bool {
        match self.journal.keep(self.state, self.scratch, &mut self.watchdog).await {
            Ok(()) => {
                self.answer();
                true
            }
            Err(error) => {
                self.fault = Some(error);
                false
            }
        }
    }

    /// Erases a sector if the session does not notice: the counterparty hears from us in time, and we from it. Nothing
    /// else runs meanwhile, so what is only in the socket's buffer would wait: that must be gone before.
    async fn idle(&mut self, status: &SessionStatus, now: Now) {
        if !self.wants_erase() {
            return;
        }
        let stall = u64::from(self.config.flash.erase_stall_millis);
        let beat = u64::from(status.heart_bt_int) * 1_000;
        // In 64 bits: `Duration::as_millis` has 128.
        let since = |moment: fix_core::Mono| now.mono.as_micros().saturating_sub(moment.as_micros()) / 1_000;
        let (sent, received) = (since(status.last_sent), since(status.last_received));
        let is_quiet = status.phase == Phase::LoggedOn && status.gap.is_none() && !status.resending;
        let is_lull = sent.min(received) >= LULL.as_millis();
        // HeartBtInt(108) of 0: nobody waits for a Heartbeat.
        let is_in_time = beat == 0 || sent.max(received).saturating_add(stall * 3 / 2) < beat;
        if is_quiet && (stall == 0 || (is_lull && is_in_time)) {
            self.erase().await;
        }
    }

    fn may_receive(&self, status: &SessionStatus, waiting: usize) -> usize {
        self.reports.room().saturating_sub(waiting).saturating_sub(status.kept_bytes)
    }

    fn send_timeout(&self) -> core::time::Duration {
        match self.config.send_timeout_millis {
            0 => core::time::Duration::MAX,
            millis => core::time::Duration::from_millis(millis.into()),
        }
    }

    fn deadline(&self) -> Instant {
        let wait = match (self.is_held_up, self.has_more) {
            (true, _) => NO_ROOM,
            (false, true) => Duration::from_ticks(0),
            (false, false) if self.wants_erase() => LULL,
            (false, false) => ROUND,
        };
        Instant::now() + wait
    }

    async fn wake(&mut self) {
        if self.is_held_up {
            return self.kill_switch.changed().await;
        }
        let drained = async {
            match self.sending {
                Some(_) => self.reports.drained().await,
                None => pending().await,
            }
        };
        select3(self.intake.ready(), self.kill_switch.changed(), drained).await;
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
    /// Whether a sector is to be erased in a quiet moment. One that could not be is not tried again: each attempt may
    /// stop the CPU. The session goes on as long as the other half has room, and the gateway stops with its end.
    pub(crate) fn wants_erase(&self) -> bool {
        self.fault.is_none() && self.journal.wants_erase()
    }

    /// Erases one sector.
    pub(crate) async fn erase(&mut self) {
        if let Err(error) = self.journal.erase_one().await {
            self.fault = Some(error);
        }
    }

    /// One round of the loop, connected or not.
    pub(crate) fn round<B: Buffer>(&mut self, engine: &mut GatewayEngine<'_, B, M, N, O, U, T>, now: Now) {
        self.watchdog.feed();
        let at = Instant::now();
        self.renew_schedule(engine, now);
        if self.intake.has_kill() {
            // Its line is answered when its turn comes.
            change(self.state).set_halted(true);
        }
        self.look_at_stops(engine, at);
        // Said to a session that is down it would be recorded, again and again.
        if !self.trust.holds(&self.config.time, at) && engine.status().phase != Phase::Idle {
            engine.logout(Some("the time is not known well enough"));
        }
        self.has_more = self.stop_orders(engine, now);
        self.is_held_up = !self.reports.has_room() || self.waits_for_counterparty(engine, at);
        if self.is_held_up {
            return;
        }
        self.tell_forgotten();
        let intake = self.intake;
        if intake.next(|line| self.line(engine, line, now)) {
            self.has_more = true;
        } else if self.answer.is_none() {
            self.sending = self.sending.take().and_then(|sending| sending.go_on(&self.tape, self.reports));
        }
    }

    /// Whether the next line had better wait: the output is full. Not for long: then what is for the counterparty is refused,
    /// and the rest is done.
    fn waits_for_counterparty<B: Buffer>(
        &mut self,
        engine: &GatewayEngine<'_, B, M, N, O, U, T>,
        at: Instant,
    ) -> bool {
        if engine.status().phase != Phase::LoggedOn || engine.has_room() {
            self.blocked_since = None;
            return false;
        }
        at < *self.blocked_since.get_or_insert(at) + PATIENCE
    }

    /// A request that cannot be sent again, should the counterparty have missed it.
    fn tell_forgotten(&mut self) {
        if let Some((id, number)) = change(self.state).book.next_forgotten() {
            self.reports.say("UNSURE", |line| {
                line.field(tag::CL_ORD_ID, Some(id.as_bytes()));
                line.shown(tag::MSG_SEQ_NUM, number);
                line.shown(tag::TEXT, "not answered, and no longer kept to be sent again: ask STATUS");
            });
        }
    }

    /// The core's table holds sixteen moments, the board's years of them.
    fn renew_schedule<B: Buffer>(&mut self, engine: &mut GatewayEngine<'_, B, M, N, O, U, T>, now: Now) {
        if self.renew_at.is_some_and(|at| at <= now.utc.unix_seconds()) {
            engine.set_schedule(self.config.schedule.schedule(now.utc));
            self.renew_at = self.config.schedule.renew_at(now.utc);
        }
    }

    fn look_at_stops<B: Buffer>(&mut self, engine: &mut GatewayEngine<'_, B, M, N, O, U, T>, at: Instant) {
        let halted = look(self.state).is_halted();
        let switch = self.kill_switch.is_on();
        if let Some(change) = self.stops.look(switch, halted, self.intake.heard(), at) {
            let text = change.map_or("trading goes on", Stop::text);
            self.reports.say("STOP", |line| line.shown(tag::TEXT, text));
        }
        let desk = engine.application_mut();
        desk.stopped = self.stops.stop().map(Stop::text);
        desk.flash_is_full = match self.fault {
            _ if self.journal.has_room() => None,
            None => Some("the flash waits for a quiet moment to be erased: try again"),
            Some(_) => Some("the flash cannot be erased: no more orders are taken"),
        };
        if desk.logons != self.logons {
            self.logons = desk.logons;
            self.stops.logged_on();
            // Whether they arrived is not known: what is to be cancelled now is asked for again.
            change(self.state).book.forget_requests();
        }
    }

    /// Does to the orders what a stop asks for, one message a round. True if there is more to do.
    fn stop_orders<B: Buffer>(&mut self, engine: &mut GatewayEngine<'_, B, M, N, O, U, T>, now: Now) -> bool {
        let Some(cancels) = self.stops.due() else { return false };
        if engine.status().phase != Phase::LoggedOn {
            return false;
        }
        match cancels {
            Cancels::Nothing => self.stops.done(),
            Cancels::Logout => {
                engine.logout(Some("trading is stopped"));
                self.stops.done();
            }
            Cancels::Mass => {
                let id = self.next_id(now);
                if own_cancel(engine, &id, None, now) {
                    self.stops.done();
                }
            }
            Cancels::Each => {
                let next =
                    look(self.state).book.orders().iter().find(|order| order.asked.is_empty()).cloned();
                match next {
                    None => self.stops.done(),
                    Some(order) => {
                        let id = self.next_id(now);
                        own_cancel(engine, &id, Some(&order), now);
                    }
                }
            }
        }
        self.stops.due().is_some() && engine.has_room()
    }

    /// A ClOrdID(11) of our own.
    fn next_id(&mut self, now: Now) -> ClOrdId {
        self.cancels = self.cancels.wrapping_add(1);
        let mut id = ClOrdId::new();
        // Two numbers of at most 20 and 10 digits find room beside three bytes of text but for times that do not come.
        let _ = write!(id, "GW-{}-{}", now.utc.unix_seconds(), self.cancels);
        id
    }

    fn line<B: Buffer>(
        &mut self,
        engine: &mut GatewayEngine<'_, B, M, N, O, U, T>,
        bytes: &mut Line,
        now: Now,
    ) {
        let parsed = Request::parse(bytes, self.config.intake.check_sum);
        // Looked at where it is: a request that is handed on is copied.
        let refusal = match &parsed {
            Ok(asked) => {
                self.intake.understood();
                match asked.word {
                    Word::Kill => self.halt(true),
                    Word::Resume => self.halt(false),
                    Word::Ping => self.reports.say("PONG", |_| {}),
                    Word::Status if asked.get(tag::CL_ORD_ID).is_none() => self.status(&engine.status()),
                    Word::Logout => {
                        self.stays_out = true;
                        self.answer = Some(Answer::Done("LOGOUT"));
                        engine.logout(None);
                    }
                    Word::Logon => {
                        self.stays_out = false;
                        self.answer = Some(Answer::Done("LOGON"));
                    }
                    Word::Record => self.record(),
                    Word::New | Word::Cancel | Word::Replace | Word::MassCancel | Word::Status => {
                        self.answer = request(engine, asked, now).map(|number| {
                            // The line was checked: its id fits.
                            Answer::Sent(
                                ClOrdId::try_from(asked.text(tag::CL_ORD_ID)).unwrap_or_default(),
                                number,
                            )
                        });
                    }
                }
                return;
            }
            Err(refusal) => *refusal,
        };
        self.reports.say("NO", |answer| {
            // In a damaged line the id may be that of another order.
            answer.field(tag::CL_ORD_ID, line::id(bytes).filter(|_| refusal.is_whole()).map(str::as_bytes));
            answer.shown(tag::TEXT, refusal);
        });
    }

    fn halt(&mut self, halted: bool) {
        change(self.state).set_halted(halted);
        self.answer = Some(Answer::Done(if halted { "KILL" } else { "RESUME" }));
    }

    fn record(&mut self) {
        self.sending = Sending::begin(&self.tape);
        match &self.sending {
            Some(_) => self.answer = Some(Answer::Done("RECORD")),
            None => {
                self.reports.say("NO", |line| line.shown(tag::TEXT, "this gateway has no flight recorder"));
            }
        }
    }

    /// Says what is true now that it is in the flash.
    fn answer(&mut self) {
        let Some(answer) = self.answer.take() else { return };
        self.reports.say("OK", |line| match &answer {
            Answer::Sent(id, number) => {
                line.field(tag::CL_ORD_ID, Some(id.as_bytes()));
                line.shown(tag::MSG_SEQ_NUM, number);
            }
            Answer::Done(word) => line.shown(tag::TEXT, word),
        });
    }

    /// The state of the gateway, and a line for each open order as far as there is room.
    fn status(&self, status: &SessionStatus) {
        let state = look(self.state);
        let orders = state.book.orders();
        let is_up = status.phase == Phase::LoggedOn;
        let has_time = self.clock.now(Instant::now()).is_some();
        self.reports.say("STATUS", |line| {
            line.shown(
                tag::TEXT,
                format_args!(
                    "{}, next out {}, next in {}, {} open, {}, {}",
                    if is_up { "up" } else { "down" },
                    status.next_out,
                    status.next_in,
                    orders.len(),
                    if has_time { "time known" } else { "no time" },
                    self.stops.stop().map_or("trading", Stop::text),
                ),
            );
        });
        for order in orders {
            if !self.reports.has_room() {
                // The host asks for the others by their ids.
                break;
            }
            self.reports.say("ORDER", |line| {
                line.field(tag::CL_ORD_ID, Some(order.id.as_bytes()));
                line.field(tag::SYMBOL, Some(order.symbol.as_bytes()));
                line.field(tag::SIDE, Some(&[order.side]));
                line.shown(tag::ORDER_QTY, order.order_qty);
                line.shown(tag::CUM_QTY, order.cum_qty);
                line.field(tag::ORD_STATUS, Some(&[order.status]));
            });
        }
    }

    /// Both clocks, UTC as 1970 while it is not known: for what needs no UTC.
    pub(crate) fn now(&self) -> Now {
        now_or_epoch(self.clock, Instant::now())
    }
}
