//! What of FIX 4.4's dictionary is in an image: the tables of messages, groups, fields and codes that the linker kept because
//! something names them, and the names that fields are shown by.

use std::fmt;

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

/// The modules of `fix_core::dict` that tables stand in, as a mangled name has them, and what one of them is.
const TABLES: [(&str, &str); 4] = [
    ("5fix447message", "messages"),
    ("5fix445group", "groups"),
    ("5fix448code_set", "code sets"),
    ("5fix445field", "tables of fields"),
];
/// The table of names: for each a tag, and where its text stands and how long it is.
const NAMES: &str = "OF_SESSIONS_AND_ORDERS";
const ENTRY: usize = 12;

/// How much of it there is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    /// How many fields have a name, and the bytes of table and texts.
    names: (usize, u64),
    /// Of each kind of [`TABLES`], how many there are.
    tables: [usize; TABLES.len()],
    /// The bytes of them all.
    table_bytes: u64,
}

impl Carried {
    pub(super) fn of(file: &object::File<'_>) -> Self {
        let mut carried = Carried::default();
        for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Data) {
            let name = symbol.name().unwrap_or_default();
            let Some(table) = kind(name) else { continue };
            match table {
                Kind::Names => {
                    let texts = data(file, &symbol).map_or(0, |entries| text_bytes(&entries));
                    carried.names = (symbol.size() as usize / ENTRY, symbol.size() + texts);
                }
                Kind::Table(index) => {
                    carried.tables[index] += 1;
                    carried.table_bytes += symbol.size();
                }
            }
        }
        carried
    }

    /// The bytes of all of it.
    pub(super) fn bytes(&self) -> u64 {
        self.names.1 + self.table_bytes
    }
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dictionary: {} names of fields ({} bytes)", self.names.0, self.names.1)?;
        for ((_, what), count) in TABLES.iter().zip(self.tables) {
            write!(f, ", {count} {what}")?;
        }
        write!(f, " ({} bytes)", self.table_bytes)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Names,
    Table(usize),
}

/// What a symbol is, by its mangled name.
fn kind(mangled: &str) -> Option<Kind> {
    let inside = mangled.split_once("8fix_core4dict").map(|(_, inside)| inside)?;
    if inside.contains(NAMES) {
        return Some(Kind::Names);
    }
    TABLES.iter().position(|(module, _)| inside.starts_with(module)).map(Kind::Table)
}

/// The bytes that a symbol of the image stands for.
fn data(file: &object::File<'_>, symbol: &object::Symbol<'_, '_>) -> Option<Vec<u8>> {
    let section = file.section_by_index(symbol.section_index()?).ok()?;
    Some(section.data_range(symbol.address(), symbol.size()).ok()??.to_vec())
}

/// The lengths of the texts in a table of names of a 32-bit machine: the larger numbers of each entry are a place in the
/// image and a tag, of which neither is known by where it stands; a text is shorter than both.
fn text_bytes(entries: &[u8]) -> u64 {
    let (words, _) = entries.as_chunks::<4>();
    // A tag, a place and a length stand in this order, or the tag last.
    let words: Vec<u64> = words.iter().map(|word| u32::from_le_bytes(*word).into()).collect();
    let column = |at: usize| words.iter().skip(at).step_by(ENTRY / 4).copied();
    (0..ENTRY / 4).map(|at| column(at).sum::<u64>()).min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_names_are_told_by_their_symbols() {
        let named = "_RNvNtNtCs5Kwx2nGk7CA_8fix_core4dict8tag_name22OF_SESSIONS_AND_ORDERS";
        assert_eq!(kind(named), Some(Kind::Names));
        let message = "_RNvNtNtNtCs5Kwx2nGk7CA_8fix_core4dict5fix447message9HEARTBEAT";
        assert_eq!(kind(message), Some(Kind::Table(0)));
        assert_eq!(kind("_RNvNtNtNtCs5Kwx2nGk7CA_8fix_core4dict5fix448code_set4SIDE"), Some(Kind::Table(2)));
        assert_eq!(kind("_RNvMNtCs5Kwx2nGk7CA_8fix_core3msg7CLASSES"), None);
    }

    #[test]
    fn the_texts_of_names_are_counted_wherever_their_lengths_stand() {
        let entries = |rows: [[u32; 3]; 2]| {
            rows.concat().iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>()
        };
        assert_eq!(text_bytes(&entries([[11, 0x2_8000, 7], [55, 0x2_8007, 6]])), 13);
        assert_eq!(text_bytes(&entries([[0x2_8000, 7, 11], [0x2_8007, 6, 55]])), 13);
    }
}
