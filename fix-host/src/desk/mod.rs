//! The desk: the initiator's application. Orders from the mailbox go out as FIX, what comes back goes into
//! the mailbox.

mod asker;
mod canceller;
mod expiry;
mod extras;
mod faults;
mod market_data;
mod pre_trade;
mod preview;
mod reports;
mod sent;
mod working;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

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
    time::Now,
    wire::{field::Fields, writer::Writer},
};

use tokio::sync::{mpsc, oneshot};

use asker::Asker;
use canceller::{Books, Canceller};
use faults::Faults;
use market_data::MarketData;
use pre_trade::{Checked, PreTrade};
use reports::Reports;
use sent::{Sent, SentOrder, number_of_order};

pub use extras::{Extras, InstrumentFields, instrument_fields};
pub use preview::Foreseen;

use crate::{
    config::{LogonSettings, PreTradeSettings},
    contract::{
        HostApplication, Outgoing,
        fields::OrderField,
        news::News,
        order::OrderCommand,
        publisher::Publisher,
        reject_text,
        report::{LEFT_OVER, Report},
        request::{OrderReply, Resolution},
    },
    halt::Halts,
    market::{Instrument, SessionPrices},
    orders::{Claimed, Orders},
    store::{Consumer, Entries, Entry, Position},
};

/// What a client is told while there is no counterparty.
fn sim_mode(command: &OrderCommand) -> String {
    format!("SIM MODE: no counterparty is logged on, the {} was not sent", command.word())
}

/// Why an order goes out no more.
const GAP_FILLED: &str = "the counterparty asked for this message again, and a gap fill took its place because of \
                          its age (ResendOrderMaxAge), its type (GapFillMsgTypes), a halt, or because it is not stored";
const RESET: &str = "the sequence numbers were reset before the counterparty said anything of it";

/// The application of one initiator session.
pub struct Desk {
    reports: Reports,
    /// The store forgets reports that wait too long: then nothing more is read instead.
    holds_back: bool,
    due: Due,
    dictionary: &'static Dictionary,
    logon: LogonSettings,
    extras: Extras,
    orders: Orders,
    /// The session's name, for the program's log.
    session: String,
    /// Its ids, once it is made.
    id: Option<Box<SessionId>>,
    /// The orders by their MsgSeqNum(34).
    sent: Sent,
    pre_trade: PreTrade,
    /// The Logon that is on its way says a reset again: the numbers stay as they are.
    reset_said_again: bool,
    asker: Asker,
    canceller: Canceller,
    faults: Faults,
    market_data: MarketData,
    wake: mpsc::WeakSender<DeskCommand>,
    /// Clients that wait for their orders to be in the store.
    waiting: Vec<(oneshot::Sender<OrderReply>, OrderReply)>,
    /// Lines for the event log.
    refused: VecDeque<String>,
}

/// What the desk of one session is made of.
pub struct DeskParts {
    /// Where reports go.
    pub publisher: Arc<dyn Publisher>,
    /// They go to a Redis too.
    pub delivers: bool,
    /// The session has no FileStorePath: what a Redis does not take is held back with the counterparty.
    pub is_in_memory: bool,
    /// What the session still owes to Redis when it ends.
    pub due: Due,
    /// Names fields in reports.
    pub dictionary: &'static Dictionary,
    /// What it adds to the Logon.
    pub logon: LogonSettings,
    /// What it adds to orders.
    pub extras: Extras,
    /// AskUnknownOrders.
    pub ask_unknown_orders: bool,
    /// Where the ClOrdIDs of the commands that it gets are claimed.
    pub orders: Orders,
    /// The orders that the session's store holds, by MsgSeqNum(34).
    pub stored: Vec<(u64, String)>,
    /// Those of them that the desk can read, oldest first.
    pub commands: Vec<OrderCommand>,
    /// Limits that orders must keep to.
    pub pre_trade: PreTradeSettings,
    /// What is halted; it wakes the desk to cancel orders.
    pub halts: Halts,
    /// With MarketData=subscribe: where the counterparty's prices go, and of what they are.
    pub market_data: Option<(SessionPrices, Arc<[Instrument]>)>,
    /// The way to its own commands.
    pub wake: mpsc::WeakSender<DeskCommand>,
}

/// What the sessions of an engine still owe to Redis when they have ended. Clones share one list.
#[derive(Clone, Default)]
pub struct Due(Arc<Mutex<(usize, BTreeSet<String>)>>);

impl Due {
    fn add(&self, reports: usize, orders: BTreeSet<String>) {
        let mut due = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        due.0 += reports;
        due.1.extend(orders);
    }

    /// The number of reports, and the ClOrdIDs that they are about; `None` if there are none.
    pub fn take(&self) -> Option<(usize, Vec<String>)> {
        let due = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (due.0 > 0).then(|| (due.0, due.1.into_iter().collect()))
    }
}

