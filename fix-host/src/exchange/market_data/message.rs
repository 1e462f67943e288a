//! What is told: MarketDataSnapshotFullRefresh(W), MarketDataIncrementalRefresh(X), MarketDataRequestReject(Y).

use fix_core::{
    dict::fix44::code::{MdEntryType, MdReqRejReason, MdUpdateAction},
    msg::{
        msg_type::MsgType,
        typed::{
            Entries, MarketDataIncrementalRefresh, MarketDataRequestReject, MarketDataSnapshotFullRefresh,
            MdEntry, MdEntryChange,
        },
    },
    wire::{
        value::Text,
        writer::{Encode, Writer},
    },
};

use super::{
    change::{Action, Change},
    figures::{Figure, Values},
    picture::{Line, View},
    state::Fresh,
};
use crate::exchange::{
    book::{OrderId, Side},
    ids::{Id, IdPrefix},
    orders::Listing,
    venue::Trade,
};

/// What the entries of a message have in common.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    /// MDReqID(262)
    pub(super) id: &'a str,
    pub(super) view: View,
    pub(super) listing: &'a Listing,
    pub(super) ids: &'a IdPrefix,
}

impl Terms<'_> {
    /// OrderID(37) of a line that is one order.
    fn order_id(&self, line: &Line) -> Option<Id> {
        self.view.by_order.then(|| self.ids.order(OrderId(line.key).0))
    }

    /// NumberOfOrders(346) of a line that is a price.
    fn number_of_orders(&self, line: &Line) -> Option<i64> {
        (!self.view.by_order).then_some(line.orders.into())
    }
}

/// MDEntryPositionNo(290), which counts from one.
fn position_no(position: usize) -> Option<i64> {
    i64::try_from(position + 1).ok()
}

const fn entry_type(side: Side) -> MdEntryType {
    match side {
        Side::Buy => MdEntryType::BID,
        Side::Sell => MdEntryType::OFFER,
    }
}

/// A W with all there is.
pub(super) struct Snapshot<'a> {
    pub(super) terms: Terms<'a>,
    pub(super) fresh: &'a Fresh,
}

impl Encode for Snapshot<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let Snapshot { terms, fresh } = self;
        let lines = || {
            [Side::Buy, Side::Sell].into_iter().flat_map(|side| {
                let lines = fresh.picture.side(side).iter().enumerate();
                lines.map(move |(position, line)| (side, position, line))
            })
        };
        let order_ids: Vec<Option<Id>> = lines().map(|(_, _, line)| terms.order_id(line)).collect();
        let mut entries: Vec<MdEntry<'_>> = lines()
            .zip(&order_ids)
            .map(|((side, position, line), order_id)| MdEntry {
                md_entry_type: entry_type(side),
                md_entry_px: Some(terms.listing.price(line.price)),
                md_entry_size: Some(terms.listing.qty(line.qty)),
                order_id: order_id.as_ref().map(Id::text),
                number_of_orders: terms.number_of_orders(line),
                md_entry_position_no: position_no(position),
                ..MdEntry::default()
            })
            .collect();
        entries.extend(fresh.last.map(|(price, qty)| MdEntry {
            md_entry_type: MdEntryType::TRADE,
            md_entry_px: Some(terms.listing.price(price)),
            md_entry_size: Some(terms.listing.qty(qty)),
            ..MdEntry::default()
        }));
        for (figure, value) in Figure::ALL.into_iter().zip(fresh.figures) {
            entries.extend(value.map(|_| MdEntry {
                md_entry_type: figure.entry_type(),
                md_entry_px: value.filter(|_| !figure.is_size()),
                md_entry_size: value.filter(|_| figure.is_size()),
                ..MdEntry::default()
            }));
        }
        MarketDataSnapshotFullRefresh {
            md_req_id: Some(terms.id.into()),
            symbol: Some((&*terms.listing.symbol).into()),
            // An empty market is told too, as a count of 0.
            md_entries: Entries::Slice(&entries),
            ..MarketDataSnapshotFullRefresh::default()
        }
        .encode_body(out);
    }
}

