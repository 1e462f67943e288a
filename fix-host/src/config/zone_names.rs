//! Names of time zones that the IANA database lacks.

use super::{suggest, windows_zones::WINDOWS_ZONES};

/// The IANA name of a zone of Windows (`SE Asia Standard Time`), which QuickFIX/n takes there; by the
/// mapping of the Unicode CLDR.
pub(super) fn of_windows(name: &str) -> Option<&'static str> {
    let found = WINDOWS_ZONES.binary_search_by_key(&name, |(windows, _)| windows);
    found.ok().map(|at| WINDOWS_ZONES[at].1)
}

/// What to write instead of a name that is in no database.
pub(super) fn hint(name: &str) -> String {
    if let Some((_, zone)) = ABBREVIATIONS.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)) {
        return format!("is an abbreviation that not everybody reads alike; to Java it is {zone}");
    }
    let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    match suggest::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("is not a time zone; did you mean {near}?"),
        None => "is not a time zone, neither of the IANA database (such as Europe/London or UTC) nor of \
                 Windows (such as GMT Standard Time)"
            .to_owned(),
    }
}

/// Java's `ZoneId.SHORT_IDS`, but for those that the IANA database has too.
const ABBREVIATIONS: [(&str, &str); 25] = [
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
];

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn zones_of_windows() {
        for (windows, iana) in [
            ("SE Asia Standard Time", "Asia/Bangkok"),
            ("Eastern Standard Time", "America/New_York"),
            ("GMT Standard Time", "Europe/London"),
            ("Tokyo Standard Time", "Asia/Tokyo"),
            ("India Standard Time", "Asia/Kolkata"),
            ("AUS Eastern Standard Time", "Australia/Sydney"),
        ] {
            let found = of_windows(windows).unwrap();
            assert_eq!(TimeZone::get(found).unwrap(), TimeZone::get(iana).unwrap(), "{windows}");
        }
        assert!(WINDOWS_ZONES.is_sorted());
        for (windows, iana) in WINDOWS_ZONES {
            assert!(TimeZone::get(iana).is_ok(), "{windows}: {iana}");
        }
        assert_eq!(of_windows("Mars Standard Time"), None);
        assert_eq!(of_windows(""), None);
    }

    #[test]
    fn what_to_write_instead() {
        for (name, iana) in ABBREVIATIONS {
            assert!(TimeZone::get(iana).is_ok(), "{iana}");
            assert!(TimeZone::get(name).is_err(), "{name} needs no hint");
        }
        assert!(hint("jst").ends_with("Asia/Tokyo"));
        assert!(hint("America/NewYork").ends_with("did you mean America/New_York?"));
    }
}
