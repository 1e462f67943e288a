//! Sending again what the counterparty asks for, from the store (case 8).

use core::time::Duration;

use super::{
    Session,
    admin::{self},
    config::SessionConfig,
    context::Context,
    encode::{OrigSendingTime, StandardHeader},
    event::Reason,
    outbound::{LAST_NUMBER, allowed, parse},
    output::Buffer,
    replay::Work,
    state::{CloseReason, Phase},
};
use crate::{
    msg::{message::Message, msg_type::MsgType},
    store::{MessageStore, StoreError},
    tag::Tag,
    time::{Now, UtcTimestamp},
    wire::writer::{EncodeError, MessageWriter},
};

/// How many stored messages a resend looks at before others have their turn.
const LOOKS: u8 = 128;

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// A resend may look at so many stored messages again: it is work in slices.
    pub(crate) fn begin_slice(&mut self) {
        self.looks_left = LOOKS;
    }

    /// True while what was asked for is sent again.
    pub(crate) fn is_resending(&self) -> bool {
        self.replay.is_active()
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
    pub(super) fn skip(&mut self, number: u64) {
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
        let head = StandardHeader {
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
    pub(super) fn release(&mut self, cx: &mut Context<'_>, number: u64) {
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
    let head = StandardHeader {
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

fn is_gap_filled(config: &SessionConfig, message: &Message<'_>) -> bool {
    let msg_type = message.msg_type();
    if msg_type == admin::REJECT {
        return !config.resend_session_level_rejects;
    }
    msg_type.is_admin() || config.gap_fill_types.contains(&msg_type)
}

fn stale_by(config: &SessionConfig, message: &Message<'_>, now: UtcTimestamp) -> Option<Duration> {
    let limit = config.resend_order_max_age?;
    if !ORDERS.contains(&message.msg_type()) {
        return None;
    }
    let sent = UtcTimestamp::parse(message.header().sending_time?).ok()?;
    let age = now.abs_diff(sent);
    (now > sent && age > limit).then_some(age)
}
