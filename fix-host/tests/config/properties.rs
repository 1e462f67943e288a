//! What holds for every input.

use fix_host::config::parse_bytes;
use proptest::prelude::*;

use crate::{INITIATOR, Machine};

/// Lines near enough to real ones to get past the first check.
fn line() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(vec![
        "HeartBtInt",
        "StartTime",
        "Weekdays",
        "TimeZone",
        "ReconnectInterval",
        "LogonTag3",
        "SSLProtocols",
        "SSLCipherSuite",
        "AllowedRemoteAddresses",
        "TestRequestDelayMultiplier",
        "SocketConnectHost2",
        "RedactFieldsInLogs",
        "Password",
        "[SESSION]\nx",
        "[DEFAULT]\ny",
    ]);
    let keys = prop_oneof![known.prop_map(str::to_owned), "[A-Za-z]{1,20}[0-9]{0,12}"];
    let values = prop_oneof![
        "[0-9:;x*.,+-]{0,16}",
        "\\PC{0,24}",
        "[$(){}A-Z_]{0,16}",
        "(Y|N|TLS12|all -SSLv2|mon,tue|08:00:00 UTC|UTC[+-][0-9:]{0,6})",
    ];
    (keys, values).prop_map(|(key, value)| format!("{key}={value}\n"))
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        let _ = parse_bytes("t.cfg", &bytes, &Machine);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_lines_never_panic_and_errors_are_single_lines(lines in proptest::collection::vec(line(), 0..40)) {
        let text = format!("{INITIATOR}{}", lines.concat());
        let problems = match parse_bytes("t.cfg", text.as_bytes(), &Machine) {
            Ok(settings) => settings.warnings,
            Err(fix_host::config::ConfigError::Invalid { errors, warnings }) => {
                prop_assert!(!errors.is_empty());
                errors.into_iter().chain(warnings).collect()
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        for problem in problems {
            let shown = problem.to_string();
            prop_assert!(shown.starts_with("t.cfg:") && !shown.chars().any(char::is_control), "{shown:?}");
        }
    }

    #[test]
    fn no_secret_is_ever_printed(secret in "[a-z]{12}") {
        for line in [
            format!("Password={secret}\n"),
            format!("Password={secret} # {secret}\nHeartBtInt=x\n"),
            format!("Password=\u{2}{secret}\n"),
            format!("Password=${secret}\n"),
            format!("LogonTag=554={secret}\n"),
            format!("LogonTag=34={secret}\n"),
            format!("LogonTag={secret}\n"),
            format!("ProxyPassword={secret}\n"),
            format!("SSLCertificatePassword={secret}\n"),
            format!("VendorPassword={secret}\n"),
            format!("Password {secret}\n"),
        ] {
            let text = format!("{INITIATOR}{line}");
            let shown = match parse_bytes("t.cfg", text.as_bytes(), &Machine) {
                Ok(settings) => format!("{settings:?}"),
                Err(error) => format!("{error}{error:?}"),
            };
            prop_assert!(!shown.contains(&secret), "{line:?} shows it: {shown}");
        }
    }
}
