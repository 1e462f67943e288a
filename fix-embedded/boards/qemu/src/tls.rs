//! The gateway of `crate::gateway` over TLS.
//!
//! Parameters, beside that program's: `ca` (`ca.der`; a file with the certificate, DER, of the authority that is trusted. On a
//! board it is an `include_bytes!` of its configuration), `name` (none; the name that the counterparty's certificate must be
//! valid for, instead of `host`).

use embassy_net::Stack;
use fix_embedded::{
    config::TlsRules,
    tls::{ANY_RECORD, Tls, TlsMemory},
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
    let path = parameters.text("ca").unwrap_or("ca.der");
    let roots = root(path);
    // On a board: of its TRNG.
    let random = ChaCha20Rng::from_seed(host_file::random());
    let rules = TlsRules { server_name: parameters.text("name").unwrap_or(""), roots, certificate: &[] };
    let memory = RECORDS.take();
    let over = |inner, clock| Tls { inner, rules, clock, random, key: None, memory };
    let lines = serial::split::<U>();
    gateway::run_over::<(), _, _, _>(stack, parameters, MEMORY.take(), Some(rules), over, lines).await
}

/// The certificate in that file.
fn root(path: &str) -> &'static [&'static [u8]] {
    static DER: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    static ROOTS: StaticCell<[&'static [u8]; 1]> = StaticCell::new();
    ROOTS.init([host_file::read(path, DER.take())])
}
