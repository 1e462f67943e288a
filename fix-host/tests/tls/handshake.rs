//! Who trusts whom: what connects, and what the initiator refuses.

use crate::{certificates::Authority, meet, meet_at};

#[tokio::test]
async fn both_sides_speak_tls() {
    let authority = Authority::new("exchange");
    let server = authority.server("127.0.0.1").lines();
    meet(&server, &authority.trusted()).await.good();
}

#[tokio::test]
async fn each_version_alone_works_and_no_common_version_is_said() {
    let authority = Authority::new("exchange");
    let server = authority.server("127.0.0.1").lines();
    for version in ["TLSv1.2", "TLSv1.3"] {
        let lines = format!("SSLProtocols={version}\n{}", authority.trusted());
        meet(&server, &lines).await.good();
    }
    let old = format!("{server}\nSSLProtocols=TLSv1.2");
    let new = format!("{}\nSocketMinimumTLSVersion=TLS13", authority.trusted());
    meet(&old, &new).await.initiator_says("no version of TLS in common");
}

#[tokio::test]
async fn suites_are_offered_by_their_names_in_both_dialects() {
    let authority = Authority::new("exchange");
    let server = authority.server("127.0.0.1").lines();
    let only = |suite: &str| format!("{}\nCipherSuites={suite}", authority.trusted());
    meet(&server, &only("TLS_AES_128_GCM_SHA256")).await.good();
    meet(&server, &only("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")).await.good();
    let openssl = format!("{}\nSSLCipherSuite=ECDHE-ECDSA-AES256-GCM-SHA384", authority.trusted());
    meet(&server, &openssl).await.good();
    let other = format!("{server}\nCipherSuites=TLS_CHACHA20_POLY1305_SHA256");
    meet(&other, &only("TLS_AES_128_GCM_SHA256")).await.initiator_says("no cipher suite in common");
}

#[tokio::test]
async fn the_name_proved_is_the_host_or_socket_server_name() {
    let authority = Authority::new("exchange");
    let server = authority.server("fix.example.com").lines();
    let trusted = authority.trusted();
    meet(&server, &trusted).await.initiator_says("SocketServerName says which name to demand");
    meet(&server, &format!("{trusted}\nSocketServerName=fix.example.com")).await.good();
    let other = format!("{trusted}\nSocketServerName=other.example.com");
    meet(&server, &other).await.initiator_says("other.example.com");
    let local = authority.server("localhost").lines();
    meet_at("localhost", &local, &trusted).await.good();
    meet_at("localhost", &local, &format!("{trusted}\nUseSNI=N")).await.good();
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let (authority, other) = (Authority::new("exchange"), Authority::new("other"));
    let server = authority.server("127.0.0.1").lines();
    meet(&server, &other.trusted()).await.initiator_says("no authority in SocketCAFile has issued it");
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new("exchange");
    let server = authority.expired("127.0.0.1").lines();
    meet(&server, &authority.trusted()).await.initiator_says("it has expired");
}

#[tokio::test]
async fn an_authoritys_own_certificate_is_no_servers() {
    let authority = Authority::new("exchange");
    let server = authority.issue("127.0.0.1", |params| {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    });
    meet(&server.lines(), &authority.trusted()).await.initiator_says("CA:TRUE");
}

#[tokio::test]
async fn a_revoked_certificate_is_refused() {
    let authority = Authority::new("exchange");
    let server = authority.with_serial("127.0.0.1", 7).lines();
    let with =
        |serials: &[u64], year| format!("{}\n{}", authority.trusted(), authority.revoked(serials, year));
    meet(&server, &with(&[8], 2100)).await.good();
    meet(&server, &with(&[7, 8], 2100)).await.initiator_says("it is revoked");
    meet(&server, &with(&[8], 2025)).await.initiator_says("the revocation list of its issuer has expired");
    let other = Authority::new("other");
    let foreign = format!("{}\n{}", authority.trusted(), other.revoked(&[], 2100));
    meet(&server, &foreign).await.initiator_says("no revocation list of its issuer is there");
}

#[tokio::test]
async fn skip_verify_believes_anyone_but_still_encrypts() {
    let authority = Authority::new("exchange");
    let server = authority.expired("other.example.com").lines();
    for version in ["TLSv1.2", "TLSv1.3"] {
        let lines = format!("SocketUseSSL=Y\nSocketInsecureSkipVerify=Y\nSSLProtocols={version}");
        meet(&server, &lines).await.good();
    }
}
