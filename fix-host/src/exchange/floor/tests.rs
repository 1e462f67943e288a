use std::sync::atomic::{AtomicUsize, Ordering};

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::*;
use crate::exchange::{
    book::{Phase, Side},
    journal::Telling,
    orders::{self, Echo, Report},
    profile::Profile,
    venue::{Cancel, Entry, Feed, Filling, InParts, Named, Replace, Unknown},
};

const NOW: UtcTimestamp = UtcTimestamp::from_unix(1_000_000, 0);

fn floor() -> Floor {
    Floor::new(Market::new(1), Rules::default(), IdPrefix::new("T"))
}

/// A session, and how often it was woken.
fn join(floor: &Floor, session: &str) -> (Seat, Arc<AtomicUsize>) {
    let count = Arc::<AtomicUsize>::default();
    let woken = Arc::clone(&count);
    let wake = move || {
        woken.fetch_add(1, Ordering::Relaxed);
    };
    (floor.join(session, wake), count)
}

/// An order at one price for an instrument that the venue does not quote; what was said of it to its session.
fn enter(seat: &Seat, cl_ord_id: &str, side: Side, qty: i64) -> Vec<String> {
    let entry = entry(cl_ord_id, side, qty);
    let mut own = VecDeque::new();
    seat.ask(NOW, &mut own, |venue, owner, out| venue.enter(owner, &entry, out));
    own.iter().map(short).collect()
}

pub(in crate::exchange) fn entry<'a>(cl_ord_id: &str, side: Side, qty: i64) -> Entry<'a> {
    Entry {
        cl_ord_id: cl_ord_id.into(),
        instrument: Named::Symbol("AAPL"),
        side,
        ord_type: code::OrdType::LIMIT,
        price: Some(Decimal::new(187, 0)),
        stop_px: None,
        qty: Decimal::new(qty, 0),
        min_qty: None,
        max_floor: None,
        time_in_force: code::TimeInForce::DAY,
        expires: None,
        poss_resend: false,
        unsupported: None,
        echo: Echo::default(),
    }
}

/// ClOrdID, ExecType and OrdStatus.
fn short(output: &Output) -> String {
    match output {
        Output::Order(orders::Output::Report(report)) => {
            let Report { cl_ord_id, exec_type, ord_status, .. } = &**report;
            format!("{cl_ord_id} {}/{}", char::from(exec_type.0), char::from(ord_status.0))
        }
        other => format!("{other:?}"),
    }
}

/// The session is told this, under a number that its store is taken to have.
pub(in crate::exchange) fn sent<'o>(seat: &Seat, outputs: impl IntoIterator<Item = &'o Output>) {
    seat.write(&mut outputs.into_iter().filter_map(Telling::of).map(|telling| (telling, 1)).collect());
}

fn taken(seat: &Seat) -> Vec<String> {
    seat.take().iter().map(short).collect()
}

#[test]
fn the_venues_quotes_are_the_latest_prices() {
    let floor = floor();
    floor.tick(NOW);
    floor.tick(NOW);
    let mut expected = Market::new(1);
    expected.tick();
    expected.tick();
    for (place, quote) in expected.quotes().iter().enumerate() {
        let best = |side| {
            floor.look(|venue| {
                venue.depth(place).and_then(|depth| Some(depth.listing.price(depth.book.best(side)?)))
            })
        };
        assert_eq!(
            (best(Side::Buy), best(Side::Sell)),
            (Some(quote.bid), Some(quote.ask)),
            "{}",
            quote.symbol
        );
    }
}

#[test]
fn only_who_watches_is_woken_when_the_market_changes() {
    let floor = floor();
    let ((one, woken), (other, idle)) = (join(&floor, "A"), join(&floor, "B"));
    assert!(one.watch(true), "something may have changed before");
    assert!(!one.watch(true));
    enter(&one, "1", Side::Buy, 1);
    assert_eq!(woken.load(Ordering::Relaxed), 0, "it looks of itself at what it does");
    enter(&other, "1", Side::Buy, 1);
    assert!(!one.watch(false));
    floor.tick(NOW);
    assert_eq!((woken.load(Ordering::Relaxed), idle.load(Ordering::Relaxed)), (1, 0));
}

