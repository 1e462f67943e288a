//! The audit log: a line for each write, whatever became of it.

use std::{cell::RefCell, io, sync::Once, time::Duration};

use fix_host::{
    contract::{intake::intake, parse::OrderRules, request::OrderReply},
    web::Token,
};
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{
    ORDER, TOKEN,
    rig::{READ_TOKEN, Rig},
};

thread_local! {
    /// What this thread has logged, on which server and client of a test run.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Logged;

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// For all tests of the process: whether a line is of interest to anybody is remembered for all threads.
fn keep_log() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| tracing_subscriber::fmt().with_ansi(false).with_writer(|| Logged).init());
}

fn audit_lines() -> Vec<String> {
    let text = LOGGED.with_borrow(|logged| String::from_utf8(logged.clone()).unwrap());
    text.lines().filter(|line| line.contains("fix_host::audit")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_write_whose_client_has_gone_has_its_line() {
    keep_log();
    let (intake, mut requests) = intake(OrderRules::any_symbol());
    let rig = Rig::serve(None, intake).await;
    let cancel = r#"{"origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#;
    for (path, body, id) in [("/api/orders", ORDER, "A1"), ("/api/cancels", cancel, "C1")] {
        let mut client = TcpStream::connect(rig.addr).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\n");
        let request = format!("{head}Host: {}\r\nContent-Length: {}\r\n\r\n{body}", rig.addr, body.len());
        client.write_all(request.as_bytes()).await.unwrap();
        // It is with its session: it is sent, whoever waits.
        let request = requests.recv().await.unwrap();
        client.shutdown().await.unwrap();
        let line = timeout(Duration::from_secs(10), async {
            loop {
                if let Some(line) = audit_lines().into_iter().find(|line| line.contains(path)) {
                    return line;
                }
                sleep(Duration::from_millis(5)).await;
            }
        });
        let line = line.await.unwrap_or_else(|_| panic!("{path}: no line"));
        assert!(line.contains("no answer") && line.contains(&format!("order=\"{id}\"")), "{line}");
        assert!(!line.contains("status="), "{line}");
        request.answer(OrderReply::Accepted { cl_ord_id: id.to_owned(), msg_seq_num: 3 });
    }
    assert_eq!(audit_lines().len(), 2);
}

#[tokio::test]
async fn a_line_says_who_wrote_what_with_which_answer_and_a_preview_has_none() {
    keep_log();
    let rig = Rig::start_with(Token::new(TOKEN)).await;
    let login = json!({ "token": TOKEN }).to_string();
    assert_eq!(rig.post("/api/login", &login).await.0, 200);
    assert_eq!(rig.post("/api/orders", ORDER).await.0, 401);
    let bearer = |path: &str, body: &str| posted(&rig, TOKEN, "application/json", path, body);
    assert_eq!(rig.status_of(&bearer("/api/orders", ORDER)).await, 202);
    rig.send(&bearer("/api/sessions/S/preview", "{}")).await;
    let lines = audit_lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, parts) in lines.iter().zip([
        ["/api/login", r#"by="nobody" role="trader""#, "status=200"],
        ["/api/orders", r#"by="nobody""#, "status=401"],
        ["/api/orders", r#"by="bearer" role="trader""#, r#"status=202 order="A1""#],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}: {parts:?}");
        assert!(!line.contains(TOKEN), "{line}");
    }
    assert!(!lines[1].contains("role="), "{}", lines[1]);
}

/// Who shows a token is known, also where what he asks for is refused.
#[tokio::test]
async fn a_line_names_who_was_refused() {
    keep_log();
    let rig = Rig::start_with(Token::new(TOKEN)).await;
    let json = "application/json";
    assert_eq!(rig.status_of(&posted(&rig, READ_TOKEN, json, "/api/orders", ORDER)).await, 403);
    assert_eq!(rig.status_of(&posted(&rig, READ_TOKEN, json, "/api/halt", "{}")).await, 403);
    assert_eq!(rig.status_of(&posted(&rig, TOKEN, "text/plain", "/api/orders", ORDER)).await, 415);
    assert_eq!(
        rig.status_of(&posted(&rig, "another-token-16", "text/plain", "/api/orders", ORDER)).await,
        401
    );
    let lines = audit_lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    for (line, parts) in lines.iter().zip([
        [r#"by="bearer" role="viewer""#, "status=403"],
        [r#"by="bearer" role="viewer""#, "status=403"],
        [r#"by="bearer" role="trader""#, "status=415"],
        [r#"by="nobody""#, "status=401"],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}: {parts:?}");
    }
}

/// A POST with a token, as it stands on the wire.
fn posted(rig: &Rig, token: &str, content_type: &str, path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Type: {content_type}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        rig.addr,
        body.len()
    )
}
