//! TLS_AES_128_GCM_SHA256, with a look at what an opened record holds before embedded-tls sees it.
//!
//! embedded-tls 0.19 panics at a handshake message within a session, other than a ticket, puts none together that comes in
//! pieces, and lets a record be too long. The cipher is where a record is open and not yet understood, so it is looked at
//! here. A cipher knows no more than a key: that the session has begun tells the record's own header, where the
//! [`wire`](super::wire) writes it in place of the version, which means nothing (RFC 8446, 5.1).

use aes_gcm::{
    Aes128Gcm,
    aead::{
        AeadCore, AeadInPlace, Buffer, Error, Key, KeyInit, KeySizeUser, Nonce, Tag,
        generic_array::GenericArray,
    },
};
use embedded_tls::{Aes128GcmSha256, TlsCipherSuite};

/// In place of the second byte of a record's version: it belongs to the session.
pub(super) const IN_SESSION: u8 = 0xF5;

/// Where that byte stands.
pub(super) const MARK: usize = 2;
const VERSION: u8 = 3;
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
/// A type that there is not.
const FORBIDDEN: u8 = 0xFF;
const NEW_SESSION_TICKET: u8 = 4;
const KEY_UPDATE: u8 = 24;
/// The most bytes of a record's content, and its type.
const MOST: usize = (1 << 14) + 1;

/// As [`Aes128GcmSha256`].
pub(super) struct Suite;

impl TlsCipherSuite for Suite {
    const CODE_POINT: u16 = Aes128GcmSha256::CODE_POINT;
    type Cipher = Watched;
    type KeyLen = <Aes128GcmSha256 as TlsCipherSuite>::KeyLen;
    type IvLen = <Aes128GcmSha256 as TlsCipherSuite>::IvLen;
    type Hash = <Aes128GcmSha256 as TlsCipherSuite>::Hash;
    type LabelBufferSize = <Aes128GcmSha256 as TlsCipherSuite>::LabelBufferSize;
}

/// AES-128-GCM.
pub(super) struct Watched(Aes128Gcm);

impl KeySizeUser for Watched {
    type KeySize = <Aes128Gcm as KeySizeUser>::KeySize;
}

impl KeyInit for Watched {
    fn new(key: &Key<Self>) -> Self {
        Watched(Aes128Gcm::new(key))
    }
}

impl AeadCore for Watched {
    type NonceSize = <Aes128Gcm as AeadCore>::NonceSize;
    type TagSize = <Aes128Gcm as AeadCore>::TagSize;
    type CiphertextOverhead = <Aes128Gcm as AeadCore>::CiphertextOverhead;
}

impl AeadInPlace for Watched {
    fn encrypt_in_place_detached(
        &self,
        nonce: &Nonce<Self>,
        header: &[u8],
        text: &mut [u8],
    ) -> Result<Tag<Self>, Error> {
        self.0.encrypt_in_place_detached(nonce, header, text)
    }

    fn decrypt_in_place(
        &self,
        nonce: &Nonce<Self>,
        header: &[u8],
        text: &mut dyn Buffer,
    ) -> Result<(), Error> {
        let (header, in_session) = unmarked(header)?;
        self.0.decrypt_in_place(nonce, &header, text)?;
        look(in_session, text.as_mut())
    }

    fn decrypt_in_place_detached(
        &self,
        nonce: &GenericArray<u8, Self::NonceSize>,
        header: &[u8],
        text: &mut [u8],
        tag: &Tag<Self>,
    ) -> Result<(), Error> {
        let (header, in_session) = unmarked(header)?;
        self.0.decrypt_in_place_detached(nonce, &header, text, tag)?;
        look(in_session, text)
    }
}

/// The header as it was sealed, and whether the session has begun.
fn unmarked(header: &[u8]) -> Result<([u8; 5], bool), Error> {
    let mut header: [u8; 5] = header.try_into().map_err(|_| Error)?;
    let was = core::mem::replace(&mut header[MARK], VERSION);
    Ok((header, was == IN_SESSION))
}

