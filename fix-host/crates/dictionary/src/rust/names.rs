//! Rust names for FIX names.

use std::collections::HashMap;

/// Words that cannot name a member.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// The name of a constant: `ClOrdID` becomes `CL_ORD_ID`, `NoMDEntries` becomes `NO_MD_ENTRIES`.
pub(super) fn constant(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| chars[before]);
        let after = chars.get(index + 1);
        // The plural of an acronym: `PartyIDs`.
        let plural = after == Some(&'s') && chars.get(index + 2).is_none_or(char::is_ascii_uppercase);
        let word_starts = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase) && !plural
            });
        let gap = word_starts || !c.is_ascii_alphanumeric();
        if gap && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_uppercase());
        }
    }
    let mut out = out.trim_end_matches('_').to_owned();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert_str(0, "N_");
    }
    out
}

/// The name of a type: `ClOrdID` becomes `ClOrdId`.
pub(super) fn type_name(name: &str) -> String {
    let words = constant(name);
    let words = words.split('_').filter_map(|word| {
        let (first, rest) = word.split_at_checked(1)?;
        Some(first.to_owned() + &rest.to_lowercase())
    });
    let out: String = words.collect();
    // The one type name that is a keyword.
    if out == "Self" { "Self_".to_owned() } else { out }
}

/// The name of a struct's member: `ClOrdID` becomes `cl_ord_id`.
pub(super) fn member(name: &str) -> String {
    let mut out = constant(name).to_lowercase();
    if KEYWORDS.contains(&out.as_str()) {
        out.push('_');
    }
    out
}

/// Text from a dictionary as part of a comment: nothing that would end it, or that compilers refuse in one.
pub(super) fn comment(text: &str) -> String {
    let plain = |c: char| (c.is_ascii_graphic() && c != '`') || c == ' ' || c.is_alphanumeric();
    text.chars().map(|c| if plain(c) { c } else { '\'' }).collect()
}

/// Gives out each name once: the second `A` becomes `A_2`.
#[derive(Default)]
pub(super) struct Names {
    /// With the number that was last put behind each.
    taken: HashMap<String, usize>,
}

impl Names {
    pub(super) fn unique(&mut self, name: String) -> String {
        self.unique_with(name, "_")
    }

    /// The same for types, which have no underscores: the second `A` becomes `A2`.
    pub(super) fn unique_type(&mut self, name: String) -> String {
        self.unique_with(name, "")
    }

    fn unique_with(&mut self, name: String, separator: &str) -> String {
        let Some(mut last) = self.taken.get(&name).copied() else {
            self.taken.insert(name.clone(), 1);
            return name;
        };
        let unique = loop {
            last += 1;
            let unique = format!("{name}{separator}{last}");
            if !self.taken.contains_key(&unique) {
                break unique;
            }
        };
        self.taken.insert(name, last);
        self.taken.insert(unique.clone(), 1);
        unique
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_the_spelling_of_fix() {
        for (name, expected) in [
            ("ClOrdID", "CL_ORD_ID"),
            ("NoMDEntries", "NO_MD_ENTRIES"),
            ("MDEntryPx", "MD_ENTRY_PX"),
            ("NoPartyIDs", "NO_PARTY_IDS"),
            ("NstdPtys2SubGrp", "NSTD_PTYS2_SUB_GRP"),
            ("GTBookingInst", "GT_BOOKING_INST"),
            ("PARTIALLY_FILLED", "PARTIALLY_FILLED"),
            ("1st - \"Try\"", "N_1ST_TRY"),
            ("Text", "TEXT"),
        ] {
            assert_eq!(constant(name), expected);
        }
        assert_eq!(["ClOrdID", "Type"].map(member), ["cl_ord_id", "type_"]);
        assert_eq!(["ClOrdID", "MDEntryType", "Self"].map(type_name), ["ClOrdId", "MdEntryType", "Self_"]);
    }

    #[test]
    fn names_are_given_out_once() {
        let mut names = Names::default();
        assert_eq!(
            ["A", "A", "A_2", "A"].map(|name| names.unique(name.into())),
            ["A", "A_2", "A_2_2", "A_3"]
        );
        assert_eq!(["B", "B"].map(|name| names.unique_type(name.into())), ["B", "B2"]);
    }
}
