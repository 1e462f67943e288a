//! Two of our engines never answer each other without end, whatever they are told: for every pair of message types,
//! with every kind of fault, what each side sends for it is bounded.

#![allow(unreachable_pub, dead_code, reason = "the modules of a test have no outside, and share a harness")]

extern crate alloc;

#[path = "pair/harness.rs"]
mod harness;

use alloc::{format, string::String};
use core::time::Duration;

use fix_core::{
    dict::fix44::DICTIONARY,
    session::config::{Role, ValidationPolicy},
    store::MessageStore,
    time::UTC_TIMESTAMP_LEN,
    wire::check_sum::{check_sum, digits},
};
use harness::{ACCEPTOR, INITIATOR, Pair};

/// What both sides together may send at once: answers, a Logout, its answer; and the three resets of the numbers
/// that each side takes before it ends the session, since a Logon that was not asked for is answered with a Logon.
const AT_ONCE: u64 = 16;

/// The messages of the session, and such as an application would answer; `zz` is a type that nobody knows.
const TYPES: [(&str, &str); 15] = [
    ("0", ""),
    ("1", "112=T|"),
    ("2", "7=1|16=0|"),
    ("3", "45=1|"),
    ("4", "36=9|"),
    ("4", "123=Y|36=9|"),
    ("5", ""),
    ("A", "98=0|108=5|"),
    ("A", "98=0|108=5|141=Y|"),
    ("j", "45=1|372=D|380=0|"),
    ("8", "37=O|17=E|150=0|39=0|55=X|54=1|151=1|14=0|6=0|"),
    ("9", "37=O|11=A|41=B|39=0|434=1|"),
    ("B", "148=1|33=1|58=x|"),
    ("zz", ""),
    ("", ""),
];

/// What may be wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    UnknownTag,
    NoField,
    EmptyField,
    WrongCompId,
    NoSendingTime,
    Duplicate,
    NumberTooLow,
    NumberTooHigh,
}

const FAULTS: [Fault; 9] = [
    Fault::None,
    Fault::UnknownTag,
    Fault::NoField,
    Fault::EmptyField,
    Fault::WrongCompId,
    Fault::NoSendingTime,
    Fault::Duplicate,
    Fault::NumberTooLow,
    Fault::NumberTooHigh,
];

/// One side says this, though it would not by itself.
fn say(pair: &mut Pair, from: usize, (msg_type, fields): (&str, &str), fault: Fault) {
    let number = pair.side(from).store_mut().next_out();
    let is_next = !matches!(fault, Fault::NumberTooLow | Fault::NumberTooHigh);
    let number = match fault {
        Fault::NumberTooLow => 1,
        Fault::NumberTooHigh => number + 5,
        _ => number,
    };
    let (us, them) = if from == INITIATOR { ("INIT", "ACPT") } else { ("ACPT", "INIT") };
    let us = if fault == Fault::WrongCompId { "SOMEBODY" } else { us };
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let len = pair.now_of(from).utc.format(&mut text);
    let time = format!("52={}|", String::from_utf8_lossy(&text[..len]));
    let time = if fault == Fault::NoSendingTime { "" } else { &time };
    let (header, more) = match fault {
        Fault::Duplicate => ("43=Y|", ""),
        Fault::UnknownTag => ("", "999=x|"),
        Fault::NoField => ("", "garbage|"),
        Fault::EmptyField => ("", "58=|"),
        _ => ("", ""),
    };
    let body = format!("35={msg_type}|34={number}|49={us}|56={them}|{time}{header}{fields}{more}");
    let head = format!("8=FIX.4.4|9={}|", body.len());
    let mut bytes = format!("{head}{body}").replace('|', "\x01").into_bytes();
    let sum = digits(check_sum(&bytes));
    bytes.extend([b"10=", &sum[..], b"\x01"].concat());
    if is_next {
        pair.side(from).set_next_out(number + 1).unwrap();
    }
    pair.inject(1 - from, &bytes);
}

/// Two sides that are logged on, and whose clocks then differ by so many seconds. Their applications know only News(B)
/// and answer everything else with a BusinessMessageReject.
fn logged_on(policy: Option<ValidationPolicy>, clock_error: i64) -> Pair {
    let mut pair = Pair::new(|config| {
        config.dictionary = Some(&DICTIONARY);
        config.validation_policy = policy.unwrap_or(match config.role {
            Role::Initiator => ValidationPolicy::DeliverFirst,
            Role::Acceptor => ValidationPolicy::Reject,
        });
    });
    pair.connect();
    pair.settle();
    assert!(pair.both_logged_on());
    pair.clock_error[ACCEPTOR] = clock_error;
    pair
}

/// How many messages both sides have sent since they were logged on. A reset of the numbers is counted, too.
fn sent(pair: &mut Pair) -> u64 {
    [INITIATOR, ACCEPTOR].into_iter().map(|side| pair.side(side).application().written).sum()
}

fn check(pair: &mut Pair, case: &str) {
    let before = sent(pair);
    while pair.step() {
        let at_once = sent(pair) - before;
        assert!(at_once <= AT_ONCE, "{case}: {at_once} messages at once");
    }
    let at_once = sent(pair) - before;
    // Long enough for every timer, and for a Logout to stay unanswered.
    let seconds = 20;
    pair.advance(Duration::from_secs(seconds));
    let later = sent(pair) - before - at_once;
    // A Heartbeat or TestRequest of either side each second would be far too much already.
    assert!(later <= 2 * seconds, "{case}: {later} messages in {seconds} s");
}

#[test]
fn whatever_both_sides_say_at_once_comes_to_rest() {
    let mut cases = 0;
    for clock_error in [0, 3_600] {
        let begin = logged_on(None, clock_error);
        for (one, other) in TYPES.into_iter().flat_map(|one| TYPES.map(|other| (one, other))) {
            for (fault, other_fault) in FAULTS.into_iter().flat_map(|a| FAULTS.map(|b| (a, b))) {
                let mut pair = begin.clone();
                say(&mut pair, INITIATOR, one, fault);
                say(&mut pair, ACCEPTOR, other, other_fault);
                let case =
                    format!("{one:?} {fault:?} against {other:?} {other_fault:?}, {clock_error} s off");
                check(&mut pair, &case);
                cases += 1;
            }
        }
    }
    println!("{cases} pairs come to rest");
}

#[test]
fn every_message_type_with_every_fault_comes_to_rest_under_every_policy() {
    let policies =
        [ValidationPolicy::Reject, ValidationPolicy::DeliverAndReport, ValidationPolicy::Warn].map(Some);
    for policy in [None].into_iter().chain(policies) {
        for clock_error in [0, -3_600] {
            let begin = logged_on(policy, clock_error);
            for (from, fault) in
                [INITIATOR, ACCEPTOR].into_iter().flat_map(|f| FAULTS.map(|fault| (f, fault)))
            {
                for def in DICTIONARY.messages {
                    let mut pair = begin.clone();
                    say(&mut pair, from, (def.msg_type, "45=1|"), fault);
                    let case =
                        format!("{} {fault:?} from {from}, {policy:?}, {clock_error} s off", def.msg_type);
                    check(&mut pair, &case);
                }
            }
        }
    }
}
