//! Repeating groups of a received message, nested ones included.

use super::{
    field_map::FieldMap,
    index::{Cursor, Mark, Span},
    noted::{self, NotedEntries},
};
use crate::{
    dict::GroupDef,
    tag::{Tag, TagBits},
    wire::{
        field::{DataPair, Field},
        value::{FromField, ValueError},
    },
};

/// The first tag of the user-defined range (FIX 4.4 Vol. 1, "User Defined Fields").
pub(super) const FIRST_USER_DEFINED: i32 = 5000;
/// The first tag behind those of FIX 4.4: later versions and users have those from here on.
const FIRST_UNKNOWN: Tag = Tag(957);
/// The tags of earlier versions that FIX 4.4 does not have.
const WITHDRAWN: TagBits<26> = TagBits::new(&[
    20, 24, 46, 47, 51, 76, 86, 92, 101, 105, 109, 125, 166, 173, 174, 175, 176, 177, 178, 179, 180, 181,
    182, 183, 184, 185, 186, 187, 204, 205, 219, 261, 314, 319, 370, 439, 440, 449, 450, 465, 653, 685, 809,
    831,
]);

pub(super) fn is_unknown_to_fix44(tag: Tag) -> bool {
    tag >= FIRST_UNKNOWN || WITHDRAWN.contains(tag)
}

/// The entries of a repeating group, in place.
///
/// They are cut by what is there, not by what the count field promises: every entry begins with the tag that the
/// first one begins with. A count that differs is a finding of [`validate`](super::validate), not a lost entry.
///
/// ```
/// use fix_core::{Message, MsgType, Tag, dict::fix44::group, tag};
/// use fix_core::wire::{frame::{Scan, scan}, writer::MessageWriter};
///
/// let mut buffer = [0; 128];
/// let mut snapshot = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::MARKET_DATA_SNAPSHOT_FULL_REFRESH);
/// snapshot.writer().field(tag::SYMBOL, "EURUSD").field(Tag(268), 2u32);
/// snapshot.writer().field(Tag(269), "0").field(Tag(270), "1.10").field(Tag(269), "1").field(Tag(270), "1.11");
/// let len = snapshot.finish()?;
/// let Scan::Frame(frame, _) = scan(&buffer[..len], len) else { return Err("no frame".into()) };
/// let message = Message::parse(frame)?;
/// let mut prices = message.group(&group::MD_FULL_GRP).iter().map(|entry| entry.required::<&str>(Tag(270)));
/// assert_eq!((prices.next(), prices.next(), prices.next()), (Some(Ok("1.10")), Some(Ok("1.11")), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Group<'a> {
    /// The value of the count field; `None` if it is not there.
    count: Option<&'a [u8]>,
    /// From the first entry on.
    fields: Span<'a>,
    /// Whether `fields` end with the last entry; it has not been looked for otherwise.
    is_cut: bool,
    def: &'static GroupDef,
    /// The data fields beside those of FIX 4.4.
    extra: &'static [DataPair],
}

impl<'a> Group<'a> {
    /// The group whose count field `fields` has just passed; moves `fields` behind its last entry.
    pub(super) fn read(count: &'a [u8], fields: &mut Cursor<'a>, def: &'static GroupDef) -> Self {
        let extra = fields.extra();
        let entries = fields.pass_noted_group(def).unwrap_or_else(|| {
            let mark = fields.mark();
            skip(fields, def);
            fields.since(mark)
        });
        Group { count: Some(count), fields: entries, is_cut: true, def, extra }
    }

    /// The group that `fields`, which are behind its count field, begin with.
    pub(super) const fn behind(
        count: &'a [u8],
        fields: Span<'a>,
        def: &'static GroupDef,
        extra: &'static [DataPair],
    ) -> Self {
        Group { count: Some(count), fields, is_cut: false, def, extra }
    }

    pub(super) const fn absent(def: &'static GroupDef, extra: &'static [DataPair]) -> Self {
        Group { count: None, fields: Span::scan(&[]), is_cut: true, def, extra }
    }

