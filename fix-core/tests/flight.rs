//! The flight recorder: a recorded session does the same again, and says so when it does not.

use std::{cell::RefCell, sync::LazyLock};

use fix_core::{
    Application, BusinessReject, Encode, Message, MsgType, Now, Outbox, RingStore, Role, SessionConfig,
    SessionId, Step, Tag, UtcTimestamp, Writer,
    dict::{Dictionary, fix44},
    engine::Buffers,
    flight::{
        Difference, End, Entry, Joined, Reader, Recorded, Replayed, Ring, Start, Tape, World, fingerprint,
        replay,
    },
    store::MessageStore,
    time::Mono,
    wire::check_sum::{check_sum, digits},
};

static FINGERPRINT: LazyLock<u32> = LazyLock::new(|| fingerprint(&fix44::DICTIONARY));

/// A recording of one piece.
#[derive(Default)]
struct Flat {
    bytes: RefCell<Vec<u8>>,
}

impl Tape for &Flat {
    fn is_on(&self) -> bool {
        true
    }

    fn wants_start(&self) -> bool {
        self.bytes.borrow().is_empty()
    }

    fn start(&self) {}

    fn put(&self, bytes: &[u8]) {
        self.bytes.borrow_mut().extend_from_slice(bytes);
    }
}

#[derive(Default)]
struct Machine {
    written: Vec<u8>,
    has_dictionary: bool,
}

impl World for Machine {
    type Buffer = Vec<u8>;

    fn buffer(&mut self, len: u64) -> Option<Vec<u8>> {
        Some(vec![0; usize::try_from(len).ok().filter(|len| *len < 1 << 20)?])
    }

    fn dictionary(&mut self, wanted: u32) -> Option<&'static Dictionary> {
        (self.has_dictionary && *FINGERPRINT == wanted).then_some(&fix44::DICTIONARY)
    }

    fn intern(text: &str) -> Option<&'static str> {
        Some(String::leak(text.to_owned()))
    }

    fn written(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
    }
}

fn again(recording: &[u8]) -> (Replayed, Vec<u8>) {
    let mut machine = Machine { has_dictionary: true, ..Machine::default() };
    (replay(recording, &mut machine), machine.written)
}

/// Logs on with a password, answers what it gets, and rejects what it does not know.
struct Desk;

struct Note;

impl Encode for Note {
    fn msg_type(&self) -> MsgType {
        MsgType::NEWS
    }

    fn encode_header(&self, out: &mut Writer<'_>) {
        out.field(Tag(115), "CLIENT");
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(148), "note").field(Tag(33), 1u64).field(Tag(58), "text");
    }
}

impl Application for Desk {
    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        if msg_type == MsgType::LOGON {
            out.field(Tag(553), "joe").field(Tag(554), "hunter2");
        }
    }

    fn on_logon(&mut self, out: &mut dyn Outbox) {
        out.send(&Note).unwrap();
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        if message.msg_type() != MsgType::NEWS {
            return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE);
        }
        out.send(&Note).map(drop).map_err(|_| BusinessReject::APPLICATION_NOT_AVAILABLE)
    }
}

fn at(millis: u64) -> Now {
    let utc = UtcTimestamp::from_unix_millis(1_767_603_600_000 + millis as i64);
    Now { mono: Mono::from_millis(millis), utc }
}

fn theirs(number: u64, body: &str) -> Vec<u8> {
    let (msg_type, rest) = body.split_once('|').unwrap();
    let mut text = [0; 27];
    let len = at(number * 100).utc.format(&mut text);
    let time = std::str::from_utf8(&text[..len]).unwrap();
    let body = format!("35={msg_type}|34={number}|49=VENUE|52={time}|56=DESK|{rest}");
    let mut message = format!("8=FIX.4.4|9={}|{body}", body.len()).replace('|', "\x01").into_bytes();
    let sum = digits(check_sum(&message));
    message.extend([&b"10="[..], &sum, b"\x01"].concat());
    message
}

type Side<T> = Recorded<Vec<u8>, RingStore<16, 512>, Desk, T>;

fn side<T: Tape>(tape: T) -> Side<T> {
    let mut config = SessionConfig::new(Role::Initiator, SessionId::new("DESK", "VENUE").unwrap());
    config.dictionary = Some(&fix44::DICTIONARY);
    let buffers = Buffers { inbound: vec![0; 1024], outbound: vec![0; 4096], kept: vec![0; 1024] };
    Recorded::new(config, buffers, RingStore::new(), Desk, tape)
}

/// Feeds `bytes` in pieces and takes what comes out.
fn turn<T: Tape>(side: &mut Side<T>, now: Now, bytes: &[u8], written: &mut Vec<u8>) {
    let mut rest = bytes;
    loop {
        let count = rest.len().min(50);
        side.space()[..count].copy_from_slice(&rest[..count]);
        side.received(count);
        rest = &rest[count..];
        loop {
            match side.poll(now) {
                Step::Write(bytes) => {
                    let count = bytes.len().min(70);
                    written.extend_from_slice(&bytes[..count]);
                    side.sent(count);
                }
                Step::Wait(_) if rest.is_empty() => return,
                Step::Wait(_) => break,
                Step::Close(_) => return side.disconnected(now),
            }
        }
    }
}

