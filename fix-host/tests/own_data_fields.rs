//! A broker's own fields, by a dictionary or an overlay. What stands in a data field may be anything, in a Logon
//! too.

mod support;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use fix_core::{
    msg::msg_type::MsgType,
    tag::{self, Tag},
    time::UtcTimestamp,
    wire::{field::Fields, frame::Scan, frame::scan, writer::MessageWriter},
};
use fix_host::clock::utc_now;
use support::{PATIENCE, Program, free_port, output, stderr, wait_for_port, write_file};

/// FIX 4.4 with BlobLen(5001) and Blob(5002) in Logon and NewOrderSingle.
fn dictionary(folder: &Path) -> String {
    let xml = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/FIX44.xml")).unwrap();
    let mut text = xml.replacen(
        "<fields>",
        "<fields><field number='5001' name='BlobLen' type='LENGTH'/><field number='5002' name='Blob' type='DATA'/>",
        1,
    );
    for message in ["Logon", "NewOrderSingle"] {
        let at = text.find(&format!("<message name=\"{message}\"")).unwrap();
        let end = at + text[at..].find('>').unwrap() + 1;
        text.insert_str(end, "<field name='BlobLen' required='N'/><field name='Blob' required='N'/>");
    }
    write_file(folder, "broker.xml", &text)
}

/// The configuration of an exchange that has `lines` and listens at `port`.
fn configuration(folder: &Path, port: u16, lines: &str) -> String {
    let cfg = format!(
        "[DEFAULT]\n{lines}\nFileLogPath={}\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\n\
         SocketAcceptPort={port}\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=BROKER\nTargetCompID=DESK\n",
        folder.display()
    );
    write_file(folder, "exchange.cfg", &cfg)
}

/// An exchange with `lines` in its configuration, and a client that is connected to it.
fn exchange(folder: &Path, lines: &str) -> (Program, Client) {
    let port = free_port();
    let exchange = Program::start(&["exchange", "--config", &configuration(folder, port, lines)]);
    wait_for_port(port);
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    (exchange, Client { stream, received: Vec::new(), msg_seq_num: 0 })
}

/// An order but for its ClOrdID(11).
const ORDER: &str = "21=1|55=2Y|54=1|38=10|40=2|44=99.5|59=0|";

struct Client {
    stream: TcpStream,
    received: Vec<u8>,
    msg_seq_num: u64,
}

impl Client {
    /// Sends a message; `|` in `body` is SOH.
    fn send(&mut self, msg_type: &'static str, body: &str) {
        let mut buffer = [0; 1024];
        let msg_type = MsgType::from_bytes(msg_type.as_bytes()).unwrap();
        let mut message = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
        self.msg_seq_num += 1;
        let now: UtcTimestamp = utc_now();
        message
            .writer()
            .field(tag::MSG_SEQ_NUM, self.msg_seq_num)
            .field(tag::SENDER_COMP_ID, "DESK")
            .field(tag::SENDING_TIME, now)
            .field(tag::TARGET_COMP_ID, "BROKER");
        message.writer().encoded(body.replace('|', "\x01").as_bytes());
        if msg_type == MsgType::NEW_ORDER_SINGLE {
            message.writer().field(tag::TRANSACT_TIME, now);
        }
        let len = message.finish().unwrap();
        self.stream.write_all(&buffer[..len]).unwrap();
    }

    /// The next message, as it came.
    fn receive(&mut self) -> Vec<u8> {
        loop {
            if let Scan::Frame(_, len) = scan(&self.received, 4096) {
                return self.received.drain(..len).collect();
            }
            let mut buffer = [0; 1024];
            let count = self.stream.read(&mut buffer).expect("an answer in time");
            assert!(count > 0, "disconnected; what came: {}", self.received.escape_ascii());
            self.received.extend_from_slice(&buffer[..count]);
        }
    }

