//! Prices of bonds as traders say them: whole points, 32nds, and eighths of a 32nd, of which four are a plus: `98-16+`.

use std::fmt::Write as _;

use fix_core::decimal::Decimal;

/// Eighths of 32nds in a point.
const PARTS: i64 = 256;

/// The price in points, 32nds and eighths. One that lies between two eighths is shown as the nearer one, behind a `~`; of two
/// that are as near, the higher one. `None` where the price is too large to be counted so.
pub(super) fn thirty_seconds(price: Decimal) -> Option<String> {
    let scaled = i128::from(price.mantissa()) * i128::from(PARTS);
    let unit = 10_i128.checked_pow(price.scale().into())?;
    let (parts, rest) = (scaled.div_euclid(unit), scaled.rem_euclid(unit));
    let parts = i64::try_from(parts + i128::from(2 * rest >= unit)).ok()?;
    let mut text = String::new();
    if rest != 0 {
        text.push('~');
    }
    if parts < 0 {
        text.push('-');
    }
    let parts = parts.unsigned_abs();
    let (points, eighths) = (parts / PARTS.unsigned_abs(), parts % PARTS.unsigned_abs());
    // Into a String nothing fails.
    let _ = write!(text, "{points}-{:02}", eighths / 8);
    match eighths % 8 {
        0 => {}
        4 => text.push('+'),
        eighth => _ = write!(text, "{eighth}"),
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(price: &str) -> String {
        thirty_seconds(price.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_price_is_points_thirty_seconds_and_eighths() {
        for (price, text) in [
            ("98.5", "98-16"),
            ("98.515625", "98-16+"),
            ("98.50390625", "98-161"),
            ("98.52734375", "98-167"),
            ("100", "100-00"),
            ("99.96875", "99-31"),
            ("0.03125", "0-01"),
            ("-1.5", "-1-16"),
        ] {
            assert_eq!(shown(price), text, "{price}");
        }
    }

    #[test]
    fn what_lies_between_is_shown_as_near_it() {
        assert_eq!(shown("96.255"), "~96-081", "96.25390625 is nearest");
        assert_eq!(shown("99.999"), "~100-00");
        assert_eq!(shown("98.501953125"), "~98-161", "of two that are as near, the higher one");
    }

    #[test]
    fn every_eighth_is_told_from_its_neighbours() {
        let texts: std::collections::BTreeSet<String> =
            (0..10 * PARTS).map(|parts| thirty_seconds(Decimal::new(parts * 390_625, 8)).unwrap()).collect();
        assert_eq!(texts.len(), 10 * PARTS as usize);
        assert!(texts.iter().all(|text| !text.starts_with('~')));
    }

    #[test]
    fn the_largest_price_has_no_such_text_or_one() {
        assert_eq!(thirty_seconds(Decimal::new(i64::MAX, 0)), None);
        assert!(thirty_seconds(Decimal::new(i64::MIN, 18)).is_some());
    }
}
