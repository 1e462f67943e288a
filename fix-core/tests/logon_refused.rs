//! A Logout that refuses our Logon reaches the application, so that somebody can read why.

use fix_core::{
    engine::{Buffers, Engine, Step},
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::Application,
        config::{Role, SessionConfig, SessionId},
        error::AdminRefusal,
        state::CloseReason,
    },
    store::NoStore,
    tag::{self, Tag},
    time::{Mono, Now, UtcTimestamp},
    wire::writer::MessageWriter,
};

/// Remembers the texts of Logouts.
#[derive(Default)]
struct Reader(Vec<String>);

impl Application for Reader {
    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        if message.msg_type() == MsgType::LOGOUT {
            self.0.push(message.required::<&str>(tag::TEXT).unwrap().to_owned());
        }
        Ok(())
    }
}

#[test]
fn the_application_hears_why() {
    let now = Now { mono: Mono::from_millis(1), utc: UtcTimestamp::from_unix(1_795_498_680, 0) };
    let buffers = Buffers { inbound: vec![0; 4096], outbound: vec![0; 16_384], kept: vec![0; 4096] };
    let config = SessionConfig::new(Role::Initiator, SessionId::new("DESK", "EXCHANGE").unwrap());
    let mut engine = Engine::new(config, buffers, NoStore::default(), Reader::default());
    engine.connected(now);
    let Step::Write(logon) = engine.poll(now) else { panic!("no Logon") };
    let len = logon.len();
    engine.sent(len);

    let mut logout = MessageWriter::new(engine.space(), b"FIX.4.4", MsgType::LOGOUT);
    logout.writer().field(Tag(34), 1u64).field(Tag(49), "EXCHANGE").field(Tag(52), now.utc);
    logout.writer().field(Tag(56), "DESK").field(tag::TEXT, "account suspended");
    let len = logout.finish().unwrap();
    engine.received(len);
    let Step::Close(reason @ CloseReason::LogonRefused(text)) = engine.poll(now) else {
        panic!("not refused")
    };
    assert_eq!(text.as_str(), "account suspended");
    assert_eq!(reason.to_string(), "the counterparty refused our Logon: account suspended");
    assert_eq!(engine.application().0, ["account suspended"]);
}
