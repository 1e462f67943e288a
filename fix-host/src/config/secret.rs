//! Passwords and keys, wrapped so that no log line, error or dump can show them.

use std::fmt;

use fix_core::{dict::is_secret, tag::Tag};
use strsim::damerau_levenshtein;

/// Whether a field of our Logon holds a secret.
pub(super) fn is_secret_tag(tag: u32) -> bool {
    i32::try_from(tag).is_ok_and(|tag| is_secret(Tag(tag), b"A"))
}

/// What stands in place of a secret wherever one would be printed.
pub(super) const MASK: &str = "***";

/// A value that prints as `***`; only [`Secret::expose`] gives it out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The secret itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Whether a key of this name may hold a secret, known to the table or not.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if name.starts_with("logontag") {
        return true;
    }
    // `PasswordFile` names a file; hiding it would hide the mistake in it.
    !name.ends_with("file")
        && (MARKS.iter().any(|mark| name.contains(mark))
            || TYPED.iter().any(|mark| nearly_contains(&name, mark)))
}

/// What names of secrets hold.
const MARKS: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "credential",
    "privatekeybytes",
    "apikey",
    "api_key",
];
/// Those that are also known with a typo in them: who misspells `Password` has a password in that line all the same.
const TYPED: [&str; 5] = ["password", "passphrase", "secret", "apikey", "credential"];

/// Whether a part of `name` is `word` but for one slip, or two in a word of eight letters.
fn nearly_contains(name: &str, word: &str) -> bool {
    const LONGEST: usize = 64;
    let slips = if word.len() < 8 { 1 } else { 2 };
    let letters: Vec<char> = name.chars().take(LONGEST).collect();
    (word.len() - slips..=word.len() + slips).any(|length| {
        letters.windows(length).any(|part| {
            let part: String = part.iter().collect();
            damerau_levenshtein(&part, word) <= slips
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "*** *** Some(***)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn names_of_secrets() {
        for name in ["Password", "PROXYPASSWORD", "SSLCertificatePassword", "VendorApiKey", "LogonTag3"]
            .into_iter()
            .chain(["Passwrod", "Pasword", "passwort", "ProxyPasswrod", "Sceret", "VenuePwd", "PassPhrase"])
        {
            assert!(names_a_secret(name), "{name}");
        }
        for name in ["PasswordFile", "Username", "HeartBtInt", "TraderColour", "SocketConnectHost"] {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}
