//! "Did you mean": the nearest known word.

use strsim::damerau_levenshtein;

/// The candidate nearest to `word`, if it is near enough to be a typo of it: one edit for each four
/// characters, at least one.
pub(crate) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing is quadratic in the length; no key is anywhere near this long.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let limit = (word.len() / 4).max(1);
    candidates
        .map(|candidate| (damerau_levenshtein(&word, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_find_their_word_and_strangers_do_not() {
        let words = ["HeartBtInt", "SocketConnectHost", "SocketConnectPort", "ResetOnLogon"];
        let find = |word| nearest(word, words.iter().copied());
        assert_eq!(find("HeartBeatInt"), Some("HeartBtInt"));
        assert_eq!(find("socketconecthost"), Some("SocketConnectHost"));
        assert_eq!(find("ResetOnLogin"), Some("ResetOnLogon"));
        assert_eq!(find("MyDeskColour"), None);
        assert_eq!(find(&"x".repeat(100_000)), None);
    }
}
