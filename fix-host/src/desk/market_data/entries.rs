//! The entries of W and X, as a book takes them.

use fix_core::{
    dict::{
        Block, GroupDef, TagSet,
        fix44::{code::MdEntryType, group},
    },
    msg::{field_map::FieldMap, message::Message, typed::MdEntryChange},
    session::error::BusinessReject,
    tag::{self, Tag},
    time::{Date, UtcTimeOnly, UtcTimestamp},
    wire::value::Text,
};

use crate::market::BookEntry;

/// The fields of an entry of W: those of FIX 4.4, and MDEntryID(278), which it has in X alone. Who names entries by their
/// ids in X says the ids in W too.
const SNAPSHOT_MEMBERS: [Tag; MEMBERS.len() + 1] = with_id();
const MEMBERS: &[Tag] = group::MD_FULL_GRP.entry.members;

static SNAPSHOT_ENTRIES: GroupDef = GroupDef {
    entry: Block {
        members: &SNAPSHOT_MEMBERS,
        set: TagSet::new(const { &TagSet::words::<26>(&SNAPSHOT_MEMBERS) }, &[]),
        ..group::MD_FULL_GRP.entry
    },
    ..group::MD_FULL_GRP
};

const fn with_id() -> [Tag; MEMBERS.len() + 1] {
    let mut members = [tag::MD_ENTRY_ID; MEMBERS.len() + 1];
    let mut at = 0;
    while at < MEMBERS.len() {
        members[at] = MEMBERS[at];
        at += 1;
    }
    members
}

/// Those of a MarketDataSnapshotFullRefresh(W) that came in `at` this moment.
pub(super) fn of_snapshot<'a>(
    message: &Message<'a>,
    at: UtcTimestamp,
) -> Result<Vec<BookEntry<'a>>, BusinessReject> {
    message.group(&SNAPSHOT_ENTRIES).iter().map(|entry| one_of_snapshot(&entry, at)).collect()
}

fn one_of_snapshot<'a>(entry: &FieldMap<'a>, at: UtcTimestamp) -> Result<BookEntry<'a>, BusinessReject> {
    let entry_type: MdEntryType = entry.required(tag::MD_ENTRY_TYPE)?;
    let time = entry.optional(tag::MD_ENTRY_TIME)?;
    Ok(BookEntry {
        entry_type: Some(entry_type),
        id: entry.optional::<Text<'a>>(tag::MD_ENTRY_ID)?.and_then(Text::as_str),
        ref_id: None,
        position: entry.optional(tag::MD_ENTRY_POSITION_NO)?,
        price: entry.optional(tag::MD_ENTRY_PX)?,
        size: entry.optional(tag::MD_ENTRY_SIZE)?,
        orders: orders(entry.optional(tag::NUMBER_OF_ORDERS)?),
        time: moment(entry.optional(tag::MD_ENTRY_DATE)?, time, at),
    })
}

/// One of a MarketDataIncrementalRefresh(X) that came in `at` this moment.
pub(super) fn of_change<'a>(entry: &MdEntryChange<'a>, at: UtcTimestamp) -> BookEntry<'a> {
    BookEntry {
        entry_type: entry.md_entry_type,
        id: entry.md_entry_id.and_then(Text::as_str),
        ref_id: entry.md_entry_ref_id.and_then(Text::as_str),
        position: entry.md_entry_position_no,
        price: entry.md_entry_px,
        size: entry.md_entry_size,
        orders: orders(entry.number_of_orders),
        time: moment(entry.md_entry_date, entry.md_entry_time, at),
    }
}

fn orders(count: Option<i64>) -> Option<u32> {
    count.and_then(|count| u32::try_from(count).ok())
}

/// MDEntryTime(273) of its day: MDEntryDate(272), or else the day by which it is next to when it was said.
fn moment(date: Option<Date>, time: Option<UtcTimeOnly>, at: UtcTimestamp) -> Option<UtcTimestamp> {
    const DAY: i64 = 86_400;
    let time = time?;
    let seconds = i64::from(time.seconds());
    let days = date.map_or_else(|| (at.unix_seconds() - seconds + DAY / 2).div_euclid(DAY), Date::unix_days);
    Some(UtcTimestamp::from_unix(days * DAY + seconds, time.subsec_nanos()))
}