    fn answer(&mut self, tags: &[i32]) -> Vec<String> {
        let message = self.receive();
        let value = |tag: &i32| {
            let field = Fields::new(&message).valid().find(|field| field.tag == Tag(*tag));
            field.map_or_else(String::new, |field| String::from_utf8_lossy(field.value).into_owned())
        };
        tags.iter().map(value).collect()
    }
}

#[test]
fn data_with_soh_in_a_logon_and_in_an_order_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let dictionary = format!("DataDictionary={}", dictionary(folder.path()));
    let (mut exchange, mut client) = exchange(folder.path(), &dictionary);

    client.send("A", "98=0|108=30|5001=3|5002=a|b|");
    assert_eq!(client.answer(&[35]), ["A"]);
    client.send("D", &format!("11=ONE|{ORDER}5001=8|5002=|x|y|10=|"));
    assert_eq!(client.answer(&[35, 11, 150]), ["8", "ONE", "0"]);
    // BlobLen is checked: the broker's field is validated as any.
    client.send("D", &format!("11=TWO|{ORDER}5001=9|5002=x|"));
    assert_eq!(client.answer(&[35, 371, 372, 373]), ["3", "5001", "D", "5"]);

    exchange.signal("TERM");
    assert!(exchange.wait().0.success());
    let log = fs::read_to_string(folder.path().join("FIX.4.4-BROKER-DESK.messages.current.log")).unwrap();
    for data in ["5002=a|b|", "5002=|x|y|10=|"] {
        assert!(log.contains(&data.replace('|', "\x01")), "{data} in {log}");
    }
}

#[test]
fn overlays_lie_on_the_dictionary_of_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let order = |field: &str| {
        format!("<messages><message name='NewOrderSingle' msgtype='D'>{field}</message></messages>")
    };
    let new = "<fields><field number='5001' name='TraderDesk' type='INT'/></fields>";
    let broker = format!("<fix>{}{new}</fix>", order("<field name='TraderDesk' required='N'/>"));
    let broker = write_file(folder.path(), "broker.xml", &broker);
    let desk = format!("<fix>{}</fix>", order("<field name='TraderDesk' required='Y'/>"));
    let desk = write_file(folder.path(), "desk.xml", &desk);
    let both = format!("DataDictionaryOverlay={broker}, {desk}");
    // What is said of an order with the field, and of one without it.
    let accepted = ["8", "", ""];
    for (lines, with, without) in [
        ("", ["3", "5001", "0"], accepted),
        (&format!("DataDictionaryOverlay={broker}"), accepted, accepted),
        (&both, accepted, ["3", "5001", "1"]),
        (&format!("DataDictionary=config/FIX44.xml\n{both}"), accepted, ["3", "5001", "1"]),
    ] {
        let (mut exchange, mut client) = exchange(folder.path(), lines);
        client.send("A", "98=0|108=30|");
        assert_eq!(client.answer(&[35]), ["A"], "{lines}");
        client.send("D", &format!("11=ONE|{ORDER}5001=7|"));
        assert_eq!(client.answer(&[35, 371, 373]), with, "{lines}");
        client.send("D", &format!("11=TWO|{ORDER}"));
        assert_eq!(client.answer(&[35, 371, 373]), without, "{lines}");
        exchange.signal("TERM");
        assert!(exchange.wait().0.success());
    }
}

#[test]
fn an_overlay_that_contradicts_the_dictionary_is_one_line_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let overlay = "<fix>\n<fields><field number='11' name='OrderRef' type='STRING'/></fields></fix>";
    let overlay = write_file(folder.path(), "broker.xml", overlay);
    let cfg = configuration(folder.path(), free_port(), &format!("DataDictionaryOverlay={overlay}"));
    let result = output(&["exchange", "--config", &cfg]);
    assert_eq!(result.status.code(), Some(78));
    let want = format!("{overlay}:2:9: OrderRef(11) contradicts ClOrdID(11) of the built-in FIX44.xml:");
    assert!(stderr(&result).contains(&want), "{}", stderr(&result));
}
