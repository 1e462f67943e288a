//! Two engines and a link under any events: bytes in any pieces, cuts, crashes, time, sends, logouts, noise, and
//! messages that the counterparty never sent. Nothing panics or spins, no number stands for two messages, and
//! once the events stop both sides find together again, with all that was sent delivered once and in order.
#![no_main]

extern crate alloc;

// The pair of the session's own tests.
#[allow(dead_code)]
#[path = "../../fix-core/tests/pair/harness.rs"]
mod harness;

use std::time::Duration;

use fix_core::{
    dict::fix44::DICTIONARY, msg::msg_type::MsgType, session::config::SessionConfig, tag::Tag,
    wire::writer::MessageWriter,
};
use fuzz::Input;
use harness::{ACCEPTOR, INITIATOR, Pair};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 2] = ["INIT", "ACPT"];
const MAX_EVENTS: usize = 200;
const FORGED_TYPES: [&[u8]; 10] = [b"A", b"0", b"1", b"2", b"3", b"4", b"5", b"B", b"D", b"8"];

fn configure(config: &mut SessionConfig, switches: u16) {
    let on = |bit: u32| switches >> bit & 1 != 0;
    config.queue_while_disconnected = on(0);
    config.send_redundant_resend_requests = on(1);
    config.send_next_expected_msg_seq_num = on(2);
    config.enable_last_msg_seq_num_processed = on(3);
    config.closed_resend_interval = on(4);
    config.ignore_poss_dup_resend_requests = on(5);
    config.resend_session_level_rejects = on(6);
    config.send_logout_before_timeout = on(7);
    config.resend_request_chunk_size = if on(8) { 3 } else { 0 };
    config.dictionary = on(9).then_some(&DICTIONARY);
    config.refresh_on_logon = on(10);
}

struct Run<'a> {
    pair: Pair,
    input: Input<'a>,
    /// Bytes have arrived that may pass for the counterparty's: the numbers mean nothing then.
    forged: bool,
}

impl Run<'_> {
    fn side(&mut self) -> usize {
        usize::from(self.input.byte() & 1)
    }

    fn event(&mut self) {
        match self.input.byte() % 16 {
            0 | 1 => _ = self.pair.step(),
            2 => _ = self.pair.send(INITIATOR),
            3 => _ = self.pair.send(ACCEPTOR),
            4 => self.pair.advance(Duration::from_millis(20 * u64::from(self.input.byte()))),
            5 => self.pair.tick(),
            6 => self.pair.cut(),
            7 => self.pair.cut_after = Some(1 + usize::from(self.input.byte())),
            8 => self.connect(),
            9 => self.crash(),
            10 => self.logout(),
            11 => self.pair.chunk = 1 + usize::from(self.input.byte()),
            12 => self.set_clock(),
            13 => self.noise(),
            14 => self.forge(),
            _ => _ = self.pair.settle(),
        }
    }

    fn connect(&mut self) {
        if !self.pair.is_connected() {
            self.pair.cut();
            self.pair.connect();
        }
    }

    /// A process dies; before that its store may have failed for a while.
    fn crash(&mut self) {
        let side = self.side();
        if self.input.byte() & 1 != 0 {
            self.pair.side(side).store_mut().fails = true;
            _ = self.pair.send(side);
            self.pair.step();
        }
        self.pair.crash(side);
    }

    fn logout(&mut self) {
        let side = self.side();
        self.pair.side(side).logout(Some("fuzz"));
    }

    /// Both clocks together stay within the default MaxLatency of 120 seconds.
    fn set_clock(&mut self) {
        let side = self.side();
        self.pair.clock_error[side] = i64::from(self.input.byte()) % 100 - 50;
    }

    fn noise(&mut self) {
        let side = self.side();
        let count = usize::from(self.input.byte() % 64);
        let bytes = self.input.bytes(count);
        self.forged |= bytes.contains(&b'=');
        self.pair.inject(side, bytes);
    }

    /// A message with the counterparty's name and about the number that is expected.
    fn forge(&mut self) {
        let side = self.side();
        let msg_type = FORGED_TYPES[usize::from(self.input.byte()) % FORGED_TYPES.len()];
        let offset = i64::from(self.input.byte()) - 8;
        let number = self.pair.side(side).status().next_in.saturating_add_signed(offset);
        let count = usize::from(self.input.byte());
        let fields = self.input.bytes(count);
        let mut buffer = [0; 1024];
        let mut message = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::from_static(msg_type));
        let writer = message.writer();
        writer.field(Tag(49), NAMES[1 - side]).field(Tag(56), NAMES[side]).field(Tag(34), number);
        writer.field(Tag(52), self.pair.now.utc).encoded(fields);
        if !fields.ends_with(&[1]) {
            writer.encoded(b"=\x01");
        }
        if let Ok(len) = message.finish() {
            self.pair.inject(side, &buffer[..len]);
            self.forged = true;
        }
    }

    /// What holds once nothing disturbs any more.
    fn verdict(&mut self) {
        self.pair.cut_after = None;
        self.pair.chunk = usize::MAX;
        self.pair.clock_error = [0; 2];
        self.pair.cut();
        if self.forged {
            return self.begin_again();
        }
        self.pair.recover().unwrap();
        for from in [INITIATOR, ACCEPTOR] {
            self.pair.compare(from).unwrap();
            let faults = &self.pair.side(from).application().faults;
            assert!(faults.is_empty(), "{from}: {faults:?}");
        }
    }

    /// Numbers that a forger has moved are set right by an operator; then the sessions work as before.
    fn begin_again(&mut self) {
        let now = self.pair.now;
        for side in [INITIATOR, ACCEPTOR] {
            self.pair.side(side).reset(now).unwrap();
        }
        self.pair.recover().unwrap();
        for side in [INITIATOR, ACCEPTOR] {
            let next_in = self.pair.side(1 - side).status().next_in;
            self.pair.send(side).expect("both sides are logged on");
            self.pair.settle();
            assert_eq!(self.pair.side(1 - side).status().next_in, next_in + 1, "nothing arrives");
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let mut input = Input::new(input);
    let switches = u16::from_le_bytes([input.byte(), input.byte()]);
    let mut pair = Pair::new(|config| configure(config, switches));
    pair.connect();
    let mut run = Run { pair, input, forged: false };
    for _ in 0..MAX_EVENTS {
        if run.input.is_empty() {
            break;
        }
        run.event();
    }
    run.verdict();
});
