//! Realistic files of the four engines, as a desk that moves here brings them.

use std::path::Path;
use std::time::Duration;

use fix_core::time::Precision;
use fix_host::config::{
    CipherSuite, ClientAuth, HostSelectionPolicy, Pem, ProxyType, Role, Secret, SessionTime, Source,
    Thousandths, TrustAnchors,
};
use jiff::civil::{Weekday, time};

use crate::{session, settings, warnings};

const CPP: &str = "\u{feff}# QuickFIX C++\r
[default]\r
ConnectionType = initiator\r
FileStorePath=store\r
FileLogPath=log\r
StartTime=00:30:00\r
EndTime=23:30:00\r
StartDay=su\r
EndDay=fr\r
TimestampPrecision=6\r
ReconnectInterval=60\r
SenderCompID=TW\r
BEGINSTRING=FIX.4.4\r
UseDataDictionary=Y\r
DataDictionary=../spec/FIX44.xml\r
HttpAcceptPort=9911\r
\r
[session]\r
TargetCompID=ARCA\r
HeartBtInt=20\r
SocketConnectHost=$FIX_HOST\r
SocketConnectPort=9823\r
SocketConnectHost1=$(FIX_HOST)\r
SocketConnectPort1=8323\r
HostSelectionPolicy=priority\r
SocketConnectSourceHost=10.0.0.5\r
SendNextExpectedMsgSeqNum=Y\r
LogonTag=553=user=1\r
LogonTag1=554=${FIX_PASSWORD}\r
LogonTime=01:00:00\r
LogoutTime=23:00:00\r
[SESSION]\r
TargetCompID=ISLD\r
HeartBtInt=30\r
SocketConnectHost=127.0.0.1\r
SocketConnectPort=8323\r
ResetOnLogon=y\r
TimestampPrecision=\r
";

#[test]
fn a_quickfix_cpp_file() {
    let settings = settings(&CPP.replace("TimestampPrecision=\r\n", ""));
    assert_eq!(settings.process.http_accept_port, Some(9911));
    let [arca, isld] = &settings.sessions[..] else { panic!("two sessions") };
    assert_eq!(arca.identity.to_string(), "FIX.4.4:TW->ARCA");
    let Role::Initiator(initiator) = &arca.role else { panic!("an initiator") };
    let hosts: Vec<_> = initiator.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["fix.example.com:9823", "fix.example.com:8323"]);
    let start_over_interval = Duration::from_secs(120);
    assert_eq!(initiator.host_selection_policy, HostSelectionPolicy::Priority { start_over_interval });
    assert_eq!(initiator.socket_local.as_ref().unwrap().to_string(), "10.0.0.5:0");
    assert!(arca.recovery.enable_next_expected_msg_seq_num);
    assert_eq!(arca.timing.time_stamp_precision, Precision::Micros);
    let tags = [(553, Secret::new("user=1")), (554, Secret::new("hunter2"))];
    assert_eq!(arca.logon.logon_tags, tags);
    let SessionTime::Weekly { start_day, end_day, start_time, .. } = &arca.schedule.session_time else {
        panic!("a weekly session")
    };
    assert_eq!((*start_day, *end_day), (Weekday::Sunday, Weekday::Friday));
    assert_eq!((start_time.time, start_time.zone.name.as_str()), (time(0, 30, 0, 0), "UTC"));
    assert!(matches!(arca.schedule.logon_time, Some(SessionTime::Daily { .. })));
    assert!(isld.recovery.reset_on_logon && !arca.recovery.reset_on_logon);
    assert_eq!(isld.tls, None);
}

