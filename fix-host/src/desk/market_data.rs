//! The counterparty's market data (MarketData=subscribe): a MarketDataRequest(V) for each instrument after each Logon,
//! and what is said in answer.

mod entries;
mod request;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use fix_core::{
    decimal::Decimal,
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{MarketDataIncrementalRefresh, MarketDataRequestReject, MarketDataSnapshotFullRefresh},
    },
    session::{
        application::Outbox,
        error::{BusinessReject, CapacityError, SendError},
        event::{Event, Reason},
    },
    tag,
    time::UtcTimestamp,
    wire::value::Text,
};

use super::Extras;
use crate::{
    contract::reject_text,
    market::{Instrument, SessionPrices, TOP_OF_BOOK},
};
use request::{reason, send};

/// The market data of one session; without MarketData=subscribe, none.
pub(super) struct MarketData {
    session: String,
    prices: SessionPrices,
    is_on: bool,
    asked: Vec<Asked>,
    places: HashMap<&'static str, usize>,
    /// What is still to be asked for on this connection.
    due: VecDeque<Due>,
    /// How many requests there were on it.
    requests: u64,
    /// What the MDReqIDs(262) of this connection begin with; `None` while not logged on.
    prefix: Option<String>,
    logons: u64,
    /// Refusals for the session's event log.
    events: Vec<String>,
}

/// An instrument, and what became of the request for it.
struct Asked {
    symbol: &'static str,
    /// MDReqID(262) of the request on this connection.
    id: Option<String>,
    /// MsgSeqNum(34) of the request on this connection.
    number: Option<u64>,
    /// The last refusal told; the same one again stays silent.
    refusal: Option<String>,
}

/// A request that is to be sent.
enum Due {
    /// For the instrument at this place.
    Begin(usize),
    /// No longer for the instrument at this place, under this MDReqID(262).
    End(usize, String),
}

impl MarketData {
    /// `feed`: with MarketData=subscribe, where the counterparty's prices go, and of what they are.
    pub(super) fn new(session: &str, feed: Option<(SessionPrices, Arc<[Instrument]>)>) -> Self {
        let is_on = feed.is_some();
        let (prices, instruments) =
            feed.unwrap_or_else(|| (SessionPrices::new(session, &[], TOP_OF_BOOK), Arc::new([])));
        let asked = |instrument: &Instrument| Asked {
            symbol: instrument.symbol,
            id: None,
            number: None,
            refusal: None,
        };
        MarketData {
            session: session.to_owned(),
            prices,
            is_on,
            asked: instruments.iter().map(asked).collect(),
            places: instruments.iter().map(|instrument| instrument.symbol).zip(0..).collect(),
            due: VecDeque::new(),
            requests: 0,
            prefix: None,
            logons: 0,
            events: Vec::new(),
        }
    }

    /// Logged on: all is asked for again. The ids are new, so that what was asked for before, and is resent now, is
    /// not taken for an answer.
    pub(super) fn begin(&mut self, now: UtcTimestamp) {
        self.logons += 1;
        self.prefix = Some(format!("{:x}.{:x}.{}-", now.unix_seconds(), now.subsec_nanos(), self.logons));
        self.asked.iter_mut().for_each(|asked| (asked.id, asked.number) = (None, None));
        self.due = (0..self.asked.len()).map(Due::Begin).collect();
        self.requests = 0;
        self.prices.make_stale();
    }

    /// Logged off: a subscription ends with the connection.
    pub(super) fn end(&mut self) {
        self.prefix = None;
        self.due.clear();
        self.prices.make_stale();
    }

