//! OrderCancelRequest(F) and OrderCancelReplaceRequest(G).

use fix_core::{
    dict::fix44::code,
    msg::message::Message,
    session::{application::Outbox, error::BusinessReject},
};

use super::{
    ExchangeApplication, NO_QTY, SideOfOrder, account,
    instructions::{self, Kind},
    named,
    new::{expires, may_be_known},
    read::{CancelOrder, ReplaceOrder},
    side_of_order, utf8,
};
use crate::exchange::{
    orders::Echo,
    venue::{Cancel, Entry, Replace},
};

impl ExchangeApplication {
    /// Takes a request to cancel.
    pub(super) fn cancel(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = CancelOrder::try_from(message)?;
        let instrument = named(request.symbol, request.security_id, request.security_id_source)?;
        let side = request.side;
        let request = Cancel {
            cl_ord_id: utf8(request.cl_ord_id)?.into(),
            orig_cl_ord_id: utf8(request.orig_cl_ord_id)?.into(),
        };
        let may_be_known = may_be_known(message);
        self.seat.ask(out.now().utc, &mut self.unsent, |venue, owner, told| {
            if !(may_be_known && venue.tell_known(owner, &request.cl_ord_id, told)) {
                venue.cancel_such(owner, request, instrument, side, told);
            }
        });
        Ok(())
    }

    /// Takes a request to replace.
    pub(super) fn replace(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = ReplaceOrder::try_from(message)?;
        let SideOfOrder { side, said, unsupported } = side_of_order(request.side, request.locate_reqd)?;
        // Whether its end fits its TimeInForce(59), which it need not say, the venue knows.
        let kind = Kind { ord_type: request.ord_type, time_in_force: code::TimeInForce::GOOD_TILL_DATE };
        let unsupported =
            unsupported.or_else(|| instructions::unsupported(message.body_fields(), kind, out.now().utc));
        let entry = Entry {
            cl_ord_id: utf8(request.cl_ord_id)?.into(),
            instrument: named(request.symbol, request.security_id, request.security_id_source)?,
            side,
            ord_type: request.ord_type,
            price: request.price,
            stop_px: request.stop_px,
            qty: request.order_qty.ok_or(NO_QTY)?,
            min_qty: request.min_qty,
            max_floor: request.max_floor,
            time_in_force: request.time_in_force.unwrap_or(code::TimeInForce::DAY),
            expires: expires(request.expire_time, request.expire_date),
            poss_resend: false,
            echo: Echo {
                account: account(request.account)?,
                short: said,
                price_type: request.price_type,
                origin: None,
            },
            unsupported,
        };
        let keeps_time = request.time_in_force.is_none();
        let orig_cl_ord_id = utf8(request.orig_cl_ord_id)?.into();
        let request = Replace { orig_cl_ord_id, entry, keeps_time };
        let may_be_known = may_be_known(message);
        self.seat.ask(out.now().utc, &mut self.unsent, |venue, owner, told| {
            if !(may_be_known && venue.tell_known(owner, &request.entry.cl_ord_id, told)) {
                venue.replace(owner, &request, told);
            }
        });
        Ok(())
    }
}
