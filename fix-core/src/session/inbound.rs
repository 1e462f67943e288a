//! Receiving: the checks in their order, then what a message asks for.

use super::{
    Kept, Outlet, Session,
    admin::{self, Admin, LogoutText},
    application::Application,
    config::ValidationPolicy,
    event::{Event, Reason},
    outbound::LAST_NUMBER,
    output::Buffer,
    state::{CloseReason, Phase},
};
use crate::{
    msg::{
        message::{FieldError, FieldProblem, Message},
        reject::{Finding, SessionRejectReason},
    },
    store::MessageStore,
    tag::Tag,
    time::{Now, Precision, UtcTimestamp},
    wire::frame::{Frame, GarbledReason, Scan, scan},
};

/// What is wrong with a SendingTime(52).
pub(super) enum TimeFault {
    Missing,
    Malformed,
    Off,
    /// Not there to be compared, and not asked for.
    Unchecked,
}

impl<B: Buffer, S: MessageStore> Session<B, S> {
    pub(crate) fn on_frame<K: Buffer>(
        &mut self,
        now: Now,
        frame: Frame<'_>,
        kept: &mut Kept<K>,
        app: &mut dyn Application,
    ) {
        let message = match Message::parse(frame) {
            Ok(message) => message,
            Err(reason) => return self.on_garbled(reason, frame.bytes(), app),
        };
        app.on_event(&Event::Inbound(frame.bytes()));
        self.liveness.received(now.mono);
        match self.phase {
            Phase::AwaitLogon => self.first_message(now, &message, kept, app),
            Phase::LogonSent => self.logon_answer(now, &message, kept, app),
            Phase::LoggedOn | Phase::LogoutSent => self.in_session(now, &message, kept, app),
            Phase::Idle | Phase::LogonOwed | Phase::Closing => {}
        }
        self.settle(now, kept, app);
    }

    /// Skipped bytes consume no number (cases 2d, 2m, 3b). Only a Logon that is garbled ends a connection
    /// on which nobody is logged on: its sender would wait for an answer for ever.
    pub(crate) fn on_garbled(&mut self, reason: GarbledReason, bytes: &[u8], app: &mut dyn Application) {
        app.on_event(&Event::Garbled { reason, bytes });
        let is_logon = bytes.windows(6).any(|window| window == b"\x0135=A\x01");
        if self.phase == Phase::AwaitLogon && is_logon {
            self.violation(Reason::LogonGarbled, app);
        }
    }

