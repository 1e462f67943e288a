//! When a session is up: parsed and checked, in local times. The table of UTC transitions is made of it
//! elsewhere.

use std::fmt;

use jiff::civil::{Time, Weekday};

use crate::config::problem::Source;
use crate::config::reader::Reader;
use crate::config::time::{LocalTime, Zone, ZonedTime};

/// When a session is up, logged on, and reset.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleSettings {
    /// `StartTime` to `EndTime`: outside it there is no session, and each start resets sequence numbers.
    pub session_time: SessionTime,
    /// `LogonTime` to `LogoutTime` within it; `None` is the whole of it.
    pub logon_time: Option<SessionTime>,
    /// `ResetSeqTime`: a reset while logged on, each day.
    pub reset_seq_time: Option<ZonedTime>,
}

impl ScheduleSettings {
    /// Whether it is always open, and never begins anew.
    #[must_use]
    pub fn is_non_stop(&self) -> bool {
        self.session_time == SessionTime::NonStop
            && self.logon_time.is_none()
            && self.reset_seq_time.is_none()
    }
}

/// A window of time that comes again. An end at or before the start is on the next day (or week).
#[derive(Clone, Debug, PartialEq)]
pub enum SessionTime {
    /// Always.
    NonStop,
    /// Every day.
    Daily {
        /// When it starts.
        start_time: ZonedTime,
        /// When it ends.
        end_time: ZonedTime,
    },
    /// On these days; the days are those of the start.
    Weekdays {
        /// The days, in the order of the file.
        weekdays: Vec<Weekday>,
        /// When it starts.
        start_time: ZonedTime,
        /// When it ends.
        end_time: ZonedTime,
    },
    /// Once a week.
    Weekly {
        /// The day it starts.
        start_day: Weekday,
        /// When it starts on that day.
        start_time: ZonedTime,
        /// The day it ends.
        end_day: Weekday,
        /// When it ends on that day.
        end_time: ZonedTime,
    },
}

/// As people say it: `08:00:00 to 17:00:00 America/New_York, daily`.
impl fmt::Display for SessionTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let till = |f: &mut fmt::Formatter<'_>, start: &ZonedTime, end: &ZonedTime| {
            // Two zones are said where there are two.
            let first = if start.zone == end.zone { String::new() } else { format!(" {}", start.zone.name) };
            write!(f, "{}{first} to {} {}", start.time, end.time, end.zone.name)
        };
        match self {
            SessionTime::NonStop => f.write_str("always up"),
            SessionTime::Daily { start_time, end_time } => {
                till(f, start_time, end_time)?;
                f.write_str(", daily")
            }
            SessionTime::Weekdays { weekdays, start_time, end_time } => {
                till(f, start_time, end_time)?;
                weekdays
                    .iter()
                    .enumerate()
                    .try_for_each(|(at, day)| write!(f, "{}{day:?}", if at == 0 { ", on " } else { " " }))
            }
            SessionTime::Weekly { start_day, start_time, end_day, end_time } => {
                write!(f, "{start_day:?} {} {} to ", start_time.time, start_time.zone.name)?;
                write!(f, "{end_day:?} {} {}, weekly", end_time.time, end_time.zone.name)
            }
        }
    }
}

/// The four keys that make a window.
struct Names {
    start_time: &'static str,
    end_time: &'static str,
    start_day: &'static str,
    end_day: &'static str,
}

const SESSION: Names =
    Names { start_time: "StartTime", end_time: "EndTime", start_day: "StartDay", end_day: "EndDay" };
const LOGON: Names =
    Names { start_time: "LogonTime", end_time: "LogoutTime", start_day: "LogonDay", end_day: "LogoutDay" };

impl ScheduleSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let zone = zone(reader);
        let window = window(reader, &SESSION, &zone);
        let weekdays = weekdays(reader);
        let session_time = if reader.value("NonStopSession") {
            refuse_times_of_a_non_stop_session(reader, window.as_ref());
            SessionTime::NonStop
        } else {
            match (window, weekdays) {
                (Some(SessionTime::Daily { start_time, end_time }), Some(weekdays)) => {
                    SessionTime::Weekdays { weekdays, start_time, end_time }
                }
                (window, _) => window.unwrap_or(SessionTime::NonStop),
            }
        };
        let logon_time = self::window(reader, &LOGON, &zone);
        let reset_seq_time = reader.get("ResetSeqTime").map(|time| zoned(time, &zone));
        ScheduleSettings { session_time, logon_time, reset_seq_time }
    }
}

