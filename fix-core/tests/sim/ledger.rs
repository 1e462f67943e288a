//! What was promised and what has happened: the invariants of a run, checked as they happen.

use std::{cell::RefCell, rc::Rc};

use fix_core::wire::writer::Encode;

use crate::{
    note::{NEWS, Note},
    wire_watch::WireWatch,
};

pub(crate) type Shared = Rc<RefCell<Ledger>>;

/// An application message that the engine has accepted.
pub(crate) struct Sent {
    pub(crate) number: u64,
    /// In which life of the sender's numbers.
    pub(crate) epoch: u64,
    pub(crate) fate: Fate,
    pub(crate) delivered: bool,
}

/// Why an accepted message need not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Open,
    /// Its sender crashed before it was durable, so nobody has seen it and nobody may.
    Gone,
    /// A rule lets a gap fill, or a Reject, take its place.
    Excused,
}

/// What one side sends and the other receives.
#[derive(Default)]
pub(crate) struct Way {
    pub(crate) sent: Vec<Sent>,
    /// The sender keeps no messages: a gap fill may take the place of any.
    pub(crate) keeps_nothing: bool,
    /// The sender is configured not to resend news.
    pub(crate) skips_news: bool,
    /// The id after the last one delivered, in order.
    cursor: u64,
    /// The receiver's epoch, the number and the id of all that counts as delivered.
    log: Vec<(u64, u64, u64)>,
    /// What stands in `log` before this the sender has said its reset again for.
    renewed: usize,
    watch: WireWatch,
    /// Messages larger than the receiver takes that were written, and those that it has not reported.
    pub(crate) too_large: u64,
    /// The receiver's epoch, the number and the id of all that it has rejected.
    rejected: Vec<(u64, u64, u64)>,
}

#[derive(Default)]
pub(crate) struct Ledger {
    /// By the side that sends.
    pub(crate) ways: [Way; 2],
    /// The epoch of each side's store.
    pub(crate) epoch: [u64; 2],
    epochs: u64,
    logons: u64,
    violation: Option<String>,
    pub(crate) deliveries: u64,
    pub(crate) duplicates: u64,
    pub(crate) excused: u64,
}

impl Ledger {
    pub(crate) fn violation(&self) -> Option<&str> {
        self.violation.as_deref()
    }

