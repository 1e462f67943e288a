//! The key table: every key that QuickFIX C++, QuickFIX/J, QuickFIX/n or QuickFIX/Go reads, one file a
//! group of concerns. `docs/configuration.md` is generated from it.

mod connection;
mod exchange;
mod identity;
mod orders;
mod pre_trade;
mod schedule;
mod session;
mod storage;
mod tls;
mod validation;

use super::key::Key;
pub(super) use storage::{DATABASE_LOG, DATABASE_STORE};
pub(super) use tls::{ENCRYPTED, KEY_STORE, KEY_STORE_DETAIL};

/// Keys of one concern.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) keys: &'static [Key],
}

/// All groups, in the order of the documentation.
pub(super) const GROUPS: &[Group] = &[
    Group { title: "Identity and logon", keys: identity::KEYS },
    Group { title: "Schedule", keys: schedule::KEYS },
    Group { title: "Timing and heartbeats", keys: session::TIMING },
    Group { title: "Sequence numbers and recovery", keys: session::RECOVERY },
    Group { title: "Validation", keys: validation::KEYS },
    Group { title: "Orders", keys: orders::KEYS },
    Group { title: "Pre-trade checks", keys: pre_trade::KEYS },
    Group { title: "Initiator", keys: connection::INITIATOR },
    Group { title: "Acceptor", keys: connection::ACCEPTOR },
    Group { title: "Simulated exchange", keys: exchange::KEYS },
    Group { title: "Proxy", keys: connection::PROXY },
    Group { title: "Socket", keys: connection::SOCKET },
    Group { title: "TLS", keys: tls::KEYS },
    Group { title: "Store", keys: storage::STORE },
    Group { title: "Log", keys: storage::LOG },
    Group { title: "Process", keys: storage::PROCESS },
];

/// True if a key says something about TLS.
#[must_use]
pub fn is_of_tls(key: &str) -> bool {
    tls::KEYS.iter().any(|of_tls| of_tls.name == key)
}

/// Every key.
pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    GROUPS.iter().flat_map(|group| group.keys)
}
