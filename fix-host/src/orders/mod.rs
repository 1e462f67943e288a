//! The orders of one engine by ClOrdID(11): which ids are in use, and what each order's sender was told, so that
//! no word of ours contradicts the counterparty's.
//!
//! No ClOrdID stands for two orders (FIX 4.4 Vol. 4: "Uniqueness must be guaranteed within a single trading day").

mod claim;
mod ids;
mod journals;
mod listing;
mod state;
mod touched;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use claim::Claimed;
use foldhash::HashMap;
pub use ids::Ids;
pub use journals::{Fate, Journals, MOST_JUDGED, Noted, marks_age};
pub use listing::Which;
use state::LastSaid;
pub(crate) use state::{Heard, Reopened};
use touched::Touched;

use crate::contract::{
    news::News,
    order::{OrderCommand, Side},
    parse::KnownOrders,
    report::Report,
    request::Resolution,
};

/// How many orders are known at most; beyond that the oldest are forgotten.
pub const MOST_ORDERS: usize = 65_536;

/// The longest further fields of an order that are kept, in bytes of JSON.
const LONGEST_FIELDS: usize = 4096;

/// How a report begins that withdraws an order.
const NEVER_SENT: &str = "never sent";

/// The orders of one engine, each with the session it went to. Clones share one list.
///
/// An id is [claimed](Self::claim) before its order is handed to a session; the claim goes with the order.
/// What a session's store still holds is claimed again when the engine starts.
#[derive(Clone, Default)]
pub struct Orders(Arc<Mutex<Known>>);

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Orders")
    }
}

#[derive(Default)]
struct Known {
    /// By ClOrdID.
    orders: HashMap<Arc<str>, Order>,
    /// Claims in their order; those released since are still here.
    claims: VecDeque<(u64, Arc<str>)>,
    next_claim: u64,
    /// The ClOrdID of an order by the OrderID(37) that the counterparty gave it last.
    order_ids: HashMap<Arc<str>, Arc<str>>,
    /// Whose rows have changed.
    touched: Touched,
}

struct Order {
    /// The claim that made it.
    claim: u64,
    session: Arc<str>,
    /// It is sent, or may have been; until then it is on its way to its session.
    is_kept: bool,
    said: Said,
    /// What was asked for; `None` if the desk cannot read it.
    command: Option<Arc<OrderCommand>>,
    /// Its further fields are all of them: they were not too long to be kept, and no earlier process sent it.
    has_all_fields: bool,
    /// Whoever reads reports was given the one after which nothing more happens.
    is_end_shown: bool,
    last: LastSaid,
}

/// What the sender of an order was told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Nothing yet: a report is to be expected.
    Nothing,
    /// That nobody here knows whether the counterparty has it.
    Unknown,
    /// Something by the counterparty.
    Something,
    /// Something after which nothing more happens.
    Closed,
    /// By us: it was never sent, and never will be.
    Withdrawn,
}

impl Orders {
    /// Claims the id of a command for `session`.
    ///
    /// # Errors
    /// Gives the command back: the id is in use.
    pub fn claim(
        &self,
        command: impl Into<Arc<OrderCommand>>,
        session: &Arc<str>,
    ) -> Result<Claimed, Arc<OrderCommand>> {
        let command = command.into();
        let (kept, has_all_fields) = command.with_fields_up_to(LONGEST_FIELDS);
        let order = (session, Some(kept), has_all_fields);
        match self.known().claim(command.cl_ord_id(), order, MOST_ORDERS) {
            Some((claim, id)) => Ok(Claimed::new(self.clone(), (claim, id), command)),
            None => Err(command),
        }
    }

    /// Claims the id of a message that a store holds; its command where it is one that the desk sends.
    /// A repeat of an id was sent by an engine that did not know better; the first one stands.
    pub fn remember(&self, cl_ord_id: &str, command: Option<OrderCommand>, session: &Arc<str>) {
        self.known().claim_and_keep(cl_ord_id, (session, command.map(Arc::new), false));
    }

    /// The order of this claim was not sent: its id may be used again.
    fn release(&self, cl_ord_id: &str, claim: u64) {
        let mut known = self.known();
        if known.is_held(claim, cl_ord_id) {
            known.orders.remove(cl_ord_id);
        }
    }

    /// The order of this claim is sent, or may have been.
    fn keep(&self, cl_ord_id: &str, claim: u64) {
        let mut known = self.known();
        if let Some(order) = known.orders.get_mut(cl_ord_id).filter(|order| order.claim == claim) {
            order.is_kept = true;
            known.touch(cl_ord_id);
        }
    }