    pub(crate) fn fail(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    pub(crate) fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.fail(what());
        }
    }

    /// The numbers of `side` have begun again.
    pub(crate) fn new_epoch(&mut self, side: usize) -> u64 {
        self.epochs += 1;
        self.epoch[side] = self.epochs;
        // What the counterparty has sent under its present numbers may come again, flagged.
        let way = &mut self.ways[1 - side];
        way.cursor = way.cursor.min(way.first_of(self.epoch[1 - side]));
        self.epochs
    }

    pub(crate) fn next_logon(&mut self) -> u64 {
        self.logons += 1;
        self.logons
    }

    pub(crate) fn next_id(&self, side: usize) -> u64 {
        self.ways[side].sent.len() as u64
    }

    /// The engine has promised to send this message.
    pub(crate) fn accepted(&mut self, side: usize, id: u64, number: u64) {
        let epoch = self.epoch[side];
        let next = self.next_id(side);
        self.require(id == next, || format!("note {id} accepted, {next} is next"));
        self.ways[side].sent.push(Sent { number, epoch, fate: Fate::Open, delivered: false });
    }

    /// The store of `side` was given a message.
    pub(crate) fn appended(&mut self, side: usize, number: u64, bytes: &[u8]) {
        let epoch = self.epoch[side];
        self.ways[side].watch.appended(epoch, number, bytes);
    }

    pub(crate) fn connected(&mut self, side: usize, says_again: bool) {
        let epoch = self.epoch[side];
        self.ways[side].watch.connected(epoch, says_again);
    }

    /// `side` has written these bytes to the socket.
    pub(crate) fn written(&mut self, side: usize, bytes: &[u8]) {
        let epoch = self.epoch[side];
        let way = &mut self.ways[side];
        let mut watch = core::mem::take(&mut way.watch);
        let outcome = watch.feed(way, epoch, bytes);
        if let Some(epoch) = watch.said_again.take() {
            // Behind a reset all is new to the receiver, also what it has rejected or was given.
            let first = way.first_of(epoch);
            way.cursor = way.cursor.min(first);
            way.rejected.retain(|(_, _, id)| *id < first);
            way.renewed = way.log.len();
        }
        way.watch = watch;
        if let Err(what) = outcome {
            self.fail(format!("side {side} wrote: {what}"));
        }
    }

    /// `side` rejects a message: what its application was given is not rejected, and what is rejected it is not given
    /// later. One that is marked as resent can have a new fault, `in_its_times` (cases 2f, 2g).
    pub(crate) fn rejected(&mut self, side: usize, id: u64, number: u64, in_its_times: bool) {
        let epoch = self.epoch[side];
        let way = &mut self.ways[1 - side];
        let since = way.log.get(way.renewed..).unwrap_or_default();
        let was_given = since.iter().any(|(then, _, given)| (*then, *given) == (epoch, id));
        way.rejected.push((epoch, number, id));
        self.require(!was_given || in_its_times, || {
            format!("side {side} rejects note {id}, which its application was given")
        });
    }

    /// `side` reports a message that is larger than it takes: once for each.
    pub(crate) fn passed_over(&mut self, side: usize) {
        let left = self.ways[1 - side].too_large.checked_sub(1);
        self.require(left.is_some(), || format!("side {side} passes over a message that is not too large"));
        self.ways[1 - side].too_large = left.unwrap_or(0);
    }

    /// The store of `side` has come back from a crash with these numbers.
    pub(crate) fn crashed(&mut self, side: usize, epoch: u64, next_in: u64, next_out: u64) {
        self.epoch[side] = epoch;
        if let Err(what) = self.ways[side].watch.crashed(epoch, next_out) {
            self.fail(format!("side {side} crashed: {what}"));
        }
        for sent in self.ways[side].sent.iter_mut().rev() {
            if (sent.epoch, sent.number) >= (epoch, next_out) && sent.fate != Fate::Gone {
                sent.fate = Fate::Gone;
            } else if sent.epoch < epoch {
                break;
            }
        }
        let way = &mut self.ways[1 - side];
        while way.log.last().is_some_and(|(then, number, _)| (*then, *number) >= (epoch, next_in)) {
            way.log.pop();
        }
        way.renewed = way.renewed.min(way.log.len());
        way.rejected.retain(|(then, number, _)| (*then, *number) < (epoch, next_in));
        let first = way.first_of(self.epoch[1 - side]);
        way.cursor = match way.log.last() {
            Some((then, _, id)) if *then < epoch => first.min(id + 1),
            last => last.map_or(0, |(_, _, id)| id + 1),
        };
    }

    /// The application of `side` was given a note.
    pub(crate) fn delivered(&mut self, side: usize, id: u64, number: u64, poss_dup: bool) {
        let receiver_epoch = self.epoch[side];
        let way = &mut self.ways[1 - side];
        self.deliveries += 1;
        let rejected =
            way.rejected.iter().rev().any(|(then, _, rejected)| (*then, *rejected) == (receiver_epoch, id));
        let outcome = way.deliver(id, number, poss_dup);
        way.log.push((receiver_epoch, number, id));
        match outcome {
            Ok(again) => self.duplicates += u64::from(again),
            Err(what) => self.fail(format!("side {side} got {what}")),
        }
        self.require(!rejected, || format!("side {side} got note {id}, which it has rejected"));
    }

    /// A gap fill may take the place of this message of `side`.
    pub(crate) fn excuse(&mut self, side: usize, id: u64) {
        self.excused += 1;
        if let Some(sent) = self.ways[side].sent.get_mut(id as usize)
            && sent.fate == Fate::Open
        {
            sent.fate = Fate::Excused;
        }
    }

    /// The store of `side` no longer has message `number`.
    pub(crate) fn not_kept(&mut self, side: usize, number: u64) {
        let epoch = self.epoch[side];
        let found = |sent: &Sent| sent.number == number && sent.epoch == epoch && sent.fate == Fate::Open;
        if let Some(id) = self.ways[side].sent.iter().rposition(found) {
            self.excuse(side, id as u64);
        }
    }

    /// After the faults have stopped: everything accepted has arrived, or a rule says why not.
    pub(crate) fn check_complete(&mut self) {
        for side in [0, 1] {
            let (way, epoch) = (&self.ways[side], self.epoch[side]);
            let lost = way
                .sent
                .iter()
                .enumerate()
                .position(|(id, sent)| sent.epoch == epoch && !sent.delivered && way.is_owed(id));
            if let Some(id) = lost {
                let number = way.sent[id].number;
                self.fail(format!(
                    "side {side}: note {id} (MsgSeqNum {number}) was accepted and never arrived"
                ));
            }
        }
    }
}

impl Way {
    /// The id of the first note that was sent in this epoch of the sender, or will be.
    fn first_of(&self, epoch: u64) -> u64 {
        self.sent.partition_point(|sent| sent.epoch < epoch) as u64
    }

    /// False if a gap fill may take the place of the note, or nobody may see it.
    pub(crate) fn is_owed(&self, id: usize) -> bool {
        let skipped = self.keeps_nothing || (self.skips_news && Note { id: id as u64 }.msg_type() == NEWS);
        !skipped && self.sent.get(id).is_some_and(|sent| sent.fate == Fate::Open)
    }

    /// True if the note was delivered before.
    fn deliver(&mut self, id: u64, number: u64, poss_dup: bool) -> Result<bool, String> {
        let Some(sent) = self.sent.get(id as usize) else {
            return Err(format!("note {id}, which was never sent"));
        };
        if sent.number != number {
            return Err(format!("note {id} under {number}, it was sent under {}", sent.number));
        }
        if sent.fate == Fate::Gone {
            return Err(format!("note {id}, which was lost before it was durable"));
        }
        if id < self.cursor {
            return Err(format!("note {id} again or late, next is {}", self.cursor));
        }
        let again = sent.delivered;
        if again && !poss_dup {
            return Err(format!("note {id} again without PossDupFlag"));
        }
        let missing = |id: &usize| {
            let before = &self.sent[*id];
            before.epoch == sent.epoch && !before.delivered && self.is_owed(*id)
        };
        if let Some(before) = (self.cursor as usize..id as usize).find(missing) {
            return Err(format!("note {id} before note {before}"));
        }
        self.cursor = id + 1;
        self.sent[id as usize].delivered = true;
        Ok(again)
    }
}
