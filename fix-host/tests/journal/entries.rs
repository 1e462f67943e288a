//! What the journal, and the store in memory like it, keep for readers beside the session.

use fix_core::store::MessageStore;
use fix_host::store::{
    Consumer, Entries, Inspection, JournalOptions, JournalStore, Keeps, MemoryStore, Position,
};
use tempfile::TempDir;

use super::{Owned, UNSYNCED, entries_after, moment, name};

const KEEPS: Keeps = Keeps { history: 3, consumers: &[Consumer::Redis] };
const OPTIONS: JournalOptions = JournalOptions { keeps: KEEPS, ..UNSYNCED };

fn open(dir: &TempDir) -> JournalStore {
    JournalStore::open(dir.path(), &name(), OPTIONS).unwrap()
}

fn journals(dir: &TempDir) -> usize {
    let names = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().ends_with(".journal")).count()
}

fn received(epoch: u64, number: u64) -> Owned {
    Owned::Received(epoch, number, format!("received {number}").into_bytes())
}

/// A message of the counterparty's that counts.
fn receive(store: &mut dyn Entries, number: u64) {
    store.received(number, format!("received {number}").as_bytes()).unwrap();
    store.set_next_in(number + 1).unwrap();
}

fn contents(store: &mut dyn Entries, after: Position) -> Vec<Owned> {
    entries_after(store, after).into_iter().map(|(_, content)| content).collect()
}

/// Runs the same test on both kinds of store.
fn with_both(test: impl Fn(&mut dyn Entries)) {
    let dir = tempfile::tempdir().unwrap();
    test(&mut open(&dir));
    test(&mut MemoryStore::new(KEEPS));
}

#[test]
fn entries_are_read_in_order_once_they_are_flushed() {
    with_both(|store| {
        assert_eq!(store.last_entry(), Position::START);
        store.append(1, b"sent").unwrap();
        receive(store, 1);
        store.own_report(b"not resent").unwrap();
        receive(store, 2);
        store.flush().unwrap();
        let all = entries_after(store, Position::START);
        assert_eq!(store.last_entry(), all[2].0);
        let found: Vec<_> = all.iter().map(|(_, content)| content.clone()).collect();
        assert_eq!(found, [received(0, 1), Owned::Own(1, b"not resent".to_vec()), received(0, 2)]);
        assert_eq!(contents(store, all[0].0), found[1..]);
        assert_eq!(contents(store, all[2].0), []);
        receive(store, 3);
        store.flush().unwrap();
        assert_eq!(contents(store, all[2].0), [received(0, 3)], "whoever reads on finds what is new");
    });
}

#[test]
fn the_journal_shows_no_entry_before_it_is_flushed() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir);
    receive(&mut store, 1);
    assert_eq!((contents(&mut store, Position::START), store.last_entry()), (vec![], Position::START));
    store.flush().unwrap();
    assert_eq!(contents(&mut store, Position::START), [received(0, 1)]);
}

#[test]
fn an_epoch_begins_with_the_counterparty_s_numbers() {
    with_both(|store| {
        receive(store, 7);
        // Our own numbers begin again, theirs go on until they answer.
        store.reset_one_side(moment(1)).unwrap();
        store.received(8, b"received 8").unwrap();
        store.set_next_in(2).unwrap();
        receive(store, 7);
        store.reset(moment(2)).unwrap();
        receive(store, 7);
        store.flush().unwrap();
        let expected = [received(0, 7), received(0, 8), received(1, 7), received(2, 7)];
        assert_eq!(contents(store, Position::START), expected);
    });
}

