//! Text to value, one function a type. Each error ends the sentence `"value" …`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use fix_core::{
    decimal::Decimal, msg::msg_type::MsgType, pre_trade::BasisPoints, session::config::MAX_ID_LEN,
};
use ipnet::IpNet;
use jiff::civil::Weekday;

use super::secret::Secret;

/// The capacity of the session's own identifiers (`fix_core`).
pub(super) fn id(text: &str) -> Result<String, String> {
    if !text.is_ascii() {
        return Err("holds a character that is not ASCII".to_owned());
    }
    if text.len() > MAX_ID_LEN {
        return Err(format!("is longer than {MAX_ID_LEN} characters"));
    }
    Ok(text.to_owned())
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "Y" | "y" => Ok(true),
        "N" | "n" => Ok(false),
        _ => Err("is neither Y nor N".to_owned()),
    }
}

pub(super) fn integer(text: &str, low: i64, high: i64) -> Result<i64, String> {
    let number = text.parse::<i64>().map_err(|_| "is not a whole number".to_owned())?;
    if (low..=high).contains(&number) { Ok(number) } else { Err(out_of_bounds(low, high)) }
}

/// Bytes, in units of 1024 where one follows: `64M`, `64MB` and `64MiB` are the same.
pub(super) fn size(text: &str, low: u64, high: u64) -> Result<i64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim_start().to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err("is not a number of bytes".to_owned()),
    };
    let bytes = number.parse::<u64>().map_err(|_| "is not a number of bytes".to_owned())?;
    let bytes = bytes.checked_mul(1 << shift).filter(|bytes| (low..=high).contains(bytes));
    bytes.and_then(|bytes| i64::try_from(bytes).ok()).ok_or_else(|| out_of_bounds(low, high))
}

fn out_of_bounds(low: impl ToString, high: impl ToString) -> String {
    format!("is not between {} and {}", low.to_string(), high.to_string())
}

pub(super) fn seconds(text: &str, low: u64, high: u64) -> Result<Duration, String> {
    let error = || "is not a whole number of seconds".to_owned();
    let millis = with_unit(text, 1000).ok_or_else(error)?;
    if millis % 1000 != 0 {
        return Err(error());
    }
    let seconds = millis / 1000;
    if (low..=high).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(out_of_bounds(low, high))
    }
}

pub(super) fn milliseconds(text: &str, high: u64) -> Result<Duration, String> {
    let millis = with_unit(text, 1).ok_or_else(|| "is not a whole number of milliseconds".to_owned())?;
    if millis <= high { Ok(Duration::from_millis(millis)) } else { Err(out_of_bounds(0, high)) }
}

/// Milliseconds of `text`; a bare number counts in units of `bare` milliseconds.
fn with_unit(text: &str, bare: u64) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = match unit {
        "" => bare,
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

pub(super) fn multiplier(text: &str) -> Result<u32, String> {
    let thousandths = || {
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(places) || places.len() > 3 {
            return None;
        }
        let thousandths = format!("{whole}{places:0<3}").parse::<u32>().ok()?;
        (1..=100_000).contains(&thousandths).then_some(thousandths)
    };
    thousandths().ok_or_else(|| "is not a decimal between 0.001 and 100".to_owned())
}

pub(super) fn positive(text: &str) -> Result<Decimal, String> {
    let number = text.parse::<Decimal>().ok().filter(|number| number.is_positive());
    number.ok_or_else(|| "is not a number above 0".to_owned())
}

pub(super) fn percent(text: &str) -> Result<BasisPoints, String> {
    let hundredths = || {
        let number: Decimal = text.parse().ok()?;
        let hundredths = number.checked_mul(Decimal::from(100))?.normalized();
        let points = u32::try_from(hundredths.mantissa()).ok()?;
        (hundredths.scale() == 0 && points > 0).then_some(points)
    };
    hundredths()
        .map(BasisPoints)
        .ok_or_else(|| "is not a percentage from 0.01 up, of at most 2 decimals".to_owned())
}

pub(super) fn choice(text: &str, words: &'static [&'static str]) -> Result<&'static str, String> {
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    found.copied().ok_or_else(|| format!("is not one of {}", words.join(", ")))
}

pub(super) fn host(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !bare.is_empty() && bare.len() <= 253 && bare.chars().all(is_name) {
        Ok(bare.to_owned())
    } else {
        Err("is neither a host name nor an IP address (the port has a key of its own)".to_owned())
    }
}

pub(super) fn files(text: &str) -> Result<Vec<PathBuf>, String> {
    let files: Vec<_> = list(text).map(PathBuf::from).collect();
    if files.is_empty() { Err("names no file".to_owned()) } else { Ok(files) }
}

pub(super) fn tags(text: &str) -> Result<Vec<u32>, String> {
    list(text).map(|item| tag(item).ok_or_else(|| "is not a list of tag numbers".to_owned())).collect()
}

