//! Continuous trading, rule by rule.

use super::*;

#[test]
fn the_best_price_trades_first_and_at_a_price_the_first_come() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    for order in [sell(1, 10, 101), sell(2, 10, 100), sell(3, 10, 100)] {
        enter(&mut book, order);
    }
    assert_eq!(queue(&book, Side::Sell), [2, 3, 1]);
    assert_eq!(
        enter(&mut book, buy(4, 25, 105)),
        [accepted(4), traded(2, 4, 10, 100), traded(3, 4, 10, 100), traded(1, 4, 5, 101)]
    );
    assert_eq!(book.order(OrderId(1)).unwrap().open, 5);
    assert_eq!((book.len(), book.last_price()), (1, Some(101)));
}

#[test]
fn what_is_left_of_a_limit_order_rests_and_never_crosses() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, sell(1, 10, 100));
    assert_eq!(enter(&mut book, buy(2, 15, 100)), [accepted(2), traded(1, 2, 10, 100)]);
    assert_eq!((book.best(Side::Buy), book.best(Side::Sell)), (Some(100), None));
}

#[test]
fn a_market_order_takes_any_price_and_does_not_rest() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, sell(1, 10, 5_000));
    let market = |id, kind| buy(id, 15, 0).of_kind(kind);
    assert_eq!(
        enter(&mut book, market(2, Kind::Market)),
        [accepted(2), traded(1, 2, 10, 5_000), cancelled(2, 5, CancelReason::NoCounterparty)]
    );
    assert_eq!(
        enter(&mut book, market(3, Kind::MarketToLimit)),
        [accepted(3), cancelled(3, 15, CancelReason::NoCounterparty)]
    );
    enter(&mut book, sell(4, 10, 70));
    assert_eq!(enter(&mut book, market(5, Kind::MarketToLimit)), [accepted(5), traded(4, 5, 10, 70)]);
    let left = book.order(OrderId(5)).unwrap();
    assert_eq!((left.price, left.open), (Some(70), 5));
}

#[test]
fn immediate_or_cancel_trades_what_it_can_and_fill_or_kill_all_or_nothing() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, sell(1, 10, 100));
    enter(&mut book, sell(2, 10, 102));
    let not_immediate = CancelReason::NotImmediate;
    let fill_or_kill = |id, qty, price| buy(id, qty, price).lasting(TimeInForce::FillOrKill);
    assert_eq!(enter(&mut book, fill_or_kill(3, 15, 101)), [accepted(3), cancelled(3, 15, not_immediate)]);
    assert_eq!(
        enter(&mut book, buy(4, 15, 101).lasting(TimeInForce::ImmediateOrCancel)),
        [accepted(4), traded(1, 4, 10, 100), cancelled(4, 5, not_immediate)]
    );
    assert_eq!(enter(&mut book, fill_or_kill(5, 10, 102)), [accepted(5), traded(2, 5, 10, 102)]);
    assert!(book.is_empty());
}

#[test]
fn an_order_with_a_minimum_trades_that_much_at_once_or_is_cancelled() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, sell(1, 10, 100));
    let with_minimum = |id, min_qty| NewOrder { min_qty, ..buy(id, 20, 100) };
    assert_eq!(
        enter(&mut book, with_minimum(2, 11)),
        [accepted(2), cancelled(2, 20, CancelReason::BelowMinimum)]
    );
    assert_eq!(enter(&mut book, with_minimum(3, 10)), [accepted(3), traded(1, 3, 10, 100)]);
    assert_eq!(book.order(OrderId(3)).unwrap().open, 10);
    assert_eq!(enter(&mut book, with_minimum(4, 21)), [rejected(4, RejectReason::Quantity)]);
}

#[test]
fn an_iceberg_shows_a_part_and_its_next_part_stands_behind_the_others() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, NewOrder { display_qty: 10, ..sell(1, 25, 100) });
    enter(&mut book, sell(2, 10, 100));
    let depth = |book: &Book| book.depth(Side::Sell).map(|level| level.qty).collect::<Vec<_>>();
    assert_eq!(depth(&book), [20]);
    assert_eq!(enter(&mut book, buy(3, 10, 100)), [accepted(3), traded(1, 3, 10, 100)]);
    assert_eq!((queue(&book, Side::Sell), depth(&book)), (vec![2, 1], vec![20]));
    // One that takes everything takes what is hidden as well.
    assert_eq!(
        enter(&mut book, buy(4, 25, 100).lasting(TimeInForce::FillOrKill)),
        [accepted(4), traded(2, 4, 10, 100), traded(1, 4, 10, 100), traded(1, 4, 5, 100)]
    );
    assert!(book.is_empty());
}

