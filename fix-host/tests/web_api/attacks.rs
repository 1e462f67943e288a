//! Those who may not: each way in is tried with each thing that an attacker controls, and none may do anything.

use std::time::Duration;

use fix_host::web::Token;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use super::{
    ORDER, TOKEN,
    rig::{READ_TOKEN, Rig},
};

/// The ways to do something, or to see it: method, path, body.
const WAYS: [(&str, &str, &str); 8] = [
    ("POST", "/api/orders", ORDER),
    ("POST", "/api/cancels", r#"{"origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#),
    ("POST", "/api/halt", r#"{"reason":"x"}"#),
    ("POST", "/api/resume", "{}"),
    ("POST", "/api/sessions/S/reset", "{}"),
    ("POST", "/api/exchange/fill", r#"{"order":"1"}"#),
    ("GET", "/api/orders", ""),
    ("GET", "/api/stream", ""),
];

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The status of a request with these header lines in place of the usual ones of a page of ours.
async fn status(rig: &Rig, (method, path, body): (&str, &str, &str), headers: &[(&str, String)]) -> u16 {
    let usual = [
        ("Host", rig.addr.to_string()),
        ("Origin", format!("http://{}", rig.addr)),
        ("Content-Type", "application/json".to_owned()),
        ("Sec-Fetch-Site", "same-origin".to_owned()),
    ];
    let is_replaced = |name: &str| headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let kept = usual.iter().filter(|(name, _)| !is_replaced(name));
    // An empty value stands for a header that is not there.
    let lines = kept.chain(headers).filter(|(_, value)| !value.is_empty());
    let lines: String = lines.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let upgrade = if path == "/api/stream" { UPGRADE } else { "Connection: close\r\n" };
    let length = if method == "POST" { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
    let request = format!("{method} {path} HTTP/1.1\r\n{lines}{upgrade}{length}\r\n{body}");
    rig.status_of(&request).await
}

/// A connection that follows the stream, from the head of its answer on.
async fn follow(rig: &Rig, headers: &str) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(rig.addr).await.unwrap());
    let request = format!("GET /api/stream?topics=orders HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", rig.addr);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert!(line.contains(" 101 ") || line.contains(" 200 "), "{line}");
    stream
}

/// Reads to the end, which must come by itself.
async fn rest_of(mut stream: BufReader<TcpStream>) {
    let mut rest = Vec::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
    read.expect("the stream ends with the logout").unwrap();
}

async fn nothing_happened(rig: &Rig) {
    assert_eq!(rig.board.newest_reports(10).len(), 0);
    assert!(!rig.board.halts().is_halted("FIX.4.4:TRADEDESK->EXCHANGE"));
}

/// Header lines of a request, and the answers that refuse it.
type Attack = (Vec<(&'static str, String)>, &'static [u16]);

/// What a page of another site, or a name that was pointed at this machine, can make a browser send.
fn from_other_pages(port: u16) -> Vec<Attack> {
    let mut attacks: Vec<Attack> = Vec::new();
    for origin in [
        "null",
        "http://evil.example",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:8050.evil.example",
        "file://",
        "http://",
        "://",
        "evil",
    ] {
        attacks.push((vec![("Origin", origin.to_owned())], &[403]));
    }
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("127.0.0.2:{port}"),
        format!("0.0.0.0:{port}"),
        format!("[::]:{port}"),
        "127.0.0.1".to_owned(),
        "localhost:1".to_owned(),
        format!("127.0.0.1:{port}@evil.example"),
        format!("user@127.0.0.1:{port}"),
    ] {
        // Rebinding: the page's own name stands in both.
        let origin = format!("http://{host}");
        attacks.push((vec![("Host", host), ("Origin", origin)], &[421, 400]));
    }
    for site in ["cross-site", "same-site", "CROSS-SITE", "x"] {
        attacks.push((vec![("Sec-Fetch-Site", site.to_owned()), ("Origin", String::new())], &[403]));
    }
    attacks
}

#[tokio::test]
async fn pages_of_others_do_nothing_and_see_nothing() {
    let rig = Rig::start().await;
    let attacks = from_other_pages(rig.addr.port());
    let mut count = 0;
    for way in WAYS {
        for (headers, refusals) in &attacks {
            let got = status(&rig, way, headers).await;
            assert!(refusals.contains(&got), "{way:?} {headers:?}: {got}");
            count += 1;
        }
    }
    // A form, or whatever else needs no leave to be sent from site to site.
    for content_type in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/plain; application/json",
        "application/json5",
    ] {
        for way in WAYS.into_iter().filter(|way| way.0 == "POST") {
            assert_eq!(status(&rig, way, &[("Content-Type", content_type.to_owned())]).await, 415, "{way:?}");
            count += 1;
        }
    }
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post"] {
        for path in ["/api/cancels", "/api/halt/", "/api/resume", "/api/sessions/S/reset"] {
            let got = status(&rig, (method, path, ""), &[]).await;
            assert!([400, 404, 405].contains(&got), "{method} {path}: {got}");
            count += 1;
        }
    }
    assert!(count >= 200, "{count}");
    nothing_happened(&rig).await;
}

