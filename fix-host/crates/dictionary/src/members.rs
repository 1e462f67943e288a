//! Looks the names of members up and opens components up, level by level.
//!
//! Which fields are required is decided as QuickFIX does, because its users' dictionaries rely on it: a field of a
//! component counts only if every component around it is required where it is used; a field of a group's entry
//! only if the group says `required="Y"` itself, and never if it comes from a component inside the group.

use std::collections::{BTreeMap, HashMap};

use crate::{
    error::{At, SpecError, Warnings},
    model::{Component, Field, Member, MemberKind, Spec},
    resolve::{Block, Group},
};

/// All levels of all messages together: FIX 5.0 SP2 has 60,000. Components used twice at each of many levels
/// would grow without bound.
const MAX_MEMBERS: usize = 1_000_000;
/// Components and groups inside each other; the stack must bear it.
const MAX_DEPTH: u32 = 64;

/// A level while its members are gathered.
#[derive(Default, PartialEq)]
struct Draft {
    order: Vec<i32>,
    required: HashMap<i32, bool>,
    groups: Vec<DraftGroup>,
    /// Where the group with a count field stands in `groups`.
    places: HashMap<i32, usize>,
}

#[derive(PartialEq)]
struct DraftGroup {
    at: At,
    count: i32,
    name: String,
    entry: Draft,
}

/// Resolves one level of members after the other.
pub(crate) struct Resolver<'a> {
    spec: &'a Spec,
    tags: HashMap<&'a str, i32>,
    components: HashMap<&'a str, &'a Component>,
    groups: Vec<Group>,
    /// Where each different group stands in `groups`.
    places: HashMap<Group, usize>,
    members: usize,
    warnings: &'a mut Warnings,
}

