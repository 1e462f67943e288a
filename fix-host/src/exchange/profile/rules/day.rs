//! The day of a venue: when it opens and closes.

use fix_core::time::UtcTimestamp;
use jiff::{
    Timestamp,
    civil::{Date, Time as Clock, Weekday},
};
use serde::{Deserialize, Deserializer, de};

use crate::{config::Zone, contract::by_hand::MarketPhase};

/// When each phase of the day begins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Day {
    /// The zone of the times; UTC, if it is not said.
    #[serde(default)]
    pub zone: InZone,
    /// The days of the week on which it opens; all, if none is named.
    #[serde(default)]
    pub days: Vec<OpenOn>,
    /// Orders are collected for the opening from now on; the day begins with the opening, if it is not said.
    pub pre_open: Option<At>,
    /// What was collected trades at one price, and orders trade as they come.
    pub open: At,
    /// Orders are collected for the closing from now on; not at all, if it is not said.
    pub pre_close: Option<At>,
    /// What was collected trades at one price, and the day is over.
    pub close: At,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(Clock);

/// A time zone.
#[derive(Clone, Debug)]
pub struct InZone(Zone);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOn(Weekday);

/// Days before and after that are looked at: beyond a weekend there is always one that opens.
const DAYS: i8 = 8;

impl Day {
    /// The phase of this moment.
    #[must_use]
    pub fn phase_at(&self, now: UtcTimestamp) -> MarketPhase {
        self.latest(now).map_or(MarketPhase::Close, |(_, phase)| phase)
    }

    /// The last change up to this moment. `None`: there was none yet, at the beginning of time.
    #[must_use]
    pub fn latest(&self, now: UtcTimestamp) -> Option<(UtcTimestamp, MarketPhase)> {
        let now = timestamp(now);
        self.around(now).take_while(|(at, _)| *at <= now).last().map(change)
    }

    /// The next change after this moment. `None`: never, at the end of time.
    #[must_use]
    pub fn next(&self, now: UtcTimestamp) -> Option<(UtcTimestamp, MarketPhase)> {
        let now = timestamp(now);
        self.around(now).find(|(at, _)| *at > now).map(change)
    }

    /// The number of the day that this moment belongs to: that of the zone's calendar (since 1970), and from the close on that
    /// of the next.
    #[must_use]
    pub fn number(&self, now: UtcTimestamp) -> i64 {
        let now = self.zone.0.time_zone.to_datetime(timestamp(now));
        let date = Date::constant(1970, 1, 1).duration_until(now.date()).as_hours() / 24;
        date + i64::from(now.time() >= self.close.0)
    }

    /// All changes about this moment, in their order.
    fn around(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, MarketPhase)> {
        let zone = &self.zone.0.time_zone;
        let today = zone.to_datetime(now).date();
        let dates =
            (-DAYS..=DAYS).filter_map(move |days| today.checked_add(jiff::Span::new().days(days)).ok());
        dates.filter(|date| self.opens_on(*date)).flat_map(move |date| {
            self.changes().into_iter().filter_map(move |(at, phase)| {
                // A time that the clock is put over is as much later.
                Some((zone.to_ambiguous_timestamp(date.to_datetime(at?.0)).compatible().ok()?, phase))
            })
        })
    }

    fn opens_on(&self, date: Date) -> bool {
        self.days.is_empty() || self.days.iter().any(|day| day.0 == date.weekday())
    }

    fn changes(&self) -> [(Option<At>, MarketPhase); 4] {
        [
            (self.pre_open, MarketPhase::PreOpen),
            (Some(self.open), MarketPhase::Open),
            (self.pre_close, MarketPhase::PreClose),
            (Some(self.close), MarketPhase::Close),
        ]
    }

    /// What no single key is at fault for.
    pub(in super::super) fn check(&self) -> Result<(), &'static str> {
        let times: Vec<At> = self.changes().into_iter().filter_map(|(at, _)| at).collect();
        match times.windows(2).all(|two| two[0] < two[1]) {
            true => Ok(()),
            false => Err("`pre-open`, `open`, `pre-close` and `close` must follow each other within one day"),
        }
    }
}

fn change((at, phase): (Timestamp, MarketPhase)) -> (UtcTimestamp, MarketPhase) {
    let nanos = u32::try_from(at.subsec_nanosecond()).unwrap_or_default();
    (UtcTimestamp::from_unix(at.as_second(), nanos), phase)
}