#[test]
fn two_sessions_trade_and_only_the_other_one_is_woken() {
    let floor = floor();
    let ((one, idle), (other, woken)) = (join(&floor, "A"), join(&floor, "B"));
    assert_eq!(floor.sessions(), ["A", "B"]);
    assert_eq!(enter(&other, "b", Side::Sell, 10), ["b 0/0"]);
    assert_eq!(enter(&one, "a1", Side::Buy, 4), ["a1 0/0", "a1 F/2"]);
    assert_eq!(enter(&one, "a2", Side::Buy, 9), ["a2 0/0", "a2 F/1"]);
    assert_eq!(taken(&other), ["b F/1", "b F/2"]);
    assert!(taken(&other).is_empty() && taken(&one).is_empty());
    assert_eq!((idle.load(Ordering::Relaxed), woken.load(Ordering::Relaxed)), (0, 1));
    // What waits comes before what is said now.
    enter(&one, "a3", Side::Buy, 1);
    assert_eq!(enter(&other, "b2", Side::Sell, 1), ["b2 0/0", "b2 F/2"]);
    assert_eq!(enter(&one, "a4", Side::Buy, 1), ["a2 F/1", "a4 0/0"]);
}

#[test]
fn who_leaves_keeps_his_orders_and_finds_his_reports() {
    let floor = floor();
    let ((one, _), (other, woken)) = (join(&floor, "A"), join(&floor, "B"));
    enter(&other, "b", Side::Sell, 10);
    drop(other);
    enter(&one, "a", Side::Buy, 10);
    assert_eq!(woken.load(Ordering::Relaxed), 0);
    let (other, _) = join(&floor, "B");
    assert_eq!(taken(&other), ["b F/2"]);
    assert_eq!(floor.sessions().len(), 2);
}

#[test]
fn who_lets_too_many_reports_wait_has_his_orders_cancelled_and_loses_none() {
    let floor = floor();
    let ((one, _), (other, _)) = (join(&floor, "A"), join(&floor, "B"));
    let all = i64::try_from(MOST_WAITING).unwrap() + 100;
    enter(&other, "b", Side::Sell, all);
    for number in 0..all {
        enter(&one, &number.to_string(), Side::Buy, 1);
    }
    let told = taken(&other);
    assert_eq!(told.len(), MOST_WAITING + 2);
    assert_eq!((&*told[MOST_WAITING], &*told[MOST_WAITING + 1]), ("b F/1", "b 4/4"));
    assert!(one.floor().look(|venue| venue.listings().iter().any(|listing| &*listing.symbol == "AAPL")));
}

#[test]
fn what_was_recorded_is_quoted_and_traded_when_its_time_comes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.csv");
    let day = "time,symbol,bid,ask,tradePrice,tradeQty\n0,2Y,99.870,99.880,,\n1,2Y,99.900,99.910,99.905,7\n";
    std::fs::write(&file, day).unwrap();
    let instruments = market::default_instruments();
    let replay = Replay::load(&file, &instruments, 1_000).unwrap();
    let floor = Floor::replaying(replay, &instruments, Rules::default(), IdPrefix::new("T"));
    let best = || {
        floor.look(|venue| venue.best(0, Side::Buy).map(|price| venue.listings()[0].price(price).to_string()))
    };
    assert_eq!(best(), None, "nothing is played yet");
    assert!(!floor.play(Duration::ZERO));
    assert_eq!(best().as_deref(), Some("99.870"));
    floor.tick(NOW);
    assert_eq!(best().as_deref(), Some("99.870"), "nothing is simulated beside it");
    assert!(floor.toggle_pause());
    assert!(!floor.play(Duration::from_secs(60)));
    assert!(!floor.toggle_pause());
    assert!(floor.play(Duration::from_secs(1)));
    assert_eq!(best().as_deref(), Some("99.900"));
    assert_eq!(floor.middle("2Y").unwrap().normalized().to_string(), "99.905");
    floor.look(|venue| {
        let day = venue.day(0).unwrap();
        assert_eq!(
            day.last.map(|(price, qty)| (
                venue.listings()[0].price(price).to_string(),
                venue.listings()[0].qty(qty).to_string()
            )),
            Some(("99.905".to_owned(), "7".to_owned()))
        );
    });
}

