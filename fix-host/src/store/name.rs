//! The file name of a session.

use std::fmt;

use fix_core::session::config::SessionId;

/// What the files of one session are called: `FIX.4.4-SENDER-TARGET`, as QuickFIX names them.
///
/// Sub and location ids follow their CompID after `_`, a session qualifier comes last after `-`. Every byte
/// but letters, digits, `.`, `_` and `-` is written as `%XX`, so no CompID can leave the directory. Two
/// sessions may still share a name (`A-B` to `C`, `A` to `B-C`); the journal records the full identity and
/// refuses the second one. A name that no file system takes ends in a sum of the identity instead of its last ids.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionName {
    file_stem: String,
    identity: String,
}

impl SessionName {
    /// The name of the session between `sender` and `target`; both are CompID, SubID and LocationID, where
    /// empty means absent, and so it does for `qualifier`.
    pub fn new(begin_string: &str, sender: [&str; 3], target: [&str; 3], qualifier: &str) -> Self {
        let mut file_stem = safe(begin_string);
        for party in [sender, target] {
            file_stem.push('-');
            let last = party.iter().rposition(|id| !id.is_empty()).unwrap_or(0);
            let ids: Vec<String> = party.iter().take(last + 1).map(|id| safe(id)).collect();
            file_stem.push_str(&ids.join("_"));
        }
        if !qualifier.is_empty() {
            file_stem.push('-');
            file_stem.push_str(&safe(qualifier));
        }
        let [comp, sub, location] = sender;
        let [target_comp, target_sub, target_location] = target;
        // SOH can stand in no field value, so it separates without doubt.
        let identity =
            [begin_string, comp, sub, location, target_comp, target_sub, target_location, qualifier]
                .join("\x01");
        SessionName { file_stem: shortened(file_stem, &identity), identity }
    }

    /// The name with all parts of the `identity`, as [`identity`](Self::identity) gave them.
    pub(crate) fn from_identity(identity: &str) -> Option<Self> {
        let parts: Vec<&str> = identity.split('\x01').collect();
        let [begin_string, comp, sub, location, target, target_sub, target_location, qualifier] = parts[..]
        else {
            return None;
        };
        Some(SessionName::new(
            begin_string,
            [comp, sub, location],
            [target, target_sub, target_location],
            qualifier,
        ))
    }

    /// The name of files whose headers are all damaged; no intact file belongs to it.
    pub(crate) fn unidentified(file_stem: &str) -> Self {
        SessionName { file_stem: file_stem.to_owned(), identity: String::new() }
    }

    /// The beginning of every file name of this session, safe as one path component.
    pub fn file_stem(&self) -> &str {
        &self.file_stem
    }

    /// All parts of the session's identity, separated by SOH.
    pub(crate) fn identity(&self) -> &[u8] {
        self.identity.as_bytes()
    }
}

impl From<&SessionId> for SessionName {
    fn from(id: &SessionId) -> Self {
        SessionName::new(
            id.begin_string,
            [&id.sender_comp_id, &id.sender_sub_id, &id.sender_location_id],
            [&id.target_comp_id, &id.target_sub_id, &id.target_location_id],
            &id.qualifier,
        )
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file_stem)
    }
}

impl fmt::Debug for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// At most as long as leaves room for `.messages.backup.NNN.log` in the 255 bytes of a file name.
fn shortened(mut file_stem: String, identity: &str) -> String {
    const LONGEST: usize = 230;
    const SUM: usize = "-0123456789abcdef".len();
    if file_stem.len() > LONGEST {
        file_stem.truncate(LONGEST - SUM);
        file_stem.push_str(&format!("-{:016x}", fnv_1a(identity.as_bytes())));
    }
    file_stem
}

/// The same in every build, for ever: a journal is found by it again.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quickfix_s() {
        let plain = SessionName::new("FIX.4.4", ["DESK", "", ""], ["BROKER", "", ""], "");
        assert_eq!(plain.file_stem(), "FIX.4.4-DESK-BROKER");
        let full = SessionName::new("FIX.4.4", ["DESK", "FX", "LDN"], ["BROKER", "", "NY"], "Q1");
        assert_eq!(full.file_stem(), "FIX.4.4-DESK_FX_LDN-BROKER__NY-Q1");
    }

    #[test]
    fn a_session_id_names_the_same_files() {
        let id = SessionId::new("DESK", "BROKER").unwrap();
        assert_eq!(
            SessionName::from(&id),
            SessionName::new("FIX.4.4", ["DESK", "", ""], ["BROKER", "", ""], "")
        );
    }

    #[test]
    fn no_comp_id_leaves_the_directory() {
        let hostile = SessionName::new("FIX.4.4", ["../../etc", "", ""], ["a/b\0\n%", "", ""], "");
        assert_eq!(hostile.file_stem(), "FIX.4.4-..%2F..%2Fetc-a%2Fb%00%0A%25");
    }

    #[test]
    fn long_ids_make_names_that_a_file_system_takes() {
        let (long, other) = ("x".repeat(255), "x".repeat(254));
        let name = SessionName::new("FIX.4.4", [&long, &long, &long], [&long, &long, &long], &long);
        let next = SessionName::new("FIX.4.4", [&long, &long, &long], [&long, &long, &other], &long);
        assert_eq!((name.file_stem().len(), next.file_stem().len()), (230, 230));
        assert_ne!(name.file_stem(), next.file_stem());
        assert!(name.file_stem().ends_with("-d1520ac69c0ec129"), "stable: {name}");
        assert_eq!(SessionName::from_identity(&name.identity), Some(name.clone()));
    }

    #[test]
    fn equal_names_have_different_identities() {
        let one = SessionName::new("FIX.4.4", ["A-B", "", ""], ["C", "", ""], "");
        let other = SessionName::new("FIX.4.4", ["A", "", ""], ["B-C", "", ""], "");
        assert_eq!(one.file_stem(), other.file_stem());
        assert_ne!(one.identity(), other.identity());
    }
}
