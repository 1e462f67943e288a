//! TLS, gathered from the keys of four dialects. Asked for and not possible is an error, never plain TCP.

use std::path::{Path, PathBuf};

use super::tls_text::{CipherSuite, TlsVersions, all_suites, minimum_version, suites, versions};
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
    /// Those of the system: an initiator that names none.
    System,
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
        refuse_pkcs12(reader);
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

/// The keys that may name a PKCS#12 file, as .NET and Java have them.
const MAY_BE_PKCS12: [&str; 3] = ["SSLCertificate", "SocketCertificateFile", "SocketCAFile"];

fn pkcs12(reader: &mut Reader<'_>, name: &str) -> Option<PathBuf> {
    let path: PathBuf = reader.silently(|reader| reader.get(name))?;
    let end = path.extension()?;
    let is_pkcs12 = ["pfx", "p12", "pkcs12"].iter().any(|known| end.eq_ignore_ascii_case(known));
    is_pkcs12.then_some(path)
}

/// Whether a certificate is a PKCS#12 file.
pub(super) fn has_pkcs12(reader: &mut Reader<'_>) -> bool {
    MAY_BE_PKCS12.iter().any(|name| pkcs12(reader, name).is_some())
}

/// One error for each such file, with the command that makes PEM of it.
fn refuse_pkcs12(reader: &mut Reader<'_>) {
    for name in MAY_BE_PKCS12 {
        let Some(path) = pkcs12(reader, name) else { continue };
        let (from, to) = (shell(&path), shell(&path.with_extension("pem")));
        let authority = if name == "SocketCAFile" { " -nokeys" } else { "" };
        let text = format!(
            "is a PKCS#12 file, and only PEM is read. Convert it once: openssl pkcs12 -in {from} -out {to} \
             -nodes{authority} (-legacy too, if openssl says that it does not know its algorithm); then write \
             {name}={} and remove its password",
            path.with_extension("pem").display()
        );
        reader.error(name, text);
    }
}

/// A path as one word of a shell.
fn shell(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
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
        if !is_acceptor {
            let text = "is not set: the authorities that this system trusts are trusted; to trust others, \
                        write e.g. SocketCAFile=tls/venue-ca.pem";
            reader.warn("SocketCAFile", text);
            return TrustAnchors::System;
        }
        let text = "is missing: client certificates are asked for, and nothing says whose authority to trust; \
                    write e.g. SocketCAFile=tls/clients-ca.pem";
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
        let unknown = unknown.join(", ").escape_debug().to_string();
        if suites.is_empty() {
            let named = if unknown.is_empty() { String::new() } else { format!(" ({unknown} are not safe)") };
            let text = format!(
                "leaves no suite to offer{named}; remove the line, or write some of: {}",
                all_suites(name == "SSLCipherSuite")
            );
            reader.error(name, text);
        } else if !unknown.is_empty() {
            let text = format!("names suites that are not offered because they are not safe: {unknown}");
            reader.warn(name, text);
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
