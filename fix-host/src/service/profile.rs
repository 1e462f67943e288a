//! A venue profile on the sessions of an exchange.

use std::{sync::Arc, time::Duration};

use fix_core::dict::Dictionary;
use tokio::{sync::mpsc, time::sleep};

use super::exchange::Look;
use crate::{
    clock::utc_now,
    config::Settings,
    contract::HostApplication,
    exchange::{
        floor::Floor,
        profile::{
            Profile,
            gate::{Gate, Surroundings},
        },
    },
};

/// The profile of one exchange, and what makes its draws repeatable.
pub(super) struct Behaviour {
    profile: Arc<Profile>,
    seed: u64,
    floor: Floor,
    gates: u64,
}

impl Behaviour {
    /// Puts the profile into `settings`, as far as it concerns the sessions themselves.
    pub(super) fn new(profile: Profile, seed: u64, floor: Floor, settings: &mut Settings) -> Self {
        if let Some(timestamps) = profile.timestamps {
            for session in &mut settings.sessions {
                session.timing.time_stamp_precision = timestamps.precision();
            }
        }
        tracing::info!("venue {}, seed {seed}: {}", profile.name, profile.description);
        Behaviour { profile: Arc::new(profile), seed, floor, gates: 0 }
    }

    /// Puts the session `id` behind a gate; `looks` has it look again.
    pub(super) fn gate<A: HostApplication>(
        &mut self,
        application: A,
        id: &str,
        dictionary: &'static Dictionary,
        looks: mpsc::Sender<Look>,
    ) -> Gate<A> {
        self.gates += 1;
        let floor = self.floor.clone();
        let around = Surroundings {
            session: id.to_owned(),
            // Another for each session, whichever comes first.
            seed: self.seed ^ u64::from(crc32fast::hash(id.as_bytes())),
            id_prefix: format!("{:x}-{}", utc_now().unix_seconds(), self.gates),
            data_pairs: dictionary.extra_data_pairs,
            wake: Box::new(move |after| wake(looks.clone(), after)),
            middle: Box::new(move |symbol| floor.middle(symbol)),
        };
        Gate::new(application, &self.profile, around)
    }
}

fn wake(looks: mpsc::Sender<Look>, after: Duration) {
    tokio::spawn(async move {
        sleep(after).await;
        // A session that has not looked yet needs no second call.
        let _ = looks.try_send(Look);
    });
}