#[test]
fn an_iceberg_shows_at_least_a_thousandth_because_each_part_is_a_trade() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    let quantity = RejectReason::Quantity;
    let iceberg = |qty| NewOrder { display_qty: 6, ..sell(1, qty, 100) };
    assert_eq!(enter(&mut book, iceberg(Quantity::MAX - 5)), [rejected(1, quantity)]);
    assert_eq!(enter(&mut book, iceberg(6 * MOST_PARTS)), [accepted(1)]);
    let replace = |book: &mut Book, change| events(book, |book, out| book.replace(OrderId(1), change, out));
    let less_shown = Change { display_qty: Some(5), ..Change::default() };
    for change in [Change::open(6 * MOST_PARTS + 6), less_shown] {
        assert_eq!(replace(&mut book, change), [rejected(1, quantity)]);
    }
    assert_eq!(enter(&mut book, buy(2, Quantity::MAX, 100)).len(), 1 + MOST_PARTS as usize);
}

#[test]
fn a_smaller_order_keeps_its_place_a_larger_or_dearer_one_loses_it() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    for id in 1..=3 {
        enter(&mut book, buy(id, 10, 100));
    }
    let replace =
        |book: &mut Book, id, change| events(book, |book, out| book.replace(OrderId(id), change, out));
    assert_eq!(replace(&mut book, 1, Change::open(5)), [Event::Replaced { id: OrderId(1), open: 5 }]);
    assert_eq!(queue(&book, Side::Buy), [1, 2, 3]);
    replace(&mut book, 1, Change::price(100));
    assert_eq!(queue(&book, Side::Buy), [1, 2, 3], "the same price is no change");
    replace(&mut book, 1, Change::open(6));
    assert_eq!(queue(&book, Side::Buy), [2, 3, 1]);
    replace(&mut book, 2, Change::price(99));
    assert_eq!(queue(&book, Side::Buy), [3, 1, 2]);
    enter(&mut book, sell(4, 4, 105));
    let crossing = Change { price: Some(106), open: Some(20), ..Change::default() };
    assert_eq!(
        replace(&mut book, 2, crossing),
        [Event::Replaced { id: OrderId(2), open: 20 }, traded(4, 2, 4, 105)]
    );
    assert_eq!(book.order(OrderId(2)).unwrap().open, 16);
    assert_eq!(replace(&mut book, 9, Change::open(1)), [rejected(9, RejectReason::UnknownId)]);
    assert_eq!(replace(&mut book, 2, Change::open(0)), [rejected(2, RejectReason::Quantity)]);
    let stop = Change { stop: Some(1), ..Change::default() };
    assert_eq!(replace(&mut book, 2, stop), [rejected(2, RejectReason::Price)], "it waits for no price");
}

#[test]
fn less_of_an_iceberg_is_less_of_what_it_hides() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, NewOrder { display_qty: 10, ..sell(1, 25, 100) });
    enter(&mut book, sell(2, 1, 100));
    for (open, shown) in [(12, 10), (7, 7)] {
        events(&mut book, |book, out| book.replace(OrderId(1), Change::open(open), out));
        let order = book.order(OrderId(1)).unwrap();
        assert_eq!((order.open, order.shown), (open, shown));
    }
    assert_eq!(queue(&book, Side::Sell), [1, 2]);
}

#[test]
fn orders_of_one_owner_do_not_trade_with_each_other_if_so_asked() {
    let own = |id, side| limit(id, 7, side, 10, 100);
    let self_match = CancelReason::SelfMatch;
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, own(1, Side::Sell));
    assert_eq!(enter(&mut book, own(2, Side::Buy)), [accepted(2), traded(1, 2, 10, 100)]);

    let (mut book, _) = open_book(SelfMatch::CancelResting);
    enter(&mut book, own(1, Side::Sell));
    enter(&mut book, sell(2, 4, 100));
    assert_eq!(
        enter(&mut book, own(3, Side::Buy)),
        [accepted(3), cancelled(1, 10, self_match), traded(2, 3, 4, 100)]
    );

    let (mut book, _) = open_book(SelfMatch::CancelIncoming);
    enter(&mut book, sell(1, 4, 100));
    enter(&mut book, own(2, Side::Sell));
    enter(&mut book, sell(3, 4, 100));
    assert_eq!(
        enter(&mut book, own(4, Side::Buy)),
        [accepted(4), traded(1, 4, 4, 100), cancelled(4, 6, self_match)]
    );
    let kill = own(5, Side::Buy).lasting(TimeInForce::FillOrKill);
    assert_eq!(enter(&mut book, kill), [accepted(5), cancelled(5, 10, CancelReason::NotImmediate)]);
    assert_eq!(queue(&book, Side::Sell), [2, 3]);
}