    /// True while the id is only claimed: its command is on its way to a session, and nothing was sent with it yet.
    pub fn is_on_its_way(&self, cl_ord_id: &str) -> bool {
        self.known().orders.get(cl_ord_id).is_some_and(|order| !order.is_kept)
    }

    /// The session to which the order with this id went.
    pub fn session_of(&self, cl_ord_id: &str) -> Option<Arc<str>> {
        self.known().orders.get(cl_ord_id).map(|order| Arc::clone(&order.session))
    }

    /// The counterparty has said something of an order, or of two: of a cancel request and of its order.
    pub(crate) fn heard(&self, news: &News<'_>) -> Heard {
        let mut known = self.known();
        let heard = known.note(news);
        // "Unknown order" (CxlRejReason(102)=1) is said of the request; of the order it tells nothing new.
        let original = news.orig_cl_ord_id.as_deref().filter(|_| !news.names_unknown_order());
        for id in [news.cl_ord_id.as_deref(), original].into_iter().flatten() {
            let Some(order) = known.orders.get_mut(id) else { continue };
            if news.is_final_for(id) {
                order.said = Said::Closed;
            } else if matches!(order.said, Said::Nothing | Said::Unknown) {
                order.said = Said::Something;
            }
        }
        if let Some(order) = heard.ended.as_ref().and_then(|id| known.orders.get_mut(id)) {
            order.said = Said::Closed;
        }
        for id in news.ids() {
            known.touch(id);
        }
        heard
    }

    /// The ClOrdID(11) of the report that ended an order, which may be that of a cancel request.
    pub fn ended_by(&self, cl_ord_id: &str) -> Option<Arc<str>> {
        self.known().orders.get(cl_ord_id)?.last.ended_by.clone()
    }

    /// The message of an order will not be sent again; `may_be_out` unless it is sure that no byte of it was
    /// ever given to a socket. What its sender must be told: nothing, if anything was said of the order before.
    #[must_use]
    pub fn given_up(&self, cl_ord_id: &str, may_be_out: bool, why: &str) -> Option<Report> {
        let mut known = self.known();
        let order = known.orders.get_mut(cl_ord_id).filter(|order| order.said == Said::Nothing)?;
        if may_be_out {
            order.said = Said::Unknown;
            let report = order.unknown(cl_ord_id, &format!("not resent, state unknown: {why}"));
            known.touch(cl_ord_id);
            return Some(report);
        }
        order.said = Said::Withdrawn;
        let report = order.not_sent(cl_ord_id, &format!("{NEVER_SENT}: {why}"));
        known.note(&report.news());
        Some(report)
    }

    /// An earlier process took the order, and nobody knows whether it went out. What its sender must be told.
    #[must_use]
    pub fn left_over(&self, cl_ord_id: &str, text: &str) -> Option<Report> {
        let mut known = self.known();
        let order = known.orders.get_mut(cl_ord_id).filter(|order| order.said == Said::Nothing)?;
        order.said = Said::Unknown;
        let report = order.unknown(cl_ord_id, text);
        known.touch(cl_ord_id);
        Some(report)
    }

    /// The counterparty rejected the message of an order; `is_repeat` if it may have been a repeat, of which a
    /// rejection says nothing about what was sent before. What its sender is told, `text` in it: that the order
    /// is rejected, if nothing was said of it before and this was the one message; else only the text.
    #[must_use]
    pub fn rejected(&self, cl_ord_id: &str, is_repeat: bool, text: &str) -> Report {
        let mut known = self.known();
        let rejected = format!("the counterparty rejected the message: {text}");
        let Some(order) = known.orders.get_mut(cl_ord_id) else {
            return Report::reject(cl_ord_id, &rejected);
        };
        match order.said {
            Said::Nothing if !is_repeat => {
                order.said = Said::Closed;
                let report = order.not_sent(cl_ord_id, &rejected);
                known.note(&report.news());
                report
            }
            Said::Nothing => {
                order.said = Said::Unknown;
                let text = format!(
                    "state unknown: the counterparty rejected the message when it came again: {text}"
                );
                let report = order.unknown(cl_ord_id, &text);
                known.touch(cl_ord_id);
                report
            }
            _ => Report::reject(cl_ord_id, &rejected),
        }
    }

    /// The command of an order whose state is unknown, to ask for it; `None` if it is known, or was never read.
    pub fn unknown(&self, cl_ord_id: &str) -> Option<OrderCommand> {
        let known = self.known();
        let order = known.orders.get(cl_ord_id).filter(|order| order.said == Said::Unknown)?;
        order.command.as_deref().cloned()
    }

