//! What keeps TLS from being possible is said at start-up, with the key and the file.

use crate::{acceptor, certificates::Authority, dialer};

#[track_caller]
fn refused(got: Result<impl Sized, fix_host::net::tls::TlsError>, texts: &[&str]) {
    let error = got.err().expect("must refuse to start").to_string();
    assert!(!error.contains('\n'), "{error:?} has more than one line");
    for text in texts {
        assert!(error.contains(text), "{error:?} lacks {text:?}");
    }
}

#[test]
fn a_file_without_a_certificate() {
    let authority = Authority::new("exchange");
    let server = authority.server("localhost");
    let empty = authority.write("empty.crt", "no PEM here\n");
    let key = server.key.display();
    let lines = format!("SocketCertificateFile={}\nSocketPrivateKeyFile={key}", empty.display());
    refused(acceptor(&lines), &["SocketCertificateFile=", "empty.crt: holds no certificate"]);
    let broken =
        authority.write("broken.crt", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
    let lines = format!("SocketCertificateFile={}\nSocketPrivateKeyFile={key}", broken.display());
    refused(acceptor(&lines), &["broken.crt: is no valid PEM"]);
}

#[test]
fn a_key_that_is_missing_encrypted_or_another_certificates() {
    let authority = Authority::new("exchange");
    let (server, other) = (authority.server("localhost"), authority.server("other"));
    let alone = format!("SocketCertificateFile={}", server.certificate.display());
    refused(acceptor(&alone), &["holds no private key", "SocketPrivateKeyFile"]);
    let swapped = format!("{alone}\nSocketPrivateKeyFile={}", other.key.display());
    refused(acceptor(&swapped), &["the private key does not belong to the certificate"]);
    for text in [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    ] {
        let encrypted = authority.write("encrypted.key", text);
        let lines = format!("{alone}\nSocketPrivateKeyFile={}", encrypted.display());
        refused(acceptor(&lines), &["SocketPrivateKeyFile=", "is encrypted", "openssl pkey"]);
    }
}

#[test]
fn one_file_may_hold_certificate_and_key() {
    let authority = Authority::new("exchange");
    let server = authority.server("localhost");
    let read = |path| std::fs::read_to_string(path).unwrap();
    let both = authority.write("both.pem", read(&server.certificate) + &read(&server.key));
    assert!(acceptor(&format!("SSLCertificate={}", both.display())).is_ok());
}

#[test]
fn an_authority_file_or_directory_without_authorities() {
    let authority = Authority::new("exchange");
    let empty = authority.write("empty.crt", "");
    let lines = format!("SocketUseSSL=Y\nSocketCAFile={}", empty.display());
    refused(dialer(&lines), &["SocketCAFile=", "holds no certificate of an authority"]);
    std::fs::create_dir(authority.file("bare")).unwrap();
    let bare = authority.file("bare");
    let lines = format!("SocketUseSSL=Y\nCertificationAuthoritiesDirectory={}", bare.display());
    refused(dialer(&lines), &["CertificationAuthoritiesDirectory=", "holds no certificate of an authority"]);
    std::fs::write(bare.join("notes.txt"), "not PEM").unwrap();
    std::fs::write(bare.join("ca.pem"), authority.pem()).unwrap();
    assert!(dialer(&lines).is_ok());
    let lines = "SocketUseSSL=Y\nCertificationAuthoritiesDirectory=/nowhere";
    refused(dialer(lines), &["CertificationAuthoritiesDirectory=/nowhere: cannot be read"]);
}

#[test]
fn a_revocation_list_that_is_none_or_is_broken() {
    let authority = Authority::new("exchange");
    let trusted = authority.trusted();
    let lines = format!("{trusted}\nCertificateRevocationListFile={}", authority.file("ca.crt").display());
    refused(dialer(&lines), &["CertificateRevocationListFile=", "holds no revocation list"]);
    let broken = authority.write("broken.crl", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
    let lines = format!("{trusted}\nCertificateRevocationListFile={}", broken.display());
    refused(dialer(&lines), &["CertificateRevocationList"]);
}

#[test]
fn suites_and_versions_that_leave_nothing() {
    let authority = Authority::new("exchange");
    let lines = format!(
        "{}\nSocketMinimumTLSVersion=TLS13\nSSLCipherSuite=ECDHE-RSA-AES256-GCM-SHA384",
        authority.trusted()
    );
    refused(dialer(&lines), &["CipherSuites and SSLProtocols: "]);
}

#[test]
fn a_server_name_that_is_none() {
    let authority = Authority::new("exchange");
    let lines = format!("{}\nSocketServerName=fix..example", authority.trusted());
    refused(dialer(&lines), &["fix..example", "write e.g. SocketServerName=fix.example.com"]);
}