/// How members are reached.
#[derive(Clone, Copy)]
struct Way<'w> {
    /// Whether what is required at this place is required of the message.
    counts: bool,
    /// Whether it still counts behind a required component.
    counts_in_components: bool,
    /// What is not defined is passed over, with a warning.
    forgives: bool,
    /// And so is what stands in components.
    forgives_components: bool,
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
    pub(crate) fn new(spec: &'a Spec, fields: &'a BTreeMap<i32, Field>, warnings: &'a mut Warnings) -> Self {
        let mut tags: HashMap<&str, i32> =
            fields.values().map(|field| (field.name.as_str(), field.number)).collect();
        // Of a field with two names either is good where it is used.
        tags.extend(spec.fields.iter().map(|field| (field.name.as_str(), field.number)));
        let mut components: HashMap<&str, &Component> = HashMap::new();
        for component in &spec.components {
            let first = components.entry(&component.name).or_insert(component);
            if !std::ptr::eq(*first, component) {
                let name = &component.name;
                let what = format!("component {name} is there twice: the first counts, at {}", first.at);
                warnings.push(&component.at, what);
            }
        }
        let (groups, places) = (Vec::new(), HashMap::new());
        Resolver { spec, tags, components, groups, places, members: 0, warnings }
    }

    /// The body of a message, from one or more lists of members.
    ///
    /// # Errors
    /// [`SpecError`] for the first name that is not defined or is defined in terms of itself.
    pub(crate) fn body<'m>(&mut self, lists: impl Iterator<Item = &'m [Member]>) -> Result<Block, SpecError> {
        self.block(lists, false, false)
    }

    /// Header or trailer. QuickFIX opens no components there, and reads neither where the transport's dictionary
    /// has them (`is_used` is false).
    ///
    /// # Errors
    /// As [`body`](Self::body).
    pub(crate) fn end(&mut self, members: &[Member], is_used: bool) -> Result<Block, SpecError> {
        self.block([members].into_iter(), !is_used, true)
    }

    /// Every different group, inner ones first.
    pub(crate) fn groups(self) -> Vec<Group> {
        self.groups
    }

    pub(crate) fn warn(&mut self, at: &At, message: String) {
        self.warnings.push(at, message);
    }

    fn block<'m>(
        &mut self,
        lists: impl Iterator<Item = &'m [Member]>,
        forgives: bool,
        forgives_components: bool,
    ) -> Result<Block, SpecError> {
        let mut draft = Draft::default();
        let way = Way {
            counts: true,
            counts_in_components: true,
            forgives,
            forgives_components,
            depth: 0,
            inside: None,
        };
        for members in lists {
            self.fill(&mut draft, members, way)?;
        }
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
                    if let Some(tag) = self.tag(member, way)? {
                        draft.add(tag, required && way.counts, member.overlay);
                    }
                }
                MemberKind::Component => self.open(draft, member, required, way)?,
                MemberKind::Group(entry) => self.group(draft, member, entry, way)?,
            }
        }
        Ok(())
    }

    fn group(
        &mut self,
        draft: &mut Draft,
        member: &Member,
        entry: &[Member],
        way: Way<'_>,
    ) -> Result<(), SpecError> {
        let Some(count) = self.tag(member, way)? else { return Ok(()) };
        let required = member.required == Some(true);
        draft.add(count, required && way.counts, member.overlay);
        let mut new = DraftGroup {
            at: member.at.clone(),
            count,
            name: group_name(member, way.inside),
            entry: Draft::default(),
        };
        // What an overlay says is added to what is there; of one file the last word counts, as in QuickFIX.
        if let Some(before) = draft.group(count).filter(|before| before.at.file != new.at.file) {
            (new.name, new.entry) = (before.name.clone(), std::mem::take(&mut before.entry));
        }
        let way = Way { counts: required, counts_in_components: false, depth: way.depth + 1, ..way };
        self.fill(&mut new.entry, entry, way)?;
        if new.entry.order.is_empty() {
            self.warn(&member.at, format!("group {} has no members: taken for a field", member.name));
        } else if let Some(other) = draft.put_group(new) {
            let what = format!("group {} is there twice, and differs: not as at {other}", member.name);
            self.warn(&member.at, what);
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
        let forgives = way.forgives || way.forgives_components;
        let Some(component) = self.components.get(member.name.as_str()).copied() else {
            return self.undefined(member, "component", "<components>", forgives);
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
        let way = Way { counts, forgives, depth: way.depth + 1, inside: Some(&inside), ..way };
        self.fill(draft, &component.members, way)
    }

    /// The tag of a member; none if it is passed over.
    fn tag(&mut self, member: &Member, way: Way<'_>) -> Result<Option<i32>, SpecError> {
        let tag = self.tags.get(member.name.as_str()).copied();
        if tag.is_none() && !self.spec.unusable.contains(&member.name) {
            self.undefined(member, "field", "<fields>", way.forgives)?;
        }
        Ok(tag)
    }

    fn undefined(
        &mut self,
        member: &Member,
        what: &str,
        section: &str,
        forgives: bool,
    ) -> Result<(), SpecError> {
        let message = format!("{what} {} is not defined", member.name);
        if forgives {
            self.warn(&member.at, format!("{message}: passed over"));
            return Ok(());
        }
        Err(SpecError::new(&member.at, format!("{message}: add it to {section} or correct the name")))
    }

    /// Turns a level into its final form, keeping each different group once.
    fn finish(&mut self, draft: Draft) -> Block {
        let mut groups = Vec::new();
        for DraftGroup { count, name, entry, .. } in draft.groups {
            let group = Group { name, count, entry: self.finish(entry) };
            let next = self.groups.len();
            let place = *self.places.entry(group).or_insert_with_key(|group| {
                self.groups.push(group.clone());
                next
            });
            groups.push(place);
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

    fn group(&mut self, count: i32) -> Option<&mut DraftGroup> {
        self.groups.get_mut(*self.places.get(&count)?)
    }

    /// Adds a group, or puts it in the place of the one with this count field: then tells where that one is
    /// written, if the two differ.
    fn put_group(&mut self, new: DraftGroup) -> Option<At> {
        let Some(before) = self.group(new.count) else {
            self.places.insert(new.count, self.groups.len());
            self.groups.push(new);
            return None;
        };
        let before = std::mem::replace(before, new);
        let now = self.group(before.count)?;
        (before.at.file == now.at.file && before.entry != now.entry).then_some(before.at)
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
