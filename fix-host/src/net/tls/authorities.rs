//! Who vouches for the counterparty: authorities, and single certificates.

use tokio_rustls::rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{
    TlsError, TlsProblem,
    pem::{Text, place, read, read_directory},
};
use crate::config::{TlsSettings, TrustAnchors};

/// Whom the configuration trusts; nobody, if nobody has to be.
pub(super) struct Trusted {
    pub(super) roots: RootCertStore,
    /// The certificates that the configuration itself names. An authority among them is harmless here: it shows
    /// its own certificate only if it is the counterparty.
    pub(super) pinned: Vec<CertificateDer<'static>>,
}

/// Reads what `SocketCAFile` and its like name, else what the system trusts.
pub(super) fn trusted(settings: &TlsSettings) -> Result<Trusted, TlsError> {
    let mut trusted = Trusted { roots: RootCertStore::empty(), pinned: Vec::new() };
    let (pem, directory) = match &settings.trust_anchors {
        TrustAnchors::Authorities { pem, directory } => (pem, directory),
        TrustAnchors::System => return Ok(Trusted { roots: of_the_system()?, ..trusted }),
        TrustAnchors::None | TrustAnchors::Anyone => return Ok(trusted),
    };
    if let Some(pem) = pem {
        let text = read(pem, "SocketCAFile", "SocketCABytes")?;
        let found = certificates(&text)?;
        let (added, ignored) = trusted.add(found);
        if ignored > 0 {
            tracing::warn!(place = text.place, ignored, "holds certificates that cannot be an authority");
        }
        if added == 0 {
            return Err(TlsError::new(text.place, TlsProblem::Missing("certificate of an authority", "")));
        }
    }
    if let Some(directory) = directory {
        let key = "CertificationAuthoritiesDirectory";
        let mut added = 0;
        for text in read_directory(key, directory)? {
            let found = CertificateDer::pem_slice_iter(&text.bytes).filter_map(Result::ok).collect();
            added += trusted.add(found).0;
        }
        if added == 0 {
            let problem = TlsProblem::Missing("certificate of an authority", " in at least one of its files");
            return Err(TlsError::new(place(key, directory), problem));
        }
    }
    Ok(trusted)
}

impl Trusted {
    /// How many were added, and how many could not be.
    fn add(&mut self, found: Vec<CertificateDer<'static>>) -> (usize, usize) {
        self.pinned.extend(found.iter().cloned());
        self.roots.add_parsable_certificates(found)
    }
}

/// PEM, or the one certificate of a DER file (`.cer` of Windows).
fn certificates(text: &Text) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    // A SEQUENCE (X.690), which no PEM text starts with.
    if text.bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(text.bytes.clone())]);
    }
    CertificateDer::pem_slice_iter(&text.bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::new(&text.place, error))
}

fn of_the_system() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        let text = format!(
            "is not set, and this system has no authorities{why}; install them (Debian: ca-certificates), or \
             write e.g. SocketCAFile=tls/venue-ca.pem"
        );
        return Err(TlsError::new("SocketCAFile", TlsProblem::Refused(text)));
    }
    tracing::debug!(added, "the authorities of the system are trusted");
    Ok(roots)
}
