use std::{collections::VecDeque, sync::Arc};

use fix_core::{decimal::Decimal, dict::fix44::code};

mod compaction;
mod random;

use super::*;
use crate::{
    exchange::{
        Rules,
        book::{Phase, Side},
        floor::{self, Floor, Seat},
        orders::{self, Echo, Origin, Output as Told},
        venue::{Cancel, Entry, Replace},
    },
    market::{Instrument, Market, default_instruments},
};

const NOW: UtcTimestamp = UtcTimestamp::from_unix(1_000_000, 0);

/// The exchange is started, with what the journal in this folder says.
fn start(folder: &Path, now: UtcTimestamp) -> Floor {
    start_with(Market::new(1), folder, now)
}

fn start_with(market: Market, folder: &Path, now: UtcTimestamp) -> Floor {
    start_synced(market, folder, now, false)
}

/// The exchange is started, whose days end as this one does.
fn start_by(day: &Day, folder: &Path, now: UtcTimestamp) -> Floor {
    let path = folder.join("orders");
    let kept = Kept::read(&path, now).unwrap().counting(Some(day.clone()));
    let (journal, kept) = kept.go_on(&path, false, now).unwrap();
    let floor = Floor::with_journal(Market::new(1), Rules::default(), &kept, journal);
    floor.restore(&kept, now);
    floor
}

fn start_synced(market: Market, folder: &Path, now: UtcTimestamp, syncs: bool) -> Floor {
    let path = folder.join("orders");
    let (journal, kept) = Kept::read(&path, now).unwrap().go_on(&path, syncs, now).unwrap();
    let floor = Floor::with_journal(market, Rules::default(), &kept, journal);
    floor.restore(&kept, now);
    floor
}

fn entry(cl_ord_id: &str, side: Side, qty: i64, time_in_force: char) -> Entry<'static> {
    let time_in_force = code::TimeInForce(time_in_force as u8);
    Entry { time_in_force, ..floor::tests::entry(cl_ord_id, side, qty) }
}

/// What a session has asked for last is in the file, as before anything of it is sent.
fn written(floor: &Floor) {
    floor.look(|_| ());
}

/// What the session is told of what it does: ClOrdID, ExecType, OrdStatus, CumQty, LeavesQty.
fn told(seat: &Seat, act: impl FnOnce(&mut Venue, Owner, &mut Vec<Output>)) -> Vec<String> {
    let mut own = VecDeque::new();
    seat.ask(NOW, &mut own, act);
    floor::tests::sent(seat, &own);
    own.iter().map(short).collect()
}

fn short(output: &Output) -> String {
    match output {
        Output::Order(Told::Report(report)) => {
            let orders::Report { cl_ord_id, exec_type, ord_status, cum_qty, leaves_qty, .. } = &**report;
            let (exec_type, ord_status) = (char::from(exec_type.0), char::from(ord_status.0));
            format!("{cl_ord_id} {exec_type}/{ord_status} {} {}", cum_qty / 1_000_000, leaves_qty / 1_000_000)
        }
        other => format!("{other:?}"),
    }
}

fn enter(seat: &Seat, cl_ord_id: &str, side: Side, qty: i64, time_in_force: char) -> Vec<String> {
    let entry = entry(cl_ord_id, side, qty, time_in_force);
    told(seat, |venue, owner, out| _ = venue.enter(owner, &entry, out))
}

/// All orders of all books, in the order in which they trade: their numbers and what is open.
fn books(floor: &Floor) -> Vec<(u64, u64, u64)> {
    floor.look(|venue| {
        let places = 0..venue.listings().len();
        let books = places.filter_map(|place| venue.depth(place)).map(|depth| depth.book);
        let orders =
            books.flat_map(|book| [Side::Buy, Side::Sell].map(|side| book.orders(side).collect::<Vec<_>>()));
        let orders = orders.flatten().filter(|order| order.id.0 < 1 << 63);
        orders.map(|order| (order.id.0, order.open, order.shown)).collect()
    })
}