/// Makes something of a record that embedded-tls refuses without a panic, if it may not stand there. The text is the
/// content, its type, and zeros (RFC 8446, 5.2).
fn look(in_session: bool, text: &mut [u8]) -> Result<(), Error> {
    if text.len() > MOST {
        return Err(Error);
    }
    let Some(end) = text.iter().rposition(|byte| *byte != 0) else { return Err(Error) };
    let (content, behind) = text.split_at_mut(end);
    let kind = behind.first_mut().ok_or(Error)?;
    let found = match (*kind, in_session) {
        (HANDSHAKE, _) => messages(in_session, content),
        (ALERT, _) | (APPLICATION_DATA, true) => Found::Good,
        _ => Found::Misplaced,
    };
    match (found, in_session) {
        (Found::Good, _) => {}
        // Nothing becomes of a ticket: an empty record.
        (Found::Tickets, _) => {
            *kind = 0;
            content.fill(0);
            *text.first_mut().ok_or(Error)? = APPLICATION_DATA;
        }
        // "Unimplemented", says embedded-tls.
        (Found::Beyond, _) => *kind = CHANGE_CIPHER_SPEC,
        // "InvalidRecord".
        (Found::Misplaced, true) => *kind = FORBIDDEN,
        // That is an alert in the handshake; "InvalidHandshake", if there is room for a message.
        (Found::Misplaced, false) => {
            *content.first_mut().ok_or(Error)? = FORBIDDEN;
            *kind = HANDSHAKE;
        }
    }
    Ok(())
}

enum Found {
    /// What may come.
    Good,
    /// Tickets alone, within the session.
    Tickets,
    /// New keys, or a message in pieces: it may come, and embedded-tls cannot do it.
    Beyond,
    /// It may not come.
    Misplaced,
}

/// What handshake messages there are.
fn messages(in_session: bool, mut content: &[u8]) -> Found {
    if content.is_empty() {
        return Found::Misplaced;
    }
    while let Some((kind, behind)) = content.split_first() {
        match (in_session, *kind) {
            (false, _) | (true, NEW_SESSION_TICKET) => {}
            (true, KEY_UPDATE) => return Found::Beyond,
            (true, _) => return Found::Misplaced,
        }
        let Some((len, behind)) = behind.split_first_chunk::<3>() else { return Found::Beyond };
        let [high, middle, low] = *len;
        let len = u32::from_be_bytes([0, high, middle, low]) as usize;
        let Some(behind) = behind.get(len..) else { return Found::Beyond };
        content = behind;
    }
    if in_session { Found::Tickets } else { Found::Good }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn after(in_session: bool, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        look(in_session, &mut text).unwrap();
        text
    }

    #[test]
    fn a_ticket_becomes_an_empty_record_and_any_other_message_is_refused() {
        assert_eq!(after(true, &[4, 0, 0, 1, 9, 4, 0, 0, 0, 22, 0]), [23, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for kind in 0..=u8::MAX {
            let what = *after(true, &[kind, 0, 0, 1, 9, 22]).last().unwrap();
            let wanted = match kind {
                4 => continue,
                24 => CHANGE_CIPHER_SPEC,
                _ => FORBIDDEN,
            };
            assert_eq!(what, wanted, "{kind}");
        }
        assert_eq!(after(true, &[4, 0, 0, 1, 9, 20, 0, 0, 0, 22]).last(), Some(&FORBIDDEN));
    }

    #[test]
    fn a_message_in_pieces_is_told_from_whole_ones() {
        for in_session in [false, true] {
            for cut in 1..9 {
                let mut text = [4, 0, 0, 5, 1, 2, 3, 4, 5][..cut].to_vec();
                text.push(HANDSHAKE);
                assert_eq!(after(in_session, &text).last(), Some(&CHANGE_CIPHER_SPEC));
            }
        }
        let two = [8, 0, 0, 0, 20, 0, 0, 1, 7, 22];
        assert_eq!(after(false, &two), two);
    }

    #[test]
    fn what_has_no_place_is_refused_and_the_rest_is_left_alone() {
        for text in [&[2, 40, 21][..], &[7, 23], &[1, 0, 23, 0], &[23]] {
            assert_eq!(after(true, text), text);
        }
        assert_eq!(after(false, &[2, 40, 21]), [2, 40, 21]);
        assert_eq!(after(false, &[7, 23, 0]), [FORBIDDEN, HANDSHAKE, 0]);
        assert_eq!(after(true, &[7, 20]), [7, FORBIDDEN]);
        for text in [&mut [][..], &mut [0, 0], &mut [22, 0], &mut [23]] {
            assert!(look(false, text).is_err(), "{text:?}");
        }
        assert!(look(true, &mut [23; MOST]).is_ok());
        assert!(look(true, &mut [23; MOST + 1]).is_err());
    }
}
