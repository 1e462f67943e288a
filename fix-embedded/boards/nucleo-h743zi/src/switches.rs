//! What stops trading, and what starts the board again.

use embassy_stm32::{exti::ExtiInput, mode::Async, peripherals::IWDG1, wdg::IndependentWatchdog};
use fix_embedded::board::{KillSwitch, Watchdog};

/// The blue button B1: on while it is pressed. A switch that stays on can be wired to the same pin, PC13, and 3.3 V.
pub struct Button(pub ExtiInput<'static, Async>);

impl KillSwitch for Button {
    fn is_on(&mut self) -> bool {
        self.0.is_high()
    }

    async fn changed(&mut self) {
        self.0.wait_for_any_edge().await;
    }
}

/// IWDG1, which no program can stop once it runs.
pub struct Dog(pub IndependentWatchdog<'static, IWDG1>);

impl Watchdog for Dog {
    fn feed(&mut self) {
        self.0.pet();
    }
}
