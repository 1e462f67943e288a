//! Instruments: definition, list, status.

use super::component::{Leg, SecurityAltId, Stipulation, Underlying};
use crate::{
    decimal::Decimal,
    dict::fix44::code,
    time::{LocalMktDate, MonthYear, UtcTimestamp},
    wire::value::{Data, MultipleValue, Text},
};

message! {
    /// Asks what an instrument is, or for a new one.
    SecurityDefinitionRequest = SECURITY_DEFINITION_REQUEST {
        15 currency: optional Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        48 security_id: optional Text<'a>,
        55 symbol: optional Text<'a>,
        58 text: optional Text<'a>,
        65 symbol_sfx: optional Text<'a>,
        107 security_desc: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        200 maturity_month_year: optional MonthYear,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        207 security_exchange: optional Text<'a>,
        231 contract_multiplier: optional Decimal,
        263 subscription_request_type: optional code::SubscriptionRequestType,
        320 security_req_id: required Text<'a>,
        321 security_request_type: required code::SecurityRequestType,
        336 trading_session_id: optional Text<'a>,
        355 encoded_text: data Data<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        541 maturity_date: optional LocalMktDate,
        555 legs: group Leg<'a>,
        625 trading_session_sub_id: optional Text<'a>,
        711 underlyings: group Underlying<'a>,
        827 expiration_cycle: optional code::ExpirationCycle,
    }
}

message! {
    /// Says what an instrument is.
    SecurityDefinition = SECURITY_DEFINITION {
        15 currency: optional Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        48 security_id: optional Text<'a>,
        55 symbol: optional Text<'a>,
        58 text: optional Text<'a>,
        65 symbol_sfx: optional Text<'a>,
        107 security_desc: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        200 maturity_month_year: optional MonthYear,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        207 security_exchange: optional Text<'a>,
        231 contract_multiplier: optional Decimal,
        320 security_req_id: required Text<'a>,
        322 security_response_id: required Text<'a>,
        323 security_response_type: required code::SecurityResponseType,
        336 trading_session_id: optional Text<'a>,
        355 encoded_text: data Data<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        541 maturity_date: optional LocalMktDate,
        555 legs: group Leg<'a>,
        561 round_lot: optional Decimal,
        562 min_trade_vol: optional Decimal,
        625 trading_session_sub_id: optional Text<'a>,
        711 underlyings: group Underlying<'a>,
        827 expiration_cycle: optional code::ExpirationCycle,
    }
}

message! {
    /// Asks which instruments there are.
    SecurityListRequest = SECURITY_LIST_REQUEST {
        15 currency: optional Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        48 security_id: optional Text<'a>,
        55 symbol: optional Text<'a>,
        58 text: optional Text<'a>,
        65 symbol_sfx: optional Text<'a>,
        107 security_desc: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        200 maturity_month_year: optional MonthYear,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        207 security_exchange: optional Text<'a>,
        231 contract_multiplier: optional Decimal,
        263 subscription_request_type: optional code::SubscriptionRequestType,
        320 security_req_id: required Text<'a>,
        336 trading_session_id: optional Text<'a>,
        355 encoded_text: data Data<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        541 maturity_date: optional LocalMktDate,
        555 legs: group Leg<'a>,
        559 security_list_request_type: required code::SecurityListRequestType,
        625 trading_session_sub_id: optional Text<'a>,
        711 underlyings: group Underlying<'a>,
    }
}

entry! {
    /// A leg of a listed instrument.
    ListedLeg = INSTRMT_LEG_SEC_LIST_GRP {
        600 leg_symbol: optional Text<'a>,
        602 leg_security_id: optional Text<'a>,
        603 leg_security_id_source: optional code::LegSecurityIdSource<'a>,
        607 leg_product: optional code::Product,
        608 leg_cfi_code: optional Text<'a>,
        609 leg_security_type: optional Text<'a>,
        610 leg_maturity_month_year: optional MonthYear,
        611 leg_maturity_date: optional LocalMktDate,
        612 leg_strike_price: optional Decimal,
        613 leg_opt_attribute: optional u8,
        614 leg_contract_multiplier: optional Decimal,
        616 leg_security_exchange: optional Text<'a>,
        623 leg_ratio_qty: optional Decimal,
        624 leg_side: optional code::Side,
        556 leg_currency: optional Text<'a>,
        690 leg_swap_type: optional code::LegSwapType,
        587 leg_settl_type: optional code::LegSettlType,
    }
}

entry! {
    /// An instrument of a [`SecurityList`].
    ListedSecurity = SEC_LIST_GRP {
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
        711 underlyings: group Underlying<'a>,
        15 currency: optional Text<'a>,
        232 stipulations: group Stipulation<'a>,
        555 legs: group ListedLeg<'a>,
        561 round_lot: optional Decimal,
        562 min_trade_vol: optional Decimal,
        336 trading_session_id: optional Text<'a>,
        625 trading_session_sub_id: optional Text<'a>,
        827 expiration_cycle: optional code::ExpirationCycle,
        58 text: optional Text<'a>,
        355 encoded_text: data Data<'a>,
    }
}

