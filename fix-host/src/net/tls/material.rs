//! What an initiator's TLS is made of, as bytes for a program that is not this one: a board.

use tokio_rustls::rustls::{
    Error, InconsistentKeys, RootCertStore, SignatureScheme,
    crypto::ring::sign::any_supported_type,
    pki_types::{AlgorithmIdentifier, CertificateDer, PrivateKeyDer, alg_id},
    sign::CertifiedKey,
};

use super::{TlsError, TlsProblem, authorities::trusted, pem::identity};
use crate::config::TlsSettings;

/// Certificates and key.
pub struct Material {
    /// Authorities that are trusted.
    pub authorities: Vec<Authority>,
    /// Our certificate, and those between it and its root; DER.
    pub chain: Vec<Vec<u8>>,
    /// Its key.
    pub key: Option<Key>,
}

/// A certificate that vouches for the counterparty's.
pub struct Authority {
    /// DER.
    pub der: Vec<u8>,
    /// Its key is one of ECDSA over P-256 or P-384.
    pub is_ecdsa: bool,
}

/// A private key.
pub enum Key {
    /// Of ECDSA over P-256: its number, big-endian.
    P256([u8; 32]),
    /// Another one.
    Other,
}

/// Reads the files of an initiator.
///
/// # Errors
/// What is wrong with which key or file.
pub fn material(settings: &TlsSettings) -> Result<Material, TlsError> {
    let authorities = trusted(settings)?.pinned.into_iter().filter_map(authority).collect();
    let Some((chain, key)) = identity(settings)? else {
        return Ok(Material { authorities, chain: Vec::new(), key: None });
    };
    let key = checked(&chain, &key)?;
    let chain = chain.iter().map(|certificate| certificate.to_vec()).collect();
    Ok(Material { authorities, chain, key: Some(key) })
}

/// `None` for what is no authority; who reads the files warns of those.
fn authority(der: CertificateDer<'static>) -> Option<Authority> {
    let mut store = RootCertStore::empty();
    store.add(der.clone()).ok()?;
    let key = &store.roots.first()?.subject_public_key_info;
    let is_ecdsa = [alg_id::ECDSA_P256, alg_id::ECDSA_P384].iter().any(|algorithm| is_of(key, algorithm));
    Some(Authority { der: der.to_vec(), is_ecdsa })
}

/// A SubjectPublicKeyInfo without its head (RFC 5280, 4.1) begins with the algorithm, a SEQUENCE.
fn is_of(key: &[u8], algorithm: &AlgorithmIdentifier) -> bool {
    let Some(([0x30, len], behind)) = key.split_first_chunk::<2>() else { return false };
    behind.get(..usize::from(*len)) == Some(algorithm.as_ref())
}

/// The key, if it is that of the certificate.
fn checked(chain: &[CertificateDer<'static>], key: &PrivateKeyDer<'static>) -> Result<Key, TlsError> {
    const PLACE: &str = "SocketCertificateFile and SocketPrivateKeyFile";
    let signing = any_supported_type(key).map_err(|error| TlsError::refused(PLACE, &error))?;
    let is_p256 = signing.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]).is_some();
    match CertifiedKey::new(chain.to_vec(), signing).keys_match() {
        // It cannot be told.
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
        Err(error) => return Err(TlsError::refused(PLACE, &error)),
    }
    if !is_p256 {
        return Ok(Key::Other);
    }
    number(key.secret_der()).map(Key::P256).ok_or_else(|| {
        let text = "the private key is written in an unusual way. Write it anew once: openssl pkey -in FILE -out key.pem";
        TlsError::new("SocketPrivateKeyFile", TlsProblem::Refused(text.to_owned()))
    })
}

/// The number of an ECPrivateKey (RFC 5915), which stands in PKCS#8, too, behind its version and its own head. That these
/// are a key has been checked before.
fn number(der: &[u8]) -> Option<[u8; 32]> {
    const HEAD: [u8; 5] = [0x02, 0x01, 0x01, 0x04, 0x20];
    let at = der.windows(HEAD.len()).position(|bytes| bytes == HEAD)? + HEAD.len();
    der.get(at..at + 32)?.try_into().ok()
}
