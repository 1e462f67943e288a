//! Messages to the counterparty, made of the host's lines.

use fix_core::{Encode, MsgType, Tag, UtcTimestamp, Writer, tag};

use crate::{book::Order, intake::Request};

/// A request of the host as a message: its fields in their order, what it left out of the order that it is about, and
/// TransactTime(60).
pub(super) struct Outgoing<'l> {
    pub(super) msg_type: MsgType,
    pub(super) request: &'l Request<'l>,
    /// The order that is to be cancelled, replaced or asked about, as far as it is known.
    pub(super) order: Option<&'l Order>,
    pub(super) transact_time: UtcTimestamp,
}

impl Encode for Outgoing<'_> {
    fn msg_type(&self) -> MsgType {
        self.msg_type
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        for (tag, value) in self.request.fields() {
            out.field(tag, value);
        }
        let lacks = |tag: Tag| self.request.get(tag).is_none();
        if let Some(order) = self.order {
            out.optional(tag::SYMBOL, lacks(tag::SYMBOL).then_some(order.symbol.as_str()));
            out.optional(tag::SIDE, lacks(tag::SIDE).then_some(&[order.side][..]));
            if self.msg_type == MsgType::ORDER_CANCEL_REQUEST {
                out.optional(tag::ORDER_QTY, lacks(tag::ORDER_QTY).then_some(order.order_qty));
            }
        }
        if self.msg_type == MsgType::ORDER_MASS_CANCEL_REQUEST && lacks(tag::MASS_CANCEL_REQUEST_TYPE) {
            let kind = if lacks(tag::SYMBOL) { ALL_ORDERS } else { ORDERS_OF_A_SECURITY };
            out.field(tag::MASS_CANCEL_REQUEST_TYPE, kind);
        }
        if self.msg_type != MsgType::ORDER_STATUS_REQUEST {
            out.field(tag::TRANSACT_TIME, self.transact_time);
        }
    }
}

/// MassCancelRequestType(530) for all orders.
const ALL_ORDERS: &str = "7";
/// MassCancelRequestType(530) for those of a symbol.
const ORDERS_OF_A_SECURITY: &str = "1";

/// A cancel of the gateway's own: kill switch, dead-man rule.
pub(super) struct OwnCancel<'o> {
    pub(super) id: &'o str,
    /// `None`: all orders, in one message.
    pub(super) order: Option<&'o Order>,
    pub(super) transact_time: UtcTimestamp,
}

impl Encode for OwnCancel<'_> {
    fn msg_type(&self) -> MsgType {
        match self.order {
            Some(_) => MsgType::ORDER_CANCEL_REQUEST,
            None => MsgType::ORDER_MASS_CANCEL_REQUEST,
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(tag::CL_ORD_ID, self.id);
        match self.order {
            Some(order) => {
                out.field(tag::ORIG_CL_ORD_ID, order.id.as_str()).field(tag::SYMBOL, order.symbol.as_str());
                out.field(tag::SIDE, &[order.side][..]).field(tag::ORDER_QTY, order.order_qty);
            }
            None => {
                out.field(tag::MASS_CANCEL_REQUEST_TYPE, ALL_ORDERS);
            }
        }
        out.field(tag::TRANSACT_TIME, self.transact_time);
    }
}
