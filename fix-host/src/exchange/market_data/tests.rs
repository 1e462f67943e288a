use std::sync::Arc;

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::*;
use crate::exchange::{
    book::{Owner, Phase, Side},
    orders::Echo,
    venue::{Cancel, Entry, Instrument, MAKER, Output, Rules},
    wire::{Line, said},
};

mod random;
mod refusals;
mod shared;

/// A venue with two instruments, a session that subscribes, and two that trade.
struct Market {
    venue: Venue,
    subscriptions: Subscriptions,
    line: Line,
    told: Vec<Output>,
    ids: u64,
    pictures: Pictures,
}

impl Market {
    fn new() -> Self {
        let listed = |symbol: &str, id: &str| Instrument {
            symbol: symbol.to_owned(),
            security_id: Some((id.to_owned(), Some("1".to_owned()))),
            price_type: None,
            tick: Decimal::new(5, 3),
            lot: Some(Decimal::from(1)),
        };
        Market {
            venue: Venue::new(Rules::default(), &[listed("2Y", "ID2"), listed("5Y", "ID5")]),
            subscriptions: Subscriptions::default(),
            line: Line::new(),
            told: Vec::new(),
            ids: 0,
            pictures: Pictures::default(),
        }
    }

    /// The session asks; what it is told.
    fn ask(&mut self, text: &str) -> Vec<String> {
        self.outcome(text).unwrap();
        self.publish()
    }

    fn outcome(&mut self, text: &str) -> Result<(), BusinessReject> {
        let Market { venue, subscriptions, line, .. } = self;
        said(text, |message| subscriptions.request(message, |names| venue.find_all(names), line))
    }

    /// What is new on the line.
    fn publish(&mut self) -> Vec<String> {
        let news = self.subscriptions.news(&self.venue, &mut self.pictures);
        self.subscriptions.tell(news, &IdPrefix::new("M"), &mut self.line);
        self.line.take()
    }

    /// An order of a session, with what of it is shown; zero: all.
    fn order(&mut self, owner: u32, side: Side, qty: i64, shown: i64, price: &str) -> String {
        self.ids += 1;
        let cl_ord_id = self.ids.to_string();
        let entry = Entry {
            cl_ord_id: cl_ord_id.as_str().into(),
            instrument: Named::Symbol("2Y"),
            side,
            ord_type: code::OrdType::LIMIT,
            price: Some(price.parse().unwrap()),
            stop_px: None,
            qty: Decimal::from(qty),
            min_qty: None,
            max_floor: (shown > 0).then(|| Decimal::from(shown)),
            time_in_force: code::TimeInForce::DAY,
            expires: None,
            poss_resend: false,
            unsupported: None,
            echo: Echo::default(),
        };
        self.venue.enter(Owner(owner), &entry, &mut self.told);
        cl_ord_id
    }

    fn cancel(&mut self, owner: u32, cl_ord_id: &str) {
        self.ids += 1;
        let request =
            Cancel { cl_ord_id: self.ids.to_string().as_str().into(), orig_cl_ord_id: Arc::from(cl_ord_id) };
        self.venue.cancel(Owner(owner), request, &mut self.told);
    }
}

const BOOK: &str = "35=V|262=m|263=1|264=0|265=1|267=2|269=0|269=1|146=1|55=2Y|";

#[test]
fn a_price_is_told_with_its_orders_and_each_change_of_it() {
    let mut market = Market::new();
    assert_eq!(market.ask(BOOK), ["35=W|55=2Y|262=m|268=0|"], "an empty market is told too");
    market.order(1, Side::Buy, 10, 0, "99.500");
    assert_eq!(market.publish(), ["35=X|262=m|268=1|279=0|269=0|55=2Y|270=99.500|271=10|346=1|290=1|"]);
    let second = market.order(2, Side::Buy, 5, 0, "99.500");
    market.order(2, Side::Buy, 7, 0, "99.600");
    assert_eq!(
        market.publish(),
        ["35=X|262=m|268=2|279=0|269=0|55=2Y|270=99.600|271=7|346=1|290=1|\
          279=1|269=0|55=2Y|270=99.500|271=15|346=2|290=2|"]
    );
    market.cancel(2, &second);
    market.order(1, Side::Sell, 7, 0, "99.600");
    assert_eq!(
        market.publish(),
        [
            "35=X|262=m|268=2|279=2|269=0|55=2Y|270=99.600|290=1|279=1|269=0|55=2Y|270=99.500|271=10|346=1|290=1|"
        ]
    );
    assert_eq!(market.publish(), [""; 0], "nothing has changed");
    assert_eq!(market.ask("35=V|262=m|263=2|264=0|267=1|269=0|146=1|55=2Y|"), [""; 0]);
    market.order(1, Side::Buy, 10, 0, "99.500");
    assert_eq!(market.publish(), [""; 0], "nobody asks any more");
    assert!(market.subscriptions.is_empty());
}

