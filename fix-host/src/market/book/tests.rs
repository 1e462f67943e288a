use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use super::{
    side::{MOST_AT_THE_TOP, MOST_ENTRIES},
    trades::MOST_TRADES,
    *,
};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

const NOON: UtcTimestamp = UtcTimestamp::from_unix(43_200, 0);

fn bid(price: &str) -> BookEntry<'static> {
    BookEntry { entry_type: Some(MdEntryType::BID), price: Some(dec(price)), ..BookEntry::default() }
}

fn ask(price: &str) -> BookEntry<'static> {
    BookEntry { entry_type: Some(MdEntryType::OFFER), ..bid(price) }
}

fn book(entries: &[BookEntry<'static>]) -> Book {
    let mut book = Book::new(TOP_OF_BOOK);
    book.replace(NOON, entries.iter().copied());
    book
}

fn best(book: &Book) -> [String; 3] {
    [book.bid(), book.ask(), book.mid()]
        .map(|price| price.map_or_else(|| "-".to_owned(), |price| price.to_string()))
}

const NEW: MdUpdateAction = MdUpdateAction::NEW;
const CHANGE: MdUpdateAction = MdUpdateAction::CHANGE;
const DELETE: MdUpdateAction = MdUpdateAction::DELETE;

#[test]
fn a_snapshot_takes_the_place_of_all_before() {
    let mut book = book(&[bid("99.870"), bid("99.865"), ask("99.880"), ask("99.885")]);
    assert_eq!(best(&book), ["99.870", "99.880", "99.875"]);
    book.replace(NOON, [bid("99.87")].into_iter());
    assert_eq!(best(&book), ["99.87", "-", "-"]);
    book.replace(NOON, [bid("99.87"), ask("99.88")].into_iter());
    assert_eq!(best(&book), ["99.87", "99.88", "99.875"], "a digit more where the middle needs it");
}

#[test]
fn a_change_without_a_key_is_of_the_one_best_price() {
    let mut book = book(&[bid("99.870"), ask("99.880")]);
    book.change(NOON, CHANGE, bid("99.875"));
    book.change(NOON, CHANGE, ask("99.885"));
    assert_eq!(best(&book), ["99.875", "99.885", "99.880"]);
    book.change(NOON, DELETE, BookEntry { price: None, ..bid("1") });
    assert_eq!(best(&book), ["-", "99.885", "-"]);
    book.change(NOON, CHANGE, bid("99.860"));
    assert_eq!(best(&book)[0], "99.860");
}

#[test]
fn entries_are_found_by_their_ids_also_without_their_type() {
    let with = |entry: BookEntry<'static>, id: &'static str| BookEntry { id: Some(id), ..entry };
    let mut book = Book::new(TOP_OF_BOOK);
    book.change(NOON, NEW, with(bid("10.1"), "a"));
    book.change(NOON, NEW, with(bid("10.2"), "b"));
    book.change(NOON, NEW, with(ask("10.4"), "c"));
    let of = |id| BookEntry { id: Some(id), ..BookEntry::default() };
    book.change(NOON, CHANGE, BookEntry { price: Some(dec("10.3")), ..of("c") });
    assert_eq!(best(&book), ["10.2", "10.3", "10.25"]);
    book.change(NOON, CHANGE, BookEntry { id: Some("d"), ref_id: Some("b"), ..bid("10.15") });
    assert_eq!(best(&book)[0], "10.15");
    book.change(NOON, DELETE, of("d"));
    assert_eq!(best(&book)[0], "10.1");
    for nobody in [of("nobody"), BookEntry { entry_type: Some(MdEntryType::BID), ..of("nobody") }] {
        book.change(NOON, DELETE, nobody);
        assert_eq!(best(&book)[0], "10.1");
    }
}

#[test]
fn positions_move_as_levels_come_and_go() {
    let at = |position, price: &str| BookEntry { position: Some(position), ..bid(price) };
    let mut book = book(&[at(2, "10.2"), at(1, "10.3")]);
    book.change(NOON, NEW, at(1, "10.4"));
    book.change(NOON, DELETE, BookEntry { price: None, ..at(2, "1") });
    assert_eq!(best(&book)[0], "10.4");
    book.change(NOON, DELETE, BookEntry { price: None, ..at(1, "1") });
    assert_eq!(best(&book)[0], "10.2", "it was the third once, and is the first now");
}

#[test]
fn the_last_trade_and_the_average_are_those_that_were_said() {
    let said = |entry_type, price: &str| BookEntry { entry_type: Some(entry_type), ..bid(price) };
    let mut book = book(&[said(MdEntryType::TRADE, "10.1"), bid("10"), ask("11")]);
    assert_eq!(book.last_price(), Some(dec("10.1")));
    book.change(NOON, CHANGE, ask("10.4"));
    assert_eq!(book.last_price(), Some(dec("10.2")), "the middle is newer");
    book.change(NOON, NEW, said(MdEntryType::TRADE, "10.1"));
    assert_eq!(book.last_price(), Some(dec("10.1")));
    book.change(NOON, NEW, said(MdEntryType::TRADING_SESSION_VWAP_PRICE, "10.05"));
    book.change(NOON, NEW, said(MdEntryType::OPENING_PRICE, "9"));
    assert_eq!((book.last, book.vwap), (Some(dec("10.1")), Some(dec("10.05"))));
    assert_eq!(best(&book)[0], "10");
}

#[test]
fn a_side_holds_its_best_levels_and_no_more() {
    let mut book = Book::new(TOP_OF_BOOK);
    for price in 1..=1000 {
        book.change(NOON, NEW, bid(&price.to_string()));
        book.change(NOON, NEW, ask(&price.to_string()));
    }
    assert_eq!((book.bids().len(), book.is_cut()), (1, true));
    assert_eq!(best(&book)[..2], ["1000", "1"]);
}

/// With a quantity.
fn of(entry: BookEntry<'static>, size: &str) -> BookEntry<'static> {
    BookEntry { size: Some(dec(size)), ..entry }
}

fn named(entry: BookEntry<'static>, id: &'static str) -> BookEntry<'static> {
    BookEntry { id: Some(id), ..entry }
}

/// `price x quantity`, the best first.
fn shown(levels: &[BookLevel]) -> Vec<String> {
    let qty = |level: &BookLevel| level.qty.map_or_else(|| "?".to_owned(), |qty| qty.to_string());
    levels.iter().map(|level| format!("{}x{}", level.price, qty(level))).collect()
}

fn trade(price: &str, size: &str) -> BookEntry<'static> {
    of(BookEntry { entry_type: Some(MdEntryType::TRADE), ..bid(price) }, size)
}

