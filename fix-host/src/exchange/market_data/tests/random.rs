//! Clients that know nothing but what they are told have the venue's book, whatever happens in it.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use fix_core::{
    dict::fix44::code::{MdEntryType, MdUpdateAction},
    time::UtcTimestamp,
};

use super::*;
use crate::{
    contract::market_book::BookLevel,
    market::{Book, BookEntry},
};

type Row = (String, String, String);

/// A client that puts entries where their MDEntryPositionNo(290) says.
#[derive(Default)]
struct ByPosition([Vec<Row>; 2]);

/// A client that knows entries by OrderID(37), or else by price.
#[derive(Default)]
struct ByName([BTreeMap<String, Row>; 2]);

/// The entries of a W or X: the fields of each by tag.
fn entries(message: &str) -> Vec<BTreeMap<&str, &str>> {
    let delimiter = if message.starts_with("35=W|") { "269" } else { "279" };
    let mut entries: Vec<BTreeMap<&str, &str>> = Vec::new();
    for field in message.split_terminator('|') {
        let (tag, value) = field.split_once('=').unwrap();
        if tag == delimiter {
            entries.push(BTreeMap::new());
        }
        if let Some(entry) = entries.last_mut() {
            entry.insert(tag, value);
        }
    }
    entries
}

fn row(entry: &BTreeMap<&str, &str>) -> Row {
    let text = |tag| entry.get(tag).copied().unwrap_or_default().to_owned();
    let number = entry.get("37").or(entry.get("346")).copied().unwrap_or_default();
    (text("270"), text("271"), number.to_owned())
}

impl ByPosition {
    fn hear(&mut self, message: &str) {
        if message.starts_with("35=W|") {
            *self = ByPosition::default();
        }
        for entry in entries(message) {
            let side: usize = entry["269"].parse().unwrap();
            let position: usize = entry["290"].parse::<usize>().unwrap() - 1;
            match entry.get("279").copied().unwrap_or("0") {
                "0" => self.0[side].insert(position, row(&entry)),
                "1" => self.0[side][position] = row(&entry),
                _ => _ = self.0[side].remove(position),
            }
        }
    }
}

impl ByName {
    fn hear(&mut self, message: &str) {
        if message.starts_with("35=W|") {
            *self = ByName::default();
        }
        for entry in entries(message) {
            let side: usize = entry["269"].parse().unwrap();
            let name = entry.get("37").or(entry.get("270")).copied().unwrap().to_owned();
            match entry.get("279").copied().unwrap_or("0") {
                "0" => assert_eq!(self.0[side].insert(name, row(&entry)), None, "{entry:?}"),
                "1" => assert!(self.0[side].insert(name, row(&entry)).is_some(), "{entry:?}"),
                _ => assert!(self.0[side].remove(&name).is_some(), "{entry:?}"),
            }
        }
    }
}

/// An entry as the desk reads it.
fn as_book_entry<'a>(entry: &BTreeMap<&str, &'a str>) -> BookEntry<'a> {
    let decimal = |tag| entry.get(tag).map(|value| value.parse().unwrap());
    BookEntry {
        entry_type: entry.get("269").map(|code| match *code {
            "0" => MdEntryType::BID,
            _ => MdEntryType::OFFER,
        }),
        id: entry.get("278").copied(),
        position: entry.get("290").map(|position| position.parse().unwrap()),
        price: decimal("270"),
        size: decimal("271"),
        orders: entry.get("346").map(|orders| orders.parse().unwrap()),
        ..BookEntry::default()
    }
}

/// The desk's own book hears a W or X.
fn desk_hears(book: &mut Book, message: &str) {
    let at = UtcTimestamp::from_unix(0, 0);
    let entries = entries(message);
    if message.starts_with("35=W|") {
        return book.replace(at, entries.iter().map(as_book_entry));
    }
    for entry in &entries {
        let action = match entry["279"] {
            "0" => MdUpdateAction::NEW,
            "1" => MdUpdateAction::CHANGE,
            _ => MdUpdateAction::DELETE,
        };
        book.change(at, action, as_book_entry(entry));
    }
}

/// The prices and quantities of rows, of which those at one price stand together.
fn by_price(rows: &[Row]) -> Vec<(Decimal, Decimal)> {
    let mut levels: Vec<(Decimal, Decimal)> = Vec::new();
    for (price, qty, _) in rows {
        let (price, qty): (Decimal, Decimal) = (price.parse().unwrap(), qty.parse().unwrap());
        match levels.last_mut().filter(|level| level.0 == price) {
            Some(level) => level.1 = level.1.checked_add(qty).unwrap(),
            None => levels.push((price, qty)),
        }
    }
    levels
}

