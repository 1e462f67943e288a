//! Secrets in a stream of bytes become `x`, byte for byte, and CheckSum(10) is made to fit.

use crate::{dict::is_secret, tag::Tag};

const SOH: u8 = 1;
/// What stands in place of each byte of a secret.
const MASK: u8 = b'x';

/// What is known of the stream so far. Bytes go in as they come, in pieces of any size.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    at: At,
    /// The digits of the tag so far, and how many they are.
    tag: u32,
    digits: u8,
    /// RawData(96) is a secret: the message is a Logon, or its MsgType(35) has not come yet.
    is_logon: bool,
    /// What RawDataLength(95) says, and how many bytes the body has left by BodyLength(9).
    raw_data: usize,
    body_left: usize,
    /// The sums of the message's bytes up to here, as they came and as they are shown, and both where the field began.
    sums: [u8; 2],
    sums_before: [u8; 2],
    /// CheckSum(10) as it came.
    given: u16,
    /// A secret went before in this message: what looks like no field may be the rest of it.
    after_secret: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Tag,
    Value,
    /// A number that says how long something is.
    Length(usize),
    MsgType,
    Secret,
    /// So many bytes of a secret are to come, whatever they are.
    SecretData(usize),
    /// So many digits of CheckSum(10) have come.
    CheckSum(u8),
    /// CheckSum(10), or what is left of it.
    Last,
}

impl Mask {
    /// For a stream of messages.
    pub(super) fn new() -> Self {
        Mask {
            at: At::Tag,
            tag: 0,
            digits: 0,
            is_logon: true,
            raw_data: 0,
            body_left: 0,
            sums: [0; 2],
            sums_before: [0; 2],
            given: 0,
            after_secret: false,
        }
    }

    /// For fields of a message of that type.
    pub(super) fn of_fields(msg_type: &[u8]) -> Self {
        Mask { is_logon: msg_type == b"A", body_left: usize::MAX, ..Mask::new() }
    }

    /// The byte that is shown for the next one, and whether a message ends with it.
    pub(super) fn next(&mut self, byte: u8) -> (u8, bool) {
        let (before, tag) = (self.at, self.tag);
        let shown = self.shown(byte);
        self.body_left = self.body_left.saturating_sub(1);
        let [came, made] = self.sums;
        self.sums = [came.wrapping_add(byte), made.wrapping_add(shown)];
        let is_soh = byte == SOH && !matches!(before, At::SecretData(1..));
        if is_soh {
            if let (At::Length(length), 9) = (before, tag) {
                self.body_left = length;
            }
            self.begin_field();
        }
        (shown, is_soh && matches!(before, At::Last | At::CheckSum(_)))
    }

    fn begin_field(&mut self) {
        (self.at, self.tag, self.digits) = (At::Tag, 0, 0);
        self.sums_before = self.sums;
    }

    fn shown(&mut self, byte: u8) -> u8 {
        match self.at {
            At::Tag => return self.in_tag(byte),
            At::Value | At::Last => {}
            At::Length(so_far) => {
                let digit = usize::from(byte.wrapping_sub(b'0'));
                if digit < 10 {
                    let length = so_far.saturating_mul(10).saturating_add(digit);
                    self.at = At::Length(length);
                    self.raw_data = if self.tag == 95 { length } else { 0 };
                }
            }
            At::MsgType => {
                self.is_logon = byte == b'A';
                self.at = At::Value;
            }
            At::Secret if byte == SOH => {}
            At::Secret => return MASK,
            At::SecretData(left) => match left.checked_sub(1) {
                Some(left) => {
                    self.at = At::SecretData(left);
                    return MASK;
                }
                // It is longer than was said.
                None if byte != SOH => return MASK,
                None => {}
            },
            At::CheckSum(place) => return self.in_check_sum(byte, place),
        }
        byte
    }

    fn in_tag(&mut self, byte: u8) -> u8 {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        if digit < 10 {
            self.tag = self.tag.saturating_mul(10).saturating_add(digit);
            self.digits = self.digits.saturating_add(1);
        } else if byte == b'=' && self.digits > 0 {
            self.begin_value();
        } else if byte != SOH {
            (self.tag, self.digits) = (0, 0);
            if self.after_secret {
                return MASK;
            }
        }
        byte
    }

    fn begin_value(&mut self) {
        let msg_type: &[u8] = if self.is_logon { b"A" } else { b"" };
        let is_secret = i32::try_from(self.tag).is_ok_and(|tag| is_secret(Tag(tag), msg_type));
        self.at = match self.tag {
            8 => {
                // The sum of `8`; that of `=` follows.
                *self = Mask { sums: [b'8'; 2], ..Mask::new() };
                At::Value
            }
            9 | 95 => At::Length(0),
            35 => At::MsgType,
            10 if self.sums_before[0] == self.sums_before[1] => At::Last,
            10 => {
                self.given = 0;
                At::CheckSum(0)
            }
            96 if is_secret && self.raw_data > 0 => At::SecretData(self.raw_data.min(self.body_left)),
            _ if is_secret => At::Secret,
            _ => At::Value,
        };
        self.after_secret |= is_secret;
    }