    /// Sends the requests that are due as far as there is room; true if some are left for when there is. `extras` knows
    /// by what else than Symbol(55) an instrument is named.
    pub(super) fn ask(&mut self, extras: &Extras, out: &mut dyn Outbox) -> bool {
        while let (Some(prefix), Some(due)) = (&self.prefix, self.due.front()) {
            let (place, is_begin) = match due {
                Due::Begin(place) => (*place, true),
                Due::End(place, _) => (*place, false),
            };
            let Some(asked) = self.asked.get_mut(place) else { return false };
            let new = format!("{prefix}{place}.{}", self.requests);
            let id = if let Due::End(_, id) = due { id } else { &new };
            match send(id, is_begin, self.prices.market_depth(), asked.symbol, extras, out) {
                Ok(number) if is_begin => (asked.id, asked.number) = (Some(new), Some(number)),
                Ok(_) => {}
                Err(SendError::Capacity(CapacityError::Full)) => return true,
                // Asked with the next Logon.
                Err(SendError::NotLoggedOn) => return false,
                Err(error) => {
                    tracing::warn!(session = self.session, symbol = asked.symbol, %error, "market data not asked for");
                }
            }
            self.requests += 1;
            self.due.pop_front();
        }
        false
    }

    /// True if a request of ours, which the counterparty wants to have again, is one of this connection.
    pub(super) fn is_current(&self, request: &Message<'_>) -> bool {
        let id = request.get(tag::MD_REQ_ID).and_then(|id| std::str::from_utf8(id).ok());
        id.is_some_and(|id| self.place_of(id).is_some())
    }

    /// A W, X or Y.
    ///
    /// # Errors
    /// The session has no market data; the message cannot be read.
    pub(super) fn hear(&mut self, message: &Message<'_>, at: UtcTimestamp) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH if self.is_on => self.hear_snapshot(message, at),
            MsgType::MARKET_DATA_INCREMENTAL_REFRESH if self.is_on => self.hear_changes(message, at),
            MsgType::MARKET_DATA_REQUEST_REJECT if self.is_on => self.hear_refusal(message),
            _ => Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
    }