/// As many as a session holds.
const MOST_MSG_TYPES: usize = 8;

pub(super) fn msg_types(text: &str) -> Result<Vec<MsgType>, String> {
    let msg_type = |item: &str| MsgType::from_bytes(item.as_bytes()).filter(|found| !found.is_admin());
    let types: Option<Vec<MsgType>> = list(text).map(msg_type).collect();
    let types = types.ok_or("is not a list of application MsgTypes such as D,G")?;
    if types.len() > MOST_MSG_TYPES {
        return Err(format!("names more than {MOST_MSG_TYPES} MsgTypes"));
    }
    Ok(types)
}

fn tag(text: &str) -> Option<u32> {
    text.parse().ok().filter(|&tag| tag > 0)
}

/// Items between commas, trimmed; a trailing comma adds none.
fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

pub(super) fn day(text: &str) -> Result<Weekday, String> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let word = text.to_ascii_lowercase();
    let found = NAMES.iter().find(|(name, _)| word.len() >= 2 && name.starts_with(&word));
    found.map(|(_, day)| *day).ok_or_else(|| "is not a day of the week".to_owned())
}

pub(super) fn days(text: &str) -> Result<Vec<Weekday>, String> {
    let mut days = Vec::new();
    for item in list(text) {
        let day = day(item).map_err(|_| "is not a list of days of the week".to_owned())?;
        if !days.contains(&day) {
            days.push(day);
        }
    }
    if days.is_empty() { Err("names no day".to_owned()) } else { Ok(days) }
}

pub(super) fn precision(text: &str) -> Result<u8, String> {
    match text.to_ascii_uppercase().as_str() {
        "SECONDS" => Ok(0),
        "MILLIS" => Ok(3),
        "MICROS" => Ok(6),
        "NANOS" => Ok(9),
        number => match number.parse::<u8>() {
            Ok(digits @ 0..=9) => Ok(digits),
            _ => Err("is neither a number of digits from 0 to 9 nor SECONDS, MILLIS, MICROS, NANOS".into()),
        },
    }
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    list(text)
        .map(|item| match item.parse::<IpAddr>() {
            Ok(address) => Ok(IpNet::from(address)),
            Err(_) => {
                item.parse::<IpNet>().map_err(|_| "is not a list of IP addresses or networks".to_owned())
            }
        })
        .collect()
}

pub(super) fn intervals(text: &str) -> Result<Vec<Duration>, String> {
    /// Enough for any back-off, and a bound on what one line can make us hold.
    const MOST: usize = 1000;
    let mut intervals = Vec::new();
    for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
        let (times, interval) = item.split_once(['x', '*']).unwrap_or(("1", item));
        let times = times.trim().parse::<usize>().ok().filter(|&n| n > 0);
        let times = times.ok_or_else(|| "is neither seconds nor a list such as 3x10;60".to_owned())?;
        if times > MOST - intervals.len() {
            return Err(format!("lists more than {MOST} intervals"));
        }
        let interval = seconds(interval.trim(), 1, 86_400)?;
        intervals.extend(std::iter::repeat_n(interval, times));
    }
    if intervals.is_empty() { Err("names no interval".to_owned()) } else { Ok(intervals) }
}

