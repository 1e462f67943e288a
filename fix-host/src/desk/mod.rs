//! The desk: the initiator's application. Orders from the mailbox go out as FIX, what comes back goes into
//! the mailbox.

mod orders;
mod sent;

use std::{collections::VecDeque, sync::Arc};

use fix_core::{
    dict::Dictionary,
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        config::SessionId,
        error::{AdminRefusal, BusinessReject, DoNotSend, SendError},
        event::{Event, Reason},
        state::CloseReason,
    },
    tag,
    wire::{
        field::Fields,
        writer::{Encode, Writer},
    },
};

use tokio::sync::oneshot;

use sent::{Sent, SentOrder};

pub use orders::{MOST_ORDERS, Orders};

use crate::{
    bus::{
        order::OrderCommand,
        publisher::{NotPublished, Publisher},
        report::Report,
        request::{OrderReply, Request},
    },
    config::LogonSettings,
    net::driver::HostApplication,
};

/// What a client is told while there is no counterparty.
const SIM_MODE: &str = "SIM MODE: no counterparty is logged on, the order was not sent";

/// Why an order goes out no more.
const GAP_FILLED: &str = "the counterparty asked for this message again, and a gap fill took its place because of \
                          its age (ResendOrderMaxAge), its type (GapFillMsgTypes), or because it is not stored";
const RESET: &str = "the sequence numbers were reset before the counterparty said anything of it";

/// The application of one initiator session.
pub struct Desk {
    publisher: Arc<dyn Publisher>,
    dictionary: &'static Dictionary,
    logon: LogonSettings,
    orders: Orders,
    /// The session's name, for the program's log.
    session: String,
    /// Reports that the mailbox had no room for yet; while there are any, nothing more is read.
    backlog: VecDeque<Report>,
    /// The orders by their MsgSeqNum(34).
    sent: Sent,
    /// The Logon that is on its way says a reset again: the numbers stay as they are.
    reset_said_again: bool,
    /// Clients that wait for their orders to be in the store.
    waiting: Vec<(oneshot::Sender<OrderReply>, OrderReply)>,
}

impl Desk {
    /// A desk that publishes to `publisher` and adds the credentials of `logon` to its Logon. Whoever gives it
    /// an order has claimed the ClOrdID in `orders`; the desk releases it if the order is not sent. `stored` are
    /// the orders that the session's store holds, by MsgSeqNum(34).
    pub fn new(
        session: &str,
        publisher: Arc<dyn Publisher>,
        dictionary: &'static Dictionary,
        logon: LogonSettings,
        orders: Orders,
        stored: Vec<(u64, String)>,
    ) -> Self {
        let mut sent = Sent::default();
        for (number, cl_ord_id) in stored {
            sent.remember(number, cl_ord_id);
        }
        let session = session.to_owned();
        Desk {
            publisher,
            dictionary,
            logon,
            orders,
            session,
            backlog: VecDeque::new(),
            sent,
            reset_said_again: false,
            waiting: Vec::new(),
        }
    }

    fn send(&mut self, command: OrderCommand, out: &mut dyn Outbox) -> OrderReply {
        let cl_ord_id = command.cl_ord_id().to_owned();
        let result = match &command {
            OrderCommand::New(order) => out.send(order as &dyn Encode),
            OrderCommand::Cancel(cancel) => out.send(cancel as &dyn Encode),
        };
        match result {
            Ok(msg_seq_num) => {
                self.sent.add(msg_seq_num, cl_ord_id.clone());
                OrderReply::Accepted { cl_ord_id, msg_seq_num }
            }
            Err(SendError::NotLoggedOn) => {
                self.orders.release(&cl_ord_id);
                tracing::warn!(%cl_ord_id, "{SIM_MODE}");
                OrderReply::SimMode { cl_ord_id, text: SIM_MODE.into() }
            }
            Err(error) => {
                self.orders.release(&cl_ord_id);
                tracing::warn!(%cl_ord_id, %error, "order not sent");
                OrderReply::Rejected { text: format!("not sent: {error}") }
            }
        }
    }

    fn publish(&mut self, report: Report) {
        self.backlog.push_back(report);
        self.flush();
    }

    fn flush(&mut self) {
        while let Some(report) = self.backlog.pop_front() {
            match self.publisher.try_report(report) {
                Ok(()) => {}
                Err(NotPublished::Full(report)) => {
                    self.backlog.push_front(*report);
                    return;
                }
                Err(NotPublished::Closed(report)) => {
                    tracing::error!(report = %report.to_json(), "the mailbox is closed; this report is only here");
                }
            }
        }
    }

    /// The counterparty says what it made of an order.
    fn hear(&mut self, report: Report) {
        self.orders.heard(&report);
        self.publish(report);
    }

    /// A Reject(3) or BusinessMessageReject(j): whoever sent the order that it means must know. False if it is about
    /// no order.
    fn hear_reject(&mut self, reject: &Message<'_>) -> bool {
        let number: Option<u64> = reject.optional(tag::REF_SEQ_NUM).ok().flatten();
        let Some(order) = number.and_then(|number| self.sent.get(number)) else { return false };
        let text = reject.get(tag::TEXT).map(String::from_utf8_lossy).unwrap_or_default();
        let report = self.orders.rejected(&order.cl_ord_id, order.may_be_repeated, &text);
        self.publish(report);
        true
    }

