//! What many subscribers have in common is made once.

use super::*;

/// What is new of the first instrument for each, all of which look at the same moment.
fn looked(market: &mut Market, all: &[Subscriptions]) -> Vec<News> {
    let Market { venue, pictures, .. } = market;
    all.iter().map(|one| one.news(venue, pictures)).collect()
}

fn told(news: Vec<News>, all: &mut [Subscriptions], line: &mut Line) -> Vec<Vec<String>> {
    let tell = |(one, news): (&mut Subscriptions, News)| {
        one.tell(news, &IdPrefix::new("M"), line);
        line.take()
    };
    all.iter_mut().zip(news).map(tell).collect()
}

#[test]
fn all_who_look_at_a_book_in_the_same_way_have_one_picture_of_it() {
    const COUNT: usize = 100;
    let mut market = Market::new();
    let mut all: Vec<Subscriptions> = std::iter::repeat_with(Subscriptions::default).take(COUNT).collect();
    let mut line = Line::new();
    for one in &mut all {
        let venue = &market.venue;
        said(BOOK, |message| one.request(message, |names| venue.find_all(names), &mut line)).unwrap();
    }
    for price in ["99.500", "99.600", "99.700"] {
        market.order(1, Side::Buy, 10, 0, price);
        let news = looked(&mut market, &all);
        let first = &news[0].items[0].fresh.picture;
        assert!(news.iter().all(|news| Arc::ptr_eq(&news.items[0].fresh.picture, first)), "one picture");
        let told = told(news, &mut all, &mut line);
        assert!(!told[0].is_empty() && told.iter().all(|one| *one == told[0]), "{told:?}");
    }
    // Another way to look is another picture, and the next change one more.
    let top = "35=V|262=t|263=1|264=1|265=1|267=1|269=0|146=1|55=2Y|";
    let venue = &market.venue;
    said(top, |message| all[0].request(message, |names| venue.find_all(names), &mut line)).unwrap();
    market.order(1, Side::Buy, 10, 0, "99.800");
    let news = looked(&mut market, &all);
    let (whole, best) = (&news[0].items[0].fresh.picture, &news[0].items[1].fresh.picture);
    assert_eq!((whole.side(Side::Buy).len(), best.side(Side::Buy).len()), (4, 1));
    assert!(Arc::ptr_eq(whole, &news[COUNT - 1].items[0].fresh.picture));
}

#[test]
fn who_was_told_less_is_told_what_leads_from_there() {
    for looks_first in [0, 1] {
        let mut market = Market::new();
        let mut all = [Subscriptions::default(), Subscriptions::default()];
        let mut line = Line::new();
        for one in &mut all {
            let venue = &market.venue;
            said(BOOK, |message| one.request(message, |names| venue.find_all(names), &mut line)).unwrap();
        }
        let news = looked(&mut market, &all);
        told(news, &mut all, &mut line);
        market.order(1, Side::Buy, 10, 0, "99.500");
        // The one at the front is told of the first price, and the other one is busy.
        let news = looked(&mut market, &all[..1]);
        told(news, &mut all[..1], &mut line);
        market.order(1, Side::Buy, 10, 0, "99.600");
        let news = looked(&mut market, &all);
        let mut entries = [0, 0];
        let mut each: Vec<_> = all.iter_mut().zip(news).enumerate().collect();
        each.rotate_left(looks_first);
        for (place, (one, news)) in each {
            one.tell(news, &IdPrefix::new("M"), &mut line);
            entries[place] = line.take().concat().matches("|279=0|").count();
        }
        assert_eq!(entries, [1, 2], "{looks_first}");
    }
}
