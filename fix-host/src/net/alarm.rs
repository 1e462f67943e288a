//! The one timer of a connection.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use tokio::{
    task::coop::unconstrained,
    time::{Instant, Sleep},
};

/// Wakes a task at a moment that moves on with every message. The timer stays as it is then, and wakes the task once too
/// early: that costs less than to set it anew each time.
pub(super) struct Alarm {
    sleep: Pin<Box<Sleep>>,
    /// Whom it wakes.
    sleeper: Option<Waker>,
}

impl Alarm {
    /// Not set.
    pub(super) fn new() -> Self {
        Alarm { sleep: Box::pin(tokio::time::sleep_until(Instant::now())), sleeper: None }
    }

    /// Pending: the task is woken at `wake_at`, or before. Ready: it is `wake_at`, or an earlier moment to which the timer
    /// was set is over.
    pub(super) fn poll(&mut self, wake_at: Instant, context: &mut Context<'_>) -> Poll<()> {
        if wake_at < self.sleep.deadline() || self.sleep.is_elapsed() {
            self.sleep.as_mut().reset(wake_at);
        } else if self.sleeper.as_ref().is_some_and(|sleeper| sleeper.will_wake(context.waker())) {
            return Poll::Pending;
        }
        // A task that has used up what tokio lets it do in one go (its "coop budget") is told Pending before the timer has
        // the waker, and nobody would be woken by it: the next call would trust in `sleeper`.
        let polled = pin!(unconstrained(self.sleep.as_mut())).poll(context);
        if polled.is_pending() {
            self.sleeper.get_or_insert_with(|| context.waker().clone()).clone_from(context.waker());
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use super::*;

    /// Does as much as tokio lets a task do in one go: all else is told to wait then.
    fn use_up_the_budget(context: &mut Context<'_>) {
        while pin!(tokio::task::coop::consume_budget()).poll(context).is_ready() {}
    }

    /// Sets the alarm in a call that has no budget left, and asks again in the call after it, as the driver does.
    async fn rings_without_budget(alarm: &mut Alarm, after: Duration) {
        let wake_at = Instant::now() + after;
        let mut is_first = true;
        let rung = poll_fn(|context| {
            if std::mem::take(&mut is_first) {
                use_up_the_budget(context);
            }
            loop {
                match alarm.poll(wake_at, context) {
                    Poll::Ready(()) if Instant::now() < wake_at => {}
                    polled => return polled,
                }
            }
        });
        tokio::time::timeout(Duration::from_secs(60), rung).await.expect("it rings");
    }

    #[tokio::test(start_paused = true)]
    async fn it_rings_though_it_was_set_by_a_task_that_had_done_all_it_may_in_one_go() {
        let mut alarm = Alarm::new();
        // Never set before; then one that has rung.
        for seconds in 1..4 {
            rings_without_budget(&mut alarm, Duration::from_secs(seconds)).await;
        }
    }
}
