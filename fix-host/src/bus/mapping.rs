//! Orders to FIX: [`NewOrder`] is a NewOrderSingle (D), [`CancelOrder`] an OrderCancelRequest (F).

use fix_core::{
    dict::fix44::code,
    msg::msg_type::MsgType,
    tag,
    wire::writer::{Encode, Writer},
};

use super::order::{CancelOrder, NewOrder, OrderCommand};

impl Encode for NewOrder {
    fn msg_type(&self) -> MsgType {
        MsgType::NEW_ORDER_SINGLE
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(tag::CL_ORD_ID, self.cl_ord_id.as_str())
            .field(tag::HANDL_INST, code::handl_inst::AUTOMATED_EXECUTION_NO_INTERVENTION)
            .field(tag::SYMBOL, self.symbol.as_str())
            .field(tag::SIDE, self.side.code())
            .field(tag::TRANSACT_TIME, self.transact_time)
            .field(tag::ORDER_QTY, self.qty)
            .field(tag::ORD_TYPE, self.ord_type.code())
            .optional(tag::PRICE, self.ord_type.price());
    }
}

impl Encode for CancelOrder {
    fn msg_type(&self) -> MsgType {
        MsgType::ORDER_CANCEL_REQUEST
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
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
            OrderCommand::New(order) => order.msg_type(),
            OrderCommand::Cancel(cancel) => cancel.msg_type(),
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        match self {
            OrderCommand::New(order) => order.encode_body(out),
            OrderCommand::Cancel(cancel) => cancel.encode_body(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;
    use crate::bus::parse::{OrderRules, parse_order};

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
    fn a_cancel_is_an_order_cancel_request() {
        assert_eq!(
            encoded(r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#),
            "F|41=A1|11=C1|55=10Y|54=1|60=20261124-05:53:00.005|"
        );
    }
}
