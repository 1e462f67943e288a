//! Looks names up and opens components up: from a dictionary as written to the tables that messages are read with.
//!
//! Which fields are required is decided as QuickFIX does, because its users' dictionaries rely on it: a field of a
//! component counts only if every component around it is required where it is used; a field of a group's entry
//! only if the group says `required="Y"` itself, and never if it comes from a component inside the group.

use std::collections::{BTreeMap, HashMap};

use super::{
    error::{At, SpecError},
    model::{Component, Field, Member, MemberKind, Spec},
};

/// All levels of all messages together: FIX 5.0 SP2 has 60,000. Components used twice at each of many levels
/// would grow without bound.
const MAX_MEMBERS: usize = 1_000_000;
/// Components and groups inside each other; the stack must bear it.
const MAX_DEPTH: u32 = 64;

/// A dictionary without open names.
#[derive(Debug)]
pub struct Resolved {
    /// The BeginString(8).
    pub begin_string: String,
    /// Ascending by number.
    pub fields: Vec<Field>,
    /// The header.
    pub header: Block,
    /// The trailer.
    pub trailer: Block,
    /// Ascending by [`message_key`].
    pub messages: Vec<Message>,
    /// Every different group once, inner groups before the groups around them.
    pub groups: Vec<Group>,
    /// The tags of length fields and of their data fields, ascending.
    pub data_pairs: Vec<(i32, i32)>,
}

/// The fields of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// In their order.
    pub members: Vec<i32>,
    /// In their order.
    pub required: Vec<i32>,
    /// Indices into [`Resolved::groups`].
    pub groups: Vec<usize>,
}

/// A message.
#[derive(Debug)]
pub struct Message {
    /// Its name.
    pub name: String,
    /// The value of MsgType(35).
    pub msg_type: String,
    /// Whether it belongs to the session.
    pub admin: bool,
    /// The body.
    pub body: Block,
}

/// A repeating group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The component that it alone makes up, or its count field without `No`.
    pub name: String,
    /// The count field.
    pub count: i32,
    /// The fields of an entry; the first is the delimiter.
    pub entry: Block,
}

/// The order of messages in the tables: by length, then by bytes.
pub fn message_key(msg_type: &str) -> u64 {
    msg_type.bytes().fold(0, |key, byte| key << 8 | u64::from(byte))
}

/// Resolves a dictionary.
///
/// # Errors
/// [`SpecError`] for the first name that is not defined, or is defined twice or in terms of itself.
pub fn resolve(spec: &Spec) -> Result<Resolved, SpecError> {
    let Some(version) = &spec.version else {
        return Err(SpecError::new(
            &spec.at,
            "<fix> needs major and minor: is this an overlay, not a dictionary?",
        ));
    };
    for (section, members) in [("header", &spec.header), ("trailer", &spec.trailer)] {
        // FIX 5.0 keeps them in the transport's dictionary.
        if members.is_empty() && (version.kind == "FIXT" || version.major < 5) {
            return Err(SpecError::new(&spec.at, format!("<{section}> is missing or empty")));
        }
    }
    let fields = fields(spec)?;
    let mut resolver = Resolver {
        tags: fields.iter().map(|field| (field.name.as_str(), field.number)).collect(),
        components: components(spec)?,
        groups: Vec::new(),
        members: 0,
    };
    let header = resolver.block(&spec.header)?;
    let trailer = resolver.block(&spec.trailer)?;
    let mut messages = BTreeMap::new();
    for message in &spec.messages {
        let body = resolver.block(&message.members)?;
        let (name, msg_type) = (message.name.clone(), message.msg_type.clone());
        let resolved = Message { name, msg_type, admin: message.admin, body };
        if messages.insert(message_key(&message.msg_type), resolved).is_some() {
            return Err(SpecError::new(
                &message.at,
                format!("msgtype \"{}\" is there twice", message.msg_type),
            ));
        }
    }
    let groups = resolver.groups;
    let data_pairs = data_pairs(&fields);
    Ok(Resolved {
        begin_string: version.begin_string(),
        header,
        trailer,
        messages: messages.into_values().collect(),
        groups,
        data_pairs,
        fields,
    })
}

