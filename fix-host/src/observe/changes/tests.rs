use std::time::Duration;

use super::*;

fn report(id: &str) -> Change {
    Change::Report(Arc::new(Report::rejected_order(id, "no")))
}

fn numbers(follower: &mut Follower) -> Vec<u64> {
    std::iter::from_fn(|| follower.try_next().unwrap()).map(|(number, _)| number).collect()
}

#[test]
fn every_follower_has_every_change_from_where_it_began() {
    let changes = Changes::default();
    let mut first = changes.follow();
    changes.push(report("A"));
    let mut second = changes.clone().follow();
    changes.push(Change::Halts);
    assert_eq!(first.try_next(), Ok(Some((1, report("A")))));
    assert_eq!(first.try_next(), Ok(Some((2, Change::Halts))));
    assert_eq!(first.try_next(), Ok(None));
    assert_eq!(numbers(&mut second), [2]);
}

#[test]
fn who_is_too_slow_is_told_what_he_missed_and_goes_on() {
    let changes = Changes::keeping(3);
    let mut slow = changes.follow();
    for id in ["A", "B", "C", "D", "E"] {
        changes.push(report(id));
    }
    assert_eq!(slow.try_next(), Err(Missed(1..=2)));
    assert_eq!(numbers(&mut slow), [3, 4, 5]);
    changes.push(Change::Halts);
    assert_eq!(numbers(&mut slow), [6], "a gap is told once");
}

#[test]
fn a_follower_resumes_while_what_it_lacks_is_kept() {
    let changes = Changes::keeping(3);
    let start = changes.mark();
    changes.push(report("A"));
    let mark = changes.mark();
    for id in ["B", "C"] {
        changes.push(report(id));
    }
    assert_eq!(numbers(&mut changes.resume(start).unwrap()), [1, 2, 3]);
    assert_eq!(numbers(&mut changes.resume(mark).unwrap()), [2, 3]);
    assert_eq!(numbers(&mut changes.resume(changes.mark()).unwrap()), [0_u64; 0]);
    changes.push(report("D"));
    assert!(changes.resume(start).is_none(), "A is forgotten");
    assert!(changes.resume(mark).is_some());
    let (stream, ahead) = (changes.mark().stream, changes.mark().number + 1);
    for other in [
        Mark { number: ahead, stream },
        Mark { number: u64::MAX, stream },
        Mark { stream: stream ^ 1, ..changes.mark() },
    ] {
        assert!(changes.resume(other).is_none(), "{other:?}");
    }
}

#[test]
fn what_is_kept_is_bounded_and_what_is_forgotten_is_dropped() {
    let changes = Changes::keeping(2);
    let first = Arc::new(Report::rejected_order("A", "no"));
    changes.push(Change::Report(Arc::clone(&first)));
    for _ in 0..1000 {
        changes.push(Change::Halts);
    }
    assert_eq!(Arc::strong_count(&first), 1);
    assert!(changes.0.recent().changes.capacity() <= 4);
}

#[tokio::test(start_paused = true)]
async fn a_follower_waits_for_the_next_and_for_what_it_wants() {
    let changes = Changes::default();
    let next = tokio::spawn({
        let mut follower = changes.follow();
        async move { follower.next().await }
    });
    let mut prices = changes.follow();
    let is_up = |change: &Change| matches!(change, Change::Redis { is_up: true });
    tokio::task::yield_now().await;
    for change in [Change::Halts, Change::Redis { is_up: false }] {
        changes.push(change);
    }
    assert_eq!(next.await.unwrap(), Ok((1, Change::Halts)));
    let second = Duration::from_secs(1);
    assert!(tokio::time::timeout(second, prices.until(is_up)).await.is_err());
    changes.push(Change::Redis { is_up: true });
    changes.push(Change::Halts);
    prices.until(is_up).await;
    assert_eq!(prices.try_next(), Ok(None), "all that came by then is passed over");
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_may_have_been_wanted() {
    let changes = Changes::keeping(1);
    let mut follower = changes.follow();
    changes.push(Change::Redis { is_up: true });
    changes.push(Change::Halts);
    follower.until(|change| matches!(change, Change::Redis { .. })).await;
}
