//! Compiles a configured schedule (local times, IANA zones) into the core's table of UTC moments.
//!
//! Every local time is turned into UTC on its own day, so the table is right across daylight saving and when
//! StartTime and EndTime are meant in different zones. The table covers the days around `now`; the session's
//! task compiles it again before it runs out.

use fix_core::{
    session::schedule::{MAX_TRANSITIONS, Schedule, Transition, Window},
    time::UtcTimestamp,
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::AmbiguousOffset,
};

use crate::config::{ScheduleSettings, SessionTime, ZonedTime};

/// Days looked at before and after today: a weekly session has one opening in seven days.
const DAYS_BACK: i64 = 15;
const DAYS_AHEAD: i64 = 30;
/// A day in seconds.
const DAY: i64 = 86_400;

/// The table for the days around `now`.
pub fn compile(settings: &ScheduleSettings, now: UtcTimestamp) -> Schedule {
    if settings.is_non_stop() {
        return Schedule::non_stop();
    }
    let Some(days) = days_around(now, DAYS_AHEAD) else { return Schedule::non_stop() };
    let transitions = transitions(settings, &days);
    let table = around(&transitions, now.unix_seconds());
    Schedule::new(table).unwrap_or_else(|_| Schedule::non_stop())
}

/// The moments of `years` from `now` on, for a board without data of time zones: from the opening on that the numbers of
/// `now` belong to, closed at the end. Empty: always open. `None`: the calendar does not reach so far.
pub fn table(settings: &ScheduleSettings, now: UtcTimestamp, years: u8) -> Option<Vec<Transition>> {
    if settings.is_non_stop() {
        return Some(Vec::new());
    }
    let ahead = i64::from(years) * 366;
    let end = now.unix_seconds().checked_add(ahead * DAY)?;
    // The last window is whole: it may be longer than what is looked at behind its opening.
    let days = days_around(now, ahead + DAYS_AHEAD)?;
    let transitions = transitions(settings, &days);
    let current = transitions.iter().rposition(|t| t.at <= now.unix_seconds() && t.to == Window::OpenNew);
    let mut table = transitions.get(current.unwrap_or(0)..)?.to_vec();
    table.retain(|transition| transition.at < end);
    match table.last() {
        Some(last) if last.to != Window::Closed => table.push(Transition { at: end, to: Window::Closed }),
        _ => {}
    }
    Some(table)
}

fn transitions(settings: &ScheduleSettings, days: &[Date]) -> Vec<Transition> {
    let session = windows(&settings.session_time, days);
    let logon = settings.logon_time.as_ref().map(|time| windows(time, days));
    let resets: Vec<i64> = match &settings.reset_seq_time {
        Some(time) => days.iter().filter_map(|day| moment(*day, time)).collect(),
        None => Vec::new(),
    };
    sweep(&session, logon.as_deref(), &resets)
}

/// A stretch of time, seconds since 1970: from the first to before the second.
type Span = (i64, i64);

fn windows(time: &SessionTime, days: &[Date]) -> Vec<Span> {
    let daily = |start: &ZonedTime,
                 end: &ZonedTime,
                 wanted: &dyn Fn(Date) -> bool,
                 end_day: Option<Weekday>| {
        let openings = days.iter().filter(|day| wanted(**day));
        openings.filter_map(|day| Some((moment(*day, start)?, close(*day, start, end, end_day)?))).collect()
    };
    match time {
        SessionTime::NonStop => vec![(i64::MIN, i64::MAX)],
        SessionTime::Daily { start_time, end_time } => daily(start_time, end_time, &|_| true, None),
        SessionTime::Weekdays { weekdays, start_time, end_time } => {
            daily(start_time, end_time, &|day| weekdays.contains(&day.weekday()), None)
        }
        SessionTime::Weekly { start_day, start_time, end_day, end_time } => {
            daily(start_time, end_time, &|day| day.weekday() == *start_day, Some(*end_day))
        }
    }
}