#[test]
fn what_the_reports_of_an_order_repeat_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let echo = Echo {
        account: Some("FUND-7".into()),
        short: Some(code::Side::SELL_SHORT),
        price_type: Some(code::PriceType::PERCENTAGE),
        origin: Some(Arc::new(Origin::List("r".into()))),
    };
    let order = Entry { echo: echo.clone(), ..entry("1", Side::Sell, 10, '1') };
    let floor = start(folder.path(), NOW);
    told(&floor.join("A", || {}), |venue, owner, out| _ = venue.enter(owner, &order, out));
    drop(floor);
    start(folder.path(), NOW).look(|venue| {
        let orders = venue.orders(false);
        assert_eq!(orders[0].terms.echo, echo);
        assert_eq!(orders[0].terms.side, Side::Sell);
    });
}

#[test]
fn live_orders_survive_a_restart_and_the_books_are_equal_then() {
    let folder = tempfile::tempdir().unwrap();
    let floor = start(folder.path(), NOW);
    let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
    for (cl_ord_id, qty) in [("1", 10), ("2", 20), ("3", 30), ("4", 5)] {
        enter(&one, cl_ord_id, Side::Sell, qty, '0');
    }
    enter(&other, "1", Side::Buy, 4, '0');
    told(&one, |venue, owner, out| {
        venue.cancel(owner, Cancel { cl_ord_id: "4c".into(), orig_cl_ord_id: "4".into() }, out);
        let less = Replace {
            orig_cl_ord_id: "2".into(),
            entry: entry("2r", Side::Sell, 15, '0'),
            keeps_time: false,
        };
        venue.replace(owner, &less, out);
        let more = Replace {
            orig_cl_ord_id: "1".into(),
            entry: entry("1r", Side::Sell, 12, '0'),
            keeps_time: false,
        };
        venue.replace(owner, &more, out);
    });
    let berg = Entry { max_floor: Some(Decimal::new(3, 0)), ..entry("5", Side::Sell, 9, '0') };
    told(&one, |venue, owner, out| _ = venue.enter(owner, &berg, out));
    let before = books(&floor);
    drop((one, other, floor));

    for _ in 0..2 {
        let floor = start(folder.path(), NOW);
        assert_eq!(books(&floor), before);
        assert!(floor.look(|venue| {
            (0..venue.listings().len()).all(|place| venue.depth(place).unwrap().book.check().is_ok())
        }));
    }
    let floor = start(folder.path(), NOW);
    let (other, one) = (floor.join("B", || {}), floor.join("A", || {}));
    assert_eq!(enter(&one, "1", Side::Buy, 1, '0'), ["1 8/1 4 8"], "the id was used before");
    assert_eq!(enter(&one, "4", Side::Buy, 1, '0'), ["4 8/4 0 0"], "also that of one that has ended");
    assert_eq!(enter(&other, "2", Side::Buy, 15, '0'), ["2 0/0 0 15", "2 F/2 15 0"]);
    let waiting: Vec<String> = waiting(&one);
    assert_eq!(waiting, ["2r F/2 15 0"]);
}

#[test]
fn an_order_whose_instrument_has_other_steps_is_cancelled_with_that_reason() {
    let folder = tempfile::tempdir().unwrap();
    let floor = start(folder.path(), NOW);
    let seat = floor.join("A", || {});
    enter(&seat, "1", Side::Sell, 10, '1');
    drop((seat, floor));
    let listed = Instrument { symbol: "AAPL", tick: Decimal::new(1, 2), ..default_instruments()[0] };
    let floor = start_with(Market::with_instruments(1, &[listed]), folder.path(), NOW);
    let told = told_now(&floor.join("A", || {}));
    let [Output::Order(Told::Report(report))] = told.as_slices().0 else { panic!("{told:?}") };
    assert_eq!((report.exec_type, report.leaves_qty), (code::ExecType::CANCELED, 0));
    let text = report.text.as_deref().unwrap();
    assert!(text.contains("other steps of price or quantity"), "{text}");
}

