//! Disks that are full or broken.

use std::io::ErrorKind;

use fix_core::store::{MessageStore, StoreError};
use fix_host::store::{JournalStore, OpenError, disk::Disk};

use super::{SYNCED, UNSYNCED, message, moment, name, sim_disk::SimDisk, stored};

#[test]
fn after_a_failure_every_call_errs_and_nothing_is_written_again() {
    for (kind, operations) in [(ErrorKind::StorageFull, 1..2), (ErrorKind::Other, 0..2)] {
        // Operation 0 is the write of the flush, 1 its sync.
        for operation in operations {
            let disk = SimDisk::default();
            let mut store = JournalStore::open_on(disk.clone(), &name(), SYNCED).unwrap();
            store.append(1, &message(1, 0)).unwrap();
            store.flush().unwrap();
            disk.fail_at(operation, kind, false);
            store.append(2, &message(2, 0)).unwrap();
            let error = store.flush().unwrap_err();
            let before = disk.operations();

            assert!(matches!(error, StoreError::Io(_)));
            assert_eq!(store.flush(), Err(error));
            assert_eq!(store.append(3, b"x"), Err(error));
            assert_eq!(store.set_next_in(3), Err(error));
            assert_eq!(store.set_next_out(3), Err(error));
            assert_eq!(store.reset(moment(1)), Err(error));
            assert_eq!(store.read(1, &mut [0; 4096]), Err(error));
            let failure = store.failure().unwrap();
            assert_eq!(failure.source.kind(), kind);
            assert!(failure.to_string().contains("FIX.4.4-DESK-BROKER.0000000001.journal"), "{failure}");
            drop(store);
            assert_eq!(disk.operations(), before, "a failed write or sync was tried again");
        }
    }
}

#[test]
fn a_message_whose_sync_failed_may_come_back_but_never_half_of_it() {
    for operation in 0..2 {
        let disk = SimDisk::default();
        let mut store = JournalStore::open_on(disk.clone(), &name(), SYNCED).unwrap();
        store.append(1, &message(1, 0)).unwrap();
        store.flush().unwrap();
        disk.fail_at(operation, ErrorKind::Other, false);
        store.append(2, &message(2, 0)).unwrap();
        store.flush().unwrap_err();
        drop(store);

        let mut store = JournalStore::open_on(disk, &name(), SYNCED).unwrap();
        assert_eq!(stored(&mut store, 1), Some(message(1, 0)));
        assert_eq!(store.next_out(), if operation == 0 { 2 } else { 3 });
        assert_eq!(store.recovered().torn_tail.is_some(), operation == 0);
    }
}

#[test]
fn a_full_disk_takes_what_was_promised_and_a_logout_out_of_the_reserve() {
    for options in [SYNCED, UNSYNCED] {
        let disk = SimDisk::default();
        let mut store = JournalStore::open_on(disk.clone(), &name(), options).unwrap();
        store.append(1, &message(1, 0)).unwrap();
        store.set_next_in(2).unwrap();
        disk.fail_at(0, ErrorKind::StorageFull, false);
        store.flush().unwrap();
        assert!(store.is_full());
        // Beyond the end of a segment too: a new one is not begun.
        let last = 200;
        for number in 2..=last {
            store.append(number, &message(number, 0)).unwrap();
            store.flush().unwrap();
        }
        // Nothing is given back any more.
        disk.fail_at(0, ErrorKind::StorageFull, true);
        store.append(last + 1, b"x").unwrap();
        assert!(matches!(store.flush(), Err(StoreError::Io(_))));
        drop(store);

        let mut store = JournalStore::open_on(disk.copy(), &name(), options).unwrap();
        assert!(!store.is_full());
        assert_eq!((store.next_in(), store.next_out()), (Some(2), last + 1));
        for number in 1..=last {
            assert_eq!(stored(&mut store, number), Some(message(number, 0)));
        }
    }
}

#[test]
fn a_disk_that_is_full_when_a_segment_is_to_begin_loses_nothing() {
    // The creation of the segment, the write of its header.
    for operation in 0..2 {
        let disk = SimDisk::default();
        let mut store = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap();
        for number in 1..100 {
            store.append(number, &message(number, 0)).unwrap();
        }
        store.flush().unwrap();
        let number = 100;
        disk.fail_at(operation, ErrorKind::StorageFull, false);
        store.append(number, &message(number, 0)).unwrap();
        assert!(store.is_full(), "{operation}: no segment was to begin");
        store.flush().unwrap();
        drop(store);
        let mut store = JournalStore::open_on(disk, &name(), UNSYNCED).unwrap();
        assert_eq!(store.next_out(), number + 1);
        for number in 1..=number {
            assert_eq!(stored(&mut store, number), Some(message(number, 0)));
        }
    }
}

