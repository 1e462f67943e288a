//! What the gate itself answers, and how.

use fix_core::{
    dict::fix44::code::{self, QuoteRequestRejectReason},
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{Entries, QuoteRejectSym, QuoteRequest, QuoteRequestReject, QuoteRequestSym},
    },
    session::{application::Outbox, error::BusinessReject},
    tag::{self, Tag},
    wire::writer::{Encode, Writer},
};

/// Answers a request; an answer that cannot be sent leaves nothing undone, and is logged.
pub fn reply(out: &mut dyn Outbox, message: &dyn Encode) {
    if let Err(error) = out.send(message) {
        tracing::error!(%error, msg_type = %message.msg_type(), "an answer was not sent");
    }
}

/// Refuses a QuoteRequest(R) for these instruments by a QuoteRequestReject(AG).
pub fn refuse_quote(
    request: &QuoteRequest<'_>,
    asked: &[QuoteRequestSym<'_>],
    reason: QuoteRequestRejectReason,
    text: &str,
    out: &mut dyn Outbox,
) {
    let named = asked.iter().map(|sym| QuoteRejectSym {
        symbol: sym.symbol,
        security_id: sym.security_id,
        security_id_source: sym.security_id_source,
        ..QuoteRejectSym::default()
    });
    let named: Vec<QuoteRejectSym<'_>> = named.collect();
    reply(
        out,
        &QuoteRequestReject {
            quote_req_id: request.quote_req_id,
            quote_request_reject_reason: reason,
            related_syms: Entries::of(&named),
            text: Some(text.into()),
            ..QuoteRequestReject::default()
        },
    );
}

/// What a refusal repeats of its order.
const REPEATED: [Tag; 9] = [
    tag::CL_ORD_ID,
    tag::ACCOUNT,
    tag::SYMBOL,
    tag::SECURITY_ID,
    tag::SECURITY_ID_SOURCE,
    tag::SIDE,
    tag::ORDER_QTY,
    tag::PRICE,
    tag::ORD_TYPE,
];

/// A new order that the venue's rules refuse.
pub(super) struct Refusal<'a> {
    pub(super) order: &'a Message<'a>,
    /// OrdRejReason(103).
    pub(super) reason: u32,
    /// Text(58).
    pub(super) text: &'a str,
    pub(super) exec_id: &'a str,
}

impl Encode for Refusal<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::EXECUTION_REPORT
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(tag::ORDER_ID, "NONE").field(tag::EXEC_ID, self.exec_id);
        for tag in REPEATED {
            out.optional(tag, self.order.get(tag).filter(|value| !value.is_empty()));
        }
        out.field(tag::EXEC_TYPE, code::ExecType::REJECTED)
            .field(tag::ORD_STATUS, code::OrdStatus::REJECTED)
            .field(tag::ORD_REJ_REASON, u64::from(self.reason))
            .field(tag::TEXT, self.text)
            .field(tag::LEAVES_QTY, 0_u64)
            .field(tag::CUM_QTY, 0_u64)
            .field(tag::AVG_PX, 0_u64);
    }
}

/// A BusinessMessageReject(j). It is the answer to requests that are no new orders: an OrderCancelReject would have to say
/// in which state the order is, and the gate does not know.
pub(super) struct Business<'a> {
    message: &'a Message<'a>,
    /// BusinessRejectReason(380).
    reason: u64,
    text: &'a str,
}

impl<'a> Business<'a> {
    /// The venue's rules refuse it.
    pub(super) fn by_rule(message: &'a Message<'a>, text: &'a str) -> Self {
        Business { message, reason: 0, text }
    }

    /// What the venue answered to a request that had waited; to one that had not, the session itself says it.
    pub(super) fn by_venue(message: &'a Message<'a>, reject: &BusinessReject) -> Self {
        Business { message, reason: reject.reason as u64, text: reject.text }
    }
}

impl Encode for Business<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::BUSINESS_MESSAGE_REJECT
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let id = self.message.get(tag::CL_ORD_ID).or_else(|| self.message.get(tag::MD_REQ_ID));
        out.optional(tag::REF_SEQ_NUM, self.message.get(tag::MSG_SEQ_NUM))
            .field(tag::REF_MSG_TYPE, self.message.msg_type().as_bytes())
            .optional(tag::BUSINESS_REJECT_REF_ID, id.filter(|id| !id.is_empty()))
            .field(tag::BUSINESS_REJECT_REASON, self.reason)
            .field(tag::TEXT, self.text);
    }
}
