//! TLS 1.2 and 1.3 by rustls, for both roles. Everything is read at start-up, so that what is wrong with a
//! certificate refuses to start and is not found out at the first reconnect of the night; and again when an
//! operator asks for it, for the connections from then on.

mod acceptor;
mod authorities;
mod connector;
mod explain;
mod material;
mod pem;
mod pinned;
mod provider;

pub use acceptor::Acceptor;
pub use connector::Connector;
pub use explain::explain;
pub use material::{Authority, Key, Material, material};
use tokio_rustls::rustls::server::VerifierBuilderError;

/// What a listener or an initiator has read of certificates, keys, authorities and revocation lists.
#[derive(Clone)]
pub enum Certificates {
    /// A listener's.
    Acceptor(Acceptor),
    /// An initiator's.
    Connector(Connector),
}

impl Certificates {
    /// Reads the files again, for the connections to come.
    ///
    /// # Errors
    /// What is wrong with which key or file; what was read before stays in use.
    pub fn read_again(&self) -> Result<(), TlsError> {
        match self {
            Certificates::Acceptor(acceptor) => acceptor.read_again(),
            Certificates::Connector(connector) => connector.read_again(),
        }
    }
}

/// TLS was asked for and is not possible as configured.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct TlsError {
    /// The key, and the file if it names one.
    place: String,
    problem: TlsProblem,
}

/// What is wrong there.
#[derive(Debug, thiserror::Error)]
enum TlsProblem {
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error("is larger than {} MiB, so it is no PEM file", pem::LARGEST >> 20)]
    Large,
    #[error("is no valid PEM: {0}")]
    Pem(#[from] tokio_rustls::rustls::pki_types::pem::Error),
    #[error("holds no {0}; PEM text with -----BEGIN lines is expected{1}")]
    Missing(&'static str, &'static str),
    #[error(
        "the private key is encrypted, and only plain ones are read. Convert it once: \
         openssl pkey -in FILE -out plain.key; and protect plain.key by its file mode"
    )]
    Encrypted,
    #[error("is no DNS name or IP address; write e.g. SocketServerName=fix.example.com")]
    ServerName,
    #[error("{0}")]
    Refused(String),
}

impl TlsError {
    fn new(place: impl Into<String>, problem: impl Into<TlsProblem>) -> Self {
        TlsError { place: place.into(), problem: problem.into() }
    }

    /// The key that it is about, and the file if it names one.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What rustls says about authorities and revocation lists taken together.
    fn verifier(error: VerifierBuilderError) -> Self {
        let place = match error {
            VerifierBuilderError::InvalidCrl(_) => "CertificateRevocationListFile",
            _ => "SocketCAFile",
        };
        TlsError::new(place, TlsProblem::Refused(error.to_string()))
    }

    fn refused(place: impl Into<String>, error: &tokio_rustls::rustls::Error) -> Self {
        TlsError::new(place, TlsProblem::Refused(explain::rustls(error)))
    }
}
