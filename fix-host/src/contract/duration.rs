//! Times as users write them.

use std::time::Duration;

const WANTED: &str = "must be a time such as 500us, 20ms, 30s, 5m or 1h";

/// Reads `500us`, `20ms`, `30s`, `5m`, `1h`, or seconds.
///
/// # Errors
/// What is wanted, for a line.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(WANTED.into()),
    };
    let number: f64 = digits.parse().map_err(|_| WANTED.to_owned())?;
    let seconds = number * unit;
    if (0.0..=7.0 * 86_400.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("must not be shorter than nothing or longer than a week".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        assert_eq!(parse_duration("500us"), Ok(Duration::from_micros(500)));
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_duration("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
        for wrong in ["", "s", "-1s", "1d", "NaN", "inf", "1e9h", "8000h", "ä"] {
            assert!(parse_duration(wrong).unwrap_err().starts_with("must"), "{wrong}");
        }
    }
}