#[test]
fn an_order_for_the_day_does_not_outlive_it_and_others_do() {
    let folder = tempfile::tempdir().unwrap();
    let floor = start(folder.path(), NOW);
    let seat = floor.join("A", || {});
    enter(&seat, "day", Side::Sell, 10, '0');
    enter(&seat, "gtc", Side::Sell, 10, '1');
    drop((seat, floor));
    let floor = start(folder.path(), NOW.plus_seconds(86_400));
    let seat = floor.join("A", || {});
    assert_eq!(waiting(&seat), ["day 3/3 0 0"]);
    assert_eq!(books(&floor).len(), 1);
    drop((seat, floor));
    let floor = start(folder.path(), NOW.plus_seconds(86_400));
    assert!(floor.join("A", || {}).take().is_empty(), "it is told once");
}

#[test]
fn numbers_are_never_used_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = std::collections::HashSet::new();
    for start_number in 0..3 {
        let floor = start(folder.path(), NOW);
        let seat = floor.join("A", || {});
        let mut own = VecDeque::new();
        seat.ask(NOW, &mut own, |venue, owner, out| {
            let entry = entry(&format!("{start_number}"), Side::Sell, 1, '0');
            venue.enter(owner, &entry, out);
            // Numbers that no line is written of.
            (0..5).for_each(|_| assert!(seen.insert(venue.exec_id())));
        });
        floor::tests::sent(&seat, &own);
        // The venue's own orders have a bit of their own.
        floor.tick(NOW);
        floor.look(|venue| {
            let own = venue.depth(0).into_iter().flat_map(|depth| depth.book.orders(Side::Buy));
            own.for_each(|order| assert!(seen.insert(order.id.0)));
        });
        let Some(Output::Order(Told::Report(report))) = own.pop_front() else { panic!() };
        assert!(seen.insert(report.exec_id));
        assert!(seen.insert(report.order_id.unwrap().0 | 1 << 62), "orders have numbers of their own");
        assert_eq!(floor.ids().order(1).text().as_str(), Some("O3b9aca00-1"), "of the first start");
    }
}

#[test]
fn a_frame_that_a_crash_has_cut_is_left_out_and_a_damaged_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let floor = start(folder.path(), NOW);
    let seat = floor.join("A", || {});
    enter(&seat, "1", Side::Sell, 10, '0');
    written(&floor);
    let len = fs::metadata(&path).unwrap().len() as usize;
    enter(&seat, "2", Side::Sell, 10, '0');
    drop((seat, floor));
    let file = fs::read(&path).unwrap();
    fs::write(&path, &file[..file.len() - 5]).unwrap();
    assert_eq!(books(&start(folder.path(), NOW)).len(), 1);
    let mut rotten = file.clone();
    rotten[len - 1] ^= 4;
    fs::write(&path, rotten).unwrap();
    let error = Kept::read(&path, NOW).unwrap_err().to_string();
    assert!(error.contains("orders: damaged at byte "), "{error}");
    fs::write(&path, "{\"start\":0}\n").unwrap();
    let error = Kept::read(&path, NOW).unwrap_err().to_string();
    assert!(error.contains("orders: this is no journal of orders"), "{error}");
    fs::write(&path, file).unwrap();
    let _floor = start(folder.path(), NOW);
    let error = Kept::read(&path, NOW).unwrap_err().to_string();
    assert!(error.ends_with("another exchange has this journal"), "{error}");
}

