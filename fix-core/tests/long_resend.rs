//! Resends of any length: one gap fill for what is empty, slices for what is not, and signs of life meanwhile.

use std::{format, time::Duration};

use fix_core::{
    engine::{Buffers, Engine, Step},
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::Application,
        config::{Role, SessionConfig, SessionId},
        error::DoNotSend,
    },
    store::{MessageStore, RingStore},
    tag::Tag,
    time::{Mono, Now, UtcTimestamp},
    wire::{
        check_sum::{check_sum, digits},
        writer::{Encode, Writer},
    },
};

const MESSAGES: usize = 1000;

type Desk = Engine<Vec<u8>, RingStore<{ MESSAGES + 1 }, 160>, Forgetful>;

/// Sends what it is asked to, and never again.
#[derive(Default)]
struct Forgetful {
    resends_nothing: bool,
}

impl Application for Forgetful {
    fn to_app(&mut self, _: &Message<'_>) -> Result<(), DoNotSend> {
        if self.resends_nothing { Err(DoNotSend) } else { Ok(()) }
    }
}

struct Note;

impl Encode for Note {
    fn msg_type(&self) -> MsgType {
        MsgType::from_static(b"B")
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(148), "a headline");
    }
}

fn at(millis: u64) -> Now {
    Now { mono: Mono::from_millis(millis), utc: UtcTimestamp::from_unix(1_700_000_000, 0) }
}

/// A message of the counterparty's.
fn message(fields: &str) -> Vec<u8> {
    let body = format!("{fields}49=THEM|52=20231114-22:13:20|56=US|").replace('|', "\x01");
    let mut bytes = format!("8=FIX.4.4\x019={}\x01{body}", body.len()).into_bytes();
    let sum = digits(check_sum(&bytes));
    bytes.extend(b"10=");
    bytes.extend(sum);
    bytes.push(1);
    bytes
}

fn receive(desk: &mut Desk, fields: &str) {
    let bytes = message(fields);
    desk.space()[..bytes.len()].copy_from_slice(&bytes);
    desk.received(bytes.len());
}

/// What the desk writes until it has nothing to do at this moment.
fn pump(desk: &mut Desk, now: Now) -> String {
    let mut written = String::new();
    loop {
        match desk.poll(now) {
            Step::Write(bytes) => {
                written.push_str(&String::from_utf8_lossy(bytes).replace('\x01', "|"));
                let count = bytes.len();
                desk.sent(count);
            }
            Step::Wait(Some(at)) if at <= now.mono => {}
            Step::Wait(_) | Step::Close(_) => return written,
        }
    }
}

fn logged_on() -> Desk {
    let mut config = SessionConfig::new(Role::Acceptor, SessionId::new("US", "THEM").unwrap());
    config.max_latency = None;
    let buffers = Buffers { inbound: vec![0; 4096], outbound: vec![0; 16_384], kept: vec![0; 4096] };
    let mut desk = Desk::new(config, buffers, RingStore::new(), Forgetful::default());
    desk.connected(at(0));
    receive(&mut desk, "35=A|34=1|98=0|108=1|");
    assert!(pump(&mut desk, at(0)).contains("35=A|34=1|"));
    desk
}

#[test]
fn a_jump_of_a_million_million_numbers_is_one_gap_fill_and_one_step() {
    const FAR: u64 = 1_000_000_000_000;
    let mut desk = logged_on();
    desk.set_next_out(FAR).unwrap();
    receive(&mut desk, "35=1|34=2|112=A|");
    assert!(pump(&mut desk, at(1)).contains("|35=0|34=1000000000000|"));
    receive(&mut desk, "35=2|34=3|7=2|16=0|");
    let written = pump(&mut desk, at(2));
    assert_eq!(written.matches("35=4|").count(), 1, "{written}");
    assert!(written.contains("35=4|34=2|43=Y|") && written.contains("36=1000000000001|123=Y|"), "{written}");
}

#[test]
fn a_jump_while_messages_wait_for_the_end_of_a_resend_is_one_gap_fill() {
    let mut desk = logged_on();
    desk.send(at(0), &Note).unwrap();
    pump(&mut desk, at(0));
    receive(&mut desk, "35=2|34=2|7=1|16=0|");
    // The first slice has begun the resend: what is sent now waits behind it.
    let Step::Write(_) = desk.poll(at(1)) else { panic!("nothing resent") };
    desk.set_next_out(1_000_000_000).unwrap();
    desk.send(at(1), &Note).unwrap();
    let written = pump(&mut desk, at(1));
    assert!(written.contains("35=B|34=1000000000|"), "{written}");
    assert!(written.matches("35=4|").count() <= 2, "{written}");
}

/// A resend of which nothing may go out again: each message is looked at, and nothing is written.
#[test]
fn a_resend_is_work_in_slices_and_shows_that_we_live() {
    let mut desk = logged_on();
    for _ in 0..MESSAGES {
        desk.send(at(0), &Note).unwrap();
        pump(&mut desk, at(0));
    }
    desk.application_mut().resends_nothing = true;
    receive(&mut desk, "35=2|34=2|7=1|16=0|");
    let (mut slices, mut fills, mut now) = (0, Vec::new(), at(0));
    while fills.last().is_none_or(|fill: &String| !fill.contains("|36=1002|")) {
        match desk.poll(now) {
            Step::Write(bytes) => {
                fills.push(String::from_utf8_lossy(bytes).replace('\x01', "|"));
                let count = bytes.len();
                desk.sent(count);
            }
            Step::Wait(Some(at)) if at <= now.mono => slices += 1,
            step => panic!("{step:?}"),
        }
        // A slice takes a quarter of a second here; HeartBtInt is one.
        now.mono = now.mono.after(Duration::from_millis(250));
        let bytes = message(&format!("35=0|34={}|", desk.status().next_in));
        desk.space()[..bytes.len()].copy_from_slice(&bytes);
        desk.received(bytes.len());
    }
    assert!(slices + fills.len() >= MESSAGES / 128, "{slices} slices");
    assert!(fills.len() >= 2, "a gap fill each second: {fills:?}");
    let mut next = 1;
    for fill in &fills {
        assert!(fill.contains(&format!("35=4|34={next}|43=Y|")), "{fill} goes on from {next}");
        next = fill.split("|36=").nth(1).unwrap().split('|').next().unwrap().parse().unwrap();
    }
}

#[test]
fn nothing_is_looked_at_where_nothing_is_kept() {
    let mut store = RingStore::<4, 64>::new();
    for number in 1..=6 {
        store.append(number, b"note").unwrap();
    }
    store.set_next_out(1_000_000).unwrap();
    store.append(1_000_000, b"note").unwrap();
    assert_eq!((store.next_to_resend(1), store.next_to_resend(7)), (3, 1_000_000));
    assert_eq!(store.next_to_resend(1_000_001), 1_000_001);
}