/// A Logon, news both ways, an order that is not wanted, a gap, a resend, a Logout. Returns what was written.
fn session<T: Tape>(tape: T) -> Vec<u8> {
    let (mut side, mut written) = (side(tape), Vec::new());
    side.connected(at(0));
    let messages = [
        "A|98=0|108=30|554=theirsecret|",
        "B|148=h|33=1|58=a|",
        "D|11=a|55=X|54=1|60=20260105-09:00:00|38=1|40=1|",
        "2|7=1|16=0|",
        "8|37=|",
    ];
    turn(&mut side, at(10), b"", &mut written);
    for (number, message) in (1..).zip(messages) {
        turn(&mut side, at(number * 100), &theirs(number, message), &mut written);
    }
    turn(&mut side, at(900), &theirs(9, "B|148=h|33=1|58=b|"), &mut written);
    side.with_application(at(950), |_, out| out.send(&Note)).unwrap();
    side.send(at(960), &Note).unwrap();
    side.test_request(at(970), "PING").unwrap();
    for number in 6..=8 {
        turn(&mut side, at(1000), &theirs(number, "B|148=h|33=1|58=c|"), &mut written);
    }
    side.test_request(at(1050), "operator").unwrap();
    side.logout(Some("end of day"));
    turn(&mut side, at(1100), &theirs(10, "5|"), &mut written);
    written
}

fn recorded() -> (Vec<u8>, Vec<u8>) {
    let tape = Flat::default();
    let written = session(&tape);
    (tape.bytes.into_inner(), written)
}

#[test]
fn a_recorded_session_writes_the_same_bytes_again() {
    let (recording, written) = recorded();
    assert_eq!(written, session(()), "recording changes nothing");
    let (replayed, made) = again(&recording);
    assert_eq!((replayed.end, replayed.starts), (End::Whole, 1), "{replayed:?}");
    assert!(replayed.messages > 12, "{replayed:?}");
    let masked = String::from_utf8_lossy(&written).replace("554=hunter2", "554=xxxxxxx");
    let strip =
        |text: &str| text.split('\x01').filter(|f| !f.starts_with("10=")).collect::<Vec<_>>().join("|");
    assert_eq!(
        strip(&String::from_utf8_lossy(&made)),
        strip(&masked),
        "but for the secret and its check sum"
    );
}

#[test]
fn no_secret_is_in_the_recording() {
    let (recording, _) = recorded();
    let text = String::from_utf8_lossy(&recording);
    assert!(text.contains("554=xxxxxxx") && !text.contains("hunter2") && !text.contains("theirsecret"));
    assert!(text.contains("553=joe"), "who logs on is no secret");
}

#[test]
fn what_went_in_otherwise_comes_out_otherwise() {
    let (recording, _) = recorded();
    let place = |wanted: &[u8]| recording.windows(wanted.len()).position(|at| at == wanted).unwrap();
    for (wanted, by) in [(&b"34=4\x01"[..], 1), (b"108=30", 1), (b"148=note", 2)] {
        let mut bad = recording.clone();
        bad[place(wanted) + wanted.len() - 1 - usize::from(wanted.ends_with(b"\x01"))] ^= by;
        let (replayed, _) = again(&bad);
        assert!(matches!(replayed.end, End::Differs(_)), "{}: {replayed:?}", String::from_utf8_lossy(wanted));
    }
}

#[test]
fn another_sum_is_told_with_both() {
    let (recording, _) = recorded();
    let (mut reader, mut sums) = (Reader::new(&recording), Vec::new());
    reader.entry().unwrap();
    Start::read(&mut reader, Machine::intern).unwrap();
    while let Some(entry) = reader.entry().unwrap() {
        if let Entry::Written(sum) = entry {
            sums.push((sum, recording.len() - reader.rest().len()));
        }
    }
    let (sum, end) = sums[3];
    let mut bad = recording.clone();
    bad[end - 4] ^= 1;
    let (replayed, _) = again(&bad);
    assert_eq!(replayed.end, End::Differs(Difference::Message { expected: sum ^ 1, made: sum }));
    assert_eq!(replayed.messages, 3);
}

#[test]
fn a_cut_recording_is_replayed_up_to_the_cut() {
    let (recording, written) = recorded();
    let (mut whole, mut most) = (0, 0);
    for cut in 1..recording.len() {
        let (replayed, made) = again(&recording[..cut]);
        match replayed.end {
            End::Cut => {}
            End::Whole => whole += 1,
            other => panic!("cut at {cut}: {other:?}"),
        }
        most = most.max(made.len());
    }
    assert!(whole > 50 && most > written.len() / 2, "{whole} {most}");
}

#[test]
fn without_the_dictionary_it_does_not_begin() {
    let (recording, _) = recorded();
    let replayed = replay(&recording, &mut Machine::default());
    let wanted = fingerprint(&fix44::DICTIONARY);
    assert_eq!(replayed.end, End::Unready(fix_core::flight::Unready::Dictionary(wanted)));
    assert_eq!(again(b"").0.end, End::Unready(fix_core::flight::Unready::NoStart));
}

#[test]
fn a_ring_keeps_the_last_of_a_long_session() {
    let ring = RefCell::new(Ring::<16, 256>::new());
    let (mut side, mut written) = (side(&ring), Vec::new());
    side.connected(at(0));
    turn(&mut side, at(100), &theirs(1, "A|98=0|108=30|"), &mut written);
    for number in 2..200 {
        turn(&mut side, at(number * 100), &theirs(number, "B|148=h|33=1|58=a|"), &mut written);
    }
    assert_eq!(side.status().next_in, 200);
    let mut file = Vec::new();
    ring.borrow().blocks(|piece| file.extend_from_slice(piece));
    assert!(file.len() <= 16 * 256 && file.len() > 10 * 256, "{}", file.len());
    let recording: Vec<u8> = Joined::new(&file).flat_map(|piece| piece.unwrap().to_vec()).collect();
    let (replayed, made) = again(&recording);
    assert_eq!(replayed.end, End::Whole);
    assert!(replayed.starts > 1 && replayed.messages > 5, "{replayed:?}");
    assert!(written.ends_with(&made[made.len() - 100..]), "up to the last message");
    assert_eq!(side.store_mut().next_in(), Some(200));
}
