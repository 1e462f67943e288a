//! What stands in front of the venue: it delays, refuses or swallows requests as a profile says.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use fix_core::{
    decimal::Decimal,
    dict::{
        DataPair,
        fix44::{self, code::QuoteRequestRejectReason, group},
    },
    msg::{
        message::{FieldMap, Message},
        msg_type::MsgType,
        typed::QuoteRequest,
    },
    session::{application::Outbox, error::BusinessReject},
    tag::{self, Tag},
    wire::frame::{Scan, scan},
};

use super::{
    judge::{Asked, Judge, RefusedEntry, Verdict},
    rules::{Profile, Request},
};
use refusal::{Business, Refusal};
pub use refusal::{id_field, refuse_quote, reply};

mod refusal;

/// Requests of a session that may wait; at so many nothing is read from it.
const MOST_WAITING: usize = 10_000;

/// The middle of the venue's own prices for a symbol.
pub type Middle = Box<dyn Fn(&str) -> Option<Decimal> + Send>;

/// What a message says of all that it asks for, and each of that: orders of a list, or instruments.
fn entries<'a>(message: &Message<'a>) -> Option<(FieldMap<'a>, Vec<FieldMap<'a>>)> {
    let (def, group) = match message.msg_type() {
        MsgType::NEW_ORDER_LIST => (&fix44::message::NEW_ORDER_LIST, &group::LIST_ORD_GRP),
        MsgType::QUOTE_REQUEST => (&fix44::message::QUOTE_REQUEST, &group::QUOT_REQ_GRP),
        MsgType::MARKET_DATA_REQUEST => (&fix44::message::MARKET_DATA_REQUEST, &group::INSTRMT_MD_REQ_GRP),
        _ => return None,
    };
    let entries: Vec<_> = message.group(group).iter().collect();
    (!entries.is_empty()).then(|| (message.level(def), entries))
}

/// What tells an instrument from others.
fn name<'a>(entry: &FieldMap<'a>) -> Option<(Tag, &'a str)> {
    let names = [tag::SYMBOL, tag::SECURITY_ID];
    names.into_iter().find_map(|tag| Some((tag, str::from_utf8(entry.get(tag)?).ok()?)))
}

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

/// A request that waits.
struct Waiting {
    /// When it is due, in microseconds of the session's clock.
    due: u64,
    message: Vec<u8>,
    /// What of it is refused.
    refused: Vec<RefusedEntry>,
}

/// What stands in front of the venue of one session.
pub struct Gate {
    profile: Arc<Profile>,
    judge: Judge,
    around: Surroundings,
    /// Some rule looks at the venue's own prices.
    compares_prices: bool,
    /// Requests that wait; the first that is due first.
    waiting: VecDeque<Waiting>,
    /// The moment for which a command was asked for, and that has not passed.
    asked_for: Option<u64>,
    /// Executions that the gate itself has reported.
    executions: u64,
}

impl Gate {
    /// Holds up what `profile` says; `None` if that is nothing.
    pub fn new(profile: &Arc<Profile>, around: Surroundings) -> Option<Box<Self>> {
        Judge::is_needed(profile).then(|| {
            Box::new(Gate {
                judge: Judge::new(Arc::clone(profile), around.seed),
                compares_prices: profile.reject.iter().any(|rule| rule.price_away_percent.is_some()),
                profile: Arc::clone(profile),
                around,
                waiting: VecDeque::new(),
                asked_for: None,
                executions: 0,
            })
        })
    }

    /// Gives what is due to `serve`, which is the venue.
    pub fn admit_due(
        &mut self,
        out: &mut dyn Outbox,
        mut serve: impl FnMut(&Message<'_>, &[RefusedEntry], &mut dyn Outbox) -> Result<(), BusinessReject>,
    ) {
        let now = out.now().mono.as_micros();
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| waiting.due <= now) {
            let Waiting { message, refused, .. } = waiting;
            // It was a message when it came.
            if let Scan::Frame(frame, _) = scan(&message, message.len())
                && let Ok(message) = Message::parse_with(frame, self.around.data_pairs)
                && let Err(reject) = serve(&message, &refused, out)
            {
                reply(out, &Business::by_venue(&message, &reject));
            }
        }
        self.asked_for = self.asked_for.filter(|at| *at > now);
        self.wake(now);
    }

