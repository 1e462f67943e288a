//! A broker's dictionary with data fields of its own: what stands in them may be anything, in a Logon too.

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
use support::{PATIENCE, Program, free_port, wait_for_port, write_file};

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
    let port = free_port();
    let cfg = format!(
        "[DEFAULT]\nDataDictionary={}\nFileLogPath={}\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\n\
         SocketAcceptPort={port}\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=BROKER\nTargetCompID=DESK\n",
        dictionary(folder.path()),
        folder.path().display()
    );
    let cfg = write_file(folder.path(), "exchange.cfg", &cfg);
    let mut exchange = Program::start(&["exchange", "--config", &cfg]);
    wait_for_port(port);
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut client = Client { stream, received: Vec::new(), msg_seq_num: 0 };

    client.send("A", "98=0|108=30|5001=3|5002=a|b|");
    assert_eq!(client.answer(&[35]), ["A"]);
    let order = "21=1|55=2Y|54=1|38=10|40=2|44=99.5|59=0|";
    client.send("D", &format!("11=ONE|{order}5001=8|5002=|x|y|10=|"));
    assert_eq!(client.answer(&[35, 11, 150]), ["8", "ONE", "0"]);
    // BlobLen is checked: the broker's field is validated as any.
    client.send("D", &format!("11=TWO|{order}5001=9|5002=x|"));
    assert_eq!(client.answer(&[35, 371, 372, 373]), ["3", "5001", "D", "5"]);

    exchange.signal("TERM");
    assert!(exchange.wait().0.success());
    let log = fs::read_to_string(folder.path().join("FIX.4.4-BROKER-DESK.messages.current.log")).unwrap();
    for data in ["5002=a|b|", "5002=|x|y|10=|"] {
        assert!(log.contains(&data.replace('|', "\x01")), "{data} in {log}");
    }
}
