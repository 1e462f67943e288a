//! HTTP CONNECT (RFC 9110 section 9.3.6) with basic authentication (RFC 7617).

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::ProxyError;
use crate::config::{HostPort, ProxySettings, Secret};

/// A proxy's answer has a line and a few headers.
const LONGEST_ANSWER: usize = 8192;
const MOST_HEADERS: usize = 64;

pub(super) async fn connect(
    mut stream: TcpStream,
    proxy: &ProxySettings,
    target: &HostPort,
) -> Result<TcpStream, ProxyError> {
    stream.write_all(request(proxy, target).as_bytes()).await?;
    let answer = read_answer(&mut stream).await?;
    match status(&answer)? {
        (200..=299, _) => Ok(stream),
        (407, _) if proxy.proxy_user.is_some() => Err(ProxyError::BadCredentials),
        (407, _) => Err(ProxyError::WantsCredentials),
        (code, reason) => Err(ProxyError::Refused(format!("{code} {reason}"))),
    }
}

fn request(proxy: &ProxySettings, target: &HostPort) -> String {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(user) = &proxy.proxy_user {
        let password = proxy.proxy_password.as_ref().map(Secret::expose).unwrap_or_default();
        let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
        request.push_str(&format!("Proxy-Authorization: Basic {credentials}\r\n"));
    }
    request.push_str("\r\n");
    request
}

/// Reads to the end of the header and not one byte more: what follows belongs to the counterparty. That is
/// why it reads byte by byte, once a connection.
async fn read_answer(stream: &mut TcpStream) -> Result<Vec<u8>, ProxyError> {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() == LONGEST_ANSWER {
            return Err(ProxyError::NotTheProtocol("a short HTTP header"));
        }
        answer.push(stream.read_u8().await?);
    }
    Ok(answer)
}

fn status(answer: &[u8]) -> Result<(u16, String), ProxyError> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(answer) {
        Ok(httparse::Status::Complete(_)) => {
            let reason = response.reason.unwrap_or_default().escape_debug().to_string();
            Ok((response.code.unwrap_or_default(), reason))
        }
        _ => Err(ProxyError::NotTheProtocol("HTTP")),
    }
}
