//! Typed messages: the tables that `fix_core::message!` and `fix_core::entry!` make structs of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    Flavor,
    codes::code_types,
    layout::{group_names, message_names},
    names::{Names, comment, member, type_name},
};
use crate::{
    model::Field,
    resolve::{Block, Resolved},
};

/// A struct to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name of the struct.
    pub name: String,
    /// What it is for: one sentence.
    pub doc: String,
    /// What it is read from.
    pub of: Of,
    /// The fields that it names, in the order of the rows.
    pub tags: Vec<i32>,
    /// The types of values that are other than their field's definition says.
    pub types: BTreeMap<i32, String>,
}

/// What a struct is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// This one of [`Resolved::messages`].
    Message(usize),
    /// An entry of this one of [`Resolved::groups`].
    Group(usize),
}

/// The struct for the entries of each group that has one.
pub type EntryNames = BTreeMap<usize, String>;

/// The members whose names are other than their fields'.
pub type MemberNames = BTreeMap<i32, String>;

impl Of {
    /// The fields that it may have.
    pub fn block(self, dictionary: &Resolved) -> &Block {
        match self {
            Of::Message(place) => &dictionary.messages[place].body,
            Of::Group(place) => &dictionary.groups[place].entry,
        }
    }
}

/// A struct for every message and every group, with all the fields.
pub(super) fn all(dictionary: &Resolved) -> String {
    let mut names = Names::default();
    let message_names: Vec<String> =
        dictionary.messages.iter().map(|message| names.unique_type(type_name(&message.name))).collect();
    let mut entry_name =
        |name: &str| names.unique_type(type_name(name.strip_suffix("Grp").unwrap_or(name)) + "Entry");
    let entry_names: EntryNames =
        dictionary.groups.iter().map(|group| entry_name(&group.name)).enumerate().collect();
    let entries = entry_names.iter().map(|(place, name)| Table {
        name: name.clone(),
        doc: format!("An entry of `{}`.", comment(&dictionary.groups[*place].name)),
        of: Of::Group(*place),
        tags: dictionary.groups[*place].entry.members.clone(),
        types: BTreeMap::new(),
    });
    let messages =
        dictionary.messages.iter().zip(message_names).enumerate().map(|(place, (message, name))| Table {
            name,
            doc: format!("`{}`, 35={}.", comment(&message.name), comment(&message.msg_type)),
            of: Of::Message(place),
            tags: message.body.members.clone(),
            types: BTreeMap::new(),
        });
    let tables: Vec<Table> = entries.chain(messages).collect();
    let doc = "The messages as structs. Data fields beside those of FIX 4.4 are in their `extra`.";
    file(dictionary, Flavor::External, doc, &tables, &entry_names, &MemberNames::new())
}

/// A module of structs.
pub fn file(
    dictionary: &Resolved,
    flavor: Flavor,
    doc: &str,
    tables: &[Table],
    entry_names: &EntryNames,
    member_names: &MemberNames,
) -> String {
    let rows = Rows::new(dictionary, entry_names, member_names);
    let (mut body, mut used) = (String::new(), BTreeSet::new());
    let (messages, groups) = (message_names(dictionary), group_names(dictionary));
    for table in tables {
        let (declares, constant) = match table.of {
            Of::Message(place) if flavor == Flavor::Core => {
                ("message", format!("MsgType::{}", messages[place]))
            }
            Of::Message(place) => ("message", format!("msg_type::{}", messages[place])),
            Of::Group(place) => ("entry", format!("group::{}", groups[place])),
        };
        used.extend(constant.split("::").next().map(str::to_owned));
        _ = writeln!(
            body,
            "\n{}::{declares}! {{\n    /// {}\n    {} = {constant} {{",
            flavor.root(),
            table.doc,
            table.name
        );
        for row in rows.of(table) {
            _ = writeln!(body, "        {} {}: {} {},", row.tag, row.member, row.kind, row.ty);
            used.insert(row.ty.split(['<', ':']).next().unwrap_or_default().to_owned());
        }
        body.push_str("    }\n}\n");
    }
    tables.iter().for_each(|table| _ = used.remove(&table.name));
    let imports = imports(&used, flavor, entry_names);
    format!("//! {doc}\n\n{imports}{body}")
}

/// The lines that bring `used` into scope.
fn imports(used: &BTreeSet<String>, flavor: Flavor, entry_names: &EntryNames) -> String {
    let root = flavor.root();
    let mut lines = BTreeSet::new();
    for name in used {
        let path = match name.as_str() {
            "u8" | "u32" | "u64" | "i64" | "bool" => continue,
            "code" | "group" if flavor == Flavor::Core => format!("{root}::dict::fix44::{name}"),
            "MsgType" => format!("{root}::msg::msg_type::MsgType"),
            "code" | "group" | "msg_type" => format!("super::{name}"),
            "Decimal" => format!("{root}::decimal::Decimal"),
            "Text" | "Data" | "MultipleValue" | "Secret" | "DayOfMonth" => {
                format!("{root}::wire::value::{name}")
            }
            entry if entry_names.values().any(|known| known == entry) => format!("super::{entry}"),
            time => format!("{root}::time::{time}"),
        };
        lines.insert(format!("use {path};\n"));
    }
    lines.into_iter().collect()
}

