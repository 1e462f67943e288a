//! What market data costs the exchange with many subscribers:
//! `cargo build --release -p fix-host --bench subscribers`, then the program of that name in `target/release/deps`.
//!
//! Each subscriber follows the whole books of ten instruments, of which one has a hundred prices a side. An order changes that
//! one, or one that nobody follows, or nothing, and each subscriber looks. Times are of the fastest of a hundred rounds, and
//! hold the encoding of what is told, not its way to a socket.

use std::{hint::black_box, time::Instant};

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::SendError,
    },
    time::{Mono, Now, UtcTimestamp},
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter},
    },
};
use fix_host::{
    exchange::{ExchangeApplication, Rules, SessionRules, floor::Floor, ids::IdPrefix},
    market::Market,
};

const SYMBOLS: [&str; 10] = ["2Y", "3Y", "5Y", "10Y", "30Y", "TUH6", "TYH6", "USH6", "SR3H6", "SR3Z6"];

/// Orders that are entered and cancelled in turn.
const CHANGES: u32 = 100;

/// Encodes what is told, and counts it.
struct Line {
    buffer: Vec<u8>,
    messages: u64,
    bytes: usize,
}

impl Outbox for Line {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        let mut writer = MessageWriter::new(&mut self.buffer, b"FIX.4.4", message.msg_type());
        message.encode_body(writer.writer());
        self.bytes += black_box(writer.finish().map_err(SendError::from)?);
        self.messages += 1;
        Ok(1)
    }

    fn logout(&mut self, _text: Option<&str>) {}

    fn now(&self) -> Now {
        Now { mono: Mono::default(), utc: UtcTimestamp::from_unix(1_795_499_580, 0) }
    }
}

struct Session {
    exchange: ExchangeApplication,
    line: Line,
}

impl Session {
    fn join(floor: &Floor, name: &str) -> Self {
        let exchange = ExchangeApplication::new(floor.join(name, || {}), SessionRules::default());
        Session { exchange, line: Line { buffer: vec![0; 1 << 16], messages: 0, bytes: 0 } }
    }

    fn say(&mut self, msg_type: &str, body: &str) {
        let mut buffer = [0; 4096];
        let msg_type = MsgType::from_bytes(msg_type.as_bytes()).expect("a MsgType");
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
        writer.writer().encoded(body.replace('|', "\x01").as_bytes());
        let len = writer.finish().expect("it fits");
        let Scan::Frame(frame, _) = scan(&buffer[..len], 4096) else { panic!("not a frame") };
        let message = Message::parse(frame).expect("a message");
        self.exchange.from_app(&message, &mut self.line).expect("it is taken");
    }

    fn order(&mut self, id: u32, symbol: &str, side: u32, price: &str) {
        self.say("D", &format!("11={id}|55={symbol}|54={side}|38=10|40=2|44={price}|60=20260101-00:00:00|"));
    }

    fn cancel(&mut self, id: u32, symbol: &str) {
        self.say("F", &format!("11=c{id}|41={id}|55={symbol}|54=1|60=20260101-00:00:00|"));
    }
}

/// Each subscriber looks: nanoseconds a look, and messages and bytes of one.
fn look(subscribers: &mut [Session]) -> (u64, u64, usize) {
    let total = |of: &[Session]| {
        of.iter()
            .fold((0, 0), |(messages, bytes), one| (messages + one.line.messages, bytes + one.line.bytes))
    };
    let before = total(subscribers);
    let start = Instant::now();
    for Session { exchange, line } in &mut *subscribers {
        exchange.look(line);
    }
    let took = start.elapsed().as_nanos() as u64;
    let after = total(subscribers);
    let count = subscribers.len();
    (took / count as u64, (after.0 - before.0) / count as u64, (after.1 - before.1) / count)
}

fn measure(count: usize) {
    let floor = Floor::new(Market::new(1), Rules::default(), IdPrefix::new("B"));
    let mut trader = Session::join(&floor, "TRADER");
    for level in 0..100 {
        trader.order(level, "10Y", 1, &format!("{}.000", 89 - level / 2));
        trader.order(1_000 + level, "10Y", 1, &format!("8.{level:02}0"));
        trader.order(2_000 + level, "10Y", 2, &format!("{}.000", 110 + level));
    }
    let mut subscribers: Vec<Session> =
        (0..count).map(|at| Session::join(&floor, &format!("S{at}"))).collect();
    let symbols: String = SYMBOLS.iter().map(|symbol| format!("55={symbol}|")).collect();
    for one in &mut subscribers {
        one.say("V", &format!("262=m|263=1|264=0|265=1|267=2|269=0|269=1|146=10|{symbols}"));
    }
    let (mut told, mut other, mut idle) = (u64::MAX, u64::MAX, u64::MAX);
    let mut size = (0, 0);
    for id in 10_000..10_000 + CHANGES {
        trader.order(id, "10Y", 1, "95.000");
        let (took, messages, bytes) = look(&mut subscribers);
        told = told.min(took);
        size = (messages, bytes);
        trader.cancel(id, "10Y");
        look(&mut subscribers);
        trader.order(100_000 + id, "AAPL", 1, "95.000");
        other = other.min(look(&mut subscribers).0);
        idle = idle.min(look(&mut subscribers).0);
    }
    let (messages, bytes) = size;
    println!(
        "{count} subscribers: a change told {told} ns each ({messages} message of {bytes} bytes), a change elsewhere {other} ns, \
         nothing new {idle} ns"
    );
}

fn main() {
    for count in [100, 1_000] {
        measure(count);
    }
}
