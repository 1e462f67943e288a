//! Any requests of several sessions, and whatever a person does as the venue: what each session is told is true, of each
//! order and of all together.

mod ledger;

use fix_core::decimal::Decimal;
use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::TestRunner};

use super::*;
use crate::exchange::book::{OrderId, SelfMatch};
use ledger::Ledger;

const SESSIONS: usize = 3;
const SYMBOLS: [&str; 2] = ["AAPL", "MSFT"];

/// What happens. A `pick` means one of all that could be meant, whatever their number is by then.
#[derive(Clone, Debug)]
enum Act {
    New {
        session: usize,
        terms: Terms,
    },
    /// A ClOrdID that was used before, as a mistake or as a possible resend.
    Again {
        session: usize,
        pick: usize,
        terms: Terms,
        is_resend: bool,
    },
    Cancel {
        session: usize,
        pick: usize,
    },
    Replace {
        session: usize,
        pick: usize,
        qty: u32,
        price: u32,
        floor: Option<u32>,
    },
    Status {
        session: usize,
        pick: usize,
    },
    StatusOfAll {
        session: usize,
        symbol: Option<usize>,
        side: Option<char>,
    },
    CancelAll {
        session: usize,
        symbol: Option<usize>,
        side: Option<char>,
    },
    Phase(Phase),
    /// So many seconds go by.
    Time(i64),
    Bust {
        pick: usize,
    },
    Correct {
        pick: usize,
        price: u32,
        qty: u32,
    },
    Stop {
        pick: usize,
    },
    CancelByHand {
        pick: usize,
    },
    Suspend {
        pick: usize,
    },
    Resume {
        pick: usize,
    },
    Calculate,
    /// Requests are left to a person, or no longer.
    Hold(bool),
    Accept {
        pick: usize,
    },
    Refuse {
        pick: usize,
    },
    Leave {
        session: usize,
    },
}

#[derive(Clone, Debug)]
struct Terms {
    symbol: usize,
    side: char,
    qty: u32,
    ord_type: char,
    price: u32,
    stop: u32,
    /// TimeInForce(59), with what goes with it.
    time_in_force: &'static str,
    more: &'static str,
}

impl Terms {
    fn of_type(&self) -> String {
        let Terms { ord_type, price, stop, .. } = self;
        match ord_type {
            '2' => format!("40=2|44={price}|"),
            '3' => format!("40=3|99={stop}|"),
            '4' => format!("40=4|44={price}|99={stop}|"),
            other => format!("40={other}|"),
        }
    }

    fn instrument(&self) -> String {
        format!("55={}|54={}|60=20260101-00:00:00|", SYMBOLS[self.symbol], self.side)
    }
}

fn terms() -> impl Strategy<Value = Terms> {
    let in_force = prop_oneof![
        6 => Just("59=0|"),
        4 => select(vec!["59=1|", "59=2|", "59=3|", "59=4|", "59=7|", "59=6|432=20260101|",
            "59=6|126=19700112-13:47:00|", "59=5|"]),
    ];
    let more = prop_oneof![6 => Just(""), 2 => select(vec!["110=3|", "111=2|", "110=2|111=1|"])];
    let ord_type = prop_oneof![8 => Just('2'), 3 => select(vec!['1', '3', '4', 'K', 'P'])];
    (0..SYMBOLS.len(), select(vec!['1', '2']), 0..20_u32, ord_type, 95..106_u32, 95..106_u32, in_force, more)
        .prop_map(|(symbol, side, qty, ord_type, price, stop, time_in_force, more)| Terms {
            symbol,
            side,
            qty,
            ord_type,
            price,
            stop,
            time_in_force,
            more,
        })
}

