//! The same seed and the same script in virtual time give the same FIX output, byte for byte.

use fix_core::{
    Buffers, Engine, NoStore, Role, SessionConfig, SessionId, Step,
    time::{Precision, UTC_TIMESTAMP_LEN},
};
use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use super::*;

/// A session of the exchange on a line in memory, and all that it wrote.
struct Client {
    name: String,
    engine: Engine<Vec<u8>, NoStore, ExchangeApplication>,
    woken: Arc<AtomicUsize>,
    sent: u64,
    written: Vec<u8>,
}

impl Client {
    fn join(floor: &Floor, name: &str) -> Self {
        let woken = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&woken);
        let seat = floor.join(name, move || _ = count.fetch_add(1, Ordering::Relaxed));
        let config = SessionConfig::new(Role::Acceptor, SessionId::new("EXCHANGE", name).unwrap());
        let buffers =
            Buffers { inbound: vec![0; 1 << 13], outbound: vec![0; 1 << 16], kept: vec![0; 1 << 13] };
        let application = ExchangeApplication::new(seat, SessionRules::default());
        let engine = Engine::new(config, buffers, NoStore::default(), application);
        Client { name: name.to_owned(), engine, woken, sent: 0, written: Vec::new() }
    }

    fn drive(&mut self, now: Now) {
        loop {
            match self.engine.poll(now) {
                Step::Write(bytes) => {
                    let count = bytes.len();
                    self.written.extend_from_slice(bytes);
                    self.engine.sent(count);
                }
                Step::Wait(_) => return,
                Step::Close(reason) => panic!("{}: {reason}", self.name),
            }
        }
    }

    fn send(&mut self, now: Now, msg_type: &str, body: &str) {
        self.sent += 1;
        let mut time = [0; UTC_TIMESTAMP_LEN];
        let len = now.utc.with_precision(Precision::Millis).format(&mut time);
        let time = std::str::from_utf8(&time[..len]).unwrap();
        let head = format!("35={msg_type}|49={}|56=EXCHANGE|34={}|52={time}|", self.name, self.sent);
        let fields = (head + body).replace('|', "\x01");
        let message = format!("8=FIX.4.4\x019={}\x01{fields}", fields.len());
        let sum = message.bytes().fold(0u8, u8::wrapping_add);
        let message = format!("{message}10={sum:03}\x01");
        self.engine.space()[..message.len()].copy_from_slice(message.as_bytes());
        self.engine.received(message.len());
        self.drive(now);
    }

    /// Looks at the floor as often as it was woken for something.
    fn look(&mut self, now: Now) {
        while self.woken.swap(0, Ordering::Relaxed) > 0 {
            self.engine.with_application(now, |exchange, out| exchange.look(out));
            self.drive(now);
        }
    }
}

/// One thing that a client does.
fn act(random: &mut ChaCha12Rng, client: &mut Client, now: Now, orders: &mut u32) {
    let symbol = ["2Y", "10Y", "AAPL"][random.random_range(0..3)];
    let price = if symbol == "AAPL" { "187.20" } else { ["99.000", "101.000"][random.random_range(0..2)] };
    let (side, qty) = (random.random_range(1..3), random.random_range(1..50));
    *orders += 1;
    let terms = format!("11={orders}|55={symbol}|54={side}|38={qty}|60=20260101-00:00:00|");
    let earlier = random.random_range(0..*orders);
    match random.random_range(0..10) {
        0..4 => client.send(now, "D", &format!("{terms}40=2|44={price}|")),
        4..6 => client.send(now, "D", &format!("{terms}40=1|")),
        6 => client.send(now, "F", &format!("{terms}41={earlier}|")),
        7 => client.send(now, "G", &format!("{terms}41={earlier}|40=2|44={price}|")),
        8 => client.send(now, "q", &format!("{terms}530=1|")),
        _ => client.send(now, "AF", "584=m|585=7|"),
    }
}

/// All that two sessions are told in five minutes.
fn run(seed: u64) -> Vec<u8> {
    let floor = Floor::new(Market::new(seed), Rules::default(), IdPrefix::new("T"));
    let mut clients = ["A", "B"].map(|name| Client::join(&floor, name));
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let (mut orders, mut told) = (0, Vec::new());
    for millis in (0..300_000).step_by(100) {
        let utc = UtcTimestamp::from_unix_millis(1_795_499_580_000 + millis);
        let now = Now { mono: Mono::from_millis(millis.unsigned_abs()), utc };
        if millis == 0 {
            for client in &mut clients {
                client.engine.connected(now);
                client.send(now, "A", "98=0|108=600|");
                client.send(now, "V", "262=md|263=1|264=0|265=1|267=3|269=0|269=1|269=2|146=1|55=2Y|");
                client.send(now, "g", "335=g|263=1|");
            }
        }
        if millis % 1_000 == 0 {
            floor.tick(utc);
        }
        let at = random.random_range(0..clients.len());
        act(&mut random, &mut clients[at], now, &mut orders);
        clients.iter_mut().for_each(|client| client.look(now));
    }
    clients.iter_mut().for_each(|client| told.append(&mut client.written));
    told
}

#[test]
fn the_same_seed_and_script_give_the_same_bytes() {
    let told = run(7);
    let text = String::from_utf8_lossy(&told);
    for expected in ["\x0135=8\x01", "\x0135=9\x01", "\x0135=W\x01", "\x0135=X\x01", "\x01150=F\x01"] {
        assert!(text.matches(expected).count() > 1, "{expected}");
    }
    assert!(told.len() > 500_000, "{}", told.len());
    assert!(told == run(7), "the same seed gives the same bytes");
    assert!(told != run(8), "another seed gives others");
}
