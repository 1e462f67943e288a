//! Where messages begin.

use memchr::memmem;

use super::head::{MAX_HEAD, is_head};

/// What a message begins with; `T.1.1` or `.4.4` follows.
pub(super) const BEGIN: &[u8] = b"8=FIX";

/// Finds beginnings in a text.
pub(super) struct Begins(memmem::Finder<'static>);

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// A message begins here.
    At(usize),
    /// One may begin here: that can only be said when more of the text is there.
    Undecided(usize),
    /// None, up to the end of the text.
    None,
}

impl Begins {
    pub(super) fn new() -> Self {
        Begins(memmem::Finder::new(BEGIN))
    }

    /// The first beginning at or behind `from`. What stands in front of `from` counts as not there.
    ///
    /// `58=FIX` is none, but a digit may stand in front of one when threads write into the same log:
    /// `04.6358=FIX.4.4|9=`.
    pub(super) fn next(&self, text: &[u8], from: usize, last: bool) -> Begin {
        let behind = text.get(from..).unwrap_or_default();
        for at in self.0.find_iter(behind) {
            let rest = &behind[at..];
            let after_digit = at.checked_sub(1).is_some_and(|before| behind[before].is_ascii_digit());
            if !after_digit || is_head(rest) {
                return Begin::At(from + at);
            }
            if !last && rest.len() < MAX_HEAD {
                return Begin::Undecided(from + at);
            }
        }
        Begin::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_in_front_belongs_to_the_log_only_where_a_head_follows() {
        let begins = Begins::new();
        let next = |text: &str, last| begins.next(text.as_bytes(), 0, last);
        assert_eq!(next("04.6358=FIX.4.4\u{1}9=5\u{1}", true), Begin::At(6));
        assert_eq!(next("04.6358=FIXT.1.1|9=5|", true), Begin::At(6));
        assert_eq!(next("|58=FIX.4.4 is spoken|", true), Begin::None);
        assert_eq!(next("|58=FIX.4.4", false), Begin::Undecided(2));
        assert_eq!(next("|58=FIX.4.4", true), Begin::None);
        assert_eq!(next("x8=FIX", true), Begin::At(1));
        // Behind a message its last digit does not count.
        assert_eq!(begins.next(b"10=1638=FIX.4.4", 6, true), Begin::At(6));
    }
}
