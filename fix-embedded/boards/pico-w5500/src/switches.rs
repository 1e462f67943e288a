//! What stops trading, and what starts the board again.

use embassy_rp::{gpio::Input, watchdog};
use embassy_time::Duration;
use fix_embedded::board::{KillSwitch, Watchdog};

/// The watchdog's time: twice that of a loop that is alive, and near the most that the chip can count (8.3 s).
const WATCHDOG: Duration = Duration::from_secs(8);

/// A switch between GP22 and ground: on while it is closed.
pub struct Switch(pub Input<'static>);

impl KillSwitch for Switch {
    fn is_on(&mut self) -> bool {
        self.0.is_low()
    }

    async fn changed(&mut self) {
        self.0.wait_for_any_edge().await;
    }
}

/// The chip's watchdog. It stands still while a debugger holds the CPU.
pub struct Dog(watchdog::Watchdog);

impl Dog {
    /// It starts the board again from now on if it is not fed.
    pub fn watch(mut watchdog: watchdog::Watchdog) -> Self {
        watchdog.pause_on_debug(true);
        watchdog.start(WATCHDOG);
        Dog(watchdog)
    }
}

impl Watchdog for Dog {
    fn feed(&mut self) {
        self.0.feed(WATCHDOG);
    }
}
