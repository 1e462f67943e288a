//! Replacements (App. D, groups C, D and E): up, down, below what has traded, and several after each other.

use super::*;
use Acknowledge::{AsPending, Not};

#[test]
fn to_more_and_to_less() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    venue.replace_now("1", "2", 11);
    venue.fill(1);
    venue.replace_now("2", "3", 8);
    venue.fill(7);
    assert_eq!(
        venue.said(),
        ["1 0/0 10 0 10", "2<1 5/0 11 0 11", "2 F/1 11 1 10", "3<2 5/1 8 1 7", "3 F/2 8 8 0"]
    );
}

#[test]
fn to_less_than_has_traded_leaves_what_has_traded() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 3, AsPending).unwrap();
    venue.fill(5);
    venue.decide(id);
    assert_eq!(venue.said(), ["1 0/0 10 0 10", "2<1 E/E 10 0 10", "1 F/E 10 5 5", "2<1 5/2 5 5 0"]);
    assert!(venue.book.is_empty());
}

#[test]
fn more_of_an_order_that_is_filled_meanwhile_opens_it_again() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 12, AsPending).unwrap();
    venue.fill(10);
    venue.decide(id);
    venue.fill(2);
    assert_eq!(
        venue.said(),
        ["1 0/0 10 0 10", "2<1 E/E 10 0 10", "1 F/E 10 10 0", "2<1 5/1 12 10 2", "2 F/2 12 12 0"]
    );
}

#[test]
fn of_an_order_that_is_filled_or_cancelled() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    venue.fill(10);
    venue.replace_now("1", "2", 10);
    venue.new_order("3", 10);
    venue.cancel_now("3", "4");
    venue.said();
    venue.replace_now("4", "5", 20);
    assert_eq!(venue.said(), ["5<4 9/4 0"]);
    venue.replace_now("9", "6", 20);
    assert_eq!(venue.said(), ["6<9 9/8 1"]);
}

#[test]
fn requests_after_each_other_name_the_last_that_was_not_refused() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 12, AsPending).unwrap();
    venue.replace("2", "3", 14, AsPending);
    venue.decide(id);
    venue.decide(id);
    assert_eq!(
        venue.said(),
        ["1 0/0 10 0 10", "2<1 E/E 10 0 10", "3<2 E/E 10 0 10", "2<1 5/E 12 0 12", "3<2 5/0 14 0 14"]
    );
}

#[test]
fn the_next_request_after_a_refused_one_names_the_last_accepted() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 0, AsPending).unwrap();
    let beyond = ReplaceRequest {
        cl_ord_id: "3".into(),
        orig_cl_ord_id: "2".into(),
        qty: 10,
        price: Some(Ticks::MAX),
        stop: None,
        display_qty: None,
        lasts: None,
    };
    venue.states.replace(X, beyond, Not, &mut venue.out);
    venue.decide(id);
    venue.decide(id);
    venue.replace_now("3", "4", 12);
    venue.replace_now("1", "5", 12);
    assert_eq!(
        venue.said(),
        ["1 0/0 10 0 10", "2<1 E/E 10 0 10", "2<1 9/0 99", "3<1 9/0 99", "4<1 9/0 99", "5<1 5/0 12 0 12"],
        "no quantity, a price beyond all bounds, an id that was refused"
    );
}
