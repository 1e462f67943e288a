//! What the gateway is told. Make your own: `fix-host firmware-config my.cfg -o src/gateway.rs`.

use fix_embedded::config::{FlashRules, Gateway, Host, TimeRules};

use crate::flash::ERASE_MILLIS;

/// A session with `fix-host exchange`.
pub const GATEWAY: Gateway = Gateway {
    sender_comp_id: "TRADEDESK",
    target_comp_id: "EXCHANGE",
    hosts: &[Host { name: "192.168.1.10", port: 9876 }],
    time: TimeRules { servers: &[Host { name: "pool.ntp.org", port: 123 }], ..TimeRules::DEFAULT },
    flash: FlashRules { erase_stall_millis: ERASE_MILLIS, ..FlashRules::DEFAULT },
    ..Gateway::DEFAULT
};
