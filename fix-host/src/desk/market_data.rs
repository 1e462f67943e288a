//! The counterparty's market data (MarketData=subscribe): a MarketDataRequest(V) for each instrument after each Logon,
//! and what is said in answer.

use std::{collections::HashMap, sync::Arc};

use fix_core::{
    decimal::Decimal,
    dict::fix44::code::{
        MdEntryType, MdReqRejReason, MdUpdateType, SecurityIdSource, SecurityType, SubscriptionRequestType,
    },
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{
            Entries, MarketDataIncrementalRefresh, MarketDataRequest, MarketDataRequestReject,
            MarketDataSnapshotFullRefresh, MdInstrument, MdReqEntry,
        },
    },
    session::{
        application::Outbox,
        error::{BusinessReject, CapacityError, SendError},
    },
    tag,
    time::UtcTimestamp,
    wire::value::Text,
};

use super::Extras;
use crate::{
    contract::reject_text,
    market::{BookEntry, Instrument, SessionPrices},
};

/// MarketDepth(264): the best price of each side.
const TOP_OF_BOOK: i64 = 1;

/// The market data of one session; without MarketData=subscribe, none.
pub(super) struct MarketData {
    session: String,
    prices: SessionPrices,
    is_on: bool,
    asked: Vec<Asked>,
    places: HashMap<&'static str, usize>,
    /// The instruments from here on are still to be asked for on this connection.
    next: usize,
    /// What the MDReqIDs(262) of this connection begin with; `None` while not logged on.
    prefix: Option<String>,
    logons: u64,
    /// Refusals for the session's event log.
    events: Vec<String>,
}

/// An instrument, and what became of the request for it.
struct Asked {
    symbol: &'static str,
    /// MsgSeqNum(34) of the request on this connection.
    number: Option<u64>,
    /// The last refusal told; the same one again stays silent.
    refusal: Option<String>,
}

