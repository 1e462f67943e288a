//! What one session has sent and waits for, and the orders that rest for it at the venue.

use std::collections::BTreeMap;

use super::mix::Kind;

/// Requests of which no last word has come: beyond so many the oldest is given up.
const MOST_AWAITED: usize = 1_000_000;

/// A request that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it asks for.
    pub kind: Kind,
    /// When it was meant to be sent, in nanoseconds after the start.
    pub intended: u64,
    /// Its MsgSeqNum(34).
    pub msg_seq_num: u64,
    /// The order that it enters, or as it shall be.
    pub symbol: usize,
    /// It is not done with its acknowledgement: it is a MARKET order, which shall be filled.
    pub shall_fill: bool,
    /// The order that it shall cancel or replace: it rests on if this is refused.
    pub changes: Option<Resting>,
}

/// An order that rests at the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resting {
    /// The number of the request that it goes by.
    pub number: u64,
    /// Its Symbol(55), by its place in the plan.
    pub symbol: usize,
}

struct Awaited {
    request: Request,
    is_acked: bool,
}

/// The requests of one session by their numbers, which count from 0.
#[derive(Default)]
pub struct Outstanding {
    /// The number of the next one.
    next: u64,
    /// Those of which the last word has not come, by their numbers.
    awaited: BTreeMap<u64, Awaited>,
    /// Those of them that shall rest and are not acknowledged.
    becoming: usize,
    /// Orders that the venue was asked to cancel.
    cancelling: usize,
    resting: Vec<Resting>,
    unanswered: u64,
    unfinished: u64,
}

impl Outstanding {
    /// The number of the next request.
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// A request was sent under [`next_number`](Self::next_number).
    pub fn push(&mut self, request: Request) {
        self.becoming += usize::from(becomes_resting(&request));
        self.cancelling += usize::from(request.kind == Kind::Cancel);
        self.unanswered += 1;
        self.unfinished += 1;
        self.awaited.insert(self.next, Awaited { request, is_acked: false });
        self.next += 1;
        if self.awaited.len() > MOST_AWAITED {
            self.give_up_oldest();
        }
    }

    /// The venue took a request. `None` if it is not awaited, or the venue has said so before.
    pub fn ack(&mut self, number: u64) -> Option<Request> {
        let awaited = self.awaited.get_mut(&number).filter(|awaited| !awaited.is_acked)?;
        awaited.is_acked = true;
        let request = awaited.request;
        self.unanswered -= 1;
        if becomes_resting(&request) {
            self.becoming -= 1;
            self.resting.push(Resting { number, symbol: request.symbol });
        }
        if !request.shall_fill {
            self.unfinished -= 1;
            self.cancelling -= usize::from(request.kind == Kind::Cancel);
            self.awaited.remove(&number);
        }
        Some(request)
    }

    /// The last word on a request has come: it is filled, refused, or its order is over. `None` if it is not awaited.
    pub fn finish(&mut self, number: u64) -> Option<Request> {
        let Awaited { request, is_acked: was_acked } = self.awaited.remove(&number)?;
        self.unanswered -= u64::from(!was_acked);
        self.unfinished -= 1;
        self.cancelling -= usize::from(request.kind == Kind::Cancel);
        self.becoming -= usize::from(becomes_resting(&request) && !was_acked);
        Some(request)
    }

    /// The request with this MsgSeqNum(34), by its number.
    pub fn by_msg_seq_num(&self, msg_seq_num: u64) -> Option<u64> {
        let mut latest = self.awaited.iter().rev();
        latest.find(|(_, awaited)| awaited.request.msg_seq_num == msg_seq_num).map(|(number, _)| *number)
    }

    /// Orders that rest, or will once the venue takes them.
    pub fn open_orders(&self) -> usize {
        self.resting.len() + self.becoming
    }

    /// Those, and orders whose cancellation the venue has not answered.
    pub fn at_venue(&self) -> usize {
        self.open_orders() + self.cancelling
    }

    /// How many can be cancelled or replaced now.
    pub fn changeable(&self) -> usize {
        self.resting.len()
    }

