//! The application of one session of a load: sends what is due, and measures what comes back.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use fix_core::{
    dict::fix44::code,
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest},
    },
    session::{
        application::{Application, Outbox},
        error::{AdminRefusal, BusinessReject, CapacityError, SendError},
        state::CloseReason,
    },
    tag,
    time::UtcTimestamp,
};
use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use super::{
    cl_ord_id::{LEN, Prefix},
    mix::Kind,
    outstanding::{Outstanding, Request, Resting},
    plan::LoadPlan,
    stopwatch::Stopwatch,
    tally::Tally,
};
use crate::contract::{HostApplication, logout_text};

/// Requests may be due: the one command of a load's session.
pub struct Due;

/// What all sessions of a load share.
#[derive(Clone)]
pub struct Run {
    /// What is to be sent.
    pub plan: Arc<LoadPlan>,
    /// Since when.
    pub stopwatch: Arc<Stopwatch>,
    /// What came of it.
    pub tally: Arc<Mutex<Tally>>,
    /// What each session still has to do, in their order.
    pub left: Arc<Mutex<Vec<Left>>>,
    /// Its report is made: what rests is to be cancelled.
    pub is_reported: Arc<AtomicBool>,
}

/// What a session still has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Requests that are due later, or could not be sent yet.
    pub unsent: u64,
    /// Requests that were not answered.
    pub unanswered: u64,
    /// Those, and MARKET orders without an end.
    pub unfinished: u64,
    /// Orders that rest at the venue, or will.
    pub resting: u64,
    /// Orders that it would not cancel once the run was over.
    pub kept: u64,
}

impl Run {
    /// A run of `plan` that has not begun.
    #[must_use]
    pub fn new(plan: LoadPlan) -> Self {
        let left = vec![Left::default(); usize::try_from(plan.sessions).unwrap_or(0)];
        Run {
            plan: Arc::new(plan),
            stopwatch: Arc::default(),
            tally: Arc::new(Mutex::new(Tally::new())),
            left: Arc::new(Mutex::new(left)),
            is_reported: Arc::default(),
        }
    }

    /// The counts. A panic elsewhere leaves at worst one count out.
    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What all sessions together still have to do.
    #[must_use]
    pub fn all_left(&self) -> Left {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.iter().fold(Left::default(), |sum, left| Left {
            unsent: sum.unsent + left.unsent,
            unanswered: sum.unanswered + left.unanswered,
            unfinished: sum.unfinished + left.unfinished,
            resting: sum.resting + left.resting,
            kept: sum.kept + left.kept,
        })
    }
}

/// One session's part of a load.
pub struct LoadTrader {
    run: Run,
    session: u64,
    prefix: Prefix,
    outstanding: Outstanding,
    random: ChaCha12Rng,
    /// The number of the next request among those of all sessions.
    next: u64,
    /// Its kind, if it was drawn and could not be sent.
    drawn: Option<Kind>,
    /// Orders that the venue would not cancel once the run was over.
    kept: u64,
    /// What the venue said in its last Logout.
    logout_text: Option<String>,
}

/// What became of an attempt to send.
enum Attempt {
    Sent,
    /// It cannot be sent at all.
    Failed,
    /// There is no room, or no Logon: it stays due.
    Later,
}

/// A request that went out.
struct Sent {
    msg_seq_num: u64,
    symbol: usize,
    shall_fill: bool,
    changes: Option<Resting>,
}

impl LoadTrader {
    /// The session of this number, from 0; the requests of a run go round among its sessions. `now` tells its ClOrdIDs
    /// from those of earlier runs.
    #[must_use]
    pub fn new(run: Run, session: u64, now: UtcTimestamp) -> Self {
        LoadTrader {
            random: ChaCha12Rng::seed_from_u64(run.plan.seed.wrapping_add(session)),
            prefix: Prefix::new(now, session),
            outstanding: Outstanding::default(),
            next: session,
            drawn: None,
            kept: 0,
            logout_text: None,
            session,
            run,
        }
    }

    /// Sends all requests that are due at `now`, in nanoseconds after the start.
    pub fn send_due(&mut self, now: u64, out: &mut dyn Outbox) {
        let due = if self.run.stopwatch.is_over() { 0 } else { self.run.plan.due(now) };
        while self.next < due {
            let intended = self.run.plan.intended(self.next);
            match self.send_one(intended, now, out) {
                Attempt::Sent | Attempt::Failed => self.next += self.run.plan.sessions,
                Attempt::Later => break,
            }
        }
        self.show_left();
    }

    /// Takes an application message that came at `now`.
    pub fn receive(&mut self, message: &Message<'_>, now: u64) {
        match message.msg_type() {
            MsgType::EXECUTION_REPORT => self.report(message, now),
            MsgType::ORDER_CANCEL_REJECT | MsgType::BUSINESS_MESSAGE_REJECT => self.refused(message),
            _ => {}
        }
    }

