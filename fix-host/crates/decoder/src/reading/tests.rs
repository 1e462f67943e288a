//! What the reader finds in texts, cut in every way, and that no byte is lost.

use fix_core::wire::check_sum;

use super::oracle::{Seen, read};

const GOOD: &str = "8=FIX.4.4|9=5|35=0|10=163|";

/// A good message with this body, separated by `|`.
fn message(body: &str) -> String {
    let head = format!("8=FIX.4.4|9={}|{body}", body.len());
    let sum = check_sum::check_sum(head.replace('|', "\u{1}").as_bytes());
    format!("{head}10={sum:03}|")
}

fn soh(text: &str) -> String {
    text.replace('|', "\u{1}")
}

/// The same for every way to cut the text.
fn found(text: &str) -> Vec<Seen> {
    let whole = read(text.as_bytes(), text.len().max(1));
    for size in [1, 2, 3, 7, 16, 64] {
        assert_eq!(read(text.as_bytes(), size), whole, "in pieces of {size}: {text:?}");
    }
    whole.0
}

/// All messages of the text, none of them garbled.
fn good(text: &str) -> Vec<String> {
    let all = found(text).into_iter().map(|(_, bytes, problem)| {
        assert_eq!(problem, None, "{text:?}");
        bytes
    });
    all.collect()
}

pub(super) const SEPARATORS: [&str; 25] = [
    "\u{1}",
    "|",
    "^A",
    "^",
    ";",
    ",",
    "#",
    "~",
    "\t",
    " ",
    ", ",
    " | ",
    "<SOH>",
    "[SOH]",
    "{SOH}",
    "\\x01",
    "\\001",
    "\\u0001",
    "\\\\u0001",
    "&#1;",
    "&#x01;",
    "%01",
    "¦",
    "␁",
    "\n",
];

#[test]
fn every_separator_reads_the_same() {
    let order = message("35=D|34=8|49=A|58=new order|55=EUR/USD|54=1|");
    for separator in SEPARATORS {
        let text = order.replace('|', separator);
        for text in [
            text.clone(),
            format!("2026-01-20 15:13:06 IN {text}\n\n"),
            text.trim_end_matches(separator).into(),
        ] {
            assert_eq!(good(&text), std::slice::from_ref(&order), "{separator:?}");
        }
        assert_eq!(good(&format!("a {text}\nb {text}\n")), [order.clone(), order.clone()], "{separator:?}");
    }
}

/// A good message with this body, separated by SOH.
fn raw_message(body: &str) -> String {
    let head = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len());
    format!("{head}10={:03}\u{1}", check_sum::check_sum(head.as_bytes()))
}

#[test]
fn a_separator_that_stands_in_a_value_too_is_told_apart() {
    for separator in ["|", ";", ",", "#", "~", " ", ", "] {
        let raw = raw_message(&format!("35=B\u{1}148=a{separator}b{separator}-c{separator}\u{1}33=0\u{1}"));
        let found = found(&raw.replace('\u{1}', separator));
        assert_eq!(found, [(0, raw.replace('\u{1}', "|"), None)], "{separator:?}");
    }
}

#[test]
fn what_a_logger_has_escaped_is_read() {
    let raw = raw_message(&soh("35=B|148=say \"hi\" <now>\\ & é|33=0|"));
    let once = serde_json::to_string(&raw).unwrap();
    let twice = serde_json::to_string(&once).unwrap();
    let html = raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    for text in [
        format!("{{\"at\":\"10:11:12\",\"msg\":{once}}}\n"),
        format!("{{\"at\":\"10:11:12\",\"msg\":{twice}}}\n"),
        html.replace('\u{1}', "&#1;"),
        once.replace("\\u0001", "|"),
        raw.replace('\\', "\\\\").replace('"', "\\\"").replace('\u{1}', "\\x01"),
    ] {
        assert_eq!(good(&text), [raw.replace('\u{1}', "|")], "{text}");
    }
}