    /// The definition that it is read by.
    pub const fn def(&self) -> &'static GroupDef {
        self.def
    }

    /// The number of entries that the count field promises; `None` if that field is not there.
    ///
    /// # Errors
    /// [`ValueError`] when it is no number.
    pub fn declared(&self) -> Option<Result<u32, ValueError>> {
        self.count.map(u32::from_field)
    }

    /// The bytes of all entries, each field ended by SOH.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.entries().as_bytes()
    }

    /// The fields of the entries, entry by entry.
    pub(super) fn level(&self) -> Level<'a> {
        Level::entries(self.entries().cursor(self.extra))
    }

    /// The entries in their order.
    #[inline]
    pub fn iter(&self) -> Entries<'a> {
        let walk = match NotedEntries::new(self.fields, self.def) {
            Some(noted) => EntryWalk::Noted(noted),
            None => EntryWalk::Scanned(self.level()),
        };
        Entries { walk, def: self.def, extra: self.extra }
    }

    fn entries(&self) -> Span<'a> {
        if self.is_cut {
            return self.fields;
        }
        let mut fields = self.fields.cursor(self.extra);
        let mark = fields.mark();
        skip(&mut fields, self.def);
        fields.since(mark)
    }
}

impl<'a> IntoIterator for Group<'a> {
    type Item = FieldMap<'a>;
    type IntoIter = Entries<'a>;
    fn into_iter(self) -> Entries<'a> {
        self.iter()
    }
}

/// Iterator over the entries of a [`Group`].
#[derive(Clone)]
pub struct Entries<'a> {
    walk: EntryWalk<'a>,
    def: &'static GroupDef,
    extra: &'static [DataPair],
}

/// A way over the entries of a group.
#[derive(Clone)]
enum EntryWalk<'a> {
    /// By the places of their fields.
    Noted(NotedEntries<'a>),
    /// Their fields are looked for.
    Scanned(Level<'a>),
}

impl<'a> Iterator for Entries<'a> {
    type Item = FieldMap<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<FieldMap<'a>> {
        let span = match &mut self.walk {
            EntryWalk::Noted(entries) => entries.next(self.def)?,
            EntryWalk::Scanned(level) => next_scanned(level, self.def)?,
        };
        Some(FieldMap::new(span, self.def.entry.groups, self.extra))
    }
}

#[inline(never)]
fn next_scanned<'a>(level: &mut Level<'a>, def: &'static GroupDef) -> Option<Span<'a>> {
    let mark = level.mark();
    while let Some(field) = level.next() {
        if let Some(nested) = def.entry.group(field.tag) {
            skip(&mut level.fields, nested);
        }
    }
    let span = level.since(mark);
    (!span.as_bytes().is_empty()).then_some(span)
}

/// The fields of a message, or of the entries of a group one entry after the other, each looked at once.
#[derive(Clone)]
pub(super) struct Level<'a> {
    pub(super) fields: Cursor<'a>,
    /// The tag that every entry begins with; `None` in a message.
    delimiter: Option<Tag>,
    /// How many noted fields had passed where the entry begins.
    entry_at: usize,
    /// The first field of the next entry and where it was, if it had to be looked for.
    ahead: Option<(Field<'a>, Mark<'a>)>,
}

impl<'a> Level<'a> {
    pub(super) fn message(fields: Cursor<'a>) -> Self {
        Level { fields, delimiter: None, entry_at: 0, ahead: None }
    }

    fn entries(mut fields: Cursor<'a>) -> Self {
        if let Some(first) = fields.noted() {
            return Level { fields, delimiter: Some(first), entry_at: 0, ahead: None };
        }
        let mark = fields.mark();
        let first = fields.next();
        let delimiter = first.map(|field| field.tag);
        Level { fields, delimiter, entry_at: 0, ahead: first.map(|field| (field, mark)) }
    }