fn timestamp(now: UtcTimestamp) -> Timestamp {
    let nanos = i32::try_from(now.subsec_nanos()).unwrap_or_default();
    Timestamp::new(now.unix_seconds(), nanos).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Default for InZone {
    fn default() -> Self {
        InZone(Zone::utc())
    }
}

impl<'de> Deserialize<'de> for InZone {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Zone::parse(&text).map(InZone).map_err(|why| de::Error::custom(format!("`{text}` {why}")))
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let parts: Option<Vec<i8>> = text.split(':').map(|part| part.parse().ok()).collect();
        let time = match parts.as_deref() {
            Some(&[hour, minute]) => Clock::new(hour, minute, 0, 0).ok(),
            Some(&[hour, minute, second]) => Clock::new(hour, minute, second, 0).ok(),
            _ => None,
        };
        time.map(At).ok_or_else(|| {
            de::Error::custom(format!(
                "must be a time of day such as \"09:30\" or \"09:30:15\", not \"{text}\""
            ))
        })
    }
}

impl<'de> Deserialize<'de> for OpenOn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let day = match text.as_str() {
            "mon" => Weekday::Monday,
            "tue" => Weekday::Tuesday,
            "wed" => Weekday::Wednesday,
            "thu" => Weekday::Thursday,
            "fri" => Weekday::Friday,
            "sat" => Weekday::Saturday,
            "sun" => Weekday::Sunday,
            _ => {
                let text = format!("must be one of mon, tue, wed, thu, fri, sat and sun, not `{text}`");
                return Err(de::Error::custom(text));
            }
        };
        Ok(OpenOn(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcTimestamp {
        UtcTimestamp::parse(text.as_bytes()).unwrap()
    }

    fn day(text: &str) -> Day {
        toml_edit::de::from_str(text).unwrap()
    }

    #[test]
    fn phases_follow_the_clock_of_the_zone_through_weekends_and_summer_time() {
        let day = day("zone = \"America/New_York\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\n\
             pre-open = \"08:00\"\nopen = \"09:30\"\npre-close = \"15:50\"\nclose = \"16:00\"\n");
        use MarketPhase::{Close, Open, PreClose, PreOpen};
        // Summer time begins on Sunday, 8 March 2026.
        for (now, phase, next, then) in [
            ("20260306-14:29:59.999", PreOpen, "20260306-14:30:00", Open),
            ("20260306-14:30:00", Open, "20260306-20:50:00", PreClose),
            ("20260306-20:50:00", PreClose, "20260306-21:00:00", Close),
            ("20260306-21:00:00", Close, "20260309-12:00:00", PreOpen),
            ("20260308-12:00:00", Close, "20260309-12:00:00", PreOpen),
            ("20260309-12:00:00", PreOpen, "20260309-13:30:00", Open),
        ] {
            assert_eq!(day.phase_at(at(now)), phase, "{now}");
            assert_eq!(day.next(at(now)), Some((at(next), then)), "{now}");
        }
    }

    #[test]
    fn a_day_ends_with_its_close_and_not_at_midnight_in_utc() {
        let day = day("zone = \"Australia/Sydney\"\nopen = \"10:00\"\nclose = \"16:00\"\n");
        // From 23:00 to 5:00 in UTC.
        let number = |now| day.number(at(now)) - day.number(at("20260306-23:00:00"));
        assert_eq!(number("20260307-01:00:00"), 0);
        assert_eq!(number("20260307-04:59:59.999"), 0);
        assert_eq!(number("20260307-05:00:00"), 1);
        assert_eq!(number("20260307-23:00:00"), 1);
        assert_eq!(day.number(at("19700101-00:00:00")), 0);
    }

    #[test]
    fn without_auctions_and_days_it_opens_and_closes_every_day_in_utc() {
        let day = day("open = \"00:00:30\"\nclose = \"23:59\"\n");
        assert_eq!(day.phase_at(at("20260307-00:00:29")), MarketPhase::Close);
        assert_eq!(day.next(at("20260307-00:00:29")), Some((at("20260307-00:00:30"), MarketPhase::Open)));
        assert_eq!(day.next(at("20260307-12:00:00")), Some((at("20260307-23:59:00"), MarketPhase::Close)));
    }
}