message! {
    /// Says which instruments there are.
    SecurityList = SECURITY_LIST {
        146 related_syms: group ListedSecurity<'a>,
        320 security_req_id: required Text<'a>,
        322 security_response_id: required Text<'a>,
        393 tot_no_related_sym: optional i64,
        560 security_request_result: required code::SecurityRequestResult,
        893 last_fragment: optional bool,
    }
}

message! {
    /// Asks for the state of an instrument.
    SecurityStatusRequest = SECURITY_STATUS_REQUEST {
        15 currency: optional Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        48 security_id: optional Text<'a>,
        55 symbol: optional Text<'a>,
        65 symbol_sfx: optional Text<'a>,
        107 security_desc: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        200 maturity_month_year: optional MonthYear,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        207 security_exchange: optional Text<'a>,
        231 contract_multiplier: optional Decimal,
        263 subscription_request_type: required code::SubscriptionRequestType,
        324 security_status_req_id: required Text<'a>,
        336 trading_session_id: optional Text<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        541 maturity_date: optional LocalMktDate,
        555 legs: group Leg<'a>,
        625 trading_session_sub_id: optional Text<'a>,
        711 underlyings: group Underlying<'a>,
    }
}

message! {
    /// Says whether an instrument trades.
    SecurityStatus = SECURITY_STATUS {
        15 currency: optional Text<'a>,
        22 security_id_source: optional code::SecurityIdSource<'a>,
        31 last_px: optional Decimal,
        48 security_id: optional Text<'a>,
        55 symbol: optional Text<'a>,
        58 text: optional Text<'a>,
        60 transact_time: optional UtcTimestamp,
        65 symbol_sfx: optional Text<'a>,
        107 security_desc: optional Text<'a>,
        167 security_type: optional code::SecurityType<'a>,
        200 maturity_month_year: optional MonthYear,
        202 strike_price: optional Decimal,
        206 opt_attribute: optional u8,
        207 security_exchange: optional Text<'a>,
        231 contract_multiplier: optional Decimal,
        291 financial_status: optional MultipleValue<'a>,
        292 corporate_action: optional MultipleValue<'a>,
        324 security_status_req_id: optional Text<'a>,
        325 unsolicited_indicator: optional bool,
        326 security_trading_status: optional code::SecurityTradingStatus,
        327 halt_reason_char: optional code::HaltReasonChar,
        328 in_view_of_common: optional bool,
        329 due_to_related: optional bool,
        330 buy_volume: optional Decimal,
        331 sell_volume: optional Decimal,
        332 high_px: optional Decimal,
        333 low_px: optional Decimal,
        334 adjustment: optional code::Adjustment,
        336 trading_session_id: optional Text<'a>,
        355 encoded_text: data Data<'a>,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        541 maturity_date: optional LocalMktDate,
        555 legs: group Leg<'a>,
        625 trading_session_sub_id: optional Text<'a>,
        711 underlyings: group Underlying<'a>,
    }
}

message! {
    /// Asks for the state of a trading session.
    TradingSessionStatusRequest = TRADING_SESSION_STATUS_REQUEST {
        263 subscription_request_type: required code::SubscriptionRequestType,
        335 trad_ses_req_id: required Text<'a>,
        336 trading_session_id: optional Text<'a>,
        338 trad_ses_method: optional code::TradSesMethod,
        339 trad_ses_mode: optional code::TradSesMode,
        625 trading_session_sub_id: optional Text<'a>,
    }
}

message! {
    /// Says whether a trading session is open.
    TradingSessionStatus = TRADING_SESSION_STATUS {
        58 text: optional Text<'a>,
        325 unsolicited_indicator: optional bool,
        335 trad_ses_req_id: optional Text<'a>,
        336 trading_session_id: required Text<'a>,
        338 trad_ses_method: optional code::TradSesMethod,
        339 trad_ses_mode: optional code::TradSesMode,
        340 trad_ses_status: required code::TradSesStatus,
        341 trad_ses_start_time: optional UtcTimestamp,
        342 trad_ses_open_time: optional UtcTimestamp,
        343 trad_ses_pre_close_time: optional UtcTimestamp,
        344 trad_ses_close_time: optional UtcTimestamp,
        345 trad_ses_end_time: optional UtcTimestamp,
        355 encoded_text: data Data<'a>,
        387 total_volume_traded: optional Decimal,
        567 trad_ses_status_rej_reason: optional code::TradSesStatusRejReason,
        625 trading_session_sub_id: optional Text<'a>,
    }
}
