//! Lists of orders: NewOrderList(E), ListExecute(L), ListCancelRequest(K), ListStatusRequest(M), answered by ListStatus(N).
//!
//! The orders of a list are orders as any others, each with its own reports. A list waits for its ListExecute if its
//! ListExecInstType(433) is 2, otherwise its orders are entered as it comes.

use std::sync::Arc;

use fix_core::{
    dict::fix44::{code, code::ListExecInstType, group},
    msg::{
        message::{FieldMap, Message},
        msg_type::MsgType,
    },
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason},
    },
    tag,
    wire::{
        frame::{Scan, scan},
        value::Text,
    },
};

use super::{
    ExchangeApplication, MISSING, account, named,
    new::{expires, may_be_known},
    side_of_order, utf8,
};
use crate::exchange::{
    book::Owner,
    journal::{KeptList, MOST_LISTS},
    orders::Echo,
    venue::{Entry, ListStatus, Output, Venue},
};

impl ExchangeApplication {
    /// Takes a message about a list.
    pub(super) fn about_list(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let id = utf8(message.required::<Text<'_>>(tag::LIST_ID)?)?;
        self.lists.extend(self.seat.take_lists());
        let known = self.lists.iter().position(|list| list.id == id);
        if message.msg_type() == MsgType::NEW_ORDER_LIST {
            if known.is_some() {
                return Err(KNOWN);
            }
            return self.new_list(id, message, out);
        }
        let at = known.ok_or(UNKNOWN)?;
        match message.msg_type() {
            MsgType::LIST_EXECUTE => {
                let Some(waiting) = self.lists[at].waiting.take() else { return Err(EXECUTED) };
                let Scan::Frame(frame, _) = scan(&waiting, waiting.len()) else { return Err(UNKNOWN) };
                let list = Message::parse(frame).map_err(|_| UNKNOWN)?;
                let entries = entries(&list)?;
                self.tell_list(at, code::ListStatusType::EXEC_STARTED, out, |_, venue, owner, told| {
                    enter_all(&entries, venue, owner, told);
                });
            }
            MsgType::LIST_CANCEL_REQUEST => {
                self.lists[at].waiting = None;
                self.tell_list(at, code::ListStatusType::RESPONSE, out, cancel_all);
            }
            _ => self.tell_list(at, code::ListStatusType::RESPONSE, out, |_, _, _, _| {}),
        }
        Ok(())
    }

    fn new_list(
        &mut self,
        id: &str,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        // All or none: what cannot be read is found before an order is entered.
        let entries = entries(message)?;
        let is_to_wait = message.optional::<code::ListExecInstType>(tag::LIST_EXEC_INST_TYPE)?
            == Some(ListExecInstType::WAIT_FOR_INSTRUCTION);
        if self.lists.len() == MOST_LISTS {
            self.lists.pop_front();
        }
        self.lists.push_back(KeptList {
            id: id.to_owned(),
            cl_ord_ids: entries.iter().map(|entry| Arc::clone(&entry.cl_ord_id)).collect(),
            waiting: is_to_wait.then(|| message.frame().bytes().to_vec()),
        });
        let at = self.lists.len() - 1;
        self.tell_list(at, code::ListStatusType::ACK, out, |_, venue, owner, told| {
            if !is_to_wait {
                enter_all(&entries, venue, owner, told);
            }
        });
        Ok(())
    }

    /// Does something about the orders of a list, and says how they stand then.
    fn tell_list(
        &mut self,
        at: usize,
        status_type: code::ListStatusType,
        out: &mut dyn Outbox,
        act: impl FnOnce(&KeptList, &mut Venue, Owner, &mut Vec<Output>),
    ) {
        let list = &self.lists[at];
        self.seat.ask_about_list(list, out.now().utc, &mut self.unsent, |venue, owner, told| {
            act(list, venue, owner, told);
            let orders: Vec<_> =
                list.cl_ord_ids.iter().map(|cl_ord_id| venue.status(owner, cl_ord_id)).collect();
            let may_trade = orders.iter().any(|order| order.leaves_qty > 0);
            let order_status = match list.waiting {
                Some(_) => code::ListOrderStatus::RECEIVED_FOR_EXECUTION,
                None if may_trade => code::ListOrderStatus::EXECUTING,
                None => code::ListOrderStatus::ALL_DONE,
            };
            told.push(Output::List(Box::new(ListStatus {
                owner,
                list_id: list.id.clone(),
                status_type,
                order_status,
                is_waiting: list.waiting.is_some(),
                orders,
            })));
        });
    }
}

fn enter_all(entries: &[Entry<'_>], venue: &mut Venue, owner: Owner, told: &mut Vec<Output>) {
    for entry in entries {
        venue.enter(owner, entry, told);
    }
}

/// Cancels what is left of the orders of a list, whatever each is called by now.
fn cancel_all(list: &KeptList, venue: &mut Venue, owner: Owner, told: &mut Vec<Output>) {
    for cl_ord_id in &list.cl_ord_ids {
        venue.cancel_known(owner, cl_ord_id, told);
    }
}

/// The orders of a list.
fn entries<'a>(list: &Message<'a>) -> Result<Vec<Entry<'a>>, BusinessReject> {
    list.group(&group::LIST_ORD_GRP).iter().map(|order| entry(&order, list)).collect()
}

/// An order of a list; the instrument and all else stands in its entry.
fn entry<'a>(order: &FieldMap<'a>, list: &Message<'_>) -> Result<Entry<'a>, BusinessReject> {
    let (side, short) = side_of_order(order.required(tag::SIDE)?, order.optional(tag::LOCATE_REQD)?)?;
    Ok(Entry {
        cl_ord_id: utf8(order.required(tag::CL_ORD_ID)?)?.into(),
        instrument: named(
            order.optional(tag::SYMBOL)?,
            order.optional(tag::SECURITY_ID)?,
            order.optional(tag::SECURITY_ID_SOURCE)?,
        )?,
        side,
        ord_type: order.optional(tag::ORD_TYPE)?.ok_or(MISSING)?,
        price: order.optional(tag::PRICE)?,
        stop_px: order.optional(tag::STOP_PX)?,
        qty: order.optional(tag::ORDER_QTY)?.ok_or(MISSING)?,
        min_qty: order.optional(tag::MIN_QTY)?,
        max_floor: order.optional(tag::MAX_FLOOR)?,
        time_in_force: order.optional(tag::TIME_IN_FORCE)?.unwrap_or(code::TimeInForce::DAY),
        expires: expires(order.optional(tag::EXPIRE_TIME)?, order.optional(tag::EXPIRE_DATE)?),
        poss_resend: may_be_known(list),
        echo: Echo {
            account: account(order.optional(tag::ACCOUNT)?)?,
            short,
            price_type: order.optional(tag::PRICE_TYPE)?,
            quote_resp_id: None,
        },
    })
}

const KNOWN: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "this ListID(66) was used before")
        .with_ref(tag::LIST_ID);

const UNKNOWN: BusinessReject =
    BusinessReject::new(BusinessRejectReason::UnknownId, "no list has this ListID(66)")
        .with_ref(tag::LIST_ID);

const EXECUTED: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "this list does not wait for its ListExecute(L)")
        .with_ref(tag::LIST_ID);
