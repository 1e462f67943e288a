//! The session of a killed exchange: fix-core's initiator on a blocking socket. It outlives the exchange.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use fix_core::{
    dict::fix44::DICTIONARY,
    engine::{Buffers, Engine, Step},
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::{AdminRefusal, BusinessReject},
        state::CloseReason,
    },
    tag::{self, Tag},
    wire::writer::{Encode, Writer},
};
use fix_host::{
    clock::{Clock, utc_now},
    store::MemoryStore,
};
use rand::{RngExt, rngs::SmallRng};

use crate::told::{Order, Told};

/// Requests that may wait for their answers before more are sent.
const MOST_UNANSWERED: usize = 40;
/// Live orders from which on more are cancelled than entered.
const MANY_LIVE: usize = 100;
/// Not in the list of the exchange, which quotes nothing of them: all that trades is of this session.
const SYMBOLS: [&str; 2] = ["KILL.A", "KILL.B"];

/// What is to happen while a connection lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Orders are entered, cancelled and replaced until then.
    Moment(Instant),
    /// Nothing new is asked but how each order stands; until all is answered, or it is this late.
    Answered(Instant),
    /// All that the exchange has written is read.
    End,
}

/// The session.
pub(crate) struct Trader {
    engine: Engine<Vec<u8>, MemoryStore, Desk>,
    clock: Clock,
    rng: SmallRng,
    requests: u64,
    /// Orders that are to be asked about.
    to_ask: Vec<Order>,
}

/// Hears what is told.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) told: Told,
    is_logged_on: bool,
}

impl Application for Desk {
    fn on_logon(&mut self, _out: &mut dyn Outbox) {
        self.is_logged_on = true;
    }

    fn on_logout(&mut self, _reason: CloseReason) {
        self.is_logged_on = false;
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        if message.msg_type() == MsgType::REJECT {
            self.told.fault(message, "a request is rejected");
        }
        Ok(())
    }

    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::EXECUTION_REPORT => self.told.report(message),
            MsgType::ORDER_CANCEL_REJECT => self.told.cancel_reject(message),
            _ => self.told.fault(message, "an answer that nothing asked for"),
        }
        Ok(())
    }
}

