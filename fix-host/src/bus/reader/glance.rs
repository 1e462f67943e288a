//! A look at the halt while the sessions have a batch.

use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{GLANCE, taker::Signs};
use crate::bus::{connection::Connection, link::Link};

/// Looks now and then, whatever becomes of the reader's own connection.
pub(super) struct Glance {
    ticks: Interval,
    /// Where the reader's own connection is broken, which is replaced when the batch is answered.
    spare: Option<Connection>,
}

impl Glance {
    pub(super) fn new() -> Self {
        let mut ticks = interval(GLANCE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Glance { ticks, spare: None }
    }

    /// The sessions have a batch from now on.
    pub(super) fn begin(&mut self) {
        self.ticks.reset();
        self.spare = None;
    }

    /// Until it is time for the next look.
    pub(super) async fn is_due(&mut self) {
        self.ticks.tick().await;
    }

    /// Looks; `None` while Redis does not answer.
    pub(super) async fn look(&mut self, connection: &mut Connection, link: &Link) -> Option<Signs> {
        // If this fails, so does what is settled behind it.
        if let Ok(signs) = Signs::look(connection).await {
            return Some(signs);
        }
        if self.spare.is_none() {
            self.spare = link.try_connect().await.ok();
        }
        let signs = Signs::look(self.spare.as_mut()?).await.ok();
        if signs.is_none() {
            self.spare = None;
        }
        signs
    }
}
