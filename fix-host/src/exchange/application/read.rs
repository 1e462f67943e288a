//! Requests about orders, with what the exchange reads of them: to look for a third of their fields takes half the time.
//! Whether the others are as FIX has them is looked at before, where the session validates.

use fix_core::{
    decimal::Decimal,
    dict::fix44::code,
    message,
    msg::msg_type::MsgType,
    time::{LocalMktDate, UtcTimestamp},
    wire::value::Text,
};

message! {
    /// NewOrderSingle(D).
    NewOrder = MsgType::NEW_ORDER_SINGLE {
        1 account: optional Text<'a>,
        11 cl_ord_id: required Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        38 order_qty: optional Decimal,
        40 ord_type: required code::OrdType,
        44 price: optional Decimal,
        48 security_id: optional Text<'a>,
        54 side: required code::Side,
        55 symbol: optional Text<'a>,
        59 time_in_force: optional code::TimeInForce,
        60 transact_time: required Text<'a>,
        99 stop_px: optional Decimal,
        110 min_qty: optional Decimal,
        111 max_floor: optional Decimal,
        114 locate_reqd: optional bool,
        117 quote_id: optional Text<'a>,
        126 expire_time: optional UtcTimestamp,
        423 price_type: optional code::PriceType,
        432 expire_date: optional LocalMktDate,
    }
}

message! {
    /// OrderCancelRequest(F).
    CancelOrder = MsgType::ORDER_CANCEL_REQUEST {
        11 cl_ord_id: required Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        41 orig_cl_ord_id: required Text<'a>,
        48 security_id: optional Text<'a>,
        54 side: required code::Side,
        55 symbol: optional Text<'a>,
        60 transact_time: required Text<'a>,
    }
}

message! {
    /// OrderCancelReplaceRequest(G).
    ReplaceOrder = MsgType::ORDER_CANCEL_REPLACE_REQUEST {
        1 account: optional Text<'a>,
        11 cl_ord_id: required Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        38 order_qty: optional Decimal,
        40 ord_type: required code::OrdType,
        41 orig_cl_ord_id: required Text<'a>,
        44 price: optional Decimal,
        48 security_id: optional Text<'a>,
        54 side: required code::Side,
        55 symbol: optional Text<'a>,
        59 time_in_force: optional code::TimeInForce,
        60 transact_time: required Text<'a>,
        99 stop_px: optional Decimal,
        110 min_qty: optional Decimal,
        111 max_floor: optional Decimal,
        114 locate_reqd: optional bool,
        126 expire_time: optional UtcTimestamp,
        423 price_type: optional code::PriceType,
        432 expire_date: optional LocalMktDate,
    }
}
