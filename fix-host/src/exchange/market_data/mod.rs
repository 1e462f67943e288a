//! Market data over FIX: MarketDataRequest(V) and what answers it.
//!
//! Each subscription knows what its subscriber was told, and tells what leads from there to what is. So who reads slowly, and
//! has no room for a message, is told of fewer steps, but never of a wrong state: the next message begins where the last one
//! ended. Trades are told one by one; if more were made meanwhile than the venue keeps, the next one says so in Text(58).
//!
//! | file | what stands there |
//! |---|---|
//! | `request` | what is asked for, and why it may be refused |
//! | `picture` `figures` | what is seen of an instrument: its book; its day |
//! | `shared` | the pictures, made once for all who look |
//! | `change` | from one book to another, in as few entries as there can be |
//! | `state` | what was told, and what is |
//! | `message` | W, X and Y |

mod change;
mod figures;
mod message;
mod picture;
mod request;
mod shared;
mod state;
#[cfg(test)]
mod tests;

use fix_core::{
    dict::fix44::code::{MdReqRejReason, SubscriptionRequestType},
    msg::{message::Message, typed::MarketDataRequest},
    session::{application::Outbox, error::BusinessReject},
};

use super::{
    ids::IdPrefix,
    say::{Sent, named, reply, send, utf8},
    venue::{Named, Venue},
};
use message::{Changes, Snapshot, Terms, refusal};
use request::{Refusal, Wanted};
pub(super) use shared::Pictures;
use state::{Fresh, Told};

/// Instruments that all subscriptions of one session may have together.
const MOST_SUBSCRIBED: usize = 10_000;

/// Entries in one X: more come in several.
const MOST_ENTRIES: usize = 32;

/// What the counterparty has subscribed to.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    active: Vec<Subscription>,
    /// All that is true as of this change of the venue is told; `None`: it may not be.
    told: Option<u64>,
}

#[derive(Debug)]
struct Subscription {
    /// MDReqID(262)
    id: String,
    wanted: Wanted,
    instruments: Vec<Told>,
}

/// What is new for the subscribers.
pub(super) struct News {
    /// The last change of the venue that it was seen at.
    as_of: u64,
    /// None if nothing has changed since all was told.
    items: Vec<Item>,
}

/// What is new of one instrument of one subscription.
struct Item {
    subscription: usize,
    instrument: usize,
    fresh: Fresh,
}

