//! Orders that a canceled trade (a bust) opens again.

use super::*;

const NEW: &str = "37=X|17=E0|11=A|150=0|39=0|54=1|151=1|14=0|";
const BUST: &str = "37=X|17=E1|11=A|150=H|39=0|54=1|151=1|14=0|6=0|";

#[test]
fn its_end_is_taken_back_and_comes_again() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.receive(MsgType::EXECUTION_REPORT, NEW);
    rig.receive(MsgType::EXECUTION_REPORT, FILLED);
    rig.flush();
    assert!(rig.orders.is_end_shown("A"));
    rig.receive(MsgType::EXECUTION_REPORT, BUST);
    rig.flush();
    assert!(!rig.orders.is_end_shown("A") && rig.orders.awaits_news("A"));
    assert!(!end_is_said(&rig.board.reports_of("A"), "A"));
    rig.receive(MsgType::EXECUTION_REPORT, "37=X|17=E2|11=A|150=4|39=4|54=1|151=0|14=0|6=0|");
    rig.flush();
    assert!(rig.orders.is_end_shown("A") && end_is_said(&rig.board.reports_of("A"), "A"));
}

#[test]
fn it_is_cancelled_while_the_session_is_halted() {
    let mut rig = Rig::new();
    rig.place("A", 2);
    rig.receive(MsgType::EXECUTION_REPORT, FILLED);
    let since = UtcTimestamp::from_unix(0, 0);
    let halt = Halt { by: "bob".into(), reason: "why".into(), since, cancel_working: true };
    rig.halts.halt(Scope::Engine, halt).unwrap();
    let mut line = Line::default();
    rig.desk.command(DeskCommand::Wake, &mut line);
    assert_eq!(line.sent, [], "A is filled");
    rig.receive(MsgType::EXECUTION_REPORT, BUST);
    rig.wake(&mut line);
    assert_eq!(line.sent, [MsgType::ORDER_CANCEL_REQUEST]);
}

#[test]
fn it_is_open_after_a_restart() {
    let mut before = Rig::new();
    before.place("A", 2);
    before.receive(MsgType::EXECUTION_REPORT, FILLED);
    before.receive(MsgType::EXECUTION_REPORT, BUST);
    before.flush();
    let orders = Orders::default();
    orders.remember("A", Some(order("A")), &"S".into());
    let mut after = Rig::with(orders, vec![(2, "A".into())]);
    after.store = before.store;
    after.desk.opened(&mut after.store);
    assert!(!after.orders.is_end_shown("A") && after.orders.awaits_news("A"));
    assert_eq!(after.desk.pre_trade.working.ids().collect::<Vec<_>>(), ["A"]);
}
