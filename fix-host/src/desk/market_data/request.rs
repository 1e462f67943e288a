//! MarketDataRequest(V), and why it is refused.

use fix_core::{
    dict::fix44::code::{
        MdEntryType, MdReqRejReason, MdUpdateType, SecurityIdSource, SecurityType, SubscriptionRequestType,
    },
    msg::typed::{Entries, MarketDataRequest, MdInstrument, MdReqEntry},
    session::{application::Outbox, error::SendError},
    tag,
    wire::value::Text,
};

use super::Extras;

/// Asks for the market of an instrument from now on, or ends what was asked for under this MDReqID(262).
pub(super) fn send(
    md_req_id: &str,
    begins: bool,
    market_depth: u32,
    symbol: &str,
    extras: &Extras,
    out: &mut dyn Outbox,
) -> Result<u64, SendError> {
    let named = |tag| extras.of_instrument(symbol, tag).map(Text::from);
    let instrument = MdInstrument {
        symbol: Some(symbol.into()),
        security_id: named(tag::SECURITY_ID),
        security_id_source: named(tag::SECURITY_ID_SOURCE).map(SecurityIdSource),
        security_type: named(tag::SECURITY_TYPE).map(SecurityType),
        security_exchange: named(tag::SECURITY_EXCHANGE),
        ..MdInstrument::default()
    };
    let wanted = [MdEntryType::BID, MdEntryType::OFFER, MdEntryType::TRADE];
    let wanted = wanted.map(|md_entry_type| MdReqEntry { md_entry_type, ..MdReqEntry::default() });
    out.send(&MarketDataRequest {
        md_req_id: md_req_id.into(),
        subscription_request_type: match begins {
            true => SubscriptionRequestType::SNAPSHOT_AND_UPDATES,
            false => SubscriptionRequestType::DISABLE_PREVIOUS_SNAPSHOT,
        },
        market_depth: market_depth.into(),
        md_update_type: begins.then_some(MdUpdateType::INCREMENTAL_REFRESH),
        md_entry_types: Entries::of(&wanted),
        related_syms: Entries::of(&[instrument]),
        ..MarketDataRequest::default()
    })
}

pub(super) fn reason(code: MdReqRejReason) -> &'static str {
    match code {
        MdReqRejReason::UNKNOWN_SYMBOL => "unknown symbol",
        MdReqRejReason::DUPLICATE_MD_REQ_ID => "duplicate MDReqID(262)",
        MdReqRejReason::INSUFFICIENT_BANDWIDTH => "insufficient bandwidth",
        MdReqRejReason::INSUFFICIENT_PERMISSIONS => "insufficient permissions",
        MdReqRejReason::UNSUPPORTED_SUBSCRIPTION_REQUEST_TYPE => "no subscriptions (263=1)",
        MdReqRejReason::UNSUPPORTED_MARKET_DEPTH => "not as many prices as are asked for (264, MarketDepth)",
        MdReqRejReason::UNSUPPORTED_MD_UPDATE_TYPE => "no incremental changes (265=1)",
        MdReqRejReason::UNSUPPORTED_MD_ENTRY_TYPE => "not bid, offer and trade (269)",
        _ => "refused",
    }
}
