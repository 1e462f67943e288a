//! Tricks with paths, sizes and the bytes of a WebSocket: none gets anything, and the server goes on.

use std::time::Duration;

use fix_host::web::Token;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{TOKEN, rig::Rig};

/// Ways to write a path so that one who checks it and one who serves it read two things.
const PATHS: [&str; 26] = [
    "//api/orders",
    "/api//orders",
    "/api/./orders",
    "/api/../api/orders",
    "/API/ORDERS",
    "/api%2forders",
    "/%61pi/orders",
    "/api/orders%00",
    "/api/orders%20",
    "/api/orders;a=b",
    "/api/orders/..%2f..%2fapi%2fhalt",
    "/assets/../api/orders",
    "/assets/..%2fapi%2forders",
    "/assets/%2e%2e/api/orders",
    "/assets/..;/api/orders",
    "/assets//api/orders",
    "/assets/js/../../api/orders",
    "/login/../api/orders",
    "/login/api/orders",
    "/healthz/../api/orders",
    "/healthz%2f..%2fapi%2forders",
    "/readyz;/api/orders",
    "/api/login/../orders",
    "/api/login%2f..%2forders",
    "/openapi.json/../api/orders",
    "/api/orders?x=/healthz",
];

#[tokio::test]
async fn no_way_to_write_a_path_leads_past_the_token() {
    let rig = Rig::start_with(Token::new(TOKEN)).await;
    for path in PATHS {
        for method in ["GET", "HEAD", "POST"] {
            let body =
                if method == "POST" { "Content-Type: application/json\r\nContent-Length: 2\r\n" } else { "" };
            let end = if method == "POST" { "{}" } else { "" };
            let request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{body}\r\n{end}", rig.addr);
            let got = rig.status_of(&request).await;
            assert!([400, 401, 403, 404, 405].contains(&got), "{method} {path}: {got}");
        }
    }
}

/// What follows the token in a request that is too large for its head, or says two things of its body.
#[tokio::test]
async fn a_request_that_is_too_large_or_of_two_lengths_is_refused() {
    let rig = Rig::start_with(Token::new(TOKEN)).await;
    let order = "POST /api/cancels HTTP/1.1";
    let usual =
        format!("Host: {}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n", rig.addr);
    let long = "x".repeat(1 << 20);
    let many: String = (0..2_000).map(|number| format!("X-{number}: y\r\n")).collect();
    for (request, refusals) in [
        (format!("GET /api/orders?{long} HTTP/1.1\r\n{usual}\r\n"), &[414, 431][..]),
        (format!("GET /api/orders HTTP/1.1\r\n{usual}X: {long}\r\n\r\n"), &[431]),
        (format!("GET /api/orders HTTP/1.1\r\n{usual}{many}\r\n"), &[431]),
        (format!("{order}\r\n{usual}Content-Length: 100000000\r\n\r\n"), &[408, 413]),
        (format!("{order}\r\n{usual}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"), &[400]),
        (format!("{order}\r\n{usual}Content-Length: -2\r\n\r\n{{}}"), &[400]),
        (format!("{order}\r\n{usual}Content-Length: 2\r\nTransfer-Encoding: gzip\r\n\r\n{{}}"), &[400, 501]),
        (format!("{order}\r\n{usual}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{{}}\r\n0\r\n\r\n"), &[400]),
    ] {
        // Who is refused may be cut off while he still writes.
        let got =
            timeout(Duration::from_secs(20), answer(&rig, request.as_bytes())).await.expect("an answer");
        assert!(
            got.is_none_or(|got| refusals.contains(&got)),
            "{}: {got:?}",
            &request[..request.len().min(300)]
        );
    }
    assert_eq!(rig.board.newest_reports(10).len(), 0);
    assert_eq!(rig.get("/healthz").await.0, 200);
}

/// The status of the answer; `None` if the connection was closed without one.
async fn answer(rig: &Rig, request: &[u8]) -> Option<u16> {
    let mut socket = TcpStream::connect(rig.addr).await.unwrap();
    let _ = socket.write_all(request).await;
    let mut start = [0; 12];
    socket.read_exact(&mut start).await.ok()?;
    std::str::from_utf8(&start[9..]).ok()?.parse().ok()
}

/// Frames (RFC 6455, 5.2) that no client may send, or that promise more than is taken.
#[tokio::test]
async fn frames_that_are_wrong_or_too_large_end_their_connection_alone() {
    let rig = Rig::start_with(Token::new(TOKEN)).await;
    let frames: [(&str, Vec<u8>); 9] = [
        ("not masked", b"\x81\x02{}".to_vec()),
        ("a reserved bit", b"\xC1\x80\0\0\0\0".to_vec()),
        ("a reserved opcode", b"\x83\x80\0\0\0\0".to_vec()),
        ("a continuation of nothing", b"\x80\x80\0\0\0\0".to_vec()),
        ("no UTF-8", b"\x81\x82\0\0\0\0\xFF\xFE".to_vec()),
        ("of 2^62 bytes", b"\x81\xFF\x40\0\0\0\0\0\0\0\0\0\0\0x".to_vec()),
        ("of 2^63 bytes", b"\x81\xFF\x80\0\0\0\0\0\0\0\0\0\0\0x".to_vec()),
        ("a long ping", [&b"\x89\xFE\x01\x00\0\0\0\0"[..], &[b'x'; 256]].concat()),
        (
            "parts without end",
            [&b"\x01\xFE\x10\x00\0\0\0\0"[..], &[b' '; 4096], b"\0\xFE\x10\x00\0\0\0\0", &[b' '; 4096]]
                .concat(),
        ),
    ];
    for (what, frame) in frames {
        let mut socket = TcpStream::connect(rig.addr).await.unwrap();
        let request = format!(
            "GET /api/stream HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            rig.addr
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        socket.write_all(&frame).await.unwrap();
        let mut rest = Vec::new();
        let read = timeout(Duration::from_secs(10), socket.read_to_end(&mut rest)).await;
        assert!(read.is_ok(), "{what}: the connection goes on");
        assert!(rest.starts_with(b"HTTP/1.1 101"), "{what}");
    }
    assert_eq!(rig.get("/healthz").await.0, 200);
}
