//! fix-core: repeating groups, entry by entry.

use std::hint::black_box;

use fix_core::{
    decimal::Decimal,
    dict::fix44::{DICTIONARY, group},
    msg::{
        index::Slot,
        message::{FieldError, FieldMap, Message},
        typed::{ExecutionReport, MarketDataSnapshotFullRefresh},
        validate::{Checks, validate},
    },
    tag,
    wire::{
        field::Field,
        frame::{Scan, scan},
        value::{FromField, Text},
    },
};

use peers::{Runner, fold, fold_text, sample};

const MAX: usize = 8192;

/// The cases and their names on the command line.
pub(crate) const CASES: &[(&str, fn() -> Runner)] = &[
    // The valid snapshot: all fields walked, type, price and size of each entry read where they stand.
    ("group-flat", || flat(sample::valid_snapshot(), flat_snapshot)),
    // The same with an index, through the typed structs.
    ("group-typed", || indexed(sample::valid_snapshot(), |message| typed_snapshot(message))),
    // The same through `group()`.
    ("group", || indexed(sample::valid_snapshot(), |message| snapshot(message))),
    // Validated, then its entries read through `group()`.
    ("group-validated", || indexed(sample::valid_snapshot(), |message| validated(message, snapshot))),
    // ExecutionReport, 1579 bytes, 20 parties with 2 sub-parties each: all fields walked, ids and roles read.
    ("nested-flat", || flat(sample::parties(), flat_parties)),
    // The same with an index, through the typed structs.
    ("nested-typed", || indexed(sample::parties(), |message| typed_parties(message))),
    // The same through `group()`.
    ("nested", || indexed(sample::parties(), |message| parties(message))),
    // Validated, then read so.
    ("nested-validated", || indexed(sample::parties(), |message| validated(message, parties))),
];

/// Only what is valid is read: otherwise the digest is another one.
fn validated(
    message: &Message<'_>,
    read: impl Fn(&Message<'_>) -> Result<u64, FieldError>,
) -> Result<u64, FieldError> {
    match validate(message, &DICTIONARY, black_box(&Checks::ALL)) {
        Ok(()) => read(message),
        Err(_) => Ok(0),
    }
}

/// As an engine does it: parsed with an index, then read. The slots are the caller's, and used again.
fn indexed(bytes: Vec<u8>, read: impl Fn(&Message<'_>) -> Result<u64, FieldError> + 'static) -> Runner {
    let mut slots = [Slot::EMPTY; 256];
    Box::new(move || {
        let Scan::Frame(frame, _) = scan(black_box(&bytes), MAX) else { return 0 };
        Message::parse_indexed(frame, &mut slots).map_or(0, |message| read(&message).unwrap_or(0))
    })
}

fn head(message: &FieldMap<'_>) -> Result<u64, FieldError> {
    let digest = fold(0, message.required(tag::MSG_SEQ_NUM)?);
    Ok(fold_text(digest, message.required::<Text<'_>>(tag::SYMBOL)?.as_bytes()))
}

fn entry(digest: u64, kind: u8, price: Option<Decimal>, size: Option<Decimal>) -> u64 {
    [price, size]
        .into_iter()
        .flatten()
        .fold(fold(digest, kind.into()), |digest, value| fold(digest, value.mantissa() as u64))
}

fn snapshot(message: &Message<'_>) -> Result<u64, FieldError> {
    message.group(&group::MD_FULL_GRP).iter().try_fold(head(message)?, |digest, fields| {
        let price = fields.optional(tag::MD_ENTRY_PX)?;
        Ok(entry(digest, fields.required(tag::MD_ENTRY_TYPE)?, price, fields.optional(tag::MD_ENTRY_SIZE)?))
    })
}

fn typed_snapshot(message: &Message<'_>) -> Result<u64, FieldError> {
    let snapshot = MarketDataSnapshotFullRefresh::try_from(message)?;
    snapshot.md_entries.iter().try_fold(head(message)?, |digest, read| {
        let read = read?;
        Ok(entry(digest, read.md_entry_type.0.into(), read.md_entry_px, read.md_entry_size))
    })
}

/// Every field of the message walked, and read where it stands.
fn flat(bytes: Vec<u8>, read: impl Fn(u64, Field<'_>) -> u64 + 'static) -> Runner {
    Box::new(move || {
        let Scan::Frame(frame, _) = scan(black_box(&bytes), MAX) else { return 0 };
        let mut digest = 0;
        let message = Message::parse_each(frame, |field| digest = read(digest, field));
        message.map_or(0, |_| digest)
    })
}

#[inline(always)]
fn flat_snapshot(digest: u64, field: Field<'_>) -> u64 {
    let value = field.value;
    match field.tag.0 {
        34 => fold(digest, number(value)),
        55 => fold_text(digest, value),
        269 => fold(digest, u8::from_field(value).map_or(0, u64::from)),
        270 | 271 => fold(digest, Decimal::from_field(value).map_or(0, |value| value.mantissa() as u64)),
        _ => digest,
    }
}

#[inline(always)]
fn flat_parties(digest: u64, field: Field<'_>) -> u64 {
    match field.tag.0 {
        34 | 452 | 803 => fold(digest, number(field.value)),
        55 | 448 | 523 => fold_text(digest, field.value),
        _ => digest,
    }
}

fn number(value: &[u8]) -> u64 {
    u64::from_field(value).unwrap_or(0)
}

fn parties(message: &Message<'_>) -> Result<u64, FieldError> {
    message.group(&group::PARTIES).iter().try_fold(head(message)?, |digest, party| {
        let digest = fold_text(digest, party.required::<Text<'_>>(tag::PARTY_ID)?.as_bytes());
        let digest = fold(digest, party.required(tag::PARTY_ROLE)?);
        party.group(&group::PTYS_SUB_GRP).iter().try_fold(digest, |digest, sub| {
            let digest = fold_text(digest, sub.required::<Text<'_>>(tag::PARTY_SUB_ID)?.as_bytes());
            Ok(fold(digest, sub.required(tag::PARTY_SUB_ID_TYPE)?))
        })
    })
}

fn typed_parties(message: &Message<'_>) -> Result<u64, FieldError> {
    let report = ExecutionReport::try_from(message)?;
    report.parties.iter().try_fold(head(message)?, |digest, party| {
        let party = party?;
        let digest = fold_text(digest, party.party_id.map_or(&[][..], |id| id.as_bytes()));
        let digest = fold(digest, party.party_role.map_or(0, |role| role.0.unsigned_abs().into()));
        party.subs.iter().try_fold(digest, |digest, sub| {
            let sub = sub?;
            let digest = fold_text(digest, sub.party_sub_id.map_or(&[][..], |id| id.as_bytes()));
            Ok(fold(digest, sub.party_sub_id_type.map_or(0, |kind| kind.0.unsigned_abs().into())))
        })
    })
}