    /// The next field; `None` at the end of the message or entry. The call after that begins the next entry.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<Field<'a>> {
        match self.fields.noted() {
            Some(tag) if self.delimiter == Some(tag) && self.fields.passed() != self.entry_at => {
                self.entry_at = self.fields.passed();
                None
            }
            Some(_) => self.fields.step_noted(),
            None => self.next_scanned(),
        }
    }

    #[inline(never)]
    fn next_scanned(&mut self) -> Option<Field<'a>> {
        match self.delimiter {
            _ if self.is_at_end() => None,
            None => self.fields.step(),
            Some(delimiter) => self.scan_entry(delimiter),
        }
    }

    fn scan_entry(&mut self, delimiter: Tag) -> Option<Field<'a>> {
        if let Some((field, _)) = self.ahead.take() {
            return Some(field);
        }
        let mark = self.fields.mark();
        let field = self.fields.next()?;
        if field.tag == delimiter {
            self.ahead = Some((field, mark));
            return None;
        }
        Some(field)
    }

    /// Passes what is left of the entry.
    pub(super) fn end_entry(&mut self) {
        let has_begun = match self.fields.noted() {
            Some(_) => self.fields.passed() != self.entry_at,
            None => self.ahead.is_none(),
        };
        if has_begun {
            while self.next().is_some() {}
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.ahead.is_none() && self.fields.is_at_end()
    }

    /// Where the next field begins.
    #[inline]
    pub(super) fn mark(&self) -> Mark<'a> {
        self.ahead.map_or_else(|| self.fields.mark(), |(_, mark)| mark)
    }

    /// The fields that have passed since `mark`.
    #[inline]
    pub(super) fn since(&self, mark: Mark<'a>) -> Span<'a> {
        match self.ahead {
            Some((_, end)) => mark.to(end),
            None => self.fields.since(mark),
        }
    }
}

/// Moves `fields`, which has just passed the count field, behind the last entry: to the first field that is not of
/// the group. Nested groups are taken as a whole, so that a field of this level behind one is still found to be of
/// this level.
pub(super) fn skip(fields: &mut Cursor<'_>, def: &'static GroupDef) {
    if let Some(noted) = fields.noted_rest() {
        fields.pass_noted(noted.len().wrapping_sub(noted::behind_group(noted, def).len()));
        return;
    }
    let mut first = true;
    loop {
        let before = fields.clone();
        let Some(field) = fields.step() else { return };
        if !def.entry.contains(field.tag) {
            let run = if first { 0 } else { unknown_run(field.tag, fields.tags(), def, is_unknown_to_fix44) };
            if run == 0 {
                *fields = before;
                return;
            }
            // This field has been passed, the others of the run have not.
            (1..run).for_each(|_| _ = fields.next());
        } else if let Some(nested) = def.entry.group(field.tag) {
            skip(fields, nested);
        }
        first = false;
    }
}

/// Fields that FIX 4.4 does not have belong to the entry if a field of the group follows them. Behind the last entry
/// they cannot be told from fields of the level above, and are left to that.
///
/// Returns how many such fields, the one just passed included, belong to the entry.
pub(super) fn unknown_run(
    tag: Tag,
    following: impl Iterator<Item = Tag>,
    def: &GroupDef,
    is_unknown: impl Fn(Tag) -> bool,
) -> usize {
    if !is_unknown(tag) {
        return 0;
    }
    let mut run = 1;
    for tag in following {
        if def.entry.contains(tag) {
            return run;
        }
        if !is_unknown(tag) {
            break;
        }
        run = run.saturating_add(1);
    }
    0
}

#[cfg(test)]
mod tests {
    use std::{string::String, vec::Vec};

    use super::*;
    use crate::{dict::fix44::group, tag};

