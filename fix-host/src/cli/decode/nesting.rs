//! Which fields of a message stand in which entry of which repeating group.

use fix_core::{
    dict::{Block, Dictionary, GroupDef, MessageDef},
    tag::Tag,
};

/// The groups that are open while the fields of a message go by.
pub(super) struct Nesting {
    dictionary: &'static Dictionary,
    message: Option<&'static MessageDef>,
    open: Vec<Open>,
}

struct Open {
    group: &'static GroupDef,
    entries: usize,
}

/// Where a field stands.
pub(super) struct Place {
    /// For each group that ended before it, innermost first: whether it had an entry.
    pub(super) ended: Vec<bool>,
    /// The groups around it.
    pub(super) depth: usize,
    /// If it starts an entry: whether one came before it in this group.
    pub(super) entry: Option<Entry>,
    /// Whether it is itself the count of a group, whose entries follow.
    pub(super) opens: bool,
}

/// The beginning of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// The first of its group.
    First,
    /// One after another.
    Next,
}

impl Nesting {
    pub(super) fn new(dictionary: &'static Dictionary, msg_type: &[u8]) -> Self {
        Nesting { dictionary, message: dictionary.message(msg_type), open: Vec::new() }
    }

    /// Takes the next field.
    pub(super) fn place(&mut self, tag: Tag) -> Place {
        let mut ended = Vec::new();
        while let Some(open) = self.open.pop_if(|open| !open.group.entry.contains(tag)) {
            ended.push(open.entries > 0);
        }
        let entry = self.open.last_mut().and_then(|open| {
            let starts = tag == open.group.delimiter || open.entries == 0;
            let entry = if open.entries == 0 { Entry::First } else { Entry::Next };
            open.entries += usize::from(starts);
            starts.then_some(entry)
        });
        let depth = self.open.len();
        let group = self.group(tag);
        self.open.extend(group.map(|group| Open { group, entries: 0 }));
        Place { ended, depth, entry, opens: group.is_some() }
    }

    /// The groups that are open when the fields are over, innermost first.
    pub(super) fn finish(self) -> Vec<bool> {
        self.open.iter().rev().map(|open| open.entries > 0).collect()
    }

    fn group(&self, tag: Tag) -> Option<&'static GroupDef> {
        let find = |block: &Block| block.groups.iter().copied().find(|group| group.count == tag);
        match self.open.last() {
            Some(open) => find(&open.group.entry),
            None => self
                .message
                .and_then(|message| find(&message.body))
                .or_else(|| find(self.dictionary.header))
                .or_else(|| find(self.dictionary.trailer)),
        }
    }
}