#[test]
fn a_stop_order_waits_for_the_last_trade_price() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    for (id, price) in [(1, 100), (2, 102), (3, 104)] {
        enter(&mut book, sell(id, 10, price));
    }
    let triggered = |id| Event::Triggered { id: OrderId(id) };
    enter(&mut book, buy(4, 5, 0).of_kind(Kind::Stop(102)));
    enter(&mut book, buy(5, 5, 0).of_kind(Kind::StopLimit { stop: 101, limit: 101 }));
    assert_eq!(book.best(Side::Buy), None, "nobody sees them");
    assert_eq!(enter(&mut book, buy(6, 10, 100)), [accepted(6), traded(1, 6, 10, 100)]);
    // The trade at 102 triggers both, first the one whose price is the nearer; the market order trades at once.
    assert_eq!(
        enter(&mut book, buy(7, 10, 102)),
        [accepted(7), traded(2, 7, 10, 102), triggered(5), triggered(4), traded(3, 4, 5, 104)]
    );
    assert_eq!((queue(&book, Side::Buy), book.best(Side::Buy)), (vec![5], Some(101)));
    // The last price is 104 now: to buy at a stop of 103 is to buy at once.
    assert_eq!(
        enter(&mut book, buy(8, 5, 0).of_kind(Kind::Stop(103))),
        [accepted(8), triggered(8), traded(3, 8, 5, 104)]
    );
    // Downwards for those who sell.
    assert_eq!(enter(&mut book, sell(9, 5, 0).of_kind(Kind::Stop(101))), [accepted(9)]);
    assert_eq!(
        enter(&mut book, sell(10, 2, 101)),
        [
            accepted(10),
            traded(5, 10, 2, 101),
            triggered(9),
            traded(5, 9, 3, 101),
            cancelled(9, 2, CancelReason::NoCounterparty)
        ]
    );
}

#[test]
fn a_stop_price_that_is_changed_to_one_reached_already_triggers() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    book.set_last_price(100);
    enter(&mut book, sell(1, 5, 110));
    enter(&mut book, buy(2, 5, 0).of_kind(Kind::StopLimit { stop: 105, limit: 108 }));
    let replace = |book: &mut Book, change| events(book, |book, out| book.replace(OrderId(2), change, out));
    replace(&mut book, Change { stop: Some(103), ..Change::default() });
    assert_eq!(book.order(OrderId(2)).unwrap().stop, Some(103));
    let both = Change { stop: Some(100), price: Some(110), ..Change::default() };
    let id = OrderId(2);
    assert_eq!(
        replace(&mut book, both),
        [Event::Replaced { id, open: 5 }, Event::Triggered { id }, traded(1, 2, 5, 110)]
    );
}

#[test]
fn an_owner_may_take_all_of_his_orders_back_wherever_they_stand() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, limit(1, 7, Side::Buy, 10, 100));
    enter(&mut book, limit(2, 7, Side::Sell, 10, 105));
    enter(&mut book, limit(3, 8, Side::Sell, 10, 105));
    enter(&mut book, limit(4, 7, Side::Sell, 10, 0).of_kind(Kind::Stop(90)));
    enter(&mut book, limit(5, 7, Side::Sell, 10, 110).lasting(TimeInForce::AtClose));
    let requested = CancelReason::Requested;
    assert_eq!(
        events(&mut book, |book, out| book.cancel_owner(Owner(7), Some(Side::Buy), out)),
        [cancelled(1, 10, requested)]
    );
    assert_eq!(
        events(&mut book, |book, out| book.cancel_owner(Owner(7), None, out)),
        [2, 4, 5].map(|id| cancelled(id, 10, requested))
    );
    assert_eq!(
        events(&mut book, |book, out| book.expire(OrderId(3), out)),
        [cancelled(3, 10, CancelReason::Expired)]
    );
    assert_eq!(
        events(&mut book, |book, out| book.cancel(OrderId(3), out)),
        [rejected(3, RejectReason::UnknownId)]
    );
}

#[test]
fn what_is_no_order_is_refused_and_changes_nothing() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, buy(1, Quantity::MAX - 5, 100));
    for (order, reason) in [
        (buy(1, 1, 100), RejectReason::DuplicateId),
        (buy(2, 0, 100), RejectReason::Quantity),
        (buy(2, 6, 100), RejectReason::Quantity),
        (buy(2, 1, PRICE_LIMIT + 1), RejectReason::Price),
        (buy(2, 1, Ticks::MIN), RejectReason::Price),
        (buy(2, 1, 0).of_kind(Kind::Stop(Ticks::MAX)), RejectReason::Price),
        (NewOrder { display_qty: 2, ..buy(2, 1, 100) }, RejectReason::Quantity),
        (NewOrder { display_qty: 1, ..buy(2, 1, 0) }.of_kind(Kind::Market), RejectReason::Combination),
        (buy(2, 1, 0).of_kind(Kind::Stop(1)).lasting(TimeInForce::AtClose), RejectReason::Combination),
        (NewOrder { min_qty: 1, ..buy(2, 1, 0) }.of_kind(Kind::Stop(1)), RejectReason::Combination),
        (buy(2, 1, 100).lasting(TimeInForce::AtOpening), RejectReason::Phase),
    ] {
        assert_eq!(enter(&mut book, order), [rejected(order.id.0, reason)], "{order:?}");
    }
    let more = events(&mut book, |book, out| book.replace(OrderId(1), Change::open(Quantity::MAX), out));
    assert_eq!(more, [Event::Replaced { id: OrderId(1), open: Quantity::MAX }], "it is the only one");
}
