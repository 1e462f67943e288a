//! Whom a board believes over TLS, of the same keys of a `.cfg` as the host goes by; what it cannot do of them is refused.

use std::{fmt::Write as _, net::Ipv4Addr};

use crate::{
    config::{ConfigProblem, Pem, Role, SessionSettings, Source, TlsSettings, TrustAnchors},
    net::tls::{Key, Material, material},
};

/// The most authorities that a board trusts: `fix_embedded::config::MAX_ROOTS`.
const MOST_ROOTS: usize = 8;
/// The longest certificate that a board can show: it goes out in one record, with a little more.
const LONGEST: usize = 1_300;
/// The suite that a board has.
const SUITE: &str = "TLS_AES_128_GCM_SHA256";

/// `fix_embedded::config::TlsRules`, and the key that is provisioned.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BoardTls {
    server_name: String,
    /// DER.
    roots: Vec<Vec<u8>>,
    /// DER, or nothing.
    certificate: Vec<u8>,
    /// The number of the certificate's key, which is of ECDSA over P-256.
    key: Option<[u8; 32]>,
}

impl BoardTls {
    /// What the session's keys of TLS say; `None` where it has none.
    ///
    /// # Errors
    /// What a board cannot do of them, and what is wrong with a file.
    pub fn new(settings: &SessionSettings) -> Result<Option<Self>, Vec<ConfigProblem>> {
        let Some(tls) = &settings.tls else { return Ok(None) };
        let mut refused = refused(settings, tls);
        let found = match material(tls) {
            Ok(found) => found,
            Err(error) => {
                // The text begins with the place, and that with the key.
                let key = error.place().split(['=', ' ']).next().unwrap_or_default();
                let (origin, _) = written(settings, &[key]);
                refused.push(ConfigProblem { origin, key: None, text: error.to_string() });
                return Err(refused);
            }
        };
        refused.extend(refused_material(settings, tls, &found));
        if !refused.is_empty() {
            return Err(refused);
        }
        Ok(Some(BoardTls {
            server_name: tls.server_name.clone().unwrap_or_default(),
            roots: found.authorities.into_iter().map(|authority| authority.der).collect(),
            certificate: found.chain.into_iter().next().unwrap_or_default(),
            key: match found.key {
                Some(Key::P256(number)) => Some(number),
                Some(Key::Other) | None => None,
            },
        }))
    }

    /// Some that no file says.
    #[cfg(test)]
    pub(super) fn example() -> Self {
        let (roots, certificate) = (vec![vec![48, 1, 2], vec![48; 30]], vec![48, 3]);
        BoardTls { server_name: "fix.venue.example".to_owned(), roots, certificate, key: Some([7; 32]) }
    }

    /// Whether there is a key, which is a secret of the board.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The key, for the board's flash.
    pub(super) fn key(&self) -> Option<&[u8; 32]> {
        self.key.as_ref()
    }

    /// The consts of the certificates, for [`of_gateway`](Self::of_gateway).
    pub(super) fn consts(&self) -> String {
        let mut out = String::new();
        for (index, root) in self.roots.iter().enumerate() {
            let _ = writeln!(
                out,
                "/// An authority that is trusted, DER.\n{}",
                bytes(&format!("ROOT_{index}"), root)
            );
        }
        if !self.certificate.is_empty() {
            let what = "/// What the board shows, DER. Its key is a secret of the board: see --provision.";
            let _ = writeln!(out, "{what}\n{}", bytes("CERTIFICATE", &self.certificate));
        }
        out
    }

    /// The line of the gateway.
    pub(super) fn of_gateway(&self) -> String {
        let roots: Vec<String> = (0..self.roots.len()).map(|index| format!("ROOT_{index}")).collect();
        format!(
            "    tls: Some(TlsRules {{ server_name: {:?}, roots: &[{}], certificate: {} }}),\n",
            self.server_name,
            roots.join(", "),
            if self.certificate.is_empty() { "&[]" } else { "CERTIFICATE" }
        )
    }
}

fn bytes(name: &str, bytes: &[u8]) -> String {
    let mut out = format!("const {name}: &[u8] = &[\n");
    for line in bytes.chunks(24) {
        let line: Vec<String> = line.iter().map(u8::to_string).collect();
        let _ = writeln!(out, "    {},", line.join(", "));
    }
    out.push_str("];\n");
    out
}

/// Keys that say whom to trust.
const FILES: &[&str] = &["SocketCAFile", "SocketCABytes", "CertificationAuthoritiesDirectory"];
/// Keys of our own certificate.
const OWN_FILES: &[&str] =
    &["SocketCertificateFile", "ClientCertificateFile", "SSLCertificate", "SocketCertificateBytes"];
/// Keys of its private key.
const OWN_KEYS: &[&str] = &["SocketPrivateKeyFile", "ClientCertificateKeyFile", "SocketPrivateKeyBytes"];

