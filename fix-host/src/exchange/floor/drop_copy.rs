//! Drop copies: sessions that get each execution report of all others too, in the order in which they happened.

use super::*;
use crate::exchange::venue::Copied;
use fix_core::dict::fix44::code::ExecType;

impl State {
    /// The session is a drop copy from now on. Reports that wait for others, such as those of a start, are copied at once.
    fn add_drop_copy(&mut self, owner: Owner) {
        if self.drop_copies.contains(&owner) {
            return;
        }
        self.drop_copies.push(owner);
        let mut copies = Vec::new();
        for (_, session) in (1..).map(Owner).zip(&self.sessions).filter(|(whose, _)| *whose != owner) {
            let reports = session.waiting.iter().filter_map(|output| Some((exec_id(output)?, output)));
            copies.extend(reports.map(|(id, report)| (id, copied(owner, session, report, self.now))));
        }
        copies.sort_unstable_by_key(|(id, _)| *id);
        if let Some(session) = session_mut(&mut self.sessions, owner) {
            copies.into_iter().for_each(|(_, copy)| push(session, copy));
        }
    }
}

impl Seat {
    /// The session gets a copy of whatever is reported to others from now on. It makes nobody wait: of copies that it does not
    /// take, the latest [`MOST_WAITING`] are kept, and it is told how many are lost.
    pub fn copy_all(&self) {
        self.floor.state().add_drop_copy(self.owner);
    }
}

/// Gives a copy of the output to each drop copy, if it is a report of a session.
pub(super) fn copy(
    drop_copies: &[Owner],
    sessions: &mut [Session],
    output: &Output,
    now: UtcTimestamp,
    wakes: &mut Vec<Arc<Wake>>,
) {
    if drop_copies.is_empty() || exec_id(output).is_none() {
        return;
    }
    for owner in drop_copies.iter().filter(|owner| **owner != output.owner()) {
        let Some(whose) = session_mut(sessions, output.owner()) else { return };
        let copy = copied(*owner, whose, output, now);
        let Some(session) = session_mut(sessions, *owner) else { continue };
        push(session, copy);
        // It has been woken for what waits already, but for the first.
        if session.waiting.len() == 1 {
            wakes.extend(session.wake.clone());
        }
    }
}

/// ExecID(17) of what is copied: whatever happened to an order. An answer to a question is nothing that happened.
fn exec_id(output: &Output) -> Option<u64> {
    match output {
        Output::Order(orders::Output::Report(report)) if report.exec_type != ExecType::ORDER_STATUS => {
            Some(report.exec_id)
        }
        Output::Refused(refused) => Some(refused.exec_id),
        _ => None,
    }
}

fn copied(owner: Owner, whose: &Session, report: &Output, at: UtcTimestamp) -> Output {
    Output::Copy(Box::new(Copied {
        owner,
        whose: counterparty(&whose.name).into(),
        at,
        report: report.clone(),
    }))
}

/// The counterparty in the name of a session, which is `FIX.4.4:EXCHANGE->DESK`.
fn counterparty(session: &str) -> &str {
    session.split_once("->").map_or(session, |(_, counterparty)| counterparty)
}

/// Adds a copy; beyond the bound the oldest one is lost, and counted where it stood.
fn push(session: &mut Session, copy: Output) {
    let owner = copy.owner();
    session.waiting.push_back(copy);
    if session.waiting.len() <= MOST_WAITING {
        return;
    }
    if let Some(Output::Lost { count, .. }) = session.waiting.front_mut() {
        *count += 1;
        session.waiting.remove(1);
    } else if let Some(front) = session.waiting.front_mut() {
        tracing::warn!(
            session = session.name,
            "more than {MOST_WAITING} copies of reports wait for this drop copy: the oldest are lost from now on"
        );
        // The copy at the front gives its place to the count, the next one is the second that is lost.
        *front = Output::Lost { owner, count: 2 };
        session.waiting.remove(1);
    }
}
