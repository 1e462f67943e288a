//! Signatures of ECDSA over P-256 and P-384, as webpki asks for them.

use digest::Digest;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use sha2_010::{Sha256, Sha384};

/// All that are verified.
pub(super) const ALL: &[&dyn SignatureVerificationAlgorithm] =
    &[P256_SHA256, P384_SHA384, P256_SHA384, P384_SHA256];
/// That of `ecdsa_secp256r1_sha256`.
pub(super) const P256_SHA256: &dyn SignatureVerificationAlgorithm =
    &Ecdsa { curve: Curve::P256, hash: Hash::Sha256 };
/// That of `ecdsa_secp384r1_sha384`.
pub(super) const P384_SHA384: &dyn SignatureVerificationAlgorithm =
    &Ecdsa { curve: Curve::P384, hash: Hash::Sha384 };
const P256_SHA384: &dyn SignatureVerificationAlgorithm = &Ecdsa { curve: Curve::P256, hash: Hash::Sha384 };
const P384_SHA256: &dyn SignatureVerificationAlgorithm = &Ecdsa { curve: Curve::P384, hash: Hash::Sha256 };

#[derive(Debug)]
struct Ecdsa {
    curve: Curve,
    hash: Hash,
}

#[derive(Debug)]
enum Curve {
    P256,
    P384,
}

#[derive(Debug)]
enum Hash {
    Sha256,
    Sha384,
}

impl Ecdsa {
    fn verify(&self, key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
        match self.curve {
            Curve::P256 => {
                let signature = p256::ecdsa::Signature::from_der(signature).ok()?;
                p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?.verify_prehash(hash, &signature).ok()
            }
            Curve::P384 => {
                let signature = p384::ecdsa::Signature::from_der(signature).ok()?;
                p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?.verify_prehash(hash, &signature).ok()
            }
        }
    }
}

impl SignatureVerificationAlgorithm for Ecdsa {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        match self.hash {
            Hash::Sha256 => self.verify(key, &Sha256::digest(message), signature),
            Hash::Sha384 => self.verify(key, &Sha384::digest(message), signature),
        }
        .ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.curve {
            Curve::P256 => alg_id::ECDSA_P256,
            Curve::P384 => alg_id::ECDSA_P384,
        }
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.hash {
            Hash::Sha256 => alg_id::ECDSA_SHA256,
            Hash::Sha384 => alg_id::ECDSA_SHA384,
        }
    }
}
