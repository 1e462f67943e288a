//! When a session may be logged on, for years ahead: a table of UTC moments in four bytes each.
//!
//! A board has no data of time zones. `fix-host firmware-config` turns the local times of a `.cfg` into moments, each day's with
//! the daylight saving of that day, and the board goes by them: the core's own table holds sixteen, so a board gives it the
//! sixteen around now, and the next ones in time.

use fix_core::{
    session::schedule::{MAX_TRANSITIONS, Schedule, Transition, Window},
    time::UtcTimestamp,
};
use heapless::Vec;

/// 2020-01-01 00:00:00 UTC in seconds since 1970: where the moments of a table count from. 30 bits last to 2054.
pub const ORIGIN: i64 = 1_577_836_800;

/// A moment for a [`Table`]: its seconds since [`ORIGIN`] in the upper 30 bits, what begins then in the lower two. `None`
/// outside the years that fit.
#[must_use]
pub const fn pack(moment: Transition) -> Option<u32> {
    let seconds = moment.at.wrapping_sub(ORIGIN);
    let window = match moment.to {
        Window::Closed => 0,
        Window::OpenNew => 1,
        Window::OpenContinued => 2,
    };
    if seconds < 0 || seconds >= 1 << 30 {
        return None;
    }
    Some((seconds as u32) << 2 | window)
}

const fn unpack(packed: u32) -> Transition {
    let to = match packed & 3 {
        1 => Window::OpenNew,
        2 => Window::OpenContinued,
        _ => Window::Closed,
    };
    Transition { at: ORIGIN.wrapping_add((packed >> 2) as i64), to }
}

/// Moments in ascending order. A table that is not [`NON_STOP`](Table::NON_STOP) is closed before its first moment; behind
/// its last one, which closes, too: a board is given a new one in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Table(pub &'static [u32]);

impl Table {
    /// Always open, and the numbers never begin again by time.
    pub const NON_STOP: Table = Table(&[]);

    /// The core's table for `now`: from the opening on that the numbers belong to, with what follows.
    #[must_use]
    pub fn schedule(&self, now: UtcTimestamp) -> Schedule {
        let moments = self.around(now);
        let mut table = Vec::<Transition, MAX_TRANSITIONS, u8>::new();
        table.extend(moments.iter().take(MAX_TRANSITIONS).map(|packed| unpack(*packed)));
        // They ascend, as the table does.
        Schedule::new(&table).unwrap_or_default()
    }

    /// When the core is to get the next table, in seconds since 1970: [`schedule`](Self::schedule) of a moment before has less
    /// than half of its moments left then. `None`: there is no other one.
    #[must_use]
    pub fn renew_at(&self, now: UtcTimestamp) -> Option<i64> {
        let moments = self.around(now);
        if moments.len() <= MAX_TRANSITIONS {
            return None;
        }
        let half = moments.iter().skip(MAX_TRANSITIONS / 2);
        half.map(|packed| unpack(*packed).at).find(|at| *at > now.unix_seconds())
    }

    /// The last moment, behind which the session is closed, in seconds since 1970; `None`: the table is non-stop.
    #[must_use]
    pub fn ends_at(&self) -> Option<i64> {
        self.0.last().map(|packed| unpack(*packed).at)
    }

    /// From the last opening with new numbers at or before `now`. If many pauses lie between it and now, from the moment
    /// in force.
    fn around(&self, now: UtcTimestamp) -> &'static [u32] {
        let passed = self.0.partition_point(|packed| unpack(*packed).at <= now.unix_seconds());
        let before = self.0.get(..passed).unwrap_or_default();
        let opening = before.iter().rposition(|packed| unpack(*packed).to == Window::OpenNew).unwrap_or(0);
        let current = passed.saturating_sub(1);
        let is_near = current.saturating_sub(opening) < MAX_TRANSITIONS / 2;
        self.0.get(if is_near { opening } else { current }..).unwrap_or_default()
    }
}