#[test]
fn an_order_whose_time_is_over_does_not_meet_the_next_quote() {
    let floor = floor();
    let seat = join(&floor, "A").0;
    let asks: Vec<(String, Decimal)> = floor.look(|venue| {
        let ask = |listing: &Arc<orders::Listing>| {
            let ticks = venue.best(listing.place, Side::Sell)?;
            Some((listing.symbol.to_string(), listing.price(ticks - 1)))
        };
        venue.listings().iter().filter_map(ask).collect()
    });
    let expires = Some(orders::Expires::At(NOW.plus_seconds(1)));
    for (symbol, price) in &asks {
        let (instrument, price) = (Named::Symbol(symbol), Some(*price));
        let time_in_force = code::TimeInForce::GOOD_TILL_DATE;
        let order = Entry { instrument, price, time_in_force, expires, ..entry(symbol, Side::Buy, 1) };
        let mut own = VecDeque::new();
        seat.ask(NOW, &mut own, |venue, owner, out| venue.enter(owner, &order, out));
        assert_eq!(own.iter().map(short).collect::<Vec<_>>(), [format!("{symbol} 0/0")]);
    }
    floor.tick(NOW.plus_seconds(1));
    let expected: Vec<String> = asks.iter().map(|(symbol, _)| format!("{symbol} C/C")).collect();
    assert!(!expected.is_empty());
    assert_eq!(taken(&seat), expected);
}

fn keeping(path: &std::path::Path, now: UtcTimestamp) -> Floor {
    let (journal, kept) = Kept::read(path, now).unwrap().go_on(path, false, now).unwrap();
    let floor = Floor::with_journal(Market::new(1), Rules::default(), &kept, journal);
    floor.restore(&kept, now);
    floor
}

#[test]
fn what_a_session_asks_in_a_row_is_written_at_once_and_before_anybody_else_looks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let floor = keeping(&path, NOW);
    let seat = join(&floor, "A").0;
    let len = || std::fs::metadata(&path).unwrap().len();
    let begin = len();
    enter(&seat, "1", Side::Sell, 10);
    enter(&seat, "2", Side::Sell, 10);
    assert_eq!(len(), begin);
    seat.write(&mut Vec::new());
    let written = len();
    assert!(written > begin);
    enter(&seat, "3", Side::Sell, 10);
    assert_eq!(len(), written);
    floor.look(|_| ());
    assert!(len() > written);
}

#[test]
fn while_the_journal_cannot_be_written_orders_are_only_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let floor = keeping(&path, NOW);
    let seat = join(&floor, "A").0;
    let swap = |file| floor.journal(|journal| journal.swap_file(file));
    assert_eq!(floor.order_journal(), OrderJournal::Written);
    let good = swap(std::fs::File::open(&path).unwrap());
    assert_eq!(enter(&seat, "1", Side::Sell, 10), ["1 0/0"], "which shows that it cannot be written");
    seat.write(&mut Vec::new());
    let refused = enter(&seat, "2", Side::Sell, 10);
    assert!(refused.len() == 1 && refused[0].contains("journal of orders"), "{refused:?}");
    let mut own = VecDeque::new();
    seat.ask(NOW, &mut own, |venue, owner, out| {
        let replace =
            Replace { orig_cl_ord_id: "1".into(), entry: entry("1r", Side::Sell, 20), keeps_time: false };
        venue.replace(owner, &replace, out);
        venue.cancel(owner, Cancel { cl_ord_id: "1c".into(), orig_cl_ord_id: "1".into() }, out);
    });
    assert!(matches!(&own[0], Output::Order(orders::Output::CancelReject(_))), "{own:?}");
    assert_eq!(short(&own[1]), "1c 4/4");
    assert_eq!(floor.order_journal(), OrderJournal::Failing);
    swap(good);
    floor.advance(NOW);
    assert_eq!(floor.order_journal(), OrderJournal::Failing, "a hundred times a second would be too often");
    floor.tick(NOW);
    assert_eq!(floor.order_journal(), OrderJournal::Written);
    assert_eq!(enter(&seat, "2", Side::Sell, 10), ["2 0/0"]);
}