fn prints(book: &Book) -> Vec<String> {
    book.trades().iter().map(|trade| format!("{}x{}", trade.price, trade.qty.unwrap())).collect()
}

#[test]
fn orders_at_one_price_are_one_level_and_no_more_levels_are_shown_than_were_asked_for() {
    let mut book = Book::new(2);
    let bids = [
        named(of(bid("9"), "1"), "a"),
        named(of(bid("10"), "2"), "b"),
        named(of(bid("8"), "7"), "c"),
        named(of(bid("10.0"), "3"), "d"),
    ];
    book.replace(NOON, bids.into_iter());
    assert_eq!(shown(&book.bids()), ["10x5", "9x1"]);
    book.change(NOON, DELETE, named(BookEntry::default(), "b"));
    assert_eq!(shown(&book.bids()), ["10.0x3", "9x1"]);
    book.change(NOON, CHANGE, named(BookEntry { size: Some(dec("6")), ..BookEntry::default() }, "d"));
    assert_eq!(shown(&book.bids()), ["10.0x6", "9x1"], "what a change leaves out is as it was");
    book.change(NOON, DELETE, named(bid("9"), "a"));
    assert_eq!(shown(&book.bids()), ["10.0x6", "8x7"], "the third comes up");
}

#[test]
fn what_is_told_twice_is_there_once() {
    let mut book = Book::new(0);
    for entry in [
        of(ask("11"), "1"),
        of(ask("11"), "4"),
        named(of(ask("12"), "5"), "x"),
        named(of(ask("12"), "5"), "x"),
    ] {
        book.change(NOON, NEW, entry);
    }
    assert_eq!(shown(&book.asks()), ["11x4", "12x5"]);
    let at = |position, price: &str| BookEntry { position: Some(position), ..of(bid(price), "1") };
    for entry in [at(1, "10"), at(1, "10"), at(2, "9"), at(1, "10.5")] {
        book.change(NOON, NEW, entry);
    }
    assert_eq!(shown(&book.bids()), ["10.5x1", "10x1", "9x1"]);
    book.change(NOON, DELETE, BookEntry { position: Some(2), price: None, ..bid("1") });
    assert_eq!(shown(&book.bids()), ["10.5x1", "9x1"]);
}

