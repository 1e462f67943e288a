//! A client on a plain TCP socket: logs on, sends an order, prints the fill, logs out. On the other side:
//! `fix-host exchange`, or the example `acceptor`. `cargo run -p fix-core --example initiator -- 127.0.0.1:9876`
use fix_core::{dict::fix44::code, msg::typed::*, *};
use std::io::{ErrorKind, Read, Write};
use std::{env, error::Error, net::TcpStream, time::*};

struct Desk;

impl Application for Desk {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        let order = NewOrderSingle {
            cl_ord_id: "A1".into(),
            symbol: Some("10Y".into()),
            side: code::Side::BUY,
            order_qty: Some(100.into()),
            ord_type: code::OrdType::MARKET,
            transact_time: out.now().utc,
            ..NewOrderSingle::default()
        };
        println!("MsgSeqNum(34) of the order: {:?}", out.send(&order));
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let report = ExecutionReport::try_from(message)?;
        println!("{:?}, filled {}", report.ord_status, report.cum_qty);
        if report.leaves_qty == 0.into() {
            out.logout(None);
        }
        Ok(())
    }
}

fn now(start: Instant) -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let utc = UtcTimestamp::from_unix(unix.as_secs() as i64, unix.subsec_nanos());
    Now { mono: Mono::from_millis(start.elapsed().as_millis() as u64), utc }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut config = SessionConfig::new(Role::Initiator, SessionId::new("TRADEDESK", "EXCHANGE")?);
    config.reset_on_logon = true; // Our numbers live as long as this program.
    let buffers = Buffers { inbound: vec![0; 8192], outbound: vec![0; 32768], kept: vec![0; 8192] };
    let mut engine = Engine::new(config, buffers, RingStore::<16, 512>::new(), Desk);
    let mut socket = TcpStream::connect(env::args().nth(1).as_deref().unwrap_or("127.0.0.1:9876"))?;
    let start = Instant::now();
    engine.connected(now(start));
    loop {
        let written = match engine.poll(now(start)) {
            Step::Write(bytes) => socket.write(bytes)?,
            Step::Close(reason) => break println!("{reason}"),
            Step::Wait(until) => {
                let wait = until.map_or(Duration::from_secs(1), |until| until.since(now(start).mono));
                socket.set_read_timeout(Some(wait.max(Duration::from_millis(1))))?;
                match socket.read(engine.space()) {
                    Ok(count) if count > 0 => engine.received(count),
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    lost => return Err(format!("the connection is lost: {lost:?}").into()),
                }
                continue;
            }
        };
        engine.sent(written);
    }
    Ok(())
}
