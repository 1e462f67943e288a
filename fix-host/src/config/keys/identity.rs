//! Who talks to whom, and what the Logon carries.

use crate::config::key::{Key, honour, ignore};
use crate::config::value::Kind::{Choice, File, Flag, Id, LogonTag, Secret, Text};

pub(super) const KEYS: &[Key] = &[
    honour("BeginString", "all", Text, "BeginString(8). This engine speaks FIX.4.4.").example("FIX.4.4"),
    honour("SenderCompID", "all", Id, "SenderCompID(49): our own name.").example("TRADEDESK"),
    honour("TargetCompID", "all", Id, "TargetCompID(56): the counterparty's name; `*` in a template.")
        .example("EXCHANGE"),
    honour("SenderSubID", "all", Id, "SenderSubID(50) of every message sent.").example("DESK7"),
    honour("SenderLocationID", "all", Id, "SenderLocationID(142) of every message sent.").example("NY"),
    honour("TargetSubID", "all", Id, "TargetSubID(57) of every message sent.").example("MATCHER"),
    honour("TargetLocationID", "all", Id, "TargetLocationID(143) of every message sent.").example("CHI"),
    honour(
        "SessionQualifier",
        "all",
        Id,
        "Tells apart sessions with the same CompIDs; never sent. Initiators only.",
    )
    .example("DROPCOPY"),
    honour(
        "ConnectionType",
        "all",
        Choice(&["initiator", "acceptor"]),
        "Whether we connect or are connected to.",
    ),
    honour("Username", "own", Text, "Username(553) of our Logon.").example("desk7"),
    honour("Password", "own", Secret, "Password(554) of our Logon. Better: `PasswordFile` or `${VARIABLE}`."),
    honour("PasswordFile", "own", File, "A file whose first line is Password(554).")
        .example("/run/secrets/fix-password"),
    honour("LogonTag", "C, n", LogonTag, "Another field of our Logon, as `tag=value`.").numbered(),
    honour(
        "AcceptorTemplate",
        "J",
        Flag,
        "This section is no session but the pattern of sessions made when a counterparty logs on.",
    )
    .default("N"),
    honour(
        "DynamicSessions",
        "G",
        Flag,
        "Beside this session, a counterparty with any CompIDs becomes a session with these settings.",
    )
    .default("N"),
    honour(
        "DynamicQualifier",
        "G",
        Flag,
        "Each dynamic session gets a number as its qualifier, so that one counterparty may log on twice.",
    )
    .default("N"),
    honour(
        "DynamicSession",
        "J",
        Flag,
        "The initiator stays disconnected until an operator asks for the connection.",
    )
    .default("N"),
    ignore("DefaultApplVerID", "all", "FIXT.1.1 only; a FIX.4.4 Logon has no DefaultApplVerID(1137)."),
];
