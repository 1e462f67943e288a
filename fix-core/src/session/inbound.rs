//! Receiving: which message is when's, and what its number means.

use super::{
    Kept, Session,
    admin::{self, Admin, LogoutText},
    application::Application,
    event::{Event, Reason},
    outbound::LAST_NUMBER,
    output::Buffer,
    state::{CloseReason, Phase},
    verify::{Rejected, required},
};
use crate::{
    msg::{
        index::Slot,
        message::Message,
        reject::{Finding, SessionRejectReason},
    },
    store::MessageStore,
    tag::Tag,
    time::Now,
    wire::{
        field::NotAField,
        frame::{Frame, GarbledReason, Scan, scan},
        value::ValueError,
    },
};

/// The fields of a message whose places are noted down, for its validation and for who reads it. Of a longer one
/// the rest is looked for, which takes longer.
const INDEXED: usize = 64;

impl<B: Buffer, S: MessageStore> Session<B, S> {
    pub(crate) fn on_frame<K: Buffer>(
        &mut self,
        now: Now,
        frame: Frame<'_>,
        kept: &mut Kept<K>,
        app: &mut dyn Application,
    ) {
        let mut slots = [Slot::EMPTY; INDEXED];
        // With a field that is none the message counts all the same: its number is used (case 14). If it did not,
        // it would be resent, and missed, without end.
        let message = Message::parse_indexed_with(frame, &mut slots, self.config.data_pairs())
            .unwrap_or_else(|NotAField| Message::recover(frame, self.config.data_pairs()));
        app.on_event(&Event::Inbound(frame.bytes()));
        self.liveness.received(now.mono);
        match self.phase {
            Phase::AwaitLogon => self.first_message(now, &message, kept, app),
            Phase::LogonSent => self.logon_answer(now, &message, kept, app),
            Phase::LoggedOn | Phase::LogoutSent => {
                if message.msg_type() != admin::LOGOUT {
                    self.confirm_reset(app);
                }
                self.in_session(now, &message, kept, app);
            }
            Phase::Idle | Phase::LogonOwed | Phase::Closing => {}
        }
        self.answering = 0;
        self.settle(now, kept, app);
    }

    /// Skipped bytes consume no number (cases 2d, 2m, 3b). Only a Logon that is garbled ends a connection
    /// on which nobody is logged on: its sender would wait for an answer for ever.
    pub(crate) fn on_garbled(
        &mut self,
        now: Now,
        reason: GarbledReason,
        bytes: &[u8],
        app: &mut dyn Application,
    ) {
        app.on_event(&Event::Garbled { reason, bytes });
        let is_logon = bytes.windows(6).any(|window| window == b"\x0135=A\x01");
        if self.phase == Phase::AwaitLogon && is_logon {
            self.violation(Reason::LogonGarbled, app);
        }
        if let GarbledReason::TooLong { len, limit } = reason {
            self.too_large(now, (len, limit), bytes, app);
        }
    }