fn act() -> impl Strategy<Value = Act> {
    let session = || 0..SESSIONS;
    let pick = || 0..10_000_usize;
    let many = || (session(), option::of(0..SYMBOLS.len()), option::of(select(vec!['1', '2'])));
    let phases = vec![Phase::Closed, Phase::PreOpen, Phase::Open, Phase::Open, Phase::Halted, Phase::Closing];
    prop_oneof![
        40 => (session(), terms()).prop_map(|(session, terms)| Act::New { session, terms }),
        2 => (session(), pick(), terms(), any::<bool>()).prop_map(|(session, pick, terms, is_resend)| Act::Again {
            session,
            pick,
            terms,
            is_resend
        }),
        12 => (session(), pick()).prop_map(|(session, pick)| Act::Cancel { session, pick }),
        16 => (session(), pick(), 0..25_u32, 95..106_u32, option::of(0..9_u32)).prop_map(
            |(session, pick, qty, price, floor)| Act::Replace { session, pick, qty, price, floor }
        ),
        5 => (session(), pick()).prop_map(|(session, pick)| Act::Status { session, pick }),
        1 => many().prop_map(|(session, symbol, side)| Act::StatusOfAll { session, symbol, side }),
        1 => many().prop_map(|(session, symbol, side)| Act::CancelAll { session, symbol, side }),
        3 => select(phases).prop_map(Act::Phase),
        2 => (1..9_i64).prop_map(Act::Time),
        3 => pick().prop_map(|pick| Act::Bust { pick }),
        3 => (pick(), 90..110_u32, 1..9_u32).prop_map(|(pick, price, qty)| Act::Correct { pick, price, qty }),
        1 => pick().prop_map(|pick| Act::Stop { pick }),
        2 => pick().prop_map(|pick| Act::CancelByHand { pick }),
        3 => pick().prop_map(|pick| Act::Suspend { pick }),
        4 => pick().prop_map(|pick| Act::Resume { pick }),
        1 => Just(Act::Calculate),
        1 => session().prop_map(|session| Act::Leave { session }),
        2 => any::<bool>().prop_map(Act::Hold),
        12 => pick().prop_map(|pick| Act::Accept { pick }),
        3 => pick().prop_map(|pick| Act::Refuse { pick }),
    ]
}

/// An exchange, and what its sessions have asked and heard.
struct Story {
    floor: Floor,
    sessions: Vec<Session>,
    /// The ClOrdIDs of each session, with the terms of their orders.
    ids: Vec<Vec<(String, Terms)>>,
    ledger: Ledger,
    seconds: i64,
}

