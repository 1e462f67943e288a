//! The host's requests: checked, sent, answered.

use fix_core::{
    MsgType, Now, SendError, Tag,
    flight::{Recorded, Tape},
    pre_trade::{OrderValues, Request as Kind},
    session::{Buffer, state::Phase},
    tag,
};

use super::{
    Desk,
    outgoing::{Outgoing, OwnCancel},
};
use crate::{
    book::{ClOrdId, Order},
    intake::{Request, Word},
    memory::{Handle, State, change, look},
};

/// The engine of a gateway.
pub(crate) type GatewayEngine<
    'g,
    B,
    const MESSAGES: usize,
    const BYTES: usize,
    const ORDERS: usize,
    const USED: usize,
    T,
> = Recorded<B, Handle<'g, State<MESSAGES, BYTES, ORDERS, USED>>, Desk<'g, MESSAGES, BYTES, ORDERS, USED>, T>;

/// Sends what a line asks for. Its number, for the answer that may be given once it is in the flash; a refusal is
/// answered at once.
pub(crate) fn request<B: Buffer, T: Tape, const M: usize, const N: usize, const O: usize, const U: usize>(
    engine: &mut GatewayEngine<'_, B, M, N, O, U, T>,
    request: &Request<'_>,
    now: Now,
) -> Option<u64> {
    match send(engine, message_type(request)?, request, now) {
        Ok(number) => Some(number),
        Err(refusal) => {
            engine.application().reports.say("NO", |line| {
                line.field(tag::CL_ORD_ID, request.get(tag::CL_ORD_ID));
                line.shown(tag::TEXT, refusal);
            });
            None
        }
    }
}

/// The message that a request becomes, if it becomes one.
fn message_type(request: &Request<'_>) -> Option<MsgType> {
    match request.word {
        Word::New => Some(MsgType::NEW_ORDER_SINGLE),
        Word::Cancel => Some(MsgType::ORDER_CANCEL_REQUEST),
        Word::Replace => Some(MsgType::ORDER_CANCEL_REPLACE_REQUEST),
        Word::MassCancel => Some(MsgType::ORDER_MASS_CANCEL_REQUEST),
        Word::Status if request.get(tag::CL_ORD_ID).is_some() => Some(MsgType::ORDER_STATUS_REQUEST),
        _ => None,
    }
}

/// Why a request is not sent. No number was used.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    Stopped(&'static str),
    Used,
    BookFull,
    Unanswered,
    UnknownOrder,
    /// The order is not known to the gateway, so the field is needed.
    Needs(Tag),
    Limit(fix_core::pre_trade::Refusal),
    Blocked,
    Send(SendError),
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Refusal::Stopped(why) => f.write_str(why),
            Refusal::Used => f.write_str("ClOrdID(11) was used before"),
            Refusal::BookFull => f.write_str("as many orders are open as the gateway has memory for"),
            Refusal::Unanswered => {
                f.write_str("as many requests are not answered as the gateway keeps to send again: try again")
            }
            Refusal::UnknownOrder => f.write_str("OrigClOrdID(41) is no open order of the gateway"),
            Refusal::Needs(tag) => {
                write!(f, "the order is not known to the gateway: {tag} is needed")
            }
            Refusal::Blocked => f.write_str(
                "the counterparty takes nothing, and what is to be sent to it fills the memory: try again",
            ),
            Refusal::Limit(refusal) => core::fmt::Display::fmt(refusal, f),
            Refusal::Send(error) => core::fmt::Display::fmt(error, f),
        }
    }
}

