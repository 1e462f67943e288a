//! What went wrong in a handshake, and what to do about it.

use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

use super::pinned::is_ca_as_end_entity;

/// One line for an error of a connection, whether TLS had part in it or not.
#[must_use]
pub fn explain(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => rustls(error),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the counterparty closed the connection in the middle of TLS; if it expects plain TCP, remove \
             SocketUseSSL, else its log says why"
                .to_owned()
        }
        None => error.to_string(),
    }
}

pub(super) fn rustls(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(problem) => {
            format!("the counterparty's certificate is refused: {}", certificate(problem))
        }
        Error::NoCertificatesPresented => {
            "the counterparty shows no certificate, and one is demanded of it".to_owned()
        }
        Error::AlertReceived(alert) => format!("the counterparty refused our TLS: {}", self::alert(*alert)),
        Error::InvalidMessage(_) => "the counterparty does not speak TLS on this port".to_owned(),
        Error::PeerIncompatible(why) => {
            format!("no version of TLS and no cipher suite in common with the counterparty ({why:?})")
        }
        Error::InconsistentKeys(_) => "the private key does not belong to the certificate".to_owned(),
        other => other.to_string(),
    }
}

fn certificate(problem: &CertificateError) -> String {
    use CertificateError as E;
    let text = match problem {
        E::Expired | E::ExpiredContext { .. } => "it has expired",
        E::NotValidYet | E::NotValidYetContext { .. } => {
            "it is not valid yet; is this machine's clock right?"
        }
        E::Revoked => "it is revoked",
        E::UnknownIssuer => {
            "no authority in SocketCAFile has issued it (without that key: none that this system trusts); to \
             trust this very certificate, put it into SocketCAFile"
        }
        E::UnknownRevocationStatus => {
            "no revocation list of its issuer is there; add that authority's to CertificateRevocationListFile"
        }
        E::ExpiredRevocationList | E::ExpiredRevocationListContext { .. } => {
            "the revocation list of its issuer has expired; put the next one in place and restart"
        }
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "it is not made for this side of TLS (extended key usage)"
        }
        problem if is_ca_as_end_entity(problem) => {
            "it is an authority's own certificate (CA:TRUE); to trust this very certificate, put it into \
             SocketCAFile"
        }
        // rustls says which names the certificate has.
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            return format!("{problem}; SocketServerName says which name to demand");
        }
        other => return other.to_string(),
    };
    text.to_owned()
}

fn alert(alert: AlertDescription) -> String {
    use AlertDescription as A;
    let text = match alert {
        A::CertificateRequired | A::NoCertificate => {
            "it demands a client certificate; set SocketCertificateFile and SocketPrivateKeyFile"
        }
        A::UnknownCA | A::BadCertificate | A::CertificateUnknown | A::UnsupportedCertificate => {
            "it does not accept our certificate, or we do not know its authority"
        }
        A::CertificateExpired => "our certificate has expired",
        A::CertificateRevoked => "our certificate is revoked",
        A::UnrecognisedName => "it does not know the name asked for; set SocketServerName",
        A::ProtocolVersion => "no version of TLS in common; see SSLProtocols and SocketMinimumTLSVersion",
        A::HandshakeFailure | A::InsufficientSecurity => "no cipher suite in common; see CipherSuites",
        other => return format!("alert {other:?}"),
    };
    text.to_owned()
}
