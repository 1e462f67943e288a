//! TLS, gathered from the keys of four dialects. Asked for and not possible is an error, never plain TCP.

use std::path::PathBuf;

use super::tls_text::{CipherSuite, TlsVersions, minimum_version, suites, versions};
use crate::config::reader::Reader;
use crate::config::secret::Secret;

/// How a connection is encrypted, and who has to prove what.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsSettings {
    /// Our certificate and its chain; an acceptor always has one.
    pub certificate: Option<Pem>,
    /// Our private key; `None` with a certificate means that it is in the same PEM.
    pub private_key: Option<Pem>,
    /// Who vouches for the counterparty.
    pub trust_anchors: TrustAnchors,
    /// Initiator: the name the server must prove; `None` is the host connected to.
    pub server_name: Option<String>,
    /// Initiator: the name is sent in the ClientHello.
    pub use_sni: bool,
    /// Acceptor: what is asked of clients.
    pub client_auth: ClientAuth,
    /// The versions to offer; at least one.
    pub versions: TlsVersions,
    /// The suites to offer; `None` is all that are safe.
    pub cipher_suites: Option<Vec<CipherSuite>>,
    /// PEM files of certificates revoked.
    pub revocation_list_file: Option<PathBuf>,
    /// A directory of such files.
    pub revocation_list_directory: Option<PathBuf>,
}

/// Where PEM text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pem {
    /// In this file.
    File(PathBuf),
    /// In the configuration itself.
    Text(Secret),
}

/// Who vouches for the counterparty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustAnchors {
    /// The certificates of a PEM, of a directory of PEM files, or both; at least one.
    Authorities {
        /// A PEM.
        pem: Option<Pem>,
        /// A directory.
        directory: Option<PathBuf>,
    },
    /// Nobody has to, because no certificate is asked for (an acceptor without client certificates).
    None,
    /// Anybody is believed: `SocketInsecureSkipVerify=Y`.
    Anyone,
}

/// What an acceptor asks of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// No certificate.
    None,
    /// A certificate is verified if there is one.
    Optional,
    /// No connection without a valid certificate.
    Required,
}

/// What switches TLS on by being there (QuickFIX/Go and C++ have no other switch).
const MATERIAL: [&str; 8] = [
    "SocketCertificateFile",
    "SocketCertificateBytes",
    "SocketPrivateKeyFile",
    "SocketPrivateKeyBytes",
    "SocketCAFile",
    "SocketCABytes",
    "CertificationAuthoritiesDirectory",
    "SSLCertificate",
];

impl TlsSettings {
    pub(super) fn read(reader: &mut Reader<'_>, is_acceptor: bool) -> Option<Self> {
        let own: [&str; 2] = if is_acceptor {
            ["ServerCertificateFile", "ServerCertificateKeyFile"]
        } else {
            ["ClientCertificateFile", "ClientCertificateKeyFile"]
        };
        if !asked_for(reader, &own) {
            return None;
        }
        let certificate =
            one_of(reader, &["SocketCertificateFile", own[0], "SSLCertificate"], "SocketCertificateBytes");
        let private_key = one_of(reader, &["SocketPrivateKeyFile", own[1]], "SocketPrivateKeyBytes");
        check_own_certificate(reader, is_acceptor, certificate.as_ref(), private_key.as_ref());
        let client_auth = if is_acceptor { client_auth(reader) } else { ClientAuth::None };
        let trust_anchors = trust_anchors(reader, is_acceptor, client_auth);
        let settings = TlsSettings {
            certificate,
            private_key,
            trust_anchors,
            server_name: if is_acceptor { None } else { reader.get("SocketServerName") },
            use_sni: is_acceptor || reader.value("UseSNI"),
            client_auth,
            versions: tls_versions(reader),
            cipher_suites: cipher_suites(reader),
            revocation_list_file: reader.get("CertificateRevocationListFile"),
            revocation_list_directory: reader.get("CertificateRevocationListDirectory"),
        };
        if !is_acceptor {
            check_endpoint_identification(reader);
        }
        check_revocation(reader, &settings);
        Some(settings)
    }
}

fn asked_for(reader: &mut Reader<'_>, own: &[&'static str]) -> bool {
    let switch: Option<bool> = reader.get("SocketUseSSL");
    let material = own.iter().chain(&MATERIAL).copied().find(|name| reader.is_set(name));
    match (switch, material) {
        (Some(on), _) => on,
        (None, Some(name)) => {
            reader.warn(
                name,
                "switches TLS on; write SocketUseSSL=Y to say so, or SocketUseSSL=N for plain TCP",
            );
            true
        }
        (None, None) => false,
    }
}

/// The PEM that one of several keys names; two that are set are a contradiction.
fn one_of(reader: &mut Reader<'_>, files: &[&'static str], text: &'static str) -> Option<Pem> {
    let mut found: Option<Pem> = None;
    for name in files.iter().copied().chain([text]) {
        let pem =
            if name == text { reader.get(name).map(Pem::Text) } else { reader.get(name).map(Pem::File) };
        match (&found, pem) {
            (Some(other), Some(pem)) if *other != pem => {
                reader.error(name, "is set beside another key of the same meaning; keep one of them");
            }
            (_, Some(pem)) => found = Some(pem),
            (_, None) => {}
        }
    }
    found
}