    /// The digits are those of the sum that is shown; if those that came are wrong, so is the last one.
    fn in_check_sum(&mut self, byte: u8, place: u8) -> u8 {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            self.at = At::Last;
            return byte;
        }
        self.given = self.given.saturating_mul(10).saturating_add(digit.into());
        let [came, made] = self.sums_before;
        let (shown, next) = match place {
            0 => (made / 100, At::CheckSum(1)),
            1 => (made / 10 % 10, At::CheckSum(2)),
            _ if self.given == u16::from(came) => (made % 10, At::Last),
            _ => (made.wrapping_add(1) % 10, At::Last),
        };
        self.at = next;
        b'0'.wrapping_add(shown)
    }
}

#[cfg(test)]
mod tests {
    use std::{string::String, vec::Vec};

    use super::*;
    use crate::wire::{
        check_sum::{check_sum, digits},
        frame::{Scan, scan},
    };

    fn masked(text: &str) -> String {
        let mut mask = Mask::new();
        let bytes: Vec<u8> = text.replace('|', "\x01").bytes().map(|byte| mask.next(byte).0).collect();
        String::from_utf8(bytes).unwrap().replace('\x01', "|")
    }

    fn message(body: &str) -> String {
        let head = std::format!("8=FIX.4.4|9={}|{body}", body.len()).replace('|', "\x01");
        let sum = String::from_utf8(digits(check_sum(head.as_bytes())).to_vec()).unwrap();
        std::format!("{head}10={sum}|").replace('\x01', "|")
    }

    #[test]
    fn a_masked_message_is_a_message() {
        for body in [
            "35=A|554=secret|98=0|",
            "35=A|553=joe|554=p|925=new|1402=1|1404=2|108=30|",
            "35=A|95=5|96=a|b=c|554=secret|",
            "35=A|96=raw|",
            "35=BE|924=1|554=hunter2|",
        ] {
            let shown = masked(&message(body));
            let bytes = shown.replace('|', "\x01").into_bytes();
            assert!(
                matches!(scan(&bytes, bytes.len()), Scan::Frame(_, taken) if taken == bytes.len()),
                "{shown}"
            );
            for secret in ["secret", "=p|", "new", "=1|140", "raw", "b=c", "hunter2"] {
                assert!(!shown.contains(secret), "{shown}");
            }
            assert_eq!(masked(&shown), shown, "once masked it stays");
        }
    }

    #[test]
    fn what_has_no_secret_is_as_it_was() {
        let text =
            "noise|8=FIX.4.4|9=5|35=0|10=163|8=FIX.4.4|9=30|35=B|95=9|96=a|55=b|c|58==|10=1|10=|x|554=";
        assert_eq!(masked(text), text, "the data of a News is none");
        // Data that reads as a password is hidden, and so is what may be the rest of it.
        assert_eq!(masked("35=B|95=9|96=a|554=b|c|58=d|"), "35=B|95=9|96=a|554=x|x|58=d|");
    }

    #[test]
    fn a_wrong_check_sum_stays_wrong() {
        let right = message("35=A|554=secret|");
        let (head, sum) = right.rsplit_once("10=").unwrap();
        for wrong in 0..=255u8 {
            let text = std::format!("{head}10={wrong:03}|");
            let bytes = masked(&text).replace('|', "\x01").into_bytes();
            let is_right = std::format!("{wrong:03}|") == sum;
            assert_eq!(matches!(scan(&bytes, bytes.len()), Scan::Frame(..)), is_right, "{wrong}");
        }
    }

    #[test]
    fn garbled_messages_show_no_password_either() {
        assert_eq!(masked("35=A|xx554=hunter2|554=hunter2"), "35=A|xx554=xxxxxxx|554=xxxxxxx");
        assert_eq!(masked("35=A|554=hun|ter2|98=0|"), "35=A|554=xxx|xxx2|98=0|");
        assert_eq!(masked("96=hunter2|"), "96=xxxxxxx|");
    }

    #[test]
    fn the_next_message_is_looked_at_afresh() {
        let two = std::format!("{}{}", message("35=A|554=secret|"), message("35=D|11=a|"));
        assert!(masked(&two).ends_with(&message("35=D|11=a|")));
        let mut mask = Mask::new();
        let ends = two.replace('|', "\x01").bytes().filter(|byte| mask.next(*byte).1).count();
        assert_eq!(ends, 2);
    }
}
