//! What a power cut leaves at the end of a journal that is not synced: half a record, zeros, or both.

use fix_core::store::MessageStore;
use fix_host::store::{JournalStore, OpenError, disk::Disk};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::{UNSYNCED, message, moment, name, sim_disk::SimDisk, stored};

/// A journal of `messages`, and where the record of each begins.
fn journal(messages: u64) -> (SimDisk, String, Vec<usize>) {
    let disk = SimDisk::default();
    let mut store = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap();
    let mut ends = Vec::new();
    for number in 1..=messages {
        ends.push(disk.files()[0].1);
        store.append(number, &message(number, 0)).unwrap();
        store.flush().unwrap();
    }
    drop(store);
    let files = disk.files();
    assert_eq!(files.len(), 1);
    (disk, files[0].0.clone(), ends)
}

#[test]
fn a_record_cut_anywhere_with_any_number_of_zeros_behind_it_is_a_torn_tail() {
    let (disk, file, ends) = journal(5);
    let length = disk.files()[0].1;
    let last = ends[4];
    for cut in last..length {
        for zeros in [0, 8, 100, 512, 4096, 10_000] {
            let disk = disk.copy();
            disk.tamper(&file, |bytes| {
                bytes.truncate(cut);
                bytes.resize(cut + zeros, 0);
            });
            let mut store = JournalStore::open_on(disk.clone(), &name(), UNSYNCED)
                .unwrap_or_else(|error| panic!("cut at {cut} of {length}, {zeros} zeros: {error}"));
            assert_eq!(
                (store.next_out(), store.recovered().torn_tail.is_some()),
                (5, cut > last || zeros > 0)
            );
            assert_eq!(stored(&mut store, 4), Some(message(4, 0)));
            store.append(5, &message(5, 7)).unwrap();
            drop(store);
            let mut store = JournalStore::open_on(disk, &name(), UNSYNCED).unwrap();
            assert_eq!(stored(&mut store, 5), Some(message(5, 7)));
        }
    }
}

#[test]
fn zeros_over_more_than_one_record_are_a_torn_tail() {
    let mut rng = SmallRng::seed_from_u64(11);
    let (disk, file, ends) = journal(12);
    for _ in 0..300 {
        let disk = disk.copy();
        let cut = rng.random_range(ends[0]..disk.files()[0].1 - 8);
        disk.tamper(&file, |bytes| bytes[cut..].fill(0));
        let store = JournalStore::open_on(disk, &name(), UNSYNCED).unwrap();
        let whole = ends.iter().filter(|begin| **begin <= cut).count() as u64;
        assert_eq!(store.next_out(), whole, "zeros from {cut}");
    }
}

#[test]
fn zeros_in_the_middle_and_foreign_bytes_at_the_end_are_damage() {
    let (disk, file, ends) = journal(12);
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let disk = disk.copy();
        disk.tamper(&file, change);
        let error = JournalStore::open_on(disk, &name(), UNSYNCED).err();
        assert!(matches!(error, Some(OpenError::Damaged { .. })), "{error:?}");
    };
    refused(&|bytes| bytes[ends[3]..ends[6]].fill(0));
    refused(&|bytes| bytes.extend_from_slice(&[7; 100]));
    refused(&|bytes| {
        let end = bytes.len();
        bytes[end - 30..].fill(7);
        bytes.resize(end + 4096, 0);
    });
}

#[test]
fn a_newest_file_of_zeros_is_dropped_where_the_one_before_is_there() {
    let disk = SimDisk::default();
    let mut store = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap();
    let mut number = 0;
    while disk.files().len() < 2 {
        number += 1;
        store.append(number, &message(number, 0)).unwrap();
    }
    store.flush().unwrap();
    drop(store);
    let newest = disk.files()[1].0.clone();
    for keep in [0, 40] {
        let disk = disk.copy();
        disk.tamper(&newest, |bytes| {
            bytes[keep..].fill(0);
            bytes.resize(8192, 0);
        });
        let store = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap();
        assert_eq!(store.next_out(), number);
        assert!(store.recovered().lost_file.as_ref().is_some_and(|path| path.ends_with(&newest)));
        drop(store);
        assert_eq!(JournalStore::open_on(disk, &name(), UNSYNCED).unwrap().recovered().lost_file, None);
    }
}

#[test]
fn a_journal_that_is_nothing_but_zeros_is_refused_since_no_number_is_known() {
    let disk = SimDisk::default();
    let mut store = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap();
    store.reset(moment(1)).unwrap();
    store.append(1, &message(1, 0)).unwrap();
    drop(store);
    let (file, length) = disk.files()[0].clone();
    disk.tamper(&file, |bytes| bytes.fill(0));
    let error = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).err().unwrap();
    assert!(error.to_string().contains("the power went before it reached the disk"), "{error}");
    assert_eq!(disk.files()[0], (file, length), "and left as it is");
    assert!(disk.list().is_ok());
}
