//! An initiator's way through proxies: tiny ones, in the test, that check each byte they are sent.

use std::{future::Future, time::Duration};

use fix_host::{
    config::{HostPort, Role, System, parse_bytes},
    net::dial::{DialError, Dialer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

fn dialer(port: u16, lines: &str) -> Dialer {
    let text = format!(
        "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=US\nTargetCompID=THEM\n\
         UseDataDictionary=N\nHeartBtInt=30\nFileStorePath=store\nSocketConnectHost=x\nSocketConnectPort=1\n\
         ProxyHost=127.0.0.1\nProxyPort={port}\n{lines}\n"
    );
    let settings = parse_bytes("t.cfg", text.as_bytes(), &System).unwrap_or_else(|error| panic!("{error}"));
    let session = &settings.sessions[0];
    let Role::Initiator(initiator) = &session.role else { panic!("not an initiator") };
    Dialer::new(initiator, &session.socket, None).unwrap()
}

fn counterparty() -> HostPort {
    HostPort { host: "fix.example.com".into(), port: 9876 }
}

/// Dials through a proxy that runs `serve`, and gives the first bytes that come through, or the error.
async fn through<F: Future<Output = ()>>(
    lines: &str,
    target: &HostPort,
    serve: impl FnOnce(TcpStream) -> F,
) -> Result<[u8; 5], DialError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialer = dialer(listener.local_addr().unwrap().port(), lines);
    let serving = async { serve(listener.accept().await.unwrap().0).await };
    let dialling = async {
        let mut stream = dialer.connect(target).await?;
        let mut first = [0; 5];
        stream.read_exact(&mut first).await.unwrap();
        Ok(first)
    };
    tokio::join!(serving, dialling).1
}

async fn expect(stream: &mut TcpStream, bytes: &[u8]) {
    let mut got = vec![0; bytes.len()];
    stream.read_exact(&mut got).await.unwrap();
    assert_eq!(got.escape_ascii().to_string(), bytes.escape_ascii().to_string());
}

/// The answer, and right behind it what the counterparty says.
async fn answer(stream: &mut TcpStream, bytes: &[u8]) {
    let all = [bytes, b"8=FIX"].concat();
    stream.write_all(&all).await.unwrap();
}

#[track_caller]
fn says(got: Result<[u8; 5], DialError>, text: &str) {
    let error = got.unwrap_err().to_string();
    assert!(error.contains(text), "{error:?} lacks {text:?}");
    assert!(!error.contains("hunter2") && !error.contains('\n'), "{error:?}");
}

#[tokio::test]
async fn socks_5_lets_the_proxy_resolve_the_name() {
    let got = through("ProxyType=socks", &counterparty(), async |mut stream| {
        expect(&mut stream, &[5, 1, 0]).await;
        stream.write_all(&[5, 0]).await.unwrap();
        expect(&mut stream, b"\x05\x01\x00\x03\x0ffix.example.com\x26\x94").await;
        answer(&mut stream, &[5, 0, 0, 1, 127, 0, 0, 1, 0, 9]).await;
    })
    .await;
    assert_eq!(&got.unwrap(), b"8=FIX");
}

const USER: &str = "ProxyType=socks\nProxyUser=desk\nProxyPassword=hunter2";

async fn greet_with_password(stream: &mut TcpStream) {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await.unwrap();
    let mut methods = vec![0; head[1].into()];
    stream.read_exact(&mut methods).await.unwrap();
    assert!(methods.contains(&2), "user and password are offered");
    stream.write_all(&[5, 2]).await.unwrap();
    expect(stream, b"\x01\x04desk\x07hunter2").await;
}

#[tokio::test]
async fn socks_5_with_a_password() {
    let target = HostPort { host: "192.0.2.7".into(), port: 9876 };
    let got = through(USER, &target, async |mut stream| {
        greet_with_password(&mut stream).await;
        stream.write_all(&[1, 0]).await.unwrap();
        expect(&mut stream, &[5, 1, 0, 1, 192, 0, 2, 7, 0x26, 0x94]).await;
        answer(&mut stream, &[5, 0, 0, 1, 127, 0, 0, 1, 0, 9]).await;
    })
    .await;
    assert_eq!(&got.unwrap(), b"8=FIX");
    let got = through(USER, &target, async |mut stream| {
        greet_with_password(&mut stream).await;
        stream.write_all(&[1, 1]).await.unwrap();
    })
    .await;
    says(got, "it refuses ProxyUser or ProxyPassword");
}

#[tokio::test]
async fn socks_5_that_cannot_or_will_not() {
    let got = through("ProxyType=socks", &counterparty(), async |mut stream| {
        expect(&mut stream, &[5, 1, 0]).await;
        stream.write_all(&[5, 0xff]).await.unwrap();
    })
    .await;
    says(got, "it demands a user and password; set ProxyUser and ProxyPassword");
    let got = through("ProxyType=socks", &counterparty(), async |mut stream| {
        expect(&mut stream, &[5, 1, 0]).await;
        stream.write_all(&[5, 0]).await.unwrap();
        expect(&mut stream, b"\x05\x01\x00\x03\x0ffix.example.com\x26\x94").await;
        answer(&mut stream, &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    })
    .await;
    says(got, "fix.example.com:9876: by the proxy 127.0.0.1:");
    let got = through("ProxyType=socks", &counterparty(), async |mut stream| {
        expect(&mut stream, &[5, 1, 0]).await;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    })
    .await;
    says(got, "is ProxyType right?");
}

#[tokio::test]
async fn socks_4_and_4a() {
    let lines = "ProxyType=socks\nProxyUser=desk\nProxyVersion=";
    let target = HostPort { host: "192.0.2.7".into(), port: 9876 };
    let got = through(&format!("{lines}4"), &target, async |mut stream| {
        expect(&mut stream, b"\x04\x01\x26\x94\xc0\x00\x02\x07desk\x00").await;
        answer(&mut stream, &[0, 90, 0, 0, 0, 0, 0, 0]).await;
    })
    .await;
    assert_eq!(&got.unwrap(), b"8=FIX");
    let got = through(&format!("{lines}4a"), &counterparty(), async |mut stream| {
        expect(&mut stream, b"\x04\x01\x26\x94\x00\x00\x00\x01desk\x00fix.example.com\x00").await;
        answer(&mut stream, &[0, 90, 0, 0, 0, 0, 0, 0]).await;
    })
    .await;
    assert_eq!(&got.unwrap(), b"8=FIX");
    let got = through(&format!("{lines}4a"), &counterparty(), async |mut stream| {
        expect(&mut stream, b"\x04\x01\x26\x94\x00\x00\x00\x01desk\x00fix.example.com\x00").await;
        answer(&mut stream, &[0, 93, 0, 0, 0, 0, 0, 0]).await;
    })
    .await;
    says(got, "it refuses ProxyUser");
    let local = HostPort { host: "::1".into(), port: 1 };
    let got = through(&format!("{lines}4"), &local, async |stream| drop(stream)).await;
    says(got, "SOCKS 4 carries only IPv4 addresses");
}

const CONNECT: &[u8] = b"CONNECT fix.example.com:9876 HTTP/1.1\r\nHost: fix.example.com:9876\r\n\r\n";

#[tokio::test]
async fn http_connect_takes_nothing_of_what_the_counterparty_says() {
    let got = through("ProxyType=http", &counterparty(), async |mut stream| {
        expect(&mut stream, CONNECT).await;
        answer(&mut stream, b"HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n").await;
    })
    .await;
    assert_eq!(&got.unwrap(), b"8=FIX");
}

#[tokio::test]
async fn http_connect_with_a_password() {
    let lines = "ProxyType=http\nProxyUser=desk\nProxyPassword=hunter2";
    // RFC 7617: base64 of "desk:hunter2".
    let head =
        [&CONNECT[..CONNECT.len() - 2], b"Proxy-Authorization: Basic ZGVzazpodW50ZXIy\r\n\r\n"].concat();
    let got = through(lines, &counterparty(), async |mut stream| {
        expect(&mut stream, &head).await;
        answer(&mut stream, b"HTTP/1.1 200 OK\r\n\r\n").await;
    })
    .await;
    assert_eq!(&got.unwrap(), b"8=FIX");
    let got = through(lines, &counterparty(), async |mut stream| {
        expect(&mut stream, &head).await;
        answer(&mut stream, b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    })
    .await;
    says(got, "it refuses ProxyUser or ProxyPassword");
}

#[tokio::test]
async fn http_proxies_that_refuse_or_are_none() {
    for (reply, text) in [
        (b"HTTP/1.1 407 \r\n\r\n".as_slice(), "set ProxyUser and ProxyPassword"),
        (b"HTTP/1.1 403 Forbidden\x1b[2J\r\n\r\n", "is ProxyType right?"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "it did not connect: 502 Bad Gateway"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "is ProxyType right?"),
        (&[b'x'; 9000], "is not a short HTTP header"),
    ] {
        let got = through("ProxyType=http", &counterparty(), async |mut stream| {
            expect(&mut stream, CONNECT).await;
            // The dialler may have hung up before the end of an endless header.
            let _ = stream.write_all(reply).await;
        })
        .await;
        says(got, text);
    }
    let got =
        through("ProxyType=http", &counterparty(), async |mut stream| expect(&mut stream, CONNECT).await)
            .await;
    says(got, "the connection to it failed");
}

#[tokio::test]
async fn a_proxy_that_says_nothing_is_given_up() {
    let lines = "ProxyType=http\nSocketConnectTimeout=1";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialer = dialer(listener.local_addr().unwrap().port(), lines);
    let error = dialer.connect(&counterparty()).await.unwrap_err();
    assert!(
        matches!(&error, DialError::Timeout { after, .. } if *after == Duration::from_secs(1)),
        "{error}"
    );
    assert!(error.to_string().contains("the proxy did not connect"), "{error}");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = dialer(port, "ProxyType=socks").connect(&counterparty()).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot connect to 127.0.0.1:{port}: ")), "{error}");
    assert!(error.ends_with("; nothing listens there"), "{error}");
}
