//! When a session may be logged on: a table of UTC moments.
//!
//! Time zones, week days and daylight saving are the host's: it compiles them into moments ahead of time,
//! so that a board without time-zone data is right too.

use core::fmt;

use heapless::Vec;

use crate::time::UtcTimestamp;

/// The most moments a schedule holds: eight windows, each with its opening and its closing.
pub const MAX_TRANSITIONS: usize = 16;

/// A moment at which a session opens or closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Transition {
    /// Seconds since 1970-01-01 UTC.
    pub at: i64,
    /// What begins then.
    pub to: Window,
}

/// What a session may do from a moment on. All there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Window {
    /// Not be logged on.
    Closed,
    /// Be logged on; a new session, whose numbers begin at 1.
    OpenNew,
    /// Be logged on; the session goes on with its numbers (a pause in the day, LogonTime).
    OpenContinued,
}

/// Why a schedule was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ScheduleError {
    /// More than [`MAX_TRANSITIONS`].
    TooMany,
    /// The moments do not ascend.
    NotSorted,
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScheduleError::TooMany => {
                write!(f, "more than {MAX_TRANSITIONS} moments: renew the schedule in time")
            }
            ScheduleError::NotSorted => f.write_str("the moments do not ascend"),
        }
    }
}

impl core::error::Error for ScheduleError {}

/// The windows of a session. Empty: always open, never reset by time (NonStopSession).
///
/// Before its first moment a schedule is closed; after its last one the last state goes on, so the host
/// renews it in time with `Engine::set_schedule`.
///
/// ```
/// use fix_core::{UtcTimestamp, session::schedule::{Schedule, Transition, Window}};
///
/// let at = |text: &[u8]| UtcTimestamp::parse(text).map(UtcTimestamp::unix_seconds);
/// let day = Schedule::new(&[
///     Transition { at: at(b"20261130-08:00:00")?, to: Window::OpenNew },
///     Transition { at: at(b"20261130-17:00:00")?, to: Window::Closed },
/// ])?;
/// assert!(day.is_open(UtcTimestamp::parse(b"20261130-12:00:00")?));
/// assert!(!day.is_open(UtcTimestamp::parse(b"20261130-17:00:00")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Schedule {
    transitions: Vec<Transition, MAX_TRANSITIONS, u8>,
}

impl Schedule {
    /// Always open; the numbers never begin again by time.
    pub const fn non_stop() -> Self {
        Schedule { transitions: Vec::new() }
    }

    /// A schedule of these moments, in ascending order.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub fn new(transitions: &[Transition]) -> Result<Self, ScheduleError> {
        let ascending = transitions.iter().zip(transitions.iter().skip(1)).all(|(a, b)| a.at < b.at);
        if !ascending {
            return Err(ScheduleError::NotSorted);
        }
        let transitions = Vec::from_slice(transitions).map_err(|_| ScheduleError::TooMany)?;
        Ok(Schedule { transitions })
    }

    /// True if it is [`non_stop`](Self::non_stop): neither time nor the numbers' age matter.
    pub fn is_non_stop(&self) -> bool {
        self.transitions.is_empty()
    }

    /// True if the session may be logged on at `now`.
    pub fn is_open(&self, now: UtcTimestamp) -> bool {
        self.is_non_stop() || self.window(now).is_some_and(|window| window.to != Window::Closed)
    }

    /// True if a session whose numbers began at `creation` must begin again by `now`: a new window has
    /// opened in between.
    pub fn is_stale(&self, creation: Option<UtcTimestamp>, now: UtcTimestamp) -> bool {
        let (created, now) = (creation.map(UtcTimestamp::unix_seconds), now.unix_seconds());
        let opened = self.transitions.iter().rev().find(|t| t.at <= now && t.to == Window::OpenNew);
        opened.is_some_and(|opening| created.is_none_or(|created| created < opening.at))
    }

    /// Seconds from `now` to the next moment of the table.
    pub fn seconds_to_next(&self, now: UtcTimestamp) -> Option<u64> {
        let now = now.unix_seconds();
        let next = self.transitions.iter().find(|transition| transition.at > now)?;
        u64::try_from(next.at.saturating_sub(now)).ok()
    }

    /// The moments of the table.
    pub fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    fn window(&self, now: UtcTimestamp) -> Option<&Transition> {
        self.transitions.iter().rev().find(|transition| transition.at <= now.unix_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UtcTimestamp {
        UtcTimestamp::from_unix(seconds, 0)
    }

    fn days() -> Schedule {
        Schedule::new(&[
            Transition { at: 100, to: Window::OpenNew },
            Transition { at: 150, to: Window::Closed },
            Transition { at: 160, to: Window::OpenContinued },
            Transition { at: 200, to: Window::Closed },
            Transition { at: 300, to: Window::OpenNew },
        ])
        .unwrap()
    }

    #[test]
    fn open_and_closed_follow_the_table() {
        let schedule = days();
        let open: std::vec::Vec<i64> = [99, 100, 149, 150, 160, 199, 200, 299, 300, 9999]
            .into_iter()
            .filter(|t| schedule.is_open(at(*t)))
            .collect();
        assert_eq!(open, [100, 149, 160, 199, 300, 9999]);
        assert!(Schedule::non_stop().is_open(at(0)) && Schedule::non_stop().is_non_stop());
        assert!(!schedule.is_non_stop());
        assert_eq!(schedule.seconds_to_next(at(120)), Some(30));
        assert_eq!(schedule.seconds_to_next(at(300)), None);
    }

    #[test]
    fn numbers_begin_again_once_for_each_new_window() {
        let schedule = days();
        assert!(schedule.is_stale(Some(at(50)), at(100)), "created before the window");
        assert!(!schedule.is_stale(Some(at(100)), at(120)), "restart inside the window keeps the numbers");
        assert!(!schedule.is_stale(Some(at(110)), at(170)), "a pause is no new session");
        assert!(schedule.is_stale(Some(at(110)), at(300)));
        assert!(!schedule.is_stale(Some(at(50)), at(60)), "nothing has opened yet");
        assert!(!Schedule::non_stop().is_stale(None, at(60)));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let late = Transition { at: 2, to: Window::Closed };
        assert_eq!(Schedule::new(&[late, late]), Err(ScheduleError::NotSorted));
        let many: std::vec::Vec<_> = (0..17).map(|at| Transition { at, to: Window::Closed }).collect();
        assert_eq!(Schedule::new(&many), Err(ScheduleError::TooMany));
    }
}