#[test]
fn the_morning_after_a_day_by_the_clock_restates_what_outlives_it_even_if_the_clock_jumps() {
    let profile = "[day]\nopen = \"09:00\"\nclose = \"17:00\"\n";
    let profile: Arc<Profile> = Arc::new(toml_edit::de::from_str(profile).unwrap());
    let floor = floor();
    floor.follow(Course::new(&profile, Vec::new(), 1, NOW).unwrap().unwrap(), NOW);
    let (seat, woken) = join(&floor, "A");
    let gtc = Entry { time_in_force: code::TimeInForce::GOOD_TILL_CANCEL, ..entry("gtc", Side::Buy, 1) };
    seat.ask(NOW, &mut VecDeque::new(), |venue, owner, out| venue.enter(owner, &gtc, out));
    assert_eq!(enter(&seat, "day", Side::Buy, 1), ["day 0/0"]);
    // 13:46:40, so that the close is 11,600 seconds away.
    assert_eq!(floor.due(), Some(NOW.plus_seconds(11_600)));
    floor.advance(NOW.plus_seconds(11_599));
    assert_eq!(woken.load(Ordering::Relaxed), 0);
    floor.advance(NOW.plus_seconds(86_400));
    let told: Vec<String> = seat.take().iter().map(short).collect();
    assert_eq!(told, ["day 3/3", "gtc 3/3", "gtc D/0"]);
    assert_eq!(floor.look(Venue::phase), Phase::Open);
    // Whoever asks first finds the market as it is by then.
    let mut own = VecDeque::new();
    let late = entry("late", Side::Buy, 1);
    seat.ask(NOW.plus_seconds(86_400 + 11_600), &mut own, |venue, owner, out| venue.enter(owner, &late, out));
    let told: Vec<String> = own.iter().map(short).collect();
    assert_eq!(told, ["gtc 3/3", "late 8/8"]);
}

#[test]
fn parts_without_a_pause_wait_for_a_person_who_has_to_decide_something_first() {
    let floor = floor();
    floor.by_hand(|venue, _| venue.fill_in_parts(InParts { percent: (30, 30), pause: (0, 0), every: 1 }, 1));
    let ((one, _), (other, _)) = (join(&floor, "A"), join(&floor, "B"));
    enter(&other, "rests", Side::Sell, 10);
    assert_eq!(enter(&one, "1", Side::Buy, 10), ["1 0/0", "1 F/1"]);
    floor.by_hand(|venue, _| venue.hold(true));
    let cancel = Cancel { cl_ord_id: "2".into(), orig_cl_ord_id: "1".into() };
    let owner = one.owner();
    floor.by_hand(|venue, out| venue.cancel(owner, cancel, out));
    floor.advance(NOW.plus_seconds(5));
    let said = || one.take().iter().map(short).collect::<Vec<_>>();
    assert_eq!(said(), ["2 6/6"]);
    floor.by_hand(|venue, out| {
        let id = venue.orders(false).iter().find(|order| order.cl_ord_id == "1").map(|order| order.id);
        venue.accept(id.unwrap(), out).unwrap();
    });
    assert_eq!(said(), ["2 4/4"]);
}

/// A floor that follows this profile from NOW on.
fn following(floor: &Floor, text: &str) {
    let profile: Arc<Profile> = Arc::new(toml_edit::de::from_str(text).unwrap());
    let symbols = Market::new(1).instruments().iter().map(|it| it.symbol.to_owned()).collect();
    floor.follow(Course::new(&profile, symbols, 1, NOW).unwrap().unwrap(), NOW);
}

const HALT: &str = "[[event]]\ndo = \"halt\"\nsymbols = [\"10Y\"]\nafter = \"30s\"\nfor = \"10s\"\n";

fn place_of_10y(floor: &Floor) -> usize {
    floor.look(|venue| venue.find(Named::Symbol("10Y"))).unwrap()
}

