//! Each check by example: a message, the switches, and the Reject that it must lead to.

use std::{format, vec, vec::Vec};

use super::*;
use crate::{
    dict::fix44::DICTIONARY,
    msg::{index::Slot, msg_type::MsgType},
    wire::{
        frame::{Frame, Scan, scan},
        writer::MessageWriter,
    },
};

const HEADER: &str = "34=2|49=TW44|52=20261124-05:38:00|56=ISLD|";
const EXECUTION: &str = "6=0|14=0|17=E|37=O|39=0|54=1|55=X|150=0|151=1|";
const ORDER: &str = "11=A|40=1|54=1|60=20261124-05:38:00|";

fn with_message<R>(msg_type: &str, fields: &str, check: impl FnOnce(&Message<'_>) -> R) -> R {
    with_frame(msg_type, fields, |frame| check(&Message::parse(frame).unwrap()))
}

fn with_frame<R>(msg_type: &str, fields: &str, check: impl FnOnce(Frame<'_>) -> R) -> R {
    let mut buffer = vec![0; 4096];
    let msg_type = MsgType::from_bytes(msg_type.as_bytes()).unwrap();
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().encoded(fields.replace('|', "\x01").as_bytes());
    let len = writer.finish().unwrap();
    let Scan::Frame(frame, _) = scan(&buffer[..len], 4096) else { panic!("no frame: {fields}") };
    check(frame)
}

#[test]
fn a_number_too_large_for_us_is_no_wrong_format() {
    // A float (OrderQty), an int (NumDaysInterest) and a SeqNum (LastMsgSeqNumProcessed).
    for (tag, number, expected) in [
        (38, "100000000000000000000", Err((5, Some(38)))),
        (38, "-0.12345678901234567891", Err((5, Some(38)))),
        (38, "1.50000000000000000000000000", Ok(())),
        (38, "1000000000000000000000x", Err((6, Some(38)))),
        (157, "9223372036854775808", Err((5, Some(157)))),
        (157, "-9223372036854775809", Err((5, Some(157)))),
        (157, "9223372036854775807", Ok(())),
        (157, "9223372036854775808x", Err((6, Some(157)))),
        (157, "92233720368547758080.5", Err((6, Some(157)))),
        (369, "18446744073709551616", Err((5, Some(369)))),
        (369, "-18446744073709551616", Err((6, Some(369)))),
    ] {
        let fields = match tag {
            369 => format!("{HEADER}369={number}|{EXECUTION}"),
            157 => format!("{HEADER}{EXECUTION}157={number}|"),
            _ => format!("{HEADER}{ORDER}{tag}={number}|"),
        };
        let msg_type = if tag == 38 { "D" } else { "8" };
        assert_eq!(answer(msg_type, &fields, &Checks::ALL), expected, "{number}");
        let others = Checks { number_range: false, ..Checks::ALL };
        assert_eq!(
            answer(msg_type, &fields, &others),
            expected.or_else(|(reason, tag)| match reason {
                5 => Ok(()),
                _ => Err((reason, tag)),
            })
        );
    }
}

/// PriceType(423) has codes, and no such number is one of them, whatever our types can hold.
#[test]
fn a_number_too_large_for_us_is_no_code() {
    let fields = format!("{HEADER}{ORDER}423=99999999999999999999|");
    for number_range in [true, false] {
        assert_eq!(answer("D", &fields, &Checks { number_range, ..Checks::ALL }), fault(5, 423));
    }
}

type Answer = Result<(), (u32, Option<i32>)>;

fn answer(msg_type: &str, fields: &str, checks: &Checks) -> Answer {
    with_frame(msg_type, fields, |frame| answer_twice(frame, checks)).unwrap()
}

/// The answer, which must be the same with and without the quick walk; `None` if the message is garbled.
fn answer_twice(frame: Frame<'_>, checks: &Checks) -> Option<Answer> {
    let exact = validate(&Message::parse(frame).ok()?, &DICTIONARY, checks);
    let mut slots = [Slot::EMPTY; 64];
    let message = Message::parse_indexed(frame, &mut slots).unwrap();
    assert_eq!(validate(&message, &DICTIONARY, checks), exact, "{}", frame.bytes().escape_ascii());
    if *checks == Checks::ALL {
        // It says yes to all that is right in these tests.
        let is_in_order = quick::is_in_order(&message, &DICTIONARY, checks);
        assert_eq!(is_in_order, exact.is_ok(), "{}", frame.bytes().escape_ascii());
    }
    Some(exact.map_err(|finding| (finding.reason.code(), finding.tag.map(|tag| tag.0))))
}

const fn fault(reason: u32, tag: i32) -> Answer {
    Err((reason, Some(tag)))
}

/// Messages with a good header, by their further fields.
fn check_all(cases: &[(&str, &str, Answer)]) {
    for (msg_type, fields, expected) in cases {
        let got = answer(msg_type, &std::format!("{HEADER}{fields}"), &Checks::ALL);
        assert_eq!(got, *expected, "35={msg_type} {fields}");
    }
}

/// Orders with a fault that a switch forgives.
fn check_switch(cases: &[(&str, Answer)], relaxed: Checks) {
    for (fields, expected) in cases {
        let fields = std::format!("{HEADER}{ORDER}{fields}");
        assert_eq!(answer("D", &fields, &Checks::ALL), *expected, "{fields}");
        assert_eq!(answer("D", &fields, &relaxed), Ok(()), "{fields}");
    }
}

#[test]
fn good_messages_pass() {
    check_all(&[
        ("0", "", Ok(())),
        ("D", "11=A|21=3|38=002000.00|40=1|54=1|55=INTC|60=20261124-05:38:00|167=CS|", Ok(())),
        ("D", "40=1|55=MSFT|60=20261124-05:38:00|54=1|21=3|11=id|", Ok(())),
        ("d", "320=J|322=1|323=6|55=TBS|22=8|167=CS|336=ONE_MAIN|58=none|454=0|", Ok(())),
        ("D", "11=A|40=1|54=1|60=20261124-05:38:00|453=2|448=A|447=D|452=1|448=B|447=D|452=3|", Ok(())),
        ("D", "11=A|40=1|54=1|60=20261124-05:38:00|354=3|355=a|b|93=3|89=s|t|", Ok(())),
        ("D", "11=A|40=1|54=1|60=20261124-05:38:00|18=G 6|58=Z\u{fc}rich|", Ok(())),
        ("A", "98=0|108=30|384=2|372=D|385=R|372=8|385=S|", Ok(())),
        ("0", "627=1|628=HUB|629=20261124-05:38:00|112=hops are of the header|", Ok(())),
    ]);
}

#[test]
fn parts_in_order() {
    let order = "11=A|40=1|54=1|60=20261124-05:38:00|";
    for (fields, expected) in [
        (std::format!("{order}{HEADER}"), fault(14, 34)),
        (std::format!("55=MSFT|{HEADER}{order}"), fault(14, 34)),
        (std::format!("{HEADER}{order}93=1|89=s|55=MSFT|"), fault(14, 55)),
        (std::format!("{HEADER}93=1|89=s|115=X|{order}"), fault(14, 115)),
        // It is the first answer, whatever else is wrong before it.
        (std::format!("55=|999=x|{HEADER}"), fault(14, 34)),
    ] {
        assert_eq!(answer("D", &fields, &Checks::ALL), expected, "{fields}");
    }
    let relaxed = Checks { fields_out_of_order: false, ..Checks::ALL };
    assert_eq!(answer("D", &std::format!("{order}{HEADER}"), &relaxed), Ok(()));
}

#[test]
fn the_message_type_comes_before_its_fields() {
    check_all(&[("U1", "58=x|", Err((11, None))), ("ZZ", "999=x|", Err((11, None)))]);
    assert_eq!(answer("U1", "", &Checks::ALL), Err((11, None)), "before what is required");
}

#[test]
fn required_fields_of_the_header_then_of_the_body_then_of_groups() {
    let without_target = "34=2|49=TW44|52=20261124-05:38:00|";
    assert_eq!(answer("0", without_target, &Checks::ALL), fault(1, 56));
    assert_eq!(answer("D", "34=2|49=TW44|", &Checks::ALL), fault(1, 52), "lowest tag first");
    check_all(&[
        ("D", "40=1|60=20261124-05:38:00|54=1|21=3|", fault(1, 11)),
        ("D", "55=X|", fault(1, 11)),
        ("D", "11=A|54=9999|40=|", fault(1, 60)),
        ("1", "", fault(1, 112)),
        ("4", "123=Y|", fault(1, 36)),
        ("E", "66=L|394=3|68=1|73=1|11=A|67=1|55=X|", fault(1, 54)),
        ("E", "66=L|394=3|68=2|73=2|11=A|67=1|54=1|11=B|54=1|", fault(1, 67)),
        ("W", "55=X|", fault(1, 268)),
    ]);
    let relaxed = Checks { required_fields: false, ..Checks::ALL };
    assert_eq!(answer("D", HEADER, &relaxed), Ok(()));
    assert_eq!(answer("E", &std::format!("{HEADER}73=1|11=A|"), &relaxed), Ok(()));
}

#[test]
fn empty_fields() {
    check_switch(
        &[("55=|", fault(4, 55)), ("44=|", fault(4, 44)), ("453=1|448=|", fault(4, 448))],
        Checks { fields_have_values: false, ..Checks::ALL },
    );
    check_all(&[("0", "112=|", fault(4, 112))]);
    assert_eq!(answer("0", "34=2|49=|52=20261124-05:38:00|56=|", &Checks::ALL), fault(4, 49));
}

#[test]
fn formats_of_every_type() {
    check_switch(
        &[
            ("38=+200.00|", fault(6, 38)),
            ("44=abc|", fault(6, 44)),
            ("44=1e5|", fault(6, 44)),
            ("114=X|", fault(6, 114)),
            ("847=99999999999999999999999x|", fault(6, 847)),
            ("432=20261399|", fault(6, 432)),
            ("126=20261124|", fault(6, 126)),
            ("126=20261124-05:38:61|", fault(6, 126)),
            ("200=2026|", fault(6, 200)),
            ("18=G  6|", fault(6, 18)),
            ("453=-1|448=A|447=D|452=1|", fault(6, 453)),
            ("453=x|", fault(6, 453)),
            ("453=1|448=A|452=one|", fault(6, 452)),
        ],
        Checks { formats: false, allow_unknown_enum_values: true, group_counts: false, ..Checks::ALL },
    );
    check_all(&[
        ("D", "11=A|40=1|54=11|60=20261124-05:38:00|", fault(6, 54)),
        ("4", "36=-1|", fault(6, 36)),
        ("W", "268=1|269=0|272=20260230|", fault(6, 272)),
        ("W", "268=1|269=0|273=25:00:00|", fault(6, 273)),
    ]);
    let header = |sending_time: &str| std::format!("34=2|49=TW44|52={sending_time}|56=ISLD|");
    assert_eq!(answer("0", &header("yesterday"), &Checks::ALL), fault(6, 52));
    for fraction in ["", ".1", ".123456789", ".123456789012"] {
        let good = std::format!("20261124-05:38:00{fraction}");
        assert_eq!(answer("0", &header(&good), &Checks::ALL), Ok(()), "{good}");
    }
}

#[test]
fn codes() {
    check_switch(
        &[
            ("21=4|", fault(5, 21)),
            ("167=BOO|", fault(5, 167)),
            ("18=G ~|", fault(5, 18)),
            ("386=1|336=A|625=X|453=1|448=A|447=~|", fault(5, 447)),
        ],
        Checks { allow_unknown_enum_values: true, ..Checks::ALL },
    );
}

#[test]
fn unknown_fields() {
    check_all(&[
        ("0", "999=HI|", fault(0, 999)),
        ("0", "0=HI|", fault(0, 0)),
        ("0", "-1=HI|", fault(0, -1)),
        ("0", "5000=HI|", fault(0, 5000)),
        ("0", "2147483647=HI|", fault(0, i32::MAX)),
    ]);
    check_switch(
        &[("5000=HI|", fault(0, 5000)), ("453=2|448=A|5001=x|448=B|", fault(0, 5001))],
        Checks { user_defined_fields: false, ..Checks::ALL },
    );
    check_switch(
        &[("999=HI|", fault(0, 999)), ("268=0|", fault(2, 268))],
        Checks { allow_unknown_msg_fields: true, ..Checks::ALL },
    );
    let most_relaxed = Checks { allow_unknown_msg_fields: true, user_defined_fields: false, ..Checks::ALL };
    assert_eq!(answer("0", &std::format!("{HEADER}-1=HI|"), &most_relaxed), fault(0, -1));
}

#[test]
fn fields_of_another_message() {
    check_all(&[
        ("0", "55=X|", fault(2, 55)),
        ("D", "11=A|40=1|54=1|60=20261124-05:38:00|17=E|", fault(2, 17)),
    ]);
}

#[test]
fn repeated_fields() {
    check_switch(
        &[("55=X|55=Y|", fault(13, 55)), ("453=1|448=A|447=D|447=D|", fault(13, 447))],
        Checks { repeated_fields: false, ..Checks::ALL },
    );
    check_all(&[
        ("0", "115=X|115=Y|", fault(13, 115)),
        ("D", "11=A|40=1|54=1|60=20261124-05:38:00|55=|55=Y|", fault(4, 55)),
    ]);
    let custom = Checks { user_defined_fields: false, ..Checks::ALL };
    assert_eq!(answer("0", &std::format!("{HEADER}5001=a|5001=b|"), &custom), fault(13, 5001));
}

#[test]
fn group_counts() {
    check_switch(
        &[
            ("386=3|336=PRE-OPEN|336=AFTER-HOURS|", fault(16, 386)),
            ("453=1|448=A|447=D|452=1|448=B|447=D|452=3|", fault(16, 453)),
            ("453=0|448=A|", fault(16, 453)),
            ("453=2|", fault(16, 453)),
            ("453=1|448=A|802=2|523=x|", fault(16, 802)),
        ],
        Checks { group_counts: false, ..Checks::ALL },
    );
    // A field behind a nested group is not swallowed, nor the entry behind it.
    check_all(&[(
        "D",
        "11=A|40=1|54=1|60=20261124-05:38:00|453=2|448=A|802=1|523=x|803=1|448=B|452=1|55=X|",
        Ok(()),
    )]);
}

#[test]
fn the_order_of_an_entry() {
    check_switch(
        &[
            ("453=2|448=A|452=1|447=D|448=B|452=3|447=D|", fault(15, 447)),
            ("453=1|448=A|802=1|523=x|803=1|452=1|", fault(15, 452)),
        ],
        Checks { unordered_group_fields: false, ..Checks::ALL },
    );
    let other_delimiter = "453=2|447=D|452=1|447=D|452=3|";
    check_switch(
        &[(other_delimiter, fault(15, 447))],
        Checks { first_field_in_group_is_delimiter: true, ..Checks::ALL },
    );
}

#[test]
fn data_and_its_length() {
    check_all(&[
        ("B", "148=h|33=1|58=t|95=2|96=abcdef|", fault(5, 95)),
        ("B", "148=h|33=1|58=t|95=99|96=abcdef|", fault(5, 95)),
        ("B", "148=h|33=1|58=t|95=2|", fault(5, 95)),
        ("B", "148=h|33=1|58=t|95=2|42=20261124-05:38:00|96=ab|", fault(5, 95)),
        ("B", "148=h|33=1|58=t|96=ab|", fault(6, 96)),
        ("B", "148=h|33=1|58=t|95=x|96=ab|", fault(6, 95)),
        ("B", "148=h|33=1|58=t|95=5|96=a|b=c|", Ok(())),
    ]);
}

#[test]
fn the_lowest_tag_of_a_part_is_answered_first() {
    check_all(&[
        ("D", "11=A|40=1|54=1|60=20261124-05:38:00|167=BOO|44=abc|", fault(6, 44)),
        ("D", "11=A|40=1|54=1|60=20261124-05:38:00|453=1|448=A|452=x|167=BOO|", fault(5, 167)),
        ("D", "11=A|40=1|54=1|60=20261124-05:38:00|44=abc|93=x|89=s|", fault(6, 93)),
        ("D", "43=X|11=A|40=1|54=1|60=20261124-05:38:00|1=|93=x|89=s|", fault(6, 43)),
    ]);
}

#[test]
fn everything_is_reported_in_wire_order() {
    let mut found = Vec::new();
    with_message("D", &std::format!("{HEADER}11=A|54=1|167=BOO|44=abc|55=|999=x|"), |message| {
        findings(message, &DICTIONARY, &Checks::ALL, &mut |finding| {
            found.push((finding.reason.code(), finding.tag.unwrap().0));
        });
    });
    assert_eq!(found, [(5, 167), (6, 44), (4, 55), (0, 999), (1, 60), (1, 40)]);
}

/// Every message of these, with any one byte of its body replaced, and with any two fields swapped or one left out
/// or doubled, is judged by the quick walk as by the exact pass.
#[test]
fn the_quick_walk_never_says_yes_to_a_fault() {
    let lenient = Checks { user_defined_fields: false, ..Checks::ALL };
    for (msg_type, fields) in [
        ("D", "11=A|21=3|38=20.50|40=1|54=1|55=INTC|60=20261124-05:38:00.123|453=2|448=A|452=1|448=B|452=3|"),
        ("E", "66=L|394=3|68=1|73=2|11=A|67=1|78=1|79=a|80=5|54=1|11=B|67=2|54=1|"),
        ("W", "55=X|268=3|269=0|270=1.5|271=3|269=1|270=1.6|271=4|269=1|270=1.7|"),
        (
            "D",
            "11=A|5001=a|40=1|54=1|60=20261124-05:38:00|453=2|448=A|5002=b|452=1|448=B|5003=c|9999=d|58=t|",
        ),
        ("B", "148=h|33=2|58=t|58=u|354=3|355=a=b|95=2|96=ab|93=1|89=s|"),
        (
            "8",
            "37=O|17=E|150=F|39=1|55=X|54=1|75=20261124|30=XLON|15=EUR|151=5|14=12345678.5|6=0|64=20240229|",
        ),
    ] {
        let fields = std::format!("{HEADER}{fields}");
        let check = |fields: &str| {
            with_frame(msg_type, fields, |frame| _ = answer_twice(frame, &Checks::ALL));
            with_frame(msg_type, fields, |frame| _ = answer_twice(frame, &lenient));
        };
        assert_eq!(answer(msg_type, &fields, &lenient), Ok(()), "{fields}");
        for (at, _) in fields.match_indices(|byte| !"=|".contains(byte)) {
            for byte in ["0", "9", "3", "A", "Y", ".", "-", " ", "\u{e9}"] {
                check(&[&fields[..at], byte, &fields[at + 1..]].concat());
            }
        }
        let whole: Vec<&str> = fields.split_inclusive('|').collect();
        for (first, field) in whole.iter().enumerate() {
            check(&[&whole[..first], &whole[first + 1..]].concat().concat());
            check(&[&whole[..first], &[*field], &whole[first..]].concat().concat());
            for second in 0..first {
                let mut swapped = whole.clone();
                swapped.swap(first, second);
                check(&swapped.concat());
            }
        }
    }
}

#[test]
fn user_defined_fields_that_may_pass_do_so_at_once() {
    let lenient = Checks { user_defined_fields: false, ..Checks::ALL };
    let quickly = |fields: &str, checks: &Checks| {
        with_frame("D", &std::format!("{HEADER}{ORDER}{fields}"), |frame| {
            let mut slots = [Slot::EMPTY; 64];
            let message = Message::parse_indexed(frame, &mut slots).unwrap();
            (quick::is_in_order(&message, &DICTIONARY, checks), answer_twice(frame, checks).unwrap())
        })
    };
    assert_eq!(quickly("55=X|5001=a|9999=b|58=t|", &lenient), (true, Ok(())));
    assert_eq!(quickly("55=X|5001=a|", &Checks::ALL), (false, fault(0, 5001)));
    assert_eq!(quickly("55=X|5001=a|5001=a|", &lenient), (false, fault(13, 5001)));
    assert_eq!(quickly("55=X|5001=|", &lenient), (false, fault(4, 5001)));
    assert_eq!(quickly("55=X|1500=a|", &lenient), (false, fault(0, 1500)));
    let many: std::string::String = (5000..5040).map(|tag| std::format!("{tag}=a|")).collect();
    assert_eq!(quickly(&many, &lenient), (false, Ok(())), "more than it remembers");
}

#[test]
fn a_control_character_is_no_char() {
    for (tag, kind) in [(54, "with codes"), (206, "without")] {
        let order = ORDER.replace("54=1|", "");
        let side = if tag == 54 { "" } else { "54=1|" };
        let got = answer("D", &std::format!("{HEADER}{order}{side}{tag}=\u{2}|"), &Checks::ALL);
        assert_eq!(got, fault(6, tag), "{kind}");
    }
}

#[test]
fn an_unknown_field_inside_an_entry_stays_there() {
    let party = "453=2|448=P|447=D|452=1|2376=23|448=Q|447=D|452=3|2376=24|";
    let inside = "453=1|448=P|447=D|1003=t|2376=23|452=1|";
    let known = Checks { allow_unknown_msg_fields: true, ..Checks::ALL };
    for (fields, tag) in [(party, 2376), (inside, 1003)] {
        let order = format!("{HEADER}{ORDER}{fields}");
        assert_eq!(answer("D", &order, &known), Ok(()), "{fields}");
        // It is named, and the count is right.
        let found = with_message("D", &order, |message| {
            let mut all = Vec::new();
            findings(message, &DICTIONARY, &Checks::ALL, &mut |finding| all.push(finding));
            all
        });
        assert!(
            found.iter().all(|finding| finding.reason == SessionRejectReason::InvalidTagNumber),
            "{found:?}"
        );
        assert_eq!(answer("D", &order, &Checks::ALL).unwrap_err().0, 0, "{tag}");
    }
}
