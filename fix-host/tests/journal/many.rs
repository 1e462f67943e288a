//! Many stores in one directory.

use fix_core::store::MessageStore;
use fix_host::store::{JournalOptions, JournalStore, OpenError, Reserves, SessionName, disk::Disk};

use super::{SYNCED, UNSYNCED, message, name, sim_disk::SimDisk, stored};

fn names(count: usize) -> Vec<(SessionName, JournalOptions)> {
    let name = |number: usize| SessionName::new("FIX.4.4", ["EX", "", ""], [&number.to_string(), "", ""], "");
    (0..count).map(|number| (name(number), UNSYNCED)).collect()
}

fn open_all<D: Disk + Clone>(
    disk: &D,
    wanted: &[(SessionName, JournalOptions)],
) -> Vec<Result<JournalStore<D>, OpenError>> {
    JournalStore::open_all_on(disk, wanted, &Reserves::default()).unwrap()
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

/// Fills stores up to a few bytes before the end of a block, so that the next message of each begins another one.
fn fill_blocks(disk: &SimDisk, stores: &mut [JournalStore<SimDisk>]) {
    for store in stores {
        let file = format!("{}.0000000001.journal", store.name());
        let length = || disk.files().iter().find(|(name, _)| *name == file).map_or(0, |(_, length)| *length);
        while length() % 4096 < 4000 {
            let number = store.next_out();
            store.append(number, &[b'x'; 40]).unwrap();
            store.flush().unwrap();
        }
    }
}

/// What a session does when its disk is full: what it has promised is stored, then its Logout.
fn promise_and_log_out(store: &mut JournalStore<SimDisk>, promised: u64) {
    for _ in 0..promised {
        store.append(store.next_out(), &[b'o'; 300]).unwrap();
    }
    store.flush().unwrap();
    store.append(store.next_out(), &[b'l'; 120]).unwrap();
    store.set_next_in(7).unwrap();
    store.flush().unwrap();
}

/// The worst there is: all of them at the end of a block, some with a batch of orders.
#[test]
fn all_stores_of_a_full_disk_have_room_for_what_they_promised_and_a_logout() {
    let large = JournalOptions { segment_len: 1 << 20, ..UNSYNCED };
    let wanted: Vec<_> = names(60).into_iter().map(|(name, _)| (name, large)).collect();
    let disk = SimDisk::default();
    let mut stores: Vec<_> = open_all(&disk, &wanted).into_iter().map(Result::unwrap).collect();
    fill_blocks(&disk, &mut stores);
    disk.fill(false);
    assert!(stores.iter().all(|store| !store.is_full()));
    for (place, store) in stores.iter_mut().enumerate() {
        promise_and_log_out(store, if place % 20 == 7 { 128 } else { 1 });
    }
    assert!(stores.iter().all(MessageStore::is_full));
    let sent: Vec<u64> = stores.iter().map(MessageStore::next_out).collect();
    drop(stores);

    disk.make_room();
    let stores: Vec<_> = open_all(&disk, &wanted).into_iter().map(Result::unwrap).collect();
    for (store, sent) in stores.iter().zip(sent) {
        assert_eq!((store.next_out(), store.next_in(), store.is_full()), (sent, Some(7), false));
    }
    assert_eq!(disk.length(&format!("{}.reserve", wanted[0].0)), Some((4 * 64 + 56 * 4) * 1024), "anew");
}

#[test]
fn whoever_has_a_full_disk_ends_all_before_they_spend_what_is_left() {
    let (disk, wanted) = (SimDisk::default(), names(3));
    let mut stores: Vec<_> = open_all(&disk, &wanted).into_iter().map(Result::unwrap).collect();
    fill_blocks(&disk, &mut stores[1..2]);
    disk.fill(false);
    promise_and_log_out(&mut stores[1], 1);
    assert!(stores.iter().all(MessageStore::is_full));
}

#[test]
fn room_that_somebody_else_takes_is_given_again() {
    let disk = SimDisk::default();
    let mut stores = [JournalStore::open_on(disk.clone(), &name(), UNSYNCED).unwrap()];
    fill_blocks(&disk, &mut stores);
    disk.fill(true);
    promise_and_log_out(&mut stores[0], 100);
}

#[test]
fn the_reserve_is_as_large_as_the_stores_of_a_start_want() {
    let (disk, wanted) = (SimDisk::default(), names(9));
    let reserve = |name: &SessionName| disk.length(&format!("{name}.reserve"));
    // Of an older version, which kept one for each store.
    drop(JournalStore::open_on(disk.clone(), &wanted[5].0, UNSYNCED).unwrap());
    assert_eq!(reserve(&wanted[5].0), Some(64 * 1024));
    let reserves = Reserves::default();
    let stores = JournalStore::open_all_on(&disk, &wanted, &reserves).unwrap();
    assert_eq!((reserve(&wanted[0].0), reserve(&wanted[5].0)), (Some((4 * 64 + 5 * 4) * 1024), None));
    drop(stores);
    let stores = JournalStore::open_all_on(&disk, &wanted[..2], &reserves).unwrap();
    reserves.trim();
    assert_eq!(reserve(&wanted[0].0), Some(2 * 64 * 1024));
    drop(stores);
}
