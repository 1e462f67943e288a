//! Whatever happens, an exchange that is restarted at any moment says the same as one that is not.

use std::collections::HashMap;

use super::*;
use crate::exchange::{
    book,
    orders::{CancelReject, Listing, Report, Terms},
    venue::{Filling, Meant, Named},
};

/// A number below `most`, the next of a row that begins with a seed.
fn draw(state: &mut u64, most: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) % most
}

fn one_of<T: Copy>(state: &mut u64, all: &[T]) -> T {
    all[draw(state, all.len() as u64) as usize]
}

/// What happens in both exchanges. Orders and executions are meant by their place among all.
#[derive(Clone, Debug)]
enum Deed {
    Enter(Entry<'static>),
    Replace(u64, Entry<'static>),
    Cancel(u64, String),
    Status(u64),
    CancelAll(Option<&'static str>, Option<Side>),
    StatusOfAll,
    Hold(bool),
    Accept(u64),
    Refuse(u64),
    Fill(u64, i64, i64),
    CancelByHand(u64),
    Stop(u64),
    Suspend(u64),
    Resume(u64),
    Calculate,
    Bust(u64),
    Correct(u64, i64),
    Phase(Phase, Option<u64>),
    Nothing,
}

const SYMBOLS: [&str; 3] = ["2Y", "AAPL", "X"];

/// How something is called whose number is another one in each exchange.
#[derive(Default)]
struct Known {
    orders: HashMap<u64, usize>,
    executions: HashMap<u64, usize>,
}

impl Known {
    fn order(&mut self, id: u64) -> u64 {
        let next = self.orders.len();
        *self.orders.entry(id).or_insert(next) as u64
    }

    fn execution(&mut self, id: u64) -> u64 {
        let next = self.executions.len();
        *self.executions.entry(id).or_insert(next) as u64
    }

    /// The output without what differs.
    fn said(&mut self, output: Output) -> String {
        let mut report = |report: Report| Report {
            owner: Owner(0),
            order_id: report.order_id.map(|id| book::OrderId(self.order(id.0))),
            exec_id: self.execution(report.exec_id),
            exec_ref_id: report.exec_ref_id.map(|id| self.execution(id)),
            terms: report.terms.map(|terms| {
                let listing = Listing { place: 0, ..Listing::clone(&terms.listing) };
                Terms { listing: listing.into(), ..terms }
            }),
            ..report
        };
        match output {
            Output::Order(Told::Report(told)) => format!("{:?}", report(*told)),
            Output::Order(Told::CancelReject(told)) => {
                let order_id = told.order_id.map(|id| book::OrderId(self.order(id.0)));
                format!("{:?}", CancelReject { owner: Owner(0), order_id, ..*told })
            }
            Output::Refused(mut refused) => {
                (refused.owner, refused.exec_id) = (Owner(0), self.execution(refused.exec_id));
                format!("{refused:?}")
            }
            other => panic!("{other:?}"),
        }
    }
}

struct Exchange {
    folder: tempfile::TempDir,
    floor: Floor,
    known: Known,
}

impl Exchange {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Exchange { floor: start(folder.path(), NOW), folder, known: Known::default() }
    }

    /// It does it; what is said of it to all, how the markets are then, and how each order stands.
    fn does(&mut self, session: &str, now: UtcTimestamp, deed: &Deed) -> Vec<String> {
        let (floor, known) = (self.floor.clone(), &mut self.known);
        let [one, other] = ["A", "B"].map(|name| floor.join(name, || {}));
        let seat = if session == "A" { &one } else { &other };
        let mut own = VecDeque::new();
        let mut said = Vec::new();
        let result = seat.ask(now, &mut own, |venue, owner, out| act(deed, venue, owner, out));
        said.push(result);
        floor::tests::sent(seat, &own);
        said.extend(own.into_iter().map(|output| known.said(output)));
        for seat in [&one, &other] {
            said.push("and others".to_owned());
            let told = seat.take();
            floor::tests::sent(seat, &told);
            said.extend(told.into_iter().map(|output| known.said(output)));
        }
        let (orders, markets): (Vec<_>, Vec<_>) = floor.look(|venue| {
            let orders =
                venue.orders(true).iter().map(|order| (order.id, format!("{:?}", order.waits))).collect();
            (orders, SYMBOLS.iter().flat_map(|symbol| market(venue, symbol, known)).collect())
        });
        said.extend(markets);
        for (id, waits) in orders {
            said.push(format!("{} {waits}", known.order(id.0)));
        }
        said
    }

    fn restart(&mut self, now: UtcTimestamp) {
        self.floor = Floor::new(Market::new(1), Rules::default(), crate::exchange::ids::IdPrefix::new("T"));
        self.floor = start(self.folder.path(), now);
    }
}

fn market(venue: &Venue, symbol: &str, known: &mut Known) -> Vec<String> {
    let Some(place) = venue.listings().iter().position(|listing| &*listing.symbol == symbol) else {
        return Vec::new();
    };
    let depth = venue.depth(place).unwrap();
    depth.book.check().unwrap();
    let mut said = vec![format!(
        "{symbol} {:?} {:?} {:?} {:?}",
        venue.phase(),
        depth.book.phase(),
        depth.book.last_price(),
        venue.day(place).copied().unwrap_or_default()
    )];
    for side in [Side::Buy, Side::Sell] {
        for order in depth.book.orders(side).filter(|order| order.id.0 < 1 << 63) {
            let id = book::OrderId(known.order(order.id.0));
            said.push(format!("{:?}", book::OrderView { id, owner: Owner(0), ..order }));
        }
    }
    said
}

/// Whether it was done, if there was anything to do it to.
fn said(done: Option<bool>) -> String {
    format!("{done:?}")
}

fn act(deed: &Deed, venue: &mut Venue, owner: Owner, out: &mut Vec<Output>) -> String {
    let ids: Vec<_> = venue.orders(true).iter().map(|order| order.id).collect();
    let order = |place: u64| ids.get(place as usize % ids.len().max(1)).copied();
    let executions: Vec<_> =
        venue.orders(true).iter().flat_map(|order| order.executions().collect::<Vec<_>>()).collect();
    let execution = |place: u64| executions.get(place as usize % executions.len().max(1));
    let name = |venue: &Venue, place: u64| {
        let orders = venue.orders(true);
        let own: Vec<_> = orders.iter().filter(|order| order.owner == owner).collect();
        own.get(place as usize % own.len().max(1)).map(|order| std::sync::Arc::from(order.cl_ord_id))
    };
    match deed {
        Deed::Enter(entry) => return format!("{}", venue.enter(owner, entry, out).is_some()),
        Deed::Replace(place, entry) => {
            let Some(orig_cl_ord_id) = name(venue, *place) else { return String::new() };
            venue.replace(owner, &Replace { orig_cl_ord_id, entry: entry.clone(), keeps_time: false }, out);
        }
        Deed::Cancel(place, cl_ord_id) => {
            let Some(orig_cl_ord_id) = name(venue, *place) else { return String::new() };
            let cl_ord_id = cl_ord_id.as_str().into();
            venue.cancel(owner, Cancel { cl_ord_id, orig_cl_ord_id }, out);
        }
        Deed::Status(place) => {
            let Some(name) = name(venue, *place) else { return String::new() };
            let report = venue.status(owner, &name);
            out.push(Output::Order(Told::report(report)));
        }
        Deed::CancelAll(symbol, side) => {
            let meant = Meant { instrument: symbol.map(Named::Symbol), side: *side };
            return format!("{:?}", venue.cancel_all(owner, meant, out).map(|cancelled| cancelled.len()));
        }
        Deed::StatusOfAll => {
            let all = venue.status_of_all(owner, Meant { instrument: None, side: None }).unwrap();
            out.extend(all.into_iter().map(|report| Output::Order(Told::report(report))));
        }
        Deed::Hold(holds) => venue.hold(*holds),
        Deed::Phase(phase, None) => venue.set_phase(*phase, out),
        Deed::Phase(phase, Some(place)) => {
            let symbol = SYMBOLS[*place as usize];
            let place = venue.listings().iter().position(|listing| &*listing.symbol == symbol);
            place.into_iter().for_each(|place| venue.set_phase_of(place, *phase, out));
        }
        Deed::Nothing => {}
        Deed::Suspend(place) => return said(order(*place).map(|id| venue.suspend(id, out).is_ok())),
        Deed::Resume(place) => return said(order(*place).map(|id| venue.resume(id, out).is_ok())),
        Deed::Calculate => return format!("{:?}", venue.calculate(out).is_ok()),
        Deed::Bust(place) => {
            let Some(execution) = execution(*place) else { return String::new() };
            return format!("{:?}", venue.bust(execution.exec_id, out).is_ok());
        }
        Deed::Correct(place, qty) => {
            let Some(execution) = execution(*place) else { return String::new() };
            let (price, qty) = (Decimal::new(99, 0), Decimal::new(*qty, 0));
            return format!("{:?}", venue.correct(execution.exec_id, price, qty, true, out).is_ok());
        }
        Deed::Accept(place) => return said(order(*place).map(|id| venue.accept(id, out).is_ok())),
        Deed::Refuse(place) => {
            return said(order(*place).map(|id| venue.refuse_by_hand(id, "no", out).is_ok()));
        }
        Deed::CancelByHand(place) => {
            return said(order(*place).map(|id| venue.cancel_by_hand(id, out).is_ok()));
        }
        Deed::Stop(place) => return said(order(*place).map(|id| venue.stop(id, out).is_ok())),
        Deed::Fill(place, price, qty) => {
            let Some(id) = order(*place) else { return String::new() };
            let (price, qty) = (Some(Decimal::new(*price, 0)), Some(Decimal::new(*qty, 0)));
            let filling = Filling { price, qty, beyond_limit: true };
            return format!("{:?}", venue.fill_by_hand(id, filling, out).is_ok());
        }
    }
    String::new()
}

fn random_entry(seed: &mut u64, name: &str) -> Entry<'static> {
    let side = one_of(seed, &[Side::Buy, Side::Sell]);
    let time_in_force = one_of(seed, &['0', '0', '1', '1', '1', '2', '3', '4', '6', '7']);
    let ord_type = one_of(seed, &['1', '2', '2', '2', '2', '3', '4', 'K']);
    let price = Some(Decimal::new(97 + draw(seed, 7) as i64, 0));
    let stop_px = Some(Decimal::new(97 + draw(seed, 7) as i64, 0));
    Entry {
        instrument: Named::Symbol(one_of(seed, &SYMBOLS)),
        ord_type: code::OrdType(ord_type as u8),
        price: price.filter(|_| matches!(ord_type, '2' | '4')),
        stop_px: stop_px.filter(|_| matches!(ord_type, '3' | '4')),
        min_qty: (draw(seed, 12) == 0).then_some(Decimal::new(2, 0)),
        max_floor: (draw(seed, 3) == 0).then_some(Decimal::new(1 + draw(seed, 3) as i64, 0)),
        expires: Some(orders::Expires::At(NOW.plus_seconds(20 + draw(seed, 200) as i64))),
        ..entry(name, side, 1 + draw(seed, 12) as i64, time_in_force)
    }
}

fn random_deed(seed: &mut u64, step: u64) -> Deed {
    let place = draw(seed, 1 << 20);
    // Sometimes an id that was used before.
    let name = if draw(seed, 10) == 0 { draw(seed, 1 + step) } else { step }.to_string();
    match draw(seed, 44) {
        0..=17 => Deed::Enter(random_entry(seed, &name)),
        18..=20 => Deed::Cancel(place, name),
        21..=24 => Deed::Replace(place, random_entry(seed, &name)),
        25 => Deed::Status(place),
        26 => Deed::StatusOfAll,
        27 if draw(seed, 3) == 0 => {
            let symbol = Some(one_of(seed, &SYMBOLS)).filter(|_| draw(seed, 2) == 0);
            Deed::CancelAll(symbol, one_of(seed, &[None, Some(Side::Buy), Some(Side::Sell)]))
        }
        28 => Deed::Hold(draw(seed, 2) == 0),
        29 | 30 => Deed::Accept(place),
        31 => Deed::Refuse(place),
        32 => Deed::Fill(place, 97 + draw(seed, 7) as i64, 1 + draw(seed, 5) as i64),
        33 => Deed::CancelByHand(place),
        34 => Deed::Stop(place),
        35 => Deed::Bust(place),
        36 => Deed::Correct(place, 1 + draw(seed, 3) as i64),
        37 | 38 => {
            use Phase::{Closed, Closing, Halted, Open, PreOpen};
            let phase = one_of(seed, &[Open, Open, Open, Halted, PreOpen, Closing, Closed]);
            Deed::Phase(phase, Some(draw(seed, 3)).filter(|_| draw(seed, 2) == 0))
        }
        39 | 40 => Deed::Suspend(place),
        41 => Deed::Resume(place),
        42 => Deed::Calculate,
        _ => Deed::Nothing,
    }
}

#[test]
fn whatever_happened_an_exchange_says_the_same_after_a_restart_at_any_moment() {
    let (mut waited, mut traded) = (0, 0);
    for seed in [5, 18, 19, 20, 21, 22_u64] {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let (mut one, mut restarted) = (Exchange::new(), Exchange::new());
        for step in 0..150 {
            let now = NOW.plus_seconds(step as i64);
            let session = one_of(&mut state, &["A", "B"]);
            let deed = random_deed(&mut state, step);
            let said = one.does(session, now, &deed);
            assert_eq!(restarted.does(session, now, &deed), said, "seed {seed}, step {step}: {deed:?}");
            waited += said.iter().filter(|said| said.contains("Some((\"")).count();
            traded += said.iter().filter(|said| said.contains("last: Some")).count();
            if draw(&mut state, 3) > 0 {
                restarted.restart(now);
                one.floor.requote();
            }
        }
    }
    assert!(waited > 100 && traded > 100, "{waited} {traded}");
}
