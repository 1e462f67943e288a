//! Bonds, and orders that sell short.

use super::*;
use crate::{contract::by_hand::ByHand, market::default_instruments};

const REST: &str = "38=10|40=2|44=90|60=20260101-00:00:00|";

#[test]
fn a_trade_of_a_bond_is_told_with_its_yield_and_what_the_bond_is() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.line.later = 1_795_499_580 - 1_000_000;
    session.send("D", "11=1|55=2Y|54=1|38=10|40=2|44=99.880|423=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[150, 48, 22, 541, 223, 423, 31, 235, 236]),
        ["0 912999AA7 1 20280131 0.035 1 - - -", "F 912999AA7 1 20280131 0.035 1 99.880 MATURITY 0.036015"],
        "2026-11-24, settled the day after"
    );
    session.send("D", "11=2|55=TYH6|54=1|38=1|40=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 48, 541, 423, 235]), ["0 - - - -", "F - - - -"], "a future has none");
}

#[test]
fn a_price_of_another_type_is_no_price() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    for (number, (fields, says)) in [
        ("55=10Y|423=1|", "0 1 -"),
        ("55=10Y|423=9|", "8 - PriceType(423)=9 is not taken for 10Y here; 1 is"),
        ("55=AAPL|423=2|", "0 2 -"),
        ("55=AAPL|423=9|", "8 - PriceType(423)=9 is not taken for AAPL here; 1, 2 or 3 is"),
    ]
    .into_iter()
    .enumerate()
    {
        session.send("D", &format!("11={number}|54=1|{fields}{REST}")).unwrap();
        assert_eq!(session.told(&[150, 423, 58]), [says], "{fields}");
    }
    session.send("G", &format!("11=a|41=0|55=10Y|54=1|423=9|{REST}")).unwrap();
    assert!(session.told(&[35, 58])[0].starts_with("9 PriceType(423)=9 is not taken"));
}

#[test]
fn who_sells_short_sells_and_says_so() {
    let floor = floor();
    let (mut seller, mut buyer) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    let missing = seller.send("D", &format!("11=1|55=AAPL|54=5|{REST}")).unwrap_err().to_string();
    assert!(missing.contains("LocateReqd(114)"), "{missing}");
    for (number, side) in ["5", "6"].into_iter().enumerate() {
        seller.send("D", &format!("11={number}|55=AAPL|54={side}|114=N|{REST}")).unwrap();
        assert_eq!(seller.told(&[150, 54]), [format!("0 {side}")]);
        seller.send("G", &format!("11=x|41={number}|55=AAPL|54=2|{REST}")).unwrap();
        assert_eq!(
            seller.told(&[35, 58]),
            ["9 Side(54) cannot be replaced: cancel the order and enter another"]
        );
        buyer.order(&number.to_string(), '1', 10, "90");
        assert_eq!(seller.told(&[150, 39, 54]), [format!("F 2 {side}")]);
        assert_eq!(buyer.told(&[150, 54]), ["0 1", "F 1"]);
    }
    let sides: Vec<_> = floor.orders(true).iter().map(|order| order.side).collect();
    assert_eq!(sides, ["SELL SHORT", "BUY", "SELL SHORT EXEMPT", "BUY"]);
    seller.send("D", &format!("11=2|55=AAPL|54=8|{REST}")).unwrap();
    let text = "Side(54) must be 1 (buy), 2 (sell), 5 (sell short) or 6 (sell short exempt) here";
    assert_eq!(seller.told(&[150, 54, 103, 58]), [format!("8 8 11 {text}")]);
}

#[test]
fn a_book_with_steps_of_a_32nd_or_a_part_of_it_is_shown_in_32nds() {
    let mut instruments = default_instruments();
    let steps = ["0.03125", "0.0156250", "0.0078125", "0.00390625", "0.001953125", "0.0625", "0.25"];
    for (instrument, tick) in instruments.iter_mut().zip(steps) {
        instrument.tick = tick.parse().unwrap();
    }
    let floor = Floor::new(Market::with_instruments(1, &instruments), Rules::default(), IdPrefix::new("T"));
    let shown: Vec<bool> = floor.venue().instruments.iter().map(|instrument| instrument.in_32nds).collect();
    assert_eq!(shown, [true, true, true, true, false, false, false, false, false, false]);
    assert!(floor.book("2Y").unwrap().in_32nds);
}
