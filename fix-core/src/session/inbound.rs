//! Receiving: which message is when's, and what its number means.

use super::{
    Session,
    admin::{self, LogoutText},
    context::Context,
    event::{Event, Reason},
    outbound::LAST_NUMBER,
    output::Buffer,
    state::Phase,
};
use crate::{
    msg::{index::Slot, message::Message},
    store::MessageStore,
    tag::Tag,
    wire::{
        field::NotAField,
        frame::{Frame, GarbledReason, Scan, scan},
        value::ValueError,
    },
};

/// The fields of a message whose places are noted down, for its validation and for who reads it. Of a longer one
/// the rest is looked for, which takes longer. A board's stack and time are dearer than its longest messages.
const INDEXED: usize = if cfg!(target_pointer_width = "64") { 64 } else { 40 };

impl<B: Buffer, S: MessageStore> Session<B, S> {
    pub(crate) fn on_frame(&mut self, cx: &mut Context<'_>, frame: Frame<'_>) {
        let mut slots = [Slot::EMPTY; INDEXED];
        // With a field that is none the message counts all the same: its number is used (case 14). If it did not,
        // it would be resent, and missed, without end.
        let extra = self.config.data_pairs();
        // Where it is: a message that is handed on is copied.
        match Message::parse_indexed_with(frame, &mut slots, extra) {
            Ok(message) => self.on_message(cx, frame, &message),
            Err(NotAField) => self.on_message(cx, frame, &Message::recover(frame, extra)),
        }
    }

    fn on_message(&mut self, cx: &mut Context<'_>, frame: Frame<'_>, message: &Message<'_>) {
        cx.app.on_event(&Event::Inbound(frame.bytes()));
        self.liveness.received(cx.now.mono);
        match self.phase {
            Phase::AwaitLogon => self.first_message(cx, message),
            Phase::LogonSent => self.logon_answer(cx, message),
            Phase::LoggedOn | Phase::LogoutSent => {
                if message.msg_type() != admin::LOGOUT {
                    self.confirm_reset(cx);
                }
                self.in_session(cx, message);
            }
            Phase::Idle | Phase::LogonOwed | Phase::Closing => {}
        }
        self.answering = 0;
        self.settle(cx);
    }

    /// Skipped bytes consume no number (cases 2d, 2m, 3b). Only a Logon that is garbled ends a connection
    /// on which nobody is logged on: its sender would wait for an answer for ever.
    pub(crate) fn on_garbled(&mut self, cx: &mut Context<'_>, reason: GarbledReason, bytes: &[u8]) {
        cx.app.on_event(&Event::Garbled { reason, bytes });
        self.gap.garbled();
        let is_logon = bytes.windows(6).any(|window| window == b"\x0135=A\x01");
        if self.phase == Phase::AwaitLogon && is_logon {
            self.violation(cx, Reason::LogonGarbled);
        }
        if let GarbledReason::TooLong { len, limit } = reason {
            self.too_large(cx, (len, limit), bytes);
        }
    }

    /// Works on the expected message if it was kept. When it came, only its sender and its number were looked at.
    /// False if it is not there.
    pub(crate) fn on_kept(&mut self, cx: &mut Context<'_>) -> bool {
        let number = self.next_in();
        if !self.phase.is_in_session()
            || cx.with_kept(number, |cx, bytes| self.take_kept(cx, bytes, number)).is_none()
        {
            return false;
        }
        if self.next_in() == number && self.phase.is_in_session() {
            // It does not count, so it and what follows it must come again.
            cx.kept.clear();
        }
        self.settle(cx);
        true
    }

