//! What one side writes to its socket, message by message: order, numbers, and that nothing is visible that
//! the store does not have.

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    tag::Tag,
    wire::frame::{Scan, scan},
};

use crate::{
    ledger::{Fate, Sent, Way},
    note,
    rng::mix,
};

const REF_MSG_TYPE: Tag = Tag(372);
const LOGON: MsgType = MsgType::from_static(b"A");
const LOGOUT: MsgType = MsgType::from_static(b"5");
const SEQUENCE_RESET: MsgType = MsgType::from_static(b"4");

/// One life of a side's numbers.
struct Epoch {
    id: u64,
    /// A digest of what the store was given, by number.
    appended: Vec<u64>,
    /// The highest number written for the first time.
    max_visible: u64,
}

#[derive(Default)]
pub(crate) struct WireWatch {
    partial: Vec<u8>,
    epochs: Vec<Epoch>,
    /// The epoch of what is being written; behind the store's while old messages wait for the socket.
    pub(crate) epoch: u64,
    /// The epoch of the store when the connection began.
    connected_epoch: u64,
    says_again: bool,
    /// The epoch of a reset that was said again: what followed it will come again.
    pub(crate) said_again: Option<u64>,
    /// The number that the next new message of the connection must have.
    next: Option<u64>,
}

fn digest(bytes: &[u8]) -> u64 {
    let word = |chunk: &[u8]| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    };
    bytes.chunks(8).fold(bytes.len() as u64, |digest, chunk| mix(digest ^ word(chunk)))
}

impl WireWatch {
    fn of(&mut self, id: u64) -> &mut Epoch {
        let at = self.epochs.iter().rposition(|epoch| epoch.id == id).unwrap_or_else(|| {
            self.epochs.push(Epoch { id, appended: Vec::new(), max_visible: 0 });
            self.epochs.len() - 1
        });
        &mut self.epochs[at]
    }

    pub(crate) fn appended(&mut self, epoch: u64, number: u64, bytes: &[u8]) {
        let appended = &mut self.of(epoch).appended;
        appended.resize(number as usize, 0);
        appended.push(digest(bytes));
    }

    /// `says_again`: the first Logon must say a reset again that was not answered.
    pub(crate) fn connected(&mut self, epoch: u64, says_again: bool) {
        (self.connected_epoch, self.says_again) = (epoch, says_again);
        self.partial.clear();
        self.next = None;
    }

