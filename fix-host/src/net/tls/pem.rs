//! Certificates, keys and revocation lists from PEM files, directories of them, or the configuration itself.

use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use tokio_rustls::rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer,
    pem::{self, PemObject},
};

use super::{TlsError, TlsProblem};
use crate::config::{Pem, TlsSettings};

/// The system's bundle of all public authorities is a quarter of one MiB.
pub(super) const LARGEST: u64 = 16 << 20;

/// PEM text, and the words that say where it comes from.
pub(super) struct Text {
    pub(super) place: String,
    pub(super) bytes: Vec<u8>,
}

/// Our certificate chain and its key, if the configuration has any.
pub(super) fn identity(
    settings: &TlsSettings,
) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, TlsError> {
    let Some(certificate) = &settings.certificate else { return Ok(None) };
    let text = read(certificate, "SocketCertificateFile", "SocketCertificateBytes")?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text.bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::new(&text.place, error))?;
    if chain.is_empty() {
        return Err(TlsError::new(text.place, TlsProblem::Missing("certificate", "")));
    }
    let key = match &settings.private_key {
        Some(key) => private_key(&read(key, "SocketPrivateKeyFile", "SocketPrivateKeyBytes")?, "")?,
        None => private_key(&text, "; if the key is elsewhere, say so with SocketPrivateKeyFile")?,
    };
    let file = settings.private_key.as_ref().or(settings.certificate.as_ref());
    if let Some(Pem::File(path)) = file {
        warn_if_world_readable(path);
    }
    Ok(Some((chain, key)))
}

fn private_key(text: &Text, hint: &'static str) -> Result<PrivateKeyDer<'static>, TlsError> {
    match PrivateKeyDer::from_pem_slice(&text.bytes) {
        Ok(key) => Ok(key),
        Err(_) if is_encrypted(&text.bytes) => Err(TlsError::new(&text.place, TlsProblem::Encrypted)),
        Err(pem::Error::NoItemsFound) => {
            Err(TlsError::new(&text.place, TlsProblem::Missing("private key", hint)))
        }
        Err(error) => Err(TlsError::new(&text.place, error)),
    }
}

/// PKCS#8 says so in its first line, the older form in a header.
fn is_encrypted(pem: &[u8]) -> bool {
    [b"ENCRYPTED PRIVATE KEY".as_slice(), b"Proc-Type: 4,ENCRYPTED"]
        .iter()
        .any(|mark| pem.windows(mark.len()).any(|window| window == *mark))
}

fn warn_if_world_readable(path: &Path) {
    if fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o004 != 0) {
        tracing::warn!(file = %path.display(), "everyone on this machine can read the private key; chmod o-r it");
    }
}

/// Which certificates the authorities have revoked. Each file named must hold a list: one that is empty by
/// mistake would revoke nothing.
pub(super) fn revocation_lists(
    settings: &TlsSettings,
) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let mut lists = Vec::new();
    if let Some(path) = &settings.revocation_list_file {
        let text = read_file("CertificateRevocationListFile", path)?;
        lists.extend(lists_of(&text)?);
        if lists.is_empty() {
            return Err(TlsError::new(text.place, TlsProblem::Missing("revocation list", "")));
        }
    }
    if let Some(directory) = &settings.revocation_list_directory {
        let key = "CertificateRevocationListDirectory";
        let mut found = Vec::new();
        for text in read_directory(key, directory)? {
            found.extend(lists_of(&text)?);
        }
        if found.is_empty() {
            let problem = TlsProblem::Missing("revocation list", " in at least one of its files");
            return Err(TlsError::new(place(key, directory), problem));
        }
        lists.extend(found);
    }
    Ok(lists)
}

fn lists_of(text: &Text) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    CertificateRevocationListDer::pem_slice_iter(&text.bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::new(&text.place, error))
}

pub(super) fn read(pem: &Pem, file_key: &str, text_key: &str) -> Result<Text, TlsError> {
    match pem {
        Pem::File(path) => read_file(file_key, path),
        Pem::Text(text) => Ok(Text { place: text_key.to_owned(), bytes: text.expose().as_bytes().to_vec() }),
    }
}

fn read_file(key: &str, path: &Path) -> Result<Text, TlsError> {
    let place = place(key, path);
    let mut bytes = Vec::new();
    let count = File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| TlsError::new(&place, error))?;
    if count as u64 > LARGEST {
        return Err(TlsError::new(place, TlsProblem::Large));
    }
    Ok(Text { place, bytes })
}

/// The files of a directory by name; sub-directories are not entered.
pub(super) fn read_directory(key: &str, directory: &Path) -> Result<Vec<Text>, TlsError> {
    let paths: std::io::Result<Vec<PathBuf>> =
        fs::read_dir(directory).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths = paths.map_err(|error| TlsError::new(place(key, directory), error))?;
    paths.sort();
    // A dangling link of /etc/ssl/certs is not a file either.
    paths.into_iter().filter(|path| path.is_file()).map(|path| read_file(key, &path)).collect()
}

pub(super) fn place(key: &str, path: &Path) -> String {
    format!("{key}={}", path.display())
}