#[test]
fn a_deletion_of_what_is_not_there_takes_nothing_else() {
    let mut book = Book::new(0);
    book.replace(NOON, [of(bid("10"), "1"), of(ask("11"), "1")].into_iter());
    for unknown in [
        bid("9"),
        named(bid("9"), "q"),
        BookEntry { position: Some(1), ..bid("9") },
        BookEntry { position: Some(7), price: None, ..bid("1") },
        named(BookEntry::default(), "q"),
        BookEntry::default(),
        BookEntry { entry_type: Some(MdEntryType::TRADE), ..bid("9") },
    ] {
        book.change(NOON, DELETE, unknown);
        assert_eq!(
            (shown(&book.bids()), shown(&book.asks())),
            (vec!["10x1".to_owned()], vec!["11x1".to_owned()])
        );
    }
    book.change(NOON, CHANGE, of(bid("9"), "2"));
    assert_eq!(shown(&book.bids()), ["10x1", "9x2"], "a price that nobody told of yet is another one");
}

#[test]
fn a_price_without_a_quantity_is_none_to_trade_at() {
    let mut book = Book::new(0);
    book.replace(NOON, [of(bid("10"), "1"), of(bid("9"), "1"), of(ask("9.5"), "-1")].into_iter());
    book.change(NOON, CHANGE, of(bid("10"), "0"));
    assert_eq!(
        (shown(&book.bids()), best(&book)),
        (vec!["9x1".to_owned()], ["9", "-", "-"].map(str::to_owned))
    );
    book.change(NOON, CHANGE, of(bid("10"), "4"));
    assert_eq!(shown(&book.bids()), ["10x4", "9x1"]);
}

#[test]
fn a_crossed_book_is_shown_as_it_is_said() {
    let mut book = Book::new(0);
    book.replace(NOON, [of(bid("11"), "1"), of(ask("10"), "1")].into_iter());
    assert_eq!(
        (shown(&book.bids()), shown(&book.asks())),
        (vec!["11x1".to_owned()], vec!["10x1".to_owned()])
    );
    assert_eq!(best(&book), ["11", "10", "10.5"]);
}

#[test]
fn behind_the_first_price_that_is_not_kept_nothing_is_shown() {
    let mut book = Book::new(0);
    let entries = MOST_ENTRIES as i64;
    for price in 1..=entries + 10 {
        book.change(NOON, NEW, of(bid(&price.to_string()), "1"));
    }
    assert!(book.is_cut());
    assert_eq!(book.bids().len() as i64, entries);
    for price in 20..=entries + 10 {
        book.change(NOON, DELETE, bid(&price.to_string()));
    }
    book.change(NOON, NEW, of(bid("5"), "9"));
    book.change(NOON, NEW, of(bid("10"), "9"));
    let kept = book.bids();
    assert_eq!(
        (kept.len(), shown(&kept[8..])),
        (9, vec!["11x1".to_owned()]),
        "10 and 5 were there before, with more"
    );
    book.replace(NOON, [of(bid("10"), "9")].into_iter());
    assert!(!book.is_cut());
    assert_eq!(MOST_AT_THE_TOP, 32);
}

