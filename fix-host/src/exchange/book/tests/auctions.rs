//! The day, and the uncross.

use super::*;

fn set_phase(book: &mut Book, phase: Phase) -> Vec<Event> {
    events(book, |book, out| book.set_phase(phase, out))
}

/// A book before the opening, with these orders collected.
fn collected(self_match: SelfMatch, orders: &[NewOrder]) -> Book {
    let mut book = Book::new(&Settings { self_match, ..Settings::default() });
    set_phase(&mut book, Phase::PreOpen);
    for order in orders {
        assert_eq!(enter(&mut book, *order), [accepted(order.id.0)]);
    }
    book
}

#[test]
fn what_was_collected_opens_at_the_price_where_most_is_traded() {
    // 101: 10 against 15; 100: 30 against 15; 99: 30 against 5.
    let orders = [buy(1, 10, 101), buy(2, 20, 100), sell(3, 5, 99), sell(4, 10, 100), sell(5, 10, 102)];
    let mut book = collected(SelfMatch::Allow, &orders);
    assert_eq!(book.uncross_price(), Some(100));
    assert_eq!(
        set_phase(&mut book, Phase::Open),
        [crossed(1, 3, 5, 100), crossed(1, 4, 5, 100), crossed(2, 4, 5, 100)]
    );
    assert_eq!((queue(&book, Side::Buy), queue(&book, Side::Sell)), (vec![2], vec![5]));
    assert_eq!(book.order(OrderId(2)).unwrap().open, 15);
}

#[test]
fn of_prices_with_the_same_volume_the_one_with_least_left_over_is_taken() {
    // From 100 to 102 ten are traded; at 102 nothing is left over, below that five of those who buy at 101.
    let book = collected(SelfMatch::Allow, &[buy(1, 10, 102), buy(2, 5, 101), sell(3, 10, 100)]);
    assert_eq!(book.uncross_price(), Some(102));
}

#[test]
fn of_those_the_nearest_to_the_last_price_and_without_one_the_middle() {
    let orders = [buy(1, 10, 104), sell(2, 10, 100)];
    for (last, price) in [(None, 102), (Some(90), 100), (Some(101), 101), (Some(120), 104)] {
        let mut book = collected(SelfMatch::Allow, &orders);
        last.into_iter().for_each(|last| book.set_last_price(last));
        assert_eq!(book.uncross_price(), Some(price), "{last:?}");
        assert_eq!(set_phase(&mut book, Phase::Open), [crossed(1, 2, 10, price)]);
    }
}

#[test]
fn market_orders_open_first_and_do_not_wait_for_another_auction() {
    let market = |order: NewOrder, kind| order.of_kind(kind);
    let orders = [buy(1, 10, 100), market(buy(2, 10, 0), Kind::Market), sell(3, 15, 100)];
    let mut book = collected(SelfMatch::Allow, &orders);
    assert_eq!(queue(&book, Side::Buy), [2, 1]);
    assert_eq!(set_phase(&mut book, Phase::Open), [crossed(2, 3, 10, 100), crossed(1, 3, 5, 100)]);
    // What is left of one that is to rest then does so at the price of the opening.
    let to_limit = market(buy(4, 10, 0), Kind::MarketToLimit);
    let mut book = collected(SelfMatch::Allow, &[to_limit, sell(3, 6, 100)]);
    assert_eq!(set_phase(&mut book, Phase::Open), [crossed(4, 3, 6, 100)]);
    let left = book.order(OrderId(4)).unwrap();
    assert_eq!((left.price, left.open), (Some(100), 4));
    // Without anybody else it has no price.
    let mut book = collected(SelfMatch::Allow, &[orders[1], to_limit]);
    let no_counterparty = CancelReason::NoCounterparty;
    assert_eq!(
        set_phase(&mut book, Phase::Open),
        [cancelled(2, 10, no_counterparty), cancelled(4, 10, no_counterparty)]
    );
    // Two of them trade at the last price, if there is one.
    let both = [orders[1], market(sell(5, 10, 0), Kind::Market)];
    let mut book = collected(SelfMatch::Allow, &both);
    assert_eq!(book.uncross_price(), None);
    book.set_last_price(77);
    assert_eq!(set_phase(&mut book, Phase::Open), [crossed(2, 5, 10, 77)]);
}

