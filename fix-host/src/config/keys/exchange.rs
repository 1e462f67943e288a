//! How the simulated exchange treats one of its sessions.

use crate::config::key::{Key, honour};
use crate::config::value::Kind::Flag;

pub(super) const KEYS: &[Key] = &[honour(
    "CancelOnDisconnect",
    "own",
    Flag,
    "The simulated exchange cancels the session's orders when its connection ends, whatever the reason.",
)
.default("N")];
