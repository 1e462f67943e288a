//! Whether trading is stopped, by whom, and what is to be done to the orders that are working.

use embassy_time::{Duration, Instant};

use crate::config::{Cancels, DeadMan};

/// Who stops trading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Stop {
    /// The switch of the board.
    Switch,
    /// KILL.
    Word,
    /// The host is silent.
    DeadMan,
}

impl Stop {
    /// What the sender of an order is told.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Stop::Switch => "trading is stopped: the kill switch is on",
            Stop::Word => "trading is stopped: KILL; RESUME ends it",
            Stop::DeadMan => "trading is stopped: the host is silent",
        }
    }
}

/// Watches over what stops trading.
#[derive(Debug)]
pub(crate) struct Stops {
    dead_man: DeadMan,
    kill: Cancels,
    started: Instant,
    stop: Option<Stop>,
    /// What is still to be done on this connection.
    due: Option<Cancels>,
}

impl Stops {
    pub(crate) fn new(dead_man: DeadMan, kill: Cancels, now: Instant) -> Self {
        Stops { dead_man, kill, started: now, stop: None, due: None }
    }

    /// Looks again. The stop that began or ended now, if one did.
    pub(crate) fn look(
        &mut self,
        switch: bool,
        halted: bool,
        heard: Option<Instant>,
        now: Instant,
    ) -> Option<Option<Stop>> {
        let silent = now.saturating_duration_since(heard.unwrap_or(self.started));
        let most = Duration::from_secs(self.dead_man.silent_seconds.into());
        let is_silent = self.dead_man.silent_seconds > 0 && silent >= most;
        let stop = match () {
            () if switch => Some(Stop::Switch),
            () if halted => Some(Stop::Word),
            () if is_silent => Some(Stop::DeadMan),
            () => None,
        };
        if stop == self.stop {
            return None;
        }
        self.stop = stop;
        self.due = self.cancels();
        Some(stop)
    }

    /// Who stops trading now.
    pub(crate) fn stop(&self) -> Option<Stop> {
        self.stop
    }

    fn cancels(&self) -> Option<Cancels> {
        match self.stop? {
            Stop::Switch | Stop::Word => Some(self.kill),
            Stop::DeadMan => Some(self.dead_man.cancels),
        }
    }

    /// The session is logged on: what was sent on the last connection may not have arrived.
    pub(crate) fn logged_on(&mut self) {
        self.due = self.cancels();
    }

    /// What is to be done now.
    pub(crate) fn due(&self) -> Option<Cancels> {
        self.due
    }

    /// It is done.
    pub(crate) fn done(&mut self) {
        self.due = None;
    }

    /// True while nobody may be logged on.
    pub(crate) fn keeps_out(&self) -> bool {
        self.cancels() == Some(Cancels::Logout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEAD_MAN: DeadMan = DeadMan { silent_seconds: 5, cancels: Cancels::Each };

    #[test]
    fn a_silent_host_stops_trading_and_its_next_line_ends_that() {
        let at = Instant::from_secs;
        let mut stops = Stops::new(DEAD_MAN, Cancels::Mass, at(0));
        assert_eq!(stops.look(false, false, None, at(4)), None);
        assert_eq!(stops.look(false, false, None, at(5)), Some(Some(Stop::DeadMan)));
        assert_eq!(stops.due(), Some(Cancels::Each));
        stops.done();
        assert_eq!((stops.look(false, false, None, at(6)), stops.due()), (None, None));
        stops.logged_on();
        assert_eq!(stops.due(), Some(Cancels::Each), "again on the next connection");
        assert_eq!(stops.look(false, false, Some(at(7)), at(7)), Some(None));
        assert_eq!(stops.due(), None);
    }

    #[test]
    fn the_switch_is_above_the_word_and_the_word_above_silence() {
        let at = Instant::from_secs;
        let mut stops = Stops::new(DEAD_MAN, Cancels::Logout, at(0));
        assert_eq!(stops.look(true, true, None, at(9)), Some(Some(Stop::Switch)));
        assert!(stops.keeps_out());
        assert_eq!(stops.look(false, true, None, at(9)), Some(Some(Stop::Word)));
        assert_eq!(stops.look(false, false, None, at(9)), Some(Some(Stop::DeadMan)));
        assert!(!stops.keeps_out());
    }
}
