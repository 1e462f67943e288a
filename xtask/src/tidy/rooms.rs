//! The tables of `layers`: what each room may import, as ARCHITECTURE.md draws it.

/// A crate and its rooms.
pub(super) struct Crate {
    pub(super) source: &'static str,
    pub(super) rooms: &'static [Room],
}

/// A room, and the rooms that it may import, which stand on lines above: so no rooms import each other in a circle. A room
/// is a module at the top of its crate, or one further down that has arrows of its own.
pub(super) type Room = (&'static str, &'static [&'static str]);

#[rustfmt::skip]
pub(super) const CORE: Crate = Crate {
    source: "fix-core/src/",
    rooms: &[
        ("ascii", &[]),
        ("tag", &[]),
        ("msg_type", &[]),
        ("time", &["ascii"]),
        ("decimal", &["ascii"]),
        ("store", &["ascii", "time"]),
        ("wire", &["ascii", "tag", "msg_type", "time", "decimal"]),
        ("dict", &["tag", "wire"]),
        ("msg", &["ascii", "tag", "msg_type", "time", "decimal", "wire", "dict"]),
        ("pre_trade", &["time", "decimal"]),
        ("session", &["tag", "time", "store", "wire", "dict", "msg"]),
        ("engine", &["time", "store", "wire", "session"]),
        ("flight", &["tag", "time", "store", "wire", "dict", "msg", "session", "engine"]),
        ("shown", &["store", "wire", "dict", "msg", "session", "engine"]),
    ],
};

#[rustfmt::skip]
pub(super) const HOST: Crate = Crate {
    source: "fix-host/src/",
    rooms: &[
        ("from_environment", &[]),
        ("clock", &[]),
        ("cores", &[]),
        ("open_files", &[]),
        ("dictionary", &[]),
        ("exit", &["dictionary"]),
        ("config", &[]),
        ("histogram", &[]),
        ("crash", &[]),
        ("page", &[]),
        ("taken", &[]),
        ("store", &["exit", "open_files", "crash", "histogram"]),
        ("contract", &["exit", "clock", "config", "store"]),
        ("halt", &["clock", "contract"]),
        ("log", &["cores", "open_files", "config", "store"]),
        ("market", &["clock", "contract"]),
        ("orders", &["store", "contract"]),
        ("observe", &["halt", "histogram", "log", "contract"]),
        ("bus", &["from_environment", "crash", "clock", "halt", "contract", "orders", "observe"]),
        ("desk", &["config", "halt", "store", "market", "contract", "orders"]),
        ("exchange/book", &[]),
        ("exchange/packed", &[]),
        ("exchange/orders", &["exchange/book", "exchange/packed"]),
        ("exchange/venue", &["exchange/book", "exchange/packed", "exchange/orders"]),
        ("exchange/profile", &["config", "contract"]),
        ("exchange/journal", &["store", "exchange/book", "exchange/packed", "exchange/orders", "exchange/profile", "exchange/venue"]),
        ("exchange", &["contract", "exchange/profile", "market", "exchange/book", "exchange/orders", "exchange/venue", "exchange/journal"]),
        ("flight", &[]),
        ("load", &["page", "contract"]),
        ("net", &["flight", "clock", "open_files", "taken", "config", "store", "contract"]),
        ("firmware", &["config", "net"]),
        ("web", &["exit", "dictionary", "from_environment", "clock", "open_files", "taken", "halt", "contract", "orders", "observe"]),
        ("service", &["flight", "exit", "clock", "open_files", "dictionary", "config", "halt", "histogram", "log", "store", "market", "bus", "observe", "contract", "orders", "desk", "exchange", "exchange/journal", "exchange/profile", "load", "net", "web"]),
        ("scenario", &["clock", "config", "page", "store", "market", "contract", "exchange", "exchange/profile", "net", "service"]),
        ("conformance", &["clock", "config", "contract", "net", "service"]),
        ("cli", &["firmware", "flight", "exit", "clock", "cores", "dictionary", "config", "halt", "load", "log", "store", "bus", "contract", "observe", "web", "service", "scenario", "conformance"]),
    ],
};
