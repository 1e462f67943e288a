//! What a user reads when a file is wrong: the line, the key, and what to write.

use crate::{ACCEPTOR, INITIATOR, errors, parse, settings, warnings};

/// Lines added to a good session, and the start of the one error that they cause. Line 10 is the first
/// added to an initiator, line 9 to an acceptor.
const CASES: &[(&str, &str, &str)] = &[
    (
        INITIATOR,
        "HeartBtInt=abc",
        "t.cfg:10: HeartBtInt: \"abc\" is not a whole number of seconds; write e.g. HeartBtInt=30",
    ),
    (INITIATOR, "ReconnectInterval=0", "t.cfg:10: ReconnectInterval: \"0\" is not between 1 and 86400"),
    (
        INITIATOR,
        "ResetOnLogon=true",
        "t.cfg:10: ResetOnLogon: \"true\" is neither Y nor N; write e.g. ResetOnLogon=N",
    ),
    (
        INITIATOR,
        "SocketConnectPort=70000",
        "t.cfg:10: SocketConnectPort: \"70000\" is not between 1 and 65535",
    ),
    (
        INITIATOR,
        "SocketConnectHost=tcp://x:1",
        "t.cfg:10: SocketConnectHost: \"tcp://x:1\" is neither a host name",
    ),
    (
        INITIATOR,
        "MaxOrderQty=0",
        "t.cfg:10: MaxOrderQty: \"0\" is not a number above 0; write e.g. MaxOrderQty=1000",
    ),
    (
        INITIATOR,
        "MaxOrderNotional.AAPL=5,000",
        "t.cfg:10: MaxOrderNotional.AAPL: \"5,000\" is not a number above 0; write e.g. MaxOrderNotional.AAPL=5000000",
    ),
    (
        INITIATOR,
        "PriceBandPercent=2.5%",
        "t.cfg:10: PriceBandPercent: \"2.5%\" is not a percentage from 0.01 up, of at most 2 decimals; write e.g.",
    ),
    (
        INITIATOR,
        "OrdersWithoutReferencePrice=maybe",
        "t.cfg:10: OrdersWithoutReferencePrice: \"maybe\" is not one of refuse, pass; write e.g.",
    ),
    (INITIATOR, "MaxOrdersPerSecond=0", "t.cfg:10: MaxOrdersPerSecond: \"0\" is not between 1 and 1000000"),
    (INITIATOR, "MaxOpenOrders=-1", "t.cfg:10: MaxOpenOrders: \"-1\" is not between 0 and 65536"),
    (INITIATOR, "SocketConnectHost3=x", "t.cfg:10: SocketConnectHost3: has no SocketConnectPort3; write"),
    (INITIATOR, "SocketConnectPort3=1", "t.cfg:10: SocketConnectPort3: has no SocketConnectHost3; write"),
    (INITIATOR, "BeginString=FIX.4.2", "t.cfg:10: BeginString: is not FIX.4.4, the only version"),
    (INITIATOR, "TargetCompID=*", "t.cfg:10: TargetCompID: is the wildcard *"),
    (
        INITIATOR,
        "SenderCompID=a\u{1}b",
        "t.cfg:10: SenderCompID: the value holds the FIX field separator SOH",
    ),
    (INITIATOR, "SenderCompID=$EVIL", "t.cfg:10: SenderCompID: the value holds the FIX field separator SOH"),
    (
        INITIATOR,
        "SenderCompID=$LINES",
        "t.cfg:10: SenderCompID: \"a\\nHeartBtInt=1\" holds a control character",
    ),
    (INITIATOR, "SenderCompID=$NOPE", "t.cfg:10: SenderCompID: the environment variable \"NOPE\" is not set"),
    (INITIATOR, "SenderCompID=${FIX_HOST", "t.cfg:10: SenderCompID: \"${\" or \"$(\" is not closed"),
    (INITIATOR, "SenderCompID", "t.cfg:10: this line is neither [SECTION] nor Key=value"),
    (INITIATOR, "=x", "t.cfg:10: the text before \"=\" is not a key"),
    (INITIATOR, "[SESSION", "t.cfg:10: the section header does not end in \"]\""),
    (INITIATOR, "StartTime=08:00:00", "t.cfg:10: StartTime: is set without EndTime; set both or neither"),
    (
        INITIATOR,
        "StartTime=8am\nEndTime=17:00:00",
        "t.cfg:10: StartTime: \"8am\" is not a time of day HH:MM:SS",
    ),
    (
        INITIATOR,
        "StartTime=08:00:00 Mars/Olympus\nEndTime=17:00:00",
        "t.cfg:10: StartTime: \"08:00:00 Mars/Olympus\" is not a time zone, neither of the IANA database",
    ),
    (INITIATOR, "TimeZone=Eastern Time", "t.cfg:10: TimeZone: \"Eastern Time\" is not a time zone"),
    (
        INITIATOR,
        "TimeZone=Asia/Bangkock",
        "t.cfg:10: TimeZone: \"Asia/Bangkock\" is not a time zone; did you mean Asia/Bangkok?",
    ),
    (
        INITIATOR,
        "TimeZone=JST",
        "t.cfg:10: TimeZone: \"JST\" is an abbreviation that not everybody reads alike; to Java it is Asia/Tokyo",
    ),
    (INITIATOR, "TimeZone=UTC\nUseLocalTime=Y", "t.cfg:10: TimeZone: and UseLocalTime=Y contradict"),
    (
        INITIATOR,
        "NonStopSession=Y\nStartTime=08:00:00\nEndTime=17:00:00",
        "t.cfg:10: NonStopSession: and StartTime contradict each other",
    ),
    (INITIATOR, "StartDay=mon\nEndDay=fri", "t.cfg:10: StartDay: needs StartTime and EndTime"),
    (
        INITIATOR,
        "StartTime=08:00:00\nEndTime=17:00:00\nStartDay=mon\nEndDay=fri\nWeekdays=mon",
        "t.cfg:14: Weekdays: and StartDay are both set",
    ),
    (
        INITIATOR,
        "TimestampPrecision=PICOS",
        "t.cfg:10: TimestampPrecision: \"PICOS\" is neither a number of digits",
    ),
    (
        INITIATOR,
        "SocketUseSSL=Y\nSocketCAFile=missing/ca.pem",
        "t.cfg:11: SocketCAFile: cannot open \"missing/ca.pem\": no such file",
    ),
    (
        INITIATOR,
        "SocketUseSSL=Y\nSocketCAFile=ca\nSSLProtocol=all +SSLv3",
        "t.cfg:12: SSLProtocol: asks for SSLv2 or SSLv3, which are broken",
    ),
    (
        INITIATOR,
        "SocketUseSSL=Y\nSocketCAFile=ca\nSocketMinimumTLSVersion=SSL30",
        "t.cfg:12: SocketMinimumTLSVersion: asks for SSLv2 or SSLv3, which are broken",
    ),
    (
        INITIATOR,
        "SSLEnable=Y\nSSLCACertificate=c\nSSLCertificate=a.pfx",
        "t.cfg:12: SSLCertificate: is a PKCS#12 file, and only PEM is read. Convert it once: openssl pkcs12 \
         -in a.pfx -out a.pem -nodes (",
    ),
    (
        INITIATOR,
        "SSLEnable=Y\nSSLCertificate=C:\\my certs\\a.PFX\nSSLCertificatePassword=hunter2",
        "t.cfg:11: SSLCertificate: is a PKCS#12 file, and only PEM is read. Convert it once: openssl pkcs12 \
         -in 'C:\\my certs\\a.PFX' -out 'C:\\my certs\\a.pem' -nodes (",
    ),
    (
        INITIATOR,
        "SSLEnable=Y\nSSLCertificate=a.pem\nSSLCertificatePassword=hunter2",
        "t.cfg:12: SSLCertificatePassword: is refused: encrypted private keys are not read",
    ),
    (
        INITIATOR,
        "SocketUseSSL=Y\nCipherSuites=TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA",
        "t.cfg:11: CipherSuites: leaves no suite to offer (TLS_RSA_WITH_AES_128_CBC_SHA, \
         TLS_RSA_WITH_AES_256_CBC_SHA are not safe); remove the line, or write some of: TLS_AES_256_GCM_SHA384,",
    ),
    (
        INITIATOR,
        "SocketUseSSL=Y\nSSLCipherSuite=AES128-SHA",
        "t.cfg:11: SSLCipherSuite: leaves no suite to offer (AES128-SHA are not safe); remove the line, or \
         write some of: ECDHE-ECDSA-AES256-GCM-SHA384:",
    ),
    (
        ACCEPTOR,
        "SocketUseSSL=Y\nSocketCertificateFile=c\nNeedClientAuth=Y",
        "t.cfg:1: SocketCAFile: is missing: client certificates are asked for",
    ),
    (
        INITIATOR,
        "SSLEnable=Y\nSSLCACertificate=c\nSSLCheckCertificateRevocation=Y",
        "t.cfg:12: SSLCheckCertificateRevocation: needs CertificateRevocationListFile",
    ),
    (
        ACCEPTOR,
        "SocketUseSSL=Y",
        "t.cfg:1: SocketCertificateFile: is missing: TLS is asked for, and an acceptor",
    ),
    (
        INITIATOR,
        "SocketKeyStore=keys.jks",
        "t.cfg:10: SocketKeyStore: is refused: Java key stores are not read.",
    ),
    (
        INITIATOR,
        "SocketKeyStore=a.jks\nSocketKeyStorePassword=x\nSocketTrustStore=b.jks\nKeyStoreType=JKS",
        "t.cfg:10: SocketKeyStore: is refused, like 3 more lines of its kind: Java key stores are not read.",
    ),
    (
        INITIATOR,
        "FileStorePath=\nMySQLStoreDatabase=fix",
        "t.cfg:11: MySQLStoreDatabase: is refused: messages and sequence",
    ),
    (
        INITIATOR,
        "FileStorePath=\nJdbcURL=jdbc:x\nJdbcUser=u\nJdbcPassword=hunter2\nJdbcLogIncomingTable=t",
        "t.cfg:11: JdbcURL: is refused, like 3 more lines of its kind",
    ),
    (INITIATOR, "FileStorePath=\nMongoStoreConnection=x", "t.cfg:11: MongoStoreConnection: is refused"),
    (INITIATOR, "UseTCPProxy=Y", "t.cfg:10: UseTCPProxy: is refused"),
    (
        INITIATOR,
        "SocketConnectProtocol=VM_PIPE",
        "t.cfg:10: SocketConnectProtocol: \"VM_PIPE\" is not one of SOCKET",
    ),
    (INITIATOR, "ProxyHost=p\nProxyPort=1", "t.cfg:10: ProxyHost: is set without ProxyType"),
    (INITIATOR, "ProxyType=socks\nProxyPort=1", "t.cfg:1: ProxyHost: is missing: ProxyType asks for a proxy"),
    (
        INITIATOR,
        "ProxyType=socks\nProxyVersion=1.1\nProxyHost=p\nProxyPort=1",
        "t.cfg:11: ProxyVersion: is none of 4, 4a and 5",
    ),
    (
        INITIATOR,
        "ProxyType=socks\nProxyVersion=4\nProxyHost=p\nProxyPort=1\nProxyUser=u\nProxyPassword=w",
        "t.cfg:15: ProxyPassword: cannot be sent in SOCKS 4",
    ),
    (
        INITIATOR,
        "ProxyType=socks\nProxyHost=p\nProxyPort=1\nProxyUser=u",
        "t.cfg:1: ProxyPassword: is missing or longer than 255 bytes",
    ),
    (
        INITIATOR,
        "ProxyType=http\nProxyHost=p\nProxyPort=1\nProxyUser=a:b",
        "t.cfg:13: ProxyUser: holds a colon",
    ),
    (
        INITIATOR,
        "LogonTag=34=7",
        "t.cfg:10: LogonTag: the value sets tag 34, which the session itself writes",
    ),
    (
        INITIATOR,
        "Username=u\nLogonTag2=553=v",
        "t.cfg:11: LogonTag2: sets tag 553, which another line sets too",
    ),
    (
        INITIATOR,
        "PasswordFile=missing/pw",
        "t.cfg:10: PasswordFile: cannot open \"missing/pw\": no such file",
    ),
    (INITIATOR, "PasswordFile=secrets/two-lines", "t.cfg:10: PasswordFile: does not hold one line of text"),
    (
        INITIATOR,
        "Password=x\nPasswordFile=secrets/password",
        "t.cfg:11: PasswordFile: and Password are both set",
    ),
    (
        INITIATOR,
        "DataDictionary=missing/FIX44.xml",
        "t.cfg:10: DataDictionary: cannot open \"missing/FIX44.xml\"",
    ),
    (
        INITIATOR,
        "DataDictionaryOverlay=broker.xml, missing/desk.xml",
        "t.cfg:10: DataDictionaryOverlay: cannot open \"missing/desk.xml\"",
    ),
    (INITIATOR, "DataDictionaryOverlay=,", "t.cfg:10: DataDictionaryOverlay: \",\" names no file"),
    (
        INITIATOR,
        "SocketNodelay=Y\nSocketTcpNoDelay=N",
        "t.cfg:11: SocketTcpNoDelay: contradicts SocketNodelay of line 10, another name of it",
    ),
    (ACCEPTOR, "SessionQualifier=x", "t.cfg:9: SessionQualifier: is for initiators only"),
    (
        ACCEPTOR,
        "AllowedRemoteAddresses=everyone",
        "t.cfg:9: AllowedRemoteAddresses: \"everyone\" is not a list of IP",
    ),
    (
        ACCEPTOR,
        "HeartBtIntOverride=Y",
        "t.cfg:1: HeartBtInt: is missing: HeartBtIntOverride=Y puts it in force",
    ),
];

