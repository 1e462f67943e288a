//! OrderStatusRequest(H) and OrderMassStatusRequest(AF).

use fix_core::{
    dict::fix44::code::{MassStatusReqType, Side},
    msg::{
        message::Message,
        typed::{OrderMassStatusRequest, OrderStatusRequest},
    },
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason},
    },
};

use super::{ExchangeApplication, named, side, utf8};
use crate::exchange::venue::{Answer, Meant, Output};

impl ExchangeApplication {
    /// Tells how an order stands.
    pub(super) fn status(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = OrderStatusRequest::try_from(message)?;
        let cl_ord_id = utf8(request.cl_ord_id)?;
        let symbol = request.symbol.map(utf8).transpose()?.unwrap_or_default().to_owned();
        let ord_status_req_id = request.ord_status_req_id.map(utf8).transpose()?.map(str::to_owned);
        self.seat.ask(out.now().utc, &mut self.unsent, |venue, owner, told| {
            let report = venue.status(owner, cl_ord_id);
            let asked = Some((symbol, request.side)).filter(|_| report.terms.is_none());
            told.push(Output::Answer(Box::new(Answer { report, asked, ord_status_req_id, mass: None })));
        });
        Ok(())
    }

    /// Tells how each of many orders stands; that there is none, in one report.
    pub(super) fn status_of_all(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = OrderMassStatusRequest::try_from(message)?;
        let id = utf8(request.mass_status_req_id)?;
        let of_one = match request.mass_status_req_type {
            MassStatusReqType::STATUS_FOR_ORDERS_FOR_A_SECURITY => true,
            MassStatusReqType::STATUS_FOR_ALL_ORDERS => false,
            _ => return Err(UNSUPPORTED_TYPE),
        };
        let name = || named(request.symbol, request.security_id, request.security_id_source);
        let meant =
            Meant { instrument: of_one.then(name).transpose()?, side: request.side.map(side).transpose()? };
        let symbol = request.symbol.map(utf8).transpose()?.unwrap_or_default().to_owned();
        let asked = (symbol, request.side.unwrap_or(Side::UNDISCLOSED));
        self.seat.ask(out.now().utc, &mut self.unsent, |venue, owner, told| {
            let reports = venue.status_of_all(owner, meant).unwrap_or_default();
            if reports.is_empty() {
                let report = venue.unknown(owner, "");
                let mass = Some((id.to_owned(), 0, true));
                let answer = Answer { report, asked: Some(asked), ord_status_req_id: None, mass };
                return told.push(Output::Answer(Box::new(answer)));
            }
            let total = reports.len();
            told.extend((1..).zip(reports).map(|(at, report)| {
                let mass = Some((id.to_owned(), total, at == total));
                Output::Answer(Box::new(Answer { report, asked: None, ord_status_req_id: None, mass }))
            }));
        });
        Ok(())
    }
}

const UNSUPPORTED_TYPE: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "MassStatusReqType(585) must be 1 or 7 here");
