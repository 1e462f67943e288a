//! Lists of orders: NewOrderList(E), ListExecute(L), ListCancelRequest(K), ListStatusRequest(M), answered by ListStatus(N).
//!
//! The orders of a list are orders as any others, each with its own reports. A list waits for its ListExecute if its
//! ListExecInstType(433) is 2, otherwise its orders are entered as it comes.

use std::{collections::HashSet, sync::Arc};

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
    time::UtcTimestamp,
    wire::{
        frame::{Scan, scan},
        value::Text,
    },
};

use super::{
    ExchangeApplication, NO_QTY, SideOfOrder, account,
    instructions::{self, Kind},
    named,
    new::{expires, may_be_known},
    side_of_order, utf8,
};
use crate::exchange::{
    book::Owner,
    journal::{KeptList, MOST_LISTS, NotEntered},
    orders::{self, Echo, Origin, Report},
    profile::judge::RefusedEntry,
    venue::{Entry, ListStatus, Output, Venue},
};

impl ExchangeApplication {
    /// Takes a list, but for those of its orders that are refused already.
    pub(super) fn new_list(
        &mut self,
        message: &Message<'_>,
        refused: &[RefusedEntry],
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let id = utf8(message.required::<Text<'_>>(tag::LIST_ID)?)?;
        match self.known_list(id) {
            Some(at) if may_be_known(message) => {
                self.tell_list(at, code::ListStatusType::RESPONSE, out, |_, _, _, _| {});
                return Ok(());
            }
            Some(_) => return Err(KNOWN),
            None => {}
        }
        let is_to_wait = waits_for_execution(message)?;
        // All or none: what cannot be read is found before an order is entered.
        let entries = entries(message, out.now().utc)?;
        if message.required::<u64>(tag::TOT_NO_ORDERS)? != entries.len() as u64 {
            return Err(IN_PARTS);
        }
        each_has_a_number(message)?;
        if self.lists.len() == MOST_LISTS {
            self.lists.pop_front();
        }
        self.lists.push_back(KeptList {
            id: id.to_owned(),
            cl_ord_ids: entries.iter().map(|entry| Arc::clone(&entry.cl_ord_id)).collect(),
            waiting: is_to_wait.then(|| message.frame().bytes().to_vec()),
            not_entered: Vec::new(),
        });
        let at = self.lists.len() - 1;
        self.tell_list(at, code::ListStatusType::ACK, out, |list, venue, owner, told| {
            for RefusedEntry { place, reason, text } in refused {
                let reason = code::OrdRejReason(i32::try_from(*reason).unwrap_or(i32::MAX));
                list.not_entered.push(NotEntered { place: *place, refused: Some((reason, text.clone())) });
                if let Some(entry) = entries.get(*place) {
                    venue.refuse(owner, entry, reason, text.clone(), told);
                }
            }
            if !is_to_wait {
                enter_all(&entries, list, venue, owner, told);
            }
        });
        Ok(())
    }

    /// Takes another message about a list.
    pub(super) fn about_list(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let id = utf8(message.required::<Text<'_>>(tag::LIST_ID)?)?;
        let at = self.known_list(id).ok_or(UNKNOWN)?;
        match message.msg_type() {
            MsgType::LIST_EXECUTE => {
                let Some(waiting) = self.lists[at].waiting.take() else { return Err(EXECUTED) };
                let Scan::Frame(frame, _) = scan(&waiting, waiting.len()) else { return Err(UNKNOWN) };
                let list = Message::parse(frame).map_err(|_| UNKNOWN)?;
                let entries = entries(&list, out.now().utc)?;
                self.tell_list(at, code::ListStatusType::EXEC_STARTED, out, |list, venue, owner, told| {
                    enter_all(&entries, list, venue, owner, told);
                });
            }
            MsgType::LIST_CANCEL_REQUEST => {
                self.tell_list(at, code::ListStatusType::RESPONSE, out, cancel_all);
            }
            _ => self.tell_list(at, code::ListStatusType::RESPONSE, out, |_, _, _, _| {}),
        }
        Ok(())
    }

    /// Where the list of this ListID(66) stands.
    fn known_list(&mut self, id: &str) -> Option<usize> {
        self.lists.extend(self.seat.take_lists());
        self.lists.iter().position(|list| list.id == id)
    }

    /// Does something about the orders of a list, and says how they stand then.
    fn tell_list(
        &mut self,
        at: usize,
        status_type: code::ListStatusType,
        out: &mut dyn Outbox,
        act: impl FnOnce(&mut KeptList, &mut Venue, Owner, &mut Vec<Output>),
    ) {
        let list = &mut self.lists[at];
        self.seat.ask_about_list(list, out.now().utc, &mut self.unsent, |list, venue, owner, told| {
            act(list, venue, owner, told);
            let orders: Vec<_> =
                (0..list.cl_ord_ids.len()).map(|place| order_of_list(list, place, venue, owner)).collect();
            let is_refused = |order: &NotEntered| order.refused.is_some();
            let order_status = match list.waiting {
                _ if list.not_entered.iter().filter(|order| is_refused(order)).count() == orders.len() => {
                    code::ListOrderStatus::REJECT
                }
                Some(_) => code::ListOrderStatus::RECEIVED_FOR_EXECUTION,
                None if orders.iter().any(|order| order.leaves_qty > 0) => code::ListOrderStatus::EXECUTING,
                None => code::ListOrderStatus::ALL_DONE,
            };
            told.push(Output::List(Box::new(ListStatus {
                owner,
                list_id: list.id.clone(),
                status_type,
                order_status,
                orders,
            })));
        });
    }
}

/// How the order at a place of a list stands.
fn order_of_list(list: &KeptList, place: usize, venue: &mut Venue, owner: Owner) -> Report {
    let cl_ord_id = &list.cl_ord_ids[place];
    let (ord_status, refused) = match list.not_entered(place) {
        Some(NotEntered { refused: Some(refused), .. }) => (code::OrdStatus::REJECTED, Some(refused)),
        Some(_) => (code::OrdStatus::CANCELED, None),
        // An order of a list that waits is no order yet.
        None if list.waiting.is_some() => (code::OrdStatus::PENDING_NEW, None),
        None => return venue.status(owner, cl_ord_id),
    };
    let ord_rej_reason = refused.map(|(reason, _)| *reason);
    let text = refused.map(|(_, text)| text.clone().into());
    Report { ord_status, ord_rej_reason, text, ..venue.unknown(owner, cl_ord_id) }
}

/// Enters the orders of a list that are not refused already, and notes those that the venue refuses.
fn enter_all(
    entries: &[Entry<'_>],
    list: &mut KeptList,
    venue: &mut Venue,
    owner: Owner,
    told: &mut Vec<Output>,
) {
    for (place, entry) in entries.iter().enumerate() {
        if list.not_entered(place).is_some() {
            continue;
        }
        let is_order = venue.enter(owner, entry, told).is_some();
        if let Some(refused) = told.last().filter(|_| !is_order).and_then(refusal) {
            list.not_entered.push(NotEntered { place, refused: Some(refused) });
        }
    }
}

/// OrdRejReason(103) and Text(58), if that is a refusal of a new order.
fn refusal(told: &Output) -> Option<(code::OrdRejReason, String)> {
    match told {
        Output::Refused(refused) => Some((refused.reason, refused.text.clone())),
        Output::Order(orders::Output::Report(report)) => {
            Some((report.ord_rej_reason?, report.text.as_deref().unwrap_or_default().to_owned()))
        }
        _ => None,
    }
}

/// Cancels what is left of the orders of a list, whatever each is called by now.
fn cancel_all(list: &mut KeptList, venue: &mut Venue, owner: Owner, told: &mut Vec<Output>) {
    if list.waiting.take().is_some() {
        let places = (0..list.cl_ord_ids.len()).filter(|place| list.not_entered(*place).is_none());
        let cancelled: Vec<_> = places.map(|place| NotEntered { place, refused: None }).collect();
        list.not_entered.extend(cancelled);
    }
    for (place, cl_ord_id) in list.cl_ord_ids.iter().enumerate() {
        // Another order may have the ClOrdID of one that was never entered.
        if list.not_entered(place).is_none() {
            venue.cancel_known(owner, cl_ord_id, told);
        }
    }
}

/// Whether a list waits for its ListExecute(L). What else it says of how it is to be executed is refused.
fn waits_for_execution(list: &Message<'_>) -> Result<bool, BusinessReject> {
    if list.required::<code::BidType>(tag::BID_TYPE)? != code::BidType::NO_BIDDING_PROCESS {
        return Err(NO_BIDS);
    }
    match list.optional::<code::ListExecInstType>(tag::LIST_EXEC_INST_TYPE)? {
        None | Some(ListExecInstType::IMMEDIATE) => Ok(false),
        Some(ListExecInstType::WAIT_FOR_INSTRUCTION) => Ok(true),
        Some(_) => Err(UNKNOWN_EXECUTION),
    }
}

/// The orders of a list.
fn entries<'a>(list: &Message<'a>, now: UtcTimestamp) -> Result<Vec<Entry<'a>>, BusinessReject> {
    let id = utf8(list.required::<Text<'_>>(tag::LIST_ID)?)?;
    let origin = Arc::new(Origin::List(id.into()));
    list.group(&group::LIST_ORD_GRP).iter().map(|order| entry(&order, list, &origin, now)).collect()
}

/// Each order of a list has a number of its own (FIX 4.4 Vol. 3, ListSeqNo): a second one leaves open which order is meant.
fn each_has_a_number(list: &Message<'_>) -> Result<(), BusinessReject> {
    let mut numbers = HashSet::new();
    for order in list.group(&group::LIST_ORD_GRP).iter() {
        if !numbers.insert(order.required::<u64>(tag::LIST_SEQ_NO)?) {
            return Err(SAME_NUMBER);
        }
    }
    Ok(())
}

/// An order of a list; the instrument and all else stands in its entry.
fn entry<'a>(
    order: &FieldMap<'a>,
    list: &Message<'_>,
    origin: &Arc<Origin>,
    now: UtcTimestamp,
) -> Result<Entry<'a>, BusinessReject> {
    let SideOfOrder { side, said, unsupported } =
        side_of_order(order.required(tag::SIDE)?, order.optional(tag::LOCATE_REQD)?)?;
    let ord_type = order.optional(tag::ORD_TYPE)?.ok_or(NO_ORD_TYPE)?;
    let time_in_force = order.optional(tag::TIME_IN_FORCE)?.unwrap_or(code::TimeInForce::DAY);
    let kind = Kind { ord_type, time_in_force };
    let unsupported = unsupported.or_else(|| instructions::unsupported(order.fields(), kind, now));
    Ok(Entry {
        cl_ord_id: utf8(order.required(tag::CL_ORD_ID)?)?.into(),
        instrument: named(
            order.optional(tag::SYMBOL)?,
            order.optional(tag::SECURITY_ID)?,
            order.optional(tag::SECURITY_ID_SOURCE)?,
        )?,
        side,
        ord_type,
        price: order.optional(tag::PRICE)?,
        stop_px: order.optional(tag::STOP_PX)?,
        qty: order.optional(tag::ORDER_QTY)?.ok_or(NO_QTY)?,
        min_qty: order.optional(tag::MIN_QTY)?,
        max_floor: order.optional(tag::MAX_FLOOR)?,
        time_in_force,
        expires: expires(order.optional(tag::EXPIRE_TIME)?, order.optional(tag::EXPIRE_DATE)?),
        poss_resend: may_be_known(list),
        echo: Echo {
            account: account(order.optional(tag::ACCOUNT)?)?,
            short: said,
            price_type: order.optional(tag::PRICE_TYPE)?,
            origin: Some(Arc::clone(origin)),
        },
        unsupported,
    })
}

const KNOWN: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "this ListID(66) was used before");

const UNKNOWN: BusinessReject =
    BusinessReject::new(BusinessRejectReason::UnknownId, "no list has this ListID(66)");

const EXECUTED: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "this list does not wait for its ListExecute(L)");

const NO_ORD_TYPE: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ConditionallyRequiredFieldMissing,
    "OrdType(40) of an order of the list is required here",
);

const NO_BIDS: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "BidType(394) must be 3 here: there is no bidding")
        .about(tag::BID_TYPE);

const UNKNOWN_EXECUTION: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "ListExecInstType(433) must be 1 or 2 here")
        .about(tag::LIST_EXEC_INST_TYPE);

const IN_PARTS: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "TotNoOrders(68) must be NoOrders(73) here: a list comes in one message",
)
.about(tag::TOT_NO_ORDERS);

const SAME_NUMBER: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "ListSeqNo(67) of two orders of the list is the same")
        .about(tag::LIST_SEQ_NO);