    /// A message that was kept is now the expected one. Its checks were made when it came.
    pub(crate) fn on_kept(&mut self, now: Now, bytes: &[u8], app: &mut dyn Application) {
        let number = self.store.next_in();
        let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return self.consume(number, app) };
        let Ok(message) = Message::parse(frame) else { return self.consume(number, app) };
        let msg_type = message.msg_type();
        let acted_on = msg_type == admin::LOGON
            || msg_type == admin::RESEND_REQUEST
            || (msg_type == admin::TEST_REQUEST && self.gap.was_answered(number));
        if acted_on {
            return self.consume(number, app);
        }
        let finding = self.config.finding(&message);
        self.act(now, &message, number, finding.filter(|_| !msg_type.is_admin()), app);
    }

    /// After each message: works through a gap fill and notes that a gap has closed.
    pub(crate) fn settle<K: Buffer>(&mut self, now: Now, kept: &mut Kept<K>, app: &mut dyn Application) {
        if !self.phase.is_in_session() {
            return;
        }
        let mut next_in = self.store.next_in();
        kept.forget_below(next_in);
        if kept.get(next_in).is_none()
            && let Some(filled) = self.gap.next_in_fill(next_in, kept.lowest_from(next_in))
        {
            next_in = filled;
            self.set_next_in(next_in, app);
        }
        let chunked = self.config.resend_request_chunk_size > 0;
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
        let finding = match self.validate(now, message, number, app) {
            Ok(finding) => finding,
            Err(Rejected) => return,
        };
        if self.check_identity_and_time(now, message, number, app).is_err() {
            return;
        }
        if msg_type == admin::LOGON {
            return self.second_logon(now, message, number, kept, app);
        }
        let next_in = self.store.next_in();
        let is_gap_fill = message.get(Tag(123)) == Some(b"Y");
        let whatever_its_number = msg_type == admin::LOGOUT
            || msg_type == admin::RESEND_REQUEST
            || (msg_type == admin::SEQUENCE_RESET && !is_gap_fill);
        if !whatever_its_number {
            if number < next_in {
                return self.too_low(now, message, number, app);
            }
            if number > next_in && msg_type != admin::REJECT {
                return self.too_high(now, message, number, kept, app);
            }
        }
        if number > next_in && (msg_type == admin::RESEND_REQUEST || msg_type == admin::REJECT) {
            // Served at once, so that two sides that miss something do not wait for each other (case 20).
            self.keep(number, message, kept, app);
            self.gap.suspect(number, now.mono);
        }
        if message.header().poss_dup && self.orig_sending_time_too_late(message) {
            self.orig_sending_time_fault(now, message, number, app);
            return self.consume(number, app);
        }
        self.act(now, message, number, finding, app);
    }

    /// MsgSeqNum(34), or `None` after what its absence demands.
    fn number_of(&mut self, now: Now, message: &Message<'_>, app: &mut dyn Application) -> Option<u64> {
        match message.header().msg_seq_num() {
            Some(Ok(number)) if number <= LAST_NUMBER => Some(number),
            Some(_) => {
                self.decide(Reason::MsgSeqNumUnusable, 0, self.store.next_in(), app);
                None
            }
            None => {
                let reason = Reason::MsgSeqNumMissing;
                self.decide(reason, 0, self.store.next_in(), app);
                let text = LogoutText::Static("Required tag missing: MsgSeqNum(34)");
                self.say_goodbye(now, &text, CloseReason::Violation(reason), app);
                None
            }
        }
    }

    fn wrong_begin_string(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) {
        self.decide(Reason::BeginStringWrong, number, self.store.next_in(), app);
        if message.msg_type() == admin::LOGOUT {
            return self.logout_received(now, number, app);
        }
        self.consume(number, app);
        self.start_logout(now, &LogoutText::Static("Incorrect BeginString"), app);
    }

    /// Asks the dictionary. A finding that the policy lets pass is returned for the application.
    fn validate(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) -> Result<Option<Finding>, Rejected> {
        let msg_type = message.msg_type();
        let no_type = || {
            message
                .header()
                .msg_type
                .is_none()
                .then_some(Finding::message(SessionRejectReason::InvalidMsgType))
        };
        let found = self.config.finding(message).or_else(no_type);
        let Some(finding) = found else { return Ok(None) };
        // A Reject is never answered by a Reject: two engines could go on for ever.
        let passes = msg_type == admin::REJECT
            || (!msg_type.is_admin() && self.config.validation_policy != ValidationPolicy::Reject);
        if passes {
            app.on_event(&Event::Finding { finding, msg_type, msg_seq_num: number, rejected: false });
            return Ok(Some(finding));
        }
        self.reject(now, message, number, finding, app);
        self.consume(number, app);
        Err(Rejected)
    }

    fn check_identity_and_time(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) -> Result<(), Rejected> {
        let (finding, reason, ends) = match self.check_sending_time(now, message) {
            Err(TimeFault::Missing) => (required(52), Reason::SendingTimeMissing, false),
            Err(TimeFault::Malformed) => (malformed(52), Reason::FieldUnusable, false),
            Err(TimeFault::Off) => {
                (Finding::message(SessionRejectReason::SendingTimeAccuracy), Reason::SendingTimeOff, true)
            }
            Ok(()) | Err(TimeFault::Unchecked) if self.config.check_comp_id => {
                let header = message.header();
                match (header.sender_comp_id, header.target_comp_id) {
                    (None, _) => (required(49), Reason::FieldMissing, false),
                    (_, None) => (required(56), Reason::FieldMissing, false),
                    _ if self.is_from_counterparty(message) => return Ok(()),
                    _ => (Finding::message(SessionRejectReason::CompIdProblem), Reason::CompIdWrong, true),
                }
            }
            Ok(()) | Err(TimeFault::Unchecked) => return Ok(()),
        };
        self.decide(reason, number, self.store.next_in(), app);
        self.reject(now, message, number, finding, app);
        self.consume(number, app);
        if ends {
            self.start_logout(now, &LogoutText::None, app);
        }
        Err(Rejected)
    }

    /// Between seconds of the wire and a finer clock of ours only whole seconds are compared.
    pub(super) fn check_sending_time(&self, now: Now, message: &Message<'_>) -> Result<(), TimeFault> {
        let Some(max_latency) = self.config.max_latency else { return Err(TimeFault::Unchecked) };
        let text = message.header().sending_time.ok_or(TimeFault::Missing)?;
        let sent = UtcTimestamp::parse(text).map_err(|_| TimeFault::Malformed)?;
        let ours = match sent.precision() {
            Precision::Seconds => UtcTimestamp::from_unix(now.utc.unix_seconds(), 0),
            _ => now.utc,
        };
        if sent.abs_diff(ours) > max_latency { Err(TimeFault::Off) } else { Ok(()) }
    }

    /// True if BeginString and CompIDs are those of the session, the other way round.
    pub(super) fn is_from_counterparty(&self, message: &Message<'_>) -> bool {
        let (id, header) = (&self.config.id, message.header());
        message.frame().begin_string() == id.begin_string.as_bytes()
            && header.sender_comp_id == Some(id.target_comp_id.as_bytes())
            && header.target_comp_id == Some(id.sender_comp_id.as_bytes())
    }

    /// A number that was used before: a duplicate, or the end of the session (cases 2c, 2e, 2f, 2g).
    pub(super) fn too_low(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) {
        let expected = self.store.next_in();
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
            return self.orig_sending_time_fault(now, message, number, app);
        }
        self.decide(Reason::DuplicateIgnored, number, expected, app);
    }

    fn orig_sending_time_too_late(&self, message: &Message<'_>) -> bool {
        let header = message.header();
        let parse = |text: &[u8]| UtcTimestamp::parse(text).ok();
        let original = header.orig_sending_time.and_then(parse);
        original.zip(header.sending_time.and_then(parse)).is_some_and(|(original, sent)| original > sent)
    }

    fn orig_sending_time_fault(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) {
        self.decide(Reason::OrigSendingTimeTooLate, number, self.store.next_in(), app);
        let finding = Finding::message(SessionRejectReason::SendingTimeAccuracy);
        self.reject(now, message, number, finding, app);
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
        self.decide(Reason::MsgSeqNumTooHigh, number, self.store.next_in(), app);
        let is_kept = self.keep(number, message, kept, app);
        if is_kept && message.msg_type() == admin::TEST_REQUEST {
            self.gap.test_request(number, now.mono);
        }
        self.gap.beyond(number, self.config.send_redundant_resend_requests);
    }

    /// Keeps a message until the gap before it is closed. False if there is no room: it is asked for again.
    pub(super) fn keep<K: Buffer>(
        &mut self,
        number: u64,
        message: &Message<'_>,
        kept: &mut Kept<K>,
        app: &mut dyn Application,
    ) -> bool {
        let next_in = self.store.next_in();
        let is_kept = kept.keep(number, message.frame().bytes(), next_in);
        if !is_kept {
            self.decide(Reason::KeptMessageDropped, number, next_in, app);
        }
        is_kept
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
        let Ok(message) = Message::parse(frame) else { return };
        self.decide(Reason::TestRequestAnsweredEarly, number, self.store.next_in(), app);
        self.send_admin(now, &Admin::Heartbeat { test_req_id: message.get(Tag(112)) }, app);
    }

    /// Does what a message asks for. The number is counted last: a crash before means to be asked again.
    fn act(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Option<Finding>,
        app: &mut dyn Application,
    ) {
        let msg_type = message.msg_type();
        if !msg_type.is_admin() {
            self.deliver(now, message, number, finding, app);
            return self.consume(number, app);
        }
        if let Err(refusal) = app.from_admin(message) {
            let finding = Finding::message(SessionRejectReason::Other);
            self.reject_with(now, message, number, finding, refusal.text, app);
            return self.consume(number, app);
        }
        if msg_type == admin::LOGOUT {
            return self.logout_received(now, number, app);
        }
        let acted = if msg_type == admin::TEST_REQUEST {
            self.test_request(now, message, app)
        } else if msg_type == admin::RESEND_REQUEST {
            self.resend_request(now, message, number, app)
        } else if msg_type == admin::SEQUENCE_RESET {
            match self.sequence_reset(message, number, app) {
                Ok(()) => return,
                Err(fault) => Err(fault),
            }
        } else {
            Ok(())
        };
        if let Err(Fault { finding, consumes }) = acted {
            self.reject(now, message, number, finding, app);
            if !consumes {
                return;
            }
        }
        self.consume(number, app);
    }

    fn deliver(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Option<Finding>,
        app: &mut dyn Application,
    ) {
        if let Some(finding) = finding
            && self.config.validation_policy == ValidationPolicy::DeliverAndReport
        {
            app.on_finding(message, finding);
        }
        let outcome = app.from_app(message, &mut Outlet { session: self, now });
        if let Err(reject) = outcome {
            self.send_admin(now, &Admin::BusinessReject { original: message, number, reject: &reject }, app);
        }
    }

    fn test_request(
        &mut self,
        now: Now,
        message: &Message<'_>,
        app: &mut dyn Application,
    ) -> Result<(), Fault> {
        let id = message.required::<&[u8]>(Tag(112))?;
        self.send_admin(now, &Admin::Heartbeat { test_req_id: Some(id) }, app);
        Ok(())
    }

    fn resend_request(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) -> Result<(), Fault> {
        let begin = message.required::<u64>(Tag(7))?;
        let end = message.required::<u64>(Tag(16))?;
        let seen = message.header().poss_dup && number < self.store.next_in();
        if seen && self.config.ignore_poss_dup_resend_requests {
            self.decide(Reason::DuplicateIgnored, number, self.store.next_in(), app);
            return Ok(());
        }
        let last = self.replay.last_visible(self.store.next_out());
        let upside_down = end != 0 && begin > end;
        if begin == 0 || begin > last || upside_down {
            self.decide(Reason::ResendRangeSenseless, begin, last, app);
            let tag = if upside_down { Tag(16) } else { Tag(7) };
            return Err(Fault::value(tag));
        }
        if self.replay.count(begin) > self.config.max_same_resend_requests {
            self.decide(Reason::ResendStorm, begin, last, app);
            let text = LogoutText::Static("the same resend was asked for too often");
            self.start_logout(now, &text, app);
            return Ok(());
        }
        let end = if end == 0 { last } else { end.min(last) };
        self.decide(Reason::ResendRequested, begin, end, app);
        self.replay.start(begin, end);
        Ok(())
    }

    /// Both modes. A gap fill has its own number, which counts; a reset has none that matters (cases 10, 11).
    fn sequence_reset(
        &mut self,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) -> Result<(), Fault> {
        let new = message.required::<u64>(Tag(36))?;
        let is_gap_fill = message.get(Tag(123)) == Some(b"Y");
        let expected = self.store.next_in();
        if new > LAST_NUMBER {
            return Err(Fault::not_counted());
        }
        if new < expected {
            let reason = if is_gap_fill { Reason::GapFillBackwards } else { Reason::SequenceResetBackwards };
            self.decide(reason, new, expected, app);
            return Err(Fault::not_counted());
        }
        if new == expected {
            self.decide(Reason::SequenceResetEqual, new, expected, app);
            return Ok(());
        }
        self.decide(if is_gap_fill { Reason::GapFilled } else { Reason::SequenceReset }, new, expected, app);
        if is_gap_fill {
            self.consume(number, app);
        }
        self.gap.fill(new);
        Ok(())
    }

    fn logout_received(&mut self, now: Now, number: u64, app: &mut dyn Application) {
        self.consume(number, app);
        if self.phase == Phase::LogoutSent {
            self.close(CloseReason::LogoutAnswered, app);
        } else {
            self.say_goodbye(now, &LogoutText::None, CloseReason::LogoutReceived, app);
        }
        if self.config.reset_on_logout
            && let Err(error) = self.reset_numbers(now, app)
        {
            self.fail(error, app);
        }
    }

    /// The message counts as received if it is the expected one.
    pub(super) fn consume(&mut self, number: u64, app: &mut dyn Application) {
        if number == self.store.next_in() {
            self.set_next_in(number.saturating_add(1), app);
        }
    }

    fn reject(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Finding,
        app: &mut dyn Application,
    ) {
        self.reject_with(now, message, number, finding, finding.reason.text(), app);
    }

    fn reject_with(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Finding,
        text: &str,
        app: &mut dyn Application,
    ) {
        let msg_type = message.msg_type();
        app.on_event(&Event::Finding { finding, msg_type, msg_seq_num: number, rejected: true });
        self.send_admin(now, &Admin::Reject { original: message, number, finding, text }, app);
    }
}

