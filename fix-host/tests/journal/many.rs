//! Many stores in one directory.

use fix_core::store::MessageStore;
use fix_host::store::{JournalOptions, JournalStore, OpenError, SessionName, disk::Disk};

use super::{SYNCED, UNSYNCED, message, name, sim_disk::SimDisk, stored};

fn names(count: usize) -> Vec<(SessionName, JournalOptions)> {
    let name = |number: usize| SessionName::new("FIX.4.4", ["EX", "", ""], [&number.to_string(), "", ""], "");
    (0..count).map(|number| (name(number), UNSYNCED)).collect()
}

fn open_all<D: Disk + Clone>(
    disk: &D,
    wanted: &[(SessionName, JournalOptions)],
) -> Vec<Result<JournalStore<D>, OpenError>> {
    JournalStore::open_all_on(disk, wanted).unwrap()
}

#[test]
fn the_directory_is_listed_for_all_stores_together() {
    let (disk, wanted) = (SimDisk::default(), names(500));
    let mut stores: Vec<_> = open_all(&disk, &wanted).into_iter().map(Result::unwrap).collect();
    assert_eq!(disk.listings(), 1, "all of them are new");
    for (number, store) in stores.iter_mut().enumerate() {
        assert_eq!(store.name(), &wanted[number].0);
        store.append(1, &message(number as u64, 0)).unwrap();
    }
    drop(stores);
    let mut stores: Vec<_> = open_all(&disk, &wanted).into_iter().map(Result::unwrap).collect();
    assert_eq!(disk.listings(), 3, "before and behind the locks of the segments");
    for (number, store) in stores.iter_mut().enumerate() {
        assert_eq!(stored(store, 1), Some(message(number as u64, 0)));
    }
}

#[test]
fn a_store_that_cannot_be_opened_keeps_no_other_from_it() {
    let (disk, wanted) = (SimDisk::default(), names(4));
    drop(open_all(&disk, &wanted));
    disk.tamper(&format!("{}.0000000001.journal", wanted[1].0), |bytes| bytes[9] ^= 1);
    let held = JournalStore::open_on(disk.clone(), &wanted[2].0, SYNCED).unwrap();
    let opened = open_all(&disk, &wanted);
    assert!(matches!(opened[1], Err(OpenError::Damaged { .. })));
    assert!(matches!(opened[2], Err(OpenError::InUse { .. })));
    assert!(opened[0].is_ok() && opened[3].is_ok());
    drop((held, opened));
    assert!(open_all(&disk, &wanted)[2].is_ok());
}

#[test]
fn one_session_twice_is_refused_the_second_time() {
    let wanted = [(name(), SYNCED), (name(), SYNCED)];
    let opened = open_all(&SimDisk::default(), &wanted);
    assert!(opened[0].is_ok() && matches!(opened[1], Err(OpenError::InUse { .. })));
}
