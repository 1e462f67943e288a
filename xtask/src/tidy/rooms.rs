//! The tables of `layers`: what each room may import, as ARCHITECTURE.md draws it.

/// A crate and its rooms.
pub(super) struct Crate {
    pub(super) source: &'static str,
    pub(super) rooms: &'static [Room],
}

/// A room, and the rooms that it may import. A room is a module at the top of its crate, or one further down that has
/// arrows of its own.
pub(super) type Room = (&'static str, &'static [&'static str]);

/// From the bottom up.
#[rustfmt::skip]
pub(super) const CORE: Crate = Crate {
    source: "fix-core/src/",
    rooms: &[
        ("tag", &["dict"]),
        ("time", &["wire"]),
        ("decimal", &["wire"]),
        ("wire", &["tag", "time", "decimal", "msg"]),
        ("dict", &["tag", "wire"]),
        ("store", &["time", "wire"]),
        ("msg", &["tag", "time", "decimal", "wire", "dict"]),
        ("pre_trade", &["time", "decimal"]),
        ("session", &["tag", "time", "wire", "dict", "store", "msg"]),
        ("engine", &["time", "wire", "store", "session"]),
        ("shown", &["wire", "dict", "store", "msg", "session", "engine"]),
    ],
};

/// From the bottom up, as far as no room imports one that imports it.
#[rustfmt::skip]
pub(super) const HOST: Crate = Crate {
    source: "fix-host/src/",
    rooms: &[
        ("exit", &["dictionary"]),
        ("from_environment", &[]),
        ("clock", &[]),
        ("reading", &[]),
        ("dictionary", &["reading"]),
        ("config", &[]),
        ("halt", &["clock", "bus"]),
        ("log", &["config", "store"]),
        ("store", &["exit", "observe"]),
        ("market", &["bus"]),
        ("bus", &["exit", "from_environment", "clock", "config", "halt", "store", "market", "observe", "desk"]),
        ("observe", &["halt", "log", "market", "bus"]),
        ("desk", &["config", "halt", "store", "market", "bus", "observe", "net"]),
        ("exchange", &["market", "bus"]),
        ("net", &["clock", "config", "log", "store", "bus", "observe"]),
        ("web", &["exit", "from_environment", "clock", "halt", "bus", "observe", "desk"]),
        ("service", &["exit", "clock", "dictionary", "config", "halt", "log", "store", "market", "bus", "observe", "desk", "exchange", "net", "web"]),
        ("conformance", &["clock", "config", "net", "observe", "service", "store", "bus"]),
        ("cli", &["exit", "clock", "reading", "dictionary", "config", "halt", "log", "store", "bus", "observe", "web", "service", "conformance"]),
    ],
};
