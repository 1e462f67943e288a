use fix_core::{
    dict::fix44::DICTIONARY,
    time::{Mono, Now},
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter},
    },
};

use super::*;
use crate::{
    contract::{
        fields::of_columns,
        market_book::{BookLevel, MarketBooks},
    },
    desk::InstrumentFields,
    market::{CounterpartyPrices, TOP_OF_BOOK, default_instruments},
};

/// Has room for so many messages, and keeps them.
#[derive(Default)]
struct Line {
    sent: Vec<String>,
    room: usize,
}

impl Outbox for Line {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        if self.sent.len() == self.room {
            return Err(fix_core::CapacityError::Full.into());
        }
        let mut buffer = [0; 512];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", message.msg_type());
        message.encode_body(writer.writer());
        let len = writer.finish().unwrap();
        self.sent.push(String::from_utf8_lossy(&buffer[..len]).replace('\x01', "|"));
        Ok(self.sent.len() as u64)
    }

    fn logout(&mut self, _text: Option<&str>) {}

    fn now(&self) -> Now {
        Now { mono: Mono::default(), utc: at(0) }
    }
}

fn at(seconds: i64) -> UtcTimestamp {
    UtcTimestamp::from_unix(seconds, 0)
}

/// The file of instruments names 3Y by its SecurityID(48) too.
fn extras() -> Extras {
    let columns = [("SecurityID", "US91282CAB"), ("22", "1"), ("Currency", "USD")];
    let columns = columns.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let fields = of_columns(&columns, &DICTIONARY).unwrap();
    Extras::new(None, Arc::new(InstrumentFields::from([("3Y", fields)])), &DICTIONARY).unwrap()
}

struct Rig {
    all: CounterpartyPrices,
    market_data: MarketData,
    line: Line,
}

impl Rig {
    /// Logged on; three instruments are asked for: 2Y, 3Y, 5Y.
    fn new() -> Self {
        Rig::with_depth(TOP_OF_BOOK)
    }

    fn with_depth(market_depth: u32) -> Self {
        let all = CounterpartyPrices::default();
        let instruments: Arc<[Instrument]> = default_instruments().into_iter().take(3).collect();
        let feed = (all.add("S", &instruments, market_depth), instruments);
        let mut rig = Rig {
            all,
            market_data: MarketData::new("S", Some(feed)),
            line: Line { room: 99, ..Line::default() },
        };
        rig.log_on();
        rig
    }

    fn log_on(&mut self) {
        self.market_data.begin(at(7));
        self.ask();
    }

    fn ask(&mut self) {
        assert!(!self.market_data.ask(&extras(), &mut self.line));
    }

    /// MDReqID(262) of the last request for the instrument at this place.
    fn id(&self, place: usize) -> String {
        let symbol = ["2Y", "3Y", "5Y"][place];
        let request = self.line.sent.iter().rfind(|sent| sent.contains(&format!("|55={symbol}|"))).unwrap();
        request.split('|').find_map(|field| field.strip_prefix("262=")).unwrap().to_owned()
    }

    fn hear(&mut self, msg_type: MsgType, fields: &str) -> Result<(), BusinessReject> {
        with_message(msg_type, fields, |message| self.market_data.hear(message, at(9)))
    }

    fn snapshot(&mut self, id: &str, bid: &str, ask: &str) {
        let fields = format!("262={id}|268=2|269=0|270={bid}|269=1|270={ask}|");
        self.hear(MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH, &fields).unwrap();
    }

    fn change(&mut self, fields: &str) {
        self.hear(MsgType::MARKET_DATA_INCREMENTAL_REFRESH, fields).unwrap();
    }

    /// Symbol, bid, ask; a price that may not hold any more has a `?`.
    fn shown(&self) -> Vec<String> {
        let price = |price: Option<Decimal>| price.map_or_else(|| "-".to_owned(), |price| price.to_string());
        let prices = self.all.snapshot().prices.into_iter();
        let show = |p: crate::contract::price::Price| {
            format!("{} {} {}{}", p.symbol, price(p.bid), price(p.ask), if p.is_stale { "?" } else { "" })
        };
        prices.map(show).collect()
    }
}