    /// Takes the resting order at `place`: a request to cancel or to replace it is about to be sent.
    pub fn take(&mut self, place: usize) -> Option<Resting> {
        (place < self.resting.len()).then(|| self.resting.swap_remove(place))
    }

    /// Puts back what [`take`](Self::take) gave: nothing was sent, or it was refused.
    pub fn put_back(&mut self, order: Resting) {
        self.resting.push(order);
    }

    /// The order that goes by this number is over.
    pub fn forget(&mut self, number: u64) {
        if let Some(place) = self.resting.iter().position(|order| order.number == number) {
            self.resting.swap_remove(place);
        }
    }

    /// Requests that the venue has not answered at all.
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// Requests of which the last word has not come: those that are not answered, and MARKET orders that are not filled.
    pub fn unfinished(&self) -> u64 {
        self.unfinished
    }

    /// It goes on counting as unanswered: only its place is taken.
    fn give_up_oldest(&mut self) {
        if let Some((_, oldest)) = self.awaited.pop_first() {
            self.becoming -= usize::from(becomes_resting(&oldest.request) && !oldest.is_acked);
            self.cancelling -= usize::from(oldest.request.kind == Kind::Cancel);
        }
    }
}

/// A limit order rests once it is acknowledged, and goes by the number of its replacement once that is.
fn becomes_resting(request: &Request) -> bool {
    match request.kind {
        Kind::New => !request.shall_fill,
        Kind::Replace => true,
        Kind::Cancel => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: Kind, shall_fill: bool) -> Request {
        Request { kind, intended: 0, msg_seq_num: 0, symbol: 0, shall_fill, changes: None }
    }

    #[test]
    fn an_order_rests_once_it_is_taken_and_goes_by_its_replacement() {
        let mut all = Outstanding::default();
        all.push(request(Kind::New, false));
        assert_eq!((all.open_orders(), all.changeable(), all.unanswered()), (1, 0, 1));
        assert!(all.ack(0).is_some() && all.ack(0).is_none(), "a second acknowledgement is none");
        assert_eq!((all.open_orders(), all.changeable(), all.unanswered()), (1, 1, 0));
        assert_eq!(all.take(0), Some(Resting { number: 0, symbol: 0 }));
        all.push(request(Kind::Replace, false));
        assert_eq!(all.open_orders(), 1, "while it is being replaced nothing else may change it");
        all.ack(1);
        assert_eq!(all.take(0), Some(Resting { number: 1, symbol: 0 }));
        assert_eq!(all.take(0), None);
    }

    #[test]
    fn answers_in_any_order_leave_nothing_behind() {
        let mut all = Outstanding::default();
        for shall_fill in [true, false, true] {
            all.push(request(Kind::New, shall_fill));
        }
        assert!(all.finish(2).is_some(), "filled without a word before");
        assert!(all.ack(0).is_some());
        assert_eq!((all.unanswered(), all.unfinished()), (1, 2));
        assert!(all.finish(0).is_some() && all.finish(0).is_none());
        assert!(all.finish(1).is_some(), "refused");
        assert_eq!((all.open_orders(), all.unfinished(), all.awaited.len(), all.next_number()), (0, 0, 0, 3));
        assert!(all.ack(7).is_none() && all.finish(7).is_none(), "never sent");
    }

    #[test]
    fn one_that_never_ends_keeps_no_other_one() {
        let mut all = Outstanding::default();
        for number in 0..1_000 {
            all.push(request(Kind::New, true));
            if number > 0 {
                all.finish(number);
            }
        }
        assert_eq!((all.awaited.len(), all.unfinished(), all.next_number()), (1, 1, 1_000));
    }

    #[test]
    fn beyond_what_is_kept_the_oldest_counts_as_unanswered() {
        let mut all = Outstanding::default();
        for _ in 0..=MOST_AWAITED {
            all.push(request(Kind::New, false));
        }
        assert_eq!(all.unanswered(), MOST_AWAITED as u64 + 1);
        assert_eq!(all.awaited.len(), MOST_AWAITED);
    }
}
