//! The door of an acceptor: who gets in, who does not, and what a crowd costs those who may.

mod support;
#[path = "support/wire.rs"]
mod wire;

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use fix_host::{
    config::{AcceptorSettings, Role, SessionSettings, System, parse_bytes},
    net::listener::{Arrival, Limits, Listeners, Listening},
};
use support::{Program, free_port, write_file};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::mpsc,
};
use wire::frame;

/// Long enough for a busy machine; only the tests of silence wait for their own, shorter one.
const LIMITS: Limits =
    Limits { logon_timeout: Duration::from_secs(20), max_logon: 4096, per_address: 2048, in_all: 4096 };

struct Door {
    listening: Listening,
    arrivals: Vec<mpsc::Receiver<Box<Arrival>>>,
}

impl Door {
    fn address(&self) -> SocketAddr {
        self.listening.addresses[0]
    }
}

/// A listener with sessions EXCHANGE-TARGET, each `(target, lines)`.
async fn open(limits: Limits, lines: &[(&str, &str)]) -> Door {
    let mut listeners = Listeners::new(limits);
    let sessions = sessions(lines);
    let arrivals = sessions.iter().map(|(settings, acceptor)| listeners.add(settings, acceptor).unwrap());
    let arrivals = arrivals.collect();
    Door { listening: listeners.listen().await.unwrap(), arrivals }
}

fn sessions(lines: &[(&str, &str)]) -> Vec<(SessionSettings, AcceptorSettings)> {
    let mut text = format!(
        "[DEFAULT]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\n\
         UseDataDictionary=N\nFileStorePath=store\nSocketAcceptPort={}\n",
        free_port()
    );
    for (target, lines) in lines {
        text.push_str(&format!("[SESSION]\nTargetCompID={target}\n{lines}\n"));
    }
    let settings = parse_bytes("t.cfg", text.as_bytes(), &System).unwrap_or_else(|error| panic!("{error}"));
    let acceptor = |session: SessionSettings| match session.role.clone() {
        Role::Acceptor(acceptor) => (session, acceptor),
        Role::Initiator(_) => panic!("not an acceptor"),
    };
    settings.sessions.into_iter().map(acceptor).collect()
}

fn message(msg_type: &str, sender: &str) -> Vec<u8> {
    frame(&format!(
        "35={msg_type}\x0149={sender}\x0156=EXCHANGE\x0134=1\x0152=20261124-05:38:00\x0198=0\x01108=30\x01"
    ))
}

async fn connect_from(local: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(local.parse().unwrap()).unwrap();
    socket.connect(to).await.unwrap()
}

/// The connection ends, and not one byte comes before that.
async fn closed_without_a_byte(mut stream: TcpStream) {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes).await {
        Ok(_) => {}
        // What we sent was not read when it closed.
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}"),
    }
    assert!(bytes.is_empty(), "{:?}", bytes.escape_ascii().to_string());
}

#[tokio::test]
async fn a_logon_arrives_at_its_session_with_all_that_came_behind_it() {
    let mut door = open(LIMITS, &[("DESK", ""), ("FUND", "")]).await;
    assert_eq!(door.listening.addresses.len(), 1, "one listener for both");
    let mut stream = TcpStream::connect(door.address()).await.unwrap();
    let both = [message("A", "FUND"), message("0", "FUND")].concat();
    let (head, tail) = both.split_at(30);
    stream.write_all(head).await.unwrap();
    stream.write_all(tail).await.unwrap();
    let arrival = door.arrivals[1].recv().await.unwrap();
    assert_eq!(arrival.peer, stream.local_addr().unwrap());
    let mut bytes = arrival.bytes;
    let mut rest = vec![0; both.len() - bytes.len()];
    let mut served = arrival.stream;
    served.read_exact(&mut rest).await.unwrap();
    bytes.extend(rest);
    assert_eq!(bytes, both);
    assert!(door.arrivals[0].try_recv().is_err());
}

#[tokio::test]
async fn sub_ids_tell_sessions_apart() {
    let mut door = open(LIMITS, &[("DESK", ""), ("DESK", "TargetSubID=TRADER")]).await;
    for (index, sub_id) in [(0, "\x0150=CLERK"), (1, "\x0150=TRADER")] {
        let mut stream = TcpStream::connect(door.address()).await.unwrap();
        stream.write_all(&message("A", &format!("DESK{sub_id}"))).await.unwrap();
        assert_eq!(door.arrivals[index].recv().await.unwrap().peer, stream.local_addr().unwrap());
    }
}

#[tokio::test]
async fn whatever_is_no_logon_of_a_session_is_closed_without_a_byte() {
    let door = open(LIMITS, &[("DESK", "")]).await;
    for bytes in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        message("0", "DESK"),
        message("A", "STRANGER"),
        vec![b'8'; 5000],
        b"8=FIX.4.4\x019=999999\x0135=A\x01".to_vec(),
        vec![0x16, 3, 1, 2, 0, 1, 0],
    ] {
        let mut stream = TcpStream::connect(door.address()).await.unwrap();
        // It may be closed before all of it is written.
        let _ = stream.write_all(&bytes).await;
        closed_without_a_byte(stream).await;
    }
}