impl MarketData {
    /// `feed`: with MarketData=subscribe, where the counterparty's prices go, and of what they are.
    pub(super) fn new(session: &str, feed: Option<(SessionPrices, Arc<[Instrument]>)>) -> Self {
        let is_on = feed.is_some();
        let (prices, instruments) = feed.unwrap_or_else(|| (SessionPrices::new(&[]), Arc::new([])));
        let asked =
            |instrument: &Instrument| Asked { symbol: instrument.symbol, number: None, refusal: None };
        MarketData {
            session: session.to_owned(),
            prices,
            is_on,
            asked: instruments.iter().map(asked).collect(),
            places: instruments.iter().map(|instrument| instrument.symbol).zip(0..).collect(),
            next: instruments.len(),
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
        self.next = 0;
        self.asked.iter_mut().for_each(|asked| asked.number = None);
        self.prices.make_stale();
    }

    /// Logged off: a subscription ends with the connection.
    pub(super) fn end(&mut self) {
        self.prefix = None;
        self.next = self.asked.len();
        self.prices.make_stale();
    }

    /// Sends the requests that are due as far as there is room; true if some are left for when there is. `extras` knows
    /// by what else than Symbol(55) an instrument is named.
    pub(super) fn ask(&mut self, extras: &Extras, out: &mut dyn Outbox) -> bool {
        while let (Some(prefix), Some(asked)) = (&self.prefix, self.asked.get_mut(self.next)) {
            match send(&format!("{prefix}{}", self.next), asked.symbol, extras, out) {
                Ok(number) => asked.number = Some(number),
                Err(SendError::Capacity(CapacityError::Full)) => return true,
                // Asked with the next Logon.
                Err(SendError::NotLoggedOn) => return false,
                Err(error) => {
                    tracing::warn!(session = self.session, symbol = asked.symbol, %error, "market data not asked for");
                }
            }
            self.next += 1;
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

    fn hear_snapshot(&mut self, message: &Message<'_>, at: UtcTimestamp) -> Result<(), BusinessReject> {
        let full = MarketDataSnapshotFullRefresh::try_from(message)?;
        let Some(asked_for) = self.answers(message, full.md_req_id) else { return Ok(()) };
        let place = full.symbol.and_then(Text::as_str).map_or(asked_for, |symbol| self.place(symbol));
        let Some(place) = place else { return Ok(()) };
        let mut entries = Vec::new();
        for entry in full.md_entries.iter() {
            let entry = entry?;
            entries.push(BookEntry {
                entry_type: Some(entry.md_entry_type),
                position: entry.md_entry_position_no,
                price: entry.md_entry_px,
                ..BookEntry::default()
            });
        }
        self.prices.restart(place, at, |book| book.replace(entries.into_iter()));
        Ok(())
    }

    fn hear_changes(&mut self, message: &Message<'_>, at: UtcTimestamp) -> Result<(), BusinessReject> {
        let changes = MarketDataIncrementalRefresh::try_from(message)?;
        let Some(asked_for) = self.answers(message, changes.md_req_id) else { return Ok(()) };
        let mut place = asked_for;
        for entry in changes.md_entries.iter() {
            let entry = entry?;
            let change = BookEntry {
                entry_type: entry.md_entry_type,
                id: entry.md_entry_id.and_then(Text::as_str),
                ref_id: entry.md_entry_ref_id.and_then(Text::as_str),
                position: entry.md_entry_position_no,
                price: entry.md_entry_px,
            };
            // An entry that names no instrument is of the one of the entry before, unless its id is known.
            place = match entry.symbol.and_then(Text::as_str) {
                Some(symbol) => self.place(symbol),
                None => place.or_else(|| self.prices.position(|book| book.knows(change))),
            };
            if let Some(place) = place {
                self.prices.update(place, at, |book| book.change(entry.md_update_action, change));
            }
        }
        Ok(())
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
        if asked.refusal.as_deref() != Some(why) {
            let text = format!("no market data of {}: {}", asked.symbol, why.escape_debug());
            tracing::warn!(session = self.session, "{text}");
            self.events.push(text);
            asked.refusal = Some(why.to_owned());
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
        let place: usize = md_req_id.strip_prefix(self.prefix.as_deref()?)?.parse().ok()?;
        (place < self.asked.len()).then_some(place)
    }

    fn place(&self, symbol: &str) -> Option<usize> {
        self.places.get(symbol).copied()
    }

    /// See [`SessionPrices::last_price`].
    pub(super) fn last_price(&self, symbol: &str) -> Option<Decimal> {
        self.prices.last_price(symbol)
    }
}

fn send(md_req_id: &str, symbol: &str, extras: &Extras, out: &mut dyn Outbox) -> Result<u64, SendError> {
    let named = |tag| extras.of_instrument(symbol, tag).map(Text::from);
    let instrument = MdInstrument {
        symbol: Some(symbol.into()),
        security_id: named(tag::SECURITY_ID),
        security_id_source: named(tag::SECURITY_ID_SOURCE).map(SecurityIdSource),
        security_type: named(tag::SECURITY_TYPE).map(SecurityType),
        security_exchange: named(tag::SECURITY_EXCHANGE),
        ..MdInstrument::default()
    };
    let wanted = [MdEntryType::BID, MdEntryType::OFFER, MdEntryType::TRADE];
    let wanted = wanted.map(|md_entry_type| MdReqEntry { md_entry_type, ..MdReqEntry::default() });
    out.send(&MarketDataRequest {
        md_req_id: md_req_id.into(),
        subscription_request_type: SubscriptionRequestType::SNAPSHOT_AND_UPDATES,
        market_depth: TOP_OF_BOOK,
        md_update_type: Some(MdUpdateType::INCREMENTAL_REFRESH),
        md_entry_types: Entries::of(&wanted),
        related_syms: Entries::of(&[instrument]),
        ..MarketDataRequest::default()
    })
}

fn reason(code: MdReqRejReason) -> &'static str {
    match code {
        MdReqRejReason::UNKNOWN_SYMBOL => "unknown symbol",
        MdReqRejReason::DUPLICATE_MD_REQ_ID => "duplicate MDReqID(262)",
        MdReqRejReason::INSUFFICIENT_BANDWIDTH => "insufficient bandwidth",
        MdReqRejReason::INSUFFICIENT_PERMISSIONS => "insufficient permissions",
        MdReqRejReason::UNSUPPORTED_SUBSCRIPTION_REQUEST_TYPE => "no subscriptions (263=1)",
        MdReqRejReason::UNSUPPORTED_MARKET_DEPTH => "not the best price alone (264=1)",
        MdReqRejReason::UNSUPPORTED_MD_UPDATE_TYPE => "no incremental changes (265=1)",
        MdReqRejReason::UNSUPPORTED_MD_ENTRY_TYPE => "not bid, offer and trade (269)",
        _ => "refused",
    }
}

#[cfg(test)]
mod tests;