#[test]
fn an_iceberg_shows_what_is_shown_of_it_and_orders_have_their_names() {
    let mut market = Market::new();
    market.order(1, Side::Sell, 100, 10, "100.000");
    market.order(2, Side::Sell, 5, 0, "100.000");
    let once = "35=V|262=o|263=0|264=0|266=N|267=1|269=1|146=1|48=ID2|22=1|";
    assert_eq!(
        market.ask(once),
        [
            "35=W|55=2Y|262=o|268=2|269=1|270=100.000|271=10|37=OM-1|290=1|269=1|270=100.000|271=5|37=OM-2|290=2|"
        ]
    );
    assert!(market.subscriptions.is_empty(), "it was asked for once");
    let follow = once.replace("262=o", "262=f").replace("263=0", "263=1|265=1");
    market.ask(&follow);
    market.order(2, Side::Buy, 10, 0, "100.000");
    assert_eq!(
        market.publish(),
        ["35=X|262=f|268=2|279=2|269=1|278=OM-2|55=2Y|270=100.000|37=OM-2|290=2|\
          279=0|269=1|278=OM-2|55=2Y|270=100.000|271=5|37=OM-2|290=1|"],
        "the next part of it stands behind the other order"
    );
}

#[test]
fn the_depth_is_what_was_asked_for() {
    let mut market = Market::new();
    for price in ["99.000", "99.100", "99.200", "99.300"] {
        market.order(1, Side::Buy, 1, 0, price);
    }
    let top = market.ask("35=V|262=t|263=1|264=1|265=1|267=1|269=0|146=1|55=2Y|");
    assert_eq!(top, ["35=W|55=2Y|262=t|268=1|269=0|270=99.300|271=1|346=1|290=1|"]);
    let two = market.ask("35=V|262=n|263=0|264=2|267=1|269=0|146=1|55=2Y|");
    assert_eq!(two[0].matches("|270=").count(), 2);
    market.order(1, Side::Buy, 1, 0, "99.400");
    assert_eq!(
        market.publish(),
        [
            "35=X|262=t|268=2|279=2|269=0|55=2Y|270=99.300|290=1|279=0|269=0|55=2Y|270=99.400|271=1|346=1|290=1|"
        ],
        "what falls out is deleted"
    );
}

#[test]
fn trades_are_told_one_by_one_and_figures_as_they_are() {
    let mut market = Market::new();
    let types = "267=9|269=2|269=4|269=5|269=6|269=7|269=8|269=9|269=B|269=0|";
    assert_eq!(
        market.ask(&format!("35=V|262=t|263=1|264=0|265=1|{types}146=1|55=2Y|")),
        ["35=W|55=2Y|262=t|268=0|"],
        "nothing is known yet"
    );
    for (qty, price) in [(10, "99.500"), (30, "99.600")] {
        market.order(1, Side::Sell, qty, 0, price);
        market.order(2, Side::Buy, qty, 0, price);
    }
    assert_eq!(
        market.publish(),
        [
            "35=X|262=t|268=7|279=0|269=2|278=TM-1|55=2Y|270=99.500|271=10|279=0|269=2|278=TM-2|55=2Y|270=99.600|271=30|\
          279=0|269=4|55=2Y|270=99.500|279=0|269=7|55=2Y|270=99.600|279=0|269=8|55=2Y|270=99.500|\
          279=0|269=9|55=2Y|270=99.575|279=0|269=B|55=2Y|271=40|"
        ]
    );
    market.venue.set_phase(Phase::Closed, &mut market.told);
    assert_eq!(
        market.publish(),
        ["35=X|262=t|268=2|279=0|269=5|55=2Y|270=99.600|279=0|269=6|55=2Y|270=99.600|"]
    );
    market.venue.set_phase(Phase::PreOpen, &mut market.told);
    let next_day = market.publish();
    assert!(next_day[0].contains("|268=5|") && next_day[0].matches("279=2|").count() == 5, "{next_day:?}");
    let snapshot = market.ask(&format!("35=V|262=s|263=0|264=0|{types}146=1|55=2Y|"));
    assert_eq!(
        snapshot,
        ["35=W|55=2Y|262=s|268=3|269=2|270=99.600|271=30|269=5|270=99.600|269=6|270=99.600|"]
    );
}

