//! What would go out for a command: the message as the session would write it, and what the command is held against.
//! Nothing is sent, no MsgSeqNum(34) is used, and no limit counts it.

use fix_core::{
    decimal::Decimal,
    pre_trade::{BasisPoints, Gate, Limits, OrderValues, Refusal},
    session::config::SessionId,
    tag,
    time::Now,
    wire::writer::{Encode, MessageWriter},
};

use super::{Desk, pre_trade::Checked};
use crate::contract::{
    Outgoing,
    fields::OrderField,
    order::OrderCommand,
    request::{Check, Draft, OrderReply},
};

/// The longest message that is shown.
const LONGEST: usize = 64 * 1024;

/// What others know of a command that is not sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// Its ClOrdID(11) is another order's.
    pub is_used: bool,
    /// The MsgSeqNum(34) sent next.
    pub next_out: u64,
}

impl Desk {
    pub(super) fn preview(&mut self, command: &OrderCommand, foreseen: Foreseen, now: Now) -> OrderReply {
        let rejected = |text: String| OrderReply::Rejected { text };
        let more = match self.extras.of(command) {
            Ok(more) => more,
            Err(error) => return rejected(error.to_string()),
        };
        let Some(id) = &self.id else { return rejected("the session is not made yet".to_owned()) };
        let message = match encode(command, &more, (id, foreseen.next_out), now) {
            Some(message) => message,
            None => {
                return rejected(format!(
                    "the message is longer than {LONGEST} bytes, or has SOH in a value"
                ));
            }
        };
        let mut checks = Vec::new();
        let said = Checked::of(command).and_then(|order| self.market_data.last_price(order.symbol));
        if let Some(order) = Checked::of(command) {
            checks = self.pre_trade.checks(&order, said);
        }
        if foreseen.is_used {
            let text = "ClOrdID(11) was used before: it would be refused as a duplicate";
            checks.push(Check { ok: false, is_halt: false, text: text.to_owned() });
        }
        // The whole of what an order has to keep to: what the lines above do not name is named here.
        if let Err(text) = self.judged(command, now) {
            let is_halt = self.canceller.refusal().as_ref() == Some(&text);
            checks.push(Check { ok: false, is_halt, text });
        }
        OrderReply::Preview(Box::new(Draft { session: self.session.clone(), message, checks }))
    }
}

/// The message with the session's header.
fn encode(
    command: &OrderCommand,
    more: &[OrderField],
    (id, next_out): (&SessionId, u64),
    now: Now,
) -> Option<Vec<u8>> {
    let mut buffer = vec![0; LONGEST];
    let outgoing = Outgoing { command, more };
    let mut message = MessageWriter::new(&mut buffer, id.begin_string.as_bytes(), outgoing.msg_type());
    let said = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let out = message.writer();
    out.field(tag::MSG_SEQ_NUM, next_out)
        .field(tag::SENDER_COMP_ID, id.sender_comp_id.as_str())
        .optional(tag::SENDER_SUB_ID, said(id.sender_sub_id.as_str()).as_deref())
        .field(tag::SENDING_TIME, now.utc)
        .field(tag::TARGET_COMP_ID, id.target_comp_id.as_str())
        .optional(tag::TARGET_SUB_ID, said(id.target_sub_id.as_str()).as_deref())
        .optional(tag::SENDER_LOCATION_ID, said(id.sender_location_id.as_str()).as_deref())
        .optional(tag::TARGET_LOCATION_ID, said(id.target_location_id.as_str()).as_deref());
    outgoing.encode_body(out);
    let len = message.finish().ok()?;
    buffer.truncate(len);
    Some(buffer)
}

impl super::pre_trade::PreTrade {
    /// The limits that stand for this order, each with what the order has.
    fn checks(&self, order: &Checked<'_>, said: Option<Decimal>) -> Vec<Check> {
        let (limits, session) = self.limits_of(order.symbol);
        let last_price = said.or_else(|| self.last_fill(order.symbol));
        let values =
            OrderValues { request: order.request, order_qty: order.qty, price: order.price, last_price };
        let mut checks = Vec::new();
        let mut check = |only: Limits, text: String| {
            let only = Limits { without_price: limits.without_price, ..only };
            let refusal = Gate::new(only).check(&values, fix_core::time::Mono::from_micros(0)).err();
            let text = match refusal {
                Some(Refusal::PriceUnknown) => format!("{text}: no price is known to hold it against"),
                _ => text,
            };
            checks.push(Check { ok: refusal.is_none(), is_halt: false, text });
        };
        if let Some(most) = limits.max_order_qty {
            let only = Limits { max_order_qty: Some(most), ..Limits::default() };
            check(only, format!("{} of at most {most} an order", order.qty));
        }
        if let Some(most) = limits.max_notional {
            let only = Limits { max_notional: Some(most), ..Limits::default() };
            let price = order.price.or(last_price).and_then(|price| price.checked_mul(order.qty));
            let value = price.map(|value| format!("{value} ")).unwrap_or_default();
            check(only, format!("notional {value}of at most {most}"));
        }
        if let (Some(band), Some(price)) = (limits.price_band, order.price) {
            let only = Limits { price_band: Some(band), ..Limits::default() };
            let last = last_price.map(|last| format!(" of {last}")).unwrap_or_default();
            check(only, format!("{price} within {} %{last}", percent(band)));
        }
        for (most, open) in session {
            let (ok, text) = (open < most, format!("{open} orders are open, of at most {most}"));
            checks.push(Check { ok, is_halt: false, text });
        }
        checks
    }
}

fn percent(band: BasisPoints) -> Decimal {
    Decimal::new(band.0.into(), 2).normalized()
}
