//! What a counterparty says of its trades: DontKnowTrade(Q).

use fix_core::{msg::message::Message, session::error::BusinessReject, tag, wire::value::Text};

use super::{ExchangeApplication, utf8};

impl ExchangeApplication {
    /// The counterparty does not know a trade. The trade stands until somebody busts it by hand; the log says what there is
    /// to look at.
    pub(super) fn not_known(&mut self, message: &Message<'_>) -> Result<(), BusinessReject> {
        let order_id = utf8(message.required(tag::ORDER_ID)?)?;
        let exec_id = utf8(message.required(tag::EXEC_ID)?)?;
        let reason = utf8(message.required(tag::DK_REASON)?)?;
        let text = message.optional::<Text<'_>>(tag::TEXT)?.map(utf8).transpose()?.unwrap_or_default();
        tracing::warn!(
            order_id,
            exec_id,
            reason,
            text,
            "the counterparty does not know a trade (DontKnowTrade)"
        );
        Ok(())
    }
}
