//! The board's table of years: what it says at any moment, through the sixteen moments that the core holds.

use fix_core::{
    session::schedule::{Schedule, Transition, Window},
    time::UtcTimestamp,
};
use fix_embedded::schedule::{ORIGIN, Table, pack};

fn at(seconds: i64) -> UtcTimestamp {
    UtcTimestamp::from_unix(seconds, 0)
}

/// A thousand days from 2026-01-05 on, open from 08:00 to 17:00 with a pause at noon.
fn days() -> Table {
    const BEGIN: i64 = 1_767_571_200;
    let moments = (0..1000).flat_map(|day| {
        let hour = |hour: i64| BEGIN + day * 86_400 + hour * 3600;
        [
            (hour(8), Window::OpenNew),
            (hour(12), Window::Closed),
            (hour(13), Window::OpenContinued),
            (hour(17), Window::Closed),
        ]
    });
    let packed: Vec<u32> = moments.map(|(at, to)| pack(Transition { at, to }).unwrap()).collect();
    Table(packed.leak())
}

#[test]
fn a_board_that_renews_in_time_is_right_at_every_quarter_of_an_hour() {
    let table = days();
    let begin = table.0[0] as i64 / 4 + ORIGIN;
    let (mut schedule, mut renew_at) = (Schedule::non_stop(), Some(0));
    let mut renewed = 0;
    for quarter in 0..1000 * 96 {
        let now = begin + quarter * 900;
        if renew_at.is_some_and(|at| at <= now) {
            (schedule, renew_at) = (table.schedule(at(now)), table.renew_at(at(now)));
            renewed += 1;
        }
        let of_day = (now - begin + 8 * 3600) % 86_400;
        let open = (8 * 3600..12 * 3600).contains(&of_day) || (13 * 3600..17 * 3600).contains(&of_day);
        assert_eq!(schedule.is_open(at(now)), open, "{now}");
        let opening = now - of_day + 8 * 3600;
        if of_day >= 8 * 3600 {
            assert!(schedule.is_stale(Some(at(opening - 1)), at(now)), "{now}");
            assert!(!schedule.is_stale(Some(at(opening)), at(now)), "{now}");
        }
    }
    assert!((100..1000).contains(&renewed), "{renewed}");
}

#[test]
fn before_and_behind_the_table_it_is_closed() {
    let table = days();
    let (begin, end) = (table.0[0] as i64 / 4 + ORIGIN, table.ends_at().unwrap());
    for now in [begin - 1, begin - 100_000_000, end, end + 100_000_000] {
        assert!(!table.schedule(at(now)).is_open(at(now)), "{now}");
    }
    assert_eq!(table.renew_at(at(end)), None);
    assert!(Table::NON_STOP.schedule(at(begin)).is_non_stop() && Table::NON_STOP.ends_at().is_none());
}

#[test]
fn moments_fit_from_2020_to_2054() {
    let moment = |at| Transition { at, to: Window::Closed };
    assert_eq!(pack(moment(ORIGIN - 1)), None);
    assert_eq!(pack(moment(ORIGIN)), Some(0));
    assert!(pack(moment(2_650_000_000)).is_some(), "2053");
    assert_eq!(pack(moment(ORIGIN + (1 << 30))), None);
}
