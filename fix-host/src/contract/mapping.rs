//! Orders to FIX and back: [`NewOrder`] is a NewOrderSingle (D), [`CancelOrder`] an OrderCancelRequest (F),
//! [`ReplaceOrder`] an OrderCancelReplaceRequest (G).

use fix_core::{
    decimal::Decimal,
    dict::fix44::code,
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest},
    },
    tag,
    wire::writer::{Encode, Writer},
};
use serde_json::Map;

use super::{
    fields::OrderField,
    order::{CancelOrder, NewOrder, OrdType, OrderCommand, ReplaceOrder, Side, TimeInForce},
};

/// How an order is handled where it does not say it.
const HANDL_INST: code::HandlInst = code::HandlInst::AUTOMATED_EXECUTION_NO_INTERVENTION;

/// A command with further fields, none of which it has itself.
pub struct Outgoing<'a> {
    /// What is asked for.
    pub command: &'a OrderCommand,
    /// HandlInst(21) among them takes the place of the usual one.
    pub more: &'a [OrderField],
}

impl Outgoing<'_> {
    /// The usual one, unless the further fields say another.
    fn handl_inst(&self) -> Option<code::HandlInst> {
        let is_said = self.more.iter().any(|field| field.tag == tag::HANDL_INST);
        (!is_said).then_some(HANDL_INST)
    }
}

impl Encode for Outgoing<'_> {
    fn msg_type(&self) -> MsgType {
        self.command.msg_type()
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        match self.command {
            OrderCommand::New(order) => order.encode_own(self.handl_inst(), out),
            OrderCommand::Cancel(cancel) => cancel.encode_own(out),
            OrderCommand::Replace(replace) => {
                out.field(tag::ORIG_CL_ORD_ID, replace.orig_cl_ord_id.as_str());
                replace.order.encode_own(self.handl_inst(), out);
            }
        }
        self.more.iter().for_each(|field| field.encode(out));
    }
}

impl NewOrder {
    fn encode_own(&self, handl_inst: Option<code::HandlInst>, out: &mut Writer<'_>) {
        out.field(tag::CL_ORD_ID, self.cl_ord_id.as_str())
            .optional(tag::ACCOUNT, self.account.as_deref())
            .optional(tag::HANDL_INST, handl_inst)
            .field(tag::SYMBOL, self.symbol.as_str())
            .field(tag::SIDE, self.side.code())
            .field(tag::TRANSACT_TIME, self.transact_time)
            .field(tag::ORDER_QTY, self.qty)
            .field(tag::ORD_TYPE, self.ord_type.code())
            .optional(tag::PRICE, self.ord_type.price())
            .optional(tag::STOP_PX, self.ord_type.stop_px())
            .optional(tag::TIME_IN_FORCE, self.time_in_force.map(TimeInForce::code))
            .optional(tag::EXPIRE_TIME, self.time_in_force.and_then(TimeInForce::expire_time));
    }
}

impl CancelOrder {
    fn encode_own(&self, out: &mut Writer<'_>) {
        out.field(tag::ORIG_CL_ORD_ID, self.orig_cl_ord_id.as_str())
            .field(tag::CL_ORD_ID, self.cl_ord_id.as_str())
            .field(tag::SYMBOL, self.symbol.as_str())
            .field(tag::SIDE, self.side.code())
            .field(tag::TRANSACT_TIME, self.transact_time);
    }
}

impl Encode for OrderCommand {
    fn msg_type(&self) -> MsgType {
        match self {
            OrderCommand::New(_) => MsgType::NEW_ORDER_SINGLE,
            OrderCommand::Cancel(_) => MsgType::ORDER_CANCEL_REQUEST,
            OrderCommand::Replace(_) => MsgType::ORDER_CANCEL_REPLACE_REQUEST,
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        Outgoing { command: self, more: &[] }.encode_body(out);
    }
}

/// An OrderStatusRequest(H): what has become of this command?
pub struct StatusRequest<'a>(pub &'a OrderCommand);

impl Encode for StatusRequest<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::ORDER_STATUS_REQUEST
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(tag::CL_ORD_ID, self.0.cl_ord_id())
            .field(tag::ORD_STATUS_REQ_ID, self.0.cl_ord_id())
            .field(tag::SYMBOL, self.0.symbol())
            .field(tag::SIDE, self.0.side().code());
    }
}

impl OrderCommand {
    /// The command that a message of ours carries; `None` if it is none that the desk sends.
    pub fn from_message(message: &Message<'_>) -> Option<Self> {
        match message.msg_type() {
            MsgType::NEW_ORDER_SINGLE => {
                new_order(&NewOrderSingle::try_from(message).ok()?).map(OrderCommand::New)
            }
            MsgType::ORDER_CANCEL_REQUEST => {
                cancel_order(&OrderCancelRequest::try_from(message).ok()?).map(OrderCommand::Cancel)
            }
            MsgType::ORDER_CANCEL_REPLACE_REQUEST => {
                replace_order(&OrderCancelReplaceRequest::try_from(message).ok()?).map(OrderCommand::Replace)
            }
            _ => None,
        }
    }
}

/// The order that a message asks for: both messages have the same fields, but no type in common.
macro_rules! order_of {
    ($message:expr) => {
        Some(NewOrder {
            session: None,
            cl_ord_id: $message.cl_ord_id.as_str()?.to_owned(),
            symbol: $message.symbol?.as_str()?.to_owned(),
            side: side($message.side)?,
            qty: $message.order_qty?,
            ord_type: ord_type($message.ord_type, $message.price, $message.stop_px)?,
            time_in_force: match $message.time_in_force {
                Some(code) => Some(TimeInForce::of_code(code, $message.expire_time)?),
                None => None,
            },
            account: match $message.account {
                Some(account) => Some(account.as_str()?.to_owned()),
                None => None,
            },
            transact_time: $message.transact_time,
            // Further fields stay in the message: nothing is said of them again.
            fields: Map::new(),
        })
    };
}

