//! When the journal of orders is written.

use super::{lists::kept_floor, *};

const FOLLOW: &str = "262=m|263=1|264=0|265=1|267=1|269=0|146=1|55=10Y|";

#[test]
fn what_a_session_asks_that_follows_the_market_is_written_once_a_read() {
    let folder = tempfile::tempdir().unwrap();
    let floor = kept_floor(folder.path());
    let (mut one, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    let len = || std::fs::metadata(folder.path().join("orders")).unwrap().len();
    let order = |session: &mut Session, id: &str| {
        let body = format!("11={id}|55=10Y|54=1|38=10|40=2|44=90.000|60=20260101-00:00:00|");
        session.send("D", &body).unwrap();
    };
    one.send("V", FOLLOW).unwrap();
    one.exchange.own_report();
    one.line.sent.clear();
    let begin = len();
    order(&mut one, "1");
    order(&mut one, "2");
    let kinds: Vec<&str> = one.line.sent.iter().map(|message| &message[..5]).collect();
    assert_eq!(kinds, ["35=8|", "35=X|", "35=8|", "35=X|"]);
    assert_eq!(len(), begin, "nothing of it has left the process yet");
    one.exchange.own_report();
    let written = len();
    assert!(written > begin);
    one.send("H", "11=1|55=10Y|54=1|").unwrap();
    one.exchange.own_report();
    assert_eq!(len(), written, "a question changes nothing");
    order(&mut one, "3");
    assert_eq!(len(), written);
    other.send("V", FOLLOW).unwrap();
    assert!(len() > written, "others see only what is written");
}