/// What a subscriber with this depth should see, out of the book itself.
fn truth(venue: &Venue, depth: usize, by_order: bool) -> [Vec<Row>; 2] {
    let seen = venue.depth(0).unwrap();
    let price = |ticks| seen.listing.price(ticks).to_string();
    let qty = |lots| seen.listing.qty(lots).to_string();
    [Side::Buy, Side::Sell].map(|side| {
        if by_order {
            let orders = seen.book.orders(side).filter(|order| order.price.is_some());
            let id = |order: u64| format!("OM-{order}");
            orders.map(|o| (price(o.price.unwrap()), qty(o.shown), id(o.id.0))).take(depth).collect()
        } else {
            let levels = seen.book.depth(side);
            levels.map(|l| (price(l.price), qty(l.qty), l.orders.to_string())).take(depth).collect()
        }
    })
}

/// One random thing.
fn act(market: &mut Market, random: &mut ChaCha12Rng, live: &mut Vec<(u32, String)>) {
    let price =
        |random: &mut ChaCha12Rng| Decimal::new(i64::from(random.random_range(19_990..20_010)) * 5, 3);
    match random.random_range(0..100) {
        0..60 => {
            let (owner, is_buy) = (random.random_range(1..3), random.random_range(0..2) == 0);
            let side = if is_buy { Side::Buy } else { Side::Sell };
            let qty = random.random_range(1..40);
            let shown = if random.random_range(0..4) == 0 { random.random_range(1..=qty) } else { 0 };
            let price = price(random).to_string();
            let id = market.order(owner, side, qty, shown, &price);
            live.push((owner, id));
        }
        60..90 if !live.is_empty() => {
            let (owner, id) = live.swap_remove(random.random_range(0..live.len()));
            market.cancel(owner, &id);
        }
        90..97 => {
            let bid = price(random);
            let ask = bid.checked_add(Decimal::new(10, 3)).unwrap();
            market.venue.quote(0, bid, ask, &mut market.told);
        }
        97 => market.venue.set_phase(Phase::Halted, &mut market.told),
        _ => market.venue.set_phase(Phase::Open, &mut market.told),
    }
    market.told.clear();
}

#[test]
fn a_client_that_replays_w_and_x_has_the_venues_book() {
    for (seed, depth, by_order) in [(1, 0, false), (2, 1, false), (3, 5, false), (4, 0, true), (5, 3, true)] {
        let mut random = ChaCha12Rng::seed_from_u64(seed);
        let (mut market, mut live) = (Market::new(), Vec::new());
        let aggregated = if by_order { "N" } else { "Y" };
        market
            .outcome(&format!(
                "35=V|262=m|263=1|264={depth}|265=1|266={aggregated}|267=2|269=0|269=1|146=1|55=2Y|"
            ))
            .unwrap();
        let (mut by_position, mut by_name) = (ByPosition::default(), ByName::default());
        let mut desk = Book::new(if by_order { 0 } else { u32::try_from(depth).unwrap() });
        let mut compared = 0;
        for _ in 0..4_000 {
            act(&mut market, &mut random, &mut live);
            // Now and then there is no room, or too little.
            market.line.room = [0, 1, usize::MAX, usize::MAX][random.random_range(0..4)];
            for message in market.publish() {
                by_position.hear(&message);
                by_name.hear(&message);
                desk_hears(&mut desk, &message);
            }
            if market.line.room > 0 {
                let seen = truth(&market.venue, if depth == 0 { usize::MAX } else { depth }, by_order);
                assert_eq!(by_position.0, seen, "seed {seed}");
                let shown = |levels: Vec<BookLevel>| -> Vec<(Decimal, Decimal)> {
                    levels.iter().map(|level| (level.price, level.qty.unwrap())).collect()
                };
                assert_eq!([desk.bids(), desk.asks()].map(shown), seen.each_ref().map(|rows| by_price(rows)));
                for (rows, named) in seen.iter().zip(&by_name.0) {
                    assert_eq!(named.len(), rows.len(), "seed {seed}");
                    assert!(rows.iter().all(|row| named.values().any(|named| named == row)), "seed {seed}");
                }
                compared += 1;
            }
        }
        assert!(compared > 1_500, "{compared}");
    }
}
