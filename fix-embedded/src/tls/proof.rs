//! The counterparty proves who it is: a certificate of an authority that is trusted, for the name that was asked for, and
//! a signature by its key over this very handshake.
//!
//! embedded-tls 0.19 has verifiers of its own, which are not used: they take any certificate for an authority's, and its
//! handshake ends well for a counterparty that shows no certificate at all. So this one is webpki's, and
//! [`Proof::verified`] is asked after the handshake.

use core::time::Duration;

use digest::Digest;
use embedded_tls::{
    Certificate, CertificateEntryRef, CertificateRef, CertificateVerifyRef, CryptoProvider, CryptoRngCore,
    SignatureScheme, TlsError, TlsVerifier,
};
use heapless::Vec;
use p256::ecdsa::{DerSignature, SigningKey, signature::SignerMut};
use pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use sha2_010::Sha256;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::{ecdsa, fault::Fault, suite::Suite};
use crate::config::MAX_ROOTS;

/// The most bytes of a counterparty's own certificate.
pub(super) const LEAF: usize = 2048;
/// The most certificates of authorities between it and the root.
const BETWEEN: usize = 8;

/// What the counterparty has to prove, and what it has proved.
pub(super) struct Proof<'p> {
    /// Trusted authorities, DER.
    pub(super) roots: &'p [&'p [u8]],
    pub(super) name: &'static str,
    pub(super) now: UnixTime,
    /// Its certificate, for the signature that comes later.
    pub(super) leaf: &'p mut Vec<u8, LEAF>,
    pub(super) stage: Stage,
    pub(super) fault: Option<Fault>,
}

/// How far the proof is.
pub(super) enum Stage {
    Begun,
    /// The certificate is good; the handshake up to it is hashed.
    Certified(Sha256),
    /// Its key has signed that.
    Signed,
}

/// Seconds since 1970, as webpki takes them; a time before that is none.
pub(super) fn moment(unix_seconds: i64) -> Option<UnixTime> {
    Some(UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(unix_seconds).ok()?)))
}

impl Proof<'_> {
    /// What the handshake was worth, though it may have ended well for embedded-tls.
    pub(super) fn verified(&self) -> Result<(), Fault> {
        match (&self.fault, &self.stage) {
            (Some(fault), _) => Err(fault.clone()),
            (None, Stage::Signed) => Ok(()),
            (None, Stage::Begun | Stage::Certified(_)) => Err(Fault::NoProof),
        }
    }

    fn certified(&mut self, chain: &CertificateRef<'_>) -> Result<(), Fault> {
        let fault = |error| Fault::Certificate { name: self.name, error };
        let roots: Vec<CertificateDer<'_>, MAX_ROOTS> =
            self.roots.iter().take(MAX_ROOTS).map(|der| CertificateDer::from(*der)).collect();
        if self.roots.len() > roots.len() {
            return Err(Fault::BadRoot(MAX_ROOTS));
        }
        let mut anchors: Vec<TrustAnchor<'_>, MAX_ROOTS> = Vec::new();
        for (index, root) in roots.iter().enumerate() {
            let anchor = anchor_from_trusted_cert(root).map_err(|_| Fault::BadRoot(index))?;
            anchors.push(anchor).map_err(|_| Fault::BadRoot(index))?;
        }
        let mut certificates = chain.entries.iter().map(|entry| match entry {
            CertificateEntryRef::X509(der) | CertificateEntryRef::RawPublicKey(der) => {
                CertificateDer::from(*der)
            }
        });
        let leaf = certificates.next().ok_or(Fault::NoProof)?;
        let between: Vec<CertificateDer<'_>, BETWEEN> = certificates.by_ref().take(BETWEEN).collect();
        let certificate = EndEntityCert::try_from(&leaf).map_err(fault)?;
        let usage = KeyUsage::server_auth();
        certificate
            .verify_for_usage(ecdsa::ALL, &anchors, &between, self.now, usage, None, None)
            .map_err(fault)?;
        let name = ServerName::try_from(self.name).map_err(|_| Fault::BadName(self.name))?;
        certificate.verify_is_valid_for_subject_name(&name).map_err(fault)?;
        self.leaf.clear();
        self.leaf.extend_from_slice(&leaf).map_err(|_| Fault::LargeCertificate)
    }

    fn signed(&mut self, hash: Sha256, proof: &CertificateVerifyRef<'_>) -> Result<(), Fault> {
        let algorithm = match proof.signature_scheme {
            SignatureScheme::EcdsaSecp256r1Sha256 => ecdsa::P256_SHA256,
            SignatureScheme::EcdsaSecp384r1Sha384 => ecdsa::P384_SHA384,
            _ => return Err(Fault::NoProof),
        };
        // RFC 8446, 4.4.3: 64 spaces, a name, a zero, and the hash of the handshake so far.
        let mut message: Vec<u8, { 64 + PURPOSE.len() + 32 }> = Vec::new();
        for part in [&[b' '; 64][..], PURPOSE, &hash.finalize()] {
            message.extend_from_slice(part).map_err(|_| Fault::NoProof)?;
        }
        let leaf = CertificateDer::from(&self.leaf[..]);
        EndEntityCert::try_from(&leaf)
            .and_then(|certificate| certificate.verify_signature(algorithm, &message, proof.signature))
            .map_err(|_| Fault::NoProof)
    }

    fn judged(&mut self, outcome: Result<Stage, Fault>) -> Result<(), TlsError> {
        match outcome {
            Ok(stage) if self.fault.is_none() => {
                self.stage = stage;
                Ok(())
            }
            Ok(_) => Err(TlsError::InvalidCertificate),
            Err(fault) => {
                self.fault = Some(fault);
                Err(TlsError::InvalidCertificate)
            }
        }
    }
}

