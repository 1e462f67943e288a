//! Garbled and hostile bytes of the counterparty: the session goes on, or ends as FIX 4.4 says and comes back. The board
//! neither fails nor falls silent.

use std::{fs, path::Path};

use crate::common::{
    noise::Noise,
    played::{Played, filled},
};
use runner::counterparty::{framed, numbered, summed};

/// How many messages are changed in some byte.
const MUTANTS: usize = 240;
/// Bytes of the longest run of noise.
const FLOOD: usize = 20_000;

fn start() -> Result<Played, String> {
    Played::start(|run| run.with("wait", 50))
}

/// A TestRequest(1) that is not answered while the counterparty looks so often is sent again: what a garbled message
/// swallowed (its BodyLength(9) leads into the next one) is then seen as a gap, and asked for.
const PATIENCE: usize = 10;

/// A TestRequest(1) is answered: over this connection, or over the next one if the board ended this one. True if it did.
fn comes_back(played: &mut Played, id: &str) -> Result<bool, String> {
    let answer = format!("|112={id}|");
    let request = format!("112={id}|");
    played.counterparty.send("1", &request)?;
    let (mut came_back, mut silent) = (false, 0);
    for _ in 0..500 {
        if !played.counterparty.is_connected() {
            came_back = true;
            played.counterparty.next_out = next_in(played)?;
            played.counterparty.log_on(60)?;
            played.counterparty.send("1", &request)?;
        }
        let Some(message) = played.counterparty.receive() else {
            silent += 1;
            if silent % PATIENCE == 0 {
                played.counterparty.send("1", &request)?;
            }
            continue;
        };
        if message.contains("|35=0|") && message.contains(&answer) {
            return Ok(came_back);
        }
        played.counterparty.answer(&message)?;
        if message.contains("|35=2|") {
            // The gap fill went over the request too.
            played.counterparty.send("1", &request)?;
        }
    }
    Err(format!("{id}: no answer; the board's log:\n{}", played.emulator.log.lines().join("\n")))
}

/// The number that the board expects next, as it tells its host.
fn next_in(played: &mut Played) -> Result<u64, String> {
    let before = played.orders.count(" STATUS ");
    played.orders.send("STATUS")?;
    played.answers(" STATUS ", before + 1)?;
    let lines = played.orders.lines();
    let last = lines.iter().rfind(|line| line.contains(" STATUS ")).ok_or("no STATUS")?;
    let text = last.split("next in ").nth(1).and_then(|rest| rest.split(',').next());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("no number: {last}"))
}

/// What FIX 4.4 asks to be passed over: garbled messages (Vol. 2, case 3), and what is none at all. No number is used, no
/// answer given, the session goes on.
#[test]
fn garbled_messages_are_passed_over() -> Result<(), String> {
    let mut played = start()?;
    let mut noise = Noise(20_261_129);
    let good = numbered("0", played.counterparty.next_out, "");
    let text = String::from_utf8_lossy(&good).into_owned();
    let at = text.find("\u{1}9=").ok_or("no BodyLength(9)")? + 3;
    let end = at + text[at..].find('\u{1}').ok_or("no end")?;
    let len: usize = text[at..end].parse().map_err(|error| format!("{error}"))?;
    let wrong_length = |len: usize| {
        let whole = format!("{}{len}{}", &text[..at], &text[end..text.len() - 7]);
        summed(whole.into_bytes())
    };
    let mut wrong_sum = good.clone();
    let digit = wrong_sum.len() - 2;
    wrong_sum[digit] = if wrong_sum[digit] == b'0' { b'1' } else { b'0' };
    let random: Vec<u8> = (0..FLOOD).map(|_| noise.next() as u8).collect();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("a wrong CheckSum(10)", wrong_sum),
        ("a BodyLength(9) that is one less", wrong_length(len - 1)),
        ("a BodyLength(9) that is one more", wrong_length(len + 1)),
        ("a message cut in half", good[..good.len() / 2].to_vec()),
        ("a message without its first bytes", good[5..].to_vec()),
        ("a storm of SOH", vec![1; FLOOD]),
        ("a storm of beginnings", b"8=FIX.4.4\x01".repeat(FLOOD / 10)),
        ("a BodyLength(9) of a gigabyte", b"8=FIX.4.4\x019=1000000000\x0135=0\x01".to_vec()),
        ("a BodyLength(9) that is no number", b"8=FIX.4.4\x019=-1\x0135=0\x0110=000\x01".to_vec()),
        ("noise", random),
        ("another protocol", b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n".repeat(50)),
    ];
    for (name, bytes) in &cases {
        played.counterparty.send_bytes(bytes)?;
        let came_back = comes_back(&mut played, "GARBLED")?;
        assert!(!came_back, "{name} ended the session");
        assert_eq!(played.orders.count("SESSION 58=down"), 0, "{name}");
    }
    comes_back(&mut played, "LAST")?;
    // What was garbled used no number.
    assert_eq!(next_in(&mut played)?, played.counterparty.next_out);
    assert!(!played.counterparty.ledger().iter().any(|line| line.contains("|35=3|")));
    played.is_alive()?;
    played.ends_well("garbled messages")
}

