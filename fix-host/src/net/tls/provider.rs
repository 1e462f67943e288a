//! Which versions and suites are offered, as rustls takes them.

use std::sync::Arc;

use tokio_rustls::rustls::{
    SupportedCipherSuite, SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    version::{TLS12, TLS13},
};

use crate::config::{CipherSuite, TlsSettings};

/// The cryptography, with no suites but those asked for, in the order asked for.
pub(super) fn provider(settings: &TlsSettings) -> Arc<CryptoProvider> {
    let mut provider = ring::default_provider();
    if let Some(suites) = &settings.cipher_suites {
        provider.cipher_suites = suites.iter().filter_map(supported).collect();
    }
    Arc::new(provider)
}

pub(super) fn versions(settings: &TlsSettings) -> Vec<&'static SupportedProtocolVersion> {
    let mut versions = Vec::new();
    if settings.versions.tls13 {
        versions.push(&TLS13);
    }
    if settings.versions.tls12 {
        versions.push(&TLS12);
    }
    versions
}

fn supported(suite: &CipherSuite) -> Option<SupportedCipherSuite> {
    ring::ALL_CIPHER_SUITES.iter().copied().find(|own| {
        // rustls writes TLS13_AES_256_GCM_SHA384 where IANA writes TLS_AES_256_GCM_SHA384.
        own.suite().as_str().is_some_and(|name| name.replacen("TLS13_", "TLS_", 1) == suite.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_of_the_configuration_exists() {
        let names = ring::ALL_CIPHER_SUITES.iter().filter_map(|own| own.suite().as_str());
        for name in names {
            let iana = name.replacen("TLS13_", "TLS_", 1);
            let leaked: &'static str = Box::leak(iana.clone().into_boxed_str());
            let suite = CipherSuite { name: leaked, openssl_name: leaked };
            assert!(supported(&suite).is_some(), "{iana}");
        }
        assert_eq!(ring::ALL_CIPHER_SUITES.len(), 9);
        assert!(supported(&CipherSuite { name: "TLS_NULL", openssl_name: "NULL" }).is_none());
    }
}
