//! The exchange as the application of an acceptor session: FIX in, executions out.
//!
//! | file | messages |
//! |---|---|
//! | `new` | NewOrderSingle(D) |
//! | `change` | OrderCancelRequest(F), OrderCancelReplaceRequest(G) |
//! | `instructions` | of these what the venue does not do |
//! | `status` | OrderStatusRequest(H), OrderMassStatusRequest(AF) |
//! | `quotes` | QuoteRequest(R), QuoteResponse(AJ), with their Quote(S) and QuoteRequestReject(AG) |
//! | `mass` | OrderMassCancelRequest(q) |
//! | `list` | NewOrderList(E), ListExecute(L), ListCancelRequest(K), ListStatusRequest(M) |
//! | `after_trade` | DontKnowTrade(Q) |
//! | `allocation` | AllocationInstruction(J), with its AllocationInstructionAck(P) |
//! | `read` | what is read of D, F and G |
//! | `report` | what is told: ExecutionReport(8), OrderCancelReject(9), OrderMassCancelReport(r), ListStatus(N) |

mod after_trade;
mod allocation;
mod change;
mod instructions;
mod list;
mod mass;
mod new;
mod quotes;
mod read;
mod report;
mod status;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use fix_core::{
    dict::fix44::code,
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::{BusinessReject, BusinessRejectReason},
        state::CloseReason,
    },
    tag,
    time::Mono,
};

use super::{
    book::Side,
    floor::Seat,
    journal::{KeptList, Telling},
    market_data::Subscriptions,
    profile::{gate::Gate, judge::RefusedEntry},
    say::{Sent, account, id_field, named, numbered, reply, utf8},
    securities::SecurityDesk,
    venue::Output,
};
use allocation::Allocations;
pub use quotes::QuoteRules;
use report::Told;

/// Reports that may wait to be sent; at so many, no more requests are taken until some are.
const MOST_UNSENT: usize = 10_000;

/// What differs between sessions.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionRules {
    /// Its orders end with its connection.
    pub cancels_on_disconnect: bool,
    /// It gets a copy of each execution report of the others, and does not trade.
    pub is_drop_copy: bool,
}

/// The application of one counterparty's session.
pub struct ExchangeApplication {
    seat: Seat,
    rules: SessionRules,
    subscriptions: Subscriptions,
    quotes: quotes::Quotes,
    /// What the counterparty asked about instruments.
    securities: SecurityDesk,
    /// What it has allocated.
    allocations: Allocations,
    /// Its lists of orders, the oldest first.
    lists: VecDeque<KeptList>,
    /// It is woken for whatever changes the market.
    watches: bool,
    /// The venue was asked for something, and its journal may lack it.
    has_asked: bool,
    /// What was sent since the journal was written, and under which MsgSeqNum(34); 0: it could not be sent at all.
    sent: Vec<(Telling, u64)>,
    /// What the journal says was sent is in the session's store.
    is_stored: bool,
    /// What a venue profile puts in front; `None`: nothing.
    gate: Option<Box<Gate>>,
    /// Reports that could not be sent: the counterparty is away, or its buffer is full. Sent in order with the next
    /// message, prices or Logon that finds room.
    unsent: VecDeque<Output>,
}

impl ExchangeApplication {
    /// The part of an exchange that serves the session of this seat.
    pub fn new(seat: Seat, rules: SessionRules) -> Self {
        if rules.is_drop_copy {
            seat.copy_all();
        }
        ExchangeApplication {
            securities: SecurityDesk::new(seat.floor().securities().clone()),
            seat,
            rules,
            subscriptions: Subscriptions::default(),
            allocations: Allocations::default(),
            lists: VecDeque::new(),
            quotes: quotes::Quotes::new(QuoteRules::default()),
            watches: false,
            has_asked: false,
            sent: Vec::new(),
            is_stored: true,
            gate: None,
            unsent: VecDeque::new(),
        }
    }

    /// The same behind a gate.
    #[must_use]
    pub fn behind(self, gate: Option<Box<Gate>>) -> Self {
        ExchangeApplication { gate, ..self }
    }

    /// The same, quoting by these rules.
    #[must_use]
    pub fn quoting(self, rules: QuoteRules) -> Self {
        ExchangeApplication { quotes: quotes::Quotes::new(rules), ..self }
    }

    /// When the first request that waits at the gate is due.
    pub fn due(&self) -> Option<Mono> {
        self.gate.as_ref().and_then(|gate| gate.due()).map(Mono::from_micros)
    }

    /// The session's store is open, and this is its next MsgSeqNum(34).
    pub fn opened(&self, next_out: u64) {
        self.seat.opened(next_out);
    }

    /// All that was sent so far is in the session's store.
    pub fn stored(&mut self) {
        self.is_stored = true;
    }