/// What other tasks may ask of a desk.
#[derive(Debug)]
pub enum DeskCommand {
    /// Do this and answer.
    Request(DeskTask, oneshot::Sender<OrderReply>),
    /// Look whether there is anything to do.
    Wake,
}

/// A [`Task`](crate::contract::request::Task) for this desk: the ClOrdID(11) of a command is claimed for it.
#[derive(Debug)]
pub enum DeskTask {
    /// Send an order or a request.
    Send(Claimed),
    /// An earlier process took this command and did not say what became of it.
    LeftOver(Claimed),
    /// An operator found out what became of an order whose state is unknown.
    Resolve(Resolution),
    /// Show what would be sent.
    Preview(Arc<OrderCommand>, Foreseen),
}

impl Desk {
    /// The desk of the session of this name.
    pub fn new(session: &str, parts: DeskParts) -> Self {
        let mut sent = Sent::default();
        for (number, cl_ord_id) in parts.stored {
            sent.remember(number, cl_ord_id);
        }
        let mut pre_trade = PreTrade::new(parts.pre_trade);
        for command in &parts.commands {
            pre_trade.remember(command);
        }
        let wake = parts.wake.clone();
        Desk {
            reports: Reports::new(session, parts.publisher, parts.dictionary, parts.delivers, wake),
            holds_back: parts.is_in_memory,
            due: parts.due,
            dictionary: parts.dictionary,
            logon: parts.logon,
            extras: parts.extras,
            orders: parts.orders,
            session: session.to_owned(),
            id: None,
            sent,
            pre_trade,
            reset_said_again: false,
            asker: Asker::new(parts.ask_unknown_orders),
            canceller: Canceller::new(parts.halts, session),
            faults: Faults::default(),
            market_data: MarketData::new(session, parts.market_data),
            wake: parts.wake,
            waiting: Vec::new(),
            refused: VecDeque::new(),
        }
    }

    fn send(&mut self, claimed: Claimed, out: &mut dyn Outbox) -> OrderReply {
        let command = claimed.command();
        let cl_ord_id = command.cl_ord_id().to_owned();
        let now = out.now();
        let more = match self.judged(command, now) {
            Ok(more) => more,
            Err(text) => {
                tracing::warn!(session = self.session, %cl_ord_id, "refused: {text}");
                self.note_refused(&cl_ord_id, &text);
                return OrderReply::Rejected { text };
            }
        };
        match out.send(&Outgoing { command, more: &more }) {
            Ok(msg_seq_num) => {
                self.sent.add(msg_seq_num, Arc::clone(claimed.id()));
                self.pre_trade.sent(command, claimed.id(), now.mono);
                claimed.keep();
                OrderReply::Accepted { cl_ord_id, msg_seq_num }
            }
            Err(SendError::NotLoggedOn) => {
                let text = sim_mode(command);
                tracing::warn!(%cl_ord_id, "{text}");
                self.note_refused(&cl_ord_id, &text);
                OrderReply::SimMode { cl_ord_id, text }
            }
            Err(error) => {
                tracing::warn!(%cl_ord_id, %error, "order not sent");
                let text = format!("not sent: {error}");
                self.note_refused(&cl_ord_id, &text);
                OrderReply::Rejected { text }
            }
        }
    }

    /// For the session's event log: what was asked for and not sent is part of what happened on it.
    fn note_refused(&mut self, cl_ord_id: &str, text: &str) {
        self.refused.push_back(format!("ClOrdID(11) {} was not sent: {text}", cl_ord_id.escape_debug()));
    }

    /// The further fields of a command that may be sent.
    ///
    /// # Errors
    /// Why it may not.
    fn judged(&mut self, command: &OrderCommand, now: Now) -> Result<Vec<OrderField>, String> {
        let more = self.extras.of(command).map_err(|error| error.to_string())?;
        expiry::check(command, &more, now.utc)?;
        if let Some(order) = Checked::of(command) {
            self.canceller.refusal().map_or(Ok(()), Err)?;
            self.pre_trade.check(&order, self.market_data.last_price(order.symbol), now.mono)?;
        }
        Ok(more)
    }

