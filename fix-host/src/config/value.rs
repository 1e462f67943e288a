//! The types a value may have, and the only place where text becomes one.

use std::path::PathBuf;
use std::time::Duration;

use fix_core::{
    decimal::Decimal, msg::msg_type::MsgType, pre_trade::BasisPoints, session::config::MAX_ID_LEN,
};
use ipnet::IpNet;
use jiff::civil::Weekday;

use super::parse;
use super::secret::Secret;
use super::time::{LocalTime, Zone};

/// What a key's value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text without control characters; empty means not set.
    Text,
    /// As [`Kind::Text`], of at most [`MAX_ID_LEN`] bytes of ASCII: a CompID, sub id, location id or qualifier.
    Id,
    /// As [`Kind::Text`], never shown.
    Secret,
    /// PEM text, which may hold line ends; never shown.
    Pem,
    /// `Y` or `N`.
    Flag,
    /// A whole number in these bounds, both included.
    Integer(i64, i64),
    /// Bytes in these bounds; a unit of 1024 (`K`, `M`, `G`) may follow.
    Size(u64, u64),
    /// Whole seconds in these bounds; a unit (`ms`, `s`, `m`, `h`) may follow, as Go's dialect writes it.
    Seconds(u64, u64),
    /// Whole milliseconds up to this; a unit may follow.
    Milliseconds(u64),
    /// A positive decimal of at most three places, held in thousandths.
    Multiplier,
    /// A decimal above zero, such as a quantity or an amount.
    Positive,
    /// A percentage above zero of at most two places, held in basis points.
    Percent,
    /// One of these words, in any case.
    Choice(&'static [&'static str]),
    /// A host name or an IP address.
    Host,
    /// A file that must exist.
    File,
    /// Files that must exist, separated by commas.
    Files,
    /// A directory, or a file that need not exist yet.
    Path,
    /// Tag numbers, separated by commas.
    Tags,
    /// MsgTypes, separated by commas, at most eight.
    MsgTypes,
    /// A day of the week, at least two letters of its English name.
    Day,
    /// Days of the week, separated by commas.
    Days,
    /// `HH:MM:SS`, optionally followed by a time zone.
    Time,
    /// A name of the IANA time-zone database.
    TimeZone,
    /// Digits after the second: 0 to 9, or `SECONDS`, `MILLIS`, `MICROS`, `NANOS`.
    Precision,
    /// IP addresses and networks, separated by commas.
    Networks,
    /// Seconds, or Java's list `3x10;60`: three times ten seconds, then sixty for ever.
    Intervals,
    /// `tag=value`, set in every Logon.
    LogonTag,
    /// Anything: the key is not used, so its value is not judged.
    Unchecked,
}

/// A value of the [`Kind`] of its key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Secret(Secret),
    Flag(bool),
    Integer(i64),
    Duration(Duration),
    Thousandths(u32),
    Decimal(Decimal),
    BasisPoints(BasisPoints),
    Path(PathBuf),
    Paths(Vec<PathBuf>),
    Tags(Vec<u32>),
    MsgTypes(Vec<MsgType>),
    Day(Weekday),
    Days(Vec<Weekday>),
    Time(LocalTime),
    Zone(Zone),
    Precision(u8),
    Networks(Vec<IpNet>),
    Intervals(Vec<Duration>),
    LogonTag(u32, Secret),
}

