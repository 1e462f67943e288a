use super::*;
use crate::scenario::{Ids, Options, Outcome, What, parse, play};

fn played(text: &str) -> Outcome {
    let script = parse("t", text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let (options, mut ids, mut told) = (Options::default(), Ids::unique(), |_: &Outcome| {});
    let outcomes = play(&script, &options, &mut ids, stopped, &mut told);
    runtime.block_on(outcomes).unwrap_or_else(|error| panic!("{error}")).swap_remove(0)
}

/// A log as QuickFIX writes it, of one side or of all.
fn log(outcome: &Outcome, of: Option<&str>) -> Vec<u8> {
    let mut log = Vec::new();
    for entry in outcome.messages.iter().filter(|entry| of.is_none_or(|of| entry.party == of)) {
        if let What::In(bytes) | What::Out(bytes) = &entry.what {
            log.extend_from_slice(b"20260105-09:00:00.000000000 : ");
            log.extend_from_slice(bytes);
            log.push(b'\n');
        }
    }
    log
}

const SOURCES: [&str; 6] = [
    "certification",
    "partial-fills",
    "cancel-too-late",
    "broker",
    "request-for-quote",
    "replace-then-cancel",
];

#[test]
fn what_was_recorded_passes_when_it_is_played_again() {
    for name in SOURCES {
        let source = crate::scenario::shipped_text(name).unwrap();
        let outcome = played(source);
        assert!(outcome.is_passed(), "{name}");
        for of in [None, Some(outcome.messages[0].party.as_str())] {
            let recorded = record(&log(&outcome, of), None).unwrap();
            let again = played(&recorded.text);
            let shown = crate::scenario::text(&again, false);
            assert!(again.is_passed(), "{name}:\n{shown}\n{}", recorded.text);
            assert!(recorded.messages > 2);
        }
    }
}

/// A message around these fields.
fn framed(body: &str) -> String {
    let body = body.replace('|', "\x01");
    let front = format!("8=FIX.4.4\x019={}\x01{body}", body.len());
    let sum = front.bytes().fold(0_u8, u8::wrapping_add);
    format!("{front}10={sum:03}\x01")
}

#[test]
fn wrong_codes_and_numbers_are_recorded_as_they_were() {
    let order = "35=D|49=DESK|56=VENUE|34=2|52=20260105-09:00:00|11=ORDER-17|54=X|38=1OO|44=9,5|";
    let recorded = record(framed(order).as_bytes(), None).unwrap();
    let wrong = "  Side = \"X\"\n  OrderQty = \"1OO\"\n  Price = \"9,5\"\n";
    assert!(recorded.text.contains(wrong), "{}", recorded.text);
    assert!(parse("t", &recorded.text).is_ok());
}

#[test]
fn what_no_script_can_say_is_left_out_or_refused() {
    let message = |number: u32, msg_type: &str, from: &str| {
        framed(&format!("35={msg_type}|49={from}|56=VENUE|34={number}|52=20260105-09:00:00|58=x|"))
    };
    let types = [(2, "B"), (3, "="), (4, "U#"), (5, "logout")];
    let log = types.map(|(number, msg_type)| message(number, msg_type, "DESK")).concat();
    let recorded = record(log.as_bytes(), None).unwrap();
    assert!(parse("t", &recorded.text).is_ok() && recorded.messages == 1, "{}", recorded.text);
    assert!(recorded.left_out.iter().any(|line| line.contains("MsgType(35)")), "{:?}", recorded.left_out);
    for odd in ["DE\nSK", "DESK #1", " DESK"] {
        assert!(record(message(2, "B", odd).as_bytes(), None).is_err(), "{odd:?}");
    }
}

#[test]
fn ids_and_times_are_patterns_and_the_rest_is_as_it_was() {
    let order = "35=D|49=DESK|56=VENUE|34=2|52=20260105-09:00:00|11=ORDER-17|55=a \"b\" $|54=1|60=20260105-09:00:00|75=20260105|";
    let reply = "35=8|49=VENUE|56=DESK|34=2|52=20260105-09:00:01|11=ORDER-17|58=ORDER-17 is bad|";
    let log = format!("{}\n{}\n", framed(order), framed(reply));
    let recorded = record(log.as_bytes(), None).unwrap();
    for line in [
        "party DESK initiator",
        "DESK: send NewOrderSingle\n  ClOrdID = $new as clOrdID1\n  Symbol = \"a \\\"b\\\" $$\"\n  Side = BUY\n  TransactTime = $now\n  TradeDate = $today\n",
        "VENUE: expect NewOrderSingle\n  ClOrdID any as clOrdID1\n",
        "DESK: expect ExecutionReport\n  ClOrdID = $clOrdID1\n  Text = \"${clOrdID1} is bad\"\n",
    ] {
        assert!(recorded.text.contains(line), "{line}\n{}\n{:?}", recorded.text, recorded.left_out);
    }
}

#[test]
fn a_log_of_many_orders_is_recorded_in_time_that_grows_with_it() {
    const ORDERS: usize = 10_000;
    let mut log = String::new();
    for number in 0..ORDERS {
        let time = "20260105-09:00:00";
        log.push_str(&framed(&format!(
            "35=D|49=DESK|56=VENUE|34={0}|52={time}|11=ORD-{number:05}-{number:05}|1=ACC-{number:05}|55=10Y|54=1|38=100|44=96.5|58=see: ORD-{number:05}-{number:05};|",
            number + 2
        )));
        log.push('\n');
    }
    let begin = std::time::Instant::now();
    let recorded = record(log.as_bytes(), None).unwrap();
    // It takes seconds; looking for each id in each value took hours.
    assert!(begin.elapsed() < std::time::Duration::from_secs(120), "{:?}", begin.elapsed());
    assert_eq!(recorded.messages, ORDERS);
    assert!(recorded.text.contains("  Text = \"see: ${clOrdID10000};\"\n"));
    assert!(recorded.text.contains("  Account = ACC-09999\n"));
}

#[test]
fn what_cannot_be_played_is_said() {
    assert_eq!(record(b"nothing", None).unwrap_err().to_string(), "no message of FIX.4.4 is in it");
    let cut = framed("35=0|49=A|56=B|").replace("49=A", "49=AA");
    assert_eq!(
        record(cut.as_bytes(), None).unwrap_err().to_string(),
        "no message of FIX.4.4 is in it; 1 messages are garbled"
    );
    let outcome = played(crate::scenario::shipped_text("partial-fills").unwrap());
    let mut several = log(&outcome, None);
    several
        .extend(String::from_utf8(log(&outcome, None)).unwrap().replace("EXCHANGE", "EXCHANGF").into_bytes());
    assert_eq!(record(&several, Some("A->B")).unwrap_err().to_string(), "no message of A->B is in it");
    assert!(record(&several, Some("TRADEDESK->EXCHANGE")).is_ok());
}
