//! Ports of loopback for the programs that are tried.
#![allow(unreachable_pub, reason = "each test file uses its own part of this")]

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU32, Ordering},
};

/// A loopback port that was free a moment ago: below those that the system gives to connections, one of which could take
/// it meanwhile, and given to nobody else in this process.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(97);
    let mut some = (0..20_000).map(|_| {
        let number = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        10_000 + u16::try_from(number % 20_000).expect("below 20,000")
    });
    some.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}
