//! NewOrderSingle(D).

use fix_core::{
    dict::fix44::code,
    msg::message::Message,
    session::{application::Outbox, error::BusinessReject},
    time::{LocalMktDate, UtcTimestamp},
};

use super::{
    ExchangeApplication, NO_QTY, SideOfOrder, account,
    instructions::{self, Kind},
    named,
    quotes::Taking,
    read::NewOrder,
    side_of_order, utf8,
};
use crate::exchange::{
    orders::{Echo, Expires},
    venue::Entry,
};

impl ExchangeApplication {
    /// Takes an order.
    pub(super) fn enter(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let order = NewOrder::try_from(message)?;
        let SideOfOrder { side, said, unsupported } = side_of_order(order.side, order.locate_reqd)?;
        let account = account(order.account)?;
        let echo = Echo { account, short: said, price_type: order.price_type, origin: None };
        let time_in_force = order.time_in_force.unwrap_or(code::TimeInForce::DAY);
        let kind = Kind { ord_type: order.ord_type, time_in_force };
        let unsupported =
            unsupported.or_else(|| instructions::unsupported(message.body_fields(), kind, out.now().utc));
        if order.quote_id.is_some() || order.ord_type == code::OrdType::PREVIOUSLY_QUOTED {
            let taking = Taking {
                quote_id: order.quote_id.map(utf8).transpose()?,
                cl_ord_id: utf8(order.cl_ord_id)?,
                instrument: named(order.symbol, order.security_id, order.security_id_source)?,
                side,
                // All that was quoted, if it is not said, trades by a QuoteResponse(AJ) alone.
                qty: Some(order.order_qty.ok_or(NO_QTY)?),
                price: order.price,
                poss_resend: may_be_known(message),
                echo,
                unsupported,
            };
            return self.trade_at_quote(taking, out);
        }
        let entry = Entry {
            cl_ord_id: utf8(order.cl_ord_id)?.into(),
            instrument: named(order.symbol, order.security_id, order.security_id_source)?,
            side,
            ord_type: order.ord_type,
            price: order.price,
            stop_px: order.stop_px,
            qty: order.order_qty.ok_or(NO_QTY)?,
            min_qty: order.min_qty,
            max_floor: order.max_floor,
            time_in_force,
            expires: expires(order.expire_time, order.expire_date),
            poss_resend: may_be_known(message),
            echo,
            unsupported,
        };
        self.seat.ask(out.now().utc, &mut self.unsent, |venue, owner, told| venue.enter(owner, &entry, told));
        Ok(())
    }
}

/// The venue may have a request already: its sender says that it may be sent again (97=Y), or the session asked for it again
/// (43=Y) because a crash came between the venue's journal and the session's.
pub(super) fn may_be_known(message: &Message<'_>) -> bool {
    let header = message.header();
    header.poss_resend || header.poss_dup
}

/// The end of an order, of which the time says more than the date.
pub(super) fn expires(time: Option<UtcTimestamp>, date: Option<LocalMktDate>) -> Option<Expires> {
    time.map(Expires::At).or(date.map(Expires::On))
}