    pub(crate) fn crashed(&mut self, epoch: u64, next_out: u64) -> Result<(), String> {
        let visible = self.epochs.iter().find(|known| {
            (known.id > epoch && known.max_visible > 0)
                || (known.id == epoch && known.max_visible >= next_out)
        });
        match visible {
            Some(known) => {
                Err(format!("{} of epoch {} was visible and not durable", known.max_visible, known.id))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn feed(&mut self, way: &Way, epoch: u64, bytes: &[u8]) -> Result<(), String> {
        self.partial.extend_from_slice(bytes);
        let partial = core::mem::take(&mut self.partial);
        let mut rest = partial.as_slice();
        let outcome = loop {
            match scan(rest, usize::MAX) {
                Scan::Frame(frame, taken) => {
                    let Ok(message) = Message::parse(frame) else {
                        break Err("a message without form".into());
                    };
                    if let Err(what) = self.message(way, epoch, &message) {
                        break Err(what);
                    }
                    rest = rest.get(taken..).unwrap_or_default();
                }
                Scan::Garbled(..) => break Err("garbled bytes".into()),
                Scan::Partial => break Ok(()),
            }
        };
        let done = partial.len() - rest.len();
        self.partial = partial;
        self.partial.drain(..done);
        outcome
    }

    fn message(&mut self, way: &Way, store_epoch: u64, message: &Message<'_>) -> Result<(), String> {
        let Some(Ok(number)) = message.header().msg_seq_num() else { return Err("no MsgSeqNum".into()) };
        if message.header().poss_dup {
            self.resent(way, message, number)?;
        } else {
            self.first_time(way, store_epoch, message, number)?;
        }
        let answers = [MsgType::REJECT, MsgType::BUSINESS_MESSAGE_REJECT];
        if answers.contains(&message.msg_type())
            && let Some(answered) = message.get(REF_MSG_TYPE).and_then(MsgType::from_bytes)
            && answers.contains(&answered)
        {
            return Err(format!("{number}: a reject is answered by another"));
        }
        if message.msg_type().is_admin() || message.msg_type() == MsgType::BUSINESS_MESSAGE_REJECT {
            return Ok(());
        }
        let id = note::read(message)?;
        match way.sent.get(id as usize) {
            Some(sent) if (sent.number, sent.epoch) == (number, self.epoch) && sent.fate != Fate::Gone => {
                Ok(())
            }
            _ => Err(format!("note {id} under {number}, which is not what was accepted")),
        }
    }

    fn first_time(
        &mut self,
        way: &Way,
        store_epoch: u64,
        message: &Message<'_>,
        number: u64,
    ) -> Result<(), String> {
        let digest = digest(message.frame().bytes());
        if number == 1 && self.next.is_none() && self.says_reset_again(message, digest) {
            (self.epoch, self.next, self.said_again) =
                (self.connected_epoch, Some(2), Some(self.connected_epoch));
            return Ok(());
        }
        let is_this = |epoch: &&Epoch| epoch.appended.get(number as usize) == Some(&digest);
        let refuses = message.msg_type() == LOGOUT && self.next.is_none();
        let opens = message.msg_type() == LOGON || refuses;
        // A reset by the answer to our Logon is followed by any message as number 1, perhaps with the bytes that number 1
        // had before, within one tick of the clock.
        let goes_on = |epoch: &Epoch| epoch.id == self.epoch && epoch.max_visible < number && is_this(&epoch);
        let opens = opens || !self.epochs.iter().any(goes_on);
        if opens && (self.next.is_some() || message.msg_type() == LOGON || refuses) {
            // The same bytes twice in one millisecond: the older epoch is written first.
            let new = |epoch: &&Epoch| epoch.id >= self.epoch && epoch.max_visible < number && is_this(epoch);
            let stored = self.epochs.iter().find(new).map(|epoch| epoch.id);
            let epoch = stored.unwrap_or(store_epoch);
            self.next = self.next.filter(|_| epoch == self.epoch);
            self.epoch = epoch;
        } else if self.next.is_none() {
            return Err(format!("{number} before a Logon"));
        }
        // A Logout that ends the session overtakes what a resend still holds back: that is asked for later.
        let skips = message.msg_type() == LOGOUT;
        if self.next.is_some_and(|next| number < next || (number > next && !skips)) {
            return Err(format!("{number}, after {:?} was next", self.next));
        }
        self.next = Some(number + 1);
        let keeps_nothing = way.keeps_nothing;
        let epoch = self.of(self.epoch);
        if !keeps_nothing && epoch.appended.get(number as usize) != Some(&digest) {
            return Err(format!("{number} with bytes that the store does not have"));
        }
        if number <= epoch.max_visible {
            return Err(format!("{number} as new, but {} was used", epoch.max_visible));
        }
        epoch.max_visible = number;
        Ok(())
    }

    /// A Logon with ResetSeqNumFlag(141)=Y that was not answered takes the place of the stored one.
    fn says_reset_again(&mut self, message: &Message<'_>, digest: u64) -> bool {
        let is_stored = self.epochs.iter().any(|epoch| epoch.appended.get(1) == Some(&digest));
        let (says_again, connected) = (self.says_again, self.connected_epoch);
        // Numbers that have begun again since have a Logon of their own, perhaps with the same bytes.
        let is_newer = |epoch: &Epoch| {
            epoch.id > connected && epoch.max_visible == 0 && epoch.appended.get(1) == Some(&digest)
        };
        let newer = self.epochs.iter().any(is_newer);
        let epoch = self.of(connected);
        // Within one tick of the clock it has the same bytes.
        let again = !newer && epoch.max_visible > 0 && epoch.appended.get(1) == Some(&digest);
        let takes_place = says_again || again || (!is_stored && epoch.appended.len() > 1);
        takes_place && message.msg_type() == LOGON && message.get(Tag(141)) == Some(b"Y")
    }

    fn resent(&mut self, way: &Way, message: &Message<'_>, number: u64) -> Result<(), String> {
        let Some(next) = self.next else { return Err(format!("{number} again before a Logon")) };
        if message.msg_type() != SEQUENCE_RESET {
            self.next = Some(next.max(number + 1));
            return Ok(());
        }
        let new: u64 = message.required(Tag(36)).map_err(|_| "a gap fill without NewSeqNo".to_owned())?;
        if new <= number {
            return Err(format!("a gap fill from {number} to {new}"));
        }
        self.next = Some(next.max(new));
        let epoch = self.epoch;
        let live = |(id, sent): (usize, &Sent)| {
            sent.epoch == epoch && (number..new).contains(&sent.number) && way.is_owed(id)
        };
        match way.sent.iter().enumerate().rposition(live) {
            Some(id) => Err(format!("a gap fill {number} to {new} over note {id}")),
            None => Ok(()),
        }
    }
}
