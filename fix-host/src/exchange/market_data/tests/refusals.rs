//! MarketDataRequestReject(Y): each reason that there is here.

use super::*;

#[test]
fn what_cannot_be_had_is_refused_with_its_reason() {
    let mut market = Market::new();
    market.ask(BOOK);
    for (change, reason) in [
        (("55=2Y", "55=7Y"), "0"),
        (("55=2Y", "48=ID7|22=1"), "0"),
        (("55=2Y", "48=ID2|22=4"), "0"),
        (("262=n", "262=m"), "1"),
        (("263=1", "263=3"), "4"),
        (("264=0", "264=-1"), "5"),
        (("265=1|", ""), "6"),
        (("265=1", "265=2"), "6"),
        (("269=1", "269=3"), "8"),
        (("267=2|269=0|269=1", "267=0"), "8"),
        (("146=1|55=2Y|", "146=0|"), "0"),
        (("265=1", "265=1|286=4"), "B"),
        (("265=1", "265=1|286=0 5"), "B"),
        (("265=1", "265=1|547=Y"), "C"),
    ] {
        let request = BOOK.replace("262=m", "262=n").replace(change.0, change.1);
        let told = market.ask(&request);
        assert_eq!(told.len(), 1, "{request}");
        let id = if reason == "1" { "m" } else { "n" };
        assert!(told[0].starts_with("35=Y|"), "{request}: {told:?}");
        assert!(told[0].contains(&format!("|262={id}|281={reason}|")), "{request}: {told:?}");
    }
    assert_eq!(market.subscriptions.active.len(), 1);
    let of_another = market.ask(&format!("{}386=1|336=NIGHT|", BOOK.replace("262=m", "262=n")));
    assert_eq!(of_another, ["35=Y|58=the one trading session is DAY|262=n|"]);
    let plain = BOOK.replace("262=m", "262=n").replace("263=1", "263=0").replace("265=1|", "265=0|286=0 1|");
    assert!(market.ask(&format!("{plain}386=1|336=DAY|"))[0].starts_with("35=W|"));
    let unnamed = market.outcome(&BOOK.replace("262=m", "262=n").replace("55=2Y", "107=x")).unwrap_err();
    assert!(unnamed.to_string().contains("Symbol(55)"), "{unnamed}");
}

#[test]
fn a_session_has_so_many_subscriptions_and_no_more() {
    let mut market = Market::new();
    let request = |id: usize, count: usize| {
        format!("35=V|262={id}|263=1|264=1|265=1|267=1|269=0|146={count}|{}", "55=2Y|".repeat(count))
    };
    for id in 0..10 {
        market.outcome(&request(id, 1_000)).unwrap();
    }
    assert_eq!(market.line.sent, [""; 0]);
    market.outcome(&request(10, 1)).unwrap();
    assert!(market.line.take()[0].contains("|262=10|281=2|"));
    market.outcome("35=V|262=3|263=2|264=1|267=1|269=0|146=1|55=2Y|").unwrap();
    market.outcome(&request(10, 1)).unwrap();
    assert_eq!(market.line.sent, [""; 0]);
}

#[test]
fn a_book_that_fits_into_no_message_is_refused() {
    let mut market = Market::new();
    market.line.largest = 2_000;
    for price in 1_000..1_100 {
        market.order(1, Side::Buy, 1, 0, &format!("{price}.000"));
    }
    let told = market.ask(BOOK);
    assert!(told.len() == 1 && told[0].contains("|262=m|281=2|"), "{told:?}");
    assert!(market.subscriptions.is_empty());
    assert!(market.ask(&BOOK.replace("264=0", "264=10"))[0].starts_with("35=W|"));
}
