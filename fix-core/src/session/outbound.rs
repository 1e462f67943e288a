//! Sending: encode, store, and only then visible. And resending from the store.

use core::time::Duration;

use super::{
    Session,
    admin::{self, Admin},
    application::{Application, Outbox},
    config::SessionConfig,
    context::Context,
    encode::{Head, OrigSendingTime},
    error::SendError,
    event::Reason,
    output::Buffer,
    replay::Work,
    state::{CloseReason, Phase},
};
use crate::{
    dict::DataPair,
    msg::{message::Message, msg_type::MsgType},
    store::{MessageStore, StoreError},
    tag::Tag,
    time::{Now, UtcTimestamp},
    wire::{
        frame::{Scan, scan},
        writer::{Encode, EncodeError, MessageWriter, Writer},
    },
};

/// Bytes for the header fields that a message adds to the session's own.
const EXTRA_HEADER: usize = 512;
/// Numbers beyond this are refused in either direction: every peer's 64-bit integer holds them.
pub(crate) const LAST_NUMBER: u64 = i64::MAX as u64;
/// How many stored messages a resend looks at before others have their turn.
const LOOKS: u8 = 128;

/// Who is asked before a message goes out.
pub(crate) enum Ask<'a> {
    /// Nobody: the application itself sends, from inside a callback.
    Nobody,
    /// Nobody: the application itself sends, of its own accord.
    NobodyOutside,
    /// `to_app`.
    ToApp(&'a mut dyn Application),
    /// `to_admin`.
    ToAdmin(&'a mut dyn Application),
}

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// An application message, if the session is logged on or queues.
    pub(crate) fn send(&mut self, now: Now, message: &dyn Encode, ask: Ask<'_>) -> Result<u64, SendError> {
        let is_offline = !self.phase.is_in_session() && self.phase != Phase::Closing;
        let queues = is_offline && self.config.queues();
        if !queues && (self.phase != Phase::LoggedOn || self.logout_owed.is_some()) {
            return Err(SendError::NotLoggedOn);
        }
        if !self.can_hold_another() {
            return Err(SendError::Full);
        }
        self.transmit(now, message, ask)
    }

    /// An administrative message. What cannot be sent closes the session: it never goes missing quietly. Behind
    /// our Logout nothing follows but what a ResendRequest asks for.
    pub(super) fn send_admin(&mut self, cx: &mut Context<'_>, message: &Admin<'_>) {
        if self.phase == Phase::LogoutSent {
            return cx.decide(Reason::NotAnsweredAfterLogout, self.answering, self.next_in());
        }
        match self.transmit(cx.now, message, Ask::ToAdmin(cx.app)) {
            Ok(_) => self.logged_out |= matches!(message, Admin::Logout { .. }),
            Err(SendError::Store(StoreError::TooLarge)) => self.close(CloseReason::OutputTooSmall, cx.app),
            Err(SendError::Store(error)) => self.fail(error, cx.app),
            Err(SendError::Exhausted) => self.violation(cx, Reason::NumbersExhausted),
            Err(_) => self.close(CloseReason::OutputTooSmall, cx.app),
        }
    }

    /// While messages are held back, no more may wait than the store is sure to keep.
    fn can_hold_another(&self) -> bool {
        let held = self.replay.held(self.store.next_out());
        let holds = self.replay.is_active() || held > 0;
        !holds || (self.config.persist_messages && held < self.store.capacity())
    }

    fn transmit(&mut self, now: Now, message: &dyn Encode, ask: Ask<'_>) -> Result<u64, SendError> {
        let number = self.store.next_out();
        if number > LAST_NUMBER {
            return Err(SendError::Exhausted);
        }
        // A queued message is stored only: it becomes visible when the counterparty asks for it.
        let is_visible = self.phase == Phase::LoggedOn || matches!(ask, Ask::ToAdmin(_));
        let len = self.encode(now, number, message, ask)?;
        let bytes = self.output.written(len);
        self.dirty = true;
        let stored = if self.config.persist_messages {
            self.store.append(number, bytes)
        } else {
            self.store.set_next_out(number.saturating_add(1))
        };
        stored.map_err(SendError::Store)?;
        if self.replay.is_active() {
            self.replay.hold(number);
        } else if is_visible {
            self.commit(now, len);
        } else if self.phase == Phase::LogonSent {
            // Its number is beyond our Logon's: the counterparty would not miss it. It follows the answer.
            self.replay.hold(number);
        }
        Ok(number)
    }

    /// The first `len` bytes of the room of the output buffer become visible for writing.
    pub(super) fn commit(&mut self, now: Now, len: usize) {
        self.output.commit(len);
        self.liveness.sent(now.mono);
    }

    /// Encodes into the room of the output buffer; nothing is visible yet.
    pub(super) fn encode(
        &mut self,
        now: Now,
        number: u64,
        message: &dyn Encode,
        ask: Ask<'_>,
    ) -> Result<usize, SendError> {
        let mut extra = [0; EXTRA_HEADER];
        let mut extra_writer = Writer::fields(&mut extra);
        message.encode_header(&mut extra_writer);
        let extra_len = match (extra_writer.finish_fields(), &ask) {
            (Ok(len), _) => len,
            // A Reject without the way back of the message is better than none, and a session that ends.
            (Err(_), Ask::ToAdmin(_)) => 0,
            (Err(error), _) => return Err(SendError::Encode(error)),
        };
        let last_processed = self.last_processed();
        let head = Head {
            id: &self.config.id,
            msg_seq_num: number,
            sending_time: now.utc.with_precision(self.config.timestamp_precision),
            orig_sending_time: None,
            last_processed,
        };
        let quarter = self.output.quarter();
        let (reserve, limit) = match ask {
            Ask::ToAdmin(_) => (0, usize::MAX),
            Ask::Nobody => (quarter, quarter),
            Ask::NobodyOutside | Ask::ToApp(_) => (quarter.saturating_mul(2), quarter),
        };
        let is_empty = self.output.is_empty();
        let room = self.output.room();
        let usable = room.len().saturating_sub(reserve);
        let room = room.get_mut(..usable).unwrap_or_default();
        let begin_string = self.config.id.begin_string.as_bytes();
        let mut writer = MessageWriter::new(room, begin_string, message.msg_type());
        head.write(writer.writer(), extra.get(..extra_len).unwrap_or_default());
        message.encode_body(writer.writer());
        let to_app = match ask {
            Ask::Nobody | Ask::NobodyOutside => None,
            Ask::ToApp(app) => Some(app),
            Ask::ToAdmin(app) => {
                if message.msg_type().is_admin() {
                    app.to_admin(message.msg_type(), writer.writer());
                }
                None
            }
        };
        let len = match writer.finish() {
            Ok(len) if len <= limit => len,
            Err(EncodeError::Full) if !is_empty => return Err(SendError::Full),
            // It would not fit later either.
            Ok(_) | Err(EncodeError::Full) => return Err(SendError::TooLarge { limit: quarter }),
            Err(other) => return Err(SendError::Encode(other)),
        };
        match to_app {
            Some(app) => allowed(self.output.written(len), self.config.data_pairs(), app).map(|()| len),
            None => Ok(len),
        }
    }

    /// LastMsgSeqNumProcessed(369): up to the message being answered, never one beyond a gap.
    fn last_processed(&self) -> Option<u64> {
        let counted = || self.next_in().saturating_sub(1).max(self.answering);
        self.config.enable_last_msg_seq_num_processed.then(counted)
    }

    /// A resend may look at so many stored messages again: it is work in slices.
    pub(crate) fn begin_slice(&mut self) {
        self.looks_left = LOOKS;
    }

    /// True if a resend is to go on, and has only stopped because its slice is used up.
    pub(crate) fn is_slice_over(&self) -> bool {
        self.looks_left == 0 && self.replay.is_active()
    }

    /// One step of a resend. True if there was something to do.
    pub(crate) fn replay_step(&mut self, cx: &mut Context<'_>) -> bool {
        let was_active = self.replay.is_active();
        while let Some(left) = self.looks_left.checked_sub(1) {
            self.looks_left = left;
            match self.replay.work(self.store.next_out()) {
                None => {
                    if was_active {
                        cx.decide(Reason::ResendFinished, self.store.next_out(), self.next_in());
                    }
                    return was_active;
                }
                Some(Work::GapFill { begin, next }) => {
                    self.gap_fill(cx, begin, next);
                    return true;
                }
                Some(Work::Release(number)) => {
                    self.release(cx, number);
                    return true;
                }
                Some(Work::Resend(number)) => match self.resend(cx, number) {
                    Ok(Resent::Written) => return true,
                    Ok(Resent::Skipped) => self.skip(number),
                    Err(error) => {
                        self.fail(error, cx.app);
                        return true;
                    }
                },
            }
            if self.phase == Phase::Closing {
                return true;
            }
        }
        false
    }

    /// Message `number` goes into the gap fill, and with it all behind it that is not resent either.
    fn skip(&mut self, number: u64) {
        let next = number.saturating_add(1);
        let next = if self.config.persist_messages { self.store.next_to_resend(next) } else { LAST_NUMBER };
        self.replay.fill(number, next);
    }

    /// A gap fill that grows for so long that a Heartbeat is due is written as far as it is: it is a sign of life,
    /// and a message with a new number would have to wait for the end of the resend.
    pub(super) fn fill_so_far(&mut self, cx: &mut Context<'_>) -> bool {
        let Some((begin, next)) = self.replay.open_fill() else { return false };
        self.gap_fill(cx, begin, next);
        true
    }

    /// Writes message `number` again, behind the gap fill that is open, or says that it belongs into that.
    fn resend(&mut self, cx: &mut Context<'_>, number: u64) -> Result<Resent, StoreError> {
        if !self.config.persist_messages {
            return Ok(Resent::Skipped);
        }
        let last_processed = self.last_processed();
        let room = self.output.room();
        let (front, back) = room.split_at_mut_checked(room.len() / 2).unwrap_or_default();
        let len = match self.store.read(number, back) {
            Ok(Some(len)) => len,
            Ok(None) => return Ok(Resent::Skipped),
            Err(StoreError::Corrupt(_)) => return Ok(skip_damaged(cx, number)),
            Err(StoreError::TooLarge) => return Ok(skip_too_large(cx, number)),
            Err(error) => return Err(error),
        };
        let Some(message) = parse(back.get(..len).unwrap_or_default(), self.config.data_pairs()) else {
            return Ok(skip_damaged(cx, number));
        };
        if is_gap_filled(&self.config, &message) {
            return Ok(Resent::Skipped);
        }
        if let Some(age) = stale_by(&self.config, &message, cx.now.utc) {
            cx.app.on_stale_order(&message, age);
            cx.decide(Reason::StaleOrderNotResent, number, number);
            return Ok(Resent::Skipped);
        }
        let original = message.header().sending_time.unwrap_or_default();
        // A clock that was set back in between must not make a message look older than its first sending.
        let first_sent = UtcTimestamp::parse(original).unwrap_or(cx.now.utc);
        let head = Head {
            id: &self.config.id,
            msg_seq_num: number,
            sending_time: cx.now.utc.max(first_sent).with_precision(self.config.timestamp_precision),
            orig_sending_time: Some(OrigSendingTime::Text(original)),
            last_processed,
        };
        let fill = match self.replay.open_fill() {
            Some((begin, _)) => fill_message(&self.config, cx.now, last_processed, begin, number, front),
            None => Ok(0),
        };
        let fill = fill.unwrap_or(usize::MAX);
        let begin_string = self.config.id.begin_string.as_bytes();
        let room = front.get_mut(fill..).unwrap_or_default();
        let mut writer = MessageWriter::new(room, begin_string, message.msg_type());
        let frame = message.frame().body();
        let header_len = frame.len().saturating_sub(message.body().len());
        head.write(writer.writer(), frame.get(..header_len).unwrap_or_default());
        writer.writer().encoded(message.body());
        let Ok(len) = writer.finish() else {
            // There may be room for each alone.
            let written = self.fill_so_far(cx);
            return Ok(if written { Resent::Written } else { skip_too_large(cx, number) });
        };
        let len = fill.saturating_add(len);
        let written = self.output.written(len).get(fill..).unwrap_or_default();
        if allowed(written, self.config.data_pairs(), cx.app).is_err() {
            return Ok(Resent::Skipped);
        }
        self.commit(cx.now, len);
        self.replay.filled();
        self.replay.resent(number);
        Ok(Resent::Written)
    }

    /// Writes a held message for the first time, as it was stored.
    fn release(&mut self, cx: &mut Context<'_>, number: u64) {
        let mut next = number.saturating_add(1);
        match self.store.read(number, self.output.room()) {
            Ok(Some(len)) => {
                self.commit(cx.now, len);
            }
            Ok(None) => {
                cx.decide(Reason::HeldMessageLost, number, number);
                next = self.store.next_to_resend(next).min(self.store.next_out());
                self.gap_fill(cx, number, next);
            }
            Err(StoreError::TooLarge) => {
                skip_too_large(cx, number);
                self.gap_fill(cx, number, number.saturating_add(1));
            }
            Err(error) => self.fail(error, cx.app),
        }
        self.replay.released(next);
    }

    /// SequenceReset-GapFill for `begin..next`: `34=begin 43=Y 36=next 123=Y`.
    fn gap_fill(&mut self, cx: &mut Context<'_>, begin: u64, next: u64) {
        let last_processed = self.last_processed();
        match fill_message(&self.config, cx.now, last_processed, begin, next, self.output.room()) {
            Ok(len) => {
                self.commit(cx.now, len);
                self.replay.filled();
            }
            Err(_) => self.close(CloseReason::OutputTooSmall, cx.app),
        }
    }
}