fn fields(spec: &Spec) -> Result<Vec<Field>, SpecError> {
    let mut by_number: BTreeMap<i32, &Field> = BTreeMap::new();
    let mut by_name: HashMap<&str, &Field> = HashMap::new();
    for field in &spec.fields {
        let twice = by_number.insert(field.number, field).or(by_name.insert(&field.name, field));
        if let Some(other) = twice {
            let message = format!("{}({}) is there twice: also at {}", field.name, field.number, other.at);
            return Err(SpecError::new(&field.at, message));
        }
        if field.kind.is_none() {
            return Err(SpecError::new(&field.at, format!("{}({}) needs a type", field.name, field.number)));
        }
    }
    if by_number.is_empty() {
        return Err(SpecError::new(&spec.at, "no <fields>: a dictionary defines every field that it uses"));
    }
    Ok(by_number.into_values().cloned().collect())
}

fn components(spec: &Spec) -> Result<HashMap<&str, &Component>, SpecError> {
    let mut components: HashMap<&str, &Component> = HashMap::new();
    for component in &spec.components {
        if let Some(other) = components.insert(&component.name, component) {
            let message = format!("component {} is there twice: also at {}", component.name, other.at);
            return Err(SpecError::new(&component.at, message));
        }
    }
    Ok(components)
}

/// A level while its members are gathered.
#[derive(Default)]
struct Draft {
    order: Vec<i32>,
    required: HashMap<i32, bool>,
    groups: Vec<(i32, String, Draft)>,
}

struct Resolver<'a> {
    tags: HashMap<&'a str, i32>,
    components: HashMap<&'a str, &'a Component>,
    groups: Vec<Group>,
    members: usize,
}

/// How members are reached.
#[derive(Clone, Copy)]
struct Way<'w> {
    /// Whether what is required at this place is required of the message.
    counts: bool,
    /// Whether it still counts behind a required component.
    counts_in_components: bool,
    /// Components and groups around this place.
    depth: u32,
    /// The components that are being opened up, innermost first.
    inside: Option<&'w Inside<'w>>,
}

struct Inside<'w> {
    component: &'w Component,
    outer: Option<&'w Inside<'w>>,
}

impl<'a> Resolver<'a> {
    fn block(&mut self, members: &[Member]) -> Result<Block, SpecError> {
        let mut draft = Draft::default();
        let way = Way { counts: true, counts_in_components: true, depth: 0, inside: None };
        self.fill(&mut draft, members, way)?;
        Ok(self.finish(draft))
    }

