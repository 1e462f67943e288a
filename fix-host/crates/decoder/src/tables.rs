//! A resolved dictionary as the tables of fix-core.

use std::collections::{HashMap, HashSet};

use fix_core::{
    dict::{
        Block, Code, CodeSet, DENSE_TAGS, DataPair, Dictionary, FieldDef, FieldNames, FieldType, GroupDef,
        MessageDef, TagSet,
    },
    tag::{self, Tag},
};
use fix_dictionary::{
    model::{Field, Value},
    resolve::{self, Resolved, message_key},
};

/// Builds tables that live as long as the program.
#[must_use]
pub fn leak(dictionary: &Resolved) -> &'static Dictionary {
    let (fields, high_fields) = by_number(definitions(dictionary), FieldDef::UNDEFINED);
    let names = dictionary.fields.iter().map(|field| (Tag(field.number), text(&field.name))).collect();
    let (names, high_names) = by_number(names, "");
    let mut groups: Vec<&'static GroupDef> = Vec::new();
    for group in &dictionary.groups {
        // Inner groups come first, so those of this one are there.
        let entry = block(&group.entry, &groups);
        let delimiter = entry.members.first().copied().unwrap_or(Tag(group.count));
        let group = GroupDef { name: text(&group.name), count: Tag(group.count), delimiter, entry };
        groups.push(Box::leak(Box::new(group)));
    }
    let messages = dictionary.messages.iter().map(|message| -> &'static MessageDef {
        Box::leak(Box::new(MessageDef {
            msg_type: text(&message.msg_type),
            name: text(&message.name),
            admin: message.admin,
            body: block(&message.body, &groups),
        }))
    });
    let pairs: Vec<_> = dictionary
        .data_pairs
        .iter()
        .map(|(length, data)| DataPair { length: Tag(*length), data: Tag(*data) })
        .collect();
    let extra: Vec<_> = pairs.iter().copied().filter(|pair| !pair.is_fix44()).collect();
    let keys: Vec<u64> = dictionary.messages.iter().map(|message| message_key(&message.msg_type)).collect();
    Box::leak(Box::new(Dictionary {
        begin_string: text(&dictionary.begin_string),
        fields,
        high_fields,
        names: Box::leak(Box::new(FieldNames::new(names, high_names))),
        header: Box::leak(Box::new(block(&dictionary.header, &groups))),
        trailer: Box::leak(Box::new(block(&dictionary.trailer, &groups))),
        messages: messages.collect::<Vec<_>>().leak(),
        message_letters: Box::leak(Box::new(MessageDef::letters(&keys))),
        message_keys: keys.leak(),
        data_pairs: pairs.leak(),
        extra_data_pairs: extra.leak(),
    }))
}

fn definitions(dictionary: &Resolved) -> Vec<(Tag, FieldDef)> {
    // Before FIX 4.2 a CHAR is text of any length, and in ExecInst(18) there can be several.
    let is_text = matches!(&*dictionary.begin_string, "FIX.4.0" | "FIX.4.1");
    // The dictionaries of FIX 4.0 to 4.2 say INT of what counts the entries of a group.
    let counts: HashSet<i32> = dictionary.groups.iter().map(|group| group.count).collect();
    let mut sets: HashMap<&[Value], &'static CodeSet> = HashMap::new();
    let mut define = |field| -> FieldDef {
        let Field { number, kind, values, open, .. }: &Field = field;
        let kind = kind.and_then(|kind| FieldType::from_name(kind.xml)).unwrap_or(FieldType::String);
        let kind = match kind {
            FieldType::Char if is_text && *number == tag::EXEC_INST.0 => FieldType::MultipleValueString,
            FieldType::Char if is_text => FieldType::String,
            FieldType::Int if counts.contains(number) => FieldType::NumInGroup,
            _ => kind,
        };
        if values.is_empty() {
            return FieldDef::new(kind);
        }
        let codes = *sets.entry(values).or_insert_with(|| codes(values));
        if *open == Some(true) { FieldDef::open(kind, codes) } else { FieldDef::coded(kind, codes) }
    };
    dictionary.fields.iter().map(|field| (Tag(field.number), define(field))).collect()
}

fn codes(values: &[Value]) -> &'static CodeSet {
    let mut codes: Vec<Code> =
        values.iter().map(|value| Code { value: text(&value.code), name: text(&value.name) }).collect();
    codes.sort_by_key(|code| code.value);
    codes.dedup_by_key(|code| code.value);
    Box::leak(Box::new(CodeSet::new(codes.leak())))
}

/// Splits an ascending list into a table by number and a list of the high tags.
fn by_number<T: Copy>(items: Vec<(Tag, T)>, gap: T) -> (&'static [T], &'static [(Tag, T)]) {
    let (dense, high): (Vec<_>, Vec<_>) = items.into_iter().partition(|(tag, _)| tag.0 < DENSE_TAGS);
    let index = |tag: Tag| usize::try_from(tag.0).unwrap_or(0);
    let mut table = vec![gap; dense.last().map_or(0, |(tag, _)| index(*tag) + 1)];
    for (tag, item) in dense {
        table[index(tag)] = item;
    }
    (table.leak(), high.leak())
}

fn block(block: &resolve::Block, groups: &[&'static GroupDef]) -> Block {
    let tags = |numbers: &[i32]| -> &'static [Tag] {
        numbers.iter().map(|number| Tag(*number)).collect::<Vec<_>>().leak()
    };
    Block {
        members: tags(&block.members),
        set: tag_set(&block.members),
        required: tags(&block.required),
        required_set: tag_set(&block.required),
        groups: block.groups.iter().map(|index| groups[*index]).collect::<Vec<_>>().leak(),
    }
}

fn tag_set(members: &[i32]) -> TagSet {
    let mut words: Vec<u32> = Vec::new();
    let mut high = Vec::new();
    for number in members {
        match usize::try_from(*number) {
            Ok(bit) if *number < DENSE_TAGS => {
                words.resize(words.len().max(bit / 32 + 1), 0);
                words[bit / 32] |= 1 << (bit % 32);
            }
            _ => high.push(Tag(*number)),
        }
    }
    high.sort_unstable();
    TagSet::new(words.leak(), high.leak())
}

fn text(text: &str) -> &'static str {
    Box::leak(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fix_dictionary::{error::Warnings, model::TYPES};

    #[test]
    fn the_types_of_files_are_those_of_the_tables() {
        for kind in TYPES {
            assert_eq!(
                FieldType::from_name(kind.xml).map(|kind| format!("{kind:?}")),
                Some(kind.rust.into())
            );
        }
        // All but the one for gaps.
        assert_eq!(TYPES.len(), FieldType::ALL.len() - 1);
    }

    #[test]
    fn a_char_is_one_character_from_fix_4_2_on() {
        let versions = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../config/versions");
        let kinds = |name: &str| {
            let file = format!("{versions}/{name}.xml");
            let resolved =
                fix_dictionary::load(file.as_ref(), &[] as &[&str], &mut Warnings::default()).unwrap();
            let tables = leak(&resolved);
            [tag::CL_ORD_ID, tag::EXEC_INST, tag::SIDE].map(|tag| tables.field(tag).unwrap().kind)
        };
        let old = [FieldType::String, FieldType::MultipleValueString, FieldType::String];
        assert_eq!((kinds("FIX40"), kinds("FIX41")), (old, old));
        assert_eq!(kinds("FIX42"), [FieldType::String, FieldType::MultipleValueString, FieldType::Char]);
    }
}
