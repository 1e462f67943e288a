//! The engine under test, its virtual clock, and the counterparty that the script plays.

use alloc::{
    collections::VecDeque,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::time::Duration;

use fix_core::{
    dict::{DataPair, Dictionary, FieldDef, FieldType, fix44::DICTIONARY},
    engine::{Buffers, Engine, Step},
    session::{
        config::{OnError, Role, SessionConfig, SessionId, ValidationPolicy},
        schedule::{Schedule, Transition, Window},
    },
    tag::Tag,
    time::{Mono, Now, Precision, UtcTimestamp},
    wire::frame::{Scan, scan},
};

use super::{
    app::{Scripted, TestApp, outcome},
    script::Script,
    store::TestStore,
    wire,
};

/// 2026-01-05 09:00:00 UTC, a Monday.
const BEGIN: i64 = 1_767_603_600;

/// The dictionary of a counterparty with a data field of its own: FIX 4.4 and 5001, the length of 5002.
static OWN: Dictionary = Dictionary {
    high_fields: &[
        (Tag(5001), FieldDef::new(FieldType::Length)),
        (Tag(5002), FieldDef::new(FieldType::Data)),
    ],
    data_pairs: OWN_DATA,
    extra_data_pairs: OWN_DATA,
    ..DICTIONARY
};
const OWN_DATA: &[DataPair] = &[DataPair { length: Tag(5001), data: Tag(5002) }];

type TestEngine = Engine<Vec<u8>, TestStore, TestApp>;

enum Output {
    Message(Vec<u8>),
    Close(String),
}

pub struct World {
    engine: Option<TestEngine>,
    config: SessionConfig,
    role: Role,
    kept: usize,
    now: Now,
    outputs: VecDeque<Output>,
    /// How far the script has read the journal.
    read: usize,
    /// Bytes go in this many at a time.
    chunk: usize,
    /// What was sent may be mentioned later than where it happens.
    lenient: bool,
    /// Bytes are received, but the engine is not polled.
    held: bool,
}

impl World {
    pub fn new(script: &Script, role: Role) -> Result<Self, String> {
        let mut config = SessionConfig::new(role, SessionId::new("ISLD", "TW44").map_err(|e| e.to_string())?);
        let mut app = TestApp::default();
        let (mut kept, mut lenient) = (4096, false);
        for (key, value) in &script.settings {
            match key.as_str() {
                "app" => app.kind = value.clone(),
                "dictionary" if value == "own" => {
                    config.dictionary = Some(&OWN);
                    config.checks.user_defined_fields = false;
                }
                "dictionary" => config.dictionary = Some(&DICTIONARY),
                "password" => app.password = true,
                "do_not_send" => app.do_not_send = Some(value.clone().into_bytes()),
                "lenient" => lenient = true,
                "kept" => kept = value.parse().map_err(|_| "kept: a number")?,
                _ => set(&mut config, key, value)?,
            }
        }
        let mut world = World {
            engine: None,
            config,
            role,
            kept,
            now: Now { mono: Mono::from_millis(0), utc: UtcTimestamp::from_unix(BEGIN, 0) },
            outputs: VecDeque::new(),
            read: 0,
            chunk: usize::MAX,
            lenient,
            held: false,
        };
        world.build(TestStore::new(), app);
        Ok(world)
    }

    fn build(&mut self, store: TestStore, app: TestApp) {
        let buffers = Buffers { inbound: vec![0; 4096], outbound: vec![0; 16384], kept: vec![0; self.kept] };
        self.engine = Some(Engine::new(self.config.clone(), buffers, store, app));
    }

    fn engine(&mut self) -> &mut TestEngine {
        self.engine.as_mut().expect("an engine")
    }

    /// Lets the engine do all it wants at this moment.
    fn pump(&mut self) {
        let now = self.now;
        loop {
            let engine = self.engine.as_mut().expect("an engine");
            match engine.poll(now) {
                Step::Write(bytes) => {
                    let mut rest = bytes;
                    while let Scan::Frame(frame, taken) = scan(rest, usize::MAX) {
                        self.outputs.push_back(Output::Message(frame.bytes().to_vec()));
                        rest = &rest[taken..];
                    }
                    assert!(rest.is_empty(), "half a message in the output");
                    let count = bytes.len();
                    engine.sent(count);
                }
                Step::Wait(Some(at)) if at <= now.mono => {}
                Step::Wait(_) => return,
                Step::Close(reason) => {
                    self.outputs.push_back(Output::Close(format!("{reason:?}")));
                    engine.disconnected(now);
                    return;
                }
            }
        }
    }

    pub fn act(&mut self, action: &str) -> Result<(), String> {
        let (verb, rest) = action.split_once(' ').unwrap_or((action, ""));
        let now = self.now;
        match verb {
            "connect" => self.engine().connected(now),
            "disconnect" => self.engine().disconnected(now),
            "logon" => return self.logon(rest),
            "send" => {
                let message = Scripted(wire::fields(
                    wire::fill_in_times(rest, now.utc).replace('|', "\x01").as_bytes(),
                ));
                let sent = outcome(self.engine().send(now, &message));
                self.engine().application_mut().journal.push(sent);
            }
            "logout" => self.engine().logout(Some(rest)),
            "test_request" => {
                let sent = outcome(self.engine().test_request(now, rest));
                self.engine().application_mut().journal.push(sent);
            }
            "reset" => self.engine().reset(now).map_err(|error| error.to_string())?,
            "crash" => {
                let (mut store, app) = self.engine.take().expect("an engine").into_parts();
                store.crash();
                self.build(store, app);
            }
            "store" => {
                let store = self.engine().store_mut();
                (store.fails, store.is_full) = (rest == "fails", rest == "fills");
                store.flush_fails = rest == "does_not_flush";
            }
            "written_elsewhere" => {
                let numbers = rest.split_once(' ').ok_or("next_in next_out")?;
                let number = |text: &str| text.parse().map_err(|_| "a number");
                let numbers = Some((number(numbers.0)?, number(numbers.1)?));
                self.engine().store_mut().written_elsewhere = numbers;
            }
            "damage" => self.engine().store_mut().damaged = rest.parse().ok(),
            "next_in" => self.engine().set_next_in(rest.parse().unwrap()).map_err(|e| e.to_string())?,
            "next_out" => self.engine().set_next_out(rest.parse().unwrap()).map_err(|e| e.to_string())?,
            "utc" => self.now.utc = now.utc.plus_seconds(rest.parse().map_err(|_| "utc: seconds")?),
            "hold" => {
                self.held = true;
                return Ok(());
            }
            "flush" => self.held = false,
            "chunk" => self.chunk = rest.parse().map_err(|_| "chunk: bytes")?,
            "do_not_send" => self.engine().application_mut().do_not_send = Some(rest.as_bytes().to_vec()),
            _ => return Err(format!("unknown action {verb}")),
        }
        self.pump();
        Ok(())
    }

    /// Connects and exchanges Logons, numbers 1 on both sides; `extra` goes into the counterparty's.
    fn logon(&mut self, extra: &str) -> Result<(), String> {
        let heart_bt_int = self.config.heart_bt_int;
        let theirs = format!("35=A|34=1|98=0|108={heart_bt_int}|{extra}");
        let ours = format!("35=A|34=1|98=0|108={heart_bt_int}|");
        self.act("connect")?;
        if self.role == Role::Acceptor {
            self.receive(&theirs)?;
            return self.expect(&ours);
        }
        self.expect(&ours)?;
        self.receive(&theirs)
    }

    pub fn receive(&mut self, text: &str) -> Result<(), String> {
        let bytes = wire::message(text, "TW44", "ISLD", self.now.utc);
        let chunk = self.chunk;
        for piece in bytes.chunks(chunk.min(bytes.len())) {
            let mut rest = piece;
            while !rest.is_empty() {
                let engine = self.engine();
                let space = engine.space();
                let count = space.len().min(rest.len());
                if count == 0 {
                    return Err("the engine takes no more bytes".into());
                }
                space[..count].copy_from_slice(&rest[..count]);
                rest = &rest[count..];
                engine.received(count);
                if !self.held {
                    self.pump();
                }
            }
        }
        Ok(())
    }

    /// Moves the clock on, stopping at every moment that the engine asks for.
    pub fn advance_to(&mut self, millis: u64) -> Result<(), String> {
        let target = Mono::from_millis(millis);
        loop {
            let now = self.now;
            let next = match self.engine().poll(now) {
                Step::Wait(deadline) => deadline.filter(|deadline| *deadline <= target),
                _ => Some(now.mono),
            };
            let Some(next) = next else { break };
            if next <= now.mono {
                let before = self.outputs.len();
                self.pump();
                if self.outputs.len() == before {
                    return Err(format!("the engine spins at {now:?}"));
                }
                continue;
            }
            self.set_mono(next);
            self.pump();
        }
        self.set_mono(target);
        self.pump();
        Ok(())
    }

    fn set_mono(&mut self, mono: Mono) {
        let passed = mono.since(self.now.mono);
        let nanos = u64::from(self.now.utc.subsec_nanos()) + passed.as_nanos() as u64;
        let seconds = self.now.utc.unix_seconds() + (nanos / 1_000_000_000) as i64;
        self.now = Now { mono, utc: UtcTimestamp::from_unix(seconds, (nanos % 1_000_000_000) as u32) };
    }

    /// Nothing was sent that the script does not mention.
    pub fn quiet(&mut self) -> Result<(), String> {
        if self.lenient {
            return Ok(());
        }
        match self.outputs.front() {
            None => Ok(()),
            Some(Output::Message(bytes)) => Err(format!(
                "before this, unexpected: {}",
                String::from_utf8_lossy(bytes).replace('\x01', "|")
            )),
            Some(Output::Close(reason)) => Err(format!("before this, unexpected close: {reason}")),
        }
    }

    pub fn expect(&mut self, text: &str) -> Result<(), String> {
        let output = self.outputs.pop_front();
        if let Some(reason) = text.strip_prefix("close") {
            return match output {
                Some(Output::Close(actual)) if reason.trim().is_empty() || actual == reason.trim() => Ok(()),
                Some(Output::Close(actual)) => Err(format!("closed for {actual}")),
                Some(Output::Message(bytes)) => {
                    Err(format!("sent {}", String::from_utf8_lossy(&bytes).replace('\x01', "|")))
                }
                None => Err("not closed".into()),
            };
        }
        match output {
            Some(Output::Message(bytes)) => wire::matches(text, &bytes, self.now.utc),
            Some(Output::Close(reason)) => Err(format!("closed for {reason}")),
            None => Err("nothing was sent".into()),
        }
    }

    /// The journal says this, somewhere behind what the script has read of it. `not x`: it does not.
    pub fn expect_journal(&mut self, text: &str) -> Result<(), String> {
        let read = self.read;
        let journal = &self.engine().application().journal;
        let unread = journal.get(read..).unwrap_or_default();
        if let Some(text) = text.strip_prefix("not ") {
            let found = unread.iter().any(|line| line == text);
            return if found { Err(format!("the journal says {text}")) } else { Ok(()) };
        }
        match unread.iter().position(|line| line == text) {
            Some(at) => {
                self.read += at + 1;
                Ok(())
            }
            None => Err(format!("the journal goes on with {unread:?}")),
        }
    }

    pub fn expect_state(&mut self, text: &str) -> Result<(), String> {
        let status = self.engine().status();
        let (key, value) = text.split_once(' ').ok_or("= key value")?;
        let actual = match key {
            "next_in" => status.next_in.to_string(),
            "next_out" => status.next_out.to_string(),
            "phase" => format!("{:?}", status.phase),
            "gap" => status.gap.map_or("none".into(), |(begin, until)| format!("{begin}-{until}")),
            "kept" => status.kept_bytes.to_string(),
            _ => return Err(format!("unknown state {key}")),
        };
        if actual == value { Ok(()) } else { Err(format!("{key} is {actual}")) }
    }
}

fn set(config: &mut SessionConfig, key: &str, value: &str) -> Result<(), String> {
    let yes = value == "Y";
    let number = || value.parse::<u64>().map_err(|_| format!("{key}: a number"));
    match key {
        "heart_bt_int" => config.heart_bt_int = number()? as u32,
        "heart_bt_int_override" => config.heart_bt_int_override = yes,
        "disable_heart_beat_check" => config.disable_heart_beat_check = yes,
        "logout_before_timeout" => config.send_logout_before_timeout = yes,
        "test_request_after" => config.test_request_after_permille = number()? as u16,
        "heart_beat_timeout" => config.heart_beat_timeout_permille = number()? as u16,
        "logon_timeout" => config.logon_timeout = Duration::from_secs(number()?),
        "logout_timeout" => config.logout_timeout = Duration::from_secs(number()?),
        "refresh_on_logon" => config.refresh_on_logon = yes,
        "reset_on_logon" => config.reset_on_logon = yes,
        "reset_on_logout" => config.reset_on_logout = yes,
        "reset_on_disconnect" => config.reset_on_disconnect = yes,
        "queue" => config.queue_while_disconnected = yes,
        "persist_messages" => config.persist_messages = yes,
        "redundant" => config.send_redundant_resend_requests = yes,
        "next_expected" => config.send_next_expected_msg_seq_num = yes,
        "last_processed" => config.enable_last_msg_seq_num_processed = yes,
        "chunk_size" => config.resend_request_chunk_size = number()? as u32,
        "closed_resend_interval" => config.closed_resend_interval = yes,
        "ignore_poss_dup_resend_requests" => config.ignore_poss_dup_resend_requests = yes,
        "resend_rejects" => config.resend_session_level_rejects = yes,
        "requires_orig_sending_time" => config.requires_orig_sending_time = yes,
        "check_comp_id" => config.check_comp_id = yes,
        "check_latency" => config.max_latency = yes.then_some(Duration::from_secs(120)),
        "max_latency" => config.max_latency = Some(Duration::from_secs(number()?)),
        "precision" => {
            config.timestamp_precision = match value {
                "0" => Precision::Seconds,
                "6" => Precision::Micros,
                "9" => Precision::Nanos,
                _ => Precision::Millis,
            }
        }
        "max_age" => {
            config.resend_order_max_age = (number()? > 0).then(|| Duration::from_secs(number().unwrap_or(0)))
        }
        "max_same_resend_requests" => config.max_same_resend_requests = number()? as u16,
        "gap_fill_type" => {
            let _ = config.gap_fill_types.push(
                fix_core::msg::msg_type::MsgType::from_bytes(value.as_bytes()).ok_or("a message type")?,
            );
        }
        "validate_sequence_numbers" => config.validate_sequence_numbers = yes,
        "on_error" => {
            config.on_error = match value {
                "disconnect" => OnError::Disconnect,
                "reset" => OnError::Reset,
                other => return Err(format!("no such on_error: {other}")),
            }
        }
        "policy" => {
            config.validation_policy = match value {
                "report" => ValidationPolicy::DeliverAndReport,
                "warn" => ValidationPolicy::Warn,
                "reject" => ValidationPolicy::Reject,
                other => return Err(format!("no such policy: {other}")),
            }
        }
        "target_sub_id" => {
            config.id.target_sub_id = fix_core::session::config::id(value).map_err(|e| e.to_string())?
        }
        "schedule" => config.schedule = schedule(value)?,
        _ => return Err(format!("unknown setting {key}")),
    }
    Ok(())
}

/// `new:0,closed:60,continued:90`: seconds after the begin of the scenario.
fn schedule(text: &str) -> Result<Schedule, String> {
    let mut transitions = Vec::new();
    for entry in text.split(',') {
        let (to, at) = entry.split_once(':').ok_or("schedule: kind:seconds")?;
        let to = match to {
            "new" => Window::OpenNew,
            "continued" => Window::OpenContinued,
            _ => Window::Closed,
        };
        let at = BEGIN + at.parse::<i64>().map_err(|_| "schedule: seconds")?;
        transitions.push(Transition { at, to });
    }
    Schedule::new(&transitions).map_err(|error| format!("{error:?}"))
}