#[test]
fn ids_are_new_where_the_journal_is_deleted_whatever_the_clock_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let mut seen = std::collections::HashSet::new();
    for seconds in [0, 0, -1_000] {
        let floor = start(folder.path(), NOW.plus_seconds(seconds));
        enter(&floor.join("A", || {}), "1", Side::Sell, 1, '0');
        let id = floor.look(|venue| floor.ids().order(venue.orders(true)[0].id.0).to_string());
        assert!(seen.insert(id));
        drop(floor);
        fs::remove_file(&path).unwrap();
    }
}

fn waiting(seat: &Seat) -> Vec<String> {
    told_now(seat).iter().map(short).collect()
}

/// What waits for a session is sent to it.
fn told_now(seat: &Seat) -> VecDeque<Output> {
    let told = seat.take();
    floor::tests::sent(seat, &told);
    told
}

#[test]
fn an_order_filled_on_a_later_day_is_known_to_the_end_of_the_next() {
    const DAY: i64 = 86_400;
    let folder = tempfile::tempdir().unwrap();
    let floor = start(folder.path(), NOW);
    let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
    enter(&one, "1", Side::Sell, 10, '1');
    let mut own = VecDeque::new();
    let buy = entry("2", Side::Buy, 10, '1');
    other.ask(NOW.plus_seconds(DAY), &mut own, |venue, owner, out| _ = venue.enter(owner, &buy, out));
    floor::tests::sent(&other, &own);
    assert_eq!(waiting(&one), ["1 F/2 10 0"]);
    drop((one, other, floor));
    for days in [1, 1, 2] {
        let floor = start(folder.path(), NOW.plus_seconds(days * DAY));
        let one = floor.join("A", || {});
        let again = Entry { poss_resend: true, ..entry("1", Side::Sell, 10, '1') };
        assert_eq!(told(&one, |venue, owner, out| _ = venue.enter(owner, &again, out)), ["1 I/2 10 0"]);
    }
    assert!(start(folder.path(), NOW.plus_seconds(3 * DAY)).look(|venue| venue.orders(true).is_empty()));
}

#[test]
fn an_order_for_the_day_lives_to_the_close_of_the_venues_own_day() {
    let at = |text: &str| UtcTimestamp::parse(text.as_bytes()).unwrap();
    let day = "zone = \"Australia/Sydney\"\nopen = \"10:00\"\nclose = \"16:00\"\n";
    let day: Day = toml_edit::de::from_str(day).unwrap();
    // The day of 7 March, and the next morning, which in UTC is still that day.
    let (morning, noon, next) = (at("20260306-23:30:00"), at("20260307-01:00:00"), at("20260307-23:00:00"));
    let folder = tempfile::tempdir().unwrap();
    let floor = start_by(&day, folder.path(), morning);
    let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
    let ask = |seat: &Seat, cl_ord_id: &str, side, qty| {
        let entry = entry(cl_ord_id, side, qty, '0');
        let mut own = VecDeque::new();
        seat.ask(morning, &mut own, |venue, owner, out| _ = venue.enter(owner, &entry, out));
        floor::tests::sent(seat, &own);
    };
    ask(&one, "1", Side::Sell, 10);
    ask(&other, "1", Side::Buy, 4);
    waiting(&one);
    drop((one, other, floor));
    let day_of = |floor: &Floor| {
        let open: u64 = books(floor).iter().map(|(_, open, _)| *open).sum();
        let volume = floor.look(|venue| {
            let place = venue.listings().iter().position(|listing| &*listing.symbol == "AAPL");
            venue.day(place.unwrap()).unwrap().volume
        });
        (open, volume)
    };
    let floor = start_by(&day, folder.path(), noon);
    assert_eq!(day_of(&floor), (6_000_000, 4_000_000));
    assert!(waiting(&floor.join("A", || {})).is_empty());
    drop(floor);
    let floor = start_by(&day, folder.path(), next);
    assert_eq!(day_of(&floor), (0, 0));
    assert_eq!(waiting(&floor.join("A", || {})), ["1 3/3 4 0"]);
}