impl Kind {
    /// Reads a value that is not empty.
    ///
    /// # Errors
    /// The end of the sentence `"value" …`, such as `is not a whole number of seconds`.
    pub(super) fn parse(self, text: &str) -> Result<Value, String> {
        if self != Kind::Pem && text.chars().any(char::is_control) {
            return Err("holds a control character".to_owned());
        }
        match self {
            Kind::Text | Kind::Unchecked => Ok(Value::Text(text.to_owned())),
            Kind::Id => parse::id(text).map(Value::Text),
            Kind::Secret | Kind::Pem => Ok(Value::Secret(Secret::new(text))),
            Kind::Flag => parse::flag(text).map(Value::Flag),
            Kind::Integer(low, high) => parse::integer(text, low, high).map(Value::Integer),
            Kind::Size(low, high) => parse::size(text, low, high).map(Value::Integer),
            Kind::Seconds(low, high) => parse::seconds(text, low, high).map(Value::Duration),
            Kind::Milliseconds(high) => parse::milliseconds(text, high).map(Value::Duration),
            Kind::Multiplier => parse::multiplier(text).map(Value::Thousandths),
            Kind::Positive => parse::positive(text).map(Value::Decimal),
            Kind::Percent => parse::percent(text).map(Value::BasisPoints),
            Kind::Choice(words) => parse::choice(text, words).map(|word| Value::Text(word.to_owned())),
            Kind::Host => parse::host(text).map(Value::Text),
            Kind::File | Kind::Path => Ok(Value::Path(PathBuf::from(text))),
            Kind::Files => parse::files(text).map(Value::Paths),
            Kind::Tags => parse::tags(text).map(Value::Tags),
            Kind::MsgTypes => parse::msg_types(text).map(Value::MsgTypes),
            Kind::Day => parse::day(text).map(Value::Day),
            Kind::Days => parse::days(text).map(Value::Days),
            Kind::Time => LocalTime::parse(text).map(Value::Time),
            Kind::TimeZone => Zone::parse(text).map(Value::Zone),
            Kind::Precision => parse::precision(text).map(Value::Precision),
            Kind::Networks => parse::networks(text).map(Value::Networks),
            Kind::Intervals => parse::intervals(text).map(Value::Intervals),
            Kind::LogonTag => parse::logon_tag(text).map(|(tag, value)| Value::LogonTag(tag, value)),
        }
    }

    /// Whether the value must never be shown.
    pub(super) fn is_secret(self) -> bool {
        matches!(self, Kind::Secret | Kind::Pem | Kind::LogonTag)
    }

    /// Whether a line with nothing after `=` means "not set" rather than a mistake.
    pub(super) fn may_be_empty(self) -> bool {
        use Kind::{File, Files, Host, Id, LogonTag, Path, Pem, Secret, Text, Unchecked};
        matches!(self, Text | Id | Secret | Pem | Host | File | Files | Path | LogonTag | Unchecked)
    }

    /// A value to write, for error texts of keys that have neither an example nor a default.
    pub(super) fn example(self) -> &'static str {
        match self {
            Kind::Text | Kind::Id | Kind::Unchecked => "TEXT",
            Kind::Secret => "${FIX_PASSWORD}",
            Kind::Pem => "${FIX_PEM}",
            Kind::Flag => "Y",
            Kind::Integer(..) => "1",
            Kind::Size(..) => "64M",
            Kind::Seconds(..) => "30",
            Kind::Milliseconds(..) => "1000",
            Kind::Multiplier => "1.5",
            Kind::Positive => "1000",
            Kind::Percent => "2.5",
            Kind::Choice(words) => words.first().copied().unwrap_or_default(),
            Kind::Host => "127.0.0.1",
            Kind::File => "config/FIX44.xml",
            Kind::Files => "broker.xml,desk.xml",
            Kind::Path => "data",
            Kind::Tags => "554,925",
            Kind::MsgTypes => "D,G",
            Kind::Day => "monday",
            Kind::Days => "mon,tue,wed,thu,fri",
            Kind::Time => "08:00:00",
            Kind::TimeZone => "America/New_York",
            Kind::Precision => "3",
            Kind::Networks => "192.0.2.7,10.1.0.0/16",
            Kind::Intervals => "5",
            Kind::LogonTag => "50=DESK7",
        }
    }

    /// The type in the words of the key table.
    pub(super) fn words(self) -> String {
        match self {
            Kind::Text => "text".into(),
            Kind::Id => format!("up to {MAX_ID_LEN} characters"),
            Kind::Secret => "secret".into(),
            Kind::Pem => "PEM text, secret".into(),
            Kind::Flag => "Y, N".into(),
            Kind::Integer(low, i64::MAX) => format!("number from {low}"),
            Kind::Integer(low, high) => format!("number {low} to {high}"),
            Kind::Size(low, high) => format!("bytes {low} to {high}; K, M, G"),
            Kind::Seconds(low, high) => format!("seconds {low} to {high}"),
            Kind::Milliseconds(high) => format!("milliseconds 0 to {high}"),
            Kind::Multiplier => "decimal".into(),
            Kind::Positive => "decimal above 0".into(),
            Kind::Percent => "percent, at most 2 decimals".into(),
            Kind::Choice(words) => words.join(", "),
            Kind::Host => "host".into(),
            Kind::File => "file".into(),
            Kind::Files => "file, file …".into(),
            Kind::Path => "path".into(),
            Kind::Tags => "tag, tag …".into(),
            Kind::MsgTypes => "MsgType, MsgType …".into(),
            Kind::Day => "day".into(),
            Kind::Days => "day, day …".into(),
            Kind::Time => "HH:MM:SS [zone]".into(),
            Kind::TimeZone => "time zone".into(),
            Kind::Precision => "0 to 9, SECONDS, MILLIS, MICROS, NANOS".into(),
            Kind::Networks => "address, network …".into(),
            Kind::Intervals => "seconds, or 3x10;60".into(),
            Kind::LogonTag => "tag=value".into(),
            Kind::Unchecked => "not read".into(),
        }
    }
}