#[test]
fn each_mistake_is_one_clear_line() {
    for (session, lines, want) in CASES {
        let errors = errors(&format!("{session}{lines}\n"));
        assert!(errors.starts_with(want), "{lines:?} gives {errors:?}");
        assert_eq!(errors.lines().count(), 1, "{lines:?} gives {errors}");
    }
}

#[test]
fn what_is_missing_is_named_with_an_example() {
    for missing in ["BeginString", "SenderCompID", "TargetCompID", "HeartBtInt"] {
        let text: String = INITIATOR
            .lines()
            .filter(|line| !line.starts_with(missing))
            .flat_map(|line| [line, "\n"])
            .collect();
        let errors = errors(&text);
        assert!(errors.starts_with(&format!("t.cfg:1: {missing}: is missing: ")), "{errors}");
        assert!(errors.contains(&format!("; write e.g. {missing}=")), "{errors}");
    }
    let text = ACCEPTOR.replace("SocketAcceptPort=1\n", "");
    assert!(errors(&text).contains("SocketAcceptPort: is missing"), "{}", errors(&text));
    assert!(errors("").starts_with("t.cfg: holds no [SESSION]"));
    let emptied = INITIATOR.replace("TargetCompID=B", "TargetCompID=");
    assert!(errors(&emptied).contains("TargetCompID: is missing"), "{}", errors(&emptied));
}

