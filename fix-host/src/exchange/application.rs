//! The exchange as the application of an acceptor session: FIX in, executions out.

use std::{collections::VecDeque, sync::Arc};

use fix_core::{
    decimal::Decimal,
    dict::fix44::code,
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderStatusRequest},
    },
    session::{
        application::{Application, Outbox},
        error::{BusinessReject, BusinessRejectReason, CapacityError, SendError},
        state::CloseReason,
    },
    tag,
    wire::{value::Text, writer::Encode},
};

use super::{
    book::Phase,
    floor::Seat,
    market_data::Subscriptions,
    orders::{Execution, OrderTerms, SimulatedExchange},
    report::{Reported, StatusReport, refuse, unknown_order},
    securities::SecurityDesk,
};
use crate::{contract::order::Side, market::Quote};

/// Executions that may wait to be sent; at so many, no more requests are taken until some are. Fills by the
/// market alone come on top, at most one for each working order, and what other sessions had delivered when there was
/// room.
const MOST_UNSENT: usize = 10_000;

/// The application of one counterparty's session.
pub struct ExchangeApplication {
    exchange: SimulatedExchange,
    seat: Seat,
    /// The prices that its orders were last held against; none before the first request.
    quotes: Arc<[Quote]>,
    subscriptions: Subscriptions,
    /// What the counterparty asked about instruments.
    securities: SecurityDesk,
    /// Executions that could not be sent: the counterparty is away, or its buffer is full. Sent in order with the next
    /// message, prices or Logon that finds room.
    unsent: VecDeque<Execution>,
}

impl ExchangeApplication {
    /// The part of an exchange that serves the session of this seat. `id_prefix` keeps its ids unique over restarts.
    /// `only_quoted`: other symbols are not traded.
    pub fn new(seat: Seat, id_prefix: impl Into<String>, only_quoted: bool) -> Self {
        ExchangeApplication {
            securities: SecurityDesk::new(seat.securities()),
            exchange: SimulatedExchange::new(id_prefix, only_quoted),
            seat,
            quotes: Arc::default(),
            subscriptions: Subscriptions::default(),
            unsent: VecDeque::new(),
        }
    }

    /// Looks what is new on the floor: working orders may be filled, subscribers get the new prices, and what others
    /// delivered is reported.
    pub fn look(&mut self, out: &mut dyn Outbox) {
        // What there is no room for waits at the seat, and fills it: whoever delivers is told.
        if self.unsent.len() < MOST_UNSENT {
            self.unsent.append(&mut self.seat.take());
        }
        self.follow(out);
        self.watch(out);
    }

    /// Fills by the latest prices, and the prices for those who subscribed.
    fn follow(&mut self, out: &mut dyn Outbox) {
        let is_moved = self.take_quotes();
        self.flush(out);
        self.securities.publish(&ALWAYS_OPEN, out);
        if is_moved {
            self.subscriptions.publish(&self.quotes, out);
        }
    }

    /// True if new prices matter here, or reports wait: nothing else says when there is room for them again.
    fn is_watching(&self) -> bool {
        self.exchange.has_working()
            || !self.subscriptions.is_empty()
            || self.securities.is_watching()
            || !self.unsent.is_empty()
    }

    /// Is woken for new prices from now on if they matter, and not if they do not.
    fn watch(&mut self, out: &mut dyn Outbox) {
        // Prices that came while nobody was woken for them are new here.
        if self.seat.watch(self.is_watching()) {
            self.follow(out);
        }
    }

    /// False if the prices are as they were.
    fn take_quotes(&mut self) -> bool {
        let Some(quotes) = self.seat.new_quotes() else { return false };
        for quote in quotes.iter() {
            self.unsent.extend(self.exchange.quote(quote.symbol, quote.bid, quote.ask));
        }
        self.quotes = quotes;
        true
    }

    fn enter(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let order = NewOrderSingle::try_from(message)?;
        // A possible resend of an order that is here already must not trade twice (FIX 4.4 Vol. 2, case 19a).
        if message.header().poss_resend && self.exchange.knows(utf8(order.cl_ord_id)?) {
            return Ok(());
        }
        let entered = OrderTerms {
            cl_ord_id: utf8(order.cl_ord_id)?.into(),
            symbol: self.exchange.symbol(utf8(order.symbol.ok_or(MISSING)?)?),
            side: side(order.side)?,
            qty: order.order_qty.ok_or(MISSING)?,
            limit: limit(order.ord_type, order.price)?,
        };
        self.unsent.extend(self.exchange.enter(entered));
        self.flush(out);
        Ok(())
    }

