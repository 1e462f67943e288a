//! What a dictionary knows of each field, prepared for printing.

use fix_core::{
    dict::{Code, CodeSet, DENSE_TAGS, Dictionary, fix44, is_secret},
    tag::Tag,
};

use super::colour::Colours;

/// The fields by their tag numbers.
pub(super) struct Columns(Vec<Column>);

/// One field.
pub(super) struct Column {
    /// ` | ClOrdID(11)=`
    pub(super) label: Vec<u8>,
    /// Its value is no text with at most one meaning: it may be a secret, hold SOH, or be a list of codes.
    pub(super) special: bool,
    /// It is a list of codes, and nothing worse.
    pub(super) is_list: bool,
    codes: Option<Codes>,
}

struct Codes {
    set: &'static CodeSet,
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
        usize::try_from(tag.0).ok().and_then(|number| self.0.get(number))
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
            label: Columns::label(dictionary, tag, colours),
            special: is_closed || is_list,
            is_list,
            codes: field.and_then(|field| field.codes).map(Codes::new),
        }
    }

    /// What a value means.
    pub(super) fn meaning(&self, value: &[u8]) -> Option<&'static str> {
        self.codes.as_ref()?.meaning(value)
    }
}

impl Codes {
    fn new(set: &'static CodeSet) -> Self {
        let mut places = [0; 128];
        for (Code { value, .. }, place) in set.codes().iter().zip(1..=u8::MAX) {
            if let [byte] = value.as_bytes()
                && let Some(entry) = places.get_mut(usize::from(*byte))
            {
                *entry = place;
            }
        }
        Codes { set, places }
    }

    fn meaning(&self, value: &[u8]) -> Option<&'static str> {
        let place = match value {
            [byte] => *self.places.get(usize::from(*byte))?,
            _ => 0,
        };
        match usize::from(place).checked_sub(1) {
            Some(index) => self.set.codes().get(index).map(|code| code.name),
            None => self.set.name(value),
        }
    }
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
                let expected = DICTIONARY.code_name(tag, value.as_bytes());
                assert_eq!(column.meaning(value.as_bytes()), expected, "{tag} {value}");
            }
        }
        assert!(columns.get(Tag(-1)).is_none() && columns.get(Tag(DENSE_TAGS)).is_none());
    }
}
