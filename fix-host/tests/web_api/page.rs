//! The page of the dashboard, as it is served.

use super::rig::Rig;

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
