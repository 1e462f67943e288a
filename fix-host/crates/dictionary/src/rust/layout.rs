//! Groups, messages, header and trailer.

use std::fmt::Write as _;

use super::{
    Flavor,
    fields::DENSE_TAGS,
    names::{Names, comment, constant},
};
use crate::resolve::{Block, Resolved, message_key};

/// A static for each different group.
pub(super) fn groups(dictionary: &Resolved, flavor: Flavor) -> String {
    let mut out =
        "//! The repeating groups. One count field may stand for different groups in different messages, so \
         each is\n//! named after its component in the standard, such as `PARTIES`.\n\n"
            .to_owned();
    if dictionary.groups.is_empty() {
        return out;
    }
    _ = writeln!(out, "use {}::dict::{{Block, GroupDef, TagSet, tags}};", flavor.root());
    _ = writeln!(out, "use {}::tag::Tag;", flavor.root());
    let names = group_names(dictionary);
    let fields = &dictionary.fields;
    for ((group, name), users) in dictionary.groups.iter().zip(&names).zip(users(dictionary)) {
        let members = format!("{name}_MEMBERS");
        let count = fields.binary_search_by_key(&group.count, |field| field.number);
        let count = count.map_or(String::new(), |place| comment(&fields[place].name));
        _ = writeln!(
            out,
            "\nconst {members}: [Tag; {}] = {};",
            group.entry.members.len(),
            tags(&group.entry.members)
        );
        _ = writeln!(out, "/// `{count}({})` in {users}.", group.count);
        _ = writeln!(out, "pub static {name}: GroupDef = GroupDef {{");
        _ = writeln!(out, "    name: {:?},", group.name);
        _ = writeln!(out, "    count: Tag({}),", group.count);
        _ = writeln!(
            out,
            "    delimiter: Tag({}),",
            group.entry.members.first().copied().unwrap_or_default()
        );
        _ = writeln!(out, "    entry: {},", block(&group.entry, &members, &names, ""));
        out.push_str("};\n");
    }
    out
}

/// Header and trailer, and a static for each message.
pub(super) fn messages(dictionary: &Resolved, flavor: Flavor) -> String {
    let mut out = "//! The header, the trailer and the messages.\n\n".to_owned();
    let blocks = dictionary.messages.iter().map(|message| &message.body);
    if blocks.chain([&dictionary.header, &dictionary.trailer]).any(|block| !block.groups.is_empty()) {
        out.push_str("use super::group;\n");
    }
    _ = writeln!(out, "use {}::dict::{{Block, MessageDef, TagSet, tags}};", flavor.root());
    _ = writeln!(out, "use {}::tag::Tag;", flavor.root());
    let groups = group_names(dictionary);
    for (name, what, content) in
        [("HEADER", "before", &dictionary.header), ("TRAILER", "after", &dictionary.trailer)]
    {
        let members = format!("{name}_MEMBERS");
        _ = writeln!(
            out,
            "\nconst {members}: [Tag; {}] = {};",
            content.members.len(),
            tags(&content.members)
        );
        _ = writeln!(out, "/// The fields {what} the body.");
        _ = writeln!(out, "pub static {name}: Block = {};", block(content, &members, &groups, "group::"));
    }
    let names = message_names(dictionary);
    for (message, name) in dictionary.messages.iter().zip(&names) {
        let members = format!("{name}_MEMBERS");
        let body = &message.body;
        _ = writeln!(out, "\nconst {members}: [Tag; {}] = {};", body.members.len(), tags(&body.members));
        _ = writeln!(out, "/// `{}`, 35={}.", comment(&message.name), comment(&message.msg_type));
        _ = writeln!(out, "pub static {name}: MessageDef = MessageDef {{");
        _ = writeln!(out, "    msg_type: {:?},", message.msg_type);
        _ = writeln!(out, "    name: {:?},", message.name);
        _ = writeln!(out, "    admin: {},", message.admin);
        _ = writeln!(out, "    body: {},", block(body, &members, &groups, "group::"));
        out.push_str("};\n");
    }
    let count = names.len();
    _ = writeln!(out, "\n/// All messages, ascending by key.\npub static ALL: [&MessageDef; {count}] = [");
    names.iter().for_each(|name| _ = writeln!(out, "    &{name},"));
    _ = writeln!(out, "];\n\npub(super) static KEYS: [u64; {count}] = [");
    for message in &dictionary.messages {
        _ = writeln!(out, "    {:#x}, // {}", message_key(&message.msg_type), comment(&message.msg_type));
    }
    out.push_str("];\n");
    out
}

