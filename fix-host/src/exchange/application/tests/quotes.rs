use super::*;

/// A session that is quoted 10Y both ways, of which each may be taken for 30 seconds.
fn quoted(floor: &Floor) -> Session {
    let mut session = Session::join(floor, "A");
    session.send("R", "131=r|146=1|55=10Y|38=25|").unwrap();
    session
}

#[test]
fn a_request_is_quoted_at_the_best_prices_and_a_hit_trades_there() {
    let floor = floor();
    let mut session = quoted(&floor);
    let said = std::mem::take(&mut session.line.sent);
    assert_eq!(
        said,
        [
            "35=S|15=USD|55=10Y|62=19700112-13:47:10.000|117=QT-1|131=r|132=96.240|133=96.260|134=25|135=25|423=1|537=1|632=0.041676|634=0.041667|48=912999AD1|22=1|541=20351115|223=0.04"
        ]
    );
    // The market goes away; the quote stands.
    let now = session.line.now().utc;
    for _ in 0..50 {
        floor.tick(now);
    }
    let shown = |floor: &Floor| floor.look(|venue| venue.depth(3).unwrap().book.depth(Side::Sell).next());
    let before = shown(&floor);
    session.send("AJ", "693=a|694=1|117=QT-1|11=o|54=1|38=20|55=10Y|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[150, 39, 11, 31, 32, 14, 151, 693]),
        ["0 0 o - - 0 20 a", "F 2 o 96.260 20 20 0 a"]
    );
    assert_eq!(shown(&floor), before, "the book has no part in it");
    session.send("AJ", "693=b|694=1|117=QT-1|11=p|54=1|38=20|55=10Y|60=20260101-00:00:00|").unwrap();
    let again = session.told(&[150, 39, 103, 693]);
    assert_eq!(again, ["8 8 99 b"], "a quote is taken once");
}

#[test]
fn one_side_is_quoted_where_one_is_asked_for_and_lifting_is_selling() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("R", "131=r|146=2|55=10Y|54=2|55=2Y|54=1|").unwrap();
    assert_eq!(session.told(&[55, 132, 133, 134]), ["10Y 96.240 - 100000000", "2Y - 99.880 -"]);
    session.send("AJ", "693=a|694=1|117=QT-1|11=o|54=2|38=7|55=10Y|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 54, 31, 32]), ["0 2 - -", "F 2 96.240 7"]);
    session.send("AJ", "693=a|694=1|117=QT-2|11=p|54=2|38=7|55=2Y|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 58]), ["8 the quote has no price for this Side(54)"]);
}

#[test]
fn what_does_not_hold_is_refused_with_the_reason() {
    let hit = "693=a|694=1|117=QT-1|11=o|54=1|55=10Y|60=20260101-00:00:00|";
    for (response, text) in [
        (hit.replace("QT-1", "QT-9"), "no such QuoteID(117) is open"),
        (format!("{hit}38=26|"), "OrderQty(38) is more than was quoted"),
        (format!("{hit}38=0|"), "OrderQty(38) must be greater than 0"),
        (format!("{hit}38=-1|"), "OrderQty(38) must be greater than 0"),
        (format!("{hit}44=96.255|"), "Price(44) is not that of the quote"),
        (hit.replace("55=10Y", "55=2Y"), "the quote is of another instrument"),
        (hit.replace("55=10Y", "48=912999AA7|22=1"), "the quote is of another instrument"),
    ] {
        let floor = floor();
        let mut session = quoted(&floor);
        session.told(&[]);
        let response = if response.contains("38=") { response } else { response + "38=25|" };
        session.send("AJ", &response).unwrap();
        let told = session.told(&[150, 39, 58]);
        assert!(told.len() == 1 && told[0].starts_with(&format!("8 8 {text}")), "{told:?}");
    }
}

#[test]
fn a_quote_ends_with_its_time_or_by_a_pass() {
    let hit = "693=a|694=1|117=QT-1|11=o|54=1|38=1|55=10Y|60=20260101-00:00:00|";
    let floor = floor();
    let mut session = quoted(&floor);
    session.line.later = 31;
    session.told(&[]);
    session.send("AJ", hit).unwrap();
    assert!(session.told(&[58])[0].contains("has expired"));
    session.send("R", "131=r|146=1|55=10Y|").unwrap();
    let id = session.told(&[117]).remove(0);
    session.send("AJ", &format!("693=b|694=6|117={id}|55=10Y|")).unwrap();
    assert_eq!(session.told(&[35]), [""; 0], "a pass needs no answer");
    session.send("AJ", &hit.replace("QT-1", &id).replace("11=o", "11=p")).unwrap();
    assert!(session.told(&[58])[0].contains("no such QuoteID(117)"));
    let counter = session.send("AJ", "693=c|694=2|117=x|55=10Y|54=1|44=1|").unwrap_err();
    assert!(counter.to_string().contains("nothing to counter"), "{counter}");
    let other = session.send("AJ", "693=c|694=7|117=x|55=10Y|").unwrap_err();
    assert!(other.to_string().contains("QuoteRespType(694)"), "{other}");
}

#[test]
fn what_cannot_be_quoted_is_refused_whole() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("R", "131=r|146=2|55=10Y|55=7Y|").unwrap();
    assert_eq!(
        std::mem::take(&mut session.line.sent),
        ["35=AG|58=unknown symbol|131=r|146=2|55=10Y|55=7Y|658=1"]
    );
    session.order("1", '1', 10, "187.20");
    session.told(&[]);
    session.send("R", "131=r|146=1|55=AAPL|").unwrap();
    assert_eq!(session.told(&[35, 658]), ["AG 8"], "nobody sells");
    session.send("R", "131=r|146=1|55=AAPL|54=2|").unwrap();
    assert_eq!(session.told(&[35, 132, 134]), ["S 187.2 10"]);
    session.send("R", "131=r|146=1|55=10Y|38=-1|").unwrap();
    assert_eq!(session.told(&[35, 658]), ["AG 99"]);
    assert!(session.send("R", "131=r|146=1|107=x|").is_err());
}

