//! What a board keeps to itself, as bytes for a sector of its flash: what `fix_embedded::secrets` reads.
//!
//! `FIXS`, version 1; then of Username(553), kind 1, Password(554), kind 2, and the key of its certificate, kind 4, the kind,
//! how many bytes it has, and those; a zero; and the CRC-16/CCITT-FALSE of all before, high byte first.

use std::fmt;

use super::tls::BoardTls;
use crate::config::LogonSettings;

/// The most bytes of one.
const LONGEST: usize = 128;

/// Why there are no bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum ProvisionError {
    /// The session has none.
    Nothing,
    /// The named key's value is longer than 128 bytes.
    TooLong(&'static str),
}

impl fmt::Display for ProvisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProvisionError::Nothing => {
                f.write_str("the session has no Username, no Password and no private key to provision")
            }
            ProvisionError::TooLong(key) => {
                write!(f, "{key}: is longer than {LONGEST} bytes, the most that a board keeps")
            }
        }
    }
}

impl std::error::Error for ProvisionError {}

/// The bytes for the flash.
///
/// # Errors
/// [`ProvisionError`].
pub fn blob(logon: &LogonSettings, tls: Option<&BoardTls>) -> Result<Vec<u8>, ProvisionError> {
    let username = logon.username.as_deref().unwrap_or_default();
    let password = logon.password.as_ref().map_or("", |password| password.expose());
    let key = tls.and_then(BoardTls::key).map_or(&[][..], |key| key);
    if username.is_empty() && password.is_empty() && key.is_empty() {
        return Err(ProvisionError::Nothing);
    }
    let mut blob = b"FIXS\x01".to_vec();
    let texts = [(1, "Username", username.as_bytes()), (2, "Password", password.as_bytes())];
    for (kind, name, value) in texts.into_iter().chain([(4, "SocketPrivateKeyFile", key)]) {
        let len = u8::try_from(value.len()).ok().filter(|len| usize::from(*len) <= LONGEST);
        let len = len.ok_or(ProvisionError::TooLong(name))?;
        if len > 0 {
            blob.extend([kind, len]);
            blob.extend(value);
        }
    }
    blob.push(0);
    blob.extend(crc(&blob).to_be_bytes());
    Ok(blob)
}

/// CRC-16/CCITT-FALSE.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(u16::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte) << 8,
            |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn logon(username: Option<&str>, password: &str) -> LogonSettings {
        let username = username.map(str::to_owned);
        LogonSettings { username, password: Some(Secret::new(password)), logon_tags: Vec::new() }
    }

    #[test]
    fn the_bytes_are_those_of_the_sector() {
        assert_eq!(crc(b"123456789"), 0x29B1);
        let made = blob(&logon(Some("joe"), "hunter2"), None).unwrap();
        assert_eq!(made[..20], *b"FIXS\x01\x01\x03joe\x02\x07hunter2\0");
        assert_eq!(made.len(), 22);
        let with_key = blob(&LogonSettings::default(), Some(&BoardTls::example())).unwrap();
        assert_eq!(with_key[..8], [&b"FIXS\x01"[..], &[4, 32, 7]].concat());
        assert_eq!(blob(&logon(None, "x"), None).unwrap()[..9], *b"FIXS\x01\x02\x01x\0");
    }

    #[test]
    fn what_a_board_cannot_keep_is_refused() {
        assert_eq!(blob(&LogonSettings::default(), None), Err(ProvisionError::Nothing));
        assert_eq!(blob(&logon(None, &"x".repeat(129)), None), Err(ProvisionError::TooLong("Password")));
    }
}
