//! The application in front of the venue's: it delays, refuses or swallows requests as a profile says.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use fix_core::{
    decimal::Decimal,
    dict::DataPair,
    msg::{message::Message, msg_type::MsgType, reject::Finding},
    session::{
        application::{Application, Outbox},
        config::SessionId,
        error::{AdminRefusal, BusinessReject, DoNotSend},
        event::Event,
        state::CloseReason,
    },
    tag,
    wire::{
        frame::{Scan, scan},
        writer::Writer,
    },
};

use super::{
    judge::{Asked, Judge, Verdict},
    rules::{Profile, Request},
};
use crate::{
    contract::HostApplication,
    store::{Consumer, Entries, Entry, Position},
};
use refusal::{AtLimit, Business, Refusal, say};

mod refusal;

/// Requests of a session that may wait; at so many nothing is read from it.
const MOST_WAITING: usize = 10_000;

/// The middle of the venue's own prices for a symbol.
pub type Middle = Box<dyn Fn(&str) -> Option<Decimal> + Send>;

/// What a gate needs of its surroundings.
pub struct Surroundings {
    /// The session's name, for the log.
    pub session: String,
    /// What the session's draws begin with.
    pub seed: u64,
    /// Its ids of executions begin with this.
    pub id_prefix: String,
    /// Data fields of the session's own dictionary.
    pub data_pairs: &'static [DataPair],
    /// Has a command sent to the session after so long.
    pub wake: Box<dyn Fn(Duration) + Send>,
    /// The middle of the venue's own prices for a symbol.
    pub middle: Middle,
}

/// An application behind the gate.
pub struct Gate<A> {
    inner: A,
    /// `None`: the profile changes nothing.
    rules: Option<Box<Rules>>,
}

/// What is done at the gate.
struct Rules {
    profile: Arc<Profile>,
    judge: Judge,
    around: Surroundings,
    /// Some rule looks at the venue's own prices.
    compares_prices: bool,
    /// Requests that wait, with the moment when they are due; ascending.
    waiting: VecDeque<(u64, Vec<u8>)>,
    /// Executions that the gate itself has reported.
    executions: u64,
}

impl<A: HostApplication> Gate<A> {
    /// Lets through to `inner` what `profile` does not hold up.
    pub fn new(inner: A, profile: &Arc<Profile>, around: Surroundings) -> Self {
        let rules = Judge::is_needed(profile).then(|| {
            let judge = Judge::new(Arc::clone(profile), around.seed);
            let compares_prices = profile.reject.iter().any(|rule| rule.price_away_percent.is_some());
            let (profile, waiting) = (Arc::clone(profile), VecDeque::new());
            Box::new(Rules { profile, judge, around, compares_prices, waiting, executions: 0 })
        });
        Gate { inner, rules }
    }

    /// Lets the requests in that are due.
    fn admit_due(&mut self, out: &mut dyn Outbox) {
        let now = out.now().mono.as_micros();
        while let Some(bytes) = self.rules.as_mut().and_then(|rules| rules.take_due(now)) {
            let pairs = self.rules.as_ref().map_or(&[][..], |rules| rules.around.data_pairs);
            // It was a message when it came.
            if let Scan::Frame(frame, _) = scan(&bytes, bytes.len())
                && let Ok(message) = Message::parse_with(frame, pairs)
                && let Err(reject) = self.inner.from_app(&message, out)
            {
                say(&Business::by_venue(&message, &reject), out);
            }
        }
        if let Some(rules) = &self.rules {
            rules.wake(now);
        }
    }
}

impl Rules {
    fn take_due(&mut self, now: u64) -> Option<Vec<u8>> {
        self.waiting.front().filter(|(due, _)| *due <= now)?;
        self.waiting.pop_front().map(|(_, bytes)| bytes)
    }

    /// Comes back for the first that waits.
    fn wake(&self, now: u64) {
        if let Some((due, _)) = self.waiting.front() {
            (self.around.wake)(Duration::from_micros(due.saturating_sub(now)));
        }
    }

    fn judge(&mut self, message: &Message<'_>, now: u64) -> Verdict {
        let text = |tag| message.get(tag).and_then(|value| str::from_utf8(value).ok());
        let symbol = text(tag::SYMBOL);
        let asked = Asked {
            request: Request::of(message.msg_type()),
            symbol,
            qty: text(tag::ORDER_QTY).and_then(|qty| qty.parse().ok()),
            price: text(tag::PRICE).and_then(|price| price.parse().ok()),
            middle: symbol.filter(|_| self.compares_prices).and_then(|symbol| (self.around.middle)(symbol)),
        };
        self.judge.judge(&asked, now)
    }

