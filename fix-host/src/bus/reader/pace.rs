//! When the end of an order that came alone is settled.
//!
//! Its reports go first where they come quickly: the request to Redis would wake that up while the counterparty works,
//! and hold up what comes back. Where they take longer nobody waits for them.

use tokio::{
    sync::watch,
    time::{Duration, Instant, timeout},
};

/// Reports that come later are not waited for.
const QUICK: Duration = Duration::from_millis(1);

/// How fast the counterparties answer.
pub(super) struct Pace {
    /// When reports were pushed last.
    pushed: watch::Receiver<Option<Instant>>,
    /// When orders were handed over last.
    began: Instant,
    /// Reports followed the ones before quickly.
    is_quick: bool,
}

impl Pace {
    pub(super) fn new(pushed: watch::Receiver<Option<Instant>>) -> Self {
        Pace { pushed, began: Instant::now(), is_quick: false }
    }

    /// Orders are handed over.
    pub(super) fn begin(&mut self) {
        let pushed = *self.pushed.borrow_and_update();
        self.is_quick = pushed.is_some_and(|at| at >= self.began && at - self.began < QUICK);
        self.began = Instant::now();
    }

    /// Waits for reports to be pushed, if those of the orders before came quickly, and not for long.
    pub(super) async fn let_reports_go_first(&mut self) {
        if !self.is_quick {
            return;
        }
        let Pace { pushed, began, .. } = self;
        // Whatever came of it, the orders are settled now.
        let _ = timeout(QUICK, pushed.wait_for(|at| at.is_some_and(|at| at >= *began))).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const STEP: Duration = Duration::from_micros(100);

    #[tokio::test(start_paused = true)]
    async fn only_reports_that_were_quick_before_are_waited_for() {
        let (push, pushed) = watch::channel(None);
        let mut pace = Pace::new(pushed);
        let waited = async |pace: &mut Pace| {
            let begin = Instant::now();
            pace.let_reports_go_first().await;
            begin.elapsed()
        };
        pace.begin();
        assert_eq!(waited(&mut pace).await, Duration::ZERO, "nothing is known of the counterparty");
        advance(STEP).await;
        push.send_replace(Some(Instant::now()));
        advance(STEP).await;
        pace.begin();
        assert!(waited(&mut pace).await >= QUICK, "they do not come this time");
        pace.begin();
        assert_eq!(waited(&mut pace).await, Duration::ZERO, "it is slow now");
        advance(STEP).await;
        push.send_replace(Some(Instant::now()));
        advance(STEP).await;
        pace.begin();
        advance(STEP).await;
        push.send_replace(Some(Instant::now()));
        assert_eq!(waited(&mut pace).await, Duration::ZERO, "they are there");
        pace.begin();
        advance(2 * QUICK).await;
        push.send_replace(Some(Instant::now()));
        pace.begin();
        assert_eq!(waited(&mut pace).await, Duration::ZERO, "they came, but late");
    }
}
