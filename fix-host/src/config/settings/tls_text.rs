//! TLS versions and cipher suites as OpenSSL, Java, .NET and Go write them.

/// Which versions of TLS to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsVersions {
    /// TLS 1.2 (RFC 5246).
    pub tls12: bool,
    /// TLS 1.3 (RFC 8446).
    pub tls13: bool,
}

impl TlsVersions {
    pub(super) const ALL: TlsVersions = TlsVersions { tls12: true, tls13: true };

    pub(super) fn and(self, other: TlsVersions) -> TlsVersions {
        TlsVersions { tls12: self.tls12 && other.tls12, tls13: self.tls13 && other.tls13 }
    }

    pub(super) fn is_empty(self) -> bool {
        !self.tls12 && !self.tls13
    }
}

enum Version {
    Unsafe,
    /// TLS 1.0 and 1.1: old (RFC 8996), and no library of ours speaks them.
    Old,
    Tls12,
    Tls13,
}

/// `TLSv1.2`, `TLSv1_2`, `TLS12`, `Tls12`, `SSL30`, `SSLv3` …
fn version(word: &str) -> Option<Version> {
    let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
    match word.to_ascii_lowercase().as_str() {
        "ssl2" | "ssl20" | "sslv2" | "sslv20" | "ssl3" | "ssl30" | "sslv3" | "sslv30" => {
            Some(Version::Unsafe)
        }
        "tls" | "tls1" | "tls10" | "tlsv1" | "tlsv10" | "tls11" | "tlsv11" => Some(Version::Old),
        "tls12" | "tlsv12" => Some(Version::Tls12),
        "tls13" | "tlsv13" => Some(Version::Tls13),
        _ => None,
    }
}

const REFUSED: &str = "asks for SSLv2 or SSLv3, which are broken (RFC 6176, RFC 7568); write TLSv1.2,TLSv1.3";

/// A list such as `TLSv1.2,TLSv1.3`, `all -SSLv2 -TLSv1` or `Tls12 | Tls13`.
pub(super) fn versions(text: &str) -> Result<TlsVersions, &'static str> {
    let mut chosen = TlsVersions { tls12: false, tls13: false };
    let separators = [',', ' ', ';', '|', ':', '\t'];
    for (index, word) in text.split(separators).filter(|word| !word.is_empty()).enumerate() {
        let (add, word) = match word.split_at_checked(1) {
            Some(("-" | "!", rest)) => (false, rest),
            Some(("+", rest)) => (true, rest),
            _ => (true, word),
        };
        // `-SSLv2` alone takes from everything, as OpenSSL's own default does.
        if index == 0 && !add {
            chosen = TlsVersions::ALL;
        }
        let is_all = ["all", "default", "none"].iter().any(|all| word.eq_ignore_ascii_case(all));
        match version(word) {
            // .NET's `None` means: let the library choose.
            None if is_all && add => chosen = TlsVersions::ALL,
            Some(Version::Unsafe) if add => return Err(REFUSED),
            Some(Version::Unsafe | Version::Old) => {}
            Some(Version::Tls12) => chosen.tls12 = add,
            Some(Version::Tls13) => chosen.tls13 = add,
            None => return Err("names an unknown version of TLS; write e.g. TLSv1.2,TLSv1.3"),
        }
    }
    if chosen.is_empty() {
        return Err(
            "leaves neither TLS 1.2 nor TLS 1.3, and older versions are not safe; write TLSv1.2,TLSv1.3",
        );
    }
    Ok(chosen)
}

/// The oldest version to offer; one older than TLS 1.2 leaves 1.2 and 1.3.
pub(super) fn minimum_version(text: &str) -> Result<TlsVersions, &'static str> {
    match version(text) {
        Some(Version::Unsafe) => Err(REFUSED),
        Some(Version::Old | Version::Tls12) => Ok(TlsVersions::ALL),
        Some(Version::Tls13) => Ok(TlsVersions { tls12: false, tls13: true }),
        None => Err("is not a version of TLS; write e.g. TLS12"),
    }
}

/// A cipher suite: forward-secret and authenticated, as all that rustls has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CipherSuite {
    /// The IANA name.
    pub name: &'static str,
    /// OpenSSL's name, the same for TLS 1.3.
    pub openssl_name: &'static str,
}

const fn suite(name: &'static str, openssl_name: &'static str) -> CipherSuite {
    CipherSuite { name, openssl_name }
}