/// A request, field by field.
struct Request(&'static str, Vec<(Tag, String)>);

impl Encode for Request {
    fn msg_type(&self) -> MsgType {
        MsgType::from_static(self.0.as_bytes())
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        for (tag, value) in &self.1 {
            out.field(*tag, value.as_str());
        }
        if self.0 != "H" {
            out.field(tag::TRANSACT_TIME, utc_now());
        }
    }
}

impl Trader {
    pub(crate) fn new(rng: SmallRng) -> Self {
        let id = SessionId::new("TRADEDESK", "EXCHANGE").expect("CompIDs");
        let mut config = SessionConfig::new(Role::Initiator, id);
        config.dictionary = Some(&DICTIONARY);
        config.resend_order_max_age = None;
        let buffers =
            Buffers { inbound: vec![0; 64 << 10], outbound: vec![0; 1 << 20], kept: vec![0; 256 << 10] };
        let engine = Engine::new(config, buffers, MemoryStore::default(), Desk::default());
        Trader { engine, clock: Clock::default(), rng, requests: 0, to_ask: Vec::new() }
    }

    pub(crate) fn told(&mut self) -> &mut Told {
        &mut self.engine.application_mut().told
    }

    /// A connection to the exchange, which may be starting.
    pub(crate) fn connect(&mut self, port: u16) -> TcpStream {
        let deadline = Instant::now() + Duration::from_secs(30);
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(error) => assert!(Instant::now() < deadline, "the exchange does not listen: {error}"),
            }
            thread::sleep(Duration::from_millis(2));
        };
        stream.set_nodelay(true).expect("nodelay");
        self.engine.connected(self.clock.now());
        stream
    }

    pub(crate) fn disconnected(&mut self) {
        self.engine.disconnected(self.clock.now());
    }

    /// Works on the connection; true if it is still there at the end.
    pub(crate) fn work(&mut self, stream: &mut TcpStream, until: Until) -> bool {
        let mut has_asked = until == Until::End;
        loop {
            if self.engine.application().is_logged_on {
                if !std::mem::replace(&mut has_asked, true) {
                    let orders = self.told().orders_to_ask(matches!(until, Until::Answered(_)));
                    self.to_ask.extend(orders);
                }
                self.ask();
                if matches!(until, Until::Moment(_)) && self.told().asked.is_empty() {
                    self.act();
                }
            }
            let is_over = match until {
                Until::Moment(moment) => Instant::now() >= moment,
                Until::Answered(latest) => {
                    let (all_asked, told) = (has_asked && self.to_ask.is_empty(), self.told());
                    let is_answered = told.asked.is_empty() && told.unanswered.is_empty();
                    all_asked && is_answered || Instant::now() >= latest
                }
                Until::End => false,
            };
            if is_over {
                return true;
            }
            if !self.step(stream) {
                return false;
            }
        }
    }

    /// Writes what is due, or reads for a moment; false if the connection is gone.
    fn step(&mut self, stream: &mut TcpStream) -> bool {
        match self.engine.poll(self.clock.now()) {
            Step::Write(bytes) => match stream.write(bytes) {
                Ok(count) => self.engine.sent(count),
                // What the exchange has written may be there all the same.
                Err(_) => return self.read(stream),
            },
            Step::Close(_) => return false,
            Step::Wait(_) => return self.read(stream),
        }
        true
    }

    fn read(&mut self, stream: &mut TcpStream) -> bool {
        stream.set_read_timeout(Some(Duration::from_millis(1))).expect("a time-out");
        match stream.read(self.engine.space()) {
            Ok(0) => false,
            Ok(count) => {
                self.engine.received(count);
                true
            }
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// Asks how orders stand, if not too much waits for an answer.
    fn ask(&mut self) {
        while self.told().asked.len() < MOST_UNANSWERED
            && let Some(Order { cl_ord_id, symbol, side, .. }) = self.to_ask.pop()
        {
            let id = self.next_id('Q');
            self.told().asked.insert(id.clone());
            let fields = vec![
                (tag::CL_ORD_ID, cl_ord_id),
                (tag::ORD_STATUS_REQ_ID, id),
                (tag::SYMBOL, symbol),
                (tag::SIDE, side),
            ];
            self.send("H", fields);
        }
    }

    /// Enters, cancels and replaces a few orders, if not too much waits for an answer.
    fn act(&mut self) {
        if self.told().unanswered.len() > MOST_UNANSWERED {
            return;
        }
        let live = self.told().live();
        for _ in 0..self.rng.random_range(1..8) {
            let is_new = self.rng.random_range(0..if live.len() > MANY_LIVE { 10 } else { 4 }) < 2;
            if live.is_empty() || is_new {
                self.enter();
                continue;
            }
            let order = &live[self.rng.random_range(0..live.len())];
            let id = self.next_id('C');
            let mut fields = vec![
                (tag::CL_ORD_ID, id.clone()),
                (tag::ORIG_CL_ORD_ID, order.cl_ord_id.clone()),
                (tag::SYMBOL, order.symbol.clone()),
                (tag::SIDE, order.side.clone()),
            ];
            self.told().unanswered.insert(id);
            if self.rng.random_range(0..2) == 0 {
                self.send("F", fields);
            } else {
                fields.extend(self.price_and_qty());
                self.send("G", fields);
            }
        }
    }

    fn enter(&mut self) {
        let (id, symbol) = (self.next_id('N'), SYMBOLS[self.rng.random_range(0..SYMBOLS.len())]);
        let side = if self.rng.random_range(0..2) == 0 { "1" } else { "2" };
        // Good till cancelled, so that no order ends with the day in which the test runs, or immediate.
        let time_in_force = if self.rng.random_range(0..8) == 0 { "3" } else { "1" };
        let mut fields = vec![
            (tag::CL_ORD_ID, id.clone()),
            (tag::SYMBOL, symbol.to_owned()),
            (tag::SIDE, side.to_owned()),
            (tag::TIME_IN_FORCE, time_in_force.to_owned()),
        ];
        fields.extend(self.price_and_qty());
        self.told().unanswered.insert(id);
        self.send("D", fields);
    }

    fn price_and_qty(&mut self) -> [(Tag, String); 3] {
        let (price, qty) = (self.rng.random_range(98..103), self.rng.random_range(1..30));
        [(tag::ORD_TYPE, "2".to_owned()), (tag::PRICE, price.to_string()), (tag::ORDER_QTY, qty.to_string())]
    }

    fn next_id(&mut self, kind: char) -> String {
        self.requests += 1;
        format!("{kind}{}", self.requests)
    }

    fn send(&mut self, msg_type: &'static str, fields: Vec<(Tag, String)>) {
        // Without a connection it is stored, and resent after the next Logon.
        self.engine.send(self.clock.now(), &Request(msg_type, fields)).expect("room for a request");
    }
}
