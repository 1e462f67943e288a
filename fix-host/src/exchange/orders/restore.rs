//! Orders that an earlier start of the venue had.

use std::sync::Arc;

use fix_core::dict::fix44::code;

use super::{
    super::book::{CancelReason, OrderId, Owner},
    Execution, Listing, OrderStates, State,
    output::{Output, Report},
    record::{Life, Record, Trade},
    request::NewRequest,
    terms::Terms,
};

/// An order as it was.
#[derive(Clone, Copy, Debug)]
pub struct Restored<'a> {
    /// Its number.
    pub id: OrderId,
    /// The session that it belongs to.
    pub owner: Owner,
    /// How it stood.
    pub state: &'a State,
    /// Its ClOrdIDs(11).
    pub names: &'a [Arc<str>],
    /// Its executions, oldest first.
    pub executions: &'a [Execution],
    /// What its session was not told of it: executions by ExecID(17), or something else.
    pub untold: &'a [Option<u64>],
}

impl OrderStates {
    /// Numbers of orders and executions go on behind this one.
    pub fn begin_numbers(&mut self, number: u64) {
        (self.order_ids, self.exec_ids) = (number, number);
    }

    /// Knows an order again, and tells what was not told of it: its executions with the ExecIDs(17) that they had, of anything
    /// else how it stands.
    pub fn restore(&mut self, restored: Restored<'_>, listing: Arc<Listing>, out: &mut Vec<Output>) {
        let Restored { id, owner, state, names, executions, untold } = restored;
        let State { cl_ord_id, qty, .. } = state;
        let terms = Terms { listing, ..state.terms.clone() };
        let request = NewRequest { cl_ord_id: Arc::clone(cl_ord_id), terms, qty: *qty, poss_resend: false };
        let mut record = Record::new(owner, request);
        record.life = Life::Live;
        for &Execution { exec_id, price, qty } in executions {
            record.add_trade(Trade { exec_id, price, qty });
            if untold.contains(&Some(exec_id)) {
                let report = Report::of(&record, id, exec_id, code::ExecType::TRADE);
                out.push(Output::report(Report { last: Some((price, qty)), ..report }));
            }
        }
        record.state = State { terms: record.state.terms, ..state.clone() };
        record.names = names.len();
        record.kept = Some(executions.len());
        if untold.contains(&None) {
            let exec_type = match state.life {
                Life::Pending | Life::Live => code::ExecType::ORDER_STATUS,
                Life::Rejected => code::ExecType::REJECTED,
                Life::Canceled => code::ExecType::CANCELED,
                Life::Expired => code::ExecType::EXPIRED,
                Life::DoneForDay => code::ExecType::DONE_FOR_DAY,
            };
            let exec_id = self.exec_id();
            out.push(Output::report(Report::of(&record, id, exec_id, exec_type)));
        }
        self.orders.add(id, record);
        for name in names {
            self.name(owner, Arc::clone(name), id);
        }
        self.recount(id);
    }

    /// An order that was restored does not come to its book: its day was over before the venue started again, or for another
    /// reason, which Text(58) says.
    pub fn not_restored(&mut self, id: OrderId, text: Option<&'static str>, out: &mut Vec<Output>) {
        let Some(record) = self.record_mut(id).filter(|record| record.leaves_qty() > 0) else { return };
        record.in_book = 0;
        match text {
            None => _ = self.end_open(id, CancelReason::DayOver, out),
            Some(text) => {
                let waiting = std::mem::take(&mut record.waiting);
                self.not_taken(id, text, out);
                self.come_too_late(id, waiting, out);
            }
        }
    }
}
