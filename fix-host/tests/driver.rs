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
    clock::{Clock, utc_now},
    net::{
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

#[tokio::test]
async fn what_a_stream_keeps_back_is_flushed_before_waiting() {
    let id = SessionId::new("DESK", "EXCHANGE").unwrap();
    let buffer = |len: usize| vec![0; len].into_boxed_slice();
    let buffers = Buffers { inbound: buffer(8192), outbound: buffer(32_768), kept: buffer(8192) };
    let config = SessionConfig::new(Role::Initiator, id);
    let engine = HostEngine::new(config, buffers, MemoryStore::default(), Silent);
    let (_commands, commands) = mpsc::channel(1);
    let monitor = Monitor::new(SessionView::new("DESK", Role::Initiator, utc_now()), None);
    let (mut session, _control) = Session::new(engine, Clock::default(), commands, monitor);

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