#[test]
fn all_is_told_again_where_that_is_asked_for() {
    let mut market = Market::new();
    market.ask("35=V|262=w|263=1|264=1|265=0|267=2|269=0|269=1|146=2|55=2Y|55=5Y|");
    market.order(1, Side::Buy, 1, 0, "99.000");
    let full = "35=W|55=2Y|262=w|268=1|269=0|270=99.000|271=1|346=1|290=1|";
    assert_eq!(market.publish(), [full]);
    market.order(1, Side::Buy, 1, 0, "98.000");
    assert_eq!(market.publish(), [""; 0], "what is not seen changes nothing");
}

#[test]
fn who_has_no_room_is_told_of_all_trades_later_and_that_some_are_missing() {
    let mut market = Market::new();
    market.ask("35=V|262=t|263=1|264=1|265=1|267=1|269=2|146=1|55=2Y|");
    market.line.room = 0;
    let trade = |market: &mut Market| {
        market.order(1, Side::Sell, 1, 0, "99.500");
        market.order(2, Side::Buy, 1, 0, "99.500");
    };
    for _ in 0..100 {
        trade(&mut market);
        assert_eq!(market.publish(), [""; 0]);
    }
    market.line.room = 2;
    let mut told = market.publish();
    assert_eq!(told.len(), 2);
    market.line.room = usize::MAX;
    told.extend(market.publish());
    let trades: usize = told.iter().map(|message| message.matches("|269=2|").count()).sum();
    assert_eq!(trades, 100);
    assert!(!told.concat().contains("|58="));
    market.line.room = 0;
    for _ in 0..5_000 {
        trade(&mut market);
    }
    market.line.room = usize::MAX;
    let told = market.publish();
    assert!(told[0].contains("|58=904 trades before this one are not told|"), "{}", told[0]);
    assert_eq!(told.concat().matches("|58=").count(), 1);
}

#[test]
fn trades_of_other_instruments_are_not_missing() {
    let mut market = Market::new();
    market.ask("35=V|262=t|263=1|264=1|265=1|267=1|269=2|146=1|55=5Y|");
    let price = |text: &str| text.parse::<Decimal>().unwrap();
    for _ in 0..5_000 {
        market.venue.print(0, price("99.500"), Decimal::from(1), &mut market.told);
    }
    market.venue.print(1, price("98.500"), Decimal::from(1), &mut market.told);
    let told = market.publish();
    assert!(told.len() == 1 && told[0].contains("|270=98.500|"), "{told:?}");
    assert!(!told[0].contains("|58="), "{told:?}");
}

#[test]
fn the_makers_quotes_are_in_the_book_as_any_others() {
    let mut market = Market::new();
    let price = |text: &str| text.parse::<Decimal>().unwrap();
    market.venue.quote(1, price("98.500"), price("98.510"), &mut market.told);
    let told = market.ask("35=V|262=q|263=0|264=1|267=2|269=0|269=1|146=1|55=5Y|");
    assert!(told[0].contains("|269=0|270=98.500|") && told[0].contains("|269=1|270=98.510|"), "{told:?}");
    assert_eq!(MAKER, Owner(0));
}