#[test]
fn orders_for_the_opening_take_part_in_it_and_in_nothing_else() {
    let at_opening = |order: NewOrder| order.lasting(TimeInForce::AtOpening);
    let mut book = collected(SelfMatch::Allow, &[at_opening(buy(1, 10, 100)), sell(2, 4, 100)]);
    assert_eq!(
        set_phase(&mut book, Phase::Open),
        [crossed(1, 2, 4, 100), cancelled(1, 6, CancelReason::OpeningOver)]
    );
    set_phase(&mut book, Phase::Halted);
    assert_eq!(enter(&mut book, at_opening(buy(3, 1, 1))), [rejected(3, RejectReason::Phase)]);
}

#[test]
fn orders_for_the_closing_wait_for_it_unseen() {
    let at_close = |order: NewOrder| order.lasting(TimeInForce::AtClose);
    let (mut book, _) = open_book(SelfMatch::Allow);
    assert_eq!(enter(&mut book, at_close(buy(1, 10, 105))), [accepted(1)]);
    assert_eq!(enter(&mut book, sell(2, 4, 100)), [accepted(2)], "it does not trade before");
    assert_eq!(enter(&mut book, at_close(sell(3, 3, 0)).of_kind(Kind::Market)), [accepted(3)]);
    set_phase(&mut book, Phase::Closing);
    assert_eq!(queue(&book, Side::Buy), [1]);
    assert_eq!(
        set_phase(&mut book, Phase::Closed),
        [crossed(1, 3, 3, 102), crossed(1, 2, 4, 102), cancelled(1, 3, CancelReason::ClosingOver)]
    );
    assert!(book.is_empty());
}

#[test]
fn orders_for_a_closing_that_was_broken_off_do_not_trade_after_it() {
    let at_close = |order: NewOrder| order.lasting(TimeInForce::AtClose);
    for between in [Phase::Halted, Phase::PreOpen] {
        let (mut book, _) = open_book(SelfMatch::Allow);
        enter(&mut book, at_close(buy(1, 10, 105)));
        enter(&mut book, at_close(sell(2, 3, 105)));
        set_phase(&mut book, Phase::Closing);
        set_phase(&mut book, between);
        enter(&mut book, at_close(sell(3, 3, 0)));
        // The uncross that ends it is the auction for which they were released.
        assert_eq!(
            set_phase(&mut book, Phase::Open),
            [crossed(1, 2, 3, 105), cancelled(1, 7, CancelReason::ClosingOver)]
        );
        assert_eq!(enter(&mut book, sell(4, 5, 100)), [accepted(4)]);
        // One that came later waits for the closing that is still to be.
        assert_eq!(book.len(), 2);
        set_phase(&mut book, Phase::Closing);
        assert_eq!(queue(&book, Side::Sell), [3, 4]);
    }
}

#[test]
fn what_the_close_leaves_of_a_market_to_limit_order_that_is_good_longer_rests_at_its_price() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    set_phase(&mut book, Phase::Closing);
    let good_till = |order: NewOrder, kind| order.of_kind(kind).lasting(TimeInForce::GoodTill);
    enter(&mut book, good_till(buy(1, 10, 0), Kind::MarketToLimit));
    enter(&mut book, good_till(buy(2, 10, 0), Kind::Market));
    enter(&mut book, buy(3, 10, 0).of_kind(Kind::MarketToLimit));
    enter(&mut book, sell(4, 4, 100));
    assert_eq!(
        set_phase(&mut book, Phase::Closed),
        [
            crossed(1, 4, 4, 100),
            cancelled(3, 10, CancelReason::DayOver),
            cancelled(2, 10, CancelReason::NoCounterparty)
        ]
    );
    let left = book.order(OrderId(1)).unwrap();
    assert_eq!((left.price, left.open), (Some(100), 6));
}

#[test]
fn a_last_price_that_no_order_may_have_is_the_nearest_that_one_may() {
    for (said, price) in [(Ticks::MAX, PRICE_LIMIT), (Ticks::MIN, -PRICE_LIMIT)] {
        let to_limit = buy(1, 10, 0).of_kind(Kind::MarketToLimit);
        let mut book = collected(SelfMatch::Allow, &[to_limit, sell(2, 4, 0).of_kind(Kind::Market)]);
        book.set_last_price(said);
        assert_eq!(set_phase(&mut book, Phase::Open), [crossed(1, 2, 4, price)]);
        for (id, other) in [(3, 0), (4, -PRICE_LIMIT), (5, PRICE_LIMIT)] {
            enter(&mut book, buy(id, 1, other));
        }
        assert_eq!(book.best(Side::Buy), Some(PRICE_LIMIT));
    }
}

