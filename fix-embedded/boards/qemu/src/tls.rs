//! The gateway of `crate::gateway` over TLS.
//!
//! Parameters, beside that program's: `ca` (`ca.der`; a file with the certificate, DER, of the authority that is trusted. On a
//! board it is an `include_bytes!` of its configuration), `name` (none; the name that the counterparty's certificate must be
//! valid for, instead of `host`).

use cortex_m_semihosting::nr::open;
use embassy_net::Stack;
use fix_embedded::{
    config::TlsRules,
    tls::{ANY_RECORD, Tls, TlsMemory},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use static_cell::{ConstStaticCell, StaticCell};

use crate::{
    gateway::{self, GatewayMemory},
    parameters::Parameters,
    semihosting::{HostError, HostFile},
    serial::Uart,
};

/// Where the host has random numbers that nobody can guess: these boards have no TRNG.
const RANDOM: &str = "/dev/urandom";

/// The program.
pub async fn run<U: Uart>(stack: Stack<'static>, parameters: Parameters) -> ! {
    static MEMORY: ConstStaticCell<GatewayMemory> = ConstStaticCell::new(GatewayMemory::new());
    static RECORDS: ConstStaticCell<TlsMemory<ANY_RECORD>> = ConstStaticCell::new(TlsMemory::new());
    let path = parameters.text("ca").unwrap_or("ca.der");
    let (roots, random) = (from_host(path, root(path)), from_host(RANDOM, random()));
    let rules = TlsRules { server_name: parameters.text("name").unwrap_or(""), roots, certificate: &[] };
    let memory = RECORDS.take();
    gateway::run_over::<U, (), _>(stack, parameters, MEMORY.take(), Some(rules), |inner, clock| Tls {
        inner,
        rules,
        clock,
        random,
        key: None,
        memory,
    })
    .await
}

fn from_host<T>(path: &str, what: Result<T, HostError>) -> T {
    match what {
        Ok(what) => what,
        Err(error) => defmt::panic!("{=str}: {}", path, error),
    }
}

/// The certificate in that file.
fn root(path: &str) -> Result<&'static [&'static [u8]], HostError> {
    static DER: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    static ROOTS: StaticCell<[&'static [u8]; 1]> = StaticCell::new();
    let mut file = HostFile::open(path, open::R_BINARY)?;
    let der = DER.take().get_mut(..file.len()?).ok_or(HostError)?;
    file.read_at(0, der)?;
    Ok(ROOTS.init([der]))
}

/// On a board: of its TRNG.
fn random() -> Result<ChaCha20Rng, HostError> {
    let mut seed = [0; 32];
    HostFile::open(RANDOM, open::R_BINARY)?.read(&mut seed)?;
    Ok(ChaCha20Rng::from_seed(seed))
}