/// A constant for each message type.
pub(super) fn msg_types(dictionary: &Resolved, flavor: Flavor) -> String {
    let mut out = format!("//! The message types of {}.\n\n", dictionary.begin_string);
    let (import, open, close) = match flavor {
        Flavor::Core => ("super::MsgType", "impl MsgType {\n", "}\n"),
        Flavor::External => ("fix_core::msg::msg_type::MsgType", "", ""),
    };
    let indent = if open.is_empty() { "" } else { "    " };
    if dictionary.messages.is_empty() {
        return out;
    }
    _ = writeln!(out, "use {import};\n");
    out.push_str(open);
    for (message, name) in dictionary.messages.iter().zip(message_names(dictionary)) {
        _ = writeln!(out, "{indent}/// `{}`.", comment(&message.name));
        let literal = message.msg_type.escape_default();
        _ = writeln!(out, "{indent}pub const {name}: MsgType = MsgType::from_static(b\"{literal}\");");
    }
    out.push_str(close);
    out
}

pub(super) fn message_names(dictionary: &Resolved) -> Vec<String> {
    let mut names = Names::default();
    // Taken by the other items of the file.
    for name in ["HEADER", "TRAILER", "ALL", "KEYS"] {
        names.unique(name.into());
    }
    dictionary.messages.iter().map(|message| names.unique(constant(&message.name))).collect()
}

pub(super) fn group_names(dictionary: &Resolved) -> Vec<String> {
    let mut names = Names::default();
    dictionary.groups.iter().map(|group| names.unique(constant(&group.name))).collect()
}

/// Where each group is used, for its documentation.
fn users(dictionary: &Resolved) -> Vec<String> {
    let mut users = vec![Users::default(); dictionary.groups.len()];
    let mut note = |name: &str, block: &Block| {
        for group in &block.groups {
            users[*group].add(name);
        }
    };
    note("header", &dictionary.header);
    note("trailer", &dictionary.trailer);
    dictionary.messages.iter().for_each(|message| note(&message.name, &message.body));
    dictionary.groups.iter().for_each(|group| note(&group.name, &group.entry));
    users.into_iter().map(Users::text).collect()
}

/// The first few users of a group, and how many there are.
#[derive(Clone, Default)]
struct Users {
    first: Vec<String>,
    count: usize,
}

impl Users {
    /// As many are named.
    const NAMED: usize = 4;

    fn add(&mut self, name: &str) {
        self.count += 1;
        if self.first.len() < Self::NAMED {
            self.first.push(format!("`{}`", comment(name)));
        }
    }

    fn text(self) -> String {
        let names = self.first.join(", ");
        match self.count - self.first.len() {
            0 => names,
            more => format!("{names} and {more} more"),
        }
    }
}

fn block(block: &Block, members: &str, groups: &[String], path: &str) -> String {
    let required = const_list(&list(&block.required));
    let groups: Vec<_> = block.groups.iter().map(|index| format!("&{path}{}", groups[*index])).collect();
    format!(
        "Block {{
        members: &{members},
        set: {},
        required: {required},
        required_set: {},
        groups: &[{}],
    }}",
        tag_set(&block.members, &format!("&{members}")),
        tag_set(&block.required, &list(&block.required)),
        groups.join(", ")
    )
}

/// The set of `tags`, which stand in the tables as `list`.
fn tag_set(tags: &[i32], list: &str) -> String {
    let Some(last) = tags.iter().max() else { return "TagSet::EMPTY".to_owned() };
    let words = tags.iter().filter(|tag| **tag < DENSE_TAGS).max().map_or(0, |tag| tag / 32 + 1);
    if *last < DENSE_TAGS {
        return format!("TagSet::new(const {{ &TagSet::words::<{words}>({list}) }}, &[])");
    }
    let mut high: Vec<i32> = tags.iter().filter(|tag| **tag >= DENSE_TAGS).copied().collect();
    high.sort_unstable();
    let high = const_list(&self::list(&high));
    format!("TagSet::new(const {{ &TagSet::words::<{words}>({list}) }}, {high})")
}

fn list(tags: &[i32]) -> String {
    match tags {
        [] => "&[]".to_owned(),
        tags => format!("&{}", self::tags(tags)),
    }
}

/// A call of a const function must be marked to live forever.
fn const_list(list: &str) -> String {
    if list == "&[]" { list.to_owned() } else { format!("const {{ {list} }}") }
}

fn tags(tags: &[i32]) -> String {
    let mut out = "tags([".to_owned();
    for (index, tag) in tags.iter().enumerate() {
        if index % 20 == 0 && tags.len() > 20 {
            out.push_str("\n    ");
        }
        let comma = if index + 1 < tags.len() { "," } else { "" };
        let space = if comma.is_empty() || (index % 20 == 19 && tags.len() > 20) { "" } else { " " };
        _ = write!(out, "{tag}{comma}{space}");
    }
    out.push_str(if tags.len() > 20 { "\n])" } else { "])" });
    out
}
