//! The page of the dashboard, as it is served.

use fix_host::{
    market::CounterpartyPrices,
    observe::{Board, Metrics},
    web::{Facts, Token, Watched, WebConfig, WebServer},
};
use serde_json::json;
use tokio::sync::watch;

use super::{TOKEN, rig::Rig};

/// Head and body of `GET path` with more header lines.
async fn get(rig: &Rig, path: &str, headers: &str) -> (String, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}Connection: close\r\n\r\n", rig.addr);
    let answer = rig.raw(&request).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

#[tokio::test]
async fn the_page_is_served_with_its_policy_and_not_twice() {
    let rig = Rig::start().await;
    let (head, body) = get(&rig, "/", "").await;
    assert!(head.starts_with("http/1.1 200 ") && body.starts_with("<!doctype html>"), "{head}");
    for field in [
        "content-type: text/html; charset=utf-8",
        "cache-control: no-cache",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cross-origin-opener-policy: same-origin",
        "content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; ",
    ] {
        assert!(head.contains(field), "{field}: {head}");
    }
    assert!(!head.contains("'unsafe-inline'") && !head.contains("content-encoding"), "{head}");
    let tag = head.split("etag: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let (head, body) = get(&rig, "/", &format!("If-None-Match: \"x\", W/{tag}\r\n")).await;
    assert!(head.starts_with("http/1.1 304 ") && head.contains(&tag) && body.is_empty(), "{head}");
}

#[tokio::test]
async fn only_the_files_of_the_page_are_served() {
    let rig = Rig::start().await;
    for (path, mime) in [("js/login.js", "text/javascript"), ("css/login.css", "text/css")] {
        let (head, _) = get(&rig, &format!("/assets/{path}"), "").await;
        assert!(
            head.starts_with("http/1.1 200 ") && head.contains(&format!("content-type: {mime}")),
            "{head}"
        );
    }
    for path in [
        "/assets/",
        "/assets/none.js",
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets//etc/passwd",
        "/assets/js/login.js/",
        "/assets/js/login.js%00",
        "/assets/js%5clogin.js",
        "/assets/test/",
        "/assets/%ff",
        "/index.html",
    ] {
        let (head, _) = get(&rig, path, "").await;
        assert!(head.starts_with("http/1.1 404 ") || head.starts_with("http/1.1 400 "), "{path}: {head}");
    }
}

#[tokio::test]
async fn a_process_that_takes_no_orders_lets_a_page_log_in_and_tells_it_what_it_is() {
    let addr = "127.0.0.1:0".parse().unwrap();
    let web = WebServer::bind(WebConfig { addr, token: Token::new(TOKEN), read_token: None, folder: None })
        .await
        .unwrap();
    let (stop, stopped) = watch::channel(false);
    let (board, addr) = (Board::default(), web.local_addr());
    let watched =
        Watched { board: board.clone(), metrics: Metrics::default(), venue: None, facts: Facts::default() };
    let server = tokio::spawn(web.serve_watched(watched, stopped));
    let rig = Rig { addr, board, prices: CounterpartyPrices::default(), stop, server };
    assert_eq!(rig.post("/api/login", &json!({ "token": TOKEN }).to_string()).await.0, 200);
    let about = format!(
        "GET /api/about HTTP/1.1\r\nHost: {addr}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    );
    let (status, about) = rig.send(&about).await;
    assert_eq!((status, &about["role"], &about["login"]), (200, &json!("trader"), &json!(true)));
}
