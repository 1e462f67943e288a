//! Two engines over a virtual link: what one side sends reaches the other once and in order.

#![allow(unreachable_pub, dead_code, reason = "the modules of a test have no outside")]

extern crate alloc;

#[path = "pair/harness.rs"]
mod harness;

use alloc::{format, string::String, vec, vec::Vec};
use core::time::Duration;

use fix_core::{
    session::state::{CloseReason, Phase},
    store::{MessageStore, conformance::conformance},
    time::UtcTimestamp,
    wire::check_sum::{check_sum, digits},
};
use harness::{ACCEPTOR, INITIATOR, Pair, store::TestStore};

const MESSAGES: usize = 20;

/// 20 messages each way, a few at a time; the link breaks after `cut_after` bytes.
fn session(cut_after: Option<usize>, chunk: usize) -> Pair {
    let mut pair = Pair::new(|_| {});
    pair.chunk = chunk;
    pair.cut_after = cut_after;
    pair.connect();
    let mut sent = [0; 2];
    while sent != [MESSAGES; 2] {
        for (index, sent) in sent.iter_mut().enumerate() {
            if *sent < MESSAGES && pair.send(index).is_ok() {
                *sent += 1;
            }
        }
        pair.step();
        if !pair.is_connected() {
            pair.cut();
            pair.advance(Duration::from_millis(50));
            pair.connect();
        }
    }
    pair.recover().unwrap();
    pair
}

#[test]
fn a_two_way_session_survives_a_cut_at_every_byte() {
    let mut cuts = 0;
    for cut in 1.. {
        let mut pair = session(Some(cut), usize::MAX);
        for from in [INITIATOR, ACCEPTOR] {
            pair.compare(from).unwrap_or_else(|error| panic!("cut after {cut} bytes: {error}"));
            assert_eq!(pair.side(from).application().faults, Vec::<String>::new(), "cut after {cut} bytes");
        }
        if pair.cut_after.is_some() {
            break;
        }
        cuts = cut;
    }
    assert!(cuts > 40 * 80, "the session has {cuts} bytes");
    println!("{cuts} cuts, nothing lost, nothing twice");
}

#[test]
fn a_session_one_byte_at_a_time() {
    let mut pair = session(None, 1);
    pair.compare(INITIATOR).unwrap();
    pair.compare(ACCEPTOR).unwrap();
}

#[test]
fn two_idle_sides_stay_logged_on_for_a_day() {
    let mut pair = Pair::new(|config| config.heart_bt_int = 30);
    pair.connect();
    pair.advance(Duration::from_secs(86_400));
    assert!(pair.both_logged_on());
    let heartbeats = pair.side(INITIATOR).status().next_out;
    assert!((2_000..3_000).contains(&heartbeats), "{heartbeats} messages in a day of 2,880 intervals");
    assert_eq!(pair.side(ACCEPTOR).application().logons, 1);
}

#[test]
fn a_reset_in_the_middle_begins_both_numbers_again() {
    let mut pair = Pair::new(|_| {});
    pair.connect();
    pair.settle();
    pair.send(INITIATOR).unwrap();
    pair.send(ACCEPTOR).unwrap();
    pair.settle();
    let now = pair.now;
    pair.side(ACCEPTOR).reset(now).unwrap();
    pair.settle();
    assert!(pair.both_logged_on());
    let status = [INITIATOR, ACCEPTOR].map(|index| pair.side(index).status());
    assert_eq!(status.map(|status| (status.next_in, status.next_out)), [(2, 2), (2, 2)]);
    pair.send(INITIATOR).unwrap();
    pair.settle();
    pair.compare(INITIATOR).unwrap();
}

/// Either side resets, sends on, and at any moment either side dies or the link breaks: both find together, and
/// what was sent after the reset arrives.
#[test]
fn a_reset_survives_a_crash_at_any_moment() {
    for (resets, crashes, steps) in
        (0..2).flat_map(|r| (0..3).flat_map(move |c| (0..8).map(move |s| (r, c, s))))
    {
        let mut pair = Pair::new(|_| {});
        pair.connect();
        pair.settle();
        for from in [INITIATOR, ACCEPTOR, INITIATOR, ACCEPTOR] {
            pair.send(from).unwrap();
        }
        pair.settle();
        let now = pair.now;
        pair.side(resets).reset(now).unwrap();
        pair.work(resets);
        for step in 0..steps {
            if step < 3 {
                pair.send(resets).unwrap();
                pair.work(resets);
            }
            pair.deliver_one(1 - resets);
            pair.deliver_one(resets);
        }
        match crashes {
            INITIATOR | ACCEPTOR => pair.crash(crashes),
            _ => pair.cut(),
        }
        let case = format!("{resets} resets, {crashes} crashes after {steps} steps");
        pair.recover().unwrap_or_else(|error| panic!("{case}: {error}"));
        for from in [INITIATOR, ACCEPTOR] {
            pair.send(from).unwrap();
        }
        pair.settle();
        for from in [INITIATOR, ACCEPTOR] {
            let all: Vec<u64> = (1..pair.side(from).application().next_note().0).collect();
            let other = pair.side(1 - from).application();
            assert_eq!(other.received_ids(), all, "{case}: from {from}");
            assert!(
                !other.faults.iter().any(|fault| fault.contains("delivered")),
                "{case}: {:?}",
                other.faults
            );
            assert!(pair.side(from).status().next_out < 10, "{case}: the numbers have begun again");
        }
    }
}

