//! Who is woken, what waits where there is no room, and who may not go on.

use super::*;

fn enter(session: &mut Session, cl_ord_id: usize) -> Result<(), BusinessReject> {
    session.send("D", &format!("11={cl_ord_id}|55=2Y|54=1|38=1|40=1|60=20260101-00:00:00|"))
}

#[test]
fn what_another_session_causes_is_reported_when_the_session_looks() {
    let floor = floor();
    let (mut one, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    one.order("1", '1', 10, "187.2");
    one.line.is_full = true;
    other.order("2", '2', 4, "187.2");
    assert_eq!(one.woken.load(Ordering::Relaxed), 1);
    assert_eq!(one.said(), ["1 0 0 0 10"], "there was no room on the line");
    one.line.is_full = false;
    assert_eq!(one.said(), ["1 F 1 4 6"]);
    assert_eq!(other.said(), ["2 0 0 0 4", "2 F 2 4 0"]);
}

#[test]
fn who_has_nothing_that_prices_change_is_not_woken_and_has_the_latest_all_the_same() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.line.is_full = true;
    let mut market = Market::new(1);
    let now = session.line.now().utc;
    for _ in 0..3 {
        floor.tick(now);
        market.tick();
    }
    enter(&mut session, 1).unwrap();
    assert_eq!(session.woken.load(Ordering::Relaxed), 0);
    floor.tick(now);
    assert_eq!(
        session.woken.load(Ordering::Relaxed),
        1,
        "nothing else says when the line takes reports again"
    );
    session.line.is_full = false;
    let ask = market.quotes().iter().find(|quote| quote.symbol == "2Y").unwrap().ask;
    assert_eq!(session.told(&[150, 31]), ["0 -".to_owned(), format!("F {ask}")]);
    floor.tick(now);
    assert_eq!(session.woken.load(Ordering::Relaxed), 1);
}

#[test]
fn who_does_not_read_his_reports_cannot_go_on_ordering() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.line.is_full = true;
    for id in 0..MOST_UNSENT / 2 {
        enter(&mut session, id).unwrap();
    }
    assert_eq!(enter(&mut session, MOST_UNSENT), Err(BUSY.with_ref(tag::CL_ORD_ID)));
    assert_eq!(session.send("H", "11=1|55=2Y|54=1|"), Err(BUSY.with_ref(tag::CL_ORD_ID)));
    assert_eq!(session.send("AF", "584=a|585=7|"), Err(BUSY.with_ref(tag::MASS_STATUS_REQ_ID)));
    assert_eq!(session.exchange.unsent.len(), MOST_UNSENT);
    session.line.is_full = false;
    session.exchange.on_logon(&mut session.line);
    assert_eq!(session.line.sent.len(), MOST_UNSENT);
    enter(&mut session, MOST_UNSENT).unwrap();
}
