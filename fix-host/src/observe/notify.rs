//! Tells systemd (`Type=notify`) how the service is. Without systemd, nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;

/// The service runs: every listener listens and every session has its task. From now on systemd hears twice
/// in each watchdog period that the runtime still turns.
///
/// Call it once, inside the runtime.
pub fn ready() {
    tell(&[NotifyState::Ready]);
    if let Some(period) = sd_notify::watchdog_enabled() {
        tokio::spawn(keep_alive(period / 2));
    }
}

/// The service is about to end; call it before logging out.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

async fn keep_alive(period: Duration) {
    let mut interval = tokio::time::interval(period);
    loop {
        interval.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd cannot be told how the service is");
    }
}
