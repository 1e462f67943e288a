//! What a session's task does beside moving bytes: waits, obeys operators, keeps to its schedule.

use std::{fmt::Write, future::Future, time::Duration};

use fix_core::{
    session::{
        config::Role,
        event::Reason,
        state::{CloseReason, Phase},
    },
    time::{Mono, Now},
};
use tokio::time::Instant;

use super::{
    driver::{Ended, SessionTask},
    schedule,
};
use crate::{
    config::ScheduleSettings,
    contract::{
        HostApplication,
        control::{Control, LAST_MSG_SEQ_NUM, Operation, Refused, Wish, far_jump},
        test_req_id,
    },
    store::Entries,
};

/// When sessions that are told to stop now, so many of them, give up waiting for their counterparties' Logouts. The
/// program is to end within 2 s, and the end of each takes its time.
pub fn stop_by(sessions: usize) -> Instant {
    const PATIENCE: Duration = Duration::from_millis(1200);
    const LEAST: Duration = Duration::from_millis(400);
    const END_OF_ONE: Duration = Duration::from_micros(120);
    let ends = END_OF_ONE.saturating_mul(u32::try_from(sessions).unwrap_or(u32::MAX));
    Instant::now() + PATIENCE.saturating_sub(ends).max(LEAST)
}

/// How often a schedule is made anew: its table reaches days ahead, and clocks are set.
const SCHEDULE_LASTS: Duration = Duration::from_secs(3600);

