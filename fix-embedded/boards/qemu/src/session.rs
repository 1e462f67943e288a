//! The smallest use of the core on a board: one FIX session over TCP that sends some orders, waits for their fills, stays
//! for a while and logs out. No flash: its numbers begin at 1 with each Logon.
//!
//! Parameters: `host` (10.0.2.2, which is the machine that runs QEMU), `port` (9876), `orders` (3), `heartbeat` (2
//! seconds), `seconds` (0, which the session stays idle after the last fill).
use embassy_net::Stack;
use embassy_time::{Duration, Instant};
use fix_core::{
    Application, BusinessReject, Message, Outbox,
    decimal::Decimal,
    dict::fix44::code::{OrdType, Side},
    engine::Buffers,
    flight::Recorded,
    msg::typed::{ExecutionReport, NewOrderSingle},
    session::{
        config::{Role, SessionConfig, SessionId},
        state::CloseReason,
    },
    store::ring::RingStore,
    time::Now,
};
use fix_embedded::{
    board::Connect,
    clock::Clock,
    config::Host,
    net::{Beside, Ended, serve_beside},
    tcp::Tcp,
};
use static_cell::ConstStaticCell;

use crate::{exit, host_time, parameters::Parameters};

/// Sends an order as soon as the one before is filled.
struct Desk {
    orders: u32,
    filled: u32,
    /// How long the session stays after the last fill.
    idle: Duration,
    /// When to log out.
    logs_out_at: Instant,
}

impl Desk {
    fn send(&mut self, out: &mut dyn Outbox) {
        let mut cl_ord_id = *b"ORDER-00000";
        let mut rest = self.filled + 1;
        for digit in cl_ord_id.iter_mut().rev().take(5) {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let order = NewOrderSingle {
            cl_ord_id: core::str::from_utf8(&cl_ord_id).unwrap_or_default().into(),
            symbol: Some("10Y".into()),
            side: Side::BUY,
            order_qty: Some(100.into()),
            ord_type: OrdType::MARKET,
            transact_time: out.now().utc,
            ..NewOrderSingle::default()
        };
        if out.send(&order).is_err() {
            defmt::panic!("an order was refused");
        }
    }
}

impl Application for Desk {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        defmt::info!("logged on");
        if self.orders > 0 {
            self.send(out);
        }
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let report = ExecutionReport::try_from(message)?;
        if report.leaves_qty == Decimal::from(0) && report.cum_qty > Decimal::from(0) {
            self.filled += 1;
            if self.filled < self.orders {
                self.send(out);
            } else {
                defmt::info!("{=u32} orders filled", self.filled);
                self.logs_out_at = Instant::now() + self.idle;
            }
        }
        Ok(())
    }
}

/// Logs out when the desk wants it.
struct Goodbye {
    at: Instant,
}

/// The session's engine, which nobody records.
type Session = Recorded<&'static mut [u8], RingStore<8, 256>, Desk, ()>;

impl Beside<Session> for Goodbye {
    fn act(&mut self, engine: &mut Session, _now: Now) {
        self.at = engine.application().logs_out_at;
        if Instant::now() >= self.at {
            engine.application_mut().logs_out_at = Instant::MAX;
            engine.logout(None);
        }
    }

    fn deadline(&self) -> Instant {
        self.at
    }
}

/// The counterparty is the exchange of `fix-host exchange`, with the names of its configuration.
fn engine(parameters: Parameters) -> Session {
    static INBOUND: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    static OUTBOUND: ConstStaticCell<[u8; 2048]> = ConstStaticCell::new([0; 2048]);
    static KEPT: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    let Ok(id) = SessionId::new("TRADEDESK", "EXCHANGE") else { defmt::panic!("names that are too long") };
    let mut config = SessionConfig::new(Role::Initiator, id);
    config.heart_bt_int = parameters.get("heartbeat", 2);
    config.reset_on_logon = true;
    let buffers = Buffers { inbound: &mut INBOUND.take()[..], outbound: OUTBOUND.take(), kept: KEPT.take() };
    let desk = Desk {
        orders: parameters.get("orders", 3),
        filled: 0,
        idle: Duration::from_secs(parameters.get("seconds", 0)),
        logs_out_at: Instant::MAX,
    };
    Recorded::new(config, buffers, RingStore::new(), desk, ())
}

/// The program.
pub async fn run(stack: Stack<'static>, parameters: Parameters) -> ! {
    static RECEIVE: ConstStaticCell<[u8; 2048]> = ConstStaticCell::new([0; 2048]);
    static TRANSMIT: ConstStaticCell<[u8; 2048]> = ConstStaticCell::new([0; 2048]);
    stack.wait_config_up().await;
    defmt::info!("network is up: {}", stack.config_v4());
    let mut clock = Clock::default();
    clock.set_utc(Instant::now(), host_time::utc());
    let host =
        Host { name: parameters.text("host").unwrap_or("10.0.2.2"), port: parameters.get("port", 9876) };
    let mut engine = engine(parameters);
    let mut tcp = Tcp::new(stack, RECEIVE.take(), TRANSMIT.take());
    let ended = match tcp.connect(&host).await {
        Ok((reader, writer)) => {
            serve_beside(&mut engine, &clock, reader, writer, &mut Goodbye { at: Instant::MAX }).await
        }
        Err(error) => {
            defmt::error!("no connection to {=str}:{=u16}: {}", host.name, host.port, error);
            exit::failed()
        }
    };
    tcp.close().await;
    match ended {
        Ended::Closed(reason @ (CloseReason::LogoutAnswered | CloseReason::LogoutReceived)) => {
            defmt::info!("logged out: {}", reason);
            exit::done()
        }
        ended => defmt::error!("the session ended: {}", ended),
    }
    exit::failed()
}