/// A Rust type that some [`Value`] can be taken as; `None` when the key's kind is another.
pub(super) trait FromValue: Sized {
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($type:ty: $pattern:pat => $result:expr;)*) => {$(
        impl FromValue for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value { $pattern => $result, _ => None }
            }
        }
    )*};
}

from_value! {
    String: Value::Text(text) => Some(text.clone());
    Secret: Value::Secret(secret) => Some(secret.clone());
    bool: Value::Flag(flag) => Some(*flag);
    u8: Value::Precision(digits) => Some(*digits);
    u16: Value::Integer(number) => u16::try_from(*number).ok();
    u32: Value::Integer(number) => u32::try_from(*number).ok();
    u64: Value::Integer(number) => u64::try_from(*number).ok();
    Duration: Value::Duration(duration) => Some(*duration);
    Thousandths: Value::Thousandths(number) => Some(Thousandths(*number));
    Decimal: Value::Decimal(number) => Some(*number);
    BasisPoints: Value::BasisPoints(number) => Some(*number);
    PathBuf: Value::Path(path) => Some(path.clone());
    Vec<PathBuf>: Value::Paths(paths) => Some(paths.clone());
    Vec<u32>: Value::Tags(tags) => Some(tags.clone());
    Vec<MsgType>: Value::MsgTypes(types) => Some(types.clone());
    Weekday: Value::Day(day) => Some(*day);
    Vec<Weekday>: Value::Days(days) => Some(days.clone());
    LocalTime: Value::Time(time) => Some(time.clone());
    Zone: Value::Zone(zone) => Some(zone.clone());
    Vec<IpNet>: Value::Networks(networks) => Some(networks.clone());
    Vec<Duration>: Value::Intervals(intervals) => Some(intervals.clone());
    (u32, Secret): Value::LogonTag(tag, value) => Some((*tag, value.clone()));
}

/// A factor in thousandths: 1.4 is 1400. Exact, where a float would not be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thousandths(pub u32);

impl Thousandths {
    /// `duration` times this factor, rounded down to a whole microsecond; saturates.
    #[must_use]
    pub fn of(self, duration: Duration) -> Duration {
        let micros = duration.as_micros().saturating_mul(u128::from(self.0)) / 1000;
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_a_value_of_its_kind() {
        use Kind::*;
        let choice = Choice(&["initiator", "acceptor"]);
        let bounded = [Integer(0, 9), Size(1, 1 << 30), Seconds(0, 60), Milliseconds(5000), choice];
        let plain =
            [Text, Id, Secret, Flag, Multiplier, Host, File, Files, Path, Tags, Day, Days, Time, TimeZone];
        let others = [Positive, Percent, MsgTypes, Precision, Networks, Intervals, LogonTag, Unchecked, Pem];
        for kind in bounded.into_iter().chain(plain).chain(others) {
            assert!(kind.parse(kind.example()).is_ok(), "{kind:?}");
        }
    }

    #[test]
    fn control_characters_only_in_pem() {
        assert!(Kind::Text.parse("DESK\nX").is_err());
        assert!(Kind::Secret.parse("a\tb").is_err());
        assert!(Kind::Pem.parse("-----BEGIN\nEND-----").is_ok());
    }

    #[test]
    fn thousandths_scale_exactly() {
        assert_eq!(Thousandths(1400).of(Duration::from_secs(30)), Duration::from_secs(42));
        assert_eq!(Thousandths(u32::MAX).of(Duration::MAX), Duration::from_micros(u64::MAX));
    }
}