/// An entry of an X.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    /// Of the book.
    Line(Change),
    /// A trade, before which so many were not told.
    Trade { trade: Trade, missed: u64 },
    /// A figure that is new, has changed or is gone.
    Figure { at: usize, action: Action },
}

/// An X.
pub(super) struct Changes<'a> {
    pub(super) terms: Terms<'a>,
    pub(super) entries: &'a [Entry],
    pub(super) figures: &'a Values,
}

impl Encode for Changes<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::MARKET_DATA_INCREMENTAL_REFRESH
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let texts: Vec<(Option<Id>, Option<String>)> =
            self.entries.iter().map(|entry| self.texts(entry)).collect();
        let entries: Vec<MdEntryChange<'_>> =
            self.entries.iter().zip(&texts).map(|(entry, texts)| self.entry(entry, texts)).collect();
        MarketDataIncrementalRefresh {
            md_req_id: Some(self.terms.id.into()),
            md_entries: Entries::of(&entries),
            ..MarketDataIncrementalRefresh::default()
        }
        .encode_body(out);
    }
}

impl Changes<'_> {
    /// MDEntryID(278), and Text(58).
    fn texts(&self, entry: &Entry) -> (Option<Id>, Option<String>) {
        match entry {
            Entry::Line(change) => (self.terms.order_id(&change.line), None),
            Entry::Trade { trade, missed } => {
                let text = (*missed > 0).then(|| format!("{missed} trades before this one are not told"));
                (Some(self.terms.ids.trade(trade.number)), text)
            }
            Entry::Figure { .. } => (None, None),
        }
    }

    fn entry<'b>(&'b self, entry: &Entry, texts: &'b (Option<Id>, Option<String>)) -> MdEntryChange<'b> {
        let Terms { listing, .. } = self.terms;
        let (id, text) = texts;
        let id: Option<Text<'b>> = id.as_ref().map(Id::text);
        let common = MdEntryChange {
            md_entry_id: id,
            symbol: Some((&*listing.symbol).into()),
            text: text.as_deref().map(Into::into),
            ..MdEntryChange::default()
        };
        match entry {
            Entry::Line(change) => {
                let is_there = change.action != Action::Delete;
                MdEntryChange {
                    md_update_action: action(change.action),
                    md_entry_type: Some(entry_type(change.side)),
                    md_entry_px: Some(listing.price(change.line.price)),
                    md_entry_size: is_there.then(|| listing.qty(change.line.qty)),
                    order_id: id,
                    number_of_orders: self.terms.number_of_orders(&change.line).filter(|_| is_there),
                    md_entry_position_no: position_no(change.position),
                    ..common
                }
            }
            Entry::Trade { trade, .. } => MdEntryChange {
                md_update_action: MdUpdateAction::NEW,
                md_entry_type: Some(MdEntryType::TRADE),
                md_entry_px: Some(listing.price(trade.price)),
                md_entry_size: Some(listing.qty(trade.qty)),
                ..common
            },
            Entry::Figure { at, action: of } => {
                let (figure, value) = (Figure::ALL[*at], self.figures[*at]);
                MdEntryChange {
                    md_update_action: action(*of),
                    md_entry_type: Some(figure.entry_type()),
                    md_entry_px: value.filter(|_| !figure.is_size()),
                    md_entry_size: value.filter(|_| figure.is_size()),
                    ..common
                }
            }
        }
    }
}

const fn action(action: Action) -> MdUpdateAction {
    match action {
        Action::New => MdUpdateAction::NEW,
        Action::Change => MdUpdateAction::CHANGE,
        Action::Delete => MdUpdateAction::DELETE,
    }
}

/// A Y.
pub(super) fn refusal<'a>(
    id: &'a str,
    reason: Option<MdReqRejReason>,
    text: &'a str,
) -> MarketDataRequestReject<'a> {
    MarketDataRequestReject {
        md_req_id: id.into(),
        md_req_rej_reason: reason,
        text: Some(text.into()),
        ..MarketDataRequestReject::default()
    }
}
