//! TLS in the four dialects. PEM files throughout, because that is what rustls reads.

use crate::config::key::{Key, honour, ignore, refuse};
use crate::config::value::Kind::{File, Flag, Host, Integer, Path, Pem, Text};

/// Java's key and trust stores. Where TLS is switched off they have no effect.
pub(in crate::config) const KEY_STORE: &str = "Java key stores are not read. Convert it once: keytool -importkeystore -srckeystore \
    FILE -destkeystore keys.p12 -deststoretype PKCS12; openssl pkcs12 -in keys.p12 -out keys.pem -nodes; \
    then write SocketCertificateFile, SocketPrivateKeyFile and SocketCAFile";
/// The password of a private key. Where TLS is switched off it has no effect.
pub(in crate::config) const ENCRYPTED: &str = "encrypted private keys are not read. Convert it once: openssl pkcs12 -in FILE.pfx \
    -out keys.pem -nodes; protect keys.pem by its file mode and remove this line";

/// What belongs to them.
pub(in crate::config) const KEY_STORE_DETAIL: &str =
    "Java key stores are not read; certificates are PEM files.";

pub(super) const KEYS: &[Key] = &[
    honour(
        "SocketUseSSL",
        "J, G, n",
        Flag,
        "The connection is TLS. Without it, any certificate, key or CA below switches TLS on.",
    )
    .aliases(&["SSLEnable"]),
    honour("SocketCertificateFile", "G", File, "PEM: our certificate and its chain.").example("tls/desk.crt"),
    honour("SocketPrivateKeyFile", "G", File, "PEM: our private key, if not in the certificate's file.")
        .example("tls/desk.key"),
    honour("ServerCertificateFile", "C", File, "`SocketCertificateFile` of acceptors.")
        .example("tls/desk.crt"),
    honour("ServerCertificateKeyFile", "C", File, "`SocketPrivateKeyFile` of acceptors.")
        .example("tls/desk.key"),
    honour("ClientCertificateFile", "C", File, "`SocketCertificateFile` of initiators.")
        .example("tls/desk.crt"),
    honour("ClientCertificateKeyFile", "C", File, "`SocketPrivateKeyFile` of initiators.")
        .example("tls/desk.key"),
    honour(
        "SocketCAFile",
        "G, C, n",
        File,
        "PEM: the authorities that the counterparty's certificate must chain to.",
    )
    .aliases(&["CertificationAuthoritiesFile", "SSLCACertificate"])
    .example("/etc/ssl/certs/ca-certificates.crt"),
    honour("CertificationAuthoritiesDirectory", "C", Path, "A directory of PEM files, as `SocketCAFile`.")
        .example("/etc/ssl/certs"),
    honour(
        "SocketCertificateBytes",
        "G",
        Pem,
        "As `SocketCertificateFile`, but the PEM text itself: `${CERT}`.",
    ),
    honour(
        "SocketPrivateKeyBytes",
        "G",
        Pem,
        "As `SocketPrivateKeyFile`, but the PEM text itself: `${KEY}`.",
    ),
    honour("SocketCABytes", "G", Pem, "As `SocketCAFile`, but the PEM text itself: `${CA}`."),
    honour(
        "SSLCertificate",
        "n",
        File,
        "One PEM file with our certificate and key; a .pfx has to be converted.",
    )
    .example("tls/desk.pem"),
    honour(
        "SocketInsecureSkipVerify",
        "G",
        Flag,
        "The counterparty's certificate is not verified: anyone can stand between. For tests.",
    )
    .default("N"),
    honour("SSLValidateCertificates", "n", Flag, "N is `SocketInsecureSkipVerify=Y`.").default("Y"),
    honour(
        "CertificateVerifyLevel",
        "C",
        Integer(0, 3),
        "Acceptor: 0 asks for no client certificate, 1 and 3 verify one that is sent, 2 demands one.",
    ),
    honour("NeedClientAuth", "J", Flag, "Acceptor: Y demands a client certificate."),
    honour(
        "SSLRequireClientCertificate",
        "n",
        Flag,
        "Acceptor: Y demands a client certificate; without any such key, `SocketCAFile` does.",
    ),
    honour(
        "SocketServerName",
        "G, n, J",
        Host,
        "Initiator: the name the server must prove; default the host.",
    )
    .aliases(&["SSLServerName", "SNIHostName"])
    .example("fix.example.com"),
    honour("UseSNI", "J", Flag, "Initiator: the server's name is sent in the ClientHello.").default("Y"),
    honour(
        "EndpointIdentificationAlgorithm",
        "J",
        Text,
        "The server's name is always verified (HTTPS, LDAPS); nothing else is known.",
    )
    .example("HTTPS"),
    honour("SocketMinimumTLSVersion", "G", Text, "TLS12 or TLS13; older ones mean TLS12. SSLv3 is refused.")
        .example("TLS12"),
    honour(
        "SSLProtocols",
        "n, C, J",
        Text,
        "The versions to offer, of TLS 1.2 and 1.3. SSLv2 and SSLv3 are refused.",
    )
    .aliases(&["SSLProtocol", "EnabledProtocols"])
    .example("TLSv1.2,TLSv1.3"),
    honour("CipherSuites", "J", Text, "The suites to offer, by their IANA names.")
        .example("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    honour("SSLCipherSuite", "C", Text, "The TLS 1.2 suites to offer, by their OpenSSL names.")
        .example("ECDHE-RSA-AES256-GCM-SHA384"),
    honour("TLSCipherSuites", "C", Text, "The TLS 1.3 suites to offer.").example("TLS_AES_256_GCM_SHA384"),
    honour("CertificateRevocationListFile", "C", File, "PEM: certificates revoked by the authorities.")
        .example("tls/ca.crl"),
    honour("CertificateRevocationListDirectory", "C", Path, "A directory of PEM revocation lists.")
        .example("tls/crl"),
    honour(
        "SSLCheckCertificateRevocation",
        "n",
        Flag,
        "Y demands a revocation list file or directory; nothing is fetched from the net.",
    ),
    refuse("SSLCertificatePassword", "n", ENCRYPTED),
    refuse("SocketKeyStore", "J", KEY_STORE),
    refuse("SocketKeyStorePassword", "J", KEY_STORE),
    refuse("SocketTrustStore", "J", KEY_STORE),
    refuse("SocketTrustStorePassword", "J", KEY_STORE),
    ignore("KeyStoreType", "J", KEY_STORE_DETAIL),
    ignore("TrustStoreType", "J", KEY_STORE_DETAIL),
    ignore("KeyManagerFactoryAlgorithm", "J", KEY_STORE_DETAIL),
    ignore("TrustManagerFactoryAlgorithm", "J", KEY_STORE_DETAIL),
];
