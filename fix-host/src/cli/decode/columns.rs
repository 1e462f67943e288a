//! What a dictionary knows of each field, prepared for printing.

use fix_core::{
    dict::{Code, CodeSet, DENSE_TAGS, Dictionary, fix44, is_secret},
    tag::Tag,
};

use super::{colour::Colours, output::Word};

/// The fields by their tag numbers.
pub(super) struct Columns(Vec<Column>);

/// One field.
pub(super) struct Column {
    /// ` | ClOrdID(11)=`
    pub(super) label: Word,
    /// The bytes around its value as it is usually written.
    pub(super) around: usize,
    /// Its value is no text with at most one meaning: it may be a secret, hold SOH, or be a list of codes.
    pub(super) special: bool,
    /// It is a list of codes, and nothing worse.
    pub(super) is_list: bool,
    codes: Option<Codes>,
}

struct Codes {
    set: &'static CodeSet,
    /// What each code of the set means, as it stands behind the value.
    meanings: Box<[Word]>,
    /// For each code of one character the place behind its own in the set, 0 for none.
    places: [u8; 128],
}

impl Columns {
    pub(super) fn new(dictionary: &'static Dictionary, colours: Colours) -> Self {
        Columns((0..DENSE_TAGS).map(|number| Column::new(dictionary, Tag(number), colours)).collect())
    }

    /// ` | ClOrdID(11)=`
    pub(super) fn label(dictionary: &Dictionary, tag: Tag, colours: Colours) -> Vec<u8> {
        format!(" | {}{}{}=", colours.tag, name(dictionary, tag), colours.end).into_bytes()
    }

    pub(super) fn get(&self, tag: Tag) -> Option<&Column> {
        self.0.get(tag.0 as u32 as usize)
    }
}

impl Column {
    fn new(dictionary: &'static Dictionary, tag: Tag, colours: Colours) -> Self {
        let field = dictionary.field(tag);
        let kind = field.map(|field| field.kind);
        // RawData is a secret in a Logon.
        let is_closed = is_secret(tag, b"A")
            || fix44::DATA_PAIRS.iter().any(|pair| pair.data == tag)
            || kind.is_some_and(|kind| kind.is_data());
        let is_list = !is_closed && kind.is_some_and(|kind| kind.is_multiple_value());
        Column {
            label: Word::new(Columns::label(dictionary, tag, colours)),
            around: around(tag),
            special: is_closed || is_list,
            is_list,
            codes: field.and_then(|field| field.codes).map(|set| Codes::new(set, colours)),
        }
    }

    /// What a value means, as it stands behind the value: ` BUY`.
    #[inline]
    pub(super) fn meaning(&self, value: &[u8]) -> Option<&Word> {
        self.codes.as_ref()?.meaning(value)
    }
}

impl Codes {
    fn new(set: &'static CodeSet, colours: Colours) -> Self {
        let Colours { meaning, end, .. } = colours;
        let meanings = set.codes().iter().map(|code| Word::new(format!(" {meaning}{}{end}", code.name)));
        let mut places = [0; 128];
        for (Code { value, .. }, place) in set.codes().iter().zip(1..=u8::MAX) {
            if let [byte] = value.as_bytes()
                && let Some(entry) = places.get_mut(usize::from(*byte))
            {
                *entry = place;
            }
        }
        Codes { set, meanings: meanings.collect(), places }
    }

    #[inline]
    fn meaning(&self, value: &[u8]) -> Option<&Word> {
        let place = match value {
            [byte] => *self.places.get(usize::from(*byte))?,
            _ => 0,
        };
        let index = usize::from(place).checked_sub(1).or_else(|| self.search(value))?;
        self.meanings.get(index)
    }

    #[inline(never)]
    fn search(&self, value: &[u8]) -> Option<usize> {
        self.set.codes().binary_search_by(|code| code.value.as_bytes().cmp(value)).ok()
    }
}

/// The bytes around the value of a field as it is usually written: those of the tag without a sign or zeros in front, `=`
/// and SOH.
pub(super) fn around(tag: Tag) -> usize {
    tag.0.checked_ilog10().map_or(1, |digits| digits as usize + 1) + 2
}

/// `ClOrdID(11)`, or the number where there is no name.
pub(super) fn name(dictionary: &Dictionary, tag: Tag) -> String {
    match dictionary.field_name(tag) {
        Some(name) => format!("{name}({})", tag.0),
        None => tag.0.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use fix_core::dict::fix44::DICTIONARY;

    use super::*;

    #[test]
    fn every_code_has_the_meaning_of_the_dictionary() {
        let columns = Columns::new(&DICTIONARY, Colours::NONE);
        for tag in (0..1000).map(Tag) {
            let column = columns.get(tag).unwrap();
            let codes = DICTIONARY.field(tag).and_then(|field| field.codes);
            for value in
                codes.iter().flat_map(|set| set.codes()).map(|code| code.value).chain(["", "~", "zz"])
            {
                let expected = DICTIONARY.code_name(tag, value.as_bytes()).map(|name| format!(" {name}"));
                let meaning = column.meaning(value.as_bytes()).map(Word::as_bytes);
                assert_eq!(meaning, expected.as_deref().map(str::as_bytes), "{tag} {value}");
            }
        }
        assert!(columns.get(Tag(-1)).is_none() && columns.get(Tag(DENSE_TAGS)).is_none());
    }
}
