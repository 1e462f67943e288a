//! SOCKS 5 (RFC 1928), with user and password (RFC 1929). The proxy resolves names.

use std::net::IpAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::ProxyError;
use crate::config::{HostPort, ProxySettings, Secret};

const VERSION: u8 = 5;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;
/// The version of RFC 1929, which is its own.
const PASSWORD_VERSION: u8 = 1;

const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;

pub(super) async fn connect(
    mut stream: TcpStream,
    proxy: &ProxySettings,
    target: &HostPort,
) -> Result<TcpStream, ProxyError> {
    let methods = match proxy.proxy_user {
        Some(_) => &[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD][..],
        None => &[VERSION, 1, NO_AUTHENTICATION],
    };
    stream.write_all(methods).await?;
    expect(stream.read_u8().await?, VERSION)?;
    match stream.read_u8().await? {
        NO_AUTHENTICATION => {}
        USER_AND_PASSWORD if proxy.proxy_user.is_some() => log_in(&mut stream, proxy).await?,
        USER_AND_PASSWORD | NONE_ACCEPTABLE => return Err(ProxyError::WantsCredentials),
        _ => return Err(not_socks()),
    }
    stream.write_all(&request(target)?).await?;
    read_reply(&mut stream).await?;
    Ok(stream)
}

async fn log_in(stream: &mut TcpStream, proxy: &ProxySettings) -> Result<(), ProxyError> {
    let user = proxy.proxy_user.as_deref().unwrap_or_default();
    let password = proxy.proxy_password.as_ref().map(Secret::expose).unwrap_or_default();
    let mut request = vec![PASSWORD_VERSION];
    for text in [user, password] {
        let len = u8::try_from(text.len()).ok().filter(|len| *len > 0).ok_or_else(|| {
            ProxyError::Refused("ProxyUser and ProxyPassword have 1 to 255 bytes each in SOCKS 5".into())
        })?;
        request.push(len);
        request.extend(text.as_bytes());
    }
    stream.write_all(&request).await?;
    expect(stream.read_u8().await?, PASSWORD_VERSION)?;
    if stream.read_u8().await? == 0 { Ok(()) } else { Err(ProxyError::BadCredentials) }
}

fn request(target: &HostPort) -> Result<Vec<u8>, ProxyError> {
    let mut request = vec![VERSION, CONNECT, 0];
    match target.host.parse() {
        Ok(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend(address.octets());
        }
        Err(_) => {
            let len = u8::try_from(target.host.len());
            let len =
                len.map_err(|_| ProxyError::Refused("a name has at most 255 bytes in SOCKS 5".into()))?;
            request.extend([NAME, len]);
            request.extend(target.host.as_bytes());
        }
    }
    request.extend(target.port.to_be_bytes());
    Ok(request)
}

/// Reads the answer and the address in it, which nobody needs, and not one byte of what follows.
async fn read_reply(stream: &mut TcpStream) -> Result<(), ProxyError> {
    expect(stream.read_u8().await?, VERSION)?;
    match stream.read_u8().await? {
        0 => {}
        code => return Err(ProxyError::Refused(refusal(code))),
    }
    expect(stream.read_u8().await?, 0)?;
    let address_len = match stream.read_u8().await? {
        IPV4 => 4,
        IPV6 => 16,
        NAME => stream.read_u8().await?.into(),
        _ => return Err(not_socks()),
    };
    let mut address_and_port = vec![0; address_len + 2];
    stream.read_exact(&mut address_and_port).await?;
    Ok(())
}

/// RFC 1928, 6.
fn refusal(code: u8) -> String {
    let text = match code {
        1 => "General SOCKS server failure",
        2 => "Connection not allowed by ruleset",
        3 => "Network unreachable",
        4 => "Host unreachable",
        5 => "Connection refused",
        6 => "TTL expired",
        7 => "Command not supported",
        8 => "Address type not supported",
        code => return format!("SOCKS 5 reply {code}, which has no meaning"),
    };
    text.to_owned()
}

fn expect(found: u8, expected: u8) -> Result<(), ProxyError> {
    if found == expected { Ok(()) } else { Err(not_socks()) }
}

fn not_socks() -> ProxyError {
    ProxyError::NotTheProtocol("SOCKS of this version")
}