#[test]
fn all_errors_of_a_file_are_reported_in_its_order() {
    let text =
        "HeartBtInt=1\n[DEFAULT]\nReconnectInterval=soon\n[SESSION]\nHeartBtInt=x\nSocketConnectPort=y\n";
    let errors = errors(text);
    let lines: Vec<&str> = errors.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let missing = ["t.cfg:4:"; 4];
    assert_eq!(lines[..2], ["t.cfg:1:", "t.cfg:3:"], "{errors}");
    assert_eq!(lines[2..6], missing, "{errors}");
    assert_eq!(lines[6..], ["t.cfg:5:", "t.cfg:6:"], "{errors}");
}

#[test]
fn a_mistake_in_default_is_reported_once() {
    let session = INITIATOR.replace("HeartBtInt=30\n", "");
    let text = format!("[DEFAULT]\nHeartBtInt=x\n{session}{}", session.replace("=B", "=C"));
    assert_eq!(errors(&text).lines().count(), 1, "{}", errors(&text));
}

#[test]
fn two_sessions_with_one_identity_are_refused() {
    let text = format!("{INITIATOR}{ACCEPTOR}");
    assert!(errors(&text).starts_with("t.cfg:10: session FIX.4.4:A->B is the one of line 1 again"));
    let apart = format!("{INITIATOR}SessionQualifier=X\n{ACCEPTOR}");
    assert_eq!(settings(&apart).sessions.len(), 2);
}