    fn level(text: &str) -> FieldMap<'_> {
        FieldMap::new(Span::scan(text.as_bytes()), &[], &[])
    }

    fn soh(text: &str) -> String {
        text.replace('|', "\x01")
    }

    #[test]
    fn entries_are_cut_at_their_delimiter() {
        let text = soh("268=2|269=0|270=1.5|269=1|270=1.6|58=x|");
        let entries: Vec<_> = level(&text).group(&group::MD_FULL_GRP).iter().collect();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].required::<u8>(tag::MD_ENTRY_TYPE), Ok(b'0'));
        assert_eq!(entries[1].get(tag::MD_ENTRY_PX), Some(&b"1.6"[..]));
        assert!(level(&text).group(&group::PARTIES).iter().next().is_none());
        assert_eq!(level(&text).group(&group::PARTIES).declared(), None);
    }

    #[test]
    fn a_field_behind_a_nested_group_stays_at_its_level() {
        let text =
            soh("453=2|448=A|447=D|452=1|802=2|523=a|803=1|523=b|803=2|448=B|447=D|452=3|802=1|523=c|55=X|");
        let parties: Vec<_> = level(&text).group(&group::PARTIES).iter().collect();
        assert_eq!(parties.len(), 2, "the second entry is found behind the nested group of the first");
        let subs = |entry: &FieldMap<'_>| {
            let group = entry.group(&group::PTYS_SUB_GRP);
            group.iter().filter_map(|sub| sub.get(tag::PARTY_SUB_ID).map(<[u8]>::to_vec)).collect::<Vec<_>>()
        };
        assert_eq!(subs(&parties[0]), [b"a", b"b"]);
        assert_eq!(subs(&parties[1]), [b"c"]);
        assert_eq!(parties[0].get(tag::PARTY_SUB_ID), None, "fields of nested entries are not of this level");
        assert_eq!(parties[1].get(tag::SYMBOL), None);
    }

    #[test]
    fn the_fourth_level_is_reached() {
        let text = soh(concat!(
            "73=1|11=a|67=1|78=1|79=acct|539=1|524=p|525=D|538=1|804=2|545=s1|805=1|545=s2|805=2|80=5|",
            "55=X|54=1|"
        ));
        let order = level(&text).group(&group::LIST_ORD_GRP).iter().next().unwrap();
        assert_eq!(order.get(tag::SIDE), Some(&b"1"[..]), "behind three nested groups");
        let alloc = order.group(order_group(&order, tag::NO_ALLOCS)).iter().next().unwrap();
        assert_eq!(alloc.get(tag::ALLOC_QTY), Some(&b"5"[..]));
        let party = alloc.group(&group::NESTED_PARTIES).iter().next().unwrap();
        let subs = party.group(&group::NSTD_PTYS_SUB_GRP);
        assert_eq!(subs.iter().count(), 2);
        assert_eq!(subs.declared(), Some(Ok(2)));
    }

    fn order_group(_: &FieldMap<'_>, count: Tag) -> &'static GroupDef {
        group::LIST_ORD_GRP.entry.group(count).unwrap()
    }

    #[test]
    fn a_wrong_count_loses_no_entry() {
        for count in ["0", "1", "7", "-1", "x", ""] {
            let text = soh(&std::format!("386={count}|336=A|336=B|60=x|"));
            assert_eq!(level(&text).group(&group::TRDG_SES_GRP).iter().count(), 2, "{count}");
        }
    }

    #[test]
    fn another_first_field_delimits_as_well() {
        let text = soh("453=2|447=D|448=A|452=1|447=D|448=B|");
        let ids: Vec<_> =
            level(&text).group(&group::PARTIES).iter().map(|party| party.get(tag::PARTY_ID)).collect();
        assert_eq!(ids, [Some(&b"A"[..]), Some(b"B")]);
    }

    #[test]
    fn fields_of_later_versions_inside_an_entry_do_not_end_the_group() {
        let text = soh("453=2|448=A|447=D|452=1|2376=23|448=B|1003=t|447=D|2376=24|55=X|");
        let parties: Vec<_> = level(&text).group(&group::PARTIES).iter().collect();
        assert_eq!(parties.len(), 2);
        assert_eq!(parties[0].get(Tag(2376)), Some(&b"23"[..]));
        assert_eq!((parties[1].get(Tag(1003)), parties[1].get(Tag(2376))), (Some(&b"t"[..]), None));
    }

    #[test]
    fn what_fix_4_4_does_not_have_is_what_its_dictionary_does_not_have() {
        for tag in (1..FIRST_USER_DEFINED + 10).map(Tag) {
            let is_known = crate::dict::fix44::DICTIONARY.field(tag).is_some();
            assert_eq!(is_unknown_to_fix44(tag), !is_known, "{tag}");
        }
    }

    #[test]
    fn user_defined_fields_inside_an_entry_do_not_end_the_group() {
        let text = soh("453=2|448=A|5001=x|448=B|5002=y|452=1|5003=z|55=X|");
        let parties: Vec<_> = level(&text).group(&group::PARTIES).iter().collect();
        assert_eq!(parties.len(), 2);
        assert_eq!(parties[0].get(Tag(5001)), Some(&b"x"[..]));
        assert_eq!(parties[1].get(Tag(5002)), Some(&b"y"[..]));
        assert_eq!(parties[1].get(Tag(5003)), None);
    }
}