impl Story {
    fn new(rules: Rules) -> Self {
        let floor = floor_with(rules);
        let sessions = ["A", "B", "C"].map(|name| Session::join(&floor, name)).into();
        Story {
            floor,
            sessions,
            ids: vec![Vec::new(); SESSIONS],
            ledger: Ledger::default(),
            seconds: 1_000_000,
        }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::New { session, terms } => {
                let id = self.new_id(*session, terms.clone());
                self.enter(*session, &id, terms, "");
                self.ledger.check_answered(*session, &id);
            }
            Act::Again { session, pick, terms, is_resend } => {
                let Some((id, _)) = self.pick(*session, *pick) else { return };
                self.enter(*session, &id, terms, if *is_resend { "97=Y|" } else { "" });
                self.ledger.check_answered(*session, &id);
            }
            Act::Cancel { session, pick } => {
                let Some((orig, terms)) = self.pick(*session, *pick) else { return };
                let id = self.new_id(*session, terms.clone());
                let body = format!("11={id}|41={orig}|{}38=1|", terms.instrument());
                self.ask(*session, "F", &body);
                self.ledger.check_answered(*session, &id);
            }
            Act::Replace { session, pick, qty, price, floor } => {
                self.replace(*session, *pick, *qty, *price, *floor)
            }
            Act::Status { session, pick } => {
                let Some((id, terms)) = self.pick(*session, *pick) else { return };
                self.ask(*session, "H", &format!("11={id}|55={}|54={}|", SYMBOLS[terms.symbol], terms.side));
            }
            Act::StatusOfAll { session, symbol, side } => {
                let meant = meant("585", *symbol, *side);
                self.ask(*session, "AF", &format!("584=S|{meant}"));
                self.ledger.check_status_of_all(*session, symbol.map(|at| SYMBOLS[at]), *side);
            }
            Act::CancelAll { session, symbol, side } => {
                let meant = meant("530", *symbol, *side);
                self.ask(*session, "q", &format!("11=M|60=20260101-00:00:00|{meant}"));
                self.ledger.check_answered(*session, "M");
            }
            other => self.by_hand(other),
        }
    }

    /// What nobody has asked for.
    fn by_hand(&mut self, act: &Act) {
        let order =
            |pick: &usize| self.ledger.live_order(*pick).and_then(|id| self.floor.ids().order_number(id));
        let execution =
            |pick: &usize| self.ledger.execution(*pick).and_then(|id| self.floor.ids().execution_number(id));
        let any = |pick: &usize| self.ledger.order(*pick).and_then(|id| self.floor.ids().order_number(id));
        // What cannot be done, because there is no such order any longer, changes nothing.
        match act {
            Act::Phase(phase) => self.floor.by_hand(|venue, out| venue.set_phase(*phase, out)),
            Act::Time(seconds) => {
                self.seconds += seconds;
                self.floor.tick(UtcTimestamp::from_unix(self.seconds, 0));
            }
            Act::Bust { pick } => {
                let Some(number) = execution(pick) else { return };
                _ = self.floor.by_hand(|venue, out| venue.bust(number, out));
            }
            Act::Correct { pick, price, qty } => {
                let Some(number) = execution(pick) else { return };
                let (price, qty) = (Decimal::new((*price).into(), 0), Decimal::new((*qty).into(), 0));
                _ = self.floor.by_hand(|venue, out| venue.correct(number, price, qty, true, out));
            }
            Act::Stop { pick } => {
                let Some(number) = order(pick) else { return };
                _ = self.floor.by_hand(|venue, out| venue.stop(OrderId(number), out));
            }
            Act::CancelByHand { pick } => {
                let Some(number) = order(pick) else { return };
                _ = self.floor.by_hand(|venue, out| venue.cancel_by_hand(OrderId(number), out));
            }
            Act::Suspend { pick } => {
                let Some(number) = order(pick) else { return };
                _ = self.floor.by_hand(|venue, out| venue.suspend(OrderId(number), out));
            }
            Act::Resume { pick } => {
                let Some(number) = order(pick) else { return };
                _ = self.floor.by_hand(|venue, out| venue.resume(OrderId(number), out));
            }
            Act::Calculate => _ = self.floor.by_hand(|venue, out| venue.calculate(out)),
            Act::Leave { session } => {
                let owner = self.sessions[*session].exchange.seat.owner();
                self.floor.by_hand(|venue, out| venue.leave(owner, out));
            }
            Act::Hold(holds) => self.floor.by_hand(|venue, _| venue.hold(*holds)),
            Act::Accept { pick } => {
                let Some(number) = any(pick) else { return };
                _ = self.floor.by_hand(|venue, out| venue.accept(OrderId(number), out));
            }
            Act::Refuse { pick } => {
                let Some(number) = any(pick) else { return };
                _ = self.floor.by_hand(|venue, out| venue.refuse_by_hand(OrderId(number), "no", out));
            }
            _ => {}
        }
        self.hear();
    }

    fn enter(&mut self, session: usize, id: &str, terms: &Terms, head: &str) {
        let Terms { qty, time_in_force, more, .. } = terms;
        let (of_type, instrument) = (terms.of_type(), terms.instrument());
        self.ask(session, "D", &format!("{head}11={id}|{instrument}38={qty}|{of_type}{time_in_force}{more}"));
    }

    fn replace(&mut self, session: usize, pick: usize, qty: u32, price: u32, floor: Option<u32>) {
        let Some((orig, terms)) = self.pick(session, pick) else { return };
        let terms = Terms { qty, price, ..terms };
        let id = self.new_id(session, terms.clone());
        let floor = floor.map(|floor| format!("111={floor}|")).unwrap_or_default();
        let (of_type, instrument) = (terms.of_type(), terms.instrument());
        self.ask(session, "G", &format!("11={id}|41={orig}|{instrument}38={qty}|{of_type}{floor}"));
        self.ledger.check_answered(session, &id);
    }

    fn ask(&mut self, session: usize, msg_type: &str, body: &str) {
        self.ledger.now_asks(session);
        self.sessions[session].send(msg_type, body).unwrap();
        self.hear();
    }

    /// Everybody reads what he is told; then what was bought is what was sold.
    fn hear(&mut self) {
        for (at, session) in self.sessions.iter_mut().enumerate() {
            session.exchange.look(&mut session.line);
            for message in std::mem::take(&mut session.line.sent) {
                self.ledger.hear(at, &message);
            }
        }
        self.ledger.check_trades();
    }

    fn new_id(&mut self, session: usize, terms: Terms) -> String {
        let ids = &mut self.ids[session];
        let id = format!("{session}-{}", ids.len());
        ids.push((id.clone(), terms));
        id
    }

    fn pick(&self, session: usize, pick: usize) -> Option<(String, Terms)> {
        let ids = &self.ids[session];
        // The latest ones are the ones that live.
        let near = ids.len().saturating_sub(20);
        ids.get(near + pick % (ids.len() - near).max(1)).cloned()
    }

    /// All is told again as it was told last, and the books have what is said to be open.
    fn end(mut self) {
        self.floor.by_hand(|venue, out| {
            venue.set_phase(Phase::Open, out);
            venue.hold(false);
        });
        self.hear();
        // What waits for a person is decided, several requests about one order one after the other.
        for number in self.ledger.numbers(|id| self.floor.ids().order_number(id).unwrap()) {
            _ = self.floor.by_hand(|venue, out| venue.resume(OrderId(number), out));
            while self.floor.by_hand(|venue, out| venue.accept(OrderId(number), out)).is_ok() {}
        }
        self.hear();
        for session in 0..SESSIONS {
            for (id, terms) in self.ids[session].clone() {
                self.ask(session, "H", &format!("11={id}|55={}|54={}|", SYMBOLS[terms.symbol], terms.side));
            }
        }
        let open = self.ledger.open(|id| self.floor.ids().order_number(id).unwrap());
        let in_books = self.floor.look(|venue| {
            let places = 0..venue.listings().len();
            let own = |place: &usize| SYMBOLS.contains(&&*venue.listings()[*place].symbol);
            let books: Vec<_> = places.filter(own).filter_map(|place| venue.depth(place)).collect();
            let count: usize = books.iter().map(|depth| depth.book.len()).sum();
            assert_eq!(count, open.len(), "orders in the books, and orders that are said to be open");
            open.keys()
                .map(|id| {
                    let found = books.iter().find_map(|depth| {
                        let order = depth.book.order(OrderId(*id))?;
                        Some(depth.listing.qty(order.open).to_string())
                    });
                    (*id, found.unwrap_or_default())
                })
                .collect()
        });
        assert_eq!(open, in_books);
    }
}

fn meant(kind: &str, symbol: Option<usize>, side: Option<char>) -> String {
    let of = symbol.map_or("7|".to_owned(), |at| format!("1|55={}|", SYMBOLS[at]));
    let side = side.map(|side| format!("54={side}|")).unwrap_or_default();
    format!("{kind}={of}{side}")
}

const CASES: u32 = if cfg!(debug_assertions) { 40 } else { 2_000 };
const EACH: usize = 200;

#[test]
fn whatever_sessions_ask_each_report_is_true_and_the_books_have_what_is_said_to_be_open() {
    let policies = vec![SelfMatch::Allow, SelfMatch::CancelResting, SelfMatch::CancelIncoming];
    let strategy = (select(policies), vec(act(), EACH));
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Default::default()
    };
    let outcome = TestRunner::new(config).run(&strategy, |(self_match, acts)| {
        let mut story = Story::new(Rules { self_match, ..Rules::default() });
        acts.iter().for_each(|act| story.act(act));
        story.end();
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
