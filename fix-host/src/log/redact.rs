//! Secrets are masked in whatever is written down.

use fix_core::{
    dict::{DataPair, is_secret},
    tag::Tag,
    wire::field::DataTags,
};

use super::{glance::Glance, line};

const SOH: u8 = 0x01;

/// Masks the values of secret fields: Password(554), NewPassword(925), EncryptedPassword(1402),
/// EncryptedNewPassword(1404), RawData(96) of a Logon, and those of `RedactFieldsInLogs`.
#[derive(Clone, Debug)]
pub struct Redactor {
    /// Fields that are masked beside the secrets.
    also: Vec<u32>,
    mask: Vec<u8>,
    /// The data fields beside those of FIX 4.4.
    data_pairs: &'static [DataPair],
    /// For all that can be masked, and MsgType(35).
    glance: Glance,
    /// BeginString(8), BodyLength(9) or MsgType(35) is masked.
    masks_the_head: bool,
}

/// What is masked in messages of every type, or in a Logon.
const SECRETS: [u32; 5] = [554, 925, 1402, 1404, 96];
const RAW_DATA: u32 = 96;
const MSG_TYPE: u32 = 35;

impl Default for Redactor {
    fn default() -> Self {
        Redactor::new(&[], "***")
    }
}

impl Redactor {
    /// Masks `also` beside the secrets; `mask` stands in place of every value.
    pub fn new(also: &[u32], mask: &str) -> Self {
        let mask = mask.bytes().filter(|byte| !byte.is_ascii_control()).collect();
        let glance = Glance::new(SECRETS.iter().chain(also).copied().chain([MSG_TYPE]).collect());
        let masks_the_head = also.iter().any(|tag| [8, 9, MSG_TYPE].contains(tag));
        Redactor { also: also.to_vec(), mask, data_pairs: &[], glance, masks_the_head }
    }

    /// Tells of data fields beside those of FIX 4.4: what stands in one is neither a secret nor a length that
    /// would hide one behind it.
    pub fn know(&mut self, data_pairs: &'static [DataPair]) {
        self.data_pairs = data_pairs;
    }

    /// Adds `message` to `out` with the secrets masked.
    ///
    /// Bytes that are no message are treated alike, and with more suspicion: a garbled Logon still holds its
    /// password. Where a data field's length leads nowhere, the mask reaches to what next looks like a field.
    pub fn write(&self, message: &[u8], out: &mut Vec<u8>) {
        if self.may_hold_secret(message) {
            self.write_masked(message, out);
        } else {
            out.extend_from_slice(message);
        }
    }

    /// False if [`write_masked`](Self::write_masked) would change nothing: no tag that it masks stands before any `=`.
    fn may_hold_secret(&self, message: &[u8]) -> bool {
        let Some((msg_type, rest)) = line::split_msg_type(message) else { return true };
        let mut may_hold = msg_type == b"A" || self.masks_the_head;
        if !may_hold {
            self.glance.look(rest, |tag| {
                // A second MsgType(35) could make a Logon of it, whose RawData(96) is a secret.
                may_hold = tag != RAW_DATA || self.also.contains(&tag);
                !may_hold
            });
        }
        may_hold
    }

    fn write_masked(&self, message: &[u8], out: &mut Vec<u8>) {
        let mut rest = message;
        let mut announced = None;
        // Until MsgType(35) says otherwise it may be a Logon.
        let mut logon = true;
        while !rest.is_empty() {
            let Some((tag, prefix)) = tag_at(rest) else {
                let (piece, after) = rest.split_at(end_of_value(rest));
                self.write_piece(piece, logon, out);
                let (separator, after) = after.split_at(after.len().min(1));
                out.extend_from_slice(separator);
                rest = after;
                announced = None;
                continue;
            };
            let (head, value_on) = rest.split_at(prefix);
            out.extend_from_slice(head);
            let value_len = match announced.take() {
                Some((data_tag, length)) if data_tag == tag && ends_at(value_on, length) => length,
                _ if self.is_secret(tag, logon) => end_of_secret(value_on),
                _ => end_of_value(value_on),
            };
            let (value, after) = value_on.split_at(value_len.min(value_on.len()));
            if tag == 35 {
                logon = value == b"A";
            }
            announced = self.announcement(tag, value);
            if self.is_secret(tag, logon) && !value.is_empty() {
                out.extend_from_slice(&self.mask);
            } else {
                out.extend_from_slice(value);
            }
            let (separator, after) = after.split_at(after.len().min(1));
            out.extend_from_slice(separator);
            rest = after;
        }
    }

