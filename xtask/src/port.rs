//! Ports of 127.0.0.1 for the programs that are tried.

use std::{
    net::TcpListener,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// A TCP port that nobody has, with a free one above it (the acceptance runner's second job takes that). It is below the
/// ports that the system gives to connections, one of which could take it meanwhile, and given once by this process.
pub(crate) fn free_port() -> Result<u16, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = process::id().wrapping_mul(97);
    let mut some = (0..10_000).filter_map(|_| {
        let pair = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        Some(10_000 + 2 * u16::try_from(pair).ok()?)
    });
    let nobody_has = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    some.find(|&port| nobody_has(port) && nobody_has(port + 1))
        .ok_or_else(|| "no port of 127.0.0.1 is free".into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let given: HashSet<_> = (0..500).map(|_| free_port().expect("a port")).collect();
        assert_eq!(given.len(), 500);
        assert!(given.iter().all(|port| (10_000..30_000).contains(port) && !given.contains(&(port + 1))));
    }
}
