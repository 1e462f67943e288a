//! The gateway's flight recorder: fetched by the host as lines, and done again, with the same bytes.

#[path = "common/nor.rs"]
mod nor;
#[path = "common/venue.rs"]
mod venue;
#[path = "common/world.rs"]
mod world;

use std::cell::RefCell;

use embassy_time::{Duration, Instant};
use fix_core::{
    dict::Dictionary,
    flight::{End, Joined, Replayed, Ring, World, replay},
};
use fix_embedded::config::{BackOff, Gateway, Host, IntakeRules};
use world::{Bench, alone};

const GATEWAY: Gateway = Gateway {
    sender_comp_id: "BOARD",
    target_comp_id: "EXCHANGE",
    hosts: &[Host { name: "first", port: 1 }],
    heart_bt_int: 5,
    back_off: BackOff { first_millis: 500, ..BackOff::DEFAULT },
    intake: IntakeRules { check_sum: false },
    ..Gateway::DEFAULT
};

/// 4 KiB.
type Small = RefCell<Ring<16, 256>>;

struct Machine;

impl World for Machine {
    type Buffer = Vec<u8>;

    fn buffer(&mut self, len: u64) -> Option<Vec<u8>> {
        Some(vec![0; usize::try_from(len).ok().filter(|len| *len < 1 << 16)?])
    }

    fn dictionary(&mut self, _wanted: u32) -> Option<&'static Dictionary> {
        None
    }

    fn intern(text: &str) -> Option<&'static str> {
        Some(String::leak(text.to_owned()))
    }
}

/// The recordings among the lines of the gateway, each as a file has it.
fn recordings(lines: &[String]) -> Vec<Vec<u8>> {
    let (mut whole, mut bytes) = (Vec::new(), Vec::new());
    for line in lines {
        if line == "OK 58=RECORD" {
            bytes.clear();
        } else if let Some(digits) = line.strip_prefix("REC 96=") {
            let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
            bytes.extend((0..digits.len()).step_by(2).map(byte));
        } else if let Some(said) = line.strip_prefix("RECORDED 58=") {
            assert_eq!(said, format!("{} bytes", bytes.len()));
            whole.push(std::mem::take(&mut bytes));
        }
    }
    whole
}

fn again(file: &[u8]) -> Replayed {
    let entries: Vec<u8> = Joined::new(file).flat_map(|piece| piece.unwrap().to_vec()).collect();
    replay(&entries, &mut Machine)
}

/// Orders, of which `count` are typed one after the other, and `RECORD` after the orders that `records` names: the next
/// order waits for the recording.
fn trade(bench: &mut Bench, recorder: Small, count: usize, records: &[usize]) -> Vec<String> {
    let (mut typed, mut seen) = (0, Vec::<String>::new());
    bench.power_recorded(&GATEWAY, 300, recorder, |bench| {
        seen.extend(bench.lines());
        let whole = seen.iter().filter(|line| line.starts_with("RECORDED ")).count();
        let asked = records.iter().filter(|at| **at <= typed).count();
        let is_up = bench.was_up();
        if is_up && typed < count && whole == asked && bench.inside().typed.is_empty() {
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} 55=10Y 54=1 38=100 40=2 44=101.25"));
            if records.contains(&typed) {
                bench.type_line("RECORD");
            }
        }
        typed == count && whole == records.len()
    });
    seen
}

const OVERTAKEN: &str = "NO 58=more was recorded meanwhile than the ring has room for: RECORD again";

#[test]
fn what_was_recorded_from_the_start_is_done_again() {
    let _alone = alone();
    let seen = trade(&mut Bench::new(24), Small::default(), 3, &[3]);
    let files = recordings(&seen);
    let text = String::from_utf8_lossy(&files[0]);
    assert!(text.contains("554=xxxxxx") && !text.contains("secret"), "{text}");
    let replayed = again(&files[0]);
    assert_eq!((replayed.end, replayed.starts), (End::Whole, 1), "{replayed:?}");
    // A Logon and two orders at least.
    assert!(replayed.messages >= 3, "{replayed:?}");
}

#[test]
fn a_ring_that_went_round_is_done_again_from_a_later_start() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    let seen = trade(&mut bench, Small::default(), 60, &[20, 60]);
    assert!(!seen.iter().any(|line| line.starts_with("LOST")), "{seen:#?}");
    let files = recordings(&seen);
    assert_eq!(files.len(), 2, "{seen:#?}");
    for file in files {
        let replayed = again(&file);
        assert_eq!(replayed.end, End::Whole, "{replayed:?}");
        assert!(file.len() > 2_000 && replayed.starts > 1 && replayed.messages > 4, "{replayed:?}");
    }
    assert_eq!(bench.venue.application().orders.len(), 60, "orders go on meanwhile");
}

/// Asks for the recording after so many seconds of Heartbeats and, when so many pieces have come, reads nothing for a while.
fn read_late(bench: &mut Bench, asks_after: u64, pieces: usize, deaf_for: u64) -> Vec<String> {
    let (mut seen, mut is_asked, mut end) = (Vec::<String>::new(), false, None);
    let asks = Instant::now() + Duration::from_secs(asks_after);
    bench.power_recorded(&GATEWAY, 800, Small::default(), |bench| {
        if bench.venue.application().logons > 0 && Instant::now() >= asks && !is_asked {
            is_asked = true;
            bench.type_line("RECORD");
        }
        let come = seen.iter().filter(|line| line.starts_with("REC ")).count();
        if is_asked && come >= pieces && end.is_none() {
            end = Some(Instant::now() + Duration::from_secs(deaf_for));
            bench.inside().host_is_deaf = true;
        }
        if end.is_some_and(|end| Instant::now() > end) {
            bench.inside().host_is_deaf = false;
        }
        seen.extend(bench.lines());
        seen.iter().any(|line| line.starts_with("RECORDED ") || line == OVERTAKEN)
    });
    assert_eq!(bench.venue.application().logons, 1);
    assert!(!seen.iter().any(|line| line.contains("down") || line.starts_with("LOST")), "{seen:#?}");
    seen
}

/// Nothing but the recording waits: a host that reads nothing does not stop the session, and has it all when it reads.
#[test]
fn a_host_that_does_not_read_gets_the_recording_later() {
    let _alone = alone();
    let seen = read_late(&mut Bench::new(24), 0, 0, 12);
    let replayed = again(&recordings(&seen)[0]);
    assert_eq!(replayed.end, End::Whole, "{replayed:?}");
}

/// So long that nothing of what there was is left: as nothing was sent, it begins with what there is then.
#[test]
fn a_recording_that_is_overtaken_before_its_first_piece_begins_later() {
    let _alone = alone();
    let seen = read_late(&mut Bench::new(24), 0, 0, 300);
    let replayed = again(&recordings(&seen)[0]);
    assert_eq!(replayed.end, End::Whole, "{replayed:?}");
}

#[test]
fn a_recording_that_is_overtaken_is_refused_and_not_half_sent() {
    let _alone = alone();
    let seen = read_late(&mut Bench::new(24), 200, 1, 300);
    assert_eq!(seen.last().map(String::as_str), Some(OVERTAKEN));
    assert!(recordings(&seen).is_empty());
}

#[test]
fn a_gateway_without_a_recorder_says_so() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    bench.type_line("RECORD");
    let mut seen = Vec::new();
    bench.power(&GATEWAY, 5, |bench| {
        seen.extend(bench.lines());
        false
    });
    assert!(seen.iter().any(|line| line == "NO 58=this gateway has no flight recorder"), "{seen:#?}");
}