fn check_own_certificate(
    reader: &mut Reader<'_>,
    is_acceptor: bool,
    certificate: Option<&Pem>,
    private_key: Option<&Pem>,
) {
    if let Some(Pem::File(path)) = certificate
        && path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("pfx") || end.eq_ignore_ascii_case("p12"))
    {
        let name = if reader.is_set("SSLCertificate") { "SSLCertificate" } else { "SocketCertificateFile" };
        let text = "is a PKCS#12 file, and only PEM is read. Convert it once: \
            openssl pkcs12 -in FILE.pfx -out keys.pem -nodes";
        reader.error(name, text);
    }
    match (certificate, private_key) {
        (None, Some(_)) => {
            reader
                .error("SocketCertificateFile", "is missing: a private key is set, but no certificate to it");
        }
        (None, None) if is_acceptor => {
            let text = "is missing: TLS is asked for, and an acceptor cannot do it without a certificate; \
                write e.g. SocketCertificateFile=tls/exchange.crt and SocketPrivateKeyFile=tls/exchange.key";
            reader.error("SocketCertificateFile", text);
        }
        _ => {}
    }
}

fn client_auth(reader: &mut Reader<'_>) -> ClientAuth {
    let level: Option<u32> = reader.get("CertificateVerifyLevel");
    let demands: [Option<bool>; 2] =
        [reader.get("NeedClientAuth"), reader.get("SSLRequireClientCertificate")];
    let authority = ["SocketCAFile", "SocketCABytes"].iter().any(|name| reader.is_set(name));
    match level {
        _ if demands.contains(&Some(true)) => ClientAuth::Required,
        Some(2) => ClientAuth::Required,
        Some(1 | 3) => ClientAuth::Optional,
        Some(_) => ClientAuth::None,
        // Go and .NET: an acceptor that is given an authority demands certificates of it.
        None if authority && !demands.contains(&Some(false)) => ClientAuth::Required,
        None => ClientAuth::None,
    }
}

fn trust_anchors(reader: &mut Reader<'_>, is_acceptor: bool, client_auth: ClientAuth) -> TrustAnchors {
    let skip: bool = reader.value("SocketInsecureSkipVerify");
    let validate: bool = reader.value("SSLValidateCertificates");
    let pem = one_of(reader, &["SocketCAFile"], "SocketCABytes");
    let directory: Option<PathBuf> = reader.get("CertificationAuthoritiesDirectory");
    let asks = !is_acceptor || client_auth != ClientAuth::None;
    let blame = if skip { "SocketInsecureSkipVerify" } else { "SSLValidateCertificates" };
    if skip || !validate {
        if client_auth == ClientAuth::Required {
            reader.error(blame, "contradicts the client certificate that is demanded; remove one of them");
        } else if !is_acceptor {
            reader.warn(blame, "lets anyone pretend to be the server; use it for tests only");
        }
        return if is_acceptor { TrustAnchors::None } else { TrustAnchors::Anyone };
    }
    if !asks {
        return TrustAnchors::None;
    }
    if pem.is_none() && directory.is_none() && !reader.is_set("SocketCAFile") {
        let text = "is missing: TLS is asked for, and nothing says whom to trust; write e.g. \
            SocketCAFile=/etc/ssl/certs/ca-certificates.crt for the public authorities";
        reader.error("SocketCAFile", text);
    }
    TrustAnchors::Authorities { pem, directory }
}

fn tls_versions(reader: &mut Reader<'_>) -> TlsVersions {
    let mut chosen = TlsVersions::ALL;
    for (name, parse) in
        [("SSLProtocols", versions as fn(&str) -> _), ("SocketMinimumTLSVersion", minimum_version)]
    {
        let Some(text) = reader.get::<String>(name) else { continue };
        match parse(&text) {
            Ok(versions) => chosen = chosen.and(versions),
            Err(why) => reader.error(name, why),
        }
    }
    if chosen.is_empty() {
        reader.error("SocketMinimumTLSVersion", "and SSLProtocols leave no version to offer");
    }
    chosen
}

fn cipher_suites(reader: &mut Reader<'_>) -> Option<Vec<CipherSuite>> {
    let mut chosen: Option<Vec<CipherSuite>> = None;
    for name in ["CipherSuites", "SSLCipherSuite", "TLSCipherSuites"] {
        let Some(text) = reader.get::<String>(name) else { continue };
        let (suites, unknown) = suites(&text);
        if !unknown.is_empty() {
            let unknown = unknown.join(", ").escape_debug().to_string();
            reader.warn(
                name,
                format!("names suites that are not offered because they are not safe: {unknown}"),
            );
        }
        if suites.is_empty() {
            let text = "leaves no suite to offer; write e.g. TLS_AES_256_GCM_SHA384, or remove the line";
            reader.error(name, text);
        }
        chosen.get_or_insert_default().extend(suites);
    }
    chosen
}

/// Java verifies the server's name only when asked; here it is verified whenever the certificate is.
fn check_endpoint_identification(reader: &mut Reader<'_>) {
    let Some(text) = reader.get::<String>("EndpointIdentificationAlgorithm") else { return };
    if !["HTTPS", "LDAPS"].iter().any(|known| text.eq_ignore_ascii_case(known)) {
        reader.error("EndpointIdentificationAlgorithm", "is neither HTTPS nor LDAPS; remove the line");
    }
}

fn check_revocation(reader: &mut Reader<'_>, settings: &TlsSettings) {
    let asked: Option<bool> = reader.get("SSLCheckCertificateRevocation");
    let has_list = settings.revocation_list_file.is_some() || settings.revocation_list_directory.is_some();
    if asked == Some(true) && !has_list {
        let text = "needs CertificateRevocationListFile or CertificateRevocationListDirectory: \
            nothing is fetched from the net";
        reader.error("SSLCheckCertificateRevocation", text);
    }
}