#[tokio::test]
async fn without_the_token_nothing_is_done_and_viewers_only_look() {
    let rig = Rig::start_with(Token::new(TOKEN)).await;
    let port = rig.addr.port();
    let forged = format!("fix-host-{port}=trader.99999999999.{}", "0".repeat(64));
    let credentials = [
        vec![],
        vec![("Authorization", "Bearer ".to_owned())],
        vec![("Authorization", format!("Bearer {}", &TOKEN[1..]))],
        vec![("Authorization", format!("bearer {TOKEN}"))],
        vec![("Authorization", format!("Basic {TOKEN}"))],
        vec![("Authorization", format!("Bearer {TOKEN} "))],
        vec![("Authorization", format!("Bearer {READ_TOKEN}{TOKEN}"))],
        vec![("Cookie", forged)],
        vec![("Cookie", format!("fix-host-{port}={TOKEN}"))],
        vec![("Cookie", format!("token={TOKEN}; Authorization=Bearer {TOKEN}"))],
    ];
    for way in WAYS {
        for headers in &credentials {
            let got = status(&rig, way, headers).await;
            // Blanks at the end of a header are no part of it (RFC 9110, 5.5).
            let is_blank = headers.first().is_some_and(|(_, value)| value.ends_with("test "));
            assert!(got == 401 || is_blank, "{way:?} {headers:?}: {got}");
        }
        let viewer = [("Authorization", format!("Bearer {READ_TOKEN}"))];
        let got = status(&rig, way, &viewer).await;
        let expected = if way.1 == "/api/stream" { 101 } else { 200 };
        assert_eq!(got, if way.0 == "POST" { 403 } else { expected }, "{way:?}");
    }
    // A preview does nothing: viewers may ask for one. There is no such session here.
    let viewer = [("Authorization", format!("Bearer {READ_TOKEN}"))];
    let preview = ("POST", "/api/sessions/S/preview", r#"{"action":"logon"}"#);
    assert_eq!(status(&rig, preview, &viewer).await, 404);
    assert_eq!(status(&rig, ("POST", "/api/sessions/preview/logon", "{}"), &viewer).await, 403);
}

#[tokio::test]
async fn a_cookie_is_had_for_a_token_and_is_of_use_to_our_own_page_alone() {
    let rig = Rig::start_with(Token::new(TOKEN)).await;
    let head = rig.head("GET / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 303 ") && head.contains("location: /login"), "{head}");
    for path in ["/login", "/assets/js/login.js", "/healthz"] {
        assert_eq!(status(&rig, ("GET", path, ""), &[]).await, 200, "{path}");
    }
    for body in ["", "{}", "[]", r#"{"token":1}"#, r#"{"token":"0123456789abcdef-tesT"}"#] {
        let got = status(&rig, ("POST", "/api/login", body), &[]).await;
        assert!([400, 401].contains(&got), "{body}: {got}");
    }
    for (token, role) in [(TOKEN, "trader"), (READ_TOKEN, "viewer")] {
        let body = json!({ "token": token }).to_string();
        let head = rig
            .head(&format!(
                "POST /api/login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            ))
            .await;
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap().to_owned();
        assert!(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains(token), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let with = |origin: &str| vec![("Cookie", cookie.clone()), ("Origin", origin.to_owned())];
        let own = format!("http://{}", rig.addr);
        assert_eq!(status(&rig, ("GET", "/", ""), &with(&own)).await, 200);
        assert_eq!(status(&rig, ("GET", "/api/stream", ""), &with(&own)).await, 101);
        assert_eq!(status(&rig, ("GET", "/api/stream", ""), &with("")).await, 403, "no Origin");
        let cancel = WAYS[1];
        let expected = if role == "trader" { 202 } else { 403 };
        assert_eq!(status(&rig, cancel, &with(&own)).await, expected, "{role}");
        for origin in ["", "null", "http://evil.example"] {
            assert_eq!(status(&rig, cancel, &with(origin)).await, 403, "{role} {origin}");
        }
        let followed = [
            follow(&rig, &format!("{UPGRADE}Cookie: {cookie}\r\nOrigin: {own}\r\n")).await,
            follow(&rig, &format!("Cookie: {cookie}\r\nConnection: close\r\n")).await,
        ];
        let logout = ("POST", "/api/logout", "{}");
        assert_eq!(status(&rig, logout, &with("http://evil.example")).await, 403, "others log nobody out");
        assert_eq!(status(&rig, logout, &with(&own)).await, 200);
        for stream in followed {
            rest_of(stream).await;
        }
        // Who kept a copy.
        for way in WAYS.into_iter().chain([logout]) {
            assert_eq!(status(&rig, way, &with(&own)).await, 401, "{role} {way:?} after the logout");
        }
    }
}