#[test]
fn a_full_disk_at_the_start_is_said_and_half_a_reserve_is_none() {
    let disk = SimDisk::default();
    // Creation and header of the segment, both syncs, creation of the reserve; then what fills it.
    disk.fail_at(5, ErrorKind::StorageFull, false);
    let error = JournalStore::open_on(disk.clone(), &name(), SYNCED).err().unwrap();
    assert!(error.to_string().contains("cannot set room aside"), "{error}");
    assert!(!disk.list().unwrap().iter().any(|file| file.ends_with(".reserve")));
    assert!(JournalStore::open_on(disk, &name(), SYNCED).is_ok());
}

#[test]
fn a_reset_that_fails_leaves_the_old_state_on_disk() {
    // Creation, header, sync of the file, sync of the directory.
    for operation in 0..4 {
        let disk = SimDisk::default();
        let mut store = JournalStore::open_on(disk.clone(), &name(), SYNCED).unwrap();
        store.append(1, &message(1, 0)).unwrap();
        store.flush().unwrap();
        disk.fail_at(operation, ErrorKind::StorageFull, true);
        assert!(matches!(store.reset(moment(1)), Err(StoreError::Io(_))));
        drop(store);

        let mut store = JournalStore::open_on(disk.copy(), &name(), SYNCED).unwrap();
        let reset_is_complete = operation >= 2;
        assert_eq!(store.next_out(), if reset_is_complete { 1 } else { 2 });
        assert_eq!(stored(&mut store, 1).is_some(), !reset_is_complete);
    }
}

#[test]
fn a_disk_that_fails_at_the_start_is_an_error_that_names_the_file() {
    let disk = SimDisk::default();
    disk.fail_at(0, ErrorKind::PermissionDenied, true);
    let error = JournalStore::open_on(disk, &name(), SYNCED).err().unwrap();
    assert!(matches!(error, OpenError::Io { .. }));
    assert!(error.to_string().contains("FIX.4.4-DESK-BROKER.0000000001.journal"), "{error}");
}

#[test]
fn two_engines_on_one_store_are_refused() {
    let disk = SimDisk::default();
    let first = JournalStore::open_on(disk.clone(), &name(), SYNCED).unwrap();
    let error = JournalStore::open_on(disk.clone(), &name(), SYNCED).err().unwrap();
    assert!(error.to_string().contains("in use by process 1"), "{error}");
    drop(first);
    assert!(JournalStore::open_on(disk, &name(), SYNCED).is_ok());
}

#[test]
fn two_engines_on_one_store_are_refused_though_the_lock_file_was_removed() {
    let disk = SimDisk::default();
    let mut first = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap();
    for number in 1..=60 {
        first.append(number, &message(number, 0)).unwrap();
        first.flush().unwrap();
        if number == 40 {
            first.reset(moment(1)).unwrap();
            break;
        }
        disk.remove_lock_files();
        let error = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).err().unwrap();
        assert!(matches!(error, OpenError::InUse { .. }), "{number}: {error}");
    }
    disk.remove_lock_files();
    assert!(JournalStore::open_on(disk.clone(), &name(), UNSYNCED).is_err(), "after a reset too");
    drop(first);
    disk.remove_lock_files();
    assert!(JournalStore::open_on(disk, &name(), UNSYNCED).is_ok());
}

#[test]
fn two_engines_on_one_directory_are_refused_though_the_lock_file_was_removed() {
    let dir = tempfile::tempdir().unwrap();
    let first = JournalStore::open(dir.path(), &name(), UNSYNCED).unwrap();
    std::fs::remove_file(dir.path().join("FIX.4.4-DESK-BROKER.lock")).unwrap();
    let error = JournalStore::open(dir.path(), &name(), UNSYNCED).err().unwrap();
    assert!(error.to_string().contains("the store is in use by another process"), "{error}");
    drop(first);
    assert!(JournalStore::open(dir.path(), &name(), UNSYNCED).is_ok());
}
