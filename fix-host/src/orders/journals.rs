//! What the sessions' journals tell, after a restart, of the orders that an earlier process took and did not answer.
//!
//! An order that no complete journal holds was never sent: it is stored before it is sent. That a journal is complete must
//! be known. While it takes orders, an engine notes where each journal is ([`Journals::noted`]) beside the list of orders
//! it has taken; of what it has not answered nothing stands before these marks. The next engine finds its journals to go on
//! behind them, or not.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::Ids;
use crate::{
    contract::{control::resolve, order::OrderCommand},
    store::{Evidence, MARK_EVERY, Mark, Marker, boot_id, turn, turns},
};

/// Of how many of the last messages of a session it is known at a start which orders they carried. Marks are noted twice
/// as often.
pub const MOST_JUDGED: u64 = 2 * MARK_EVERY;

/// The journals of an engine's sessions. Clones share one list.
#[derive(Clone, Default)]
pub struct Journals(Arc<Mutex<Opened>>);

#[derive(Default)]
struct Opened {
    sessions: BTreeMap<String, Session>,
    /// What earlier processes left behind is dealt with.
    is_judged: bool,
}

struct Session {
    is_initiator: bool,
    /// `None`: a store in memory.
    journal: Option<Marker>,
    found: Option<Found>,
}

/// What a session's journal was when this process opened it.
struct Found {
    evidence: Evidence,
    /// ClOrdIDs of the last [`MOST_JUDGED`] messages.
    ids: Ids,
}

/// What an engine notes of its sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Noted {
    /// The start of the machine; `None`: not known.
    boot: Option<String>,
    sessions: BTreeMap<String, NotedSession>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NotedSession {
    is_initiator: bool,
    /// `None`: a store in memory, of which nothing outlives the process.
    mark: Option<Mark>,
}

/// What is known of an order that an earlier process took and did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A session's journal has it: its reports tell what became of it.
    Stored,
    /// It was not sent: no journal has it that could.
    NeverSent,
    /// Nobody knows.
    Unknown,
}

/// Changes when what was [noted](Journals::noted) is to be noted anew.
pub fn marks_age() -> u64 {
    turns()
}

impl Journals {
    /// A session whose store was opened. `journal`: its marker, what the journal told, and the orders among the last
    /// [`MOST_JUDGED`] messages; `None` for a store in memory.
    pub fn add(&self, session: &str, is_initiator: bool, journal: Option<(Marker, Evidence, Ids)>) {
        let (journal, found) = match journal {
            Some((marker, evidence, ids)) => (Some(marker), Some(Found { evidence, ids })),
            None => (None, None),
        };
        let mut opened = self.opened();
        let found = found.filter(|_| !opened.is_judged);
        opened.sessions.insert(session.to_owned(), Session { is_initiator, journal, found });
        turn();
    }

    /// What is to be noted now. Whoever notes it knows that no order which is not answered was sent before.
    pub fn noted(&self) -> Noted {
        let opened = self.opened();
        let noted = opened.sessions.iter().map(|(id, session)| {
            let mark = session.journal.as_ref().map(Marker::get);
            (id.clone(), NotedSession { is_initiator: session.is_initiator, mark })
        });
        Noted { boot: boot_id(), sessions: noted.collect() }
    }

    /// What became of an order that was taken after `noted` was noted, and is not known to have been answered.
    pub fn fate(&self, command: &OrderCommand, noted: &Noted) -> Fate {
        self.judge(command.cl_ord_id(), noted.sessions_of(command), noted)
    }

    /// The same of an entry of which only the ClOrdID(11) can be read: it may have gone to any session.
    pub fn fate_of_id(&self, cl_ord_id: &str, noted: &Noted) -> Fate {
        self.judge(cl_ord_id, noted.sessions.iter(), noted)
    }

    fn judge<'n>(
        &self,
        cl_ord_id: &str,
        could_have_it: impl Iterator<Item = (&'n String, &'n NotedSession)>,
        noted: &Noted,
    ) -> Fate {
        let sessions = &self.opened().sessions;
        let found =
            |session: &Session| session.found.as_ref().is_some_and(|found| found.ids.contains(cl_ord_id));
        if sessions.values().any(found) {
            return Fate::Stored;
        }
        let is_same_boot = noted.boot.is_some() && noted.boot == boot_id();
        let mut could_have_it = could_have_it.peekable();
        let is_never_sent = could_have_it.peek().is_some()
            && could_have_it.all(|(id, noted)| {
                let found = sessions.get(id).and_then(|session| session.found.as_ref());
                found.zip(noted.mark.as_ref()).is_some_and(|(found, mark)| {
                    (is_same_boot || mark.is_synced())
                        && found.evidence.continues(mark)
                        && found.evidence.next_out() - mark.next_out() <= MOST_JUDGED
                })
            });
        if is_never_sent { Fate::NeverSent } else { Fate::Unknown }
    }

    /// What earlier processes left behind is dealt with: what the journals were at the start is not needed any more.
    pub fn forget(&self) {
        let mut opened = self.opened();
        opened.is_judged = true;
        opened.sessions.values_mut().for_each(|session| session.found = None);
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    /// The sessions to which a command may have gone: the one that it names, or any initiator; that of a request about an
    /// order may be the order's.
    fn sessions_of(&self, command: &OrderCommand) -> impl Iterator<Item = (&String, &NotedSession)> {
        let named = command.session().map(|name| {
            let ids = self.sessions.keys().map(String::as_str);
            resolve(name, ids).map(str::to_owned).unwrap_or_default()
        });
        let is_any = command.orig_cl_ord_id().is_some();
        self.sessions.iter().filter(move |(id, session)| match &named {
            Some(named) => *id == named,
            None => session.is_initiator || is_any,
        })
    }
}
