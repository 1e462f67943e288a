//! Market data: subscription, snapshot, changes, refusal.

use super::component::{SecurityAltId, TradingSession};
use crate::{
    decimal::Decimal,
    dict::fix44::code,
    time::{LocalMktDate, MonthYear, UtcDateOnly, UtcTimeOnly, UtcTimestamp},
    wire::value::{Data, MultipleValue, Text},
};

entry! {
    /// A kind of entry that is asked for: bid, offer, trade.
    MdReqEntry = MD_REQ_GRP {
        269 md_entry_type: required code::MdEntryType,
    }
}

entry! {
    /// An instrument that is asked for.
    MdInstrument = INSTRMT_MD_REQ_GRP {
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
    /// Asks for market data, once or from now on, or ends that.
    MarketDataRequest = MARKET_DATA_REQUEST {
        146 related_syms: group MdInstrument<'a>,
        262 md_req_id: required Text<'a>,
        263 subscription_request_type: required code::SubscriptionRequestType,
        264 market_depth: required i64,
        265 md_update_type: optional code::MdUpdateType,
        266 aggregated_book: optional bool,
        267 md_entry_types: group MdReqEntry<'a>,
        286 open_close_settl_flag: optional MultipleValue<'a>,
        386 trading_sessions: group TradingSession<'a>,
        546 scope: optional MultipleValue<'a>,
        547 md_implicit_delete: optional bool,
        812 appl_queue_max: optional i64,
        815 appl_queue_action: optional code::ApplQueueAction,
    }
}

entry! {
    /// A price level or trade of a [`MarketDataSnapshotFullRefresh`].
    MdEntry = MD_FULL_GRP {
        269 md_entry_type: required code::MdEntryType,
        270 md_entry_px: optional Decimal,
        15 currency: optional Text<'a>,
        271 md_entry_size: optional Decimal,
        272 md_entry_date: optional UtcDateOnly,
        273 md_entry_time: optional UtcTimeOnly,
        274 tick_direction: optional code::TickDirection,
        275 md_mkt: optional Text<'a>,
        336 trading_session_id: optional Text<'a>,
        625 trading_session_sub_id: optional Text<'a>,
        276 quote_condition: optional MultipleValue<'a>,
        277 trade_condition: optional MultipleValue<'a>,
        282 md_entry_originator: optional Text<'a>,
        283 location_id: optional Text<'a>,
        284 desk_id: optional Text<'a>,
        286 open_close_settl_flag: optional MultipleValue<'a>,
        59 time_in_force: optional code::TimeInForce,
        432 expire_date: optional LocalMktDate,
        126 expire_time: optional UtcTimestamp,
        110 min_qty: optional Decimal,
        18 exec_inst: optional MultipleValue<'a>,
        287 seller_days: optional i64,
        37 order_id: optional Text<'a>,
        299 quote_entry_id: optional Text<'a>,
        288 md_entry_buyer: optional Text<'a>,
        289 md_entry_seller: optional Text<'a>,
        346 number_of_orders: optional i64,
        290 md_entry_position_no: optional i64,
        546 scope: optional MultipleValue<'a>,
        811 price_delta: optional Decimal,
        58 text: optional Text<'a>,
        355 encoded_text: data Data<'a>,
    }
}

message! {
    /// All entries of one instrument.
    MarketDataSnapshotFullRefresh = MARKET_DATA_SNAPSHOT_FULL_REFRESH {
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
        262 md_req_id: optional Text<'a>,
        268 md_entries: group MdEntry<'a>,
        291 financial_status: optional MultipleValue<'a>,
        292 corporate_action: optional MultipleValue<'a>,
        451 net_chg_prev_day: optional Decimal,
        454 security_alt_ids: group SecurityAltId<'a>,
        460 product: optional code::Product,
        461 cfi_code: optional Text<'a>,
        541 maturity_date: optional LocalMktDate,
        813 appl_queue_depth: optional i64,
        814 appl_queue_resolution: optional code::ApplQueueResolution,
    }
}

entry! {
    /// A price level or trade that is new, changed or gone.
    MdEntryChange = MD_INC_GRP {
        279 md_update_action: required code::MdUpdateAction,
        285 delete_reason: optional code::DeleteReason,
        269 md_entry_type: optional code::MdEntryType,
        278 md_entry_id: optional Text<'a>,
        280 md_entry_ref_id: optional Text<'a>,
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
        291 financial_status: optional MultipleValue<'a>,
        292 corporate_action: optional MultipleValue<'a>,
        270 md_entry_px: optional Decimal,
        15 currency: optional Text<'a>,
        271 md_entry_size: optional Decimal,
        272 md_entry_date: optional UtcDateOnly,
        273 md_entry_time: optional UtcTimeOnly,
        274 tick_direction: optional code::TickDirection,
        275 md_mkt: optional Text<'a>,
        336 trading_session_id: optional Text<'a>,
        625 trading_session_sub_id: optional Text<'a>,
        276 quote_condition: optional MultipleValue<'a>,
        277 trade_condition: optional MultipleValue<'a>,
        282 md_entry_originator: optional Text<'a>,
        283 location_id: optional Text<'a>,
        284 desk_id: optional Text<'a>,
        286 open_close_settl_flag: optional MultipleValue<'a>,
        59 time_in_force: optional code::TimeInForce,
        432 expire_date: optional LocalMktDate,
        126 expire_time: optional UtcTimestamp,
        110 min_qty: optional Decimal,
        18 exec_inst: optional MultipleValue<'a>,
        287 seller_days: optional i64,
        37 order_id: optional Text<'a>,
        299 quote_entry_id: optional Text<'a>,
        288 md_entry_buyer: optional Text<'a>,
        289 md_entry_seller: optional Text<'a>,
        346 number_of_orders: optional i64,
        290 md_entry_position_no: optional i64,
        546 scope: optional MultipleValue<'a>,
        811 price_delta: optional Decimal,
        451 net_chg_prev_day: optional Decimal,
        58 text: optional Text<'a>,
        355 encoded_text: data Data<'a>,
    }
}

message! {
    /// Changes of entries, of any instruments.
    MarketDataIncrementalRefresh = MARKET_DATA_INCREMENTAL_REFRESH {
        262 md_req_id: optional Text<'a>,
        268 md_entries: group MdEntryChange<'a>,
        813 appl_queue_depth: optional i64,
        814 appl_queue_resolution: optional code::ApplQueueResolution,
    }
}

entry! {
    /// Where else the data can be had.
    AltMdSource = MD_RJCT_GRP {
        817 alt_md_source_id: optional Text<'a>,
    }
}

message! {
    /// Refuses a [`MarketDataRequest`].
    MarketDataRequestReject = MARKET_DATA_REQUEST_REJECT {
        58 text: optional Text<'a>,
        262 md_req_id: required Text<'a>,
        281 md_req_rej_reason: optional code::MdReqRejReason,
        355 encoded_text: data Data<'a>,
        816 alt_md_sources: group AltMdSource<'a>,
    }
}