#[test]
fn data_may_hold_a_whole_message() {
    let inner = message("35=8|34=1|49=Q|56=R|37=1|");
    for data in [inner.clone(), format!("<RTRF>{inner}</RTRF>"), format!("{inner}{inner}")] {
        for (length, tag, msg_type) in [(212, 213, "n"), (95, 96, "0"), (354, 355, "j")] {
            let outer = message(&format!("35={msg_type}|34=1|{length}={}|{tag}={data}|", data.len()));
            for separator in SEPARATORS {
                let text = format!("14:40:25 : {}", outer.replace('|', separator));
                assert_eq!(good(&text), std::slice::from_ref(&outer), "{separator:?}");
                let next = GOOD.replace('|', separator);
                assert_eq!(
                    good(&format!("{text}\nx {next}\n")),
                    [outer.clone(), GOOD.into()],
                    "{separator:?}"
                );
            }
        }
    }
}

#[test]
fn a_wrong_body_length_does_not_cut_data() {
    let inner = message("35=8|34=1|");
    let outer = message(&format!("35=n|212={}|213={inner}|58=tail|", inner.len()));
    let wrong = soh(&outer.replacen("9=", "9=1", 1));
    let found = found(&format!("{wrong}{}", soh(GOOD)));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].1.contains("58=tail") && found[0].2.as_ref().unwrap().starts_with("BodyLength(9) is 1"),
        "{found:?}"
    );
}

#[test]
fn a_digit_in_front_or_text_behind_costs_nothing() {
    for separator in ["\u{1}", "|", "^A"] {
        let good_one = GOOD.replace('|', separator);
        assert_eq!(good(&format!("04.635{good_one}: \n{good_one}")), [GOOD, GOOD]);
        let bare = good_one.strip_suffix(separator).unwrap();
        for behind in ["\"", "'", "]", ",", "\u{1b}[0m", "\")", "}", "7", " 8", "8=FIX"] {
            let found = found(&format!("{bare}{behind}\n{good_one}"));
            assert_eq!((found[0].1.as_str(), &found[0].2), (GOOD, &None), "{behind:?}");
            assert_eq!(found.last().unwrap().1, GOOD, "{behind:?}");
        }
        // Right behind each other, without a separator between them.
        assert_eq!(good(&format!("{bare}{good_one}")), [GOOD, GOOD]);
    }
}

#[test]
fn what_stands_between_messages_is_counted() {
    let raw = soh(GOOD);
    let text = format!("20260102-10:11:12.123 : {raw}\nnothing\n: {GOOD}junk {GOOD}\n{raw}{raw}");
    let starts: Vec<_> = found(&text).into_iter().map(|(start, _, problem)| (start, problem)).collect();
    assert_eq!(starts, [24, 61, 92, 119, 145].map(|start| (start, None)));
    assert_eq!(read(text.as_bytes(), 9).1, (text.len() - 5 * GOOD.len()) as u64);
}

#[test]
fn the_rest_of_a_message_is_shown_when_its_beginning_is_missing() {
    let text = format!("x 35=D|11=A|10=000|\n{GOOD}\n: 34=7|49=A|10=1|\n");
    let found = found(&soh(&text));
    let missing = Some("the beginning of a message is missing".to_owned());
    assert_eq!(
        found.into_iter().map(|(_, bytes, problem)| (bytes, problem)).collect::<Vec<_>>(),
        [
            ("35=D|11=A|10=000|".into(), missing.clone()),
            (GOOD.into(), None),
            ("34=7|49=A|10=1|".into(), missing)
        ]
    );
}

