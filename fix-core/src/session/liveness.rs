//! Heartbeats, TestRequests and the silence after which a connection is given up (cases 4, 5, 6).

use core::time::Duration;

use super::config::SessionConfig;
use crate::time::Mono;

/// Bytes of one message that are a sign of life: less, by drips, would hold a dead session open.
pub(super) const PROGRESS: usize = 1024;

/// What the clock asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Heartbeat,
    TestRequest,
    TimeOut,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Liveness {
    /// HeartBtInt(108); `None`: 0, no heartbeats at all.
    interval: Option<Duration>,
    test_after: Duration,
    time_out_after: Duration,
    checks_counterparty: bool,
    last_sent: Mono,
    last_received: Mono,
    /// How much of the message that is coming in has counted as a sign of life, in bytes.
    begun: usize,
    /// Our TestRequest is out and nothing has come since.
    testing: bool,
}

impl Liveness {
    /// Both sides are logged on and agree on `heart_bt_int` seconds.
    pub(crate) fn start(&mut self, heart_bt_int: u32, config: &SessionConfig, now: Mono) {
        let permille = |of: u16| Duration::from_millis(u64::from(heart_bt_int).saturating_mul(of.into()));
        self.interval = (heart_bt_int > 0).then_some(Duration::from_secs(heart_bt_int.into()));
        self.test_after = permille(config.test_request_after_permille);
        self.time_out_after = permille(config.heart_beat_timeout_permille);
        self.checks_counterparty = !config.disable_heart_beat_check;
        (self.last_sent, self.last_received, self.testing, self.begun) = (now, now, false, 0);
    }

    pub(crate) fn stop(&mut self) {
        self.interval = None;
    }

    pub(crate) fn sent(&mut self, now: Mono) {
        self.last_sent = now;
    }

    /// Any message counts, not only the Heartbeat that answers.
    pub(crate) fn received(&mut self, now: Mono) {
        self.last_received = now;
        self.testing = false;
    }

    /// So many bytes of a message have come that is not all there yet. A large one on a slow line is no silence as long
    /// as it goes on, by at least [`PROGRESS`]. True if that is so: what the silence held back may be due.
    pub(crate) fn receiving(&mut self, begun: usize, now: Mono) -> bool {
        if begun < self.begun {
            self.begun = 0;
        }
        let goes_on = begun.saturating_sub(self.begun) >= PROGRESS;
        if goes_on {
            self.begun = begun;
            self.received(now);
        }
        goes_on
    }

    pub(crate) fn tested(&mut self) {
        self.testing = true;
    }

    /// No TestRequest of ours is open, and no message is half received.
    pub(crate) fn is_at_rest(&self) -> bool {
        !self.testing && self.begun == 0
    }

    pub(crate) fn last_received(&self) -> Mono {
        self.last_received
    }

    pub(crate) fn last_sent(&self) -> Mono {
        self.last_sent
    }

    pub(crate) fn due(&self, now: Mono) -> Option<Due> {
        let interval = self.interval?;
        let reached = |at: Mono| now >= at;
        if self.checks_counterparty && reached(self.last_received.after(self.time_out_after)) {
            return Some(Due::TimeOut);
        }
        if self.testing {
            return None;
        }
        if self.checks_counterparty && reached(self.last_received.after(self.test_after)) {
            return Some(Due::TestRequest);
        }
        reached(self.last_sent.after(interval)).then_some(Due::Heartbeat)
    }

    /// When [`due`](Self::due) next has something to say, apart from Heartbeats if they are not wanted.
    pub(crate) fn deadline(&self, heartbeats: bool) -> Option<Mono> {
        let interval = self.interval?;
        let heartbeat = heartbeats.then(|| self.last_sent.after(interval));
        let time_out = self.last_received.after(self.time_out_after);
        match (self.checks_counterparty, self.testing) {
            (false, _) => heartbeat,
            (true, true) => Some(time_out),
            (true, false) => {
                let test = self.last_received.after(self.test_after).min(time_out);
                Some(heartbeat.map_or(test, |heartbeat| heartbeat.min(test)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::config::{Role, SessionId};

    fn started(heart_bt_int: u32) -> Liveness {
        let config = SessionConfig::new(Role::Acceptor, SessionId::new("A", "B").unwrap());
        let mut liveness = Liveness::default();
        liveness.start(heart_bt_int, &config, Mono::from_millis(0));
        liveness
    }

    fn due_at(liveness: &Liveness, millis: u64) -> Option<Due> {
        liveness.due(Mono::from_millis(millis))
    }

    #[test]
    fn silence_leads_to_heartbeat_test_request_and_time_out() {
        let mut liveness = started(10);
        assert_eq!(liveness.deadline(true), Some(Mono::from_millis(10_000)));
        assert_eq!(due_at(&liveness, 9_999), None);
        assert_eq!(due_at(&liveness, 10_000), Some(Due::Heartbeat));
        liveness.sent(Mono::from_millis(10_000));
        assert_eq!(due_at(&liveness, 12_000), Some(Due::TestRequest));
        liveness.tested();
        assert_eq!(due_at(&liveness, 23_999), None, "no Heartbeats while the TestRequest is open");
        assert_eq!(due_at(&liveness, 24_000), Some(Due::TimeOut));
        liveness.received(Mono::from_millis(24_000));
        assert_eq!(due_at(&liveness, 24_000), Some(Due::Heartbeat));
    }

    #[test]
    fn a_large_message_on_a_slow_line_is_no_silence_but_drips_are() {
        let mut liveness = started(10);
        for second in 1..=100u64 {
            liveness.receiving(second as usize * 1024, Mono::from_millis(second * 10_000));
        }
        assert_eq!(due_at(&liveness, 1_011_999), Some(Due::Heartbeat), "no TestRequest");
        liveness.sent(Mono::from_millis(1_011_999));
        liveness.receiving(100 * 1024 + 1023, Mono::from_millis(1_012_000));
        assert_eq!(due_at(&liveness, 1_012_000), Some(Due::TestRequest), "1,023 bytes do not count");
        liveness.receiving(1024, Mono::from_millis(1_012_000));
        assert_eq!(due_at(&liveness, 1_012_000), None, "the next message has begun");
    }

    #[test]
    fn heart_bt_int_zero_means_no_timers() {
        let liveness = started(0);
        assert_eq!((liveness.deadline(true), due_at(&liveness, u64::MAX / 2000)), (None, None));
    }
}
