use fix_core::wire::frame::{Scan, scan};

use super::*;

fn message(body: &str) -> Vec<u8> {
    let body = body.replace('|', "\x01");
    framed(b"FIX.4.4", body.len(), body.as_bytes())
}

fn tamper(text: &str) -> Tamper {
    Tamper::new(toml_edit::de::from_str(text).unwrap(), 3)
}

const REPORT: &str = "35=8|49=EXCHANGE|56=DESK|34=7|17=E7|150=0|";

#[test]
fn a_wrong_sum_or_length_is_garbled_and_nothing_else_is_wrong() {
    let good = message(REPORT);
    assert!(matches!(scan(&good, 512), Scan::Frame(_, _)));
    let spoilt = |text| match tamper(text).write(&good) {
        (Written::All(bytes), Some(_)) => bytes,
        other => panic!("{other:?}"),
    };
    let bytes = spoilt("wrong-check-sum = 1");
    assert!(matches!(scan(&bytes, 512), Scan::Garbled(_, _)), "{bytes:?}");
    let bytes = spoilt("wrong-body-length = 1");
    // It is one byte too long: what it is shows with the message behind it.
    let both = [&bytes[..], &good].concat();
    assert!(matches!(scan(&both, 512), Scan::Garbled(_, _)), "{bytes:?}");
    let without_trailer = &bytes[..bytes.len() - 7];
    assert!(bytes.ends_with(format!("10={:03}\x01", check_sum(without_trailer)).as_bytes()));
}

#[test]
fn logons_and_logouts_are_left_alone() {
    let mut tamper = tamper("wrong-check-sum = 1\ncut = 1\nhalf-open = 1\nlost = { every = 1 }\n");
    for msg_type in ["A", "5"] {
        let good = message(&format!("35={msg_type}|34=1|"));
        assert_eq!(tamper.write(&good), (Written::All(good.clone()), None));
    }
}

#[test]
fn so_many_messages_in_a_row_are_lost() {
    let mut tamper = tamper("lost = { every = 40, messages = 3 }");
    let lost: Vec<bool> = (0..400).map(|_| tamper.write(&message(REPORT)).0 == Written::Nothing).collect();
    assert!(lost.contains(&true));
    for run in lost.split(|lost| !lost).filter(|run| !run.is_empty()) {
        assert_eq!(run.len() % 3, 0, "{lost:?}");
    }
}

#[test]
fn a_cut_message_is_no_message_and_a_half_open_line_says_nothing() {
    let good = message(REPORT);
    let (Written::Cut(bytes), _) = tamper("cut = 1").write(&good) else { panic!() };
    assert!(matches!(scan(&bytes, 512), Scan::Partial));
    assert_eq!(tamper("half-open = 1").write(&good).0, Written::HalfOpen);
}

#[test]
fn a_resend_loses_its_orig_sending_time_and_stays_a_good_message() {
    let mut tamper = tamper("no-orig-sending-time = true");
    let once = message("35=8|34=7|52=20261128-10:00:00|17=E|");
    assert_eq!(tamper.write(&once), (Written::All(once.clone()), None));
    let again = message("35=8|34=7|43=Y|52=20261128-10:00:00|122=20261128-09:00:00|17=E|");
    let (Written::All(bytes), Some(_)) = tamper.write(&again) else { panic!() };
    assert_eq!(bytes, message("35=8|34=7|43=Y|52=20261128-10:00:00|17=E|"));
    let gap_fill = message("35=4|34=7|43=Y|122=20261128-09:00:00|123=Y|36=9|");
    assert_eq!(tamper.write(&gap_fill), (Written::All(gap_fill.clone()), None));
}

#[test]
fn what_is_resent_meets_the_faults_of_the_line_too() {
    let again = message("35=8|34=7|43=Y|122=20261128-09:00:00|17=E|");
    for text in
        ["wrong-check-sum = 1", "wrong-body-length = 1", "lost = { every = 1 }", "cut = 1", "half-open = 1"]
    {
        let (written, fault) = tamper(text).write(&again);
        assert!(written != Written::All(again.clone()) && fault.is_some(), "{text}");
    }
}

#[test]
fn a_report_has_the_exec_id_of_the_one_before() {
    let mut tamper = tamper("duplicate-exec-id = 1");
    let first = message("35=8|17=E1|150=0|");
    assert_eq!(tamper.write(&first), (Written::All(first.clone()), None), "there was none before");
    let (Written::All(bytes), Some(_)) = tamper.write(&message("35=8|17=E2|150=F|")) else { panic!() };
    assert_eq!(bytes, message("35=8|17=E1|150=F|"));
}

#[test]
fn the_same_seed_spoils_the_same_messages() {
    let spoilt = |seed| {
        let mut tamper =
            Tamper::new(toml_edit::de::from_str("wrong-check-sum = 10\ncut = 30").unwrap(), seed);
        (0..200).map(|_| tamper.write(&message(REPORT)).1).collect::<Vec<_>>()
    };
    assert_eq!(spoilt(1), spoilt(1));
    assert_ne!(spoilt(1), spoilt(2));
}

#[test]
fn what_is_no_message_is_spoilt_too() {
    for last in [b'0', b'9', b'x', 0xff] {
        let good = [b"no message", &[last, 1][..]].concat();
        let (Written::All(bytes), Some(_)) = tamper("wrong-check-sum = 1").write(&good) else { panic!() };
        assert_ne!(bytes, good);
    }
}