    /// One line of `message` for people: secrets masked, SOH as `|`, control characters escaped.
    pub fn printable(&self, message: &[u8]) -> String {
        let mut out = Vec::with_capacity(message.len());
        self.write(message, &mut out);
        line::soh_to_bar_from(&mut out, 0);
        line::escape_from(&mut out, 0, false);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Bytes that are no field, up to and without an SOH; a secret may hide in them.
    fn write_piece(&self, piece: &[u8], logon: bool, out: &mut Vec<u8>) {
        for start in 0..piece.len() {
            let follows_digit = start > 0 && piece[start - 1].is_ascii_digit();
            match tag_at(&piece[start..]) {
                Some((tag, prefix)) if !follows_digit && self.is_secret(tag, logon) => {
                    out.extend_from_slice(&piece[..start + prefix]);
                    out.extend_from_slice(&self.mask);
                    return;
                }
                _ => {}
            }
        }
        out.extend_from_slice(piece);
    }

    /// The data tag and the length that a Length field announces.
    fn announcement(&self, tag: u32, value: &[u8]) -> Option<(u32, usize)> {
        let data_tag = self.data_pairs.data_tag_of(Tag(i32::try_from(tag).ok()?))?;
        Some((u32::try_from(data_tag.0).ok()?, std::str::from_utf8(value).ok()?.parse().ok()?))
    }

    fn is_secret(&self, tag: u32, logon: bool) -> bool {
        let msg_type: &[u8] = if logon { b"A" } else { b"" };
        self.also.contains(&tag) || i32::try_from(tag).is_ok_and(|tag| is_secret(Tag(tag), msg_type))
    }
}

/// The tag at the front of `bytes`, and the length of `tag=`.
fn tag_at(bytes: &[u8]) -> Option<(u32, usize)> {
    let digits = bytes.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let tag = std::str::from_utf8(bytes.get(..digits)?).ok()?.parse().ok()?;
    (bytes.get(digits) == Some(&b'=')).then_some((tag, digits + 1))
}

fn end_of_value(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == SOH).unwrap_or(bytes.len())
}

/// A secret ends where a field or the end of the bytes follows an SOH, so that a password with SOH in it is
/// masked whole.
fn end_of_secret(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        at += end_of_value(&bytes[at..]);
        match bytes.get(at + 1..) {
            Some(next) if !next.is_empty() && tag_at(next).is_none() => at += 1,
            _ => return at,
        }
    }
}

fn ends_at(bytes: &[u8], length: usize) -> bool {
    bytes.get(length) == Some(&SOH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        let mut out = Vec::new();
        Redactor::new(&[1], "***").write(&text.replace('|', "\x01").into_bytes(), &mut out);
        String::from_utf8(out).unwrap().replace('\x01', "|")
    }

    #[test]
    fn secrets_of_a_logon_are_masked_in_place() {
        assert_eq!(
            redacted("8=FIX.4.4|9=80|35=A|553=joe|554=hunter2|925=new|1402=x|1404=y|95=7|96=a|554=b|10=1|"),
            "8=FIX.4.4|9=80|35=A|553=joe|554=***|925=***|1402=***|1404=***|95=7|96=***|10=1|"
        );
    }

    #[test]
    fn digits_elsewhere_are_left_alone() {
        for text in [
            "8=FIX.4.4|9=9|35=D|58=554=x|1554=y|5540=z|10=1|",
            "8=FIX.4.4|9=9|35=B|95=12|96=ab|554=hello|10=1|",
            "8=FIX.4.4|9=9|35=D|554=|10=1|",
            "",
            "|",
            "||8=",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn no_length_inside_of_data_hides_a_secret_behind_it() {
        let logon = "35=A|5001=12|5002=a|93=18|89=b|98=0|554=hunter2|10=1|";
        let mut redactor = Redactor::default();
        redactor.know(&[DataPair { length: Tag(5001), data: Tag(5002) }]);
        let mut out = Vec::new();
        redactor.write(&logon.replace('|', "\x01").into_bytes(), &mut out);
        let shown = String::from_utf8(out).unwrap().replace('\x01', "|");
        assert_eq!(shown, "35=A|5001=12|5002=a|93=18|89=b|98=0|554=***|10=1|");
    }

    #[test]
    fn what_is_copied_at_once_is_what_the_fields_would_give() {
        let fields = [
            "554=a", "925=b", "1402=c", "0554=d", "1554=e", "96=f", "95=3", "35=A", "35=D", "135=A", "1=g",
            "11=h", "x554=i", "58=1=2", "", "=", "58", "554",
        ];
        let redactor = Redactor::new(&[1], "***");
        let heads = [
            "8=FIX.4.4|9=5|35=D|",
            "8=FIX.4.4|9=5|35=A|",
            "8=FIX.4.4|9=5|",
            "8=FIX.4.4|9=|",
            "8=FIX.4.4|9=x",
            "35=D|",
            "",
        ];
        for head in heads {
            for one in fields {
                for other in fields {
                    for tail in ["|10=000|", "|35=D|10=000|", "|", ""] {
                        let message = format!("{head}{one}|{other}{tail}").replace('|', "\x01").into_bytes();
                        let (mut quick, mut slow) = (Vec::new(), Vec::new());
                        redactor.write(&message, &mut quick);
                        redactor.write_masked(&message, &mut slow);
                        assert_eq!(quick, slow, "{}", String::from_utf8_lossy(&message));
                    }
                }
            }
        }
        assert!(!redactor.may_hold_secret(b"8=FIX.4.4\x019=5\x0135=D\x0111=a\x0158=x\x0110=000\x01"));
    }

    #[test]
    fn configured_fields_are_masked_everywhere() {
        assert_eq!(redacted("35=D|1=ACCOUNT|11=1=2|"), "35=D|1=***|11=1=2|");
    }

    #[test]
    fn a_garbled_logon_shows_no_password_either() {
        assert_eq!(redacted("35=A|xx554=hunter2|554=hunter2"), "35=A|xx554=***|554=***");
        assert_eq!(redacted("35=A|95=99|96=hunter|2|98=0|"), "35=A|95=99|96=***|98=0|");
        assert_eq!(redacted("4=hunter2|554=hun|ter2"), "4=hunter2|554=***");
        assert_eq!(redacted("96=hunter2|"), "96=***|");
    }
}
