//! TLS and mutual TLS over loopback, from the keys of a configuration file to bytes on the wire.

mod certificates;
mod handshake;
mod mutual;
mod pinned;
mod program;
mod startup;

use std::{io, time::Duration};

use fix_host::{
    config::{HostPort, Role, SessionSettings, System, parse_bytes},
    net::{
        dial::{DialError, Dialer},
        stream::Stream,
        tls::{Acceptor, TlsError, explain},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Long enough for a busy machine; nothing here waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(20);

/// The settings of a session with these lines.
fn session(role: &str, port: u16, lines: &str) -> SessionSettings {
    let text = format!(
        "[SESSION]\nConnectionType={role}\nBeginString=FIX.4.4\nSenderCompID=US\nTargetCompID=THEM\n\
         UseDataDictionary=N\nHeartBtInt=30\nFileStorePath=store\n\
         {}Port={port}\n{lines}\n",
        if role == "initiator" { "SocketConnectHost=127.0.0.1\nSocketConnect" } else { "SocketAccept" }
    );
    let mut settings =
        parse_bytes("t.cfg", text.as_bytes(), &System).unwrap_or_else(|error| panic!("{error}"));
    settings.sessions.remove(0)
}

fn acceptor(lines: &str) -> Result<Acceptor, TlsError> {
    Acceptor::new(session("acceptor", 0, lines).tls.as_ref().expect("lines switch TLS on"))
}

fn dialer(lines: &str) -> Result<Dialer, TlsError> {
    let settings = session("initiator", 1, lines);
    let Role::Initiator(initiator) = &settings.role else { panic!("not an initiator") };
    Dialer::new(initiator, &settings.socket, settings.tls.as_ref())
}

/// What each side says of a connection: the initiator dials `host`, sends a byte and waits for its echo, so
/// that a refusal of either side is seen by both.
struct Outcome {
    initiator: Result<Stream, String>,
    acceptor: Result<(), String>,
}

async fn meet(acceptor_lines: &str, initiator_lines: &str) -> Outcome {
    meet_at("127.0.0.1", acceptor_lines, initiator_lines).await
}

async fn meet_at(host: &str, acceptor_lines: &str, initiator_lines: &str) -> Outcome {
    let acceptor = acceptor(acceptor_lines).unwrap();
    let dialer = dialer(initiator_lines).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = HostPort { host: host.to_owned(), port: listener.local_addr().unwrap().port() };
    let accepting = async {
        let (stream, _) = listener.accept().await?;
        let mut stream = acceptor.accept(stream, PATIENCE).await?;
        let byte = stream.read_u8().await?;
        stream.write_u8(byte).await?;
        stream.flush().await
    };
    let dialling = async {
        let mut stream = dialer.connect(&target).await.map_err(|error| error.to_string())?;
        echo(&mut stream).await.map_err(|error| explain(&error))?;
        Ok(stream)
    };
    let (accepted, initiator) = tokio::join!(accepting, dialling);
    Outcome { initiator, acceptor: accepted.map_err(|error: io::Error| explain(&error)) }
}

async fn echo(stream: &mut Stream) -> io::Result<()> {
    stream.write_u8(b'8').await?;
    stream.flush().await?;
    match stream.read_u8().await? {
        b'8' => Ok(()),
        other => Err(io::Error::other(format!("{other} came back"))),
    }
}

impl Outcome {
    #[track_caller]
    fn good(self) -> Stream {
        self.acceptor.unwrap();
        let stream = self.initiator.unwrap();
        assert!(stream.is_tls());
        stream
    }

    #[track_caller]
    fn initiator_says(self, text: &str) {
        let said = self.initiator.expect_err("the initiator must refuse");
        assert!(said.contains(text), "{said:?} lacks {text:?}");
        self.acceptor.expect_err("the acceptor cannot have an echo");
    }

    #[track_caller]
    fn acceptor_says(self, text: &str) {
        let said = self.acceptor.expect_err("the acceptor must refuse");
        assert!(said.contains(text), "{said:?} lacks {text:?}");
        self.initiator.expect_err("the initiator cannot have an echo");
    }
}

#[tokio::test]
async fn a_counterparty_without_tls_is_refused_never_spoken_to_in_plain() {
    let authority = certificates::Authority::new("exchange");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = HostPort { host: "127.0.0.1".into(), port: listener.local_addr().unwrap().port() };
    let dialer = dialer(&format!("SocketUseSSL=Y\n{}", authority.trusted())).unwrap();
    let plain = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut first = [0; 5];
        stream.read_exact(&mut first).await.unwrap();
        stream.write_all(b"8=FIX.4.4\x019=5\x0135=5\x01").await.unwrap();
        first
    };
    let (first, dialled) = tokio::join!(plain, dialer.connect(&target));
    assert_eq!(&first[..2], [22, 3], "the first bytes are a TLS record");
    let error = dialled.unwrap_err();
    assert!(matches!(error, DialError::Tls { .. }), "{error}");
    assert!(error.to_string().ends_with("the counterparty does not speak TLS on this port"), "{error}");
}

#[tokio::test]
async fn a_client_that_says_nothing_is_let_go_after_the_handshake_time() {
    let authority = certificates::Authority::new("exchange");
    let acceptor = acceptor(&authority.server("localhost").lines()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let error = acceptor.accept(stream, Duration::from_millis(20)).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    drop(client);
}