    fn cancel(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let request = OrderCancelRequest::try_from(message)?;
        match self.exchange.cancel(utf8(request.orig_cl_ord_id)?, utf8(request.cl_ord_id)?) {
            Ok(execution) => self.unsent.push_back(execution),
            Err(refusal) => refuse(
                &refusal,
                request.cl_ord_id,
                request.orig_cl_ord_id,
                code::CxlRejResponseTo::ORDER_CANCEL_REQUEST,
                out,
            ),
        }
        self.flush(out);
        Ok(())
    }

    fn replace(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let request = OrderCancelReplaceRequest::try_from(message)?;
        let entered = OrderTerms {
            cl_ord_id: utf8(request.cl_ord_id)?.into(),
            symbol: self.exchange.symbol(utf8(request.symbol.ok_or(MISSING)?)?),
            side: side(request.side)?,
            qty: request.order_qty.ok_or(MISSING)?,
            limit: limit(request.ord_type, request.price)?,
        };
        match self.exchange.replace(utf8(request.orig_cl_ord_id)?, entered) {
            Ok(executions) => self.unsent.extend(executions),
            Err(refusal) => refuse(
                &refusal,
                request.cl_ord_id,
                request.orig_cl_ord_id,
                code::CxlRejResponseTo::ORDER_CANCEL,
                out,
            ),
        }
        self.flush(out);
        Ok(())
    }

    fn status(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let request = OrderStatusRequest::try_from(message)?;
        match self.exchange.status(utf8(request.cl_ord_id)?) {
            Some(execution) => reply(
                out,
                &StatusReport { execution: &execution, ord_status_req_id: request.ord_status_req_id },
            ),
            None => reply(out, &unknown_order(&request, &self.exchange.exec_id())),
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut dyn Outbox) {
        while let Some(execution) = self.unsent.front() {
            match out.send(&Reported { execution, transact_time: out.now().utc }) {
                Ok(_) => {}
                Err(SendError::NotLoggedOn | SendError::Capacity(CapacityError::Full)) => return,
                Err(error) => tracing::error!(%error, ?execution, "an execution report was not sent"),
            }
            self.unsent.pop_front();
        }
    }
}

impl Application for ExchangeApplication {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        self.flush(out);
        self.watch(out);
    }

    fn on_logout(&mut self, _reason: CloseReason) {
        self.subscriptions.clear();
        self.securities.clear();
        self.seat.watch(self.is_watching());
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let changes_orders = matches!(
            message.msg_type(),
            MsgType::NEW_ORDER_SINGLE | MsgType::ORDER_CANCEL_REQUEST | MsgType::ORDER_CANCEL_REPLACE_REQUEST
        );
        if changes_orders && self.unsent.len() >= MOST_UNSENT {
            return Err(BUSY);
        }
        self.follow(out);
        let outcome = match message.msg_type() {
            MsgType::NEW_ORDER_SINGLE => self.enter(message, out),
            MsgType::ORDER_CANCEL_REQUEST => self.cancel(message, out),
            MsgType::ORDER_CANCEL_REPLACE_REQUEST => self.replace(message, out),
            MsgType::ORDER_STATUS_REQUEST => self.status(message, out),
            MsgType::MARKET_DATA_REQUEST => self.subscriptions.request(message, &self.quotes, out),
            _ => {
                let answer = self.securities.request(message, &ALWAYS_OPEN, out);
                answer.unwrap_or(Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE))
            }
        };
        self.watch(out);
        outcome
    }
}

/// The phase of each instrument.
const ALWAYS_OPEN: fn(usize) -> Phase = |_| Phase::Open;

const BUSY: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ApplicationNotAvailable,
    "10000 execution reports wait to be sent: read them, then try again",
)
.with_ref(tag::CL_ORD_ID);

const MISSING: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ConditionallyRequiredFieldMissing,
    "Conditionally Required Field Missing",
);

const UNSUPPORTED_ORDER: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "only market and limit orders to buy or sell are taken here",
);

fn limit(ord_type: code::OrdType, price: Option<Decimal>) -> Result<Option<Decimal>, BusinessReject> {
    match ord_type {
        code::OrdType::MARKET => Ok(None),
        code::OrdType::LIMIT => Ok(Some(price.ok_or(MISSING)?)),
        _ => Err(UNSUPPORTED_ORDER),
    }
}

fn side(side: code::Side) -> Result<Side, BusinessReject> {
    match side {
        code::Side::BUY => Ok(Side::Buy),
        code::Side::SELL => Ok(Side::Sell),
        _ => Err(UNSUPPORTED_ORDER),
    }
}

fn utf8(text: Text<'_>) -> Result<&str, BusinessReject> {
    text.as_str().ok_or(BusinessReject::new(BusinessRejectReason::Other, "a text is not UTF-8"))
}

