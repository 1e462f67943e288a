//! Market data over FIX: snapshots, and changes for those who subscribed.

use fix_core::{
    dict::fix44::code,
    msg::{
        message::Message,
        typed::{
            Entries, MarketDataIncrementalRefresh, MarketDataRequest, MarketDataRequestReject,
            MarketDataSnapshotFullRefresh, MdEntry, MdEntryChange,
        },
    },
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason},
    },
};

use super::application::reply;
use crate::market::Quote;

/// Subscriptions that one session may have.
const MAX_SUBSCRIPTIONS: usize = 4096;

/// What the counterparty has subscribed to.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// MDReqID(262), and the instruments by their places among the quotes.
    active: Vec<(String, Vec<usize>)>,
}

impl Subscriptions {
    /// Serves a MarketDataRequest(V): snapshots, or a MarketDataRequestReject(Y).
    pub(super) fn request(
        &mut self,
        message: &Message<'_>,
        quotes: &[Quote],
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = MarketDataRequest::try_from(message)?;
        let id = request.md_req_id.as_str().ok_or(NOT_UTF8)?;
        if request.subscription_request_type == code::SubscriptionRequestType::DISABLE_PREVIOUS_SNAPSHOT {
            self.active.retain(|(active, _)| active != id);
            return Ok(());
        }
        let mut wanted = Vec::new();
        for instrument in request.related_syms.iter() {
            let symbol = instrument?.symbol.and_then(|symbol| symbol.as_str()).unwrap_or_default();
            match quotes.iter().position(|quote| quote.symbol == symbol) {
                Some(place) => wanted.push(place),
                None => {
                    refuse(id, code::MdReqRejReason::UNKNOWN_SYMBOL, "unknown symbol", out);
                    return Ok(());
                }
            }
        }
        let updates =
            request.subscription_request_type == code::SubscriptionRequestType::SNAPSHOT_AND_UPDATES;
        if updates && self.active.iter().any(|(active, _)| active == id) {
            refuse(id, code::MdReqRejReason::DUPLICATE_MD_REQ_ID, "this MDReqID(262) is in use", out);
            return Ok(());
        }
        if updates && self.active.len() >= MAX_SUBSCRIPTIONS {
            refuse(id, code::MdReqRejReason::INSUFFICIENT_BANDWIDTH, "too many subscriptions", out);
            return Ok(());
        }
        for quote in wanted.iter().filter_map(|place| quotes.get(*place)) {
            snapshot(id, quote, out);
        }
        if updates {
            self.active.push((id.to_owned(), wanted));
        }
        Ok(())
    }

    /// Sends the new prices to every subscription; what does not fit now comes with the next prices.
    pub(super) fn publish(&self, quotes: &[Quote], out: &mut dyn Outbox) {
        for (id, places) in &self.active {
            let wanted = places.iter().filter_map(|place| quotes.get(*place));
            let sides = wanted.flat_map(|quote| {
                [(code::MdEntryType::BID, quote.bid), (code::MdEntryType::OFFER, quote.ask)].map(
                    |(md_entry_type, price)| MdEntryChange {
                        md_update_action: code::MdUpdateAction::CHANGE,
                        md_entry_type: Some(md_entry_type),
                        symbol: Some(quote.symbol.into()),
                        md_entry_px: Some(price),
                        ..MdEntryChange::default()
                    },
                )
            });
            let entries: Vec<MdEntryChange<'_>> = sides.collect();
            let _ = out.send(&MarketDataIncrementalRefresh {
                md_req_id: Some(id.as_str().into()),
                md_entries: Entries::of(&entries),
                ..MarketDataIncrementalRefresh::default()
            });
        }
    }

    /// True if nobody waits for new prices.
    pub(super) fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// A subscription ends with the session.
    pub(super) fn clear(&mut self) {
        self.active.clear();
    }
}

const NOT_UTF8: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "MDReqID(262) is not UTF-8");

fn snapshot(id: &str, quote: &Quote, out: &mut dyn Outbox) {
    let entry =
        |md_entry_type, price| MdEntry { md_entry_type, md_entry_px: Some(price), ..MdEntry::default() };
    let entries = [
        entry(code::MdEntryType::BID, quote.bid),
        entry(code::MdEntryType::OFFER, quote.ask),
        entry(code::MdEntryType::TRADE, quote.mid),
    ];
    reply(
        out,
        &MarketDataSnapshotFullRefresh {
            md_req_id: Some(id.into()),
            symbol: Some(quote.symbol.into()),
            md_entries: Entries::of(&entries),
            ..MarketDataSnapshotFullRefresh::default()
        },
    );
}

fn refuse(id: &str, reason: code::MdReqRejReason, text: &'static str, out: &mut dyn Outbox) {
    reply(
        out,
        &MarketDataRequestReject {
            md_req_id: id.into(),
            md_req_rej_reason: Some(reason),
            text: Some(text.into()),
            ..MarketDataRequestReject::default()
        },
    );
}