#[test]
fn an_order_whose_time_is_over_meanwhile_does_not_trade_at_the_restart() {
    let folder = tempfile::tempdir().unwrap();
    let floor = start(folder.path(), NOW);
    floor.by_hand(|venue, out| venue.set_phase(Phase::Halted, out));
    let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
    let ends = Some(orders::Expires::At(NOW.plus_seconds(60)));
    let timed = Entry { expires: ends, ..entry("1", Side::Sell, 10, '6') };
    told(&one, |venue, owner, out| _ = venue.enter(owner, &timed, out));
    enter(&other, "2", Side::Buy, 10, '1');
    drop((one, other, floor));
    let floor = start(folder.path(), NOW.plus_seconds(60));
    let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
    assert_eq!(waiting(&one), ["1 C/C 0 0"]);
    assert!(waiting(&other).is_empty());
}

#[test]
fn trades_are_numbered_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut before = 0;
    for start_number in 0..3 {
        let floor = start(folder.path(), NOW);
        let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
        enter(&one, &format!("{start_number}"), Side::Sell, 1, '0');
        enter(&other, &format!("{start_number}"), Side::Buy, 1, '0');
        let last = floor.look(Venue::last_trade);
        assert!(last > before, "{last}");
        before = last;
    }
}

#[test]
fn what_a_write_left_half_is_cut_off_and_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let floor = start(folder.path(), NOW);
    let seat = floor.join("A", || {});
    assert_eq!(enter(&seat, "1", Side::Sell, 10, '1'), ["1 0/0 0 10"]);
    written(&floor);
    // As of a disk that is full in the middle of a frame.
    let good = floor.journal(|journal| journal.swap_file(File::open(&path).unwrap()));
    assert_eq!(
        enter(&seat, "2", Side::Sell, 10, '1'),
        ["2 0/0 0 10"],
        "which shows that it cannot be written"
    );
    written(&floor);
    let half = floor.journal(|journal| journal.frames[..journal.frames.len() / 2].to_vec());
    OpenOptions::new().append(true).open(&path).unwrap().write_all(&half).unwrap();
    let cancel = Cancel { cl_ord_id: "1c".into(), orig_cl_ord_id: "1".into() };
    assert_eq!(told(&seat, |venue, owner, out| venue.cancel(owner, cancel, out)), ["1c 4/4 0 0"]);
    floor.journal(|journal| journal.swap_file(good));
    floor.by_hand(|_, _| ());
    assert_eq!(enter(&seat, "4", Side::Sell, 10, '1'), ["4 0/0 0 10"]);
    drop((seat, floor));
    let names = |floor: &Floor| -> Vec<String> {
        floor.look(|venue| venue.orders(false).iter().map(|order| order.cl_ord_id.to_string()).collect())
    };
    assert_eq!(names(&start(folder.path(), NOW)), ["2", "4"]);
}

#[test]
fn what_waited_for_a_session_waits_again_after_the_restart_until_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let floor = start(folder.path(), NOW);
    let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
    for cl_ord_id in ["told", "1", "2", "3"] {
        enter(&one, cl_ord_id, Side::Sell, 10, '1');
    }
    enter(&other, "1", Side::Buy, 10, '1');
    assert_eq!(waiting(&one), ["told F/2 10 0"]);
    enter(&other, "2", Side::Buy, 14, '1');
    floor
        .by_hand(|venue, out| {
            let id = venue.orders(false).iter().find(|order| order.cl_ord_id == "3").map(|order| order.id);
            venue.cancel_by_hand(id.unwrap(), out)
        })
        .unwrap();
    drop((one, other, floor));
    let expected = ["1 F/2 10 0", "2 F/1 4 6", "3 4/4 0 0"];
    // A start that ends before it begins tells nobody, and loses nothing.
    drop(Kept::read(&folder.path().join("orders"), NOW).unwrap().go_on(
        &folder.path().join("orders"),
        false,
        NOW,
    ));
    for days in [0, 0, 3] {
        let floor = start(folder.path(), NOW.plus_seconds(days * 86_400));
        assert_eq!(books(&floor).iter().map(|(_, open, _)| *open).collect::<Vec<_>>(), [6_000_000]);
        if days > 0 {
            let told = told_now(&floor.join("A", || {}));
            assert_eq!(told.iter().map(short).collect::<Vec<_>>(), expected);
            let Some(Output::Order(Told::Report(report))) = told.front() else { panic!() };
            assert!(report.exec_id < 1 << 40, "the ExecID that it had");
        }
    }
    assert!(waiting(&start(folder.path(), NOW).join("A", || {})).is_empty());
}