    /// ClOrdID and session of each order whose state is unknown, oldest first.
    pub fn all_unknown(&self) -> Vec<(String, Arc<str>)> {
        let known = self.known();
        let mut unknown: Vec<_> =
            known.orders.iter().filter(|(_, order)| order.said == Said::Unknown).collect();
        unknown.sort_unstable_by_key(|(_, order)| order.claim);
        unknown.into_iter().map(|(id, order)| (id.to_string(), Arc::clone(&order.session))).collect()
    }

    /// An operator found out what became of an order; `None` if its state is not unknown.
    #[must_use]
    pub fn resolve(&self, resolution: &Resolution) -> Option<Report> {
        let mut known = self.known();
        let order = known.orders.get_mut(resolution.cl_ord_id.as_str());
        let order = order.filter(|order| order.said == Said::Unknown)?;
        order.said = Said::Closed;
        let report = Report::resolved(resolution, order.command.as_deref());
        known.note(&report.news());
        Some(report)
    }

    /// True unless nothing more is to come of an order, or it is not known.
    pub fn awaits_news(&self, cl_ord_id: &str) -> bool {
        let known = self.known();
        known.orders.get(cl_ord_id).is_some_and(|order| !matches!(order.said, Said::Closed | Said::Withdrawn))
    }

    /// An earlier process made this report of an order of `session`.
    pub fn said_before(&self, report: &Report, session: &str) {
        let Some(id) = report.cl_ord_id() else { return };
        let mut known = self.known();
        if report.is_state_unknown() && !known.orders.contains_key(id) {
            // A reset took its message away.
            known.claim_and_keep(id, (&session.into(), report.to_command().map(Arc::new), false));
        }
        let Some(order) = known.orders.get_mut(id) else { return };
        let is_open = matches!(order.said, Said::Nothing | Said::Unknown);
        if report.is_state_unknown() && is_open {
            order.said = Said::Unknown;
        } else if report.is_final_for(id) && is_open {
            let is_withdrawn = report.text().is_some_and(|text| text.starts_with(NEVER_SENT));
            order.said = if is_withdrawn { Said::Withdrawn } else { Said::Closed };
        }
        known.touch(id);
        known.note(&report.news());
    }

    /// A report was given to those who read reports. What it says of its orders was [heard](Self::heard) before.
    pub(crate) fn shown(&self, report: &Report) {
        if !report.may_end_or_open() {
            return;
        }
        let mut known = self.known();
        for id in [report.cl_ord_id(), report.orig_cl_ord_id()].into_iter().flatten() {
            if let Some(order) = known.orders.get_mut(id) {
                order.is_end_shown |= matches!(order.said, Said::Closed | Said::Withdrawn);
            }
        }
    }

    /// True once nothing more will be said of an order, and the report that says so was shown, whether it is still among
    /// those kept or not.
    pub fn is_end_shown(&self, cl_ord_id: &str) -> bool {
        self.known().orders.get(cl_ord_id).is_some_and(|order| order.is_end_shown)
    }

