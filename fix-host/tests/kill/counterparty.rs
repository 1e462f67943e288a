//! The exchange that the killed engine talks to: fix-core's acceptor on a blocking socket, with a ledger.

use std::{
    collections::HashMap,
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use fix_core::{
    dict::fix44::{DICTIONARY, code},
    engine::{Buffers, Engine, Step},
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{ExecutionReport, NewOrderSingle},
    },
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::BusinessReject,
    },
    store::MessageStore,
    wire::value::Text,
};
use fix_host::{clock::Clock, store::MemoryStore};

/// How often an order came in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    /// Without PossDupFlag(43)=Y; more than once is a duplicate order.
    pub(crate) unflagged: u32,
    /// With PossDupFlag(43)=Y.
    pub(crate) flagged: u32,
}

/// What the counterparty knows, by ClOrdID(11).
pub(crate) type Ledger = Arc<Mutex<HashMap<String, Taken>>>;

/// Listens on a port of its own, for as long as the test runs.
pub(crate) fn start() -> (u16, Ledger) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let ledger = Ledger::default();
    let exchange = Exchange { ledger: Arc::clone(&ledger), exec_ids: 0 };
    thread::spawn(move || serve_all(&listener, exchange));
    (port, ledger)
}

fn serve_all(listener: &TcpListener, exchange: Exchange) {
    let mut config = SessionConfig::new(Role::Acceptor, SessionId::new("EXCHANGE", "TRADEDESK").unwrap());
    config.dictionary = Some(&DICTIONARY);
    let buffers =
        Buffers { inbound: vec![0; 64 << 10], outbound: vec![0; 1 << 20], kept: vec![0; 256 << 10] };
    let mut engine = Engine::new(config, buffers, MemoryStore::default(), exchange);
    let clock = Clock::default();
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        engine.connected(clock.now());
        serve(&mut engine, &mut stream, clock);
        engine.disconnected(clock.now());
    }
}

fn serve<S: MessageStore>(engine: &mut Engine<Vec<u8>, S, Exchange>, stream: &mut TcpStream, clock: Clock) {
    stream.set_nodelay(true).expect("nodelay");
    loop {
        match engine.poll(clock.now()) {
            Step::Write(bytes) => match stream.write(bytes) {
                Ok(count) => engine.sent(count),
                Err(_) => return,
            },
            Step::Close(_) => return,
            Step::Wait(until) => {
                let left = until.map_or(Duration::from_secs(1), |until| until.since(clock.now().mono));
                stream.set_read_timeout(Some(left.max(Duration::from_millis(1)))).expect("a time-out");
                match stream.read(engine.space()) {
                    Ok(0) => return,
                    Ok(count) => engine.received(count),
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    Err(_) => return,
                }
            }
        }
    }
}

/// Acknowledges and fills every order once.
struct Exchange {
    ledger: Ledger,
    exec_ids: u64,
}

impl Application for Exchange {
    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        if message.msg_type() != MsgType::NEW_ORDER_SINGLE {
            return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE);
        }
        let order = NewOrderSingle::try_from(message)?;
        let is_first = {
            let mut ledger = self.ledger.lock().unwrap();
            let cl_ord_id = order.cl_ord_id.as_str().expect("our own ids");
            let taken = ledger.entry(cl_ord_id.to_owned()).or_default();
            let is_first = taken.unflagged + taken.flagged == 0;
            *(if message.header().poss_dup { &mut taken.flagged } else { &mut taken.unflagged }) += 1;
            is_first
        };
        if is_first {
            for (exec_type, ord_status) in [
                (code::ExecType::NEW, code::OrdStatus::NEW),
                (code::ExecType::TRADE, code::OrdStatus::FILLED),
            ] {
                self.report(&order, exec_type, ord_status, out);
            }
        }
        Ok(())
    }
}

impl Exchange {
    fn report(
        &mut self,
        order: &NewOrderSingle<'_>,
        exec_type: code::ExecType,
        ord_status: code::OrdStatus,
        out: &mut dyn Outbox,
    ) {
        self.exec_ids += 1;
        let exec_id = format!("E{}", self.exec_ids);
        let is_fill = ord_status == code::OrdStatus::FILLED;
        let qty = order.order_qty.unwrap_or_default();
        let price = "98.5".parse().unwrap();
        let (done, open) = if is_fill { (qty, Default::default()) } else { (Default::default(), qty) };
        let report = ExecutionReport {
            order_id: Text::from("O1"),
            exec_id: exec_id.as_str().into(),
            exec_type,
            ord_status,
            cl_ord_id: Some(order.cl_ord_id),
            symbol: order.symbol,
            side: order.side,
            order_qty: order.order_qty,
            last_qty: is_fill.then_some(qty),
            last_px: is_fill.then_some(price),
            cum_qty: done,
            leaves_qty: open,
            avg_px: if is_fill { price } else { Default::default() },
            transact_time: Some(out.now().utc),
            ..ExecutionReport::default()
        };
        // A report that finds no connection is stored, and asked for at the next Logon.
        out.send(&report).expect("the exchange keeps up");
    }
}
