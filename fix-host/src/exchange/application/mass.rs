//! OrderMassCancelRequest(q).

use fix_core::{
    dict::fix44::code::MassCancelRequestType,
    msg::{message::Message, typed::OrderMassCancelRequest},
    session::{application::Outbox, error::BusinessReject},
};

use super::{ExchangeApplication, named, side, utf8};
use crate::exchange::venue::{MassCancel, Meant, Output};

impl ExchangeApplication {
    /// Cancels many orders, and says how many.
    pub(super) fn cancel_all(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = OrderMassCancelRequest::try_from(message)?;
        let request_type = request.mass_cancel_request_type;
        let cl_ord_id = utf8(request.cl_ord_id)?;
        let of_one = match request_type {
            MassCancelRequestType::CANCEL_ORDERS_FOR_A_SECURITY => Some(true),
            MassCancelRequestType::CANCEL_ALL_ORDERS => Some(false),
            _ => None,
        };
        let name = || named(request.symbol, request.security_id, request.security_id_source);
        let meant = match of_one {
            Some(of_one) => Some(Meant {
                instrument: of_one.then(name).transpose()?,
                side: request.side.map(side).transpose()?,
            }),
            None => None,
        };
        let symbol = request.symbol.map(utf8).transpose()?.map(str::to_owned);
        self.seat.ask(out.now().utc, &mut self.unsent, |venue, owner, told| {
            let outcome = match meant {
                None => Err(("0", "MassCancelRequestType(530) must be 1 or 7 here")),
                Some(meant) => {
                    let cancelled = venue.cancel_all(owner, meant, told);
                    cancelled.ok_or(("1", "no such instrument"))
                }
            };
            told.push(Output::MassCancel(Box::new(MassCancel {
                owner,
                number: venue.exec_id(),
                cl_ord_id: cl_ord_id.to_owned(),
                request_type,
                symbol,
                side: request.side,
                outcome,
            })));
        });
        Ok(())
    }
}
