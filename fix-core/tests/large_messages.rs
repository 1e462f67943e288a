//! Messages as large as the buffers, and larger: received, sent, and found in the store.

use fix_core::{
    engine::{Buffers, Engine, Step},
    msg::msg_type::MsgType,
    session::{
        config::{Role, SessionConfig, SessionId},
        error::CapacityError,
        state::{CloseReason, Phase},
    },
    store::{MessageStore, RingStore},
    tag::Tag,
    time::{Mono, Now, UtcTimestamp},
    wire::writer::{Encode, Writer},
};

type Store = RingStore<8, 8192>;

/// An acceptor that takes messages of 4,096 bytes, and the bytes that it writes.
struct Acceptor {
    engine: Engine<Vec<u8>, Store, ()>,
    millis: u64,
    written: String,
    closed: Option<CloseReason>,
}

impl Acceptor {
    fn new(max_message_size: Option<u32>, store: Store) -> Self {
        let mut config = SessionConfig::new(Role::Acceptor, SessionId::new("US", "THEM").unwrap());
        config.max_message_size = max_message_size;
        let buffers = Buffers { inbound: vec![0; 4096], outbound: vec![0; 16_384], kept: vec![0; 4096] };
        let engine = Engine::new(config, buffers, store, ());
        let mut acceptor = Acceptor { engine, millis: 0, written: String::new(), closed: None };
        let now = acceptor.now();
        acceptor.engine.connected(now);
        acceptor
    }

    fn logged_on() -> Self {
        let mut acceptor = Acceptor::new(None, Store::new());
        acceptor.log_on(1);
        acceptor
    }

    fn log_on(&mut self, number: u64) -> String {
        self.receive(&message("A", number, "98=0|108=10|"))
    }

    fn now(&self) -> Now {
        let utc = UtcTimestamp::from_unix(1_767_603_600, 0);
        Now { mono: Mono::from_millis(self.millis), utc }
    }

    /// What it writes, with `|` for SOH.
    fn receive(&mut self, bytes: &[u8]) -> String {
        let mut rest = bytes;
        while !rest.is_empty() && self.closed.is_none() {
            let space = self.engine.space();
            let count = rest.len().min(space.len());
            space[..count].copy_from_slice(&rest[..count]);
            rest = &rest[count..];
            self.engine.received(count);
            self.work();
        }
        std::mem::take(&mut self.written)
    }

    fn work(&mut self) {
        let now = self.now();
        loop {
            match self.engine.poll(now) {
                Step::Write(bytes) => {
                    self.written += &String::from_utf8_lossy(bytes).replace('\x01', "|");
                    let count = bytes.len();
                    self.engine.sent(count);
                }
                Step::Wait(_) => return,
                Step::Close(reason) => {
                    self.closed = Some(reason);
                    return;
                }
            }
        }
    }
}

/// From THEM to US, at the time of the test; `|` for SOH.
fn message(msg_type: &str, number: u64, fields: &str) -> Vec<u8> {
    let head = format!("35={msg_type}|34={number}|49=THEM|52=20260105-09:00:00|56=US|");
    let body = format!("{head}{fields}").replace('|', "\x01");
    let mut bytes = format!("8=FIX.4.4\x019={}\x01{body}", body.len()).into_bytes();
    let sum = bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.extend(format!("10={sum:03}\x01").bytes());
    bytes
}

/// Larger than the buffer; each `448=` looks like the begin of a message.
fn large(number: u64, flags: &str) -> Vec<u8> {
    message("D", number, &format!("{flags}{}", "448=PARTY|".repeat(1000)))
}

struct News(usize);

impl Encode for News {
    fn msg_type(&self) -> MsgType {
        MsgType::from_static(b"B")
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(148), "x".repeat(self.0).as_str());
    }
}

#[test]
fn one_that_comes_again_ends_the_session_with_a_logout_that_says_why() {
    let mut acceptor = Acceptor::logged_on();
    assert_eq!(acceptor.receive(&large(2, "")), "", "it may have been a false length");
    let asked = acceptor.receive(&message("0", 3, ""));
    assert!(asked.contains("|35=2|") && asked.contains("|7=2|16=0|"), "{asked}");
    let resent = large(2, "43=Y|122=20260105-09:00:00|");
    let answer = acceptor.receive(&resent);
    let text = format!("|58=message 2 of {} bytes is larger than MaxMessageSize 4096|", resent.len());
    assert!(answer.contains("|35=5|") && answer.contains(&text), "{answer}");
    assert!(matches!(acceptor.closed, Some(CloseReason::Violation(_))), "{:?}", acceptor.closed);
}

#[test]
fn it_is_told_again_at_once_after_the_next_logon() {
    let mut acceptor = Acceptor::logged_on();
    acceptor.receive(&large(2, ""));
    let now = acceptor.now();
    acceptor.engine.disconnected(now);
    acceptor.engine.connected(now);
    acceptor.log_on(2 + 1);
    // Not marked as resent.
    assert!(acceptor.receive(&large(2, "")).contains("is larger than MaxMessageSize 4096|"));
}

