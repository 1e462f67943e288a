//! Asks the counterparty about orders whose state is unknown (AskUnknownOrders): an OrderStatusRequest(H) each.

use std::collections::VecDeque;

use fix_core::session::{
    application::Outbox,
    error::{CapacityError, SendError},
};

use crate::{contract::StatusRequest, orders::Orders};

/// The orders of one session that are still to be asked for on this connection.
#[derive(Default)]
pub(super) struct Asker {
    /// By ClOrdID; empty where the counterparty takes no such requests.
    due: VecDeque<String>,
    is_on: bool,
}

impl Asker {
    /// `is_on`: AskUnknownOrders.
    pub(super) fn new(is_on: bool) -> Self {
        Asker { due: VecDeque::new(), is_on }
    }

    /// The state of an order is unknown from now on; false if it is not to be asked for.
    pub(super) fn add(&mut self, cl_ord_id: &str) -> bool {
        if self.is_on {
            self.due.push_back(cl_ord_id.to_owned());
        }
        self.is_on
    }

    /// The session is logged on: everything unknown is asked for, again where the answer did not come.
    pub(super) fn begin(&mut self, orders: &Orders, session: &str) {
        self.due.clear();
        if self.is_on {
            let of_session = orders.all_unknown().into_iter().filter(|(_, of)| **of == *session);
            self.due.extend(of_session.map(|(cl_ord_id, _)| cl_ord_id));
        }
    }

    /// Sends what is due as far as there is room; true if some is left for when there is.
    pub(super) fn send(&mut self, orders: &Orders, out: &mut dyn Outbox) -> bool {
        while let Some(cl_ord_id) = self.due.front() {
            if let Some(command) = orders.unknown(cl_ord_id) {
                match out.send(&StatusRequest(&command)) {
                    Ok(_) => {}
                    Err(SendError::Capacity(CapacityError::Full)) => return true,
                    // Asked with the next Logon.
                    Err(SendError::NotLoggedOn) => {
                        self.due.clear();
                        return false;
                    }
                    Err(error) => tracing::warn!(order = cl_ord_id, %error, "its state was not asked for"),
                }
            }
            self.due.pop_front();
        }
        false
    }
}