#[test]
fn what_a_consumer_was_not_told_outlives_resets_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    for epoch in 0..20 {
        let mut store = open(&dir);
        receive(&mut store, 1);
        receive(&mut store, 2);
        store.reset(moment(epoch)).unwrap();
    }
    let mut store = open(&dir);
    let all = entries_after(&mut store, Position::START);
    let expected: Vec<_> = (0..20).flat_map(|epoch| [received(epoch, 1), received(epoch, 2)]).collect();
    assert_eq!(all.iter().map(|(_, content)| content.clone()).collect::<Vec<_>>(), expected);

    // Told of all but two, it keeps its place through a restart, and the room comes back with the next reset.
    store.told(Consumer::Redis, all[37].0).unwrap();
    store.told(Consumer::Redis, all[5].0).unwrap();
    store.flush().unwrap();
    drop(store);
    let mut store = open(&dir);
    assert_eq!(store.told_up_to(Consumer::Redis), all[37].0);
    assert_eq!(contents(&mut store, all[37].0), [received(19, 1), received(19, 2)]);
    store.reset(moment(99)).unwrap();
    assert_eq!(contents(&mut store, Position::START), expected[36..], "two due, and three of history");
    assert_eq!(journals(&dir), 3);
    store.told(Consumer::Redis, all[39].0).unwrap();
    drop(store);
    let mut store = open(&dir);
    let told = store.told_up_to(Consumer::Redis);
    assert_eq!(contents(&mut store, told), []);
}

#[test]
fn the_history_is_kept_whoever_was_told_of_it() {
    with_both(|store| {
        for number in 1..=10 {
            receive(store, number);
            store.flush().unwrap();
            let last = store.last_entry();
            store.told(Consumer::Redis, last).unwrap();
            if number % 2 == 0 {
                store.reset(moment(1)).unwrap();
            }
        }
        let last: Vec<_> = [(3, 8), (4, 9), (4, 10)].map(|(epoch, number)| received(epoch, number)).into();
        let from = store.before_last(3);
        assert!(contents(store, from).ends_with(&last));
        assert_eq!(store.before_last(0), store.before_last(0).max(from));
    });
}

#[test]
fn resets_without_entries_leave_no_files() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir);
    receive(&mut store, 1);
    for epoch in 0..50 {
        store.reset(moment(epoch)).unwrap();
        store.append(1, b"sent").unwrap();
        store.flush().unwrap();
    }
    assert_eq!(journals(&dir), 2, "one with the entry, one that is written to");
    drop(store);
    assert_eq!(contents(&mut open(&dir), Position::START), [received(0, 1)]);
}

#[test]
fn entries_are_found_over_many_segments_and_between_many_other_records() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir);
    for number in 1..=200 {
        store.append(number, &[b'x'; 300]).unwrap();
        if number % 20 == 0 {
            receive(&mut store, number);
        }
        store.flush().unwrap();
    }
    assert!(journals(&dir) > 10);
    let expected: Vec<_> = (1..=10).map(|tens| received(0, tens * 20)).collect();
    assert_eq!(contents(&mut store, Position::START), expected);
    drop(store);
    let mut store = open(&dir);
    assert_eq!(contents(&mut store, Position::START), expected);
    let mut buffer = [0; 512];
    for number in 1..=200 {
        assert_eq!(store.read(number, &mut buffer), Ok(Some(300)), "{number}");
    }
    assert_eq!(Inspection::open(dir.path(), &name()).unwrap().recovered().entries, 10);
}

#[test]
fn own_reports_are_counted_through_resets_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    for number in 1..=5 {
        let mut store = open(&dir);
        store.own_report(b"report").unwrap();
        store.flush().unwrap();
        store.reset(moment(number)).unwrap();
        let all = contents(&mut store, Position::START);
        assert_eq!(all.last(), Some(&Owned::Own(number as u64, b"report".to_vec())));
    }
}

#[test]
fn a_journal_without_readers_forgets_everything_with_a_reset() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::open(dir.path(), &name(), UNSYNCED).unwrap();
    receive(&mut store, 1);
    store.flush().unwrap();
    assert_eq!(contents(&mut store, Position::START), [received(0, 1)]);
    store.reset(moment(1)).unwrap();
    assert_eq!((journals(&dir), contents(&mut store, Position::START)), (1, vec![]));
}