fn at_10y<R>(floor: &Floor, look: impl FnOnce(&Venue, usize) -> R) -> R {
    let place = place_of_10y(floor);
    floor.look(|venue| look(venue, place))
}

#[test]
fn an_event_ends_what_it_has_begun_and_nothing_else() {
    let phase = |floor: &Floor| at_10y(floor, |venue, place| venue.phase_of(place).unwrap());
    let halt = |floor: &Floor| {
        let place = place_of_10y(floor);
        floor.by_hand(|venue, out| venue.set_phase_of(place, Phase::Halted, out));
    };
    // A person halts before, or meanwhile.
    for second in [29, 31] {
        let floor = floor();
        following(&floor, HALT);
        floor.advance(NOW.plus_seconds(second));
        halt(&floor);
        floor.advance(NOW.plus_seconds(60));
        assert_eq!(phase(&floor), Phase::Halted, "by hand at {second}");
    }
    // Two at once.
    let floor = floor();
    following(&floor, &format!("{HALT}{}", HALT.replace("30s", "35s")));
    for (second, wanted) in [(29, Phase::Open), (31, Phase::Halted), (41, Phase::Halted), (46, Phase::Open)] {
        floor.advance(NOW.plus_seconds(second));
        assert_eq!(phase(&floor), wanted, "{second}");
    }
    let lock = HALT.replace("halt", "lock");
    let cross = HALT.replace("halt", "cross").replace("30s", "35s");
    following(&floor, &(lock + &cross));
    let feed = |second| {
        floor.advance(NOW.plus_seconds(second));
        at_10y(&floor, |venue, place| venue.depth(place).unwrap().feed)
    };
    assert_eq!([31, 36, 41, 46].map(feed), [Feed::Locked, Feed::Crossed, Feed::Crossed, Feed::True]);
}

#[test]
fn a_halt_by_schedule_ends_with_a_restart_and_one_by_hand_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let start = |now| keeping(&folder.path().join("orders"), now);
    let later = |seconds| NOW.plus_seconds(seconds);
    let floor = start(NOW);
    following(&floor, HALT);
    floor.advance(later(35));
    let place = place_of_10y(&floor);
    let phase = |floor: &Floor, place| floor.look(|venue| venue.phase_of(place));
    assert_eq!(phase(&floor, place), Some(Phase::Halted));
    floor.by_hand(|venue, out| venue.set_phase_of(place - 1, Phase::Halted, out));
    // Orders are collected meanwhile that would trade with each other.
    let (seat, _) = join(&floor, "A");
    let mut told = VecDeque::new();
    for (id, side) in [("b", Side::Buy), ("s", Side::Sell)] {
        let instrument = Named::Symbol("10Y");
        let price = Some("96.25".parse().unwrap());
        let entry = Entry { instrument, price, ..entry(id, side, 7) };
        seat.ask(later(36), &mut told, |venue, owner, out| venue.enter(owner, &entry, out));
    }
    assert_eq!(told.iter().map(short).collect::<Vec<_>>(), ["b 0/0", "s 0/0"]);
    drop((seat, floor));
    let floor = start(later(40));
    assert_eq!([phase(&floor, place), phase(&floor, place - 1)], [Some(Phase::Open), Some(Phase::Halted)]);
    let told = taken(&join(&floor, "A").0);
    assert!(told.contains(&"b F/2".to_owned()) && told.contains(&"s F/2".to_owned()), "{told:?}");
    drop(floor);
    let floor = start(later(50));
    assert_eq!(phase(&floor, place), Some(Phase::Open));
}

