//! What is known about a key, and how a key is found by what a user wrote.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::keys;
use super::suggest;
use super::value::Kind;

/// What happens to a key that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It does what its text says.
    Honour,
    /// It is accepted with a warning and does nothing; the text says why that is safe.
    Ignore,
    /// It is an error, because the session would not be what its owner believes; the text says what to
    /// write instead.
    Refuse,
}

/// One row of the key table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// The name used here. A trailing `*` stands for any ending.
    pub(super) name: &'static str,
    /// Other engines' names of the same thing.
    pub(super) aliases: &'static [&'static str],
    /// The engines that know it: `all`, or some of C (C++), J (Java), n (.NET), G (Go), `own`.
    pub(super) dialects: &'static str,
    /// What happens to it.
    pub(super) class: Class,
    /// What its value is made of.
    pub(super) kind: Kind,
    /// The value in force when no line sets it; of an ignored key, the one in force whatever it says.
    pub(super) default: Option<&'static str>,
    /// A value to show in an error text.
    pub(super) example: Option<&'static str>,
    /// Whether a number may follow the name: `SocketConnectHost1`.
    pub(super) numbered: bool,
    /// Whether `.SYMBOL` may follow the name: `MaxOrderQty.AAPL`.
    pub(super) per_symbol: bool,
    /// One line of documentation.
    pub(super) doc: &'static str,
}

/// A key found by name.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) key: &'static Key,
    /// What follows the name.
    pub(super) suffix: Suffix,
}

/// What follows the name of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Suffix {
    None,
    /// Of a numbered key.
    Number(u32),
    /// Of a key that may be set for one Symbol(55): as written, since symbols differ by case.
    Symbol(String),
}

impl std::fmt::Display for Suffix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Suffix::None => Ok(()),
            Suffix::Number(number) => write!(f, "{number}"),
            Suffix::Symbol(symbol) => write!(f, ".{symbol}"),
        }
    }
}

const fn key(name: &'static str, dialects: &'static str, class: Class, kind: Kind, doc: &'static str) -> Key {
    Key {
        name,
        aliases: &[],
        dialects,
        class,
        kind,
        default: None,
        example: None,
        numbered: false,
        per_symbol: false,
        doc,
    }
}

pub(super) const fn honour(name: &'static str, dialects: &'static str, kind: Kind, doc: &'static str) -> Key {
    key(name, dialects, Class::Honour, kind, doc)
}

pub(super) const fn ignore(name: &'static str, dialects: &'static str, doc: &'static str) -> Key {
    key(name, dialects, Class::Ignore, Kind::Unchecked, doc)
}

pub(super) const fn refuse(name: &'static str, dialects: &'static str, doc: &'static str) -> Key {
    key(name, dialects, Class::Refuse, Kind::Unchecked, doc)
}

impl Key {
    pub(super) const fn aliases(mut self, aliases: &'static [&'static str]) -> Key {
        self.aliases = aliases;
        self
    }

    pub(super) const fn default(mut self, default: &'static str) -> Key {
        self.default = Some(default);
        self
    }

    pub(super) const fn example(mut self, example: &'static str) -> Key {
        self.example = Some(example);
        self
    }

    pub(super) const fn numbered(mut self) -> Key {
        self.numbered = true;
        self
    }

    pub(super) const fn per_symbol(mut self) -> Key {
        self.per_symbol = true;
        self
    }

    /// Checks the value of a key that is otherwise ignored.
    pub(super) const fn checked(mut self, kind: Kind) -> Key {
        self.kind = kind;
        self
    }

    /// A value to write, for error texts.
    pub(super) fn sample(&self) -> &'static str {
        self.example.or(self.default).unwrap_or(self.kind.example())
    }

    fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Whether this is a `*` row and `name` starts as it does.
    fn is_start_of(&self, name: &str) -> bool {
        let start = self.name.strip_suffix('*');
        start
            .is_some_and(|start| name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
    }
}

/// Names in lower case to rows: a process of a thousand sessions looks up some hundred thousand names.
static EXACT: LazyLock<HashMap<String, &'static Key>> = LazyLock::new(|| {
    let named = |key: &'static Key| key.names().map(move |name| (name.to_ascii_lowercase(), key));
    keys::all().filter(|key| !key.name.ends_with('*')).flat_map(named).collect()
});