pub(super) fn logon_tag(text: &str) -> Result<(u32, Secret), String> {
    /// Standard header, trailer and the Logon's own fields: the session writes these itself.
    const SESSION_TAGS: [u32; 17] = [8, 9, 10, 34, 35, 36, 43, 49, 52, 56, 97, 98, 108, 122, 141, 369, 789];
    let (tag_text, value) = text.split_once('=').ok_or("is not tag=value")?;
    let tag = tag(tag_text.trim()).ok_or("does not start with a tag number")?;
    if SESSION_TAGS.contains(&tag) {
        return Err(format!("sets tag {tag}, which the session itself writes"));
    }
    if value.is_empty() {
        return Err(format!("has no value for tag {tag}"));
    }
    Ok((tag, Secret::new(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_fit_the_session() {
        assert!(id(&"x".repeat(MAX_ID_LEN)).is_ok());
        assert!(id(&"x".repeat(MAX_ID_LEN + 1)).is_err());
        assert!(id("Zürich").is_err());
    }

    #[test]
    fn sizes_with_units() {
        for (text, bytes) in [("1", 1), ("64M", 64 << 20), ("2 kb", 2048), ("1GiB", 1 << 30), ("100B", 100)] {
            assert_eq!(size(text, 1, 1 << 40), Ok(bytes), "{text}");
        }
        for bad in ["", "0", "M", "1.5M", "-1", "64MM", "1T", "99999999999999999999", "1099511627776K"] {
            assert!(size(bad, 1, 1 << 40).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_keep_their_bounds() {
        assert_eq!(integer("65535", 1, 65_535), Ok(65_535));
        for bad in ["0", "65536", "-1", "99999999999999999999"] {
            assert!(integer(bad, 1, 65_535).is_err(), "{bad}");
        }
        assert_eq!(integer("x", 0, 1), Err("is not a whole number".into()));
    }

    #[test]
    fn durations_with_and_without_unit() {
        assert_eq!(seconds("30", 0, 60), Ok(Duration::from_secs(30)));
        assert_eq!(seconds("1m", 0, 60), Ok(Duration::from_secs(60)));
        assert_eq!(seconds("3000ms", 0, 60), Ok(Duration::from_secs(3)));
        assert_eq!(milliseconds("5s", 60_000), Ok(Duration::from_secs(5)));
        assert_eq!(milliseconds("250", 60_000), Ok(Duration::from_millis(250)));
        for bad in ["", "abc", "1.5", "-3", "30 # half a minute", "500ms", "61", "18446744073709551615h"] {
            assert!(seconds(bad, 0, 60).is_err(), "{bad}");
        }
    }

    #[test]
    fn multipliers_are_exact() {
        for (text, want) in [("0.5", 500), ("1.4", 1400), ("2", 2000), ("0.001", 1), ("100", 100_000)] {
            assert_eq!(multiplier(text), Ok(want), "{text}");
        }
        for bad in ["0", "-1", "1.2345", ".5", "5.", "1,5", "100.001", "é", "1e3"] {
            assert!(multiplier(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn percentages_are_basis_points() {
        for (text, want) in [("2.5", 250), ("10", 1000), ("0.01", 1), ("1.00", 100), ("500", 50_000)] {
            assert_eq!(percent(text), Ok(BasisPoints(want)), "{text}");
        }
        for bad in ["0", "-1", "0.001", "2.5%", "x", "99999999", "1e2"] {
            assert!(percent(bad).is_err(), "{bad}");
        }
        assert_eq!(positive("0.5"), Ok(Decimal::new(5, 1)));
        for bad in ["0", "-3", "1,000", "many"] {
            assert!(positive(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts() {
        for good in ["localhost", "fix.example.com", "10.0.0.1", "::1", "[2001:db8::1]"] {
            assert!(host(good).is_ok(), "{good}");
        }
        assert_eq!(host("[::1]").as_deref(), Ok("::1"));
        for bad in ["tcp://x", "a b", "host:9876", "", "[]", "é"] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn days_by_prefix() {
        for (text, want) in
            [("mo", Weekday::Monday), ("Thursday", Weekday::Thursday), ("SUN", Weekday::Sunday)]
        {
            assert_eq!(day(text), Ok(want), "{text}");
        }
        for bad in ["t", "mondays", "", "funday"] {
            assert!(day(bad).is_err(), "{bad}");
        }
        assert_eq!(days("Mon, tue,mon,").map(|days| days.len()), Ok(2));
        assert!(days(",").is_err());
    }

    #[test]
    fn precision_in_both_dialects() {
        for (text, want) in [("0", 0), ("6", 6), ("9", 9), ("NANOS", 9), ("Millis", 3), ("SECONDS", 0)] {
            assert_eq!(precision(text), Ok(want), "{text}");
        }
        for bad in ["10", "-1", "PICOS", ""] {
            assert!(precision(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn networks_take_addresses_and_prefixes() {
        let networks = networks("192.0.2.7, 10.1.0.0/16, 2001:db8::/32").unwrap();
        assert!(networks[0].contains(&"192.0.2.7".parse::<IpAddr>().unwrap()));
        assert!(!networks[0].contains(&"192.0.2.8".parse::<IpAddr>().unwrap()));
        assert!(networks[1].contains(&"10.1.255.9".parse::<IpAddr>().unwrap()));
        assert!(super::networks("10.1.0.0/33").is_err());
    }

    #[test]
    fn reconnect_intervals() {
        let seconds = |text| intervals(text).map(|list| list.iter().map(Duration::as_secs).collect());
        assert_eq!(seconds("5"), Ok(vec![5]));
        assert_eq!(seconds("2x10;60"), Ok(vec![10, 10, 60]));
        assert_eq!(seconds("2*1 ; 3"), Ok(vec![1, 1, 3]));
        for bad in ["", "0", "x", "0x5", "5;abc", "1000x1;1", "99999999999999999999x1"] {
            assert!(intervals(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn logon_tags_split_at_the_first_equals_sign() {
        assert_eq!(logon_tag("553=user=1"), Ok((553, Secret::new("user=1"))));
        for bad in ["553", "553=", "=x", "abc=x", "0=x", "34=7", "-5=x"] {
            assert!(logon_tag(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn gap_filled_types_are_those_of_applications() {
        let types =
            |text| msg_types(text).map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(types("D, AE,"), Ok(vec!["D".to_owned(), "AE".to_owned()]));
        for bad in ["A", "D,5", "MUCHTOOLONG", "1,2,3,4,5,6,7,8,9", "D,E,F,G,H,J,K,L,M"] {
            assert!(types(bad).is_err(), "{bad}");
        }
    }
}
