//! Repeating groups read the same however many places of fields were noted: an index is a help, never another answer.

use fix_core::{
    Message, MsgType, Tag,
    dict::{GroupDef, fix44::group},
    msg::{
        field_map::FieldMap,
        index::Slot,
        typed::{Entries, ExecutionReport, PartySub},
    },
    wire::{
        frame::{Scan, scan},
        writer::MessageWriter,
    },
};
use proptest::prelude::*;

/// What groups are made of here: fields of parties and their sub-parties, fields that FIX 4.4 does not have, and
/// fields of the message.
const TAGS: &[i32] = &[453, 448, 447, 452, 802, 523, 803, 448, 523, 1003, 5001, 58, 2376, 802, 453];

fn message(tags: &[usize]) -> Vec<u8> {
    let mut buffer = vec![0; 4096];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::EXECUTION_REPORT);
    let out = writer.writer();
    for (tag, value) in [(37, "O"), (17, "E"), (150, "0"), (39, "0"), (55, "X"), (54, "1")] {
        out.field(Tag(tag), value);
    }
    for tag in [151, 14, 6] {
        out.field(Tag(tag), 0u32);
    }
    for (number, tag) in tags.iter().filter_map(|at| TAGS.get(*at)).enumerate() {
        // Codes of one letter fit 447; numbers fit the others.
        out.field(Tag(*tag), number as u64 % 10);
    }
    let len = writer.finish().unwrap();
    buffer.truncate(len);
    buffer
}

/// The fields of every entry, and those of its nested groups.
fn shown(fields: &FieldMap<'_>, def: &'static GroupDef, out: &mut Vec<String>) {
    let group = fields.group(def);
    let entries: Vec<FieldMap<'_>> = group.iter().collect();
    let bytes: Vec<u8> = entries.iter().flat_map(|entry| entry.as_bytes().to_vec()).collect();
    assert_eq!(bytes, group.as_bytes(), "the entries are the group");
    out.push(format!("{}: {:?} {}", def.name, group.declared(), group.as_bytes().escape_ascii()));
    for entry in &entries {
        let walked: Vec<_> = entry.fields().map(|field| (field.tag, field.value.to_vec())).collect();
        let read: Vec<_> = TAGS.iter().map(|tag| entry.get(Tag(*tag)).map(<[u8]>::to_vec)).collect();
        out.push(format!("{walked:?} {read:?}"));
        for nested in def.entry.groups {
            shown(entry, nested, out);
        }
    }
}

fn subs<'a>(entries: Entries<'a, PartySub<'a>>) -> String {
    format!("{:?}", entries.iter().collect::<Vec<_>>())
}

fn all_ways(message: &Message<'_>) -> Vec<String> {
    let mut out = Vec::new();
    shown(message, &group::PARTIES, &mut out);
    shown(message, &group::PTYS_SUB_GRP, &mut out);
    match ExecutionReport::try_from(message) {
        Err(error) => out.push(error.to_string()),
        Ok(report) => {
            for party in report.parties.iter() {
                out.push(format!("{party:?}"));
                out.extend(party.map(|party| subs(party.subs)));
            }
            out.push(format!("{:?}", report.extra));
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn groups_are_the_same_with_any_index(tags in prop::collection::vec(0..TAGS.len(), 0..24)) {
        let bytes = message(&tags);
        let Scan::Frame(frame, _) = scan(&bytes, 4096) else { panic!("no frame") };
        let scanned = all_ways(&Message::parse(frame).unwrap());
        for size in [0, 12, 13, 16, 20, 24, 64] {
            let mut slots = [Slot::EMPTY; 64];
            let indexed = Message::parse_indexed(frame, &mut slots[..size]).unwrap();
            prop_assert_eq!(&all_ways(&indexed), &scanned, "{} slots", size);
        }
    }
}