#[test]
fn acceptors_that_share_a_port_share_its_listener() {
    let other = ACCEPTOR.replace("=B", "=C");
    assert_eq!(settings(&format!("{ACCEPTOR}{other}")).sessions.len(), 2);
    let tls = "SocketUseSSL=Y\nSocketCertificateFile=exchange.pem\n";
    let text = format!("{ACCEPTOR}{other}{tls}");
    let want = "t.cfg:9: listens on 127.0.0.1:1 like the session of line 1, but the keys of TLS differ";
    assert!(errors(&text).starts_with(want), "{}", errors(&text));
    let elsewhere = other.replace("Port=1", "Port=2");
    assert_eq!(settings(&format!("{ACCEPTOR}{elsewhere}{tls}")).sessions.len(), 2);
}

#[test]
fn asking_for_what_is_done_anyway_is_no_warning() {
    let lines = "ResetOnError=n\nForceResendWhenCorruptedStore=Y\nValidateLengthAndChecksum=Y\nUseTCPProxy=N\nSocketConnectProtocol=SOCKET\n";
    assert_eq!(warnings(&format!("{INITIATOR}{lines}")), "");
}

#[test]
fn a_file_of_garbage_is_given_up_in_time() {
    let lines = "x\n".repeat(1 << 20);
    assert_eq!(errors(&lines).lines().count(), 1001);
    assert!(errors(&lines).ends_with("is it a configuration file?"), "{}", errors(&lines));
    let unknown: String = (0..100_000).map(|number| format!("Colour{number}=teal\n")).collect();
    assert_eq!(warnings(&format!("{INITIATOR}{unknown}")).lines().count(), 1000);
}