/// The book of 2Y: its bids and asks, and whether it holds.
fn depth(rig: &Rig) -> (Vec<String>, Vec<String>, bool) {
    let book = rig.all.book("2Y").unwrap();
    let side = |levels: &[BookLevel]| {
        levels.iter().map(|level| format!("{}x{}", level.price, level.qty.unwrap())).collect::<Vec<_>>()
    };
    (side(&book.bids), side(&book.asks), !book.is_stale)
}

fn with_message<R>(msg_type: MsgType, fields: &str, then: impl FnOnce(&Message<'_>) -> R) -> R {
    let mut buffer = [0; 512];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().encoded(fields.replace('|', "\x01").as_bytes());
    let len = writer.finish().unwrap();
    let Scan::Frame(frame, _) = scan(&buffer[..len], 512) else { panic!("not a frame") };
    then(&Message::parse(frame).unwrap())
}

#[test]
fn each_instrument_is_asked_for_after_each_logon_under_a_new_id() {
    let mut rig = Rig::new();
    let asks: Vec<&str> = rig.line.sent.iter().map(|sent| sent.split_once("|262=").unwrap().1).collect();
    assert_eq!(asks.len(), 3);
    let asked = asks[0].split_once('|').unwrap().1;
    assert!(asked.starts_with("263=1|264=1|265=1|267=3|269=0|269=1|269=2|"), "{asked}");
    assert!(rig.line.sent[0].contains("|146=1|55=2Y|262="), "{}", rig.line.sent[0]);
    assert!(rig.line.sent[1].contains("|146=1|55=3Y|48=US91282CAB|22=1|262="), "{}", rig.line.sent[1]);
    let first = rig.id(0);
    rig.snapshot(&first, "99", "100");
    assert_eq!(rig.shown(), ["2Y 99 100"]);

    rig.market_data.end();
    assert_eq!(rig.shown(), ["2Y 99 100?"]);
    assert!(!rig.market_data.ask(&extras(), &mut rig.line));
    assert_eq!(rig.line.sent.len(), 3, "nothing is asked for without a Logon");
    rig.log_on();
    assert_eq!(rig.line.sent.len(), 6);
    assert_ne!(rig.id(0), first);
    rig.snapshot(&first, "1", "2");
    rig.change(&format!("262={}|268=1|279=1|269=0|270=98|", rig.id(0)));
    assert_eq!(
        rig.shown(),
        ["2Y 99 100?"],
        "neither what was resent, nor a change of a book that is not there"
    );
    rig.snapshot(&rig.id(0), "98", "101");
    assert_eq!(rig.shown(), ["2Y 98 101"]);
}

#[test]
fn a_request_of_an_earlier_connection_is_not_resent() {
    let mut rig = Rig::new();
    let first = rig.id(1);
    let is_current = |rig: &Rig, id: &str| {
        with_message(MsgType::MARKET_DATA_REQUEST, &format!("262={id}|"), |message| {
            rig.market_data.is_current(message)
        })
    };
    assert!(is_current(&rig, &first));
    rig.market_data.end();
    rig.log_on();
    assert!(!is_current(&rig, &first) && is_current(&rig, &rig.id(1)));
}

#[test]
fn what_finds_no_room_is_asked_for_later() {
    let mut rig = Rig::new();
    rig.market_data.end();
    rig.market_data.begin(at(8));
    rig.line.room = 4;
    assert!(rig.market_data.ask(&extras(), &mut rig.line));
    rig.line.room = 99;
    assert!(!rig.market_data.ask(&extras(), &mut rig.line));
    assert_eq!(rig.line.sent.len(), 6);
}

#[test]
fn entries_without_a_symbol_are_of_the_instrument_before_or_of_the_request() {
    let mut rig = Rig::new();
    for place in 0..3 {
        rig.snapshot(&rig.id(place), "10", "20");
    }
    rig.change(&format!("262={}|268=2|279=1|269=0|270=11|279=1|269=1|270=19|", rig.id(2)));
    rig.change("268=3|279=1|269=0|55=2Y|270=12|279=1|269=1|270=18|279=0|269=0|278=q|55=NOBODY|270=1|");
    assert_eq!(rig.shown(), ["2Y 12 18", "3Y 10 20", "5Y 11 19"]);
    rig.change("268=1|279=0|269=1|278=q|55=3Y|270=17|");
    rig.change("268=1|279=2|278=q|");
    assert_eq!(rig.shown()[1], "3Y 10 20", "an id finds its book");
}

#[test]
fn a_snapshot_without_an_id_is_taken_unless_it_was_sent_before() {
    let mut rig = Rig::new();
    let full = "55=3Y|268=1|269=0|270=10|";
    let poss_dup = format!("43=Y|122=20260101-00:00:00|{full}");
    rig.hear(MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH, &poss_dup).unwrap();
    assert!(rig.shown().is_empty());
    rig.hear(MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH, full).unwrap();
    assert_eq!(rig.shown(), ["3Y 10 -"]);
}

#[test]
fn a_refusal_is_told_once_for_each_symbol() {
    let mut rig = Rig::new();
    let refuse = |rig: &mut Rig, place: usize| {
        let fields = format!("262={}|281=0|58=not\x02here|", rig.id(place));
        rig.hear(MsgType::MARKET_DATA_REQUEST_REJECT, &fields).unwrap();
        std::iter::from_fn(|| rig.market_data.take_event()).collect::<Vec<_>>()
    };
    assert_eq!(refuse(&mut rig, 0), ["no market data of 2Y: unknown symbol (not\\u{2}here)"]);
    assert_eq!(refuse(&mut rig, 1).len(), 1);
    rig.market_data.end();
    rig.log_on();
    assert!(refuse(&mut rig, 0).is_empty(), "the same again");
    rig.snapshot(&rig.id(2), "10", "20");
    assert_eq!(rig.shown(), ["5Y 10 20"]);
}

#[test]
fn a_reject_of_a_request_is_a_refusal_and_others_are_not() {
    let mut rig = Rig::new();
    let hear = |rig: &mut Rig, number| {
        with_message(MsgType::BUSINESS_MESSAGE_REJECT, "372=V|380=3|58=no|", |reject| {
            rig.market_data.hear_reject(number, reject)
        })
    };
    assert!(!hear(&mut rig, None) && !hear(&mut rig, Some(77)));
    assert!(hear(&mut rig, Some(2)));
    assert_eq!(
        rig.market_data.take_event().as_deref(),
        Some("no market data of 3Y: the request is rejected (no)")
    );
}

#[test]
fn without_a_subscription_market_data_is_unsupported() {
    let mut market_data = MarketData::new("S", None);
    market_data.begin(at(1));
    let mut line = Line { room: 9, ..Line::default() };
    assert!(!market_data.ask(&extras(), &mut line) && line.sent.is_empty());
    for msg_type in [MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH, MsgType::MARKET_DATA_INCREMENTAL_REFRESH] {
        let heard =
            with_message(msg_type, "55=2Y|268=1|269=0|270=10|", |message| market_data.hear(message, at(2)));
        assert_eq!(heard, Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE));
    }
}

