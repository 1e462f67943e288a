//! The ClOrdIDs(11) in use, so that none stands for two orders (FIX 4.4 Vol. 4: "Uniqueness must be guaranteed
//! within a single trading day").

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many ClOrdIDs are known at most; beyond that the oldest are forgotten.
pub const MOST_CL_ORD_IDS: usize = 65_536;

/// The ClOrdIDs of one engine, each with the session it went to. Clones share one list.
///
/// An id is claimed before its order is handed to a session and released if the order was not sent after all.
/// What a session's store still holds is claimed again when the engine starts.
#[derive(Clone, Default)]
pub struct ClOrdIds(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// The session of each id, and the claim that made it.
    claims: HashMap<String, (u64, Arc<str>)>,
    /// Claims in their order; those released since are still here.
    order: VecDeque<(u64, String)>,
    next_claim: u64,
}

impl ClOrdIds {
    /// Claims an id for an order on `session`; false if it is in use.
    #[must_use]
    pub fn claim(&self, cl_ord_id: &str, session: &Arc<str>) -> bool {
        self.known().claim(cl_ord_id, session, MOST_CL_ORD_IDS)
    }

    /// The order was not sent: its id may be used again.
    pub fn release(&self, cl_ord_id: &str) {
        self.known().claims.remove(cl_ord_id);
    }

    /// The session to which the order with this id went.
    pub fn session_of(&self, cl_ord_id: &str) -> Option<Arc<str>> {
        self.known().claims.get(cl_ord_id).map(|(_, session)| Arc::clone(session))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn claim(&mut self, cl_ord_id: &str, session: &Arc<str>, most: usize) -> bool {
        if self.claims.contains_key(cl_ord_id) {
            return false;
        }
        let claim = self.next_claim;
        self.next_claim += 1;
        self.claims.insert(cl_ord_id.to_owned(), (claim, Arc::clone(session)));
        self.order.push_back((claim, cl_ord_id.to_owned()));
        while self.claims.len() > most {
            let Some((claim, oldest)) = self.order.pop_front() else { break };
            if self.is_held(claim, &oldest) {
                self.claims.remove(&oldest);
            }
        }
        if self.order.len() > 2 * most {
            let mut order = std::mem::take(&mut self.order);
            order.retain(|(claim, id)| self.is_held(*claim, id));
            self.order = order;
        }
        true
    }

    /// True unless the claim was released; the id may have been claimed again since.
    fn is_held(&self, claim: u64, cl_ord_id: &str) -> bool {
        self.claims.get(cl_ord_id).is_some_and(|(held, _)| *held == claim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_claimed_once_until_it_is_released() {
        let (ids, session): (_, Arc<str>) = (ClOrdIds::default(), "S".into());
        assert!(ids.claim("A", &session));
        assert!(!ids.clone().claim("A", &session));
        assert_eq!(ids.session_of("A").as_deref(), Some("S"));
        ids.release("A");
        assert_eq!(ids.session_of("A"), None);
        assert!(ids.claim("A", &session));
    }

    #[test]
    fn the_oldest_are_forgotten_and_what_was_released_takes_no_room() {
        let (mut known, session): (_, Arc<str>) = (Known::default(), "S".into());
        for number in 0..100 {
            let id = format!("released {number}");
            assert!(known.claim(&id, &session, 3));
            known.claims.remove(&id);
        }
        assert!(known.order.len() <= 6);
        // Claimed, released and claimed again: the old claim must not take the new one along.
        assert!(known.claim("again", &session, 3));
        known.claims.remove("again");
        for id in ["a", "again", "b", "c"] {
            assert!(known.claim(id, &session, 3));
        }
        let mut left: Vec<&str> = known.claims.keys().map(String::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["again", "b", "c"]);
    }
}