impl Subscriptions {
    /// Takes a MarketDataRequest(V), or refuses it by a MarketDataRequestReject(Y). What it asks for is told with the next
    /// [`news`](Self::news). `find` knows the places of instruments, if all are known.
    pub(super) fn request(
        &mut self,
        message: &Message<'_>,
        find: impl FnOnce(&[Named<'_>]) -> Option<Vec<usize>>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = MarketDataRequest::try_from(message)?;
        let id = utf8(request.md_req_id)?;
        if request.subscription_request_type == SubscriptionRequestType::DISABLE_PREVIOUS_SNAPSHOT {
            self.active.retain(|active| active.id != id);
            return Ok(());
        }
        match self.subscription(id, &request, find)? {
            Ok(subscription) => {
                self.active.push(subscription);
                self.told = None;
            }
            Err((reason, text)) => reply(out, &refusal(id, reason, text)),
        }
        Ok(())
    }

    fn subscription(
        &self,
        id: &str,
        request: &MarketDataRequest<'_>,
        find: impl FnOnce(&[Named<'_>]) -> Option<Vec<usize>>,
    ) -> Result<Result<Subscription, Refusal>, BusinessReject> {
        let wanted = match Wanted::of(request) {
            Ok(wanted) => wanted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut names: Vec<Named<'_>> = Vec::new();
        for asked in request.related_syms.iter() {
            let asked = asked?;
            names.push(named(asked.symbol, asked.security_id, asked.security_id_source)?);
        }
        if names.is_empty() {
            let text = "NoRelatedSym(146)=0 names no instrument";
            return Ok(Err((Some(MdReqRejReason::UNKNOWN_SYMBOL), text)));
        }
        let Some(places) = find(&names) else {
            return Ok(Err((Some(MdReqRejReason::UNKNOWN_SYMBOL), "unknown symbol")));
        };
        let instruments: Vec<Told> = places.into_iter().map(Told::nothing_of).collect();
        if self.active.iter().any(|active| active.id == id) {
            return Ok(Err((Some(MdReqRejReason::DUPLICATE_MD_REQ_ID), "this MDReqID(262) is in use")));
        }
        let subscribed: usize = self.active.iter().map(|active| active.instruments.len()).sum();
        if subscribed + instruments.len() > MOST_SUBSCRIBED {
            let text = "too many subscriptions: 10000 instruments in all of them are the most";
            return Ok(Err((Some(MdReqRejReason::INSUFFICIENT_BANDWIDTH), text)));
        }
        Ok(Ok(Subscription { id: id.to_owned(), wanted, instruments }))
    }

    /// What is new for the subscribers; seen under the lock of the venue, it is [told](Self::tell) without it.
    pub(super) fn news(&self, venue: &Venue, pictures: &mut Pictures) -> News {
        let (as_of, mut items) = (venue.changes(), Vec::new());
        if self.told == Some(as_of) {
            return News { as_of, items };
        }
        for (subscription, active) in self.active.iter().enumerate() {
            for (instrument, told) in active.instruments.iter().enumerate() {
                let fresh = told.fresh(&active.wanted, venue, pictures);
                items.extend(fresh.map(|fresh| Item { subscription, instrument, fresh }));
            }
        }
        News { as_of, items }
    }

    /// Tells what is new, as far as there is room; the rest is new again the next time.
    pub(super) fn tell(&mut self, news: News, ids: &IdPrefix, out: &mut dyn Outbox) {
        if self.told == Some(news.as_of) {
            return;
        }
        self.told = Some(news.as_of);
        let mut refused = Vec::new();
        for Item { subscription, instrument, fresh } in news.items {
            let Some(active) = self.active.get_mut(subscription) else { continue };
            match active.tell(instrument, fresh, ids, out) {
                Sent::Yes => {}
                Sent::Later => {
                    self.told = None;
                    break;
                }
                Sent::Never => refused.push(subscription),
            }
        }
        let mut at = 0..;
        self.active.retain(|active| {
            let is_refused = at.next().is_some_and(|at| refused.contains(&at));
            if is_refused {
                let text = "the whole book does not fit into one message: ask for less MarketDepth(264)";
                reply(out, &refusal(&active.id, Some(MdReqRejReason::INSUFFICIENT_BANDWIDTH), text));
            }
            !is_refused && !active.is_done()
        });
    }

    /// True if nobody waits for market data.
    pub(super) fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// A subscription ends with the session.
    pub(super) fn clear(&mut self) {
        self.active.clear();
    }
}

impl Subscription {
    /// What was asked for once is told.
    fn is_done(&self) -> bool {
        !self.wanted.lasts && self.instruments.iter().all(|told| told.as_of.is_some())
    }

    fn tell(&mut self, instrument: usize, fresh: Fresh, ids: &IdPrefix, out: &mut dyn Outbox) -> Sent {
        let Subscription { id, wanted, instruments } = self;
        let Some(told) = instruments.get_mut(instrument) else { return Sent::Yes };
        if told.as_of.is_some() && !wanted.lasts {
            return Sent::Yes;
        }
        let terms = Terms { id, view: wanted.view, listing: &fresh.listing, ids };
        let entries = if told.as_of.is_some() { told.entries(&fresh) } else { Vec::new() };
        if told.as_of.is_none() || (!wanted.incremental && !entries.is_empty()) {
            match send(out, &Snapshot { terms, fresh: &fresh }) {
                Sent::Yes => {}
                not_sent => return not_sent,
            }
        } else if wanted.incremental {
            for (at, some) in entries.chunks(MOST_ENTRIES).enumerate() {
                match send(out, &Changes { terms, entries: some, figures: &fresh.figures }) {
                    Sent::Yes => {}
                    not_sent => {
                        told.take(&entries[..at * MOST_ENTRIES], &fresh);
                        return not_sent;
                    }
                }
            }
        }
        told.know(fresh);
        Sent::Yes
    }
}
