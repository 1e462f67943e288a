//! What is asked about many orders at once.

use super::component::{Party, SecurityAltId};
use crate::{
    decimal::Decimal,
    dict::fix44::code,
    time::{LocalMktDate, MonthYear, UtcTimestamp},
    wire::value::{Data, Text},
};

message! {
    /// Asks to cancel all orders that match.
    OrderMassCancelRequest = ORDER_MASS_CANCEL_REQUEST {
        11 cl_ord_id: required Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        48 security_id: optional Text<'a>,
        54 side: optional code::Side,
        55 symbol: optional Text<'a>,
        58 text: optional Text<'a>,
        60 transact_time: required UtcTimestamp,
        65 symbol_sfx: optional Text<'a>,
        107 security_desc: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        200 maturity_month_year: optional MonthYear,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        207 security_exchange: optional Text<'a>,
        231 contract_multiplier: optional Decimal,
        305 underlying_security_id_source: optional code::UnderlyingSecurityIdSource<'a>,
        309 underlying_security_id: optional Text<'a>,
        311 underlying_symbol: optional Text<'a>,
        336 trading_session_id: optional Text<'a>,
        355 encoded_text: data Data<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        526 secondary_cl_ord_id: optional Text<'a>,
        530 mass_cancel_request_type: required code::MassCancelRequestType,
        541 maturity_date: optional LocalMktDate,
        625 trading_session_sub_id: optional Text<'a>,
    }
}

entry! {
    /// An order that a mass cancel concerns.
    AffectedOrder = AFFECTED_ORD_GRP {
        41 orig_cl_ord_id: optional Text<'a>,
        535 affected_order_id: optional Text<'a>,
        536 affected_secondary_order_id: optional Text<'a>,
    }
}

message! {
    /// Answers an [`OrderMassCancelRequest`].
    OrderMassCancelReport = ORDER_MASS_CANCEL_REPORT {
        11 cl_ord_id: optional Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        37 order_id: required Text<'a>,
        48 security_id: optional Text<'a>,
        54 side: optional code::Side,
        55 symbol: optional Text<'a>,
        58 text: optional Text<'a>,
        60 transact_time: optional UtcTimestamp,
        65 symbol_sfx: optional Text<'a>,
        107 security_desc: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        198 secondary_order_id: optional Text<'a>,
        200 maturity_month_year: optional MonthYear,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        207 security_exchange: optional Text<'a>,
        231 contract_multiplier: optional Decimal,
        336 trading_session_id: optional Text<'a>,
        355 encoded_text: data Data<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        526 secondary_cl_ord_id: optional Text<'a>,
        530 mass_cancel_request_type: required code::MassCancelRequestType,
        531 mass_cancel_response: required code::MassCancelResponse,
        532 mass_cancel_reject_reason: optional code::MassCancelRejectReason<'a>,
        533 total_affected_orders: optional i64,
        534 affected_orders: group AffectedOrder<'a>,
        541 maturity_date: optional LocalMktDate,
        625 trading_session_sub_id: optional Text<'a>,
    }
}

message! {
    /// Asks for the state of all orders that match.
    OrderMassStatusRequest = ORDER_MASS_STATUS_REQUEST {
        1 account: optional Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        48 security_id: optional Text<'a>,
        54 side: optional code::Side,
        55 symbol: optional Text<'a>,
        65 symbol_sfx: optional Text<'a>,
        107 security_desc: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        200 maturity_month_year: optional MonthYear,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        207 security_exchange: optional Text<'a>,
        231 contract_multiplier: optional Decimal,
        311 underlying_symbol: optional Text<'a>,
        336 trading_session_id: optional Text<'a>,
        453 parties: group Party<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        541 maturity_date: optional LocalMktDate,
        584 mass_status_req_id: required Text<'a>,
        585 mass_status_req_type: required code::MassStatusReqType,
        625 trading_session_sub_id: optional Text<'a>,
        660 acct_id_source: optional code::AcctIdSource,
    }
}
