//! The typed messages of fix-core, from the list in typed.txt.

use std::{collections::BTreeMap, path::Path};

use fix_dictionary::{
    resolve::Resolved,
    rust::{
        Flavor,
        typed::{EntryNames, MemberNames, Of, Table, file},
    },
};

pub(super) const LIST: &str = "xtask/src/codegen/typed.txt";

/// The modules with their text, as the list has them.
pub(super) fn generate(
    dictionary: &Resolved,
    root: &Path,
    header: &str,
) -> Result<Vec<(String, String)>, String> {
    let text = std::fs::read_to_string(root.join(LIST)).map_err(|error| format!("{LIST}: {error}"))?;
    let list = List::read(&text, dictionary).map_err(|error| format!("{LIST}:{error}"))?;
    let files = list.files.iter().map(|of| {
        let text = file(dictionary, Flavor::Core, &of.doc, &of.tables, &list.entry_names, &list.member_names);
        (of.name.clone(), format!("{header}{text}"))
    });
    Ok(files.collect())
}

/// What typed.txt says.
#[derive(Default)]
struct List {
    member_names: MemberNames,
    entry_names: EntryNames,
    sets: BTreeMap<String, Vec<String>>,
    files: Vec<File>,
}

/// A module.
struct File {
    name: String,
    doc: String,
    tables: Vec<Table>,
}

impl List {
    /// The error begins with the number of the line.
    fn read(text: &str, dictionary: &Resolved) -> Result<List, String> {
        let mut list = List::default();
        let mut paragraph: Vec<(usize, &str)> = Vec::new();
        let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        for (number, line) in lines.filter(|(_, line)| !line.starts_with('#') && !line.is_empty()) {
            if !line.starts_with(' ') {
                list.take(&std::mem::take(&mut paragraph), dictionary)?;
            }
            paragraph.push((number, line));
        }
        list.take(&paragraph, dictionary)?;
        Ok(list)
    }

    /// A line with the indented ones behind it.
    fn take(&mut self, paragraph: &[(usize, &str)], dictionary: &Resolved) -> Result<(), String> {
        let Some(((number, head), body)) = paragraph.split_first() else { return Ok(()) };
        let words = || body.iter().flat_map(|(_, line)| line.split_whitespace()).map(str::to_owned);
        let (what, doc) = head.split_once(": ").unwrap_or((head, ""));
        let taken = match what.split(' ').collect::<Vec<_>>().as_slice() {
            ["member", field] => tag(field, dictionary).map(|tag| {
                self.member_names.insert(tag, doc.to_owned());
            }),
            ["set", name] => {
                self.sets.insert((*name).to_owned(), words().collect());
                Ok(())
            }
            ["file", name] => {
                self.files.push(File { name: (*name).to_owned(), doc: doc.to_owned(), tables: Vec::new() });
                Ok(())
            }
            ["message", name] => {
                let place = dictionary.messages.iter().position(|message| message.name == *name);
                place
                    .ok_or_else(|| format!("no message is called {name}"))
                    .and_then(|place| self.table(name, doc, Of::Message(place), words(), dictionary))
            }
            ["entry", name, "of", group] => {
                let place = dictionary.groups.iter().position(|of| of.name == *group);
                place.ok_or_else(|| format!("no group is called {group}")).and_then(|place| {
                    self.entry_names.insert(place, (*name).to_owned());
                    self.table(name, doc, Of::Group(place), words(), dictionary)
                })
            }
            _ => Err("none of member, set, file, message, entry".to_owned()),
        };
        taken.map_err(|error| format!("{number}: {error}"))
    }

    fn table(
        &mut self,
        name: &str,
        doc: &str,
        of: Of,
        words: impl Iterator<Item = String>,
        dictionary: &Resolved,
    ) -> Result<(), String> {
        let mut fields = Vec::new();
        for word in words {
            match word.strip_prefix('@') {
                Some(set) => {
                    fields.extend(self.sets.get(set).ok_or_else(|| format!("no set {set}"))?.clone())
                }
                None => fields.push(word),
            }
        }
        let mut table = Table {
            name: name.to_owned(),
            doc: doc.to_owned(),
            of,
            tags: Vec::new(),
            types: BTreeMap::new(),
        };
        for field in fields {
            let (field, ty) = field.split_once(':').map_or((field.as_str(), None), |(f, ty)| (f, Some(ty)));
            let tag = tag(field, dictionary)?;
            if !of.block(dictionary).members.contains(&tag) {
                return Err(format!("{field} is no field of {name}"));
            }
            table.tags.push(tag);
            table.types.extend(ty.map(|ty| (tag, ty.to_owned())));
        }
        match of {
            Of::Message(_) => table.tags.sort_unstable(),
            // Which field comes first is the group's to say.
            Of::Group(_) => {
                table.tags = of
                    .block(dictionary)
                    .members
                    .iter()
                    .copied()
                    .filter(|tag| table.tags.contains(tag))
                    .collect();
            }
        }
        let file = self.files.last_mut().ok_or("a `file` must be first")?;
        file.tables.push(table);
        Ok(())
    }
}

fn tag(name: &str, dictionary: &Resolved) -> Result<i32, String> {
    let field = dictionary.fields.iter().find(|field| field.name == name);
    field.map(|field| field.number).ok_or_else(|| format!("no field is called {name}"))
}
