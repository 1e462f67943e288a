//! A venue of one's own on the host's engine, which fills every order; its numbers and messages are in the journal of
//! the .cfg. `cargo run -p fix-host --example own_acceptor -- config/exchange.cfg`
use fix_core::{dict::fix44::code, msg::typed::*, session::error::BusinessRejectReason, *};
use fix_host::{Host, HostApplication};
use tokio::sync::mpsc;

struct Venue;

impl Application for Venue {
    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let order = NewOrderSingle::try_from(message)?;
        let (quantity, price) = (order.order_qty.unwrap_or_default(), order.price.unwrap_or(100.into()));
        let id = format!("{}-{}", out.now().utc.unix_seconds(), order.cl_ord_id.as_str().unwrap_or_default());
        let report = ExecutionReport {
            order_id: id.as_str().into(),
            exec_id: id.as_str().into(),
            cl_ord_id: Some(order.cl_ord_id),
            exec_type: code::ExecType::TRADE,
            ord_status: code::OrdStatus::FILLED,
            symbol: order.symbol,
            side: order.side,
            last_qty: Some(quantity),
            last_px: Some(price),
            cum_qty: quantity,
            avg_px: price,
            ..ExecutionReport::default()
        };
        let unsent =
            BusinessReject::new(BusinessRejectReason::ApplicationNotAvailable, "no report can be sent");
        out.send(&report).map(|_| ()).map_err(|_| unsent)
    }
}

impl HostApplication for Venue {
    type Command = ();
    fn command(&mut self, (): (), _out: &mut dyn Outbox) {}
    fn refuse((): ()) {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "config/exchange.cfg".to_owned());
    Ok(Host::from_cfg(file)?.run(|_session| (Venue, mpsc::channel(1).1)).await?)
}
