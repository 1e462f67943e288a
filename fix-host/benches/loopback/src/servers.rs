//! What the driver measures: the bare tokio echo, and the acceptor of this project with each store.

use std::path::Path;

use fix_core::{
    dict::{Dictionary, fix44::code},
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{ExecutionReport, NewOrderSingle},
    },
    session::{
        application::{Application, Outbox},
        error::{BusinessReject, BusinessRejectReason},
    },
    store::MessageStore,
};
use fix_host::{
    config::{self, SessionSettings, System},
    contract::HostApplication,
    service::{
        error::ServiceError,
        runner::{Applications, Made, Running},
        session::{Observers, Sessions},
        shutdown,
        store::session_name,
    },
    store::{JournalOptions, JournalStore},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

/// Everything on one thread, so that one core is enough.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

/// Sends back what it reads.
pub(crate) fn echo(port: u16) -> Result<(), String> {
    let serve = async {
        let failed = |error: std::io::Error| error.to_string();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
        loop {
            let (mut stream, _) = listener.accept().await.map_err(failed)?;
            stream.set_nodelay(true).map_err(failed)?;
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                stream.write_all(&buffer[..count]).await.map_err(failed)?;
            }
        }
    };
    runtime()?.block_on(async {
        let mut stop = shutdown::on_signal().map_err(|error| error.to_string())?;
        tokio::select! {
            outcome = serve => outcome,
            _ = stop.wait_for(|stop| *stop) => Ok(()),
        }
    })
}

/// The production path: listener, session task, dictionary validation, store.
pub(crate) fn fix(store: &str, port: u16, folder: &Path) -> Result<(), String> {
    let settings = settings(store, port, folder)?;
    runtime()?.block_on(async {
        let stop = shutdown::on_signal().map_err(|error| error.to_string())?;
        let sessions = Sessions::new(false, Observers::default()).map_err(|error| error.to_string())?;
        let mut running = Running::start(settings, sessions, Fillers).await.map_err(|e| e.to_string())?;
        running.until(stop).await.map_err(|error| error.to_string())?;
        running.stop().await.map_err(|error| error.to_string())
    })
}

/// A journal that has so many messages.
pub(crate) fn fill(folder: &Path, messages: u64) -> Result<(), String> {
    let settings = settings("journal", 1, folder)?;
    let name = session_name(&settings.sessions[0]);
    let mut store =
        JournalStore::open(folder, &name, JournalOptions::default()).map_err(|error| error.to_string())?;
    let message = format!("8=FIX.4.4\x019=182\x0135=8\x01{}10=000\x01", "58=some text\x01".repeat(14));
    for number in store.next_out()..=messages {
        store.append(number, message.as_bytes()).map_err(|error| error.to_string())?;
        if number % 1000 == 0 {
            store.flush().map_err(|error| error.to_string())?;
        }
    }
    store.set_next_in(messages + 1).and_then(|()| store.flush()).map_err(|error| error.to_string())
}

fn settings(store: &str, port: u16, folder: &Path) -> Result<config::Settings, String> {
    let folder = folder.display();
    let store = match store {
        "memory" => String::new(),
        "journal" => format!("FileStorePath={folder}\n"),
        "sync" => format!("FileStorePath={folder}\nFileStoreSync=Y\n"),
        other => return Err(format!("no store {other}")),
    };
    let text = format!(
        "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=SERVER\nTargetCompID=DRIVER\n\
         SocketAcceptHost=127.0.0.1\nSocketAcceptPort={port}\n{store}"
    );
    config::parse_bytes("loopback", text.as_bytes(), &System).map_err(|error| error.to_string())
}

struct Fillers;

impl Applications for Fillers {
    type Application = Filler;

    fn make(
        &mut self,
        _id: &str,
        _settings: &SessionSettings,
        _dictionary: &'static Dictionary,
    ) -> Result<Made<Filler>, ServiceError> {
        Ok((Filler::default(), mpsc::channel(1).1))
    }
}

/// Answers every order with the report that it is filled.
#[derive(Default)]
struct Filler {
    exec_ids: u64,
}

impl HostApplication for Filler {
    type Command = ();

    fn command(&mut self, (): (), _out: &mut dyn Outbox) {}

    fn refuse((): ()) {}
}

impl Application for Filler {
    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        if message.msg_type() != MsgType::NEW_ORDER_SINGLE {
            return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE);
        }
        let order = NewOrderSingle::try_from(message)?;
        self.exec_ids += 1;
        let mut digits = itoa::Buffer::new();
        let exec_id = digits.format(self.exec_ids);
        let qty = order.order_qty.unwrap_or_default();
        let price = order.price.unwrap_or_default();
        out.send(&ExecutionReport {
            order_id: exec_id.into(),
            exec_id: exec_id.into(),
            exec_type: code::ExecType::TRADE,
            ord_status: code::OrdStatus::FILLED,
            cl_ord_id: Some(order.cl_ord_id),
            symbol: order.symbol,
            side: order.side,
            order_qty: Some(qty),
            last_qty: Some(qty),
            last_px: Some(price),
            cum_qty: qty,
            avg_px: price,
            transact_time: Some(out.now().utc),
            ..ExecutionReport::default()
        })
        .map(|_| ())
        .map_err(|_| BusinessReject::new(BusinessRejectReason::Other, "the report could not be sent"))
    }
}