#[test]
fn nothing_trades_at_a_quote_while_the_market_is_halted() {
    let floor = floor();
    let mut session = quoted(&floor);
    session.told(&[]);
    floor.by_hand(|venue, out| venue.set_phase(Phase::Halted, out));
    session.send("AJ", "693=a|694=1|117=QT-1|11=o|54=1|38=1|55=10Y|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 103, 693]), ["8 2 a"]);
    let counter = session.send("AJ", "693=c|694=2|117=QT-1|55=10Y|54=1|44=96.24|").unwrap_err();
    assert!(counter.to_string().contains("not open for trading"), "{counter}");
    floor.by_hand(|venue, out| venue.set_phase(Phase::Open, out));
    session.send("AJ", "693=b|694=1|117=QT-1|11=p|54=1|38=1|55=10Y|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 39, 693]), ["0 0 b", "F 2 b"], "it was not taken before");
}

#[test]
fn a_response_that_is_refused_leaves_the_quote_to_a_corrected_one() {
    let floor = floor();
    let mut session = quoted(&floor);
    session.told(&[]);
    let hit = "693=a|694=1|117=QT-1|54=1|55=10Y|60=20260101-00:00:00|";
    session.send("AJ", &format!("{hit}11=o|38=26|")).unwrap();
    session.send("AJ", &format!("{hit}11=p|38=0.0000001|")).unwrap();
    assert_eq!(session.told(&[150]), ["8", "8"]);
    session.send("AJ", &format!("{hit}11=q|38=25|")).unwrap();
    assert_eq!(session.told(&[11, 150, 32]), ["q 0 -", "q F 25"]);
}

#[test]
fn what_is_asked_for_otherwise_than_as_so_much_of_one_instrument_is_refused_by_name() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    for (more, field) in [("555=1|600=2Y|", "NoLegs(555)"), ("152=1000|", "CashOrderQty(152)")] {
        session.send("R", &format!("131=r|146=1|55=10Y|{more}")).unwrap();
        assert_eq!(session.told(&[35, 658, 58]), [format!("AG 99 {field} is not quoted here")]);
    }
}

#[test]
fn an_order_at_a_quote_says_how_much() {
    let floor = floor();
    let mut session = quoted(&floor);
    session.told(&[]);
    let order = "11=o|117=QT-1|55=10Y|54=1|40=D|60=20260101-00:00:00|";
    let missing = session.send("D", &format!("{order}152=1000|")).unwrap_err();
    assert_eq!(missing.text, "OrderQty(38) is required here");
    session.send("D", &format!("{order}38=20|")).unwrap();
    assert_eq!(session.told(&[11, 150, 32]), ["o 0 -", "o F 20"], "the quote was not taken before");
}

#[test]
fn a_quote_is_neither_taken_nor_countered_as_one_of_another_instrument() {
    let mut session = quoted(&floor());
    session.said();
    let order = "11=o|117=QT-1|54=1|55=2Y|38=20|40=D|44=96.260|60=20260101-00:00:00|";
    session.send("D", order).unwrap();
    assert_eq!(session.told(&[150, 55, 58]), ["8 2Y the quote is of another instrument"]);
    let counter = "693=a|694=2|117=QT-1|55=2Y|54=1|44=96.250|60=20260101-00:00:00|";
    assert_eq!(session.send("AJ", counter).unwrap_err().field, Some(tag::SYMBOL));
    let nothing = counter.replace("55=2Y", "55=10Y").replace("44=96.250", "44=0");
    assert_eq!(session.send("AJ", &nothing).unwrap_err().field, Some(tag::PRICE));
    session.send("D", &order.replace("55=2Y", "48=912999AD1|22=1").replace("11=o", "11=p")).unwrap();
    assert_eq!(session.told(&[150, 39, 55]), ["0 0 10Y", "F 2 10Y"], "it is still there");
}

#[test]
fn a_request_for_no_instrument_is_refused() {
    let mut session = Session::join(&floor(), "A");
    let refused = session.send("R", "131=r|146=0|").unwrap_err();
    assert_eq!((refused.ref_tag, refused.field), (Some(tag::QUOTE_REQ_ID), Some(tag::SYMBOL)));
}
