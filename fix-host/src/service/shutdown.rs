//! SIGINT and SIGTERM.

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use super::error::ServiceError;

/// Turns true with the first SIGINT or SIGTERM.
///
/// # Errors
/// When the system does not let the process listen for signals.
pub fn on_signal() -> Result<watch::Receiver<bool>, ServiceError> {
    let listen = |kind| signal(kind).map_err(|error| ServiceError::unavailable(format!("signals: {error}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        sender.send_replace(true);
        // A second signal is the user's impatience: the process ends at once.
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(i32::from(crate::exit::INTERRUPTED));
    });
    Ok(receiver)
}

/// Waits until `stop` is true, or its sender is gone.
pub async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