/// The row of a name, in any case, by its own name, an alias, a number or a symbol behind it, or a `*`.
pub(super) fn find(name: &str) -> Option<Found> {
    let exact = |name: &str| EXACT.get(&name.to_ascii_lowercase()).copied();
    if let Some(key) = exact(name) {
        return Some(Found { key, suffix: Suffix::None });
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name.get(stem.len()..).and_then(|digits| digits.parse().ok());
    if let (Some(number), Some(key)) = (number, exact(stem).filter(|key| key.numbered)) {
        return Some(Found { key, suffix: Suffix::Number(number) });
    }
    if let Some((stem, symbol)) = name.split_once('.').filter(|(_, symbol)| !symbol.is_empty())
        && let Some(key) = exact(stem).filter(|key| key.per_symbol)
    {
        return Some(Found { key, suffix: Suffix::Symbol(symbol.to_owned()) });
    }
    // The longest prefix is the most exact one: JdbcLog* before Jdbc*.
    let starts = keys::all().filter(|key| key.is_start_of(name));
    starts.max_by_key(|key| key.name.len()).map(|key| Found { key, suffix: Suffix::None })
}

/// The known name nearest to an unknown one.
pub(super) fn did_you_mean(name: &str) -> Option<&'static str> {
    suggest::nearest(name, keys::all().flat_map(Key::names).filter(|name| !name.ends_with('*')))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_is_known_once() {
        let mut seen = HashSet::new();
        for name in keys::all().flat_map(Key::names) {
            assert!(seen.insert(name.to_ascii_lowercase()), "{name} stands twice in the table");
        }
    }

    #[test]
    fn every_default_and_example_is_a_value_of_its_kind() {
        for key in keys::all() {
            for text in key.default.into_iter().chain(key.example) {
                assert!(key.kind.parse(text).is_ok(), "{}={text}", key.name);
            }
            assert!(key.doc.len() > 10 && !key.doc.contains(['|', '\n']), "{}", key.name);
        }
    }

    #[test]
    fn keys_are_found_in_every_spelling() {
        let name = |written| {
            find(written).map(|Found { key, suffix }| match suffix {
                Suffix::Number(number) => (key.name, Some(number)),
                _ => (key.name, None),
            })
        };
        assert_eq!(name("heartbtint"), Some(("HeartBtInt", None)));
        assert_eq!(name("SocketTcpNoDelay"), Some(("SocketNodelay", None)));
        assert_eq!(name("TimeStampPrecision"), Some(("TimestampPrecision", None)));
        assert_eq!(name("SocketConnectHost12"), Some(("SocketConnectHost", Some(12))));
        assert_eq!(name("LogonTag1"), Some(("LogonTag", Some(1))));
        assert_eq!(name("HeartBtInt1"), None);
        assert_eq!(name("SocketConnectHost99999999999"), None);
        assert_eq!(name("MySQLStoreHost"), Some(("MySQLStore*", None)));
        assert_eq!(name("JdbcURL"), Some(("Jdbc*", None)));
        assert_eq!(name("JdbcLogIncomingTable"), Some(("JdbcLog*", None)));
        assert_eq!(name("Ünknown"), None);
    }

    #[test]
    fn a_symbol_may_follow_and_keeps_its_case_and_its_points() {
        let symbol = |written| find(written).map(|found| (found.key.name, found.suffix));
        let of = |text: &str| Some(("MaxOrderQty", Suffix::Symbol(text.to_owned())));
        assert_eq!(symbol("maxorderqty.BRK.b"), of("BRK.b"));
        assert_eq!(symbol("MaxOrderQty"), Some(("MaxOrderQty", Suffix::None)));
        assert_eq!(symbol("MaxOrderQty."), None);
        assert_eq!(symbol("HeartBtInt.AAPL"), None);
    }

    #[test]
    fn typos_are_recognised() {
        for (typo, want) in [
            ("HearBtInt", "HeartBtInt"),
            ("ResetOnLogin", "ResetOnLogon"),
            ("SocketConectPort", "SocketConnectPort"),
        ] {
            assert_eq!(did_you_mean(typo), Some(want), "{typo}");
        }
        assert_eq!(did_you_mean("TraderColour"), None);
    }
}