    fn take_kept(&mut self, cx: &mut Context<'_>, bytes: &[u8], number: u64) {
        let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return self.consume(cx, number) };
        let message = self.read(frame);
        let msg_type = message.msg_type();
        let acted_on = msg_type == admin::LOGON
            || self.is_served_beyond_a_gap(&message)
            || (msg_type == admin::TEST_REQUEST && self.gap.was_answered(number));
        if acted_on {
            return self.consume(cx, number);
        }
        self.answering = number;
        self.in_turn(cx, &message, number, false);
        self.answering = 0;
    }

    fn in_session(&mut self, cx: &mut Context<'_>, message: &Message<'_>) {
        let msg_type = message.msg_type();
        let Some(number) = self.number_of(cx, message) else { return };
        if message.frame().begin_string() != self.config.id.begin_string.as_bytes() {
            return self.wrong_begin_string(cx, message, number);
        }
        if self.reset.is_missed() {
            return self.behind_missed_reset(cx, message, number);
        }
        let next_in = self.next_in();
        self.answering = if number == next_in { number } else { 0 };
        if msg_type == admin::LOGON {
            self.reset.miss(number == 1 && message.get(Tag(141)) == Some(b"Y"));
        }
        let is_duplicate = number < next_in && message.header().poss_dup;
        let mut is_complete = false;
        if !is_duplicate {
            let Ok(complete) = self.check_identity_and_time(cx, message, number) else { return };
            is_complete = complete;
        }
        if msg_type == admin::LOGON {
            return self.second_logon(cx, message, number);
        }
        self.reset.other_message();
        if number != next_in {
            self.follow(cx, number);
            if !self.is_for_now(cx, message, number) {
                return;
            }
        }
        self.in_turn(cx, message, number, is_complete);
    }

    /// Whether a message is to be acted on though its number is not the expected one. One that is not is dealt with.
    #[inline(never)]
    fn is_for_now(&mut self, cx: &mut Context<'_>, message: &Message<'_>, number: u64) -> bool {
        let (msg_type, next_in) = (message.msg_type(), self.next_in());
        // A reset has no number that matters (case 11), and who logs out or asks for a resend is heard.
        let is_reset = msg_type == admin::SEQUENCE_RESET && message.get(Tag(123)) != Some(b"Y");
        let is_logout = msg_type == admin::LOGOUT;
        if number < next_in
            && !is_reset
            && msg_type != admin::RESEND_REQUEST
            && (!is_logout || message.header().poss_dup)
        {
            self.too_low(cx, message, number);
            return false;
        }
        if number > next_in && !is_reset && !is_logout {
            if !self.is_served_beyond_a_gap(message) {
                self.too_high(cx, message, number);
                return false;
            }
            // Served at once, so that two sides that miss something do not wait for each other (case 20).
            self.count_later(cx, number, message);
            self.gap.suspect(number, cx.now.mono);
        }
        true
    }

    /// A message whose number is as it must be, or does not matter: now its fields are looked at.
    #[inline]
    fn in_turn(&mut self, cx: &mut Context<'_>, message: &Message<'_>, number: u64, is_complete: bool) {
        let Ok(finding) = self.validate(cx, message, number) else { return };
        if !is_complete && self.check_presence(cx, message, number).is_err() {
            return;
        }
        if let Ok(finding) = self.check_orig_sending_time(cx, message, number, finding) {
            self.act(cx, message, number, finding);
        }
    }

    /// A Reject, or a ResendRequest that is in order: acted on when it comes, though a gap is open before it.
    fn is_served_beyond_a_gap(&self, message: &Message<'_>) -> bool {
        let msg_type = message.msg_type();
        msg_type == admin::REJECT
            || (msg_type == admin::RESEND_REQUEST && self.config.finding(message).is_none())
    }

    /// MsgSeqNum(34), or `None` after what its absence demands.
    fn number_of(&mut self, cx: &mut Context<'_>, message: &Message<'_>) -> Option<u64> {
        let (reason, text) = match message.header().msg_seq_num() {
            Some(Ok(number)) if number <= LAST_NUMBER => return Some(number),
            Some(Ok(_) | Err(ValueError::Overflow)) => {
                (Reason::NumbersExhausted, Reason::NumbersExhausted.text())
            }
            Some(Err(_)) => (Reason::MsgSeqNumUnusable, Reason::MsgSeqNumUnusable.text()),
            None => (Reason::MsgSeqNumMissing, "Required tag missing: MsgSeqNum(34)"),
        };
        self.refuse(cx, reason, text);
        None
    }

    fn wrong_begin_string(&mut self, cx: &mut Context<'_>, message: &Message<'_>, number: u64) {
        cx.decide(Reason::BeginStringWrong, number, self.next_in());
        if message.msg_type() == admin::LOGOUT {
            return self.logout_received(cx, number);
        }
        self.consume(cx, number);
        self.start_logout(cx, &LogoutText::Static("Incorrect BeginString"));
    }
}
