//! Times of day and the zones they are meant in.

use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};

use super::zone_names;

/// A time zone and the name it was asked for by.
#[derive(Clone, Debug)]
pub struct Zone {
    /// An IANA name, one of Windows, `UTC+05:30`, or `local` for the machine's own.
    pub name: String,
    /// Its rules.
    pub time_zone: TimeZone,
}

impl Zone {
    /// Coordinated universal time, QuickFIX's default.
    #[must_use]
    pub fn utc() -> Self {
        Zone { name: "UTC".to_owned(), time_zone: TimeZone::UTC }
    }

    /// The machine's own zone: `UseLocalTime=Y`.
    #[must_use]
    pub fn local() -> Self {
        Zone { name: "local".to_owned(), time_zone: TimeZone::system() }
    }

    /// Looks a name up in the time-zone database, then among those of Windows.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let iana = || TimeZone::get(text).ok();
        let windows = || zone_names::of_windows(text).and_then(|name| TimeZone::get(name).ok());
        let time_zone = match fixed_offset(text) {
            Some(offset) => offset.map(TimeZone::fixed),
            None => iana().or_else(windows),
        };
        let time_zone = time_zone.ok_or_else(|| zone_names::hint(text))?;
        Ok(Zone { name: text.to_owned(), time_zone })
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.time_zone == other.time_zone
    }
}

/// Java's `GMT-05:00` and `UTC+1`: `None` when the text is no such form, `Some(None)` when it is a bad one.
fn fixed_offset(text: &str) -> Option<Option<Offset>> {
    let upper = text.to_ascii_uppercase();
    let rest = upper.strip_prefix("GMT").or_else(|| upper.strip_prefix("UTC"))?;
    let sign = match rest.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, minutes) = rest[1..].split_once(':').unwrap_or((&rest[1..], "0"));
    let number = |text: &str, below: i32| text.parse::<u8>().ok().map(i32::from).filter(|&n| n < below);
    let seconds = number(hours, 24).zip(number(minutes, 60)).map(|(h, m)| sign * (h * 3600 + m * 60));
    Some(seconds.and_then(|seconds| Offset::from_seconds(seconds).ok()))
}

/// `StartTime` and its like as written: the zone only when it stands behind the time (QuickFIX/J).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LocalTime {
    pub(super) time: Time,
    pub(super) zone: Option<Zone>,
}

impl LocalTime {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (clock, zone) = match text.split_once(char::is_whitespace) {
            Some((clock, zone)) => (clock, Some(zone.trim())),
            None => (text, None),
        };
        let error = || "is not a time of day HH:MM:SS".to_owned();
        let mut parts = clock.split(':').map(|part| {
            let is_number = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if is_number { part.parse::<i8>().ok() } else { None }
        });
        let mut next = || parts.next().flatten().ok_or_else(error);
        let (hour, minute, second) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(error());
        }
        let time = Time::new(hour, minute, second, 0).map_err(|_| error())?;
        let zone = zone.map(Zone::parse).transpose()?;
        Ok(LocalTime { time, zone })
    }
}

/// A time of day in its zone.
#[derive(Clone, Debug, PartialEq)]
pub struct ZonedTime {
    /// What a clock on a wall of that zone shows.
    pub time: Time,
    /// The zone. Start and end of one session may name different ones.
    pub zone: Zone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_and_without_zone() {
        let time = LocalTime::parse("08:30:00 US/Eastern").unwrap();
        assert_eq!(time.time, jiff::civil::time(8, 30, 0, 0));
        assert_eq!(time.zone.unwrap().name, "US/Eastern");
        assert_eq!(LocalTime::parse("23:59:59").unwrap().zone, None);
        for bad in
            ["", "24:00:00", "8:30", "08:60:00", "08:00:00:00", "08-00-00", "+8:00:00", "08:00:00 Mars"]
        {
            assert!(LocalTime::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn zones_by_name_and_by_offset() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        for (name, seconds) in [
            ("UTC", 0),
            ("GMT", 0),
            ("Asia/Tokyo", 32_400),
            ("GMT-05:00", -18_000),
            ("UTC+1", 3600),
            ("Tokyo Standard Time", 32_400),
        ] {
            let zone = Zone::parse(name).unwrap();
            assert_eq!(zone.time_zone.to_offset(at).seconds(), seconds, "{name}");
        }
        for bad in ["Eastern Time", "GMT-25:00", "UTC+", "UTC+1:99", "New York", "../etc/passwd", ""] {
            assert!(Zone::parse(bad).is_err(), "{bad}");
        }
    }
}