#[test]
fn a_logout_is_answered_and_both_sides_close() {
    let mut pair = Pair::new(|_| {});
    pair.connect();
    pair.settle();
    pair.side(INITIATOR).logout(Some("done"));
    pair.settle();
    assert_eq!(pair.side(INITIATOR).application().closed, [CloseReason::LogoutAnswered]);
    assert_eq!(pair.side(ACCEPTOR).application().closed, [CloseReason::LogoutReceived]);
}

/// Found by fuzzing: neither application handles a News(B) without its number nor a BusinessMessageReject(j), and
/// each reject was answered by the next one.
#[test]
fn a_message_that_nobody_handles_is_not_talked_about_for_ever() {
    let mut pair = Pair::new(|_| {});
    pair.connect();
    pair.settle();
    pair.inject(ACCEPTOR, &frame("35=B\x0149=INIT\x0156=ACPT\x0134=2\x0152=20260105-09:00:00\x017=1\x01"));
    pair.settle();
    assert!(pair.both_logged_on());
    let status = [INITIATOR, ACCEPTOR].map(|index| pair.side(index).status());
    assert_eq!(
        status.map(|status| status.next_out),
        [2, 3],
        "one BusinessMessageReject, and no answer to it"
    );
}

/// Found by fuzzing: with SendRedundantResendRequests each of many messages beyond a gap asked for the whole range
/// again, until the other side broke the storm with a Logout.
#[test]
fn redundant_resend_requests_do_not_end_the_session() {
    let mut pair = Pair::new(|config| {
        config.queue_while_disconnected = true;
        config.send_redundant_resend_requests = true;
    });
    for _ in 0..30 {
        pair.send(ACCEPTOR).unwrap();
    }
    pair.connect();
    while !pair.both_logged_on() {
        pair.step();
        _ = pair.send(ACCEPTOR);
    }
    for _ in 0..30 {
        pair.send(ACCEPTOR).unwrap();
        pair.work(ACCEPTOR);
    }
    pair.settle();
    assert!(pair.both_logged_on());
    pair.compare(ACCEPTOR).unwrap();
    assert!(pair.side(INITIATOR).status().next_out < 10, "a few ResendRequests");
}

#[test]
fn both_sides_miss_much_and_repair_it_at_once() {
    let mut pair = Pair::new(|config| config.queue_while_disconnected = true);
    for _ in 0..300 {
        pair.send(INITIATOR).unwrap();
        pair.send(ACCEPTOR).unwrap();
    }
    pair.recover().unwrap();
    pair.compare(INITIATOR).unwrap();
    pair.compare(ACCEPTOR).unwrap();
}

#[test]
fn both_sides_miss_much_and_know_it_from_the_logons() {
    let mut pair = Pair::new(|config| {
        config.queue_while_disconnected = true;
        config.send_next_expected_msg_seq_num = true;
    });
    for _ in 0..300 {
        pair.send(INITIATOR).unwrap();
        pair.send(ACCEPTOR).unwrap();
    }
    pair.recover().unwrap();
    pair.compare(INITIATOR).unwrap();
    pair.compare(ACCEPTOR).unwrap();
}

#[test]
fn missing_messages_are_asked_for_in_chunks() {
    let mut pair = Pair::new(|config| {
        config.queue_while_disconnected = true;
        config.resend_request_chunk_size = 7;
    });
    for _ in 0..100 {
        pair.send(INITIATOR).unwrap();
    }
    pair.recover().unwrap();
    pair.compare(INITIATOR).unwrap();
}

#[test]
fn the_test_store_is_a_store() {
    assert_eq!(conformance(TestStore::new), Ok(()));
}

#[test]
fn a_crash_brings_back_what_was_flushed() {
    let mut store = TestStore::new();
    store.append(1, b"one").unwrap();
    store.flush().unwrap();
    store.append(2, b"two").unwrap();
    store.reset(UtcTimestamp::UNIX_EPOCH).unwrap();
    store.append(1, b"new").unwrap();
    store.crash();
    assert_eq!((store.next_out(), store.message(1), store.message(2)), (2, Some(&b"one"[..]), None));
}

