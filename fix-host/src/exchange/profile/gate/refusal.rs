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

/// The field that identifies a request: what BusinessRejectRefID(379) of its BusinessMessageReject(j) repeats.
pub const fn id_field(msg_type: MsgType) -> Option<Tag> {
    Some(match msg_type {
        MsgType::NEW_ORDER_SINGLE
        | MsgType::ORDER_CANCEL_REQUEST
        | MsgType::ORDER_CANCEL_REPLACE_REQUEST
        | MsgType::ORDER_STATUS_REQUEST
        | MsgType::ORDER_MASS_CANCEL_REQUEST => tag::CL_ORD_ID,
        MsgType::ORDER_MASS_STATUS_REQUEST => tag::MASS_STATUS_REQ_ID,
        MsgType::NEW_ORDER_LIST
        | MsgType::LIST_EXECUTE
        | MsgType::LIST_CANCEL_REQUEST
        | MsgType::LIST_STATUS_REQUEST => tag::LIST_ID,
        MsgType::ALLOCATION_INSTRUCTION => tag::ALLOC_ID,
        MsgType::DONT_KNOW_TRADE => tag::EXEC_ID,
        MsgType::QUOTE_REQUEST => tag::QUOTE_REQ_ID,
        MsgType::QUOTE_RESPONSE => tag::QUOTE_RESP_ID,
        MsgType::MARKET_DATA_REQUEST => tag::MD_REQ_ID,
        MsgType::SECURITY_LIST_REQUEST | MsgType::SECURITY_DEFINITION_REQUEST => tag::SECURITY_REQ_ID,
        MsgType::SECURITY_STATUS_REQUEST => tag::SECURITY_STATUS_REQ_ID,
        MsgType::TRADING_SESSION_STATUS_REQUEST => tag::TRAD_SES_REQ_ID,
        _ => return None,
    })
}

/// A BusinessMessageReject(j). It is the answer to requests that are no new orders: an OrderCancelReject would have to say
/// in which state the order is, and the gate does not know.
pub(super) struct Business<'a> {
    message: &'a Message<'a>,
    /// BusinessRejectReason(380).
    reason: u64,
    text: &'a str,
    /// The field that the text is about.
    field: Option<Tag>,
}

impl<'a> Business<'a> {
    /// The venue's rules refuse it.
    pub(super) fn by_rule(message: &'a Message<'a>, text: &'a str) -> Self {
        Business { message, reason: 0, text, field: None }
    }

    /// What the venue answered to a request that had waited; to one that had not, the session itself says it.
    pub(super) fn by_venue(message: &'a Message<'a>, reject: &BusinessReject) -> Self {
        Business { message, reason: reject.reason as u64, text: reject.text, field: reject.field }
    }
}

impl Encode for Business<'_> {
    fn msg_type(&self) -> MsgType {
        MsgType::BUSINESS_MESSAGE_REJECT
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let id = id_field(self.message.msg_type()).and_then(|tag| self.message.get(tag));
        let text = match self.field {
            Some(field) => format!("{}, tag {}", self.text, field.0),
            None => self.text.to_owned(),
        };
        out.optional(tag::REF_SEQ_NUM, self.message.get(tag::MSG_SEQ_NUM))
            .field(tag::REF_MSG_TYPE, self.message.msg_type().as_bytes())
            .optional(tag::BUSINESS_REJECT_REF_ID, id.filter(|id| !id.is_empty()))
            .field(tag::BUSINESS_REJECT_REASON, self.reason)
            .field(tag::TEXT, text.as_str());
    }
}
