//! Lists of orders, and what is said after a trade.

use super::*;
use crate::exchange::journal::Kept;

const TWO: &str = "73=2|11=1|67=1|54=1|55=AAPL|38=10|40=2|44=187|11=2|67=2|54=2|55=AAPL|38=5|40=2|44=188|";

#[test]
fn the_orders_of_a_list_are_entered_and_each_has_its_own_reports() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("E", &format!("66=L|394=3|68=2|{TWO}")).unwrap();
    let told = session.told(&[35, 66, 429, 431, 68, 11, 39, 151]);
    assert_eq!(
        told,
        ["8 L - - - 1 0 10", "8 L - - - 2 0 5", "N L 1 3 2 1 0 10"],
        "of the list, the first of its orders"
    );
    assert!(session.send("E", &format!("66=L|394=3|68=2|{TWO}")).is_err(), "a list is taken once");
    session.send("K", "66=L|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 11, 41, 150, 39, 431]), ["8 1 - 4 4 -", "8 2 - 4 4 -", "N 1 - - 4 6"]);
    assert!(session.send("M", "66=X|").is_err());
}

#[test]
fn a_list_is_cancelled_whatever_its_orders_are_called_by_then() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("E", &format!("66=L|394=3|68=2|{TWO}")).unwrap();
    session.send("G", "11=1b|41=1|55=AAPL|54=1|38=9|40=2|44=187|60=20260101-00:00:00|").unwrap();
    session.told(&[11]);
    session.send("K", "66=L|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 11, 150, 39]), ["8 1b 4 4", "8 2 4 4", "N 1b - 4"]);
}

#[test]
fn a_list_that_is_to_wait_is_entered_when_it_is_executed() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("E", &format!("66=L|394=3|433=2|68=2|{TWO}")).unwrap();
    assert_eq!(session.told(&[35, 429, 431, 11, 39]), ["N 1 2 1 A"]);
    session.send("L", "66=L|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 429, 431, 11, 39]), ["8 - - 1 0", "8 - - 2 0", "N 4 3 1 0"]);
    assert!(session.send("L", "66=L|60=20260101-00:00:00|").is_err(), "it is executed once");
    session.send("M", "66=L|").unwrap();
    assert_eq!(session.told(&[35, 429, 431, 11, 39]), ["N 2 3 1 0"]);
}

/// An exchange with a journal in this folder, started anew.
pub(super) fn kept_floor(folder: &std::path::Path) -> Floor {
    let (path, now) = (folder.join("orders"), UtcTimestamp::from_unix(1_000_000, 0));
    let (journal, kept) = Kept::read(&path, now).unwrap().go_on(&path, false, now).unwrap();
    let floor = Floor::with_journal(Market::new(1), Rules::default(), &kept, journal);
    floor.restore(&kept, now);
    floor
}