/// The longest pause before the clock is looked at again: a machine may have slept.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl<S: Entries, A: HostApplication> SessionTask<S, A> {
    /// Keeps the session to `settings`, whose table is made anew before it runs out.
    #[must_use]
    pub fn with_schedule(mut self, settings: ScheduleSettings) -> Self {
        self.calendar = (!settings.is_non_stop()).then(|| Box::new((settings, Mono::default())));
        self
    }

    /// Carries out commands while there is no connection, until `until` is done; true if the task shall end.
    pub async fn idle(&mut self, until: impl Future<Output = ()>) -> bool {
        tokio::pin!(until);
        while !self.is_stopping() {
            let rest = self.serve_readers();
            tokio::select! {
                () = &mut until => break,
                control = self.control.recv() => self.obey(control),
                Some(command) = self.commands.recv() => self.carry_out_alone(command),
                () = rest.pause() => {}
            }
        }
        self.is_stopping()
    }

    /// As [`idle`](Self::idle) for a time, which an operator's `logon` cuts short.
    pub async fn pause(&mut self, pause: Duration) -> bool {
        let end = tokio::time::sleep(pause);
        tokio::pin!(end);
        while !self.is_stopping() && !std::mem::take(&mut self.hurried) {
            let rest = self.serve_readers();
            tokio::select! {
                () = &mut end => break,
                control = self.control.recv() => self.obey(control),
                Some(command) = self.commands.recv() => self.carry_out_alone(command),
                () = rest.pause() => {}
            }
        }
        self.is_stopping()
    }

    /// Waits until the session may connect: its schedule is open and no operator keeps it out. True if the
    /// task shall end instead.
    pub async fn wait_for_opening(&mut self) -> bool {
        while !self.is_stopping() {
            let now = self.clock.now();
            self.renew_schedule(now);
            let schedule = &self.engine.config().schedule;
            let pause = if self.stays_out() {
                LONGEST_PAUSE
            } else if schedule.is_open(now.utc) {
                return false;
            } else {
                let opening = schedule.seconds_to_next(now.utc).map(Duration::from_secs);
                self.explain(match opening {
                    Some(wait) => format!("outside its schedule; the next change is in {} s", wait.as_secs()),
                    None => "outside its schedule".to_owned(),
                });
                opening.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
            };
            self.pause(pause).await;
        }
        true
    }

    /// True while an operator keeps the session out.
    pub fn stays_out(&self) -> bool {
        self.monitor.view().stays_out
    }

    /// Says to the outside in a few words what the session is doing.
    pub fn explain(&mut self, detail: impl Into<String>) {
        self.monitor.explain(detail);
        self.show();
    }

    /// Why a connection ended, in the counterparty's own words if it said any, and what to do about it. `first_out` was
    /// the next number to be sent when it began.
    pub(super) fn explain_end(&mut self, ended: &Ended, first_out: u64) {
        let text = self.engine.application_mut().take_logout_text();
        let cause = self.engine.application_mut().take_cause();
        let mut detail = ended.told(text.as_deref(), cause.as_deref());
        let next_out = self.engine.status().next_out;
        let is_acceptor = self.engine.config().role == Role::Acceptor;
        if matches!(ended, Ended::Closed(CloseReason::LogonRefused(_))) {
            let _ = write!(detail, "; each try uses up a number, the next Logon is {next_out}");
        }
        // Who was let in was sent two messages at least, a Logon and a Logout.
        let refused = is_acceptor && next_out == first_out.saturating_add(1);
        if refused && matches!(ended, Ended::Closed(CloseReason::Violation(_))) {
            let _ = write!(detail, "; our Logout used up number {first_out}, the next is {next_out}");
        }
        if matches!(ended, Ended::Closed(CloseReason::Violation(Reason::MsgSeqNumTooLow))) {
            let _ = write!(
                detail,
                "; each try uses up a number, our next is {next_out}; to take the counterparty's numbers as they are: \
                 {}, or ask it to go on from the number expected",
                self.how_to_set("in", 1)
            );
        }
        if let Some(expected) = text.as_deref().and_then(expected_number) {
            let _ = write!(detail, "; to go on from there: {}", self.how_to_set("out", expected));
        }
        self.explain(detail);
    }

    /// The command that sets a number.
    fn how_to_set(&self, way: &str, number: u64) -> String {
        let command = format!("fix-host seqnum set '{}' --{way} {number}", self.id());
        match self.engine.config().role {
            Role::Initiator => command,
            // An exchange has no page for it.
            Role::Acceptor => format!(
                "{command} (of an exchange: stop it, then fix-host store set-seqnum FileStorePath --next-{way} {number})"
            ),
        }
    }

    pub(super) fn show(&mut self) {
        self.monitor.refresh(&self.engine.status(), self.clock.now());
    }

    /// Makes the schedule anew if it is time to. Returns when it will be.
    pub(super) fn renew_schedule(&mut self, now: Now) -> Option<Mono> {
        let (settings, at) = self.calendar.as_deref_mut()?;
        if now.mono >= *at {
            self.engine.set_schedule(schedule::compile(settings, now.utc));
            *at = now.mono.after(SCHEDULE_LASTS);
        }
        Some(*at)
    }

    pub(super) fn obey(&mut self, control: Option<Control>) {
        match control {
            Some(Control::Operate(wish)) => {
                let Wish { operation, reply } = *wish;
                let outcome = self.operate(operation);
                self.show();
                let session = &self.monitor.view().id;
                match &outcome {
                    Ok(()) => tracing::info!("{session}: an operator asks to {operation}: done"),
                    Err(no) => tracing::warn!("{session}: an operator asks to {operation}: refused: {no}"),
                }
                // An operator who no longer waits sees the outcome in the list of sessions.
                let _ = reply.send(outcome.map(|()| self.monitor.view().clone()));
            }
            Some(Control::Stop(by)) => self.stop(by),
            None => self.stop(stop_by(1)),
        }
    }

    fn stop(&mut self, by: Instant) {
        self.stop_by = Some(by);
        self.engine.logout(None);
    }

    fn operate(&mut self, operation: Operation) -> Result<(), Refused> {
        let now = self.clock.now();
        match operation {
            Operation::Logon => {
                self.monitor.set_stays_out(false);
                self.hurried = self.engine.status().phase == Phase::Idle;
            }
            Operation::Logout => {
                self.monitor.set_stays_out(true);
                self.engine.logout(None);
                if self.engine.status().phase == Phase::Idle {
                    self.monitor.explain("logged out by an operator");
                }
            }
            Operation::Reset => self.engine.reset(now).map_err(refused)?,
            Operation::TestRequest => {
                let id = test_req_id(now.utc);
                // An answer to another one is none to this.
                self.engine.application_mut().take_answered_test();
                self.engine.test_request(now, &id).map_err(refused)?;
                if let Some(round_trip) = &mut self.round_trip {
                    round_trip.forget();
                }
                self.monitor.tested(id, now);
            }
            Operation::SetSeqNum { next_in, next_out, force } => {
                self.set_seq_num(next_in, next_out, force)?;
            }
        }
        Ok(())
    }

    /// Says how long the counterparty took if it has answered an operator's TestRequest, or one that measures that.
    pub(super) fn hear_answer(&mut self) {
        let is_measured = self.round_trip.as_ref().is_some_and(|trip| trip.awaits_answer());
        if !is_measured && !self.monitor.awaits_answer() {
            return;
        }
        let Some(id) = self.engine.application_mut().take_answered_test() else { return };
        if let Some(round_trip) = self.monitor.answered(&id, self.clock.now().mono) {
            let millis = round_trip.as_secs_f64() * 1e3;
            tracing::info!("{}: TestRequest(1) {id} is answered after {millis:.3} ms", self.id());
            self.show();
        }
        let now = self.clock.now().mono;
        if self.round_trip.as_mut().is_some_and(|trip| trip.answered(&id, now)) {
            self.show_round_trip();
        }
    }

    fn set_seq_num(
        &mut self,
        next_in: Option<u64>,
        next_out: Option<u64>,
        force: bool,
    ) -> Result<(), Refused> {
        for number in [next_in, next_out].into_iter().flatten() {
            if number == 0 || number > LAST_MSG_SEQ_NUM {
                return Err(Refused(format!(
                    "a MsgSeqNum is a number from 1 to {LAST_MSG_SEQ_NUM}, not {number}"
                )));
            }
        }
        let status = self.engine.status();
        if next_out.is_some_and(|number| number < status.next_out) && status.phase != Phase::Idle {
            let text = "the next number to send cannot be lowered while connected; log the session out first";
            return Err(Refused(text.to_owned()));
        }
        let now = (status.next_in, status.next_out);
        if let Some(preview) = far_jump((next_in, next_out), now).filter(|_| !force) {
            return Err(Refused(format!("{preview}; if that is meant: --force (\"force\": true over HTTP)")));
        }
        if let Some(number) = next_in {
            self.engine.set_next_in(number).map_err(refused)?;
        }
        if let Some(number) = next_out {
            self.engine.set_next_out(number).map_err(refused)?;
        }
        Ok(())
    }
}

/// The number that a counterparty's text says it expects: `MsgSeqNum too low, expecting 120 but received 1`.
fn expected_number(text: &str) -> Option<u64> {
    let at = text.to_ascii_lowercase().find("expect")?;
    let digits = text.get(at..)?.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok().filter(|number| (1..=LAST_MSG_SEQ_NUM).contains(number))
}

fn refused(error: impl std::fmt::Display) -> Refused {
    Refused(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_in_a_refusal_is_found_whoever_words_it() {
        for (text, number) in [
            ("MsgSeqNum too low, expecting 120 but received 1", Some(120)),
            ("Expected sequence number: 7, got 3", Some(7)),
            ("expecting nothing", None),
            ("account suspended 12", None),
            ("expecting 99999999999999999999", None),
        ] {
            assert_eq!(expected_number(text), number, "{text}");
        }
    }
}
