//! Authorities and certificates made for one test, as PEM files in a directory that goes with them.

use std::{fs, path::PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
    date_time_ymd,
};

/// An authority, and the directory of all that it issues.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: tempfile::TempDir,
    name: &'static str,
}

/// A certificate and its key, each in a file.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Identity {
    /// The configuration that shows this certificate.
    pub(crate) fn lines(&self) -> String {
        let (certificate, key) = (self.certificate.display(), self.key.display());
        format!("SocketCertificateFile={certificate}\nSocketPrivateKeyFile={key}")
    }
}

impl Authority {
    pub(crate) fn new(name: &'static str) -> Self {
        let mut params = named(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("ca.crt"), issuer.pem()).unwrap();
        Authority { issuer, directory, name }
    }

    /// The path of a file in this authority's directory.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file into this authority's directory.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.file(name), content).unwrap();
        self.file(name)
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// The configuration that trusts this authority.
    pub(crate) fn trusted(&self) -> String {
        format!("SocketCAFile={}", self.file("ca.crt").display())
    }

    /// A server's certificate, valid now, for one name.
    pub(crate) fn server(&self, name: &str) -> Identity {
        self.issue(name, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth])
    }

    /// A client's certificate, valid now.
    pub(crate) fn client(&self, name: &str) -> Identity {
        self.issue(name, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth])
    }

    pub(crate) fn expired(&self, name: &str) -> Identity {
        self.issue(name, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    }

    pub(crate) fn with_serial(&self, name: &str, serial: u64) -> Identity {
        self.issue(name, |params| params.serial_number = Some(SerialNumber::from(serial)))
    }

    pub(crate) fn issue(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = named(name, &[name]);
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            certificate: self.write(&format!("{name}.crt"), certificate.pem()),
            key: self.write(&format!("{name}.key"), key.serialize_pem()),
        }
    }

    /// A certificate that its own key has signed; only its files are in this authority's directory.
    pub(crate) fn self_signed(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = named(name, &[name]);
        change(&mut params);
        let certificate = params.self_signed(&key).unwrap();
        Identity {
            certificate: self.write(&format!("self-{name}.crt"), certificate.pem()),
            key: self.write(&format!("self-{name}.key"), key.serialize_pem()),
        }
    }

    /// The configuration with this authority's list of revoked serial numbers, fresh until `year`.
    pub(crate) fn revoked(&self, serials: &[u64], year: i32) -> String {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2024, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(year, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).unwrap().pem().unwrap();
        format!("CertificateRevocationListFile={}", self.write(&format!("{}.crl", self.name), list).display())
    }
}

fn named(common_name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}