#[test]
fn what_is_wrong_is_told_and_the_next_message_is_found() {
    for (bad, problem) in [
        ("8=FIX.4.4|9=5|35=0|10=164|", "CheckSum(10) is 164, computed 163"),
        ("8=FIX.4.4|9=5|35=0|10=1\u{1b}3|", "CheckSum(10) is 1\\x1b3, computed 163"),
        ("8=FIX.4.4|9=6|35=0|10=163|", "BodyLength(9) is 6, counted 5"),
        ("8=FIX.4.4|9=32|35=0|10=163|", "BodyLength(9) is 32, counted 5"),
        ("8=FIX.4.4|9=999999999|35=0|10=163|", "BodyLength(9) is 999999999, counted 5"),
        ("8=FIX.4.4|35=0|10=163|", "BeginString(8) is not followed by a numeric BodyLength(9)"),
        ("8=FIX.4.4|9=-5|35=0|10=163|", "BeginString(8) is not followed by a numeric BodyLength(9)"),
        ("8=FIX.4.4|9=50|35=0|49=A", "cut off: no CheckSum(10); BodyLength(9) is 50, 10 bytes follow"),
        ("8=FIX.4.4|9=6|350=0|10=212|", "MsgType(35) is not the third field"),
        ("8=FIX.4.4|9=10|35=0|junk|10=136|", "a field is not tag=value (at byte 21)"),
        ("8=FIX.4.4", "cut off, or no separator stands between its fields"),
    ] {
        for text in [format!("{bad}\n{GOOD}"), soh(&format!("{bad}\n{GOOD}"))] {
            let found = found(&text);
            let expected = if bad.ends_with('|') { bad.to_owned() } else { format!("{bad}|") };
            assert_eq!(
                (found[0].1.as_str(), found[0].2.as_deref()),
                (expected.as_str(), Some(problem)),
                "{text:?}"
            );
            assert_eq!((found.len(), &found[1].1, &found[1].2), (2, &GOOD.to_owned(), &None), "{text:?}");
        }
    }
}

#[test]
fn no_text_of_fragments_loses_a_byte() {
    let alphabet: [&str; 9] = ["8=FIX.4.4", "\u{1}", "|", "9=3", "35=0", "10=", "\n", "^A", "7"];
    for number in 0..9usize.pow(5) {
        let text: String = (0..5).map(|place| alphabet[number / 9usize.pow(place) % 9]).collect();
        let whole = read(text.as_bytes(), text.len());
        assert_eq!(read(text.as_bytes(), 5), whole, "{text:?}");
    }
}

/// Takes a byte away, puts one in, changes one, doubles a part or takes one out.
fn mutate(text: &mut Vec<u8>, random: &mut impl FnMut(usize) -> usize) {
    const BYTES: &[u8] = b"\x01\x01\x01||=^A8910345F\n\\\"\0\xff ";
    for _ in 0..=random(3) {
        let at = random(text.len().max(1)).min(text.len());
        let end = (at + 1 + random(24)).min(text.len());
        match random(5) {
            0 if at < text.len() => _ = text.remove(at),
            1 => text.insert(at, BYTES[random(BYTES.len())]),
            2 if at < text.len() => text[at] = BYTES[random(BYTES.len())],
            3 => {
                let part = text[at..end].to_vec();
                let to = random(text.len() + 1);
                text.splice(to..to, part);
            }
            _ => _ = text.drain(at..end),
        }
    }
}

#[test]
fn of_200_000_mutated_messages_no_byte_is_lost() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let inner = message("35=8|37=1|");
    let bodies = [
        "35=D|34=8|49=A|58=new order|55=EUR/USD|54=1|".to_owned(),
        "35=W|268=2|269=0|270=1.5|9001=me|269=1|270=1.6|".to_owned(),
        format!("35=n|212={}|213={inner}|", inner.len()),
        "35=A|98=0|108=30|95=7|96=hunter2|".to_owned(),
    ];
    for number in 0..100_000 {
        let separator = SEPARATORS[if number % 2 == 0 { 0 } else { random(SEPARATORS.len()) }];
        let mut text = Vec::new();
        for _ in 0..2 {
            let body = &bodies[random(bodies.len())];
            text.extend_from_slice(
                format!("10:11:12 : {}\n", message(body).replace('|', separator)).as_bytes(),
            );
        }
        mutate(&mut text, &mut random);
        let whole = read(&text, text.len().max(1));
        let size = 1 + random(40);
        assert_eq!(read(&text, size), whole, "in pieces of {size}: {}", text.escape_ascii());
    }
}

/// Found by the fuzz target `log`: the point of a version far behind was looked for, which only a whole text has.
#[test]
fn a_version_without_end_is_the_same_however_the_text_is_cut() {
    let letters = "V".repeat(300);
    for behind in ["", "8=FIX\u{1}", "8=FIX.4.4\u{1}9=5\u{1}35=0\u{1}10=163\u{1}"] {
        found(&format!("8=FIX{letters}.4.4=028^A\u{c}A{behind}"));
        found(&format!("8=FIX{letters}.4.4^A9=5^A35=0^A10=163^A{behind}"));
    }
}