fn weekdays(reader: &mut Reader<'_>) -> Option<Vec<Weekday>> {
    let weekdays = reader.get("Weekdays")?;
    if reader.is_set("StartDay") {
        reader.error("Weekdays", "and StartDay are both set; a session is either daily or weekly");
    } else if !reader.is_set("StartTime") {
        reader.error("Weekdays", "needs StartTime and EndTime");
    }
    Some(weekdays)
}

/// The zone of times that name none themselves.
fn zone(reader: &mut Reader<'_>) -> Zone {
    let use_local_time: bool = reader.value("UseLocalTime");
    let zone: Option<Zone> = reader.get("TimeZone");
    if use_local_time && zone.is_some() {
        reader.error("TimeZone", "and UseLocalTime=Y contradict each other; keep one of them");
    }
    zone.unwrap_or_else(|| if use_local_time { Zone::local() } else { Zone::utc() })
}

/// `None` when none of the keys is set, or not rightly.
fn window(reader: &mut Reader<'_>, names: &Names, zone: &Zone) -> Option<SessionTime> {
    together(reader, names.start_time, names.end_time);
    together(reader, names.start_day, names.end_day);
    if reader.is_set(names.start_day) && !reader.is_set(names.start_time) {
        reader.error(names.start_day, format!("needs {} and {}", names.start_time, names.end_time));
    }
    let start_time: Option<LocalTime> = reader.get(names.start_time);
    let end_time: Option<LocalTime> = reader.get(names.end_time);
    let days = (reader.get(names.start_day), reader.get(names.end_day));
    let (start_time, end_time) = (zoned(start_time?, zone), zoned(end_time?, zone));
    match days {
        (Some(start_day), Some(end_day)) => {
            Some(SessionTime::Weekly { start_day, start_time, end_day, end_time })
        }
        _ => Some(SessionTime::Daily { start_time, end_time }),
    }
}

/// Two keys that make sense only as a pair.
fn together(reader: &mut Reader<'_>, one: &str, other: &str) {
    for (set, missing) in [(one, other), (other, one)] {
        if reader.is_set(set) && !reader.is_set(missing) {
            reader.error(set, format!("is set without {missing}; set both or neither"));
        }
    }
}

fn zoned(time: LocalTime, zone: &Zone) -> ZonedTime {
    ZonedTime { time: time.time, zone: time.zone.unwrap_or_else(|| zone.clone()) }
}

/// QuickFIX C++ refuses this too. A session's own NonStopSession may override times it only inherits, and from
/// midnight to midnight is how many files write "always".
fn refuse_times_of_a_non_stop_session(reader: &mut Reader<'_>, window: Option<&SessionTime>) {
    let Some(window) = window else { return };
    if let SessionTime::Daily { start_time, end_time } = window
        && [start_time, end_time].iter().all(|at| at.time == Time::midnight())
    {
        return;
    }
    let own = matches!(reader.source("NonStopSession"), Some(Source::Session(_)));
    let inherited = matches!(reader.source("StartTime"), Some(Source::Default(_)))
        && matches!(reader.source("EndTime"), Some(Source::Default(_)));
    if own && inherited {
        reader.warn("NonStopSession", "overrides StartTime and EndTime of [DEFAULT]");
    } else {
        reader.error("NonStopSession", "and StartTime contradict each other; keep one of them");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_said_as_people_say_it() {
        let at = |hour| ZonedTime { time: Time::constant(hour, 30, 0, 0), zone: Zone::utc() };
        let said = [
            SessionTime::NonStop,
            SessionTime::Daily { start_time: at(8), end_time: at(17) },
            SessionTime::Weekdays {
                weekdays: vec![Weekday::Monday, Weekday::Friday],
                start_time: at(8),
                end_time: at(17),
            },
            SessionTime::Weekly {
                start_day: Weekday::Sunday,
                start_time: at(22),
                end_day: Weekday::Friday,
                end_time: at(21),
            },
        ];
        assert_eq!(
            said.map(|window| window.to_string()),
            [
                "always up",
                "08:30:00 to 17:30:00 UTC, daily",
                "08:30:00 to 17:30:00 UTC, on Monday Friday",
                "Sunday 22:30:00 UTC to Friday 21:30:00 UTC, weekly",
            ]
        );
    }
}