/// When the window that opens on `day` closes: the first fitting end after its opening. `None` where clocks that go forward
/// leave nothing of it.
fn close(day: Date, start: &ZonedTime, end: &ZonedTime, end_day: Option<Weekday>) -> Option<i64> {
    let opening = moment(day, start)?;
    let is_behind = |end_day: Date, closing: i64| match start.zone.time_zone == end.zone.time_zone {
        // By the clock on the wall: an hour that is left out does not make it the end of another day.
        true => end_day.to_datetime(end.time) > day.to_datetime(start.time),
        false => closing > opening,
    };
    // The end's zone may be a day ahead or behind.
    let closing = (-1..=9).filter_map(|offset| day.checked_add(offset.days()).ok()).find_map(|day| {
        let fits = end_day.is_none_or(|wanted| day.weekday() == wanted);
        moment(day, end).filter(|closing| fits && is_behind(day, *closing))
    });
    closing.filter(|closing| *closing > opening)
}

/// A time that clocks that go forward leave out is the moment when they do.
fn moment(day: Date, time: &ZonedTime) -> Option<i64> {
    let zone = &time.zone.time_zone;
    let found = zone.to_ambiguous_timestamp(day.to_datetime(time.time));
    let later = found.compatible().ok()?;
    if !matches!(found.offset(), AmbiguousOffset::Gap { .. }) {
        return Some(later.as_second());
    }
    let change = zone.preceding(later.checked_add(1.second()).ok()?).next();
    Some(change.map_or(later, |change| change.timestamp()).as_second())
}

fn days_around(now: UtcTimestamp, ahead: i64) -> Option<Vec<Date>> {
    let today =
        Timestamp::from_second(now.unix_seconds()).ok()?.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    Some((-DAYS_BACK..=ahead).filter_map(|offset| today.checked_add(offset.days()).ok()).collect())
}

/// Walks all boundaries in order and notes each change of state.
fn sweep(session: &[Span], logon: Option<&[Span]>, resets: &[i64]) -> Vec<Transition> {
    let mut boundaries: Vec<i64> =
        session.iter().chain(logon.unwrap_or_default()).flat_map(|(a, b)| [*a, *b]).collect();
    boundaries.extend(resets);
    boundaries.sort_unstable();
    boundaries.dedup();
    let mut transitions: Vec<Transition> = Vec::new();
    let mut numbered_by = None;
    for at in boundaries {
        let covers = |span: &&Span| span.0 <= at && at < span.1;
        let window = session.iter().rev().find(covers);
        let may_log_on = logon.is_none_or(|spans| spans.iter().any(|span| covers(&span)));
        let to = match window {
            Some(window) if may_log_on => {
                let reset = resets.iter().rev().find(|reset| **reset <= at && **reset >= window.0);
                let epoch = Some((window.0, reset.copied()));
                if numbered_by == epoch {
                    Window::OpenContinued
                } else {
                    numbered_by = epoch;
                    Window::OpenNew
                }
            }
            _ => Window::Closed,
        };
        // A table may begin anywhere: its state before the first boundary is "closed".
        let before = transitions.last().map_or(Window::Closed, |transition| transition.to);
        let changes = to == Window::OpenNew || (to == Window::Closed) != (before == Window::Closed);
        if changes {
            transitions.push(Transition { at, to });
        }
    }
    transitions
}

