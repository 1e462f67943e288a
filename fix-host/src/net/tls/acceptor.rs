//! The acceptor's side.

use std::{
    io,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsAcceptor, TlsStream,
    rustls::{
        ServerConfig,
        server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    },
};

use super::{
    TlsError, TlsProblem,
    authorities::{Trusted, trusted},
    pem::{identity, revocation_lists},
    pinned::Pinned,
    provider::{provider, versions},
};
use crate::config::{ClientAuth, TlsSettings};

/// Encrypts connections that were made to us, and asks for the client's certificate if configured. Clones share
/// what was read.
#[derive(Clone)]
pub struct Acceptor {
    settings: Arc<TlsSettings>,
    current: Arc<RwLock<TlsAcceptor>>,
}

impl Acceptor {
    /// Reads certificates, keys and authorities.
    ///
    /// # Errors
    /// What is wrong with which key or file.
    pub fn new(settings: &TlsSettings) -> Result<Self, TlsError> {
        let current = Arc::new(RwLock::new(acceptor(settings)?));
        Ok(Acceptor { settings: Arc::new(settings.clone()), current })
    }

    /// Reads them again, for the connections to come.
    ///
    /// # Errors
    /// What is wrong with which key or file; what was read before stays in use.
    pub fn read_again(&self) -> Result<(), TlsError> {
        let acceptor = acceptor(&self.settings)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
        Ok(())
    }

    /// Shakes hands within `patience`, so that a silent client holds no place for longer.
    ///
    /// # Errors
    /// As rustls gives them, [`super::explain`] puts them in words; [`io::ErrorKind::TimedOut`].
    pub async fn accept(&self, stream: TcpStream, patience: Duration) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        match timeout(patience, acceptor.accept(stream)).await {
            Ok(accepted) => accepted.map(TlsStream::from),
            Err(_) => {
                let text = format!("no TLS handshake within {patience:?}; does the client use TLS?");
                Err(io::Error::new(io::ErrorKind::TimedOut, text))
            }
        }
    }
}

fn acceptor(settings: &TlsSettings) -> Result<TlsAcceptor, TlsError> {
    let builder = ServerConfig::builder_with_provider(provider(settings))
        .with_protocol_versions(&versions(settings))
        .map_err(|error| TlsError::refused("CipherSuites and SSLProtocols", &error))?
        .with_client_cert_verifier(verifier(settings)?);
    let Some((chain, key)) = identity(settings)? else {
        let hint = "; an acceptor cannot do TLS without one";
        return Err(TlsError::new("SocketCertificateFile", TlsProblem::Missing("certificate", hint)));
    };
    let config = builder
        .with_single_cert(chain, key)
        .map_err(|error| TlsError::refused("SocketCertificateFile and SocketPrivateKeyFile", &error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn verifier(settings: &TlsSettings) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    if settings.client_auth == ClientAuth::None {
        return Ok(WebPkiClientVerifier::no_client_auth());
    }
    let Trusted { roots, pinned } = trusted(settings)?;
    let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider(settings))
        .with_crls(revocation_lists(settings)?)
        .enforce_revocation_expiration();
    if settings.client_auth == ClientAuth::Optional {
        builder = builder.allow_unauthenticated();
    }
    let authorities = builder.build().map_err(TlsError::verifier)?;
    Ok(Arc::new(Pinned::new(pinned, authorities)))
}
