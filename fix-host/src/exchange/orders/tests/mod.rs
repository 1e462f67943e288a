//! Order states on a real book, told as the matrices tell them (FIX 4.4 Vol. 4, App. D): ExecType/OrdStatus of each report.

mod bust;
mod cancel;
mod matrices;
mod new;
mod replace;
mod venue;

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::{
    super::book::{Book, Kind, OrderId, Owner, Phase, Quantity, Settings, Side, Ticks, TimeInForce},
    *,
};

/// The session that the stories are about, and another that trades with it.
const X: Owner = Owner(1);
const OTHER: Owner = Owner(2);

/// A venue with one book.
struct Venue {
    states: OrderStates,
    book: Book,
    out: Vec<Output>,
    others: u64,
}

impl Venue {
    fn open() -> Self {
        let (mut book, mut events) = (Book::new(&Settings::default()), Vec::new());
        book.set_phase(Phase::Open, &mut events);
        Venue { states: OrderStates::new(Limits::default()), book, out: Vec::new(), others: 0 }
    }

    /// Decides what waits for an order.
    fn decide(&mut self, id: OrderId) {
        let mut events = Vec::new();
        match self.states.decide(id, &mut self.out) {
            Some(Command::Enter(order)) => self.book.enter(&order, &mut events),
            Some(Command::Cancel(id)) => self.book.cancel(id, &mut events),
            Some(Command::Replace(id, change)) => self.book.replace(id, change, &mut events),
            None => {}
        }
        self.apply(events);
    }

    fn apply(&mut self, events: Vec<crate::exchange::book::Event>) {
        events.into_iter().for_each(|event| self.states.apply(event, &mut self.out));
        self.book.check().unwrap();
    }

    fn enter(&mut self, owner: Owner, request: NewRequest) -> Option<OrderId> {
        let id = self.states.enter(owner, request, Acknowledge::Not, &mut self.out);
        id.into_iter().for_each(|id| self.decide(id));
        id
    }

    /// An order of the story's session, which is in the book then.
    fn new_order(&mut self, cl_ord_id: &str, qty: Quantity) -> OrderId {
        self.enter(X, request(cl_ord_id, qty)).unwrap()
    }

    /// Somebody sells so much to the session.
    fn fill(&mut self, qty: Quantity) {
        self.others += 1;
        let cl_ord_id = format!("other {}", self.others);
        self.enter(OTHER, request(&cl_ord_id, qty).with(|terms| terms.side = Side::Sell));
    }

    fn cancel(&mut self, orig: &str, cl_ord_id: &str, acknowledge: Acknowledge) -> Option<OrderId> {
        let request = CancelRequest { cl_ord_id: cl_ord_id.into(), orig_cl_ord_id: orig.into() };
        self.states.cancel(X, request, acknowledge, &mut self.out)
    }

    fn cancel_now(&mut self, orig: &str, cl_ord_id: &str) {
        let id = self.cancel(orig, cl_ord_id, Acknowledge::Not);
        id.into_iter().for_each(|id| self.decide(id));
    }

    fn replace(
        &mut self,
        orig: &str,
        cl_ord_id: &str,
        qty: Quantity,
        acknowledge: Acknowledge,
    ) -> Option<OrderId> {
        let (cl_ord_id, orig_cl_ord_id) = (cl_ord_id.into(), orig.into());
        let request = ReplaceRequest {
            cl_ord_id,
            orig_cl_ord_id,
            qty,
            price: None,
            stop: None,
            display_qty: None,
            lasts: None,
        };
        self.states.replace(X, request, acknowledge, &mut self.out)
    }

    fn replace_now(&mut self, orig: &str, cl_ord_id: &str, qty: Quantity) {
        let id = self.replace(orig, cl_ord_id, qty, Acknowledge::Not);
        id.into_iter().for_each(|id| self.decide(id));
    }

    /// The venue cancels an order of itself.
    fn cancel_by_hand(&mut self, id: OrderId) {
        let mut events = Vec::new();
        self.book.cancel(id, &mut events);
        self.apply(events);
    }

    /// The venue takes an order out of its book.
    fn suspend(&mut self, id: OrderId) {
        self.book.cancel(id, &mut Vec::new());
        self.states.suspend(id, Kind::Limit(100), &mut self.out);
    }

    /// The venue puts it there again.
    fn resume(&mut self, id: OrderId) {
        let mut events = Vec::new();
        if let Some(order) = self.states.resume(id, &mut self.out) {
            self.book.enter(&order, &mut events);
        }
        self.apply(events);
    }

    fn set_phase(&mut self, phase: Phase) {
        let mut events = Vec::new();
        self.book.set_phase(phase, &mut events);
        self.apply(events);
    }

    /// What the session was told since the last time.
    fn told(&mut self) -> Vec<Output> {
        let mine = |output: &Output| match output {
            Output::Report(report) => report.owner == X,
            Output::CancelReject(reject) => reject.owner == X,
        };
        std::mem::take(&mut self.out).into_iter().filter(mine).collect()
    }

    /// The same, short: `ClOrdID<OrigClOrdID ExecType/OrdStatus OrderQty CumQty LeavesQty`, or `ClOrdID<OrigClOrdID
    /// 9/OrdStatus CxlRejReason`.
    fn said(&mut self) -> Vec<String> {
        self.told().iter().map(short).collect()
    }
}

fn short(output: &Output) -> String {
    match output {
        Output::Report(report) => format!(
            "{}{} {}/{} {} {} {}",
            report.cl_ord_id,
            report.orig_cl_ord_id.as_ref().map(|orig| format!("<{orig}")).unwrap_or_default(),
            char::from(report.exec_type.0),
            char::from(report.ord_status.0),
            report.order_qty,
            report.cum_qty,
            report.leaves_qty
        ),
        Output::CancelReject(reject) => format!(
            "{}<{} 9/{} {}",
            reject.cl_ord_id,
            reject.orig_cl_ord_id,
            char::from(reject.ord_status.0),
            reject.reason.0
        ),
    }
}

fn request(cl_ord_id: &str, qty: Quantity) -> NewRequest {
    NewRequest {
        cl_ord_id: cl_ord_id.into(),
        terms: Terms {
            listing: listing(Decimal::new(1, 2)),
            side: Side::Buy,
            kind: Kind::Limit(100),
            time_in_force: TimeInForce::Day,
            expires: None,
            min_qty: 0,
            display_qty: 0,
            echo: Echo::default(),
        },
        qty,
        poss_resend: false,
    }
}

impl NewRequest {
    fn with(mut self, change: impl FnOnce(&mut Terms)) -> Self {
        change(&mut self.terms);
        self
    }

    fn lasting(self, time_in_force: TimeInForce) -> Self {
        self.with(|terms| terms.time_in_force = time_in_force)
    }
}

fn listing(tick: Decimal) -> Arc<Listing> {
    let lot = Decimal::new(1, 0);
    Arc::new(Listing {
        place: 0,
        symbol: "5Y".into(),
        security_id: None,
        price_type: None,
        tick,
        lot,
        is_listed: true,
    })
}