#[test]
fn what_another_session_has_written_of_a_list_is_all_of_it() {
    let [folder, killed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let floor = kept_floor(folder.path());
    let (mut one, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    one.send("E", &format!("66=L|394=3|433=2|68=2|{TWO}")).unwrap();
    one.send("L", "66=L|60=20260101-00:00:00|").unwrap();
    other.send("H", "11=none|55=2Y|54=1|").unwrap();
    std::fs::copy(folder.path().join("orders"), killed.path().join("orders")).unwrap();
    let mut one = Session::join(&kept_floor(killed.path()), "A");
    assert!(one.send("L", "66=L|60=20260101-00:00:00|").is_err(), "it was executed");
    one.send("M", "66=L|").unwrap();
    // It was killed before its reports were sent: they are told now.
    assert_eq!(one.told(&[35, 431, 11, 39]), ["8 - 1 0", "8 - 2 0", "N 3 1 0"]);
}

#[test]
fn lists_are_known_after_a_restart_and_one_that_waits_can_be_executed() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::join(&kept_floor(folder.path()), "A");
    session.send("E", &format!("66=L|394=3|433=2|68=2|{TWO}")).unwrap();
    drop(session);
    let mut session = Session::join(&kept_floor(folder.path()), "A");
    assert!(session.send("E", &format!("66=L|394=3|68=2|{TWO}")).is_err(), "the ListID was used before");
    session.send("M", "66=L|").unwrap();
    assert_eq!(session.told(&[35, 429, 431, 11, 39]), ["N 2 2 1 A"]);
    session.send("L", "66=L|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 429, 431, 11, 39]), ["8 - - 1 0", "8 - - 2 0", "N 4 3 1 0"]);
    drop(session);
    let mut session = Session::join(&kept_floor(folder.path()), "A");
    assert!(session.send("L", "66=L|60=20260101-00:00:00|").is_err(), "it is executed once");
    session.send("K", "66=L|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 11, 41, 150, 39, 431]), ["8 1 - 4 4 -", "8 2 - 4 4 -", "N 1 - - 4 6"]);
}

#[test]
fn a_list_with_an_order_that_cannot_be_read_is_refused_as_a_whole() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    let bad = TWO.replace("38=5|", "");
    let refused = session.send("E", &format!("66=L|394=3|68=2|{bad}")).unwrap_err();
    assert_eq!(refused.text, "OrderQty(38) is required here");
    assert_eq!(session.said(), [""; 0]);
    // One that asks for what is not done here is refused alone.
    let bad = TWO.replace("11=2|67=2|54=2|", "11=2|67=2|18=G|54=2|");
    session.send("E", &format!("66=L|394=3|68=2|{bad}")).unwrap();
    let text = "ExecInst(18)=G is not taken here; 1, 2, 5, B, E, F, H, J and N are";
    assert_eq!(session.told(&[35, 11, 39, 58])[1], format!("8 2 8 {text}"));
}

#[test]
fn an_order_of_a_list_that_is_refused_leaves_the_others_and_is_told_so_in_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::join(&kept_floor(folder.path()), "A");
    session.order("2", '1', 7, "180");
    session.said();
    // The price of the first is off the tick, the second has the ClOrdID(11) of an order that is none of the list.
    let two = TWO
        .replace("11=1|67=1|54=1|55=AAPL|38=10|40=2|44=187|", "11=1|67=1|54=1|55=2Y|38=10|40=2|44=99.0001|");
    let three = two.replace("73=2|", "73=3|") + "11=3|67=3|54=2|55=AAPL|38=5|40=2|44=188|";
    session.send("E", &format!("66=L|394=3|68=3|{three}")).unwrap();
    let told = session.told(&[35, 11, 150, 39, 103, 66]);
    assert_eq!(told, ["8 1 8 8 99 L", "8 2 8 0 6 -", "8 3 0 0 - L", "N 1 - 8 99 L"]);
    let status = |session: &mut Session| {
        session.send("M", "66=L|").unwrap();
        session.exchange.look(&mut session.line);
        let told = session.line.sent.pop().unwrap();
        told[told.find("11=").unwrap()..].to_owned()
    };
    let off_tick =
        "11=1|14=0|39=8|151=0|84=0|6=0|103=99|58=Price(44) 99.0001 is not a multiple of the tick 0.005 of 2Y";
    let known = "11=2|14=0|39=8|151=0|84=0|6=0|103=6|58=this ClOrdID(11) was used before";
    assert_eq!(status(&mut session), format!("{off_tick}|{known}|11=3|14=0|39=0|151=5|84=0|6=0"));
    drop(session);
    let mut session = Session::join(&kept_floor(folder.path()), "A");
    assert_eq!(status(&mut session), format!("{off_tick}|{known}|11=3|14=0|39=0|151=5|84=0|6=0"));
    session.send("K", "66=L|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 11, 39, 66]), ["8 3 4 L", "N 1 8 L"], "the order 2 is none of the list");
    session.send("F", "11=4|41=3|55=AAPL|54=2|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 11, 102, 66]), ["9 4 0 L"]);
}

#[test]
fn of_a_list_that_is_cancelled_while_it_waits_no_order_was_ever_entered() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("E", &format!("66=L|394=3|433=2|68=2|{TWO}")).unwrap();
    session.send("K", "66=L|60=20260101-00:00:00|").unwrap();
    assert!(session.send("L", "66=L|60=20260101-00:00:00|").is_err());
    assert_eq!(session.told(&[35, 431, 11, 39, 103]), ["N 2 1 A -", "N 6 1 4 -"]);
}

#[test]
fn what_a_list_asks_for_that_there_is_not_is_refused_by_name() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    for (list, named) in [
        ("394=1|68=2|", "BidType(394)"),
        ("394=3|433=3|68=2|", "ListExecInstType(433)"),
        ("394=3|68=4|893=N|", "TotNoOrders(68)"),
    ] {
        let refused = session.send("E", &format!("66=L|{list}{TWO}")).unwrap_err();
        assert!(refused.text.starts_with(named), "{}", refused.text);
    }
    let same = TWO.replace("67=2", "67=1");
    let refused = session.send("E", &format!("66=L|394=3|68=2|{same}")).unwrap_err();
    assert!(refused.text.starts_with("ListSeqNo(67)"), "{}", refused.text);
    assert_eq!(session.said(), [""; 0]);
    // None of it was a list.
    session.send("E", &format!("66=L|394=3|68=2|{TWO}")).unwrap();
    session.said();
    session.send("E", &format!("97=Y|66=L|394=3|68=2|{TWO}")).unwrap();
    assert_eq!(session.told(&[35, 429, 431]), ["N 2 3"], "one that may be sent again is told how it stands");
}

#[test]
fn a_trade_that_is_not_known_is_logged() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("Q", "37=OT-1|17=ET-2|127=D|55=AAPL|54=1|38=1|").unwrap();
    assert_eq!(session.told(&[35]), [""; 0]);
}