#[tokio::test]
async fn only_allowed_addresses_reach_a_session() {
    let open_to = |address: &str| format!("AllowedRemoteAddresses={address}");
    let (desk, fund) = (open_to("127.0.0.2"), open_to("127.0.0.3"));
    let mut door = open(LIMITS, &[("DESK", &desk), ("FUND", &fund)]).await;
    let address = door.address();
    closed_without_a_byte(connect_from("127.0.0.4:0", address).await).await;
    let mut stream = connect_from("127.0.0.2:0", address).await;
    stream.write_all(&message("A", "FUND")).await.unwrap();
    closed_without_a_byte(stream).await;
    let mut stream = connect_from("127.0.0.2:0", address).await;
    stream.write_all(&message("A", "DESK")).await.unwrap();
    assert_eq!(door.arrivals[0].recv().await.unwrap().peer, stream.local_addr().unwrap());
    assert!(door.arrivals[1].try_recv().is_err());
}

#[tokio::test]
async fn a_crowd_of_one_address_keeps_no_other_out() {
    let limits = Limits { per_address: 2, in_all: 4, ..LIMITS };
    let mut door = open(limits, &[("DESK", "")]).await;
    let address = door.address();
    let silent = (connect_from("127.0.0.2:0", address).await, connect_from("127.0.0.2:0", address).await);
    closed_without_a_byte(connect_from("127.0.0.2:0", address).await).await;
    let mut stream = connect_from("127.0.0.3:0", address).await;
    stream.write_all(&message("A", "DESK")).await.unwrap();
    door.arrivals[0].recv().await.unwrap();
    drop(silent);
    // Their places come back when their tasks have seen them go.
    let mut attempts = 0;
    loop {
        let mut stream = connect_from("127.0.0.2:0", address).await;
        let _ = stream.write_all(&message("A", "DESK")).await;
        tokio::select! {
            Some(_) = door.arrivals[0].recv() => break,
            () = closed_without_a_byte(stream) => attempts += 1,
        }
        assert!(attempts < 1000, "the places never came back");
    }
}

#[tokio::test]
async fn the_silent_are_let_go_after_the_logon_timeout() {
    let limits = Limits { logon_timeout: Duration::from_millis(100), ..LIMITS };
    let door = open(limits, &[("DESK", "")]).await;
    let start = Instant::now();
    let mut half = TcpStream::connect(door.address()).await.unwrap();
    half.write_all(&message("A", "DESK")[..40]).await.unwrap();
    closed_without_a_byte(half).await;
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_half_open_connections_delay_no_logon() {
    let mut door = open(LIMITS, &[("DESK", "")]).await;
    let mut crowd = Vec::new();
    for _ in 0..1000 {
        let mut stream = TcpStream::connect(door.address()).await.unwrap();
        stream.write_all(b"8=FIX.4.4\x01").await.unwrap();
        crowd.push(stream);
    }
    let mut waits = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        let mut stream = TcpStream::connect(door.address()).await.unwrap();
        stream.write_all(&message("A", "DESK")).await.unwrap();
        door.arrivals[0].recv().await.unwrap();
        waits.push(start.elapsed());
    }
    waits.sort_unstable();
    println!("Logon behind 1000 half-open connections: median {:?}, worst {:?}", waits[25], waits[49]);
    // The goal is 20 ms at p99; the bound is wide because other tests run beside this one.
    assert!(waits[25] < Duration::from_millis(20), "{waits:?}");
}

/// A process that may have few files open keeps half of them for its stores and logs, and lets no address
/// have all of the rest.
#[tokio::test]
async fn few_files_are_enough_for_a_logon() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let text = format!(
        "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=EXCHANGE\nTargetCompID=DESK\n\
         SocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\nCheckLatency=N\nFileStorePath={0}/store\nFileLogPath={0}/log\n",
        folder.path().display()
    );
    let cfg = write_file(folder.path(), "exchange.cfg", &text);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -n 64 && exec \"$0\" exchange --config \"$1\""]);
    command.args([env!("CARGO_BIN_EXE_fix-host"), &cfg]);
    let mut program = Program::spawn(command);
    program.wait_for("FIX acceptor on");
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(connect_from("127.0.0.2:0", address).await);
    }
    let mut stream = connect_from("127.0.0.3:0", address).await;
    let mut answer = vec![0; 1024];
    stream.write_all(&message("A", "DESK")).await.unwrap();
    let count = stream.read(&mut answer).await.unwrap();
    let answer = answer[..count].escape_ascii().to_string();
    assert!(answer.contains("\\x0135=A\\x01"), "{answer:?}");
}