    /// Where messages of the counterparty will not come, changes of the market may have been among them: what they may have
    /// changed is asked for again, true if anything is. What was rejected comes with the next snapshot alone: asked for
    /// again, it would be rejected again.
    pub(super) fn hear_event(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Decision {
                reason: Reason::GapFilled | Reason::SequenceReset,
                msg_seq_num: next,
                expected,
            } => next > expected && self.doubt(),
            // Which instruments it was about nobody has read.
            Event::Finding {
                msg_type:
                    MsgType::MARKET_DATA_INCREMENTAL_REFRESH | MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH,
                rejected: true,
                ..
            } => {
                self.lose(None, "a message about it was not valid, and rejected");
                false
            }
            _ => false,
        }
    }

    fn doubt(&mut self) -> bool {
        let doubtful: Vec<usize> =
            (0..self.asked.len()).filter(|place| self.prices.is_live(*place)).collect();
        if self.prefix.is_none() || doubtful.is_empty() {
            return false;
        }
        let why = "messages that will not come may have changed it";
        self.events
            .push(format!("the market data of {} instruments is asked for again: {why}", doubtful.len()));
        for place in doubtful {
            self.prices.refuse(place, why);
            let known = self.asked[place].id.take();
            self.due.extend(known.map(|id| Due::End(place, id)));
            self.due.push_back(Due::Begin(place));
        }
        true
    }

    fn hear_snapshot(&mut self, message: &Message<'_>, at: UtcTimestamp) -> Result<(), BusinessReject> {
        let full = MarketDataSnapshotFullRefresh::try_from(message)?;
        let Some(asked_for) = self.answers(message, full.md_req_id) else { return Ok(()) };
        let place = full.symbol.and_then(Text::as_str).map_or(asked_for, |symbol| self.place(symbol));
        let Some(place) = place else { return Ok(()) };
        let entries = entries::of_snapshot(message, at)?;
        self.prices.restart(place, at, |book| book.replace(at, entries.into_iter()));
        Ok(())
    }

    fn hear_changes(&mut self, message: &Message<'_>, at: UtcTimestamp) -> Result<(), BusinessReject> {
        let changes = MarketDataIncrementalRefresh::try_from(message)?;
        let Some(asked_for) = self.answers(message, changes.md_req_id) else { return Ok(()) };
        let mut place = asked_for;
        for entry in changes.md_entries.iter() {
            let entry = entry.inspect_err(|_| self.lose(asked_for, "a change of it could not be read"))?;
            let change = entries::of_change(&entry, at);
            // An entry that names no instrument is of the one of the entry before, unless its id is known.
            place = match entry.symbol.and_then(Text::as_str) {
                Some(symbol) => self.place(symbol),
                None => place.or_else(|| self.prices.position(|book| book.knows(change))),
            };
            if let Some(place) = place {
                self.prices.update(place, at, |book| book.change(at, entry.md_update_action, change));
            }
        }
        Ok(())
    }

    /// A change of what was asked for, or of nobody knows what, cannot be read: the books are not as the counterparty has
    /// them until its next snapshot.
    fn lose(&self, asked_for: Option<usize>, why: &str) {
        let places = asked_for.map_or(0..self.asked.len(), |place| place..place + 1);
        for place in places.filter(|place| self.prices.is_live(*place)) {
            self.prices.refuse(place, why);
        }
    }

    fn hear_refusal(&mut self, message: &Message<'_>) -> Result<(), BusinessReject> {
        let refusal = MarketDataRequestReject::try_from(message)?;
        if let Some(place) = refusal.md_req_id.as_str().and_then(|id| self.place_of(id)) {
            let text = refusal.text.and_then(Text::as_str).unwrap_or_default();
            let reason = refusal.md_req_rej_reason.map_or("no reason given", reason);
            self.refused(place, &format!("{reason} ({text})"));
        }
        Ok(())
    }

    /// A Reject(3) or BusinessMessageReject(j) of our message of this number. False if that is none of the requests.
    pub(super) fn hear_reject(&mut self, number: Option<u64>, reject: &Message<'_>) -> bool {
        let place =
            number.and_then(|number| self.asked.iter().position(|asked| asked.number == Some(number)));
        if let Some(place) = place {
            self.refused(place, &format!("the request is rejected ({})", reject_text(reject)));
        }
        place.is_some()
    }

    /// The next line for the session's event log.
    pub(super) fn take_event(&mut self) -> Option<String> {
        self.events.pop()
    }

    fn refused(&mut self, place: usize, why: &str) {
        let Some(asked) = self.asked.get_mut(place) else { return };
        let why = why.escape_debug().to_string();
        self.prices.refuse(place, &why);
        if asked.refusal.as_ref() != Some(&why) {
            let text = format!("no market data of {}: {why}", asked.symbol);
            tracing::warn!(session = self.session, "{text}");
            self.events.push(text);
            asked.refusal = Some(why);
        }
    }

    /// What was asked for, where a message is an answer to that: `Some(None)` if it names no MDReqID(262). `None` if
    /// it is to be passed over: an answer of an earlier connection, or one of unknown age.
    fn answers(&self, message: &Message<'_>, id: Option<Text<'_>>) -> Option<Option<usize>> {
        match id {
            Some(id) => id.as_str().and_then(|id| self.place_of(id)).map(Some),
            None => (!message.header().poss_dup).then_some(None),
        }
    }

    fn place_of(&self, md_req_id: &str) -> Option<usize> {
        let (place, _) = md_req_id.strip_prefix(self.prefix.as_deref()?)?.split_once('.')?;
        let place: usize = place.parse().ok()?;
        (self.asked.get(place)?.id.as_deref() == Some(md_req_id)).then_some(place)
    }

    fn place(&self, symbol: &str) -> Option<usize> {
        self.places.get(symbol).copied()
    }

    /// See [`SessionPrices::last_price`].
    pub(super) fn last_price(&self, symbol: &str) -> Option<Decimal> {
        self.prices.last_price(symbol)
    }
}

#[cfg(test)]
mod tests;
