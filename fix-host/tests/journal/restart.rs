//! The journal in a directory of the real file system.

use fix_core::store::{MessageStore, StoreError, conformance::conformance};
use fix_host::store::{JournalOptions, JournalStore, OpenError, SessionName};

use super::{SYNCED, UNSYNCED, message, moment, name, sim_disk::SimDisk, stored};

#[test]
fn it_is_a_message_store() {
    let mut directories = Vec::new();
    for options in [UNSYNCED, SYNCED] {
        let conforms = conformance(|| {
            directories.push(tempfile::tempdir().unwrap());
            JournalStore::open(directories.last().unwrap().path(), &name(), options).unwrap()
        });
        assert_eq!(conforms, Ok(()));
    }
}

/// An application may write elsewhere before the flush, which what is in the batch must not precede.
#[test]
fn nothing_of_a_batch_is_written_before_its_flush_even_where_a_segment_is_full() {
    let disk = SimDisk::default();
    let mut store = JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap();
    for _ in 0..5 {
        // The first may begin a segment.
        let first = store.next_out();
        store.append(first, &message(first, 1)).unwrap();
        let before = disk.operations();
        for number in first + 1..first + 1000 {
            store.append(number, &[b'x'; 4000]).unwrap();
        }
        assert_eq!(disk.operations(), before);
        store.flush().unwrap();
    }
    assert_eq!(disk.files().len(), 5);
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    for options in [JournalOptions::default(), UNSYNCED, JournalOptions { sync: true, ..UNSYNCED }] {
        let mut store = JournalStore::open(&path, &name(), options).unwrap();
        store.reset(moment(7)).unwrap();
        for number in 1..=500 {
            store.append(number, &message(number, 7)).unwrap();
        }
        store.set_next_in(77).unwrap();
        assert_eq!(stored(&mut store, 500), Some(message(500, 7)), "not yet flushed");
        store.flush().unwrap();
        drop(store);

        let mut store = JournalStore::open(&path, &name(), options).unwrap();
        assert_eq!((store.next_in(), store.next_out()), (Some(77), 501));
        assert_eq!(store.creation_time(), Some(moment(7)));
        assert_eq!(store.recovered().messages, 500);
        for number in (1..=500).chain((1..=500).rev()) {
            assert_eq!(stored(&mut store, number), Some(message(number, 7)));
        }
        assert_eq!(stored(&mut store, 501), None);
        assert_eq!(stored(&mut store, 0), None);
    }
}

#[test]
fn a_reset_removes_the_old_files() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::open(dir.path(), &name(), UNSYNCED).unwrap();
    for number in 1..=500 {
        store.append(number, &message(number, 0)).unwrap();
        store.flush().unwrap();
    }
    assert!(std::fs::read_dir(dir.path()).unwrap().count() > 5);
    store.reset(moment(1)).unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3, "one segment, the lock and the reserve");
    assert_eq!(stored(&mut store, 1), None);
}

#[test]
fn a_session_whose_name_only_looks_the_same_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let one = SessionName::new("FIX.4.4", ["A-B", "", ""], ["C", "", ""], "");
    let other = SessionName::new("FIX.4.4", ["A", "", ""], ["B-C", "", ""], "");
    drop(JournalStore::open(dir.path(), &one, UNSYNCED).unwrap());
    assert!(matches!(
        JournalStore::open(dir.path(), &other, UNSYNCED).err(),
        Some(OpenError::OtherSession { .. })
    ));
}

#[test]
fn what_does_not_fit_is_refused_and_consumes_no_number() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::open(dir.path(), &name(), UNSYNCED).unwrap();
    assert_eq!(store.append(1, &vec![b'x'; 1 << 24]), Err(StoreError::TooLarge));
    assert!(matches!(store.append(2, b"x"), Err(StoreError::Corrupt(_))));
    assert_eq!(store.next_out(), 1);
    store.append(1, &message(1, 0)).unwrap();
    assert_eq!(store.read(1, &mut [0; 4]), Err(StoreError::TooLarge));
    // A message larger than every buffer in between.
    let large = vec![b'x'; 1 << 20];
    store.append(2, &large).unwrap();
    store.flush().unwrap();
    let mut buffer = vec![0; 2 << 20];
    assert_eq!(store.read(2, &mut buffer), Ok(Some(large.len())));
    assert_eq!(&buffer[..large.len()], large);
}
