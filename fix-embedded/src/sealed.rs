//! Datagrams that only who has the key can make, and that count once.
//!
//! `boot (8) | counter (8) | payload | HMAC-SHA256 (32)`, numbers in network order. The code covers one more byte in front:
//! who speaks. `boot` is drawn by the board at each start, so nothing of before a restart is taken again; `counter` rises
//! with each datagram of a side, and the board takes each once.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes beside the payload.
pub const OVERHEAD: usize = HEAD + CODE;
const HEAD: usize = 16;
const CODE: usize = 32;
/// How far datagrams may overtake each other.
const WINDOW: u64 = 64;

/// A key of the board and its host, from the board's flash: 32 random bytes. Its `{:?}` shows nothing of it.
#[derive(Clone, Copy)]
pub struct Key(pub [u8; 32]);

impl core::fmt::Debug for Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The host: requests.
    Host,
    /// The board: reports.
    Board,
}

/// A datagram whose code is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened<'d> {
    /// The start of the board that it was made for.
    pub boot: u64,
    /// Its number.
    pub counter: u64,
    /// What it says.
    pub payload: &'d [u8],
}

/// Seals `payload` into `out` and returns the length; `None` if there is no room.
pub fn seal(
    key: &Key,
    speaker: Speaker,
    boot: u64,
    counter: u64,
    payload: &[u8],
    out: &mut [u8],
) -> Option<usize> {
    let len = payload.len().checked_add(OVERHEAD)?;
    let (body, code) = out.get_mut(..len)?.split_at_mut_checked(len - CODE)?;
    body.get_mut(..8)?.copy_from_slice(&boot.to_be_bytes());
    body.get_mut(8..HEAD)?.copy_from_slice(&counter.to_be_bytes());
    body.get_mut(HEAD..)?.copy_from_slice(payload);
    code.copy_from_slice(&mac(key, speaker, body)?.finalize().into_bytes());
    Some(len)
}

/// Opens a datagram; `None` if its code is not right. Takes as long for a nearly right code as for any other.
pub fn open<'d>(key: &Key, speaker: Speaker, datagram: &'d [u8]) -> Option<Opened<'d>> {
    let (body, code) = datagram.split_at_checked(datagram.len().checked_sub(CODE)?)?;
    let (head, payload) = body.split_at_checked(HEAD)?;
    mac(key, speaker, body)?.verify_slice(code).ok()?;
    let number = |bytes: Option<&[u8; 8]>| bytes.map(|bytes| u64::from_be_bytes(*bytes));
    Some(Opened { boot: number(head.first_chunk())?, counter: number(head.last_chunk())?, payload })
}

fn mac(key: &Key, speaker: Speaker, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
    mac.update(&[match speaker {
        Speaker::Host => b'H',
        Speaker::Board => b'B',
    }]);
    mac.update(body);
    Some(mac)
}

/// Which counters were taken: each once, and none that is too far behind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// The highest one; 0: none yet.
    highest: u64,
    /// Of the `WINDOW` up to it, which were taken; bit 0 is the highest.
    taken: u64,
}

impl Window {
    /// None was taken yet.
    pub const fn new() -> Self {
        Window { highest: 0, taken: 0 }
    }

    /// True if `counter` was not taken yet, and is from now on.
    pub fn take(&mut self, counter: u64) -> bool {
        if counter == 0 {
            return false;
        }
        if let Some(ahead) = counter.checked_sub(self.highest).filter(|ahead| *ahead > 0) {
            self.taken = if ahead < WINDOW { self.taken << ahead | 1 } else { 1 };
            self.highest = counter;
            return true;
        }
        let behind = self.highest - counter;
        let bit = if behind < WINDOW { 1_u64 << behind } else { return false };
        let is_new = self.taken & bit == 0;
        self.taken |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use std::{vec, vec::Vec};

    use super::*;

    const KEY: Key = Key([7; 32]);

    fn sealed(payload: &[u8]) -> Vec<u8> {
        let mut out = vec![0; 200];
        let len = seal(&KEY, Speaker::Host, 1, 2, payload, &mut out).unwrap();
        out.truncate(len);
        out
    }

    #[test]
    fn what_was_sealed_is_opened_and_nothing_else() {
        let datagram = sealed(b"PING");
        let opened = open(&KEY, Speaker::Host, &datagram).unwrap();
        assert_eq!(opened, Opened { boot: 1, counter: 2, payload: b"PING" });
        assert!(open(&KEY, Speaker::Board, &datagram).is_none(), "sent back to where it came from");
        assert!(open(&Key([8; 32]), Speaker::Host, &datagram).is_none());
        for len in 0..datagram.len() {
            assert!(open(&KEY, Speaker::Host, &datagram[..len]).is_none());
        }
        for bit in 0..datagram.len() * 8 {
            let mut bad = datagram.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&KEY, Speaker::Host, &bad).is_none(), "bit {bit}");
        }
        assert_eq!(seal(&KEY, Speaker::Host, 1, 2, b"PING", &mut [0; 51]), None);
    }

    /// The client in Python makes the same (tests/gateway.rs).
    #[test]
    fn a_datagram_is_known_by_its_bytes() {
        let hex: std::string::String =
            sealed(b"PING").iter().map(|byte| std::format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "0000000000000001000000000000000250494e474e3827a75f4b640e9254b197a271ae11bdd539f5ff862aeb10b673c738174fe5"
        );
    }

    #[test]
    fn a_counter_is_taken_once() {
        let mut window = Window::default();
        let mut taken = |counter| window.take(counter);
        assert_eq!([1, 1, 3, 2, 2, 3, 0].map(&mut taken), [true, false, true, true, false, false, false]);
        assert_eq!(
            [100, 36, 37, 37, 99, u64::MAX, 100].map(&mut taken),
            [true, false, true, false, true, true, false]
        );
    }
}
