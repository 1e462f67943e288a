//! The session that a conformance runner plays the other side of, in either role.
#![no_std]

pub mod echo;

use fix_core::{
    dict::fix44,
    engine::Buffers,
    flight::Recorded,
    session::config::{Role, SessionConfig, SessionId, ValidationPolicy},
    store::ring::RingStore,
};
use static_cell::ConstStaticCell;

use crate::echo::Echo;

/// A session that echoes, and that nobody records.
pub type Session = Recorded<&'static mut [u8], RingStore<16, 512>, Echo, ()>;

/// The session of `us` with `them`, which checks all that a runner may break, and begins with number 1 at each Logon.
///
/// # Panics
/// If it is called twice.
pub fn session(role: Role, us: &str, them: &str) -> Session {
    static INBOUND: ConstStaticCell<[u8; 2048]> = ConstStaticCell::new([0; 2048]);
    static OUTBOUND: ConstStaticCell<[u8; 4096]> = ConstStaticCell::new([0; 4096]);
    static KEPT: ConstStaticCell<[u8; 2048]> = ConstStaticCell::new([0; 2048]);
    let Ok(id) = SessionId::new(us, them) else { defmt::panic!("names that are too long") };
    let mut config = SessionConfig::new(role, id);
    config.reset_on_logon = true;
    config.dictionary = Some(&fix44::DICTIONARY);
    // The definitions for an initiator expect a Reject, too.
    config.validation_policy = ValidationPolicy::Reject;
    let buffers = Buffers { inbound: &mut INBOUND.take()[..], outbound: OUTBOUND.take(), kept: KEPT.take() };
    Recorded::new(config, buffers, RingStore::new(), Echo::default(), ())
}