#[test]
fn lines_that_are_not_text_are_named() {
    let mut bytes = INITIATOR.as_bytes().to_vec();
    bytes.extend(b"# Latin-1 comments, as in B\xfccher, are fine\nSenderSubID=B\xfccher\n");
    let error = fix_host::config::parse_bytes("t.cfg", &bytes, &crate::Machine).unwrap_err().to_string();
    assert_eq!(error, "t.cfg:11: this line is not UTF-8 text; save the file as UTF-8");
}

#[test]
fn typos_are_kept_for_the_application_and_pointed_out() {
    for (line, want) in [
        ("HeartBeatInt=30", "t.cfg:10: HeartBeatInt: is not a key of this engine; did you mean HeartBtInt?"),
        ("SocketConnectHots=x", "did you mean SocketConnectHost?"),
        ("resetonlogin=Y", "did you mean ResetOnLogon?"),
        ("TraderColour=teal", "is not a key of this engine; it is kept for the application"),
    ] {
        let text = format!("{INITIATOR}{line}\n");
        assert!(warnings(&text).contains(want), "{}", warnings(&text));
        assert_eq!(settings(&text).sessions[0].application.len(), 1);
    }
}

#[test]
fn ids_are_as_long_as_api_keys_and_longer() {
    for id in ["00000000-1111-2222-3333-444444444444".to_owned(), "x".repeat(255)] {
        let identity = settings(&format!("{INITIATOR}TargetSubID={id}\n")).sessions.swap_remove(0).identity;
        assert_eq!(identity.target_sub_id, Some(id));
    }
    let errors = errors(&format!("{INITIATOR}TargetSubID={}\n", "x".repeat(256)));
    assert!(errors.starts_with("t.cfg:10: TargetSubID: "), "{errors}");
    assert!(errors.contains("is longer than 255 characters"), "{errors}");
}

