//! A counterparty written by hand, which names the entries of its book by MDEntryID(278), in W too, as some do.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use serde_json::Value;

use super::{
    PATIENCE, Place, Program, levels,
    support::write_file,
    wire::{frame, sending_time},
};

const OVERLAY: &str = "<fix type='FIX' major='4' minor='4'><header/><trailer/><messages>\
    <message name='MarketDataSnapshotFullRefresh' msgtype='W' msgcat='app'>\
    <group name='NoMDEntries' required='Y'><field name='MDEntryID' required='N'/></group>\
    </message></messages><components/><fields/></fix>";

struct Venue {
    stream: TcpStream,
    heard: String,
    next: u64,
}

impl Venue {
    /// Takes the next connection, and its Logon.
    fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().expect("the desk connects");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        let mut venue = Venue { stream, heard: String::new(), next: 1 };
        venue.hear("A");
        venue.say("A", "98=0|108=30|141=Y|");
        venue
    }

    /// The next message of this MsgType(35); others are passed over.
    fn hear(&mut self, msg_type: &str) -> String {
        loop {
            while let Some((message, rest)) = self.heard.split_once("|10=") {
                let (_, rest) = rest.split_once('|').unwrap_or_default();
                let (message, rest) = (format!("{message}|"), rest.to_owned());
                self.heard = rest;
                if message.contains(&format!("|35={msg_type}|")) {
                    return message;
                }
            }
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes).expect("the desk says something");
            assert!(count > 0, "the desk has gone; it said {}", self.heard);
            self.heard.push_str(&String::from_utf8_lossy(&bytes[..count]).replace('\x01', "|"));
        }
    }

    fn say(&mut self, msg_type: &str, fields: &str) {
        let head = format!("35={msg_type}|49=EXCHANGE|56=TRADEDESK|34={}|52={}|", self.next, sending_time());
        self.next += 1;
        let message = frame(&format!("{head}{fields}").replace('|', "\x01"));
        self.stream.write_all(&message).expect("the desk takes it");
    }

    /// The MDReqID(262) of the next request for this symbol.
    fn request_of(&mut self, symbol: &str) -> String {
        loop {
            let request = self.hear("V");
            if request.contains(&format!("|55={symbol}|")) {
                assert!(request.contains("|264=0|"), "{request}");
                return value(&request, "262");
            }
        }
    }
}

fn value(message: &str, tag: &str) -> String {
    let mut fields = message.split('|').filter_map(|field| field.split_once('='));
    fields.find_map(|(name, value)| (name == tag).then(|| value.to_owned())).expect("the field")
}

fn sides(book: &Value) -> (Vec<String>, Vec<String>) {
    (levels(&book["bids"]), levels(&book["asks"]))
}

#[test]
fn a_book_by_ids_is_kept_and_asked_for_again_where_changes_will_not_come() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its number").port();
    // FIX 4.4 has MDEntryID(278) in X alone.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let overlay = write_file(folder.path(), "venue.xml", OVERLAY);
    let place =
        Place::at(port, &format!("MarketData=subscribe\nMarketDepth=0\nDataDictionaryOverlay={overlay}"));
    let mut engine: Program = place.start();
    let mut venue = Venue::accept(&listener);
    let id = venue.request_of("AAPL");
    venue.say(
        "W",
        &format!("262={id}|55=AAPL|268=3|269=0|270=10.1|271=5|278=1|269=0|270=10|271=7|278=2|269=1|270=10.3|271=4|278=3|"),
    );
    let wanted = |bids: &[&str], asks: &[&str]| {
        let list = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>();
        (list(bids), list(asks))
    };
    let whole = wanted(&["10.1x5", "10x7"], &["10.3x4"]);
    place.wait_for_book("AAPL", "the snapshot", |book| sides(book) == whole && book["stale"] == false);

    // One entry goes, one comes twice, one changes; an id that is not known, and a trade.
    venue.say(
        "X",
        &format!(
            "262={id}|268=7|279=2|278=1|55=AAPL|279=0|269=1|278=4|55=AAPL|270=10.2|271=1|279=0|269=1|278=4|55=AAPL|270=10.2|271=1|\
             279=1|278=2|55=AAPL|271=6|279=2|278=99|55=AAPL|279=2|269=0|55=AAPL|270=9|279=0|269=2|278=T1|55=AAPL|270=10.2|271=3|273=00:00:01|"
        ),
    );
    let changed = wanted(&["10x6"], &["10.2x1", "10.3x4"]);
    let book = place.wait_for_book("AAPL", "the changes", |book| sides(book) == changed);
    assert_eq!(
        (&book["trades"][0]["qty"], book["trades"][0]["time"].as_f64().map(|time| time % 86_400.0)),
        (&3.into(), Some(1.0))
    );

    // A change is lost: its number is told never to come.
    venue.next += 1;
    venue.say("0", "");
    venue.hear("2");
    let (lost, now) = (venue.next - 2, venue.next);
    venue.next = lost;
    venue.say("4", &format!("43=Y|122={}|123=Y|36={now}|", sending_time()));
    venue.next = now;
    let end = venue.hear("V");
    assert!(end.contains("|263=2|") && value(&end, "262") == id, "{end}");
    let again = venue.request_of("AAPL");
    assert_ne!(again, id);
    let book = place.book("AAPL");
    assert!(book["stale"] == true && sides(&book) == changed, "{book}");
    venue.say("X", &format!("262={id}|268=1|279=0|269=0|278=8|55=AAPL|270=10.25|271=9|"));
    venue
        .say("W", &format!("262={again}|55=AAPL|268=2|269=0|270=11|271=1|278=1|269=1|270=10.5|271=1|278=3|"));
    let crossed = wanted(&["11x1"], &["10.5x1"]);
    place.wait_for_book("AAPL", "the book anew", |book| sides(book) == crossed && book["stale"] == false);

    venue.say("Y", &format!("262={again}|281=3|58=not any more|"));
    place.wait_for_book("AAPL", "the refusal", |book| {
        book["stale"] == true && book["refusal"] == "insufficient permissions (not any more)"
    });

    venue.say("W", &format!("262={again}|55=AAPL|268=1|269=0|270=11|271=1|278=1|"));
    place.wait_for_book("AAPL", "the book once more", |book| book["stale"] == false);
    venue.say("X", &format!("262={again}|268=2|279=2|278=1|55=AAPL|"));
    venue.hear("3");
    place.wait_for_book("AAPL", "what was refused here", |book| {
        book["stale"] == true && book["refusal"] == "a message about it was not valid, and rejected"
    });
    engine.signal("TERM");
    venue.hear("5");
    venue.say("5", "");
    assert!(engine.wait().0.success());
}
