//! AllocationInstruction(J), answered by AllocationInstructionAck(P): accepted if it goes together in itself and with what the
//! session has asked for before. Whose the accounts are, and at which price the trades were made, is not looked at.

use std::collections::VecDeque;

use fix_core::{
    decimal::Decimal,
    dict::fix44::{
        code::{AllocRejCode, AllocStatus, AllocTransType},
        group,
    },
    msg::{message::Message, msg_type::MsgType},
    session::{application::Outbox, error::BusinessReject},
    tag,
    time::UtcTimestamp,
    wire::{
        value::Text,
        writer::{Encode, Writer},
    },
};

use super::{ExchangeApplication, MISSING, new::may_be_known, reply, utf8};

/// Allocations that are remembered of a session: the latest.
const MOST_KEPT: usize = 10_000;

/// ClOrdID(11) of an order that was not entered by FIX (FIX 4.4 Vol. 5, AllocationInstruction).
const MANUAL: &str = "MANUAL";

/// The allocations of one session since the exchange was started.
#[derive(Debug, Default)]
pub(super) struct Allocations {
    known: VecDeque<Known>,
}

#[derive(Debug)]
struct Known {
    /// AllocID(70).
    id: String,
    /// It was neither replaced nor cancelled.
    stands: bool,
}

impl Allocations {
    fn find(&self, id: &str) -> Option<usize> {
        self.known.iter().position(|known| known.id == id)
    }

    /// Where the one stands that may be replaced or cancelled.
    fn standing(&self, id: &str) -> Option<usize> {
        self.find(id).filter(|at| self.known[*at].stands)
    }

    fn add(&mut self, id: &str, stands: bool) {
        if self.known.len() == MOST_KEPT {
            self.known.pop_front();
        }
        self.known.push_back(Known { id: id.to_owned(), stands });
    }
}

/// Why an allocation is refused: AllocRejCode(88) and Text(58).
type Refusal = (AllocRejCode, &'static str);

impl ExchangeApplication {
    /// Takes an allocation, a replacement of one, or its end; or refuses it whole.
    pub(super) fn allocate(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let alloc_id: Text<'_> = message.required(tag::ALLOC_ID)?;
        let id = utf8(alloc_id)?;
        let kind: AllocTransType = message.required(tag::ALLOC_TRANS_TYPE)?;
        // FIX 4.4 Vol. 5: RefAllocID(72) is required of a replacement and of a cancellation.
        let replaced = match kind {
            AllocTransType::REPLACE | AllocTransType::CANCEL => {
                let replaced: Option<Text<'_>> = message.optional(tag::REF_ALLOC_ID)?;
                Some(utf8(replaced.ok_or(MISSING.about(tag::REF_ALLOC_ID))?)?)
            }
            _ => None,
        };
        let is_known = self.allocations.find(id).is_some();
        let refusal = match is_known {
            // It is told once more what became of it.
            true if may_be_known(message) => None,
            true => Some((AllocRejCode::OTHER_SEE_TEXT, "this AllocID(70) was used before")),
            false => self.objection(message, kind, replaced)?,
        };
        if refusal.is_none() && !is_known {
            let replaced = replaced.and_then(|replaced| self.allocations.standing(replaced));
            if let Some(replaced) = replaced.and_then(|at| self.allocations.known.get_mut(at)) {
                replaced.stands = false;
            }
            self.allocations.add(id, kind != AllocTransType::CANCEL);
        }
        let (trade_date, transact_time) = (message.optional(tag::TRADE_DATE)?, out.now().utc);
        reply(out, &Answer { alloc_id, trade_date, transact_time, refusal });
        Ok(())
    }

    /// What is wrong with an allocation.
    fn objection(
        &self,
        message: &Message<'_>,
        kind: AllocTransType,
        replaced: Option<&str>,
    ) -> Result<Option<Refusal>, BusinessReject> {
        if replaced.is_some_and(|replaced| self.allocations.standing(replaced).is_none()) {
            let text = "no allocation that stands has this RefAllocID(72)";
            return Ok(Some((AllocRejCode::OTHER_SEE_TEXT, text)));
        }
        if kind == AllocTransType::CANCEL {
            return Ok(None);
        }
        let qty: Decimal = message.required(tag::QUANTITY)?;
        if !qty.is_positive() {
            return Ok(Some((AllocRejCode::INCORRECT_QUANTITY, "Quantity(53) must be greater than 0")));
        }
        for order in message.group(&group::ORD_ALLOC_GRP).iter() {
            let Some(cl_ord_id) = order.optional::<Text<'_>>(tag::CL_ORD_ID)?.map(utf8).transpose()? else {
                continue;
            };
            let owner = self.seat.owner();
            if cl_ord_id != MANUAL && !self.seat.look(|venue, _| venue.is_known(owner, cl_ord_id)) {
                let text = "a ClOrdID(11) is of no order that is known here";
                return Ok(Some((AllocRejCode::UNKNOWN_CL_ORD_ID, text)));
            }
        }
        let parts = message.group(&group::ALLOC_GRP).iter().map(|account| account.optional(tag::ALLOC_QTY));
        let parts = parts.collect::<Result<Vec<Option<Decimal>>, _>>()?;
        let allocated =
            parts.iter().flatten().try_fold(Decimal::ZERO, |sum: Decimal, part| sum.checked_add(*part));
        let is_all = parts.is_empty() || allocated == Some(qty);
        let text = "the AllocQty(80) of all accounts together are not Quantity(53)";
        Ok((!is_all).then_some((AllocRejCode::INCORRECT_ALLOCATED_QUANTITY, text)))
    }
}

/// An AllocationInstructionAck(P).
struct Answer<'a> {
    alloc_id: Text<'a>,
    trade_date: Option<Text<'a>>,
    transact_time: UtcTimestamp,
    refusal: Option<Refusal>,
}

impl Encode for Answer<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::ALLOCATION_INSTRUCTION_ACK
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let status = match self.refusal {
            None => AllocStatus::ACCEPTED,
            Some(_) => AllocStatus::BLOCK_LEVEL_REJECT,
        };
        out.field(tag::ALLOC_ID, self.alloc_id)
            .optional(tag::TRADE_DATE, self.trade_date)
            .field(tag::TRANSACT_TIME, self.transact_time)
            .field(tag::ALLOC_STATUS, status)
            .optional(tag::ALLOC_REJ_CODE, self.refusal.map(|(code, _)| code))
            .optional(tag::TEXT, self.refusal.map(|(_, text)| text));
    }
}