/// Readers of the store hear of every message that will not be sent again, wherever the crash comes.
#[test]
fn what_counts_as_received_is_in_the_store_after_a_crash_at_every_step() {
    for crash_at in 0..40 {
        let mut pair = Pair::new(|_| {});
        pair.side(INITIATOR).store_mut().received = Some(Vec::new());
        pair.connect();
        pair.chunk = 50;
        for step in 0..80 {
            if pair.both_logged_on() {
                let _ = pair.send(ACCEPTOR);
            }
            if step == crash_at {
                pair.crash(INITIATOR);
                pair.connect();
            }
            pair.step();
        }
        pair.recover().unwrap();
        let ids = pair.side(INITIATOR).application().received_ids();
        assert!(ids.len() > 20, "crash at {crash_at}: {} received", ids.len());
        let received = pair.side(INITIATOR).store_mut().received.take().unwrap();
        let mut kept: Vec<u64> = received.iter().map(|(_, bytes)| id_of(bytes)).collect();
        kept.dedup();
        assert_eq!(kept, ids, "crash at {crash_at}");
        assert!(
            received.is_sorted_by_key(|(number, _)| *number),
            "crash at {crash_at}: received again under another number"
        );
    }
}

/// The serial number of a note.
fn id_of(bytes: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(bytes);
    let rest = text.split_once("\x01148=").unwrap().1;
    rest.split_once('\x01').unwrap().0.parse().unwrap()
}

#[test]
fn a_reject_and_what_the_application_reports_itself_are_kept_and_other_admin_messages_are_not() {
    let mut pair = Pair::new(|_| {});
    pair.side(INITIATOR).store_mut().received = Some(Vec::new());
    pair.connect();
    pair.settle();
    pair.side(INITIATOR).application_mut().own_reports.push(b"not resent".to_vec());
    for (number, body) in
        [(2, "35=0|"), (3, "35=3|45=1|58=no|"), (4, "35=1|112=T|"), (5, "35=B|148=7|33=1|58=x|")]
    {
        let (kind, rest) = body.split_once('|').unwrap();
        let text = format!("{kind}|34={number}|49=ACPT|52=20260105-09:00:00|56=INIT|{rest}");
        pair.inject(INITIATOR, &frame(&text.replace('|', "\x01")));
        pair.settle();
    }
    let store = pair.side(INITIATOR).store_mut();
    let numbers: Vec<u64> = store.received.iter().flatten().map(|(number, _)| *number).collect();
    assert_eq!((numbers, store.own_reports.clone()), (vec![3, 5], vec![b"not resent".to_vec()]));
}

#[test]
fn a_message_that_cannot_be_kept_is_not_delivered_and_does_not_count() {
    let mut pair = Pair::new(|_| {});
    pair.connect();
    pair.settle();
    let before = pair.side(INITIATOR).store_mut().next_in();
    pair.send(ACCEPTOR).unwrap();
    pair.side(INITIATOR).store_mut().fails = true;
    pair.settle();
    assert_eq!(pair.side(INITIATOR).application().received_ids(), Vec::<u64>::new());
    assert_eq!(pair.side(INITIATOR).store_mut().next_in(), before);
    let closed = pair.side(INITIATOR).application().closed.clone();
    assert!(matches!(closed[..], [CloseReason::Store(_)]), "{closed:?}");
}

/// Damaged, repeated and reordered messages at any moment: no panic (overflow included), no spin, and the
/// session still answers afterwards or has closed for a reason.
#[test]
fn whatever_arrives_is_survived() {
    for seed in 1..400u64 {
        let mut random = seed;
        let mut below = |limit: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % limit
        };
        let mut pair = Pair::new(|config| config.max_latency = None);
        pair.connect();
        pair.settle();
        for _ in 0..30 {
            let number = ["0", "1", "2", "3", "5", "9", "18446744073709551615", "x", ""][below(9)];
            let kind = ["0", "1", "2", "3", "4", "5", "A", "B", "D", ""][below(10)];
            let body = [
                "112=T|",
                "7=1|16=0|",
                "7=3|16=1|",
                "36=9|123=Y|",
                "36=0|",
                "36=18446744073709551615|",
                "98=0|108=5|141=Y|",
                "98=0|108=5|789=7|",
                "43=Y|122=20260105-09:00:09|148=1|",
                "148=7|58=note|",
                "",
            ][below(11)];
            let text = format!("35={kind}|34={number}|49=ACPT|52=20260105-09:00:00|56=INIT|{body}");
            let mut bytes = frame(&text.replace('|', "\x01"));
            if below(5) == 0 {
                let at = below(bytes.len());
                bytes[at] = below(256) as u8;
            }
            pair.inject(INITIATOR, &bytes);
            pair.settle();
            if below(8) == 0 {
                pair.advance(Duration::from_secs(2));
            }
            let _ = pair.send(INITIATOR);
        }
        pair.cut();
        assert_eq!(pair.side(INITIATOR).status().phase, Phase::Idle);
    }
}

fn frame(body: &str) -> Vec<u8> {
    let mut bytes = format!("8=FIX.4.4\x019={}\x01{body}", body.len()).into_bytes();
    let sum = digits(check_sum(&bytes));
    bytes.extend_from_slice(b"10=");
    bytes.extend_from_slice(&sum);
    bytes.push(1);
    bytes
}
