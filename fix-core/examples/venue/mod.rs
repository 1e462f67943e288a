//! The application of the examples `acceptor` and `virtual_time`: a venue that fills every order at its price.

use fix_core::{
    Application, BusinessReject, Decimal, Message, MsgType, Outbox,
    dict::fix44::code::{ExecType, OrdStatus},
    msg::typed::{ExecutionReport, NewOrderSingle},
    session::error::BusinessRejectReason,
};

/// Fills every order.
#[derive(Default)]
pub(crate) struct Venue {
    /// How many orders it has filled.
    pub(crate) filled: u32,
}

impl Application for Venue {
    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        if message.msg_type() != MsgType::NEW_ORDER_SINGLE {
            return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE);
        }
        // A field that is missing or cannot be read becomes a BusinessMessageReject by `?` alone.
        let order = NewOrderSingle::try_from(message)?;
        let quantity = order.order_qty.unwrap_or_default();
        let price = order.price.unwrap_or(100.into());
        let id = format!("{}", self.filled + 1);
        let report = ExecutionReport {
            order_id: id.as_str().into(),
            exec_id: id.as_str().into(),
            cl_ord_id: Some(order.cl_ord_id),
            exec_type: ExecType::TRADE,
            ord_status: OrdStatus::FILLED,
            symbol: order.symbol,
            side: order.side,
            order_qty: Some(quantity),
            last_qty: Some(quantity),
            last_px: Some(price),
            cum_qty: quantity,
            avg_px: price,
            leaves_qty: Decimal::default(),
            ..ExecutionReport::default()
        };
        let unsent =
            BusinessReject::new(BusinessRejectReason::ApplicationNotAvailable, "no report can be sent");
        out.send(&report).map_err(|_| unsent)?;
        self.filled += 1;
        Ok(())
    }
}
