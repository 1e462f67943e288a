use proptest::prelude::*;

use super::*;

const GOOD: &str = r#"# Both sides.
party DESK initiator
  HeartBtInt = 5
party VENUE acceptor

timeout 2s
VENUE: on order when OrderQty > 1000 Symbol in 10Y, 5Y
  wait 10ms..20ms
  reject "too large: $in.OrderQty"

scenario "An order is filled"
let id = $new
DESK: send NewOrderSingle ClOrdID=$id Symbol=10Y
    Side = BUY, OrderQty = 100
    40=2 Price="96.25" as px
VENUE: expect D ClOrdID=$id Side=1 Price in 96..97 within 1s
VENUE: fill 50 at 96.25
VENUE: fill rest
DESK: expect report OrderID like O* as order ExecType in NEW, TRADE
    Text absent
    MDEntryPx[2] any
DESK: await report OrdStatus=FILLED OrderID=$order ExecID matches /^E[0-9 ]+$/

scenario quiet
DESK: expect nothing for 1s
"#;

#[test]
fn a_script_has_parties_rules_and_scenarios() {
    let script = parse("t", GOOD).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        script.scenarios.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(),
        ["An order is filled", "quiet"]
    );
    let first = &script.scenarios[0];
    assert_eq!((first.rules.len(), first.steps.len(), first.timeout), (1, 7, Duration::from_secs(2)));
    assert_eq!(first.rules[0].when.len(), 2);
    assert!(script.parties[1].is_acceptor && script.parties[0].keys[0].0 == "HeartBtInt");
}

#[test]
fn a_line_is_shown_without_its_secrets() {
    let text = "party A initiator raw\nA: send Logon Username=me, Password=hunter2 , RawData=\"a, \\\"b\" as raw, Text=x\n";
    let script = parse("t", text).unwrap_or_else(|error| panic!("{error}"));
    let shown = "A: send Logon Username=me, Password=*** , RawData=*** as raw, Text=x";
    assert_eq!(script.scenarios[0].steps[0].text, shown);
}

#[test]
fn wrong_numbers_can_be_meant() {
    let text = "party A initiator\nlet qty = many\nsend D OrderQty=\"ten\", Price=$qty\nawait 8 CumQty=\"ten\", AvgPx > \"x\"\nfill \"x\"";
    assert!(parse("t", text).is_ok());
}

/// The error of one line behind `party DESK initiator`.
fn error(line: &str) -> String {
    parse("t", &format!("party DESK initiator\n{line}\n")).expect_err(line).to_string()
}

#[test]
fn each_error_is_one_line_with_its_place_and_what_to_do() {
    for (line, text) in [
        ("sned D", "t:2: no line begins with \"sned\"; did you mean send?"),
        ("send NewOrderSignle", "t:2: no message is called NewOrderSignle; did you mean NewOrderSingle?"),
        ("send D Sid=1", "t:2: no field is called Sid; did you mean Side?"),
        ("send D Side=BUUY", "t:2: Side(54) has no value BUUY; did you mean BUY?"),
        (
            "send D\n  OrderQty = 1OO",
            "t:3: OrderQty(38): a number stands here, not 1OO; a value in quotes is taken as it is",
        ),
        ("send D Price=96.5.1", "t:2: Price(44): a number stands here, not 96.5.1;"),
        ("expect 8 CumQty > ten", "t:2: CumQty(14): a number stands here, not ten;"),
        ("expect 8 AvgPx in 96..x", "t:2: AvgPx(6): a number stands here, not x;"),
        ("expect 8 LeavesQty in 1, two", "t:2: LeavesQty(151): a number stands here, not two;"),
        ("send V MarketDepth=1.5", "t:2: MarketDepth(264): a whole number stands here, not 1.5;"),
        (
            "send V NoRelatedSym=-1",
            "t:2: NoRelatedSym(146): a whole number without a sign stands here, not -1;",
        ),
        ("fill 1O at 96", "t:2: LastQty(32): a number stands here, not 1O;"),
        ("fill rest at max", "t:2: LastPx(31): a number stands here, not max;"),
        ("send D Side", "t:2: Side: write Side = VALUE"),
        ("send D\n  Side=", "t:3: a value is missing; an empty one is written \"\""),
        (
            "send D MsgSeqNum=7",
            "t:2: MsgSeqNum(34): the engine writes it for DESK; whoever wants to write it",
        ),
        ("send Logon", "t:2: Logon(A) is a session message, which the engine sends for DESK;"),
        ("send bytes \"8=\"", "t:2: only a raw party sends bytes"),
        ("expect 8 OrdStatus", "t:2: OrdStatus(39): say what it must be: = VALUE"),
        ("expect 8 OrderID=$x", "t:2: nothing gives $x a value; write \"let x = ...\" or \"as x\""),
        ("expect 8 ClOrdID matches /(/", "t:2: /(/: "),
        ("expect 8 within 5", "t:2: \"5\" is no time; write 250ms, 2s or 1m"),
        ("expect 8 within 200h", "t:2: \"200h\" must not be shorter than nothing or longer than a week"),
        ("expect disconnect Text absent", "t:2: \"Text absent\" is not understood here"),
        ("expect disconnect once", "t:2: \"once\" is not understood here"),
        ("send D ClOrdID[2]=a", "t:2: ClOrdID(11): fields are sent in the order in which they stand"),
        ("send D Symbol 10Y", "t:2: Symbol: write Symbol = VALUE"),
        ("send D TargetSubID=a", "t:2: TargetSubID(57): the engine writes it for DESK;"),
        ("on order", "t:2: the lines that say what to do are missing"),
        ("on order\n  expect F", "t:3: a rule does not expect"),
        ("OTHER: send D", "t:2: no party above is called OTHER"),
        ("wait 1s\n  wait 1s", "t:3: is indented, but the line above is complete"),
        ("scenario a b", "t:2: \"b\" is not understood here; a title of several words stands in quotes"),
        ("let new = 1", "t:2: $new has a meaning already"),
        ("logout \"a", "t:2: a \" is never closed"),
        ("party DESK acceptor", "t:2: a party called DESK stands above already"),
        ("skip 0", "t:2: 0: a whole number from 1 to 1000000 stands here"),
        ("", "t: holds no step; write, for example"),
    ] {
        let found = error(line);
        assert!(found.starts_with(text) && found.lines().count() == 1, "{line}: {found}");
    }
    assert!(parse("t", "send D").unwrap_err().to_string().contains("no party stands above; begin with"));
    let two = "party A initiator\nparty B acceptor\nsend D";
    assert!(parse("t", two).unwrap_err().to_string().contains("say whose line this is: A: ..."));
}

proptest! {
    #[test]
    fn any_text_is_a_script_or_one_error(text in "\\PC*") {
        if let Err(error) = parse("t", &text) {
            prop_assert_eq!(error.to_string().lines().count(), 1);
        }
    }

    #[test]
    fn any_bytes_in_the_middle_of_a_script_are_one_error_at_most(
        at in 0..GOOD.len(),
        len in 0..40_usize,
        text in "[ -~\\n\\t$\"/\\\\]{0,40}",
    ) {
        let (front, back) = (&GOOD[..at], GOOD.get(at + len..).unwrap_or_default());
        if let Err(error) = parse("t", &format!("{front}{text}{back}")) {
            prop_assert!(error.to_string().starts_with("t:"), "{}", error);
        }
    }
}
