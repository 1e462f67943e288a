//! A gateway over TLS that meets a venue.

#![allow(dead_code, reason = "each test uses a part of it")]

use fix_embedded::{
    config::{BackOff, Gateway, Host, IntakeRules, TlsRules},
    tls::{SigningKey, Tls, TlsMemory},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rcgen::KeyPair;
use rcgen::PKCS_ECDSA_P256_SHA256;
use rustls::version::TLS13;

use crate::{
    tls_venue::{Authority, Server, leaf},
    world::{Bench, Between, alone},
};

const GATEWAY: Gateway = Gateway {
    sender_comp_id: "BOARD",
    target_comp_id: "EXCHANGE",
    hosts: &[Host { name: "fix.venue.example", port: 1 }],
    heart_bt_int: 5,
    back_off: BackOff { first_millis: 500, ..BackOff::DEFAULT },
    intake: IntakeRules { check_sum: false },
    ..Gateway::DEFAULT
};

/// The gateway meets that venue for so long; what it says to its host, and how many orders were filled.
pub struct Met {
    pub lines: Vec<String>,
    pub orders: usize,
    pub logons: usize,
}

impl Met {
    pub fn refused(&self, why: &str) {
        let found =
            self.lines.iter().any(|line| line.starts_with("SESSION 58=no connection") && line.contains(why));
        assert!(found, "{why}: {:#?}", self.lines);
        assert_eq!((self.logons, self.orders), (0, 0));
    }
}

pub fn meet<const RECORD: usize>(
    rules: TlsRules,
    key: Option<SigningKey>,
    venue: impl Between + 'static,
) -> Met {
    meet_over::<RECORD>(2048, rules, key, venue)
}

/// Over a socket that takes so many bytes at a time.
pub fn meet_over<const RECORD: usize>(
    room: usize,
    rules: TlsRules,
    key: Option<SigningKey>,
    venue: impl Between + 'static,
) -> Met {
    let _alone = alone();
    let mut bench = Bench::new(24);
    bench.inside().between = Some(Box::new(venue));
    bench.inside().room = room;
    let (mut typed, mut lines) = (0, Vec::new());
    let memory = Box::leak(Box::new(TlsMemory::<RECORD>::new()));
    let config = Gateway { tls: Some(rules), ..GATEWAY };
    let over = |inner, clock| {
        let random = ChaCha20Rng::from_seed([7; 32]);
        Tls { inner, rules, clock, random, key, memory }
    };
    bench.power_over(&config, 20, (), over, |bench| {
        let is_up = lines.iter().any(|line: &String| line.starts_with("SESSION 58=up"));
        let filled = lines.iter().filter(|line| line.starts_with("8 11=A")).count();
        if is_up && typed <= 40 && filled == typed {
            typed += 1;
            bench.type_line(&match typed {
                41 => "LOGOUT".to_owned(),
                _ => format!("NEW 11=A{typed} 55=10Y 54=1 38=100 40=2 44=101.25"),
            });
        }
        lines.extend(bench.lines());
        lines.iter().any(|line: &String| line.starts_with("SESSION 58=down: our Logout"))
    });
    let Bench { venue, .. } = &bench;
    Met { lines, orders: venue.application().orders.len(), logons: venue.application().logons }
}

pub fn rules(authority: &Authority) -> TlsRules {
    TlsRules { server_name: "", roots: authority.roots(), certificate: &[] }
}

pub fn p256() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

pub fn good(authority: &Authority) -> Server {
    Server::new(authority.issue(leaf("fix.venue.example"), &p256()), &[&TLS13])
}

pub fn trades(met: &Met) {
    assert_eq!(met.orders, 40, "{:#?}", met.lines);
    let filled = met.lines.iter().filter(|line| line.starts_with("8 11=A")).count();
    assert_eq!(filled, 40, "{:#?}", met.lines);
    assert_eq!(met.logons, 1);
}
