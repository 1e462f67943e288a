//! What is wrong with a counterparty or a connection, as a line for who runs the board.

use core::fmt;

use embedded_io_async::ErrorKind;
use embedded_tls::{
    TlsError,
    alert::{AlertDescription, AlertLevel},
};

use crate::config::MAX_ROOTS;

/// Why a connection has no TLS, or no longer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// UTC is not known, so no certificate can be told from one that has expired.
    NoUtc,
    /// What the certificate must be valid for is neither a name nor an IPv4 address.
    BadName(&'static str),
    /// A trusted authority is no certificate; its place in the list.
    BadRoot(usize),
    /// The connection under it failed.
    Line(ErrorKind),
    /// It was closed before the counterparty had proved who it is.
    Closed,
    /// What came is not TLS.
    NotTls,
    /// What came is no record that may come here.
    BadRecord,
    /// A record has so many bytes, more than the board has room for.
    TooLarge(usize),
    /// A record cannot be opened.
    Unopened,
    /// The counterparty asks for another ClientHello.
    OtherHello,
    /// A message of its handshake comes in pieces, or is of a kind that the board does not know.
    Pieces,
    /// Within a session it changed its keys, or sent a message of the handshake in pieces.
    KeyUpdate,
    /// Within a session it sent what may not come there.
    Misplaced,
    /// The counterparty refused the handshake.
    Refused(AlertDescription),
    /// The same, by an alert that embedded-tls does not tell.
    RefusedSealed,
    /// The counterparty's certificate is not good for the name.
    Certificate {
        /// What it must be valid for.
        name: &'static str,
        /// What is wrong with it.
        error: webpki::Error,
    },
    /// Its own certificate, without those of authorities, is too large.
    LargeCertificate,
    /// The counterparty did not prove that the certificate is its own.
    NoProof,
    /// The counterparty ended the session by an alert.
    Ended,
    /// Anything else that the counterparty did against the rules of TLS.
    Protocol(TlsError),
    /// A write was given up, and another one begun.
    OtherWrite,
}

impl Fault {
    /// What embedded-tls says in the handshake, in our words.
    pub(super) fn in_handshake(error: TlsError) -> Self {
        match error {
            TlsError::HandshakeAborted(AlertLevel::Warning | AlertLevel::Fatal, description) => {
                Fault::Refused(description)
            }
            // A sealed alert, see `suite`.
            TlsError::InvalidRecord => Fault::RefusedSealed,
            TlsError::InvalidSignature | TlsError::InvalidSignatureScheme => Fault::NoProof,
            // As the cipher makes it, see `suite`.
            TlsError::Unimplemented => Fault::Pieces,
            other => Fault::of(other),
        }
    }

    /// What it says once the session has begun.
    pub(super) fn in_session(error: TlsError) -> Self {
        match error {
            // It has no other name for an alert.
            TlsError::InternalError => Fault::Ended,
            // As the cipher makes them, see `suite`.
            TlsError::InvalidRecord => Fault::Misplaced,
            TlsError::Unimplemented => Fault::KeyUpdate,
            other => Fault::of(other),
        }
    }