/// A row of a table.
struct Row {
    tag: i32,
    member: String,
    kind: &'static str,
    ty: String,
}

/// What rows are made from.
struct Rows<'d> {
    dictionary: &'d Resolved,
    entry_names: &'d EntryNames,
    member_names: &'d MemberNames,
    /// The types of the fields with codes.
    codes: BTreeMap<i32, String>,
}

impl<'d> Rows<'d> {
    fn new(dictionary: &'d Resolved, entry_names: &'d EntryNames, member_names: &'d MemberNames) -> Self {
        let codes = code_types(dictionary).iter().map(|code| (code.number(), code.generic_name())).collect();
        Rows { dictionary, entry_names, member_names, codes }
    }

    fn of(&self, table: &Table) -> Vec<Row> {
        let block = table.of.block(self.dictionary);
        let mut names = Names::default();
        // The member with the fields that have no row.
        names.unique("extra".to_owned());
        table.tags.iter().filter_map(|tag| self.row(*tag, table, block, &mut names)).collect()
    }

    /// `None` for a field that is read and written with another, or that stays in `extra`.
    fn row(&self, tag: i32, table: &Table, block: &Block, names: &mut Names) -> Option<Row> {
        let fields = &self.dictionary.fields;
        let field = &fields[fields.binary_search_by_key(&tag, |field| field.number).ok()?];
        let is_around =
            [&self.dictionary.header, &self.dictionary.trailer].iter().any(|end| end.members.contains(&tag));
        let is_length = self.dictionary.data_pairs.iter().any(|(length, _)| *length == tag);
        let is_data = field.kind.is_some_and(|kind| kind.is_data());
        if is_around || is_length || (is_data && !DATA_OF_FIX_44.contains(&tag)) {
            return None;
        }
        let group = block.groups.iter().find(|group| self.dictionary.groups[**group].count == tag);
        let ty = match (group, table.types.get(&tag)) {
            (Some(group), _) => format!("{}<'a>", self.entry_names.get(group)?),
            (None, Some(ty)) => ty.clone(),
            (None, None) => self.type_of(field),
        };
        let kind = match () {
            () if group.is_some() => "group",
            () if is_data => "data",
            () if block.required.contains(&tag) && !WITHOUT_DEFAULT.contains(&ty.as_str()) => "required",
            () => "optional",
        };
        let plain =
            if group.is_some() { field.name.strip_prefix("No").unwrap_or(&field.name) } else { &field.name };
        let name = self.member_names.get(&tag).cloned().unwrap_or_else(|| member(plain));
        Some(Row { tag, member: names.unique(name), kind, ty })
    }
}

impl Rows<'_> {
    fn type_of(&self, field: &Field) -> String {
        match (value_type(field), self.codes.get(&field.number)) {
            // A list of codes.
            (list @ "MultipleValue<'a>", _) => list.to_owned(),
            (_, Some(code)) => format!("code::{code}"),
            (plain, None) => plain.to_owned(),
        }
    }
}

/// The data fields whose Length fields `fix-core` knows without a dictionary.
const DATA_OF_FIX_44: &[i32] = &[91, 89, 96, 213, 349, 351, 353, 355, 357, 359, 361, 363, 365, 446, 619, 622];

/// Types that have no value which nobody has set: a member of such a type is optional.
const WITHOUT_DEFAULT: &[&str] = &["DayOfMonth", "MonthYear", "UtcTimeOnly"];

fn value_type(field: &Field) -> &'static str {
    match field.kind.map_or("", |kind| kind.rust) {
        "Char" => "u8",
        "Int" | "TagNum" => "i64",
        "Length" | "SeqNum" | "NumInGroup" => "u64",
        "DayOfMonth" => "DayOfMonth",
        "Float" | "Qty" | "Price" | "PriceOffset" | "Amt" | "Percentage" => "Decimal",
        "Boolean" => "bool",
        "MultipleValueString" | "MultipleStringValue" | "MultipleCharValue" => "MultipleValue<'a>",
        "MonthYear" => "MonthYear",
        "UtcTimestamp" => "UtcTimestamp",
        "UtcTimeOnly" => "UtcTimeOnly",
        "UtcDateOnly" | "UtcDate" => "UtcDateOnly",
        "LocalMktDate" => "LocalMktDate",
        "Data" | "XmlData" => "Data<'a>",
        _ => "Text<'a>",
    }
}
