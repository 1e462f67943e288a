//! The programs that a session conformance runner plays against: an acceptor that echoes, and an initiator.

use std::collections::VecDeque;

use fix_core::{
    dict::{GroupDef, fix44},
    msg::{header::is_header_tag, message::Message, msg_type::MsgType, validate::Checks},
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId, ValidationPolicy},
        error::{BusinessReject, BusinessRejectReason},
        state::CloseReason,
    },
    tag::{self, Tag},
    wire::writer::{Encode, Writer},
};
use tokio::sync::{mpsc, watch};

use super::{
    error::ServiceError,
    session::{self, HostSession},
    shutdown::stopped,
    store::HostStore,
};
use crate::{
    bus::control::Control,
    clock::{Clock, utc_now},
    config::{self, SessionSettings, System},
    net::{
        acceptor,
        dial::Dialer,
        driver::{HostApplication, Session},
        hosted::Hosted,
        hosts::Hosts,
        initiator,
        listener::{Limits, Listeners},
        monitor::Monitor,
    },
    observe::SessionView,
    store::MemoryStore,
};

/// Sends orders, security definitions and e-mails back as they came.
#[derive(Default)]
struct Echo {
    /// The last ClOrdIDs of this session, oldest first; a possible resend of one of them is not echoed again
    /// (case 19a).
    seen: VecDeque<Vec<u8>>,
}

/// ClOrdIDs that an [`Echo`] remembers: far more than a case of the test document sends.
const MOST_SEEN: usize = 256;

impl Echo {
    /// Remembers an id; false if it is known already.
    fn is_new(&mut self, cl_ord_id: &[u8]) -> bool {
        if self.seen.iter().any(|seen| seen == cl_ord_id) {
            return false;
        }
        if self.seen.len() == MOST_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(cl_ord_id.to_vec());
        true
    }
}

impl Application for Echo {
    fn on_logout(&mut self, _reason: CloseReason) {
        self.seen.clear();
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::NEW_ORDER_SINGLE => {
                let cl_ord_id = message.get(tag::CL_ORD_ID).unwrap_or_default();
                if !self.is_new(cl_ord_id) && message.header().poss_resend {
                    return Ok(());
                }
            }
            MsgType::SECURITY_DEFINITION | MsgType::EMAIL => {}
            _ => return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
        out.send(&Echoed(message))
            .map(|_| ())
            .map_err(|_| BusinessReject::new(BusinessRejectReason::Other, "the echo could not be sent"))
    }
}

impl HostApplication for Echo {
    type Command = ();

    fn command(&mut self, (): (), _out: &mut dyn Outbox) {}

    fn refuse((): ()) {}
}

/// A received message on its way back. Body fields go out in ascending tag order; the members of a
/// repeating group stay behind their count field, in the order in which they came.
struct Echoed<'a>(&'a Message<'a>);

impl Encode for Echoed<'_> {
    fn msg_type(&self) -> MsgType {
        self.0.msg_type()
    }

    fn encode_header(&self, out: &mut Writer<'_>) {
        for field in self.0.header_fields() {
            // OrigSendingTime(122) lies in the range of the routing fields but is the session's.
            let is_echoed = matches!(field.tag.0, 97 | 115..=121 | 123..=145);
            if is_echoed && is_header_tag(field.tag) {
                out.field(field.tag, field.value);
            }
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let groups = fix44::DICTIONARY
            .message(self.msg_type().as_bytes())
            .map_or(&[][..], |message| message.body.groups);
        let mut runs: Vec<(i32, Vec<u8>)> = Vec::new();
        let mut fields = self.0.body_fields().peekable();
        while let Some(field) = fields.next() {
            let mut run = encoded(field.tag.0, field.value);
            if let Some(group) = groups.iter().find(|group| group.count == field.tag) {
                while let Some(member) = fields.next_if(|member| is_member(group, member.tag)) {
                    run.extend(encoded(member.tag.0, member.value));
                }
            }
            runs.push((field.tag.0, run));
        }
        runs.sort_by_key(|(tag, _)| *tag);
        for (_, run) in runs {
            out.encoded(&run);
        }
    }
}

fn is_member(group: &GroupDef, tag: Tag) -> bool {
    group.entry.contains(tag) || group.entry.groups.iter().any(|nested| is_member(nested, tag))
}

fn encoded(tag: i32, value: &[u8]) -> Vec<u8> {
    [tag.to_string().as_bytes(), b"=", value, b"\x01"].concat()
}

/// What tells the acceptance sessions apart.
struct Served {
    counterparty: &'static str,
    reset_on_logon: bool,
    check_values: bool,
}

const SERVED: [Served; 4] = [
    Served { counterparty: "TW44", reset_on_logon: true, check_values: true },
    Served { counterparty: "TW", reset_on_logon: true, check_values: true },
    Served { counterparty: "NO_CHECK_FIELDS_HAVE_VALUES", reset_on_logon: true, check_values: false },
    Served { counterparty: "TWP", reset_on_logon: false, check_values: true },
];

/// Our CompID as the acceptor.
const ACCEPTOR: &str = "ISLD";