const SUITES: [CipherSuite; 9] = [
    suite("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
    suite("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    suite("TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
    suite("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    suite("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    suite("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
    suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
    suite("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
];

/// All suites, for an error text: by OpenSSL's names those of TLS 1.2, else all by IANA's.
pub(super) fn all_suites(of_openssl: bool) -> String {
    let is_13 = |suite: &&CipherSuite| suite.name == suite.openssl_name;
    let names: Vec<&str> = if of_openssl {
        SUITES.iter().filter(|suite| !is_13(suite)).map(|suite| suite.openssl_name).collect()
    } else {
        SUITES.iter().map(|suite| suite.name).collect()
    };
    names.join(if of_openssl { ":" } else { "," })
}

/// The suites that a list names, and the words of it that name none. OpenSSL's classes of strong suites
/// (`HIGH`) stand for all; what is taken away (`!RC4`) is mostly nothing we have.
pub(super) fn suites(text: &str) -> (Vec<CipherSuite>, Vec<String>) {
    let (mut chosen, mut unknown) = (Vec::new(), Vec::new());
    for word in text.split([',', ':', ' ', ';']).filter(|word| !word.is_empty()) {
        let named = |suite: &CipherSuite, word: &str| {
            suite.name.eq_ignore_ascii_case(word) || suite.openssl_name.eq_ignore_ascii_case(word)
        };
        if let Some(word) = word.strip_prefix(['!', '-']) {
            chosen.retain(|suite| !named(suite, word));
            continue;
        }
        let word = word.strip_prefix('+').unwrap_or(word);
        if ["HIGH", "ALL", "DEFAULT"].iter().any(|class| word.eq_ignore_ascii_case(class)) {
            chosen = SUITES.to_vec();
            continue;
        }
        match SUITES.iter().find(|suite| named(suite, word)) {
            Some(suite) if !chosen.contains(suite) => chosen.push(*suite),
            Some(_) => {}
            // `@STRENGTH` asks for an order, which is the default one anyway.
            None if word.starts_with('@') => {}
            None => unknown.push(word.to_owned()),
        }
    }
    (chosen, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: TlsVersions = TlsVersions::ALL;
    const ONLY_12: TlsVersions = TlsVersions { tls12: true, tls13: false };
    const ONLY_13: TlsVersions = TlsVersions { tls12: false, tls13: true };

    #[test]
    fn versions_in_every_dialect() {
        for (text, want) in [
            ("TLSv1.2,TLSv1.3", BOTH),
            ("TLSv1.2", ONLY_12),
            ("Tls12, Tls13", BOTH),
            ("Tls13", ONLY_13),
            ("all -SSLv2", BOTH),
            ("-SSLv2 -SSLv3", BOTH),
            ("+ALL -SSLv2 -TLSv1_3", ONLY_12),
            ("TLSv1_1 TLSv1_2", ONLY_12),
            ("None", BOTH),
        ] {
            assert_eq!(versions(text), Ok(want), "{text}");
        }
        for bad in
            ["SSLv3", "all +SSLv3", "TLSv1.2,SSLv2", "TLSv1", "TLSv1.1", "-TLSv1.2 -TLSv1.3", "QUIC", "é"]
        {
            assert!(versions(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn minimum_versions() {
        for (text, want) in [("TLS10", BOTH), ("TLS11", BOTH), ("TLS12", BOTH), ("TLS13", ONLY_13)] {
            assert_eq!(minimum_version(text), Ok(want), "{text}");
        }
        assert!(minimum_version("SSL30").is_err());
        assert!(minimum_version("12").is_err());
    }

    #[test]
    fn suites_by_iana_and_openssl_name() {
        let names = |text| {
            let (chosen, unknown) = suites(text);
            (chosen.iter().map(|suite| suite.name).collect::<Vec<_>>(), unknown)
        };
        let (chosen, unknown) = names("ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256:RC4-MD5");
        assert_eq!(chosen, ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"]);
        assert_eq!(unknown, ["RC4-MD5"]);
        assert_eq!(suites("HIGH:!RC4:!aNULL:@STRENGTH"), (SUITES.to_vec(), Vec::new()));
        assert_eq!(suites("ALL:!ECDHE-RSA-AES128-GCM-SHA256").0.len(), 8);
        assert!(suites("TLS_RSA_WITH_AES_128_CBC_SHA").0.is_empty());
    }
}
