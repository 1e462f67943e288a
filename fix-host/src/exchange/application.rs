//! The exchange as the application of an acceptor session: FIX in, executions out.

use std::collections::VecDeque;

use fix_core::{
    decimal::Decimal,
    dict::fix44::code,
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{ExecutionReport, NewOrderSingle, OrderCancelReject},
    },
    session::{
        application::{Application, Outbox},
        error::{BusinessReject, BusinessRejectReason, SendError},
        state::CloseReason,
    },
    tag,
    time::UtcTimestamp,
    wire::{
        value::Text,
        writer::{Encode, Writer},
    },
};

use super::{
    market_data::Subscriptions,
    orders::{CancelRefusal, Execution, NewOrder, Outcome, SimulatedExchange},
};
use crate::{bus::order::Side, market::Market};

/// The application of one counterparty's session.
pub struct ExchangeApplication {
    exchange: SimulatedExchange,
    market: Market,
    subscriptions: Subscriptions,
    /// Executions that could not be sent: the counterparty is away, or its buffer is full. Sent in order as
    /// soon as there is room.
    unsent: VecDeque<Execution>,
}

impl ExchangeApplication {
    /// An exchange whose prices begin as `market`. `id_prefix` keeps its ids unique over restarts.
    pub fn new(market: Market, id_prefix: impl Into<String>) -> Self {
        let mut exchange = SimulatedExchange::new(id_prefix);
        for quote in market.quotes() {
            exchange.quote(quote.symbol, quote.bid, quote.ask);
        }
        ExchangeApplication {
            exchange,
            market,
            subscriptions: Subscriptions::default(),
            unsent: VecDeque::new(),
        }
    }

    /// Moves the prices by one step: working orders may be filled, subscribers get the new prices.
    pub fn tick(&mut self, out: &mut dyn Outbox) {
        self.market.tick();
        let quotes = self.market.quotes();
        for quote in &quotes {
            self.unsent.extend(self.exchange.quote(quote.symbol, quote.bid, quote.ask));
        }
        self.flush(out);
        self.subscriptions.publish(&quotes, out);
    }

    fn enter(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let order = NewOrderSingle::try_from(message)?;
        // A possible resend of an order that is here already must not trade twice (FIX 4.4 Vol. 2, case 19a).
        if message.header().poss_resend && self.exchange.knows(utf8(order.cl_ord_id)?) {
            return Ok(());
        }
        let limit = match order.ord_type {
            code::ord_type::MARKET => None,
            code::ord_type::LIMIT => Some(order.price.ok_or(MISSING)?),
            _ => return Err(UNSUPPORTED_ORDER),
        };
        let side = match order.side {
            code::side::BUY => Side::Buy,
            code::side::SELL => Side::Sell,
            _ => return Err(UNSUPPORTED_ORDER),
        };
        let executions = self.exchange.enter(NewOrder {
            cl_ord_id: utf8(order.cl_ord_id)?.to_owned(),
            symbol: utf8(order.symbol.ok_or(MISSING)?)?.to_owned(),
            side,
            qty: order.order_qty.ok_or(MISSING)?,
            limit,
        });
        self.unsent.extend(executions);
        self.flush(out);
        Ok(())
    }

    fn cancel(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let orig_cl_ord_id: Text<'_> = message.required(tag::ORIG_CL_ORD_ID)?;
        let cl_ord_id: Text<'_> = message.required(tag::CL_ORD_ID)?;
        match self.exchange.cancel(utf8(orig_cl_ord_id)?, utf8(cl_ord_id)?) {
            Ok(execution) => {
                self.unsent.push_back(execution);
                self.flush(out);
            }
            Err(refusal) => {
                let (reason, ord_status, text) = explain(refusal);
                reply(
                    out,
                    &OrderCancelReject {
                        order_id: "NONE".into(),
                        cl_ord_id,
                        orig_cl_ord_id,
                        ord_status,
                        cxl_rej_response_to: code::cxl_rej_response_to::ORDER_CANCEL_REQUEST,
                        cxl_rej_reason: Some(reason),
                        text: Some(text.into()),
                        ..OrderCancelReject::default()
                    },
                );
            }
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut dyn Outbox) {
        while let Some(execution) = self.unsent.front() {
            match out.send(&Reported { execution, transact_time: out.now().utc }) {
                Ok(_) => {}
                Err(SendError::NotLoggedOn | SendError::Full) => return,
                Err(error) => tracing::error!(%error, ?execution, "an execution report was not sent"),
            }
            self.unsent.pop_front();
        }
    }
}

impl Application for ExchangeApplication {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        self.flush(out);
    }

