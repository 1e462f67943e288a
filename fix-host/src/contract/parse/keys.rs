//! Which key of the contract a client's key means.

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

/// A key or a word of the contract without separators, in small letters.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.')).map(|c| c.to_ascii_lowercase()).collect()
}