    /// A message that was kept, read again.
    fn read<'a>(&self, frame: Frame<'a>) -> Message<'a> {
        let pairs = self.config.data_pairs();
        Message::parse_with(frame, pairs).unwrap_or_else(|NotAField| Message::recover(frame, pairs))
    }

    /// A message that was kept is now the expected one. When it came, only its sender and its number were
    /// looked at. False if its number does not count, and is still expected.
    pub(crate) fn on_kept(&mut self, now: Now, bytes: &[u8], app: &mut dyn Application) -> bool {
        let number = self.next_in();
        self.take_kept(now, bytes, number, app);
        self.next_in() != number || !self.phase.is_in_session()
    }

    fn take_kept(&mut self, now: Now, bytes: &[u8], number: u64, app: &mut dyn Application) {
        let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return self.consume(number, app) };
        let message = self.read(frame);
        let msg_type = message.msg_type();
        let acted_on = msg_type == admin::LOGON
            || self.is_served_beyond_a_gap(&message)
            || (msg_type == admin::TEST_REQUEST && self.gap.was_answered(number));
        if acted_on {
            return self.consume(number, app);
        }
        self.answering = number;
        self.in_turn(now, &message, number, false, app);
        self.answering = 0;
    }

    /// After each message: works through a gap fill and notes that a gap has closed.
    pub(crate) fn settle<K: Buffer>(&mut self, now: Now, kept: &mut Kept<K>, app: &mut dyn Application) {
        if !self.phase.is_in_session() {
            return;
        }
        let mut next_in = self.next_in();
        kept.forget_below(next_in);
        if kept.get(next_in).is_none()
            && let Some(filled) = self.gap.next_in_fill(next_in, kept.lowest_from(next_in))
        {
            next_in = filled;
            self.set_next_in(next_in, app);
        }
        while self.gap.is_done(next_in) {
            next_in = next_in.saturating_add(1);
            self.set_next_in(next_in, app);
        }
        let chunked = self.is_chunked();
        if kept.get(next_in).is_none() && self.gap.advanced(next_in, chunked, now.mono) {
            self.decide(Reason::GapClosed, next_in, next_in, app);
        }
    }

    fn in_session<K: Buffer>(
        &mut self,
        now: Now,
        message: &Message<'_>,
        kept: &mut Kept<K>,
        app: &mut dyn Application,
    ) {
        let msg_type = message.msg_type();
        let Some(number) = self.number_of(now, message, app) else { return };
        if message.frame().begin_string() != self.config.id.begin_string.as_bytes() {
            return self.wrong_begin_string(now, message, number, app);
        }
        if self.reset_missed {
            return self.behind_missed_reset(now, message, number, app);
        }
        let next_in = self.next_in();
        self.answering = if number == next_in { number } else { 0 };
        if msg_type == admin::LOGON {
            self.reset_missed = number == 1 && message.get(Tag(141)) == Some(b"Y");
        }
        let is_duplicate = number < next_in && message.header().poss_dup;
        let mut is_complete = false;
        if !is_duplicate {
            let Ok(complete) = self.check_identity_and_time(now, message, number, app) else { return };
            is_complete = complete;
        }
        if msg_type == admin::LOGON {
            return self.second_logon(now, message, number, kept, app);
        }
        self.resets_in_a_row = 0;
        if number != next_in {
            self.follow(number, app);
            if !self.is_for_now(now, message, number, kept, app) {
                return;
            }
        }
        self.in_turn(now, message, number, is_complete, app);
    }

    /// Whether a message is to be acted on though its number is not the expected one. One that is not is dealt with.
    #[inline(never)]
    fn is_for_now<K: Buffer>(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        kept: &mut Kept<K>,
        app: &mut dyn Application,
    ) -> bool {
        let (msg_type, next_in) = (message.msg_type(), self.next_in());
        // A reset has no number that matters (case 11), and who logs out or asks for a resend is heard.
        let is_reset = msg_type == admin::SEQUENCE_RESET && message.get(Tag(123)) != Some(b"Y");
        let is_logout = msg_type == admin::LOGOUT;
        if number < next_in
            && !is_reset
            && msg_type != admin::RESEND_REQUEST
            && (!is_logout || message.header().poss_dup)
        {
            self.too_low(now, message, number, app);
            return false;
        }
        if number > next_in && !is_reset && !is_logout {
            if !self.is_served_beyond_a_gap(message) {
                self.too_high(now, message, number, kept, app);
                return false;
            }
            // Served at once, so that two sides that miss something do not wait for each other (case 20).
            self.count_later(number, message, kept, app);
            self.gap.suspect(number, now.mono);
        }
        true
    }

    /// A message whose number is as it must be, or does not matter: now its fields are looked at.
    #[inline]
    fn in_turn(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        is_complete: bool,
        app: &mut dyn Application,
    ) {
        let Ok(finding) = self.validate(now, message, number, app) else { return };
        if !is_complete && self.check_presence(now, message, number, app).is_err() {
            return;
        }
        if let Ok(finding) = self.check_orig_sending_time(now, message, number, finding, app) {
            self.act(now, message, number, finding, app);
        }
    }

    /// A Reject, or a ResendRequest that is in order: acted on when it comes, though a gap is open before it.
    fn is_served_beyond_a_gap(&self, message: &Message<'_>) -> bool {
        let msg_type = message.msg_type();
        msg_type == admin::REJECT
            || (msg_type == admin::RESEND_REQUEST && self.config.finding(message).is_none())
    }

    /// MsgSeqNum(34), or `None` after what its absence demands.
    fn number_of(&mut self, now: Now, message: &Message<'_>, app: &mut dyn Application) -> Option<u64> {
        let (reason, text) = match message.header().msg_seq_num() {
            Some(Ok(number)) if number <= LAST_NUMBER => return Some(number),
            Some(Ok(_) | Err(ValueError::Overflow)) => {
                (Reason::NumbersExhausted, Reason::NumbersExhausted.text())
            }
            Some(Err(_)) => (Reason::MsgSeqNumUnusable, Reason::MsgSeqNumUnusable.text()),
            None => (Reason::MsgSeqNumMissing, "Required tag missing: MsgSeqNum(34)"),
        };
        self.refuse(now, reason, text, app);
        None
    }

    /// ValidateSequenceNumbers=N: the number of a message is the expected one whatever it is.
    pub(super) fn follow(&mut self, number: u64, app: &mut dyn Application) {
        let next_in = self.next_in();
        if !self.config.validate_sequence_numbers && number != next_in && number > 0 {
            self.decide(Reason::MsgSeqNumNotChecked, number, next_in, app);
            self.set_next_in(number, app);
        }
    }

    fn wrong_begin_string(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) {
        self.decide(Reason::BeginStringWrong, number, self.next_in(), app);
        if message.msg_type() == admin::LOGOUT {
            return self.logout_received(now, number, app);
        }
        self.consume(number, app);
        self.start_logout(now, &LogoutText::Static("Incorrect BeginString"), app);
    }

    /// A number that was used before: a duplicate, or the end of the session (cases 2c, 2e, 2f, 2g).
    pub(super) fn too_low(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) {
        let expected = self.next_in();
        let header = message.header();
        if !header.poss_dup {
            self.decide(Reason::MsgSeqNumTooLow, number, expected, app);
            let text = LogoutText::TooLow { expected, received: number };
            let reason = CloseReason::Violation(Reason::MsgSeqNumTooLow);
            return self.say_goodbye(now, &text, reason, app);
        }
        let msg_type = message.msg_type();
        if msg_type == admin::SEQUENCE_RESET || msg_type == admin::REJECT {
            return self.decide(Reason::DuplicateIgnored, number, expected, app);
        }
        if header.orig_sending_time.is_none() && self.config.requires_orig_sending_time {
            self.decide(Reason::OrigSendingTimeMissing, number, expected, app);
            return self.reject(now, message, number, required(122), app);
        }
        if self.orig_sending_time_too_late(message) {
            return self.orig_sending_time_fault(now, message, number, false, app);
        }
        self.decide(Reason::DuplicateIgnored, number, expected, app);
    }

    /// What PossDupFlag(43)=Y demands: an OrigSendingTime(122) that is not later than SendingTime(52). A fill
    /// is never lost for want of it: some brokers leave it out (cases 2f, 2g).
    fn check_orig_sending_time(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Option<Finding>,
        app: &mut dyn Application,
    ) -> Result<Option<Finding>, Rejected> {
        let (header, msg_type) = (message.header(), message.msg_type());
        if !header.poss_dup {
            return Ok(finding);
        }
        let is_heard =
            admin::is_never_rejected(msg_type) || self.config.delivers_in_spite_of_faults(msg_type);
        if self.orig_sending_time_too_late(message) {
            self.orig_sending_time_fault(now, message, number, is_heard, app);
            if is_heard {
                return Ok(finding.or(Some(Finding::message(SessionRejectReason::SendingTimeAccuracy))));
            }
            return Err(Rejected);
        }
        if header.orig_sending_time.is_some()
            || !self.config.requires_orig_sending_time
            || matches!(msg_type, admin::SEQUENCE_RESET | admin::REJECT | admin::LOGOUT)
        {
            return Ok(finding);
        }
        let missing = required(122);
        if is_heard {
            self.pass(missing, message, number, app);
            return Ok(finding.or(Some(missing)));
        }
        self.decide(Reason::OrigSendingTimeMissing, number, self.next_in(), app);
        self.reject(now, message, number, missing, app);
        Err(Rejected)
    }

    fn orig_sending_time_fault(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        is_heard: bool,
        app: &mut dyn Application,
    ) {
        self.decide(Reason::OrigSendingTimeTooLate, number, self.next_in(), app);
        let finding = Finding::message(SessionRejectReason::SendingTimeAccuracy);
        if is_heard {
            self.pass(finding, message, number, app);
        } else {
            self.reject(now, message, number, finding, app);
        }
        self.start_logout(now, &LogoutText::None, app);
    }

    fn too_high<K: Buffer>(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        kept: &mut Kept<K>,
        app: &mut dyn Application,
    ) {
        self.decide(Reason::MsgSeqNumTooHigh, number, self.next_in(), app);
        let is_kept = self.keep(number, message, kept, app);
        if is_kept && message.msg_type() == admin::TEST_REQUEST {
            self.gap.test_request(number, now.mono);
        }
        if !is_kept && message.msg_type() == admin::HEARTBEAT {
            // Heartbeats, too, would be missed and asked for faster than gaps close.
            self.gap.done(number, self.next_in());
        }
        self.gap.beyond(number, self.config.send_redundant_resend_requests);
        if self.is_chunked() && is_kept {
            self.gap.beyond_chunk(number, message.header().poss_dup);
        }
    }

    /// True if a ResendRequest of ours ends before all that is missing has come.
    fn is_chunked(&self) -> bool {
        self.config.resend_request_chunk_size > 0 || self.config.closed_resend_interval
    }

    /// Keeps a message until the gap before it is closed. False if there is no room: it is asked for again.
    pub(super) fn keep<K: Buffer>(
        &mut self,
        number: u64,
        message: &Message<'_>,
        kept: &mut Kept<K>,
        app: &mut dyn Application,
    ) -> bool {
        let next_in = self.next_in();
        let is_kept = kept.keep(number, message.frame().bytes(), next_in);
        if !is_kept {
            self.decide(Reason::KeptMessageDropped, number, next_in, app);
        }
        is_kept
    }

    /// A message beyond the gap was acted on: its number alone is wanted later. Only where even that cannot
    /// be remembered its bytes are kept. If it were forgotten, two sides that ask each other for what they
    /// miss would miss the requests and ask again, without end.
    pub(super) fn count_later<K: Buffer>(
        &mut self,
        number: u64,
        message: &Message<'_>,
        kept: &mut Kept<K>,
        app: &mut dyn Application,
    ) {
        if !self.gap.done(number, self.next_in()) {
            self.keep(number, message, kept, app);
        }
    }

    /// A TestRequest beyond a gap that does not close: the counterparty must not take us for dead.
    pub(super) fn answer_kept_test_request<K: Buffer>(
        &mut self,
        now: Now,
        number: u64,
        kept: &Kept<K>,
        app: &mut dyn Application,
    ) {
        let Some(bytes) = kept.get(number) else { return };
        let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return };
        let message = self.read(frame);
        self.decide(Reason::TestRequestAnsweredEarly, number, self.next_in(), app);
        self.send_admin(now, &Admin::Heartbeat { test_req_id: message.get(Tag(112)) }, app);
    }
}