/// The message was answered with a Reject.
struct Rejected;

/// What an administrative message is rejected for.
struct Fault {
    finding: Finding,
    /// Its number counts as received all the same.
    consumes: bool,
}

impl Fault {
    fn value(tag: Tag) -> Self {
        Fault { finding: Finding::field(SessionRejectReason::ValueIncorrect, tag), consumes: true }
    }

    /// A SequenceReset that changes nothing: no tag is named and the expected number stays.
    fn not_counted() -> Self {
        Fault { finding: Finding::message(SessionRejectReason::ValueIncorrect), consumes: false }
    }
}

impl From<FieldError> for Fault {
    fn from(error: FieldError) -> Self {
        let reason = match error.problem {
            FieldProblem::Missing => SessionRejectReason::RequiredTagMissing,
            FieldProblem::Value(crate::wire::value::ValueError::Empty) => {
                SessionRejectReason::TagWithoutValue
            }
            FieldProblem::Value(_) | FieldProblem::OtherMessage => SessionRejectReason::IncorrectDataFormat,
        };
        Fault { finding: Finding::field(reason, error.tag), consumes: true }
    }
}

fn required(tag: i32) -> Finding {
    Finding::field(SessionRejectReason::RequiredTagMissing, Tag(tag))
}

fn malformed(tag: i32) -> Finding {
    Finding::field(SessionRejectReason::IncorrectDataFormat, Tag(tag))
}