/// SequenceReset-GapFill for `begin..next` at the front of `room`; returns its length.
fn fill_message(
    config: &SessionConfig,
    now: Now,
    last_processed: Option<u64>,
    begin: u64,
    next: u64,
    room: &mut [u8],
) -> Result<usize, EncodeError> {
    let sending_time = now.utc.with_precision(config.timestamp_precision);
    let head = Head {
        id: &config.id,
        msg_seq_num: begin,
        sending_time,
        orig_sending_time: Some(OrigSendingTime::Moment(sending_time)),
        last_processed,
    };
    let mut writer = MessageWriter::new(room, config.id.begin_string.as_bytes(), admin::SEQUENCE_RESET);
    head.write(writer.writer(), &[]);
    writer.writer().field(Tag(36), next).field(Tag(123), true);
    writer.finish()
}

enum Resent {
    Written,
    Skipped,
}

/// A message that cannot be read back must not end every session in which it is asked for.
fn skip_damaged(cx: &mut Context<'_>, number: u64) -> Resent {
    cx.decide(Reason::StoredMessageDamaged, number, number);
    Resent::Skipped
}

/// One that was stored when larger ones could be sent.
fn skip_too_large(cx: &mut Context<'_>, number: u64) -> Resent {
    cx.decide(Reason::StoredMessageTooLarge, number, number);
    Resent::Skipped
}