/// The first of these keys that a line sets, and that line; else that of TLS.
fn written(settings: &SessionSettings, names: &[&str]) -> (crate::config::Origin, Option<String>) {
    let line = names.iter().chain(&["SocketUseSSL"]).find_map(|name| {
        let one = settings.effective.iter().find(|one| one.key == *name)?;
        match &one.source {
            Source::Session(origin) | Source::Default(origin) => {
                Some((origin.clone(), Some(one.key.clone())))
            }
            _ => None,
        }
    });
    line.unwrap_or_else(|| (settings.origin.clone(), None))
}

/// What the keys ask for and a board has not.
fn refused(settings: &SessionSettings, tls: &TlsSettings) -> Vec<ConfigProblem> {
    let mut refused = Vec::new();
    let mut refuse = |names: &[&str], text: &str| {
        let (origin, key) = written(settings, names);
        refused.push(ConfigProblem { origin, key, text: text.to_owned() });
    };
    match &tls.trust_anchors {
        TrustAnchors::Authorities { directory: None, .. } => {}
        TrustAnchors::Authorities { .. } => refuse(
            &["CertificationAuthoritiesDirectory"],
            "a board trusts at most 8 authorities: name those of the venue by SocketCAFile",
        ),
        TrustAnchors::System | TrustAnchors::None => refuse(
            &["SocketUseSSL"],
            "a board does not know the authorities of this system: name those of the venue by SocketCAFile",
        ),
        TrustAnchors::Anyone => refuse(
            &["SocketInsecureSkipVerify", "SSLValidateCertificates"],
            "a board always verifies the venue's certificate: remove the line",
        ),
    }
    if !tls.versions.tls13 {
        let names = ["SSLProtocols", "SocketMinimumTLSVersion"];
        refuse(&names, "leaves out TLS 1.3, and a board has no other: add it, or use stunnel");
    }
    if tls.cipher_suites.as_ref().is_some_and(|suites| suites.iter().all(|suite| suite.name != SUITE)) {
        let names = ["TLSCipherSuites", "CipherSuites", "SSLCipherSuite"];
        refuse(&names, &format!("leaves out {SUITE}, and a board has no other: add it, or remove the line"));
    }
    if tls.revocation_list_file.is_some() || tls.revocation_list_directory.is_some() {
        let names = ["CertificateRevocationListFile", "CertificateRevocationListDirectory"];
        refuse(&names, "a board looks at no revocation list: remove the line, or use stunnel");
    }
    if !tls.use_sni && !is_address(settings, tls) {
        refuse(&["UseSNI"], "a board always sends the server's name: remove the line, or use stunnel");
    }
    refused
}

/// An address is not sent as a name (RFC 6066, 3).
fn is_address(settings: &SessionSettings, tls: &TlsSettings) -> bool {
    let is_address = |name: &str| name.parse::<Ipv4Addr>().is_ok();
    match (&tls.server_name, &settings.role) {
        (Some(name), _) => is_address(name),
        (None, Role::Initiator(initiator)) => initiator.hosts.iter().all(|host| is_address(&host.host)),
        (None, Role::Acceptor(_)) => false,
    }
}

/// What a board cannot use of the certificates and keys.
fn refused_material(settings: &SessionSettings, tls: &TlsSettings, found: &Material) -> Vec<ConfigProblem> {
    let mut refused = Vec::new();
    let mut refuse = |names: &[&str], text: String| {
        let (origin, key) = written(settings, names);
        refused.push(ConfigProblem { origin, key, text });
    };
    let by_name = matches!(&tls.trust_anchors, TrustAnchors::Authorities { directory: None, .. });
    let authorities = if by_name { found.authorities.as_slice() } else { &[] };
    if authorities.len() > MOST_ROOTS {
        let count = authorities.len();
        refuse(
            FILES,
            format!("names {count} authorities; a board trusts at most {MOST_ROOTS}: keep the venue's alone"),
        );
    }
    if let (1.., Some(place)) =
        (authorities.len(), authorities.iter().position(|authority| !authority.is_ecdsa))
    {
        let which = place + 1;
        refuse(
            FILES,
            format!(
                "certificate {which} has a key of RSA or another kind; a board verifies ECDSA P-256 and P-384: ask the venue \
                 for an authority of those, or use stunnel"
            ),
        );
    }
    if found.chain.len() > 1 {
        let text = "holds more than one certificate; a board shows its own alone: keep the first one in a file of its own, if \
            the venue knows who issued it";
        refuse(OWN_FILES, text.to_owned());
    }
    if let Some(own) = found.chain.first().filter(|own| own.len() > LONGEST) {
        let len = own.len();
        refuse(
            OWN_FILES,
            format!("is a certificate of {len} bytes; a board can show one of at most {LONGEST}"),
        );
    }
    if let Some(Key::Other) = found.key {
        let text = "is no ECDSA key over P-256, and a board signs with no other. Make one: openssl ecparam -name prime256v1 -genkey \
            -noout -out board.key; and have the certificate issued for it";
        let names =
            if matches!(tls.private_key, Some(Pem::File(_) | Pem::Text(_))) { OWN_KEYS } else { OWN_FILES };
        refuse(names, text.to_owned());
    }
    refused
}