/// The part of the table that matters at `now`: from the last opening with new numbers on, as far as it fits.
fn around(transitions: &[Transition], now: i64) -> &[Transition] {
    let begin = transitions.iter().rposition(|t| t.at <= now && t.to == Window::OpenNew).unwrap_or(0);
    let rest = transitions.get(begin..).unwrap_or_default();
    // The moment in force must stay in, even where many pauses lie between it and the opening.
    let current = rest.iter().rposition(|t| t.at <= now).unwrap_or(0);
    if current < MAX_TRANSITIONS {
        return rest.get(..rest.len().min(MAX_TRANSITIONS)).unwrap_or_default();
    }
    let rest = rest.get(current..).unwrap_or_default();
    rest.get(..rest.len().min(MAX_TRANSITIONS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;
    use crate::config::Zone;

    fn zone(name: &str) -> Zone {
        Zone { name: name.into(), time_zone: jiff::tz::TimeZone::get(name).unwrap() }
    }

    fn at(hour: i8, minute: i8, name: &str) -> ZonedTime {
        ZonedTime { time: time(hour, minute, 0, 0), zone: zone(name) }
    }

    fn utc(text: &str) -> UtcTimestamp {
        UtcTimestamp::parse(text.as_bytes()).unwrap()
    }

    fn schedule(session_time: SessionTime) -> ScheduleSettings {
        ScheduleSettings { session_time, logon_time: None, reset_seq_time: None }
    }

    fn is_open(settings: &ScheduleSettings, text: &str) -> bool {
        compile(settings, utc(text)).is_open(utc(text))
    }

    #[test]
    fn a_daily_window_follows_daylight_saving() {
        let new_york = schedule(SessionTime::Daily {
            start_time: at(8, 0, "America/New_York"),
            end_time: at(17, 0, "America/New_York"),
        });
        // Clocks go back on 2026-11-01: 08:00 is 12:00 UTC before and 13:00 UTC after.
        assert!(is_open(&new_york, "20261030-12:00:00"));
        assert!(!is_open(&new_york, "20261102-12:59:59"));
        assert!(is_open(&new_york, "20261102-13:00:00"));
        assert!(!is_open(&new_york, "20261102-22:00:00"));
    }

    /// Clocks go from 02:00 to 03:00 in New York on 2027-03-14, which is 07:00 UTC.
    #[test]
    fn an_hour_that_clocks_leave_out_does_not_keep_a_window_open_for_a_day() {
        let new_york = |start: (i8, i8), end: (i8, i8)| {
            schedule(SessionTime::Daily {
                start_time: at(start.0, start.1, "America/New_York"),
                end_time: at(end.0, end.1, "America/New_York"),
            })
        };
        let spans = |settings: &ScheduleSettings| {
            let open = |minute: &i64| {
                let at = UtcTimestamp::from_unix(utc("20270314-05:00:00").unix_seconds() + minute * 60, 0);
                compile(settings, at).is_open(at)
            };
            (0..16 * 60).filter(open).collect::<Vec<i64>>()
        };
        // 03:00 to 03:30 by the clock on the wall.
        for start in [(2, 0), (2, 30)] {
            assert_eq!(spans(&new_york(start, (3, 30))), (120..150).collect::<Vec<i64>>(), "{start:?}");
        }
        assert_eq!(spans(&new_york((1, 30), (2, 30))), (90..120).collect::<Vec<i64>>());
        assert_eq!(spans(&new_york((2, 15), (2, 45))), Vec::<i64>::new());
        // All day.
        assert_eq!(spans(&new_york((2, 30), (2, 30))).len(), 16 * 60);
    }

    #[test]
    fn start_and_end_in_different_zones() {
        let mixed = schedule(SessionTime::Daily {
            start_time: at(9, 0, "Asia/Tokyo"),
            end_time: at(17, 0, "America/New_York"),
        });
        // 09:00 in Tokyo is 00:00 UTC; 17:00 in New York is 22:00 UTC in winter.
        assert!(is_open(&mixed, "20261124-00:00:00"));
        assert!(is_open(&mixed, "20261124-21:59:59"));
        assert!(!is_open(&mixed, "20261124-22:00:00"));
    }

    #[test]
    fn a_window_over_midnight_and_equal_times() {
        let night = schedule(SessionTime::Daily { start_time: at(22, 0, "UTC"), end_time: at(6, 0, "UTC") });
        assert!(is_open(&night, "20261124-03:00:00"));
        assert!(!is_open(&night, "20261124-12:00:00"));
        let always =
            schedule(SessionTime::Daily { start_time: at(22, 0, "UTC"), end_time: at(22, 0, "UTC") });
        let table = compile(&always, utc("20261124-12:00:00"));
        assert!(table.is_open(utc("20261124-21:59:59")) && table.is_open(utc("20261124-22:00:00")));
        assert!(
            table.is_stale(Some(utc("20261124-12:00:00")), utc("20261124-22:00:00")),
            "numbers begin again"
        );
    }

    #[test]
    fn a_week_with_its_pauses() {
        let week = ScheduleSettings {
            session_time: SessionTime::Weekly {
                start_day: Weekday::Sunday,
                start_time: at(18, 0, "UTC"),
                end_day: Weekday::Friday,
                end_time: at(17, 0, "UTC"),
            },
            logon_time: Some(SessionTime::Daily { start_time: at(6, 0, "UTC"), end_time: at(20, 0, "UTC") }),
            reset_seq_time: None,
        };
        let table = compile(&week, utc("20261124-12:00:00"));
        let sunday = Some(utc("20261122-18:00:00"));
        assert!(!table.is_open(utc("20261124-21:00:00")), "a pause at night");
        assert!(table.is_open(utc("20261125-06:00:00")));
        assert!(!table.is_stale(sunday, utc("20261125-06:00:00")), "the numbers go on after a pause");
        assert!(!is_open(&week, "20261128-12:00:00"), "Saturday");
        assert!(compile(&week, utc("20261130-12:00:00")).is_stale(sunday, utc("20261130-12:00:00")));
    }

    #[test]
    fn numbers_begin_again_at_the_reset_time_of_a_non_stop_session() {
        let mut settings = schedule(SessionTime::NonStop);
        assert_eq!(compile(&settings, utc("20261124-12:00:00")), Schedule::non_stop());
        settings.reset_seq_time = Some(at(21, 0, "UTC"));
        let table = compile(&settings, utc("20261124-12:00:00"));
        assert!(table.is_open(utc("20261124-21:00:00")));
        assert!(!table.is_stale(Some(utc("20261124-12:00:00")), utc("20261124-20:59:59")));
        assert!(table.is_stale(Some(utc("20261124-12:00:00")), utc("20261124-21:00:00")));
    }

    #[test]
    fn only_the_named_weekdays() {
        let days = schedule(SessionTime::Weekdays {
            weekdays: vec![Weekday::Monday, Weekday::Tuesday],
            start_time: at(8, 0, "UTC"),
            end_time: at(17, 0, "UTC"),
        });
        assert!(is_open(&days, "20261124-09:00:00"), "a Tuesday");
        assert!(!is_open(&days, "20261125-09:00:00"), "a Wednesday");
    }

    /// A board's table of ten years says at any moment what the table says that is made at that moment.
    #[test]
    fn a_table_of_years_is_right_at_random_moments_in_several_zones() {
        let zones = ["America/New_York", "Europe/London", "Asia/Tokyo", "Australia/Sydney", "UTC"];
        let week = |zone| SessionTime::Weekly {
            start_day: Weekday::Sunday,
            start_time: at(17, 0, zone),
            end_day: Weekday::Friday,
            end_time: at(16, 30, zone),
        };
        let daily = |zone, start, end| SessionTime::Daily {
            start_time: at(start, 0, zone),
            end_time: at(end, 0, zone),
        };
        let begin = utc("20261129-00:00:00");
        // Multiplicative congruence: the same moments each time.
        let mut state = 1_u64;
        let mut random = |below: i64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as i64 % below
        };
        for zone in zones {
            let pauses = ScheduleSettings {
                logon_time: Some(daily(zone, 6, 20)),
                reset_seq_time: None,
                session_time: week(zone),
            };
            let resets = ScheduleSettings {
                session_time: SessionTime::NonStop,
                logon_time: None,
                reset_seq_time: Some(at(21, 0, zone)),
            };
            for settings in [
                schedule(daily(zone, 8, 17)),
                schedule(daily(zone, 22, 6)),
                schedule(week(zone)),
                pauses,
                resets,
            ] {
                let table = table(&settings, begin, 10).unwrap();
                assert!(table.last().is_some_and(|last| last.to == Window::Closed));
                for _ in 0..60 {
                    let now = UtcTimestamp::from_unix(begin.unix_seconds() + random(3_640 * DAY), 0);
                    let passed = table.partition_point(|transition| transition.at <= now.unix_seconds());
                    let before = &table[..passed];
                    let is_open = before.last().is_some_and(|transition| transition.to != Window::Closed);
                    let host = compile(&settings, now);
                    assert_eq!(is_open, host.is_open(now), "{zone} {settings:?} {now:?}");
                    let opening = before.iter().rev().find(|transition| transition.to == Window::OpenNew);
                    if let Some(opening) = opening.filter(|_| is_open) {
                        let created = |off| Some(UtcTimestamp::from_unix(opening.at + off, 0));
                        assert!(
                            host.is_stale(created(-1), now) && !host.is_stale(created(0), now),
                            "{zone} {now:?}"
                        );
                    }
                }
            }
        }
        assert_eq!(table(&schedule(SessionTime::NonStop), begin, 10), Some(Vec::new()));
    }
}