    /// At a Logon or Logout they may begin anew: they say no longer what of that which was sent is in the store.
    fn numbers_may_change(&self) {
        if self.is_stored {
            self.seat.stored();
        }
    }

    /// True if requests are to be read.
    pub fn is_ready(&self) -> bool {
        self.gate.as_ref().is_none_or(|gate| !gate.is_full())
    }

    /// Serves the requests that waited at the gate and are due.
    fn admit_due(&mut self, out: &mut dyn Outbox) {
        if let Some(mut gate) = self.gate.take() {
            gate.admit_due(out, |message, refused, out| self.serve(message, refused, out));
            self.gate = Some(gate);
        }
    }

    /// Looks what is new on the floor: what others caused is reported, subscribers get the new prices.
    pub fn look(&mut self, out: &mut dyn Outbox) {
        self.admit_due(out);
        self.flush(out);
        // What there is no room for waits at the seat, and fills it.
        if self.unsent.len() < MOST_UNSENT {
            self.unsent.append(&mut self.seat.take());
            self.flush(out);
        }
        self.follow(out);
        self.watch(out);
    }

    /// The prices and phases for those who subscribed.
    fn follow(&mut self, out: &mut dyn Outbox) {
        if self.subscriptions.is_empty() && !self.securities.is_watching() {
            return;
        }
        let news = self.seat.look(|venue, pictures| {
            self.securities.see(venue);
            self.subscriptions.news(venue, pictures)
        });
        self.securities.publish(out);
        self.subscriptions.tell(news, self.seat.floor().ids(), out);
    }

    /// True if new prices matter here, or reports wait: nothing else says when there is room for them again.
    fn is_watching(&self) -> bool {
        !self.subscriptions.is_empty() || self.securities.is_watching() || !self.unsent.is_empty()
    }

    /// Is woken for new prices from now on if they matter, and not if they do not.
    fn watch(&mut self, out: &mut dyn Outbox) {
        let is_watching = self.is_watching();
        if std::mem::replace(&mut self.watches, is_watching) == is_watching {
            return;
        }
        // Prices that came while nobody was woken for them are new here.
        if self.seat.watch(is_watching) {
            self.follow(out);
        }
    }

    /// Sends what waits, as far as there is room.
    fn flush(&mut self, out: &mut dyn Outbox) {
        let transact_time = out.now().utc;
        while let Some(output) = self.unsent.front() {
            let floor = self.seat.floor();
            let (ids, securities) = (floor.ids(), floor.securities());
            let number = match numbered(out, &Told { output, ids, securities, transact_time }) {
                Err(Sent::Later) => return,
                Err(_) => {
                    tracing::error!(?output, "it was this report");
                    0
                }
                Ok(number) => number,
            };
            // A copy of what others are told is kept nowhere.
            if self.seat.has_journal() && !self.rules.is_drop_copy {
                self.sent.extend(Telling::of(output).map(|telling| (telling, number)));
            }
            self.unsent.pop_front();
        }
    }

    /// Does what a message asks for, but for what of it is refused already.
    fn serve(
        &mut self,
        message: &Message<'_>,
        refused: &[RefusedEntry],
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let outcome = match message.msg_type() {
            MsgType::MARKET_DATA_REQUEST => {
                let seat = &self.seat;
                self.subscriptions.request(message, |names| seat.look(|venue, _| venue.find_all(names)), out)
            }
            MsgType::SECURITY_LIST_REQUEST
            | MsgType::SECURITY_DEFINITION_REQUEST
            | MsgType::SECURITY_STATUS_REQUEST
            | MsgType::TRADING_SESSION_STATUS_REQUEST => {
                let seat = &self.seat;
                seat.look(|venue, _| self.securities.see(venue));
                self.securities.request(message, &|named| seat.look(|venue, _| venue.find(named)), out)
            }
            _ if self.rules.is_drop_copy => Err(DOES_NOT_TRADE),
            MsgType::DONT_KNOW_TRADE => self.not_known(message),
            MsgType::ALLOCATION_INSTRUCTION => self.allocate(message, out),
            MsgType::QUOTE_REQUEST => self.quote(message, out),
            _ => self.about_orders(message, refused, out),
        };
        self.flush(out);
        self.follow(out);
        self.watch(out);
        outcome
    }

