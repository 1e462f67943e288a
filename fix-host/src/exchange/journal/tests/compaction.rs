//! The journal, written anew while the exchange runs.

use std::sync::atomic::AtomicU64;

use super::{super::compaction::write_anew, *};
use crate::contract::by_hand::OrderJournal;

fn names(floor: &Floor) -> Vec<String> {
    floor.look(|venue| venue.orders(true).iter().map(|order| order.cl_ord_id.to_string()).collect())
}

fn len(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

#[test]
fn what_is_written_while_the_thread_goes_on_is_in_the_new_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let floor = start(folder.path(), NOW);
    let seat = floor.join("A", || {});
    let lens = ["1", "2", "3"].map(|cl_ord_id| {
        enter(&seat, cl_ord_id, Side::Sell, 10, '1');
        written(&floor);
        len(&path)
    });
    drop((seat, floor));
    // The third order came when the thread had ended.
    write_anew(&path, lens[0], Days::default().of(NOW), &AtomicU64::new(lens[1])).unwrap();
    fs::rename(path.with_extension("new"), &path).unwrap();
    assert_eq!(names(&start(folder.path(), NOW)), ["1", "2"]);
}

#[test]
fn a_folder_that_cannot_be_synced_for_the_new_file_loses_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let floor = start_synced(Market::new(1), folder.path(), NOW, true);
    let seat = floor.join("A", || {});
    let mut known = Vec::new();
    let mut entered = 0..;
    let mut enter_one = || {
        let cl_ord_id = entered.next().map_or(String::new(), |number: u32| number.to_string());
        let said = enter(&seat, &cl_ord_id, Side::Sell, 10, '1');
        if floor.order_journal() == OrderJournal::Written {
            assert_eq!(said, [format!("{cl_ord_id} 0/0 0 10")]);
            known.push(cl_ord_id);
        }
        floor.order_journal()
    };
    let real = floor.journal(|journal| {
        journal.set_short(0);
        // Nothing of this kind can be synced.
        journal.swap_folder(File::open("/dev/null").unwrap())
    });
    let inode = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(&path).unwrap());
    let before = inode();
    while inode() == before {
        assert_eq!(enter_one(), OrderJournal::Written);
    }
    assert_eq!(enter_one(), OrderJournal::Failing, "its name may not be on the disk");
    floor.journal(|journal| journal.swap_folder(real));
    floor.by_hand(|_, _| ());
    assert_eq!(enter_one(), OrderJournal::Written);
    drop(seat);
    let expected = names(&floor);
    assert!(known.iter().all(|known| expected.contains(known)));
    drop(floor);
    assert_eq!(names(&start(folder.path(), NOW)), expected);
}

#[test]
fn a_long_journal_is_written_anew_while_the_exchange_runs_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let floor = start(folder.path(), NOW);
    let seat = floor.join("A", || {});
    floor.journal(|journal| journal.set_short(20_000));
    enter(&seat, "rests", Side::Sell, 10, '1');
    let (mut longest, mut shrunk, mut before) = (0, 0, 0);
    // By orders of two days ago, which matter no longer.
    for number in 0..3_000 {
        let now = NOW.plus_seconds(number / 300 * 86_400);
        let order = entry(&number.to_string(), Side::Buy, 1, '3');
        let mut own = VecDeque::new();
        seat.ask(now, &mut own, |venue, owner, out| {
            venue.replace(
                owner,
                &Replace { orig_cl_ord_id: "none".into(), entry: order.clone(), keeps_time: false },
                out,
            );
            let order = Entry { price: Some(Decimal::new(1, 0)), ..order };
            venue.enter(owner, &order, out);
        });
        written(&floor);
        let len = fs::metadata(&path).unwrap().len();
        (longest, shrunk, before) = (longest.max(len), shrunk + i32::from(len < before), len);
        // Orders come while the thread goes on, but no more of them on a slow machine.
        while number % 4 == 0 && floor.journal(|journal| journal.compaction.is_busy()) {
            std::thread::yield_now();
        }
    }
    assert!(shrunk >= 1, "it was never written anew");
    assert!(longest < 600_000, "{longest}");
    let now = NOW.plus_seconds(10 * 86_400);
    let orders = |floor: &Floor| -> Vec<String> {
        floor.look(|venue| venue.orders(true).iter().map(|order| order.cl_ord_id.to_string()).collect())
    };
    let before = orders(&floor);
    drop((seat, floor));
    let after = orders(&start(folder.path(), now));
    assert_eq!(after[0], "rests");
    assert_eq!(after[1..], before[before.len() - after.len() + 1..]);
    assert!(after.len() > 300, "{}", after.len());
}
