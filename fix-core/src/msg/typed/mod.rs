//! Typed messages: a struct for each, read in one pass over the fields and written back by
//! [`Encode`](crate::wire::writer::Encode).
//!
//! Each is one table of [`message!`](crate::message!), which declares those of one's own as well; these are written
//! by `cargo xtask codegen`. A struct names the fields that trading needs; those of a message that it
//! does not name, and user-defined ones, survive in its [`extra`](Extra). Required fields are plain values,
//! others `Option`s, repeating groups [`Entries`], which are read from a message or written from a slice or a
//! closure:
//!
//! ```
//! use fix_core::msg::typed::{Entries, NewOrderSingle, Party};
//! use fix_core::{UtcTimestamp, code};
//!
//! let role = Some(code::PartyRole::EXECUTING_FIRM);
//! let parties = [Party { party_id: Some("DESK".into()), party_role: role, ..Party::default() }];
//! let order = NewOrderSingle {
//!     cl_ord_id: "A1".into(),
//!     symbol: Some("AAPL".into()),
//!     side: code::Side::BUY,
//!     order_qty: Some(100.into()),
//!     ord_type: code::OrdType::MARKET,
//!     transact_time: UtcTimestamp::from_unix(1_795_000_000, 0),
//!     parties: Entries::of(&parties),
//!     ..NewOrderSingle::default()
//! };
//! # let _ = order;
//! ```
//!
//! The default of a required text or code is one that encoding refuses; a required number or time that is left
//! at its default is 0 or 1970-01-01.

#[rustfmt::skip]
mod admin;
#[rustfmt::skip]
mod business;
#[rustfmt::skip]
mod component;
mod entries;
#[rustfmt::skip]
mod execution;
mod extra;
#[rustfmt::skip]
mod market_data;
#[rustfmt::skip]
mod mass;
#[rustfmt::skip]
mod order;
#[rustfmt::skip]
mod quote;
#[rustfmt::skip]
mod security;
mod table;
#[rustfmt::skip]
mod trade;

pub use admin::{Heartbeat, Logon, Logout, MsgTypeEntry, Reject, ResendRequest, SequenceReset, TestRequest};
pub use business::{BusinessMessageReject, LineOfText, News, NewsInstrument, Routing};
pub use component::{
    Leg, MiscFee, NestedParty, NestedPartySub, Party, PartySub, PreAlloc, SecurityAltId, Stipulation,
    TradingSession, Underlying,
};
#[doc(hidden)]
pub use entries::Start;
pub use entries::{Entries, EntryFields, GroupEntry};
pub use execution::{ContraBroker, ExecutionLeg, ExecutionReport, OrderCancelReject};
pub use extra::Extra;
#[doc(hidden)]
pub use extra::Known;
pub use market_data::{
    AltMdSource, MarketDataIncrementalRefresh, MarketDataRequest, MarketDataRequestReject,
    MarketDataSnapshotFullRefresh, MdEntry, MdEntryChange, MdInstrument, MdReqEntry,
};
pub use mass::{AffectedOrder, OrderMassCancelReport, OrderMassCancelRequest, OrderMassStatusRequest};
pub use order::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderStatusRequest};
pub use quote::{
    MassQuoteAcknowledgement, Quote, QuoteCancel, QuoteCancelEntry, QuoteEntryAck, QuoteLeg, QuoteQualifier,
    QuoteRejectSym, QuoteRequest, QuoteRequestLeg, QuoteRequestReject, QuoteRequestSym, QuoteResponse,
    QuoteSetAck,
};
pub use security::{
    ListedLeg, ListedSecurity, SecurityDefinition, SecurityDefinitionRequest, SecurityList,
    SecurityListRequest, SecurityStatus, SecurityStatusRequest, TradingSessionStatus,
    TradingSessionStatusRequest,
};
pub use trade::{TradeCaptureReport, TradeLeg, TradeSide, TradeTimestamp};

#[cfg(test)]
mod tests;
