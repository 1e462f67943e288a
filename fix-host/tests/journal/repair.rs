//! What `fix-host store repair` makes of a damaged journal.

use std::path::{Path, PathBuf};

use fix_core::store::MessageStore;
use fix_host::store::{
    Consumer, Entries, JournalOptions, JournalStore, Keeps, OpenError, RepairError, repair,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::{Owned, UNSYNCED, entries_after, message, moment, name, stored};

const OPTIONS: JournalOptions =
    JournalOptions { keeps: Keeps { history: 100, consumers: &[Consumer::Redis] }, ..UNSYNCED };

fn open(dir: &Path) -> Result<JournalStore, OpenError> {
    JournalStore::open(dir, &name(), OPTIONS)
}

/// 60 sent and 60 received messages in several files after a reset, and 10 received before it; Redis was told of 30.
fn journal(dir: &Path) {
    let mut store = open(dir).unwrap();
    for number in 1..=10 {
        store.received(number, &message(number, 0)).unwrap();
    }
    store.reset(moment(1)).unwrap();
    for number in 1..=60 {
        store.append(number, &message(number, 1)).unwrap();
        store.received(number, &message(number, 1)).unwrap();
        store.set_next_in(number + 1).unwrap();
        store.flush().unwrap();
        if number == 20 {
            let last = store.last_entry();
            store.told(Consumer::Redis, last).unwrap();
        }
    }
    store.own_report(b"report").unwrap();
    store.flush().unwrap();
}

fn journals(dir: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "journal")).collect();
    files.sort();
    files
}

/// Overwrites the bytes of the message `number` of the file with something else.
fn damage(file: &Path, number: u64) {
    let mut bytes = std::fs::read(file).unwrap();
    let text = message(number, 1);
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at + 12] ^= 0x40;
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn one_damaged_message_is_lost_and_named_and_all_else_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    journal(dir.path());
    let files = journals(dir.path());
    assert!(files.len() > 3);
    let file = files.iter().find(|file| {
        let (bytes, text) = (std::fs::read(file).unwrap(), message(12, 1));
        bytes.windows(text.len()).any(|window| window == text)
    });
    damage(file.unwrap(), 12);
    let damaged = std::fs::read(file.unwrap()).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::Damaged { .. })));

    let repaired = repair(dir.path(), &name()).unwrap().unwrap();
    assert_eq!((repaired.lost, repaired.messages, repaired.entries), (vec![(12, 12)], 59, 71));
    assert_eq!((repaired.next_in, repaired.next_out, repaired.damage.len()), (Some(61), 61, 1));
    assert_eq!(std::fs::read(repaired.copy.join(file.unwrap().file_name().unwrap())).unwrap(), damaged);
    assert_eq!(journals(&repaired.copy).len(), files.len());

    let mut store = open(dir.path()).unwrap();
    assert_eq!((store.next_in(), store.next_out(), store.creation_time()), (Some(61), 61, Some(moment(1))));
    for number in 1..=60 {
        assert_eq!(stored(&mut store, number), (number != 12).then(|| message(number, 1)), "{number}");
    }
    let told = store.told_up_to(Consumer::Redis);
    let mut due: Vec<_> = (21..=60).map(|number| Owned::Received(1, number, message(number, 1))).collect();
    due.push(Owned::Own(1, b"report".to_vec()));
    assert_eq!(entries_after(&mut store, told).into_iter().map(|(_, owned)| owned).collect::<Vec<_>>(), due);
    // Epoch and own reports go on.
    store.reset(moment(2)).unwrap();
    store.received(1, b"x").unwrap();
    store.own_report(b"y").unwrap();
    store.flush().unwrap();
    let all = entries_after(&mut store, Default::default());
    let newest: Vec<_> = all[all.len() - 2..].iter().map(|(_, owned)| owned.clone()).collect();
    assert_eq!(newest, [Owned::Received(2, 1, b"x".to_vec()), Owned::Own(2, b"y".to_vec())]);
    drop(store);
    assert!(repair(dir.path(), &name()).unwrap().is_none(), "there is nothing to repair any more");
}

#[test]
fn whatever_is_damaged_the_repaired_journal_opens_and_says_no_message_that_was_not_there() {
    for seed in 0..60 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let dir = tempfile::tempdir().unwrap();
        journal(dir.path());
        let files = journals(dir.path());
        for _ in 0..rng.random_range(1..4) {
            let file = &files[rng.random_range(0..files.len())];
            let mut bytes = std::fs::read(file).unwrap();
            if bytes.is_empty() {
                continue;
            }
            let from = rng.random_range(0..bytes.len());
            let to = (from + rng.random_range(1..600)).min(bytes.len());
            match rng.random_range(0..3) {
                0 => bytes[from..to].fill(0x11),
                1 => drop(bytes.drain(from..to)),
                _ => bytes.truncate(from),
            }
            std::fs::write(file, bytes).unwrap();
        }
        let repaired = match repair(dir.path(), &name()) {
            Ok(Some(repaired)) => repaired,
            Ok(None) => continue,
            Err(error) => panic!("seed {seed}: {error}"),
        };
        let mut store = open(dir.path()).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!((store.next_in(), store.next_out()), (repaired.next_in, repaired.next_out), "seed {seed}");
        let is_lost =
            |number: u64| repaired.lost.iter().any(|(first, last)| (*first..=*last).contains(&number));
        for number in 1..repaired.next_out {
            match stored(&mut store, number) {
                Some(bytes) => assert_eq!(bytes, message(number, 1), "seed {seed}"),
                None => assert!(is_lost(number), "seed {seed}: {number} is lost and not named"),
            }
        }
        assert_eq!(journals(&repaired.copy).len(), files.len(), "seed {seed}");
    }
}

#[test]
fn a_running_engine_and_a_journal_without_any_header_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    journal(dir.path());
    let running = open(dir.path()).unwrap();
    std::fs::remove_file(dir.path().join("FIX.4.4-DESK-BROKER.lock")).unwrap();
    for file in &journals(dir.path())[..1] {
        std::fs::write(file, [1; 500]).unwrap();
    }
    assert!(matches!(repair(dir.path(), &name()), Err(RepairError::Open(OpenError::InUse { .. }))));
    drop(running);
    for file in journals(dir.path()) {
        std::fs::write(file, [1; 500]).unwrap();
    }
    let before = journals(dir.path());
    let error = repair(dir.path(), &name()).unwrap_err();
    assert!(error.to_string().contains("not even its numbers are known"), "{error}");
    assert_eq!(journals(dir.path()), before);
}
