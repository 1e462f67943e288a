//! A text with SOH in place of the separators that it has, and where each byte of it comes from.

use memchr::memmem;

const SOH: u8 = 0x01;

/// Text of a message, separated by SOH.
#[derive(Debug)]
pub(super) struct Separated {
    /// The text.
    pub(super) bytes: Vec<u8>,
    /// For each byte, where what it stands for ends in the original.
    pub(super) ends: Vec<usize>,
}

impl Separated {
    /// The text as it is.
    pub(super) fn whole(text: &[u8]) -> Self {
        Separated { bytes: text.to_vec(), ends: (1..=text.len()).collect() }
    }

    /// Puts what `read` makes of the beginning of a rest, and takes as many bytes as it says, in its place.
    pub(super) fn replaced(&self, read: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Self {
        let mut out = Separated {
            bytes: Vec::with_capacity(self.bytes.len()),
            ends: Vec::with_capacity(self.ends.len()),
        };
        let mut at = 0;
        while at < self.bytes.len() {
            let (bytes, taken) = match read(&self.bytes[at..]) {
                Some(replaced) => replaced,
                None => (vec![self.bytes[at]], 1),
            };
            at += taken;
            let end = self.ends[at - 1];
            out.ends.extend(bytes.iter().map(|_| end));
            out.bytes.extend(bytes);
        }
        out
    }

    /// Puts SOH in place of `separator`. If a separator may be text too, one counts only in front of a tag.
    pub(super) fn at_separators(self, separator: &[u8], may_be_text: bool) -> Self {
        if separator == [SOH] || separator.is_empty() {
            return self;
        }
        let mut out = Separated {
            bytes: Vec::with_capacity(self.bytes.len()),
            ends: Vec::with_capacity(self.ends.len()),
        };
        let mut from = 0;
        for at in memmem::find_iter(&self.bytes, separator) {
            let behind = at + separator.len();
            if may_be_text && !is_tag(&self.bytes[behind..]) {
                continue;
            }
            out.bytes.extend_from_slice(&self.bytes[from..at]);
            out.ends.extend_from_slice(&self.ends[from..at]);
            out.bytes.push(SOH);
            out.ends.push(self.ends[behind - 1]);
            from = behind;
        }
        out.bytes.extend_from_slice(&self.bytes[from..]);
        out.ends.extend_from_slice(&self.ends[from..]);
        out
    }
}

/// Whether `123=` stands here.
fn is_tag(text: &[u8]) -> bool {
    let digits = text.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && text.get(digits) == Some(&b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_become_soh_and_bytes_keep_their_place() {
        let read = |text: &str, separator: &str, may_be_text| {
            let read = Separated::whole(text.as_bytes()).at_separators(separator.as_bytes(), may_be_text);
            (String::from_utf8(read.bytes).unwrap().replace('\u{1}', "!"), read.ends)
        };
        assert_eq!(read("1=a^A2=b^A", "^A", false), ("1=a!2=b!".into(), vec![1, 2, 3, 5, 6, 7, 8, 10]));
        assert_eq!(read("1=a b 2=c", " ", true).0, "1=a b!2=c");
        assert_eq!(read("1=a b 2=c", " ", false).0, "1=a!b!2=c");
    }
}
