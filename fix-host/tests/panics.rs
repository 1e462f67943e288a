//! An application that panics: whose session it was is said.

#[path = "support/port.rs"]
mod port;
#[path = "support/wire.rs"]
mod wire;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use fix_core::{Application, BusinessReject, Message, Outbox};
use fix_host::{Host, HostApplication};
use port::free_port;
use tokio::sync::{mpsc, watch};
use wire::{frame, sending_time};

struct Careless;

impl Application for Careless {
    fn from_app(&mut self, _message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        panic!("no such book")
    }
}

impl HostApplication for Careless {
    type Command = ();
    fn command(&mut self, (): (), _out: &mut dyn Outbox) {}
    fn refuse((): ()) {}
}

fn message(msg_type: &str, number: u32, fields: &str) -> Vec<u8> {
    let time = sending_time();
    frame(&format!("35={msg_type}\x0149=DESK\x0156=VENUE\x0134={number}\x0152={time}\x01{fields}"))
}

/// Logs on and sends an application message; returns when the connection is closed.
fn provoke(port: u16) {
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    stream.write_all(&message("A", 1, "98=0\x01108=30\x01")).expect("a Logon");
    let mut answer = [0; 1024];
    assert!(stream.read(&mut answer).expect("an answer") > 0);
    let news = message("B", 2, "148=News\x0133=1\x0158=Text\x01");
    stream.write_all(&news).expect("a message");
    while stream.read(&mut answer).is_ok_and(|count| count > 0) {}
}

#[tokio::test]
async fn a_panic_in_a_callback_is_reported_with_its_session() {
    let port = free_port();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cfg = folder.path().join("venue.cfg");
    let text = format!(
        "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=VENUE\nTargetCompID=DESK\n\
         SocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n"
    );
    std::fs::write(&cfg, text).expect("write");
    let client = std::thread::spawn(move || provoke(port));
    let (_never, stop) = watch::channel(false);
    let outcome =
        Host::from_cfg(&cfg).expect("a configuration").run_until(stop, |_| (Careless, mpsc::channel(1).1));
    let error = outcome.await.expect_err("the application panicked");
    client.join().expect("the client");
    assert_eq!(error.code, fix_host::exit::SOFTWARE);
    assert!(error.message.starts_with("FIX.4.4:VENUE->DESK: panicked: no such book; "), "{error}");
}