    /// Takes a request about orders, whose answers may have to wait.
    fn about_orders(
        &mut self,
        message: &Message<'_>,
        refused: &[RefusedEntry],
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        if self.unsent.len() >= MOST_UNSENT {
            return Err(BUSY);
        }
        self.has_asked = true;
        match message.msg_type() {
            MsgType::ORDER_STATUS_REQUEST => self.status(message, out),
            MsgType::ORDER_MASS_STATUS_REQUEST => self.status_of_all(message, out),
            MsgType::NEW_ORDER_SINGLE => self.enter(message, out),
            MsgType::ORDER_CANCEL_REQUEST => self.cancel(message, out),
            MsgType::ORDER_CANCEL_REPLACE_REQUEST => self.replace(message, out),
            MsgType::ORDER_MASS_CANCEL_REQUEST => self.cancel_all(message, out),
            MsgType::NEW_ORDER_LIST => self.new_list(message, refused, out),
            MsgType::LIST_EXECUTE | MsgType::LIST_CANCEL_REQUEST | MsgType::LIST_STATUS_REQUEST => {
                self.about_list(message, out)
            }
            MsgType::QUOTE_RESPONSE => self.take_quote(message, out),
            _ => Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
    }
}

impl Application for ExchangeApplication {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        self.numbers_may_change();
        self.look(out);
    }

    fn on_logout(&mut self, _reason: CloseReason) {
        self.numbers_may_change();
        self.subscriptions.clear();
        self.securities.clear();
        self.quotes.clear();
        self.watches = false;
        self.seat.watch(false);
        if self.rules.cancels_on_disconnect {
            let owner = self.seat.owner();
            self.seat.floor().by_hand(|venue, out| venue.leave(owner, out));
        }
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.admit_due(out);
        let outcome = match self.gate.as_mut().map_or(Some(Vec::new()), |gate| gate.admits(message, out)) {
            Some(refused) => self.serve(message, &refused, out),
            None => Ok(()),
        };
        outcome.map_err(|reject| match id_field(message.msg_type()) {
            Some(id) => reject.with_ref(id),
            None => reject,
        })
    }

    /// Called before the session's store is written and anything is sent: what the venue has to keep is kept by then, in one
    /// go for all messages of a read.
    fn own_report(&mut self) -> Option<&[u8]> {
        if std::mem::take(&mut self.has_asked) || !self.sent.is_empty() {
            self.is_stored &= self.sent.is_empty();
            self.seat.write(&mut self.sent);
        }
        None
    }
}

const BUSY: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ApplicationNotAvailable,
    "10000 execution reports wait to be sent: read them, then try again",
);

const DOES_NOT_TRADE: BusinessReject = BusinessReject::new(
    BusinessRejectReason::NotAuthorized,
    "this is a drop-copy session: it neither trades nor asks about orders, it gets a copy of each execution report",
);

const NO_QTY: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ConditionallyRequiredFieldMissing,
    "OrderQty(38) is required here",
);

const MISSING: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ConditionallyRequiredFieldMissing,
    "Conditionally Required Field Missing",
);

const UNSUPPORTED_SIDE: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "Side(54) must be 1 (buy) or 2 (sell) here")
        .about(tag::SIDE);

const UNSUPPORTED_SIDE_OF_ORDER: &str =
    "Side(54) must be 1 (buy), 2 (sell), 5 (sell short) or 6 (sell short exempt) here";

const NO_LOCATE: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ConditionallyRequiredFieldMissing,
    "LocateReqd(114) is required to sell short: N if the securities are located already, Y if they are not",
)
.about(tag::LOCATE_REQD);

/// The side of an order.
struct SideOfOrder {
    /// Which side of the book it is on.
    side: Side,
    /// How it says it, if not as 1 or 2.
    said: Option<code::Side>,
    /// Why there is no such order here.
    unsupported: Option<String>,
}

/// Reads the side of an order. One that sells short says whether the securities are to be located (FIX 4.4 Vol. 4,
/// NewOrderSingle), which they always can be here.
fn side_of_order(said: code::Side, locate_reqd: Option<bool>) -> Result<SideOfOrder, BusinessReject> {
    let of = |side, said| SideOfOrder { side, said, unsupported: None };
    Ok(match said {
        code::Side::BUY => of(Side::Buy, None),
        code::Side::SELL => of(Side::Sell, None),
        code::Side::SELL_SHORT | code::Side::SELL_SHORT_EXEMPT if locate_reqd.is_none() => {
            return Err(NO_LOCATE);
        }
        code::Side::SELL_SHORT | code::Side::SELL_SHORT_EXEMPT => of(Side::Sell, Some(said)),
        _ => SideOfOrder {
            unsupported: Some(UNSUPPORTED_SIDE_OF_ORDER.to_owned()),
            ..of(Side::Buy, Some(said))
        },
    })
}

/// Which side of the book is meant.
fn side(side: code::Side) -> Result<Side, BusinessReject> {
    match side {
        code::Side::BUY => Ok(Side::Buy),
        code::Side::SELL => Ok(Side::Sell),
        _ => Err(UNSUPPORTED_SIDE),
    }
}