/// An exchange is killed when its journal says what it sends to a session, and the session's store is to be written.
#[test]
fn what_was_sent_under_a_number_that_the_store_does_not_have_is_told_again() {
    let folder = tempfile::tempdir().unwrap();
    let sends = |seat: &Seat, outputs: VecDeque<Output>, from: u64| {
        let tellings = outputs.iter().filter_map(Telling::of).zip(from..);
        seat.write(&mut tellings.collect());
    };
    let floor = start(folder.path(), NOW);
    let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
    for (cl_ord_id, number) in [("1", 2), ("2", 3)] {
        let mut own = VecDeque::new();
        let entry = entry(cl_ord_id, Side::Sell, 10, '1');
        one.ask(NOW, &mut own, |venue, owner, out| _ = venue.enter(owner, &entry, out));
        sends(&one, own, number);
    }
    enter(&other, "3", Side::Buy, 14, '1');
    sends(&one, one.take(), 4);
    let killed = |next_out: u64| {
        let copy = tempfile::tempdir().unwrap();
        let path = copy.path().join("orders");
        fs::copy(folder.path().join("orders"), &path).unwrap();
        let (journal, kept) = Kept::read(&path, NOW).unwrap().go_on(&path, false, NOW).unwrap();
        let floor = Floor::with_journal(Market::new(1), Rules::default(), &kept, journal);
        let seat = floor.join("A", || {});
        seat.opened(next_out);
        floor.restore(&kept, NOW);
        let told = waiting(&seat);
        drop((seat, floor, kept));
        assert!(waiting(&start(copy.path(), NOW).join("A", || {})).is_empty(), "it is told once");
        told
    };
    assert_eq!(killed(4), ["1 F/2 10 0", "2 F/1 4 6"]);
    assert_eq!(killed(5), ["2 F/1 4 6"]);
    assert!(killed(6).is_empty());
    one.stored();
    assert!(killed(1).is_empty(), "its numbers begin anew");
}

#[test]
fn a_stop_order_that_was_triggered_is_not_one_again() {
    let folder = tempfile::tempdir().unwrap();
    let floor = start(folder.path(), NOW);
    let (one, other) = (floor.join("A", || {}), floor.join("B", || {}));
    enter(&one, "1", Side::Sell, 10, '1');
    enter(&other, "1", Side::Buy, 10, '1');
    let stop = |cl_ord_id: &str, limit: i64| Entry {
        ord_type: code::OrdType::STOP_LIMIT,
        price: Some(Decimal::new(limit, 0)),
        stop_px: Some(Decimal::new(187, 0)),
        ..entry(cl_ord_id, Side::Buy, 5, '1')
    };
    told(&other, |venue, owner, out| _ = venue.enter(owner, &stop("2", 186), out));
    drop((one, other, floor));
    let floor = start(folder.path(), NOW);
    assert_eq!(books(&floor).len(), 1, "it waits for no trigger");
    let other = floor.join("B", || {});
    told(&other, |venue, owner, out| _ = venue.enter(owner, &stop("3", 185), out));
    assert_eq!(books(&floor).len(), 2, "the last price is known");
}