#[test]
fn what_is_harmless_but_surprising_is_a_warning() {
    for (session, line, want) in [
        (
            INITIATOR,
            "SenderSubID=D7 # desk",
            "t.cfg:10: SenderSubID: the value holds \" #\", which is part of it",
        ),
        (
            INITIATOR,
            "HeartBtInt=20",
            "t.cfg:10: HeartBtInt: is set again; the value of line 8 no longer counts",
        ),
        (INITIATOR, "SocketAcceptPort=1", "t.cfg:10: SocketAcceptPort: has no effect in an initiator"),
        (ACCEPTOR, "HeartBtInt=30", "t.cfg:9: HeartBtInt: has no effect in an acceptor"),
        (
            INITIATOR,
            "FileStorePath=",
            "FileStorePath: is not set: messages and sequence numbers are kept in memory",
        ),
        (ACCEPTOR, "SocketAcceptAddress=", "SocketAcceptAddress: is not set: listening on 127.0.0.1 only"),
        (INITIATOR, "TimestampPrecision=5", "t.cfg:10: TimestampPrecision: 5 digits are not sent; 3 are"),
        (INITIATOR, "AllowPosDup=Y", "t.cfg:10: AllowPosDup: has no effect: "),
        (INITIATOR, "SocketCAFile=ca.pem", "t.cfg:10: SocketCAFile: switches TLS on"),
        (INITIATOR, "SSLEnable=Y\nSSLValidateCertificates=N", "SSLValidateCertificates: lets anyone pretend"),
        (
            INITIATOR,
            "SocketUseSSL=Y",
            "SocketCAFile: is not set: the authorities that this system trusts are",
        ),
        (
            INITIATOR,
            "JdbcURL=jdbc:x\nJdbcPassword=hunter2\nJdbcLogIncomingTable=t",
            "t.cfg:10: JdbcURL: has no effect, like 2 more lines of its kind: messages and sequence numbers are \
             kept in files, at FileStorePath",
        ),
        (
            INITIATOR,
            "SLF4JLogEventCategory=a\nSLF4JLogIncomingMessageCategory=b",
            "t.cfg:10: SLF4JLogEventCategory: has no effect, like 1 more line of its kind: Java only",
        ),
        (
            INITIATOR,
            "SocketUseSSL=N\nSocketKeyStore=a.jks\nSocketKeyStorePassword=hunter2",
            "t.cfg:11: SocketKeyStore: has no effect, like 1 more line of its kind: SocketUseSSL=N is plain TCP",
        ),
        (
            INITIATOR,
            "[DATABASE]\nHeartBtInt=x\nTargetCompID=$NOPE\nno key",
            "t.cfg:10: [DATABASE] is not a section, and its lines are not read; there are only [DEFAULT] and",
        ),
        (
            INITIATOR,
            "[SESION]",
            "t.cfg:10: [SESION] is not a section, and its lines are not read; did you mean",
        ),
        (INITIATOR, "DefaultApplVerID=FIX.5.0", "t.cfg:10: DefaultApplVerID: has no effect: FIXT.1.1 only"),
    ] {
        let text = format!("{session}{line}\n");
        let warnings = warnings(&text);
        assert!(warnings.contains(want), "{line} gives {warnings}");
        assert!(
            warnings.lines().filter(|one| !one.contains("is set again")).count() <= 1,
            "{line} gives {warnings}"
        );
        assert!(!warnings.contains("hunter2"), "{warnings}");
    }
}

#[test]
fn lines_above_the_first_section_are_one_error() {
    let text = format!("HeartBtInt=1\nSocketUseSSL=Y\nColour=teal\n{INITIATOR}");
    let want =
        "t.cfg:1: HeartBtInt: stands before any section, like 2 more; write [DEFAULT] or [SESSION] above it";
    assert_eq!(errors(&text), want);
}

#[test]
fn a_file_of_windows_may_be_utf_16() {
    let text = INITIATOR.replace("TargetCompID=B", "TargetCompID=B\r");
    let little: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        let settings = fix_host::config::parse_bytes("t.cfg", &bytes, &crate::Machine).unwrap();
        assert_eq!(settings.sessions[0].identity.to_string(), "FIX.4.4:A->B");
    }
}

#[test]
fn from_midnight_to_midnight_is_no_contradiction_of_a_non_stop_session() {
    let times = "NonStopSession=Y\nStartTime=00:00:00\nEndTime=00:00:00\n";
    for text in [format!("{INITIATOR}{times}"), format!("[DEFAULT]\n{times}{INITIATOR}")] {
        assert_eq!(warnings(&text), "");
        let schedule = &settings(&text).sessions[0].schedule;
        assert_eq!(schedule.session_time, fix_host::config::SessionTime::NonStop);
    }
}

#[test]
fn a_session_may_override_the_schedule_it_inherits() {
    let text = format!("[DEFAULT]\nStartTime=08:00:00\nEndTime=17:00:00\n{INITIATOR}NonStopSession=Y\n");
    assert!(warnings(&text).contains("NonStopSession: overrides StartTime and EndTime of [DEFAULT]"));
}

#[test]
fn sessions_with_errors_may_be_left_out() {
    let bad = INITIATOR.replace("=B", "=C").replace("HeartBtInt=30", "HeartBtInt=x");
    let text = format!("[DEFAULT]\nContinueInitializationOnError=Y\n{INITIATOR}{bad}");
    assert_eq!(settings(&text).sessions.len(), 1);
    assert!(warnings(&text).contains("session FIX.4.4:A->C is left out because of its errors"));
    let none_left = format!("[DEFAULT]\nContinueInitializationOnError=Y\n{bad}");
    assert!(parse(&none_left).is_err());
}