#[test]
fn a_gap_fill_passes_it_by() {
    let mut acceptor = Acceptor::logged_on();
    acceptor.receive(&large(2, ""));
    acceptor.receive(&message("0", 3, ""));
    acceptor.receive(&message("4", 2, "43=Y|122=20260105-09:00:00|36=3|123=Y|"));
    assert_eq!((acceptor.engine.status().next_in, acceptor.engine.status().phase), (4, Phase::LoggedOn));
    assert!(acceptor.receive(&message("1", 4, "112=there?|")).contains("|112=there?|"));
}

#[test]
fn who_asks_for_room_before_each_of_several_messages_is_never_told_that_there_is_none() {
    for size in [50, 700, 3900] {
        let mut acceptor = Acceptor::logged_on();
        let now = acceptor.now();
        let mut count = 0;
        while acceptor.engine.has_room() {
            acceptor.engine.send(now, &News(size)).unwrap();
            count += 1;
        }
        assert!(count > 1, "{count} of {size} bytes share one write");
        acceptor.work();
        assert!(acceptor.engine.has_room());
    }
}

#[test]
fn max_message_size_is_announced_where_configured() {
    assert!(Acceptor::new(Some(4096), Store::new()).log_on(1).contains("|108=10|383=4096|"));
    assert!(!Acceptor::new(None, Store::new()).log_on(1).contains("|383="));
}

#[test]
fn one_that_can_never_be_sent_is_refused_and_takes_no_number() {
    let mut acceptor = Acceptor::logged_on();
    let now = acceptor.now();
    for size in [4096, 12_000, 100_000] {
        let outcome = acceptor.engine.send(now, &News(size));
        assert_eq!(outcome, Err(CapacityError::TooLarge { limit: 4096 }.into()), "{size}");
    }
    assert_eq!(acceptor.engine.send(now, &News(4000)), Ok(2));
    acceptor.work();
    let resent = acceptor.receive(&message("2", 2, "7=2|16=0|"));
    assert!(resent.contains("|35=B|") && resent.contains("|43=Y|"), "what can be sent can be resent");
}

#[test]
fn one_that_was_stored_when_larger_ones_could_be_sent_is_gap_filled() {
    let mut store = Store::new();
    store.append(1, &message("D", 1, &"58=x|".repeat(1500))).unwrap();
    let mut acceptor = Acceptor::new(None, store);
    acceptor.log_on(1);
    let answer = acceptor.receive(&message("2", 2, "7=1|16=0|"));
    assert!(answer.contains("|35=4|") && answer.contains("|36=3|"), "{answer}");
    assert_eq!(acceptor.closed, None);
}

#[test]
fn a_reject_goes_out_though_the_way_back_is_too_long_for_it() {
    let mut acceptor = Acceptor::logged_on();
    let party = "x".repeat(600);
    let reject = acceptor.receive(&message("1", 2, &format!("115={party}|")));
    assert!(reject.contains("|35=3|") && reject.contains("|45=2|"), "{reject}");
    assert_eq!((acceptor.closed, acceptor.engine.status().next_in), (None, 3));
}

#[test]
fn a_large_message_that_comes_slowly_is_no_silence() {
    let mut acceptor = Acceptor::logged_on();
    let bytes = message("1", 2, &format!("112={}|", "x".repeat(3900)));
    for piece in bytes.chunks(1024) {
        acceptor.millis += 11_000;
        let answer = acceptor.receive(piece);
        assert!(!answer.contains("|35=1|"), "no TestRequest: {answer}");
    }
    assert_eq!((acceptor.closed, acceptor.engine.status().next_in), (None, 3));
}

/// It waited for the answer to our TestRequest; a part of a message is an answer too (cases 4a, 6).
#[test]
fn a_heartbeat_that_is_overdue_goes_out_once_a_large_message_begins() {
    let mut acceptor = Acceptor::logged_on();
    acceptor.millis = 12_000;
    acceptor.work();
    let test_request = std::mem::take(&mut acceptor.written);
    assert!(test_request.contains("|35=1|"), "{test_request}");
    acceptor.millis = 23_000;
    let answer = acceptor.receive(&large(2, "")[..1100]);
    assert!(answer.contains("|35=0|"), "{answer}");
    let now = acceptor.now();
    assert!(acceptor.engine.deadline(now) > Some(now.mono), "nothing is due any more");
}

/// It would wait for a Logon that it can never receive.
#[test]
fn an_inbound_buffer_without_a_byte_ends_the_connection_with_a_clear_line() {
    for role in [Role::Acceptor, Role::Initiator] {
        let config = SessionConfig::new(role, SessionId::new("US", "THEM").unwrap());
        let buffers = Buffers { inbound: vec![], outbound: vec![0; 16_384], kept: vec![] };
        let mut engine = Engine::new(config, buffers, Store::new(), ());
        let now = Now { mono: Mono::from_millis(0), utc: UtcTimestamp::from_unix(1_767_603_600, 0) };
        engine.connected(now);
        let Step::Close(reason) = engine.poll(now) else { panic!("it goes on") };
        assert_eq!(reason.to_string(), "the inbound buffer has 0 bytes: no message can be received");
        engine.disconnected(now);
        assert_eq!(engine.store_mut().next_out(), 1, "nothing was sent");
    }
}
