//! A certificate that itself stands in SocketCAFile is trusted, whoever has issued it.

use rcgen::{BasicConstraints, CertificateParams, IsCa, date_time_ymd};

use crate::certificates::{Authority, Identity};
use crate::{dialer, meet, meet_at};

/// As `openssl req -x509` makes them: an authority, says the certificate, and it is nobody's but its own.
fn self_signed(directory: &Authority, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    directory.self_signed(name, |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(params);
    })
}

fn pin(identity: &Identity) -> String {
    format!("SocketUseSSL=Y\nSocketCAFile={}", identity.certificate.display())
}

#[tokio::test]
async fn a_self_signed_server() {
    let directory = Authority::new("exchange");
    let server = self_signed(&directory, "localhost", |_| {});
    for version in ["TLSv1.2", "TLSv1.3"] {
        let lines = format!("{}\nSSLProtocols={version}", pin(&server));
        meet_at("localhost", &server.lines(), &lines).await.good();
    }
    // Its key may be in a file of others, and in a directory of them.
    let read = |path| std::fs::read_to_string(path).unwrap();
    let several = directory.write("several.pem", directory.pem() + &read(&server.certificate));
    let lines = format!("SocketCAFile={}", several.display());
    meet_at("localhost", &server.lines(), &lines).await.good();
    std::fs::create_dir(directory.file("trusted")).unwrap();
    std::fs::copy(&server.certificate, directory.file("trusted/exchange.pem")).unwrap();
    let lines = format!("CertificationAuthoritiesDirectory={}", directory.file("trusted").display());
    meet_at("localhost", &server.lines(), &lines).await.good();
}

#[tokio::test]
async fn it_is_that_certificate_and_no_other() {
    let (one, other) = (Authority::new("exchange"), Authority::new("other"));
    let server = self_signed(&one, "127.0.0.1", |_| {});
    let namesake = self_signed(&other, "127.0.0.1", |_| {});
    let outcome = meet(&namesake.lines(), &pin(&server)).await;
    assert!(outcome.initiator.is_err() && outcome.acceptor.is_err());
    let authority = one.server("127.0.0.1").lines();
    meet(&authority, &pin(&server)).await.initiator_says("to trust this very certificate, put it into");
}

#[tokio::test]
async fn its_name_and_its_dates_still_count() {
    let directory = Authority::new("exchange");
    let server = self_signed(&directory, "localhost", |_| {});
    meet(&server.lines(), &pin(&server)).await.initiator_says("SocketServerName says which name to demand");
    meet(&server.lines(), &format!("{}\nSocketServerName=localhost", pin(&server))).await.good();
    let old = self_signed(&directory, "127.0.0.1", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    meet(&old.lines(), &pin(&old)).await.initiator_says("it has expired");
    // One with a common name only has no name that could be another's.
    let bare = self_signed(&directory, "bare", |params| params.subject_alt_names.clear());
    meet(&bare.lines(), &pin(&bare)).await.good();
}

#[tokio::test]
async fn one_certificate_of_an_authority_that_is_not_trusted_as_a_whole() {
    let authority = Authority::new("exchange");
    let (server, sister) = (authority.server("127.0.0.1"), authority.server("localhost"));
    meet(&server.lines(), &pin(&server)).await.good();
    meet_at("localhost", &sister.lines(), &pin(&server)).await.initiator_says("no authority in SocketCAFile");
}

#[tokio::test]
async fn a_self_signed_client() {
    let (exchange, desks) = (Authority::new("exchange"), Authority::new("desks"));
    let (desk, stranger) = (self_signed(&desks, "desk7", |_| {}), self_signed(&exchange, "desk7", |_| {}));
    let demanding = format!("{}\n{}", exchange.server("127.0.0.1").lines(), pin(&desk));
    let client = |identity: &Identity| format!("{}\n{}", exchange.trusted(), identity.lines());
    meet(&demanding, &client(&desk)).await.good();
    let outcome = meet(&demanding, &client(&stranger)).await;
    assert!(outcome.acceptor.is_err());
}

#[test]
fn a_der_file_of_windows_is_an_authority_too() {
    let authority = Authority::new("exchange");
    let cer = authority.write("ca.cer", authority.der());
    assert!(dialer(&format!("SocketUseSSL=Y\nSSLCACertificate={}", cer.display())).is_ok());
    let broken = authority.write("broken.cer", [0x30, 1, 2]);
    assert!(dialer(&format!("SocketUseSSL=Y\nSSLCACertificate={}", broken.display())).is_err());
}
