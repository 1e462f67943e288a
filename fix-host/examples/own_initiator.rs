//! An application of one's own on the host's engine: sends an order when logged on, prints what comes back, ends with
//! the fill. `fix-host exchange` on the other side; `cargo run -p fix-host --example own_initiator -- FILE.cfg`
use fix_core::{dict::fix44::code, msg::typed::*, *};
use fix_host::{Host, HostApplication};
use tokio::sync::{mpsc, watch};

struct Desk(watch::Sender<bool>);

impl Application for Desk {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        let order = NewOrderSingle {
            cl_ord_id: "OWN1".into(),
            symbol: Some("10Y".into()),
            side: code::Side::BUY,
            order_qty: Some(100.into()),
            ord_type: code::OrdType::MARKET,
            transact_time: out.now().utc,
            ..NewOrderSingle::default()
        };
        println!("MsgSeqNum(34) of the order: {:?}", out.send(&order));
    }

    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let report = ExecutionReport::try_from(message)?;
        println!("{:?}, filled {}", report.ord_status, report.cum_qty);
        self.0.send_replace(report.leaves_qty == 0.into());
        Ok(())
    }
}

impl HostApplication for Desk {
    type Command = ();
    fn command(&mut self, (): (), _out: &mut dyn Outbox) {}
    fn refuse((): ()) {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "config/quickfix.cfg".to_owned());
    let (stop, stopped) = watch::channel(false);
    let desk = move |_session: &str| (Desk(stop.clone()), mpsc::channel(1).1);
    Ok(Host::from_cfg(file)?.run_until(stopped, desk).await?)
}
