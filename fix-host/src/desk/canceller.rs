//! Cancels the working orders of a session that is halted, where that is asked for: an OrderCancelRequest(F) each.

use std::{collections::VecDeque, sync::Arc};

use fix_core::session::{
    application::Outbox,
    error::{CapacityError, SendError},
};

use super::{extras::Extras, pre_trade::PreTrade, sent::Sent};
use crate::{
    contract::{
        Outgoing,
        order::{CancelOrder, OrderCommand},
    },
    halt::Halts,
    orders::Orders,
};

/// The orders that are still to be cancelled on this connection.
pub(super) struct Canceller {
    halts: Halts,
    session: Arc<str>,
    /// By ClOrdID.
    due: VecDeque<String>,
    /// How many demands were taken up.
    seen: Option<u64>,
    /// Cancel requests so far, to tell their ids apart.
    number: u64,
}

/// What a cancel request touches.
pub(super) struct Books<'d> {
    pub orders: &'d Orders,
    pub sent: &'d mut Sent,
    pub pre_trade: &'d mut PreTrade,
    pub extras: &'d Extras,
}

impl Canceller {
    pub(super) fn new(halts: Halts, session: &str) -> Self {
        Canceller { halts, session: session.into(), due: VecDeque::new(), seen: None, number: 0 }
    }

    /// What the sender of a new order is told, if the session is halted.
    pub(super) fn refusal(&self) -> Option<String> {
        self.halts.refusal(&self.session)
    }

    pub(super) fn is_halted(&self) -> bool {
        self.halts.is_halted(&self.session)
    }

    /// The session is logged on: what was not sent to the last connection is due again.
    pub(super) fn begin(&mut self) {
        self.due.clear();
        self.seen = None;
    }

    /// An order goes by another id: looks at all of them again; false if nothing is to be cancelled.
    pub(super) fn begin_again(&mut self) -> bool {
        self.begin();
        self.halts.cancels(&self.session).is_some()
    }

    /// Sends what is due as far as there is room; true if some is left for when there is.
    pub(super) fn send(&mut self, books: &mut Books<'_>, out: &mut dyn Outbox) -> bool {
        let Some(demands) = self.halts.cancels(&self.session) else {
            // Resumed meanwhile, or nothing is to be cancelled.
            self.due.clear();
            return false;
        };
        if self.seen != Some(demands) {
            self.seen = Some(demands);
            self.due = books.pre_trade.working.ids().map(str::to_owned).collect();
        }
        while let Some(id) = self.due.front() {
            match cancel(id, (&self.session, &mut self.number), books, out) {
                Ok(()) => {}
                Err(SendError::Capacity(CapacityError::Full)) => return true,
                // Cancelled with the next Logon.
                Err(SendError::NotLoggedOn) => {
                    self.due.clear();
                    return false;
                }
                Err(error) => tracing::error!(order = id, %error, "not cancelled"),
            }
            self.due.pop_front();
        }
        false
    }
}

/// Sends a cancel request for an order, unless it ended or one is on its way.
fn cancel(
    orig_cl_ord_id: &str,
    (session, number): (&Arc<str>, &mut u64),
    books: &mut Books<'_>,
    out: &mut dyn Outbox,
) -> Result<(), SendError> {
    let Some(order) = books.pre_trade.working.get(orig_cl_ord_id).filter(|order| !order.cancel_asked) else {
        return Ok(());
    };
    let now = out.now();
    let claimed = loop {
        *number += 1;
        let time = format!("{}{:06}", now.utc.unix_seconds(), now.utc.subsec_nanos() / 1000);
        let command = OrderCommand::Cancel(CancelOrder {
            session: None,
            orig_cl_ord_id: orig_cl_ord_id.to_owned(),
            cl_ord_id: format!("HALT-{time}-{number}"),
            symbol: order.symbol.clone(),
            side: order.side,
            transact_time: now.utc,
        });
        if let Ok(claimed) = books.orders.claim(command, session) {
            break claimed;
        }
    };
    let command = claimed.command();
    // A cancel of our own has no fields that could be wrong.
    let more = books.extras.of(command).unwrap_or_default();
    let msg_seq_num = out.send(&Outgoing { command, more: &more })?;
    books.sent.add(msg_seq_num, Arc::clone(claimed.id()));
    books.pre_trade.sent(command, claimed.id(), now.mono);
    claimed.keep();
    Ok(())
}