#[test]
fn at_the_close_the_day_ends_and_what_is_good_longer_is_there_next_morning() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, buy(1, 10, 100));
    enter(&mut book, buy(2, 10, 100).lasting(TimeInForce::GoodTill));
    enter(&mut book, buy(3, 10, 0).of_kind(Kind::Stop(200)));
    let day_over = CancelReason::DayOver;
    assert_eq!(set_phase(&mut book, Phase::Closed), [cancelled(1, 10, day_over), cancelled(3, 10, day_over)]);
    assert_eq!(enter(&mut book, buy(4, 1, 1)), [rejected(4, RejectReason::Phase)]);
    let change = Change::open(1);
    assert_eq!(
        events(&mut book, |book, out| book.replace(OrderId(2), change, out)),
        [rejected(2, RejectReason::Phase)]
    );
    set_phase(&mut book, Phase::PreOpen);
    enter(&mut book, sell(5, 10, 100));
    assert_eq!(set_phase(&mut book, Phase::Open), [crossed(2, 5, 10, 100)]);
}

#[test]
fn nothing_trades_in_a_halt_and_an_uncross_ends_it() {
    let (mut book, _) = open_book(SelfMatch::Allow);
    enter(&mut book, sell(1, 10, 100));
    enter(&mut book, sell(2, 5, 0).of_kind(Kind::Stop(100)));
    set_phase(&mut book, Phase::Halted);
    assert_eq!(enter(&mut book, buy(3, 20, 100)), [accepted(3)]);
    for time_in_force in [TimeInForce::ImmediateOrCancel, TimeInForce::FillOrKill] {
        assert_eq!(
            enter(&mut book, buy(4, 1, 100).lasting(time_in_force)),
            [rejected(4, RejectReason::Phase)]
        );
    }
    assert_eq!(
        enter(&mut book, NewOrder { min_qty: 1, ..buy(4, 1, 100) }),
        [rejected(4, RejectReason::Phase)]
    );
    assert_eq!(
        set_phase(&mut book, Phase::Open),
        [crossed(3, 1, 10, 100), Event::Triggered { id: OrderId(2) }, traded(3, 2, 5, 100)]
    );
    // An instrument that closes out of a halt does not trade.
    set_phase(&mut book, Phase::Halted);
    enter(&mut book, sell(5, 5, 100));
    let day_over = CancelReason::DayOver;
    let ended = set_phase(&mut book, Phase::Closed);
    assert_eq!(ended.len(), 2);
    assert!([3, 5].iter().all(|id| ended.contains(&cancelled(*id, 5, day_over))), "{ended:?}");
}

#[test]
fn an_iceberg_takes_part_in_an_uncross_with_all_of_it_and_keeps_its_place() {
    let iceberg = NewOrder { display_qty: 10, ..sell(1, 30, 100) };
    let mut book = collected(SelfMatch::Allow, &[iceberg, sell(2, 10, 100), buy(3, 25, 100)]);
    assert_eq!(set_phase(&mut book, Phase::Open), [crossed(3, 1, 25, 100)]);
    assert_eq!(queue(&book, Side::Sell), [1, 2]);
    assert_eq!(book.order(OrderId(1)).unwrap().shown, 5);
}

#[test]
fn in_an_uncross_too_an_owner_does_not_trade_with_himself_if_so_asked() {
    let own = |id, side, price| limit(id, 7, side, 10, price);
    let orders = [own(1, Side::Buy, 101), own(2, Side::Sell, 99), sell(3, 10, 100)];
    let self_match = CancelReason::SelfMatch;
    let mut book = collected(SelfMatch::CancelIncoming, &orders);
    assert_eq!(
        set_phase(&mut book, Phase::Open),
        [cancelled(2, 10, self_match), crossed(1, 3, 10, 100)],
        "the younger one goes, and the price is what it is without it"
    );
    let mut book = collected(SelfMatch::CancelResting, &orders);
    assert_eq!(set_phase(&mut book, Phase::Open), [cancelled(1, 10, self_match)]);
    assert_eq!(queue(&book, Side::Sell), [2, 3]);
}
