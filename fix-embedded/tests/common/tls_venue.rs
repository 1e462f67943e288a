//! A venue's TLS: rustls, with certificates that the test issues, and with faults that it asks for.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::{io::Read, sync::Arc};

use fix_embedded::tls::SigningKey;
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SignatureAlgorithm,
};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};

use crate::world::Between;

pub type Chain = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Who issues certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, and those above it without the root.
    certificate: CertificateDer<'static>,
    above: Vec<CertificateDer<'static>>,
}

fn authority(name: &str) -> CertificateParams {
    let mut params = dated(CertificateParams::default());
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn dated(mut params: CertificateParams) -> CertificateParams {
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 12, 31);
    params
}

/// A server's certificate.
pub fn leaf(name: &str) -> CertificateParams {
    let mut params = dated(CertificateParams::new([name.to_owned()]).unwrap());
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

pub fn self_signed(name: &str) -> Chain {
    let key = KeyPair::generate().unwrap();
    let certificate = leaf(name).self_signed(&key).unwrap();
    (vec![certificate.der().clone()], private(&key))
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

/// The same key, as a board has it: the number of 32 bytes that stands in PKCS#8 behind the head of the ECPrivateKey.
pub fn signing_key(key: &KeyPair) -> SigningKey {
    let der = key.serialize_der();
    let head = [0x02, 0x01, 0x01, 0x04, 0x20];
    let at = der.windows(head.len()).rposition(|bytes| bytes == head).unwrap() + head.len();
    SigningKey::from_slice(&der[at..at + 32]).unwrap()
}

impl Authority {
    pub fn new(algorithm: &'static SignatureAlgorithm) -> Self {
        Self::with_key(KeyPair::generate_for(algorithm).unwrap())
    }

    pub fn with_key(key: KeyPair) -> Self {
        let params = authority("a root");
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Authority { issuer: Issuer::new(params, key), certificate, above: Vec::new() }
    }

    pub fn roots(&self) -> &'static [&'static [u8]] {
        vec![&*self.certificate.to_vec().leak()].leak()
    }

    fn below(&self, params: CertificateParams, key: KeyPair) -> Authority {
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let above = vec![certificate.clone()];
        Authority { issuer: Issuer::new(params, key), certificate, above }
    }

    pub fn between(&self, algorithm: &'static SignatureAlgorithm) -> Authority {
        self.below(authority("one between"), KeyPair::generate_for(algorithm).unwrap())
    }

    /// Who has a server's certificate and issues others with its key.
    pub fn leaf_as_authority(&self, name: &str) -> Authority {
        let mut params = leaf(name);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        self.below(params, KeyPair::generate().unwrap())
    }

    pub fn issue(&self, params: CertificateParams, key: &KeyPair) -> Chain {
        let mut chain = vec![params.signed_by(key, &self.issuer).unwrap().der().clone()];
        chain.extend(self.above.iter().cloned());
        (chain, private(key))
    }

    pub fn issue_client(&self, key: &KeyPair) -> Chain {
        let mut params = dated(CertificateParams::new(["board.example".to_owned()]).unwrap());
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params, key)
    }
}

/// What goes wrong at the server's end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    Nothing,
    /// Some bytes at a time.
    Drip,
    /// The connection is cut behind so many bytes.
    CutAt(usize),
    /// A bit of that byte is another one.
    Flip(usize),
    /// What the venue says comes in one large record.
    Padded,
    /// Behind the handshake comes a ServerHello in the clear.
    ClearAfterwards,
    /// Behind the Logon comes a close_notify.
    CloseNotify,
}

pub struct Server {
    config: Arc<ServerConfig>,
    tls: Option<ServerConnection>,
    sent: usize,
    twist: Twist,
    turns: usize,
    pending: Vec<u8>,
}

impl Server {
    pub fn new((chain, key): Chain, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_protocol_versions(versions).unwrap().with_no_client_auth();
        Self::of(builder.with_single_cert(chain, key).unwrap())
    }

