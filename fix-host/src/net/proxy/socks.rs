//! SOCKS, by tokio-socks.

use std::net::SocketAddr;

use tokio::net::{TcpStream, lookup_host};
use tokio_socks::{
    Error, TargetAddr,
    tcp::{Socks4Stream, Socks5Stream},
};

use super::ProxyError;
use crate::config::{HostPort, ProxySettings, ProxyType, Secret};

pub(super) async fn connect(
    stream: TcpStream,
    proxy: &ProxySettings,
    target: &HostPort,
) -> Result<TcpStream, ProxyError> {
    let user = proxy.proxy_user.as_deref();
    let password = proxy.proxy_password.as_ref().map(Secret::expose);
    if proxy.proxy_type == ProxyType::Socks5 {
        let target = (target.host.as_str(), target.port);
        let connected = match (user, password) {
            (Some(user), password) => {
                let password = password.unwrap_or_default();
                Socks5Stream::connect_with_password_and_socket(stream, target, user, password).await
            }
            (None, _) => Socks5Stream::connect_with_socket(stream, target).await,
        };
        return connected.map(Socks5Stream::into_inner).map_err(explain);
    }
    let target = if proxy.proxy_type == ProxyType::Socks4 {
        TargetAddr::Ip(ipv4(target).await?)
    } else {
        TargetAddr::Domain(target.host.as_str().into(), target.port)
    };
    let connected = match user {
        Some(user) => Socks4Stream::connect_with_userid_and_socket(stream, target, user).await,
        None => Socks4Stream::connect_with_socket(stream, target).await,
    };
    connected.map(Socks4Stream::into_inner).map_err(explain)
}

/// SOCKS 4 carries nothing but an IPv4 address, so the name is resolved here.
async fn ipv4(target: &HostPort) -> Result<SocketAddr, ProxyError> {
    let mut found = lookup_host((target.host.as_str(), target.port)).await?;
    found.find(SocketAddr::is_ipv4).ok_or_else(|| {
        let text = format!(
            "SOCKS 4 carries only IPv4 addresses, and {} has none; write ProxyVersion=5",
            target.host
        );
        ProxyError::Refused(text)
    })
}

fn explain(error: Error) -> ProxyError {
    match error {
        Error::Io(error) => ProxyError::Io(error),
        Error::NoAcceptableAuthMethods | Error::AuthorizationRequired => ProxyError::WantsCredentials,
        Error::PasswordAuthFailure(_) | Error::IdentdAuthFailure | Error::InvalidUserIdAuthFailure => {
            ProxyError::BadCredentials
        }
        Error::InvalidResponseVersion
        | Error::UnknownAuthMethod
        | Error::InvalidReservedByte
        | Error::UnknownAddressType => ProxyError::NotTheProtocol("SOCKS of this version"),
        other => ProxyError::Refused(other.to_string()),
    }
}
