//! Which version of FIX a message speaks.

use std::collections::HashMap;

use fix_core::tag::Tag;

use super::pieces::Pieces;

/// A version of FIX that has fields and messages of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// FIX 4.0.
    Fix40,
    /// FIX 4.1.
    Fix41,
    /// FIX 4.2.
    Fix42,
    /// FIX 4.3.
    Fix43,
    /// FIX 4.4.
    Fix44,
    /// FIX 5.0, over FIXT 1.1.
    Fix50,
    /// FIX 5.0 SP1, over FIXT 1.1.
    Fix50Sp1,
    /// FIX 5.0 SP2, over FIXT 1.1.
    Fix50Sp2,
}

impl Version {
    /// All versions, the oldest first.
    pub const ALL: [Version; 8] = [
        Version::Fix40,
        Version::Fix41,
        Version::Fix42,
        Version::Fix43,
        Version::Fix44,
        Version::Fix50,
        Version::Fix50Sp1,
        Version::Fix50Sp2,
    ];

    /// Its name, as BeginString(8) has it for those that it names: `FIX.4.4`, `FIX.5.0SP2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Version::Fix40 => "FIX.4.0",
            Version::Fix41 => "FIX.4.1",
            Version::Fix42 => "FIX.4.2",
            Version::Fix43 => "FIX.4.3",
            Version::Fix44 => "FIX.4.4",
            Version::Fix50 => "FIX.5.0",
            Version::Fix50Sp1 => "FIX.5.0SP1",
            Version::Fix50Sp2 => "FIX.5.0SP2",
        }
    }

    /// The version with this name.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Version> {
        Version::ALL.into_iter().find(|version| version.name().as_bytes() == name)
    }

    /// The version that a value of ApplVerID(1128) or DefaultApplVerID(1137) stands for.
    #[must_use]
    pub fn from_appl_ver_id(value: &[u8]) -> Option<Version> {
        let [digit @ b'2'..=b'9'] = value else { return None };
        Version::ALL.get(usize::from(*digit - b'2')).copied()
    }
}

/// How the version of a message was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// It says so, or the Logon of its session did.
    Known(Version),
    /// It is FIXT, and nothing says which application version.
    Assumed(Version),
    /// BeginString(8) is none of FIX.
    Unknown,
}

/// What the Logons of a text have said.
#[derive(Debug, Default)]
pub(super) struct Versions(HashMap<(Vec<u8>, Vec<u8>), Version>);

impl Versions {
    /// Sessions that are kept in mind.
    const MAX_SESSIONS: usize = 10_000;

    /// The version of a message that is separated by SOH.
    pub(super) fn of(&mut self, message: &[u8]) -> Spoken {
        let value = message.get(2..).unwrap_or_default();
        if value.starts_with(b"FIX.4.4\x01") {
            return Spoken::Known(Version::Fix44);
        }
        let begin_string = value.split(|byte| *byte == 1).next().unwrap_or_default();
        match begin_string.strip_prefix(b"FIXT.") {
            Some(_) => self.of_fixt(message),
            None => Version::from_name(begin_string).map_or(Spoken::Unknown, Spoken::Known),
        }
    }

    /// ApplVerID(1128) of the message, else DefaultApplVerID(1137) of the session's Logon.
    fn of_fixt(&mut self, message: &[u8]) -> Spoken {
        let (mut sender, mut target) = (&b""[..], &b""[..]);
        let (mut own, mut default) = (None, None);
        for piece in Pieces::new(message, &[]) {
            match piece.tag {
                Some(Tag(49)) => sender = piece.value,
                Some(Tag(56)) => target = piece.value,
                Some(Tag(1128)) => own = Version::from_appl_ver_id(piece.value),
                Some(Tag(1137)) => default = Version::from_appl_ver_id(piece.value),
                _ => {}
            }
        }
        // Both directions are one session.
        let session = if sender < target { (sender, target) } else { (target, sender) };
        let session = (session.0.to_vec(), session.1.to_vec());
        if let Some(default) = default
            && (self.0.len() < Self::MAX_SESSIONS || self.0.contains_key(&session))
        {
            self.0.insert(session.clone(), default);
        }
        match own.or(default).or_else(|| self.0.get(&session).copied()) {
            Some(version) => Spoken::Known(version),
            None => Spoken::Assumed(Version::Fix50Sp2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_in_begin_string_or_in_appl_ver_id_or_in_the_logon() {
        let mut versions = Versions::default();
        let mut of = |text: &str| versions.of(text.replace('|', "\u{1}").as_bytes());
        use Spoken::{Assumed, Known, Unknown};
        assert_eq!(of("8=FIX.4.4|9=5|35=0|"), Known(Version::Fix44));
        assert_eq!(of("8=FIX.4.0|9=5|35=0|"), Known(Version::Fix40));
        assert_eq!(of("8=FIX.5.0SP2|9=5|35=0|"), Known(Version::Fix50Sp2));
        assert_eq!(of("8=FIX.9.9|9=5|35=0|"), Unknown);
        assert_eq!(of("8=FIXT.1.1|35=8|49=A|56=B|"), Assumed(Version::Fix50Sp2));
        assert_eq!(of("8=FIXT.1.1|35=A|49=A|56=B|1137=7|"), Known(Version::Fix50));
        assert_eq!(of("8=FIXT.1.1|35=8|49=B|56=A|"), Known(Version::Fix50));
        assert_eq!(of("8=FIXT.1.1|35=8|49=B|56=A|1128=4|"), Known(Version::Fix42));
        assert_eq!(of("8=FIXT.1.1|35=8|49=B|56=C|"), Assumed(Version::Fix50Sp2));
    }
}