    /// A message of ours is given to the socket.
    fn written(&mut self, message: &[u8]) {
        // Up to the first that is no field: data of the counterparty's own may hold anything.
        let get = |tag| Fields::new(message).valid().find(|field| field.tag == tag).map(|field| field.value);
        let number = |tag| get(tag).and_then(|value| std::str::from_utf8(value).ok()?.parse::<u64>().ok());
        let again = || get(tag::POSS_DUP_FLAG) == Some(b"Y");
        match get(tag::MSG_TYPE).and_then(MsgType::from_bytes) {
            Some(MsgType::SEQUENCE_RESET) => {
                let range = number(tag::MSG_SEQ_NUM).zip(number(tag::NEW_SEQ_NO));
                if let Some((begin, next)) = range {
                    let orders = self.sent.take(begin, next);
                    self.give_up(orders, GAP_FILLED);
                }
            }
            Some(MsgType::LOGON) => {
                let resets = get(tag::RESET_SEQ_NUM_FLAG) == Some(b"Y");
                if !std::mem::take(&mut self.reset_said_again) && resets {
                    let orders = self.sent.take_written();
                    self.give_up(orders, RESET);
                }
            }
            Some(MsgType::NEW_ORDER_SINGLE | MsgType::ORDER_CANCEL_REQUEST) => {
                let again = again();
                if (again || self.sent.expects())
                    && let Some(number) = number(tag::MSG_SEQ_NUM)
                {
                    self.sent.written(number, again);
                }
            }
            _ => {}
        }
    }

    /// These orders are not sent again: who was told nothing of his yet must know.
    fn give_up(&mut self, orders: Vec<SentOrder>, why: &str) {
        for order in orders {
            if let Some(report) = self.orders.given_up(&order.cl_ord_id, order.may_be_out, why) {
                tracing::warn!(session = self.session, order = order.cl_ord_id, "not resent: {why}");
                self.publish(report);
            }
        }
    }
}

impl HostApplication for Desk {
    type Command = Request;

    fn command(&mut self, request: Request, out: &mut dyn Outbox) {
        let reply = self.send(request.command, out);
        match reply {
            // Acceptance is a promise: it is not made before the order would survive a crash.
            OrderReply::Accepted { .. } => self.waiting.push((request.reply, reply)),
            _ => answer(request.reply, reply),
        }
    }

    fn persisted(&mut self) {
        for (client, reply) in self.waiting.drain(..) {
            answer(client, reply);
        }
    }

    fn store_failed(&mut self) {
        // Nobody knows what is in the store; without an answer, that is what these clients are told.
        self.waiting.clear();
    }

    fn is_ready(&mut self) -> bool {
        self.flush();
        self.backlog.is_empty()
    }

    fn refuse(request: Request) {
        let _ = request.reply.send(OrderReply::Rejected { text: "the engine is stopping; not sent".into() });
    }
}

/// A client that no longer waits finds the outcome among the reports.
fn answer(client: oneshot::Sender<OrderReply>, reply: OrderReply) {
    let _ = client.send(reply);
}

impl Application for Desk {
    fn on_create(&mut self, session: &SessionId) {
        tracing::info!(%session, "session created");
    }

    fn on_logon(&mut self, _out: &mut dyn Outbox) {
        tracing::info!(session = self.session, "LOGGED ON");
    }

    fn on_logout(&mut self, reason: CloseReason) {
        tracing::info!(session = self.session, %reason, "LOGGED OFF");
    }

    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        if msg_type == MsgType::LOGON {
            self.logon.write(out);
        }
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        if message.msg_type() == MsgType::LOGOUT
            && let Some(text) = message.get(tag::TEXT)
        {
            let text = text.escape_ascii();
            tracing::warn!(session = %self.session, "the counterparty logs out: {text}");
        }
        if message.msg_type() == MsgType::REJECT {
            self.hear_reject(message);
        }
        Ok(())
    }

    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::BUSINESS_MESSAGE_REJECT if self.hear_reject(message) => Ok(()),
            MsgType::EXECUTION_REPORT | MsgType::ORDER_CANCEL_REJECT | MsgType::BUSINESS_MESSAGE_REJECT => {
                self.hear(Report::from_message(message, self.dictionary));
                Ok(())
            }
            _ => Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
    }

    fn to_app(&mut self, message: &Message<'_>) -> Result<(), DoNotSend> {
        // Its sender was told that it never went out. (ResendOrderMaxAge looks at a clock, which may be set back.)
        let id = message.get(tag::CL_ORD_ID).and_then(|id| std::str::from_utf8(id).ok());
        if id.is_some_and(|id| self.orders.is_withdrawn(id)) { Err(DoNotSend) } else { Ok(()) }
    }

    fn on_event(&mut self, event: &Event<'_>) {
        match event {
            Event::Outbound(message) => self.written(message),
            // Theirs begin at 2 with the answer to a reset of ours, which began ours before.
            Event::Decision { reason: Reason::NumbersReset, msg_seq_num: 1, .. } => {
                let orders = self.sent.take_all();
                self.give_up(orders, RESET);
            }
            Event::Decision { reason: Reason::ResetSaidAgain, .. } => self.reset_said_again = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