    /// A server that wants a certificate of that authority.
    pub fn demanding((chain, key): Chain, authority: &Authority) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate.clone()).unwrap();
        let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(clients.build().unwrap());
        Self::of(builder.with_single_cert(chain, key).unwrap())
    }

    pub fn twisted(self, twist: Twist) -> Self {
        Server { twist, ..self }
    }

    fn of(config: ServerConfig) -> Self {
        let config = Arc::new(config);
        Server { config, tls: None, sent: 0, twist: Twist::Nothing, turns: 0, pending: Vec::new() }
    }

    /// Bytes for the board, as the twist has them; false where the connection is cut.
    fn let_through(&mut self, back: &mut Vec<u8>) -> bool {
        let before = self.sent;
        let most = match self.twist {
            Twist::Drip => 7 * usize::from(self.turns.is_multiple_of(3) && back.is_empty()),
            _ => self.pending.len(),
        };
        let mut bytes: Vec<u8> = self.pending.drain(..most.min(self.pending.len())).collect();
        self.sent += bytes.len();
        match self.twist {
            Twist::Flip(at) if (before..self.sent).contains(&at) => bytes[at - before] ^= 1,
            Twist::CutAt(at) if self.sent >= at => {
                bytes.truncate(at.saturating_sub(before));
                back.extend(bytes);
                return false;
            }
            _ => {}
        }
        back.extend(bytes);
        true
    }
}

impl Between for Server {
    fn connected(&mut self) {
        self.tls = Some(ServerConnection::new(self.config.clone()).unwrap());
        (self.sent, self.turns) = (0, 0);
        self.pending.clear();
    }

    fn turn(
        &mut self,
        (there, back): (&mut Vec<u8>, &mut Vec<u8>),
        plain: (&mut Vec<u8>, &mut Vec<u8>),
    ) -> (bool, bool) {
        self.turns += 1;
        assert!(!there.windows(5).any(|bytes| bytes == b"8=FIX"), "FIX in the clear");
        let Some(tls) = &mut self.tls else { return (false, false) };
        let mut moved = !there.is_empty();
        if !there.is_empty() {
            tls.read_tls(&mut &there[..]).unwrap();
            there.clear();
        }
        let refused = tls.process_new_packets().is_err();
        let before = plain.0.len();
        // It says "would block" where nothing has come.
        let _ = tls.reader().read_to_end(plain.0);
        let said = !plain.1.is_empty();
        if said && self.twist == Twist::Padded && plain.0.is_empty() {
            // A line of garbage that FIX skips, as long as a record may be.
            plain.1.extend(vec![b' '; 12_000]);
        }
        std::io::Write::write_all(&mut tls.writer(), plain.1).unwrap();
        plain.1.clear();
        if said && self.twist == Twist::CloseNotify {
            tls.send_close_notify();
        }
        while tls.wants_write() {
            tls.write_tls(&mut self.pending).unwrap();
        }
        if self.twist == Twist::ClearAfterwards && said {
            self.pending.extend([22, 3, 3, 0, 4, 2, 0, 0, 0]);
        }
        moved |= !self.pending.is_empty() || plain.0.len() > before;
        let lives = self.let_through(back);
        (lives && !(refused && self.pending.is_empty()), moved)
    }
}

/// A server that says some bytes, and closes or not.
pub struct Bytes(pub Vec<u8>, pub bool);

impl Between for Bytes {
    fn connected(&mut self) {}

    fn turn(
        &mut self,
        (there, back): (&mut Vec<u8>, &mut Vec<u8>),
        _plain: (&mut Vec<u8>, &mut Vec<u8>),
    ) -> (bool, bool) {
        assert!(!there.windows(5).any(|bytes| bytes == b"8=FIX"), "FIX in the clear");
        let heard = !there.is_empty();
        there.clear();
        if heard {
            back.extend(&self.0);
        }
        (!(heard && self.1), heard)
    }
}
