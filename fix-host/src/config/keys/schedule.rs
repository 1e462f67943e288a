//! When a session is up, and when its sequence numbers start again.

use crate::config::key::{Key, honour};
use crate::config::value::Kind::{Day, Days, Flag, Time, TimeZone};

pub(super) const KEYS: &[Key] = &[
    honour("StartTime", "all", Time, "When the session starts; a zone may follow. Without it: always up.")
        .example("08:00:00"),
    honour(
        "EndTime",
        "all",
        Time,
        "When the session ends; sequence numbers are reset before the next start.",
    )
    .example("17:00:00"),
    honour("StartDay", "all", Day, "The session is weekly and starts on this day.").example("sunday"),
    honour("EndDay", "all", Day, "The session is weekly and ends on this day.").example("friday"),
    honour("Weekdays", "J, n", Days, "The session is daily, but only on these days."),
    honour("NonStopSession", "all", Flag, "Always up, never reset.").default("N"),
    honour("UseLocalTime", "C, J, n", Flag, "Times are the machine's local time instead of UTC.")
        .default("N"),
    honour("TimeZone", "J, n, G", TimeZone, "Times are of this zone of the IANA database instead of UTC."),
    honour("LogonTime", "C", Time, "Within the session, when to log on.").example("08:05:00"),
    honour("LogoutTime", "C", Time, "Within the session, when to log out.").example("16:55:00"),
    honour("LogonDay", "C", Day, "With `LogonTime`: the day of the week.").example("sunday"),
    honour("LogoutDay", "C", Day, "With `LogoutTime`: the day of the week.").example("friday"),
    honour("ResetSeqTime", "G", Time, "Sequence numbers are reset at this time while logged on.")
        .example("17:30:00"),
];