/// Answers a request; an answer that cannot be sent leaves nothing undone, and is logged.
pub(super) fn reply(out: &mut dyn Outbox, message: &dyn Encode) {
    if let Err(error) = out.send(message) {
        tracing::error!(%error, msg_type = %message.msg_type(), "an answer was not sent");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use fix_core::{
        time::{Mono, Now, UtcTimestamp},
        wire::{
            frame::{Scan, scan},
            writer::MessageWriter,
        },
    };

    use super::*;
    use crate::{
        exchange::{floor::Floor, orders::Outcome},
        market::Market,
    };

    /// Takes nothing while it is full.
    struct Line {
        is_full: bool,
        sent: usize,
    }

    impl Outbox for Line {
        fn send(&mut self, _message: &dyn Encode) -> Result<u64, SendError> {
            if self.is_full {
                return Err(CapacityError::Full.into());
            }
            self.sent += 1;
            Ok(1)
        }

        fn logout(&mut self, _text: Option<&str>) {}

        fn now(&self) -> Now {
            Now { mono: Mono::default(), utc: UtcTimestamp::from_unix(0, 0) }
        }
    }

    fn enter(
        exchange: &mut ExchangeApplication,
        cl_ord_id: usize,
        line: &mut Line,
    ) -> Result<(), BusinessReject> {
        let mut buffer = [0; 256];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::NEW_ORDER_SINGLE);
        let body = format!("11={cl_ord_id}|55=2Y|54=1|38=1|40=1|60=20260101-00:00:00|");
        writer.writer().encoded(body.replace('|', "\x01").as_bytes());
        let len = writer.finish().unwrap();
        let Scan::Frame(frame, _) = scan(&buffer[..len], 256) else { panic!("not a frame") };
        exchange.from_app(&Message::parse(frame).unwrap(), line)
    }

    #[test]
    fn what_another_session_delivers_is_reported_when_the_session_looks() {
        let floor = Floor::new(Market::new(1));
        let mut exchange = ExchangeApplication::new(floor.join("A", || {}), "T", false);
        let mut line = Line { is_full: true, sent: 0 };
        enter(&mut exchange, 1, &mut line).unwrap();
        let execution = exchange.unsent.pop_back().unwrap();
        floor.deliver(exchange.seat.id(), execution.clone()).unwrap();
        assert!(!exchange.unsent.contains(&execution));
        exchange.look(&mut line);
        assert_eq!(exchange.unsent.back(), Some(&execution), "there was no room on the line");
        line.is_full = false;
        exchange.look(&mut line);
        assert_eq!((line.sent, exchange.unsent.len()), (2, 0));
    }

    #[test]
    fn who_has_nothing_that_prices_change_is_not_woken_and_has_the_latest_all_the_same() {
        let floor = Floor::new(Market::new(1));
        let woken = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&woken);
        let wake = move || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        let seat = floor.join("A", wake);
        let mut exchange = ExchangeApplication::new(seat, "T", false);
        let mut line = Line { is_full: true, sent: 0 };
        let mut market = Market::new(1);
        for _ in 0..3 {
            floor.tick();
            market.tick();
        }
        enter(&mut exchange, 1, &mut line).unwrap();
        let ask = market.quotes().iter().find(|quote| quote.symbol == "2Y").unwrap().ask;
        assert_eq!(exchange.unsent.back().unwrap().outcome, Outcome::Fill(ask));
        assert_eq!(woken.load(Ordering::Relaxed), 0);
        floor.tick();
        assert_eq!(woken.load(Ordering::Relaxed), 1, "nothing else says when the line takes reports again");
        line.is_full = false;
        exchange.look(&mut line);
        assert_eq!((line.sent, exchange.unsent.len()), (2, 0));
        floor.tick();
        assert_eq!(woken.load(Ordering::Relaxed), 1);
        let resting = OrderTerms {
            cl_ord_id: "2".into(),
            symbol: "2Y".into(),
            side: Side::Buy,
            qty: Decimal::new(1, 0),
            limit: Some(Decimal::new(1, 0)),
        };
        exchange.exchange.enter(resting);
        exchange.look(&mut line);
        floor.tick();
        assert_eq!(woken.load(Ordering::Relaxed), 2, "a new price may fill the order that rests");
    }

    #[test]
    fn who_does_not_read_his_reports_cannot_go_on_ordering() {
        let floor = Floor::new(Market::new(1));
        let mut exchange = ExchangeApplication::new(floor.join("A", || {}), "T", false);
        let mut line = Line { is_full: true, sent: 0 };
        for id in 0..MOST_UNSENT / 2 {
            enter(&mut exchange, id, &mut line).unwrap();
        }
        assert_eq!(enter(&mut exchange, MOST_UNSENT, &mut line), Err(BUSY));
        assert_eq!(exchange.unsent.len(), MOST_UNSENT);
        line.is_full = false;
        exchange.on_logon(&mut line);
        assert_eq!(line.sent, MOST_UNSENT);
        enter(&mut exchange, MOST_UNSENT, &mut line).unwrap();
    }
}