    fn fill(&mut self, draft: &mut Draft, members: &[Member], way: Way<'_>) -> Result<(), SpecError> {
        for member in members {
            self.members += 1;
            if self.members > MAX_MEMBERS {
                let message = format!(
                    "the messages have more than {MAX_MEMBERS} members when components are opened up"
                );
                return Err(SpecError::new(&member.at, message));
            }
            if way.depth > MAX_DEPTH {
                let message = format!("components and groups are nested deeper than {MAX_DEPTH} levels");
                return Err(SpecError::new(&member.at, message));
            }
            let required = member.required == Some(true);
            match &member.kind {
                MemberKind::Field => {
                    draft.add(self.tag(member)?, required && way.counts, member.overlay);
                }
                MemberKind::Component => self.open(draft, member, required, way)?,
                MemberKind::Group(entry) => {
                    let count = self.tag(member)?;
                    draft.add(count, required && way.counts, member.overlay);
                    let name = group_name(member, way.inside);
                    let group = draft.group(count, name);
                    let depth = way.depth + 1;
                    self.fill(
                        group,
                        entry,
                        Way { counts: required, counts_in_components: false, depth, ..way },
                    )?;
                    if group.order.is_empty() {
                        return Err(SpecError::new(
                            &member.at,
                            format!("group {} has no members", member.name),
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    fn open(
        &mut self,
        draft: &mut Draft,
        member: &Member,
        required: bool,
        way: Way<'_>,
    ) -> Result<(), SpecError> {
        let Some(component) = self.components.get(member.name.as_str()).copied() else {
            return Err(undefined(&member.at, "component", &member.name, "<components>"));
        };
        let mut outer = way.inside;
        while let Some(inside) = outer {
            if std::ptr::eq(inside.component, component) {
                let message = format!("component {} contains itself", component.name);
                return Err(SpecError::new(&member.at, message));
            }
            outer = inside.outer;
        }
        let counts = way.counts && way.counts_in_components && required;
        let inside = Inside { component, outer: way.inside };
        self.fill(
            draft,
            &component.members,
            Way { counts, depth: way.depth + 1, inside: Some(&inside), ..way },
        )
    }

    fn tag(&self, member: &Member) -> Result<i32, SpecError> {
        let tag = self.tags.get(member.name.as_str()).copied();
        tag.ok_or_else(|| undefined(&member.at, "field", &member.name, "<fields>"))
    }

    /// Turns a level into its final form, keeping each different group once.
    fn finish(&mut self, draft: Draft) -> Block {
        let mut groups = Vec::new();
        for (count, name, entry) in draft.groups {
            let group = Group { name, count, entry: self.finish(entry) };
            groups.push(self.groups.iter().position(|other| *other == group).unwrap_or_else(|| {
                self.groups.push(group);
                self.groups.len() - 1
            }));
        }
        let is_required = |tag: &&i32| draft.required.get(*tag) == Some(&true);
        let required = draft.order.iter().filter(is_required).copied().collect();
        Block { members: draft.order, required, groups }
    }
}

impl Draft {
    /// A field that is there twice is required if either says so; an overlay has the last word.
    fn add(&mut self, tag: i32, required: bool, overlay: bool) {
        match self.required.get_mut(&tag) {
            None => {
                self.order.push(tag);
                self.required.insert(tag, required);
            }
            Some(before) => *before = if overlay { required } else { *before || required },
        }
    }

    /// The group with this count field: what is said about it twice, as by an overlay, is put together.
    fn group(&mut self, count: i32, name: String) -> &mut Draft {
        let index = self.groups.iter().position(|(other, ..)| *other == count).unwrap_or_else(|| {
            self.groups.push((count, name, Draft::default()));
            self.groups.len() - 1
        });
        &mut self.groups[index].2
    }
}

/// Groups are known by the component that consists of nothing else, such as `Parties`.
fn group_name(member: &Member, inside: Option<&Inside<'_>>) -> String {
    match inside {
        Some(Inside { component, .. }) if matches!(component.members.as_slice(), [only] if only.at == member.at) => {
            component.name.clone()
        }
        _ => member.name.strip_prefix("No").unwrap_or(&member.name).to_owned(),
    }
}

fn undefined(at: &At, what: &str, name: &str, section: &str) -> SpecError {
    SpecError::new(at, format!("{what} {name} is not defined: add it to {section} or correct the name"))
}

/// A data field's length stands in the field called the same with `Len` or `Length` behind, or, failing that, in
/// the length field with the number before.
fn data_pairs(fields: &[Field]) -> Vec<(i32, i32)> {
    let is = |field: &Field, kinds: &[&str]| field.kind.is_some_and(|kind| kinds.contains(&kind.xml));
    let mut pairs = BTreeMap::new();
    for data in fields.iter().filter(|field| field.kind.is_some_and(|kind| kind.is_data())) {
        let by_name = fields.iter().find(|length| {
            let suffix = length.name.strip_prefix(data.name.as_str());
            matches!(suffix, Some("Len" | "Length")) && is(length, &["LENGTH", "INT"])
        });
        let before = || fields.iter().find(|f| f.number == data.number - 1 && is(f, &["LENGTH"]));
        if let Some(length) = by_name.or_else(before) {
            pairs.entry(length.number).or_insert(data.number);
        }
    }
    pairs.into_iter().collect()
}