/// What FIX 4.4 answers by a Logout(5), and some by a Reject(3) before it. The board comes back by itself.
#[test]
fn messages_that_break_the_session_end_it_and_the_board_comes_back() -> Result<(), String> {
    let mut played = start()?;
    type Forge = fn(u64) -> Vec<u8>;
    let cases: [(&str, bool, Forge); 5] = [
        ("another BeginString(8), case 2i", false, |next| {
            let good = numbered("0", next, "");
            let body = good[..good.len() - 7].to_vec();
            summed([b"8=FIX.4.2", &body[9..]].concat())
        }),
        ("another SenderCompID(49), case 2k", true, |next| {
            let good = String::from_utf8_lossy(&numbered("0", next, "")).into_owned();
            let from = good.find("35=").unwrap_or_default();
            let body = good[from..good.len() - 7].replace("49=EXCHANGE", "49=SOMEBODY");
            framed(&body.replace('\u{1}', "|"))
        }),
        ("a number that was used, case 2c", false, |_| numbered("0", 1, "")),
        ("no number, case 2d", false, |_| framed("35=0|49=EXCHANGE|56=TRADEDESK|52=20261129-10:00:00|")),
        ("a SendingTime(52) of another year, case 2o", true, |next| {
            framed(&format!("35=0|34={next}|49=EXCHANGE|56=TRADEDESK|52=20011129-10:00:00|"))
        }),
    ];
    for (name, is_rejected, forge) in cases {
        let (from, next) = (played.counterparty.ledger().len(), played.counterparty.next_out);
        played.counterparty.send_bytes(&forge(next))?;
        let came_back = comes_back(&mut played, "BROKEN")?;
        let said = played.counterparty.ledger()[from..].to_vec();
        let has = |words: &str| said.iter().any(|line| line.contains(words));
        assert!(came_back && has("|35=5|"), "{name}: {said:#?}");
        assert_eq!(has("|35=3|"), is_rejected, "{name}: {said:#?}");
        played.is_alive()?;
    }
    // Orders go on.
    played.order("AFTER")?;
    played.fill("AFTER")?;
    played.answers(" 8 11=AFTER ", 1)?;
    played.ends_well("broken sessions")
}

/// The seeds of the fuzz targets as they are, a stream after the other.
#[test]
fn what_the_fuzzers_begin_with_stops_nothing() -> Result<(), String> {
    let mut played = start()?;
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut count = 0;
    for target in
        ["chunks", "differential", "fields", "frame", "log", "message", "pair", "round_trip", "session"]
    {
        let folder = corpus.join(target);
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files {
            let bytes = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            played.counterparty.send_bytes(&bytes)?;
            comes_back(&mut played, "CORPUS").map_err(|error| format!("{}: {error}", file.display()))?;
            count += 1;
        }
        played.is_alive()?;
    }
    assert!(count > 40, "only {count} seeds");
    played.ends_well("corpora of the fuzzers")
}

/// Messages of the session itself, changed in some bytes, half of them with the right length and sum again.
#[test]
fn changed_messages_stop_nothing() -> Result<(), String> {
    let mut played = start()?;
    let mut noise = Noise(4_4);
    let bases = [
        ("0", String::new()),
        ("1", "112=HELLO|".into()),
        ("2", "7=1|16=0|".into()),
        ("3", "45=2|58=no|".into()),
        ("8", filled("UNKNOWN")),
        ("9", "37=O|11=A|41=B|39=8|434=1|".into()),
        ("B", "148=news|33=2|58=one|58=two|".into()),
        ("j", "45=2|372=D|380=0|58=no|".into()),
    ];
    let mut ended = 0;
    for number in 0..MUTANTS {
        let (msg_type, fields) = &bases[number % bases.len()];
        let next = played.counterparty.next_out;
        let good = numbered(msg_type, next, fields);
        let bytes = if noise.below(2) == 0 {
            changed(&good, &mut noise)
        } else {
            // The number is used, if the board takes it for a message; if not, it is a gap, which is filled.
            played.counterparty.next_out += 1;
            let from = good.windows(3).position(|window| window == b"35=").unwrap_or_default();
            let body = changed(&good[from..good.len() - 7], &mut noise);
            let head = format!("8=FIX.4.4\u{1}9={}\u{1}", body.len()).into_bytes();
            summed([head, body].concat())
        };
        played.counterparty.send_bytes(&bytes)?;
        let came_back = comes_back(&mut played, &format!("M-{number}"))
            .map_err(|error| format!("{}: {error}", bytes.escape_ascii()))?;
        ended += usize::from(came_back);
    }
    let rejects = played.counterparty.ledger().iter().filter(|line| line.contains("|35=3|")).count();
    println!("{MUTANTS} changed messages: {rejects} rejects, {ended} sessions ended");
    // Both happen, or nothing was shown.
    assert!(rejects > 10 && ended > 2, "{rejects} rejects, {ended} sessions ended");
    played.is_alive()?;
    played.ends_well("changed messages")
}

/// One to three bytes changed, left out, or put in.
fn changed(bytes: &[u8], noise: &mut Noise) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=noise.below(3) {
        let at = noise.below(bytes.len());
        match noise.below(4) {
            0 => bytes[at] = noise.next() as u8,
            1 => bytes[at] ^= 1 << noise.below(8),
            2 => _ = bytes.remove(at),
            _ => bytes.insert(at, [1, b'=', b'0', b'9'][noise.below(4)]),
        }
    }
    bytes
}