const PURPOSE: &[u8] = b"TLS 1.3, server CertificateVerify\0";

impl TlsVerifier<Suite> for Proof<'_> {
    fn set_hostname_verification(&mut self, _name: &str) -> Result<(), TlsError> {
        Ok(())
    }

    fn verify_certificate(&mut self, so_far: &Sha256, chain: CertificateRef<'_>) -> Result<(), TlsError> {
        // Once, and first.
        let outcome = match self.stage {
            Stage::Begun => self.certified(&chain).map(|()| Stage::Certified(so_far.clone())),
            Stage::Certified(_) | Stage::Signed => Err(Fault::NoProof),
        };
        self.judged(outcome)
    }

    fn verify_signature(&mut self, proof: CertificateVerifyRef<'_>) -> Result<(), TlsError> {
        let outcome = match core::mem::replace(&mut self.stage, Stage::Begun) {
            Stage::Certified(hash) => self.signed(hash, &proof).map(|()| Stage::Signed),
            Stage::Begun | Stage::Signed => Err(Fault::NoProof),
        };
        self.judged(outcome)
    }
}

/// What embedded-tls asks for: random numbers, who verifies, and our own certificate.
pub(super) struct Provider<'p, G> {
    pub(super) random: &'p mut G,
    pub(super) proof: Proof<'p>,
    /// Our certificate (DER), or nothing.
    pub(super) certificate: &'p [u8],
    pub(super) key: Option<&'p SigningKey>,
}

impl<G: CryptoRngCore> CryptoProvider for Provider<'_, G> {
    type CipherSuite = Suite;
    type Signature = DerSignature;

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut *self.random
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Suite>, TlsError> {
        Ok(&mut self.proof)
    }

    fn signer(&mut self) -> Result<(impl SignerMut<DerSignature>, SignatureScheme), TlsError> {
        let key = self.key.ok_or(TlsError::InvalidPrivateKey)?;
        Ok((key.clone(), SignatureScheme::EcdsaSecp256r1Sha256))
    }

    fn client_cert(&mut self) -> Option<Certificate<impl AsRef<[u8]>>> {
        let has_one = self.key.is_some() && !self.certificate.is_empty();
        has_one.then_some(Certificate::X509(self.certificate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(leaf: &mut Vec<u8, LEAF>) -> Proof<'_> {
        let now = moment(1_795_000_000).unwrap();
        Proof { roots: &[], name: "a.example", now, leaf, stage: Stage::Begun, fault: None }
    }

    /// A Finished is all that embedded-tls asks of a server.
    #[test]
    fn who_shows_no_certificate_has_proved_nothing() {
        let mut leaf = Vec::new();
        assert!(matches!(proof(&mut leaf).verified(), Err(Fault::NoProof)));
        let mut certified = proof(&mut leaf);
        certified.stage = Stage::Certified(Sha256::default());
        assert!(matches!(certified.verified(), Err(Fault::NoProof)));
    }

    #[test]
    fn a_proof_that_failed_is_not_mended() {
        let mut leaf = Vec::new();
        let mut proof = proof(&mut leaf);
        let chain = CertificateRef::with_context(&[]);
        assert!(proof.verify_certificate(&Sha256::default(), chain).is_err());
        assert!(proof.judged(Ok(Stage::Signed)).is_err());
        assert!(matches!(proof.verified(), Err(Fault::NoProof)));
    }
}