#[test]
fn a_book_is_asked_for_as_deep_as_the_file_says_and_kept_by_what_its_counterparty_names_entries_by() {
    let mut rig = Rig::with_depth(0);
    assert!(rig.line.sent[0].contains("|263=1|264=0|265=1|"), "{}", rig.line.sent[0]);
    // FIX 4.4 has MDEntryID(278) in X alone; who names entries by it says it in W too.
    let id = rig.id(0);
    let full = "268=3|269=0|278=1|270=10|271=5|269=0|278=2|270=9|271=4|269=1|278=3|270=11|271=6|";
    rig.hear(MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH, &format!("262={id}|55=2Y|{full}")).unwrap();
    let list = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>();
    assert_eq!(depth(&rig), (list(&["10x5", "9x4"]), list(&["11x6"]), true));
    rig.change(&format!(
        "262={id}|268=3|279=2|278=1|55=2Y|279=0|269=1|278=4|55=2Y|270=12|271=1|279=2|278=77|55=2Y|"
    ));
    assert_eq!(depth(&rig), (list(&["9x4"]), list(&["11x6", "12x1"]), true));

    rig.market_data.end();
    assert_eq!(depth(&rig), (list(&["9x4"]), list(&["11x6", "12x1"]), false));
}

#[test]
fn a_refused_book_does_not_hold_and_says_why() {
    let mut rig = Rig::with_depth(0);
    rig.snapshot(&rig.id(0), "10", "11");
    assert!(rig.all.book("2Y").is_some_and(|book| !book.is_stale && book.refusal.is_none()));
    let fields = format!("262={}|281=5|58=five at most|", rig.id(0));
    rig.hear(MsgType::MARKET_DATA_REQUEST_REJECT, &fields).unwrap();
    let book = rig.all.book("2Y").unwrap();
    let why = "not as many prices as are asked for (264, MarketDepth) (five at most)";
    assert_eq!((book.is_stale, book.refusal.as_deref()), (true, Some(why)));
    assert_eq!(rig.shown(), ["2Y 10 11?"]);
    assert!(rig.all.book("NOBODY").is_none());
}

