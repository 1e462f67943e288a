//! AllocationInstruction(J).

use super::*;

/// One of `1`, an order of this session.
const ALLOCATION: &str =
    "70=A|71=0|626=1|857=1|73=1|11=1|54=1|55=AAPL|53=10|6=187|75=20260101|78=2|79=X|80=4|79=Y|80=6|";

/// What is told of one: AllocID, AllocStatus, AllocRejCode.
fn answer(session: &mut Session, body: &str) -> String {
    session.send("J", body).unwrap();
    session.told(&[70, 87, 88]).concat()
}

fn session() -> Session {
    let mut session = Session::join(&floor(), "A");
    session.order("1", '1', 10, "187");
    session.said();
    session
}

#[test]
fn what_goes_together_is_accepted_and_its_id_used_up() {
    let mut session = session();
    session.send("J", ALLOCATION).unwrap();
    assert_eq!(session.told(&[35, 70, 75, 87, 88]), ["P A 20260101 0 -"]);
    assert_eq!(answer(&mut session, ALLOCATION), "A 1 7", "twice");
    assert_eq!(answer(&mut session, &format!("97=Y|{ALLOCATION}")), "A 0 -", "twice, and marked so");
}

#[test]
fn what_does_not_is_refused_with_its_reason() {
    let mut session = session();
    for (from, to, reason) in [
        ("53=10", "53=-10", "1"),
        ("53=10", "53=0", "1"),
        ("80=6", "80=5", "8"),
        ("80=6", "80=9999999999999999999", "8"),
        ("11=1", "11=OTHER", "12"),
    ] {
        let told = session.send("J", &ALLOCATION.replace(from, to));
        // A number that no field can have is told by a BusinessMessageReject.
        if told.is_ok() {
            assert_eq!(session.told(&[70, 87, 88]), [format!("A 1 {reason}")], "{to}");
        }
    }
    assert_eq!(answer(&mut session, ALLOCATION), "A 0 -", "an id that was refused is not used up");
    assert_eq!(
        answer(&mut session, &ALLOCATION.replace("70=A", "70=B").replace("11=1", "11=MANUAL")),
        "B 0 -"
    );
}

#[test]
fn one_is_replaced_and_cancelled_by_its_id() {
    let mut session = session();
    let of = |id: &str, kind: u8, of: &str| {
        ALLOCATION.replace("70=A|71=0|", &format!("70={id}|71={kind}|72={of}|"))
    };
    assert_eq!(answer(&mut session, ALLOCATION), "A 0 -");
    assert_eq!(answer(&mut session, &of("B", 1, "NONE")), "B 1 7");
    assert_eq!(answer(&mut session, &of("B", 1, "A")), "B 0 -");
    assert_eq!(answer(&mut session, &of("C", 2, "A")), "C 1 7", "it was replaced");
    assert_eq!(answer(&mut session, &of("C", 2, "B")), "C 0 -");
    assert_eq!(answer(&mut session, &of("D", 1, "B")), "D 1 7", "it was cancelled");
    let without = session.send("J", &ALLOCATION.replace("70=A|71=0|", "70=E|71=2|")).unwrap_err();
    assert_eq!((without.ref_tag, without.field), (Some(tag::ALLOC_ID), Some(tag::REF_ALLOC_ID)));
}