    /// True if the venue gets the message now; else what shall be done was.
    fn admits(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> bool {
        let now = out.now().mono.as_micros();
        match self.judge(message, now) {
            Verdict::Pass => return true,
            Verdict::Later(due) => {
                self.waiting.push_back((due, message.frame().bytes().to_vec()));
                if self.waiting.len() == 1 {
                    self.wake(now);
                }
            }
            Verdict::Refuse(reason, text) => {
                self.log(message, &format!("refused: {text}"));
                if message.msg_type() == MsgType::NEW_ORDER_SINGLE {
                    let exec_id = self.exec_id();
                    say(&Refusal { order: message, reason, text: &text, exec_id: &exec_id }, out);
                } else {
                    say(&Business::by_rule(message, &text), out);
                }
            }
            Verdict::FillAtLimit => {
                let exec_id = self.exec_id();
                say(&AtLimit { order: message, exec_id: &exec_id }, out);
            }
            Verdict::Swallow(why) => self.log(message, why),
            Verdict::Logout(text) => {
                self.log(message, &format!("Logout: {text}"));
                out.logout(Some(&text));
            }
        }
        false
    }

    /// Of the next execution that the gate itself reports.
    fn exec_id(&mut self) -> String {
        self.executions += 1;
        format!("{}G{}", self.around.id_prefix, self.executions)
    }

    /// On purpose, and so that nobody takes it for a defect.
    fn log(&self, message: &Message<'_>, what: &str) {
        let (session, name) = (&self.around.session, &self.profile.name);
        let number =
            message.get(tag::MSG_SEQ_NUM).and_then(|number| str::from_utf8(number).ok()).unwrap_or("?");
        let msg_type = message.msg_type();
        tracing::warn!(
            session,
            "on purpose, by venue profile {name}: message {number} (35={msg_type}): {what}"
        );
    }
}

impl<A: HostApplication> Application for Gate<A> {
    fn on_create(&mut self, session: &SessionId) {
        self.inner.on_create(session);
    }

    fn on_logon(&mut self, out: &mut dyn Outbox) {
        self.inner.on_logon(out);
        self.admit_due(out);
    }

    fn on_logout(&mut self, reason: CloseReason) {
        self.inner.on_logout(reason);
    }

    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        self.inner.to_admin(msg_type, out);
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        self.inner.from_admin(message)
    }

    fn to_app(&mut self, message: &Message<'_>) -> Result<(), DoNotSend> {
        self.inner.to_app(message)
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        if self.rules.is_none() {
            return self.inner.from_app(message, out);
        }
        self.admit_due(out);
        let admitted = self.rules.as_mut().is_none_or(|rules| rules.admits(message, out));
        if admitted { self.inner.from_app(message, out) } else { Ok(()) }
    }

    fn on_finding(&mut self, message: &Message<'_>, finding: Finding) {
        self.inner.on_finding(message, finding);
    }

    fn on_stale_order(&mut self, message: &Message<'_>, age: Duration) {
        self.inner.on_stale_order(message, age);
    }

    fn own_report(&mut self) -> Option<&[u8]> {
        self.inner.own_report()
    }

    fn on_event(&mut self, event: &Event<'_>) {
        self.inner.on_event(event);
    }
}

impl<A: HostApplication> HostApplication for Gate<A> {
    type Command = A::Command;

    fn command(&mut self, command: Self::Command, out: &mut dyn Outbox) {
        if self.rules.is_some() {
            self.admit_due(out);
        }
        self.inner.command(command, out);
    }

    fn persisted(&mut self) {
        self.inner.persisted();
    }

    fn is_ready(&mut self) -> bool {
        let has_room = self.rules.as_ref().is_none_or(|rules| rules.waiting.len() < MOST_WAITING);
        has_room && self.inner.is_ready()
    }

    fn opened(&mut self, store: &mut dyn Entries) {
        self.inner.opened(store);
    }

    fn entries_after(&mut self) -> Option<Position> {
        self.inner.entries_after()
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        self.inner.entry(entry);
    }

    fn told(&mut self) -> Option<(Consumer, Position)> {
        self.inner.told()
    }

    fn closing(&mut self, store: &mut dyn Entries, is_last: bool) -> bool {
        self.inner.closing(store, is_last)
    }

    fn refuse(command: Self::Command) {
        A::refuse(command);
    }

    fn take_was_logged_on(&mut self) -> bool {
        self.inner.take_was_logged_on()
    }

    fn take_logout_text(&mut self) -> Option<String> {
        self.inner.take_logout_text()
    }

    fn take_cause(&mut self) -> Option<String> {
        self.inner.take_cause()
    }

    fn take_event(&mut self) -> Option<String> {
        self.inner.take_event()
    }

    fn store_failed(&mut self) {
        self.inner.store_failed();
    }
}
