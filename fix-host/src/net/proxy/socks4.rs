//! SOCKS 4, which carries IPv4 addresses, and SOCKS 4a, which carries names too.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, lookup_host},
};

use super::ProxyError;
use crate::config::{HostPort, ProxySettings, ProxyType};

const VERSION: u8 = 4;
const CONNECT: u8 = 1;
/// In place of an address, it says that a name follows the user.
const NAME_FOLLOWS: Ipv4Addr = Ipv4Addr::new(0, 0, 0, 1);

pub(super) async fn connect(
    mut stream: TcpStream,
    proxy: &ProxySettings,
    target: &HostPort,
) -> Result<TcpStream, ProxyError> {
    let is_4a = proxy.proxy_type == ProxyType::Socks4a;
    let address = if is_4a { NAME_FOLLOWS } else { ipv4(target).await? };
    let mut request = vec![VERSION, CONNECT];
    request.extend(target.port.to_be_bytes());
    request.extend(address.octets());
    for text in [proxy.proxy_user.as_deref().or(Some("")), is_4a.then_some(target.host.as_str())] {
        let Some(text) = text else { continue };
        if text.contains('\0') {
            return Err(ProxyError::Refused("a zero byte ends a text in SOCKS 4".into()));
        }
        request.extend(text.as_bytes());
        request.push(0);
    }
    stream.write_all(&request).await?;
    read_reply(&mut stream).await?;
    Ok(stream)
}

/// Reads the answer and the address in it, which nobody needs, and not one byte of what follows.
async fn read_reply(stream: &mut TcpStream) -> Result<(), ProxyError> {
    if stream.read_u8().await? != 0 {
        return Err(ProxyError::NotTheProtocol("SOCKS of this version"));
    }
    match stream.read_u8().await? {
        90 => {}
        91 => return Err(ProxyError::Refused("General SOCKS server failure".into())),
        // It asked the identd of this machine who we are.
        92 | 93 => return Err(ProxyError::BadCredentials),
        code => return Err(ProxyError::Refused(format!("SOCKS 4 reply {code}, which has no meaning"))),
    }
    let mut port_and_address = [0; 6];
    stream.read_exact(&mut port_and_address).await?;
    Ok(())
}

/// SOCKS 4 carries nothing but an IPv4 address, so the name is resolved here.
async fn ipv4(target: &HostPort) -> Result<Ipv4Addr, ProxyError> {
    let found = lookup_host((target.host.as_str(), target.port)).await?;
    let mut addresses = found.filter_map(|found| match found {
        SocketAddr::V4(address) => Some(*address.ip()),
        SocketAddr::V6(_) => None,
    });
    addresses.next().ok_or_else(|| {
        let text = format!(
            "SOCKS 4 carries only IPv4 addresses, and {} has none; write ProxyVersion=5",
            target.host
        );
        ProxyError::Refused(text)
    })
}
