//! Replace requests: one ClOrdID(11) each, and the chain that they make of an order's ids.

use super::*;

/// The order `A1` is working, and a replacement by `R1` is sent as the number 6.
fn replacing() -> Rig {
    let mut rig = Rig::new();
    rig.place("A1", 5);
    rig.write_order(5, "");
    rig.receive(MsgType::EXECUTION_REPORT, "11=A1|37=O|17=E1|150=0|39=0|55=2Y|54=1|38=1|151=1|14=0|");
    let json = r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"2Y","side":"BUY","qty":2,"ordType":"MARKET"}"#;
    let received = UtcTimestamp::from_unix(0, 0);
    let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), received).unwrap();
    assert!(matches!(rig.send(command, 6), OrderReply::Accepted { .. }));
    rig.write(MsgType::ORDER_CANCEL_REPLACE_REQUEST, "34=6|11=R1|");
    rig
}

fn words(said: &[(String, bool)]) -> Vec<(&str, bool)> {
    said.iter().map(|(word, is_final)| (word.as_str(), *is_final)).collect()
}

#[test]
fn an_accepted_one_ends_the_old_id_and_the_order_goes_on_by_the_new_one() {
    let mut rig = replacing();
    rig.receive(MsgType::EXECUTION_REPORT, "11=R1|41=A1|37=O|17=E2|150=E|39=E|55=2Y|54=1|151=1|14=0|");
    assert_eq!(words(&rig.told("A1")), [("0", false), ("E", false)]);
    rig.receive(MsgType::EXECUTION_REPORT, "11=R1|41=A1|37=O|17=E3|150=5|39=0|55=2Y|54=1|151=2|14=0|");
    assert_eq!(words(&rig.told("A1")), [("0", false), ("E", false), ("0", true)]);
    assert_eq!(words(&rig.told("R1")), [("E", false), ("0", false)]);
    rig.receive(MsgType::EXECUTION_REPORT, "11=R1|37=O|17=E4|150=F|39=2|55=2Y|54=1|151=0|14=2|");
    assert_eq!(words(&rig.told("R1")).last(), Some(&("2", true)));
}

#[test]
fn one_that_was_replaced_as_fix_4_2_says_it_is_known_too() {
    let mut rig = replacing();
    rig.receive(MsgType::EXECUTION_REPORT, "11=R1|41=A1|37=O|17=E3|150=5|39=5|55=2Y|54=1|151=2|14=0|");
    assert_eq!(words(&rig.told("A1")).last(), Some(&("5", true)));
    assert_eq!(words(&rig.told("R1")).last(), Some(&("5", false)));
}

#[test]
fn a_refused_one_leaves_the_order_working() {
    let mut rig = replacing();
    rig.receive(MsgType::ORDER_CANCEL_REJECT, "11=R1|41=A1|37=O|39=0|434=2|102=0|58=too late|");
    assert_eq!(words(&rig.told("R1")), [("0", true)]);
    assert_eq!(words(&rig.told("A1")), [("0", false), ("0", false)]);
}

#[test]
fn one_that_is_not_resent_is_unknown_and_its_rejection_is_said_as_that_of_a_request() {
    let mut rig = replacing();
    rig.write(MsgType::SEQUENCE_RESET, "34=6|36=7|");
    assert_eq!(words(&rig.told("R1")), [("I", false)]);
    let mut rig = replacing();
    rig.reject(6);
    assert_eq!(words(&rig.told("R1")), [("9", true)]);
    assert_eq!(words(&rig.told("A1")), [("0", false), ("9", false)]);
}
