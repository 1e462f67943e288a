//! What a session costs: fix-core alone, for the codecs it is compared with have none.

use std::hint::black_box;

use fix_core::{
    engine::{Buffers, Engine, Step},
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::BusinessReject,
        state::Phase,
    },
    store::RingStore,
    tag::Tag,
    time::{Mono, Now, UtcTimestamp},
    wire::{
        deframer::Deframer,
        value::FromField,
        writer::{Encode, MessageWriter, Writer},
    },
};

use crate::{Case, Runner, fold, fold_message, sample};

const SIZE: usize = 8192;
/// MsgSeqNum(34) of the sample.
const NUMBER: u64 = 1_234_567;

pub(crate) fn runner(case: Case) -> Option<Runner> {
    match case {
        Case::SessionReceive => Some(receive()),
        Case::SessionParse => Some(parse()),
        Case::SessionSend => Some(send()),
        Case::SessionEncode => Some(encode()),
        _ => None,
    }
}

/// Takes what comes and remembers a little of it.
struct Taker(u64);

impl Application for Taker {
    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.0 = digest(message);
        Ok(())
    }
}

fn digest(message: &Message<'_>) -> u64 {
    fold(fold_message(message.frame().bytes()), message.msg_type().as_bytes().len() as u64)
}

type Side = Engine<Vec<u8>, RingStore<16, 512>, Taker>;

fn side(role: Role, us: &str, them: &str) -> Side {
    let config = SessionConfig::new(role, SessionId::new(us, them).expect("two names"));
    let buffers = Buffers { inbound: vec![0; SIZE], outbound: vec![0; SIZE], kept: vec![0; SIZE] };
    Engine::new(config, buffers, RingStore::new(), Taker(0))
}

fn now() -> Now {
    let utc = UtcTimestamp::from_field(b"20261124-12:30:45.123").expect("a time");
    Now { mono: Mono::from_millis(1), utc }
}

/// A desk and an exchange, logged on.
fn logged_on() -> (Side, Side) {
    let mut desk = side(Role::Initiator, "BUYSIDE", "EXCHANGE");
    let mut exchange = side(Role::Acceptor, "EXCHANGE", "BUYSIDE");
    desk.connected(now());
    exchange.connected(now());
    carry(&mut desk, &mut exchange);
    carry(&mut exchange, &mut desk);
    while !matches!(desk.poll(now()), Step::Wait(_)) {}
    assert_eq!((desk.status().phase, exchange.status().phase), (Phase::LoggedOn, Phase::LoggedOn));
    (desk, exchange)
}

fn carry(from: &mut Side, to: &mut Side) {
    if let Step::Write(bytes) = from.poll(now()) {
        let count = bytes.len();
        to.space()[..count].copy_from_slice(bytes);
        to.received(count);
        from.sent(count);
    }
}

/// One order in sequence, from the socket's bytes to the application.
fn receive() -> Runner {
    let order = sample::order();
    let (_, mut exchange) = logged_on();
    while !matches!(exchange.poll(now()), Step::Wait(_)) {}
    Box::new(move || {
        let _ = exchange.set_next_in(NUMBER);
        exchange.space()[..order.len()].copy_from_slice(&order);
        exchange.received(order.len());
        black_box(exchange.poll(now()));
        exchange.application().0
    })
}

/// What of that is framing and parsing.
fn parse() -> Runner {
    let order = sample::order();
    let mut deframer = Deframer::new(vec![0; SIZE]);
    Box::new(move || {
        deframer.space()[..order.len()].copy_from_slice(&order);
        deframer.received(order.len());
        let Some(Ok(frame)) = deframer.next_frame() else { return 0 };
        Message::parse(frame).map_or(0, |message| digest(&message))
    })
}

struct Order;

impl Encode for Order {
    fn msg_type(&self) -> MsgType {
        MsgType::from_static(b"D")
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(11), "ORDER-12345").field(Tag(1), "ACCOUNT-77").field(Tag(21), b'1');
        out.field(Tag(55), "EUR/USD").field(Tag(54), b'1').field(Tag(60), "20261124-12:30:45.122");
        out.field(Tag(38), "1500000").field(Tag(40), b'2').field(Tag(44), "1.09375").field(Tag(59), b'0');
    }
}

/// One order from the application to the bytes for the socket, stored on its way.
fn send() -> Runner {
    let (mut desk, _) = logged_on();
    Box::new(move || {
        let _ = desk.set_next_out(NUMBER);
        let sent = desk.send(now(), &Order);
        let Step::Write(bytes) = desk.poll(now()) else { return 0 };
        let (digest, count) = (fold_message(bytes), bytes.len());
        desk.sent(count);
        digest ^ u64::from(sent.is_err())
    })
}

/// What of that is encoding.
fn encode() -> Runner {
    let mut buffer = vec![0; SIZE];
    Box::new(move || {
        let mut message = MessageWriter::new(&mut buffer, b"FIX.4.4", Order.msg_type());
        let out = message.writer();
        out.field(Tag(34), NUMBER)
            .field(Tag(49), "BUYSIDE")
            .field(Tag(52), now().utc)
            .field(Tag(56), "EXCHANGE");
        Order.encode_body(out);
        let len = message.finish().unwrap_or_default();
        fold_message(&buffer[..len])
    })
}