    /// A Reject(3) or BusinessMessageReject(j): whoever sent the order that it means must know. False if it is about
    /// no order, and no request for market data.
    fn hear_reject(&mut self, reject: &Message<'_>) -> bool {
        let number: Option<u64> = reject.optional(tag::REF_SEQ_NUM).ok().flatten();
        if self.market_data.hear_reject(number, reject) {
            return true;
        }
        let by_number = number.and_then(|number| self.sent.get(number));
        let by_id = || business_reject_ref_id(reject).and_then(|id| self.sent.latest_of(id));
        let Some(order) = by_number.or_else(by_id) else {
            let text = reject.get(tag::TEXT).unwrap_or_default().escape_ascii();
            let [msg_type, id] = [tag::REF_MSG_TYPE, tag::BUSINESS_REJECT_REF_ID]
                .map(|tag| reject.get(tag).unwrap_or(b"none").escape_ascii());
            let number = number.map_or_else(|| "none".to_owned(), |number| number.to_string());
            tracing::warn!(
                session = self.session,
                "the counterparty rejects a message that is no order known here: RefSeqNum(45) {number}, \
                 RefMsgType(372) {msg_type}, BusinessRejectRefID(379) {id}: {text}"
            );
            return false;
        };
        let report = self.orders.rejected(&order.cl_ord_id, order.may_be_repeated, &reject_text(reject));
        self.say(report);
        true
    }

    /// A message of ours is given to the socket.
    fn written(&mut self, message: &[u8]) {
        // Up to the first that is no field: data of the counterparty's own may hold anything.
        let get = |tag| Fields::new(message).valid().find(|field| field.tag == tag).map(|field| field.value);
        let number = |tag| get(tag).and_then(|value| std::str::from_utf8(value).ok()?.parse::<u64>().ok());
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
            Some(
                MsgType::NEW_ORDER_SINGLE
                | MsgType::ORDER_CANCEL_REQUEST
                | MsgType::ORDER_CANCEL_REPLACE_REQUEST,
            ) => {
                let (number, again) = number_of_order(message);
                if let Some(number) = number {
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
                tracing::warn!(session = self.session, order = &*order.cl_ord_id, "not resent: {why}");
                self.say(report);
            }
        }
    }

    /// A report of our own. If it says that the state of an order is unknown, the counterparty is asked.
    fn say(&mut self, report: Report) {
        if report.is_state_unknown() && report.cl_ord_id().is_some_and(|id| self.asker.add(id)) {
            self.wake_up();
        }
        self.pre_trade.said(&report);
        self.reports.say(&report);
    }

    /// Makes the session's task call [`command`](HostApplication::command), where there is a way out.
    fn wake_up(&self) {
        // Is the queue full, its task is about to be called anyway.
        if let Some(commands) = self.wake.upgrade() {
            drop(commands.try_send(DeskCommand::Wake));
        }
    }

    /// Asks for and cancels what is due.
    fn ask(&mut self, out: &mut dyn Outbox) {
        let mut books = Books {
            orders: &self.orders,
            sent: &mut self.sent,
            pre_trade: &mut self.pre_trade,
            extras: &self.extras,
        };
        let is_any_left = [
            self.canceller.send(&mut books, out),
            self.asker.send(&self.orders, out),
            self.market_data.ask(&self.extras, out),
        ];
        if is_any_left.contains(&true) {
            self.wake_up();
        }
    }

    fn left_over(&mut self, claimed: Claimed) -> OrderReply {
        let command = claimed.command();
        if let Some(report) = self.orders.left_over(command.cl_ord_id(), LEFT_OVER) {
            tracing::warn!(session = self.session, order = command.cl_ord_id(), "{LEFT_OVER}");
            self.say(report);
        }
        claimed.keep();
        OrderReply::Noted
    }

    fn resolve(&mut self, resolution: &Resolution) -> OrderReply {
        let Some(report) = self.orders.resolve(resolution) else {
            let id = resolution.cl_ord_id.escape_debug();
            let text =
                format!("the state of order {id} is not unknown: nothing was changed; see its reports");
            return OrderReply::Rejected { text };
        };
        let (order, fate) = (&resolution.cl_ord_id, resolution.fate.name());
        tracing::warn!(session = self.session, order, "an operator says: {fate}: {}", resolution.note);
        self.say(report);
        OrderReply::Noted
    }
}

impl HostApplication for Desk {
    type Command = DeskCommand;

    fn command(&mut self, command: DeskCommand, out: &mut dyn Outbox) {
        if let DeskCommand::Request(task, client) = command {
            let reply = match task {
                DeskTask::Send(claimed) => self.send(claimed, out),
                DeskTask::LeftOver(claimed) => self.left_over(claimed),
                DeskTask::Resolve(resolution) => self.resolve(&resolution),
                DeskTask::Preview(command, foreseen) => self.preview(&command, foreseen, out.now()),
            };
            match reply {
                // Both are promises: they are not made before what was done would survive a crash.
                OrderReply::Accepted { .. } | OrderReply::Noted => self.waiting.push((client, reply)),
                _ => answer(client, reply),
            }
        }
        self.ask(out);
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
        !(self.holds_back && self.reports.lags())
    }

    fn opened(&mut self, store: &mut dyn Entries) {
        if let Err(error) = self.reports.open(store, &self.orders, &mut self.pre_trade) {
            tracing::error!(session = self.session, "what was reported before cannot be read: {error}");
        }
        self.pre_trade.opened();
    }

