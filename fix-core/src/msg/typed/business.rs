//! What is no order and no market data: refusals of the application, news.

use super::component::{Leg, SecurityAltId, Underlying};
use crate::{
    decimal::Decimal,
    dict::fix44::code,
    time::{LocalMktDate, MonthYear, UtcTimestamp},
    wire::value::{Data, Text},
};

message! {
    /// Refuses a message that the session has nothing against.
    BusinessMessageReject = BUSINESS_MESSAGE_REJECT {
        45 ref_seq_num: optional u64,
        58 text: optional Text<'a>,
        355 encoded_text: data Data<'a>,
        372 ref_msg_type: required Text<'a>,
        379 business_reject_ref_id: optional Text<'a>,
        380 business_reject_reason: required code::BusinessRejectReason,
    }
}

entry! {
    /// A line of a [`News`].
    LineOfText = LINES_OF_TEXT_GRP {
        58 text: required Text<'a>,
        355 encoded_text: data Data<'a>,
    }
}

entry! {
    /// Whom a [`News`] is meant for.
    Routing = ROUTING_GRP {
        216 routing_type: optional code::RoutingType,
        217 routing_id: optional Text<'a>,
    }
}

entry! {
    /// An instrument that a [`News`] is about.
    NewsInstrument = INSTRMT_GRP {
        55 symbol: optional Text<'a>,
        65 symbol_sfx: optional Text<'a>,
        48 security_id: optional Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        200 maturity_month_year: optional MonthYear,
        541 maturity_date: optional LocalMktDate,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        231 contract_multiplier: optional Decimal,
        207 security_exchange: optional Text<'a>,
        107 security_desc: optional Text<'a>,
    }
}

message! {
    /// Text for everybody, or for some.
    News = NEWS {
        33 lines: group LineOfText<'a>,
        42 orig_time: optional UtcTimestamp,
        61 urgency: optional code::Urgency,
        96 raw_data: data Data<'a>,
        146 related_syms: group NewsInstrument<'a>,
        148 headline: required Text<'a>,
        149 url_link: optional Text<'a>,
        215 routings: group Routing<'a>,
        359 encoded_headline: data Data<'a>,
        555 legs: group Leg<'a>,
        711 underlyings: group Underlying<'a>,
    }
}
