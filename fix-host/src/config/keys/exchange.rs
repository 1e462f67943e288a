//! How the simulated exchange treats one of its sessions.

use crate::config::key::{Key, honour};
use crate::config::value::Kind::Flag;

pub(super) const KEYS: &[Key] = &[
    honour(
        "CancelOnDisconnect",
        "own",
        Flag,
        "The simulated exchange cancels the session's orders when its connection ends, whatever the reason.",
    )
    .default("N"),
    honour(
        "DropCopy",
        "own",
        Flag,
        "The session gets a copy of each ExecutionReport(8) that the simulated exchange sends to any other, and does not \
         trade; refusals that a venue profile makes up and answers to H and AF are not copied (docs/exchange.md).",
    )
    .default("N"),
];