#[test]
fn a_flag_or_number_without_value_is_an_error_of_its_line() {
    let errors = crate::errors(CPP);
    assert!(errors.starts_with("t.cfg:38: TimestampPrecision: has no value"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

const JAVA: &str = "
[default]
ConnectionType=acceptor
StartTime=08:00:00 US/Eastern
EndTime=17:00:00 Europe/London
TimeZone=Asia/Tokyo
Weekdays=Mon,Tue,Wed,Thu,Fri
SocketAcceptProtocol=SOCKET
SocketAcceptAddress=0.0.0.0
SocketTcpNoDelay=N
TimeStampPrecision=NANOS
ValidateChecksum=N
EnableNextExpectedMsgSeqNum=Y
TestRequestDelayMultiplier=0.25
HeartBeatTimeoutMultiplier=2
AllowedRemoteAddresses=10.0.0.1, 10.1.0.0/16
FileStorePath=target/data
JdbcLogHeartBeats=N
SLF4JLogEventCategory=fix
[session]
AcceptorTemplate=Y
BeginString=FIX.4.4
SenderCompID=EXEC
TargetCompID=*
SocketAcceptPort=9880
[session]
BeginString=FIX.4.4
SenderCompID=EXEC
TargetCompID=BANZAI
SocketAcceptPort=9880
DeskColour=teal
";

#[test]
fn a_quickfix_j_file_with_zone_names() {
    let settings = settings(JAVA);
    let [template, banzai] = &settings.sessions[..] else { panic!("two sessions") };
    assert!(template.is_template() && !banzai.is_template());
    let SessionTime::Weekdays { weekdays, start_time, end_time } = &banzai.schedule.session_time else {
        panic!("on weekdays")
    };
    assert_eq!(weekdays.len(), 5);
    assert_eq!((start_time.zone.name.as_str(), end_time.zone.name.as_str()), ("US/Eastern", "Europe/London"));
    assert!(!banzai.socket.socket_nodelay && banzai.recovery.enable_next_expected_msg_seq_num);
    assert_eq!(banzai.timing.time_stamp_precision, Precision::Nanos);
    assert_eq!(banzai.timing.test_request_delay_multiplier, Thousandths(250));
    assert_eq!(banzai.timing.heart_beat_timeout_multiplier, Thousandths(2000));
    let Role::Acceptor(acceptor) = &banzai.role else { panic!("an acceptor") };
    assert_eq!(
        (acceptor.bind.to_string().as_str(), acceptor.allowed_remote_addresses.len()),
        ("0.0.0.0:9880", 2)
    );
    assert_eq!(banzai.application["DeskColour"].value.expose(), "teal");
    let warnings = warnings(JAVA);
    for want in [
        "t.cfg:12: ValidateChecksum: has no effect: BodyLength(9)",
        "t.cfg:18: JdbcLogHeartBeats: has no effect",
    ] {
        assert!(warnings.contains(want), "{warnings}");
    }
    assert!(warnings.contains("t.cfg:31: DeskColour: is not a key of this engine"), "{warnings}");
    assert_eq!(warnings.lines().count(), 4, "{warnings}");
}

#[test]
fn a_quickfix_go_file_with_mutual_tls_and_a_proxy() {
    let session = session(
        "[DEFAULT]\nConnectionType=initiator\nFileStorePath=tmp\nSocketPrivateKeyFile=desk.key\n\
         SocketCertificateFile=desk.crt\nSocketCAFile=ca.pem\nSocketServerName=fix.broker.com\n\
         SocketMinimumTLSVersion=TLS13\nSocketUseSSL=Y\nSocketTimeout=5s\nReconnectInterval=1m\n\
         ProxyType=socks\nProxyHost=proxy\nProxyPort=1080\nProxyUser=u\nProxyPassword=${FIX_PASSWORD}\n\
         UseTCPProxy=N\nResendRequestChunkSize=2500\n\
         [SESSION]\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\nHeartBtInt=30\n\
         SocketConnectHost=h\nSocketConnectPort=1\nResetSeqTime=17:00:00\n",
    );
    let tls = session.tls.unwrap();
    assert_eq!(tls.certificate, Some(Pem::File("desk.crt".into())));
    assert_eq!(tls.private_key, Some(Pem::File("desk.key".into())));
    let pem = Some(Pem::File("ca.pem".into()));
    assert_eq!(tls.trust_anchors, TrustAnchors::Authorities { pem, directory: None });
    assert_eq!(tls.server_name.as_deref(), Some("fix.broker.com"));
    assert!(tls.versions.tls13 && !tls.versions.tls12 && tls.use_sni);
    let Role::Initiator(initiator) = session.role else { panic!("an initiator") };
    assert_eq!(initiator.socket_connect_timeout, Duration::from_secs(5));
    assert_eq!(initiator.reconnect_intervals, [Duration::from_secs(60)]);
    let proxy = initiator.proxy.unwrap();
    assert_eq!((proxy.proxy_type, proxy.address.to_string().as_str()), (ProxyType::Socks5, "proxy:1080"));
    assert_eq!(proxy.proxy_password.unwrap().expose(), "hunter2");
    assert_eq!(session.recovery.resend_request_chunk_size, 2500);
    assert!(session.schedule.reset_seq_time.is_some());
}

#[test]
fn a_quickfix_n_file_with_ssl() {
    let text = "[DEFAULT]\nConnectionType=acceptor\nFileStorePath=store\nSocketAcceptHost=127.0.0.1\n\
        SocketNodelay=Y\nSSLEnable=Y\nSSLProtocols=Tls12\nSSLCertificate=server.pem\n\
        SSLCACertificate=ca.pem\nSSLRequireClientCertificate=Y\nSSLCheckCertificateRevocation=N\n\
        RedactFieldsInLogs=554, 96\nRedactionLogText=<hidden>\nMaxMessagesInResendRequest=100\n\
        CipherSuites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_RSA_WITH_AES_128_CBC_SHA\n\
        [SESSION]\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\nSocketAcceptPort=5001\n";
    let session = session(text);
    let tls = session.tls.unwrap();
    assert_eq!((tls.certificate, tls.private_key), (Some(Pem::File("server.pem".into())), None));
    assert_eq!(tls.client_auth, ClientAuth::Required);
    assert!(tls.versions.tls12 && !tls.versions.tls13);
    let suites: Vec<CipherSuite> = tls.cipher_suites.unwrap();
    assert_eq!(suites[0].name, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    assert_eq!(suites.len(), 1);
    assert_eq!(session.log.redact_fields_in_logs, [554, 96]);
    assert_eq!(session.log.redaction_log_text, "<hidden>");
    assert_eq!(session.recovery.resend_request_chunk_size, 100);
    assert!(warnings(text).contains("not safe: TLS_RSA_WITH_AES_128_CBC_SHA"));
}

#[test]
fn cpp_certificates_switch_tls_on_and_go_by_role() {
    let both = "ServerCertificateFile=server.crt\nServerCertificateKeyFile=server.key\n\
        ClientCertificateFile=client.crt\nCertificationAuthoritiesFile=ca.pem\nCertificateVerifyLevel=0\n\
        SSLProtocol=+ALL -SSLv2 -SSLv3\n";
    let default = format!("[DEFAULT]\n{both}");
    let client = session(&format!("{default}{}", crate::INITIATOR)).tls.unwrap();
    assert_eq!(client.certificate, Some(Pem::File("client.crt".into())));
    assert!(matches!(client.trust_anchors, TrustAnchors::Authorities { .. }));
    let server = session(&format!("{default}{}", crate::ACCEPTOR)).tls.unwrap();
    assert_eq!(server.certificate, Some(Pem::File("server.crt".into())));
    assert_eq!((server.client_auth, server.trust_anchors), (ClientAuth::None, TrustAnchors::None));
    let off = format!("{default}SocketUseSSL=N\n{}", crate::INITIATOR);
    assert_eq!(session(&off).tls, None);
}

#[test]
fn pem_text_comes_through_a_variable() {
    let text = format!("{}SocketUseSSL=Y\nSocketCABytes=${{CERT}}\n", crate::INITIATOR);
    let TrustAnchors::Authorities { pem: Some(Pem::Text(pem)), .. } =
        session(&text).tls.unwrap().trust_anchors
    else {
        panic!("an authority")
    };
    assert!(pem.expose().starts_with("-----BEGIN CERTIFICATE-----\n"));
}

#[test]
fn credentials_become_logon_fields() {
    let session = session(&format!("{}Username=desk7\nPasswordFile=secrets/password\n", crate::INITIATOR));
    assert_eq!(session.logon.username.as_deref(), Some("desk7"));
    assert_eq!(session.logon.password.unwrap().expose(), "s3cret!");
}

/// A dictionary that is not used is not read, and neither is what lies on it.
#[test]
fn overlays_are_a_list_of_files() {
    let overlays = |lines: &str| {
        let session = session(&format!("[DEFAULT]\n{lines}\n{}", crate::INITIATOR));
        session.validation.data_dictionary_overlays
    };
    let two = "DataDictionaryOverlay=config/broker.xml, desk.xml";
    assert_eq!(overlays(two), [Path::new("config/broker.xml"), Path::new("desk.xml")]);
    assert!(overlays("UseDataDictionary=N\nDataDictionaryOverlay=missing/broker.xml").is_empty());
    assert!(overlays("").is_empty());
    let emptied = format!("[DEFAULT]\n{two}\n{}DataDictionaryOverlay=\n", crate::INITIATOR);
    assert!(session(&emptied).validation.data_dictionary_overlays.is_empty());
}

#[test]
fn every_value_knows_its_line() {
    let text = format!("[DEFAULT]\nLogonTimeout=7\nResetOnLogon=Y\n{}ResetOnLogon=N\n", crate::INITIATOR);
    let session = session(&text);
    let source = |key: &str| {
        let effective = session.effective.iter().find(|effective| effective.key == key).unwrap();
        (effective.text.as_str(), effective.source.to_string())
    };
    assert_eq!(source("LogonTimeout"), ("7", "t.cfg:2 [DEFAULT]".into()));
    assert_eq!(source("ResetOnLogon"), ("N", "t.cfg:13 [SESSION]".into()));
    assert_eq!(source("LogoutTimeout"), ("2", Source::BuiltIn.to_string()));
}