    /// True if its sender was told that the order was never sent: it must not go out any more.
    pub fn is_withdrawn(&self, cl_ord_id: &str) -> bool {
        self.known().orders.get(cl_ord_id).is_some_and(|order| order.said == Said::Withdrawn)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnownOrders for Orders {
    fn instrument_of(&self, cl_ord_id: &str) -> Option<(String, Side)> {
        let known = self.known();
        let command = known.orders.get(cl_ord_id)?.command.as_deref()?;
        Some((command.symbol().to_owned(), command.side()))
    }
}

impl Order {
    fn unknown(&self, cl_ord_id: &str, text: &str) -> Report {
        match &self.command {
            Some(command) => Report::state_unknown_of(command, text),
            None => Report::state_unknown(Some(cl_ord_id.to_owned()), text),
        }
    }

    fn not_sent(&self, cl_ord_id: &str, text: &str) -> Report {
        match &self.command {
            Some(command) => Report::not_sent(command, text),
            None => Report::rejected_order(cl_ord_id, text),
        }
    }
}

impl Known {
    /// Claims the id of an order that was sent; an order that has it already stands.
    fn claim_and_keep(&mut self, cl_ord_id: &str, order: (&Arc<str>, Option<Arc<OrderCommand>>, bool)) {
        if self.claim(cl_ord_id, order, MOST_ORDERS).is_some()
            && let Some(order) = self.orders.get_mut(cl_ord_id)
        {
            order.is_kept = true;
            self.touch(cl_ord_id);
        }
    }

    /// The number of the claim, and its id; `None` if the id is in use.
    fn claim(
        &mut self,
        cl_ord_id: &str,
        (session, command, has_all_fields): (&Arc<str>, Option<Arc<OrderCommand>>, bool),
        most: usize,
    ) -> Option<(u64, Arc<str>)> {
        if self.orders.contains_key(cl_ord_id) {
            return None;
        }
        let claim = self.next_claim;
        self.next_claim += 1;
        let order = Order {
            claim,
            session: Arc::clone(session),
            is_kept: false,
            said: Said::Nothing,
            command,
            has_all_fields,
            is_end_shown: false,
            last: LastSaid::default(),
        };
        let id: Arc<str> = cl_ord_id.into();
        self.orders.insert(Arc::clone(&id), order);
        self.claims.push_back((claim, Arc::clone(&id)));
        while self.orders.len() > most {
            let Some((claim, oldest)) = self.claims.pop_front() else { break };
            if self.is_held(claim, &oldest) {
                let order = self.orders.remove(&oldest);
                if let Some(order_id) = order.and_then(|order| order.last.order_id)
                    && self.order_ids.get(&order_id) == Some(&oldest)
                {
                    self.order_ids.remove(&order_id);
                }
            }
        }
        if self.claims.len() > 2 * most {
            let mut claims = std::mem::take(&mut self.claims);
            claims.retain(|(claim, id)| self.is_held(*claim, id));
            self.claims = claims;
        }
        Some((claim, id))
    }

    /// True unless the claim was released; the id may have been claimed again since.
    fn is_held(&self, claim: u64, cl_ord_id: &str) -> bool {
        self.orders.get(cl_ord_id).is_some_and(|order| order.claim == claim)
    }
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;
    use crate::contract::parse::{OrderRules, parse_order};

    fn session() -> Arc<str> {
        "S".into()
    }

    fn order(id: &str) -> Arc<OrderCommand> {
        let json = format!(r#"{{"clOrdID":"{id}","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"}}"#);
        Arc::new(
            parse_order(json.as_bytes(), &OrderRules::any_symbol(), UtcTimestamp::from_unix(0, 0)).unwrap(),
        )
    }

    #[test]
    fn the_oldest_are_forgotten_and_what_was_released_takes_no_room() {
        let (mut known, session) = (Known::default(), session());
        for number in 0..100 {
            let id = format!("released {number}");
            assert!(known.claim(&id, (&session, None, false), 3).is_some());
            known.orders.remove(id.as_str());
        }
        assert!(known.claims.len() <= 6);
        // Claimed, released and claimed again: the old claim must not take the new one along.
        assert!(known.claim("again", (&session, None, false), 3).is_some());
        known.orders.remove("again");
        for id in ["a", "again", "b", "c"] {
            assert!(known.claim(id, (&session, None, false), 3).is_some());
        }
        let mut left: Vec<&str> = known.orders.keys().map(AsRef::as_ref).collect();
        left.sort_unstable();
        assert_eq!(left, ["again", "b", "c"]);
    }

    #[test]
    fn an_order_of_which_something_was_said_keeps_its_state() {
        let orders = Orders::default();
        orders.claim(order("A"), &session()).unwrap().keep();
        orders.heard(&Report::not_sent(&order("A"), "the counterparty's word").news());
        assert_eq!(orders.given_up("A", true, "old"), None);
        assert_eq!(orders.given_up("A", false, "old"), None);
        let notice = orders.rejected("A", false, "Required tag missing");
        assert!(!notice.is_final_for("A"));
        assert_eq!(notice.fields().get("ordStatus"), None);
    }

    #[test]
    fn what_may_be_out_is_unknown_and_said_once_and_what_never_was_is_rejected() {
        let orders = Orders::default();
        for id in ["OUT", "KEPT"] {
            orders.claim(order(id), &session()).unwrap().keep();
        }
        let unknown = orders.given_up("OUT", true, "old").unwrap();
        assert!(!unknown.is_final_for("OUT"));
        assert_eq!(unknown.fields()["text"], "not resent, state unknown: old");
        assert_eq!(orders.given_up("OUT", true, "old"), None);
        assert!(!orders.is_withdrawn("OUT"));
        let rejected = orders.given_up("KEPT", false, "old").unwrap();
        assert!(rejected.is_final_for("KEPT"));
        assert!(orders.is_withdrawn("KEPT"));
    }

    #[test]
    fn the_rejection_of_a_repeat_rejects_no_order() {
        let orders = Orders::default();
        for id in ["ONCE", "AGAIN"] {
            orders.claim(order(id), &session()).unwrap().keep();
        }
        assert!(orders.rejected("ONCE", false, "no").is_final_for("ONCE"));
        assert!(!orders.rejected("AGAIN", true, "no").is_final_for("AGAIN"));
        assert!(!orders.rejected("AGAIN", true, "no").is_final_for("AGAIN"));
        assert!(!orders.rejected("NOBODY", false, "no").is_final_for("NOBODY"));
    }
}