    fn send_one(&mut self, intended: u64, now: u64, out: &mut dyn Outbox) -> Attempt {
        let drawn = self.drawn.take().unwrap_or_else(|| self.run.plan.mix.draw(&mut self.random));
        // Where there is nothing to cancel or to replace, there will be.
        let kind = if self.outstanding.changeable() == 0 { Kind::New } else { drawn };
        let sent = match kind {
            Kind::New => self.send_new(out),
            Kind::Cancel | Kind::Replace => self.send_change(kind, out),
        };
        match sent {
            Ok(Sent { msg_seq_num, symbol, shall_fill, changes }) => {
                self.outstanding.push(Request { kind, intended, msg_seq_num, symbol, shall_fill, changes });
                self.run.tally().sent(kind, intended, now);
                Attempt::Sent
            }
            Err(SendError::NotLoggedOn | SendError::Capacity(CapacityError::Full)) => {
                self.drawn = Some(drawn);
                Attempt::Later
            }
            Err(error) => {
                tracing::error!(%error, "a request was not sent");
                self.run.tally().failed += 1;
                Attempt::Failed
            }
        }
    }

    /// An order that rests while there are few of those, else one that is filled.
    fn send_new(&mut self, out: &mut dyn Outbox) -> Result<Sent, SendError> {
        let plan = Arc::clone(&self.run.plan);
        let number = self.outstanding.next_number();
        let symbol = usize::try_from(number).unwrap_or(0) % plan.symbols.len().max(1);
        let shall_fill = self.outstanding.open_orders() >= plan.open_orders;
        let (side, ord_type, price) = if shall_fill {
            (self.side(), code::OrdType::MARKET, None)
        } else {
            (code::Side::BUY, code::OrdType::LIMIT, Some(plan.rest_price))
        };
        let mut buffer = [0; LEN];
        let order = NewOrderSingle {
            cl_ord_id: self.prefix.write(number, &mut buffer).into(),
            symbol: plan.symbols.get(symbol).map(|symbol| symbol.as_str().into()),
            side,
            order_qty: Some(plan.qty),
            ord_type,
            price,
            transact_time: out.now().utc,
            ..NewOrderSingle::default()
        };
        Ok(Sent { msg_seq_num: out.send(&order)?, symbol, shall_fill, changes: None })
    }

    fn send_change(&mut self, kind: Kind, out: &mut dyn Outbox) -> Result<Sent, SendError> {
        let place = self.random.random_range(0..self.outstanding.changeable().max(1));
        let Some(order) = self.outstanding.take(place) else { return self.send_new(out) };
        let sent = self.send_change_of(order, kind, out);
        if sent.is_err() {
            self.outstanding.put_back(order);
        }
        Ok(Sent { msg_seq_num: sent?, symbol: order.symbol, shall_fill: false, changes: Some(order) })
    }

    fn send_change_of(&self, order: Resting, kind: Kind, out: &mut dyn Outbox) -> Result<u64, SendError> {
        let plan = &self.run.plan;
        let (mut own, mut orig) = ([0; LEN], [0; LEN]);
        let cl_ord_id = self.prefix.write(self.outstanding.next_number(), &mut own).into();
        let orig_cl_ord_id = self.prefix.write(order.number, &mut orig).into();
        let symbol = plan.symbols.get(order.symbol).map(|symbol| symbol.as_str().into());
        let (side, order_qty, transact_time) = (code::Side::BUY, Some(plan.qty), out.now().utc);
        if kind == Kind::Cancel {
            return out.send(&OrderCancelRequest {
                cl_ord_id,
                orig_cl_ord_id,
                symbol,
                side,
                order_qty,
                transact_time,
                ..OrderCancelRequest::default()
            });
        }
        out.send(&OrderCancelReplaceRequest {
            cl_ord_id,
            orig_cl_ord_id,
            symbol,
            side,
            order_qty,
            ord_type: code::OrdType::LIMIT,
            price: Some(plan.rest_price),
            transact_time,
            ..OrderCancelReplaceRequest::default()
        })
    }

    /// Asks the venue to cancel what rests: nothing of a run that is over shall stay there.
    fn cancel_resting(&mut self, out: &mut dyn Outbox) {
        while let Some(order) = self.outstanding.take(0) {
            let Ok(msg_seq_num) = self.send_change_of(order, Kind::Cancel, out) else {
                self.outstanding.put_back(order);
                break;
            };
            let (kind, symbol, changes) = (Kind::Cancel, order.symbol, Some(order));
            let request = Request { kind, intended: 0, msg_seq_num, symbol, shall_fill: false, changes };
            self.outstanding.push(request);
        }
        self.show_left();
    }

    fn is_reported(&self) -> bool {
        self.run.is_reported.load(Ordering::Relaxed)
    }

    fn side(&mut self) -> code::Side {
        if self.random.random_range(0..2) == 0 { code::Side::BUY } else { code::Side::SELL }
    }

