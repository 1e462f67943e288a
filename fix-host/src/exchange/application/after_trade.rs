//! What a counterparty says of its trades: DontKnowTrade(Q), and AllocationInstruction(J), which is accepted.

use fix_core::{
    dict::fix44::code::AllocStatus,
    msg::{message::Message, msg_type::MsgType},
    session::{application::Outbox, error::BusinessReject},
    tag,
    time::UtcTimestamp,
    wire::{
        value::Text,
        writer::{Encode, Writer},
    },
};

use super::{ExchangeApplication, reply, utf8};

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

    /// An allocation is accepted as it is.
    pub(super) fn allocate(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let alloc_id = message.required(tag::ALLOC_ID)?;
        let trade_date = message.optional(tag::TRADE_DATE)?;
        let transact_time = out.now().utc;
        reply(out, &Accepted { alloc_id, trade_date, transact_time });
        Ok(())
    }
}

/// An AllocationInstructionAck(P).
struct Accepted<'a> {
    alloc_id: Text<'a>,
    trade_date: Option<Text<'a>>,
    transact_time: UtcTimestamp,
}

impl Encode for Accepted<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::ALLOCATION_INSTRUCTION_ACK
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(tag::ALLOC_ID, self.alloc_id)
            .optional(tag::TRADE_DATE, self.trade_date)
            .field(tag::TRANSACT_TIME, self.transact_time)
            .field(tag::ALLOC_STATUS, AllocStatus::ACCEPTED);
    }
}
