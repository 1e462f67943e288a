//! What the parts of the exchange have in common that read messages and answer them.

use std::sync::Arc;

use fix_core::{
    dict::fix44::code::SecurityIdSource,
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason, CapacityError, SendError},
    },
    tag,
    wire::{value::Text, writer::Encode},
};

pub(super) use super::profile::gate::{id_field, refuse_quote, reply};
use super::venue::Named;

/// What stands in Symbol(55) of an instrument that is named by its SecurityID(48) (FIX 4.4 Vol. 6, Symbol).
pub(super) const NO_SYMBOL: &str = "[N/A]";

/// TradingSessionID(336) of the one trading session of a day.
pub(super) const TRADING_SESSION: &str = "DAY";

/// Why one that names another is refused.
pub(super) const ONE_SESSION: &str = "the one trading session is DAY";

/// Whether a message was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Yes,
    /// There is no room, or nobody is there.
    Later,
    /// It cannot be sent at all, as one that is larger than any message may be; the log says why.
    Never,
}

/// Sends a message that can wait if there is no room for it.
pub(super) fn send(out: &mut dyn Outbox, message: &dyn Encode) -> Sent {
    numbered(out, message).map_or_else(|not| not, |_| Sent::Yes)
}

/// As [`send`]: the MsgSeqNum(34) of the message, or why it has none.
pub(super) fn numbered(out: &mut dyn Outbox, message: &dyn Encode) -> Result<u64, Sent> {
    out.send(message).map_err(|error| match error {
        SendError::NotLoggedOn | SendError::Capacity(CapacityError::Full) => Sent::Later,
        error => {
            tracing::error!(%error, msg_type = %message.msg_type(), "a message was not sent");
            Sent::Never
        }
    })
}

pub(super) fn utf8(text: Text<'_>) -> Result<&str, BusinessReject> {
    text.as_str().ok_or(BusinessReject::new(BusinessRejectReason::Other, "a text is not UTF-8"))
}

/// Account(1), for the reports of an order.
pub(super) fn account(text: Option<Text<'_>>) -> Result<Option<Arc<str>>, BusinessReject> {
    Ok(text.map(utf8).transpose()?.map(Arc::from))
}

/// The instrument as a message names it: by its symbol or, where that says nothing, by its id.
pub(super) fn named<'a>(
    symbol: Option<Text<'a>>,
    security_id: Option<Text<'a>>,
    source: Option<SecurityIdSource<'a>>,
) -> Result<Named<'a>, BusinessReject> {
    let symbol = symbol.map(utf8).transpose()?.filter(|symbol| *symbol != NO_SYMBOL);
    let security_id = security_id.map(utf8).transpose()?;
    let source = source.map(|source| utf8(source.0)).transpose()?;
    let by_id = security_id.map(|id| Named::Id(id, source));
    symbol.map(Named::Symbol).or(by_id).ok_or(UNNAMED)
}

/// No instrument is named.
pub(super) const UNNAMED: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ConditionallyRequiredFieldMissing,
    "the instrument is named by Symbol(55), or by SecurityID(48) with SecurityIDSource(22)",
)
.about(tag::SYMBOL);