    /// Comes back for the first that waits, once.
    fn wake(&mut self, now: u64) {
        if let Some(due) = self.due()
            && self.asked_for != Some(due)
        {
            self.asked_for = Some(due);
            (self.around.wake)(Duration::from_micros(due.saturating_sub(now)));
        }
    }

    /// When the first request that waits is due, in microseconds of the session's clock.
    pub fn due(&self) -> Option<u64> {
        self.waiting.front().map(|waiting| waiting.due)
    }

    /// True if so many requests wait that no more are to be read.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= MOST_WAITING
    }

    fn judge(&mut self, message: &Message<'_>, now: u64) -> (Verdict, Vec<RefusedEntry>) {
        let field = |tag| message.get(tag);
        let whole = self.asked(message, &field);
        let Some((level, entries)) = entries(message) else {
            return (self.judge.judge(&whole, now), Vec::new());
        };
        let is_list = message.msg_type() == MsgType::NEW_ORDER_LIST;
        // What an entry does not say, the message says for all.
        let fields = entries.iter().map(|entry| |tag| entry.get(tag).or_else(|| level.get(tag)));
        let fields: Vec<_> = fields.collect();
        let all = entries.iter().zip(&fields).map(|(entry, field)| Asked {
            named: if entries.len() > 1 && !is_list { name(entry) } else { None },
            ..self.asked(message, field)
        });
        let all: Vec<_> = all.collect();
        match is_list {
            true => self.judge.judge_each(&whole, &all, now),
            false => (self.judge.judge_all(&whole, &all, now), Vec::new()),
        }
    }

    fn asked<'a>(&self, message: &Message<'_>, field: &'a dyn Fn(Tag) -> Option<&'a [u8]>) -> Asked<'a> {
        let text = |tag| field(tag).and_then(|value| str::from_utf8(value).ok());
        let symbol = text(tag::SYMBOL);
        Asked {
            request: Request::of(message.msg_type()),
            symbol,
            qty: text(tag::ORDER_QTY).and_then(|qty| qty.parse().ok()),
            price: text(tag::PRICE).and_then(|price| price.parse().ok()),
            middle: symbol.filter(|_| self.compares_prices).and_then(|symbol| (self.around.middle)(symbol)),
            named: None,
            field,
        }
    }

    /// If the venue gets the message now: what of it is refused. `None`: what shall be done was.
    pub fn admits(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Option<Vec<RefusedEntry>> {
        let now = out.now().mono.as_micros();
        let (verdict, refused) = self.judge(message, now);
        for RefusedEntry { place, text, .. } in &refused {
            self.log(message, &format!("order {} of the list refused: {text}", place + 1));
        }
        match verdict {
            Verdict::Pass => return Some(refused),
            Verdict::Later(due) => {
                self.waiting.push_back(Waiting { due, message: message.frame().bytes().to_vec(), refused });
                self.wake(now);
            }
            Verdict::Refuse(reason, text) => {
                self.log(message, &format!("refused: {text}"));
                self.refuse(message, reason, &text, out);
            }
            Verdict::Swallow(why) => self.log(message, why),
            Verdict::Logout(text) => {
                self.log(message, &format!("Logout: {text}"));
                out.logout(Some(&text));
            }
        }
        None
    }

    fn refuse(&mut self, message: &Message<'_>, reason: u32, text: &str, out: &mut dyn Outbox) {
        let msg_type = message.msg_type();
        if msg_type == MsgType::NEW_ORDER_SINGLE {
            let exec_id = self.exec_id();
            return reply(out, &Refusal { order: message, reason, text, exec_id: &exec_id });
        }
        let quote = QuoteRequest::try_from(message).ok().filter(|_| msg_type == MsgType::QUOTE_REQUEST);
        let asked =
            quote.as_ref().and_then(|quote| quote.related_syms.iter().collect::<Result<Vec<_>, _>>().ok());
        match quote.zip(asked) {
            Some((quote, asked)) => {
                let reason = QuoteRequestRejectReason(i32::try_from(reason).unwrap_or(i32::MAX));
                refuse_quote(&quote, &asked, reason, text, out);
            }
            None => reply(out, &Business::by_rule(message, text)),
        }
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