    fn of(error: TlsError) -> Self {
        match error {
            TlsError::Io(kind) => Fault::Line(kind),
            TlsError::CryptoError => Fault::Unopened,
            other => Fault::Protocol(other),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NoUtc => f.write_str("no TLS before UTC is known"),
            Fault::BadName(name) => write!(f, "{name:?} is no name that a certificate can have"),
            Fault::BadRoot(index) => write!(
                f,
                "Gateway.tls.roots[{index}] is no certificate in DER, or there are more than {MAX_ROOTS}"
            ),
            Fault::Line(kind) => write!(f, "the connection under TLS failed: {kind:?}"),
            Fault::Closed => {
                f.write_str("it closed the connection in the TLS handshake: does it speak TLS 1.3 there?")
            }
            Fault::NotTls => f.write_str("it does not speak TLS there: is it the right port?"),
            Fault::BadRecord => f.write_str("it sent a record that TLS 1.3 has not here"),
            Fault::TooLarge(len) => write!(
                f,
                "it sent a TLS record of {len} bytes: TlsMemory is too small (16640 takes any record)"
            ),
            Fault::Unopened => f.write_str(
                "a TLS record of it cannot be opened: it is too long, was changed on its way, or was sealed by other keys",
            ),
            Fault::OtherHello => f.write_str(
                "it asks for another ClientHello (HelloRetryRequest): the board has secp256r1 alone, which the venue must take",
            ),
            Fault::Pieces => f.write_str(
                "a message of its TLS handshake comes in pieces, or is of a kind that the board does not know: it needs a \
                 shorter certificate chain, or use stunnel",
            ),
            Fault::KeyUpdate => f.write_str(
                "it changed its keys within the session (KeyUpdate), which the board cannot follow, or sent a ticket in pieces",
            ),
            Fault::Misplaced => f.write_str("it sent what TLS 1.3 has not within a session"),
            Fault::Refused(AlertDescription::ProtocolVersion) => f.write_str("it has no TLS 1.3"),
            Fault::Refused(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity) => f
                .write_str(
                    "it has no certificate of ECDSA P-256 or P-384 (RSA cannot be verified here), or no \
                     TLS_AES_128_GCM_SHA256 with secp256r1",
                ),
            Fault::Refused(description) => write!(f, "it refused the TLS handshake: {description:?}"),
            Fault::RefusedSealed => f.write_str(
                "it ended the TLS handshake by an alert: it may have no certificate of ECDSA P-256 or P-384 (RSA \
                 cannot be verified here)",
            ),
            Fault::Certificate { name, error } => certificate(f, name, error),
            Fault::LargeCertificate => f.write_str("its certificate has more than 2048 bytes"),
            Fault::NoProof => f.write_str("it did not prove that its certificate is its own"),
            Fault::Ended => {
                f.write_str("it ended the session by a TLS alert: does it want a certificate of the board?")
            }
            Fault::Protocol(error) => write!(f, "it broke a rule of TLS 1.3, or went beyond what the board knows: {error:?}"),
            Fault::OtherWrite => f.write_str("a write was given up and another one begun"),
        }
    }
}

fn certificate(f: &mut fmt::Formatter<'_>, name: &str, error: &webpki::Error) -> fmt::Result {
    match error {
        webpki::Error::CertExpired { .. } => {
            f.write_str("its certificate has expired, or the board's clock is wrong")
        }
        webpki::Error::CertNotValidYet { .. } => {
            f.write_str("its certificate is not valid yet, or the board's clock is wrong")
        }
        webpki::Error::CertNotValidForName(_) => {
            write!(f, "its certificate is not valid for {name:?}: see Gateway.tls.server_name")
        }
        webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey => {
            f.write_str("its certificate chains to no authority in Gateway.tls.roots")
        }
        webpki::Error::UnsupportedSignatureAlgorithmContext(_)
        | webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => f.write_str(
            "its certificate is signed by RSA or another algorithm that the board does not verify: it takes \
             ECDSA P-256 and P-384",
        ),
        webpki::Error::RequiredEkuNotFoundContext(_) => f.write_str(
            "its certificate is not one of a server (extended key usage): the venue needs another one",
        ),
        webpki::Error::EndEntityUsedAsCa => f.write_str(
            "its certificate is signed by one that is no authority's: the venue needs another one",
        ),
        webpki::Error::CaUsedAsEndEntity => {
            f.write_str("the first certificate that it shows is an authority's: its own has to come first")
        }
        other => write!(f, "its certificate is refused: {other:?}"),
    }
}

impl core::error::Error for Fault {}

impl embedded_io_async::Error for Fault {
    fn kind(&self) -> ErrorKind {
        match self {
            Fault::Line(kind) => *kind,
            _ => ErrorKind::InvalidData,
        }
    }
}

/// Why there is no connection.
#[derive(Clone, Debug)]
pub enum NoTls<E> {
    /// Not even one without TLS.
    Connect(E),
    /// The counterparty could not be believed.
    Fault(Fault),
}

impl<E: fmt::Display> fmt::Display for NoTls<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoTls::Connect(error) => error.fmt(f),
            NoTls::Fault(fault) => fault.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for NoTls<E> {}
