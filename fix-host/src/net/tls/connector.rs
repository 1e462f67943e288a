//! The initiator's side.

use std::{
    io,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector, TlsStream,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
        client::{
            WebPkiServerVerifier,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        },
        crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};

use super::{
    TlsError, TlsProblem,
    authorities::{Trusted, trusted},
    pem::{identity, revocation_lists},
    pinned::Pinned,
    provider::{provider, versions},
};
use crate::config::{TlsSettings, TrustAnchors};

/// Encrypts connections that we made, once the server has proved its name. Clones share what was read.
#[derive(Clone)]
pub struct Connector {
    settings: Arc<TlsSettings>,
    current: Arc<RwLock<TlsConnector>>,
    /// `SocketServerName`.
    server_name: Option<ServerName<'static>>,
}

impl Connector {
    /// Reads certificates, keys and authorities.
    ///
    /// # Errors
    /// What is wrong with which key or file.
    pub fn new(settings: &TlsSettings) -> Result<Self, TlsError> {
        let current = Arc::new(RwLock::new(connector(settings)?));
        let server_name = settings.server_name.as_deref().map(parse_name).transpose()?;
        Ok(Connector { settings: Arc::new(settings.clone()), current, server_name })
    }

    /// Reads them again, for the connections to come.
    ///
    /// # Errors
    /// What is wrong with which key or file; what was read before stays in use.
    pub fn read_again(&self) -> Result<(), TlsError> {
        let connector = connector(&self.settings)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = connector;
        Ok(())
    }

    /// Shakes hands over `stream`, which leads to `host`.
    ///
    /// # Errors
    /// As rustls gives them; [`super::explain`] puts them in words.
    pub async fn connect(&self, stream: TcpStream, host: &str) -> io::Result<TlsStream<TcpStream>> {
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => parse_name(host).map_err(io::Error::other)?,
        };
        let connector = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        connector.connect(name, stream).await.map(TlsStream::from)
    }
}

fn connector(settings: &TlsSettings) -> Result<TlsConnector, TlsError> {
    let provider = provider(settings);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions(settings))
        .map_err(|error| TlsError::refused("CipherSuites and SSLProtocols", &error))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier(settings, provider)?);
    let mut config = match identity(settings)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| TlsError::refused("SocketCertificateFile and SocketPrivateKeyFile", &error))?,
        None => builder.with_no_client_auth(),
    };
    config.enable_sni = settings.use_sni;
    Ok(TlsConnector::from(Arc::new(config)))
}

fn parse_name(name: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(name.to_owned())
        .map_err(|_| TlsError::new(format!("the server's name {name:?}"), TlsProblem::ServerName))
}

fn verifier(
    settings: &TlsSettings,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    if settings.trust_anchors == TrustAnchors::Anyone {
        tracing::warn!(
            "SocketInsecureSkipVerify=Y: the counterparty's certificate is NOT verified, anyone can stand \
             between and read or change every message; use it for tests only"
        );
        return Ok(Arc::new(BelieveAnyone(provider)));
    }
    let Trusted { roots, pinned } = trusted(settings)?;
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .with_crls(revocation_lists(settings)?)
        .enforce_revocation_expiration();
    let authorities: Arc<dyn ServerCertVerifier> = builder.build().map_err(TlsError::verifier)?;
    Ok(Arc::new(Pinned::new(pinned, authorities)))
}

/// Verifies that the server holds the key of the certificate it shows, and nothing about whose that is.
#[derive(Debug)]
struct BelieveAnyone(Arc<CryptoProvider>);

impl ServerCertVerifier for BelieveAnyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
