//! What `fix-host firmware-config` writes compiles, and is what the `.cfg` says. The file is made by the host's tests.

/// As the file of a board that has it beside its source.
mod gateway {
    include!("golden/gateway.rs");
}

use fix_core::{
    decimal::Decimal,
    pre_trade::{BasisPoints, WithoutPrice},
    time::UtcTimestamp,
};
use fix_embedded::config::{Addressing, Cancels, DeadMan, Host};
use gateway::GATEWAY;

#[test]
fn the_values_are_those_of_the_cfg() {
    assert_eq!(
        (GATEWAY.sender_comp_id, GATEWAY.sender_sub_id, GATEWAY.target_comp_id),
        ("DESK", "a\"b\\", "VENUE")
    );
    let hosts = [Host { name: "fix.example.com", port: 9876 }, Host { name: "10.0.0.7", port: 9877 }];
    assert_eq!(GATEWAY.hosts, hosts);
    assert_eq!((GATEWAY.back_off.first_millis, GATEWAY.back_off.most_millis), (2_000, 30_000));
    assert_eq!(GATEWAY.send_timeout_millis, 5_000);
    let session = GATEWAY.session().unwrap();
    assert_eq!((session.reset_on_logon, session.heart_bt_int), (true, 20));
    let limits = GATEWAY.limits;
    assert_eq!(limits.max_notional, Some(Decimal::new(25_000_050, 2)));
    assert_eq!((limits.price_band, limits.without_price), (Some(BasisPoints(250)), WithoutPrice::Pass));
    assert_eq!(GATEWAY.dead_man, DeadMan { silent_seconds: 30, cancels: Cancels::Each });
    assert!(matches!(
        GATEWAY.addressing,
        Addressing::Static { address: [192, 168, 1, 20], prefix_len: 24, .. }
    ));
    assert_eq!(GATEWAY.time.servers, [Host { name: "pool.ntp.org", port: 123 }]);
    let tls = GATEWAY.tls.unwrap();
    assert_eq!((tls.server_name, tls.certificate), ("fix.venue.example", &[48, 3][..]));
    assert_eq!(tls.roots, [&[48, 1, 2][..], &[48; 30]]);
}

#[test]
fn daylight_saving_is_in_the_moments() {
    let is_open = |text: &[u8]| {
        let now = UtcTimestamp::parse(text).unwrap();
        GATEWAY.schedule.schedule(now).is_open(now)
    };
    // 17:00 on a Sunday in New York is 22:00 UTC in winter and 21:00 in summer.
    assert!(!is_open(b"20261129-21:59:59") && is_open(b"20261129-22:00:00"));
    assert!(!is_open(b"20270613-20:59:59") && is_open(b"20270613-21:00:00"));
    assert!(!is_open(b"20270611-20:30:00"), "16:30 on a Friday");
    assert!(!is_open(b"20290613-21:00:00"), "behind its end it is closed");
}
