//! The keys of TLS in a `.cfg` for a board.

mod support;

use std::{fs, path::Path};

use fix_host::exit;
use rcgen::{
    BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SignatureAlgorithm,
};
use support::{fix_host, write_file};

const CFG: &str = "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=BOARD\nTargetCompID=EXCHANGE\n\
                   SocketConnectHost=fix.venue.example\nSocketConnectPort=9876\nHeartBtInt=30\nSocketUseSSL=Y\n";
/// The line of the first key behind those.
const NEXT: usize = 10;

/// Exit code, standard output and standard error of `firmware-config` with a .cfg that has these lines more.
fn made(folder: &Path, more: &str, arguments: &[&str]) -> (i32, String, String) {
    let cfg = write_file(folder, "board.cfg", &format!("{CFG}{more}"));
    let out = fix_host(&["firmware-config", &cfg, "--years", "1"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

/// Writes `ca.pem`, `ca.key`, `board.pem` and `board.key`; the DER of both certificates and the board's key.
fn files(
    folder: &Path,
    authority: &'static SignatureAlgorithm,
    own: &'static SignatureAlgorithm,
) -> (Vec<u8>, Vec<u8>, KeyPair) {
    let (mut params, key) = (CertificateParams::default(), KeyPair::generate_for(authority).unwrap());
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&key).unwrap();
    write_file(folder, "ca.pem", &root.pem());
    write_file(folder, "ca.key", &key.serialize_pem());
    let own = KeyPair::generate_for(own).unwrap();
    let leaf = CertificateParams::new(["board.example".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&own, &Issuer::new(params, key)).unwrap();
    write_file(folder, "board.pem", &leaf.pem());
    write_file(folder, "board.key", &own.serialize_pem());
    (root.der().to_vec(), leaf.der().to_vec(), own)
}

/// The bytes of that const in the file.
fn bytes_of(file: &str, name: &str) -> Vec<u8> {
    let from = file.split_once(&format!("const {name}: &[u8] = &[")).expect(file).1;
    let numbers = from.split_once("];").unwrap().0.split(',');
    numbers.map(str::trim).filter(|number| !number.is_empty()).map(|number| number.parse().unwrap()).collect()
}

#[test]
fn whom_to_trust_and_what_to_show_is_in_the_file_and_the_key_is_provisioned() {
    let folder = tempfile::tempdir().unwrap();
    let (root, leaf, key) = files(folder.path(), &PKCS_ECDSA_P384_SHA384, &PKCS_ECDSA_P256_SHA256);
    let own =
        "SocketCertificateFile=board.pem\nSocketPrivateKeyFile=board.key\nSocketServerName=venue.example\n";
    let more = format!("SocketCAFile=ca.pem\n{own}Username=desk7\n");
    let (code, file, said) = made(folder.path(), &more, &["--provision", "secrets.bin"]);
    assert_eq!(code, i32::from(exit::OK), "{said}");
    assert_eq!((bytes_of(&file, "ROOT_0"), bytes_of(&file, "CERTIFICATE")), (root, leaf));
    let rules =
        "tls: Some(TlsRules { server_name: \"venue.example\", roots: &[ROOT_0], certificate: CERTIFICATE }),";
    assert!(file.contains(rules), "{file}");
    let der = key.serialize_der();
    let number =
        der.windows(5).position(|bytes| bytes == [2, 1, 1, 4, 32]).map(|at| &der[at + 5..at + 37]).unwrap();
    let sector = fs::read(folder.path().join("secrets.bin")).unwrap();
    assert_eq!(sector[5..12], *b"\x01\x05desk7");
    assert_eq!((&sector[12..14], &sector[14..46]), (&[4, 32][..], number));
    // Where they are not provisioned it is said; of the key nothing is shown.
    let (_, file, said) = made(folder.path(), &more, &[]);
    assert!(
        said.contains("Username, Password and the certificate's key are not in the file; --provision"),
        "{said}"
    );
    let as_written: Vec<String> = number[..4].iter().map(u8::to_string).collect();
    assert!(!file.contains(&as_written.join(", ")));
}

#[test]
fn a_key_in_sec1_is_a_key_too() {
    let folder = tempfile::tempdir().unwrap();
    let (_, _, key) = files(folder.path(), &PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P256_SHA256);
    // What stands in PKCS#8 behind its head is an ECPrivateKey.
    let der = key.serialize_der();
    let at = der.windows(5).position(|bytes| bytes == [2, 1, 1, 4, 32]).unwrap() - 2;
    let base64 = base64(&der[at..]);
    let pem = format!("-----BEGIN EC PRIVATE KEY-----\n{base64}\n-----END EC PRIVATE KEY-----\n");
    write_file(folder.path(), "board.key", &pem);
    let own = "SocketCAFile=ca.pem\nSocketCertificateFile=board.pem\nSocketPrivateKeyFile=board.key\n";
    let (code, _, said) = made(folder.path(), own, &["--provision", "secrets.bin"]);
    assert_eq!(code, i32::from(exit::OK), "{said}");
    let sector = fs::read(folder.path().join("secrets.bin")).unwrap();
    assert_eq!(sector[7..39], der[at + 7..at + 39]);
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        let digit = |at: usize| char::from(DIGITS[bits >> (18 - 6 * at) & 63]);
        text.extend((0..4).map(|at| if at <= three.len() { digit(at) } else { '=' }));
    }
    text
}

/// Each is refused by one line, with the place, the key and what to do.
#[test]
fn what_a_board_cannot_do_is_refused_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    files(folder, &PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P256_SHA256);
    fs::create_dir(folder.join("cas")).unwrap();
    fs::copy(folder.join("ca.pem"), folder.join("cas/ca.pem")).unwrap();
    let ca = fs::read_to_string(folder.join("ca.pem")).unwrap();
    let own = fs::read_to_string(folder.join("board.pem")).unwrap();
    let many: String = (0..9)
        .map(|number| {
            let mut params = CertificateParams::default();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(rcgen::DnType::CommonName, format!("root {number}"));
            params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
        })
        .collect();
    write_file(folder, "many.pem", &many);
    write_file(folder, "chain.pem", &format!("{own}{ca}"));
    let other = tempfile::tempdir().unwrap();
    files(other.path(), &PKCS_ED25519, &PKCS_ECDSA_P384_SHA384);
    for name in ["ca.pem", "board.pem", "board.key"] {
        fs::copy(other.path().join(name), folder.join(format!("other-{name}"))).unwrap();
    }
    write_file(folder, "crl.pem", "");
    let refused = |more: &str, line: usize, start: &str, what: &str| {
        let (code, file, said) = made(folder, more, &[]);
        assert_eq!((code, file.as_str()), (i32::from(exit::CONFIGURATION), ""), "{said}");
        let wanted = format!("board.cfg:{line}: {start}: ");
        let errors: Vec<&str> = said.lines().filter(|line| !line.contains("warning")).collect();
        assert!(
            errors.len() == 1 && errors[0].contains(&wanted) && errors[0].contains(what),
            "{wanted}{what}\n{said}"
        );
    };
    refused("", NEXT - 1, "SocketUseSSL", "name those of the venue by SocketCAFile");
    refused(
        "CertificationAuthoritiesDirectory=cas\n",
        NEXT,
        "CertificationAuthoritiesDirectory",
        "by SocketCAFile",
    );
    refused("SocketInsecureSkipVerify=Y\n", NEXT, "SocketInsecureSkipVerify", "remove the line");
    refused("SocketCAFile=many.pem\n", NEXT, "SocketCAFile", "names 9 authorities");
    refused("SocketCAFile=other-ca.pem\n", NEXT, "SocketCAFile", "or use stunnel");
    refused("SocketCAFile=crl.pem\n", NEXT, "SocketCAFile=crl.pem", "holds no certificate of an authority");
    let with_ca = |more: &str, start: &str, what: &str| {
        refused(&format!("SocketCAFile=ca.pem\n{more}"), NEXT + 1, start, what);
    };
    with_ca("SSLProtocols=TLSv1.2\n", "SSLProtocols", "leaves out TLS 1.3");
    with_ca(
        "TLSCipherSuites=TLS_AES_256_GCM_SHA384\n",
        "TLSCipherSuites",
        "leaves out TLS_AES_128_GCM_SHA256",
    );
    with_ca("CertificateRevocationListFile=crl.pem\n", "CertificateRevocationListFile", "no revocation list");
    with_ca("UseSNI=N\n", "UseSNI", "always sends the server's name");
    let chain = "SocketCertificateFile=chain.pem\nSocketPrivateKeyFile=board.key\n";
    with_ca(chain, "SocketCertificateFile", "shows its own alone");
    let foreign = "SocketPrivateKeyFile=other-board.key\nSocketCertificateFile=other-board.pem\n";
    with_ca(foreign, "SocketPrivateKeyFile", "no ECDSA key over P-256");
    let not_its_own = "SocketCertificateFile=board.pem\nSocketPrivateKeyFile=ca.key\n";
    with_ca(not_its_own, "SocketCertificateFile and SocketPrivateKeyFile", "");
}

#[test]
fn a_session_without_tls_has_none_on_the_board() {
    let folder = tempfile::tempdir().unwrap();
    let (code, file, said) = made(folder.path(), "[DEFAULT]\nSocketCAFile=ca.pem\n", &[]);
    assert_eq!(code, i32::from(exit::CONFIGURATION), "{said}");
    assert!(file.is_empty());
    let cfg = CFG.replace("SocketUseSSL=Y", "SocketUseSSL=N\nSocketCAFile=none.pem");
    let cfg = write_file(folder.path(), "plain.cfg", &cfg);
    let out = fix_host(&["firmware-config", &cfg, "--years", "1"]).output().unwrap();
    let file = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success() && !file.contains("tls:"), "{file}");
}
