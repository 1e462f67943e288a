//! Journals that older builds wrote; `golden/README.md` says what is in them.

use std::path::{Path, PathBuf};

use fix_core::store::MessageStore;
use fix_host::store::{Consumer, Entries, Inspection, JournalOptions, JournalStore, Keeps, repair};
use tempfile::TempDir;

use super::{Owned, UNSYNCED, entries_after, message, moment, name, stored};

/// A copy of the journal that may be written to.
fn copy_of(version: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(golden(version)).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
    }
    dir
}

fn golden(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journal/golden").join(version)
}

/// The message kept under `number`, as text with `|` for SOH.
fn text(read: impl FnOnce(&mut [u8]) -> Option<usize>) -> Option<String> {
    let mut buffer = [0; 4096];
    let length = read(&mut buffer)?;
    Some(String::from_utf8_lossy(&buffer[..length]).replace('\x01', "|"))
}

/// MsgType(35) and, of an order, ClOrdID(11) of what version 1 keeps under `number`.
fn kept_in_version_1(number: u64) -> Option<String> {
    match number {
        1 => Some("35=A|".into()),
        5 | 10 | 15 => Some("35=0|".into()),
        19 => Some("11=order-19-again|".into()),
        2..=18 => Some(format!("11=order-{number}|")),
        25 => Some("35=5|".into()),
        _ => None,
    }
}

fn assert_is_version_1(number: u64, kept: Option<String>) {
    match kept_in_version_1(number) {
        None => assert_eq!(kept, None, "{number}"),
        Some(part) => {
            let kept = kept.unwrap_or_else(|| panic!("{number} is not kept"));
            let whole = kept.starts_with("8=FIX.4.4|9=") && kept.contains(&format!("|34={number}|"));
            assert!(whole && kept.contains(&part), "{number}: {kept}");
        }
    }
}

#[test]
fn a_journal_of_version_1_is_shown_as_it_was_written() {
    let mut inspection = Inspection::open(&golden("version-1"), &name()).unwrap();
    assert_eq!((inspection.next_in(), inspection.next_out()), (Some(42), 26));
    assert_eq!(inspection.creation_time(), Some(moment(1_767_623_400)));
    for number in 0..30 {
        assert_is_version_1(number, text(|buffer| inspection.read(number, buffer).unwrap()));
    }
}

#[test]
fn a_journal_of_version_1_goes_on_where_it_ended() {
    let dir = copy_of("version-1");
    let mut store = JournalStore::open(dir.path(), &name(), UNSYNCED).unwrap();
    assert_eq!((store.next_in(), store.next_out()), (Some(42), 26));
    assert_eq!(store.recovered().messages, 20);
    store.append(26, b"new").unwrap();
    store.set_next_in(43).unwrap();
    store.flush().unwrap();
    drop(store);

    let mut store = JournalStore::open(dir.path(), &name(), UNSYNCED).unwrap();
    assert_eq!((store.next_in(), store.next_out()), (Some(43), 27));
    for number in 0..26 {
        assert_is_version_1(number, text(|buffer| store.read(number, buffer).unwrap()));
    }
    assert_eq!(text(|buffer| store.read(26, buffer).unwrap()), Some("new".into()));
    // The new format stands in a file of its own; those of the old one are as they were.
    for file in std::fs::read_dir(golden("version-1")).unwrap() {
        let file = file.unwrap();
        let now = std::fs::read(dir.path().join(file.file_name())).unwrap();
        assert_eq!(now, std::fs::read(file.path()).unwrap());
    }
}

#[test]
fn a_journal_of_version_2_gives_readers_what_they_were_not_told_of() {
    let dir = copy_of("version-2");
    let keeps = Keeps { history: 100, consumers: &[Consumer::Redis] };
    let mut store = JournalStore::open(dir.path(), &name(), JournalOptions { keeps, ..UNSYNCED }).unwrap();
    assert_eq!((store.next_in(), store.next_out()), (Some(21), 21));
    assert_eq!(store.creation_time(), Some(moment(1_767_623_400)));
    for number in 1..=20 {
        assert_eq!(stored(&mut store, number), Some(message(number, 1)));
    }
    let received = |epoch, number| Owned::Received(epoch, number, message(number, epoch));
    let mut all: Vec<_> = (1..=4).map(|number| received(0, number)).collect();
    all.extend([Owned::Own(1, b"not resent".to_vec()), received(0, 5)]);
    all.extend((2..=20).map(|number| received(1, number)));
    let told = store.told_up_to(Consumer::Redis);
    for (after, expected) in [(Default::default(), &all[..]), (told, &all[10..])] {
        let found: Vec<_> = entries_after(&mut store, after).into_iter().map(|(_, owned)| owned).collect();
        assert_eq!(found, expected);
    }
    store.own_report(b"again").unwrap();
    store.flush().unwrap();
    let last = entries_after(&mut store, told).pop().map(|(_, owned)| owned);
    assert_eq!(last, Some(Owned::Own(2, b"again".to_vec())));
}

/// What an older build says of a journal that a newer one went on with: docs/upgrade.md.
#[test]
fn a_journal_of_a_newer_version_is_refused_and_left_as_it_is() {
    const NEWER: u8 = 3;
    let dir = copy_of("version-2");
    let last = dir.path().join("FIX.4.4-DESK-BROKER.0000000005.journal");
    let mut bytes = std::fs::read(&last).unwrap();
    // Behind the mark of seven bytes.
    bytes[7] = NEWER;
    std::fs::write(&last, &bytes).unwrap();
    let said = format!(
        "{}: format version 3 is not known to this engine (it writes version 2); open it with the fix-host that wrote \
         it, and carry it over with `",
        last.display()
    );
    let opened = JournalStore::open(dir.path(), &name(), UNSYNCED).err().unwrap().to_string();
    assert!(opened.starts_with(&said), "{opened}");
    let inspected = Inspection::open(dir.path(), &name()).err().unwrap().to_string();
    assert!(inspected.starts_with(&said), "{inspected}");
    let repaired = repair(dir.path(), &name()).err().unwrap().to_string();
    assert!(repaired.contains(&said), "{repaired}");
    assert_eq!(std::fs::read(&last).unwrap(), bytes);
    let files = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().path());
    assert_eq!(files.filter(|file| file.extension().is_some_and(|end| end == "journal")).count(), 5);
}
