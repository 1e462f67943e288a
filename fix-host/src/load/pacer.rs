//! Wakes the sessions when requests are due.

use std::{thread::sleep, time::Duration};

use tokio::sync::mpsc::Sender;

use super::trader::{Due, Run};

/// The longest sleep, so that the end of a run is noticed.
const NAP: Duration = Duration::from_millis(50);

/// Wakes each session when a request of its own is due, until all were. It sleeps and so has a thread of its own: the
/// timers of the runtime would be up to a millisecond late, and that would count as the venue's latency.
pub fn pace(run: &Run, sessions: &[Sender<Due>]) {
    let (mut woken, total) = (0, run.plan.total());
    while woken < total && !run.stopwatch.is_over() {
        let Some(now) = run.stopwatch.nanos() else { return };
        let due = run.plan.due(now);
        if due == woken {
            sleep(Duration::from_nanos(run.plan.intended(woken).saturating_sub(now)).min(NAP));
            continue;
        }
        let newly = usize::try_from(due - woken).unwrap_or(usize::MAX).min(sessions.len());
        let first = usize::try_from(woken % run.plan.sessions.max(1)).unwrap_or(0);
        for session in sessions.iter().cycle().skip(first).take(newly) {
            // A session that has not looked yet needs no second call.
            let _ = session.try_send(Due);
        }
        woken = due;
    }
}