/// A message of ours, which is good or was damaged in the store.
fn parse<'a>(bytes: &'a [u8], extra: &'static [DataPair]) -> Option<Message<'a>> {
    match scan(bytes, bytes.len()) {
        Scan::Frame(frame, _) => Message::parse_with(frame, extra).ok(),
        _ => None,
    }
}

fn allowed(bytes: &[u8], extra: &'static [DataPair], app: &mut dyn Application) -> Result<(), SendError> {
    let message = parse(bytes, extra).ok_or(SendError::Encode(EncodeError::BadValue))?;
    app.to_app(&message).map_err(|_| SendError::Refused)
}

fn is_gap_filled(config: &SessionConfig, message: &Message<'_>) -> bool {
    let msg_type = message.msg_type();
    if msg_type == admin::REJECT {
        return !config.resend_session_level_rejects;
    }
    msg_type.is_admin() || config.gap_fill_types.contains(&msg_type)
}

/// New orders and replacements: executed late they cost money.
const ORDERS: [MsgType; 7] = [
    MsgType::from_static(b"D"),
    MsgType::from_static(b"E"),
    MsgType::from_static(b"G"),
    MsgType::from_static(b"AB"),
    MsgType::from_static(b"AC"),
    MsgType::from_static(b"s"),
    MsgType::from_static(b"t"),
];

fn stale_by(config: &SessionConfig, message: &Message<'_>, now: UtcTimestamp) -> Option<Duration> {
    let limit = config.resend_order_max_age?;
    if !ORDERS.contains(&message.msg_type()) {
        return None;
    }
    let sent = UtcTimestamp::parse(message.header().sending_time?).ok()?;
    let age = now.abs_diff(sent);
    (now > sent && age > limit).then_some(age)
}

/// What a callback sends through.
pub(crate) struct Outlet<'a, B, S> {
    pub(crate) session: &'a mut Session<B, S>,
    pub(crate) now: Now,
    /// A received message, or a Logon, has led to the call.
    pub(crate) answers: bool,
}

impl<B: Buffer, S: MessageStore> Outbox for Outlet<'_, B, S> {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        let ask = if self.answers { Ask::Nobody } else { Ask::NobodyOutside };
        self.session.send(self.now, message, ask)
    }

    fn logout(&mut self, text: Option<&str>) {
        self.session.owe_logout(text);
    }

    fn now(&self) -> Now {
        self.now
    }
}
