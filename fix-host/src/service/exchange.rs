//! `fix-host exchange`: the simulated counterparty.

use std::time::Duration;

use fix_core::session::application::Outbox;
use tokio::{
    sync::{mpsc, watch},
    time::interval,
};

use super::{error::ServiceError, session::Sessions, shutdown::stopped};
use crate::{
    clock::utc_now,
    config::{Role, SessionSettings, Settings},
    exchange::ExchangeApplication,
    market::Market,
    net::{
        acceptor,
        driver::{Control, HostApplication},
        listener::{Arrival, Limits, Listeners},
    },
    observe::notify,
};

/// How often the exchange's prices move.
const TICK: Duration = Duration::from_secs(1);

/// What `exchange` was told on its command line.
pub struct ExchangeOptions {
    /// Sessions and files.
    pub settings: Settings,
    /// Seed of its prices.
    pub seed: u64,
    /// Messages and events are shown on the screen too.
    pub screen: bool,
}

/// The one command of an exchange's session: time has passed.
pub struct Tick;

impl HostApplication for ExchangeApplication {
    type Command = Tick;

    fn command(&mut self, _tick: Tick, out: &mut dyn Outbox) {
        self.tick(out);
    }

    fn refuse(_tick: Tick) {}
}

/// Runs until `stop` is true; then logs out, flushes, and returns within two seconds.
///
/// # Errors
/// What keeps it from starting, or a store that failed.
pub async fn run(options: ExchangeOptions, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    let mut sessions = Sessions::new(options.screen)?;
    let mut listeners = Listeners::new(Limits::default());
    let mut tasks = Vec::new();
    let mut controls = Vec::new();
    for (index, settings) in options.settings.sessions.iter().enumerate() {
        let Role::Acceptor(role) = &settings.role else {
            return Err(ServiceError::configuration(format!(
                "{}: ConnectionType=initiator is for `fix-host start`; `fix-host exchange` runs acceptors",
                settings.origin
            )));
        };
        let arrived = listeners
            .add(settings, role)
            .map_err(|error| ServiceError::configuration(format!("{}: {error}", settings.origin)))?;
        let id_prefix = format!("{:x}-{index}", utc_now().unix_seconds());
        let application = ExchangeApplication::new(Market::new(options.seed), id_prefix);
        let (control, task) = start(&mut sessions, settings, application, arrived, &stop)?;
        controls.push(control);
        tasks.push(task);
    }
    let listening = listeners.listen().await.map_err(ServiceError::unavailable)?;
    for address in &listening.addresses {
        tracing::info!("FIX acceptor on {address}");
    }
    notify::ready();
    stopped(stop).await;
    notify::stopping();
    drop(listening);
    for control in controls {
        let _ = control.send(Control::Stop).await;
    }
    for task in tasks {
        task.await.map_err(|error| ServiceError::store(format!("a session ended badly: {error}")))??;
    }
    Ok(())
}

type SessionTask = tokio::task::JoinHandle<Result<(), ServiceError>>;

fn start(
    sessions: &mut Sessions,
    settings: &SessionSettings,
    application: ExchangeApplication,
    arrived: mpsc::Receiver<Arrival>,
    stop: &watch::Receiver<bool>,
) -> Result<(mpsc::Sender<Control>, SessionTask), ServiceError> {
    let (ticks, commands) = mpsc::channel(1);
    let (session, control) = sessions.open(settings, |_| application, commands)?;
    tokio::spawn(tick(ticks, stop.clone()));
    let task =
        tokio::spawn(
            async move { acceptor::run(session, arrived).await.finish().map_err(ServiceError::store) },
        );
    Ok((control, task))
}

async fn tick(ticks: mpsc::Sender<Tick>, stop: watch::Receiver<bool>) {
    let mut interval = interval(TICK);
    let ticking = async {
        loop {
            interval.tick().await;
            // A session that has not done the last tick yet needs no second one.
            if let Err(mpsc::error::TrySendError::Closed(_)) = ticks.try_send(Tick) {
                return;
            }
        }
    };
    tokio::select! {
        () = ticking => {}
        () = stopped(stop) => {}
    }
}