    fn report(&mut self, message: &Message<'_>, now: u64) {
        let Some(number) = self.number_in(message, tag::CL_ORD_ID) else { return };
        match message.get(tag::EXEC_TYPE).unwrap_or_default() {
            b"0" | b"5" => self.ack(number, now),
            // A venue may fill without a word before. 1 and 2 are what FIX 4.2 has for F.
            b"F" | b"1" | b"2" => {
                self.ack(number, now);
                if message.get(tag::ORD_STATUS) == Some(b"2") {
                    let request = self.over(number);
                    self.run.tally().filled(request.map(|request| request.intended), now);
                }
            }
            b"4" => {
                self.ack(number, now);
                self.over(number);
                self.run.tally().canceled += 1;
            }
            // Done for the day, expired.
            b"3" | b"C" => {
                self.ack(number, now);
                self.over(number);
                self.run.tally().expired += 1;
            }
            b"8" => self.refuse(number, message),
            _ => {}
        }
    }

    fn ack(&mut self, number: u64, now: u64) {
        if let Some(request) = self.outstanding.ack(number) {
            self.run.tally().acked(request.kind, request.intended, now);
        }
    }

    /// The request, if it was awaited; else it is an order that rests, if it is any.
    fn over(&mut self, number: u64) -> Option<Request> {
        let request = self.outstanding.finish(number);
        if request.is_none() {
            self.outstanding.forget(number);
        }
        request
    }

    /// OrderCancelReject(9), BusinessMessageReject(j) or Reject(3).
    fn refused(&mut self, message: &Message<'_>) {
        let named = [tag::CL_ORD_ID, tag::BUSINESS_REJECT_REF_ID]
            .into_iter()
            .find_map(|tag| self.number_in(message, tag));
        let numbered = || {
            let number = str::from_utf8(message.get(tag::REF_SEQ_NUM)?).ok()?.parse().ok()?;
            self.outstanding.by_msg_seq_num(number)
        };
        if let Some(number) = named.or_else(numbered) {
            self.refuse(number, message);
        }
    }

    fn refuse(&mut self, number: u64, message: &Message<'_>) {
        if let Some(request) = self.outstanding.finish(number) {
            self.run.tally().rejected(request.kind, message.get(tag::TEXT).unwrap_or_default());
            // Who refuses a change leaves the order as it was.
            if let Some(order) = request.changes.filter(|_| !says_over(message)) {
                // Once the run is over it is not asked again.
                if self.is_reported() { self.kept += 1 } else { self.outstanding.put_back(order) }
            }
        }
    }

    fn number_in(&self, message: &Message<'_>, tag: fix_core::tag::Tag) -> Option<u64> {
        self.prefix.number(message.get(tag)?)
    }

    fn show_left(&self) {
        let unsent = self.run.plan.total().saturating_sub(self.next).div_ceil(self.run.plan.sessions.max(1));
        let (unanswered, unfinished) = (self.outstanding.unanswered(), self.outstanding.unfinished());
        let (resting, kept) = (self.outstanding.at_venue() as u64, self.kept);
        let mut left = self.run.left.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = usize::try_from(self.session).ok().and_then(|place| left.get_mut(place)) {
            *left = Left { unsent, unanswered, unfinished, resting, kept };
        }
    }
}

/// An OrderCancelReject(9) of an order that is over, or that the venue does not know.
fn says_over(message: &Message<'_>) -> bool {
    message.msg_type() == MsgType::ORDER_CANCEL_REJECT
        && (matches!(message.get(tag::ORD_STATUS), Some(b"2" | b"3" | b"4" | b"8" | b"C"))
            || message.get(tag::CXL_REJ_REASON) == Some(b"1"))
}

impl Application for LoadTrader {
    fn on_logon(&mut self, _out: &mut dyn Outbox) {
        self.logout_text = None;
        self.show_left();
    }

    fn on_logout(&mut self, reason: CloseReason) {
        if self.run.stopwatch.nanos().is_some() && !self.run.stopwatch.is_over() {
            self.run.tally().lost(self.session, &reason, self.logout_text.take());
        }
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        if message.msg_type() == MsgType::REJECT {
            self.refused(message);
            self.show_left();
        }
        if message.msg_type() == MsgType::LOGOUT {
            self.logout_text = logout_text(message);
        }
        Ok(())
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let Some(now) = self.run.stopwatch.nanos() else { return Ok(()) };
        self.receive(message, now);
        // Somebody who waits for room is not woken for it.
        self.send_due(now, out);
        Ok(())
    }
}

impl HostApplication for LoadTrader {
    type Command = Due;

    fn command(&mut self, _due: Due, out: &mut dyn Outbox) {
        if self.is_reported() {
            self.cancel_resting(out);
            return;
        }
        if let Some(now) = self.run.stopwatch.nanos() {
            self.send_due(now, out);
        }
    }

    fn refuse(_due: Due) {}
}

#[cfg(test)]
mod tests;
