//! ClOrdIDs that are only looked up: one text of all, in their order.

/// A set of ids that does not change. It stays in memory until Redis is reached, which may be never: it takes the bytes of
/// the ids and four more for each.
#[derive(Debug, Default)]
pub struct Ids {
    text: Box<str>,
    /// Where each id ends in it.
    ends: Box<[u32]>,
}

impl Ids {
    pub(super) fn contains(&self, id: &str) -> bool {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        false
    }

    fn get(&self, number: usize) -> &str {
        let end = |number: usize| self.ends.get(number).map_or(0, |end| *end as usize);
        let begin = number.checked_sub(1).map_or(0, end);
        self.text.get(begin..end(number)).unwrap_or_default()
    }
}

/// As many as 4 GiB hold: of what is behind that nothing is known.
impl FromIterator<String> for Ids {
    fn from_iter<T: IntoIterator<Item = String>>(ids: T) -> Self {
        let mut ids: Vec<String> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let (mut text, mut ends) = (String::with_capacity(ids.iter().map(String::len).sum()), Vec::new());
        for id in ids {
            text.push_str(&id);
            let Ok(end) = u32::try_from(text.len()) else { break };
            ends.push(end);
        }
        Ids { text: text.into_boxed_str(), ends: ends.into_boxed_slice() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn they_are_found_and_nothing_else_is() {
        let all: HashSet<String> = (0..2000).map(|number| format!("ID{}", number * 7 % 4000)).collect();
        let ids: Ids = all.iter().cloned().collect();
        for number in 0..4000 {
            let id = format!("ID{number}");
            assert_eq!(ids.contains(&id), all.contains(&id), "{id}");
        }
        for id in ["", "I", "ID", "ID77777", "é"] {
            assert!(!ids.contains(id), "{id}");
        }
        assert!(!Ids::default().contains(""));
        assert!(["".to_owned(), "a".to_owned(), "a".to_owned()].into_iter().collect::<Ids>().contains(""));
    }

    #[test]
    fn they_take_their_bytes_and_four_each() {
        let ids: Ids = (0..16_384).map(|number| format!("desk-{number:015}")).collect();
        assert_eq!(ids.text.len() + size_of_val(&*ids.ends), 16_384 * (20 + 4));
    }
}
