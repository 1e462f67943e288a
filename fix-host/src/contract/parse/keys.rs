//! Which key of the contract a client's key means.

use std::borrow::Cow;

use strsim::damerau_levenshtein;

/// The keys of all commands.
const KEYS: [&str; 15] = [
    "type",
    "origClOrdID",
    "clOrdID",
    "symbol",
    "side",
    "qty",
    "ordType",
    "price",
    "stopPx",
    "timeInForce",
    "expireTime",
    "account",
    "fields",
    "timestamp",
    "session",
];

/// The longest key that is compared with those of the contract.
const LONGEST: usize = 64;

/// What a client's key is.
pub(super) enum Meaning {
    /// This key of the contract, whatever its case and separators.
    Key(&'static str),
    /// One letter off this key.
    Near(&'static str),
    /// Nothing of ours.
    Nothing,
}

pub(super) fn meaning(written: &str) -> Meaning {
    // Nearly all are written as the contract writes them.
    if let Some(key) = KEYS.into_iter().find(|key| *key == written) {
        return Meaning::Key(key);
    }
    if written.len() > LONGEST {
        return Meaning::Nothing;
    }
    let written = plain(written);
    let find = |is: &dyn Fn(&str) -> bool| KEYS.into_iter().find(|key| is(&plain(key)));
    match find(&|key| key == written) {
        Some(key) => Meaning::Key(key),
        None => find(&|key| damerau_levenshtein(key, &written) == 1).map_or(Meaning::Nothing, Meaning::Near),
    }
}

/// As [`plain`] for a word that nearly always is written in capitals alone, as the contract writes it.
pub(super) fn lenient(word: &str) -> Cow<'static, str> {
    match word {
        "LIMIT" => Cow::Borrowed("limit"),
        "MARKET" => Cow::Borrowed("market"),
        other => Cow::Owned(plain(other)),
    }
}

/// A key or a word of the contract without separators, in small letters.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.')).map(|c| c.to_ascii_lowercase()).collect()
}
