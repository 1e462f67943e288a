//! Who may connect, and how often at one time.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use ipnet::IpNet;

/// `AllowedRemoteAddresses`: an empty list allows anyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList(Vec<IpNet>);

impl AllowList {
    /// The addresses of these networks.
    #[must_use]
    pub fn new(networks: &[IpNet]) -> Self {
        AllowList(networks.to_vec())
    }

    /// Whoever is allowed by at least one of `lists`: what a listener shared by their sessions can know
    /// before it has seen a Logon.
    pub fn any_of<'a>(lists: impl IntoIterator<Item = &'a AllowList>) -> Self {
        let mut all = Vec::new();
        for AllowList(list) in lists {
            if list.is_empty() {
                return AllowList::default();
            }
            all.extend_from_slice(list);
        }
        AllowList(IpNet::aggregate(&all))
    }

    /// Whether this address may connect. An IPv4 address that arrives on an IPv6 socket
    /// (`::ffff:192.0.2.7`) counts as the IPv4 address that it is.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&address))
    }
}

/// Counts connections by address and in all, up to a cap each; its memory is bounded by the cap in all.
#[derive(Clone, Debug)]
pub struct Connections {
    per_address: u32,
    in_all: u32,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    in_all: u32,
    by_address: HashMap<IpAddr, u32>,
}

/// One connection's place; given back when dropped.
#[derive(Debug)]
pub struct Place {
    owner: IpAddr,
    counts: Arc<Mutex<Counts>>,
}

/// Which cap is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Crowded {
    /// This address has as many connections as one may have.
    #[error("this address has {0} connections already, the most that one may have")]
    Address(u32),
    /// There are as many connections as there may be.
    #[error("there are {0} connections already, the most that there may be")]
    All(u32),
}

impl Connections {
    /// No connections yet; `per_address` and `in_all` are the caps.
    #[must_use]
    pub fn new(per_address: u32, in_all: u32) -> Self {
        Connections { per_address, in_all, counts: Arc::default() }
    }

    /// Takes a place for a connection from `address`.
    ///
    /// # Errors
    /// If a cap is reached. Nothing is counted then.
    pub fn enter(&self, address: IpAddr) -> Result<Place, Crowded> {
        let owner = owner(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.in_all >= self.in_all {
            return Err(Crowded::All(self.in_all));
        }
        let count = counts.by_address.get(&owner).copied().unwrap_or(0);
        if count >= self.per_address {
            return Err(Crowded::Address(self.per_address));
        }
        counts.by_address.insert(owner, count + 1);
        counts.in_all += 1;
        Ok(Place { owner, counts: Arc::clone(&self.counts) })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).in_all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.in_all = counts.in_all.saturating_sub(1);
        if let Some(count) = counts.by_address.get_mut(&self.owner) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.by_address.remove(&self.owner);
            }
        }
    }
}

/// Whom an address belongs to: with IPv6 one host commonly has a whole /64, and could be as many as it likes.
fn owner(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn only_listed_addresses_are_allowed() {
        let list = AllowList::new(&networks(&["192.0.2.7/32", "10.1.0.0/16", "2001:db8::/32"]));
        for good in ["192.0.2.7", "10.1.255.9", "2001:db8::1", "::ffff:192.0.2.7"] {
            assert!(list.allows(ip(good)), "{good}");
        }
        for bad in ["192.0.2.8", "10.2.0.1", "2001:db9::1", "::ffff:192.0.2.8", "::1"] {
            assert!(!list.allows(ip(bad)), "{bad}");
        }
        assert!(AllowList::new(&[]).allows(ip("203.0.113.1")));
    }

    #[test]
    fn a_shared_listener_lets_in_whom_one_of_its_sessions_allows() {
        let list = |network| AllowList::new(&networks(&[network]));
        let (desk, fund) = (list("192.0.2.7/32"), list("198.51.100.0/24"));
        let both = AllowList::any_of([&desk, &fund]);
        assert!(both.allows(ip("192.0.2.7")) && both.allows(ip("198.51.100.3")));
        assert!(!both.allows(ip("203.0.113.1")));
        let one_is_open = AllowList::any_of([&desk, &AllowList::default()]);
        assert!(one_is_open.allows(ip("203.0.113.1")));
    }

    #[test]
    fn caps_hold_and_places_are_given_back() {
        let connections = Connections::new(2, 3);
        let first = connections.enter(ip("192.0.2.1")).unwrap();
        let _second = connections.enter(ip("::ffff:192.0.2.1")).unwrap();
        assert_eq!(connections.enter(ip("192.0.2.1")).unwrap_err(), Crowded::Address(2));
        let _third = connections.enter(ip("192.0.2.2")).unwrap();
        assert_eq!(connections.enter(ip("192.0.2.3")).unwrap_err(), Crowded::All(3));
        drop(first);
        assert_eq!(connections.count(), 2);
        drop(connections.enter(ip("192.0.2.1")).unwrap());
        assert_eq!(connections.counts.lock().unwrap().by_address.len(), 2);
    }

    #[test]
    fn a_whole_ipv6_subnet_counts_as_one() {
        let connections = Connections::new(1, 9);
        let _first = connections.enter(ip("2001:db8:0:1::1")).unwrap();
        assert_eq!(connections.enter(ip("2001:db8:0:1:ffff::9")).unwrap_err(), Crowded::Address(1));
        let other = connections.enter(ip("2001:db8:0:2::1")).unwrap();
        assert_eq!(connections.count(), 2);
        drop(other);
    }
}