#[test]
fn what_a_person_has_to_decide_waits_on_when_the_phase_changes() {
    let floor = floor();
    let parts = InParts { percent: (30, 30), pause: (1_000_000, 1_000_000), every: 1 };
    floor.by_hand(|venue, _| venue.fill_in_parts(parts, 1));
    let ((one, _), (other, _)) = (join(&floor, "A"), join(&floor, "B"));
    enter(&other, "rests", Side::Sell, 5);
    assert_eq!(enter(&one, "1", Side::Buy, 10), ["1 0/0", "1 F/1"]);
    floor.by_hand(|venue, _| venue.hold(true));
    let cancel = Cancel { cl_ord_id: "2".into(), orig_cl_ord_id: "1".into() };
    let owner = one.owner();
    floor.by_hand(|venue, out| venue.cancel(owner, cancel, out));
    let id = floor.look(|venue| {
        let orders = venue.orders(false);
        orders.iter().find(|order| order.cl_ord_id == "1").map(|order| order.id).unwrap()
    });
    assert_eq!(taken(&one), ["2 6/6"]);
    // Nothing is done by hand to what no book has, and it is said why.
    let filling = Filling { price: None, qty: None, beyond_limit: false };
    let done = floor.by_hand(|venue, out| {
        [venue.fill_by_hand(id, filling, out), venue.suspend(id, out), venue.stop(id, out)]
    });
    assert_eq!(done, [(); 3].map(|()| Err(Unknown::NotInBook)));
    // The book gets all of it, and nobody has decided the cancel.
    for phase in [Phase::Halted, Phase::Open] {
        floor.by_hand(|venue, out| venue.set_phase(phase, out));
    }
    assert_eq!(taken(&one), ["1 F/6"], "what is left of the other order");
    floor.by_hand(|venue, out| venue.refuse_by_hand(id, "no", out)).unwrap();
    let told = taken(&one);
    assert!(told.len() == 1 && told[0].starts_with("Order(CancelReject"), "{told:?}");
    floor.by_hand(|venue, _| venue.hold(false));
    taken(&other);
    assert_eq!(enter(&other, "more", Side::Sell, 5), ["more 0/0", "more F/1"], "a part of it");
    assert_eq!(taken(&one), ["1 F/1"], "its rest is in the book");
}

#[test]
fn the_prices_for_its_own_process_are_the_best_of_the_books() {
    let floor = floor();
    let (seat, _) = join(&floor, "A");
    let price = || floor.prices(NOW).prices.into_iter().find(|price| price.symbol == "10Y").unwrap();
    let quoted = price();
    let better = quoted.bid.unwrap().checked_add("0.005".parse().unwrap()).unwrap();
    let mut own = VecDeque::new();
    let order = Entry { instrument: Named::Symbol("10Y"), price: Some(better), ..entry("1", Side::Buy, 5) };
    seat.ask(NOW, &mut own, |venue, owner, out| venue.enter(owner, &order, out));
    let shown = price();
    assert_eq!((shown.bid, shown.ask, shown.last), (Some(better), quoted.ask, None));
    let moved = |before: Option<Decimal>, now: Option<Decimal>| now.unwrap().checked_sub(before.unwrap());
    let half_a_tick = Some("0.0025".parse().unwrap());
    assert_eq!(
        (moved(quoted.mid, shown.mid), moved(quoted.change, shown.change)),
        (half_a_tick, half_a_tick)
    );
}

#[test]
fn a_close_that_a_clock_which_jumps_has_missed_happens_once_with_its_reports() {
    let floor = floor();
    let (seat, _) = join(&floor, "A");
    let day = "[day]\nopen = \"09:00\"\nclose = \"17:00\"\n";
    let profile = Arc::new(toml_edit::de::from_str::<Profile>(day).unwrap());
    let course = Course::new(&profile, vec!["2Y".to_owned()], 1, NOW).unwrap().unwrap();
    floor.follow(course, NOW);
    enter(&seat, "day", Side::Buy, 10);
    let lasting = Entry { time_in_force: code::TimeInForce::GOOD_TILL_CANCEL, ..entry("gtc", Side::Buy, 10) };
    seat.ask(NOW, &mut VecDeque::new(), |venue, owner, out| venue.enter(owner, &lasting, out));
    // Four days later it is 13:46 again.
    floor.advance(NOW.plus_seconds(4 * 86_400));
    assert_eq!(taken(&seat), ["day 3/3", "gtc 3/3", "gtc D/0"]);
    assert_eq!(floor.look(Venue::phase), Phase::Open);
    floor.advance(NOW.plus_seconds(4 * 86_400 + 1));
    assert!(taken(&seat).is_empty());
}