/// Serves the acceptance sessions on 127.0.0.1 until `stop` is true.
///
/// # Errors
/// When the port cannot be bound.
pub async fn serve(port: u16, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    let clock = Clock::default();
    let mut listeners = Listeners::new(Limits::default());
    for served in &SERVED {
        let mut config = config(Role::Acceptor, ACCEPTOR, served.counterparty)?;
        config.reset_on_logon = served.reset_on_logon;
        config.checks = Checks { fields_have_values: served.check_values, ..Checks::ALL };
        let settings = settings(&format!(
            "ConnectionType=acceptor\nSenderCompID={ACCEPTOR}\nTargetCompID={}\n\
             SocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\n",
            served.counterparty
        ))?;
        let config::Role::Acceptor(acceptor) = &settings.role else { continue };
        let arrived = listeners.add(&settings, acceptor).map_err(ServiceError::configuration)?;
        let (mut session, control) = new_session(config, clock)?;
        tokio::spawn(async move {
            acceptor::run(&mut session, arrived).await;
            drop(control);
        });
    }
    let _listening = listeners.listen().await.map_err(ServiceError::unavailable)?;
    tracing::info!("acceptance server on 127.0.0.1:{port}");
    stopped(stop).await;
    Ok(())
}

/// Connects to 127.0.0.1 as INIT, and again whenever the connection ends, until `stop` is true.
///
/// # Errors
/// None at present; the counterparty's absence is no error.
pub async fn connect(port: u16, stop: watch::Receiver<bool>) -> Result<(), ServiceError> {
    let mut config = config(Role::Initiator, "INIT", "ACPT")?;
    config.reset_on_logon = true;
    config.heart_bt_int = 30;
    let settings = settings(&format!(
        "ConnectionType=initiator\nSenderCompID=INIT\nTargetCompID=ACPT\nHeartBtInt=30\n\
         ReconnectInterval=1\nSocketConnectHost=127.0.0.1\nSocketConnectPort={port}\n"
    ))?;
    let config::Role::Initiator(initiator) = &settings.role else { return Ok(()) };
    let dialer = Dialer::new(initiator, &settings.socket, settings.tls.as_ref());
    let dialer = dialer.map_err(ServiceError::configuration)?;
    let (mut session, _control) = new_session(config, Clock::default())?;
    tokio::select! {
        () = initiator::run(&mut session, dialer, Hosts::new(initiator)) => {}
        () = stopped(stop) => {}
    }
    Ok(())
}

/// Where a session connects or listens, as a configuration file would say it.
fn settings(lines: &str) -> Result<SessionSettings, ServiceError> {
    let text = format!("[SESSION]\nBeginString=FIX.4.4\n{lines}");
    let settings = config::parse_bytes("acceptance", text.as_bytes(), &System);
    Ok(settings.map_err(ServiceError::configuration)?.sessions.swap_remove(0))
}

fn config(role: Role, us: &str, them: &str) -> Result<SessionConfig, ServiceError> {
    let id = SessionId::new(us, them).map_err(ServiceError::configuration)?;
    Ok(SessionConfig {
        dictionary: Some(&fix44::DICTIONARY),
        // The definitions for an initiator expect a Reject.
        validation_policy: ValidationPolicy::Reject,
        ..SessionConfig::new(role, id)
    })
}

/// A session, and what ends it when it is dropped.
fn new_session(
    config: SessionConfig,
    clock: Clock,
) -> Result<(HostSession<Echo>, mpsc::Sender<Control>), ServiceError> {
    let store = HostStore::Memory(MemoryStore::default());
    let engine = session::engine(config, store, Hosted::new(Echo::default(), None))?;
    let view = SessionView::new(engine.config().id.to_string(), engine.config().role, utc_now());
    // Nobody sends commands.
    Ok(Session::new(engine, clock, mpsc::channel(1).1, Monitor::new(view, None)))
}

#[cfg(test)]
mod tests {
    use fix_core::wire::{
        frame::{Scan, scan},
        writer::MessageWriter,
    };

    use super::*;

    /// The fields of an order as the counterparty sends it, then those of its echo.
    fn echo(order: &str) -> String {
        let mut buffer = [0; 512];
        let mut out = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::NEW_ORDER_SINGLE);
        out.writer().encoded(order.replace('|', "\x01").as_bytes());
        let len = out.finish().unwrap();
        let Scan::Frame(frame, _) = scan(&buffer[..len], len) else { panic!("{order}: not a frame") };
        let message = Message::parse(frame).unwrap();
        let mut echo = [0; 512];
        let mut out = Writer::fields(&mut echo);
        Echoed(&message).encode_header(&mut out);
        Echoed(&message).encode_body(&mut out);
        let len = out.finish_fields().unwrap();
        String::from_utf8_lossy(&echo[..len]).replace('\x01', "|")
    }

    #[test]
    fn the_echo_keeps_the_routing_fields_and_nothing_that_is_the_sessions() {
        let routing = "97=Y|115=A|116=B|128=C|129=D|142=E|143=F|144=G|145=H|";
        let time = "20261124-09:00:00";
        let order = format!("34=7|43=Y|49=TW44|52={time}|56=ISLD|{routing}122={time}|11=ID|38=0200.00|");
        assert_eq!(echo(&order), format!("{routing}11=ID|38=0200.00|"));
    }

    #[test]
    fn the_echo_sorts_the_body_but_not_the_members_of_a_group() {
        assert_eq!(echo("54=1|386=2|336=B|625=X|336=A|11=ID|"), "11=ID|54=1|386=2|336=B|625=X|336=A|");
    }
}
