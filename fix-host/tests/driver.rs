//! The driver against streams that are not plain sockets.

use std::time::Duration;

use fix_core::{
    engine::Buffers,
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
    },
};
use fix_host::{
    bus::control::Control,
    clock::{Clock, utc_now},
    net::{
        buffer::Buffer,
        driver::{Ended, HostApplication, HostEngine, Session},
        monitor::Monitor,
    },
    observe::SessionView,
    store::MemoryStore,
};
use tokio::{
    io::{AsyncReadExt, BufStream},
    sync::mpsc,
    time::timeout,
};

struct Silent;

impl Application for Silent {}

impl HostApplication for Silent {
    type Command = ();

    fn command(&mut self, (): (), _out: &mut dyn Outbox) {}

    fn refuse((): ()) {}
}

fn initiator() -> (Session<MemoryStore, Silent>, mpsc::Sender<()>, mpsc::Sender<Control>) {
    let id = SessionId::new("DESK", "EXCHANGE").unwrap();
    let buffer = |len| Buffer::new(len).unwrap();
    let buffers = Buffers { inbound: buffer(8192), outbound: buffer(32_768), kept: buffer(8192) };
    let config = SessionConfig::new(Role::Initiator, id);
    let engine = HostEngine::new(config, buffers, MemoryStore::default(), Silent);
    let (sender, commands) = mpsc::channel(1);
    let view = SessionView::new("FIX.4.4:DESK->EXCHANGE", Role::Initiator, utc_now());
    let (session, control) = Session::new(engine, Clock::default(), commands, Monitor::new(view, None));
    (session, sender, control)
}

#[tokio::test]
async fn a_counterparty_that_does_not_read_is_disconnected_and_told_apart() {
    let (session, _commands, _control) = initiator();
    let mut session = session.with_send_timeout(Some(Duration::from_millis(50)));
    // Not even our Logon fits.
    let (ours, _theirs) = tokio::io::duplex(16);
    let ended = timeout(Duration::from_secs(20), session.serve(ours, &[])).await.expect("an end");
    assert!(matches!(ended, Ended::NotReading(_)), "{ended}");
    assert!(ended.to_string().contains("slow consumer"));
}

#[tokio::test]
async fn what_a_stream_keeps_back_is_flushed_before_waiting() {
    let (mut session, _commands, _control) = initiator();
    let (ours, mut theirs) = tokio::io::duplex(4096);
    // As TLS: what is written stays inside until it is flushed.
    let serving = session.serve(BufStream::new(ours), &[]);
    let counterparty = async {
        let mut logon = vec![0; 4096];
        let count =
            timeout(Duration::from_secs(20), theirs.read(&mut logon)).await.expect("a Logon").unwrap();
        drop(theirs);
        logon.truncate(count);
        logon
    };
    let (ended, logon) = tokio::join!(serving, counterparty);
    let text = logon.escape_ascii().to_string();
    assert!(text.starts_with("8=FIX.4.4\\x01") && text.contains("\\x0135=A\\x01"), "{text}");
    assert!(matches!(ended, Ended::EndOfStream), "{ended}");
}
