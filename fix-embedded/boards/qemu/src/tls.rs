//! The gateway of `crate::gateway` over TLS.
//!
//! Parameters, beside that program's: `ca` (`ca.der`; a file with the certificate, DER, of the authority that is trusted. On a
//! board it is an `include_bytes!` of its configuration), `name` (none; the name that the counterparty's certificate must be
//! valid for, instead of `host`), `certificate` (none; a file with the board's own, DER), `secrets` (none; a file that
//! `fix-host firmware-config --provision` wrote, with the key of that certificate. On a board it is a sector of its flash).

use embassy_net::Stack;
use fix_embedded::{
    config::TlsRules,
    secrets::{self, Secrets},
    tls::{ANY_RECORD, SigningKey, Tls, TlsMemory},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use static_cell::{ConstStaticCell, StaticCell};

use crate::{
    gateway::{self, GatewayMemory},
    host_file,
    parameters::Parameters,
    serial::{self, Uart},
};

/// The program.
pub async fn run<U: Uart>(stack: Stack<'static>, parameters: Parameters) -> ! {
    static MEMORY: ConstStaticCell<GatewayMemory> = ConstStaticCell::new(GatewayMemory::new());
    static RECORDS: ConstStaticCell<TlsMemory<ANY_RECORD>> = ConstStaticCell::new(TlsMemory::new());
    let roots = root(parameters.text("ca").unwrap_or("ca.der"));
    // On a board: of its TRNG.
    let random = ChaCha20Rng::from_seed(host_file::random());
    let server_name = parameters.text("name").unwrap_or("");
    let rules = TlsRules { server_name, roots, certificate: certificate(parameters) };
    let (memory, key) = (RECORDS.take(), key(parameters));
    let over = |inner, clock| Tls { inner, rules, clock, random, key, memory };
    let lines = serial::split::<U>();
    gateway::run_over::<(), _, _, _>(stack, parameters, MEMORY.take(), Some(rules), over, lines).await
}

/// The certificate in that file.
fn root(path: &str) -> &'static [&'static [u8]] {
    static DER: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    static ROOTS: StaticCell<[&'static [u8]; 1]> = StaticCell::new();
    ROOTS.init([host_file::read(path, DER.take())])
}

/// The board's own certificate; empty without one.
fn certificate(parameters: Parameters) -> &'static [u8] {
    static DER: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    parameters.text("certificate").map_or(&[], |path| host_file::read(path, DER.take()))
}

/// The key of that, as it was provisioned.
fn key(parameters: Parameters) -> Option<SigningKey> {
    let path = parameters.text("secrets")?;
    let mut room = [0; secrets::ROOM];
    let number = match Secrets::parse(host_file::read(path, &mut room)) {
        Ok(secrets) => secrets.tls_key,
        Err(error) => defmt::panic!("{=str}: {}", path, error),
    };
    let key = number.and_then(|number| SigningKey::from_slice(&number).ok());
    if key.is_none() {
        defmt::panic!("{=str}: has no key of a certificate", path);
    }
    key
}
