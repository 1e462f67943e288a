//! What of a message is shown to nobody.

use fix_core::{
    dict::{Dictionary, MessageDef, is_secret},
    tag::Tag,
};

use super::pieces::{Flaw, Piece};

/// Says of each field of a message whether it is a secret, or may be part of one.
pub struct Secrets {
    dictionary: &'static Dictionary,
    message: Option<&'static MessageDef>,
    /// A message without a type may be a Logon.
    msg_type: MsgType,
    /// The last field was a secret: what is no field behind it may be the rest of it.
    after_secret: bool,
    /// The end of a secret is not known: any field that the message does not have may be part of it.
    is_leaking: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MsgType {
    Logon,
    Other,
}

impl Secrets {
    /// For a message with this MsgType(35), which is empty if it has none.
    #[must_use]
    pub fn new(dictionary: &'static Dictionary, msg_type: &[u8]) -> Self {
        let is_logon = matches!(msg_type, b"" | b"A");
        Secrets {
            dictionary,
            message: dictionary.message(msg_type),
            msg_type: if is_logon { MsgType::Logon } else { MsgType::Other },
            after_secret: false,
            is_leaking: false,
        }
    }

    /// Whether the value of a field is a secret.
    #[must_use]
    pub fn is_secret(&self, tag: Tag) -> bool {
        is_secret(tag, if self.msg_type == MsgType::Logon { b"A" } else { b"" })
    }

    /// Whether the next piece of the message is hidden.
    pub fn hides(&mut self, piece: &Piece<'_>) -> bool {
        let Some(tag) = piece.tag else { return self.after_secret || self.is_leaking };
        let is_secret = self.is_secret(tag);
        self.after_secret = is_secret;
        self.is_leaking |= matches!(piece.flaw, Some(Flaw::Length { data, .. }) if self.is_secret(data));
        is_secret || self.is_leaking && !self.has(tag)
    }

    fn has(&self, tag: Tag) -> bool {
        let body = self.message.map(|message| &message.body);
        let blocks = [Some(self.dictionary.header), body, Some(self.dictionary.trailer)];
        blocks.into_iter().flatten().any(|block| block.contains(tag))
    }
}

#[cfg(test)]
mod tests {
    use fix_core::dict::fix44::DICTIONARY;

    use super::*;
    use crate::reading::pieces::Pieces;

    #[test]
    fn what_may_be_part_of_a_secret_is_hidden_too() {
        let shown = |text: &str| {
            let text = text.replace('|', "\u{1}");
            let mut secrets = Secrets::new(&DICTIONARY, b"A");
            let pieces = Pieces::new(text.as_bytes(), &[]).filter(|piece| !secrets.hides(piece));
            pieces.map(|piece| String::from_utf8_lossy(piece.raw).into_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown("35=A|554=se|cr|et|98=0|junk|"), "35=A 98=0 junk");
        assert_eq!(
            shown("35=A|95=3|96=se|cr|77=et|junk|98=0|553=me|10=000|"),
            "35=A 95=3 98=0 553=me 10=000"
        );
        assert_eq!(shown("35=A|95=5|96=se|cr|98=0|"), "35=A 95=5 98=0");
    }
}
