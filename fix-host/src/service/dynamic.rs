//! Sessions made of templates when their counterparty comes.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::mpsc;

use crate::{
    config::{Identity, Role, SessionSettings},
    net::{listener::Arrival, logon_peek::Claim},
};

/// Sessions that may be made of templates in one process: each has a store of its own, and whoever may connect
/// can ask for one.
pub(super) const MOST_DYNAMIC: usize = 4096;

/// The sessions made so far.
#[derive(Default)]
pub(super) struct DynamicSessions(BTreeMap<Identity, Dynamic>);

/// The way to a session.
pub(super) struct Dynamic {
    arrivals: mpsc::Sender<Box<Arrival>>,
    is_connected: Arc<AtomicBool>,
}

impl Dynamic {
    pub(super) fn new(arrivals: mpsc::Sender<Box<Arrival>>, is_connected: Arc<AtomicBool>) -> Self {
        Dynamic { arrivals, is_connected }
    }

    /// Hands over a connection; false if the session has one already.
    pub(super) fn hand_over(&self, arrival: Box<Arrival>) -> bool {
        // Set before its task gets there, so that the next newcomer is not sent here too.
        let taken = self.arrivals.try_send(arrival).is_ok();
        self.is_connected.fetch_or(taken, Ordering::Relaxed);
        taken
    }
}

/// Where a newcomer belongs.
pub(super) enum Place<'a> {
    /// To a session that was made before.
    Known(&'a Dynamic),
    /// To one that is to be made.
    New(Identity),
    /// There are too many.
    None,
}

impl DynamicSessions {
    /// The session of `claim`, or what it is to be. With DynamicQualifier=Y the parties may have any number of
    /// sessions at a time, numbered from 1: a newcomer gets the first that has no connection.
    pub(super) fn place(&self, template: &SessionSettings, claim: &Claim) -> Place<'_> {
        let mut identity = Identity {
            sender_comp_id: claim.target_comp_id.clone(),
            target_comp_id: claim.sender_comp_id.clone(),
            ..template.identity.clone()
        };
        let is_numbered = matches!(&template.role, Role::Acceptor(acceptor) if acceptor.dynamic_qualifier);
        for number in 1..=MOST_DYNAMIC {
            if is_numbered {
                identity.session_qualifier = Some(number.to_string());
            }
            match self.0.get(&identity) {
                Some(known) if is_numbered && known.is_connected.load(Ordering::Relaxed) => {}
                Some(known) => return Place::Known(known),
                None if self.0.len() < MOST_DYNAMIC => return Place::New(identity),
                None => return Place::None,
            }
        }
        Place::None
    }

    /// The session could not be made after all.
    pub(super) fn remove(&mut self, identity: &Identity) {
        self.0.remove(identity);
    }

    /// Remembers a session that is being made, or was.
    pub(super) fn insert(&mut self, identity: Identity, session: Dynamic) {
        self.0.insert(identity, session);
    }
}