fn send<B: Buffer, T: Tape, const M: usize, const N: usize, const O: usize, const U: usize>(
    engine: &mut GatewayEngine<'_, B, M, N, O, U, T>,
    msg_type: MsgType,
    request: &Request<'_>,
    now: Now,
) -> Result<u64, Refusal> {
    // What takes nothing while nobody is logged on is refused by that, below.
    if engine.status().phase == Phase::LoggedOn && !engine.has_room() {
        return Err(Refusal::Blocked);
    }
    let desk = engine.application_mut();
    let state = desk.state;
    let asks = msg_type == MsgType::ORDER_STATUS_REQUEST;
    let orig = request.get(if asks { tag::CL_ORD_ID } else { tag::ORIG_CL_ORD_ID }).unwrap_or_default();
    let order: Option<Order> = change(state).book.find(orig).cloned();
    if !asks && look(state).book.is_used(request.text(tag::CL_ORD_ID)) {
        return Err(Refusal::Used);
    }
    match msg_type {
        MsgType::NEW_ORDER_SINGLE if !look(state).book.has_room() => return Err(Refusal::BookFull),
        MsgType::ORDER_CANCEL_REPLACE_REQUEST if order.is_none() => return Err(Refusal::UnknownOrder),
        MsgType::ORDER_CANCEL_REQUEST | MsgType::ORDER_STATUS_REQUEST if order.is_none() => {
            let needed = [tag::SYMBOL, tag::SIDE].into_iter().find(|tag| request.get(*tag).is_none());
            needed.map_or(Ok(()), |tag| Err(Refusal::Needs(tag)))?;
        }
        _ => {}
    }
    let kind = match request.word {
        Word::New => Some(Kind::New),
        Word::Replace => Some(Kind::Replace),
        _ => None,
    };
    if let Some(kind) = kind {
        // If the counterparty missed that one, it would get a gap fill for it.
        if look(state).would_displace() {
            return Err(Refusal::Unanswered);
        }
        desk.check(kind, request, order.as_ref(), now)?;
    }
    let message = Outgoing { msg_type, request, order: order.as_ref(), transact_time: now.utc };
    // As from a callback: the desk has checked it, and `to_app` is for what is sent again.
    let number = engine.with_application(now, |_, out| out.send(&message)).map_err(Refusal::Send)?;
    if !asks {
        // What it lacks for the book it lacks for a NEW only, whose fields were checked.
        let _ = change(state).book.sent(msg_type, number, |tag| request.get(tag));
    }
    if let Some(kind) = kind {
        engine.application_mut().gate.sent(kind, now.mono);
    }
    Ok(number)
}

impl<const M: usize, const N: usize, const O: usize, const U: usize> Desk<'_, M, N, O, U> {
    /// Whether the order may be sent at all.
    fn check(
        &mut self,
        kind: Kind,
        request: &Request<'_>,
        order: Option<&Order>,
        now: Now,
    ) -> Result<(), Refusal> {
        if let Some(why) = self.stopped {
            return Err(Refusal::Stopped(why));
        }
        if let Some(why) = self.flash_is_full {
            return Err(Refusal::Stopped(why));
        }
        let open = look(self.state).book.orders().len();
        self.gate.set_open_orders(u32::try_from(open).unwrap_or(u32::MAX));
        let symbol = request.get(tag::SYMBOL).or(order.map(|order| order.symbol.as_bytes()));
        let prices = self.last_prices.borrow();
        let known = prices.iter().find(|(other, _)| Some(other.as_bytes()) == symbol);
        let values = OrderValues {
            request: kind,
            order_qty: request.number(tag::ORDER_QTY).unwrap_or_default(),
            price: request.number(tag::PRICE),
            last_price: known.map(|(_, price)| *price),
        };
        self.gate.check(&values, now.mono).map_err(Refusal::Limit)
    }
}

/// Cancels an order, or all of them, for the gateway itself. False if there is no room now.
pub(crate) fn own_cancel<
    B: Buffer,
    T: Tape,
    const M: usize,
    const N: usize,
    const O: usize,
    const U: usize,
>(
    engine: &mut GatewayEngine<'_, B, M, N, O, U, T>,
    id: &ClOrdId,
    order: Option<&Order>,
    now: Now,
) -> bool {
    let message = OwnCancel { id, order, transact_time: now.utc };
    let sent = engine.with_application(now, |_, out| out.send(&message));
    let desk = engine.application_mut();
    match sent {
        Ok(number) => {
            let book = &mut change(desk.state).book;
            let msg_type = fix_core::Encode::msg_type(&message);
            let _ = book.sent(msg_type, number, |tag| match tag {
                tag::CL_ORD_ID => Some(id.as_bytes()),
                tag::ORIG_CL_ORD_ID => order.map(|order| order.id.as_bytes()),
                _ => None,
            });
            desk.reports.say("CANCELLING", |line| {
                line.field(tag::CL_ORD_ID, Some(id.as_bytes()));
                line.field(tag::ORIG_CL_ORD_ID, order.map(|order| order.id.as_bytes()));
                line.shown(tag::MSG_SEQ_NUM, number);
            });
            true
        }
        Err(_) => false,
    }
}
