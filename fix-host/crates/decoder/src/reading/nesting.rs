//! Which fields of a message stand in which entry of which repeating group.

use fix_core::{
    dict::{Block, Dictionary, GroupDef, MessageDef},
    tag::Tag,
};

/// The groups that are open while the fields of a message go by.
pub struct Nesting {
    dictionary: &'static Dictionary,
    message: Option<&'static MessageDef>,
    open: Vec<Open>,
}

struct Open {
    group: &'static GroupDef,
    entries: usize,
}

/// Where a field stands.
pub struct Place {
    /// For each group that ended before it, innermost first: whether it had an entry.
    pub ended: Vec<bool>,
    /// The groups around it.
    pub depth: usize,
    /// If it starts an entry: whether one came before it in this group.
    pub entry: Option<Entry>,
    /// Whether it is the count of a group.
    pub counts: bool,
    /// Whether entries of that group may follow: its value is not 0.
    pub opens: bool,
}

/// The beginning of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The first of its group.
    First,
    /// One after another.
    Next,
}

impl Nesting {
    /// For a message with this MsgType(35).
    #[must_use]
    pub fn new(dictionary: &'static Dictionary, msg_type: &[u8]) -> Self {
        Nesting { dictionary, message: dictionary.message(msg_type), open: Vec::new() }
    }

    /// Takes the next field; `None` is a piece without a tag. `following` are the tags behind it.
    pub fn place(
        &mut self,
        tag: Option<Tag>,
        value: &[u8],
        following: impl IntoIterator<Item = Option<Tag>>,
    ) -> Place {
        // A tag that the message does not have stays where the next one that it has belongs.
        let known = tag.filter(|tag| self.is_known(*tag));
        let anchor = match known {
            None if !self.open.is_empty() => following.into_iter().flatten().find(|tag| self.is_known(*tag)),
            known => known,
        };
        let mut ended = Vec::new();
        while let Some(open) =
            self.open.pop_if(|open| !anchor.is_some_and(|tag| open.group.entry.contains(tag)))
        {
            ended.push(open.entries > 0);
        }
        let starts = |open: &Open, tag: Tag| tag == open.group.delimiter || open.entries == 0;
        let entry =
            self.open.last_mut().filter(|open| tag.is_some_and(|tag| known.is_some() && starts(open, tag)));
        let entry = entry.map(|open| {
            open.entries += 1;
            if open.entries == 1 { Entry::First } else { Entry::Next }
        });
        // In front of the first entry there is nowhere else to be but in one.
        let entry = entry.or_else(|| {
            let open = self.open.last_mut().filter(|open| open.entries == 0)?;
            open.entries = 1;
            Some(Entry::First)
        });
        let depth = self.open.len();
        let group = known.and_then(|tag| self.group(tag));
        let opens = group.is_some() && !value.is_empty() && value.iter().any(|byte| *byte != b'0');
        self.open.extend(group.filter(|_| opens).map(|group| Open { group, entries: 0 }));
        Place { ended, depth, entry, counts: group.is_some(), opens }
    }

    /// The groups that are open when the fields are over, innermost first.
    #[must_use]
    pub fn finish(self) -> Vec<bool> {
        self.open.iter().rev().map(|open| open.entries > 0).collect()
    }

    /// Whether the message has such a field; where the message is not known, whether the dictionary has.
    fn is_known(&self, tag: Tag) -> bool {
        let Some(message) = self.message else { return self.dictionary.field(tag).is_some() };
        let blocks = [&message.body, self.dictionary.header, self.dictionary.trailer];
        blocks.into_iter().any(|block| block.contains(tag))
            || self.open.iter().any(|open| open.group.entry.contains(tag))
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

#[cfg(test)]
mod tests {
    use fix_core::dict::fix44::DICTIONARY;

    use super::*;

    /// `depth:tag`, `+` in front of what starts an entry, `!` behind a count without entries.
    fn places(msg_type: &str, fields: &[(i32, &str)]) -> String {
        let mut nesting = Nesting::new(&DICTIONARY, msg_type.as_bytes());
        let mut all = Vec::new();
        for (index, (tag, value)) in fields.iter().enumerate() {
            let following = fields[index + 1..].iter().map(|(tag, _)| Some(Tag(*tag)));
            let place = nesting.place(Some(Tag(*tag)), value.as_bytes(), following);
            let start = if place.entry.is_some() { "+" } else { "" };
            let none = if place.counts && !place.opens { "!" } else { "" };
            all.push(format!("{start}{}:{tag}{none}", place.depth));
        }
        all.join(" ")
    }

    #[test]
    fn a_foreign_tag_stays_in_its_entry_when_a_member_or_the_delimiter_follows() {
        let fields = [
            (268, "2"),
            (269, "0"),
            (9001, "a"),
            (270, "1"),
            (9001, "b"),
            (269, "1"),
            (9001, "c"),
            (10, "0"),
        ];
        assert_eq!(places("W", &fields), "0:268 +1:269 1:9001 1:270 1:9001 +1:269 0:9001 0:10");
        // Of a group inside a group too; MDReqID(262) is known, but no field of this message.
        let fields = [
            (453, "1"),
            (448, "x"),
            (802, "1"),
            (523, "s"),
            (262, "q"),
            (803, "1"),
            (9001, "y"),
            (447, "D"),
            (55, "A"),
        ];
        assert_eq!(places("D", &fields), "0:453 +1:448 1:802 +2:523 2:262 2:803 1:9001 1:447 0:55");
    }

    #[test]
    fn a_count_of_zero_has_no_entries() {
        assert_eq!(places("s", &[(552, "0"), (54, "1"), (55, "X")]), "0:552! 0:54 0:55");
        assert_eq!(places("D", &[(453, "00"), (448, "x"), (54, "1")]), "0:453! 0:448 0:54");
    }
}
