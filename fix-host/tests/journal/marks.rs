//! What a journal tells, when it is opened, of a mark that was noted before: whether all that was sent since is in it.

use std::path::Path;

use fix_core::store::MessageStore;
use fix_host::store::{JournalOptions, JournalStore, Mark, repair};

use super::{UNSYNCED, message, moment, name};

/// Small files, so that a new one begins often.
const OPTIONS: JournalOptions = JournalOptions { segment_len: 1000, ..UNSYNCED };

fn open(dir: &Path) -> JournalStore {
    JournalStore::open(dir, &name(), OPTIONS).unwrap()
}

fn send(store: &mut JournalStore, count: u64) {
    for _ in 0..count {
        let number = store.next_out();
        store.append(number, &message(number, 1)).unwrap();
        store.flush().unwrap();
    }
}

/// A mark that was noted after some messages, before `work` was done; is all of that in the journal?
fn is_complete(work: impl FnOnce(JournalStore, &Path)) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    send(&mut store, 5);
    let mark: Mark = store.marker().get();
    work(store, dir.path());
    open(dir.path()).recovered().evidence.continues(&mark)
}

#[test]
fn a_journal_that_went_on_is_complete() {
    assert!(is_complete(|_, _| ()));
    assert!(is_complete(|mut store, _| send(&mut store, 100)), "in many files");
    assert!(
        is_complete(|mut store, _| store.set_next_out(50).unwrap()),
        "a number set forward forgets nothing"
    );
    assert!(is_complete(|store, dir| {
        drop(store);
        send(&mut open(dir), 3);
    }));
}

#[test]
fn what_was_reset_set_back_repaired_or_replaced_is_not() {
    assert!(!is_complete(|mut store, _| {
        store.reset(moment(1)).unwrap();
        send(&mut store, 50);
    }));
    assert!(!is_complete(|mut store, _| {
        store.reset_one_side(moment(1)).unwrap();
        send(&mut store, 50);
    }));
    assert!(!is_complete(|mut store, _| {
        send(&mut store, 30);
        store.set_next_out(20).unwrap();
        send(&mut store, 50);
    }));
    assert!(!is_complete(|store, dir| {
        drop(store);
        std::fs::remove_dir_all(dir).unwrap();
        send(&mut open(dir), 50);
    }));
    assert!(!is_complete(|mut store, dir| {
        send(&mut store, 30);
        drop(store);
        let file = newest_file(dir);
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        bytes.extend([0x55; 100]);
        std::fs::write(&file, bytes).unwrap();
        repair(dir, &name()).unwrap().expect("damage");
    }));
}

#[test]
fn what_was_cut_off_before_the_mark_shows() {
    assert!(!is_complete(|store, dir| {
        drop(store);
        let file = newest_file(dir);
        let len = std::fs::metadata(&file).unwrap().len();
        std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(len - 1).unwrap();
    }));
}

#[test]
fn a_number_that_was_set_back_before_the_mark_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    send(&mut store, 5);
    store.set_next_out(3).unwrap();
    send(&mut store, 1);
    let mark = store.marker().get();
    send(&mut store, 5);
    drop(store);
    assert!(open(dir.path()).recovered().evidence.continues(&mark));
}

fn newest_file(dir: &Path) -> std::path::PathBuf {
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|e| e == "journal")).max().unwrap()
}
