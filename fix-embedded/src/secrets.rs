//! Passwords and keys out of a sector of the board's flash, which `examples/gateway_secrets.py` or `fix-host firmware-config
//! --provision` makes and a probe writes: they stand in no source, no ELF file and no Git.
//!
//! `FIXS`, version 1, then kind, length and bytes of each, a zero, and the CRC-16/CCITT-FALSE of all before.

use core::fmt;

use embedded_storage_async::nor_flash::ReadNorFlash;

use crate::{board::Credentials, intake::line::crc};

/// The most bytes of them.
pub const ROOM: usize = 512;

const HEAD: &[u8] = b"FIXS\x01";
const END: u8 = 0;
const USERNAME: u8 = 1;
const PASSWORD: u8 = 2;
const UDP_KEY: u8 = 3;
const TLS_KEY: u8 = 4;

/// What a board keeps to itself. Its `{:?}` shows nothing of it.
#[derive(Clone, Copy, Default)]
pub struct Secrets<'b> {
    /// For the Logon.
    pub credentials: Credentials<'b>,
    /// For lines over UDP.
    pub udp_key: Option<[u8; 32]>,
    /// Of our certificate: the number of a key of ECDSA over P-256. `tls::SigningKey::from_slice` takes it.
    pub tls_key: Option<[u8; 32]>,
}

impl fmt::Debug for Secrets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets { .. }")
    }
}

/// Why there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SecretsError {
    /// The flash failed.
    Medium,
    /// The sector is neither blank nor what gateway_secrets.py makes.
    Damaged,
}

impl fmt::Display for SecretsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SecretsError::Medium => "the flash with the gateway's secrets failed",
            SecretsError::Damaged => {
                "the gateway's secrets are damaged: make them anew by gateway_secrets.py or --provision"
            }
        })
    }
}

impl core::error::Error for SecretsError {}

impl<'b> Secrets<'b> {
    /// Reads them from where they begin in the flash; a blank sector has none.
    ///
    /// # Errors
    /// [`SecretsError`].
    pub async fn read(
        flash: &mut impl ReadNorFlash,
        offset: u32,
        buffer: &'b mut [u8; ROOM],
    ) -> Result<Self, SecretsError> {
        flash.read(offset, buffer).await.map_err(|_| SecretsError::Medium)?;
        Secrets::parse(buffer)
    }

    /// Understands the bytes of the sector.
    ///
    /// # Errors
    /// [`SecretsError::Damaged`].
    pub fn parse(sector: &'b [u8]) -> Result<Self, SecretsError> {
        if sector.iter().all(|byte| *byte == 0xFF) {
            return Ok(Secrets::default());
        }
        Secrets::parts(sector).ok_or(SecretsError::Damaged)
    }

    fn parts(sector: &'b [u8]) -> Option<Self> {
        let mut secrets = Secrets::default();
        let mut rest = sector.strip_prefix(HEAD)?;
        while let [kind @ 1..=u8::MAX, len, behind @ ..] = rest {
            let (value, behind) = behind.split_at_checked(usize::from(*len))?;
            let text = core::str::from_utf8(value)
                .ok()
                .filter(|text| !text.bytes().any(|byte| byte.is_ascii_control()));
            match *kind {
                USERNAME => secrets.credentials.username = text?,
                PASSWORD => secrets.credentials.password = text?,
                UDP_KEY => secrets.udp_key = Some(value.try_into().ok()?),
                TLS_KEY => secrets.tls_key = Some(value.try_into().ok().filter(is_tls_key)?),
                // Of a newer program.
                _ => return None,
            }
            rest = behind;
        }
        let (end, rest) = rest.split_first()?;
        let (sum, _) = rest.split_first_chunk()?;
        let len = sector.len().checked_sub(rest.len())?;
        let is_good = *end == END && u16::from_be_bytes(*sum) == crc(sector.get(..len)?);
        is_good.then_some(secrets)
    }
}

/// Not all numbers of 32 bytes are a key of P-256. Who has no TLS does not sign with it.
#[cfg(feature = "tls")]
fn is_tls_key(number: &[u8; 32]) -> bool {
    crate::tls::SigningKey::from_slice(number).is_ok()
}

#[cfg(not(feature = "tls"))]
fn is_tls_key(_number: &[u8; 32]) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn sector() -> Vec<u8> {
        let mut bytes = Vec::from(HEAD);
        for (kind, value) in
            [(USERNAME, &b"desk7"[..]), (PASSWORD, b"hunter2"), (UDP_KEY, &[9; 32]), (TLS_KEY, &[8; 32])]
        {
            bytes.extend([kind, value.len() as u8]);
            bytes.extend(value);
        }
        bytes.push(END);
        bytes.extend(crc(&bytes).to_be_bytes());
        bytes.resize(ROOM, 0xFF);
        bytes
    }

    #[test]
    fn secrets_are_read_and_not_shown() {
        let sector = sector();
        let secrets = Secrets::parse(&sector).unwrap();
        assert_eq!((secrets.credentials.username, secrets.credentials.password), ("desk7", "hunter2"));
        assert_eq!((secrets.udp_key, secrets.tls_key), (Some([9; 32]), Some([8; 32])));
        assert!(!std::format!("{secrets:?}{:?}", secrets.credentials).contains("hunter2"));
        assert!(Secrets::parse(&[0xFF; ROOM]).unwrap().udp_key.is_none(), "blank");
    }

    #[cfg(feature = "tls")]
    #[test]
    fn a_number_that_is_no_key_is_no_secret() {
        for (number, is_key) in [([0; 32], false), ([0xFF; 32], false), ([1; 32], true)] {
            let mut bytes = Vec::from(HEAD);
            bytes.extend([TLS_KEY, 32]);
            bytes.extend(number);
            bytes.push(END);
            bytes.extend(crc(&bytes).to_be_bytes());
            assert_eq!(Secrets::parse(&bytes).is_ok(), is_key);
        }
    }

    /// As examples/gateway_secrets.py makes them (tests/gateway.rs).
    #[test]
    fn they_are_known_by_their_bytes() {
        let sector = sector();
        let end = sector.iter().rposition(|byte| *byte != 0xFF).unwrap() + 1;
        let hex: std::string::String = sector[..end].iter().map(|byte| std::format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "464958530101056465736b37020768756e74657232032009090909090909090909090909090909090909090909090909090909090909090420080808080808080808080808080808080808080808080808080808080808080800a624"
        );
    }

    #[test]
    fn what_is_damaged_is_refused_at_any_bit_and_length() {
        let good = sector();
        let end = good.iter().rposition(|byte| *byte != 0xFF).unwrap() + 1;
        for bit in 0..end * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Secrets::parse(&bad).err(), Some(SecretsError::Damaged), "bit {bit}");
        }
        for len in 1..end {
            assert_eq!(Secrets::parse(&good[..len]).err(), Some(SecretsError::Damaged), "{len}");
        }
        let mut with_soh = good.clone();
        with_soh[8] = 1;
        assert!(Secrets::parse(&with_soh).is_err());
    }
}