#[test]
fn trades_are_kept_corrected_and_taken_back_by_their_ids() {
    let mut book = Book::new(0);
    book.replace(NOON, [trade("9", "1")].into_iter());
    assert_eq!((book.last, prints(&book).len()), (Some(dec("9")), 0), "nobody said when");
    for (price, id) in [("10", "t1"), ("11", "t2"), ("12", "t3")] {
        book.change(NOON, NEW, named(trade(price, "5"), id));
    }
    book.change(NOON, NEW, named(trade("12", "5"), "t3"));
    assert_eq!(prints(&book), ["12x5", "11x5", "10x5"]);
    book.change(NOON, CHANGE, named(trade("11", "4"), "t2"));
    book.change(NOON, DELETE, named(trade("10", "5"), "t1"));
    assert_eq!((prints(&book), book.last), (vec!["12x5".to_owned(), "11x4".to_owned()], Some(dec("12"))));
    book.change(NOON, DELETE, named(BookEntry::default(), "t3"));
    assert_eq!((prints(&book), book.last), (vec!["11x4".to_owned()], Some(dec("11"))));
    let correction = BookEntry { ref_id: Some("long ago"), ..named(trade("8", "1"), "t9") };
    book.change(NOON, CHANGE, correction);
    assert_eq!((prints(&book).len(), book.last), (1, Some(dec("11"))));
    let early = BookEntry { time: Some(UtcTimestamp::from_unix(40_000, 0)), ..trade("7", "2") };
    for _ in 0..2 {
        book.replace(NOON, [trade("13", "1"), early].into_iter());
    }
    assert_eq!(prints(&book), ["11x4", "7x2"], "a snapshot tells what was told before");
    for _ in 0..MOST_TRADES + 5 {
        book.change(NOON, NEW, trade("14", "1"));
    }
    assert_eq!(prints(&book).len(), MOST_TRADES);
}

#[test]
fn whatever_is_said_no_price_is_shown_twice_or_out_of_order() {
    let mut random = ChaCha12Rng::seed_from_u64(7);
    for depth in [0, 1, 3] {
        let mut book = Book::new(depth);
        for _ in 0..30_000 {
            let mut pick = |from: &[Option<i64>]| from[random.random_range(0..from.len())];
            let decimal = |value: i64| Decimal::new(value, 1);
            let prices = [None, Some(98), Some(99), Some(100), Some(101), Some(i64::MIN), Some(i64::MAX)];
            let (price, size) =
                (pick(&prices), pick(&[None, Some(0), Some(-3), Some(5), Some(7), Some(i64::MAX)]));
            let position =
                pick(&[None, Some(1), Some(2), Some(3), Some(0), Some(-1), Some(i64::MIN), Some(i64::MAX)]);
            let types = [None, Some(MdEntryType::BID), Some(MdEntryType::OFFER), Some(MdEntryType::TRADE)];
            let ids = [None, None, Some("a"), Some("b"), Some("c"), Some("")];
            let entry = BookEntry {
                entry_type: types[random.random_range(0..types.len())],
                id: ids[random.random_range(0..ids.len())],
                ref_id: ids[random.random_range(0..ids.len())],
                position,
                price: price.map(decimal),
                size: size.map(decimal),
                orders: Some(u32::MAX),
                time: None,
            };
            match random.random_range(0..40) {
                0 => book.replace(NOON, [entry, entry].into_iter()),
                action => book.change(NOON, [NEW, CHANGE, DELETE][action % 3], entry),
            }
            let (bids, asks) = (book.bids(), book.asks());
            assert!(bids.windows(2).all(|two| two[0].price > two[1].price));
            assert!(asks.windows(2).all(|two| two[0].price < two[1].price));
            assert!(depth == 0 || bids.len().max(asks.len()) <= depth as usize);
            // A quantity that is no number of ours is not said.
            assert!(bids.iter().chain(&asks).filter_map(|level| level.qty).all(Decimal::is_positive));
            assert_eq!(bids.first().map(|level| level.price), book.bid().filter(|_| !bids.is_empty()));
        }
    }
}