    fn on_logout(&mut self, _reason: CloseReason) {
        self.subscriptions.clear();
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::NEW_ORDER_SINGLE => self.enter(message, out),
            MsgType::ORDER_CANCEL_REQUEST => self.cancel(message, out),
            MsgType::MARKET_DATA_REQUEST => self.subscriptions.request(message, &self.market.quotes(), out),
            _ => Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
    }
}

const MISSING: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ConditionallyRequiredFieldMissing,
    "Conditionally Required Field Missing",
);

const UNSUPPORTED_ORDER: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "only market and limit orders to buy or sell are taken here",
);

fn utf8(text: Text<'_>) -> Result<&str, BusinessReject> {
    text.as_str().ok_or(BusinessReject::new(BusinessRejectReason::Other, "a text is not UTF-8"))
}

/// CxlRejReason(102), OrdStatus(39) and Text(58).
fn explain(refusal: CancelRefusal) -> (u32, u8, &'static str) {
    match refusal {
        CancelRefusal::TooLate(ord_status) => {
            (code::cxl_rej_reason::TOO_LATE_TO_CANCEL, ord_status, "too late to cancel")
        }
        CancelRefusal::UnknownOrder => {
            (code::cxl_rej_reason::UNKNOWN_ORDER, code::ord_status::REJECTED, "unknown order")
        }
        CancelRefusal::DuplicateClOrdId => (
            code::cxl_rej_reason::DUPLICATE_CL_ORD_ID,
            code::ord_status::REJECTED,
            "this ClOrdID(11) was used before",
        ),
    }
}

/// Answers a request; an answer that cannot be sent leaves nothing undone, and is logged.
pub(super) fn reply(out: &mut dyn Outbox, message: &dyn Encode) {
    if let Err(error) = out.send(message) {
        tracing::error!(%error, msg_type = %message.msg_type(), "an answer was not sent");
    }
}

/// An execution as an ExecutionReport(8).
struct Reported<'a> {
    execution: &'a Execution,
    transact_time: UtcTimestamp,
}

impl Encode for Reported<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::EXECUTION_REPORT
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let Execution { order, exec_id, outcome } = self.execution;
        let entered = &order.entered;
        let leaves_qty = match outcome {
            Outcome::New => entered.qty.checked_sub(order.cum_qty).unwrap_or(Decimal::ZERO),
            _ => Decimal::ZERO,
        };
        let mut report = ExecutionReport {
            order_id: order.order_id.as_str().into(),
            exec_id: exec_id.as_str().into(),
            cl_ord_id: Some(entered.cl_ord_id.as_str().into()),
            symbol: Some(entered.symbol.as_str().into()),
            side: if entered.side == Side::Buy { code::side::BUY } else { code::side::SELL },
            order_qty: Some(entered.qty),
            price: entered.limit,
            ord_type: Some(if entered.limit.is_some() {
                code::ord_type::LIMIT
            } else {
                code::ord_type::MARKET
            }),
            cum_qty: order.cum_qty,
            avg_px: order.avg_px,
            leaves_qty,
            transact_time: Some(self.transact_time),
            ..ExecutionReport::default()
        };
        (report.exec_type, report.ord_status) = match outcome {
            Outcome::New => (code::exec_type::NEW, code::ord_status::NEW),
            Outcome::Fill(price) => {
                (report.last_px, report.last_qty) = (Some(*price), Some(entered.qty));
                (code::exec_type::TRADE, code::ord_status::FILLED)
            }
            Outcome::Canceled(orig_cl_ord_id) => {
                report.orig_cl_ord_id = Some(orig_cl_ord_id.as_str().into());
                (code::exec_type::CANCELED, code::ord_status::CANCELED)
            }
            Outcome::Rejected(reason, text) => {
                (report.ord_rej_reason, report.text) = (Some(*reason), Some(text.as_str().into()));
                (code::exec_type::REJECTED, code::ord_status::REJECTED)
            }
        };
        report.encode_body(out);
    }
}