#[test]
fn after_messages_that_will_not_come_the_books_are_asked_for_again() {
    let mut rig = Rig::with_depth(0);
    // Numbers 5 to 8 will not come.
    let filled = Event::Decision { reason: Reason::GapFilled, msg_seq_num: 9, expected: 5 };
    assert!(!rig.market_data.hear_event(&filled), "nothing is known that could have changed");
    let first = rig.id(0);
    rig.snapshot(&first, "10", "11");
    let nothing = Event::Decision { reason: Reason::GapFilled, msg_seq_num: 5, expected: 5 };
    assert!(!rig.market_data.hear_event(&nothing));
    assert!(rig.market_data.hear_event(&filled));
    assert_eq!(rig.shown(), ["2Y 10 11?"]);
    rig.ask();
    let asked = rig.line.sent[3..].iter().map(|sent| sent.split_once("|262=").unwrap().1.to_owned());
    let asked: Vec<String> = asked.collect();
    assert!(
        asked[0].starts_with(&format!("{first}|263=2|")) && asked[1].contains("|263=1|264=0|"),
        "{asked:?}"
    );
    assert_eq!(asked.len(), 2);
    rig.change(&format!("262={first}|268=1|279=0|269=0|270=12|271=1|55=2Y|"));
    rig.snapshot(&first, "1", "2");
    assert_eq!(rig.shown(), ["2Y 10 11?"], "what was asked for before is no answer");
    rig.snapshot(&rig.id(0), "12", "13");
    assert_eq!(rig.shown(), ["2Y 12 13"]);
}

#[test]
fn a_change_that_cannot_be_read_makes_the_book_stale() {
    let mut rig = Rig::with_depth(0);
    let id = rig.id(0);
    rig.snapshot(&id, "10", "11");
    rig.snapshot(&rig.id(1), "20", "21");
    let fields = format!("262={id}|268=1|279=0|269=0|270=ten|55=2Y|");
    assert!(rig.hear(MsgType::MARKET_DATA_INCREMENTAL_REFRESH, &fields).is_err());
    assert_eq!(rig.shown(), ["2Y 10 11?", "3Y 20 21"]);
}

#[test]
fn a_trade_has_the_time_that_its_counterparty_says() {
    let mut rig = Rig::with_depth(0);
    let id = rig.id(0);
    rig.snapshot(&id, "10", "11");
    // It is 00:00:09 here: a second before midnight is of the day before.
    rig.change(&format!("262={id}|268=2|279=0|269=2|270=10|271=1|273=23:59:59|279=0|269=2|270=11|271=2|"));
    let trades = rig.all.book("2Y").unwrap().trades;
    assert_eq!(trades.iter().map(|trade| trade.time).collect::<Vec<_>>(), [at(9), at(-1)]);
}
