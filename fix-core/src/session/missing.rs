//! Messages that are missing: what came too early waits, and what is missing is asked for (case 2b).

use core::time::Duration;

use super::{
    Session,
    admin::{self, Admin, LogoutText},
    context::Context,
    event::{Event, Reason},
    gap::GapDue,
    output::Buffer,
};
use crate::{
    msg::message::Message,
    store::MessageStore,
    tag::Tag,
    wire::{
        field::NotAField,
        frame::{Frame, Scan, scan},
    },
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    pub(super) fn too_high(&mut self, cx: &mut Context<'_>, message: &Message<'_>, number: u64) {
        cx.decide(Reason::MsgSeqNumTooHigh, number, self.next_in());
        let poss_dup = message.header().poss_dup;
        let is_repeated = poss_dup && cx.kept.get(number).is_some();
        let is_kept = self.keep(cx, number, message);
        if is_kept && message.msg_type() == admin::TEST_REQUEST {
            self.gap.test_request(number, cx.now.mono);
        }
        if !is_kept && message.msg_type() == admin::HEARTBEAT {
            // Heartbeats, too, would be missed and asked for faster than gaps close.
            self.gap.done(number, self.next_in());
        }
        self.gap.beyond(number, self.config.send_redundant_resend_requests);
        if is_kept {
            self.gap.beyond_answer(number, poss_dup, is_repeated, self.is_chunked());
        }
    }

    /// A message beyond the gap was acted on: its number alone is wanted later. Only where even that cannot
    /// be remembered its bytes are kept. If it were forgotten, two sides that ask each other for what they
    /// miss would miss the requests and ask again, without end.
    pub(super) fn count_later(&mut self, cx: &mut Context<'_>, number: u64, message: &Message<'_>) {
        if !self.gap.done(number, self.next_in()) {
            self.keep(cx, number, message);
        }
    }

    /// Keeps a message until the gap before it is closed. False if there is no room: it is asked for again.
    pub(super) fn keep(&mut self, cx: &mut Context<'_>, number: u64, message: &Message<'_>) -> bool {
        let next_in = self.next_in();
        let is_kept = cx.kept.keep(number, message.frame().bytes(), next_in);
        if !is_kept {
            cx.decide(Reason::KeptMessageDropped, number, next_in);
        }
        is_kept
    }

    /// True if a ResendRequest of ours ends before all that is missing has come.
    fn is_chunked(&self) -> bool {
        self.config.resend_request_chunk_size > 0 || self.config.closed_resend_interval
    }

    pub(super) fn gap_work(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(number) = self.gap.overdue_test_request(cx.now.mono) {
            self.answer_kept_test_request(cx, number);
            return true;
        }
        match self.gap.due(cx.now.mono, self.gap_patience()) {
            None => return false,
            Some(GapDue::Ask) => self.ask(cx),
            Some(GapDue::GiveUp) => {
                cx.decide(Reason::GapUnanswered, self.next_in(), self.gap.highest());
                self.gap.clear();
                self.logout_owed = Some(LogoutText::Static("ResendRequest stays unanswered"));
            }
        }
        true
    }

    /// Asks for what is missing, up to the first message that is kept.
    pub(super) fn ask(&mut self, cx: &mut Context<'_>) {
        let begin = self.next_in();
        let until = cx.kept.lowest_from(begin).map_or(self.gap.highest(), |kept| kept.saturating_sub(1));
        if until < begin {
            self.gap.advanced(begin, false, cx.now.mono);
            return;
        }
        let chunk = u64::from(self.config.resend_request_chunk_size);
        let until = if chunk > 0 { until.min(begin.saturating_add(chunk.saturating_sub(1))) } else { until };
        let end = if chunk > 0 || self.config.closed_resend_interval { until } else { 0 };
        cx.app.on_event(&Event::ResendAsked { begin, end: until, received: self.gap.highest() });
        self.gap.sent(begin, until, cx.now.mono);
        self.send_admin(cx, &Admin::ResendRequest { begin, end });
    }

    /// How long a ResendRequest may bring nothing.
    pub(super) fn gap_patience(&self) -> Duration {
        match self.logon.heart_bt_int() {
            0 => Duration::from_secs(30),
            seconds => Duration::from_secs(u64::from(seconds).saturating_mul(2).max(10)),
        }
    }

    /// A TestRequest beyond a gap that does not close: the counterparty must not take us for dead.
    fn answer_kept_test_request(&mut self, cx: &mut Context<'_>, number: u64) {
        cx.with_kept(number, |cx, bytes| {
            let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return };
            let message = self.read(frame);
            cx.decide(Reason::TestRequestAnsweredEarly, number, self.next_in());
            self.send_admin(cx, &Admin::Heartbeat { test_req_id: message.get(Tag(112)) });
        });
    }

    /// After each message: works through a gap fill and notes that a gap has closed.
    pub(crate) fn settle(&mut self, cx: &mut Context<'_>) {
        if !self.phase.is_in_session() {
            return;
        }
        let mut next_in = self.next_in();
        cx.kept.forget_below(next_in);
        if cx.kept.get(next_in).is_none()
            && let Some(filled) = self.gap.next_in_fill(next_in, cx.kept.lowest_from(next_in))
        {
            next_in = filled;
            self.set_next_in(cx, next_in);
        }
        while self.gap.is_done(next_in) {
            next_in = next_in.saturating_add(1);
            self.set_next_in(cx, next_in);
        }
        let chunked = self.is_chunked();
        if cx.kept.get(next_in).is_none() && self.gap.advanced(next_in, chunked, cx.now.mono) {
            cx.decide(Reason::GapClosed, next_in, next_in);
        }
    }

    /// A message that was kept, read again.
    pub(super) fn read<'a>(&self, frame: Frame<'a>) -> Message<'a> {
        let pairs = self.config.data_pairs();
        Message::parse_with(frame, pairs).unwrap_or_else(|NotAField| Message::recover(frame, pairs))
    }
}
