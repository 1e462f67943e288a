//! Single flipped bits, anywhere.

use fix_core::store::MessageStore;
use fix_host::store::{JournalOptions, JournalStore, OpenError};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::{SYNCED, UNSYNCED, message, moment, name, sim_disk::SimDisk};

/// An optimised build flips as many as the project promises to find.
const FLIPS: u32 = if cfg!(debug_assertions) { 10_000 } else { 100_000 };

/// A journal of several segments, whose last batch holds several messages.
fn journal(options: JournalOptions) -> SimDisk {
    let disk = SimDisk::default();
    let mut store = JournalStore::open_on(disk.clone(), &name(), options).unwrap();
    store.reset(moment(1)).unwrap();
    for number in 1..=60 {
        store.append(number, &message(number, 1)).unwrap();
        store.set_next_in(number * 2).unwrap();
        if number % 3 == 0 {
            store.flush().unwrap();
        }
    }
    store.append(61, &message(61, 1)).unwrap();
    store.append(62, &message(62, 1)).unwrap();
    drop(store);
    assert!(disk.files().len() >= 3);
    disk.copy()
}

#[test]
fn flipped_bits_are_all_refused() {
    let mut rng = SmallRng::seed_from_u64(44);
    for options in [SYNCED, UNSYNCED] {
        let disk = journal(options);
        let files = disk.files();
        for _ in 0..FLIPS / 2 {
            let (file, length) = &files[rng.random_range(0..files.len())];
            let (at, mask) = (rng.random_range(0..*length), 1u8 << rng.random_range(0..8));
            disk.tamper(file, |bytes| bytes[at] ^= mask);
            match JournalStore::open_on(disk.clone(), &name(), options).err() {
                Some(OpenError::Damaged { path, offset, .. }) => {
                    assert!(
                        path.ends_with(file) && offset <= at as u64,
                        "{path:?} {offset}, not {file} {at}"
                    );
                }
                // The version is one of the bytes that can rot.
                Some(OpenError::Version { path, .. }) => assert!(path.ends_with(file) && at == 7),
                other => panic!("bit {mask:#x} of byte {at} in {file}: {other:?}"),
            }
            disk.tamper(file, |bytes| bytes[at] ^= mask);
        }
        assert!(JournalStore::open_on(disk, &name(), options).is_ok());
    }
}

#[test]
fn bits_that_rot_while_the_store_is_open_are_found_by_the_read() {
    let disk = journal(UNSYNCED);
    let mut store = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap();
    let (first, length) = disk.files().first().cloned().unwrap();
    disk.tamper(&first, |bytes| bytes[length / 2] ^= 1);
    let mut buffer = [0; 4096];
    let damaged = (1..=62).filter(|number| store.read(*number, &mut buffer).is_err()).count();
    assert!(damaged >= 1);
}

#[test]
fn a_segment_cut_short_renamed_or_removed_is_refused() {
    let disk = journal(UNSYNCED);
    let files = disk.files();
    let (first, last) = (&files[0].0, &files[files.len() - 1].0);
    for change in [0usize, 100, 1000] {
        let disk = disk.copy();
        disk.tamper(first, |bytes| bytes.truncate(change));
        assert!(matches!(
            JournalStore::open_on(disk, &name(), UNSYNCED).err(),
            Some(OpenError::Damaged { path, .. }) if path.ends_with(first)
        ));
    }
    let disk = disk.copy();
    fix_host::store::disk::Disk::remove(&disk, first).unwrap();
    let error = JournalStore::open_on(disk, &name(), UNSYNCED).err().unwrap();
    assert!(
        error.to_string().contains(first.as_str()) && !error.to_string().contains(last.as_str()),
        "{error}"
    );
}
