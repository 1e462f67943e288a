//! The desk: the initiator's application. Orders from the mailbox go out as FIX, what comes back goes into
//! the mailbox.

mod cl_ord_ids;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use fix_core::{
    dict::Dictionary,
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        config::SessionId,
        error::{AdminRefusal, BusinessReject, SendError},
        state::CloseReason,
    },
    tag,
    wire::writer::{Encode, Writer},
};

use tokio::sync::oneshot;

pub use cl_ord_ids::{ClOrdIds, MOST_CL_ORD_IDS};

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

/// Orders whose MsgSeqNum is remembered, so that a session-level Reject(3) finds its order.
const REMEMBERED_ORDERS: usize = 4096;

/// What a client is told while there is no counterparty.
const SIM_MODE: &str = "SIM MODE: no counterparty is logged on, the order was not sent";

/// The application of one initiator session.
pub struct Desk {
    publisher: Arc<dyn Publisher>,
    dictionary: &'static Dictionary,
    logon: LogonSettings,
    cl_ord_ids: ClOrdIds,
    /// The session's name, for the program's log.
    session: String,
    /// Reports that the mailbox had no room for yet; while there are any, nothing more is read.
    backlog: VecDeque<Report>,
    /// MsgSeqNum(34) of sent commands, oldest first.
    sent: VecDeque<(u64, OrderCommand)>,
    /// Clients that wait for their orders to be in the store.
    waiting: Vec<(oneshot::Sender<OrderReply>, OrderReply)>,
}

impl Desk {
    /// A desk that publishes to `publisher` and adds the credentials of `logon` to its Logon. Whoever gives it
    /// an order has claimed the ClOrdID in `cl_ord_ids`; the desk releases it if the order is not sent.
    pub fn new(
        session: &str,
        publisher: Arc<dyn Publisher>,
        dictionary: &'static Dictionary,
        logon: LogonSettings,
        cl_ord_ids: ClOrdIds,
    ) -> Self {
        let session = session.to_owned();
        Desk {
            publisher,
            dictionary,
            logon,
            cl_ord_ids,
            session,
            backlog: VecDeque::new(),
            sent: VecDeque::new(),
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
                if self.sent.len() == REMEMBERED_ORDERS {
                    self.sent.pop_front();
                }
                self.sent.push_back((msg_seq_num, command));
                OrderReply::Accepted { cl_ord_id, msg_seq_num }
            }
            Err(SendError::NotLoggedOn) => {
                self.cl_ord_ids.release(&cl_ord_id);
                tracing::warn!(%cl_ord_id, "{SIM_MODE}");
                OrderReply::SimMode { cl_ord_id, text: SIM_MODE.into() }
            }
            Err(error) => {
                self.cl_ord_ids.release(&cl_ord_id);
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

    /// The order that a session-level Reject(3) of the counterparty means.
    fn rejected_order(&self, reject: &Message<'_>) -> Option<&OrderCommand> {
        let number: u64 = reject.optional(tag::REF_SEQ_NUM).ok().flatten()?;
        // The newest: after a reset the same number stands for another order.
        self.sent.iter().rev().find(|(sent, _)| *sent == number).map(|(_, command)| command)
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
        if message.msg_type() == MsgType::REJECT
            && let Some(command) = self.rejected_order(message)
        {
            let text = message.get(tag::TEXT).map(String::from_utf8_lossy).unwrap_or_default();
            let report = Report::not_sent(command, &format!("the counterparty rejected the message: {text}"));
            self.publish(report);
        }
        Ok(())
    }

    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::EXECUTION_REPORT | MsgType::ORDER_CANCEL_REJECT | MsgType::BUSINESS_MESSAGE_REJECT => {
                self.publish(Report::from_message(message, self.dictionary));
                Ok(())
            }
            _ => Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
    }

    fn on_stale_order(&mut self, message: &Message<'_>, age: Duration) {
        let id = message.get(tag::CL_ORD_ID).map(|id| String::from_utf8_lossy(id).into_owned());
        let known = self.sent.iter().find(|(_, command)| Some(command.cl_ord_id()) == id.as_deref());
        let text = format!("not resent: the order is {} s old (ResendOrderMaxAge)", age.as_secs());
        let report = match known {
            Some((_, command)) => Report::not_sent(command, &text),
            None => Report::state_unknown(id, &text),
        };
        self.publish(report);
    }
}

#[cfg(test)]
mod tests {
    use fix_core::{
        dict::fix44::DICTIONARY,
        time::{Now, UtcTimestamp},
        wire::{
            frame::{Scan, scan},
            writer::MessageWriter,
        },
    };

    use super::*;
    use crate::{
        bus::{
            memory::MemoryPublisher,
            parse::{OrderRules, parse_order},
        },
        observe::Board,
    };

    /// Takes everything, as the same MsgSeqNum.
    struct Same(u64);

    impl Outbox for Same {
        fn send(&mut self, _message: &dyn Encode) -> Result<u64, SendError> {
            Ok(self.0)
        }

        fn logout(&mut self, _text: Option<&str>) {}

        fn now(&self) -> Now {
            Now { mono: fix_core::time::Mono::default(), utc: UtcTimestamp::from_unix(0, 0) }
        }
    }

    #[test]
    fn after_a_reset_a_reject_is_told_to_the_order_that_has_the_number_now() {
        let board = Board::default();
        let publisher = Arc::new(MemoryPublisher::new(board.clone()));
        let mut desk = Desk::new("S", publisher, &DICTIONARY, LogonSettings::default(), ClOrdIds::default());
        for id in ["BEFORE", "AFTER"] {
            let json =
                format!(r#"{{"clOrdID":"{id}","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"}}"#);
            let now = UtcTimestamp::from_unix(0, 0);
            let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), now).unwrap();
            assert!(matches!(desk.send(command, &mut Same(2)), OrderReply::Accepted { .. }));
        }

        let mut buffer = [0; 128];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::REJECT);
        writer.writer().encoded(b"34=2\x0145=2\x0158=no\x01");
        let len = writer.finish().unwrap();
        let Scan::Frame(frame, _) = scan(&buffer[..len], 128) else { panic!("not a frame") };
        desk.from_admin(&Message::parse(frame).unwrap()).unwrap();
        assert!(board.reports_of("BEFORE").is_empty());
        assert_eq!(board.reports_of("AFTER").len(), 1);
    }
}