    fn entries_after(&mut self) -> Option<Position> {
        Some(self.reports.read_on_after())
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        self.reports.publish(entry, &self.orders);
    }

    fn told(&mut self) -> Option<(Consumer, Position)> {
        self.reports.news_of_progress().map(|position| (Consumer::Redis, position))
    }

    fn closing(&mut self, store: &mut dyn Entries, is_last: bool) -> bool {
        if !self.reports.is_any_due() {
            return true;
        }
        if is_last {
            match self.reports.due(store) {
                Ok((reports, orders)) => self.due.add(reports, orders),
                Err(error) => {
                    tracing::error!(session = self.session, "what is due to Redis is unreadable: {error}")
                }
            }
        }
        false
    }

    fn take_event(&mut self) -> Option<String> {
        self.market_data.take_event().or_else(|| self.refused.pop_front())
    }

    fn refuse(command: DeskCommand) {
        if let DeskCommand::Request(task, client) = command {
            // Before the answer: whoever hears it may use the id again.
            drop(task);
            answer(client, OrderReply::Stopped);
        }
    }
}

/// The ClOrdID(11) of the order whose message a BusinessMessageReject(j) means, where RefMsgType(372) says that it is
/// the message of an order: the state of an order that was only asked for is not what is rejected.
fn business_reject_ref_id<'m>(reject: &Message<'m>) -> Option<&'m str> {
    let msg_type = reject.get(tag::REF_MSG_TYPE).and_then(MsgType::from_bytes)?;
    let is_order = matches!(
        msg_type,
        MsgType::NEW_ORDER_SINGLE | MsgType::ORDER_CANCEL_REQUEST | MsgType::ORDER_CANCEL_REPLACE_REQUEST
    );
    let id = reject.get(tag::BUSINESS_REJECT_REF_ID).filter(|_| is_order)?;
    std::str::from_utf8(id).ok()
}

/// A client that no longer waits finds the outcome among the reports.
fn answer(client: oneshot::Sender<OrderReply>, reply: OrderReply) {
    let _ = client.send(reply);
}

impl Application for Desk {
    fn own_report(&mut self) -> Option<&[u8]> {
        self.reports.next_own()
    }

    fn on_create(&mut self, session: &SessionId) {
        self.id = Some(Box::new(session.clone()));
        tracing::info!(%session, "session created");
    }

    fn on_logon(&mut self, out: &mut dyn Outbox) {
        tracing::info!(session = self.session, "LOGGED ON");
        self.asker.begin(&self.orders, &self.session);
        self.canceller.begin();
        self.market_data.begin(out.now().utc);
        self.ask(out);
    }

    fn on_logout(&mut self, reason: CloseReason) {
        tracing::info!(session = self.session, %reason, "LOGGED OFF");
        self.market_data.end();
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

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::BUSINESS_MESSAGE_REJECT if self.hear_reject(message) => Ok(()),
            // It is published once the store has it: see `entry`.
            MsgType::EXECUTION_REPORT | MsgType::ORDER_CANCEL_REJECT => {
                let news = News::of_message(message);
                let heard = self.orders.heard(&news);
                for contradiction in &heard.contradictions {
                    tracing::warn!(session = self.session, "{contradiction}");
                }
                // A cancel request on its way may have missed it.
                if self.pre_trade.heard(&news, &heard) && self.canceller.begin_again() {
                    self.wake_up();
                }
                Ok(())
            }
            MsgType::BUSINESS_MESSAGE_REJECT => {
                self.say(Report::from_message(message, self.dictionary));
                Ok(())
            }
            _ => self.market_data.hear(message, out.now().utc),
        }
    }

    fn to_app(&mut self, message: &Message<'_>) -> Result<(), DoNotSend> {
        if message.msg_type() == MsgType::MARKET_DATA_REQUEST && !self.market_data.is_current(message) {
            return Err(DoNotSend);
        }
        let is_order =
            matches!(message.msg_type(), MsgType::NEW_ORDER_SINGLE | MsgType::ORDER_CANCEL_REPLACE_REQUEST);
        // The counterparty may not have it yet, and while halted it shall not get it.
        if is_order && self.canceller.is_halted() {
            return Err(DoNotSend);
        }
        // Its sender was told that it never went out. (ResendOrderMaxAge looks at a clock, which may be set back.)
        let id = message.get(tag::CL_ORD_ID).and_then(|id| std::str::from_utf8(id).ok());
        if id.is_some_and(|id| self.orders.is_withdrawn(id)) { Err(DoNotSend) } else { Ok(()) }
    }

    fn on_event(&mut self, event: &Event<'_>) {
        self.faults.hear(&self.session, event);
        if self.market_data.hear_event(event) {
            self.wake_up();
        }
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
