//! A counterparty on fix-core: takes orders, writes a ledger, fills what trades.

use std::collections::BTreeMap;

use fix_core::{
    Application, Buffers, BusinessReject, Decimal, Engine, Message, MsgType, Now, Outbox, RingStore, Role,
    SessionConfig, SessionId, code,
    msg::typed::{ExecutionReport, OrderCancelReject, OrderMassCancelReport},
    tag,
};

/// What the venue knows.
#[derive(Default)]
pub struct Ledger {
    /// Every order that came, without those with PossDupFlag(43)=Y that came before.
    pub orders: Vec<String>,
    /// Orders that came twice.
    pub doubles: Vec<String>,
    pub open: BTreeMap<String, Decimal>,
    pub mass_cancels: usize,
    pub logons: usize,
    execs: u64,
}

impl Ledger {
    fn exec(&mut self) -> String {
        self.execs += 1;
        format!("E{}", self.execs)
    }
}

impl Application for Ledger {
    fn on_logon(&mut self, _out: &mut dyn Outbox) {
        self.logons += 1;
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let id: &str = message.required(tag::CL_ORD_ID)?;
        match message.msg_type() {
            MsgType::NEW_ORDER_SINGLE => {
                if self.orders.iter().any(|known| known == id) {
                    self.doubles.push(id.to_owned());
                }
                self.orders.push(id.to_owned());
                let qty: Decimal = message.required(tag::ORDER_QTY)?;
                // What rests: everything of the symbol REST.
                let fills = message.get(tag::SYMBOL) != Some(b"REST");
                if !fills {
                    self.open.insert(id.to_owned(), qty);
                }
                let exec_id = self.exec();
                let report = ExecutionReport {
                    order_id: id.into(),
                    exec_id: exec_id.as_str().into(),
                    exec_type: if fills { code::ExecType::TRADE } else { code::ExecType::NEW },
                    ord_status: if fills { code::OrdStatus::FILLED } else { code::OrdStatus::NEW },
                    cl_ord_id: Some(id.into()),
                    symbol: Some(message.get(tag::SYMBOL).unwrap_or_default().into()),
                    side: code::Side::BUY,
                    order_qty: Some(qty),
                    last_qty: fills.then_some(qty),
                    last_px: fills.then_some(Decimal::new(10125, 2)),
                    cum_qty: if fills { qty } else { 0.into() },
                    leaves_qty: if fills { 0.into() } else { qty },
                    avg_px: 0.into(),
                    ..ExecutionReport::default()
                };
                out.send(&report).expect("room");
            }
            MsgType::ORDER_CANCEL_REQUEST => {
                let orig: &str = message.required(tag::ORIG_CL_ORD_ID)?;
                match self.open.remove(orig) {
                    Some(qty) => self.cancelled(orig, id, qty, out),
                    None => {
                        let reject = OrderCancelReject {
                            order_id: "NONE".into(),
                            cl_ord_id: id.into(),
                            orig_cl_ord_id: orig.into(),
                            ord_status: code::OrdStatus::REJECTED,
                            cxl_rej_response_to: code::CxlRejResponseTo::ORDER_CANCEL_REQUEST,
                            ..OrderCancelReject::default()
                        };
                        out.send(&reject).expect("room");
                    }
                }
            }
            MsgType::ORDER_MASS_CANCEL_REQUEST => {
                self.mass_cancels += 1;
                let report = OrderMassCancelReport {
                    cl_ord_id: Some(id.into()),
                    order_id: "M".into(),
                    mass_cancel_request_type: code::MassCancelRequestType::CANCEL_ALL_ORDERS,
                    mass_cancel_response: code::MassCancelResponse::CANCEL_ALL_ORDERS,
                    ..OrderMassCancelReport::default()
                };
                out.send(&report).expect("room");
                for (orig, qty) in std::mem::take(&mut self.open) {
                    self.cancelled(&orig, id, qty, out);
                }
            }
            _ => return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
        Ok(())
    }
}

impl Ledger {
    fn cancelled(&mut self, orig: &str, id: &str, qty: Decimal, out: &mut dyn Outbox) {
        let exec_id = self.exec();
        let report = ExecutionReport {
            order_id: orig.into(),
            exec_id: exec_id.as_str().into(),
            exec_type: code::ExecType::CANCELED,
            ord_status: code::OrdStatus::CANCELED,
            cl_ord_id: Some(id.into()),
            orig_cl_ord_id: Some(orig.into()),
            side: code::Side::BUY,
            order_qty: Some(qty),
            cum_qty: 0.into(),
            leaves_qty: 0.into(),
            avg_px: 0.into(),
            ..ExecutionReport::default()
        };
        out.send(&report).expect("room");
    }
}

/// The venue's side of the session.
pub type Venue = Engine<Vec<u8>, RingStore<256, 512>, Ledger>;

pub fn venue() -> Venue {
    let config = SessionConfig::new(Role::Acceptor, SessionId::new("EXCHANGE", "BOARD").unwrap());
    let buffers = Buffers { inbound: vec![0; 8192], outbound: vec![0; 65536], kept: vec![0; 8192] };
    Engine::new(config, buffers, RingStore::new(), Ledger::default())
}

/// Moves bytes between the venue and a connection; true if any moved.
pub fn serve(venue: &mut Venue, now: Now, from: &mut Vec<u8>, to: &mut Vec<u8>, room: usize) -> (bool, bool) {
    let mut moved = false;
    let space = venue.space();
    let count = space.len().min(from.len());
    if count > 0 {
        space[..count].copy_from_slice(&from[..count]);
        from.drain(..count);
        venue.received(count);
        moved = true;
    }
    match venue.poll(now) {
        fix_core::Step::Write(bytes) => {
            let count = bytes.len().min(room.saturating_sub(to.len()));
            to.extend(&bytes[..count]);
            venue.sent(count);
            (moved || count > 0, false)
        }
        fix_core::Step::Wait(_) => (moved, false),
        fix_core::Step::Close(_) => (moved, true),
    }
}