fn new_order(message: &NewOrderSingle<'_>) -> Option<NewOrder> {
    order_of!(message)
}

fn replace_order(message: &OrderCancelReplaceRequest<'_>) -> Option<ReplaceOrder> {
    let order = order_of!(message)?;
    Some(ReplaceOrder { orig_cl_ord_id: message.orig_cl_ord_id.as_str()?.to_owned(), order })
}

fn ord_type(code: code::OrdType, price: Option<Decimal>, stop_px: Option<Decimal>) -> Option<OrdType> {
    Some(match code {
        code::OrdType::MARKET => OrdType::Market,
        code::OrdType::LIMIT => OrdType::Limit(price?),
        code::OrdType::STOP => OrdType::Stop(stop_px?),
        code::OrdType::STOP_LIMIT => OrdType::StopLimit { price: price?, stop_px: stop_px? },
        _ => return None,
    })
}

fn cancel_order(message: &OrderCancelRequest<'_>) -> Option<CancelOrder> {
    Some(CancelOrder {
        session: None,
        orig_cl_ord_id: message.orig_cl_ord_id.as_str()?.to_owned(),
        cl_ord_id: message.cl_ord_id.as_str()?.to_owned(),
        symbol: message.symbol?.as_str()?.to_owned(),
        side: side(message.side)?,
        transact_time: message.transact_time,
    })
}

fn side(side: code::Side) -> Option<Side> {
    match side {
        code::Side::BUY => Some(Side::Buy),
        code::Side::SELL => Some(Side::Sell),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use fix_core::{
        time::UtcTimestamp,
        wire::{
            frame::{Scan, scan},
            writer::MessageWriter,
        },
    };

    use super::*;
    use crate::contract::parse::{OrderRules, parse_order};

    fn encoded(json: &str) -> String {
        let received = UtcTimestamp::from_unix(1_795_499_580, 5_000_000);
        let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), received).unwrap();
        let mut buffer = [0; 512];
        let mut writer = Writer::fields(&mut buffer);
        command.encode_body(&mut writer);
        let len = writer.finish_fields().unwrap();
        let body = String::from_utf8(buffer[..len].to_vec()).unwrap().replace('\x01', "|");
        format!("{}|{body}", command.msg_type())
    }

    #[test]
    fn a_limit_order_is_a_new_order_single() {
        assert_eq!(
            encoded(
                r#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":96.250,"timestamp":1795499580.25}"#
            ),
            "D|11=A1|21=1|55=10Y|54=1|60=20261124-05:53:00.250|38=100|40=2|44=96.250|"
        );
    }

    #[test]
    fn a_market_order_has_no_price() {
        assert_eq!(
            encoded(r#"{"clOrdID":"A2","symbol":"2Y","side":"SELL","qty":5,"ordType":"MARKET"}"#),
            "D|11=A2|21=1|55=2Y|54=2|60=20261124-05:53:00.005|38=5|40=1|"
        );
    }

    #[test]
    fn a_stop_limit_order_has_both_prices_and_says_how_long_it_stands() {
        assert_eq!(
            encoded(
                r#"{"clOrdID":"A3","symbol":"AAPL","side":"SELL","qty":5,"ordType":"STOP_LIMIT","price":180,"stopPx":181.5,"timeInForce":"GTD","expireTime":1795586400,"account":"DESK-7"}"#
            ),
            "D|11=A3|1=DESK-7|21=1|55=AAPL|54=2|60=20261124-05:53:00.005|38=5|40=4|44=180|99=181.5|59=6|126=20261125-06:00:00.000|"
        );
    }

    #[test]
    fn a_cancel_is_an_order_cancel_request() {
        assert_eq!(
            encoded(r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#),
            "F|41=A1|11=C1|55=10Y|54=1|60=20261124-05:53:00.005|"
        );
    }

    #[test]
    fn a_replacement_is_an_order_cancel_replace_request() {
        assert_eq!(
            encoded(
                r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"10Y","side":"BUY","qty":50,"ordType":"LIMIT","price":96.5}"#
            ),
            "G|41=A1|11=R1|21=1|55=10Y|54=1|60=20261124-05:53:00.005|38=50|40=2|44=96.5|"
        );
    }

    #[test]
    fn what_was_sent_can_be_read_again() {
        for json in [
            r#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":96.250}"#,
            r#"{"clOrdID":"A2","symbol":"2Y","side":"SELL","qty":5,"ordType":"MARKET"}"#,
            r#"{"clOrdID":"A3","symbol":"2Y","side":"SELL","qty":5,"ordType":"STOP","stopPx":90,"timeInForce":"GTC","account":"D"}"#,
            r#"{"clOrdID":"A4","symbol":"2Y","side":"SELL","qty":5,"ordType":"STOP_LIMIT","price":89,"stopPx":90,"timeInForce":"GTD","expireTime":1795586400}"#,
            r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#,
            r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"10Y","side":"BUY","qty":50,"ordType":"LIMIT","price":96.5}"#,
        ] {
            let received = UtcTimestamp::from_unix(1_795_499_580, 5_000_000);
            let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), received).unwrap();
            let mut buffer = [0; 512];
            let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", command.msg_type());
            command.encode_body(writer.writer());
            let len = writer.finish().unwrap();
            let Scan::Frame(frame, _) = scan(&buffer[..len], 512) else { panic!("not a frame") };
            assert_eq!(OrderCommand::from_message(&Message::parse(frame).unwrap()), Some(command));
        }
    }
}
