//! Which of its hosts an initiator tries next, and after what wait.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::{HostPort, HostSelectionPolicy, InitiatorSettings};

/// The hosts of one initiator, and whose turn it is.
///
/// A host is good only once a Logon was answered: a port that accepts and then says nothing, or refuses our
/// Logon, does not keep the others from being tried. A good host is tried again before the others.
#[derive(Debug)]
pub struct Hosts {
    hosts: Vec<HostPort>,
    policy: HostSelectionPolicy,
    intervals: Vec<Duration>,
    turn: usize,
    /// Attempts since the last Logon.
    failures: usize,
    /// When the first host was given up.
    left_first: Option<Instant>,
}

impl Hosts {
    /// Starts with the first host.
    #[must_use]
    pub fn new(settings: &InitiatorSettings) -> Self {
        Hosts {
            hosts: settings.hosts.clone(),
            policy: settings.host_selection_policy,
            intervals: settings.reconnect_intervals.clone(),
            turn: 0,
            failures: 0,
            left_first: None,
        }
    }

    /// The host to try at `now`; `None` only if there is none at all.
    pub fn pick(&mut self, now: Instant) -> Option<&HostPort> {
        if let (HostSelectionPolicy::Priority { start_over_interval }, Some(left)) =
            (self.policy, self.left_first)
            && now.saturating_duration_since(left) >= start_over_interval
        {
            self.turn = 0;
            self.left_first = None;
        }
        self.hosts.get(self.turn)
    }

    /// The attempt of the host picked last ended at `now`, after a Logon or without one. Returns the wait
    /// until the next attempt.
    pub fn ended(&mut self, now: Instant, was_logged_on: bool) -> Duration {
        let interval = |failures: usize| {
            let last = self.intervals.len().saturating_sub(1);
            self.intervals.get(failures.min(last)).copied().unwrap_or_default()
        };
        if was_logged_on {
            self.failures = 0;
            return interval(0);
        }
        let wait = interval(self.failures);
        self.failures = self.failures.saturating_add(1);
        if self.turn == 0 {
            self.left_first = Some(now);
        }
        self.turn = (self.turn + 1) % self.hosts.len().max(1);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn hosts(names: &[&str], policy: HostSelectionPolicy, intervals: &[u64]) -> Hosts {
        let host = |name: &&str| HostPort { host: (*name).to_owned(), port: 9876 };
        Hosts {
            hosts: names.iter().map(host).collect(),
            policy,
            intervals: intervals.iter().copied().map(Duration::from_secs).collect(),
            turn: 0,
            failures: 0,
            left_first: None,
        }
    }

    fn picked(hosts: &mut Hosts, now: Instant) -> String {
        hosts.pick(now).unwrap().host.clone()
    }

    #[test]
    fn the_hosts_take_turns_until_one_logs_on() {
        let now = Instant::now();
        let mut hosts = hosts(&["a", "b", "c"], HostSelectionPolicy::RoundRobin, &[30]);
        for name in ["a", "b", "c", "a"] {
            assert_eq!(picked(&mut hosts, now), name);
            hosts.ended(now, false);
        }
        assert_eq!(picked(&mut hosts, now), "b");
        hosts.ended(now, true);
        assert_eq!(picked(&mut hosts, now), "b", "a host that was good is tried first");
        hosts.ended(now, false);
        assert_eq!(picked(&mut hosts, now), "c");
    }

    #[test]
    fn priority_starts_over_from_the_first_host() {
        let start = Instant::now();
        let policy = HostSelectionPolicy::Priority { start_over_interval: 120 * SECOND };
        let mut hosts = hosts(&["a", "b", "c"], policy, &[30]);
        assert_eq!(picked(&mut hosts, start), "a");
        hosts.ended(start, false);
        assert_eq!(picked(&mut hosts, start + 119 * SECOND), "b");
        hosts.ended(start + 119 * SECOND, true);
        assert_eq!(picked(&mut hosts, start + 120 * SECOND), "a", "a backup, however good, is a backup");
        hosts.ended(start + 121 * SECOND, false);
        assert_eq!(picked(&mut hosts, start + 122 * SECOND), "b");
    }

    #[test]
    fn the_waits_grow_with_failures_and_a_logon_resets_them() {
        let now = Instant::now();
        let mut hosts = hosts(&["a"], HostSelectionPolicy::RoundRobin, &[1, 1, 5, 60]);
        let waits: Vec<u64> = (0..6).map(|_| hosts.ended(now, false).as_secs()).collect();
        assert_eq!(waits, [1, 1, 5, 60, 60, 60]);
        assert_eq!(hosts.ended(now, true), SECOND);
        assert_eq!(hosts.ended(now, false), SECOND);
    }
}
